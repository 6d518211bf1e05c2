/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/certificates.h"
#include "tests/fuzz/world.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"

#define SEED_MOST 8192

struct sower {
	seed_taker *take;
	void *context;
	size_t seeds;
	struct wire_writer writer;
	uint8_t room[SEED_MOST];
};

static void begin(struct sower *sower)
{
	wire_write_to(&sower->writer, sower->room, sizeof(sower->room));
}

static void sow(struct sower *sower, const char *name)
{
	FUZZ_REQUIRE(!sower->writer.failed);
	sower->take(sower->context, name, wire_written(&sower->writer));
	sower->seeds++;
}

/* ---- payloads: one message each ------------------------------------------------------------------------------------ */

static void payloads(struct sower *sower)
{
	const struct cast_record *record;
	struct sample sample;
	char name[32];

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		begin(sower);
		wire_write_octets(&sower->writer, octets_of(sample.octets, sample.length));
		snprintf(name, sizeof(name), "sample-%u", i);
		sow(sower, name);
	}
	for (unsigned side = 0; side < 4; side++) {
		record = cast_record((side & 1) != 0, (side & 2) != 0);
		for (size_t i = 0; i < record->lines; i++) {
			const struct cast_line *line = &record->line[i];

			begin(sower);
			wire_write_octets(&sower->writer, octets_of(line->octets, line->length));
			snprintf(name, sizeof(name), "message-%u-%zu", side, i);
			sow(sower, name);
		}
	}
}

/* ---- core_clear: operations, see fuzz_core_clear.c ------------------------------------------------------------------- */

#define FIX_LENGTH  8u
#define FIX_COOKIES 16u

static void operation(struct sower *sower, unsigned what, unsigned how)
{
	wire_write_u8(&sower->writer, (uint8_t)(what | how << 3));
}

/* `whose`: only where `how` has FIX_COOKIES. */
static void datagram(struct sower *sower, unsigned how, uint8_t whose, struct octets octets)
{
	operation(sower, 0, how);
	if ((how & FIX_COOKIES) != 0)
		wire_write_u8(&sower->writer, whose);
	wire_write_u16(&sower->writer, (uint16_t)octets.length);
	wire_write_octets(&sower->writer, octets);
}

static struct octets line_octets(const struct cast_record *record, size_t index)
{
	FUZZ_REQUIRE(index < record->lines);
	return octets_of(record->line[index].octets, record->line[index].length);
}

/* A stranger goes as far as he can without the secret: MM1, MM3, and noise in place of MM5. */
static void stranger(struct sower *sower, uint8_t options)
{
	const struct cast_record *record = cast_record(false, false);
	char name[32];

	begin(sower);
	wire_write_u8(&sower->writer, options);
	datagram(sower, WORLD_STRANGER, 0, line_octets(record, 0));
	operation(sower, 1, 2);
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, line_octets(record, 1));
	operation(sower, 1, 3);
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, line_octets(record, 2));
	operation(sower, 1, 12);
	snprintf(name, sizeof(name), "stranger-%u", options);
	sow(sower, name);
}

/* The partner calls, is called, goes away and comes back; what has passed passes again. */
static void partner(struct sower *sower, uint8_t options)
{
	char name[32];

	begin(sower);
	wire_write_u8(&sower->writer, options);
	operation(sower, 6, 7);
	for (unsigned i = 0; i < 3; i++) {
		operation(sower, 1, 3);
		operation(sower, 6, 4);
	}
	operation(sower, 2, IKE_COMMAND_START);
	operation(sower, 1, 6);
	operation(sower, 6, 6);
	for (uint8_t i = 0; i < 4; i++) {
		operation(sower, 4 + (i & 1), i & 1 ? WORLD_PARTNER : WORLD_FRIEND);
		wire_write_u8(&sower->writer, i);
		wire_write_u8(&sower->writer, 1);
		wire_write_u16(&sower->writer, (uint16_t)(16 + i));
		wire_write_u8(&sower->writer, 1);
	}
	operation(sower, 2, IKE_COMMAND_CLOSE);
	operation(sower, 7, 2);
	operation(sower, 1, 11);
	snprintf(name, sizeof(name), "partner-%u", options);
	sow(sower, name);
}

