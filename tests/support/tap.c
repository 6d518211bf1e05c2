/* SPDX-License-Identifier: ISC */
#include "tests/support/tap.h"

#include <check.h>

/* By whom each message goes to, and by its first payload, this engine's messages of an exchange can be told apart. */
static const struct {
	enum duo_node to;
	uint8_t first;
} messages[] = {
    [IKE_MM1] = {DUO_B, IKE_PAYLOAD_SA},   [IKE_MM2] = {DUO_A, IKE_PAYLOAD_SA},
    [IKE_MM3] = {DUO_B, IKE_PAYLOAD_KE},   [IKE_MM4] = {DUO_A, IKE_PAYLOAD_KE},
    [IKE_MM5] = {DUO_B, IKE_PAYLOAD_ID},   [IKE_MM6] = {DUO_A, IKE_PAYLOAD_ID},
    [IKE_AM1] = {DUO_B, IKE_PAYLOAD_SA},   [IKE_AM2] = {DUO_A, IKE_PAYLOAD_SA},
    [IKE_AM3] = {DUO_B, IKE_PAYLOAD_HASH},
};

static bool is_kind(const struct duo_datagram *datagram, enum ike_message_kind kind)
{
	uint8_t exchange = kind >= IKE_AM1 ? IKE_EXCHANGE_AGGRESSIVE : IKE_EXCHANGE_MAIN_MODE;
	struct ike_header header;

	return ike_header_parse(octets_of(datagram->data, datagram->length), &header) ==
		   IKE_ACCEPTED &&
	       header.exchange == exchange && datagram->to == messages[kind].to &&
	       header.next_payload == messages[kind].first;
}

size_t tap_count(const struct duo *duo, enum ike_message_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < duo->datagrams; i++)
		count += is_kind(&duo->datagram[i], kind);
	return count;
}

const struct duo_datagram *tap_nth(const struct duo *duo, enum ike_message_kind kind, size_t n)
{
	for (size_t i = 0; i < duo->datagrams; i++)
		if (is_kind(&duo->datagram[i], kind) && n-- == 0)
			return &duo->datagram[i];
	ck_abort_msg("too few of %s", ike_message_kind_name(kind));
}

const struct duo_datagram *tap_last(const struct duo *duo, enum duo_node to)
{
	for (size_t i = duo->datagrams; i-- > 0;)
		if (duo->datagram[i].to == to)
			return &duo->datagram[i];
	ck_abort_msg("nothing was sent to node %d", to);
}

struct octets tap_plain(const struct duo_datagram *datagram)
{
	if (datagram->plain_length > 0)
		return octets_of(datagram->plain, datagram->plain_length);
	return octets_of(datagram->data, datagram->length);
}

void tap_read(struct octets plain, struct ike_message *message)
{
	ck_assert_int_eq(ike_header_parse(plain, &message->header), IKE_ACCEPTED);
	ck_assert_int_eq(message->header.flags, 0);
	ck_assert_int_eq(ike_payloads_parse(octets_of(plain.data + IKE_HEADER_LENGTH,
						      plain.length - IKE_HEADER_LENGTH),
					    false, 0, message),
			 IKE_ACCEPTED);
}

struct octets tap_body(const struct ike_message *message, enum ike_payload_type type)
{
	const struct ike_payload *payload = ike_payload_find(message, type);

	ck_assert_msg(payload != NULL, "no %s payload", ike_payload_name(type));
	return payload->body;
}

size_t tap_payloads(const struct ike_message *message, enum ike_payload_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < message->payloads; i++)
		count += message->payload[i].type == type;
	return count;
}

void tap_read_nth(const struct duo *duo, enum ike_message_kind kind, size_t n,
		  struct ike_message *message)
{
	tap_read(tap_plain(tap_nth(duo, kind, n)), message);
}
