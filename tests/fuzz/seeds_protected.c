/* SPDX-License-Identifier: ISC */
/*
 * seeds_protected.c - seeds for fuzz_core_protected.c: operations, see there.
 */
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/operations.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/unit.h"

/* Hex with @ where the cookies of the friend's SA stand; they are the same in every run. */
static void plaintext(struct sower *sower, bool initiator, uint8_t first, const char *hex)
{
	static struct world world;
	uint8_t octets[512], *at = octets;
	struct world_options options = {.initiator = initiator, .half_open = true};
	char part[512];

	world_open(&world, &options);
	while (*hex != '\0') {
		size_t digits = strcspn(hex, "@");

		snprintf(part, sizeof(part), "%.*s", (int)digits, hex);
		at += unit_hex(part, at, sizeof(octets) - (size_t)(at - octets));
		hex += digits;
		if (*hex != '@')
			break;
		memcpy(at, world.friend[WORLD_FRIEND].sa.cky_i, IKE_COOKIE_LENGTH);
		memcpy(at + 8, world.friend[WORLD_FRIEND].sa.cky_r, IKE_COOKIE_LENGTH);
		at += 16;
		hex++;
	}
	world_close(&world);
	wire_write_u8(&sower->writer, first);
	wire_write_u16(&sower->writer, (uint16_t)(at - octets));
	wire_write_octets(&sower->writer, octets_of(octets, (size_t)(at - octets)));
}

static const struct {
	const char *name;
	unsigned how; /* of operation 0 */
	uint8_t first;
	const char *hex;
} messages[] = {
    {"r-u-there", 0, IKE_PAYLOAD_NOTIFY, "00000020 00000001 01108d28 @ 00001389"},
    {"ack", 0, IKE_PAYLOAD_NOTIFY, "00000020 00000001 01108d29 @ 00001389"},
    {"initial-contact", 0, IKE_PAYLOAD_NOTIFY, "0000001c 00000001 01106002 @"},
    {"invalid-spi", 0, IKE_PAYLOAD_NOTIFY, "0000001c 00000001 0110000b @"},
    {"responder-lifetime", 0, IKE_PAYLOAD_NOTIFY,
     "00000028 00000001 01106000 @ 800b0001 000c0004 0000003c"},
    {"delete", 0, IKE_PAYLOAD_DELETE, "0000001c 00000001 01100001 @"},
    {"delete-esp", 0, IKE_PAYLOAD_DELETE, "00000010 00000001 03040001 c0ffee01"},
    {"delete-twice-notify", 0, IKE_PAYLOAD_DELETE,
     "0b00002c 00000001 01100002 @ @ 0000001c 00000001 01106002 @"},
    {"quick-mode", 4, IKE_PAYLOAD_SA,
     "0a000030 00000001 00000001 00000024 01030401 c0ffee01 00000018 010c0000 80040001 80050002 "
     "80060080 80010001 05000014 000102030405060708090a0b0c0d0e0f 05000010 04000000 0a000100 "
     "ffffff00 00000010 04000000 0a000200 ffffff00"},
    {"as-given", 2, IKE_PAYLOAD_HASH,
     "0b000018 aeba5075fd0d16dc19e4059231d64591d8f69801 00000020 00000001 01108d28 @ 00001389"},
};

/* The last message of Main Mode: HASH is made right by the harness. */
static const struct {
	const char *name;
	uint8_t first;
	const char *hex;
} lasts[] = {
    {"last", IKE_PAYLOAD_ID,
     "08000016 02000000 667269656e642e6578616d706c65 00000018 "
     "0000000000000000000000000000000000000000"},
    {"last-contact", IKE_PAYLOAD_ID,
     "08000016 02000000 667269656e642e6578616d706c65 0b000018 "
     "0000000000000000000000000000000000000000 0d00001c 00000001 01106002 @ 00000014 "
     "afcad71368a1f1c96b8696fc77570100"},
    {"last-as-other", IKE_PAYLOAD_ID,
     "08000015 02000000 6f746865722e6578616d706c65 0b000018 "
     "0000000000000000000000000000000000000000 0000001c 00000001 01106002 @"},
    {"last-address", IKE_PAYLOAD_HASH,
     "05000018 0000000000000000000000000000000000000000 0000000c 011101f4 c0000202"},
};