/* Unprotected notifications about the friend's SA, from its address and from others; then a reboot. */
static void hints(struct sower *sower, uint8_t options)
{
	static const uint16_t types[] = {IKE_NOTIFY_INVALID_COOKIE, IKE_NOTIFY_INVALID_SPI,
					 IKE_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_R_U_THERE};
	struct sample sample;
	char name[32];

	sample_get(SAMPLE_INFO_CLEAR, &sample);
	begin(sower);
	wire_write_u8(&sower->writer, options);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		sample.octets[sample.length - 2] = (uint8_t)(types[i] >> 8);
		sample.octets[sample.length - 1] = (uint8_t)types[i];
		datagram(sower, WORLD_FRIEND | FIX_COOKIES, WORLD_FRIEND,
			 octets_of(sample.octets, sample.length));
		datagram(sower, WORLD_NOBODY | FIX_LENGTH, 0,
			 octets_of(sample.octets, sample.length));
		operation(sower, 1, 9);
	}
	sample_get(SAMPLE_INFO_DELETE, &sample); /* its HASH payload is left out */
	sample.octets[IKE_HEADER_FLAGS_AT] = 0;
	sample.octets[IKE_HEADER_NEXT_PAYLOAD_AT] = IKE_PAYLOAD_DELETE;
	memmove(sample.octets + IKE_HEADER_LENGTH, sample.octets + IKE_HEADER_LENGTH + 24,
		sample.length - IKE_HEADER_LENGTH - 24);
	datagram(sower, WORLD_FRIEND | FIX_COOKIES | FIX_LENGTH, WORLD_FRIEND,
		 octets_of(sample.octets, sample.length - 24));
	operation(sower, 3, 31);
	operation(sower, 5, WORLD_FRIEND);
	wire_write_u16(&sower->writer, 0x0200);
	snprintf(name, sizeof(name), "hints-%u", options);
	sow(sower, name);
}

/* A message for the friend's SA in three parts, out of order, one of them twice; a second one that interrupts a third. */
static void fragments(struct sower *sower, uint8_t options)
{
	static const struct {
		uint8_t id, number, last;
	} part[] = {{1, 3, 1}, {1, 1, 0}, {1, 1, 0}, {1, 2, 0}, {2, 1, 0}, {3, 2, 1}, {3, 1, 0}};
	struct sample sample;
	char name[32];

	sample_get(SAMPLE_INFO_CLEAR, &sample);
	begin(sower);
	wire_write_u8(&sower->writer, options);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		uint8_t octets[IKE_HEADER_LENGTH + 8 + 20] = {0};
		size_t from = (size_t)(part[i].number - 1) * 20;

		memcpy(octets, sample.octets, IKE_HEADER_LENGTH);
		octets[IKE_HEADER_NEXT_PAYLOAD_AT] = IKE_PAYLOAD_FRAGMENT;
		octets[IKE_HEADER_LENGTH + 3] = 8 + 20;
		octets[IKE_HEADER_LENGTH + 5] = part[i].id;
		octets[IKE_HEADER_LENGTH + 6] = part[i].number;
		octets[IKE_HEADER_LENGTH + 7] = part[i].last;
		if (from + 20 <= sample.length)
			memcpy(octets + IKE_HEADER_LENGTH + 8, sample.octets + from, 20);
		datagram(sower, WORLD_FRIEND | FIX_COOKIES | FIX_LENGTH, WORLD_FRIEND,
			 octets_of(octets, sizeof(octets)));
	}
	operation(sower, 1, 12);
	snprintf(name, sizeof(name), "fragments-%u", options);
	sow(sower, name);
}

