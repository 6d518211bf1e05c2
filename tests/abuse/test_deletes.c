/* SPDX-License-Identifier: ISC */
/*
 * Delete and INITIAL-CONTACT end SAs, so they are what an attacker wants to say: without a HASH, behind somebody else's HASH, twice
 * in one message, with lengths that go round.
 */
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

/* An SA that has been renewed: the newest, in use, has carried no INITIAL-CONTACT yet, and an older one is there to be lost. */
static struct duo *renewed(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo->peer[DUO_A].lifetime = 120;
	siege_begin(duo);
	while (duo_count(duo, DUO_B, IKE_EVENT_REPLACED) == 0) {
		siege_forget(duo);
		duo_run(duo, IKE_SECOND);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_A), 2);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 2);
	duo->deliver = forge_lose_all;
	siege_forget(duo);
	return duo;
}

/* Under the SA in use, not the one that it has superseded. */
static void forge_from_newest(struct forge *forge, struct duo *duo, enum duo_node node)
{
	struct ike_sa_status sa;
	struct ike_sa *inside;

	ck_assert_uint_eq(duo_in_use(duo, node, &sa), 1);
	forge_from(forge, duo, node);
	inside = sa_table_find(duo->core[node]->sas, sa.cky_i, sa.cky_r);
	memcpy(forge->cky_i, sa.cky_i, IKE_COOKIE_LENGTH);
	memcpy(forge->cky_r, sa.cky_r, IKE_COOKIE_LENGTH);
	memcpy(forge->named_cky_i, sa.cky_i, IKE_COOKIE_LENGTH);
	memcpy(forge->named_cky_r, sa.cky_r, IKE_COOKIE_LENGTH);
	memcpy(forge->last_block, sa_last_block(inside), cipher_block_length(inside->cipher));
	ck_assert(ike_export_keys(duo->core[node], sa.cky_i, sa.cky_r, &forge->keys));
}

/* ---- not authenticated --------------------------------------------------------------------------------------------- */

enum lack { IN_THE_CLEAR, WRONG_HASH, NO_HASH, HASH_BEHIND, OTHER_KEY, LACKS };

static enum ike_verdict send_without(struct duo *duo, enum duo_node to, enum lack lack,
				     bool contact)
{
	struct forge forge;

	forge_from_newest(&forge, duo, to);
	if (contact)
		forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	else
		forge_delete(&forge);
	switch (lack) {
	case IN_THE_CLEAR:
		return forge_inject_clear(&forge, duo, to);
	case WRONG_HASH:
		forge.keys.skeyid_a[0] ^= 1;
		break;
	case NO_HASH:
		forge.bare = true;
		break;
	case HASH_BEHIND: /* over nothing but the first octets of it */
		forge.covered = 4;
		break;
	case OTHER_KEY:
		forge.keys.key[0] ^= 1;
		break;
	case LACKS:
		ck_abort();
	}
	return forge_inject(&forge, duo, to);
}

/* R113, R119 */
START_TEST(cve_2004_0164_unauthenticated_delete_and_initial_contact)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = renewed(1);
		uint64_t before = siege_digest(duo, to, SIEGE_EVERYTHING);

		for (enum lack lack = 0; lack < LACKS; lack++) {
			for (int contact = 0; contact < 2; contact++) {
				enum ike_verdict verdict = send_without(duo, to, lack, contact);

				ck_assert_msg(verdict == IKE_UNPROTECTED ||
						  verdict == IKE_BAD_HASH ||
						  (verdict >= IKE_PAYLOAD_TRUNCATED &&
						   verdict <= IKE_PAYLOAD_ORDER),
					      "lack %d: %s", lack, ike_verdict_name(verdict));
				ck_assert(siege_digest(duo, to, SIEGE_EVERYTHING) == before);
			}
		}
		duo_free(duo);
	}
}
END_TEST

/* The right octets from the wrong place: cookies are no proof of who sends them. */
START_TEST(cve_2004_0164_from_another_address)
{
	struct duo *duo = renewed(2);
	struct ike_address from = siege_address(1);
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	uint8_t message[IKE_SMALL_MESSAGE];
	struct forge forge;
	size_t length;

	forge_from_newest(&forge, duo, DUO_A);
	forge_delete(&forge);
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_eq(siege_send(duo, DUO_B, &from, message, length), IKE_OTHER_ADDRESS);
	from = duo->peer[DUO_B].gateway[0];
	from.port = 4500;
	ck_assert_int_eq(siege_send(duo, DUO_B, &from, message, length), IKE_OTHER_ADDRESS);
	ck_assert(siege_digest(duo, DUO_B, SIEGE_EVERYTHING) == before);
	duo_free(duo);
}
END_TEST

/* ---- racoon: what stands behind the payload that was hashed -------------------------------------------------------- */

