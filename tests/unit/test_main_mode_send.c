/* SPDX-License-Identifier: ISC */
/*
 * test_main_mode_send.c - our messages of Main Mode as a peer sees them, from the wire alone: what they carry, how long they
 * are, and that the proofs in them are those of RFC 2409 section 5.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder a, b;

static struct duo *recorded_duo(uint8_t seed, const char *proposal)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&a, duo, DUO_A);
	recorder_plug(&b, duo, DUO_B);
	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	return duo;
}

static void read_nth(const struct duo *duo, enum ike_message_kind kind, size_t n,
		     struct ike_message *message)
{
	tap_read(tap_plain(tap_nth(duo, kind, n)), message);
}

/* ---- MM2 is never longer than MM1 (VU#419128) ----------------------------------------------------------------------- */

/* SA alone: header, payload, one transform, with `spare` octets of a vendor ID that nobody knows (below 4: none). */
static size_t first_message(size_t spare, uint8_t *out, size_t room)
{
	struct ike_header header = {
	    .version = 0x10, .exchange = IKE_EXCHANGE_MAIN_MODE, .cky_i = {1, 2, 3, 4, 5, 6, 7, 8}};
	static const uint8_t unknown[64];
	uint8_t sa[64];
	struct wire_writer writer;
	struct ike_chain chain;

	wire_write_to(&writer, out, room);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	/* aes128-sha1-x25519, PSK, 86400 seconds */
	ike_payload_write(&chain, IKE_PAYLOAD_SA,
			  octets_of(sa, unit_hex("00000001 00000001 00000030 01 01 00 01"
						 "00000028 01 01 0000 80010007 80020002 80030001"
						 "8004001f 800e0080 800b0001 000c0004 00015180",
						 sa, sizeof(sa))));
	if (spare >= IKE_GENERIC_LENGTH)
		ike_payload_write(&chain, IKE_PAYLOAD_VENDOR_ID,
				  octets_of(unknown, spare - IKE_GENERIC_LENGTH));
	ike_header_finish(&writer);
	ck_assert(!writer.failed);
	return writer.length;
}

START_TEST(test_second_message_is_never_longer)
{
	for (size_t spare = 0; spare <= 40; spare += spare == 0 ? 4 : 1) {
		struct duo *duo = recorded_duo(1, "aes128-sha1-x25519");
		bool fits = spare >= IKE_GENERIC_LENGTH + 16; /* the recorder's vendor ID */
		uint8_t first[200];
		size_t length = first_message(spare, first, sizeof(first));
		struct ike_message second;

		duo_start(duo);
		ck_assert_int_eq(duo_inject(duo, DUO_B, first, length), IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_uint_le(tap_nth(duo, IKE_MM2, 0)->length, length);
		read_nth(duo, IKE_MM2, 0, &second);
		ck_assert_uint_eq(tap_payloads(&second, IKE_PAYLOAD_VENDOR_ID), fits ? 1 : 0);
		duo_free(duo);
	}
}
END_TEST

/* Without room in MM2 the vendor ID comes with MM4, whose receiver has shown its address; once in all. */
START_TEST(test_vendor_id_moves_to_the_fourth_message)
{
	struct duo *duo = recorded_duo(2, "aes128-sha1-x25519");
	struct ike_message message;

	duo->settings[DUO_A].extension = NULL; /* its MM1 has no vendor ID */
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_le(tap_nth(duo, IKE_MM2, 0)->length, tap_nth(duo, IKE_MM1, 0)->length);
	read_nth(duo, IKE_MM2, 0, &message);
	ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID), 0);
	read_nth(duo, IKE_MM4, 0, &message);
	ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_vendor_id_once_from_each_side)
{
	struct duo *duo = recorded_duo(3, "aes128-sha1-x25519");

	duo_start(duo);
	duo_establish(duo);
	for (enum ike_message_kind kind = IKE_MM1; kind <= IKE_MM6; kind++) {
		struct ike_message message;

		read_nth(duo, kind, 0, &message);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID),
				  kind <= IKE_MM2 ? 1 : 0);
	}
	duo_free(duo);
}
END_TEST

/* ---- INITIAL-CONTACT in MM5 ---------------------------------------------------------------------------------------- */

