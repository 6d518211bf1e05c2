/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/protect.h"
#include "ike/wire.h"
#include "tests/support/film.h"
#include "tests/support/unit.h"

static struct film film;
static struct film_look look;

/* Main Mode, a Quick Mode, R-U-THEREs. */
static struct duo *session(uint8_t seed, const char *proposal)
{
	struct duo *duo = duo_new(seed);

	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_gt(duo->datagrams, 11);
	return duo;
}

/* As Wireshark has it, or our own with or without the last block. */
enum form { WIRESHARK, WITHOUT_BLOCK, WHOLE };

static struct key_log *keys_of(const struct duo *duo, enum form form)
{
	struct key_log *log = key_log_new();
	struct key_row row;

	film_key(duo, DUO_A, &row);
	row.whole = form != WIRESHARK;
	row.keys.established = form == WHOLE;
	ck_assert_ptr_nonnull(log);
	ck_assert(key_log_add(log, &row));
	return log;
}

static void look_at(const struct duo *duo, enum form form)
{
	struct key_log *log = keys_of(duo, form);

	film_look(&film, log, 0, &look);
	key_log_free(log);
}

/* Those of the datagrams that are not in the list, which ends with SIZE_MAX. */
static void film_without(const struct duo *duo, const size_t *lost)
{
	film_start(&film, FILM_RAW);
	for (size_t i = 0; i < duo->datagrams; i++) {
		bool gone = false;

		for (size_t k = 0; lost[k] != SIZE_MAX; k++)
			gone = gone || lost[k] == i;
		if (!gone)
			film_duo_datagram(&film, duo, i);
	}
}

static const struct film_line *line_of(const char *kind)
{
	for (size_t i = 0; i < look.lines; i++)
		if (strcmp(look.line[i].kind, kind) == 0)
			return &look.line[i];
	ck_abort_msg("no %s", kind);
	return NULL;
}

START_TEST(test_wrong_keys)
{
	struct duo *duo = session(1, "aes128-sha1-modp1024");
	struct key_log *log = key_log_new();
	struct key_row row;

	film_duo(&film, duo);
	film_key(duo, DUO_A, &row);
	row.keys.key[0] ^= 1;
	ck_assert(key_log_add(log, &row));
	film_look(&film, log, 0, &look);
	ck_assert_uint_eq(look.counts.decrypted, 0);
	for (size_t i = 4; i < look.lines; i++) {
		ck_assert_str_eq(look.line[i].reason, "the key is not of this SA");
		ck_assert_uint_eq(look.line[i].anomalies, 0);
	}
	/* for another cipher; for other cookies */
	row.keys.cipher = CIPHER_AES_256;
	row.keys.key_length = 32;
	ck_assert(key_log_add(log, &row));
	key_log_free(log);
	log = key_log_new();
	ck_assert(key_log_add(log, &row));
	film_look(&film, log, 0, &look);
	ck_assert_str_eq(look.line[4].reason,
			 "the key is not of this SA: it is for another cipher or hash");
	row.cky_i[0] ^= 1;
	key_log_free(log);
	log = key_log_new();
	ck_assert(key_log_add(log, &row));
	film_look(&film, log, 0, &look);
	ck_assert_str_eq(look.line[4].reason, "none of the keys is for these cookies");
	key_log_free(log);
	duo_free(duo);
}
END_TEST

/* A wrong key beside the right one does no harm, whichever comes first. */
START_TEST(test_several_keys)
{
	struct duo *duo = session(2, "aes128-sha1-modp1024");

	film_duo(&film, duo);
	for (int order = 0; order < 2; order++) {
		struct key_log *log = key_log_new();
		struct key_row row;

		film_key(duo, DUO_A, &row);
		row.whole = false;
		row.keys.key[0] ^= order == 0;
		ck_assert(key_log_add(log, &row));
		row.keys.key[0] ^= 1;
		ck_assert(key_log_add(log, &row));
		film_look(&film, log, 0, &look);
		ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
		ck_assert_uint_eq(look.counts.partial, 0);
		key_log_free(log);
	}
	duo_free(duo);
}
END_TEST

