/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;

START_TEST(unknown_cookies)
{
	uint8_t zero[IKE_COOKIE_LENGTH] = {0};

	impaired = impaired_new(IMPAIRED_NONE);
	impaired_start(impaired);
	ck_assert_ptr_null(impair_sa_of(impaired->impair, zero, zero));
	impaired_up(impaired);
	ck_assert_ptr_null(impair_sa_of(impaired->impair, impaired->cky_i, zero));
	impaired_free(impaired);
}
END_TEST

/* The last message of an SA leaves when the core has forgotten its keys. */
START_TEST(keys_outlive_the_sa)
{
	const struct ike_command close = {.kind = IKE_COMMAND_CLOSE};
	struct ike_sa_status status;
	struct ike_keys keys;
	struct impair_sa *sa;

	impaired = impaired_new(IMPAIRED_NONE);
	impaired_up(impaired);
	sa = impair_sa_of(impaired->impair, impaired->cky_i, impaired->cky_r);
	ck_assert_ptr_nonnull(sa);
	ck_assert(impair_sa_status(impaired->impair, sa, &status));
	ck_assert_mem_eq(sa->keys.skeyid_a, impaired->keys.skeyid_a, 20);
	ck_assert_mem_eq(sa->keys.last_block, impaired->keys.last_block, 16);
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &close));
	ck_assert(
	    !ike_export_keys(impaired->duo->core[DUO_B], impaired->cky_i, impaired->cky_r, &keys));
	ck_assert(!impair_sa_status(impaired->impair, sa, &status));
	ck_assert_ptr_eq(impair_sa_of(impaired->impair, impaired->cky_i, impaired->cky_r), sa);
	impaired_free(impaired);
}
END_TEST

/* B is called, and deletes before a single message has been exchanged under the SA; and the same when it has called. */
START_TEST(delete_is_the_first_message)
{
	for (int called = 0; called < 2; called++) {
		const struct ike_command close = {.kind = IKE_COMMAND_CLOSE};
		size_t from;

		impaired = impaired_new(IMPAIR_DELETE_TWICE);
		impaired->duo->peer[DUO_A].never_initial_contact = true;
		/* nor does A call again at once */
		impaired->duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
		impaired->on[IMPAIR_INITIAL_CONTACT_NEVER] = true;
		impaired_start(impaired);
		duo_connect(impaired->duo, called ? DUO_B : DUO_A);
		while (duo_count(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED) == 0)
			impaired_run(impaired, IKE_MILLISECOND);
		from = impaired->wires;
		ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &close));
		impaired_run(impaired, IKE_SECOND / 10);
		ck_assert_uint_eq(impaired_sent(impaired, from), 2);
		impaired_free(impaired);
	}
}
END_TEST

START_TEST(bounded)
{
	struct impair *impair;
	struct impair_sa *oldest;

	impaired = impaired_new(IMPAIRED_NONE);
	impaired_up(impaired);
	impair = impaired->impair;
	for (size_t i = 0; i < IMPAIR_SAS; i++) {
		struct impair_sa *sa = &impair->sa[i];

		if (sa->used)
			continue;
		sa->used = true;
		sa->looked_at = ++impair->looked;
		memset(sa->cky_i, (int)i, 8);
	}
	oldest = impair_sa_of(impair, impaired->cky_i, impaired->cky_r);
	ck_assert_ptr_nonnull(oldest);
	oldest->looked_at = 0;
	oldest->cky_i[0] ^=
	    1; /* now nobody asks for it, and the one that is asked for takes its place */
	ck_assert_ptr_eq(impair_sa_of(impair, impaired->cky_i, impaired->cky_r), oldest);
	ck_assert_uint_eq(oldest->questions, 0);
	ck_assert_uint_eq(oldest->remote.family, IKE_FAMILY_IPV4);
	impaired_free(impaired);
}
END_TEST

START_TEST(killed)
{
	struct impair_sa *sa;
	struct ike_address nobody;

	impaired = impaired_new(IMPAIRED_NONE);
	impaired->duo->peer[DUO_B].gateways = 0;
	impaired_up(impaired);
	sa = impair_sa_of(impaired->impair, impaired->cky_i, impaired->cky_r);
	nobody = impaired->address[DUO_A];
	nobody.octets[0] = 7;
	impair_kill_others(impaired->impair, impaired->duo->now, &nobody, NULL);
	impair_kill_others(impaired->impair, impaired->duo->now, NULL, sa);
	impaired_run(impaired, IKE_MILLISECOND);
	ck_assert_uint_eq(impaired_sas(impaired), 1);
	impair_kill_others(impaired->impair, impaired->duo->now, &impaired->address[DUO_A], NULL);
	impaired_run(impaired, IKE_MILLISECOND);
	ck_assert_uint_eq(impaired_sas(impaired), 0);
	impair_kill(impaired->impair, impaired->duo->now, sa); /* gone already */
	ck_assert_uint_eq(impair_deadline(impaired->impair), IKE_NEVER);
	impaired_free(impaired);
}
END_TEST

UNIT_MAIN("impair_sa", unknown_cookies, keys_outlive_the_sa, delete_is_the_first_message, bounded,
	  killed)
