/* SPDX-License-Identifier: ISC */
/*
 * test_ipsec_renewal.c - ipsec_sa.c for hours: pairs are renewed in time, by whoever may, with Phase 1 or without it, and there is
 * always one.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

static struct ike_ipsec_sa pair_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	ck_assert_uint_ge(duo_pairs(duo, node, &sa), 1);
	return sa;
}

/* ---- renewal -------------------------------------------------------------------------------------------------------- */

/* For hours: there is a pair at every moment, the same one at both ends, and old ones go. */
START_TEST(test_renewed_for_hours)
{
	struct duo *duo = duo_new(6);
	uint32_t first;

	duo_tunnel(duo, "aes128-sha1-x25519");
	duo->peer[DUO_A].tunnel[0].lifetime = 120;
	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime =
	    400; /* Phase 1 comes and goes as well */
	duo_start(duo);
	duo_establish(duo);
	first = pair_of(duo, DUO_A).number;
	for (int step = 0; step < 3 * 3600 / 5; step++) {
		struct ike_ipsec_sa a, b;
		struct ike_status status;

		ck_assert_uint_eq(siege_run(duo, 5 * IKE_SECOND), 0);
		ck_assert_uint_ge(duo_pairs(duo, DUO_A, &a), 1);
		ck_assert_uint_ge(duo_pairs(duo, DUO_B, &b), 1);
		ike_status(duo->core[DUO_A], &status);
		{
			struct phase_2_changes changes;

			phase_2_pull(duo, DUO_A, &changes);
			phase_2_pull(duo, DUO_B, &changes);
		}
		ck_assert_uint_le(status.ipsec_sas, 4);
	}
	ck_assert_uint_gt(pair_of(duo, DUO_A).number, first + 80);
	ck_assert_uint_lt(pair_of(duo, DUO_A).number, first + 120);
	duo_free(duo);
}
END_TEST

/* A fifth of everything is lost, and a fifth comes late: there are gaps only where Phase 1 has died, and never for long. */
static bool bad_network(struct duo *duo, struct duo_datagram *datagram)
{
	struct random_source *random = duo->context;

	if (random_below(random, 5) == 0)
		datagram->at += random_below(random, 2000) * IKE_MILLISECOND;
	return random_below(random, 5) != 0;
}

START_TEST(test_a_bad_network)
{
	struct duo *duo = duo_new(19);
	const uint8_t seed[RANDOM_SEED_LENGTH] = {19};
	struct random_source random;
	int without = 0, most = 0;

	random_seeded(&random, seed);
	duo->context = &random;
	duo->deliver = bad_network;
	duo_tunnel(duo, "aes128-sha1-x25519");
	duo->peer[DUO_B].tunnel[0].wait = false;
	duo->peer[DUO_A].tunnel[0].lifetime = duo->peer[DUO_B].tunnel[0].lifetime = 120;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	for (int second = 0; second < 7200; second++) {
		struct phase_2_changes changes;

		(void)siege_run(duo, IKE_SECOND);
		without = pairs_of(duo, DUO_A) == 0 || pairs_of(duo, DUO_B) == 0 ? without + 1 : 0;
		most = without > most ? without : most;
		phase_2_pull(duo, DUO_A, &changes);
		phase_2_pull(duo, DUO_B, &changes);
	}
	ck_assert_int_lt(most, 60);
	duo->deliver = NULL;
	(void)siege_run(duo, 300 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* The initiator is dumb: the responder that may begin renews half a tenth of the life later. */
START_TEST(test_the_responder_renews)
{
	struct duo *duo = duo_new(7);
	struct ike_ipsec_sa sa;

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].tunnel[0].wait = false;
	duo->peer[DUO_A].tunnel[0].lifetime = 200;
	duo_start(duo);
	duo_establish(duo);
	sa = pair_of(duo, DUO_B);
	ck_assert(!sa.initiator);
	ck_assert_uint_lt(sa.renew_at, sa.expires_at - 10 * IKE_SECOND);
	ck_assert_uint_gt(sa.renew_at, pair_of(duo, DUO_A).renew_at);
	{
		uint32_t cursor = 0;

		ipsec_table_next(duo->core[DUO_A]->pairs, &cursor)->sa.renew_at = IKE_NEVER;
	}
	duo_run(duo, 198 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert(pair_of(duo, DUO_B).initiator);
	duo_free(duo);
}
END_TEST

/* The shorter life counts; the responder says it in QM2, and whoever began renews in time for it. */
START_TEST(test_responder_lifetime)
{
	struct duo *duo = duo_new(8);
	struct ike_ipsec_sa a, b;

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].tunnel[0].lifetime = 300;
	duo_start(duo);
	duo_establish(duo);
	a = pair_of(duo, DUO_A);
	b = pair_of(duo, DUO_B);
	ck_assert_uint_eq(a.expires_at - a.established_at, 300 * IKE_SECOND);
	ck_assert_uint_eq(b.expires_at - b.established_at, 300 * IKE_SECOND);
	duo_free(duo);

	/* the initiator's is shorter: nothing to say */
	duo = duo_new(9);
	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_A].tunnel[0].lifetime = 300;
	duo_start(duo);
	duo_establish(duo);
	b = pair_of(duo, DUO_B);
	ck_assert_uint_eq(b.expires_at - b.established_at, 300 * IKE_SECOND);
	duo_free(duo);
}
END_TEST

