/* SPDX-License-Identifier: ISC */
#include "interop/bench/bench_child.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/cookie.h"
#include "interop/bench/lateness.h"
#include "interop/bench/process.h"
#include "interop/config/config.h"
#include "interop/node/clock.h"
#include "interop/node/node.h"

#define PACE      (5 * IKE_MILLISECOND) /* how often some SAs are put in, with a ramp */
#define DUES      65536 /* questions that are on their way to be told: a power of two */
#define LOOKED_AT 1024  /* of them, for one that is told */

struct child {
	const struct bench_node_settings *settings;
	struct node *node;
	struct fleet *fleet;
	struct bench_node_status status;
	int line;
	uint32_t in; /* SAs that have been put in */
	ike_time begun;
	struct event *pace;
	struct ike_import import;
};

/*
 * The engine does not tell when a question was due; its extension is told, so something stands between them that writes it down.  The
 * events come in the same order, once what they tell about has been sent; but not of every question, so that each is known by its SA
 * and its number.  There is one child in a process.
 */
static struct {
	const struct ike_extension *keepalive;
	struct due {
		ike_time at;
		uint8_t cky_i[IKE_COOKIE_LENGTH];
		uint32_t number;
	} due[DUES];
	uint32_t first, count;
	struct lateness lateness;
} watch;

/* ---- lateness ------------------------------------------------------------------------------------------------------ */

static void watched_step(void *state, const void *settings,
			 const struct ike_extension_sa_input *input,
			 struct ike_extension_answer *answer)
{
	watch.keepalive->sa_step(state, settings, input, answer);
	for (size_t i = 0; i < answer->reports; i++) {
		struct due *due = &watch.due[(watch.first + watch.count) % DUES];

		if (answer->report[i].kind != IKE_REPORT_ASKED || watch.count == DUES)
			continue;
		watch.count++;
		due->at = input->happening == IKE_EXTENSION_TIME ? input->due : input->now;
		due->number = answer->report[i].number;
		memcpy(due->cky_i, input->cky_i, IKE_COOKIE_LENGTH);
	}
}

static void drop_dues(struct child *child, uint32_t count)
{
	child->status.unpaired += count;
	watch.first += count;
	watch.count -= count;
}

/* Those before it have never left.  One that is not found was not kept, or its fellows are too many to look for it: all anew. */
static void asked(struct child *child, const struct ike_event *event)
{
	ike_time now = clock_now();

	child->status.asked++;
	for (uint32_t i = 0; i < watch.count && i < LOOKED_AT; i++) {
		const struct due *due = &watch.due[(watch.first + i) % DUES];

		if (due->number != event->report.number ||
		    memcmp(due->cky_i, event->cky_i, IKE_COOKIE_LENGTH) != 0)
			continue;
		drop_dues(child, i);
		lateness_add(&watch.lateness, now > due->at ? now - due->at : 0);
		watch.first++;
		watch.count--;
		return;
	}
	child->status.unpaired++; /* the question */
	drop_dues(child, watch.count);
}

static void on_event(void *context, const struct ike_event *event)
{
	struct child *child = context;

	if (event->lost > child->status.missed) {
		child->status.missed = event->lost;
	}
	if (event->kind != IKE_EVENT_REPORT)
		return;
	switch (event->report.kind) {
	case IKE_REPORT_ASKED:
		asked(child, event);
		break;
	case IKE_REPORT_ANSWERED:
		child->status.answered++;
		break;
	case IKE_REPORT_ALIVE:
		child->status.alive++;
		break;
	case IKE_REPORT_DEAD:
		child->status.dead++;
		break;
	default:
		break;
	}
}

/* ---- the SAs ------------------------------------------------------------------------------------------------------- */

static bool put_in(struct child *child, uint32_t until)
{
	const struct bench_node_settings *settings = child->settings;
	const struct ike_command command = {.kind = IKE_COMMAND_IMPORT, .import = &child->import};
	struct ike_address own = udp_address(node_udp(child->node), 0);

	for (; child->in < until; child->in++) {
		if (settings->members)
			fleet_import_member(child->fleet, child->in, settings->port, own.port,
					    &child->import);
		else
			fleet_import(child->fleet, child->in, settings->port, &child->import);
		if (!settings->members)
			child->import.local = own;
		if (ike_cookie_worker(child->import.cky_i, settings->worker.count) !=
		    settings->worker.index)
			continue;
		if (!node_command(child->node, &command))
			return false;
	}
	return true;
}

static void on_pace(evutil_socket_t descriptor, short what, void *context)
{
	struct child *child = context;
	const struct bench_node_settings *settings = child->settings;
	const struct ike_command traffic = {.kind = IKE_COMMAND_TRAFFIC};
	ike_time passed = clock_now() - child->begun;
	uint64_t until = settings->sas;
	struct timeval again = {0, PACE};

	(void)descriptor;
	(void)what;
	if (passed < settings->ramp)
		until = settings->sas * passed / settings->ramp;
	if (child->in < settings->sas) {
		if (!put_in(child, (uint32_t)until))
			_exit(1);
	} else if (settings->traffic > 0) {
		again = clock_span(0, settings->traffic);
		child->status.wanted += node_command(child->node, &traffic);
	} else {
		return;
	}
	event_add(child->pace, &again);
}

