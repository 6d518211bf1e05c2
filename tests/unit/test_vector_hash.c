/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_hash.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/made.h"
#include "tests/support/unit.h"

static void assert_hash(const struct vector_message *message, size_t index, const char *kind,
			bool holds)
{
	ck_assert_uint_gt(message->hashes, index);
	ck_assert_str_eq(message->hash[index].kind, kind);
	ck_assert_int_eq(message->hash[index].holds, holds);
}

static void assert_inputs(const struct vector_message *message, const char *names)
{
	char text[200] = "";

	for (size_t i = 0; i < message->hash[0].inputs; i++) {
		size_t at = strlen(text);

		snprintf(text + at, sizeof(text) - at, "%s%s", i > 0 ? " | " : "",
			 message->hash[0].input[i].name);
	}
	ck_assert_str_eq(text, names);
}

START_TEST(test_what_does_not_hold)
{
	static const char *const name[] = {"negative-hash-wrong", "negative-hash-short",
					   "negative-hash-over-padding", "negative-hash-not-first",
					   "negative-hash-missing"};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		struct vector_made made;
		const struct vector_message *message;

		made_set(&made, name[i], VECTOR_NO_MISTAKE);
		message = &made.trace->message[made.trace->message_of[made.world->defect]];
		assert_hash(message, 0, "HASH(1)", false);
		ck_assert_int_eq(message->hash[0].payload == SIZE_MAX, i == 4);
		vector_made_free(&made);
	}
}
END_TEST

START_TEST(test_a_signature_that_does_not_hold)
{
	struct vector_made made;

	made_set(&made, "negative-mm5-signature-wrong", VECTOR_NO_MISTAKE);
	assert_hash(made_message(&made, "MM5", 0), 0, "HASH_I", false);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_phase_1)
{
	static const char *const name[] = {"main-psk-aes128-sha1-modp2048",
					   "main-rsa-aes128-sha1-modp2048"};

	for (int i = 0; i < 2; i++) {
		struct vector_made made;
		const struct vector_message *message;

		made_set(&made, name[i], VECTOR_NO_MISTAKE);
		message = made_message(&made, "MM5", 0);
		assert_hash(message, 0, "HASH_I", true);
		assert_inputs(message, "g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b");
		ck_assert_int_eq(message->is_signed, i == 1);
		message = made_message(&made, "MM6", 0);
		assert_hash(message, 0, "HASH_R", true);
		assert_inputs(message, "g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b");
		ck_assert_uint_eq(made_message(&made, "MM3", 0)->hashes, 0);
		vector_made_free(&made);
	}
}
END_TEST

START_TEST(test_later)
{
	struct vector_made made;

	made_set(&made, "quick-aes128-sha1", VECTOR_NO_MISTAKE);
	assert_hash(made_message(&made, "QM1", 0), 0, "HASH(1)", true);
	assert_inputs(made_message(&made, "QM1", 0), "M-ID | payloads");
	assert_hash(made_message(&made, "QM2", 0), 0, "HASH(2)", true);
	assert_inputs(made_message(&made, "QM2", 0), "M-ID | Ni_b | payloads");
	assert_hash(made_message(&made, "QM3", 0), 0, "HASH(3)", true);
	assert_inputs(made_message(&made, "QM3", 0), "0 | M-ID | Ni_b | Nr_b");
	assert_hash(made_message(&made, "INFO*", 1), 0, "HASH(1)", true);
	vector_made_free(&made);
}
END_TEST

/* A's own address is not the one that others see: its source does not hold, all else does. */
START_TEST(test_addresses)
{
	struct vector_made made;
	const struct vector_message *message;

	made_set(&made, "nat-t", VECTOR_NO_MISTAKE);
	message = made_message(&made, "MM3", 0);
	assert_hash(message, 0, "NAT-D destination", true);
	assert_hash(message, 1, "NAT-D source", false);
	message = made_message(&made, "MM4", 0);
	assert_hash(message, 0, "NAT-D destination", true);
	assert_hash(message, 1, "NAT-D source", true);
	vector_made_free(&made);
	made_set(&made, "nat-t-aggressive-quick-mode", VECTOR_NO_MISTAKE);
	message = made_message(&made, "AM2", 0);
	assert_hash(message, 0, "HASH_R", true);
	assert_hash(message, 1, "NAT-D destination", true);
	assert_hash(message, 2, "NAT-D source", true);
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_hash", test_what_does_not_hold, test_a_signature_that_does_not_hold, test_phase_1,
	  test_later, test_addresses)
