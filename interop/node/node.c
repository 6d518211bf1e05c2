/* SPDX-License-Identifier: ISC */
/*
 * node.c - the loop around the core.  Whatever wakes it (datagrams, the timer, room in a socket, a command), it then takes the same turn:
 * send what waits, do a bounded amount of timed work, send again, tell what happened, set the one timer.
 * Sending comes before timed work because the message that the peer waits for needs no Diffie-Hellman, and the work is bounded so that
 * the next batch of datagrams is looked at soon.
 */
#include "interop/node/node.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/node/announce.h"
#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/node/confine.h"
#include "interop/status/control.h"
#include "interop/node/intake.h"
#include "interop/node/lookup.h"
#include "interop/node/sender.h"
#include "interop/status/status.h"
#include "interop/node/trouble.h"
#include "interop/node/tunnels.h"

#define TICK_BUDGET      16 /* timers or Diffie-Hellman operations between two looks at the sockets */
#define EVENTS_AT_ONCE   64
#define GOODBYES_AT_ONCE 256
#define GOODBYES         (5 * IKE_SECOND) /* at most: there may be a million peers to tell */

struct watch {
	struct node *node;
	size_t socket;
	struct event readable, writable;
};

struct node {
	struct node_settings settings;
	struct ike_settings ike;
	struct ike_core *core;
	struct udp *udp;
	struct encapsulation encapsulation;
	struct capture *capture;
	struct control *control;
	struct lookup *lookup;
	struct tunnels *tunnels;
	struct event_base *base;
	struct event timer, signal[2];
	struct watch watch[UDP_SOCKETS_MAX];
	struct confinement confinement;
	struct trouble capturing, clients;
	struct clock_watch clocks;
	int64_t calendar; /* as the core knows it */
	struct sender *sender;
	struct impair *impair; /* NULL: it does nothing wrong on purpose */
	struct intake *intake;
	bool commanded;         /* a command was given since the last sending */
	bool stopping, stopped; /* at the end of this turn; now */
	int status;
	struct ike_event event[EVENTS_AT_ONCE];
};

/* ---- the turn ------------------------------------------------------------------------------------------------------ */

/* The next attempt at this gateway goes to where its name points now. */
static void on_found(void *context, uint32_t peer, uint32_t gateway,
		     const struct ike_address *address)
{
	struct node *node = context;
	const struct ike_command move = {.kind = IKE_COMMAND_REPLACE_GATEWAY,
					 .peer = peer,
					 .gateway = gateway,
					 .address = *address};

	if (!udp_has_family(node->udp, address->family))
		return;
	node->settings.config->peer[peer].ike.gateway[gateway] = *address;
	(void)ike_command(node->core, clock_now(), &move);
}

static void tell(struct node *node, const struct ike_event *event)
{
	lookup_after(node->lookup, event, node->settings.config);
	tunnels_event(node->tunnels, event);
	if (node->capture != NULL)
		announce_keys(node->capture, node->core, event);
	if (node->settings.on_event != NULL)
		node->settings.on_event(node->settings.context, event);
	event_log_event(&node->settings.log, event);
}

static void on_control_trouble(void *context, const char *text)
{
	struct node *node = context;

	if (text == NULL)
		trouble_over(&node->clients, &node->settings.log);
	else
		trouble_met(&node->clients, &node->settings.log, "%s", text);
	event_log_flush(&node->settings.log);
}

static void tell_all(struct node *node)
{
	size_t count;

	node->commanded |=
	    tunnels_pull(node->tunnels, node->core); /* their events tell more then */
	do {
		count = ike_events(node->core, node->event, EVENTS_AT_ONCE);
		for (size_t i = 0; i < count; i++)
			tell(node, &node->event[i]);
	} while (count == EVENTS_AT_ONCE);
	if (node->capture != NULL)
		announce_capture(&node->settings.log, node->capture, node->settings.capture,
				 &node->capturing);
	event_log_flush(&node->settings.log);
}

static void arm_timer(struct node *node)
{
	ike_time deadline = ike_deadline(node->core);
	struct timeval span;

	if (tunnels_deadline(node->tunnels) < deadline)
		deadline = tunnels_deadline(node->tunnels);
	if (node->impair != NULL && impair_deadline(node->impair) < deadline)
		deadline = impair_deadline(node->impair);
	if (deadline == IKE_NEVER) {
		event_del(&node->timer);
		return;
	}
	span = clock_span(clock_now(), deadline);
	event_add(&node->timer, &span);
}

static void send_all(struct node *node)
{
	size_t socket;

	if (!sender_send(node->sender, &socket))
		event_add(&node->watch[socket].writable, NULL);
}

static void stop(struct node *node)
{
	const struct ike_command close = {.kind = IKE_COMMAND_CLOSE_ALL};
	ike_time end = clock_now() + GOODBYES;
	size_t closed;

	node->stopped = true;
	(void)ike_command(node->core, clock_now(), &close);
	do {
		closed = ike_tick(node->core, clock_now(), GOODBYES_AT_ONCE);
		sender_finish(node->sender);
		tell_all(node);
	} while (closed > 0 && clock_now() < end);
	announce_stop(&node->settings.log, node->core);
	event_log_flush(&node->settings.log);
	event_base_loopbreak(node->base);
}

