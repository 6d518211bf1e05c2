/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ike/describe.h"
#include "ike/text.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"

/* The line of a message: header fields, and a chain in the clear whose first payload is of type `first`. */
static const char *line(uint8_t exchange, uint8_t flags, uint32_t message_id, uint8_t first,
			const char *chain)
{
	static char text[512];
	uint8_t octets[2048];
	struct ike_message message;
	size_t length = unit_hex(chain, octets, sizeof(octets));

	memset(&message, 0, sizeof(message));
	message.header.exchange = exchange;
	message.header.flags = flags;
	message.header.message_id = message_id;
	message.header.next_payload = first;
	ck_assert_int_eq(ike_payloads_parse(octets_of(octets, length), false, 0, &message),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(ike_describe_line(&message, text, sizeof(text)), strlen(text));
	return text;
}

/* One payload in a Main Mode message. */
static const char *payload(uint8_t type, const char *body)
{
	uint8_t octets[2048];
	char chain[4096];

	snprintf(chain, sizeof(chain), "00 00 %04zx %s", 4 + unit_hex(body, octets, sizeof(octets)),
		 body);
	return line(2, 0, 0, type, chain);
}

START_TEST(test_malformed_payloads)
{
	ck_assert_str_eq(payload(IKE_PAYLOAD_SA, ""), "MAIN [ SA(malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_SA, "00000001 00000001 00 00 0008 01 01 00 01"),
			 "MAIN [ SA(malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_ID, "01 00 0000 c00002"), "MAIN [ ID(malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_NOTIFY, "00000001 01 10 8d28 00"),
			 "MAIN [ N(malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_NOTIFY, "00000001 01 00 8d28 123456"),
			 "MAIN [ N(R-U-THERE malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_NOTIFY, "00000001 01 00 8d29 1234567890"),
			 "MAIN [ N(R-U-THERE-ACK malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_DELETE, "00000001 01 10 ffff"),
			 "MAIN [ D(malformed) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_VENDOR_ID, ""), "MAIN [ VID() ]");
}
END_TEST

/* An identity that is made to look like the rest of the line, or to move the cursor. */
START_TEST(test_nothing_forges_a_line)
{
	ck_assert_str_eq(
	    payload(IKE_PAYLOAD_ID, "02 00 0000 61 29 20 4e 28 52 2d 55 0a 1b 5b 32 4a 0d 09 ff"),
	    "MAIN [ ID(fqdn:a\\x29\\x20N\\x28R-U\\x0a\\x1b\\x5b2J\\x0d\\x09\\xff) ]");
}
END_TEST

START_TEST(test_long_identities_are_cut)
{
	char body[16 + 2 * 200 + 1], wanted[256];
	struct text body_text, wanted_text;

	text_to(&body_text, body, sizeof(body));
	text_add(&body_text, "02 00 0000");
	for (size_t i = 0; i < 200; i++)
		text_add(&body_text, "61");
	text_to(&wanted_text, wanted, sizeof(wanted));
	text_add(&wanted_text, "MAIN [ ID(fqdn:");
	for (size_t i = 0; i < 75; i++)
		text_add(&wanted_text, "a");
	text_add(&wanted_text, "...) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_ID, body), wanted);
}
END_TEST

START_TEST(test_unknown_numbers)
{
	ck_assert_str_eq(line(251, 0, 0, 217, "da 00 0004 63 00 0004 00 00 0004"),
			 "EXCHANGE#251 [ PAYLOAD#217 PAYLOAD#218 PAYLOAD#99 ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_NOTIFY, "00000001 01 00 9c43"), "MAIN [ N(40003) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_DELETE, "00000001 09 04 0001 01020304"),
			 "MAIN [ D(protocol#9 1 SPI) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_VENDOR_ID, "90cb8091 3ebb696e"),
			 "MAIN [ VID(90cb8091...) ]");
	ck_assert_str_eq(payload(IKE_PAYLOAD_VENDOR_ID, "90cb8091"), "MAIN [ VID(90cb8091) ]");
}
END_TEST

START_TEST(test_what_could_not_be_decrypted)
{
	ck_assert_str_eq(line(2, IKE_FLAG_ENCRYPTION, 0, 0, ""), "MAIN* [ encrypted ]");
	ck_assert_str_eq(line(5, IKE_FLAG_ENCRYPTION, 0x7be2c41d, 0, ""),
			 "INFORMATIONAL* 7be2c41d [ encrypted ]");
	ck_assert_str_eq(line(5, 0, 1, 0, ""), "INFORMATIONAL 00000001 [ ]");
}
END_TEST

START_TEST(test_many_transforms)
{
	char body[1024];
	struct text text;

	text_to(&text, body, sizeof(body));
	text_add(&text, "00000001 00000001 00 00 00a8 01 01 00 05");
	for (size_t i = 0; i < 5; i++)
		text_add(
		    &text,
		    "%s 00 0020 0101 0000 80010007 80020002 80030001 8004000e 800e0080 800d0001",
		    i < 4 ? "03" : "00");
	ck_assert_str_eq(payload(IKE_PAYLOAD_SA, body),
			 "MAIN [ SA(aes128-sha1-modp2048, aes128-sha1-modp2048, "
			 "aes128-sha1-modp2048, +2) ]");
}
END_TEST

/* In Quick Mode, SA and ID have another content. */
START_TEST(test_phase_2_is_not_read_as_phase_1)
{
	ck_assert_str_eq(line(32, IKE_FLAG_ENCRYPTION, 0xc0ffee03, 8,
			      "01 00 0005 aa 0a 00 0005 00 05 00 0005 bb 00 00 0005 04"),
			 "QUICK* c0ffee03 [ HASH SA(malformed) NONCE ID(malformed) ]");
	ck_assert_str_eq(line(32, IKE_FLAG_ENCRYPTION, 0xc0ffee03, 1,
			      "05 00 0044 00000001 00000001 00 00 0038 01 03 04 02 c0ffee01"
			      "03 00 0018 01 0c 0000 80040001 80050002 80060080 8003000e"
			      "00 00 0014 02 03 0000 80040002 80050001 80770001"
			      "05 00 0010 04 00 0000 0a010000 ffff0000"
			      "00 00 000c 01 11 06a5 c0000201"),
			 "QUICK* c0ffee03 [ SA(esp aes128-sha1-modp2048 tunnel, 3des-md5 transport "
			 "spi=c0ffee01) ID(10.1.0.0/16) ID(192.0.2.1/32 udp/1701) ]");
	/* another protocol, whose numbers mean something else */
	ck_assert_str_eq(line(32, IKE_FLAG_ENCRYPTION, 0xc0ffee03, 1,
			      "00 00 0024 00000001 00000001 00 00 0018 01 02 04 01 c0ffee01"
			      "00 00 000c 01 02 0000 80040002"),
			 "QUICK* c0ffee03 [ SA(des-hash#0 transport) ]");
	ck_assert_str_eq(line(5, IKE_FLAG_ENCRYPTION, 0xc0ffee03, 12,
			      "0c 00 0010 00000001 03 04 0001 c0ffee01"
			      "00 00 0014 00000001 03 04 0002 c0ffee01 c0ffee02"),
			 "INFORMATIONAL* c0ffee03 [ D(ESP spi=c0ffee01) D(ESP 2 SPIs) ]");
}
END_TEST

START_TEST(test_messages)
{
	static const char *const wanted[SAMPLES] = {
	    [SAMPLE_MM1] = "MAIN [ SA(aes128-sha1-modp1024, 3des-md5-modp1024) VID(DPD) ]",
	    [SAMPLE_MM2] = "MAIN [ SA(aes128-sha1-modp1024) VID(DPD) ]",
	    [SAMPLE_MM5] = "MAIN* [ ID(ipv4:192.0.2.1) HASH N(INITIAL-CONTACT) ]",
	    [SAMPLE_INFO_R_U_THERE] = "INFORMATIONAL* c0ffee01 [ HASH N(R-U-THERE seq=305419896) ]",
	    [SAMPLE_INFO_DELETE] = "INFORMATIONAL* c0ffee02 [ HASH D(ISAKMP 1 SPI) ]",
	    [SAMPLE_INFO_CLEAR] = "INFORMATIONAL [ N(NO-PROPOSAL-CHOSEN) ]",
	};

	for (unsigned i = 0; i < SAMPLES; i++) {
		struct ike_message message;
		struct sample sample;
		char text[256];

		sample_get(i, &sample);
		ck_assert_int_eq(
		    sample_read(sample.kind, octets_of(sample.octets, sample.length), &message),
		    IKE_ACCEPTED);
		(void)ike_describe_line(&message, text, sizeof(text));
		ck_assert_str_eq(text, wanted[i]);
	}
	ck_assert_str_eq(line(2, 0, 0, 4, "0a 00 0005 01 14 00 0005 02 14 00 0005 03 00 00 0004"),
			 "MAIN [ KE NONCE NAT-D NAT-D ]");
	ck_assert_str_eq(line(5, IKE_FLAG_ENCRYPTION, 0x01020304, 8,
			      "0c 00 0005 aa"
			      "00 00 0014 00000001 03 04 0002 11111111 22222222"),
			 "INFORMATIONAL* 01020304 [ HASH D(ESP 2 SPIs) ]");
}
END_TEST

/* The worst that fits into a message: still one line, cut where the room ends. */
START_TEST(test_everything_is_bounded)
{
	struct ike_message message;
	uint8_t name[4 + 256];
	char text[IKE_EVENT_TEXT];

	memset(&message, 0, sizeof(message));
	memset(name, 0xff, sizeof(name));
	memcpy(name, "\x02\0\0", 4);
	message.header.exchange = 2;
	message.payloads = IKE_PAYLOADS_MAX;
	for (size_t i = 0; i < IKE_PAYLOADS_MAX; i++) {
		message.payload[i].type = IKE_PAYLOAD_ID;
		message.payload[i].body = octets_of(name, sizeof(name));
	}
	ck_assert_uint_eq(ike_describe_line(&message, text, sizeof(text)), sizeof(text) - 1);
	ck_assert_uint_eq(strlen(text), sizeof(text) - 1);
	ck_assert_uint_eq(ike_describe_line(&message, text, 1), 0);
	ck_assert_str_eq(text, "");
}
END_TEST

UNIT_MAIN("describe_line", test_malformed_payloads, test_nothing_forges_a_line,
	  test_long_identities_are_cut, test_unknown_numbers, test_what_could_not_be_decrypted,
	  test_many_transforms, test_phase_2_is_not_read_as_phase_1, test_messages,
	  test_everything_is_bounded)
