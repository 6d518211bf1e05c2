/* SPDX-License-Identifier: ISC */
/*
 * test_nat_traversal_moves.c - a peer behind a NAT whose mapping changes is followed; whoever only recorded what it said is not; and
 * the mapping is kept open as long as somebody wants it.
 */
#include <string.h>

#include "ike/nat_traversal.h"
#include "ike/unknown_spi.h"
#include "tests/support/forge.h"
#include "tests/support/fragments.h"
#include "tests/support/siege.h"
#include "tests/support/translator.h"
#include "tests/support/unit.h"

static enum ike_verdict say(struct translator *translator, struct forge *forge,
			    const struct ike_address *from)
{
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length = forge_protected(forge, message, sizeof(message));

	return translator_send(translator, DUO_B, from, 4500, message, length);
}

static void expect_b_has_it_at(const struct translator *translator, const struct ike_address *there)
{
	struct ike_sa_status sa = translator_sa(translator, DUO_B);

	ck_assert_mem_eq(&sa.remote, there, sizeof(*there));
}

/* ---- followed ------------------------------------------------------------------------------------------------------ */

/* Other ports, and another address too: the next question repairs it, and its answer finds the way back. */
START_TEST(test_a_question_repairs_the_mapping)
{
	for (int other_address = 0; other_address < 2; other_address++) {
		struct translator *translator = translator_quiet(1, true, false);
		const struct ike_event *moved;

		if (other_address)
			translator_move(translator, DUO_A, "198.51.100.77");
		else
			translator_rebind(translator, DUO_A);
		/* in the other direction there is no way */
		translator_ask(translator, DUO_B);
		translator_run(translator, IKE_SECOND);
		ck_assert_uint_eq(translator_answers(translator, DUO_B), 0);
		ck_assert_uint_eq(translator->nowhere, 1);
		translator_ask(translator, DUO_A);
		translator_run(translator, IKE_SECOND);
		ck_assert_uint_eq(translator_answers(translator, DUO_A), 1);
		ck_assert_uint_eq(translator_moves(translator), 1);
		moved = duo_last(translator->duo, DUO_B, IKE_EVENT_MOVED);
		ck_assert_uint_eq(moved->remote.port, 41000);
		ck_assert_str_eq(moved->text, "192.0.2.1:40001");
		translator_ask(translator, DUO_B);
		translator_run(translator, IKE_SECOND);
		ck_assert_uint_eq(translator_answers(translator, DUO_B), 1);
		ck_assert_uint_eq(translator_moves(translator), 1);
		translator_free(translator);
	}
}
END_TEST

/* ESP that comes from there is known to be its own, and from nowhere else behind the same NAT. */
START_TEST(test_where_it_is_is_remembered)
{
	struct translator *translator = translator_quiet(14, true, false);
	const struct ike_core *core = translator->duo->core[DUO_B];
	struct ike_address there = translator_sa(translator, DUO_B).remote;

	ck_assert_ptr_nonnull(unknown_spi_sa_at(core, &there, 4500));
	translator_rebind(translator, DUO_A);
	translator_ask(translator, DUO_A);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_moves(translator), 1);
	there = translator_sa(translator, DUO_B).remote;
	ck_assert_ptr_nonnull(unknown_spi_sa_at(core, &there, 4500));
	ck_assert_ptr_null(unknown_spi_sa_at(core, &there, 500)); /* that would not be in UDP */
	there.port++;
	ck_assert_ptr_null(unknown_spi_sa_at(core, &there, 4500));
	translator_free(translator);
}
END_TEST

/* Whoever is asked from time to time does not die of a NAT that forgets: a day of it, an hour at a time. */
START_TEST(test_no_deaths_by_rebinding)
{
	struct translator *translator = translator_new(2, true, false);
	struct duo *duo = translator->duo;

	translator_start(translator);
	translator_establish(translator);
	for (int i = 0; i < 12; i++) {
		translator_rebind(translator, DUO_A);
		translator_run(translator, 90 * IKE_SECOND);
		translator->datagrams = 0; /* all delivered */
	}
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_DELETED), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_DELETED), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_MOVED), 12);
	translator_free(translator);
}
END_TEST

/* The gateway's own address changes behind our back: we follow as well. */
START_TEST(test_the_initiator_follows_too)
{
	struct translator *translator = translator_quiet(3, false, true);

	translator->host[DUO_B].forwards = false;
	translator_move(translator, DUO_B, "198.51.100.9");
	translator_ask(translator, DUO_B);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_answers(translator, DUO_B), 1);
	ck_assert_uint_eq(duo_count(translator->duo, DUO_A, IKE_EVENT_MOVED), 1);
	ck_assert_uint_eq(translator_sa(translator, DUO_A).remote.port, 41000);
	translator_free(translator);
}
END_TEST

