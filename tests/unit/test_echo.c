/* SPDX-License-Identifier: ISC */
#include "interop/esp/echo.h"

#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "tests/support/unit.h"

static const struct echo_identity identity = {
    .identifier = 0x1234, .mark = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};

static struct echo made(enum echo_kind kind, const char *from, const char *to, uint32_t number)
{
	struct echo echo = {.kind = kind, .number = number};

	ck_assert(ike_address_from_text(from, &echo.from));
	ck_assert(ike_address_from_text(to, &echo.to));
	return echo;
}

static struct echo ipv4(enum echo_kind kind)
{
	return made(kind, "10.1.0.1", "10.2.0.1", 0xa0b0c0d1);
}

static struct echo ipv6(enum echo_kind kind)
{
	return made(kind, "2001:db8:1::1", "2001:db8:2::1", 0xa0b0c0d1);
}

/* Reads from memory that is just as long, so that a sanitizer sees one octet too many. */
static bool reads(const uint8_t *packet, size_t length, struct echo *echo)
{
	uint8_t *exact = malloc(length + (length == 0));
	bool good;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, packet, length);
	good = echo_read(&identity, exact, length, echo);
	free(exact);
	return good;
}

/* ---- refused ------------------------------------------------------------------------------------------------------- */

static void too_short_is_refused(struct echo echo)
{
	uint8_t packet[ECHO_OCTETS_MOST];
	size_t length = echo_write(&identity, &echo, packet, sizeof(packet));

	ck_assert_uint_ne(length, 0);
	for (size_t cut = 0; cut < length; cut++) {
		ck_assert(!reads(packet, cut, &echo));
		ck_assert(!echo_read(&identity, packet, cut, &echo)); /* though it goes on */
	}
	ck_assert(reads(packet, length, &echo));
}

START_TEST(too_short)
{
	too_short_is_refused(ipv4(ECHO_REPLY));
	too_short_is_refused(ipv6(ECHO_REPLY));
}
END_TEST

/*
 * Checksums find every single bit, wherever it is; where there is none (IPv6: version, class, flow label, hop limit), it must
 * be what is not looked at.
 */
