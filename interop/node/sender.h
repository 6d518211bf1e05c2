/* SPDX-License-Identifier: ISC */
/*
 * sender.h - from the core's queue to the sockets.  What a full socket does not take waits; what the system refuses counts
 * as lost on the way, and is told.
 */
#ifndef INTEROP_SENDER_H
#define INTEROP_SENDER_H

#include "interop/events/event_log.h"
#include "interop/node/udp.h"

struct capture;
struct impair;
struct sender;

/* All of these outlive it; capture may be NULL.  NULL: no memory. */
struct sender *sender_new(struct ike_core *core, struct udp *udp,
			  const struct encapsulation *encapsulation, struct event_log *log,
			  struct capture *capture);
/* From now on all goes out through that layer; it outlives the sender. */
void sender_impair(struct sender *sender, struct impair *impair);
void sender_free(struct sender *sender); /* NULL is allowed; what waits is forgotten */

/* Everything that the core has, unless a socket is full.  False: it is, and `*socket` is to be watched for room. */
bool sender_send(struct sender *sender, size_t *socket);
void sender_has_room(struct sender *sender); /* the socket that was full may be tried again */
/* Everything, waiting for room if need be; but not for ever. */
void sender_finish(struct sender *sender);

#endif
