/* SPDX-License-Identifier: ISC */
/*
 * fuzz_payloads.c - everything that takes a message apart in the clear, on one input: a datagram.
 *
 * What must hold: every view lies inside the input; what was parsed and is written again parses to the same; what is
 * described is terminated, printable, and cut but not otherwise different where there is less room.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/attribute.h"
#include "ike/describe.h"
#include "ike/exchange.h"
#include "ike/identity.h"
#include "ike/notify.h"
#include "ike/proposal.h"
#include "ike/vendor_id.h"
#include "interop/decode/field.h"
#include "keepalive/extension.h"
#include "keepalive/message.h"
#include "tests/fuzz/fuzz.h"

#define BLOCK     16 /* octets of a cipher block, for messages that say that they were encrypted */
#define TEXT_ROOM 65536

/* ---- bodies -------------------------------------------------------------------------------------------------------- */

static void take_attributes(struct octets body)
{
	struct ike_attribute_value attribute;
	struct wire_reader reader;

	wire_read_from(&reader, body);
	while (reader.left > 0 && ike_attribute_read(&reader, &attribute)) {
		FUZZ_REQUIRE(fuzz_inside(attribute.octets, body));
		FUZZ_REQUIRE((attribute.type & 0x8000) == 0);
		FUZZ_REQUIRE(!attribute.basic || attribute.octets.length == 2);
	}
}

/* An answer made of any offer is an answer to those offers, and says the same. */
static void choose(struct octets body, const struct ike_offer *offers, size_t count)
{
	static uint8_t answer[IKE_DATAGRAM_MAX + 64];
	const struct ike_offer *choice;
	struct ike_proposal wanted[IKE_OFFERS_MAX];
	struct ike_offer again;
	struct wire_writer writer;
	enum ike_verdict verdict;

	for (size_t i = 0; i < count; i++)
		wanted[i] = offers[i].proposal;
	choice = ike_offer_choose(offers, count, IKE_AUTHENTICATION_PSK, wanted, count);
	if (choice == NULL)
		return;
	FUZZ_REQUIRE(choice >= offers && choice < offers + count && choice->usable);
	wire_write_to(&writer, answer, sizeof(answer));
	ike_offer_write_choice(&writer, choice);
	FUZZ_REQUIRE(!writer.failed);
	verdict = ike_choice_check(body, wire_written(&writer), &again);
	FUZZ_REQUIRE(verdict == IKE_ACCEPTED);
	FUZZ_REQUIRE(ike_proposal_equal(&again.proposal, &choice->proposal));
	FUZZ_REQUIRE(again.lifetime == choice->lifetime);
}

static void take_offers(struct octets body)
{
	struct ike_offer offers[IKE_OFFERS_MAX], chosen;
	char text[480];
	size_t count = 0;

	if (ike_choice_check(body, body, &chosen) == IKE_ACCEPTED)
		FUZZ_REQUIRE(fuzz_inside(chosen.transform, body));
	if (ike_offers_parse(body, offers, IKE_OFFERS_MAX, &count) != IKE_ACCEPTED)
		return;
	FUZZ_REQUIRE(count > 0 && count <= IKE_OFFERS_MAX);
	for (size_t i = 0; i < count; i++)
		FUZZ_REQUIRE(fuzz_inside(offers[i].transform, body));
	FUZZ_REQUIRE(
	    fuzz_good_text(text, ike_offers_text(offers, count, text, sizeof(text)), sizeof(text)));
	choose(body, offers, count);
}

static void take_identity(struct octets body)
{
	struct ike_identity identity, again;
	uint8_t room[IKE_IDENTITY_MAX + 8];
	struct wire_writer writer;
	char text[4 * IKE_IDENTITY_MAX + 64];
	enum ike_verdict verdict;

	if (ike_identity_parse(body, &identity) != IKE_ACCEPTED)
		return;
	FUZZ_REQUIRE(identity.length > 0 && identity.length <= IKE_IDENTITY_MAX);
	wire_write_to(&writer, room, sizeof(room));
	ike_identity_write(&writer, &identity);
	FUZZ_REQUIRE(!writer.failed);
	verdict = ike_identity_parse(wire_written(&writer), &again);
	FUZZ_REQUIRE(verdict == IKE_ACCEPTED && ike_identity_equal(&identity, &again));
	FUZZ_REQUIRE(
	    fuzz_good_text(text, ike_identity_text(&identity, text, sizeof(text)), sizeof(text)));
}

static void take_notify(struct octets body)
{
	struct ike_notify notify, again;
	static uint8_t room[IKE_DATAGRAM_MAX + 64];
	struct wire_writer writer;
	enum ike_verdict verdict;

	if (ike_notify_parse(body, &notify) != IKE_ACCEPTED)
		return;
	FUZZ_REQUIRE(fuzz_inside(notify.spi, body) && fuzz_inside(notify.data, body));
	FUZZ_REQUIRE(notify.spi.length <= 16);
	(void)ike_notify_lifetime(notify.data);
	if (body.length > IKE_DATAGRAM_MAX)
		return;
	wire_write_to(&writer, room, sizeof(room));
	ike_notify_write(&writer, &notify);
	FUZZ_REQUIRE(!writer.failed && octets_equal(wire_written(&writer), body));
	verdict = ike_notify_parse(wire_written(&writer), &again);
	FUZZ_REQUIRE(verdict == IKE_ACCEPTED && again.doi == notify.doi &&
		     again.type == notify.type && octets_equal(again.spi, notify.spi) &&
		     octets_equal(again.data, notify.data));
}

static void take_delete(struct octets body)
{
	struct ike_delete delete;

	if (ike_delete_parse(body, &delete) != IKE_ACCEPTED)
		return;
	FUZZ_REQUIRE(fuzz_inside(delete.spis, body));
	FUZZ_REQUIRE(delete.spis.length == (size_t) delete.count * delete.spi_length);
}