static unsigned bits_not_looked_at(struct echo echo)
{
	uint8_t packet[ECHO_OCTETS_MOST];
	size_t length = echo_write(&identity, &echo, packet, sizeof(packet));
	struct echo got;
	unsigned not_looked_at = 0;

	for (size_t bit = 0; bit < length * 8; bit++) {
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
		not_looked_at += reads(packet, length, &got);
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	return not_looked_at;
}

START_TEST(one_bit_is_wrong)
{
	ck_assert_uint_eq(bits_not_looked_at(ipv4(ECHO_REQUEST)), 0);
	ck_assert_uint_eq(bits_not_looked_at(ipv4(ECHO_REPLY)), 0);
	/* traffic class and flow label are 28 bits, the hop limit 8 */
	ck_assert_uint_eq(bits_not_looked_at(ipv6(ECHO_REPLY)), 36);
}
END_TEST

static void sum_of(uint8_t *octets, size_t length, uint8_t *at)
{
	uint32_t sum = 0;

	at[0] = at[1] = 0;
	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

/* An IPv4 reply with these octets from `offset` on, and the right checksums. */
static bool reads_with(size_t offset, const char *hex)
{
	struct echo echo = ipv4(ECHO_REPLY);
	uint8_t packet[ECHO_OCTETS_MOST + 64] = {0};
	size_t length = echo_write(&identity, &echo, packet, sizeof(packet));

	unit_hex(hex, packet + offset, sizeof(packet) - offset);
	sum_of(packet, 20, packet + 10);
	sum_of(packet + 20, length - 20, packet + 22);
	return reads(packet, length, &echo);
}

START_TEST(wrong_in_one_place_only)
{
	ck_assert(reads_with(0, "45"));
	ck_assert(reads_with(1, "b8"));    /* type of service */
	ck_assert(reads_with(4, "beef"));  /* identification */
	ck_assert(reads_with(6, "0000"));  /* may be fragmented, but is not */
	ck_assert(reads_with(8, "01"));    /* hops */
	ck_assert(!reads_with(0, "55"));   /* version */
	ck_assert(!reads_with(0, "44"));   /* header too short */
	ck_assert(!reads_with(0, "4f"));   /* and longer than the packet */
	ck_assert(!reads_with(2, "0027")); /* total length */
	ck_assert(!reads_with(2, "0029"));
	ck_assert(!reads_with(2, "ffff"));
	ck_assert(!reads_with(2, "0000"));
	ck_assert(!reads_with(6, "2000"));  /* more fragments */
	ck_assert(!reads_with(6, "0001"));  /* a later one */
	ck_assert(!reads_with(9, "11"));    /* UDP */
	ck_assert(!reads_with(9, "3a"));    /* ICMPv6 in IPv4 */
	ck_assert(!reads_with(20, "03"));   /* unreachable */
	ck_assert(!reads_with(20, "81"));   /* a reply of ICMPv6 */
	ck_assert(!reads_with(21, "01"));   /* code */
	ck_assert(!reads_with(24, "1235")); /* identifier */
	ck_assert(!reads_with(26, "c0d0")); /* sequence number */
	ck_assert(!reads_with(28, "00"));   /* mark */
	ck_assert(!reads_with(35, "ee"));
	ck_assert(!reads_with(38, "c0d0")); /* the number's low half */
	ck_assert(reads_with(36, "ffff"));  /* its high half is nowhere else */
}
END_TEST

/* All is right but that the header is shorter than a header is: the message begins in its own destination. */
START_TEST(a_header_too_short)
{
	struct echo echo = ipv4(ECHO_REPLY), got;
	uint8_t packet[ECHO_OCTETS_MOST] = {0};
	size_t length = echo_write(&identity, &echo, packet, sizeof(packet));

	memmove(packet + 16, packet + 20, length - 20);
	packet[0] = 0x44;
	packet[3] -= 4;
	sum_of(packet, 16, packet + 10);
	ck_assert(!reads(packet, length, &got));
}
END_TEST

/* IPv6: with an extension header, or of another length. */
START_TEST(ipv6_wrong_in_one_place_only)
{
	struct echo echo = ipv6(ECHO_REPLY);
	uint8_t packet[ECHO_OCTETS_MOST + 8] = {0};
	size_t length = echo_write(&identity, &echo, packet, sizeof(packet));

	packet[6] = 0; /* hop-by-hop options */
	ck_assert(!reads(packet, length, &echo));
	packet[6] = 58;
	packet[5]++;
	ck_assert(!reads(packet, length + 1, &echo));
	packet[4] = 0xff;
	ck_assert(!reads(packet, length, &echo));
}
END_TEST

START_TEST(somebody_else_s)
{
	struct echo_identity other = identity;
	struct echo echo = ipv4(ECHO_REPLY), got;
	uint8_t packet[ECHO_OCTETS_MOST];
	size_t length;

	other.identifier++;
	length = echo_write(&other, &echo, packet, sizeof(packet));
	ck_assert(!reads(packet, length, &got));
	other.identifier--;
	other.mark[ECHO_MARK_LENGTH - 1] ^= 1;
	length = echo_write(&other, &echo, packet, sizeof(packet));
	ck_assert(!reads(packet, length, &got));
}
END_TEST

START_TEST(whatever_comes)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {8}, packet[128];
	struct random_source random;
	struct echo echo;

	random_seeded(&random, seed);
	for (int i = 0; i < 20000; i++) {
		size_t length = random_below(&random, sizeof(packet) + 1);

		random_octets(&random, packet, sizeof(packet));
		packet[0] = (uint8_t)((i % 2 == 0 ? 0x40 : 0x60) | (packet[0] & 0x0f));
		ck_assert(!reads(packet, length, &echo));
	}
}
END_TEST

START_TEST(cannot_be_written)
{
	struct echo echo = ipv4(ECHO_REQUEST);
	uint8_t packet[ECHO_OCTETS_MOST];

	ck_assert_uint_eq(echo_write(&identity, &echo, packet, ECHO_OCTETS_IPV4 - 1), 0);
	echo.to = ipv6(ECHO_REQUEST).to;
	ck_assert_uint_eq(echo_write(&identity, &echo, packet, sizeof(packet)), 0);
	echo = ipv6(ECHO_REQUEST);
	ck_assert_uint_eq(echo_write(&identity, &echo, packet, ECHO_OCTETS_IPV6 - 1), 0);
	echo.from.family = echo.to.family = IKE_FAMILY_NONE;
	ck_assert_uint_eq(echo_write(&identity, &echo, packet, sizeof(packet)), 0);
}
END_TEST

/* ---- written and read ---------------------------------------------------------------------------------------------- */

static void goes_and_comes(struct echo echo, const char *hex)
{
	uint8_t packet[ECHO_OCTETS_MOST + 20];
	struct echo got;
	size_t length;

	memset(packet, 0xee, sizeof(packet));
	length = echo_write(&identity, &echo, packet, sizeof(packet));
	unit_assert_hex((struct octets){packet, length}, hex);
	ck_assert_uint_eq(packet[length], 0xee);
	memset(&got, 0xee, sizeof(got));
	ck_assert(reads(packet, length, &got));
	ck_assert_int_eq(got.kind, echo.kind);
	ck_assert_uint_eq(got.number, echo.number);
	ck_assert_mem_eq(&got.from, &echo.from, sizeof(got.from));
	ck_assert_mem_eq(&got.to, &echo.to, sizeof(got.to));
	/* padding for the sake of traffic flow confidentiality */
	ck_assert(reads(packet, sizeof(packet), &got));
}

START_TEST(octet_by_octet)
{
	goes_and_comes(ipv4(ECHO_REQUEST), "45 00 00 28 00 00 40 00 40 01 26 d1 0a010001 0a020001"
					   "08 00 2552 1234 c0d1 0123456789abcdef a0b0c0d1");
	goes_and_comes(ipv4(ECHO_REPLY), "45 00 00 28 00 00 40 00 40 01 26 d1 0a010001 0a020001"
					 "00 00 2d52 1234 c0d1 0123456789abcdef a0b0c0d1");
	goes_and_comes(
	    ipv6(ECHO_REQUEST),
	    "60000000 0014 3a 40 20010db8000100000000000000000001 20010db8000200000000000000000001"
	    "80 00 518c 1234 c0d1 0123456789abcdef a0b0c0d1");
	goes_and_comes(
	    ipv6(ECHO_REPLY),
	    "60000000 0014 3a 40 20010db8000100000000000000000001 20010db8000200000000000000000001"
	    "81 00 508c 1234 c0d1 0123456789abcdef a0b0c0d1");
}
END_TEST

START_TEST(options_are_allowed_in_a_reply)
{
	struct echo echo = ipv4(ECHO_REPLY), got;
	uint8_t plain[ECHO_OCTETS_MOST], packet[ECHO_OCTETS_MOST + 4] = {0};
	size_t length = echo_write(&identity, &echo, plain, sizeof(plain));

	memcpy(packet, plain, 20);
	memset(packet + 20, 1, 4); /* four times "no operation" */
	memcpy(packet + 24, plain + 20, length - 20);
	packet[0] = 0x46;
	packet[3] += 4;
	sum_of(packet, 24, packet + 10);
	ck_assert(!echo_read(&identity, packet, length + 3, &got));
	ck_assert(reads(packet, length + 4, &got));
	ck_assert_uint_eq(got.number, echo.number);
}
END_TEST

START_TEST(an_identity_is_random)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {8};
	struct echo_identity a, b;
	struct random_source random;

	random_seeded(&random, seed);
	echo_identity_new(&a, &random);
	echo_identity_new(&b, &random);
	ck_assert_uint_ne(a.identifier, b.identifier);
	ck_assert_mem_ne(a.mark, b.mark, ECHO_MARK_LENGTH);
}
END_TEST

UNIT_MAIN("echo", too_short, one_bit_is_wrong, a_header_too_short, wrong_in_one_place_only,
	  ipv6_wrong_in_one_place_only, somebody_else_s, whatever_comes, cannot_be_written,
	  octet_by_octet, options_are_allowed_in_a_reply, an_identity_is_random)
