/* SPDX-License-Identifier: ISC */
/*
 * caller.h - messages in the clear as a stranger makes them, right or wrong at will, and Phase 1 as far as he gets without the
 * secret.
 *
 *	caller_begin(&caller, IKE_EXCHANGE_MAIN_MODE, cky_i, NULL);
 *	caller_payload(&caller, IKE_PAYLOAD_SA, body);
 *	length = caller_finish(&caller);		the message is in caller.data
 */
#ifndef TESTS_SUPPORT_CALLER_H
#define TESTS_SUPPORT_CALLER_H

#include "ike/payload.h"

struct caller {
	uint8_t data[IKE_DATAGRAM_MAX];
	size_t length; /* of the finished message */
	struct wire_writer writer;
	struct ike_chain chain;
};

/* cky_r NULL: zero, as in the first message. */
void caller_begin(struct caller *caller, uint8_t exchange, const uint8_t *cky_i,
		  const uint8_t *cky_r);
void caller_payload(struct caller *caller, uint8_t type, struct octets body);
void caller_payload_hex(struct caller *caller, uint8_t type, const char *hex);
size_t caller_finish(struct caller *caller);

/* MM1: that one proposal for 28800 s, and the vendor ID of DPD. */
size_t caller_message_1(struct caller *caller, const uint8_t *cky_i,
			const struct ike_proposal *proposal);
/* MM3: KE and a nonce of 16 octets. */
size_t caller_message_3(struct caller *caller, const uint8_t *cky_i, const uint8_t *cky_r,
			struct octets public_value);
/* MM5, as somebody sends it who has no keys: `blocks` blocks of 16 octets of noise that look encrypted. */
size_t caller_message_5(struct caller *caller, const uint8_t *cky_i, const uint8_t *cky_r,
			struct random_source *random, size_t blocks);

/* Writes a number into a finished message, two octets, network order. */
void caller_patch_u16(struct caller *caller, size_t at, unsigned value);
/* Another length in the header, and of the datagram. */
void caller_cut(struct caller *caller, size_t length);

#endif