/* Of the protocol only certificates follow a clock that is set, which expire by the calendar. */
static void look_at_clocks(struct node *node)
{
	if (clock_calendar(&node->calendar)) {
		const struct ike_command set = {.kind = IKE_COMMAND_CALENDAR,
						.calendar = node->calendar};

		(void)ike_command(node->core, clock_now(), &set);
	}
	announce_clock(&node->settings.log, &node->clocks);
}

/* As if it had crashed: nothing is sent any more. */
static void fall_over(struct node *node)
{
	node->stopped = true;
	node->status = 1;
	announce_fall(&node->settings.log);
	event_base_loopbreak(node->base);
}

static void turn(struct node *node)
{
	struct ike_command command;

	if (node->stopped)
		return;
	look_at_clocks(node);
	(void)intake_impaired(node->intake);
	while (
	    tunnels_next(node->tunnels, &command)) /* before a timer asks whether anything came */
		(void)ike_command(node->core, clock_now(), &command);
	send_all(node);
	(void)ike_tick(node->core, clock_now(), TICK_BUDGET);
	do {
		node->commanded = false;
		send_all(node);
		node->commanded |= intake_impaired(node->intake);
		tell_all(node);
	} while (node->commanded); /* who heard an event may have answered it with a command */
	if (node->impair != NULL && impair_wants_exit(node->impair)) {
		fall_over(node);
		return;
	}
	arm_timer(node);
	if ((node->settings.log.failed || tunnels_failed(node->tunnels)) && !node->stopping) {
		node->stopping = true; /* whoever read the events has gone, or the interface */
		node->status = 1;
	}
	if (node->stopping)
		stop(node);
}

static void on_readable(evutil_socket_t descriptor, short what, void *context)
{
	struct watch *watch = context;

	(void)descriptor;
	(void)what;
	intake_receive(watch->node->intake, watch->node->udp, watch->socket);
	turn(watch->node);
}

static void on_writable(evutil_socket_t descriptor, short what, void *context)
{
	struct watch *watch = context;

	(void)descriptor;
	(void)what;
	sender_has_room(watch->node->sender);
	turn(watch->node);
}

static void on_timer(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	turn(context);
}