static void core_clear(struct sower *sower)
{
	static const uint8_t options[] = {0, 1, 2, 3, 4 | 32, 8 | 1, 16, 64, 64 | 3};

	for (size_t i = 0; i < sizeof(options); i++) {
		stranger(sower, options[i]);
		partner(sower, options[i]);
		hints(sower, options[i]);
		fragments(sower, options[i]);
	}
}

/* ---- core_protected: operations, see fuzz_core_protected.c ----------------------------------------------------------- */

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

	begin(sower);
	wire_write_u8(&sower->writer, options);
	operation(sower, 0, messages[index].how);
	plaintext(sower, options & 1, messages[index].first, messages[index].hex);
	operation(sower, 1, 9);
	operation(sower, 0, messages[index].how & ~3u); /* again, with another message ID */
	plaintext(sower, options & 1, messages[index].first, messages[index].hex);
	operation(sower, 5, 0);
	wire_write_u16(&sower->writer, 0);
	operation(sower, 1, 13);
	snprintf(name, sizeof(name), "%s-%u", messages[index].name, options);
	sow(sower, name);
}

static void one_last(struct sower *sower, size_t index, uint8_t options)
{
	char name[64];

	begin(sower);
	wire_write_u8(&sower->writer, options);
	operation(sower, 3, 2);
	plaintext(sower, options & 1, lasts[index].first, lasts[index].hex);
	operation(sower, 3, 0);
	plaintext(sower, options & 1, lasts[index].first, lasts[index].hex);
	operation(sower, 0, 0);
	plaintext(sower, options & 1, messages[0].first, messages[0].hex);
	operation(sower, 7, 1 | 2);
	wire_write_u8(&sower->writer, 0);
	operation(sower, 1, 10);
	snprintf(name, sizeof(name), "%s-%u", lasts[index].name, options);
	sow(sower, name);
}

static void core_protected(struct sower *sower)
{
	static const uint8_t options[] = {0, 1, 4, 16, 32 | 64};

	for (size_t i = 0; i < sizeof(options); i++) {
		for (size_t j = 0; j < sizeof(messages) / sizeof(messages[0]); j++)
			one_protected(sower, j, options[i]);
		for (size_t j = 0; j < sizeof(lasts) / sizeof(lasts[0]); j++)
			one_last(sower, j, options[i] | 2);
	}
}

/* ---- config: our own example, and every field there is --------------------------------------------------------------- */

static const char everything[] =
    "node {\n identity = \"fqdn:t.example\" listen = {\"127.0.0.1\", \"[::1]:4500\"} port = 0\n"
    " control = \"\" say-invalid-cookie = false\n"
    " key = t.key certificate = t.pem authorities = lab.pem revocations = lab.crl\n"
    " limits { sas = 11 handshakes = 12 handshakes-per-source = 13 outputs = 14 events = 15\n"
    "  notifies-per-second = 0 }\n}\n"
    "peer \"gw\" {\n gateways = {\"192.0.2.1\", \"gw.example:4500\"} identity = \"gw.example\"\n"
    " local-identity = \"key-id:0x6c6162\" secret = \"0x8f2d61c07be94a13d5508e3fa9c4b776\"\n"
    " proposals = {\"aes128-sha1-x25519\", \"3des-md5-modp1024\"} lifetime = 2h\n"
    " obey-initial-contact = false\n"
    " keepalive { mode = on-demand worry = 10s retry = 2s misses = 5 strict = true }\n"
    " recovery { on-death = clear connect-at-start = false attempts = 3 attempt-timeout = 4s\n"
    "  backoff-first = 500ms backoff-most = 6s hold-down = 0s }\n}\n"
    "peer 'old' { from = 10.0.0.0/8 secret = \"0123456789abcdef\" authentication = psk\n"
    " exchange = aggressive-psk }\n"
    "peer 'any' { from = \"2001:db8::/32\" secret = \"0123456789abcdef\" // comment\n"
    " keepalive { mode = off detect = 1m loss = 99.9% false-deaths = 0.5 } }\n";