/* What passes in strict mode is written again as the same octets; interop mode takes more than we would write. */
static void take_keepalive(struct octets body, enum keepalive_strictness strictness)
{
	static const uint8_t cky_i[] = "\x10\x11\x12\x13\x14\x15\x16\x17";
	static const uint8_t cky_r[] = "\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7";
	static const uint16_t types[] = {IKE_NOTIFY_R_U_THERE, IKE_NOTIFY_R_U_THERE_ACK};
	uint8_t again[KEEPALIVE_BODY_LENGTH];
	struct keepalive_message message;

	for (size_t i = 0; i < 2; i++) {
		if (keepalive_message_parse(body, types[i], cky_i, cky_r, strictness, &message) !=
		    IKE_ACCEPTED)
			continue;
		FUZZ_REQUIRE(message.type == types[i]);
		FUZZ_REQUIRE(strictness == KEEPALIVE_INTEROP ||
			     message.quirk == KEEPALIVE_NO_QUIRK);
		if (strictness == KEEPALIVE_INTEROP)
			continue;
		keepalive_message_build(types[i], cky_i, cky_r, message.number, again);
		FUZZ_REQUIRE(octets_equal(body, octets_of(again, sizeof(again))));
	}
}

/* By every reader, whatever its type says. */
static void take_body(struct octets body)
{
	take_attributes(body);
	take_offers(body);
	take_identity(body);
	take_notify(body);
	take_delete(body);
	take_keepalive(body, KEEPALIVE_INTEROP);
	take_keepalive(body, KEEPALIVE_STRICT);
	(void)ike_vendor_id_name(body);
	(void)keepalive_extension()->recognises(body);
}

/* ---- the message --------------------------------------------------------------------------------------------------- */

static void describe(const struct ike_message *message)
{
	static const size_t rooms[] = {0, 1, 41, 480};
	static char whole[TEXT_ROOM], text[480];
	size_t length = ike_describe_line(message, whole, sizeof(whole));

	FUZZ_REQUIRE(fuzz_good_text(whole, length, sizeof(whole)));
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		size_t cut = ike_describe_line(message, text, rooms[i]);

		FUZZ_REQUIRE(fuzz_good_text(text, cut, rooms[i]));
		FUZZ_REQUIRE(cut <= length && memcmp(text, whole, cut) == 0);
	}
}

static void write_again(const struct ike_message *message, struct octets chain)
{
	static uint8_t room[IKE_DATAGRAM_MAX + 64];
	static struct ike_message again;
	struct wire_writer writer;
	struct ike_chain writing;
	enum ike_verdict verdict;

	wire_write_to(&writer, room, sizeof(room));
	ike_header_write(&writer, &message->header);
	ike_chain_begin(&writing, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	for (size_t i = 0; i < message->payloads; i++)
		ike_payload_write(&writing, message->payload[i].type, message->payload[i].body);
	ike_header_finish(&writer);
	FUZZ_REQUIRE(!writer.failed);
	verdict = ike_header_parse(wire_written(&writer), &again.header);
	FUZZ_REQUIRE(verdict == IKE_ACCEPTED);
	FUZZ_REQUIRE(again.header.next_payload == message->header.next_payload);
	FUZZ_REQUIRE(again.header.message_id == message->header.message_id);
	verdict = ike_payloads_parse(
	    octets_of(room + IKE_HEADER_LENGTH, writer.length - IKE_HEADER_LENGTH), false, 0,
	    &again);
	FUZZ_REQUIRE(verdict == IKE_ACCEPTED && again.payloads == message->payloads);
	FUZZ_REQUIRE(octets_equal(ike_payloads_chain(&again), chain));
}

static void take_chain(struct ike_message *message, struct octets chain, bool encrypted)
{
	struct octets all;

	if (ike_payloads_parse(chain, encrypted, BLOCK, message) != IKE_ACCEPTED) {
		FUZZ_REQUIRE(message->payloads == 0);
		return;
	}
	all = ike_payloads_chain(message);
	FUZZ_REQUIRE(fuzz_inside(all, chain));
	FUZZ_REQUIRE(chain.length - all.length <= (encrypted ? BLOCK : 3));
	for (size_t i = 0; i < message->payloads; i++) {
		const struct ike_payload *payload = &message->payload[i];

		FUZZ_REQUIRE(fuzz_inside(payload->whole, all));
		FUZZ_REQUIRE(fuzz_inside(payload->body, payload->whole));
		FUZZ_REQUIRE(payload->whole.length == payload->body.length + IKE_GENERIC_LENGTH);
		take_body(payload->body);
	}
	write_again(message, all);
	for (enum ike_message_kind kind = 0; kind < IKE_MESSAGE_KINDS; kind++)
		if (ike_message_check(kind, message) == IKE_ACCEPTED)
			FUZZ_REQUIRE(message->payloads > 0);
}

int fuzz_payloads(const uint8_t *data, size_t length)
{
	static struct ike_message message;
	struct octets datagram = octets_of(data, length);
	struct field_list fields = {.fields = 0};

	memset(&message, 0, sizeof(message));
	if (ike_header_parse(datagram, &message.header) == IKE_ACCEPTED) {
		FUZZ_REQUIRE(message.header.length == length);
		take_chain(&message,
			   octets_of(data + IKE_HEADER_LENGTH, length - IKE_HEADER_LENGTH),
			   (message.header.flags & IKE_FLAG_ENCRYPTION) != 0);
	}
	describe(&message);
	FUZZ_REQUIRE(field_list_fill(&fields, datagram) && fields.fields > 0);
	field_list_free(&fields);
	take_body(datagram);
	return 0;
}
