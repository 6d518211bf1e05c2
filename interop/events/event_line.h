/* SPDX-License-Identifier: ISC */
/*
 * event_line.h - an event's JSON object as one line for people:
 *
 *   12.345 gw 192.0.2.1 established as initiator, aes128-sha1-modp2048, keepalive yes
 */
#ifndef INTEROP_EVENT_LINE_H
#define INTEROP_EVENT_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Without a line end; terminated, cut at `length`; returns the length of the text.  `colour` adds terminal sequences. */
size_t event_line(const json_t *event, bool colour, char *text, size_t length);
/* Whether people want to see it only when they ask for more: every single question and answer. */
bool event_line_is_chatter(const json_t *event);

#endif