/* ---- the line ------------------------------------------------------------------------------------------------------ */

static void tell_status(struct child *child)
{
	struct bench_node_status *told = &child->status;
	struct ike_status status;

	ike_status(node_core(child->node), &status);
	told->established = status.established;
	told->datagrams_in = status.counter[IKE_COUNT_DATAGRAMS_IN];
	told->datagrams_out = status.counter[IKE_COUNT_DATAGRAMS_OUT];
	told->handshakes = status.counter[IKE_COUNT_HANDSHAKES_DONE];
	told->refused = told->datagrams_in - status.verdict[IKE_ACCEPTED];
	told->unsent = udp_refused(node_udp(child->node));
	told->late = watch.lateness.count;
	told->late_half = lateness_percentile(&watch.lateness, 0.5);
	told->late_999 = lateness_percentile(&watch.lateness, 0.999);
	told->late_most = watch.lateness.most;
	if (write(child->line, told, sizeof(*told)) != (ssize_t)sizeof(*told))
		_exit(1);
}

static void on_line(evutil_socket_t line, short what, void *context)
{
	char question;

	(void)what;
	if (read(line, &question, 1) != 1)
		_exit(0); /* an orderly end would send a Delete for every SA */
	tell_status(context);
	if (question == 'z')
		lateness_reset(&watch.lateness);
}

/* ---- beginning ----------------------------------------------------------------------------------------------------- */

static struct config *configure(const struct bench_node_settings *settings, struct fault *fault)
{
	static struct ike_extension extension;
	struct config *config = config_new();
	struct config_peer *peer = config == NULL ? NULL : config_add_peer(config, "fleet");

	if (peer == NULL) {
		config_free(config);
		fault_say(fault, "no memory");
		return NULL;
	}
	peer->secret = secret_new(octets_of(BENCH_NODE_SECRET, sizeof(BENCH_NODE_SECRET) - 1));
	peer->ike.nat_traversal = false;
	peer->ike.proposals = 1;
	peer->keepalive = settings->keepalive;
	config->ike.allow_import = true;
	config->ike.limits.sas = settings->sas + 1;
	if (settings->callers > 0) {
		/* a caller's old SA may be there until its Delete is read */
		config->ike.limits.sas += 4 * settings->callers;
		/* an eighth is kept for those that the node would begin */
		config->ike.limits.handshakes = 2 * settings->callers;
		config->ike.limits.handshakes_per_source = 2 * settings->callers;
	}
	watch.keepalive = config->ike.extension;
	extension = *watch.keepalive;
	extension.sa_step = watched_step;
	config->ike.extension = &extension;
	config->ipsec = STORE_NONE;
	config->listens = 1;
	if (peer->secret == NULL || !ike_proposal_parse(FLEET_PROPOSAL, &peer->ike.proposal[0]) ||
	    !ike_address_from_text(settings->members ? "0.0.0.0" : "127.0.0.1",
				   &config->listen[0]) ||
	    !config_check_peer(config, peer, fault) || !config_finish(config, fault)) {
		config_free(config);
		return NULL;
	}
	config->listen[0].port = settings->own_port;
	return config;
}

static bool open_node(struct child *child, struct fault *fault)
{
	struct config *config = configure(child->settings, fault);
	const struct node_settings settings = {
	    .config = config,
	    .udp = child->settings->udp,
	    .epoch = clock_now(),
	    .confine = !child->settings->unconfined,
	    .on_event = on_event,
	    .context = child,
	};

	child->fleet = fleet_new(child->settings->seed);
	if (config == NULL)
		return false;
	child->node = node_new(&settings, fault);
	if (child->node == NULL)
		return false;
	if (child->fleet == NULL ||
	    (child->settings->ramp == 0 && !put_in(child, child->settings->sas)))
		return fault_say(fault, "SA %u of %u could not be put in: memory?", child->in,
				 child->settings->sas);
	return true;
}

static bool listen_to_line(struct child *child)
{
	struct event_base *base = node_base(child->node);
	struct event *event = event_new(base, child->line, EV_READ | EV_PERSIST, on_line, child);
	const struct timeval soon = {0, PACE};

	child->pace = evtimer_new(base, on_pace, child);
	child->begun = clock_now();
	return event != NULL && event_add(event, NULL) == 0 && child->pace != NULL &&
	       event_add(child->pace, &soon) == 0;
}

int bench_child_run(const struct bench_node_settings *settings, int line)
{
	static struct child child;
	struct bench_child_ready ready;

	memset(&ready, 0, sizeof(ready));
	child.settings = settings;
	child.line = line;
	ready.good = process_pin(settings->processor)
			 ? open_node(&child, &ready.fault)
			 : fault_say(&ready.fault, "it cannot be pinned to a processor");
	if (ready.good)
		ready.address = udp_address(node_udp(child.node), 0);
	if (write(line, &ready, sizeof(ready)) != (ssize_t)sizeof(ready) || !ready.good)
		return 1;
	if (!listen_to_line(&child))
		return 1;
	node_start(child.node);
	return node_run(child.node);
}