/* At every message of Phase 1 the mapping changes. */
static bool rebind_at_the_nth(struct translator *translator, struct translator_datagram *datagram)
{
	size_t nth = *(const size_t *)translator->context;

	(void)datagram;
	if (translator->datagrams == nth + 1)
		translator_rebind(translator, DUO_A);
	return true;
}

/*
 * After MM5 or MM6 was sent: MM6 finds no way, MM5 comes again from elsewhere, is known, and is answered there.  That does not move the
 * SA, for anybody may have recorded it; the first thing that A says then does.  Before that, MM3 from another port than MM1's is
 * not looked at, and A calls anew.
 */
START_TEST(test_rebinding_in_phase_1)
{
	for (size_t nth = 3; nth < 6; nth++) {
		struct translator *translator = translator_new(4, true, false);

		translator->deliver = rebind_at_the_nth;
		translator->context = &nth;
		translator->duo->keepalive[DUO_A].plan.mode = KEEPALIVE_OFF;
		translator->duo->keepalive[DUO_B].plan.mode = KEEPALIVE_OFF;
		translator_start(translator);
		if (nth == 3) {
			/* MM4 itself is what is lost, and MM3 comes again from where MM4 cannot be sent */
			duo_connect(translator->duo, DUO_A);
			translator_run(translator, 120 * IKE_SECOND);
			ck_assert_uint_eq(duo_established(translator->duo, DUO_A), 1);
			translator_free(translator);
			continue;
		}
		translator_establish(translator);
		ck_assert_uint_eq(siege_verdicts(translator->duo, DUO_B, IKE_DUPLICATE), 1);
		ck_assert_uint_eq(
		    duo_last(translator->duo, DUO_B, IKE_EVENT_ESTABLISHED)->remote.port, 40001);
		ck_assert_uint_eq(translator->datagram[7].destination.port, 41000); /* MM6 again */
		/* INITIAL-CONTACT, under the SA and no repeat */
		ck_assert_uint_eq(translator_moves(translator), 1);
		ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 41000);
		translator_free(translator);
	}
}
END_TEST

/* MM5 leaves from another address of the same NAT; what answers it is lost. */
static bool mm5_from_another_host(struct translator *translator,
				  struct translator_datagram *datagram)
{
	(void)translator;
	if (datagram->from == DUO_A && (datagram->data[19] & IKE_FLAG_ENCRYPTION) != 0)
		datagram->source.octets[3] = 201;
	return true;
}

/* Each handshake is counted for where it is, and for nowhere when it is over. */
START_TEST(test_sources_are_counted_where_they_are)
{
	struct translator *translator = translator_new(5, true, false);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE};
	const struct ike_core *core;
	size_t counted = 0;

	translator->deliver = mm5_from_another_host;
	translator_start(translator);
	core = translator->duo->core[DUO_B];
	duo_connect(translator->duo, DUO_A);
	translator_run(translator, 600 * IKE_MILLISECOND);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.octets[3], 201);
	ck_assert_uint_eq(core->handshakes, 1);
	for (size_t i = 0; i < SOURCE_COUNTERS; i++)
		counted += core->sources.count[i];
	ck_assert_uint_eq(counted, 0); /* MM6 is kept, and nothing is half-open */
	(void)ike_command(translator->duo->core[DUO_A], translator->duo->now, &close);
	translator_run(translator, 60 * IKE_SECOND);
	counted = 0;
	ck_assert_uint_eq(core->handshakes, 0);
	for (size_t i = 0; i < SOURCE_COUNTERS; i++)
		counted += core->sources.count[i];
	ck_assert_uint_eq(counted, 0);
	translator_free(translator);
}
END_TEST

/* ---- not followed -------------------------------------------------------------------------------------------------- */

