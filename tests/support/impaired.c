/* SPDX-License-Identifier: ISC */
#include "tests/support/impaired.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/backend.h"
#include "ike/address.h"
#include "tests/support/unit.h"

static struct wire *record(struct impaired *impaired, bool from_impaired)
{
	struct wire *wire = &impaired->wire[impaired->wires];

	if (impaired->wires == IMPAIRED_WIRES)
		ck_abort_msg("more than %d datagrams", IMPAIRED_WIRES);
	impaired->wires++;
	*wire = (struct wire){.at = impaired->duo->now, .from_impaired = from_impaired};
	wire->remote = impaired->address[from_impaired ? DUO_A : DUO_B];
	return wire;
}

static void copy(struct wire *wire, const uint8_t *data, size_t length, const uint8_t *plain,
		 size_t plain_length)
{
	memcpy(wire->data, data, length);
	wire->length = length;
	if (plain_length > 0)
		memcpy(wire->plain, plain, plain_length);
	wire->plain_length = plain_length;
}

static void pull_out(struct impaired *impaired)
{
	struct ike_datagram out;

	while (impair_next_out(impaired->impair, impaired->duo->now, &out)) {
		struct wire *wire = record(impaired, true);

		copy(wire, out.data, out.length, out.plain, out.plain_length);
		wire->remote = out.remote;
	}
}

/* From A, in the clear: as a value, changed, and as octets again. */
static void tamper(struct impaired *impaired, struct wire *wire)
{
	struct opened *opened = &impaired->opened;
	struct message message;

	message_open(impaired->crypto, NULL, octets_of(wire->data, wire->length), opened);
	if (opened->encrypted || !opened->readable)
		return;
	message_of_sa(&message, NULL, opened->message.header.cky_i, opened->message.header.cky_r,
		      0);
	message.header.exchange = opened->message.header.exchange;
	message.protection = MESSAGE_CLEAR;
	for (size_t i = 0; i < opened->message.payloads; i++)
		message_add(&message, (enum ike_payload_type)opened->message.payload[i].type,
			    opened->message.payload[i].body);
	impaired->tamper(&message);
	wire->length = message_seal(&message, impaired->crypto, &impaired->random, wire->data,
				    wire->plain, sizeof(wire->data), &wire->plain_length);
	ck_assert_uint_gt(wire->length, 0);
}

/* The network: everything is carried by impaired_run() itself. */
static bool on_the_way(struct duo *duo, struct duo_datagram *datagram)
{
	struct impaired *impaired = duo->context;
	struct wire *wire;
	struct ike_datagram out = {
	    .remote = impaired->address[datagram->to],
	    .data = datagram->data,
	    .length = datagram->length,
	    .plain = datagram->plain,
	    .plain_length = datagram->plain_length,
	};

	if (datagram->to == DUO_B || impaired->without_layer) {
		if (datagram->to == DUO_B && impaired->deaf)
			return false;
		wire = record(impaired, datagram->to == DUO_A);
		copy(wire, datagram->data, datagram->length, datagram->plain,
		     datagram->plain_length);
		if (datagram->to == DUO_B && impaired->tamper != NULL)
			tamper(impaired, wire);
		return false;
	}
	impair_out(impaired->impair, duo->now, &out);
	pull_out(impaired);
	return false;
}

struct impaired *impaired_new(enum impairment impairment)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {3};
	struct impaired *impaired = calloc(1, sizeof(*impaired));

	ck_assert_ptr_nonnull(impaired);
	impaired->duo = duo_new(1);
	impaired->duo->context = impaired;
	impaired->duo->deliver = on_the_way;
	impaired->crypto = crypto_new();
	ck_assert_ptr_nonnull(impaired->crypto);
	random_seeded(&impaired->random, seed);
	impaired->address[DUO_A] = impaired->duo->peer[DUO_B].gateway[0];
	impaired->address[DUO_B] = impaired->duo->peer[DUO_A].gateway[0];
	if (impairment < IMPAIRMENTS)
		impaired->on[impairment] = true;
	return impaired;
}

