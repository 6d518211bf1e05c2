/* SPDX-License-Identifier: ISC */
/*
 * echoes.h - the pings through a node's tunnels (../esp/pinger.h): requests leave through the device and replies come from it, what is to
 * be done about a tunnel is for the core, and what is to be told for the log.
 */
#ifndef INTEROP_ECHOES_H
#define INTEROP_ECHOES_H

#include "interop/esp/esp_device.h"
#include "interop/esp/pinger.h"
#include "interop/events/event_log.h"

struct echoes;

/* How many tunnels have a ping. */
size_t echoes_wanted(const struct config *config);
/* `device` NULL, or no tunnel with a ping: an empty one, with which nothing happens.  NULL: no memory, see fault. */
struct echoes *echoes_new(const struct config *config, struct esp_device *device,
			  struct event_log *log, struct fault *fault) IKE_MUST_USE;
void echoes_free(struct echoes *echoes); /* NULL is allowed */

/* A pair that the device has followed. */
void echoes_follow(struct echoes *echoes, ike_time now, const struct ike_ipsec_change *change);
/* Something came through that pair. */
void echoes_heard(struct echoes *echoes, ike_time now, uint32_t number);
/* Whether IKE lives is seen by these. */
void echoes_event(struct echoes *echoes, const struct ike_event *event);
/*
 * Sends what is due, tells what there is to tell, and has what is for the core: a question to IKE, a tunnel to be negotiated anew, a
 * party that is dead.  False: no more for now.
 */
bool echoes_next(struct echoes *echoes, ike_time now, struct ike_command *command);
ike_time echoes_deadline(const struct echoes *echoes); /* IKE_NEVER: nothing is planned */
/* Its state, for status; false: nothing is pinged through that pair. */
bool echoes_status(const struct echoes *echoes, uint32_t number, struct pinger_status *status);

#endif