/* Everything that was said, from elsewhere: as it was, with any bit another, and what B has said itself (R124). */
START_TEST(test_recorded_messages_move_nothing)
{
	struct translator *translator = translator_quiet(6, true, false);
	struct duo *duo = translator->duo;
	struct ike_address there = translator_elsewhere(),
			   was = translator_sa(translator, DUO_B).remote;
	size_t recorded;
	uint64_t before;

	for (int i = 0; i < 3; i++) {
		translator_ask(translator, DUO_A);
		translator_ask(translator, DUO_B);
		translator_run(translator, 2 * IKE_SECOND);
	}
	ck_assert_uint_eq(
	    translator_answers(translator, DUO_A) + translator_answers(translator, DUO_B), 6);
	recorded = translator->datagrams;
	before = siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS);
	for (size_t i = 2; i < recorded; i++) {
		struct translator_datagram *datagram = &translator->datagram[i];

		(void)translator_send(translator, DUO_B, &there, 4500, datagram->data,
				      datagram->length);
		for (size_t bit = 0; bit < 8 * datagram->length; bit += 5) {
			datagram->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			(void)translator_send(translator, DUO_B, &there, 4500, datagram->data,
					      datagram->length);
			datagram->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	expect_b_has_it_at(translator, &was);
	ck_assert_uint_eq(siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS), before);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_moves(translator), 0);
	/* our own R-U-THERE goes to where the peer is */
	translator_ask(translator, DUO_B);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_answers(translator, DUO_B), 4);
	translator_free(translator);
}
END_TEST

/*
 * R124.  A recorded R-U-THERE whose message ID has been forgotten meanwhile: its number is the last one or an older one.  The last one may be
 * answered again, to where it comes from, since strongSwan repeats its number and may do so from a new mapping; but it moves nothing.
 */
START_TEST(test_an_old_number_moves_nothing)
{
	struct translator *translator = translator_quiet(7, true, false);
	struct ike_address there = translator_elsewhere(),
			   was = translator_sa(translator, DUO_B).remote;
	uint8_t first[IKE_DATAGRAM_MAX];
	struct forge forge;
	size_t length, before;

	forge_from(&forge, translator->duo, DUO_A);
	forge_r_u_there(&forge, 1000);
	ck_assert_int_eq(say(translator, &forge, &was), IKE_ACCEPTED);
	length = forge_protected(&forge, first, sizeof(first));
	for (int i = 0; i < 2 * (IKE_RECENT_IDS + IKE_OTHER_IDS); i++) {
		forge_from(&forge, translator->duo, DUO_A);
		forge_notify(&forge, IKE_NOTIFY_CONNECTED);
		(void)say(translator, &forge, &was);
	}
	translator_run(translator, 2 * IKE_SECOND);
	before = translator->datagrams;
	ck_assert_int_eq(translator_send(translator, DUO_B, &there, 4500, first, length),
			 IKE_ACCEPTED);
	expect_b_has_it_at(translator, &was);
	translator_run(translator, 0);
	ck_assert_uint_eq(translator->datagrams, before + 1);
	ck_assert_mem_eq(&translator->datagram[before].destination, &there, sizeof(there));
	/* with a number that has passed there is not even that */
	forge_from(&forge, translator->duo, DUO_A);
	forge_r_u_there(&forge, 1001);
	ck_assert_int_eq(say(translator, &forge, &was), IKE_ACCEPTED);
	for (int i = 0; i < 2 * IKE_RECENT_IDS; i++) {
		forge_from(&forge, translator->duo, DUO_A);
		forge_notify(&forge, IKE_NOTIFY_CONNECTED);
		(void)say(translator, &forge, &was);
	}
	(void)translator_send(translator, DUO_B, &there, 4500, first, length);
	expect_b_has_it_at(translator, &was);
	/* nor does a notification that only its message ID proved, once that may have been forgotten */
	forge_from(&forge, translator->duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_CONNECTED);
	(void)say(translator, &forge, &there);
	expect_b_has_it_at(translator, &was);
	ck_assert_uint_eq(translator_moves(translator), 0);
	translator_free(translator);
}
END_TEST

/* An old rumour from elsewhere is a reason to ask, and what is asked is the peer, where it is. */
START_TEST(test_questions_go_to_where_the_peer_is)
{
	struct translator *translator = translator_new(17, true, false);
	struct ike_address there = translator_elsewhere(), was;
	struct forge forge;
	size_t before;

	translator->duo->keepalive[DUO_A].plan.mode = KEEPALIVE_OFF;
	translator_start(translator);
	translator_establish(translator);
	was = translator_sa(translator, DUO_B).remote;
	for (int i = 0; i < IKE_OTHER_IDS + 1; i++) {
		forge_from(&forge, translator->duo, DUO_A);
		forge_notify(&forge, IKE_NOTIFY_CONNECTED);
		(void)say(translator, &forge, &was);
	}
	translator_run(translator, 2 * IKE_SECOND);
	before = translator->datagrams;
	forge_from(&forge, translator->duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_SPI);
	(void)say(translator, &forge, &there);
	translator_run(translator, 0);
	ck_assert_uint_eq(translator->datagrams, before + 1);
	ck_assert_mem_eq(&translator->datagram[before].destination, &was, sizeof(was));
	expect_b_has_it_at(translator, &was);
	translator_free(translator);
}
END_TEST

