/* SPDX-License-Identifier: ISC */
/*
 * test_used_up_pair.c - a pair that is used up, or a black hole, is negotiated anew: with its own party, however many share an entry.
 */
#include "ike/identity.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static bool ask_for_pair(struct duo *duo, enum duo_node node, uint32_t ipsec)
{
	/* neither peer nor tunnel is looked at where a pair is named */
	struct ike_command what = {
	    .kind = IKE_COMMAND_TUNNEL, .peer = 77, .tunnel = 5, .ipsec = ipsec};

	return ike_command(duo->core[node], duo->now, &what);
}

/*
 * A is two callers, each with a name and a network of its own; B has one entry for all who call, and gives them what they ask
 * for.  `crowd`: the settings of the two, which the duo uses.
 */
static struct duo *two_parties_of_one_entry(uint8_t seed, struct ike_peer_settings crowd[2])
{
	struct duo *duo = duo_new(seed);

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].gateways = 0;
	duo->peer[DUO_B].tunnel[0].remote.prefix.bits = 8;
	duo->peer[DUO_B].tunnel[0].narrow = true;
	crowd[0] = crowd[1] = duo->peer[DUO_A];
	ck_assert(ike_identity_from_text("fqdn:first.example", &crowd[0].local_identity));
	ck_assert(ike_identity_from_text("fqdn:second.example", &crowd[1].local_identity));
	crowd[1].tunnel[0].local.prefix.address.octets[1] = 3;
	duo->settings[DUO_A].peer = crowd;
	duo->settings[DUO_A].peers = 2;
	duo_start(duo);
	for (uint32_t peer = 0; peer < 2; peer++) {
		struct ike_command start = {.kind = IKE_COMMAND_START, .peer = peer};

		ck_assert(ike_command(duo->core[DUO_A], duo->now, &start));
		duo_run(duo, 5 * IKE_SECOND);
	}
	duo_assert_pairs(duo, 2);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 2);
	siege_forget(duo);
	return duo;
}

/* The pair that B sends through to 10.`second`.0.0/16. */
static const struct ike_pair *pair_to(const struct duo *duo, uint8_t second)
{
	const struct ike_pair *found = NULL;
	struct ike_ipsec_sa sa;
	uint32_t cursor = 0;

	while (ike_next_ipsec_sa(duo->core[DUO_B], &cursor, &sa))
		if (!sa.superseded && sa.inside_remote.prefix.bits == 16 &&
		    sa.inside_remote.prefix.address.octets[1] == second)
			found = ipsec_table_find_number(duo->core[DUO_B]->pairs, sa.number);
	ck_assert_ptr_nonnull(found);
	return found;
}

START_TEST(test_no_such_pair)
{
	struct ike_peer_settings crowd[2];
	struct duo *duo = two_parties_of_one_entry(20, crowd);
	uint32_t number = pair_to(duo, 1)->sa.number;
	struct ike_pair *negotiating =
	    ipsec_table_add(duo->core[DUO_B]->pairs, &duo->core[DUO_B]->random);
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);

	ck_assert(!ask_for_pair(duo, DUO_B, 4711));
	ck_assert(!ask_for_pair(duo, DUO_B, negotiating->sa.number));
	ck_assert(before == siege_digest(duo, DUO_B, SIEGE_EVERYTHING));
	ipsec_table_remove(duo->core[DUO_B]->pairs, negotiating);
	/* one in whose place there is another, */
	ck_assert(ask_for_pair(duo, DUO_B, number));
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
	before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	ck_assert(!ask_for_pair(duo, DUO_B, number));
	ck_assert(before == siege_digest(duo, DUO_B, SIEGE_EVERYTHING));
	/* and one that is gone and waits for its last words to be pulled */
	duo_run(duo, 15 * IKE_SECOND);
	ck_assert_int_eq(ipsec_table_find_number(duo->core[DUO_B]->pairs, number)->state,
			 IKE_PAIR_GONE);
	before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	ck_assert(!ask_for_pair(duo, DUO_B, number));
	ck_assert(before == siege_digest(duo, DUO_B, SIEGE_EVERYTHING));
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
	duo_free(duo);
}
END_TEST

