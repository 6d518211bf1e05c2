/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/esp/inner_packet.h"
#include "tests/support/esp_sample.h"

/* What is read of a packet that lies alone in its memory. */
static enum esp_verdict read_hex(const char *hex, struct inner_packet *inner)
{
	uint8_t octets[256];
	size_t length = unit_hex(hex, octets, sizeof(octets));

	return inner_packet_read(octets_of(octets, length), inner);
}

static enum esp_verdict read_octets(const uint8_t *octets, size_t length)
{
	struct inner_packet inner;
	uint8_t alone[ESP_SAMPLE_ROOM];

	memcpy(alone + sizeof(alone) - length, octets, length);
	return inner_packet_read(octets_of(alone + sizeof(alone) - length, length), &inner);
}

#define V4_ADDRESSES "0a010005 0a020007"
#define V6_ADDRESSES                                                                               \
	"20010db8000100000000000000000005"                                                         \
	"20010db8000200000000000000000007"

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

START_TEST(test_other_versions)
{
	uint8_t packet[64] = {0};

	ck_assert_int_eq(read_octets(packet, 0), ESP_INNER_TOO_SHORT);
	for (unsigned version = 0; version < 16; version++) {
		packet[0] = (uint8_t)(version << 4 | 5);
		if (version != 4 && version != 6)
			ck_assert_int_eq(read_octets(packet, sizeof(packet)),
					 ESP_INNER_BAD_VERSION);
	}
}
END_TEST

START_TEST(test_cut_at_every_length)
{
	uint8_t packet[100];

	(void)esp_sample_packet(packet, "10.1.0.5", "10.2.0.7", 1, 2, 100);
	for (size_t length = 0; length < 100; length++)
		ck_assert_int_eq(read_octets(packet, length),
				 length < 20 ? ESP_INNER_TOO_SHORT : ESP_INNER_BAD_LENGTH);
	ck_assert_int_eq(read_octets(packet, 100), ESP_ACCEPTED);
	(void)esp_sample_packet(packet, "2001:db8:1::5", "2001:db8:2::7", 1, 2, 100);
	for (size_t length = 0; length < 100; length++)
		ck_assert_int_eq(read_octets(packet, length),
				 length < 40 ? ESP_INNER_TOO_SHORT : ESP_INNER_BAD_LENGTH);
	ck_assert_int_eq(read_octets(packet, 100), ESP_ACCEPTED);
}
END_TEST

START_TEST(test_v4_headers_that_cannot_be)
{
	uint8_t packet[100];

	(void)esp_sample_packet(packet, "10.1.0.5", "10.2.0.7", 1, 2, 100);
	for (unsigned words = 0; words < 16; words++) {
		packet[0] = (uint8_t)(0x40 | words);
		ck_assert_int_eq(read_octets(packet, 100),
				 words < 5 ? ESP_INNER_BAD_HEADER : ESP_ACCEPTED);
	}
	packet[0] = 0x46; /* options of four octets, and a packet of 20 to 24 in all */
	for (uint8_t total = 0; total < 30; total++) {
		packet[3] = total;
		ck_assert_int_eq(read_octets(packet, 100),
				 total < 24 ? ESP_INNER_BAD_HEADER : ESP_ACCEPTED);
	}
}
END_TEST

/* ---- what is read ---------------------------------------------------------------------------------------------------- */

