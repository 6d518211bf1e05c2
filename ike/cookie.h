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

/* An initiator's cookie: random, never zero. */
void ike_cookie_initiator(struct random_source *random, uint8_t cookie[IKE_COOKIE_LENGTH]);

/*
 * A responder's cookie: a keyed hash of both addresses, the initiator's cookie and the epoch.  It costs no state, it can only
 * be made by whoever knows `key`, and a repeated first message gets the same cookie within an epoch, which is how repeats
 * are recognised.  Never zero.
 */
void ike_cookie_responder(const uint8_t key[TABLE_HASH_KEY_LENGTH], uint64_t epoch,
			  const uint8_t cky_i[IKE_COOKIE_LENGTH], const struct ike_address *remote,
			  const struct ike_address *local, uint8_t cookie[IKE_COOKIE_LENGTH]);

#endif
