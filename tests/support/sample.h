/* SPDX-License-Identifier: ISC */
/*
 * sample.h - valid messages, written out octet by octet, and one function that reads a message with everything that this
 * engine has for it: what the tests of hostile input damage, and what they damage it for.
 */
#ifndef TESTS_SUPPORT_SAMPLE_H
#define TESTS_SUPPORT_SAMPLE_H

#include "ike/exchange.h"

#define SAMPLES           6
#define SAMPLE_MAX        512 /* octets */
#define SAMPLE_FIELDS_MAX 16

enum sample_number {
	SAMPLE_MM1,            /* two transforms, vendor ID of DPD */
	SAMPLE_MM2,            /* the first of them, vendor ID of DPD */
	SAMPLE_MM5,            /* ID, HASH, INITIAL-CONTACT; as decrypted, with padding */
	SAMPLE_INFO_R_U_THERE, /* as decrypted, with padding */
	SAMPLE_INFO_DELETE,    /* as decrypted, without padding */
	SAMPLE_INFO_CLEAR,     /* NO-PROPOSAL-CHOSEN */
};

struct sample {
	enum ike_message_kind kind;
	size_t length;
	uint8_t octets[SAMPLE_MAX];
	/* offsets: of the 16-bit lengths of payloads and attributes, and of octets that must be zero */
	size_t lengths, length_at[SAMPLE_FIELDS_MAX];
	size_t reserved, reserved_at[SAMPLE_FIELDS_MAX];
};

void sample_get(enum sample_number number, struct sample *sample);

/* Header, payloads, the message's row, then the content of each payload; the first verdict that is not IKE_ACCEPTED. */
enum ike_verdict sample_read(enum ike_message_kind kind, struct octets datagram,
			     struct ike_message *message);

#endif
