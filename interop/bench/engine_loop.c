/* SPDX-License-Identifier: ISC */
#include "interop/bench/engine_loop.h"

#include <poll.h>
#include <stdlib.h>

#include "interop/node/clock.h"
#include "interop/node/intake.h"
#include "interop/node/sender.h"

#define TICK_BUDGET    16 /* as the node's */
#define EVENTS_AT_ONCE 64

struct engine_loop {
	struct udp *udp;
	struct encapsulation encapsulation;
	struct event_log log; /* says nothing to anybody */
	struct ike_core *core;
	struct intake *intake;
	struct sender *sender;
	engine_loop_hears *hears;
	void *context;
	bool full; /* the socket takes no more for now */
	struct ike_event event[EVENTS_AT_ONCE];
};

struct engine_loop *engine_loop_new(const struct ike_settings *settings,
				    const struct ike_address *listen, engine_loop_hears *hears,
				    void *context, struct fault *fault)
{
	struct engine_loop *loop = calloc(1, sizeof(*loop));
	struct random_source random;

	if (loop == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	loop->hears = hears;
	loop->context = context;
	loop->udp = udp_new(listen, 1, fault);
	if (loop->udp == NULL) {
		engine_loop_free(loop);
		return NULL;
	}
	random_system(&random);
	loop->core = ike_core_new(settings, &random, clock_now());
	if (loop->core != NULL) {
		loop->intake = intake_new(loop->core, NULL, &loop->encapsulation, NULL);
		loop->sender =
		    sender_new(loop->core, loop->udp, &loop->encapsulation, &loop->log, NULL);
	}
	if (loop->intake == NULL || loop->sender == NULL) {
		engine_loop_free(loop);
		fault_say(fault, "no memory for an engine");
		return NULL;
	}
	return loop;
}

void engine_loop_free(struct engine_loop *loop)
{
	if (loop == NULL)
		return;
	sender_free(loop->sender);
	intake_free(loop->intake);
	ike_core_free(loop->core);
	udp_free(loop->udp);
	free(loop);
}

struct ike_core *engine_loop_core(struct engine_loop *loop)
{
	return loop->core;
}

struct ike_address engine_loop_address(const struct engine_loop *loop)
{
	return udp_address(loop->udp, 0);
}

static void send_all(struct engine_loop *loop)
{
	size_t socket;

	loop->full = !sender_send(loop->sender, &socket);
}

static void tell_all(struct engine_loop *loop)
{
	size_t count;

	while ((count = ike_events(loop->core, loop->event, EVENTS_AT_ONCE)) > 0)
		for (size_t i = 0; loop->hears != NULL && i < count; i++)
			loop->hears(loop->context, &loop->event[i]);
}

static int milliseconds_until(const struct engine_loop *loop, ike_time until)
{
	ike_time deadline = ike_deadline(loop->core), now = clock_now();

	if (deadline > until)
		deadline = until;
	if (deadline <= now)
		return 0;
	deadline = (deadline - now + IKE_MILLISECOND - 1) / IKE_MILLISECOND;
	return deadline < 1000 ? (int)deadline : 1000;
}

void engine_loop_run(struct engine_loop *loop, ike_time until)
{
	struct pollfd ready = {.fd = udp_descriptor(loop->udp, 0)};

	while (clock_now() < until) {
		ready.events = POLLIN | (loop->full ? POLLOUT : 0);
		ready.revents = 0;
		(void)poll(&ready, 1, milliseconds_until(loop, until));
		if (ready.revents & POLLIN)
			intake_receive(loop->intake, loop->udp, 0);
		if (ready.revents & POLLOUT)
			sender_has_room(loop->sender);
		send_all(loop);
		(void)ike_tick(loop->core, clock_now(), TICK_BUDGET);
		send_all(loop);
		tell_all(loop);
		send_all(loop); /* who heard an event may have answered it with a command */
	}
}
