/* SPDX-License-Identifier: ISC */
#include "interop/events/event_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/events/event_line.h"
#include "interop/events/pair_json.h"

#define LINE_MOST 1024 /* octets of a line for people */

/* Six decimals of a time since the start need at most fifteen digits; more would show the binary fraction. */
#define JSON_STYLE (JSON_COMPACT | JSON_REAL_PRECISION(15))

static void write_json(FILE *file, const json_t *line)
{
	if (json_dumpf(line, file, JSON_STYLE) == 0)
		fputc('\n', file);
}

void event_log_line(struct event_log *log, json_t *line)
{
	char text[LINE_MOST];

	if (line == NULL)
		return;
	if (log->worker.count > 1)
		json_object_set_new(line, "worker", json_integer(log->worker.index));
	if (log->file != NULL)
		write_json(log->file, line);
	if (log->out != NULL && log->json) {
		write_json(log->out, line);
	} else if (log->out != NULL && (log->verbose || !event_line_is_chatter(line))) {
		event_line(line, log->colour, text, sizeof(text));
		fprintf(log->out, "%s\n", text);
	}
	/* a write of its own, so that the lines of others come before or after it */
	if (log->out != NULL && log->worker.count > 1)
		log->failed |= fflush(log->out) != 0;
	json_decref(line);
}

/* Reports of single questions and answers are most of what happens; no object is made that nobody would see. */
static bool is_unseen_chatter(const struct event_log *log, const struct ike_event *event)
{
	return event->kind == IKE_EVENT_REPORT && event->report.kind <= IKE_REPORT_ALIVE &&
	       log->file == NULL && (log->out == NULL || (!log->json && !log->verbose));
}

static void tell_loss(struct event_log *log, const struct ike_event *event)
{
	json_t *line = event_json_own("overload", event->at, log->epoch);
	char text[128];

	snprintf(text, sizeof(text), "%llu events were dropped before they could be written",
		 (unsigned long long)(event->lost - log->lost));
	log->lost = event->lost;
	if (line != NULL)
		json_object_set_new(line, "text", json_string(text));
	event_log_line(log, line);
}

static json_t *line_of(const struct event_log *log, const struct ike_event *event)
{
	json_t *line = event_json(event, log->config, log->epoch);
	const struct ike_ipsec_sa *sa = NULL;

	if (line != NULL && event->kind == IKE_EVENT_IPSEC_ESTABLISHED && log->pair != NULL)
		sa = log->pair(log->pairs, event->ipsec);
	if (sa != NULL)
		pair_json_add(line, sa);
	return line;
}

void event_log_event(struct event_log *log, const struct ike_event *event)
{
	if (event->lost > log->lost)
		tell_loss(log, event);
	if (!is_unseen_chatter(log, event))
		event_log_line(log, line_of(log, event));
}

void event_log_flush(struct event_log *log)
{
	if (log->out != NULL)
		log->failed |= fflush(log->out) != 0 || ferror(log->out);
	if (log->file != NULL)
		fflush(log->file);
}

bool event_log_wants_colour(FILE *out)
{
	return isatty(fileno(out)) && getenv("NO_COLOR") == NULL;
}
