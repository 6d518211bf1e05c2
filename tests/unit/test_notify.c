/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/notify.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define COOKIES      "1011121314151617 a0a1a2a3a4a5a6a7"

static uint8_t memory[512];

static struct octets octets_from(const char *hex)
{
	return octets_of(memory, unit_hex(hex, memory, sizeof(memory)));
}

START_TEST(test_malformed_notifications)
{
	static const char *const bad[] = {
	    "",
	    "00000001 01 00 00",
	    "00000001 01 01 8d28",
	    "00000001 01 10 8d28 1011121314151617 a0a1a2a3a4a5a6",
	    "00000001 01 ff 8d28" COOKIES "00000001",
	    /* 17 octets of SPI, all of them there */
	    "00000001 01 11 8d28" COOKIES "00",
	};
	struct ike_notify notify, before;

	memset(&notify, 0x5a, sizeof(notify));
	before = notify;
	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_msg(ike_notify_parse(octets_from(bad[i]), &notify) ==
				  IKE_NOTIFY_MALFORMED,
			      "%s", bad[i]);
		ck_assert_mem_eq(&notify, &before, sizeof(notify));
	}
}
END_TEST

START_TEST(test_notifications)
{
	struct ike_notify notify;

	ck_assert_int_eq(
	    ike_notify_parse(octets_from("00000001 01 10 8d28" COOKIES "12345678"), &notify),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(notify.doi, 1);
	ck_assert_uint_eq(notify.protocol, IKE_PROTOCOL_ISAKMP);
	ck_assert_uint_eq(notify.type, IKE_NOTIFY_R_U_THERE);
	unit_assert_hex(notify.spi, COOKIES);
	unit_assert_hex(notify.data, "12345678");

	/* the least there can be; the DOI is for whoever acts on it */
	ck_assert_int_eq(ike_notify_parse(octets_from("00000000 00 00 000e"), &notify),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(notify.doi, 0);
	ck_assert_uint_eq(notify.spi.length, 0);
	ck_assert_uint_eq(notify.data.length, 0);
}
END_TEST

START_TEST(test_every_spi_length)
{
	for (unsigned length = 0; length <= 255; length++) {
		struct ike_notify notify;
		struct octets body;

		(void)octets_from("00000001 01 00 8d28");
		memory[5] = (uint8_t)length;
		body = octets_of(memory, 8 + length);
		ck_assert_int_eq(ike_notify_parse(body, &notify),
				 length <= 16 ? IKE_ACCEPTED : IKE_NOTIFY_MALFORMED);
	}
}
END_TEST

START_TEST(test_malformed_deletes)
{
	static const char *const bad[] = {
	    "",
	    "00000001 01 10 00",
	    "00000001 01 10 0000", /* none */
	    "00000001 01 10 0000" COOKIES,
	    "00000001 01 10 0001", /* not there */
	    "00000001 01 10 0002" COOKIES,
	    "00000001 01 10 ffff" COOKIES,
	    "00000001 01 10 0001" COOKIES "00", /* one octet more */
	    "00000001 01 08 0002" COOKIES,      /* ISAKMP has both cookies for one SPI */
	    "00000001 01 00 0001",
	    "00000001 01 00 ffff",
	    "00000001 03 10 0001" COOKIES, /* ESP has four octets */
	    "00000001 03 00 0004 00000000",
	    "00000001 02 08 0002" COOKIES,
	    "00000001 04 00 0001",
	    "00000001 09 11 0001" COOKIES "00",
	};
	struct ike_delete delete, before;

	memset(&delete, 0x5a, sizeof(delete));
	before = delete;
	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_msg(ike_delete_parse(octets_from(bad[i]), &delete) ==
				  IKE_DELETE_MALFORMED,
			      "%s", bad[i]);
		ck_assert_mem_eq(&delete, &before, sizeof(delete));
	}
}
END_TEST

START_TEST(test_deletes)
{
	struct ike_delete delete;

	ck_assert_int_eq(ike_delete_parse(octets_from("00000001 01 10 0001" COOKIES), &delete),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(delete.doi, 1);
	ck_assert_uint_eq(delete.protocol, IKE_PROTOCOL_ISAKMP);
	ck_assert_uint_eq(delete.spi_length, 16);
	ck_assert_uint_eq(delete.count, 1);
	unit_assert_hex(delete.spis, COOKIES);

	ck_assert_int_eq(
	    ike_delete_parse(octets_from("00000001 03 04 0003 00000001 00000002 00000003"),
			     &delete),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(delete.count, 3);
	ck_assert_uint_eq(delete.spis.length, 12);
	/* IPCOMP: a CPI of two octets */
	ck_assert_int_eq(ike_delete_parse(octets_from("00000001 04 02 0001 abcd"), &delete),
			 IKE_ACCEPTED);
}
END_TEST

START_TEST(test_writing_a_notification)
{
	uint8_t spi[17], out[64];
	struct ike_notify notify = {
	    .doi = 1,
	    .protocol = 1,
	    .type = IKE_NOTIFY_INITIAL_CONTACT,
	    .spi = octets_of(spi, unit_hex(COOKIES, spi, sizeof(spi))),
	};
	struct wire_writer writer;

	wire_write_to(&writer, out, sizeof(out));
	ike_notify_write(&writer, &notify);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "00000001 01 10 6002" COOKIES);

	notify.spi.length = 17;
	wire_write_to(&writer, out, sizeof(out));
	ike_notify_write(&writer, &notify);
	ck_assert(writer.failed);
}
END_TEST

START_TEST(test_writing_a_delete)
{
	uint8_t cookies[16], out[64];
	struct wire_writer writer;

	unit_hex(COOKIES, cookies, sizeof(cookies));
	wire_write_to(&writer, out, sizeof(out));
	ike_delete_write_isakmp(&writer, cookies, cookies + IKE_COOKIE_LENGTH);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "00000001 01 10 0001" COOKIES);
	wire_write_to(&writer, out, sizeof(out));
	ike_notify_write_isakmp(&writer, IKE_DOI_IPSEC, IKE_NOTIFY_INITIAL_CONTACT, cookies,
				cookies + IKE_COOKIE_LENGTH);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "00000001 01 10 6002" COOKIES);
}
END_TEST

