/* SPDX-License-Identifier: ISC */
/*
 * tunnels.h - a node's IPsec SAs: from the core to the store, and back to the core what the store could not do.
 */
#ifndef INTEROP_TUNNELS_H
#define INTEROP_TUNNELS_H

#include "interop/events/event_log.h"
#include "interop/store/store.h"
#include "interop/esp/pinger.h"
#include "interop/node/udp.h"

#define TUNNELS_DESCRIPTORS (1 + ESP_DEVICE_DESCRIPTORS)

struct event_base;
typedef void (*tunnels_ready)(int descriptor, short what, void *context); /* as libevent has it */
struct tunnels;

/*
 * Opens the configuration's store, for which IKE's sockets are made known to it.  With STORE_AUTO and no tunnel in the
 * configuration there is none.  NULL: see fault.
 */
struct tunnels *tunnels_new(const struct config *config, struct udp *udp, struct event_log *log,
			    struct fault *fault) IKE_MUST_USE;
/* The same on a store that is open (NULL: none), which it takes. */
struct tunnels *tunnels_on(struct store *store, struct event_log *log) IKE_MUST_USE;
void tunnels_free(struct tunnels *tunnels); /* NULL is allowed; the kernel's SAs are taken away */

const struct store *tunnels_store(const struct tunnels *tunnels); /* NULL: there is none */
/* What AUTO has chosen and why, as a sentence; "" where there was nothing to choose. */
const char *tunnels_notice(const struct tunnels *tunnels);
/* A pair that is there now; NULL: it is not, or there is no store. */
const struct ike_ipsec_sa *tunnels_pair(const struct tunnels *tunnels, uint32_t number);

/*
 * Follows one change; there must be a store.  True: it could not, which has been told as trouble, and `command` is for the
 * core, which then deletes the pair.
 */
bool tunnels_follow(struct tunnels *tunnels, const struct ike_ipsec_change *change,
		    struct ike_command *command);
/* Follows all that the core has, and gives it the commands that come of it.  True: there were such, so there is more to do. */
bool tunnels_pull(struct tunnels *tunnels, struct ike_core *core);
/* Has `ready` called whenever tunnels_expired() may have something, if that can be at all.  False: no memory. */
bool tunnels_watch(struct tunnels *tunnels, struct event_base *base, tunnels_ready ready,
		   void *context) IKE_MUST_USE;
/* What leaves as ESP in UDP is shown to them. */
void tunnels_show(struct tunnels *tunnels, esp_device_witness witness, void *context);
/* What was there at the start is not any more, which has been told as trouble: the node had better end. */
bool tunnels_failed(const struct tunnels *tunnels);
bool tunnels_move_packets(const struct tunnels *tunnels); /* in this process */
/* ESP that came in UDP; its data is overwritten. */
void tunnels_datagram(struct tunnels *tunnels, struct ike_datagram *datagram);
/*
 * What has come of packets, for the core: a pair that is used up is renewed or ended; something came or left through one, or came
 * for none.  False: no more for now.
 */
bool tunnels_next(struct tunnels *tunnels, struct ike_command *command);
/* What is known of pings through that pair; false: it is not pinged through. */
bool tunnels_ping_status(const struct tunnels *tunnels, uint32_t number,
			 struct pinger_status *status);
void tunnels_event(struct tunnels *tunnels, const struct ike_event *event);
ike_time
tunnels_deadline(const struct tunnels *tunnels); /* when to ask tunnels_next() at the latest */

#endif