static void one_protected(struct sower *sower, size_t index, uint8_t options)
{
	char name[64];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 0, messages[index].how);
	plaintext(sower, options & 1, messages[index].first, messages[index].hex);
	sow_operation(sower, 1, 9);
	sow_operation(sower, 0, messages[index].how & ~3u); /* again, with another message ID */
	plaintext(sower, options & 1, messages[index].first, messages[index].hex);
	sow_operation(sower, 5, 0);
	wire_write_u16(&sower->writer, 0);
	sow_operation(sower, 1, 13);
	snprintf(name, sizeof(name), "%s-%u", messages[index].name, options);
	sow(sower, name);
}

static void one_last(struct sower *sower, size_t index, uint8_t options)
{
	char name[64];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 3, 2);
	plaintext(sower, options & 1, lasts[index].first, lasts[index].hex);
	sow_operation(sower, 3, 0);
	plaintext(sower, options & 1, lasts[index].first, lasts[index].hex);
	sow_operation(sower, 0, 0);
	plaintext(sower, options & 1, messages[0].first, messages[0].hex);
	sow_operation(sower, 7, 1 | 2);
	wire_write_u8(&sower->writer, 0);
	sow_operation(sower, 1, 10);
	snprintf(name, sizeof(name), "%s-%u", lasts[index].name, options);
	sow(sower, name);
}

/* ---- Quick Mode ---------------------------------------------------------------------------------------------------- */

static void payloads_of(struct sower *sower, uint8_t first, struct octets octets)
{
	wire_write_u8(&sower->writer, first);
	wire_write_u16(&sower->writer, (uint16_t)octets.length);
	wire_write_octets(&sower->writer, octets);
}

static void informational(struct sower *sower, uint8_t first, const char *hex)
{
	uint8_t octets[128];

	sow_operation(sower, 0, 0);
	payloads_of(sower, first, octets_of(octets, unit_hex(hex, octets, sizeof(octets))));
}

/* What may be said of a pair that is there, the last of it its Delete. */
static void about_pair(struct sower *sower)
{
	informational(sower, IKE_PAYLOAD_NOTIFY, /* RESPONDER-LIFETIME */
		      "00000020 00000001 03046000 c0ffee01 80010001 0002000400000078 80010002");
	informational(sower, IKE_PAYLOAD_NOTIFY, "00000010 00000001 0304000b c0ffee01");
	sow_operation(sower, 1, 15);
	sow_operation(sower, 2, 12); /* it is used up, */
	sow_operation(sower, 1, 0);
	sow_operation(sower, 2, 8); /* and at its end */
	informational(sower, IKE_PAYLOAD_DELETE, "00000010 00000001 03040001 c0ffee02");
	informational(sower, IKE_PAYLOAD_DELETE, "00000014 00000001 03040002 c0ffee01 c0ffee03");
	sow_operation(sower, 1, 10);
}

/* FRIEND begins. */
static void quick_responder(struct sower *sower, unsigned tunnel, bool commit, uint8_t options)
{
	uint8_t octets[QUICK_ROOM];
	char name[64];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 0, 4);
	payloads_of(sower, IKE_PAYLOAD_SA, quick_request(tunnel, octets));
	sow_operation(sower, 3, 1); /* QM3 with a HASH that is wrong, then right */
	wire_write_u8(&sower->writer, 9);
	payloads_of(sower, IKE_PAYLOAD_NONE, octets_of(octets, 0));
	for (unsigned type = 0; type < 3;
	     type++) { /* with something behind it that HASH(3) does not cover */
		static const uint8_t types[] = {IKE_PAYLOAD_VENDOR_ID, IKE_PAYLOAD_NOTIFY, 200};

		sow_operation(sower, 3, 0);
		payloads_of(sower, types[type], octets_of((const uint8_t[]){0, 0, 0, 4}, 4));
	}
	sow_operation(sower, 3, commit ? 8 : 0);
	payloads_of(sower, IKE_PAYLOAD_NONE, octets_of(octets, 0));
	about_pair(sower);
	snprintf(name, sizeof(name), "quick-responder-%u-%d-%u", tunnel, commit, options);
	sow(sower, name);
}

/* The core begins. */
static void quick_initiator(struct sower *sower, unsigned tunnel, bool commit, uint8_t options)
{
	static struct world world;
	struct world_options world_options = operation_options(options);
	struct ike_command command = {
	    .kind = IKE_COMMAND_TUNNEL, .peer = WORLD_FRIEND, .tunnel = tunnel};
	uint8_t octets[QUICK_ROOM];
	char name[64];

	world_open(&world, &world_options);
	FUZZ_REQUIRE(ike_command(world.core, world.now, &command));
	world_settle(&world);
	FUZZ_REQUIRE(quick_of(&world, world_sa(&world, WORLD_FRIEND)) != NULL);
	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 2, 4 | tunnel);
	sow_operation(sower, 3, commit ? 8 : 0);
	payloads_of(sower, IKE_PAYLOAD_SA,
		    quick_answer(quick_of(&world, world_sa(&world, WORLD_FRIEND)), octets));
	if (commit) {
		sow_operation(sower, 3, 4); /* CONNECTED */
		payloads_of(sower, IKE_PAYLOAD_NOTIFY,
			    octets_of(octets, unit_hex("00000010 00000001 03044000 c0ffee03",
						       octets, sizeof(octets))));
	}
	world_close(&world);
	about_pair(sower);
	snprintf(name, sizeof(name), "quick-initiator-%u-%d-%u", tunnel, commit, options);
	sow(sower, name);
}