START_TEST(test_every_suite)
{
	static const char *const proposals[] = {"3des-md5-modp1024", "aes192-sha256-modp1024",
						"aes256-sha512-modp1024", "aes128-sha384-x25519"};

	for (size_t i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++) {
		struct duo *duo = session((uint8_t)(3 + i), proposals[i]);

		film_duo(&film, duo);
		for (int form = WIRESHARK; form <= WHOLE; form++) {
			look_at(duo, (enum form)form);
			ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
			ck_assert_uint_eq(look.counts.partial, 0);
			ck_assert_uint_eq(look.counts.anomalies, 0);
			/* all but MM5 and MM6, whose proofs need more than SKEYID_a */
			ck_assert_uint_eq(look.counts.hashes_right,
					  form == WIRESHARK ? 0 : look.counts.encrypted - 2);
		}
		duo_free(duo);
	}
}
END_TEST

/* Begins after Phase 1: with the last block all is read; without, all but the first block of each exchange. */
START_TEST(test_begins_later)
{
	static const char *const proposals[] = {"3des-md5-modp1024", "aes128-sha1-modp1024",
						"aes256-sha256-modp1024"};

	for (size_t i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++) {
		struct duo *duo = session((uint8_t)(10 + i), proposals[i]);
		const size_t lost[] = {0, 1, 2, 3, 4, 5, SIZE_MAX};
		size_t kinds = 0;

		film_without(duo, lost);
		look_at(duo, WHOLE);
		ck_assert_uint_eq(look.counts.hashes_right, look.counts.encrypted);
		ck_assert_uint_eq(look.counts.anomalies, 0);
		look_at(duo, WIRESHARK);
		ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
		ck_assert_uint_gt(look.counts.partial, 2);
		ck_assert_uint_eq(look.counts.anomalies, 0);
		for (size_t k = 0; k < look.lines; k++) {
			kinds += strstr(look.line[k].text, "N(R-U-THERE seq=") != NULL;
			if (look.line[k].partial)
				ck_assert_ptr_nonnull(
				    strstr(look.line[k].reason, "Phase 1 is not in the capture"));
		}
		ck_assert_uint_gt(kinds, 0);
		duo_free(duo);
	}
}
END_TEST

START_TEST(test_lost)
{
	struct duo *duo = session(20, "aes128-sha1-modp1024");
	const size_t no_ke[] = {2, SIZE_MAX}, no_mm5[] = {4, SIZE_MAX}, no_mm6[] = {5, SIZE_MAX};
	const struct film_line *line;
	size_t lost[2] = {SIZE_MAX, SIZE_MAX};

	film_without(duo, no_ke); /* MM5 in part, but what follows is there */
	look_at(duo, WIRESHARK);
	ck_assert_uint_eq(look.counts.partial, 1);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	film_without(duo, no_mm5);
	look_at(duo, WIRESHARK);
	ck_assert_uint_eq(look.counts.partial, 1);
	ck_assert(look.line[4].partial);
	ck_assert_ptr_nonnull(strstr(look.line[4].reason, "before it is missing"));
	film_without(duo, no_mm6); /* the last block is not there, unless the key log has it */
	look_at(duo, WHOLE);
	ck_assert_uint_eq(look.counts.partial, 0);
	look_at(duo, WIRESHARK);
	ck_assert_uint_gt(look.counts.partial, 2);

	/* QM1 is lost: QM2 in part, QM3 goes on from it */
	film_duo(&film, duo);
	look_at(duo, WHOLE);
	lost[0] = line_of("QM1")->packet - 1;
	film_without(duo, lost);
	look_at(duo, WHOLE);
	ck_assert_uint_eq(look.counts.partial, 1);
	line = line_of("QM3");
	ck_assert(line->decrypted && !line->partial);
	ck_assert_int_eq(line->hash, TOLD_HASH_NONE);
	ck_assert_uint_eq(look.counts.hashes_wrong, 0);
	duo_free(duo);
}
END_TEST

