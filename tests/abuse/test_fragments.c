/* SPDX-License-Identifier: ISC */
/*
 * Fragments: lengths that go below nothing (CVE-2016-1287), and chains that cost the square of their length (CVE-2016-10396).  What
 * each wrong fragment is refused with is in tests/unit/test_fragment.c; here is what all of them together may do: nothing.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/fragment.h"
#include "tests/support/forge.h"
#include "tests/support/fragments.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

/* In every exchange, with the SA's cookies and without, in the clear and flagged as encrypted (which racoon does). */
static void throw_at(struct duo *duo, const uint8_t *cky_i, const uint8_t *cky_r, const char *body)
{
	static const uint8_t exchanges[] = {IKE_EXCHANGE_MAIN_MODE, IKE_EXCHANGE_AGGRESSIVE,
					    IKE_EXCHANGE_INFORMATIONAL, IKE_EXCHANGE_QUICK_MODE};
	static const uint8_t strange[IKE_COOKIE_LENGTH] = {9, 9, 9};

	for (size_t i = 0; i < 4 * sizeof(exchanges); i++) {
		struct caller caller;

		caller_begin(&caller, exchanges[i / 4], i % 2 == 0 ? cky_i : strange,
			     i % 2 == 0 ? cky_r : NULL);
		caller_payload_hex(&caller, IKE_PAYLOAD_FRAGMENT, body);
		if (i / 2 % 2 == 1)
			wire_patch_u8(&caller.writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_ENCRYPTION);
		(void)caller_finish(&caller);
		(void)duo_inject(duo, DUO_B, caller.data, caller.length);
	}
}

static const char *const bodies[] = {"",
				     "00",
				     "0001",
				     "0001 00",
				     "0001 00 00",
				     "0001 00 01",
				     "0001 01 01",
				     "0001 00 00 aa",
				     "0001 00 01 aa",
				     "0001 41 01 aa",
				     "0001 ff ff 00",
				     "ffff ff 01 00",
				     "0001 01 02 aa",
				     "0001 01 80 aa"};

/* An established pair: not an octet of it changes, nothing is kept, nothing is said. */
START_TEST(cve_2016_1287_fragments_of_no_length)
{
	struct duo *duo = fragments_duo(1);
	struct forge forge;
	uint64_t before;

	siege_begin(duo);
	forge_from(&forge, duo, DUO_A);
	before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	duo->settings[DUO_B].say_invalid_cookie = false;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		throw_at(duo, forge.cky_i, forge.cky_r, bodies[i]);
	ck_assert_uint_eq(siege_digest(duo, DUO_B, SIEGE_EVERYTHING), before);
	ck_assert_uint_eq(duo->core[DUO_B]->reassemblies.touched, 0);
	duo_free(duo);
}
END_TEST

/* The same at every step of Phase 1, which then goes on. */
START_TEST(cve_2016_1287_fragments_in_every_state)
{
	for (enum ike_message_kind kind = IKE_MM2; kind <= IKE_MM6; kind++) {
		struct duo *duo = fragments_duo(2);
		struct siege_held held;

		siege_hold(duo, kind, &held);
		for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
			throw_at(duo, held.data, held.data + IKE_COOKIE_LENGTH, bodies[i]);
		ck_assert_uint_eq(duo->core[DUO_B]->reassemblies.used, 0);
		duo->deliver = NULL;
		duo_run(duo, 5 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		duo_free(duo);
	}
}
END_TEST

/*
 * What was quadratic elsewhere is the walk through a list for every fragment.  Here a fragment's place follows from its number, and
 * there are 64 places: a hundred thousand more fragments find theirs taken, change nothing, and take no longer than it takes to
 * read them (R126).
 */
START_TEST(cve_2016_10396_work_grows_with_the_octets)
{
	const unsigned rounds = SIEGE_SANITIZED ? 50 : 1500;
	struct duo *duo = fragments_duo(3);
	struct siege_held held;
	struct caller caller[FRAGMENT_PARTS_MAX];
	uint64_t before;

	siege_hold(duo, IKE_MM5, &held);
	for (unsigned i = 0; i < FRAGMENT_PARTS_MAX; i++) {
		fragments_make(&caller[i], octets_of(held.data, held.length), 1, i + 1, 0,
			       octets_of(held.data, 200));
		ck_assert_int_eq(duo_inject(duo, DUO_B, caller[i].data, caller[i].length),
				 IKE_ACCEPTED);
	}
	before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < FRAGMENT_PARTS_MAX; i++)
			if (duo_inject(duo, DUO_B, caller[i].data, caller[i].length) !=
			    IKE_FRAGMENT_REPEATED)
				ck_abort_msg("fragment %u in round %u", i + 1, round);
	ck_assert_uint_eq(siege_digest(duo, DUO_B, SIEGE_EVERYTHING), before);
	ck_assert_uint_eq(duo->core[DUO_B]->reassemblies.touched, 1);
	duo_free(duo);
}
END_TEST

/* Whoever knows the cookies may keep an SA's place busy (R126), but only with one message, for its time; MM5 whole is read. */
START_TEST(cve_2016_10396_fragments_that_never_end)
{
	struct duo *duo = fragments_duo(4);
	struct siege_held held;
	struct caller caller;

	siege_hold(duo, IKE_MM5, &held);
	for (unsigned id = 0; id < 2000; id++) {
		fragments_make(&caller, octets_of(held.data, held.length), id, id % 64 + 1, 0,
			       octets_of(held.data, 100));
		(void)duo_inject(duo, DUO_B, caller.data, caller.length);
	}
	ck_assert_uint_eq(duo->core[DUO_B]->reassemblies.touched, 1);
	ck_assert_uint_eq(siege_drain(duo, DUO_B), 0);
	ck_assert_int_eq(duo_inject(duo, DUO_B, held.data, held.length), IKE_ACCEPTED);
	duo->deliver = NULL;
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("fragments", cve_2016_1287_fragments_of_no_length, cve_2016_1287_fragments_in_every_state,
	  cve_2016_10396_work_grows_with_the_octets, cve_2016_10396_fragments_that_never_end)