/* R59 */
START_TEST(racoon_trailing_payloads)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = renewed(3);
		uint64_t before = siege_digest(duo, to, SIEGE_EVERYTHING);

		for (int second = 0; second < 3; second++) {
			struct forge forge;

			forge_from_newest(&forge, duo, to);
			forge_r_u_there(&forge, 5);
			forge.covered = 32; /* R-U-THERE alone, as if nothing came after it */
			if (second == 0)
				forge_delete(&forge);
			else if (second == 1)
				forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
			else
				forge_r_u_there(&forge, 6);
			ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_BAD_HASH);
			ck_assert(siege_digest(duo, to, SIEGE_EVERYTHING) == before);
		}
		duo_free(duo);
	}
}
END_TEST

/* The other way about: what racoon would do with it is its own affair, but here a HASH over both is the right one (R59). */
START_TEST(racoon_hash_over_all_payloads_is_the_right_one)
{
	struct duo *duo = renewed(4);
	struct forge forge;

	forge_from_newest(&forge, duo, DUO_B);
	forge_r_u_there(&forge, 5);
	forge_notify(&forge, 40000);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_NOTIFY_IGNORED);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED), 1);
	duo_free(duo);
}
END_TEST

/* ---- two in one ---------------------------------------------------------------------------------------------------- */

enum second { A_DELETE, AN_R_U_THERE, A_CONTACT, AN_INVALID_SPI, A_LIFETIME, SECONDS };

static void add(struct forge *forge, enum second what)
{
	if (what == A_DELETE)
		forge_delete(forge);
	else if (what == AN_R_U_THERE)
		forge_r_u_there(forge, 5);
	else if (what == A_CONTACT)
		forge_notify(forge, IKE_NOTIFY_INITIAL_CONTACT);
	else if (what == AN_INVALID_SPI)
		forge_notify(forge, IKE_NOTIFY_INVALID_SPI);
	else
		forge_responder_lifetime(forge, 600);
}

/* Whatever comes after the SA's own Delete is not looked at, and touches no memory of the SA. */
START_TEST(cve_2023_38712_delete_then_delete_or_notify)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		for (enum second second = 0; second < SECONDS; second++) {
			struct duo *duo = siege_new(5);
			struct forge forge;

			duo->deliver = forge_lose_all;
			duo->keepalive[to].recovery.on_death = RECOVERY_CLEAR;
			forge_from(&forge, duo, to);
			forge_delete(&forge);
			add(&forge, second);
			add(&forge, A_DELETE);
			ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_ACCEPTED);
			duo_run(duo, IKE_SECOND);
			ck_assert_uint_eq(duo_established(duo, to), 0);
			ck_assert_uint_eq(duo_count(duo, to, IKE_EVENT_DELETED), 1);
			ck_assert_uint_eq(duo_count_reports(duo, to, IKE_REPORT_ANSWERED), 0);
			duo_free(duo);
		}
	}
}
END_TEST

START_TEST(p9_two_payloads_in_one_informational_both_orders)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		for (int delete_first = 0; delete_first < 2; delete_first++) {
			struct duo *duo = siege_new(6);
			struct forge forge;

			duo->deliver = forge_lose_all;
			forge_from(&forge, duo, to);
			add(&forge, delete_first ? A_DELETE : AN_R_U_THERE);
			add(&forge, delete_first ? AN_R_U_THERE : A_DELETE);
			ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_ACCEPTED);
			duo_run(duo, 0);
			ck_assert_uint_eq(duo_established(duo, to), 0);
			ck_assert_uint_eq(duo_count_reports(duo, to, IKE_REPORT_ANSWERED),
					  !delete_first);
			duo_free(duo);
		}
	}
}
END_TEST

/* One number twice in one message: two payloads, one answer. */
START_TEST(p9_two_questions_in_one_informational)
{
	struct duo *duo = siege_new(7);
	struct forge forge;

	duo->deliver = forge_lose_all;
	forge_from(&forge, duo, DUO_B);
	forge_r_u_there(&forge, 9);
	forge_r_u_there(&forge, 9);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_KEEPALIVE_REPEATED_NUMBER);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED), 1);
	duo_free(duo);
}
END_TEST

/* ---- counts and lengths that go round ------------------------------------------------------------------------------ */

/* K in a text stands for the SA's cookies, k for all but their last octet. */
static void write_out(const char *text, const struct forge *forge, char *hex, size_t room)
{
	size_t at = 0;

	for (; *text != '\0'; text++) {
		size_t octets = *text == 'K' ? 16 : *text == 'k' ? 15 : 0;

		ck_assert_uint_lt(at + 2 * octets + 2, room);
		for (size_t i = 0; i < octets; i++, at += 2)
			snprintf(hex + at, 3, "%02x",
				 i < 8 ? forge->cky_i[i] : forge->cky_r[i - 8]);
		if (octets == 0)
			hex[at++] = *text;
	}
	hex[at] = '\0';
}