/* Messages overtake each other, and come twice: no chain is lost by it. */
START_TEST(test_out_of_order)
{
	struct duo *duo = session(21, "aes128-sha1-modp1024");
	size_t qm_2;

	film_duo(&film, duo);
	look_at(duo, WHOLE);
	qm_2 = line_of("QM2")->packet - 1;
	film_start(&film, FILM_RAW);
	for (size_t i = 0; i < duo->datagrams; i++) {
		film_duo_datagram(&film, duo, i);
		film_duo_datagram(&film, duo, i);
		if (i == qm_2) /* QM1 once more between QM2 and QM3 */
			film_duo_datagram(&film, duo, qm_2 - 1);
	}
	look_at(duo, WHOLE);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.partial, 0);
	ck_assert_uint_eq(look.counts.anomalies, 0);
	ck_assert_uint_eq(look.counts.repeated, duo->datagrams + 1);
	/* two Informationals before the Quick Mode that they came after */
	film_start(&film, FILM_RAW);
	for (size_t i = 0; i < 6; i++)
		film_duo_datagram(&film, duo, i);
	for (size_t i = duo->datagrams; i-- > qm_2 + 2;)
		film_duo_datagram(&film, duo, i);
	for (size_t i = 6; i < qm_2 + 2; i++)
		film_duo_datagram(&film, duo, i);
	look_at(duo, WHOLE);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.partial, 0);
	duo_free(duo);
}
END_TEST

/* Padding that is anything but zeros, a whole block of it: R-U-THERE under the keys of the SA. */
START_TEST(test_random_padding)
{
	struct duo *duo = session(22, "aes128-sha1-modp1024");
	struct crypto *own = crypto_new();
	struct duo_datagram *last = &duo->datagram[duo->datagrams - 1];
	struct wire_writer writer;
	struct key_row row;
	uint8_t iv[CIPHER_MAX_BLOCK];
	size_t padding;

	film_key(duo, DUO_A, &row);
	padding = 16 - (last->plain_length - IKE_HEADER_LENGTH) % 16 + 16;
	wire_write_to(&writer, last->data, sizeof(last->data));
	wire_write_octets(&writer, octets_of(last->plain, last->plain_length));
	for (size_t i = 0; i < padding; i++)
		wire_write_u8(&writer, (uint8_t)(0xa0 + i));
	wire_patch_u8(&writer, 20, 0x55); /* another message ID: it is a message of its own */
	protect_iv_message(own, row.keys.hash, row.keys.cipher, row.keys.last_block,
			   wire_u32_at(&last->data[20]), iv);
	ck_assert(protect_encrypt(own, row.keys.cipher, row.keys.key, iv, &writer));
	last->length = writer.length;
	film_duo(&film, duo);
	look_at(duo, WIRESHARK);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	/* more than a block of it is what the engine refuses; it is readable all the same */
	ck_assert(film_line_has(&look.line[look.lines - 1], IKE_TRAILING_OCTETS));
	ck_assert_ptr_nonnull(strstr(look.line[look.lines - 1].text, "R-U-THERE"));
	crypto_free(own);
	duo_free(duo);
}
END_TEST

/* ---- Transaction --------------------------------------------------------------------------------------------------- */

static struct crypto *crypto;

/* HASH and ATTR under `iv`, which moves on; from A or to it. */
static void transaction(const struct key_row *row, uint32_t id, const char *attributes,
			uint8_t iv[CIPHER_MAX_BLOCK], bool from_a)
{
	const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 500, .family = 4},
				 b = {.octets = {192, 0, 2, 2}, .port = 500, .family = 4};
	struct ike_header header = {.next_payload = IKE_PAYLOAD_HASH,
				    .version = 0x10,
				    .exchange = IKE_EXCHANGE_TRANSACTION,
				    .message_id = id};
	uint8_t octets[512], rest[256], hash[HASH_MAX_LENGTH];
	size_t length = unit_hex(attributes, rest, sizeof(rest));
	struct wire_writer writer;

	memcpy(header.cky_i, row->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, row->cky_r, IKE_COOKIE_LENGTH);
	protect_hash_1(crypto, row->keys.hash, row->keys.skeyid_a, id, octets_of(rest, length),
		       hash);
	wire_write_to(&writer, octets, sizeof(octets));
	ike_header_write(&writer, &header);
	wire_write_u16(&writer, IKE_PAYLOAD_ATTRIBUTES << 8);
	wire_write_u16(&writer, (uint16_t)(4 + hash_length(row->keys.hash)));
	wire_write_octets(&writer, octets_of(hash, hash_length(row->keys.hash)));
	wire_write_octets(&writer, octets_of(rest, length));
	ck_assert(protect_encrypt(crypto, row->keys.cipher, row->keys.key, iv, &writer));
	film_datagram(&film, 60 * IKE_SECOND, from_a ? &a : &b, from_a ? &b : &a,
		      wire_written(&writer));
}

