/* SPDX-License-Identifier: ISC */
/*
 * test_nat_traversal_tunnels.c - pairs of IPsec SAs whose peer is behind a NAT: encapsulated, and where it is.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/nat_traversal.h"
#include "tests/support/phase_2.h"
#include "tests/support/translator.h"
#include "tests/support/unit.h"

static struct translator *with_tunnel(uint8_t seed, bool a, bool b)
{
	struct translator *translator = translator_new(seed, a, b);

	(void)duo_tunnel(translator->duo, "aes128-sha1");
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		translator->duo->keepalive[node].plan.mode = KEEPALIVE_OFF;
	translator_start(translator);
	translator_establish(translator);
	translator_run(translator, 5 * IKE_SECOND);
	return translator;
}

static struct ike_ipsec_sa pair_of(const struct translator *translator, enum duo_node node)
{
	struct ike_ipsec_sa pair;

	memset(&pair, 0, sizeof(pair));
	ck_assert_uint_eq(duo_pairs(translator->duo, node, &pair), 1);
	return pair;
}

START_TEST(test_encapsulated_where_there_is_a_nat)
{
	for (unsigned row = 0; row < 4; row++) {
		struct translator *translator =
		    with_tunnel((uint8_t)row, (row & 1) != 0, (row & 2) != 0);

		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			struct ike_ipsec_sa pair = pair_of(translator, node);

			ck_assert_int_eq(pair.encapsulated, row != 0);
			ck_assert_uint_eq(pair.local.port, row != 0 ? 4500 : 0);
			ck_assert_uint_eq(pair.remote.port, row == 0                     ? 0
							    : node == DUO_B && (row & 1) ? 40001
											 : 4500);
		}
		translator_free(translator);
	}
}
END_TEST

/* The pair goes where the SA goes, and whoever moves the packets is told. */
START_TEST(test_a_pair_follows)
{
	struct translator *translator = with_tunnel(5, true, false);
	struct ike_ipsec_change change[8];
	size_t count;

	(void)ike_ipsec_changes(translator->duo->core[DUO_B], change, 8);
	translator_rebind(translator, DUO_A);
	translator_ask(translator, DUO_A);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_moves(translator), 1);
	ck_assert_uint_eq(pair_of(translator, DUO_B).remote.port, 41000);
	count = ike_ipsec_changes(translator->duo->core[DUO_B], change, 8);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(change[0].kind, IKE_IPSEC_CHANGED);
	ck_assert_uint_eq(change[0].sa.remote.port, 41000);
	translator_free(translator);
}
END_TEST

/* The first thing that is said from the new mapping, which is another address as well, is the renewal of Phase 1. */
START_TEST(test_a_renewal_from_elsewhere_takes_over)
{
	struct translator *translator = with_tunnel(6, true, false);
	struct duo *duo = translator->duo;
	struct ike_sa_status status;

	translator->host[DUO_A].outside.octets[3]++;
	translator_rebind(translator, DUO_A);
	sa_renew(duo->core[DUO_A], phase_2_sa(duo, DUO_A));
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REPLACED), 1);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &status), 1);
	ck_assert_uint_eq(status.remote.octets[3], translator->host[DUO_A].outside.octets[3]);
	/* and the pair is there as well */
	ck_assert_uint_eq(pair_of(translator, DUO_B).remote.octets[3], status.remote.octets[3]);
	ck_assert_uint_eq(pair_of(translator, DUO_B).remote.port, status.remote.port);
	translator_free(translator);
}
END_TEST

/* Quick Mode from the new mapping is as good as a question: its first message is fresh, and the answer goes there. */
START_TEST(test_quick_mode_moves_the_sa)
{
	struct translator *translator = with_tunnel(6, true, false);
	struct ike_command again = {.kind = IKE_COMMAND_TUNNEL};

	translator_rebind(translator, DUO_A);
	ck_assert(ike_command(translator->duo->core[DUO_A], translator->duo->now, &again));
	translator_run(translator, 3 * IKE_SECOND);
	ck_assert_uint_eq(translator_moves(translator), 1);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 41000);
	ck_assert_uint_eq(pair_of(translator, DUO_B).remote.port, 41000);
	translator_free(translator);
}
END_TEST

