/* SPDX-License-Identifier: ISC */
/*
 * test_nat_traversal_tunnels.c - pairs of IPsec SAs whose peer is behind a NAT: encapsulated, and where it is.
 */
#include <string.h>

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

UNIT_MAIN("nat_traversal_tunnels", test_encapsulated_where_there_is_a_nat, test_a_pair_follows,
	  test_a_renewal_from_elsewhere_takes_over, test_quick_mode_moves_the_sa)
