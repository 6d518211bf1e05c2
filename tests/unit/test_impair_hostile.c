/* SPDX-License-Identifier: ISC */
/*
 * test_impair_hostile.c - the layer reads before the engine does: messages of a session, damaged in every way, through every
 * impairment.  Run under ASan it shows that nothing is read beyond, and that nothing is lost.
 */
#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

#define RECORDED 24
#define DAMAGES  24 /* of each message and impairment */

static struct impaired *impaired;
static struct random_source chance;
static struct wire recorded[RECORDED];
static size_t recordings;

static void record(const struct wire *wire)
{
	if (!wire->from_impaired && recordings < RECORDED)
		recorded[recordings++] = *wire;
}

/* What A has sent in a session with questions and a Quick Mode. */
static void record_session(void)
{
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};

	impaired = impaired_new(IMPAIRED_NONE);
	duo_tunnel(impaired->duo, "aes128-sha1");
	impaired_up(impaired);
	(void)ike_command(impaired->duo->core[DUO_A], impaired->duo->now, &ask);
	impaired_run(impaired, IKE_SECOND);
	for (size_t i = 0; i < impaired->wires; i++)
		record(&impaired->wire[i]);
	ck_assert_uint_gt(recordings, 6);
	impaired_free(impaired);
}

static void send(const uint8_t *data, size_t length)
{
	impaired->wires = 0; /* there is no end of them */
	impaired_send_octets(impaired, data, length, NULL);
}

/* One to three octets are others, the end is missing, or there is more of it. */
static void send_damaged(const uint8_t *data, size_t length)
{
	uint8_t copy[IKE_DATAGRAM_MAX];
	uint32_t how = random_u32(&chance);

	memcpy(copy, data, length);
	for (uint32_t i = 0; i <= how % 3; i++)
		copy[random_below(&chance, (uint32_t)length)] = (uint8_t)random_u32(&chance);
	if (how >> 8 & 1)
		length = random_below(&chance, (uint32_t)length + 1);
	else if (how >> 9 & 1)
		length += random_below(&chance, 40);
	/* often the length is right in spite of it, or it would not be looked at any further */
	if ((how >> 10 & 3) != 0 && length >= 28) {
		copy[26] = (uint8_t)(length >> 8);
		copy[27] = (uint8_t)length;
	}
	send(copy, length);
}

/* Inside the encryption, HASH(1) right over whatever it is. */
static void send_nonsense(void)
{
	uint8_t body[64];
	struct message message;
	uint32_t how = random_u32(&chance);

	impaired_begin(impaired, &message);
	if (how & 1) {
		message_add_keepalive(
		    &message, how & 2 ? IKE_NOTIFY_R_U_THERE : IKE_NOTIFY_R_U_THERE_ACK, how);
		message.body[random_below(&chance, 28)] = (uint8_t)(how >> 8);
	}
	for (uint32_t i = 0; i < (how >> 2 & 3); i++) {
		uint32_t length = random_below(&chance, sizeof(body));

		random_octets(&chance, body, sizeof(body));
		message_add(&message, (enum ike_payload_type)(8 + random_below(&chance, 6)),
			    octets_of(body, length));
	}
	if (message.payloads > 0 && how & 0x1000)
		message.payload[message.payloads - 1].wrong_length =
		    (int)random_below(&chance, 80) - 40;
	message.hash = (enum message_hash)(how >> 16 & 7);
	message.protection = (enum message_protection)(how >> 20 & 3);
	message.iv = (enum message_iv)(how >> 22 & 3);
	message.padding = (enum message_padding)(how >> 24 & 3);
	if (how & 0x4000)
		message.header.exchange = (uint8_t)(how >> 26);
	impaired->wires = 0;
	impaired_send(impaired, &message);
}

static void besiege(struct impaired *victim)
{
	impaired = victim;
	impaired->duo->settings[DUO_B].limits.notifies_per_second = 10000;
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_A);
	impaired_run(impaired, IKE_SECOND / 2);
	for (size_t i = 0; i < recordings; i++)
		send(recorded[i].data, recorded[i].length);
	for (size_t i = 0; i < DAMAGES; i++) {
		const struct wire *wire = &recorded[random_below(&chance, (uint32_t)recordings)];

		send_damaged(wire->data, wire->length);
	}
	if (ike_export_keys(impaired->duo->core[DUO_A], impaired->cky_i, impaired->cky_r,
			    &impaired->keys))
		ck_abort_msg("no SA has cookies of zeros");
	impaired->wires = 0;
	if (duo_established(impaired->duo, DUO_A) > 0) {
		impaired_learn(impaired);
		for (size_t i = 0; i < DAMAGES; i++)
			send_nonsense();
	}
	impaired_free(impaired);
}

START_TEST(each_alone)
{
	record_session();
	random_seeded(&chance, (const uint8_t[RANDOM_SEED_LENGTH]){1});
	for (size_t i = 0; i <= IMPAIRMENTS; i++)
		besiege(impaired_new((enum impairment)i));
}
END_TEST

/* All that do not end the node at once. */
START_TEST(many_together)
{
	record_session();
	random_seeded(&chance, (const uint8_t[RANDOM_SEED_LENGTH]){2});
	for (size_t round = 0; round < 20; round++) {
		struct impaired *victim = impaired_new(IMPAIRED_NONE);

		for (size_t i = 0; i < IMPAIRMENTS; i++)
			victim->on[i] =
			    random_below(&chance, 3) == 0 &&
			    strncmp(impairment_name((enum impairment)i), "dies", 4) != 0;
		besiege(victim);
	}
}
END_TEST

UNIT_MAIN("impair_hostile", each_alone, many_together)
