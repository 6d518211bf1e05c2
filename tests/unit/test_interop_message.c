/* SPDX-License-Identifier: ISC */
/*
 * test_interop_message.c - what message.h makes is held against the engine: right messages are accepted, and each thing that can be
 * wrong gets the verdict that it is there for.
 */
#include <string.h>

#include "interop/impair/message.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

static struct duo *duo;
static struct crypto *crypto;
static struct ike_sa_status sa;
static struct ike_keys keys;
static struct random_source random_octets_source;
static struct message message;
static struct opened opened;
static uint8_t wire[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
static size_t length, plain_length;
static uint32_t id = 0x1000;

static void set_up(const char *proposal)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {7};
	uint32_t cursor = 0;

	duo = duo_new(1);
	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	duo_start(duo);
	duo_establish(duo);
	ck_assert(ike_next_sa(duo->core[DUO_A], &cursor, &sa));
	ck_assert(ike_export_keys(duo->core[DUO_A], sa.cky_i, sa.cky_r, &keys));
	crypto = crypto_new();
	ck_assert_ptr_nonnull(crypto);
	random_seeded(&random_octets_source, seed);
}

static void tear_down(void)
{
	crypto_free(crypto);
	duo_free(duo);
}

static void r_u_there(uint32_t number)
{
	message_of_sa(&message, &keys, sa.cky_i, sa.cky_r, id++);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, number);
}

static enum ike_verdict send(void)
{
	length = message_seal(&message, crypto, &random_octets_source, wire, plain, sizeof(wire),
			      &plain_length);
	ck_assert_uint_gt(length, 0);
	message_open(crypto, &keys, octets_of(wire, length), &opened);
	return duo_inject(duo, DUO_B, wire, length);
}

static void right_ones(const char *proposal)
{
	struct ike_notify notify;

	set_up(proposal);
	for (int padding = MESSAGE_PADDING_ZERO; padding <= MESSAGE_PADDING_LENGTH_OCTET;
	     padding++) {
		r_u_there(1000 + (uint32_t)padding);
		message.padding = (enum message_padding)padding;
		ck_assert_int_eq(send(), IKE_ACCEPTED);
		ck_assert(opened.encrypted && opened.readable);
		ck_assert_int_eq(opened.hash, MESSAGE_HASH_HOLDS);
		/* the twin that is made while sealing is the one that is made while opening */
		ck_assert_uint_eq(opened.plain_length, plain_length);
		ck_assert_mem_eq(opened.plain, plain, plain_length);
		ck_assert(opened_notify(&opened, IKE_NOTIFY_R_U_THERE, &notify));
		ck_assert(!opened_notify(&opened, IKE_NOTIFY_R_U_THERE_ACK, &notify));
	}
	r_u_there(2000);
	message.padding = MESSAGE_PADDING_ALWAYS;
	ck_assert_int_eq(send(), IKE_ACCEPTED);
	ck_assert_uint_eq((length - IKE_HEADER_LENGTH) % cipher_block_length(keys.cipher), 0);
	tear_down();
}

START_TEST(test_right_ones)
{
	right_ones("aes128-sha1-x25519");
	right_ones("3des-md5-x25519");
	right_ones("aes256-sha512-x25519");
}
END_TEST

static const struct {
	enum message_protection protection;
	enum message_hash hash;
	enum message_iv iv;
	enum message_padding padding;
	uint8_t flags;
	int wrong_length;
	enum ike_verdict verdict;
	enum message_hash_found found;
} wrong[] = {
    {.protection = MESSAGE_CLEAR, .verdict = IKE_UNPROTECTED, .found = MESSAGE_HASH_ABSENT},
    {.protection = MESSAGE_CLEAR_HASH,
     .verdict = IKE_PAYLOAD_UNEXPECTED,
     .found = MESSAGE_HASH_HOLDS},
    {.protection = MESSAGE_WITHOUT_HASH,
     .verdict = IKE_PAYLOAD_MISSING,
     .found = MESSAGE_HASH_ABSENT},
    {.hash = MESSAGE_HASH_WRONG, .verdict = IKE_BAD_HASH, .found = MESSAGE_HASH_FAILS},
    {.hash = MESSAGE_HASH_SHORT, .verdict = IKE_BAD_HASH, .found = MESSAGE_HASH_FAILS},
    {.hash = MESSAGE_HASH_EMPTY, .verdict = IKE_BAD_HASH, .found = MESSAGE_HASH_FAILS},
    {.hash = MESSAGE_HASH_OTHER_KEY, .verdict = IKE_BAD_HASH, .found = MESSAGE_HASH_FAILS},
    {.hash = MESSAGE_HASH_WITHOUT_MESSAGE_ID, .verdict = IKE_BAD_HASH, .found = MESSAGE_HASH_FAILS},
    {.hash = MESSAGE_HASH_WITH_PADDING, .verdict = IKE_BAD_HASH, .found = MESSAGE_HASH_FAILS},
    {.hash = MESSAGE_HASH_LAST, .verdict = IKE_PAYLOAD_ORDER, .found = MESSAGE_HASH_ABSENT},
    {.iv = MESSAGE_IV_OF_PHASE_1, .verdict = IKE_UNREADABLE},
    {.iv = MESSAGE_IV_ZERO, .verdict = IKE_UNREADABLE},
    {.iv = MESSAGE_IV_OTHER_ID, .verdict = IKE_UNREADABLE},
    {.iv = MESSAGE_IV_CONTINUED, .verdict = IKE_UNREADABLE},
    {.padding = MESSAGE_PADDING_MISSING, .verdict = IKE_BAD_CIPHERTEXT_LENGTH},
    {.padding = MESSAGE_PADDING_BLOCK_MORE, .verdict = IKE_TRAILING_OCTETS},
    {.flags = IKE_FLAG_COMMIT, .verdict = IKE_BAD_FLAGS, .found = MESSAGE_HASH_HOLDS},
    {.flags = 0x80, .verdict = IKE_BAD_FLAGS},
    {.wrong_length = 4, .verdict = IKE_UNEQUAL_LENGTHS},
    {.wrong_length = -4, .verdict = IKE_UNEQUAL_LENGTHS},
};

