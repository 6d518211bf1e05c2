/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/operations.h"
#include "tests/fuzz/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/certificates.h"
#include "tests/fuzz/world.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"

void sow_begin(struct sower *sower)
{
	wire_write_to(&sower->writer, sower->room, sizeof(sower->room));
}

void sow(struct sower *sower, const char *name)
{
	FUZZ_REQUIRE(!sower->writer.failed);
	sower->take(sower->context, name, wire_written(&sower->writer));
	sower->seeds++;
}

void sow_operation(struct sower *sower, unsigned what, unsigned how)
{
	wire_write_u8(&sower->writer, (uint8_t)(what | how << 3));
}

static void sow_command(struct sower *sower, enum ike_command_kind kind, unsigned peer)
{
	sow_operation(sower, 2, operation_command_number(kind) | peer << 3);
}

/* ---- payloads: one message each ------------------------------------------------------------------------------------ */

static void payloads(struct sower *sower)
{
	const struct cast_record *record;
	struct sample sample;
	char name[32];

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		sow_begin(sower);
		wire_write_octets(&sower->writer, octets_of(sample.octets, sample.length));
		snprintf(name, sizeof(name), "sample-%u", i);
		sow(sower, name);
	}
	for (unsigned tunnel = 0; tunnel < 2; tunnel++) {
		uint8_t rest[QUICK_ROOM];

		sample_get(SAMPLE_INFO_DELETE, &sample); /* its header and its HASH */
		sample.octets[IKE_HEADER_NEXT_PAYLOAD_AT + 2] = IKE_EXCHANGE_QUICK_MODE;
		sample.octets[IKE_HEADER_LENGTH] = IKE_PAYLOAD_SA;
		sow_begin(sower);
		wire_write_octets(&sower->writer, octets_of(sample.octets, IKE_HEADER_LENGTH + 24));
		wire_write_octets(&sower->writer, quick_request(tunnel, rest));
		ike_header_finish(&sower->writer);
		snprintf(name, sizeof(name), "quick-%u", tunnel);
		sow(sower, name);
	}
	for (unsigned side = 0; side < 4; side++) {
		record = cast_record((side & 1) != 0, (side & 2) != 0);
		for (size_t i = 0; i < record->lines; i++) {
			const struct cast_line *line = &record->line[i];

			sow_begin(sower);
			wire_write_octets(&sower->writer, octets_of(line->octets, line->length));
			snprintf(name, sizeof(name), "message-%u-%zu", side, i);
			sow(sower, name);
		}
	}
}

/* ---- core_clear: operations, see fuzz_core_clear.c ------------------------------------------------------------------- */

#define FIX_LENGTH  8u
#define FIX_COOKIES 16u

/* `whose`: only where `how` has FIX_COOKIES. */
static void datagram(struct sower *sower, unsigned how, uint8_t whose, struct octets octets)
{
	sow_operation(sower, 0, how);
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

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	datagram(sower, WORLD_STRANGER, 0, line_octets(record, 0));
	sow_operation(sower, 1, 2);
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, line_octets(record, 1));
	sow_operation(sower, 1, 3);
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, line_octets(record, 2));
	sow_operation(sower, 1, 12);
	snprintf(name, sizeof(name), "stranger-%u", options);
	sow(sower, name);
}

/* The same with NAT traversal as the drafts have it, whose NAT-D is of type 130: all NAT-D there is becomes of that type. */
static void drafted(struct sower *sower, uint8_t options)
{
	static const uint8_t rfc_3947[] = {0x4a, 0x13, 0x1c, 0x81};
	const struct cast_record *record = cast_record(false, false);
	struct cast_line first = record->line[0], second = record->line[1];
	uint8_t type = second.octets[IKE_HEADER_NEXT_PAYLOAD_AT];
	char name[32];

	for (size_t at = 0; at + sizeof(rfc_3947) <= first.length; at++)
		if (memcmp(first.octets + at, rfc_3947, sizeof(rfc_3947)) == 0)
			first.octets[at] ^= 1;
	for (size_t at = IKE_HEADER_LENGTH; type != IKE_PAYLOAD_NONE;) {
		FUZZ_REQUIRE(at + IKE_GENERIC_LENGTH <= second.length);
		type = second.octets[at];
		if (type == IKE_PAYLOAD_NAT_D)
			second.octets[at] = IKE_PAYLOAD_NAT_D_DRAFT;
		at += (size_t)second.octets[at + 2] << 8 | second.octets[at + 3];
	}
	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	datagram(sower, WORLD_STRANGER, 0, octets_of(first.octets, first.length));
	sow_operation(sower, 1, 2);
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, octets_of(second.octets, second.length));
	sow_operation(sower, 1, 3);
	sow_operation(sower, 3, 2);
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, line_octets(record, 2));
	sow_operation(sower, 1, 12);
	snprintf(name, sizeof(name), "drafted-%u", options);
	sow(sower, name);
}

