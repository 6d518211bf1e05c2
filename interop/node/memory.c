/* SPDX-License-Identifier: ISC */
#include "interop/node/memory.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>

#include "interop/node/peers_met.h"
#include "interop/node/trouble.h"

struct memory {
	const struct config *config;
	struct scribe *scribe;
	struct peers_met *met;
	struct node *node;
	struct event_log *log;
	struct trouble writing;
	struct fault problem;       /* of what was read; "": none */
	struct event answer, later; /* `later`: what is to be written can wait for more */
	bool changed;
	bool *
	    closed; /* by peer: to be forgotten when the loop comes round, which it does not at the end */
};

struct memory *memory_new(const struct config *config, struct scribe *scribe, struct fault *fault)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory != NULL) {
		memory->config = config;
		memory->scribe = scribe;
		memory->writing.what = "peers-file";
		memory->met = peers_met_new(config);
		memory->closed = calloc(config->peers, sizeof(*memory->closed));
	}
	if (memory == NULL || memory->met == NULL || memory->closed == NULL) {
		fault_say(fault, "no memory for peers that are to be remembered");
	} else if (scribe_take(scribe, config->peers_file, fault)) {
		(void)peers_met_read(memory->met, config->peers_file, &memory->problem);
		return memory;
	}
	if (memory == NULL)
		(void)scribe_free(scribe);
	else
		(void)memory_free(memory, &(struct fault){.text = ""});
	return NULL;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static void tell_trouble(struct memory *memory, int error)
{
	trouble_met(&memory->writing, memory->log,
		    "%s: cannot be written: %s; who is met now may be forgotten at a restart",
		    memory->config->peers_file,
		    error == EPIPE ? "the process that writes it has ended" : strerror(error));
}

static void write_text(struct memory *memory)
{
	size_t length;
	const char *text = peers_met_text(memory->met, &length);

	memory->changed = false;
	if (!scribe_write(memory->scribe, text, length) && memory->log != NULL)
		tell_trouble(memory, errno);
}

static void on_later(evutil_socket_t descriptor, short what, void *context)
{
	struct memory *memory = context;

	(void)descriptor;
	(void)what;
	for (uint32_t i = 0; i < memory->config->peers; i++) {
		if (memory->closed[i])
			memory->changed |= peers_met_forget(memory->met, i);
		memory->closed[i] = false;
	}
	if (memory->changed)
		write_text(memory);
	event_log_flush(memory->log);
}

static void on_answer(evutil_socket_t descriptor, short what, void *context)
{
	struct memory *memory = context;
	int error;

	(void)descriptor;
	(void)what;
	while (scribe_answer(memory->scribe, &error)) {
		if (error == 0)
			trouble_over(&memory->writing, memory->log);
		else
			tell_trouble(memory, error);
		if (error == EPIPE)
			event_del(&memory->answer);
	}
	event_log_flush(memory->log);
}

/* ---- the node ------------------------------------------------------------------------------------------------------ */

static void plan(struct memory *memory)
{
	const struct timeval soon = {.tv_sec = SCRIBE_EVERY / 1000};

	if (!event_pending(&memory->later, EV_TIMEOUT, NULL))
		event_add(&memory->later, &soon);
}

bool memory_begin(struct memory *memory, struct node *node, struct fault *fault)
{
	struct event_base *base = node_base(node);

	memory->log = node_log(node);
	if (evtimer_assign(&memory->later, base, on_later, memory) != 0 ||
	    event_assign(&memory->answer, base, scribe_descriptor(memory->scribe),
			 EV_READ | EV_PERSIST, on_answer, memory) != 0 ||
	    event_add(&memory->answer, NULL) != 0)
		return fault_say(fault, "no memory for the event loop");
	memory->node = node;
	if (memory->problem.text[0] != '\0')
		trouble_met(&(struct trouble){.what = "peers-file"}, memory->log, "%s",
			    memory->problem.text);
	for (size_t i = 0; i < peers_met_count(memory->met); i++) {
		const struct peers_met_place *place = peers_met_place(memory->met, i);
		const struct ike_command remember = {
		    .kind = IKE_COMMAND_REMEMBER, .peer = place->peer, .address = place->address};

		(void)node_command(node, &remember);
	}
	return true;
}

void memory_event(void *context, const struct ike_event *event)
{
	struct memory *memory = context;
	bool closed = event->kind == IKE_EVENT_DELETED && event->why == IKE_WHY_CLOSED &&
		      event->peer < memory->config->peers;

	if (closed)
		memory->closed[event->peer] = true;
	if (event->kind == IKE_EVENT_ESTABLISHED && event->peer < memory->config->peers)
		memory->closed[event->peer] = false;
	memory->changed |= peers_met_event(memory->met, event);
	if (memory->node != NULL && (closed || memory->changed))
		plan(memory);
}

bool memory_free(struct memory *memory, struct fault *fault)
{
	int error;

	if (memory == NULL)
		return true;
	if (memory->node != NULL) {
		event_del(&memory->later);
		event_del(&memory->answer);
	}
	if (memory->changed)
		write_text(memory);
	error = scribe_free(memory->scribe);
	if (error != 0)
		fault_say(fault, "%s: cannot be written: %s", memory->config->peers_file,
			  strerror(error));
	peers_met_free(memory->met);
	free(memory->closed);
	free(memory);
	return error == 0;
}
