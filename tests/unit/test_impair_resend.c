/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;

/* B calls, and A is deaf from so many of its own messages on; for half a minute. */
static void call_in_vain(enum impairment impairment, size_t answers)
{
	impaired = impaired_new(impairment);
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_B);
	impaired->deaf = answers == 0;
	while (impaired_sent(impaired, 0) <= answers) {
		ck_assert_uint_lt(impaired->duo->now, 20 * IKE_SECOND);
		impaired_run(impaired, IKE_MILLISECOND);
	}
	impaired->deaf = true;
	impaired_run(impaired, 10 * IKE_SECOND);
}

/* How often B's last new message came; *same: always the same octets. */
static size_t times(const struct wire *first, bool *same)
{
	size_t count = 0;

	*same = true;
	for (size_t i = 0; i < impaired->wires; i++) {
		const struct wire *wire = &impaired->wire[i];

		/* of the same call: another attempt has another cookie */
		if (!wire->from_impaired || memcmp(wire->data, first->data, 16) != 0 ||
		    wire->at < first->at)
			continue;
		count++;
		*same = *same && wire->length == first->length &&
			memcmp(wire->data, first->data, wire->length) == 0;
	}
	return count;
}

static const struct wire *message_of_b(size_t index)
{
	for (size_t i = 0; i < impaired->wires; i++)
		if (impaired->wire[i].from_impaired && index-- == 0)
			return &impaired->wire[i];
	ck_abort_msg("no such message");
	return NULL;
}

START_TEST(sent_again)
{
	bool same;

	for (size_t answers = 0; answers < 3; answers++) {
		call_in_vain(IMPAIRED_NONE, answers);
		ck_assert_uint_gt(times(message_of_b(answers), &same), 2);
		ck_assert(same);
		impaired_free(impaired);
		call_in_vain(IMPAIR_NEVER_RESENDS, answers);
		ck_assert_uint_eq(times(message_of_b(answers), &same), 1);
		impaired_free(impaired);
	}
}
END_TEST

START_TEST(sent_again_otherwise)
{
	bool same;

	for (size_t answers = 0; answers < 2; answers++) {
		call_in_vain(IMPAIR_RESENDS_OTHERWISE, answers);
		ck_assert_uint_gt(times(message_of_b(answers), &same), 2);
		ck_assert(!same);
		impaired_free(impaired);
	}
}
END_TEST

START_TEST(sent_again_steadily)
{
	const struct wire *first;
	size_t count = 0;

	call_in_vain(IMPAIR_RESENDS_STEADILY, 0);
	first = message_of_b(0);
	for (size_t i = 0; i < impaired->wires; i++)
		if (impaired->wire[i].from_impaired &&
		    memcmp(impaired->wire[i].data, first->data, 16) == 0) {
			/* the layer's time is exact; the slices of the test are not */
			ck_assert_uint_le(impaired->wire[i].at - first->at,
					  count * IKE_SECOND + DUO_DELAY);
			ck_assert_uint_ge(impaired->wire[i].at - first->at, count * IKE_SECOND);
			count++;
		}
	ck_assert_uint_ge(count, 9);
	impaired_free(impaired);
}
END_TEST

/* ---- a choice that was not offered --------------------------------------------------------------------------------- */

/* The lifetime in A's choice, the last octets of its only transform, is another. */
static void other_choice(struct message *second)
{
	if (second->payload[0].type == IKE_PAYLOAD_SA)
		second->body[second->payload[0].at + second->payload[0].length - 1] ^= 1;
}

static bool goes_on(enum impairment impairment)
{
	bool on;

	impaired = impaired_new(impairment);
	impaired->tamper = other_choice;
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_B);
	impaired_run(impaired, IKE_SECOND);
	on = false;
	for (size_t i = 0; i < impaired->wires; i++)
		on |=
		    impaired->wire[i].from_impaired && impaired->wire[i].data[16] == IKE_PAYLOAD_KE;
	impaired_free(impaired);
	return on;
}

START_TEST(choice_changed)
{
	ck_assert(!goes_on(IMPAIRED_NONE));
	ck_assert(goes_on(IMPAIR_ACCEPTS_CHANGED_CHOICE));
}
END_TEST