/* The partner calls, is called, goes away and comes back; what has passed passes again. */
static void partner(struct sower *sower, uint8_t options)
{
	char name[32];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 6, 7);
	for (unsigned i = 0; i < 3; i++) {
		sow_operation(sower, 1, 3);
		sow_operation(sower, 6, 4);
	}
	sow_command(sower, IKE_COMMAND_START, 0);
	sow_operation(sower, 1, 6);
	sow_operation(sower, 6, 6);
	for (uint8_t i = 0; i < 4; i++) {
		sow_operation(sower, 4 + (i & 1), i & 1 ? WORLD_PARTNER : WORLD_FRIEND);
		wire_write_u8(&sower->writer, i);
		wire_write_u8(&sower->writer, 1);
		wire_write_u16(&sower->writer, (uint16_t)(16 + i));
		wire_write_u8(&sower->writer, 1);
	}
	sow_command(sower, IKE_COMMAND_CLOSE, 0);
	sow_operation(sower, 7, 2);
	sow_operation(sower, 1, 11);
	snprintf(name, sizeof(name), "partner-%u", options);
	sow(sower, name);
}

/*
 * The same through a NAT, which changes its mind in between; then each of what was said again, changed in one octet, and from
 * another port.
 */
static void natted(struct sower *sower, uint8_t options)
{
	char name[32];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 3, (options & 1) != 0 ? 1 : 2);
	sow_operation(sower, 6, 7);
	for (unsigned i = 0; i < 3; i++) {
		sow_operation(sower, 1, 3);
		sow_operation(sower, 6, 4);
	}
	sow_operation(sower, 1, 6);
	sow_operation(sower, 6, 4);
	sow_operation(sower, 3, 3);
	for (uint8_t i = 0; i < 4; i++) {
		sow_operation(sower, 5, WORLD_PARTNER);
		wire_write_u8(&sower->writer, i);
		wire_write_u8(&sower->writer, i & 1);
		if ((i & 1) != 0) {
			wire_write_u16(&sower->writer, (uint16_t)(40 + i));
			wire_write_u8(&sower->writer, 1);
		}
	}
	sow_operation(sower, 1, 11);
	sow_command(sower, IKE_COMMAND_TUNNEL, 0);
	sow_operation(sower, 6, 6);
	sow_command(sower, IKE_COMMAND_IPSEC_FAILED, 0);
	sow_operation(sower, 1, 15);
	sow_operation(sower, 6, 6);
	sow_command(sower, IKE_COMMAND_CALENDAR, 0);
	sow_operation(sower, 1, 13);
	snprintf(name, sizeof(name), "natted-%u", options);
	sow(sower, name);
}

/* A stranger who calls by Aggressive Mode: AM1 of the record, its repeat, and noise in place of AM3. */
static void aggressive_stranger(struct sower *sower, uint8_t options)
{
	const struct cast_record *record = cast_record(false, true);
	char name[32];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	for (unsigned i = 0; i < 2; i++) {
		datagram(sower, WORLD_STRANGER, 0, line_octets(record, 0));
		datagram(sower, WORLD_NOBODY, 0, line_octets(record, 0));
		sow_operation(sower, 1, 2);
	}
	datagram(sower, WORLD_STRANGER | FIX_COOKIES, 2, line_octets(record, 1));
	sow_operation(sower, 1, 12);
	snprintf(name, sizeof(name), "aggressive-stranger-%u", options);
	sow(sower, name);
}