static size_t contacts(const struct duo *duo, enum ike_message_kind kind, size_t n)
{
	struct ike_message message;

	read_nth(duo, kind, n, &message);
	return tap_payloads(&message, IKE_PAYLOAD_NOTIFY);
}

static void again(struct duo *duo, enum ike_extension_action_kind kind)
{
	struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};

	recorder_action(&a.peer_answer[IKE_EXTENSION_PEER_START], kind);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &start));
	duo_run(duo, IKE_SECOND);
}

/* With the first SA that we hold with somebody; not with a second one, not with a renewal, not by the responder. */
START_TEST(test_initial_contact_when_it_is_one)
{
	struct duo *duo = recorded_duo(4, "aes128-sha1-x25519");
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW, .peer = 0};

	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 0), 1);
	ck_assert_uint_eq(contacts(duo, IKE_MM6, 0), 0);
	ck_assert(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact);
	again(duo, IKE_EXTENSION_CONNECT);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 1), 0);
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact);
	recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 2), 0);
	/* closed and begun anew: we hold nothing with him */
	again(duo, IKE_EXTENSION_CLOSE);
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	again(duo, IKE_EXTENSION_CONNECT);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 3), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_form_of_initial_contact)
{
	struct duo *duo = recorded_duo(5, "aes128-sha1-x25519");
	struct ike_message message;
	struct octets body;

	duo_start(duo);
	duo_establish(duo);
	read_nth(duo, IKE_MM5, 0, &message);
	body = tap_body(&message, IKE_PAYLOAD_NOTIFY);
	/* RFC 2407 section 4.6.3.3: DOI IPSEC, protocol ISAKMP, 16 octets of SPI, the cookies, no data */
	ck_assert_uint_eq(body.length, 24);
	unit_assert_hex(octets_of(body.data, 8), "00000001 01 10 6002");
	ck_assert_mem_eq(body.data + 8, message.header.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(body.data + 16, message.header.cky_r, IKE_COOKIE_LENGTH);
	duo_free(duo);
}
END_TEST

/* ---- the proofs, from the wire -------------------------------------------------------------------------------------- */

/* Everything that a third party who knows the secret and g^xy would need to check the two sides. */
struct overheard {
	struct ike_message message[IKE_MM6 + 1];
	struct octets g_xi, g_xr, ni, nr, sai_b;
	const uint8_t *cky_i, *cky_r;
};

static void overhear(const struct duo *duo, struct overheard *heard)
{
	for (enum ike_message_kind kind = IKE_MM1; kind <= IKE_MM6; kind++)
		read_nth(duo, kind, 0, &heard->message[kind]);
	heard->sai_b = tap_body(&heard->message[IKE_MM1], IKE_PAYLOAD_SA);
	heard->g_xi = tap_body(&heard->message[IKE_MM3], IKE_PAYLOAD_KE);
	heard->g_xr = tap_body(&heard->message[IKE_MM4], IKE_PAYLOAD_KE);
	heard->ni = tap_body(&heard->message[IKE_MM3], IKE_PAYLOAD_NONCE);
	heard->nr = tap_body(&heard->message[IKE_MM4], IKE_PAYLOAD_NONCE);
	heard->cky_i = heard->message[IKE_MM2].header.cky_i;
	heard->cky_r = heard->message[IKE_MM2].header.cky_r;
}

static void expect_hash(const struct ike_message *message, const uint8_t *expected)
{
	struct octets hash = tap_body(message, IKE_PAYLOAD_HASH);

	ck_assert_mem_eq(hash.data, expected, hash.length);
}

/* MM5 and MM6 on the wire are their twins, encrypted in one chain of IVs that starts from the public values. */
static void check_encryption(const struct duo *duo, const struct overheard *heard,
			     const struct ike_keys *keys)
{
	struct crypto *crypto = duo->core[DUO_A]->crypto;
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK], plain[IKE_DATAGRAM_MAX];

	protect_iv_phase1(crypto, keys->hash, keys->cipher, heard->g_xi, heard->g_xr, iv);
	for (enum ike_message_kind kind = IKE_MM5; kind <= IKE_MM6; kind++) {
		const struct duo_datagram *datagram = tap_nth(duo, kind, 0);

		ck_assert_int_eq(datagram->data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
		ck_assert_int_eq(protect_decrypt(crypto, keys->cipher, keys->key, iv,
						 octets_of(datagram->data, datagram->length), plain,
						 next_iv),
				 IKE_ACCEPTED);
		ck_assert_mem_eq(plain + IKE_HEADER_LENGTH, datagram->plain + IKE_HEADER_LENGTH,
				 datagram->plain_length - IKE_HEADER_LENGTH);
		memcpy(iv, next_iv, sizeof(iv));
	}
}

static void check_proofs(const char *proposal)
{
	struct duo *duo = recorded_duo(6, proposal);
	struct skeyid keys = {.hash = HASH_MD5};
	uint8_t expected[HASH_MAX_LENGTH];
	static struct overheard heard;
	struct ike_keys exported;
	struct crypto *crypto;

	duo_start(duo);
	duo_establish(duo);
	crypto = duo->core[DUO_A]->crypto;
	overhear(duo, &heard);
	ck_assert(ike_export_keys(duo->core[DUO_A], heard.cky_i, heard.cky_r, &exported));
	check_encryption(duo, &heard, &exported);
	keys.hash = exported.hash;
	skeyid_psk(crypto, &keys, secret_bytes(duo->secret[DUO_A]), heard.ni, heard.nr);
	skeyid_hash(crypto, &keys, heard.g_xi, heard.g_xr, heard.cky_i, heard.cky_r, heard.sai_b,
		    tap_body(&heard.message[IKE_MM5], IKE_PAYLOAD_ID), expected);
	expect_hash(&heard.message[IKE_MM5], expected);
	skeyid_hash(crypto, &keys, heard.g_xr, heard.g_xi, heard.cky_r, heard.cky_i, heard.sai_b,
		    tap_body(&heard.message[IKE_MM6], IKE_PAYLOAD_ID), expected);
	expect_hash(&heard.message[IKE_MM6], expected);
	duo_free(duo);
}

START_TEST(test_proofs)
{
	check_proofs("aes128-sha1-x25519");
	check_proofs("3des-md5-modp1024");
	check_proofs("aes256-sha512-ecp256");
}
END_TEST

/* Type, no protocol and no port (RFC 2407 section 4.6.2), the name. */
START_TEST(test_identities)
{
	struct duo *duo = recorded_duo(7, "aes128-sha1-x25519");
	struct ike_message message;

	duo_start(duo);
	duo_establish(duo);
	read_nth(duo, IKE_MM5, 0, &message);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_ID), "02 00 0000 612e6578616d706c65");
	read_nth(duo, IKE_MM6, 0, &message);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_ID), "02 00 0000 622e6578616d706c65");
	duo_free(duo);
}
END_TEST

