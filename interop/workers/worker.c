/* SPDX-License-Identifier: ISC */
#include "interop/workers/worker.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/node/trouble.h"
#include "interop/status/status.h"
#include "interop/workers/link.h"
#include "keepalive/recovery.h"

#define NEWS_AT_ONCE 64 /* between two looks at the sockets */

struct worker {
	struct node *node;
	struct news *news;
	struct link *link;
	struct event has_news;
	bool started;
	struct event_log log;
	struct trouble telling, hearing;
};

/* ---- to and from the others ---------------------------------------------------------------------------------------- */

/* What is lost may be INITIAL-CONTACT: an older SA of that party lives on with another worker until it is found dead. */
static void tell_loss(struct worker *worker, uint64_t lost_before)
{
	uint64_t lost = worker->news->lost;

	if (lost == lost_before)
		trouble_over(&worker->telling, &worker->log);
	else
		trouble_met(&worker->telling, &worker->log,
			    "another worker is behind with reading: %llu pieces of news to others "
			    "are lost so far",
			    (unsigned long long)lost);
}

static void on_event(void *context, const struct ike_event *event)
{
	struct worker *worker = context;
	struct ike_contact contact;
	uint64_t lost = worker->news->lost;

	if ((event->kind == IKE_EVENT_ESTABLISHED || event->kind == IKE_EVENT_INITIAL_CONTACT) &&
	    ike_contact(node_core(worker->node), event->cky_i, event->cky_r, &contact)) {
		news_tell_all(worker->news, &contact);
		tell_loss(worker, lost);
	}
}

static void on_news(evutil_socket_t descriptor, short what, void *context)
{
	struct worker *worker = context;
	struct ike_contact contact, reply;
	uint32_t from;

	(void)descriptor;
	(void)what;
	for (unsigned i = 0;
	     i < NEWS_AT_ONCE && news_hear(worker->news, clock_now(), &from, &contact); i++) {
		const struct ike_command command = {
		    .kind = IKE_COMMAND_CONTACT, .contact = &contact, .reply = &reply};

		if (node_command(worker->node, &command))
			news_tell(worker->news, from, &reply);
	}
	if (!worker->news->ended)
		return;
	event_del(&worker->has_news); /* else it would be readable for ever */
	trouble_met(
	    &worker->hearing, &worker->log,
	    "another worker has closed this one's news: it hears of no SAs of others any more");
	event_log_flush(&worker->log);
}

/* ---- from the parent ----------------------------------------------------------------------------------------------- */

static json_t *good(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static json_t *start(struct worker *worker)
{
	if (!worker->started)
		node_start(worker->node);
	worker->started = true;
	return good();
}

/* Whether this worker does anything about the peer now, and which one is to call it where nobody does. */
static json_t *whose(const struct worker *worker, uint32_t peer)
{
	const struct recovery *recovery = ike_peer_extension_state(node_core(worker->node), peer);

	return json_pack("{s:b, s:b, s:i}", "ok", 1, "looks-after",
			 recovery->state != RECOVERY_RESTING, "dealt-to",
			 (int)(peer % worker->news->worker.count));
}

static json_t *yield(struct worker *worker, uint32_t peer)
{
	const struct ike_command command = {.kind = IKE_COMMAND_YIELD, .peer = peer};

	(void)node_command(worker->node, &command);
	return good();
}

static json_t *about_peer(struct worker *worker, const json_t *request, bool yields)
{
	const struct config *config = node_get_settings(worker->node)->config;
	const char *name = json_string_value(json_object_get(request, "peer"));

	if (name == NULL)
		return control_error("\"peer\" is missing");
	for (size_t i = 0; i < config->peers; i++)
		if (strcmp(config->peer[i].name, name) == 0)
			return yields ? yield(worker, (uint32_t)i) : whose(worker, (uint32_t)i);
	return control_error("there is no peer \"%s\"", name);
}

static json_t *status(struct worker *worker, const json_t *request)
{
	json_t *told = status_answer(worker->node, request);

	json_object_set_new(told, "news",
			    json_pack("{s:I, s:I, s:I}", "told", (json_int_t)worker->news->told,
				      "heard", (json_int_t)worker->news->heard, "lost",
				      (json_int_t)worker->news->lost));
	return told;
}

static json_t *on_request(void *context, const json_t *request)
{
	struct worker *worker = context;
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (verb != NULL && strcmp(verb, "ready") == 0)
		return good();
	if (verb != NULL && strcmp(verb, "start") == 0)
		return start(worker);
	if (verb != NULL && strcmp(verb, "whose") == 0)
		return about_peer(worker, request, false);
	if (verb != NULL && strcmp(verb, "yield") == 0)
		return about_peer(worker, request, true);
	if (verb != NULL && strcmp(verb, "status") == 0)
		return status(worker, request);
	return status_answer(worker->node, request);
}

static void on_parent_gone(void *context)
{
	struct worker *worker = context;

	node_stop(worker->node, 0);
}

/* ---- its life ------------------------------------------------------------------------------------------------------ */

static bool listen_to_others(struct worker *worker, int link)
{
	struct event_base *base = node_base(worker->node);

	worker->link = link_new(base, link, on_request, on_parent_gone, worker);
	if (worker->link == NULL)
		close(link);
	return worker->link != NULL &&
	       event_assign(&worker->has_news, base, news_descriptor(worker->news),
			    EV_READ | EV_PERSIST, on_news, worker) == 0 &&
	       event_add(&worker->has_news, NULL) == 0;
}

int worker_run(const struct worker_settings *settings)
{
	struct worker worker = {.news = settings->news,
				.log = settings->node.log,
				.telling = {.what = "news"},
				.hearing = {.what = "news"}};
	struct node_settings node = settings->node;
	struct fault fault;
	int status = 1;

	worker.log.config = node.config;
	worker.log.epoch = node.epoch;
	node.on_event = on_event;
	node.context = &worker;
	worker.node = node_new(&node, &fault);
	if (worker.node == NULL) {
		fprintf(stderr, "ruthere serve: %s\n", fault.text);
		close(settings->link);
		return 1;
	}
	if (listen_to_others(&worker, settings->link))
		status = node_run(worker.node);
	else
		fprintf(stderr, "ruthere serve: no memory for the links between workers\n");
	link_free(worker.link);
	node_free(worker.node);
	return status;
}