static void on_signal(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	node_stop(context, 0);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool watch_sockets(struct node *node)
{
	for (size_t i = 0; i < udp_sockets(node->udp); i++) {
		struct watch *watch = &node->watch[i];
		int descriptor = udp_descriptor(node->udp, i);

		*watch = (struct watch){.node = node, .socket = i};
		if (event_assign(&watch->readable, node->base, descriptor, EV_READ | EV_PERSIST,
				 on_readable, watch) != 0 ||
		    event_assign(&watch->writable, node->base, descriptor, EV_WRITE, on_writable,
				 watch) != 0 ||
		    event_add(&watch->readable, NULL) != 0)
			return false;
	}
	return true;
}

static bool open_loop(struct node *node, struct fault *fault)
{
	static const int signals[] = {SIGINT, SIGTERM};
	struct event_config *config = event_config_new();

	/* libevent's default timers are as coarse as 4 ms, which a round-trip time would show */
	if (config != NULL) {
		event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
		node->base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (node->base == NULL)
		return fault_say(fault, "libevent did not start");
	if (evtimer_assign(&node->timer, node->base, on_timer, node) != 0 || !watch_sockets(node) ||
	    !tunnels_watch(node->tunnels, node->base, on_timer, node))
		return fault_say(fault, "no memory for the event loop");
	for (size_t i = 0; i < 2; i++)
		if (evsignal_assign(&node->signal[i], node->base, signals[i], on_signal, node) !=
			0 ||
		    event_add(&node->signal[i], NULL) != 0)
			return fault_say(fault, "no memory for the event loop");
	return true;
}

static bool open_core(struct node *node, struct fault *fault)
{
	struct random_source random;

	node->ike = node->settings.config->ike;
	node->encapsulation.port = node->ike.nat_t_port;
	node->ike.export_keys = node->ike.plain_twins = node->capture != NULL;
	node->ike.tell_messages = node->settings.messages;
	(void)clock_calendar(&node->calendar);
	node->ike.calendar = node->calendar;
	node->ike.ipsec_store = tunnels_store(node->tunnels) != NULL;
	if (node->settings.impairments != NULL)
		impair_settings(node->settings.impairments, &node->ike,
				node->settings.config->finished);
	random_system(&random);
	node->core = ike_core_new(&node->ike, &random, clock_now());
	if (node->core != NULL && node->settings.impairments != NULL)
		node->impair = impair_new(node->core, node->settings.impairments, &random);
	if (node->core != NULL) {
		node->intake =
		    intake_new(node->core, node->impair, &node->encapsulation, node->capture);
		node->sender = sender_new(node->core, node->udp, &node->encapsulation,
					  &node->settings.log, node->capture);
	}
	if (node->sender == NULL || node->intake == NULL ||
	    (node->impair == NULL && node->settings.impairments != NULL))
		return fault_say(fault, "no memory for %u SAs: lower limits { sas }",
				 node->ike.limits.sas);
	sender_impair(node->sender, node->impair);
	intake_tunnels(node->intake, node->tunnels);
	return true;
}

static bool open_all(struct node *node, struct fault *fault)
{
	const struct config *config = node->settings.config;

	node->udp = node->settings.udp;
	if (node->udp == NULL)
		node->udp = udp_new(config->listen, config->listens, fault);
	if (node->udp == NULL)
		return false;
	if (node->settings.capture != NULL) {
		node->capture = capture_open(node->settings.capture, fault);
		if (node->capture == NULL)
			return false;
		node->settings.log.file = capture_events(node->capture);
	}
	node->tunnels = tunnels_new(config, node->udp, &node->settings.log, fault);
	if (node->tunnels == NULL || !open_core(node, fault) || !open_loop(node, fault))
		return false;
	node->lookup = lookup_new(node->base, on_found, node);
	if (node->lookup == NULL)
		return fault_say(fault, "no memory");
	if (tunnels_move_packets(node->tunnels) && !lookup_mark(node->lookup, config, fault))
		return false;
	if (node->settings.control && config->control != NULL) {
		node->control =
		    control_new(node->base, config->control, status_answer, node, fault);
		if (node->control == NULL)
			return false;
		control_tell_trouble(node->control, on_control_trouble, node);
		if (node->settings.broom != NULL &&
		    !control_leave_to(node->control, node->settings.broom))
			return fault_say(fault,
					 "the process that removes the control socket has ended");
	}
	return true;
}

static const struct ike_ipsec_sa *pair_of(void *context, uint32_t number)
{
	const struct node *node = context;

	return tunnels_pair(node->tunnels, number);
}

struct node *node_new(const struct node_settings *settings, struct fault *fault)
{
	struct node *node = calloc(1, sizeof(*node));

	if (node == NULL) {
		fault_say(fault, "no memory for a node");
		return NULL;
	}
	node->settings = *settings;
	node->capturing.what = "capture";
	node->clients.what = "control";
	node->settings.log.config = settings->config;
	node->settings.log.epoch = settings->epoch;
	node->settings.log.pair = pair_of;
	node->settings.log.pairs = node;
	if (!open_all(node, fault) ||
	    (settings->confine &&
	     !confine(settings->config, store_needs_net_admin(tunnels_store(node->tunnels)),
		      &node->confinement, fault))) {
		node_free(node);
		return NULL;
	}
	announce(&node->settings.log, node->udp, node->tunnels, node_confinement(node));
	announce_impairments(&node->settings.log, settings->impairments);
	return node;
}

void node_free(struct node *node)
{
	if (node == NULL)
		return;
	control_free(node->control);
	lookup_free(node->lookup);
	if (node->base != NULL)
		event_base_free(node->base);
	sender_free(node->sender);
	intake_free(node->intake);
	impair_free(node->impair);
	ike_core_free(node->core);
	tunnels_free(node->tunnels);
	udp_free(node->udp);
	(void)capture_close(node->capture);
	free(node);
}

void node_start(struct node *node)
{
	const struct config *config = node->settings.config;

	for (size_t i = 0; i < config->peers; i++) {
		const struct ike_command command = {.kind = IKE_COMMAND_START, .peer = (uint32_t)i};

		if (config_calls_at_start(config, i))
			(void)ike_command(node->core, clock_now(), &command);
	}
	turn(node);
}

int node_run(struct node *node)
{
	int failed = node->stopped ? 0 : event_base_dispatch(node->base);

	if (node->capture != NULL && capture_problem(node->capture) != NULL)
		return 1; /* not everything that was asked for was done */
	return failed < 0 ? 1 : node->status;
}

void node_stop(struct node *node, int status)
{
	if (!node->stopping)
		node->status = status;
	node->stopping = true;
	event_active(&node->timer, EV_TIMEOUT, 0);
}

bool node_command(struct node *node, const struct ike_command *command)
{
	bool done = ike_command(node->core, clock_now(), command);

	node->commanded = true;
	event_active(&node->timer, EV_TIMEOUT, 0); /* a turn, once the caller has returned */
	return done;
}

struct event_base *node_base(struct node *node)
{
	return node->base;
}

const struct ike_core *node_core(const struct node *node)
{
	return node->core;
}

const struct node_settings *node_get_settings(const struct node *node)
{
	return &node->settings;
}

const struct confinement *node_confinement(const struct node *node)
{
	return node->settings.confine ? &node->confinement : NULL;
}

struct event_log *node_log(struct node *node)
{
	return &node->settings.log;
}

const struct capture *node_capture(const struct node *node)
{
	return node->capture;
}

const struct encapsulation *node_encapsulation(const struct node *node)
{
	return &node->encapsulation;
}

const struct udp *node_udp(const struct node *node)
{
	return node->udp;
}

const struct tunnels *node_tunnels(const struct node *node)
{
	return node->tunnels;
}