/* In an Informational: about that pair only, and never longer. */
START_TEST(test_responder_lifetime_later)
{
	struct duo *duo = phase_2_established(10, "aes128-sha1");
	struct ike_ipsec_sa sa = pair_of(duo, DUO_B);
	static const struct {
		const char *data;
		uint32_t seconds;
		enum ike_verdict verdict;
	} steps[] = {
	    {"80010001 0002000400001c20", 3600, IKE_ACCEPTED},
	    {"80010001 00020004000000", 3600, IKE_ACCEPTED},
	    {"", 3600, IKE_ACCEPTED},
	    {"80020258", 3600, IKE_ACCEPTED}, /* a duration of nothing */
	    {"80010001 80020258", 600, IKE_ACCEPTED},
	    {"80010001 80020e10", 600, IKE_ACCEPTED},
	    {"80010001 80020001", 1, IKE_ACCEPTED},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint8_t raw[256];
		struct forge forge;
		char text[256];

		forge_from(&forge, duo, DUO_A);
		snprintf(text, sizeof(text), "0000(00000001 03 04 6000 %08x %s)", sa.spi_out,
			 steps[i].data);
		forge_raw(&forge, IKE_PAYLOAD_NOTIFY,
			  octets_of(raw, phase_2_hex(text, raw, sizeof(raw))));
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), steps[i].verdict);
		ck_assert_uint_eq(pair_of(duo, DUO_B).expires_at - sa.established_at,
				  steps[i].seconds * IKE_SECOND);
	}
	duo_run(duo, 5 * IKE_SECOND); /* gone with a Delete, and A begins again */
	ck_assert_ptr_nonnull(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_DELETED));
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* Phase 1 is gone when the pair is to be renewed: it is begun first. */
START_TEST(test_renewed_without_phase_1)
{
	struct duo *duo = phase_2_established(11, "aes128-sha1");
	struct ike_ipsec_sa old = pair_of(duo, DUO_A);
	struct forge forge;

	duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	(void)forge_inject(&forge, duo, DUO_B);
	forge_from(&forge, duo, DUO_A);
	forge.message_id ^= 0x40000000;
	forge_delete(&forge);
	(void)forge_inject(&forge, duo, DUO_A);
	siege_forget(duo);
	duo_run(duo, 600 * IKE_SECOND);
	/* dangling SAs are legal: the pair has outlived its Phase 1 */
	ck_assert_uint_eq(pair_of(duo, DUO_A).number, old.number);
	duo_assert_pairs(duo, 1);
	(void)siege_run(duo, 3000 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_ne(pair_of(duo, DUO_A).number, old.number);
	duo_free(duo);
}
END_TEST

/* ---- both at once --------------------------------------------------------------------------------------------------- */

/* Both begin in the same moment: afterwards there is always one at least, the same ones at both ends, and one is left later. */
START_TEST(test_both_begin)
{
	for (uint8_t seed = 0; seed < 20; seed++) {
		struct duo *duo = duo_new((uint8_t)(20 + seed));
		struct ike_command begin = {.kind = IKE_COMMAND_TUNNEL};

		duo_tunnel(duo, "aes128-sha1");
		duo->peer[DUO_A].tunnel[0].wait = duo->peer[DUO_B].tunnel[0].wait = true;
		duo->peer[DUO_A].tunnel[0].lifetime = 300;
		duo->peer[DUO_B].tunnel[0].lifetime = 300;
		duo_start(duo);
		duo_establish(duo);
		ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
		ck_assert(ike_command(duo->core[DUO_A], duo->now, &begin));
		duo_run(duo, seed * IKE_MILLISECOND);
		ck_assert(ike_command(duo->core[DUO_B], duo->now, &begin));
		duo_run(duo, 30 * IKE_SECOND);
		for (int i = 0; i < 2000; i++) {
			struct ike_ipsec_sa sa;

			(void)siege_run(duo, IKE_SECOND);
			ck_assert_uint_ge(duo_pairs(duo, DUO_A, &sa), 1);
			ck_assert_uint_ge(duo_pairs(duo, DUO_B, &sa), 1);
			/* the store's view does not matter here */
			{
				struct phase_2_changes changes;

				phase_2_pull(duo, DUO_A, &changes);
				phase_2_pull(duo, DUO_B, &changes);
			}
		}
		duo_assert_pairs(duo, 1);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("ipsec_renewal", test_renewed_for_hours, test_a_bad_network, test_the_responder_renews,
	  test_responder_lifetime, test_responder_lifetime_later, test_renewed_without_phase_1,
	  test_both_begin)
