/* SPDX-License-Identifier: ISC */
/*
 * test_tunnel.c - which tunnels are wanted, which one fits, and when they are negotiated.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/tunnel.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

static bool ask(struct duo *duo, enum duo_node node, uint32_t tunnel)
{
	struct ike_command what = {.kind = IKE_COMMAND_TUNNEL, .tunnel = tunnel};

	return ike_command(duo->core[node], duo->now, &what);
}

/* ---- which one fits ------------------------------------------------------------------------------------------------- */

static struct ike_selector net(const char *text, uint8_t bits)
{
	struct ike_selector selector = {.prefix = {.bits = bits}};

	ck_assert(ike_address_from_text(text, &selector.prefix.address));
	return selector;
}

START_TEST(test_fits)
{
	struct ike_sa sa = {0};
	struct ike_address own;
	struct ike_tunnel_settings tunnel = {.local = net("10.1.0.0", 16),
					     .remote = net("10.2.0.0", 16)};
	struct ike_selector local = tunnel.local, remote = tunnel.remote, inside;

	ck_assert(ike_address_from_text("192.0.2.1:500", &own));
	ck_assert(ike_address_from_text("192.0.2.2:500", &sa.remote));
	ck_assert(tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &remote, &local, false));
	/* something inside only where it is allowed */
	inside = net("10.2.3.4", 32);
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &inside, false));
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &inside, true));
	tunnel.narrow = true;
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &inside, false));
	ck_assert(tunnel_fits(&sa, &own, &tunnel, &local, &inside, true));
	inside = net("10.3.3.4", 32);
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &inside, true));
	inside = net("10.0.0.0", 8); /* outside */
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &inside, true));
	/* the ends themselves, and nobody else who says so */
	memset(&tunnel, 0, sizeof(tunnel));
	local = net("192.0.2.1", 32);
	remote = net("192.0.2.2", 32);
	ck_assert(tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	remote = net("192.0.2.3", 32);
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	tunnel.narrow = true;
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &remote, true));
}
END_TEST

/* Behind a NAT in transport mode any single address stands for the end itself; in tunnel mode none but its own. */
START_TEST(test_fits_behind_a_nat)
{
	struct ike_sa sa = {.encapsulated = true};
	struct ike_address own;
	struct ike_tunnel_settings tunnel = {.transport = true};
	struct ike_selector local = net("10.0.0.1", 32), remote = net("192.168.7.7", 32), whole;

	ck_assert(ike_address_from_text("192.0.2.1:4500", &own));
	ck_assert(ike_address_from_text("192.0.2.2:4500", &sa.remote));
	ck_assert(tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	whole = net("192.168.7.0", 24);
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &whole, false));
	remote.protocol = 17;
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	remote.protocol = 0;
	tunnel.transport = false;
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	tunnel.transport = true;
	sa.encapsulated = false;
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
}
END_TEST

/* A limit is in the way when Phase 1 comes up: it is tried again when there is room. */
START_TEST(test_no_room_at_first)
{
	struct duo *duo = duo_new(11);
	struct ike_pair *taken;

	duo_tunnel(duo, "aes128-sha1");
	duo->settings[DUO_A].limits.ipsec_sas = 1;
	duo_start(duo);
	taken = ipsec_table_add(duo->core[DUO_A]->pairs, &duo->core[DUO_A]->random);
	duo_establish(duo);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_ptr_nonnull(duo_last(duo, DUO_A, IKE_EVENT_OVERLOAD));
	ipsec_table_remove(duo->core[DUO_A]->pairs, taken);
	duo_run(duo, 6 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* vpnc asks for all traffic of 0.0.0.0, which is its address before it has one. */
START_TEST(test_fits_vpnc)
{
	struct ike_sa sa = {0};
	struct ike_address own;
	struct ike_tunnel_settings tunnel = {
	    .local = net("0.0.0.0", 0), .remote = net("0.0.0.0", 0), .narrow = true};
	struct ike_selector local = net("0.0.0.0", 0), remote = net("0.0.0.0", 32);

	ck_assert(ike_address_from_text("192.0.2.1:500", &own));
	ck_assert(ike_address_from_text("192.0.2.2:500", &sa.remote));
	ck_assert(!tunnel_fits(&sa, &own, &tunnel, &local, &remote, false));
	ck_assert(tunnel_fits(&sa, &own, &tunnel, &local, &remote, true));
	remote = net("10.9.8.7", 32);
	ck_assert(tunnel_fits(&sa, &own, &tunnel, &local, &remote, true));
}
END_TEST

/* ---- when it is negotiated ------------------------------------------------------------------------------------------ */

/* A tunnel that both leave to the other stays down until somebody asks. */
START_TEST(test_waiting)
{
	struct duo *duo = duo_new(1);

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_A].tunnel[0].wait = true;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert(!ask(duo, DUO_A, 1)); /* there is none of that number */
	ck_assert(ask(duo, DUO_A, 0));
	duo_run(duo, IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* Asked for before there is a Phase 1 SA: it is begun for that. */
START_TEST(test_asked_before_phase_1)
{
	struct duo *duo = duo_new(2);

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_A].tunnel[0].wait = true;
	duo_start(duo);
	ck_assert(ask(duo, DUO_A, 0));
	duo_run(duo, 5 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_asked_without_a_gateway)
{
	struct duo *duo = duo_new(3);

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].gateways = 0;
	duo_start(duo);
	ck_assert(!ask(duo, DUO_B, 0)); /* nobody can be called */
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert(ask(duo, DUO_B, 0));
	duo_run(duo, 5 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_IPSEC_REPLACED), 1);
	duo_free(duo);
}
END_TEST

/* Both want it: the initiator of Phase 1 begins, and the responder sees that there is nothing left to do. */
START_TEST(test_both_want_it)
{
	struct duo *duo = duo_new(4);

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].tunnel[0].wait = false;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
	duo_free(duo);
}
END_TEST