/* XAUTH and Mode-Config at once: four messages each in one chain for both directions, one of them lost, one twice. */
START_TEST(test_transactions)
{
	struct duo *duo = session(24, "aes128-sha1-modp1024");
	uint8_t iv[CIPHER_MAX_BLOCK], other[CIPHER_MAX_BLOCK], once[CIPHER_MAX_BLOCK];
	struct key_row row;
	size_t at;

	crypto = crypto_new();
	film_key(duo, DUO_A, &row);
	film_duo(&film, duo);
	at = film.packets;
	protect_iv_message(crypto, row.keys.hash, row.keys.cipher, row.keys.last_block, 0x11, iv);
	protect_iv_message(crypto, row.keys.hash, row.keys.cipher, row.keys.last_block, 0x22,
			   other);
	transaction(&row, 0x11, "00 00 0010 01 00 0001 4089 0000 408a 0000", iv, false);
	transaction(&row, 0x22, "00 00 000c 01 00 0002 0001 0000", other, true);
	memcpy(once, iv, sizeof(once));
	transaction(&row, 0x11, "00 00 0016 02 00 0001 4089 0003 6a6f65 408a 0003 313233", iv,
		    true);
	transaction(&row, 0x11, "00 00 0016 02 00 0001 4089 0003 6a6f65 408a 0003 313233", once,
		    true);
	transaction(&row, 0x22, "00 00 0010 02 00 0002 0001 0004 0a010203", other, false);
	transaction(&row, 0x11, "00 00 000c 03 00 0003 c08f 0001", iv, false);
	transaction(&row, 0x11, "00 00 0008 04 00 0003", iv, true);
	look_at(duo, WHOLE);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.partial, 0);
	ck_assert_uint_eq(look.counts.anomalies, 0);
	ck_assert_uint_eq(look.counts.repeated, 1);
	for (size_t i = at; i < look.lines; i++)
		ck_assert_int_eq(look.line[i].hash, TOLD_HASH_RIGHT);
	/* the reply is lost: what was said before and after is read, but for one block */
	film_duo(&film, duo);
	protect_iv_message(crypto, row.keys.hash, row.keys.cipher, row.keys.last_block, 0x33, iv);
	transaction(&row, 0x33, "00 00 0010 01 00 0001 4089 0000 408a 0000", iv, false);
	{
		size_t length = film.length, packets = film.packets;

		transaction(&row, 0x33, "00 00 000f 02 00 0001 4089 0003 6a6f65", iv, true);
		film.length = length;
		film.packets = packets;
	}
	transaction(&row, 0x33, "00 00 000c 03 00 0003 c08f 0001", iv, false);
	transaction(&row, 0x33, "00 00 0008 04 00 0003", iv, true);
	look_at(duo, WIRESHARK);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.partial, 1);
	ck_assert(look.line[look.lines - 2].partial);
	ck_assert(!look.line[look.lines - 1].partial);
	crypto_free(crypto);
	duo_free(duo);
}
END_TEST

/* ---- Aggressive Mode whose last message is not encrypted ------------------------------------------------------------ */

static struct octets public_value(const struct duo_datagram *datagram)
{
	static struct ike_message message;
	const struct ike_payload *payload;
	struct octets octets = octets_of(datagram->data, datagram->length);

	ck_assert_int_eq(ike_header_parse(octets, &message.header), IKE_ACCEPTED);
	octets.data += IKE_HEADER_LENGTH;
	octets.length -= IKE_HEADER_LENGTH;
	ck_assert_int_eq(ike_payloads_parse(octets, false, 0, &message), IKE_ACCEPTED);
	payload = ike_payload_find(&message, IKE_PAYLOAD_KE);
	ck_assert_ptr_nonnull(payload);
	return payload->body;
}

