/* SPDX-License-Identifier: ISC */
/*
 * exchange.h - what each message may and must carry: one row per message, to be held beside RFC 2409 section 5.
 */
#ifndef IKE_EXCHANGE_H
#define IKE_EXCHANGE_H

#include "ike/payload.h"

enum ike_message_kind {
	IKE_MM1, /* Main Mode, RFC 2409 section 5.4 (pre-shared key) */
	IKE_MM2,
	IKE_MM3,
	IKE_MM4,
	IKE_MM5,
	IKE_MM6,
	IKE_MM5_SIGNED, /* the same with signatures, RFC 2409 section 5.1 */
	IKE_MM6_SIGNED,
	IKE_AM1, /* Aggressive Mode, RFC 2409 section 5.4 */
	IKE_AM2,
	IKE_AM3,
	IKE_AM2_SIGNED, /* section 5.1 */
	IKE_AM3_SIGNED,
	IKE_INFO_CLEAR,     /* Informational before keys exist, RFC 2408 section 4.8 */
	IKE_INFO_PROTECTED, /* Informational under SKEYID_a, RFC 2409 section 5.7 */
	IKE_QM1,            /* Quick Mode, RFC 2409 section 5.5 */
	IKE_QM2,
	IKE_QM3,
	IKE_QM4, /* CONNECTED, from those who say it in a fourth message (RFC 2408 section 3.1) */
	IKE_MESSAGE_KINDS
};

/* Whether an exchange of this type negotiates an ISAKMP SA: only there SA and ID payloads have the content of Phase 1. */
bool ike_exchange_is_phase_1(uint8_t exchange);

/* Whether the message may come like that: every other kind must be one or must be the other, AM3 may be either. */
bool ike_message_kind_may_be(enum ike_message_kind kind, bool encrypted);

const char *ike_message_kind_name(enum ike_message_kind kind);     /* "MM5" */
const char *ike_message_kind_notation(enum ike_message_kind kind); /* "HDR*, IDii, HASH_I [, N]" */

/*
 * Holds the payloads against the message's row: present as often as they must and may be, in an order that is allowed,
 * encrypted where they must be.  Payload types without a meaning in Phase 1 (private ones among them) are skipped where
 * the row tolerates them, never fatal: PAYLOAD_UNKNOWN is only for types that RFC 2408 says to refuse.
 */
enum ike_verdict ike_message_check(enum ike_message_kind kind,
				   const struct ike_message *message) IKE_MUST_USE;

#endif
