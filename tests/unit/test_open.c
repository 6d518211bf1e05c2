/* SPDX-License-Identifier: ISC */
/*
 * test_open.c - taking a datagram apart: what cannot be opened, what nobody may see of it, and the plaintext twin.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/recorder.h"
#include "tests/support/unit.h"

static struct recorder recorder;
static struct forge forge;
static uint8_t data[IKE_DATAGRAM_MAX], twin[IKE_DATAGRAM_MAX];
static struct ike_datagram datagram;

static struct duo *established(uint8_t seed, const char *proposal)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&recorder, duo, DUO_B);
	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	duo_start(duo);
	duo_establish(duo);
	forge_from(&forge, duo, DUO_A);
	return duo;
}

/* The forged message, as the socket hands it over. */
static void arrive(struct duo *duo, size_t length)
{
	datagram = (struct ike_datagram){
	    .remote = duo->peer[DUO_B].gateway[0],
	    .local = duo->peer[DUO_A].gateway[0],
	    .data = data,
	    .length = length,
	    .room = sizeof(twin),
	    .plain = twin,
	    .plain_length = 99,
	};
}

/* Opened as ike_input() does it, but with an IV of the test's choice; NULL: in the clear. */
static enum ike_verdict open_with(struct duo *duo, const uint8_t *iv, uint8_t *next_iv)
{
	struct ike_core *core = duo->core[DUO_B];
	struct inbound in = {
	    .datagram = &datagram,
	    .octets = octets_of(data, datagram.length),
	};

	datagram.plain_length = 0;
	ck_assert_int_eq(ike_header_parse(in.octets, &in.header), IKE_ACCEPTED);
	in.sa = sa_table_find(core->sas, in.header.cky_i, in.header.cky_r);
	return open_message(core, &in, iv, next_iv);
}

static void right_iv(const struct duo *duo, uint8_t iv[CIPHER_MAX_BLOCK])
{
	protect_iv_message(duo->core[DUO_B]->crypto, forge.keys.hash, forge.keys.cipher,
			   forge.last_block, forge.message_id, iv);
}

/* ---- what cannot be opened ----------------------------------------------------------------------------------------- */

/* The wrong key gives noise, and noise has no twin. */
START_TEST(test_noise_has_no_twin)
{
	struct duo *duo = established(1, "aes128-sha1-x25519");

	forge.keys.key[0] ^= 1;
	forge_r_u_there(&forge, 1);
	arrive(duo, forge_protected(&forge, data, sizeof(data)));
	ck_assert_int_ne(ike_input(duo->core[DUO_B], duo->now, &datagram), IKE_ACCEPTED);
	ck_assert_uint_eq(datagram.plain_length, 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_ciphertext_that_is_no_number_of_blocks)
{
	struct duo *duo = established(2, "aes128-sha1-x25519");
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK];
	size_t length;

	right_iv(duo, iv);
	forge_r_u_there(&forge, 1);
	length = forge_protected(&forge, data, sizeof(data));
	for (size_t cut = IKE_HEADER_LENGTH; cut < length; cut++) {
		data[26] = (uint8_t)(cut >> 8);
		data[27] = (uint8_t)cut;
		arrive(duo, cut);
		if (cut == IKE_HEADER_LENGTH || (cut - IKE_HEADER_LENGTH) % 16 != 0)
			ck_assert_int_eq(open_with(duo, iv, next_iv), IKE_BAD_CIPHERTEXT_LENGTH);
		else
			ck_assert_int_eq(open_with(duo, iv, next_iv), IKE_PAYLOAD_TRUNCATED);
		ck_assert_uint_eq(duo->core[DUO_B]->message.payloads, 0);
		ck_assert_uint_eq(datagram.plain_length, 0);
	}
	duo_free(duo);
}
END_TEST

/* Nothing of the message before may be taken for this one's. */
START_TEST(test_nothing_is_left_of_the_message_before)
{
	struct duo *duo = established(3, "aes128-sha1-x25519");
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK];
	size_t length;

	right_iv(duo, iv);
	forge_r_u_there(&forge, 1);
	length = forge_protected(&forge, data, sizeof(data));
	arrive(duo, length);
	ck_assert_int_eq(open_with(duo, iv, next_iv), IKE_ACCEPTED);
	ck_assert_uint_eq(duo->core[DUO_B]->message.payloads, 2);
	data[27] = (uint8_t)(length - 1);
	arrive(duo, length - 1);
	ck_assert_int_ne(open_with(duo, iv, next_iv), IKE_ACCEPTED);
	ck_assert_uint_eq(duo->core[DUO_B]->message.payloads, 0);
	duo_free(duo);
}
END_TEST

