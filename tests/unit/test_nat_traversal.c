/* SPDX-License-Identifier: ISC */
/*
 * test_nat_traversal.c - agreed or not, found or not, and on which port everything is afterwards.  Peers that move and those who would
 * like to move them are in test_nat_traversal_moves.c.
 */
#include <string.h>

#include "ike/nat_traversal.h"
#include "tests/support/caller.h"
#include "tests/support/siege.h"
#include "tests/support/translator.h"
#include "tests/support/unit.h"

static const struct ike_payload *payload_of(const struct translator_datagram *datagram,
					    struct ike_message *message, enum ike_payload_type type)
{
	struct octets octets = octets_of(datagram->data, datagram->length);

	ck_assert_int_eq(ike_header_parse(octets, &message->header), IKE_ACCEPTED);
	if ((message->header.flags & IKE_FLAG_ENCRYPTION) != 0)
		return NULL;
	ck_assert_int_eq(ike_payloads_parse(octets_of(octets.data + IKE_HEADER_LENGTH,
						      octets.length - IKE_HEADER_LENGTH),
					    false, 0, message),
			 IKE_ACCEPTED);
	return ike_payload_find(message, type);
}

static size_t count_of(const struct translator_datagram *datagram, enum ike_payload_type type)
{
	struct ike_message message;
	const struct ike_payload *payload = payload_of(datagram, &message, type);
	size_t count = 0;

	for (; payload != NULL; payload = ike_payload_next(&message, payload))
		count++;
	return count;
}

static void expect_keepalive_works(struct translator *translator)
{
	struct duo *duo = translator->duo;
	size_t before = duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE);
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), before + 1);
}

/* ---- found --------------------------------------------------------------------------------------------------------- */

/* On either side, both, none; with the RFC's form, or one of the drafts; or where one of them says so although there is none. */
START_TEST(test_wherever_the_nat_is)
{
	for (unsigned row = 0; row < 16; row++) {
		bool a = (row & 1) != 0, b = (row & 2) != 0;
		bool a_lies = (row & 4) != 0, b_lies = (row & 8) != 0;
		bool floats = a || b || a_lies || b_lies;
		struct translator *translator = translator_new((uint8_t)row, a, b);
		struct ike_sa_status sa[DUO_NODES];
		const struct ike_event *event;

		translator->duo->peer[DUO_A].encapsulate = a_lies;
		translator->duo->peer[DUO_B].encapsulate = b_lies;
		translator_start(translator);
		translator_establish(translator);
		sa[DUO_A] = translator_sa(translator, DUO_A);
		sa[DUO_B] = translator_sa(translator, DUO_B);
		ck_assert_int_eq(sa[DUO_A].nat_here, a);
		ck_assert_int_eq(sa[DUO_A].nat_there, b || b_lies);
		ck_assert_int_eq(sa[DUO_B].nat_here, b);
		ck_assert_int_eq(sa[DUO_B].nat_there, a || a_lies);
		ck_assert_uint_eq(sa[DUO_A].remote.port, floats ? 4500 : 500);
		ck_assert_uint_eq(sa[DUO_B].remote.port, !floats ? 500 : a ? 40001 : 4500);
		event = duo_last(translator->duo, DUO_B, IKE_EVENT_ESTABLISHED);
		ck_assert_int_eq(event->nat_here, b);
		ck_assert_int_eq(event->nat_there, a || a_lies);
		ck_assert_uint_eq(event->remote.port, sa[DUO_B].remote.port);
		/* MM1 to MM4 on 500, all that follows on the other port */
		for (size_t i = 0; i < translator->datagrams; i++)
			ck_assert_uint_eq(translator->datagram[i].from == DUO_A
					      ? translator->datagram[i].destination.port
					      : translator->datagram[i].source.port,
					  floats && i >= 4 ? 4500 : 500);
		expect_keepalive_works(translator);
		ck_assert_uint_eq(duo_count(translator->duo, DUO_B, IKE_EVENT_MOVED), 0);
		translator_free(translator);
	}
}
END_TEST