/* ---- ESP from elsewhere (RFC 3947 section 7) ----------------------------------------------------------------------- */

static bool heard(const struct translator *translator, enum duo_node node, uint32_t pair,
		  const struct ike_address *elsewhere)
{
	struct ike_command command = {
	    .kind = IKE_COMMAND_HEARD, .ipsec = pair, .address = *elsewhere, .peer = 77};

	return ike_command(translator->duo->core[node], translator->duo->now, &command);
}

/* How often somebody was followed so far: events are pulled when time passes. */
static size_t moves(struct translator *translator)
{
	translator_run(translator, 1);
	return translator_moves(translator);
}

/* Nothing has moved at that node: neither the pair nor the SA, and nobody is told. */
static void assert_stays(struct translator *translator, enum duo_node node,
			 const struct ike_ipsec_sa *pair, const struct ike_sa_status *sa)
{
	struct ike_ipsec_sa pair_now = pair_of(translator, node);
	struct ike_sa_status sa_now = translator_sa(translator, node);
	struct ike_ipsec_change change[8];

	ck_assert(ike_address_equal(&pair_now.remote, &pair->remote));
	ck_assert(ike_address_equal(&sa_now.remote, &sa->remote));
	ck_assert_uint_eq(moves(translator), 0);
	ck_assert_uint_eq(ike_ipsec_changes(translator->duo->core[node], change, 8), 0);
}

/* R138: encapsulated or not, where NAT detection has found none before the peer; it is proof of life all the same (R17). */
START_TEST(test_packets_move_nobody_without_a_nat)
{
	for (unsigned row = 0; row < 3; row++) {
		/* none at all; A behind one, which B's packets say nothing of; B behind one, for B */
		const bool a = row == 1, b = row == 2;
		const enum duo_node node = row == 2 ? DUO_B : DUO_A;
		struct translator *translator = with_tunnel((uint8_t)(20 + row), a, b);
		const struct ike_ipsec_sa pair = pair_of(translator, node);
		const struct ike_sa_status sa = translator_sa(translator, node);
		struct ike_address elsewhere = translator_elsewhere();
		struct ike_ipsec_change change[8];

		(void)ike_ipsec_changes(translator->duo->core[node], change, 8);
		ck_assert_int_eq(pair.encapsulated, row != 0);
		ck_assert(heard(translator, node, pair.number, &elsewhere));
		elsewhere = pair.remote;
		elsewhere.port++;
		ck_assert(heard(translator, node, pair.number, &elsewhere));
		assert_stays(translator, node, &pair, &sa);
		translator_free(translator);
	}
}
END_TEST

START_TEST(test_packets_that_move_nobody)
{
	struct translator *translator = with_tunnel(23, true, false);
	const struct ike_ipsec_sa pair = pair_of(translator, DUO_B);
	const struct ike_sa_status sa = translator_sa(translator, DUO_B);
	const struct ike_address elsewhere = translator_elsewhere();
	struct ike_address six = {.family = IKE_FAMILY_IPV6, .port = 4500}, nowhere = {0};
	struct ike_ipsec_change change[8];

	(void)ike_ipsec_changes(translator->duo->core[DUO_B], change, 8);
	ck_assert(!heard(translator, DUO_B, pair.number + 1, &elsewhere));
	ck_assert(!heard(translator, DUO_B, 0, &elsewhere));
	assert_stays(translator, DUO_B, &pair, &sa);
	ck_assert(heard(translator, DUO_B, pair.number, &pair.remote)); /* where it is */
	ck_assert(heard(translator, DUO_B, pair.number, &nowhere));     /* the same */
	ck_assert(heard(translator, DUO_B, pair.number, &six)); /* what no mapping changes */
	assert_stays(translator, DUO_B, &pair, &sa);
	translator_free(translator);
}
END_TEST