/* Of those who share an entry only the one whose pair it is, for the traffic of that pair, and once however often it is said. */
START_TEST(test_used_up)
{
	static const uint8_t networks[] = {1, 3};

	for (size_t i = 0; i < 2; i++) {
		struct ike_peer_settings crowd[2];
		struct duo *duo = two_parties_of_one_entry(21, crowd);
		const struct ike_pair *spent = pair_to(duo, networks[i]);
		uint32_t number = spent->sa.number;
		uint32_t others = pair_to(duo, networks[1 - i])->sa.number;
		const struct ike_party *party = spent->party;

		for (int j = 0; j < 3; j++)
			ck_assert(ask_for_pair(duo, DUO_B, number));
		duo_run(duo, 2 * IKE_MILLISECOND);
		ck_assert(ask_for_pair(duo, DUO_B, number)); /* under way already */
		duo_run(duo, 60 * IKE_SECOND);
		ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
		ck_assert_int_eq(phase_2_nth(duo, IKE_QM1, 0)->to, DUO_A);
		duo_assert_pairs(duo, 2);
		ck_assert_uint_ne(pair_to(duo, networks[i])->sa.number, number);
		ck_assert_ptr_eq(pair_to(duo, networks[i])->party, party);
		ck_assert_uint_eq(pair_to(duo, networks[1 - i])->sa.number, others);
		ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_IPSEC_REPLACED), 1);
		ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_REPLACED)->ipsec, number);
		duo_free(duo);
	}
}
END_TEST

/* The user names no pair, and means everybody. */
START_TEST(test_the_user_asks_everybody)
{
	struct ike_peer_settings crowd[2];
	struct duo *duo = two_parties_of_one_entry(22, crowd);
	const struct ike_command all = {.kind = IKE_COMMAND_TUNNEL};

	ck_assert(ike_command(duo->core[DUO_B], duo->now, &all));
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 2);
	duo_free(duo);
}
END_TEST

/* Deleted by both, and nobody calls: the pairs outlive it. */
static void lose_phase_1(struct duo *duo)
{
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	forge_from(&forge, duo, DUO_A);
	forge.message_id ^= 0x40000000;
	forge_delete(&forge);
	(void)forge_inject(&forge, duo, DUO_A);
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A) + duo_established(duo, DUO_B), 0);
	duo_assert_pairs(duo, 1);
	siege_forget(duo);
}

/* Its party has no Phase 1 SA: that comes first, by us where there is a gateway, else by whoever calls. */
START_TEST(test_used_up_without_phase_1)
{
	for (size_t gateways = 0; gateways < 2; gateways++) {
		struct duo *duo = duo_new(23);
		struct ike_ipsec_sa old, sa;

		duo_tunnel(duo, "aes128-sha1");
		duo->peer[DUO_B].gateways = gateways;
		duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
		duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
		duo_start(duo);
		duo_establish(duo);
		duo_run(duo, 5 * IKE_SECOND);
		lose_phase_1(duo);
		ck_assert_uint_eq(duo_pairs(duo, DUO_B, &old), 1);
		ck_assert(ask_for_pair(duo, DUO_B, old.number));
		duo_run(duo, 30 * IKE_SECOND);
		if (gateways == 0) {
			ck_assert_uint_eq(duo->datagrams, 0);
			duo_connect(duo, DUO_A);
			duo_run(duo, 5 * IKE_SECOND);
		}
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
		ck_assert_int_eq(phase_2_nth(duo, IKE_QM1, 0)->to, DUO_A);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_eq(duo_pairs(duo, DUO_B, &sa), 1);
		ck_assert_uint_ne(sa.number, old.number);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("used_up_pair", test_no_such_pair, test_used_up, test_the_user_asks_everybody,
	  test_used_up_without_phase_1)
