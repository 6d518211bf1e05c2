/* SPDX-License-Identifier: ISC */
/*
 * test_quick_mode_life.c - a Quick Mode while it lasts: what is lost is said again, what never comes is given up, what is too
 * much is refused; the commit bit; and no memory is lost or missed.
 */
#include <string.h>

#include "ike/attribute.h"
#include "tests/support/allocations.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static struct duo *started(uint8_t seed, const char *proposals)
{
	struct duo *duo = duo_new(seed);

	duo->deliver = phase_2_lose;
	duo_tunnel(duo, proposals);
	duo_start(duo);
	duo_connect(duo, DUO_A);
	return duo;
}

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

/* ---- loss ----------------------------------------------------------------------------------------------------------- */

START_TEST(test_each_message_lost)
{
	static const enum ike_message_kind kinds[] = {IKE_QM1, IKE_QM2, IKE_QM3};
	static const char *const proposals[] = {"aes128-sha1", "aes256-sha256-x25519"};

	for (size_t i = 0; i < 3 * 2 * 3; i++) {
		struct duo *duo;

		phase_2_loses = (struct phase_2_loss){.kind = kinds[i % 3], .times = 1 + i / 6};
		duo = started((uint8_t)(1 + i), proposals[i / 3 % 2]);
		duo_run(duo, 30 * IKE_SECOND);
		ck_assert_uint_eq(phase_2_loses.lost, phase_2_loses.times);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED), 1);
		ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_IPSEC_ESTABLISHED), 1);
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_FAILED), 0);
		duo_free(duo);
	}
}
END_TEST

/* Every message twice, and the second a good while later. */
static bool twice(struct duo *duo, struct duo_datagram *datagram)
{
	struct duo_datagram *again = &duo->datagram[duo->datagrams];

	if (duo->datagrams >= DUO_DATAGRAMS)
		return true;
	*again = *datagram;
	again->at += 700 * IKE_MILLISECOND;
	duo->datagrams++;
	return true;
}

START_TEST(test_each_message_twice)
{
	struct duo *duo = duo_new(30);

	duo->deliver = twice;
	duo_tunnel(duo, "aes128-sha1-x25519");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_IPSEC_ESTABLISHED), 1);
	duo_free(duo);
}
END_TEST

/* Nobody answers: five times QM1, then it has failed, and is begun again later and later. */
START_TEST(test_no_answer)
{
	struct duo *duo;
	size_t failed;

	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM1, .times = 1000};
	duo = started(31, "aes128-sha1");
	duo_run(duo, 2 * IKE_SECOND);
	while (duo_count(duo, DUO_A, IKE_EVENT_IPSEC_FAILED) == 0)
		duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 5);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED)->why, IKE_WHY_NO_ANSWER);
	siege_forget(duo);
	failed = 0;
	for (int minute = 0; minute < 20; minute++) {
		duo_run(duo, 60 * IKE_SECOND);
		failed += duo_count(duo, DUO_A, IKE_EVENT_IPSEC_FAILED);
		siege_forget(duo);
	}
	ck_assert_uint_ge(failed, 12);
	ck_assert_uint_le(failed, 18);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	phase_2_loses.times = 0;
	duo_run(duo, 100 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* QM3 never comes: the responder gives up as well, and has promised nothing. */
START_TEST(test_no_third_message)
{
	struct duo *duo;
	struct ike_status status;

	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM3, .times = 1000};
	duo = started(32, "aes128-sha1");
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_IPSEC_FAILED), 1);
	ck_assert(!duo_last(duo, DUO_B, IKE_EVENT_IPSEC_FAILED)->initiator);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.quick_modes, 0);
	ck_assert_uint_eq(status.ipsec_sas, 0);
	/* QM2 five times, and each time the initiator said QM3 */
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM2), 5);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM3), 5);
	duo_free(duo);
}
END_TEST

/* ---- refused by the peer -------------------------------------------------------------------------------------------- */

