/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_seal.h"

#include <string.h>

#include "ike/protect.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

/* What was sent is not what is known: a hash that held is put back, and the message is another. */
START_TEST(test_what_does_not_follow)
{
	struct vector_made made;
	struct vector_message *message;
	struct fault fault;

	made_set(&made, "main-psk-aes256-sha256-x25519", VECTOR_NO_MISTAKE);
	message = &made.trace->message[7];
	ck_assert(message->hash[0].holds);
	ck_assert(vector_seal(made.trace, message, &fault));
	message->hash[0].value[0] ^= 1;
	ck_assert(!vector_seal(made.trace, message, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "does not follow"));
	message->hash[0].value[0] ^= 1;
	message->sa->told.skeyid.key[0] ^= 1;
	ck_assert(!vector_seal(made.trace, message, &fault));
	vector_made_free(&made);
}
END_TEST

START_TEST(test_no_twin)
{
	struct vector_made made;
	uint8_t twin[VECTOR_MESSAGE];

	made_set(&made, "negative-padding-missing", VECTOR_NO_MISTAKE);
	ck_assert_uint_eq(vector_seal_twin(made_message(&made, "MM1", 0), twin), 0);
	ck_assert_uint_eq(
	    vector_seal_twin(&made.trace->message[made.trace->message_of[made.world->defect]],
			     twin),
	    0);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_a_twin)
{
	struct vector_made made;
	const struct vector_message *message;
	struct ike_message read;
	uint8_t twin[VECTOR_MESSAGE];
	size_t length;

	made_set(&made, "main-psk-aes256-sha256-x25519", VECTOR_NO_MISTAKE);
	message = made_message(&made, "MM5", 0);
	length = vector_seal_twin(message, twin);
	ck_assert_uint_eq(length, message->length - message->padding);
	ck_assert_int_eq(ike_header_parse(octets_of(twin, length), &read.header), IKE_ACCEPTED);
	ck_assert_uint_eq(read.header.flags, 0);
	ck_assert_int_eq(
	    ike_payloads_parse(octets_of(twin + IKE_HEADER_LENGTH, length - IKE_HEADER_LENGTH),
			       false, 0, &read),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(read.payloads, message->message.payloads);
	vector_made_free(&made);
}
END_TEST

/* Which mistake spoils which set, and that it spoils no other. */
START_TEST(test_mistakes)
{
	static const struct {
		enum vector_mistake mistake;
		const char *spoilt, *whole;
	} rows[] = {
	    {VECTOR_LEADING_ZERO, "leading-zero-g-xy-ecp256", "leading-zero-public-i"},
	    {VECTOR_PADDING, "main-psk-aes128-sha1-modp2048", NULL},
	    {VECTOR_PRF_KEY, "main-psk-long-secret", "main-psk-aes128-sha1-modp2048"},
	    {VECTOR_KEY_EXPANSION, "main-psk-3des-md5-modp1024", "main-psk-aes128-md5-modp768"},
	    {VECTOR_MESSAGE_IV, "main-psk-aes128-sha1-modp2048", NULL},
	    {VECTOR_HASH_ORDER, "main-rsa-aes128-sha1-modp2048", NULL},
	    {VECTOR_LEADING_ZERO, "leading-zero-g-xy-modp2048-rsa", "fragments"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vector_made right, made;

		for (int whole = 0; whole < 2; whole++) {
			const char *name = whole ? rows[i].whole : rows[i].spoilt;
			size_t same = 0;

			if (name == NULL)
				continue;
			made_set(&right, name, VECTOR_NO_MISTAKE);
			made_set(&made, name, rows[i].mistake);
			ck_assert_uint_eq(right.world->datagrams, made.world->datagrams);
			for (size_t d = 0; d < made.world->datagrams; d++)
				same += memcmp(right.world->datagram[d].data,
					       made.world->datagram[d].data,
					       made.world->datagram[d].length) == 0;
			ck_assert_int_eq(same == made.world->datagrams, whole);
			vector_made_free(&right);
			vector_made_free(&made);
		}
	}
}
END_TEST

/* What is told with a mistake is consistent in itself: it decrypts with the keys that are told. */
START_TEST(test_a_mistake_is_consistent)
{
	struct vector_made made;

	made_set(&made, "leading-zero-g-xy-modp2048-rsa", VECTOR_LEADING_ZERO);
	for (size_t i = 0; i < made.trace->messages; i++) {
		const struct vector_message *message = &made.trace->message[i];
		uint8_t clear[VECTOR_MESSAGE], next_iv[CIPHER_MAX_BLOCK];

		if (!message->encrypted)
			continue;
		ck_assert_int_eq(
		    protect_decrypt(made.world->crypto, message->sa->told.skeyid.cipher,
				    message->sa->told.skeyid.key, message->iv,
				    octets_of(message->wire, message->length), clear, next_iv),
		    IKE_ACCEPTED);
		ck_assert_mem_eq(clear + IKE_HEADER_LENGTH, message->plain + IKE_HEADER_LENGTH,
				 message->length - IKE_HEADER_LENGTH);
		ck_assert_mem_eq(next_iv, message->last_block, message->block);
	}
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_seal", test_what_does_not_follow, test_no_twin, test_a_twin, test_mistakes,
	  test_a_mistake_is_consistent)