/* The partner has a certificate, calls and is called; fragments of his proof come again, and the calendar moves on. */
static void signer(struct sower *sower, bool called, bool nat, uint8_t options)
{
	char name[48];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 3, nat);
	sow_operation(sower, 6, called ? 8 : 1 | 6 | 8);
	if (called)
		sow_command(sower, IKE_COMMAND_START, 3);
	for (unsigned i = 0; i < 3; i++) {
		sow_operation(sower, 1, 3);
		sow_operation(sower, 6, 6);
	}
	for (uint8_t i = 0; i < 6; i++) {
		sow_operation(sower, 5, WORLD_PARTNER);
		wire_write_u16(&sower->writer, (uint16_t)(i << 8));
	}
	sow_operation(sower, 1, 6);
	sow_operation(sower, 6, 6);
	sow_command(sower, IKE_COMMAND_CALENDAR, 2);
	sow_operation(sower, 6, 7);
	sow_operation(sower, 1, 11);
	snprintf(name, sizeof(name), "signer-%d-%d-%u", called, nat, options);
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
	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		sample.octets[sample.length - 2] = (uint8_t)(types[i] >> 8);
		sample.octets[sample.length - 1] = (uint8_t)types[i];
		datagram(sower, WORLD_FRIEND | FIX_COOKIES, WORLD_FRIEND,
			 octets_of(sample.octets, sample.length));
		datagram(sower, WORLD_NOBODY | FIX_LENGTH, 0,
			 octets_of(sample.octets, sample.length));
		sow_operation(sower, 1, 9);
	}
	sample_get(SAMPLE_INFO_DELETE, &sample); /* its HASH payload is left out */
	sample.octets[IKE_HEADER_FLAGS_AT] = 0;
	sample.octets[IKE_HEADER_NEXT_PAYLOAD_AT] = IKE_PAYLOAD_DELETE;
	memmove(sample.octets + IKE_HEADER_LENGTH, sample.octets + IKE_HEADER_LENGTH + 24,
		sample.length - IKE_HEADER_LENGTH - 24);
	datagram(sower, WORLD_FRIEND | FIX_COOKIES | FIX_LENGTH, WORLD_FRIEND,
		 octets_of(sample.octets, sample.length - 24));
	sow_operation(sower, 3, 31);
	sow_operation(sower, 5, WORLD_FRIEND);
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
	sow_begin(sower);
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
	sow_operation(sower, 1, 12);
	snprintf(name, sizeof(name), "fragments-%u", options);
	sow(sower, name);
}

/* The partner is up, with pairs, and what is said of packets: all of it. */
static void traffic(struct sower *sower, uint8_t options)
{
	static const uint8_t said[] = {
	    1, 2, 3, OPERATION_UNKNOWN_SPI, OPERATION_REMEMBER, OPERATION_UNKNOWN_SPI};
	char name[32];

	sow_begin(sower);
	wire_write_u8(&sower->writer, options);
	sow_operation(sower, 6, 7);
	for (int i = 0; i < 6; i++) {
		sow_operation(sower, 1, 3);
		sow_operation(sower, 6, 4);
	}
	for (size_t i = 0; i < sizeof(said); i++) {
		/* of each pair; from each address, and from two of them encapsulated */
		for (unsigned which = 0; which < (said[i] < 4 ? 4u : 10u); which++) {
			sow_operation(sower, 7, (unsigned)said[i] << 2);
			wire_write_u8(&sower->writer, (uint8_t)which);
			if (said[i] < OPERATION_UNKNOWN_SPI)
				continue;
			wire_write_u16(&sower->writer, 200);
			wire_write_u8(&sower->writer, (uint8_t)which);
		}
		/* a partner that is not heard would be dead before its tunnel is */
		sow_operation(sower, 1, said[i] < 3 ? 3 : 12);
	}
	snprintf(name, sizeof(name), "traffic-%u", options);
	sow(sower, name);
}

static void core_clear(struct sower *sower)
{
	static const uint8_t options[] = {0,  1,  2,      3,   4 | 32,  8 | 1,
					  16, 64, 64 | 3, 128, 128 | 1, 128 | 2 | 1};

	for (size_t i = 0; i < sizeof(options); i++) {
		stranger(sower, options[i]);
		drafted(sower, options[i]);
		aggressive_stranger(sower, options[i] | 128);
		if (options[i] == 0 || options[i] == 128)
			for (unsigned j = 0; j < 4; j++)
				signer(sower, (j & 1) != 0, (j & 2) != 0, options[i] | 32);
		partner(sower, options[i]);
		natted(sower, options[i]);
		hints(sower, options[i]);
		fragments(sower, options[i]);
		traffic(sower, options[i]);
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

	sow_begin(sower);
	wire_write_octets(&sower->writer, octets_of(everything, sizeof(everything) - 1));
	sow(sower, "everything");
	FUZZ_REQUIRE(file != NULL);
	sow_begin(sower);
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

	sow_begin(sower);
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
	sow_begin(sower);
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
	    {"core_protected", seeds_core_protected},
	    {"config", config},
	    {"certificates", certificates},
	    {"capture", seeds_capture},
	    {"esp", seeds_esp},
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
