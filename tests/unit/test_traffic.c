/* SPDX-License-Identifier: ISC */
/*
 * test_traffic.c - what those who move packets say of a pair: life is proved by it, something to send brings a question, and a
 * tunnel that is dead ends everything with its party.
 */
#include <string.h>

#include "ike/notify.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/recorder.h"
#include "tests/support/siege.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder a, b;

static bool say(struct duo *duo, enum duo_node node, enum ike_command_kind kind, uint32_t ipsec)
{
	/* the peer is not looked at where a pair is named */
	struct ike_command what = {.kind = kind, .ipsec = ipsec, .peer = 77};

	return ike_command(duo->core[node], duo->now, &what);
}

static uint32_t number_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	ck_assert_uint_eq(duo_pairs(duo, node, &sa), 1);
	return sa.number;
}

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

static struct duo *recorded(uint8_t seed)
{
	struct duo *duo = recorder_duo(seed, &a, &b);

	(void)duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	return duo;
}

/* B's Phase 1 SA ends by a Delete of A's: its pair outlives it. */
static void lose_sa_of_b(struct duo *duo)
{
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
}

static size_t asked(const struct duo *duo, enum duo_node node)
{
	return duo_count_reports(duo, node, IKE_REPORT_ASKED);
}

/* ---- nothing to do it to -------------------------------------------------------------------------------------------- */

START_TEST(test_no_such_pair)
{
	static const enum ike_command_kind kinds[] = {IKE_COMMAND_HEARD, IKE_COMMAND_TRAFFIC,
						      IKE_COMMAND_ASK_NOW, IKE_COMMAND_TUNNEL_DEAD,
						      IKE_COMMAND_TUNNEL};
	struct duo *duo = phase_2_established(1, "aes128-sha1");
	struct ike_pair *negotiating =
	    ipsec_table_add(duo->core[DUO_A]->pairs, &duo->core[DUO_A]->random);
	uint64_t before = siege_digest(duo, DUO_A, SIEGE_EVERYTHING);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ck_assert(!say(duo, DUO_A, kinds[i], 4711));
		ck_assert(!say(duo, DUO_A, kinds[i], negotiating->sa.number));
	}
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_HEARD, 0));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_TRAFFIC, 0)); /* peer 77 */
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_ASK_NOW, 0));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_TUNNEL_DEAD, 0));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_TUNNEL, 0));
	ck_assert(before == siege_digest(duo, DUO_A, SIEGE_EVERYTHING));
	ipsec_table_remove(duo->core[DUO_A]->pairs, negotiating);
	duo_free(duo);
}
END_TEST

