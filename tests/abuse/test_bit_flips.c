/* SPDX-License-Identifier: ISC */
/*
 * Every single bit of every message that counts: CBC can be bent at will, and only the HASH stands against it.  "Changes
 * nothing" is meant literally: a digest of the node's whole state, every deadline and every waiting datagram included.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

/* Ciphers and hashes as in tests/vectors/psk-suites.json. */
static const char *const suites[] = {
    "aes128-sha1-x25519", "aes256-sha1-x25519", "aes256-sha256-x25519",
    "3des-md5-x25519",    "3des-sha1-x25519",
};

#define SUITES (sizeof(suites) / sizeof(suites[0]))

static struct duo *duo_with_suite(uint8_t seed, const char *suite)
{
	struct duo *duo = duo_new(seed);

	duo_propose(duo, DUO_A, suite);
	duo_propose(duo, DUO_B, suite);
	/* a notification in the clear about what was refused is an output, which the digest would show */
	duo->settings[DUO_A].limits.notifies_per_second = 0;
	duo->settings[DUO_B].limits.notifies_per_second = 0;
	return duo;
}

static void flip(uint8_t *message, size_t bit)
{
	message[bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

/* ---- Informationals ------------------------------------------------------------------------------------------------ */

enum informational {
	R_U_THERE,
	ACK,
	DELETE,
	INITIAL_CONTACT,
	RESPONDER_LIFETIME,
	INVALID_SPI,
	PRIVATE_STATUS,
	INFORMATIONALS
};

/* A has not obeyed an INITIAL-CONTACT under this SA yet, B has.  The ACK answers a question that is open. */
static void forge_kind(struct forge *forge, struct duo *duo, enum duo_node to,
		       enum informational kind)
{
	forge_from(forge, duo, to);
	switch (kind) {
	case R_U_THERE:
		forge_r_u_there(forge, 1000);
		break;
	case ACK:
		forge_ack(forge, duo_last_report(duo, to, IKE_REPORT_ASKED)->report.number);
		break;
	case DELETE:
		forge_delete(forge);
		break;
	case INITIAL_CONTACT:
		forge_notify(forge, IKE_NOTIFY_INITIAL_CONTACT);
		break;
	case RESPONDER_LIFETIME:
		forge_responder_lifetime(forge, 600);
		break;
	case INVALID_SPI:
		forge_notify(forge, IKE_NOTIFY_INVALID_SPI);
		break;
	case PRIVATE_STATUS:
		forge_notify(forge, 40000);
		break;
	case INFORMATIONALS:
		ck_abort();
	}
}

/* What a message gets that nobody has believed. */
static bool is_disbelief(enum ike_verdict verdict)
{
	switch (verdict) {
	case IKE_UNEQUAL_LENGTHS:
	case IKE_TOO_LONG:
	case IKE_BAD_MAJOR_VERSION:
	case IKE_BAD_MINOR_VERSION:
	case IKE_BAD_FLAGS:
	case IKE_BAD_EXCHANGE_TYPE:
	case IKE_BAD_MESSAGE_ID:
	case IKE_UNKNOWN_COOKIES:
	case IKE_UNPROTECTED:
	case IKE_REFLECTED:
	case IKE_BAD_CIPHERTEXT_LENGTH:
	case IKE_PAYLOAD_TRUNCATED:
	case IKE_PAYLOAD_TOO_SHORT:
	case IKE_RESERVED_NOT_ZERO:
	case IKE_TOO_MANY_PAYLOADS:
	case IKE_TRAILING_OCTETS:
	case IKE_PAYLOAD_UNKNOWN:
	case IKE_PAYLOAD_MISSING:
	case IKE_PAYLOAD_UNEXPECTED:
	case IKE_PAYLOAD_REPEATED:
	case IKE_PAYLOAD_ORDER:
	case IKE_BAD_HASH:
		return true;
	default:
		return false;
	}
}

static void every_bit_of(const char *suite, enum duo_node to, enum informational kind)
{
	struct duo *duo = duo_with_suite((uint8_t)kind, suite);
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	uint8_t message[IKE_SMALL_MESSAGE];
	uint64_t before, bad_hash;
	struct forge forge;
	size_t length;

	siege_begin(duo);
	duo->deliver = forge_lose_all;
	ck_assert(ike_command(duo->core[to], duo->now, &ask));
	duo_run(duo, 0);
	forge_kind(&forge, duo, to, kind);
	length = forge_protected(&forge, message, sizeof(message));
	before = siege_digest(duo, to, SIEGE_EVERYTHING);
	bad_hash = siege_verdicts(duo, to, IKE_BAD_HASH);
	for (size_t bit = 0; bit < 8 * length; bit++) {
		enum ike_verdict verdict;

		flip(message, bit);
		verdict = duo_inject(duo, to, message, length);
		flip(message, bit);
		ck_assert_msg(is_disbelief(verdict), "%s, message %d, bit %zu: %s", suite, kind,
			      bit, ike_verdict_name(verdict));
		ck_assert_msg(siege_digest(duo, to, SIEGE_EVERYTHING) == before,
			      "%s, message %d, bit %zu: %s, but something has changed", suite, kind,
			      bit, ike_verdict_name(verdict));
	}
	/* most of it was for the HASH to find, and the message itself was good: it is believed, and does change something */
	ck_assert_uint_gt(siege_verdicts(duo, to, IKE_BAD_HASH) - bad_hash, length);
	ck_assert(!is_disbelief(duo_inject(duo, to, message, length)));
	ck_assert(siege_digest(duo, to, SIEGE_EVERYTHING) != before);
	duo_free(duo);
}

/* R59, R60 */
START_TEST(cve_2019_10155_bit_flips)
{
	for (size_t suite = 0; suite < SUITES; suite++)
		for (enum informational kind = 0; kind < INFORMATIONALS; kind++) {
			every_bit_of(suites[suite], DUO_A, kind);
			every_bit_of(suites[suite], DUO_B, kind);
		}
}
END_TEST

/* ---- MM5 and MM6 --------------------------------------------------------------------------------------------------- */

/* After sixteen refusals a handshake is left to time out (phase_1.c), so each of them gets fewer. */
#define FLIPS_IN_ONE_HANDSHAKE 15

/* A duo whose Phase 1 has come so far that the message is all that is missing; the message is kept. */
static struct duo *waiting_for(const char *suite, uint8_t seed, enum ike_message_kind kind,
			       struct siege_held *held)
{
	struct duo *duo = duo_with_suite(seed, suite);

	siege_hold(duo, kind, held);
	return duo;
}

/* How many octets of the message stand in blocks that HASH_I or HASH_R reaches into: no later one is covered by it. */
static size_t covered_by_hash(const struct siege_held *held, const struct duo *duo)
{
	struct octets plain = octets_of(held->plain, held->plain_length);
	size_t block = duo->peer[DUO_A].proposal[0].encryption == IKE_ENCRYPTION_3DES ? 8 : 16;
	struct ike_message message;
	size_t end;

	tap_read(plain, &message);
	end = (size_t)(ike_payload_find(&message, IKE_PAYLOAD_HASH)->whole.data - plain.data) +
	      ike_payload_find(&message, IKE_PAYLOAD_HASH)->whole.length - IKE_HEADER_LENGTH;
	return IKE_HEADER_LENGTH + (end + block - 1) / block * block;
}

/* The header's Commit and Authentication Only bits mean nothing here, and no HASH covers them: not looked at in Phase 1. */
static bool is_ignored(size_t bit)
{
	return bit == 8 * IKE_HEADER_FLAGS_AT + 1 || bit == 8 * IKE_HEADER_FLAGS_AT + 2;
}

/* Returns the first bit that has not been tried. */
static size_t some_bits_of(const char *suite, enum ike_message_kind kind, size_t bit)
{
	struct siege_held held;
	struct duo *duo = waiting_for(suite, (uint8_t)bit, kind, &held);
	enum duo_node to = kind == IKE_MM5 ? DUO_B : DUO_A;
	uint64_t before = siege_digest(duo, to, SIEGE_BUT_REFUSALS);
	size_t last = 8 * covered_by_hash(&held, duo);

	for (int i = 0; i < FLIPS_IN_ONE_HANDSHAKE && bit < last; i++, bit++) {
		enum ike_verdict verdict;

		if (is_ignored(bit))
			continue;
		flip(held.data, bit);
		verdict = duo_inject(duo, to, held.data, held.length);
		flip(held.data, bit);
		ck_assert_msg(verdict != IKE_ACCEPTED, "%s, %s, bit %zu", suite,
			      ike_message_kind_name(kind), bit);
		ck_assert_msg(siege_digest(duo, to, SIEGE_BUT_REFUSALS) == before,
			      "%s, %s, bit %zu: %s, but something has changed", suite,
			      ike_message_kind_name(kind), bit, ike_verdict_name(verdict));
	}
	duo->deliver = NULL;
	ck_assert_int_eq(duo_inject(duo, to, held.data, held.length), IKE_ACCEPTED);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
	return bit < last ? bit : 0;
}

START_TEST(cve_2019_10155_bit_flips_of_mm5_and_mm6)
{
	for (size_t suite = 0; suite < SUITES; suite++)
		for (enum ike_message_kind kind = IKE_MM5; kind <= IKE_MM6; kind++) {
			size_t bit = 0;

			do
				bit = some_bits_of(suites[suite], kind, bit);
			while (bit != 0);
		}
}
END_TEST

/*
 * INITIAL-CONTACT in MM5 stands behind HASH_I and is not covered by it (RFC 2409 section 5.4).  Bent, it may be overlooked; the
 * identity, the keys and everybody else's SAs are what they would have been, and the two nodes end with one SA.
 */
START_TEST(cve_2019_10155_bits_of_mm5_that_no_hash_covers)
{
	struct siege_held held;
	size_t accepted = 0, bit = 0, last = 1;

	for (; bit < last; bit += 3) {
		struct duo *duo = waiting_for(suites[0], (uint8_t)bit, IKE_MM5, &held);
		struct ike_sa_status sa, other;

		if (bit == 0) {
			bit = 8 * covered_by_hash(&held, duo);
			last = 8 * held.length;
		}
		flip(held.data, bit);
		if (duo_inject(duo, DUO_B, held.data, held.length) == IKE_ACCEPTED) {
			char identity[80];

			accepted++;
			ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
			ike_identity_text(&sa.identity, identity, sizeof(identity));
			ck_assert_str_eq(identity, "fqdn:a.example");
		}
		duo->deliver = NULL;
		siege_run(duo, 120 * IKE_SECOND);
		ck_assert_uint_eq(duo_in_use(duo, DUO_A, &sa), 1);
		ck_assert_uint_eq(duo_in_use(duo, DUO_B, &other), 1);
		ck_assert_mem_eq(sa.cky_r, other.cky_r, IKE_COOKIE_LENGTH);
		duo_free(duo);
	}
	ck_assert_uint_gt(accepted, 0);
}
END_TEST

UNIT_MAIN("bit_flips", cve_2019_10155_bit_flips, cve_2019_10155_bit_flips_of_mm5_and_mm6,
	  cve_2019_10155_bits_of_mm5_that_no_hash_covers)
