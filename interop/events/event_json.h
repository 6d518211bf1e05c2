/* SPDX-License-Identifier: ISC */
/*
 * event_json.h - an event of the engine as the JSON object that events.md describes.
 */
#ifndef INTEROP_EVENT_JSON_H
#define INTEROP_EVENT_JSON_H

#include <jansson.h>

#include "interop/config/config.h"

/*
 * The caller owns the result.  `t` counts from `epoch`.  NULL: an event that has no line (keys go to the key log alone), or
 * no memory.
 */
json_t *event_json(const struct ike_event *event, const struct config *config, ike_time epoch);
/* An event of the program's own: name and times; the caller adds fields. */
json_t *event_json_own(const char *name, ike_time at, ike_time epoch);
/* The keepalive's plan for a peer, as `plan` and status have it: mode, worry_s, ... text. */
bool event_json_add_plan(json_t *line, const struct config_peer *peer);
/* The plan of the ping through one of its tunnels, which has one: tunnel, ping, ping_from, interval_s, ... text. */
bool event_json_add_ping(json_t *line, const struct config_peer *peer, size_t tunnel);

#endif