/* One that is gone, and waits for its last words to be pulled. */
START_TEST(test_a_pair_that_is_gone)
{
	struct duo *duo = phase_2_established(2, "aes128-sha1");
	uint32_t number = number_of(duo, DUO_A);

	ck_assert(say(duo, DUO_A, IKE_COMMAND_IPSEC_FAILED, number));
	ck_assert_ptr_nonnull(ipsec_table_find_number(duo->core[DUO_A]->pairs, number));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_TRAFFIC, number));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_TUNNEL_DEAD, number));
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_TUNNEL, number));
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_pair_that_has_outlived_its_sa)
{
	struct duo *duo = recorded(3);
	uint32_t number = number_of(duo, DUO_B);
	size_t steps;

	lose_sa_of_b(duo);
	steps = b.sas;
	ck_assert(!say(duo, DUO_B, IKE_COMMAND_HEARD, number));
	ck_assert(!say(duo, DUO_B, IKE_COMMAND_TRAFFIC, number));
	ck_assert_uint_eq(b.sas, steps);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* A pair says nothing about an SA of its party that is somewhere else. */
START_TEST(test_a_pair_that_is_somewhere_else)
{
	struct duo *duo = recorded(4);
	uint32_t number = number_of(duo, DUO_A);
	struct ike_pair *pair = ipsec_table_find_number(duo->core[DUO_A]->pairs, number);
	struct ike_sa *sa = phase_2_sa(duo, DUO_A);

	pair->gateway = 1;
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	/* who calls is told apart by the address */
	pair->gateway = IKE_NONE;
	sa_set_gateway(sa, IKE_NONE);
	ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	sa->remote.port++;
	ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	sa->remote.octets[3]++;
	ck_assert(!say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	duo_free(duo);
}
END_TEST

/* ---- life, and something to send ------------------------------------------------------------------------------------ */

/* R17, R23, R156: the SA's step hears of it, and nobody else does. */
START_TEST(test_what_the_step_is_told)
{
	struct duo *duo = recorded(10);
	uint32_t number = number_of(duo, DUO_A);
	size_t steps = a.sas, events = duo->events[DUO_A], sent = duo->sent[DUO_A];

	for (int i = 0; i < 10; i++)
		ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	ck_assert_uint_eq(a.sas, steps + 10);
	ck_assert_int_eq(a.sa[a.sas - 1].input.happening, IKE_EXTENSION_HEARD);
	ck_assert(say(duo, DUO_A, IKE_COMMAND_TRAFFIC, number));
	ck_assert_uint_eq(a.sas, steps + 11);
	ck_assert_int_eq(a.sa[a.sas - 1].input.happening, IKE_EXTENSION_TRAFFIC);
	ck_assert(say(duo, DUO_A, IKE_COMMAND_ASK_NOW, number));
	ck_assert_uint_eq(a.sas, steps + 12);
	ck_assert_int_eq(a.sa[a.sas - 1].input.happening, IKE_EXTENSION_ASK_NOW);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo->events[DUO_A], events);
	ck_assert_uint_eq(duo->sent[DUO_A], sent);
	duo_free(duo);
}
END_TEST

/* The pair stays, and what it says is of the SA that is in use now. */
START_TEST(test_the_sa_that_is_in_use)
{
	struct duo *duo = recorded(11);
	uint32_t number = number_of(duo, DUO_A);
	uint8_t first[IKE_COOKIE_LENGTH];

	memcpy(first, phase_2_sa(duo, DUO_A)->cky_i, sizeof(first));
	(void)recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW);
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 2);
	ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	ck_assert_mem_ne(recorder_sa(&a, IKE_EXTENSION_HEARD)->cky_i, first, sizeof(first));
	/* one that has given way is the newest, and is passed over */
	phase_2_sa(duo, DUO_A)->superseded = true;
	sa_table_at(duo->core[DUO_A]->sas, phase_2_sa(duo, DUO_A)->next_of_party)->superseded =
	    false;
	ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	ck_assert_mem_eq(recorder_sa(&a, IKE_EXTENSION_HEARD)->cky_i, first, sizeof(first));
	duo_free(duo);
}
END_TEST