/* Destination first, then source: the octets of RFC 3947 section 3.2, computed here once more. */
START_TEST(test_the_hashes)
{
	struct translator *translator = translator_new(1, true, false);
	const struct translator_datagram *mm3;
	struct crypto *crypto = crypto_new();
	const struct ike_payload *payload;
	struct ike_message message;
	uint8_t input[22], digest[HASH_MAX_LENGTH];
	const struct octets part = octets_of(input, sizeof(input));

	translator_start(translator);
	translator_establish(translator);
	mm3 = &translator->datagram[2];
	memcpy(input, mm3->data, 16);
	payload = payload_of(mm3, &message, IKE_PAYLOAD_NAT_D);
	ck_assert_ptr_nonnull(payload);
	(void)unit_hex("c0000202 01f4", input + 16, 6);
	hash_octets(crypto, HASH_SHA1, &part, 1, digest);
	ck_assert_uint_eq(payload->body.length, 20);
	ck_assert_mem_eq(payload->body.data, digest, 20);
	payload = ike_payload_next(&message, payload);
	ck_assert_ptr_nonnull(payload);
	(void)unit_hex("0a000101 01f4", input + 16, 6);
	hash_octets(crypto, HASH_SHA1, &part, 1, digest);
	ck_assert_mem_eq(payload->body.data, digest, 20);
	ck_assert_ptr_null(ike_payload_next(&message, payload));
	crypto_free(crypto);
	translator_free(translator);
}
END_TEST

/* ---- agreed -------------------------------------------------------------------------------------------------------- */

static bool change_vendor_ids(struct translator *translator, struct translator_datagram *datagram)
{
	static const uint8_t names[][16] = {{0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c,
					     0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f},
					    {0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08,
					     0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f}};
	const char *const *replacement = translator->context;
	uint8_t octets[16];

	for (size_t at = 0; at + 16 <= datagram->length; at++)
		for (size_t i = 0; i < 2; i++)
			if (datagram->from == DUO_A && replacement[i] != NULL &&
			    memcmp(datagram->data + at, names[i], 16) == 0) {
				(void)unit_hex(replacement[i], octets, sizeof(octets));
				memcpy(datagram->data + at, octets, 16);
				return change_vendor_ids(translator, datagram);
			}
	return true;
}

#define NOBODY   "00000000000000000000000000000001"
#define RFC_3947 "4a131c81070358455c5728f20e95452f"
#define DRAFT_03 "7d9419a65310ca6f2c179d9215529d56"
#define DRAFT_02 "cd60464335df21f87cfdb2fc68b6a448"
#define DRAFT_2N "90cb80913ebb696e086381b5ec427b1f"
#define DRAFT_00 "4485152d18b6bbcd0be8a8469579ddcc"

/* What an initiator may offer, and the one answer.  An older draft than 02 has no other port, and is not answered. */
START_TEST(test_the_best_one_is_taken)
{
	static const struct {
		const char *offer[2], *answer;
		bool draft;
	} row[] = {
	    {{NULL, NULL}, RFC_3947, false},      {{NOBODY, NULL}, DRAFT_2N, true},
	    {{DRAFT_02, NOBODY}, DRAFT_02, true}, {{DRAFT_02, DRAFT_03}, DRAFT_03, true},
	    {{DRAFT_02, NULL}, DRAFT_02, true},   {{DRAFT_00, NOBODY}, NULL, false},
	    {{NOBODY, NOBODY}, NULL, false},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct translator *translator = translator_new(2, true, false);
		const char *offer[2] = {row[i].offer[0], row[i].offer[1]};
		const struct ike_payload *payload;
		struct ike_message message;
		size_t answers = 0;
		uint8_t expected[16];

		translator->deliver = change_vendor_ids;
		translator->context = offer;
		translator_start(translator);
		translator_establish(translator);
		payload = payload_of(&translator->datagram[1], &message, IKE_PAYLOAD_VENDOR_ID);
		for (; payload != NULL; payload = ike_payload_next(&message, payload)) {
			if (payload->body.data[0] == 0xaf)
				continue; /* DPD */
			answers++;
			ck_assert_ptr_nonnull(row[i].answer);
			(void)unit_hex(row[i].answer, expected, sizeof(expected));
			ck_assert_mem_eq(payload->body.data, expected, 16);
		}
		ck_assert_uint_eq(answers, row[i].answer != NULL);
		ck_assert_uint_eq(count_of(&translator->datagram[3], IKE_PAYLOAD_NAT_D),
				  row[i].answer != NULL && !row[i].draft ? 2 : 0);
		ck_assert_uint_eq(count_of(&translator->datagram[3], IKE_PAYLOAD_NAT_D_DRAFT),
				  row[i].draft ? 2 : 0);
		ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port,
				  row[i].answer != NULL ? 40001 : 40000);
		ck_assert_uint_eq(translator_sa(translator, DUO_A).remote.port,
				  row[i].answer != NULL ? 4500 : 500);
		expect_keepalive_works(translator);
		translator_free(translator);
	}
}
END_TEST

