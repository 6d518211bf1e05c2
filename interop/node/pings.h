/* SPDX-License-Identifier: ISC */
/*
 * pings.h - the pings through a node's tunnels (../esp/pinger.h): requests leave through the device and replies come from it, what is to
 * be done about a tunnel is for the core, and what is to be told for the log.
 */
#ifndef INTEROP_PINGS_H
#define INTEROP_PINGS_H

#include "interop/esp/esp_device.h"
#include "interop/esp/pinger.h"
#include "interop/events/event_log.h"

struct pings;

/* `device` NULL, or no tunnel with a ping: an empty one, with which nothing happens.  NULL: no memory, see fault. */
struct pings *pings_new(const struct config *config, struct esp_device *device,
			struct event_log *log, struct fault *fault) IKE_MUST_USE;
void pings_free(struct pings *pings); /* NULL is allowed */

/* A pair that the device has followed. */
void pings_follow(struct pings *pings, ike_time now, const struct ike_ipsec_change *change);
/* Something came through that pair. */
void pings_heard(struct pings *pings, ike_time now, uint32_t number);
/* Whether IKE lives is seen by these. */
void pings_event(struct pings *pings, const struct ike_event *event);
/*
 * Sends what is due, tells what there is to tell, and has what is for the core: a question to IKE, a tunnel to be negotiated anew, a
 * party that is dead.  False: no more for now.
 */
bool pings_next(struct pings *pings, ike_time now, struct ike_command *command);
ike_time pings_deadline(const struct pings *pings); /* IKE_NEVER: nothing is planned */
/* Its state, for status; false: nothing is pinged through that pair. */
bool pings_status(const struct pings *pings, uint32_t number, struct pinger_status *status);

#endif