static void config(struct sower *sower)
{
	static const char path[] = "interop/ruthere.conf.example";
	FILE *file = fopen(path, "re");

	begin(sower);
	wire_write_octets(&sower->writer, octets_of(everything, sizeof(everything) - 1));
	sow(sower, "everything");
	FUZZ_REQUIRE(file != NULL);
	begin(sower);
	sower->writer.length = fread(sower->room, 1, sizeof(sower->room), file);
	fclose(file);
	FUZZ_REQUIRE(sower->writer.length > 0);
	sow(sower, "example");
}

/* ---- certificates: a claim each, see fuzz_certificates.c -------------------------------------------------------------- */

static void claim(struct sower *sower, enum signature_kind kind, enum certificate_name name,
		  uint8_t months, struct octets identity)
{
	const struct credentials *peer = certificates_peer(kind);
	struct octets chain[CERTIFICATES_MAX];
	const size_t count = credentials_certificates(peer, chain);
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	const size_t length = credentials_sign(peer, certificates_hash, signature);
	char text[64];

	begin(sower);
	wire_write_u8(&sower->writer, (uint8_t)(kind | (unsigned)name << 2));
	wire_write_u8(&sower->writer, months);
	wire_write_u8(&sower->writer, (uint8_t)identity.length);
	wire_write_octets(&sower->writer, identity);
	wire_write_u16(&sower->writer, (uint16_t)length);
	wire_write_octets(&sower->writer, octets_of(signature, length));
	for (size_t i = 0; i < count; i++) {
		wire_write_u16(&sower->writer, (uint16_t)chain[i].length);
		wire_write_octets(&sower->writer, chain[i]);
	}
	snprintf(text, sizeof(text), "claim-%u-%u-%u", kind, name, months);
	sow(sower, text);
}

static void certificates(struct sower *sower)
{
	static const enum signature_kind kinds[] = {SIGNATURE_RSA, SIGNATURE_ECDSA_256};
	static const uint8_t months[] = {0, 20, 200};
	static const uint8_t address[] = {10, 1, 2, 3};
	static const char name[] = "gw.example", email[] = "Op.Erator@gw.example",
			  written[] = "CN=gw.example + O=a\\2c, C=CH";

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < sizeof(months); j++) {
			const struct octets subject =
			    credentials_subject(certificates_peer(kinds[i]));

			claim(sower, kinds[i], CERTIFICATE_NAME_DNS, months[j],
			      octets_of(name, strlen(name)));
			claim(sower, kinds[i], CERTIFICATE_NAME_EMAIL, months[j],
			      octets_of(email, strlen(email)));
			claim(sower, kinds[i], CERTIFICATE_NAME_ADDRESS, months[j],
			      octets_of(address, sizeof(address)));
			claim(sower, kinds[i], CERTIFICATE_NAME_DN, months[j], subject);
		}
	begin(sower);
	wire_write_u16(&sower->writer, 0);
	wire_write_u8(&sower->writer, (uint8_t)strlen(written));
	wire_write_octets(&sower->writer, octets_of(written, strlen(written)));
	sow(sower, "written");
}

/* -------------------------------------------------------------------------------------------------------------------- */

size_t seeds_make(const char *target, seed_taker *take, void *context)
{
	static const struct {
		const char *target;
		void (*make)(struct sower *sower);
	} rows[] = {
	    {"payloads", payloads},
	    {"core_clear", core_clear},
	    {"core_protected", core_protected},
	    {"config", config},
	    {"certificates", certificates},
	};
	static struct sower sower;

	sower.take = take;
	sower.context = context;
	sower.seeds = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].target, target) == 0)
			rows[i].make(&sower);
	return sower.seeds;
}