START_TEST(test_writing_a_delete_of_esp)
{
	static const uint32_t spis[] = {0xc0ffee01, 0x100};
	struct ike_delete delete;
	struct wire_writer writer;
	uint8_t room[32];

	wire_write_to(&writer, room, sizeof(room));
	ike_delete_write_esp(&writer, spis, 2);
	unit_assert_hex(wire_written(&writer), "00000001 03 04 0002 c0ffee01 00000100");
	ck_assert_int_eq(ike_delete_parse(wire_written(&writer), &delete), IKE_ACCEPTED);
	ck_assert_uint_eq(delete.count, 2);
}
END_TEST

START_TEST(test_lifetime)
{
	static const struct {
		const char *hex;
		uint32_t seconds;
	} cases[] = {
	    {"", 0},
	    {"800b0001", 0},
	    {"000c000400000e10", 0},          /* of what? */
	    {"800b0002 000c000400000e10", 0}, /* kilobytes */
	    {"800b0001 000c000400000e", 0},   /* cut off */
	    {"800b0001 000c000400000e10 80", 0},
	    {"800b0001 000c000400000e10", 3600},
	    {"800b0001 800c0e10", 3600},
	    {"800b0002 800cffff 800b0001 800c0e10", 3600},
	    {"800b0001 800c0e10 800b0002 800cffff", 3600},
	    {"800b0001 800c0e10 800b0001 800cffff", 3600}, /* the first */
	    {"800b0001 000c0008ffffffffffffffff", UINT32_MAX},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_uint_eq(ike_notify_lifetime(octets_from(cases[i].hex)), cases[i].seconds);
}
END_TEST

START_TEST(test_writing_a_lifetime)
{
	uint8_t room[16];
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	ike_notify_write_lifetime(&writer, 3600);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "800b0001 000c0004 00000e10");
}
END_TEST

UNIT_MAIN("notify", test_writing_a_delete_of_esp, test_malformed_notifications, test_notifications,
	  test_every_spi_length, test_malformed_deletes, test_deletes, test_writing_a_notification,
	  test_writing_a_delete, test_lifetime, test_writing_a_lifetime)
