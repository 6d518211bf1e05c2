/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/describe.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"

static char text[8192];

static const char *tree(uint8_t exchange, uint8_t first, const char *chain)
{
	uint8_t octets[2048];
	struct ike_message message;
	size_t length = unit_hex(chain, octets, sizeof(octets));

	memset(&message, 0, sizeof(message));
	message.header.exchange = exchange;
	message.header.next_payload = first;
	ck_assert_int_eq(ike_payloads_parse(octets_of(octets, length), false, 0, &message),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(ike_describe_tree(&message, text, sizeof(text)), strlen(text));
	return text;
}

/* The tree without its header, which ends with the line of the length. */
static const char *payloads_of(const char *whole)
{
	const char *at = strstr(whole, "\n  length ");

	ck_assert_ptr_nonnull(at);
	at = strchr(at + 1, '\n');
	ck_assert_ptr_nonnull(at);
	return at + 1;
}

START_TEST(test_malformed_sa)
{
	ck_assert_str_eq(
	    payloads_of(tree(2, 1, "00 00 0006 0000")),
	    "SA, 6 octets\n"
	    "  DOI                  0000  (cut off)\n"
	    "  ! PAYLOAD_TOO_SHORT: a payload is shorter than its fixed part (RFC 2408 "
	    "section 5.3)\n");
	/* a transform that is longer than its proposal, an attribute that is longer than its transform */
	ck_assert_str_eq(
	    payloads_of(tree(2, 1,
			     "00 00 001c 00000001 00000001 00 00 0010 01 01 00 01"
			     "00 00 0010 01 01 0000")),
	    "SA, 28 octets\n"
	    "  DOI                  00000001  1\n"
	    "  situation            00000001  1\n"
	    "  P, 16 octets\n"
	    "    number               01  1\n"
	    "    protocol             01  1 ISAKMP\n"
	    "    SPI size             00  0\n"
	    "    transforms           01  1\n"
	    "    octets               0000001001010000\n"
	    "  ! PAYLOAD_TRUNCATED: a payload runs past the end of the message (RFC 2408 "
	    "section 5.3)\n");
	ck_assert_ptr_nonnull(strstr(tree(2, 1,
					  "00 00 0020 00000001 00000001 00 00 0014 01 01 00 01"
					  "00 00 000c 01 01 0000 000cffff"),
				     "      octets               000cffff\n"
				     "  ! BAD_ATTRIBUTE: "));
}
END_TEST

START_TEST(test_malformed_others)
{
	ck_assert_str_eq(
	    payloads_of(tree(5, 11, "00 00 0010 00000001 01 10 8d28 01020304")),
	    "N, 16 octets\n"
	    "  DOI                  00000001  1\n"
	    "  protocol             01  1 ISAKMP\n"
	    "  SPI size             10  16\n"
	    "  type                 8d28  36136 R-U-THERE\n"
	    "  SPI                  01020304  (cut off)\n"
	    "  ! NOTIFY_MALFORMED: NOTIFY payload is malformed (RFC 2408 section 3.14)\n");
	ck_assert_str_eq(
	    payloads_of(tree(5, 12, "00 00 0012 00000001 03 04 0002 01020304 0506")),
	    "D, 18 octets\n"
	    "  DOI                  00000001  1\n"
	    "  protocol             03  3 ESP\n"
	    "  SPI size             04  4\n"
	    "  SPIs                 0002  2\n"
	    "  SPI                  01020304\n"
	    "  after them           0506\n"
	    "  ! DELETE_MALFORMED: DELETE payload is malformed (RFC 2408 section 3.15)\n");
	ck_assert_ptr_nonnull(strstr(tree(2, 5, "00 00 000c 01 11 1194 c0000201"),
				     "  port                 1194  4500\n"
				     "  data                 c0000201\n"
				     "  ! BAD_IDENTITY: "));
}
END_TEST

/* A peer that says 65535 SPIs of no octets does not keep us busy. */
START_TEST(test_empty_spis)
{
	ck_assert_ptr_nonnull(strstr(tree(5, 12, "00 00 000c 00000001 01 00 ffff"),
				     "  SPIs                 ffff  65535\n"
				     "  ! DELETE_MALFORMED"));
}
END_TEST

START_TEST(test_main_mode)
{
	struct ike_message message;
	struct sample sample;

	sample_get(SAMPLE_MM2, &sample);
	ck_assert_int_eq(
	    sample_read(sample.kind, octets_of(sample.octets, sample.length), &message),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(ike_describe_tree(&message, text, sizeof(text)), strlen(text));
	ck_assert_str_eq(text, "HDR, 28 octets\n"
			       "  initiator cookie     1011121314151617\n"
			       "  responder cookie     a0a1a2a3a4a5a6a7\n"
			       "  next payload         01  1 SA\n"
			       "  version              10  16 (1.0)\n"
			       "  exchange             02  2 MAIN\n"
			       "  flags                00  0\n"
			       "  message ID           00000000  0\n"
			       "  length               0000006c  108\n"
			       "SA, 60 octets\n"
			       "  DOI                  00000001  1\n"
			       "  situation            00000001  1\n"
			       "  P, 48 octets\n"
			       "    number               01  1\n"
			       "    protocol             01  1 ISAKMP\n"
			       "    SPI size             00  0\n"
			       "    transforms           01  1\n"
			       "    T, 40 octets\n"
			       "      number               01  1\n"
			       "      transform ID         01  1\n"
			       "      RESERVED2            0000  0\n"
			       "      encryption           0007  7 aes\n"
			       "      hash                 0002  2 sha1\n"
			       "      authentication       0001  1 psk\n"
			       "      group                0002  2 modp1024\n"
			       "      key-length           0080  128\n"
			       "      life-type            0001  1 seconds\n"
			       "      life-duration        00015180  86400\n"
			       "VID, 20 octets\n"
			       "  data                 afcad71368a1f1c96b8696fc77570100\n"
			       "  known as             DPD\n");
}
END_TEST

START_TEST(test_header)
{
	struct ike_message message = {.header = {.version = 0x20, .exchange = 37, .flags = 3}};

	(void)ike_describe_tree(&message, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "  version              20  32 (2.0)\n"
					   "  exchange             25  37\n"
					   "  flags                03  3 encryption commit\n"));
	message.header.flags = 0x28;
	(void)ike_describe_tree(&message, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "  flags                28  40\n"));
}
END_TEST