START_TEST(test_refused_at_once)
{
	struct duo *duo = duo_new(33);
	const struct ike_event *event;

	duo_tunnel(duo, "aes128-sha1");
	ck_assert(ike_ipsec_proposal_parse("aes256-sha1", &duo->peer[DUO_B].tunnel[0].proposal[0]));
	duo_start(duo);
	duo_establish(duo);
	event = duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED);
	ck_assert_ptr_nonnull(event);
	ck_assert_int_eq(event->why, IKE_WHY_PEER_REFUSED);
	ck_assert_uint_eq(event->notify_type, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
	ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_OFFERS)->text,
			 "the peer offers aes128-sha1 tunnel; accepted here: aes256-sha1 tunnel");
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* One that was recorded under this SA long ago does not end what is new. */
START_TEST(test_an_old_refusal)
{
	struct duo *duo;
	struct forge forge;

	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM1, .times = 2};
	duo = started(34, "aes128-sha1");
	duo_run(duo, IKE_SECOND);
	for (uint32_t i = 0; i < 2 * IKE_OTHER_IDS; i++) {
		forge_from(&forge, duo, DUO_B);
		forge_notify(&forge, 30000);
		(void)forge_inject(&forge, duo, DUO_A);
	}
	forge_from(&forge, duo, DUO_B);
	forge_notify(&forge, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	ck_assert_ptr_nonnull(phase_2_quick(duo, DUO_A));
	ck_assert_uint_eq(phase_2_quick(duo, DUO_A)->peer_said, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* ---- the commit bit ------------------------------------------------------------------------------------------------- */

static void connected(struct forge *forge, struct duo *duo, uint32_t message_id)
{
	forge_from(forge, duo, DUO_B);
	forge->message_id = message_id;
	forge_notify(forge, IKE_NOTIFY_CONNECTED);
}

/* B has said QM2 with the commit bit: A has answered, and waits. */
static struct duo *committed(uint8_t seed)
{
	struct duo *duo;
	uint8_t wrapped[IKE_DATAGRAM_MAX];
	const struct duo_datagram *second;

	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM2, .times = 1};
	duo = started(seed, "aes128-sha1");
	while (phase_2_loses.lost == 0)
		duo_run(duo, IKE_MILLISECOND);
	second = phase_2_nth(duo, IKE_QM2, 0);
	memcpy(wrapped, second->data, second->length);
	wrapped[IKE_HEADER_FLAGS_AT] |= IKE_FLAG_COMMIT;
	ck_assert_int_eq(duo_inject(duo, DUO_A, wrapped, second->length), IKE_ACCEPTED);
	ck_assert_uint_eq(phase_2_quick(duo, DUO_A)->expects, IKE_QM4);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	return duo;
}

/* R137 */
START_TEST(test_commit_and_nothing_more)
{
	struct duo *duo = committed(35);

	duo_run(duo, 1900 * IKE_MILLISECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1); /* it has QM3 */
	duo_run(duo, 200 * IKE_MILLISECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_connected_in_an_informational)
{
	struct duo *duo = committed(36);
	uint32_t message_id = phase_2_quick(duo, DUO_A)->message_id;
	struct forge forge;

	connected(&forge, duo, message_id);
	forge.keys.skeyid_a[0] ^= 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_BAD_HASH);
	connected(&forge, duo, message_id + 1);
	(void)forge_inject(&forge, duo, DUO_A);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	connected(&forge, duo, message_id);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 1);
	duo_run(duo, IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_connected_in_a_fourth_message)
{
	struct duo *duo = committed(37);

	/* something else than CONNECTED does not count */
	ck_assert_int_eq(
	    phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_NOTIFY, "0000(00000001 01 00 6001)"),
	    IKE_NOTIFY_IGNORED);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_int_eq(
	    phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_NOTIFY, "0000(00000001 01 00 4000)"),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* ---- limits --------------------------------------------------------------------------------------------------------- */

static enum ike_verdict ask(struct duo *duo, enum duo_node to)
{
	struct forge forge;
	uint8_t raw[512];

	forge_from(&forge, duo, to == DUO_A ? DUO_B : DUO_A);
	forge.exchange = IKE_EXCHANGE_QUICK_MODE;
	forge_raw(&forge, IKE_PAYLOAD_SA,
		  octets_of(raw, phase_2_hex(
				     "0a00(00000001 00000001 0000(01 03 04 01 c0ffee02 0000(01 0c "
				     "0000 80040001 80050002 80060080)))"
				     "0500(000102030405060708090a0b0c0d0e0f)"
				     "0500(04 00 0000 0a010000 ffff0000)"
				     "0000(04 00 0000 0a020000 ffff0000)",
				     raw, sizeof(raw))));
	return forge_inject(&forge, duo, to);
}

/* Somebody with the keys of one SA begins and begins: eight at a time, without a cost beyond. */
START_TEST(test_a_flood_under_one_sa)
{
	struct duo *duo = phase_2_established(38, "aes128-sha1");
	struct ike_status status;
	size_t accepted = 0;

	for (int i = 0; i < 1000; i++) {
		enum ike_verdict verdict = ask(duo, DUO_B);

		ck_assert(verdict == IKE_ACCEPTED || verdict == IKE_RATE_LIMITED);
		accepted += verdict == IKE_ACCEPTED;
	}
	ck_assert_uint_eq(accepted, 8);
	/* the answers are for nobody; a Quick Mode that the tap has not seen begin looks like this to it */
	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM1, .times = 1000};
	duo->deliver = phase_2_lose;
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(phase_2_loses.lost, 8 * 5);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.quick_modes, 0);
	ck_assert_uint_eq(status.ipsec_sas, 1);
	duo->deliver = NULL;
	ck_assert_int_eq(ask(duo, DUO_B), IKE_ACCEPTED);
	duo_free(duo);
}
END_TEST

