/* SPDX-License-Identifier: ISC */
/*
 * test_raw.c - datagrams written by hand, and telling a device that survives them from one that does not.
 */
#include <string.h>

#include "interop/conform/raw.h"
#include "interop/conform/result.h"
#include "tests/support/conform_world.h"
#include "tests/support/unit.h"

static struct conform_world *own;

static struct conform_result run(void (*script)(struct trial *trial))
{
	static struct conform_case of = {.id = "test/1/raw"};
	struct conform_result result;
	bool well;

	of.script = script;
	conform_run(&of, conform_world_world(own), conform_world_settings(own), &result, &well);
	conform_result_free(&result);
	conform_world_free(own);
	return result;
}

/* ---- survival ------------------------------------------------------------------------------------------------------ */

static void deletes(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	struct message *message = trial_message(trial, sa);

	message_add_delete(message);
	trial_send(trial, sa, message);
	raw_expect_survival(trial, sa);
}

/* From here on the tester offers what the device does not take. */
static void locks_itself_out(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);

	ck_assert(ike_proposal_parse("aes256-sha256-x25519",
				     &conform_world_settings(own)->peer.proposal[0]));
	raw_expect_survival(trial, sa);
}

static void does_nothing(struct trial *trial)
{
	raw_expect_survival(trial, raw_survivor(trial));
}

START_TEST(test_who_does_not_survive)
{
	struct conform_result result;

	own = conform_world_new(1);
	result = run(deletes);
	ck_assert_int_eq(result.verdict, CONFORM_FAIL);
	ck_assert_ptr_nonnull(strstr(result.observed, "does not answer any more"));
	own = conform_world_new(1);
	result = run(locks_itself_out);
	ck_assert_int_eq(result.verdict, CONFORM_FAIL);
	ck_assert_str_eq(result.observed, "no new SA can be made");
	own = conform_world_new(1);
	conform_world_device_settings(own)->extension = NULL;
	ck_assert_int_ne(run(does_nothing).verdict, CONFORM_FAIL);
}
END_TEST

START_TEST(test_who_survives)
{
	own = conform_world_new(1);
	ck_assert_int_eq(run(does_nothing).verdict, CONFORM_PASS);
	/* who has room for one SA with anybody, and needs it for no call of its own, makes the new one in the place of the first */
	own = conform_world_new(1);
	conform_world_device_settings(own)->limits.sas = 1;
	conform_world_device(own)->gateways = 0;
	ck_assert_int_eq(run(does_nothing).verdict, CONFORM_PASS);
}
END_TEST

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static const struct seen *newest(const struct trial *trial)
{
	return trial_seen(trial, trial_mark(trial) - 1);
}

static void writes(struct trial *trial)
{
	static const uint8_t cky_i[IKE_COOKIE_LENGTH] = "abcdefgh", cky_r[] = "ijklmnop";
	struct raw raw;

	raw_begin(&raw, 5, cky_i, cky_r);
	raw_add(&raw, 200, octets_of("xyz", 3));
	raw_send(&raw, trial);
	unit_assert_hex(octets_of(newest(trial)->wire, newest(trial)->length),
			"6162636465666768 696a6b6c6d6e6f70 c8 10 05 00 00000000 00000023"
			"00 00 0007 78797a");
	raw_begin(&raw, 2, cky_i, cky_r);
	wire_patch_u32(&raw.writer, RAW_MESSAGE_ID_AT, 0x01020304);
	wire_patch_u8(&raw.writer, RAW_VERSION_AT, 0x2f);
	wire_patch_u8(&raw.writer, RAW_EXCHANGE_AT, 9);
	raw_send_as_it_is(&raw, trial);
	unit_assert_hex(octets_of(newest(trial)->wire, newest(trial)->length),
			"6162636465666768 696a6b6c6d6e6f70 00 2f 09 00 01020304 00000000");
}

static void begins_anew(struct trial *trial)
{
	uint8_t first[IKE_COOKIE_LENGTH];
	struct raw raw;

	raw_begin_new(&raw, trial, 2);
	memcpy(first, raw.data, sizeof(first));
	ck_assert(!ike_cookie_is_zero(first));
	ck_assert(ike_cookie_is_zero(raw.data + IKE_COOKIE_LENGTH));
	raw_begin_new(&raw, trial, 2);
	ck_assert_mem_ne(first, raw.data, sizeof(first));
	raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, 0);
	raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, 20);
	ck_assert_uint_eq(raw.writer.length, 28 + 4 + 24);
	ck_assert_uint_eq(raw.data[28 + 4 + 4], 0);
	raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, 2 * sizeof(raw.data));
	ck_assert(raw.writer.failed);
}

START_TEST(test_writing)
{
	own = conform_world_new(2);
	ck_assert_int_eq(run(writes).verdict, CONFORM_PASS);
	own = conform_world_new(2);
	ck_assert_int_eq(run(begins_anew).verdict, CONFORM_PASS);
}
END_TEST

static void is_half_open(struct trial *trial)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];

	if (!raw_half_open(trial, cky_i, cky_r))
		trial_decide(trial, CONFORM_FAIL, NULL, "no answer");
	else
		ck_assert(!ike_cookie_is_zero(cky_r));
}

START_TEST(test_half_open)
{
	own = conform_world_new(2);
	ck_assert_int_eq(run(is_half_open).verdict, CONFORM_PASS);
	own = conform_world_new(2);
	ck_assert(ike_proposal_parse("aes256-sha256-x25519",
				     &conform_world_settings(own)->peer.proposal[0]));
	ck_assert_int_eq(run(is_half_open).verdict, CONFORM_FAIL);
}
END_TEST

/* ---- public values at the upper end -------------------------------------------------------------------------------- */

static size_t public_values(const struct trial *trial, struct octets value[8])
{
	const struct seen *seen;
	size_t count = 0;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++) {
		const struct ike_payload *ke;

		/* those of the SAs that the tester's cores made are no matter here */
		if (seen->from != TRIAL_TESTER || seen->sa != NULL || !seen->opened->readable)
			continue;
		ke = ike_payload_find(&seen->opened->message, IKE_PAYLOAD_KE);
		if (ke != NULL && count < 8)
			value[count++] = ke->body;
	}
	return count;
}

START_TEST(test_prime_is_found)
{
	const struct conform_case *of = conform_case_find("robust/5/public-values");
	struct conform_result result;
	struct octets value[8];
	bool well;

	own = conform_world_new(2);
	ck_assert(
	    ike_proposal_parse("aes128-sha1-modp1024", &conform_world_device(own)->proposal[0]));
	conform_world_settings(own)->peer.proposal[0] = conform_world_device(own)->proposal[0];
	ck_assert_ptr_nonnull(of);
	conform_run(of, conform_world_world(own), conform_world_settings(own), &result, &well);
	ck_assert_int_eq(result.verdict, CONFORM_PASS);
	ck_assert(well);
	ck_assert_uint_eq(public_values(result.trial, value), 5);
	for (size_t i = 0; i < 5; i++)
		ck_assert_uint_eq(value[i].length, 128);
	/* RFC 2409 section 6.2: the first and last 64 bits of the prime are ones, and these are those before the last */
	unit_assert_hex(octets_of(value[4].data + 112, 16), "49286651ece65381 ffffffffffffffff");
	unit_assert_hex(octets_of(value[3].data + 112, 16), "49286651ece65381 fffffffffffffffe");
	conform_result_free(&result);
	conform_world_free(own);
}
END_TEST

UNIT_MAIN("raw", test_who_does_not_survive, test_who_survives, test_writing, test_half_open,
	  test_prime_is_found)
