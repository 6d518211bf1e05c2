/* SPDX-License-Identifier: ISC */
/*
 * chains.h - decrypting a message of a capture: which key, and which IV (RFC 2409 appendix B).
 *
 * Every IV that may be right is tried with every key that may be, and what decrypts to payloads is believed: so repeated, lost and
 * reordered messages, several at once and keys of another SA with the same cookie cost a few attempts more and nothing else.
 */
#ifndef INTEROP_DECODE_CHAINS_H
#define INTEROP_DECODE_CHAINS_H

#include "ike/exchange.h"
#include "interop/decode/sa_track.h"

/*
 * Decrypts told->wire, a message of `exchange`, into `clear`, which has room for as many octets: sets told->clear, told->partial,
 * told->reason.  Where it is read, sa->key is the key.  Not for a message that was seen before.  False: it is not readable.
 */
bool chains_decrypt(struct crypto *crypto, const struct key_log *keys, struct traced_sa *sa,
		    struct traced_exchange *exchange, struct told *told, uint8_t *clear);

/*
 * HASH(1) to HASH(3) of a message that has been decrypted whole, where the key log has SKEYID_a: sets told->hash and told->hash_name.
 * `kind` is its row, IKE_MESSAGE_KINDS for none.
 */
void chains_verify(struct crypto *crypto, const struct traced_sa *sa,
		   const struct traced_exchange *exchange, enum ike_message_kind kind,
		   struct told *told);

#endif
