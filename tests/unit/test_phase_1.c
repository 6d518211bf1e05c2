/* SPDX-License-Identifier: ISC */
/*
 * test_phase_1.c - what is read in every Phase 1: public values, the answer to our offers, and what is of no use.
 */
#include <string.h>

#include "ike/header.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

/* CVE-2015-3240: public values that are no public values. */
START_TEST(test_bad_public_values)
{
	struct duo *duo = duo_new(7);
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length = 0;

	duo_propose(duo, DUO_A, "aes128-sha1-modp2048");
	duo_propose(duo, DUO_B, "aes128-sha1-modp2048");
	duo->deliver = NULL;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	/* run until MM3 is on its way, and take it */
	while (length == 0) {
		duo_run(duo, IKE_MILLISECOND);
		for (size_t i = 0; i < duo->datagrams && length == 0; i++) {
			if (duo->datagram[i].data[16] != IKE_PAYLOAD_KE || duo->datagram[i].gone)
				continue;
			duo->datagram[i].gone = true;
			length = duo->datagram[i].length;
			memcpy(message, duo->datagram[i].data, length);
		}
	}
	for (int which = 0; which < 3; which++) {
		uint8_t bad[IKE_DATAGRAM_MAX];
		uint8_t *value = bad + IKE_HEADER_LENGTH + 4;

		memcpy(bad, message, length);
		memset(value, which == 2 ? 0xff : 0, 256); /* 0, 1, and more than p */
		value[255] = which == 0 ? 0 : 1;
		ck_assert_int_eq(duo_inject(duo, DUO_B, bad, length), IKE_BAD_KEY_EXCHANGE);
	}
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* ---- what means nothing here --------------------------------------------------------------------------------------- */

static bool add_payloads(struct duo *duo, struct duo_datagram *datagram)
{
	/* a CR and a CERT of encodings that nobody knows, a DPD vendor ID of another major version, and ours once more */
	static const char *const extra = "06000005 63"
					 "0d000006 632a"
					 "0d000014 afcad71368a1f1c96b8696fc7757 0200"
					 "00000014 afcad71368a1f1c96b8696fc7757 0100";
	size_t at = IKE_HEADER_LENGTH;
	uint8_t next = datagram->data[IKE_HEADER_NEXT_PAYLOAD_AT], *field;

	(void)duo;
	if (datagram->data[18] != IKE_EXCHANGE_MAIN_MODE ||
	    (datagram->data[19] & IKE_FLAG_ENCRYPTION) != 0)
		return true;
	field = &datagram->data[IKE_HEADER_NEXT_PAYLOAD_AT];
	while (next != IKE_PAYLOAD_NONE) {
		field = &datagram->data[at];
		next = *field;
		at += (size_t)(datagram->data[at + 2] << 8 | datagram->data[at + 3]);
	}
	*field = IKE_PAYLOAD_CR;
	datagram->length += unit_hex(extra, datagram->data + at, sizeof(datagram->data) - at);
	datagram->data[IKE_HEADER_LENGTH_AT + 2] = (uint8_t)(datagram->length >> 8);
	datagram->data[IKE_HEADER_LENGTH_AT + 3] = (uint8_t)datagram->length;
	return true;
}

START_TEST(test_what_nobody_knows_is_passed_over)
{
	struct duo *duo = duo_new(9);

	duo->deliver = add_payloads;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->supported);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_REFUSED), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 0);
	duo_free(duo);
}
END_TEST

/* Only the first version of the keepalive is what we speak (RFC 3706 section 5.1). */
static bool other_major_version(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	for (size_t i = 0; i + 16 <= datagram->length; i++)
		if (memcmp(datagram->data + i, "\xaf\xca\xd7\x13\x68\xa1\xf1\xc9", 8) == 0)
			datagram->data[i + 14] = 2;
	return true;
}

START_TEST(test_vendor_id_of_another_version)
{
	struct duo *duo = duo_new(10);

	duo->deliver = other_major_version;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->supported);
	ck_assert(!duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->supported);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("phase_1", test_bad_public_values, test_what_nobody_knows_is_passed_over,
	  test_vendor_id_of_another_version)