/* ---- chance -------------------------------------------------------------------------------------------------------- */

static struct duo *run_of(uint8_t seed)
{
	struct duo *duo = recorded_duo(seed, "aes128-sha1-modp1024");

	duo_start(duo);
	duo_establish(duo);
	return duo;
}

START_TEST(test_equal_seeds_give_equal_octets_and_others_do_not)
{
	struct duo *one = run_of(8), *same = run_of(8), *other = run_of(18);

	for (enum ike_message_kind kind = IKE_MM1; kind <= IKE_MM6; kind++) {
		const struct duo_datagram *datagram = tap_nth(one, kind, 0);

		ck_assert_uint_eq(tap_nth(same, kind, 0)->length, datagram->length);
		ck_assert_mem_eq(tap_nth(same, kind, 0)->data, datagram->data, datagram->length);
		/* cookies, public values, nonces, and all that is encrypted */
		ck_assert_mem_ne(tap_nth(other, kind, 0)->data, datagram->data, IKE_COOKIE_LENGTH);
		if (kind >= IKE_MM3)
			ck_assert_mem_ne(tap_nth(other, kind, 0)->data + IKE_HEADER_LENGTH,
					 datagram->data + IKE_HEADER_LENGTH, 16);
	}
	duo_free(one);
	duo_free(same);
	duo_free(other);
}
END_TEST

UNIT_MAIN("main_mode_send", test_second_message_is_never_longer,
	  test_vendor_id_moves_to_the_fourth_message, test_vendor_id_once_from_each_side,
	  test_initial_contact_when_it_is_one, test_form_of_initial_contact, test_proofs,
	  test_identities, test_equal_seeds_give_equal_octets_and_others_do_not)