static void quick_modes(struct sower *sower, uint8_t options)
{
	for (unsigned tunnel = 0; tunnel < 2; tunnel++)
		for (unsigned commit = 0; commit < 2; commit++) {
			quick_responder(sower, tunnel, commit == 1, options);
			quick_initiator(sower, tunnel, commit == 1, options);
		}
}

/* The partner's proof by certificate, in place of himself: damaged in the signature, and right. */
static void proof_by_certificate(struct sower *sower, uint8_t options)
{
	static struct world world;
	struct world_options world_options = operation_options(options);
	const struct ike_handshake *handshake;
	const struct ike_sa *sa;
	static uint8_t damaged[WORLD_LONGEST];
	struct octets chain;
	char name[64];
	uint32_t cursor = 0;

	world_open(&world, &world_options);
	world_partner(&world, true, true, 1);
	operation_time(&world, 3);
	world_partner(&world, false, true, world_options.aggressive ? 1 : 2);
	world_partner(&world, false, true, 1);
	sa = sa_table_next(world.partner->sas, &cursor);
	FUZZ_REQUIRE(sa != NULL && sa->handshake != NULL);
	handshake = sa->handshake;
	chain = octets_of(handshake->plain + IKE_HEADER_LENGTH,
			  handshake->plain_length - IKE_HEADER_LENGTH);
	FUZZ_REQUIRE(handshake->plain_length > 1000);
	FUZZ_REQUIRE(chain.length <= sizeof(damaged));
	memcpy(damaged, chain.data, chain.length);
	damaged[chain.length - 60] ^= 1;
	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 6, 1 | 8);
	sow_operation(sower, 1, 3);
	sow_operation(sower, 6, world_options.aggressive ? 0 : 2);
	sow_operation(sower, 6, 16);
	payloads_of(sower, handshake->plain[IKE_HEADER_NEXT_PAYLOAD_AT],
		    octets_of(damaged, chain.length));
	sow_operation(sower, 6, 16);
	payloads_of(sower, handshake->plain[IKE_HEADER_NEXT_PAYLOAD_AT], chain);
	sow_operation(sower, 1, 10);
	world_close(&world);
	snprintf(name, sizeof(name), "certificate-%u", options);
	sow(sower, name);
}

/* AM3, encrypted, with a HASH_I that is made right. */
static void last_of_aggressive(struct sower *sower)
{
	uint8_t octets[64] = {0, 0, 0, 24}, request[QUICK_ROOM];

	sow_begin(sower);
	wire_write_u8(&sower->writer, 128 | 2);
	sow_operation(sower, 3, 2);
	payloads_of(sower, IKE_PAYLOAD_HASH, octets_of(octets, 24));
	sow_operation(sower, 3, 0);
	payloads_of(sower, IKE_PAYLOAD_HASH, octets_of(octets, 24));
	sow_operation(sower, 0, 4);
	payloads_of(sower, IKE_PAYLOAD_SA, quick_request(0, request));
	sow_operation(sower, 3, 0);
	payloads_of(sower, IKE_PAYLOAD_NONE, octets_of(octets, 0));
	sow_operation(sower, 1, 10);
	sow(sower, "last-of-aggressive");
}

void seeds_core_protected(struct sower *sower)
{
	static const uint8_t options[] = {0, 1, 4, 16, 32 | 64, 128, 128 | 1};

	for (size_t i = 0; i < sizeof(options); i++) {
		for (size_t j = 0; j < sizeof(messages) / sizeof(messages[0]); j++)
			one_protected(sower, j, options[i]);
		quick_modes(sower, options[i]);
		for (size_t j = 0; j < sizeof(lasts) / sizeof(lasts[0]); j++)
			one_last(sower, j, options[i] | 2);
	}
	last_of_aggressive(sower);
	proof_by_certificate(sower, 32);
	proof_by_certificate(sower, 32 | 128);
}
