/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "keepalive/capability.h"
#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;

/* What B has sent with an SA payload, or with KE: the first such message. */
static const struct opened *sent_with(enum ike_payload_type type)
{
	const struct opened *opened;
	size_t from = 0;

	while ((opened = impaired_next(impaired, &from)) != NULL)
		if (opened->readable && !opened->encrypted &&
		    ike_payload_find(&opened->message, type) != NULL)
			return opened;
	ck_abort_msg("no such message");
	return NULL;
}

/* Vendor IDs in it that begin like the keepalive's, but for the first octet; *id is the last of them. */
static size_t vendor_ids(const struct opened *opened, struct octets *id)
{
	const struct ike_payload *payload =
	    ike_payload_find(&opened->message, IKE_PAYLOAD_VENDOR_ID);
	size_t count = 0;

	for (; payload != NULL; payload = ike_payload_next(&opened->message, payload)) {
		if (payload->body.length < 14 ||
		    memcmp(payload->body.data + 1, keepalive_vendor_id_octets + 1, 13) != 0)
			continue;
		count++;
		*id = payload->body;
	}
	return count;
}

static size_t up(enum impairment impairment, bool called, struct octets *id)
{
	impaired = impaired_new(impairment);
	if (called)
		impaired_called(impaired);
	else
		impaired_up(impaired);
	return vendor_ids(sent_with(IKE_PAYLOAD_SA), id);
}

static const struct {
	enum impairment impairment;
	size_t count, length;
	uint8_t first, major, minor;
	bool supported; /* A takes it for the keepalive's */
} ours[] = {
    {IMPAIRED_NONE, 1, 16, 0xaf, 1, 0, true},
    {IMPAIR_VENDOR_ID_MISSING, 0, 0, 0, 0, 0, false},
    {IMPAIR_VENDOR_ID_MINOR_1, 1, 16, 0xaf, 1, 1, true},
    {IMPAIR_VENDOR_ID_MAJOR_2, 1, 16, 0xaf, 2, 0, false},
    {IMPAIR_VENDOR_ID_WRONG_OCTET, 1, 16, 0xae, 1, 0, false},
    {IMPAIR_VENDOR_ID_SHORT, 1, 14, 0xaf, 0, 0, false},
    {IMPAIR_VENDOR_ID_LONG, 1, 20, 0xaf, 1, 0, false},
    {IMPAIR_VENDOR_ID_TWICE, 2, 16, 0xaf, 1, 0, true},
    {IMPAIR_VENDOR_ID_LATER, 0, 0, 0, 0, 0, true},
};

/* In MM1 as in MM2, and the SA comes up whatever it is. */
START_TEST(vendor_id_sent)
{
	struct octets id;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		for (int called = 0; called < 2; called++) {
			ck_assert_uint_eq(up(ours[i].impairment, called, &id), ours[i].count);
			if (ours[i].count > 0) {
				ck_assert_uint_eq(id.length, ours[i].length);
				ck_assert_uint_eq(id.data[0], ours[i].first);
			}
			if (ours[i].count > 0 && id.length >= 16) {
				ck_assert_uint_eq(id.data[14], ours[i].major);
				ck_assert_uint_eq(id.data[15], ours[i].minor);
			}
			ck_assert_int_eq(
			    duo_last(impaired->duo, DUO_A, IKE_EVENT_ESTABLISHED)->supported,
			    ours[i].supported);
			impaired_free(impaired);
		}
}
END_TEST

START_TEST(vendor_id_with_public_value)
{
	struct octets id;

	(void)up(IMPAIR_VENDOR_ID_LATER, false, &id);
	ck_assert_uint_eq(vendor_ids(sent_with(IKE_PAYLOAD_KE), &id), 1);
	impaired_free(impaired);
}
END_TEST

/* ---- A's vendor ID ------------------------------------------------------------------------------------------------- */