/* R16, R18: not one question in an hour, on either side, while packets come; soon after they have stopped there is one. */
START_TEST(test_no_questions_while_traffic_flows)
{
	struct duo *duo = phase_2_established(12, "aes128-sha1");
	uint32_t number[DUO_NODES] = {number_of(duo, DUO_A), number_of(duo, DUO_B)};

	siege_forget(duo);
	for (int i = 0; i < 3000; i++) {
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
			ck_assert(say(duo, node, IKE_COMMAND_HEARD, number[node]));
		duo_run(duo, IKE_SECOND);
	}
	ck_assert_uint_eq(asked(duo, DUO_A) + asked(duo, DUO_B), 0);
	ck_assert_uint_eq(duo->events[DUO_A], 0);
	duo_run(duo, duo->keepalive[DUO_A].plan.worry);
	ck_assert_uint_ge(asked(duo, DUO_A) + asked(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* R25: what comes through the tunnel ends a round that was open, when nothing else comes. */
START_TEST(test_traffic_ends_a_round)
{
	struct duo *duo = phase_2_established(13, "aes128-sha1");
	uint32_t number = number_of(duo, DUO_A);

	duo->deliver = forge_lose_all;
	for (int i = 0; i < 600; i++) {
		duo_run(duo, IKE_SECOND);
		if (i % 15 == 14)
			ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
	}
	ck_assert_uint_ge(asked(duo, DUO_A), 20);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	/* and without it the peer is dead */
	siege_forget(duo);
	duo_run(duo, duo->keepalive[DUO_A].plan.detect + IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 1);
	duo_free(duo);
}
END_TEST

/* R23, R24: on demand an idle peer is left alone, and what leaves brings one question at once. */
START_TEST(test_on_demand)
{
	struct duo *duo = duo_new(14);
	uint32_t number;

	(void)duo_tunnel(duo, "aes128-sha1");
	duo->keepalive[DUO_A].plan.mode = duo->keepalive[DUO_B].plan.mode = KEEPALIVE_ON_DEMAND;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 600 * IKE_SECOND);
	ck_assert_uint_eq(asked(duo, DUO_A) + asked(duo, DUO_B), 0);
	number = number_of(duo, DUO_A);
	for (int i = 0; i < 100; i++)
		ck_assert(say(duo, DUO_A, IKE_COMMAND_TRAFFIC, number));
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(asked(duo, DUO_A), 1);
	ck_assert_uint_eq(asked(duo, DUO_B), 0);
	/* both ways for a while: none */
	siege_forget(duo);
	for (int i = 0; i < 100; i++) {
		ck_assert(say(duo, DUO_A, IKE_COMMAND_TRAFFIC, number));
		ck_assert(say(duo, DUO_A, IKE_COMMAND_HEARD, number));
		duo_run(duo, IKE_SECOND);
	}
	ck_assert_uint_eq(asked(duo, DUO_A), 0);
	/* and no answer any more: within the worry time */
	ck_assert(say(duo, DUO_A, IKE_COMMAND_TRAFFIC, number));
	duo_run(duo, duo->keepalive[DUO_A].plan.worry);
	ck_assert_uint_eq(asked(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* ---- a tunnel that is dead ------------------------------------------------------------------------------------------ */

static void assert_tunnel_dead(const struct duo *duo, enum duo_node node, size_t pairs, size_t sas)
{
	size_t gone = 0, gone_pairs = 0;

	for (size_t i = 0; i < duo->events[node]; i++) {
		const struct ike_event *event = &duo->event[node][i];

		if (event->kind != IKE_EVENT_DELETED && event->kind != IKE_EVENT_IPSEC_DELETED)
			continue;
		ck_assert_str_eq(ike_why_text(event->why), "nothing comes back through its tunnel");
		*(event->kind == IKE_EVENT_DELETED ? &gone : &gone_pairs) += 1;
	}
	ck_assert_uint_eq(gone, sas);
	ck_assert_uint_eq(gone_pairs, pairs);
}

/* A Delete, of which protocol? */
static uint8_t deletes(const struct duo_datagram *datagram)
{
	struct ike_message message;

	tap_read(tap_plain(datagram), &message);
	return tap_body(&message, IKE_PAYLOAD_DELETE).data[4];
}

/* R98 to R101, R141, R142: IKE answers, and yet everything is made anew, with INITIAL-CONTACT. */
START_TEST(test_tunnel_dead)
{
	struct duo *duo = duo_new(20);
	size_t before;

	(void)duo_tunnel(duo, "aes128-sha1");
	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR; /* A is to call */
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	before = duo->datagrams;
	ck_assert(say(duo, DUO_A, IKE_COMMAND_TUNNEL_DEAD, number_of(duo, DUO_A)));
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	duo_run(duo, 10 * IKE_MILLISECOND);
	assert_tunnel_dead(duo, DUO_A, 1, 1);
	ck_assert_uint_eq(duo->datagrams, before + 2);
	ck_assert_uint_eq(deletes(&duo->datagram[before]), IKE_PROTOCOL_ESP);
	ck_assert_uint_eq(deletes(&duo->datagram[before + 1]), IKE_PROTOCOL_ISAKMP);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_RECOVERING), 1);
	duo_run(duo, 5 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact);
	duo_free(duo);
}
END_TEST

/* R142: all pairs of the party, and the SA that a newer one has superseded. */
/* IKE answers at the first gateway, and nothing has ever come through: the second is called, and not the first again. */
START_TEST(test_tunnel_useless)
{
	const struct ike_command useless = {.kind = IKE_COMMAND_TUNNEL_DEAD, .never = true};
	struct duo *duo = duo_new(27);
	struct ike_peer_settings *peer = &duo->peer[DUO_A];
	struct ike_command command = useless;
	const struct ike_event *event;

	(void)duo_tunnel(duo, "aes128-sha1");
	peer->gateway[1] = peer->gateway[0];
	peer->gateway[1].octets[3] ^= 0x40;
	peer->gateways = 2;
	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	command.ipsec = number_of(duo, DUO_A);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &command));
	duo_run(duo, IKE_SECOND);
	event = duo_last(duo, DUO_A, IKE_EVENT_DELETED);
	ck_assert_str_eq(ike_why_text(event->why), "nothing has ever come through its tunnel");
	event = duo_last(duo, DUO_A, IKE_EVENT_CONNECTING);
	ck_assert_uint_eq(event->gateway, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_tunnel_dead_with_several)
{
	struct duo *duo = recorder_duo(21, &a, &b);
	struct ike_ipsec_sa sa;

	(void)duo_tunnel(duo, "aes128-sha1");
	(void)duo_tunnel(duo, "3des-md5");
	duo->peer[DUO_A].tunnel[1].local.port = duo->peer[DUO_B].tunnel[1].remote.port = 7;
	duo->peer[DUO_A].tunnel[1].local.protocol = duo->peer[DUO_B].tunnel[1].remote.protocol = 17;
	duo_start(duo);
	duo_establish(duo);
	(void)recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW);
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 2);
	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 2);
	siege_forget(duo);
	ck_assert(say(duo, DUO_A, IKE_COMMAND_TUNNEL_DEAD, sa.number));
	duo_run(duo, 10 * IKE_MILLISECOND);
	assert_tunnel_dead(duo, DUO_A, 2, 2);
	ck_assert_uint_eq(duo_established(duo, DUO_A) + pairs_of(duo, DUO_A), 0);
	/* the recovery hears of it once */
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_DEAD), 1);
	ck_assert_uint_eq(recorder_peer(&a, IKE_EXTENSION_PEER_DEAD)->input.gateway, 0);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_tunnel_dead_without_an_sa)
{
	struct duo *duo = recorded(22);
	uint32_t number = number_of(duo, DUO_B);
	size_t sent;

	lose_sa_of_b(duo);
	ck_assert_uint_eq(recorder_peer_count(&b, IKE_EXTENSION_PEER_DEAD), 0);
	duo_run(duo, 0);
	siege_forget(duo);
	sent = duo->sent[DUO_B];
	ck_assert(say(duo, DUO_B, IKE_COMMAND_TUNNEL_DEAD, number));
	ck_assert_uint_eq(recorder_peer_count(&b, IKE_EXTENSION_PEER_DEAD), 1);
	ck_assert_uint_eq(recorder_peer(&b, IKE_EXTENSION_PEER_DEAD)->input.gateway, 0);
	duo_run(duo, 10 * IKE_MILLISECOND);
	assert_tunnel_dead(duo, DUO_B, 1, 0);
	ck_assert_uint_eq(duo->sent[DUO_B], sent); /* nothing could protect a Delete */
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

/* Who can only be waited for is not called, and is welcome when it calls: its own recovery does. */
START_TEST(test_tunnel_dead_of_a_caller)
{
	struct duo *duo = duo_new(23);

	(void)duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].gateways = 0;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	siege_forget(duo);
	ck_assert(say(duo, DUO_B, IKE_COMMAND_TUNNEL_DEAD, number_of(duo, DUO_B)));
	ck_assert_uint_eq(duo_established(duo, DUO_B) + pairs_of(duo, DUO_B), 0);
	duo_run(duo, 10 * IKE_SECOND);
	assert_tunnel_dead(duo, DUO_B, 1, 1);
	duo_assert_pairs(duo, 1);
	for (size_t i = 0; i < duo->events[DUO_B]; i++)
		ck_assert(duo->event[DUO_B][i].kind != IKE_EVENT_CONNECTING ||
			  !duo->event[DUO_B][i].initiator);
	duo_free(duo);
}
END_TEST

/* R142: the user wants nothing to follow a death. */
START_TEST(test_tunnel_dead_and_cleared)
{
	struct duo *duo = duo_new(24);

	(void)duo_tunnel(duo, "aes128-sha1");
	duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
	duo->peer[DUO_B].gateways = 0;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert(say(duo, DUO_A, IKE_COMMAND_TUNNEL_DEAD, number_of(duo, DUO_A)));
	siege_forget(duo);
	duo_run(duo, 300 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_CONNECTING), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("traffic", test_no_such_pair, test_a_pair_that_is_gone,
	  test_a_pair_that_has_outlived_its_sa, test_a_pair_that_is_somewhere_else,
	  test_what_the_step_is_told, test_the_sa_that_is_in_use,
	  test_no_questions_while_traffic_flows, test_traffic_ends_a_round, test_on_demand,
	  test_tunnel_dead, test_tunnel_useless, test_tunnel_dead_with_several,
	  test_tunnel_dead_without_an_sa, test_tunnel_dead_of_a_caller,
	  test_tunnel_dead_and_cleared)