/* Then nothing of Phase 1 was encrypted, and later IVs begin where its first one would have been. */
START_TEST(test_am_3_in_the_clear)
{
	struct duo *duo = duo_new(25);
	uint8_t first[CIPHER_MAX_BLOCK], iv[CIPHER_MAX_BLOCK];
	struct key_row row;

	crypto = crypto_new();
	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 30 * IKE_SECOND);
	film_key(duo, DUO_A, &row);
	protect_iv_phase1(crypto, row.keys.hash, row.keys.cipher, public_value(&duo->datagram[0]),
			  public_value(&duo->datagram[1]), first);
	memcpy(duo->datagram[2].data, duo->datagram[2].plain, duo->datagram[2].plain_length);
	duo->datagram[2].length = duo->datagram[2].plain_length;
	ck_assert_uint_gt(duo->datagrams, 4);
	for (size_t i = 3; i < duo->datagrams; i++) {
		struct duo_datagram *datagram = &duo->datagram[i];
		struct ike_header header;
		struct wire_writer writer;

		ck_assert_int_eq(
		    ike_header_parse(octets_of(datagram->data, datagram->length), &header),
		    IKE_ACCEPTED);
		protect_iv_message(crypto, row.keys.hash, row.keys.cipher, first, header.message_id,
				   iv);
		wire_write_to(&writer, datagram->data, sizeof(datagram->data));
		wire_write_octets(&writer, octets_of(datagram->plain, datagram->plain_length));
		ck_assert(protect_encrypt(crypto, row.keys.cipher, row.keys.key, iv, &writer));
		datagram->length = writer.length;
	}
	film_duo(&film, duo);
	look_at(duo, WITHOUT_BLOCK);
	ck_assert_uint_eq(look.counts.encrypted, duo->datagrams - 3);
	ck_assert_uint_eq(look.counts.hashes_right, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.anomalies, 0);
	crypto_free(crypto);
	duo_free(duo);
}
END_TEST

/* After a restart somebody makes the same cookie again: another SA, with another key for it in the log. */
START_TEST(test_cookie_used_again)
{
	struct duo *one = session(26, "aes128-sha1-modp1024"),
		   *two = session(27, "aes128-sha1-modp1024");
	struct key_log *log = key_log_new();
	struct key_row row, again;

	film_key(one, DUO_A, &row);
	film_key(two, DUO_A, &again);
	row.whole = again.whole = false;
	memcpy(again.cky_i, row.cky_i, IKE_COOKIE_LENGTH);
	ck_assert(key_log_add(log, &row));
	ck_assert(key_log_add(log, &again));
	film_duo(&film, one);
	for (size_t i = 0; i < two->datagrams; i++) {
		memcpy(two->datagram[i].data, row.cky_i, IKE_COOKIE_LENGTH);
		film_duo_datagram(&film, two, i);
		if (i == 6) /* one more of the older SA */
			film_duo_datagram(&film, one, one->datagrams - 1);
	}
	film_look(&film, log, 0, &look);
	ck_assert_uint_eq(look.counts.sas, 2);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.partial, 0);
	ck_assert_uint_eq(look.line[one->datagrams + 7].sa, 1);
	ck_assert_uint_eq(look.line[look.lines - 1].sa, 2);
	key_log_free(log);
	duo_free(one);
	duo_free(two);
}
END_TEST

START_TEST(test_no_whole_blocks)
{
	struct duo *duo = session(23, "aes128-sha1-modp1024");
	struct duo_datagram *last = &duo->datagram[duo->datagrams - 1];

	last->length -= 3;
	last->data[27] -= 3;
	film_duo(&film, duo);
	look_at(duo, WHOLE);
	ck_assert(film_line_has(&look.line[look.lines - 1], IKE_BAD_CIPHERTEXT_LENGTH));
	duo_free(duo);
}
END_TEST

UNIT_MAIN("chains", test_wrong_keys, test_several_keys, test_every_suite, test_begins_later,
	  test_lost, test_out_of_order, test_random_padding, test_transactions,
	  test_am_3_in_the_clear, test_cookie_used_again, test_no_whole_blocks)
