/* SPDX-License-Identifier: ISC */
/*
 * With nothing on the layer must not be noticed: what is on the wire is octet for octet what it is without.
 */
#include "interop/impair/impair.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

/* Handshake, questions both ways, a renewal, a Delete, and what is not believed. */
static void live(struct impaired *impaired)
{
	const struct ike_command close = {.kind = IKE_COMMAND_CLOSE};
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	struct message message;
	uint8_t garbage[64] = "garbage";

	impaired->duo->peer[DUO_A].lifetime = impaired->duo->peer[DUO_B].lifetime = 120;
	duo_tunnel(impaired->duo, "aes128-sha1");
	impaired_up(impaired);
	impaired_ask(impaired, 77);
	impaired_ask(impaired, 77);
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 78);
	message.hash = MESSAGE_HASH_WRONG;
	impaired_send(impaired, &message);
	message.protection = MESSAGE_CLEAR;
	impaired_send(impaired, &message);
	impaired_send_octets(impaired, garbage, sizeof(garbage), NULL);
	impaired_send_octets(impaired, garbage, 3, NULL);
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &ask));
	impaired_run(impaired, 130 * IKE_SECOND);
	ck_assert_uint_gt(duo_count(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED), 1);
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &close));
	impaired_run(impaired, IKE_SECOND);
}

START_TEST(nothing_on_is_not_noticed)
{
	struct impaired *with = impaired_new(IMPAIRED_NONE);
	struct impaired *without = impaired_new(IMPAIRED_NONE);

	without->without_layer = true;
	live(with);
	live(without);
	ck_assert_uint_gt(with->wires, 20);
	ck_assert_uint_eq(with->wires, without->wires);
	for (size_t i = 0; i < with->wires; i++) {
		const struct wire *a = &with->wire[i], *b = &without->wire[i];

		ck_assert_uint_eq(a->at, b->at);
		ck_assert_int_eq(a->from_impaired, b->from_impaired);
		ck_assert_uint_eq(a->length, b->length);
		ck_assert_mem_eq(a->data, b->data, a->length);
		ck_assert_uint_eq(a->plain_length, b->plain_length);
		ck_assert_mem_eq(a->plain, b->plain, a->plain_length);
	}
	impaired_free(with);
	impaired_free(without);
}
END_TEST

UNIT_MAIN("impair", nothing_on_is_not_noticed)