void impaired_start(struct impaired *impaired)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {4};
	struct duo *duo = impaired->duo;
	struct random_source random;

	if (impaired->impair != NULL)
		return;
	random_seeded(&random, seed);
	impair_settings(impaired->on, &duo->settings[DUO_B], &duo->peer[DUO_B]);
	duo_start(duo);
	impaired->impair = impair_new(duo->core[DUO_B], impaired->on, &random);
	ck_assert_ptr_nonnull(impaired->impair);
}

void impaired_free(struct impaired *impaired)
{
	impair_free(impaired->impair);
	crypto_free(impaired->crypto);
	duo_free(impaired->duo);
	free(impaired);
}

/* What the layer has for the core; a node that has fallen over takes nothing more. */
static void give_in(struct impaired *impaired)
{
	struct duo *duo = impaired->duo;
	struct ike_datagram in;

	while (!impair_wants_exit(impaired->impair) &&
	       impair_next_in(impaired->impair, duo->now, &in))
		(void)ike_input(duo->core[DUO_B], duo->now, &in);
}

static void into_b(struct impaired *impaired, const uint8_t *data, size_t length,
		   const struct ike_address *from)
{
	uint8_t copy_of_it[IKE_DATAGRAM_MAX + 64];
	const struct ike_datagram in = {
	    .remote = *from,
	    .local = impaired->address[DUO_B],
	    .data = copy_of_it,
	    .length = length,
	    .room = sizeof(copy_of_it),
	};

	memcpy(copy_of_it, data, length);
	if (impaired->without_layer) {
		(void)duo_inject(impaired->duo, DUO_B, data, length);
		return;
	}
	if (impair_wants_exit(impaired->impair))
		return;
	impair_in(impaired->impair, impaired->duo->now, &in);
	give_in(impaired);
}

static void deliver(struct impaired *impaired, struct wire *wire)
{
	wire->delivered = true;
	if (!wire->from_impaired)
		into_b(impaired, wire->data, wire->length, &impaired->address[DUO_A]);
	else if (!impaired->deaf && ike_address_equal(&wire->remote, &impaired->address[DUO_A]) &&
		 !impair_wants_exit(impaired->impair))
		(void)duo_inject(impaired->duo, DUO_A, wire->data, wire->length);
}

/* In slices of the network's delay: whatever is sent in one arrives in a later one. */
void impaired_run(struct impaired *impaired, ike_time duration)
{
	struct duo *duo = impaired->duo;
	ike_time end = duo->now + duration;

	while (duo->now < end) {
		ike_time left = end - duo->now;

		duo_run(duo, left < DUO_DELAY ? left : DUO_DELAY);
		duo->datagrams = 0;
		for (size_t i = 0; i < impaired->wires; i++)
			if (!impaired->wire[i].delivered &&
			    impaired->wire[i].at + DUO_DELAY <= duo->now)
				deliver(impaired, &impaired->wire[i]);
		if (!impaired->without_layer) {
			pull_out(impaired);
			give_in(impaired);
		}
	}
}

void impaired_learn(struct impaired *impaired)
{
	struct ike_sa_status status;
	uint32_t cursor = 0;
	bool any = false;

	while (ike_next_sa(impaired->duo->core[DUO_A], &cursor, &status)) {
		if (status.superseded)
			continue;
		any = true;
		memcpy(impaired->cky_i, status.cky_i, IKE_COOKIE_LENGTH);
		memcpy(impaired->cky_r, status.cky_r, IKE_COOKIE_LENGTH);
	}
	ck_assert(any);
	ck_assert(ike_export_keys(impaired->duo->core[DUO_A], impaired->cky_i, impaired->cky_r,
				  &impaired->keys));
}

static void up(struct impaired *impaired, enum duo_node from)
{
	impaired_start(impaired);
	duo_connect(impaired->duo, from);
	impaired_run(impaired, IKE_SECOND);
	impaired_learn(impaired);
	ck_assert(impaired->keys.established);
}