/* What remains possible: to hold a message back and be the first to deliver it.  It lasts until the next one comes. */
START_TEST(test_a_message_held_back_moves_until_the_next)
{
	struct translator *translator = translator_quiet(8, true, false);
	struct ike_address there = translator_elsewhere(),
			   was = translator_sa(translator, DUO_B).remote;
	struct forge forge;

	forge_from(&forge, translator->duo, DUO_A);
	forge_r_u_there(&forge, 1000);
	ck_assert_int_eq(say(translator, &forge, &there), IKE_ACCEPTED);
	expect_b_has_it_at(translator, &there);
	ck_assert_int_eq(say(translator, &forge, &was), IKE_REUSED_MESSAGE_ID);
	expect_b_has_it_at(translator, &there);
	forge_from(&forge, translator->duo, DUO_A);
	forge_r_u_there(&forge, 1001);
	ck_assert_int_eq(say(translator, &forge, &was), IKE_ACCEPTED);
	expect_b_has_it_at(translator, &was);
	translator_free(translator);
}
END_TEST

/* Where no NAT was found before the peer the address is the address, the port included (R138). */
START_TEST(test_an_sa_without_nat_stays)
{
	for (int row = 0; row < 3; row++) {
		struct translator *translator = translator_quiet(9, false, row == 1);
		struct ike_address was = translator_sa(translator, DUO_B).remote;
		struct ike_address there = row == 2 ? was : translator_elsewhere();
		struct forge forge;

		there.port = 4501;
		forge_from(&forge, translator->duo, DUO_A);
		forge_r_u_there(&forge, 1000);
		ck_assert_int_eq(say(translator, &forge, &there), IKE_OTHER_ADDRESS);
		expect_b_has_it_at(translator, &was);
		translator_free(translator);
	}
}
END_TEST

/* A NAT before the peer opens the other port only, and there only what is protected. */
START_TEST(test_what_may_not_come_from_elsewhere)
{
	struct translator *translator = translator_quiet(10, true, false);
	struct ike_address there = translator_elsewhere();
	uint8_t message[IKE_DATAGRAM_MAX];
	struct forge forge;
	size_t length;

	translator->duo->peer[DUO_B].fragmentation = true;
	translator_run(translator, 60 * IKE_SECOND); /* MM6 is no longer kept */
	forge_from(&forge, translator->duo, DUO_A);
	forge_r_u_there(&forge, 1000);
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_eq(translator_send(translator, DUO_B, &there, 500, message, length),
			 IKE_OTHER_ADDRESS);
	forge.exchange = IKE_EXCHANGE_MAIN_MODE;
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_eq(translator_send(translator, DUO_B, &there, 4500, message, length),
			 IKE_OTHER_ADDRESS);
	forge_from(&forge, translator->duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_COOKIE);
	length = forge_clear(&forge, message, sizeof(message));
	ck_assert_int_eq(translator_send(translator, DUO_B, &there, 4500, message, length),
			 IKE_OTHER_ADDRESS);
	for (unsigned i = 1; i <= fragments_count(octets_of(message, length), 40); i++) {
		struct caller caller;

		fragments_cut(&caller, octets_of(message, length), 1, i, 40);
		ck_assert_int_eq(
		    translator_send(translator, DUO_B, &there, 4500, caller.data, caller.length),
		    i < fragments_count(octets_of(message, length), 40) ? IKE_ACCEPTED
									: IKE_OTHER_ADDRESS);
	}
	forge.exchange = IKE_EXCHANGE_QUICK_MODE;
	length = forge_clear(&forge, message, sizeof(message));
	ck_assert_int_eq(translator_send(translator, DUO_B, &there, 4500, message, length),
			 IKE_OTHER_ADDRESS);
	ck_assert_uint_eq(translator_moves(translator), 0);
	translator_free(translator);
}
END_TEST

UNIT_MAIN("nat_traversal_moves", test_where_it_is_is_remembered,
	  test_a_question_repairs_the_mapping, test_no_deaths_by_rebinding,
	  test_the_initiator_follows_too, test_rebinding_in_phase_1,
	  test_sources_are_counted_where_they_are, test_recorded_messages_move_nothing,
	  test_an_old_number_moves_nothing, test_questions_go_to_where_the_peer_is,
	  test_a_message_held_back_moves_until_the_next, test_an_sa_without_nat_stays,
	  test_what_may_not_come_from_elsewhere)