/* Asked for anew: a second pair takes over, and the first one goes after a while. */
START_TEST(test_anew)
{
	struct duo *duo = phase_2_established(5, "aes128-sha1");
	struct ike_status status;

	ck_assert(ask(duo, DUO_A, 0));
	duo_run(duo, IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.ipsec_sas, 2);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_REPLACED), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_IPSEC_REPLACED), 1);
	duo_run(duo, 12 * IKE_SECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_REPLACED);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* While one is under way, asking for it again is no second one. */
START_TEST(test_one_at_a_time)
{
	struct duo *duo = duo_new(6);
	struct ike_status status;

	duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo->deliver = forge_lose_all;
	for (int i = 0; i < 10; i++)
		ck_assert(ask(duo, DUO_A, 0));
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.quick_modes, 2); /* with the one that is over */
	duo_free(duo);
}
END_TEST

/* All that a peer may have, at the same time. */
START_TEST(test_eight_tunnels)
{
	struct duo *duo = duo_new(7);

	for (uint8_t i = 0; i < IKE_TUNNELS_MAX; i++) {
		duo_tunnel(duo, "aes128-sha1-x25519");
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			struct ike_tunnel_settings *tunnel = &duo->peer[node].tunnel[i];

			tunnel->local.prefix.address.octets[2] = i;
			tunnel->remote.prefix.address.octets[2] = i;
			tunnel->local.prefix.bits = tunnel->remote.prefix.bits = 24;
		}
	}
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, IKE_TUNNELS_MAX);
	/* a death takes them all, and they all come back */
	siege_forget(duo);
	duo_reboot(duo, DUO_B);
	duo_connect(duo, DUO_B);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, IKE_TUNNELS_MAX);
	duo_free(duo);
}
END_TEST

/* Proposals with and without a group cannot be offered together: they take turns, until the peer agrees. */
START_TEST(test_groups_in_turn)
{
	struct duo *duo = duo_new(8);
	struct ike_ipsec_sa sa;

	duo_tunnel(duo, "aes256-sha256-modp2048 aes128-sha1");
	ck_assert(ike_ipsec_proposal_parse("aes128-sha1", &duo->peer[DUO_B].tunnel[0].proposal[0]));
	duo->peer[DUO_B].tunnel[0].proposals = 1;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 15 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 1);
	ck_assert_uint_eq(sa.proposal.group, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_FAILED), 1);
	duo_free(duo);
}
END_TEST

/* Tried again after 5, 10, 20, 40, 60 seconds at most, as long as the peer is there. */
START_TEST(test_backoff)
{
	struct duo *duo = duo_new(9);
	ike_time last;
	static const ike_time most[] = {5, 10, 20, 40, 60, 60};

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].tunnel[0].transport = true; /* they will never agree */
	duo_start(duo);
	duo_establish(duo);
	last = duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED)->at;
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		ike_time waited;

		siege_forget(duo);
		while (duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED) == NULL)
			duo_run(duo, 100 * IKE_MILLISECOND);
		waited = duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED)->at - last;
		last += waited;
		ck_assert_uint_le(waited, most[i] * IKE_SECOND + 100 * IKE_MILLISECOND);
		ck_assert_uint_ge(waited, most[i] * IKE_SECOND * 3 / 4);
	}
	duo_free(duo);
}
END_TEST

/* The user has closed the peer: nothing is tried again. */
START_TEST(test_closed)
{
	struct duo *duo = phase_2_established(10, "aes128-sha1");
	struct ike_command what = {.kind = IKE_COMMAND_CLOSE};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &what));
	ck_assert(ike_command(duo->core[DUO_B], duo->now, &what));
	duo_run(duo, IKE_SECOND);
	siege_forget(duo);
	duo_run(duo, 600 * IKE_SECOND);
	ck_assert_uint_eq(duo->datagrams, 0);
	ck_assert_uint_eq(pairs_of(duo, DUO_A) + pairs_of(duo, DUO_B), 0);
	ck_assert_uint_eq(ike_deadline(duo->core[DUO_A]), IKE_NEVER);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("tunnel", test_fits, test_fits_behind_a_nat, test_no_room_at_first, test_fits_vpnc,
	  test_waiting, test_asked_before_phase_1, test_asked_without_a_gateway, test_both_want_it,
	  test_anew, test_one_at_a_time, test_eight_tunnels, test_groups_in_turn, test_backoff,
	  test_closed)