void impaired_up(struct impaired *impaired)
{
	up(impaired, DUO_A);
}

void impaired_called(struct impaired *impaired)
{
	up(impaired, DUO_B);
}

bool impaired_is_dead(struct impaired *impaired)
{
	return impair_wants_exit(impaired->impair);
}

uint32_t impaired_sas(const struct impaired *impaired)
{
	return duo_established(impaired->duo, DUO_B);
}

void impaired_begin(struct impaired *impaired, struct message *message)
{
	message_of_sa(message, &impaired->keys, impaired->cky_i, impaired->cky_r,
		      random_u32(&impaired->random) | 1);
}

void impaired_send_octets(struct impaired *impaired, const uint8_t *data, size_t length,
			  const struct ike_address *from)
{
	struct wire *wire = record(impaired, false);

	copy(wire, data, length, NULL, 0);
	wire->delivered = true;
	into_b(impaired, data, length, from != NULL ? from : &impaired->address[DUO_A]);
	impaired_run(impaired, IKE_SECOND / 10);
}

void impaired_send(struct impaired *impaired, const struct message *message)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	size_t plain_length, length;

	length = message_seal(message, impaired->crypto, &impaired->random, data, plain,
			      sizeof(data), &plain_length);
	ck_assert_uint_gt(length, 0);
	impaired_send_octets(impaired, data, length, NULL);
}

void impaired_ask(struct impaired *impaired, uint32_t number)
{
	struct message message;

	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, number);
	impaired_send(impaired, &message);
}

const struct opened *impaired_next(struct impaired *impaired, size_t *from)
{
	for (; *from < impaired->wires; (*from)++) {
		const struct wire *wire = &impaired->wire[*from];

		if (!wire->from_impaired)
			continue;
		message_open(impaired->crypto, &impaired->keys, octets_of(wire->data, wire->length),
			     &impaired->opened);
		(*from)++;
		return &impaired->opened;
	}
	return NULL;
}

static bool is_right_ack(const struct impaired *impaired, const struct opened *opened,
			 uint32_t number)
{
	uint8_t body[64];
	struct message message;
	const struct ike_payload *payload;

	if (opened->verdict != IKE_ACCEPTED || !opened->encrypted ||
	    opened->hash != MESSAGE_HASH_HOLDS || opened->message.payloads != 2 ||
	    opened->message.header.message_id == 0 ||
	    opened->message.header.flags != IKE_FLAG_ENCRYPTION ||
	    opened->message.header.exchange != IKE_EXCHANGE_INFORMATIONAL)
		return false;
	message_of_sa(&message, &impaired->keys, impaired->cky_i, impaired->cky_r, 1);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE_ACK, number);
	memcpy(body, message.body, message.length);
	payload = &opened->message.payload[1];
	return payload->type == IKE_PAYLOAD_NOTIFY && payload->body.length == message.length &&
	       memcmp(payload->body.data, body, message.length) == 0;
}

size_t impaired_acks(struct impaired *impaired, uint32_t number)
{
	const struct opened *opened;
	size_t from = 0, count = 0;

	while ((opened = impaired_next(impaired, &from)) != NULL)
		count += is_right_ack(impaired, opened, number);
	return count;
}

size_t impaired_notifies(struct impaired *impaired, size_t from, uint16_t type)
{
	const struct opened *opened;
	struct ike_notify notify;
	size_t count = 0;

	while ((opened = impaired_next(impaired, &from)) != NULL)
		count += opened_notify(opened, type, &notify);
	return count;
}

size_t impaired_deletes(struct impaired *impaired, size_t from)
{
	const struct opened *opened;
	size_t count = 0;

	while ((opened = impaired_next(impaired, &from)) != NULL)
		count += opened->readable &&
			 ike_payload_find(&opened->message, IKE_PAYLOAD_DELETE) != NULL;
	return count;
}

size_t impaired_sent(const struct impaired *impaired, size_t from)
{
	size_t count = 0;

	for (size_t i = from; i < impaired->wires; i++)
		count += impaired->wire[i].from_impaired;
	return count;
}