/* ---- the twin ------------------------------------------------------------------------------------------------------ */

static void check_twin(const char *proposal)
{
	struct duo *duo = established(4, proposal);
	size_t clear_length, clear_hash;

	forge_r_u_there(&forge, 7);
	clear_length = forge_clear(&forge, data, sizeof(data));
	arrive(duo, forge_protected(&forge, data, sizeof(data)));
	ck_assert_int_eq(ike_input(duo->core[DUO_B], duo->now, &datagram), IKE_NOTIFY_IGNORED);
	/* the message without its HASH, and the HASH: no padding, no flag, and the length says so */
	clear_hash = IKE_GENERIC_LENGTH + forge.keys.skeyid_length;
	ck_assert_uint_eq(datagram.plain_length, clear_length + clear_hash);
	ck_assert_mem_eq(twin, data, IKE_HEADER_FLAGS_AT);
	ck_assert_int_eq(twin[IKE_HEADER_FLAGS_AT], 0);
	ck_assert_int_eq(data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
	ck_assert_mem_eq(twin + 20, data + 20, 4);
	ck_assert_uint_eq(twin[26] * 256u + twin[27], datagram.plain_length);
	ck_assert_mem_eq(twin + datagram.plain_length - forge.body[0].length, forge.body[0].data,
			 forge.body[0].length);
	duo_free(duo);
}

START_TEST(test_twin)
{
	check_twin("aes128-sha1-x25519");
	check_twin("aes256-sha512-x25519");
	check_twin("3des-md5-x25519");
}
END_TEST

/* Believed or not: whoever looks at a capture wants to see what could be read. */
START_TEST(test_twin_of_a_refused_message)
{
	struct duo *duo = established(5, "aes128-sha1-x25519");

	forge.keys.skeyid_a[0] ^= 1;
	forge_delete(&forge);
	arrive(duo, forge_protected(&forge, data, sizeof(data)));
	ck_assert_int_eq(ike_input(duo->core[DUO_B], duo->now, &datagram), IKE_BAD_HASH);
	ck_assert_uint_gt(datagram.plain_length, 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_no_twin)
{
	struct duo *duo = established(6, "aes128-sha1-x25519");
	size_t length;

	/* in the clear it is its own */
	forge_notify(&forge, IKE_NOTIFY_INVALID_COOKIE);
	arrive(duo, forge_clear(&forge, data, sizeof(data)));
	ck_assert_int_eq(ike_input(duo->core[DUO_B], duo->now, &datagram), IKE_HINT_ONLY);
	ck_assert_uint_eq(datagram.plain_length, 0);
	/* the user did not ask for any, the caller has no room, or too little */
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, 40000);
	length = forge_protected(&forge, data, sizeof(data));
	for (int which = 0; which < 3; which++) {
		uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK];

		right_iv(duo, iv);
		arrive(duo, length);
		duo->settings[DUO_B].plain_twins = which != 0;
		datagram.plain = which == 1 ? NULL : twin;
		datagram.room = which == 2 ? IKE_HEADER_LENGTH + 1 : sizeof(twin);
		ck_assert_int_eq(open_with(duo, iv, next_iv), IKE_ACCEPTED);
		ck_assert_uint_eq(datagram.plain_length, 0);
	}
	duo_free(duo);
}
END_TEST

/* ---- the IV -------------------------------------------------------------------------------------------------------- */

/* RFC 2409 section 10: a running IV moves only after the message has proved sane, so it is handed out, not stored. */
START_TEST(test_the_iv_is_not_touched)
{
	struct duo *duo = established(7, "aes128-sha1-x25519");
	uint8_t iv[CIPHER_MAX_BLOCK], before[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK];
	size_t length;

	right_iv(duo, iv);
	memcpy(before, iv, sizeof(iv));
	forge_r_u_there(&forge, 1);
	length = forge_protected(&forge, data, sizeof(data));
	arrive(duo, length);
	ck_assert_int_eq(open_with(duo, iv, next_iv), IKE_ACCEPTED);
	ck_assert_mem_eq(iv, before, sizeof(iv));
	ck_assert_mem_eq(next_iv, data + length - 16, 16);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("open", test_noise_has_no_twin, test_ciphertext_that_is_no_number_of_blocks,
	  test_nothing_is_left_of_the_message_before, test_twin, test_twin_of_a_refused_message,
	  test_no_twin, test_the_iv_is_not_touched)