START_TEST(test_limits_of_the_core)
{
	struct duo *duo = duo_new(39);

	duo->settings[DUO_B].limits.quick_modes = 3;
	duo->settings[DUO_B].limits.ipsec_sas = 3;
	duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo_assert_pairs(duo, 1);
	/* two more places for pairs, though there are three Quick Modes */
	ck_assert_int_eq(ask(duo, DUO_B), IKE_ACCEPTED);
	ck_assert_int_eq(ask(duo, DUO_B), IKE_ACCEPTED);
	ck_assert_int_eq(ask(duo, DUO_B), IKE_OVERLOAD);
	duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert_ptr_nonnull(duo_last(duo, DUO_B, IKE_EVENT_OVERLOAD));
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* ---- memory --------------------------------------------------------------------------------------------------------- */

/* At any moment of it memory may run out: nothing crashes, Phase 1 stays, and there is a pair once there is memory. */
START_TEST(test_out_of_memory)
{
	for (size_t granted = 0; granted < 12 && allocations_counted(); granted++) {
		struct duo *duo = duo_new((uint8_t)(40 + granted));
		struct ike_command begin = {.kind = IKE_COMMAND_TUNNEL};

		duo_tunnel(duo, "aes128-sha1-x25519");
		duo->peer[DUO_A].tunnel[0].wait = true;
		duo_start(duo);
		duo_establish(duo);
		allocations_refuse_after(granted);
		(void)ike_command(duo->core[DUO_A], duo->now, &begin);
		duo_run(duo, 100 * IKE_MILLISECOND);
		allocations_refuse_after(ALLOCATIONS_NEVER);
		(void)ike_command(duo->core[DUO_A], duo->now, &begin);
		duo_run(duo, 60 * IKE_SECOND);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
		duo_free(duo);
	}
}
END_TEST

/* Once the tables have grown, a renewal takes nothing from the heap but what Diffie-Hellman wants, and gives that back. */
START_TEST(test_no_memory_is_lost)
{
	struct duo *duo = phase_2_established(60, "aes128-sha1");
	struct ike_command begin = {.kind = IKE_COMMAND_TUNNEL};
	struct phase_2_changes changes;
	size_t before = 0;

	for (int i = 0; i < 50; i++) {
		/* not ck_assert, which allocates */
		if (!ike_command(duo->core[DUO_A], duo->now, &begin))
			ck_abort();
		(void)siege_run(duo, 20 * IKE_SECOND);
		phase_2_pull(duo, DUO_A, &changes);
		phase_2_pull(duo, DUO_B, &changes);
		if (i == 10)
			before = allocations_count();
	}
	ck_assert_uint_eq(allocations_count(), allocations_counted() ? before : 0);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* ---- with its SA ---------------------------------------------------------------------------------------------------- */

/* Phase 1 is renewed while a Quick Mode waits for its answer: it is taken up under the new SA before the old one goes. */
START_TEST(test_moves_to_another_sa)
{
	struct duo *duo;
	uint32_t cursor = 0;
	struct ike_sa *sa;

	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM1, .times = 3};
	duo = started(61, "aes128-sha1");
	duo_run(duo, 2 * IKE_SECOND);
	sa = sa_table_next(duo->core[DUO_A]->sas, &cursor);
	ck_assert_ptr_nonnull(quick_mode_first(duo->core[DUO_A], sa));
	sa_renew(duo->core[DUO_A], sa);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 2);
	sa_delete(duo->core[DUO_A], sa, IKE_WHY_REPLACED, true);
	duo_run(duo, 3 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_FAILED), 0);
	duo_free(duo);
}
END_TEST

/* And where there is no other SA it has failed, until there is one. */
START_TEST(test_ends_with_its_sa)
{
	struct duo *duo;
	uint32_t cursor = 0;

	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM1, .times = 3};
	duo = started(62, "aes128-sha1");
	duo_run(duo, 2 * IKE_SECOND);
	sa_delete(duo->core[DUO_A], sa_table_next(duo->core[DUO_A]->sas, &cursor), IKE_WHY_EXPIRED,
		  true);
	duo_run(duo, IKE_MILLISECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED)->why, IKE_WHY_EXPIRED);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("quick_mode_life", test_each_message_lost, test_each_message_twice, test_no_answer,
	  test_no_third_message, test_refused_at_once, test_an_old_refusal,
	  test_commit_and_nothing_more, test_connected_in_an_informational,
	  test_connected_in_a_fourth_message, test_a_flood_under_one_sa, test_limits_of_the_core,
	  test_out_of_memory, test_no_memory_is_lost, test_moves_to_another_sa,
	  test_ends_with_its_sa)
