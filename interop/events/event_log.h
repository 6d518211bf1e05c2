/* SPDX-License-Identifier: ISC */
/*
 * event_log.h - what happened, to whom it concerns: people or scripts on one stream, and the file of a capture.
 */
#ifndef INTEROP_EVENT_LOG_H
#define INTEROP_EVENT_LOG_H

#include "interop/events/event_json.h"

struct event_log {
	const struct config *config; /* for names */
	ike_time epoch;              /* what `t` counts from */
	FILE *out;                   /* NULL: nobody listens */
	bool json;                   /* lines of `out` are JSON; otherwise text for people */
	bool verbose;                /* for people: every question and answer too */
	bool colour;
	struct ike_worker worker; /* one of several that write to `out`: every line says so */
	FILE *file;               /* events.jsonl of a capture, or NULL */
	/* What is known of a pair of IPsec SAs, by its number; NULL: nothing.  The function may be NULL. */
	const struct ike_ipsec_sa *(*pair)(void *context, uint32_t number);
	void *pairs;   /* context */
	uint64_t lost; /* events that the engine had to drop, as far as told */
	bool failed;   /* `out` could not be written to: whoever read it has gone */
};

void event_log_event(struct event_log *log, const struct ike_event *event);
/* A line of the program's own; takes ownership of `line` (NULL: no memory, nothing is written). */
void event_log_line(struct event_log *log, json_t *line);
/* Writes what is buffered; call when nothing more is to come for now. */
void event_log_flush(struct event_log *log);
/* Whether colours are wanted on this stream: a terminal, and NO_COLOR is not set. */
bool event_log_wants_colour(FILE *out);

#endif
