/* SPDX-License-Identifier: ISC */
/*
 * test_nat_traversal_float.c - floating before anybody has proved anything, in fragments too; and the mapping that is kept open.
 */
#include <string.h>

#include "ike/nat_traversal.h"
#include "tests/support/forge.h"
#include "tests/support/fragments.h"
#include "tests/support/siege.h"
#include "tests/support/translator.h"
#include "tests/support/unit.h"

/* ---- floating before anybody has proved anything ------------------------------------------------------------------- */

struct stranger {
	uint16_t port;
	struct ike_address from;
	enum ike_verdict verdict;
	bool done;
};

/* As soon as A sends MM5, a stranger's is there first. */
static bool strangers_mm5(struct translator *translator, struct translator_datagram *datagram)
{
	struct stranger *stranger = translator->context;
	struct random_source random;
	struct caller caller;

	if (datagram->from != DUO_A || (datagram->data[19] & IKE_FLAG_ENCRYPTION) == 0 ||
	    stranger->done)
		return true;
	stranger->done = true;
	random_system(&random);
	(void)caller_message_5(&caller, datagram->data, datagram->data + 8, &random, 6);
	stranger->verdict = translator_send(translator, DUO_B, &stranger->from, stranger->port,
					    caller.data, caller.length);
	return true;
}

START_TEST(test_a_strangers_float)
{
	for (int row = 0; row < 6; row++) {
		bool nat = row < 3;
		struct translator *translator = translator_new(11, nat, false);
		struct stranger stranger = {.port = row % 3 == 2 ? 500 : 4500,
					    .from = translator_elsewhere()};

		if (row % 3 == 1) { /* from A's own address, another port */
			stranger.from = translator->host[DUO_A].outside;
			stranger.from.port = 4567;
		}
		translator->deliver = strangers_mm5;
		translator->context = &stranger;
		translator_start(translator);
		translator_establish(translator);
		ck_assert(stranger.done);
		ck_assert_int_eq(stranger.verdict, row == 0 || row == 1 || row == 4
						       ? IKE_UNREADABLE
						       : IKE_OTHER_ADDRESS);
		ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, nat ? 40001 : 500);
		translator_free(translator);
	}
}
END_TEST

/* Before the proof is due nothing floats, be it from the same host: MM3 that is on its way is held back, and another one comes first. */
static bool mm3_from_another_port(struct translator *translator,
				  struct translator_datagram *datagram)
{
	struct stranger *stranger = translator->context;

	if (datagram->from != DUO_A || stranger->done ||
	    datagram->data[IKE_HEADER_NEXT_PAYLOAD_AT] != IKE_PAYLOAD_KE)
		return true;
	stranger->done = true;
	stranger->from = datagram->source;
	stranger->from.port++;
	stranger->verdict = translator_send(translator, DUO_B, &stranger->from, 4500,
					    datagram->data, datagram->length);
	return true;
}

START_TEST(test_only_the_proof_floats)
{
	struct translator *translator = translator_new(16, true, false);
	struct stranger stranger = {.done = false};

	translator->deliver = mm3_from_another_port;
	translator->context = &stranger;
	translator_start(translator);
	translator_establish(translator);
	ck_assert(stranger.done);
	ck_assert_int_eq(stranger.verdict, IKE_OTHER_ADDRESS);
	translator_free(translator);
}
END_TEST

/* MM5 in fragments, from the other port: each of them comes from where the handshake is not yet. */
static bool cut_mm5(struct translator *translator, struct translator_datagram *datagram)
{
	struct octets message = octets_of(datagram->data, datagram->length);

	if (datagram->from != DUO_A || (datagram->data[19] & IKE_FLAG_ENCRYPTION) == 0 ||
	    datagram->data[18] != IKE_EXCHANGE_MAIN_MODE)
		return true;
	for (unsigned i = 1; i <= fragments_count(message, 50); i++) {
		struct caller caller;

		fragments_cut(&caller, message, 1, i, 50);
		ck_assert_int_eq(translator_send(translator, DUO_B, &datagram->source, 4500,
						 caller.data, caller.length),
				 IKE_ACCEPTED);
	}
	return false;
}

