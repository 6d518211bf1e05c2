/* SPDX-License-Identifier: ISC */
/*
 * esp_plane.h - the pairs of IPsec SAs of a node, and the packets that go through them (RFC 4303, RFC 4301 section 5).
 *
 * Pure: packets come and go in the caller's buffers, and the time is an argument.  Nothing allocates but esp_plane_new() and
 * esp_plane_add().  A packet is found its pair by its SPI alone (RFC 4303 section 2.1), an inner one by the most specific
 * selectors (esp_table.h), of equal ones the newest pair that is not superseded; what comes is taken by every pair that is there.
 * Whoever began a Quick Mode has the pair before the responder has, who needs QM3 for it: until something has come through a pair that
 * we began, a second at most, what leaves goes through the one that it takes over from.  So a renewal loses nothing.
 *
 * The pairs' own lifetimes in seconds are IKE's.  Those in kilobytes and packets are counted here, each way for itself, and so
 * are sequence numbers: at some 90 % a pair says once that it is time for a new one, at the end once that it is over, and moves
 * nothing any more.  Where in the last tenth and a half differs from pair to pair, so that both ends seldom begin at once.
 */
#ifndef INTEROP_ESP_ESP_PLANE_H
#define INTEROP_ESP_ESP_PLANE_H

#include "crypto/random.h"
#include "interop/esp/esp_packet.h"

struct esp_plane;

/* At most so many pairs.  The source is copied, as it is now.  NULL: no memory. */
struct esp_plane *esp_plane_new(const struct random_source *random, uint32_t pairs) IKE_MUST_USE;
void esp_plane_free(struct esp_plane *plane); /* NULL is allowed; keys are wiped */

/*
 * Both directions of a pair.  False: see fault; nothing is there then.  Refused are transport mode, algorithms that esp_packet does
 * not have, and a number or an inbound SPI that is there already.
 */
bool esp_plane_add(struct esp_plane *plane, const struct ike_ipsec_sa *pair,
		   struct fault *fault) IKE_MUST_USE;
/* Outer addresses and encapsulation, and whether it is superseded, are now as in `pair`.  Nothing happens for an unknown number. */
void esp_plane_change(struct esp_plane *plane, const struct ike_ipsec_sa *pair);
/* The pair moves no more packets than that one way; 0: no limit, which is how it begins. */
void esp_plane_limit_packets(struct esp_plane *plane, uint32_t number, uint64_t packets);
void esp_plane_remove(struct esp_plane *plane,
		      uint32_t number); /* an unknown one: nothing happens */
/*
 * Numbers up to `sent` count as sent already: for an SA that somebody else has used before.  Never back, because a number used twice
 * is a replay for the peer and for AES-GCM the end of the key.
 */
void esp_plane_continue(struct esp_plane *plane, uint32_t number, uint32_t sent);

/*
 * An inner packet in, the ESP packet out, in place: ESP_HEADROOM octets before packet->data and ESP_TAILROOM within its room
 * are the caller's to leave; data moves back by the header.  `local`, `remote`: the outer addresses, with ports where
 * it is encapsulated.  On anything but ESP_ACCEPTED nothing has changed, and the three are not written.
 */
enum esp_verdict esp_plane_seal(struct esp_plane *plane, ike_time now, struct esp_buffer *packet,
				struct ike_address *local, struct ike_address *remote,
				bool *encapsulated) IKE_MUST_USE;
/*
 * A packet of ours through that very pair, superseded or not, whose selectors it must fit.  It is counted, but is no use of the pair:
 * who asks whether the other side is alive has nothing to send.  ESP_NO_PAIR: no such number.
 */
enum esp_verdict esp_plane_seal_through(struct esp_plane *plane, ike_time now, uint32_t number,
					struct esp_buffer *packet, struct ike_address *local,
					struct ike_address *remote,
					bool *encapsulated) IKE_MUST_USE;
/*
 * An ESP packet from `remote`, without UDP header, in; the inner packet out, in place, without padding behind it.  Another `remote`
 * than the pair's is no reason to drop: what is authenticated is the peer's.  In UDP, and with the highest number so far, it is
 * told (esp_use.elsewhere), once a second at most; whether the peer may be there, and has been followed, is for IKE to say, with
 * esp_plane_change().  `number`: the pair that the SPI names, whatever the verdict; 0: none.
 *
 * ESP_ACCEPTED and ESP_DUMMY are proof that the peer is alive; of a dummy there is nothing to hand on.  On anything else nothing
 * has changed but counters, and the octets may be worth nothing.
 */
enum esp_verdict esp_plane_open(struct esp_plane *plane, ike_time now,
				const struct ike_address *remote, bool encapsulated,
				struct esp_buffer *packet, uint32_t *number) IKE_MUST_USE;

/* ---- what has happened; lists that are pulled, no walks ---------------------------------------------------------------- */

struct esp_use {
	uint32_t number;
	bool in, out;  /* something authenticated came; something was sent */
	bool out_last; /* the last of them was sent: nothing has come in answer yet */
	struct ike_address
	    elsewhere; /* where the newest came from, if not from the pair's remote; else family NONE */
};

/* Each pair that has been used since it was last told, once; false: no more. */
bool esp_plane_used(struct esp_plane *plane, struct esp_use *use);

struct esp_expiry {
	uint32_t number;
	bool hard; /* nothing is sent through it any more; otherwise it is time for a new one */
};

/* Each pair once for soft, then once for hard; false: no more. */
bool esp_plane_expired(struct esp_plane *plane, struct esp_expiry *expiry);

/* Of a pair.  Octets are the inner packets'. */
struct esp_usage {
	uint64_t packets_in, packets_out, octets_in, octets_out;
	ike_time used_in, used_out; /* IKE_NEVER: not yet */
	uint64_t replays;           /* before or outside of the window */
	uint64_t bad_icvs;
	uint64_t elsewhere; /* of packets_in: from another address than the pair's remote */
};

/* False: no such pair. */
bool esp_plane_usage(const struct esp_plane *plane, uint32_t number, struct esp_usage *usage);
/* Packets of all pairs with that verdict, both ways. */
uint64_t esp_plane_count(const struct esp_plane *plane, enum esp_verdict verdict);

#endif