/* An SA payload that is none of our offers, and behind it more HASH payloads than the layer's own messages may have. */
START_TEST(choice_with_much_behind)
{
	static const uint8_t nothing[8];
	struct ike_header header = {.version = 0x10, .exchange = IKE_EXCHANGE_MAIN_MODE};
	uint8_t data[1024];
	struct wire_writer writer;
	struct ike_chain chain;

	impaired = impaired_new(IMPAIR_ACCEPTS_CHANGED_CHOICE);
	impaired_called(impaired);
	memcpy(header.cky_i, impaired->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, impaired->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&writer, data, sizeof(data));
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_SA, octets_of(nothing, sizeof(nothing)));
	for (int i = 0; i < 20; i++)
		ike_payload_write(&chain, IKE_PAYLOAD_HASH, octets_of(nothing, 0));
	ike_header_finish(&writer);
	impaired_send_octets(impaired, data, writer.length, NULL);
	ck_assert_uint_eq(impaired_sas(impaired), 1);
	impaired_free(impaired);
}
END_TEST

/* ---- an Informational before its time ------------------------------------------------------------------------------ */

/* Before A's third message, in A's name: encrypted, or so it says. */
static bool comes_up_disturbed(enum impairment impairment)
{
	uint8_t early[28 + 64] = {
	    [16] = IKE_PAYLOAD_HASH, 0x10, IKE_EXCHANGE_INFORMATIONAL, 1, 1, 2, 3, 4,
	    [27] = sizeof(early)};
	bool up;

	impaired = impaired_new(impairment);
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_A);
	while (impaired_sent(impaired, 0) < 1)
		impaired_run(impaired, IKE_MILLISECOND);
	memcpy(early, message_of_b(0)->data, 16);
	impaired_send_octets(impaired, early, sizeof(early), NULL);
	impaired_run(impaired, IKE_SECOND / 2);
	up = impaired_sas(impaired) == 1;
	impaired_free(impaired);
	return up;
}

START_TEST(disturbed)
{
	ck_assert(comes_up_disturbed(IMPAIRED_NONE));
	ck_assert(!comes_up_disturbed(IMPAIR_ABANDONS_PHASE_1));
}
END_TEST

/* A's answers come twice, B has called. */
static bool comes_up_with_duplicates(enum impairment impairment)
{
	size_t seen = 0;
	bool up;

	impaired = impaired_new(impairment);
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_B);
	while (impaired->duo->now < 20 * IKE_SECOND) {
		impaired_run(impaired, IKE_MILLISECOND);
		for (size_t known = impaired->wires; seen < known; seen++)
			if (!impaired->wire[seen].from_impaired &&
			    impaired->wire[seen].data[18] == IKE_EXCHANGE_MAIN_MODE)
				impaired->wire[impaired->wires++] = impaired->wire[seen];
		seen = impaired->wires;
		if (duo_count(impaired->duo, DUO_B, IKE_EVENT_FAILED) > 0 ||
		    impaired_sas(impaired) > 0)
			break;
	}
	up = impaired_sas(impaired) > 0;
	impaired_free(impaired);
	return up;
}

START_TEST(duplicated)
{
	ck_assert(comes_up_with_duplicates(IMPAIRED_NONE));
	ck_assert(!comes_up_with_duplicates(IMPAIR_ABANDONS_DUPLICATED));
}
END_TEST

/* The oldest are forgotten. */
START_TEST(octets_seen_before)
{
	struct impair_sums sums = {.count = 0};
	uint32_t number;

	for (number = 0; number <= IMPAIR_SUMS; number++) {
		ck_assert(!impair_sums_know(&sums, octets_of(&number, 4)));
		ck_assert(!impair_sums_note(&sums, octets_of(&number, 4)));
	}
	number = IMPAIR_SUMS;
	ck_assert(impair_sums_note(&sums, octets_of(&number, 4)));
	number = 0;
	ck_assert(!impair_sums_know(&sums, octets_of(&number, 4)));
}
END_TEST

UNIT_MAIN("impair_resend", sent_again, sent_again_otherwise, sent_again_steadily, choice_changed,
	  choice_with_much_behind, disturbed, duplicated, octets_seen_before)