/* The parts of one message come from one place: half of it from elsewhere makes nothing whole. */
static bool cut_mm5_between_two(struct translator *translator, struct translator_datagram *datagram)
{
	struct octets message = octets_of(datagram->data, datagram->length);
	struct ike_address source = datagram->source;

	if (datagram->from != DUO_A || (datagram->data[19] & IKE_FLAG_ENCRYPTION) == 0)
		return true;
	for (unsigned i = 1; i <= fragments_count(message, 60); i++, source.port++) {
		struct caller caller;

		fragments_cut(&caller, message, 1, i, 60);
		ck_assert_int_eq(
		    translator_send(translator, DUO_B, &source, 4500, caller.data, caller.length),
		    IKE_ACCEPTED);
	}
	ck_assert_uint_eq(duo_established(translator->duo, DUO_B), 0);
	translator->deliver = NULL;
	return true; /* and now as it is */
}

START_TEST(test_fragments_of_two_places_are_two_messages)
{
	struct translator *translator = translator_new(18, true, false);

	translator->duo->peer[DUO_B].fragmentation = true;
	translator->deliver = cut_mm5_between_two;
	translator_start(translator);
	translator_establish(translator);
	ck_assert_ptr_null(translator->deliver);
	translator_free(translator);
}
END_TEST

START_TEST(test_mm5_floats_in_fragments)
{
	struct translator *translator = translator_new(12, true, false);

	translator->duo->peer[DUO_B].fragmentation = true;
	translator->deliver = cut_mm5;
	translator_start(translator);
	translator_establish(translator);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 40001);
	translator_free(translator);
}
END_TEST

/* A peer that sends from one port of its own all the time: when it floats, it is our port that is another. */
static bool one_source_port(struct translator *translator, struct translator_datagram *datagram)
{
	(void)translator;
	if (datagram->from == DUO_A)
		datagram->source.port = 40000;
	return true;
}

START_TEST(test_a_float_that_keeps_its_port)
{
	struct translator *translator = translator_new(19, true, false);
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};

	translator->duo->keepalive[DUO_A].plan.mode = KEEPALIVE_OFF;
	translator->duo->keepalive[DUO_B].plan.mode = KEEPALIVE_OFF;
	translator->deliver = one_source_port;
	translator_start(translator);
	duo_connect(translator->duo, DUO_A);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(duo_established(translator->duo, DUO_B), 1);
	ck_assert(ike_command(translator->duo->core[DUO_B], translator->duo->now, &ask));
	translator_run(translator, 0);
	ck_assert_uint_eq(translator->datagram[translator->datagrams - 1].source.port, 4500);
	ck_assert_uint_eq(translator->datagram[translator->datagrams - 1].destination.port, 40000);
	translator_free(translator);
}
END_TEST

/* ---- the mapping kept open ----------------------------------------------------------------------------------------- */

#define SLACK (2 * IKE_MILLISECOND) /* a tick of the timers, and what is left of one */

static size_t keepalives_until(struct translator *translator, ike_time duration)
{
	size_t before = translator->keepalives[DUO_A];

	translator_run(translator, duration);
	return translator->keepalives[DUO_A] - before;
}