START_TEST(test_payloads)
{
	ck_assert_str_eq(payloads_of(tree(5, 11,
					  "00 00 0020 00000001 01 10 8d28 1011121314151617"
					  "a0a1a2a3a4a5a6a7 12345678")),
			 "N, 32 octets\n"
			 "  DOI                  00000001  1\n"
			 "  protocol             01  1 ISAKMP\n"
			 "  SPI size             10  16\n"
			 "  type                 8d28  36136 R-U-THERE\n"
			 "  SPI                  1011121314151617a0a1a2a3a4a5a6a7\n"
			 "  sequence number      12345678  305419896\n");
	ck_assert_str_eq(payloads_of(tree(2, 5, "00 00 000d 02 11 01f4 67770a5b65")),
			 "ID, 13 octets\n"
			 "  type                 02  2 fqdn\n"
			 "  protocol             11  17\n"
			 "  port                 01f4  500\n"
			 "  data                 67770a5b65\n"
			 "  identity             fqdn:gw\\x0a\\x5be\n");
	ck_assert_str_eq(payloads_of(tree(2, 200, "00 00 0006 abcd")),
			 "PAYLOAD#200, 6 octets\n"
			 "  data                 abcd\n");
	ck_assert_str_eq(payloads_of(tree(2, 8, "00 00 0004")), "HASH, 4 octets\n");
}
END_TEST

/* A proposal for ESP: its attributes have other meanings than those of Phase 1. */
START_TEST(test_phase_2)
{
	const char *got = tree(32, 1,
			       "00 00 0024 00000001 00000001 00 00 0018 01 03 04 01 aabbccdd"
			       "00 00 000c 01 0c 0000 80010001");

	ck_assert_ptr_nonnull(strstr(got, "    SPI                  aabbccdd\n"));
	ck_assert_ptr_nonnull(strstr(got, "      transform ID         0c  12 aes\n"));
	ck_assert_ptr_nonnull(strstr(got, "      life-type            0001  1 seconds\n"));
	ck_assert_ptr_null(strstr(got, "!"));
	got = tree(32, 1,
		   "00 00 002c 00000001 00000001 00 00 0020 01 03 04 01 aabbccdd"
		   "00 00 0014 01 0c 0000 8003000e 80040003 80050005");
	ck_assert_ptr_nonnull(strstr(got, "      group                000e  14 modp2048\n"));
	ck_assert_ptr_nonnull(strstr(got, "      encapsulation        0003  3 udp-tunnel\n"));
	ck_assert_ptr_nonnull(strstr(got, "      authentication       0005  5 sha256\n"));
	/* of AH nothing is known */
	got = tree(32, 1,
		   "00 00 0024 00000001 00000001 00 00 0018 01 02 04 01 aabbccdd"
		   "00 00 000c 01 02 0000 80010001");
	ck_assert_ptr_nonnull(strstr(got, "      attribute#1          0001  1\n"));
	got = tree(32, 5, "00 00 0010 04 00 0000 c0000200 ffffff00");
	ck_assert_ptr_null(strstr(got, "!"));
	ck_assert_ptr_nonnull(strstr(got, "  type                 04  4 ipv4-subnet\n"));
}
END_TEST

START_TEST(test_long_values_in_lines)
{
	const char *got = tree(2, 10,
			       "00 00 0027"
			       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
			       "202122");

	ck_assert_str_eq(payloads_of(got),
			 "NONCE, 39 octets\n"
			 "  data                 "
			 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
			 "                       202122\n");
}
END_TEST

START_TEST(test_cut_to_any_room)
{
	struct ike_message message;
	struct sample sample;
	size_t whole;

	sample_get(SAMPLE_MM1, &sample);
	ck_assert_int_eq(
	    sample_read(sample.kind, octets_of(sample.octets, sample.length), &message),
	    IKE_ACCEPTED);
	whole = ike_describe_tree(&message, text, sizeof(text));
	for (size_t room = 1; room <= whole + 2; room++) {
		char cut[sizeof(text)];
		size_t length = ike_describe_tree(&message, cut, room);

		if (length != strlen(cut) || length >= room || memcmp(cut, text, length) != 0 ||
		    (room > whole && length != whole))
			ck_abort_msg("room %zu gives %zu characters", room, length);
	}
	ck_assert_uint_gt(whole, 1000);
}
END_TEST

UNIT_MAIN("describe_tree", test_malformed_sa, test_malformed_others, test_empty_spis,
	  test_main_mode, test_header, test_payloads, test_phase_2, test_long_values_in_lines,
	  test_cut_to_any_room)