/* Neither where the node has no port for it, nor where the peer is not to have it: not a word about it. */
START_TEST(test_off_at_either_end)
{
	for (unsigned row = 0; row < 4; row++) {
		enum duo_node node = row & 1 ? DUO_A : DUO_B;
		struct translator *translator = translator_new(3, true, false);

		if (row & 2)
			translator->duo->settings[node].nat_t_port = 0;
		else
			translator->duo->peer[node].nat_traversal = false;
		translator_start(translator);
		translator_establish(translator);
		for (size_t i = 0; i < translator->datagrams; i++) {
			const struct translator_datagram *datagram = &translator->datagram[i];

			ck_assert_uint_eq(datagram->from == DUO_A ? datagram->destination.port
								  : datagram->source.port,
					  500);
			ck_assert_uint_eq(count_of(datagram, IKE_PAYLOAD_NAT_D), 0);
			if (datagram->from == node)
				ck_assert_uint_eq(count_of(datagram, IKE_PAYLOAD_VENDOR_ID), i < 2);
		}
		expect_keepalive_works(translator);
		translator_free(translator);
	}
}
END_TEST

/* The other settings' first message is as it always was; with it, MM2 is never longer than MM1. */
START_TEST(test_the_answer_is_not_longer)
{
	struct translator *translator = translator_new(4, false, false);

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		translator->duo->peer[node].fragmentation = true;
	translator_start(translator);
	translator_establish(translator);
	ck_assert_uint_le(translator->datagram[1].length, translator->datagram[0].length);
	ck_assert_uint_eq(count_of(&translator->datagram[0], IKE_PAYLOAD_VENDOR_ID), 4);
	ck_assert_uint_eq(count_of(&translator->datagram[1], IKE_PAYLOAD_VENDOR_ID), 3);
	ck_assert(translator->duo->core[DUO_A] != NULL);
	translator_free(translator);
}
END_TEST

/* ---- NAT-D that is wrong ------------------------------------------------------------------------------------------- */

struct edit {
	size_t keep;   /* NAT-D payloads of the message that stay */
	size_t add;    /* and how many are put behind it */
	size_t length; /* octets of each of those */
};

/* MM3 is taken apart and made anew. */
static bool edit_nat_d(struct translator *translator, struct translator_datagram *datagram)
{
	const struct edit *edit = translator->context;
	struct ike_message message;
	struct caller caller;
	uint8_t noise[64] = {1};
	size_t kept = 0;

	if (datagram->from != DUO_A || payload_of(datagram, &message, IKE_PAYLOAD_NAT_D) == NULL)
		return true;
	caller_begin(&caller, IKE_EXCHANGE_MAIN_MODE, datagram->data, datagram->data + 8);
	for (size_t i = 0; i < message.payloads; i++)
		if (message.payload[i].type != IKE_PAYLOAD_NAT_D || kept++ < edit->keep)
			caller_payload(&caller, message.payload[i].type, message.payload[i].body);
	for (size_t i = 0; i < edit->add; i++)
		caller_payload(&caller, IKE_PAYLOAD_NAT_D, octets_of(noise, edit->length));
	datagram->length = caller_finish(&caller);
	memcpy(datagram->data, caller.data, caller.length);
	return true;
}