static void set_version(struct message *message, size_t at, uint8_t value)
{
	for (size_t i = 0; i < message->payloads; i++)
		if (message->payload[i].type == IKE_PAYLOAD_VENDOR_ID &&
		    memcmp(message->body + message->payload[i].at, keepalive_vendor_id_octets,
			   14) == 0)
			message->body[message->payload[i].at + at] = value;
}

static void minor_7(struct message *message)
{
	set_version(message, 15, 7);
}

static void major_2(struct message *message)
{
	set_version(message, 14, 2);
}

static void none(struct message *message)
{
	set_version(message, 0, 0);
}

static bool takes_for_keepalive(enum impairment impairment, void (*tamper)(struct message *message))
{
	bool supported;

	impaired = impaired_new(impairment);
	impaired->tamper = tamper;
	impaired_up(impaired);
	supported = duo_last(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED)->supported;
	impaired_free(impaired);
	return supported;
}

START_TEST(vendor_id_of_peer)
{
	ck_assert(takes_for_keepalive(IMPAIRED_NONE, NULL));
	ck_assert(takes_for_keepalive(IMPAIRED_NONE, minor_7));
	ck_assert(!takes_for_keepalive(IMPAIRED_NONE, major_2));
	ck_assert(!takes_for_keepalive(IMPAIRED_NONE, none));
	ck_assert(takes_for_keepalive(IMPAIR_MINOR_VERSION_MATTERS, NULL));
	ck_assert(!takes_for_keepalive(IMPAIR_MINOR_VERSION_MATTERS, minor_7));
	ck_assert(takes_for_keepalive(IMPAIR_PROBES_ANYBODY, none));
}
END_TEST

static size_t answers_minor_7(enum impairment impairment)
{
	size_t count;

	impaired = impaired_new(impairment);
	impaired->tamper = minor_7;
	impaired_up(impaired);
	impaired_ask(impaired, 1000);
	count = impaired_acks(impaired, 1000);
	impaired_free(impaired);
	return count;
}

START_TEST(minor_version_of_peer)
{
	ck_assert_uint_eq(answers_minor_7(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(answers_minor_7(IMPAIR_MINOR_VERSION_MATTERS), 0);
}
END_TEST

/* ---- how much and how often ---------------------------------------------------------------------------------------- */

/* A first message of A's, and then nothing more: how many answers B gives, and how large the first is. */
static size_t answers(enum impairment impairment, size_t *octets, size_t *asked)
{
	size_t count;

	*octets = 0;
	impaired = impaired_new(impairment);
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_A);
	while (impaired_sent(impaired, 0) == 0) {
		ck_assert_uint_lt(impaired->duo->now, 20 * IKE_SECOND);
		impaired_run(impaired, IKE_MILLISECOND);
	}
	impaired->deaf = true;
	impaired_run(impaired, 20 * IKE_SECOND);
	count = impaired_sent(impaired, 0);
	*asked = impaired->wire[0].length;
	ck_assert_uint_ge(count, 1);
	for (size_t i = impaired->wires; i-- > 0;)
		if (impaired->wire[i].from_impaired)
			*octets = impaired->wire[i].length;
	impaired_free(impaired);
	return count;
}

START_TEST(second_message)
{
	size_t octets = 0, asked = 0;

	ck_assert_uint_eq(answers(IMPAIRED_NONE, &octets, &asked), 1);
	ck_assert_uint_le(octets, asked);
	ck_assert_uint_eq(answers(IMPAIR_MM2_BY_TIMER, &octets, &asked), 4);
	ck_assert_uint_eq(answers(IMPAIR_MM2_TWICE, &octets, &asked), 2);
	ck_assert_uint_eq(answers(IMPAIR_MM2_SWOLLEN, &octets, &asked), 1);
	ck_assert_uint_gt(octets, 2 * asked);
}
END_TEST

UNIT_MAIN("impair_phase_1", vendor_id_sent, vendor_id_with_public_value, vendor_id_of_peer,
	  minor_version_of_peer, second_message)