/* All that an authenticated message of IKE's would move, and IKE works there. */
START_TEST(test_a_packet_moves_all_of_a_party)
{
	struct translator *translator = with_tunnel(24, true, false);
	struct duo *duo = translator->duo;
	struct ike_command again = {.kind = IKE_COMMAND_TUNNEL};
	struct ike_ipsec_sa pairs[2] = {{0}};
	struct ike_ipsec_change change[8];
	struct ike_address there;
	uint32_t cursor = 0;
	size_t count = 0;

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &again)); /* a second pair */
	translator_run(translator, IKE_SECOND);
	while (count < 2 && ike_next_ipsec_sa(duo->core[DUO_B], &cursor, &pairs[count]))
		count++;
	ck_assert_uint_eq(count, 2);
	(void)ike_ipsec_changes(duo->core[DUO_B], change, 8);
	translator_rebind(translator, DUO_A);
	there = pairs[1].remote;
	there.port = 41000; /* the next that the translator gives */
	ck_assert(heard(translator, DUO_B, pairs[1].number, &there));
	ck_assert_uint_eq(moves(translator), 1);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 41000);
	count = ike_ipsec_changes(duo->core[DUO_B], change, 8);
	ck_assert_uint_eq(count, 2);
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(change[i].kind, IKE_IPSEC_CHANGED);
		ck_assert(ike_address_equal(&change[i].sa.remote, &there));
		ck_assert_uint_eq(change[i].sa.local.port, 4500);
	}
	/* said again, it is no news */
	ck_assert(heard(translator, DUO_B, pairs[1].number, &there));
	ck_assert_uint_eq(moves(translator), 1);
	ck_assert_uint_eq(ike_ipsec_changes(duo->core[DUO_B], change, 8), 0);
	/* A is reached there, as soon as it has sent anything that made its translator open the port, and B hears from there */
	translator_ask(translator, DUO_A);
	translator_run(translator, IKE_SECOND);
	translator_ask(translator, DUO_B);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_moves(translator), 1);
	ck_assert_uint_eq(translator_answers(translator, DUO_A), 1);
	ck_assert_uint_eq(translator_answers(translator, DUO_B), 1);
	translator_free(translator);
}
END_TEST

/* Its Phase 1 is gone: the pair goes alone, if NAT detection had found a NAT there. */
START_TEST(test_a_pair_that_has_outlived_its_sa_follows)
{
	for (int behind = 0; behind < 2; behind++) {
		struct translator *translator =
		    with_tunnel((uint8_t)(25 + behind), behind != 0, behind == 0);
		struct ike_core *core = translator->duo->core[DUO_B];
		const struct ike_ipsec_sa pair = pair_of(translator, DUO_B);
		const struct ike_address elsewhere = translator_elsewhere();
		struct ike_ipsec_change change[8];
		struct ike_ipsec_sa now;

		(void)ike_ipsec_changes(core, change, 8);
		sa_delete(core, phase_2_sa(translator->duo, DUO_B), IKE_WHY_PEER_DELETED, false);
		ck_assert(!heard(translator, DUO_B, pair.number, &elsewhere));
		now = pair_of(translator, DUO_B);
		ck_assert(ike_address_equal(&now.remote, behind != 0 ? &elsewhere : &pair.remote));
		ck_assert_uint_eq(now.local.port, 4500);
		ck_assert_uint_eq(ike_ipsec_changes(core, change, 8), behind != 0 ? 1 : 0);
		ck_assert(!heard(translator, DUO_B, pair.number, &now.remote));
		ck_assert_uint_eq(ike_ipsec_changes(core, change, 8), 0);
		ck_assert_uint_eq(moves(translator), 0);
		translator_free(translator);
	}
}
END_TEST

UNIT_MAIN("nat_traversal_tunnels", test_encapsulated_where_there_is_a_nat, test_a_pair_follows,
	  test_a_renewal_from_elsewhere_takes_over, test_quick_mode_moves_the_sa,
	  test_packets_move_nobody_without_a_nat, test_packets_that_move_nobody,
	  test_a_packet_moves_all_of_a_party, test_a_pair_that_has_outlived_its_sa_follows)