/* A lie makes both encapsulate; what cannot be a hash is refused, and the message may come again as it should be. */
START_TEST(test_nat_d_that_is_wrong)
{
	static const struct {
		struct edit edit;
		enum ike_verdict verdict;
		bool there;
	} row[] = {
	    {{0, 0, 0}, IKE_ACCEPTED, false},  /* absent: no NAT is looked for */
	    {{1, 0, 0}, IKE_BAD_NAT_D, false}, /* the destination alone */
	    {{0, 1, 20}, IKE_BAD_NAT_D, false},
	    {{0, 2, 20}, IKE_ACCEPTED, true},  /* two lies */
	    {{1, 1, 20}, IKE_ACCEPTED, true},  /* the source is one */
	    {{2, 1, 20}, IKE_ACCEPTED, false}, /* another address of the same peer */
	    {{2, 20, 20}, IKE_ACCEPTED, false},
	    {{2, 1, 0}, IKE_BAD_NAT_D, false},
	    {{2, 1, 19}, IKE_BAD_NAT_D, false},
	    {{2, 1, 21}, IKE_BAD_NAT_D, false},
	    {{0, 2, 16}, IKE_BAD_NAT_D, false},
	    {{0, 2, 32}, IKE_BAD_NAT_D, false},
	    {{2, 33, 20}, IKE_TOO_MANY_PAYLOADS, false},
	    {{0, 33, 20}, IKE_TOO_MANY_PAYLOADS, false},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct translator *translator = translator_new(5, false, false);
		struct edit edit = row[i].edit;

		translator->deliver = edit_nat_d;
		translator->context = &edit;
		translator_start(translator);
		duo_connect(translator->duo, DUO_A);
		translator_run(translator, 500 * IKE_MILLISECOND);
		ck_assert_uint_eq(siege_verdicts(translator->duo, DUO_B, row[i].verdict) > 0, 1);
		ck_assert_uint_eq(duo_established(translator->duo, DUO_B),
				  row[i].verdict == IKE_ACCEPTED);
		translator->deliver = NULL;
		translator_run(translator, 3 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(translator->duo, DUO_A), 1);
		ck_assert_uint_eq(duo_established(translator->duo, DUO_B), 1);
		ck_assert_int_eq(translator_sa(translator, DUO_B).nat_there, row[i].there);
		expect_keepalive_works(translator);
		translator_free(translator);
	}
}
END_TEST

/* ---- which port ---------------------------------------------------------------------------------------------------- */

/* A gateway that is configured with the other port is called there at once, and never leaves it. */
START_TEST(test_everything_on_the_other_port)
{
	for (unsigned row = 0; row < 4; row++) {
		struct translator *translator = translator_new(6, row & 1, false);

		translator->duo->peer[DUO_A].gateway[0].port = 4500;
		translator->duo->peer[DUO_A].nat_traversal = (row & 2) == 0;
		translator_start(translator);
		translator_establish(translator);
		for (size_t i = 0; i < translator->datagrams; i++)
			if (translator->datagram[i].from == DUO_A)
				ck_assert_uint_eq(translator->datagram[i].destination.port, 4500);
			else
				ck_assert_uint_eq(translator->datagram[i].source.port, 4500);
		ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port,
				  row & 1 ? 40000 : 4500);
		expect_keepalive_works(translator);
		translator_free(translator);
	}
}
END_TEST

/* The SA that takes over is negotiated where the old one is, by whichever side begins. */
START_TEST(test_renewal_begins_on_the_other_port)
{
	struct translator *translator = translator_new(7, true, false);
	struct duo *duo = translator->duo;
	size_t before;

	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 60;
	translator_start(translator);
	translator_establish(translator);
	before = translator->datagrams;
	translator_run(translator, 58 * IKE_SECOND);
	ck_assert_uint_ge(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 1);
	for (size_t i = before; i < translator->datagrams; i++)
		ck_assert_uint_eq(translator->datagram[i].from == DUO_A
				      ? translator->datagram[i].destination.port
				      : translator->datagram[i].source.port,
				  4500);
	ck_assert_int_eq(translator_sa(translator, DUO_A).nat_here, true);
	ck_assert_int_eq(translator_sa(translator, DUO_B).nat_there, true);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 40001);
	expect_keepalive_works(translator);
	translator_free(translator);
}
END_TEST

/* MM6 is lost, MM5 comes again from the port that it came from; and every message before it may be lost too. */
static bool lose_the_nth(struct translator *translator, struct translator_datagram *datagram)
{
	size_t nth = *(const size_t *)translator->context;

	(void)datagram;
	return translator->datagrams != nth + 1;
}

START_TEST(test_any_message_lost)
{
	for (size_t nth = 0; nth < 6; nth++) {
		struct translator *translator = translator_new(8, true, true);

		translator->deliver = lose_the_nth;
		translator->context = &nth;
		translator_start(translator);
		translator_establish(translator);
		ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 40001);
		expect_keepalive_works(translator);
		translator_free(translator);
	}
}
END_TEST

UNIT_MAIN("nat_traversal", test_wherever_the_nat_is, test_the_hashes, test_the_best_one_is_taken,
	  test_off_at_either_end, test_the_answer_is_not_longer, test_nat_d_that_is_wrong,
	  test_everything_on_the_other_port, test_renewal_begins_on_the_other_port,
	  test_any_message_lost)
