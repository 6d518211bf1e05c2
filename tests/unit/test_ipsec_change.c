/* SPDX-License-Identifier: ISC */
/*
 * test_ipsec_change.c - whoever pulls is told everything, in order, however late; and what nobody pulls does not grow.
 */
#include <string.h>

#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static size_t pull(struct duo *duo, enum duo_node node, struct ike_ipsec_change *changes,
		   size_t max)
{
	return ike_ipsec_changes(duo->core[node], changes, max);
}

static void anew(struct duo *duo)
{
	struct ike_command what = {.kind = IKE_COMMAND_TUNNEL};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &what));
	(void)siege_run(duo, 2 * IKE_SECOND);
}

static void user_closes(struct duo *duo)
{
	struct ike_command what = {.kind = IKE_COMMAND_CLOSE};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &what));
}

static bool is_zero(const uint8_t *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (octets[i] != 0)
			return false;
	return true;
}

START_TEST(test_nothing_at_first)
{
	struct duo *duo = duo_new(1);
	struct ike_ipsec_change change;

	duo_start(duo);
	ck_assert_uint_eq(pull(duo, DUO_A, &change, 1), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_one_after_the_other)
{
	struct duo *duo = phase_2_established(2, "aes128-sha1");
	struct ike_ipsec_change change[8];
	uint32_t first, second;

	ck_assert_uint_eq(pull(duo, DUO_A, change, 0), 0);
	ck_assert_uint_eq(pull(duo, DUO_A, change, 8), 1);
	ck_assert_int_eq(change[0].kind, IKE_IPSEC_ADDED);
	ck_assert(!is_zero(change[0].sa.keymat_in, 36) && !is_zero(change[0].sa.keymat_out, 36));
	first = change[0].sa.number;
	ck_assert_uint_eq(pull(duo, DUO_A, change, 8), 0);
	anew(duo);
	ck_assert_uint_eq(pull(duo, DUO_A, change, 8), 2);
	ck_assert_int_eq(change[0].kind, IKE_IPSEC_ADDED);
	second = change[0].sa.number;
	ck_assert_uint_ne(second, first);
	ck_assert_int_eq(change[1].kind, IKE_IPSEC_CHANGED);
	ck_assert_uint_eq(change[1].sa.number, first);
	ck_assert(change[1].sa.superseded && !change[0].sa.superseded);
	(void)siege_run(duo, 12 * IKE_SECOND);
	ck_assert_uint_eq(pull(duo, DUO_A, change, 8), 1);
	ck_assert_int_eq(change[0].kind, IKE_IPSEC_REMOVED);
	ck_assert_uint_eq(change[0].sa.number, first);
	ck_assert(is_zero(change[0].sa.keymat_in, sizeof(change[0].sa.keymat_in)));
	user_closes(duo);
	ck_assert_uint_eq(pull(duo, DUO_A, change, 8), 1);
	ck_assert_int_eq(change[0].kind, IKE_IPSEC_REMOVED);
	ck_assert_uint_eq(change[0].sa.number, second);
	duo_free(duo);
}
END_TEST

/* Pulled only at the end, in small steps: ADDED with its keys, then CHANGED, then REMOVED of each number. */
START_TEST(test_late)
{
	struct duo *duo = phase_2_established(3, "aes128-sha1");
	enum { ROUNDS = 10 };
	struct ike_ipsec_change change;
	int state[ROUNDS + 8] = {0};
	size_t added = 0, removed = 0, pulled = 0;
	struct ike_status status;

	for (int i = 0; i < ROUNDS; i++) {
		anew(duo);
		(void)siege_run(duo, 12 * IKE_SECOND);
	}
	user_closes(duo);
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.ipsec_sas, ROUNDS + 1);
	while (pull(duo, DUO_A, &change, 1) == 1) {
		uint32_t number = change.sa.number;

		ck_assert_uint_lt(number, ROUNDS + 8);
		switch (change.kind) {
		case IKE_IPSEC_ADDED:
			ck_assert_int_eq(state[number]++, 0);
			ck_assert(!is_zero(change.sa.keymat_in, 36));
			added++;
			break;
		case IKE_IPSEC_CHANGED:
			ck_assert_int_eq(state[number], 1);
			break;
		case IKE_IPSEC_REMOVED:
			ck_assert_int_eq(state[number]++, 1);
			removed++;
			break;
		}
		pulled++;
	}
	ck_assert_uint_eq(added, ROUNDS + 1);
	ck_assert_uint_eq(removed, ROUNDS + 1);
	ck_assert_uint_ge(pulled, added + removed);
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.ipsec_sas, 0);
	duo_free(duo);
}
END_TEST

/* Nobody pulls, ever: at the limit there is no more, and what is up stays up. */
START_TEST(test_never_pulled)
{
	struct duo *duo = duo_new(4);
	struct ike_ipsec_change change[64];
	struct ike_status status;

	duo->settings[DUO_A].limits.ipsec_sas = 4;
	duo_tunnel(duo, "aes128-sha1");
	duo->settings[DUO_B].ipsec_store = false;
	duo_start(duo);
	duo_establish(duo);
	for (int i = 0; i < 10; i++) {
		struct ike_command what = {.kind = IKE_COMMAND_TUNNEL};

		(void)ike_command(duo->core[DUO_A], duo->now, &what);
		(void)siege_run(duo, 12 * IKE_SECOND);
		ike_status(duo->core[DUO_A], &status);
		ck_assert_uint_le(status.ipsec_sas, 4);
		ck_assert_uint_ge(duo_pairs(duo, DUO_A, &change[0].sa), 1);
	}
	ck_assert_uint_eq(status.ipsec_sas, 4);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.ipsec_sas, 1); /* without a store nothing is kept */
	ck_assert_uint_eq(pull(duo, DUO_B, change, 64), 0);
	ck_assert_uint_gt(pull(duo, DUO_A, change, 64), 4);
	(void)siege_run(duo, 12 * IKE_SECOND);
	anew(duo);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("ipsec_change", test_nothing_at_first, test_one_after_the_other, test_late,
	  test_never_pulled)