START_TEST(test_v4)
{
	struct inner_packet inner;

	ck_assert_int_eq(
	    read_hex("4500001c000000004011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	ck_assert_uint_eq(inner.length, 28);
	ck_assert(inner.protocol_known && inner.ports_known && !inner.later_fragment);
	ck_assert_uint_eq(inner.protocol, 17);
	ck_assert_uint_eq(inner.source.family, IKE_FAMILY_IPV4);
	unit_assert_hex(octets_of(inner.source.octets, 16), "0a010005000000000000000000000000");
	unit_assert_hex(octets_of(inner.destination.octets, 16),
			"0a020007000000000000000000000000");
	ck_assert_uint_eq(inner.source.port, 1000);
	ck_assert_uint_eq(inner.destination.port, 2000);
	/* options of four octets before the ports, and padding behind */
	ck_assert_int_eq(read_hex("46000020000000004011ffff" V4_ADDRESSES
				  "01010101 03e807d000080000 dddddddddddd",
				  &inner),
			 ESP_ACCEPTED);
	ck_assert_uint_eq(inner.length, 32);
	ck_assert_uint_eq(inner.destination.port, 2000);
}
END_TEST

START_TEST(test_v6)
{
	struct inner_packet inner;

	ck_assert_int_eq(
	    read_hex("60000000 0008 06 40" V6_ADDRESSES "03e807d000080000 ddddd0", &inner),
	    ESP_ACCEPTED);
	ck_assert_uint_eq(inner.length, 48);
	ck_assert(inner.protocol_known && inner.ports_known && !inner.later_fragment);
	ck_assert_uint_eq(inner.protocol, 6);
	ck_assert_uint_eq(inner.source.family, IKE_FAMILY_IPV6);
	unit_assert_hex(octets_of(inner.source.octets, 16), "20010db8000100000000000000000005");
	unit_assert_hex(octets_of(inner.destination.octets, 16),
			"20010db8000200000000000000000007");
	ck_assert_uint_eq(inner.source.port, 1000);
	ck_assert_uint_eq(inner.destination.port, 2000);
}
END_TEST

START_TEST(test_ports_are_known_where_they_are)
{
	struct inner_packet inner;
	uint8_t packet[64];

	(void)esp_sample_packet(packet, "10.1.0.5", "10.2.0.7", 1, 2, sizeof(packet));
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		packet[9] = (uint8_t)protocol;
		ck_assert_int_eq(inner_packet_read(octets_of(packet, sizeof(packet)), &inner),
				 ESP_ACCEPTED);
		ck_assert_uint_eq(inner.protocol, protocol);
		ck_assert_int_eq(inner.ports_known, protocol == 6 || protocol == 17 ||
							protocol == 33 || protocol == 132 ||
							protocol == 136);
		ck_assert_uint_eq(inner.destination.port, inner.ports_known ? 2 : 0);
	}
	/* not all of both: those of what the packet is, and not of the padding behind it */
	packet[9] = 17;
	for (uint8_t length = 20; length < 30; length++) {
		packet[3] = length;
		ck_assert_int_eq(inner_packet_read(octets_of(packet, sizeof(packet)), &inner),
				 ESP_ACCEPTED);
		ck_assert_int_eq(inner.ports_known, length >= 24);
	}
}
END_TEST

START_TEST(test_v4_fragments)
{
	struct inner_packet inner;

	/* the first one, with more to come, has ports */
	ck_assert_int_eq(
	    read_hex("4500001c000020004011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	ck_assert(inner.ports_known && !inner.later_fragment);
	/* every later one has none, be it the last (0x0001) or not (0x3fff) */
	ck_assert_int_eq(
	    read_hex("4500001c000000014011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	ck_assert(!inner.ports_known && inner.later_fragment && inner.protocol_known);
	ck_assert_int_eq(
	    read_hex("4500001c00003fff4011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	ck_assert(!inner.ports_known && inner.later_fragment);
	ck_assert_uint_eq(inner.source.port, 0);
	/* don't fragment is no fragment */
	ck_assert_int_eq(
	    read_hex("4500001c000040004011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	ck_assert(inner.ports_known && !inner.later_fragment);
}
END_TEST

START_TEST(test_v6_extension_headers)
{
	static const struct {
		const char *hex; /* from the length on */
		uint8_t protocol;
		bool protocol_known, ports_known, later_fragment;
	} rows[] = {
	    /* hop by hop, routing and destination options, of 8, 16 and 8 octets */
	    {"0028 00 40" V6_ADDRESSES "2b00000000000000 3c01000000000000 0000000000000000"
	     "1100000000000000 03e807d000080000",
	     17, true, true, false},
	    /* a first fragment */
	    {"0010 2c 40" V6_ADDRESSES "1100000100000001 03e807d000080000", 17, true, true, false},
	    /* a later one, which says what it is of */
	    {"0010 2c 40" V6_ADDRESSES "1100000800000001 03e807d000080000", 17, true, false, true},
	    /* a later one of something that began with destination options */
	    {"0010 2c 40" V6_ADDRESSES "3c00000800000001 1100000000000000", 0, false, false, true},
	    /* a header that is cut short, and one longer than the packet */
	    {"0004 00 40" V6_ADDRESSES "11000000", 0, false, false, false},
	    {"0008 00 40" V6_ADDRESSES "1101000000000000 0000000003e807d0", 0, false, false, false},
	    /* ESP and AH once more, and nothing at all */
	    {"0008 32 40" V6_ADDRESSES "03e807d000080000", 50, true, false, false},
	    {"0008 33 40" V6_ADDRESSES "1101000000080000", 51, true, false, false},
	    {"0000 3b 40" V6_ADDRESSES, 59, true, false, false},
	    {"0000 00 40" V6_ADDRESSES, 0, false, false, false},
	    /* nine of them, one more than are looked at */
	    {"0048 3c 40" V6_ADDRESSES "3c00000000000000 3c00000000000000 3c00000000000000"
	     "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000"
	     "1100000000000000",
	     0, false, false, false},
	    {"0048 3c 40" V6_ADDRESSES "3c00000000000000 3c00000000000000 3c00000000000000"
	     "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 1100000000000000"
	     "03e807d000080000",
	     17, true, true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct inner_packet inner;
		char hex[600] = "60000000";

		strncat(hex, rows[i].hex, sizeof(hex) - 9);
		ck_assert_int_eq(read_hex(hex, &inner), ESP_ACCEPTED);
		ck_assert_int_eq(inner.protocol_known, rows[i].protocol_known);
		ck_assert_int_eq(inner.ports_known, rows[i].ports_known);
		ck_assert_int_eq(inner.later_fragment, rows[i].later_fragment);
		if (inner.protocol_known)
			ck_assert_uint_eq(inner.protocol, rows[i].protocol);
		ck_assert_uint_eq(inner.source.port, rows[i].ports_known ? 1000 : 0);
	}
}
END_TEST

/* ---- selectors --------------------------------------------------------------------------------------------------------- */

static struct ike_selector selector(const char *address, unsigned bits, uint8_t protocol,
				    uint16_t port)
{
	struct ike_selector made = esp_sample_selector(address, bits);

	made.protocol = protocol;
	made.port = port;
	return made;
}

START_TEST(test_fits)
{
	const struct {
		struct ike_selector from, to;
		enum esp_verdict verdict;
	} rows[] = {
	    {selector("10.1.0.0", 16, 0, 0), selector("10.2.0.0", 16, 0, 0), ESP_ACCEPTED},
	    {selector("0.0.0.0", 0, 0, 0), selector("0.0.0.0", 0, 0, 0), ESP_ACCEPTED},
	    {selector("10.1.0.5", 32, 17, 1000), selector("10.2.0.7", 32, 17, 2000), ESP_ACCEPTED},
	    {selector("10.1.0.4", 31, 17, 0), selector("10.2.0.6", 31, 0, 0), ESP_ACCEPTED},
	    {selector("10.1.0.4", 32, 0, 0), selector("10.2.0.0", 16, 0, 0),
	     ESP_INNER_OTHER_SOURCE},
	    {selector("10.3.0.0", 16, 0, 0), selector("10.2.0.0", 16, 0, 0),
	     ESP_INNER_OTHER_SOURCE},
	    {selector("10.1.0.0", 16, 0, 0), selector("10.2.0.6", 32, 0, 0),
	     ESP_INNER_OTHER_DESTINATION},
	    {selector("10.2.0.0", 16, 0, 0), selector("10.1.0.0", 16, 0, 0),
	     ESP_INNER_OTHER_SOURCE},
	    {selector("::", 0, 0, 0), selector("::", 0, 0, 0), ESP_INNER_OTHER_SOURCE},
	    {selector("10.1.0.0", 16, 0, 0), selector("::", 0, 0, 0), ESP_INNER_OTHER_DESTINATION},
	    {selector("10.1.0.0", 16, 6, 0), selector("10.2.0.0", 16, 0, 0),
	     ESP_INNER_OTHER_PROTOCOL},
	    {selector("10.1.0.0", 16, 0, 0), selector("10.2.0.0", 16, 6, 0),
	     ESP_INNER_OTHER_PROTOCOL},
	    {selector("10.1.0.0", 16, 17, 1001), selector("10.2.0.0", 16, 17, 0),
	     ESP_INNER_OTHER_PORT},
	    {selector("10.1.0.0", 16, 17, 0), selector("10.2.0.0", 16, 17, 1000),
	     ESP_INNER_OTHER_PORT},
	};
	struct inner_packet inner;

	ck_assert_int_eq(
	    read_hex("4500001c000000004011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(inner_packet_fits(&inner, &rows[i].from, &rows[i].to),
				 rows[i].verdict);
}
END_TEST

/* RFC 4301 section 7: what has no ports does not go where ports are asked for. */
START_TEST(test_what_is_not_known_fits_only_where_nobody_asks)
{
	const struct ike_selector any4 = selector("0.0.0.0", 0, 0, 0),
				  any6 = selector("::", 0, 0, 0);
	const struct ike_selector udp4 = selector("0.0.0.0", 0, 17, 0),
				  udp6 = selector("::", 0, 17, 0);
	const struct ike_selector l2tp = selector("0.0.0.0", 0, 17, 1701);
	const struct ike_selector icmp_port = selector("0.0.0.0", 0, 1, 8);
	struct inner_packet inner;

	ck_assert_int_eq(
	    read_hex("4500001c000000014011ffff" V4_ADDRESSES "03e807d000080000", &inner),
	    ESP_ACCEPTED);
	ck_assert_int_eq(inner_packet_fits(&inner, &any4, &any4), ESP_ACCEPTED);
	ck_assert_int_eq(inner_packet_fits(&inner, &udp4, &udp4), ESP_ACCEPTED);
	ck_assert_int_eq(inner_packet_fits(&inner, &l2tp, &udp4), ESP_INNER_FRAGMENT);
	ck_assert_int_eq(inner_packet_fits(&inner, &udp4, &l2tp), ESP_INNER_FRAGMENT);
	/* ICMP has none either */
	ck_assert_int_eq(
	    read_hex("4500001c000000004001ffff" V4_ADDRESSES "0800000000000000", &inner),
	    ESP_ACCEPTED);
	ck_assert_int_eq(inner_packet_fits(&inner, &any4, &icmp_port), ESP_INNER_OTHER_PORT);
	/* a chain that does not end: nobody can say that it is UDP */
	ck_assert_int_eq(read_hex("60000000 0004 00 40" V6_ADDRESSES "11000000", &inner),
			 ESP_ACCEPTED);
	ck_assert_int_eq(inner_packet_fits(&inner, &any6, &any6), ESP_ACCEPTED);
	ck_assert_int_eq(inner_packet_fits(&inner, &udp6, &any6), ESP_INNER_OTHER_PROTOCOL);
	ck_assert_int_eq(inner_packet_fits(&inner, &any6, &udp6), ESP_INNER_OTHER_PROTOCOL);
}
END_TEST

UNIT_MAIN("inner_packet", test_other_versions, test_cut_at_every_length,
	  test_v4_headers_that_cannot_be, test_v4, test_v6, test_ports_are_known_where_they_are,
	  test_v4_fragments, test_v6_extension_headers, test_fits,
	  test_what_is_not_known_fits_only_where_nobody_asks)