/* Authenticated, so that nothing but the DELETE payload's own checks stands between it and the SA. */
START_TEST(cve_2004_0218_huge_spi_counts)
{
	static const char *const deletes[] = {
	    "0000 000c 00000001 01 10 ffff", /* 65535 SPIs of 16 octets, none of them there */
	    "0000 000c 00000001 01 10 1000", /* 65536 octets, which are 0 in sixteen bits */
	    "0000 000c 00000001 01 10 f000",      "0000 000c 00000001 01 00 ffff", /* of no size */
	    "0000 000c 00000001 01 ff 0101",      /* 255 * 257 = 65535 */
	    "0000 000c 00000001 03 04 4000",      /* ESP: 65536 octets again */
	    "0000 001c 00000001 01 10 0000 K",    /* none, and one all the same */
	    "0000 001c 00000001 01 10 0002 K",    /* one more than there is */
	    "0000 001c 00000001 01 08 0002 K",    /* as two of half the size */
	    "0000 001c 00000001 01 10 1001 K",    /* 1 modulo 4096: 16 octets in sixteen bits */
	    "0000 001d 00000001 01 10 0001 K 00", /* an octet too many */
	    "0000 001b 00000001 01 10 0001 k",    /* and one too few */
	};

	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = siege_new(8);

		duo->deliver = forge_lose_all;
		for (size_t i = 0; i < sizeof(deletes) / sizeof(deletes[0]); i++) {
			char hex[200];
			struct forge forge;

			forge_from(&forge, duo, to);
			write_out(deletes[i], &forge, hex, sizeof(hex));
			forge_raw_hex(&forge, IKE_PAYLOAD_DELETE, hex);
			ck_assert_msg(forge_inject(&forge, duo, to) == IKE_DELETE_MALFORMED,
				      "number %zu", i);
			ck_assert_uint_eq(duo_established(duo, to), 1);
		}
		duo_free(duo);
	}
}
END_TEST

/* The longest Delete that fits, all of it somebody else's SAs, and ours among them only once at the end. */
START_TEST(cve_2004_0218_as_many_spis_as_fit)
{
	struct duo *duo = siege_new(9);
	uint8_t room[FORGE_RAW_MAX] = {0};
	size_t count = (sizeof(room) - 12) / 16, length = 12 + 16 * count;
	struct forge forge;

	duo->deliver = forge_lose_all;
	forge_from(&forge, duo, DUO_B);
	memset(room + 12, 0x77, length - 12);
	room[2] = (uint8_t)(length >> 8);
	room[3] = (uint8_t)length;
	room[7] = 1;
	room[8] = 1;
	room[9] = 16;
	room[10] = (uint8_t)(count >> 8);
	room[11] = (uint8_t)count;
	forge_raw(&forge, IKE_PAYLOAD_DELETE, octets_of(room, length));
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_DELETE_UNKNOWN_SPI);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	memcpy(room + length - 16, forge.cky_i, IKE_COOKIE_LENGTH);
	memcpy(room + length - 8, forge.cky_r, IKE_COOKIE_LENGTH);
	forge_raw(&forge, IKE_PAYLOAD_DELETE, octets_of(room, length));
	forge.message_id ^= 0x10000000;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

/* Generic headers of length 0 to 3 are no payloads: behind a HASH that holds, too, the walk ends at once. */
START_TEST(cve_2004_0218_zero_length_payloads_under_a_hash)
{
	static const uint8_t types[] = {IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_DELETE,
					IKE_PAYLOAD_VENDOR_ID};
	struct duo *duo = siege_new(10);
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	char hex[100];

	for (unsigned length = 0; length < 4; length++) {
		for (size_t next = 0; next < sizeof(types); next++) {
			struct forge forge;

			forge_from(&forge, duo, DUO_B);
			snprintf(hex, sizeof(hex), "%02x00 %04x %02x00 %04x 0000 0000", types[next],
				 length, types[next], length);
			forge_raw_hex(&forge, types[next], hex);
			ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_PAYLOAD_TOO_SHORT);
			ck_assert(siege_digest(duo, DUO_B, SIEGE_EVERYTHING) == before);
		}
	}
	duo_free(duo);
}
END_TEST

UNIT_MAIN("deletes", cve_2004_0164_unauthenticated_delete_and_initial_contact,
	  cve_2004_0164_from_another_address, racoon_trailing_payloads,
	  racoon_hash_over_all_payloads_is_the_right_one,
	  cve_2023_38712_delete_then_delete_or_notify,
	  p9_two_payloads_in_one_informational_both_orders, p9_two_questions_in_one_informational,
	  cve_2004_0218_huge_spi_counts, cve_2004_0218_as_many_spis_as_fit,
	  cve_2004_0218_zero_length_payloads_under_a_hash)
