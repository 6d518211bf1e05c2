/* SPDX-License-Identifier: ISC */
/*
 * cookie.h - anti-clogging cookies (RFC 2408 section 2.5.3).
 */
#ifndef IKE_COOKIE_H
#define IKE_COOKIE_H

#include "crypto/random.h"
#include "crypto/table_hash.h"
#include "ike/types.h"

#define IKE_COOKIE_EPOCH                                                                           \
	(64 * IKE_SECOND) /* the "date and time" that goes into a responder's cookie */

/*
 * Which of `workers` an SA belongs to whose initiator made this cookie.  With the cookie's halves in network order, and in
 * 32 bits,
 *
 *   a = first half XOR second half
 *   b = a XOR (a >> IKE_WORKER_SHIFT)
 *   worker = (b * IKE_WORKER_FACTOR >> IKE_WORKER_SHIFT) modulo workers
 *
 * Whatever steers datagrams to workers must say the same; it has the cookie alone,
 * because that is what a retransmission and a message from behind another port of a NAT still have.  The product spreads
 * cookies that are counted or made from addresses.
 */
#define IKE_WORKER_FACTOR UINT32_C(0x9e3779b1)
#define IKE_WORKER_SHIFT  16
#define IKE_WORKERS_MAX   64
uint32_t ike_cookie_worker(const uint8_t cky_i[IKE_COOKIE_LENGTH], uint32_t workers);

/* An initiator's cookie: random, never zero, and one that leads to this worker, by drawing until it does. */
void ike_cookie_initiator(struct random_source *random, const struct ike_worker *worker,
			  uint8_t cookie[IKE_COOKIE_LENGTH]);

/*
 * A responder's cookie: a keyed hash of both addresses, the initiator's cookie and the epoch.  It costs no state, it can only
 * be made by whoever knows `key`, and a repeated first message gets the same cookie within an epoch, which is how repeats
 * are recognised.  Never zero.
 */
void ike_cookie_responder(const uint8_t key[TABLE_HASH_KEY_LENGTH], uint64_t epoch,
			  const uint8_t cky_i[IKE_COOKIE_LENGTH], const struct ike_address *remote,
			  const struct ike_address *local, uint8_t cookie[IKE_COOKIE_LENGTH]);

#endif