START_TEST(test_keepalives_come_every_20_seconds)
{
	struct translator *translator = translator_new(13, true, false);
	struct duo *duo = translator->duo;
	const struct ike_event *up;

	duo->keepalive[DUO_A].plan.mode = duo->keepalive[DUO_B].plan.mode = KEEPALIVE_OFF;
	translator->mapping_life = 30 * IKE_SECOND;
	translator_start(translator);
	translator_establish(translator);
	up = duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED);
	translator_run(translator, up->at + NAT_T_KEEPALIVE - 1 - duo->now);
	ck_assert_uint_eq(translator->keepalives[DUO_A], 0);
	ck_assert_uint_eq(keepalives_until(translator, SLACK), 1);
	ck_assert_uint_eq(translator->datagram[translator->datagrams - 1].source.port, 40001);
	ck_assert_uint_eq(translator->datagram[translator->datagrams - 1].destination.port, 4500);
	ck_assert_uint_eq(keepalives_until(translator, 10 * (NAT_T_KEEPALIVE + SLACK)), 10);
	/* something else was sent: then not before it is 20 s old, though nobody has armed a timer anew */
	translator_run(translator, 15 * IKE_SECOND);
	translator_ask(translator, DUO_A);
	ck_assert_uint_eq(keepalives_until(translator, NAT_T_KEEPALIVE - 1), 0);
	ck_assert_uint_eq(keepalives_until(translator, SLACK), 1);
	/* the NAT that forgets after 30 s has not, and B is silent: no NAT is before it */
	translator_ask(translator, DUO_B);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_answers(translator, DUO_B), 1);
	ck_assert_uint_eq(translator->keepalives[DUO_B], 0);
	ck_assert_uint_eq(translator_moves(translator), 0);
	ck_assert_uint_eq(duo->core[DUO_A]->counter[IKE_COUNT_NAT_KEEPALIVES],
			  translator->keepalives[DUO_A]);
	translator_free(translator);
}
END_TEST

static struct ike_sa *the_sa(const struct translator *translator, enum duo_node node)
{
	struct ike_sa_status status = translator_sa(translator, node);

	return sa_table_find(translator->duo->core[node]->sas, status.cky_i, status.cky_r);
}

/* One for each mapping: an SA that another has taken over from is silent, and so is one without NAT. */
START_TEST(test_no_more_keepalives_than_mappings)
{
	struct translator *translator = translator_new(14, true, false);
	struct duo *duo = translator->duo;

	duo->keepalive[DUO_A].plan.mode = duo->keepalive[DUO_B].plan.mode = KEEPALIVE_OFF;
	duo->peer[DUO_A].lifetime = 300;
	translator_start(translator);
	translator_establish(translator);
	translator_run(translator, 600 * IKE_SECOND);
	ck_assert_uint_ge(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 2);
	ck_assert_uint_ge(translator->keepalives[DUO_A], 26);
	ck_assert_uint_le(translator->keepalives[DUO_A], 30);
	ck_assert_uint_eq(translator->keepalives[DUO_B], 0);
	translator_free(translator);
	translator = translator_quiet(15, true, false);
	the_sa(translator, DUO_A)->superseded = true;
	translator_run(translator, 600 * IKE_SECOND);
	ck_assert_uint_eq(translator->keepalives[DUO_A], 0);
	translator_free(translator);
	translator = translator_quiet(15, false, false);
	translator_run(translator, 600 * IKE_SECOND);
	ck_assert_uint_eq(translator->keepalives[DUO_A] + translator->keepalives[DUO_B], 0);
	translator_free(translator);
}
END_TEST

/* As many local addresses as SAs may be: to float, one is held more for a moment.  Both ports are the other one, or none is. */
START_TEST(test_floats_at_the_limit_of_sas)
{
	for (uint32_t sas = 1; sas <= 2; sas++) {
		struct duo *duo = duo_new(12);
		uint32_t cursor = 0;
		const struct ike_sa *sa;

		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			duo->settings[node].nat_t_port = 4500;
			duo->peer[node].nat_traversal = duo->peer[node].encapsulate = true;
		}
		duo->settings[DUO_A].limits.sas = sas;
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, IKE_SECOND);
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_OVERLOAD), 0);
		sa = sa_table_next(duo->core[DUO_A]->sas, &cursor);
		ck_assert_ptr_nonnull(sa);
		ck_assert_uint_eq(sa_local(duo->core[DUO_A], sa)->port, 4500);
		ck_assert_uint_eq(sa->remote.port, 4500);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("nat_traversal_float", test_a_strangers_float, test_floats_at_the_limit_of_sas,
	  test_only_the_proof_floats, test_fragments_of_two_places_are_two_messages,
	  test_mm5_floats_in_fragments, test_a_float_that_keeps_its_port,
	  test_keepalives_come_every_20_seconds, test_no_more_keepalives_than_mappings)