static void wrong_one(size_t i)
{
	enum ike_verdict verdict;

	set_up("aes128-sha1-x25519");
	r_u_there(1000);
	message.protection = wrong[i].protection;
	message.hash = wrong[i].hash;
	message.iv = wrong[i].iv;
	message.padding = wrong[i].padding;
	message.more_flags = wrong[i].flags;
	message.wrong_length = wrong[i].wrong_length;
	verdict = send();
	/* a wrong IV gives a first block of chance, of which parsing or HASH may be the first to complain */
	if (wrong[i].verdict == IKE_UNREADABLE)
		ck_assert_int_ne(verdict, IKE_ACCEPTED);
	else
		ck_assert_int_eq(verdict, wrong[i].verdict);
	ck_assert_int_ne(opened.hash, wrong[i].found == MESSAGE_HASH_HOLDS ? MESSAGE_HASH_FAILS
									   : MESSAGE_HASH_HOLDS);
	if (wrong[i].found != MESSAGE_HASH_ABSENT)
		ck_assert_int_eq(opened.hash, wrong[i].found);
	/* and the SA is as it was */
	r_u_there(1001);
	ck_assert_int_eq(send(), IKE_ACCEPTED);
	tear_down();
}

START_TEST(test_wrong_ones)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		wrong_one(i);
}
END_TEST

START_TEST(test_only_the_firstis_covered)
{
	set_up("aes128-sha1-x25519");
	r_u_there(1000);
	message_add_delete(&message);
	message.hash = MESSAGE_HASH_OF_FIRST;
	ck_assert_int_eq(send(), IKE_BAD_HASH);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	message.hash = MESSAGE_HASH_RIGHT;
	message.header.message_id = id++;
	ck_assert_int_eq(send(), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	tear_down();
}
END_TEST

START_TEST(test_payloads_that_lie)
{
	uint8_t spi[255] = {0};

	set_up("aes128-sha1-x25519");
	r_u_there(1000);
	message.payload[0].reserved = 1;
	ck_assert_int_eq(send(), IKE_RESERVED_NOT_ZERO);
	r_u_there(1000);
	message.payload[0].wrong_length = 64;
	ck_assert_int_eq(send(), IKE_PAYLOAD_TRUNCATED);
	r_u_there(1000);
	message.payload[0].wrong_length = -32;
	ck_assert_int_eq(send(), IKE_PAYLOAD_TOO_SHORT);
	message_of_sa(&message, &keys, sa.cky_i, sa.cky_r, id++);
	message_add_notify(&message, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP,
			   octets_of(spi, sizeof(spi)), IKE_NOTIFY_R_U_THERE, octets_of(NULL, 0));
	ck_assert_int_eq(send(), IKE_NOTIFY_MALFORMED);
	message_of_sa(&message, &keys, sa.cky_i, sa.cky_r, id++);
	message_add_isakmp_notify(&message, IKE_NOTIFY_INVALID_COOKIE);
	ck_assert_int_eq(send(), IKE_ACCEPTED);
	tear_down();
}
END_TEST

START_TEST(test_what_stays_closed)
{
	set_up("aes128-sha1-x25519");
	r_u_there(1000);
	ck_assert_int_eq(send(), IKE_ACCEPTED);
	message_open(crypto, NULL, octets_of(wire, length), &opened);
	ck_assert(opened.encrypted && !opened.readable);
	ck_assert_uint_eq(opened.plain_length, 0);
	keys.key[0] ^= 1;
	message_open(crypto, &keys, octets_of(wire, length), &opened);
	ck_assert(!opened.readable || opened.hash != MESSAGE_HASH_HOLDS);
	for (size_t cut = 0; cut < length; cut++) {
		message_open(crypto, &keys, octets_of(wire, cut), &opened);
		ck_assert_int_ne(opened.verdict, IKE_ACCEPTED);
	}
	/* no room is no message, and nothing is written behind the room */
	for (size_t room = 0; room < length; room++)
		ck_assert_uint_eq(message_seal(&message, crypto, &random_octets_source, wire, plain,
					       room, &plain_length),
				  0);
	tear_down();
}
END_TEST

UNIT_MAIN("interop_message", test_right_ones, test_wrong_ones, test_only_the_firstis_covered,
	  test_payloads_that_lie, test_what_stays_closed)
