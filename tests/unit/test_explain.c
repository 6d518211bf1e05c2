/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/decode/explain.h"
#include "tests/support/film.h"
#include "tests/support/unit.h"

static char *printed;
static size_t printed_length;
static FILE *out;

static void print_told(void *context, const struct told *told)
{
	const struct timeval start = {.tv_sec = 0};

	explain_line(told, start, out);
	if (*(const bool *)context)
		ck_assert(explain_tree(told, out));
}

/* What is printed of a capture, and the summary. */
static const char *explained(const struct film *film, const struct key_log *log, bool tree)
{
	struct decoder_settings settings = {.keys = log, .tell = print_told, .context = &tree};
	struct decoder *decoder = decoder_new(&settings);
	struct fault fault;
	struct packets *packets = packets_of_stream(film_stream(film), "film", &fault);
	struct packet packet;
	bool broken;

	free(printed);
	printed = NULL;
	out = open_memstream(&printed, &printed_length);
	while (packets_next(packets, &packet, &broken, &fault))
		decoder_packet(decoder, &packet);
	explain_summary(decoder_counts(decoder), out);
	fclose(out);
	packets_close(packets);
	decoder_free(decoder);
	return printed;
}

static const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 500, .family = 4},
				b = {.octets = {192, 0, 2, 2}, .port = 4500, .family = 4};
static struct film film;

static const char *one(const struct ike_address *to, const char *hex)
{
	uint8_t octets[512];
	size_t length = unit_hex(hex, octets, sizeof(octets));
	struct ike_address from = a;

	from.port = to->port;
	film_start(&film, FILM_RAW);
	film_datagram(&film, 1500 * IKE_MILLISECOND, &from, to, octets_of(octets, length));
	return explained(&film, NULL, true);
}

START_TEST(test_what_is_no_message)
{
	ck_assert_ptr_nonnull(strstr(
	    one(&a, "0102"),
	    "    1     1.500000  192.0.2.1 > 192.0.2.1  -- no ISAKMP header, 2 octets\n"
	    "        ! TOO_SHORT: shorter than an ISAKMP header (RFC 2408 section 5.1): 2 octets\n"
	    "      0000                      HDR: 2 octets  [RFC 2408 section 3.1]\n"
	    "    ! 0000  0102                  initiator cookie: cut off: 2 of 8 octets are "
	    "there\n"));
}
END_TEST

START_TEST(test_others)
{
	ck_assert_ptr_nonnull(strstr(one(&b, "ff"), "-- NAT keepalive\n1 packets: 0 IKE messages "
						    "of 0 SAs, 1 NAT keepalives\n"));
	ck_assert_ptr_nonnull(
	    strstr(one(&b, "c0ffee01 00000007 00"), "-- ESP spi=c0ffee01 seq=7\n"));
	ck_assert_ptr_nonnull(strstr(one(&b, "0102"), "-- neither IKE nor ESP, 2 octets\n"));
	ck_assert_ptr_nonnull(strstr(
	    one(&a, "1111111111111111 2222222222222222 21 20 22 08 00000000 0000001c"),
	    "-- IKEv2 [ not taken apart ]\n        ! BAD_MAJOR_VERSION: major version is not "
	    "1 (RFC 2408 section 5.2): 2.0, IKEv2\n"));
}
END_TEST

START_TEST(test_unprotected)
{
	const char *text = one(&a, "1111111111111111 2222222222222222 0b 10 05 00 00000001 00000030"
				   "00 00 0014 00000001 01 00 8d28 41420041 00000001");

	ck_assert_ptr_nonnull(strstr(
	    text,
	    "#1 -- INFORMATIONAL 00000001 [ N(R-U-THERE malformed) ]  INFO\n"
	    "        ! UNPROTECTED: not encrypted although keys exist (RFC 2409 section 5.7)\n"
	    "        = the capture does not show how this SA began\n"
	    "      0000                      HDR: 28 octets  [RFC 2408 section 3.1]\n"
	    "      0000  1111111111111111      initiator cookie: 1111111111111111\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "    ! 0028                        verdict: KEEPALIVE_MALFORMED: "));
	ck_assert_ptr_nonnull(strstr(text, "0 encrypted, 0 of them decrypted; anomalies in 1\n"));
}
END_TEST

START_TEST(test_session)
{
	struct duo *duo = duo_new(1);
	struct key_log *log = key_log_new();
	struct key_row row;
	const char *text;

	duo_start(duo);
	duo_establish(duo);
	film_key(duo, DUO_A, &row);
	ck_assert(key_log_add(log, &row));
	film_duo(&film, duo);
	text = explained(&film, log, true);
	ck_assert_ptr_nonnull(strstr(text, "192.0.2.1 > 192.0.2.2  #1 -> MAIN [ SA("));
	ck_assert_ptr_nonnull(strstr(text, "192.0.2.2 > 192.0.2.1  #1 <- MAIN [ SA("));
	ck_assert_ptr_nonnull(strstr(text, "  MM5\n"));
	ck_assert_ptr_nonnull(strstr(text, "encryption: aes (7)\n"));
	ck_assert_ptr_nonnull(strstr(text, "flags: 1 (encryption)\n"));
	ck_assert_ptr_nonnull(strstr(text, "octets  [RFC 2409 appendix B]\n")); /* padding */
	ck_assert_ptr_nonnull(strstr(text, "identity: "));
	ck_assert_ptr_nonnull(strstr(text, "HASH(1) verified\n"));
	ck_assert_ptr_nonnull(strstr(text, "; anomalies in 0\n"));
	text = explained(&film, NULL, false);
	ck_assert_ptr_nonnull(strstr(text, "MAIN* [ encrypted ]\n        ? not read: no keys were "
					   "given (--keys)\n"));
	key_log_free(log);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("explain", test_what_is_no_message, test_others, test_unprotected, test_session)
