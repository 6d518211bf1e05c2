/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/node/capture.h"
#include "interop/decode/packets.h"
#include "tests/support/film.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct film film;
static struct packets *packets;
static struct packet packet;
static struct fault fault;
static bool broken;

static const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 500, .family = 4},
				b = {.octets = {192, 0, 2, 2}, .port = 4500, .family = 4},
				c = {.octets = {0xfd, 0, 1}, .port = 500, .family = 6},
				d = {.octets = {0xfd, 0, 2}, .port = 500, .family = 6};

static void open_film(void)
{
	packets_close(packets);
	packets = packets_of_stream(film_stream(&film), "film", &fault);
	ck_assert_msg(packets != NULL, "%s", fault.text);
}

static bool next(void)
{
	return packets_next(packets, &packet, &broken, &fault);
}

/* A frame of so many octets of link before IP with UDP. */
static void frame(uint32_t link, const char *before, const struct ike_address *from,
		  const struct ike_address *to)
{
	uint8_t octets[256];
	size_t length = unit_hex(before, octets, sizeof(octets));

	film_start(&film, link);
	length += capture_packet(from, to, octets_of("hello", 5), octets + length, 200);
	octets[length++] = 0; /* a trailer of the link */
	film_frame(&film, 3 * IKE_SECOND + 7, octets_of(octets, length));
	open_film();
	ck_assert(next());
}

START_TEST(test_no_capture)
{
	ck_assert_ptr_null(packets_open(scratch_path("none"), &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "none"));
	ck_assert_ptr_null(
	    packets_open(scratch_file("text", 0600, "hello, this is text\n"), &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "it should be a pcap or pcapng file"));
	packets_close(NULL);
}
END_TEST

START_TEST(test_cut_off_in_a_packet)
{
	film_start(&film, FILM_RAW);
	film_datagram(&film, 0, &a, &b, octets_of("hello", 5));
	film_datagram(&film, 0, &a, &b, octets_of("hello", 5));
	film.length -= 3;
	open_film();
	ck_assert(next());
	ck_assert(!next());
	ck_assert(broken);
	ck_assert_ptr_nonnull(strstr(fault.text, "film: after packet 1: "));
}
END_TEST

START_TEST(test_links)
{
	static const struct {
		uint32_t link;
		const char *ipv4, *ipv6;
	} links[] = {
	    {1, "001122334455 66778899aabb 0800", "001122334455 66778899aabb 86dd"},
	    {1, "001122334455 66778899aabb 8100 0007 0800",
	     "001122334455 66778899aabb 88a8 0007 8100 0008 86dd"},
	    {113, "0000 0001 0006 0011223344550000 0800", "0000 0001 0006 0011223344550000 86dd"},
	    {276, "0800 0000 00000001 0001 00 06 0011223344550000",
	     "86dd 0000 00000001 0001 00 06 0011223344550000"},
	    {0, "02000000", "1e000000"},
	    {108, "00000002", "00000018"},
	    {101, "", ""},
	    {228, "", ""},
	    {229, "", ""},
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		frame(links[i].link, links[i].ipv4, &a, &b);
		ck_assert_msg(packet.what == PACKET_UDP, "link %u", links[i].link);
		ck_assert_uint_eq(packet.payload.length, 5);
		ck_assert_mem_eq(packet.payload.data, "hello", 5);
		ck_assert_mem_eq(&packet.from, &a, sizeof(a));
		ck_assert_mem_eq(&packet.to, &b, sizeof(b));
		ck_assert_int_eq(packet.time.tv_sec, 3);
		ck_assert_int_eq(packet.time.tv_usec, 7);
		frame(links[i].link, links[i].ipv6, &c, &d);
		ck_assert_msg(packet.what == PACKET_UDP, "link %u", links[i].link);
		ck_assert_mem_eq(packet.payload.data, "hello", 5);
		ck_assert_mem_eq(&packet.from, &c, sizeof(c));
		ck_assert_uint_eq(packet.number, 1);
		ck_assert(!next() && !broken);
	}
	frame(1, "001122334455 66778899aabb 0806", &a, &b); /* ARP */
	ck_assert_int_eq(packet.what, PACKET_OTHER);
	frame(147, "", &a, &b); /* a link that nobody knows */
	ck_assert_int_eq(packet.what, PACKET_OTHER);
}
END_TEST

/* Every length that the snap length may leave: what is missing is counted, nothing is read that is not there. */
START_TEST(test_snap_length)
{
	uint8_t octets[64];
	size_t length = capture_packet(&a, &b, octets_of("hello", 5), octets, sizeof(octets));

	for (size_t cut = 0; cut <= length; cut++) {
		film_start(&film, FILM_RAW);
		film_frame(&film, 0, octets_of(octets, cut));
		open_film();
		ck_assert(next());
		if (cut < 28) {
			ck_assert_int_eq(packet.what, PACKET_OTHER);
			continue;
		}
		ck_assert_int_eq(packet.what, PACKET_UDP);
		ck_assert_uint_eq(packet.payload.length, cut - 28);
		ck_assert_uint_eq(packet.missing, length - cut);
	}
}
END_TEST

/* An IPv4 datagram in two fragments, the last one first; between them another of its kind. */
START_TEST(test_ip_fragments)
{
	static uint8_t payload[1000], whole[1100], part[1100];
	size_t length, cut = 20 + 8 * 60;

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)i;
	length = capture_packet(&a, &b, octets_of(payload, sizeof(payload)), whole, sizeof(whole));
	film_start(&film, FILM_RAW);
	memcpy(part, whole, 20);
	memcpy(part + 20, whole + cut, length - cut);
	part[2] = (uint8_t)((20 + length - cut) >> 8);
	part[3] = (uint8_t)(20 + length - cut);
	part[7] = 60;
	film_frame(&film, 0, octets_of(part, 20 + length - cut));
	film_datagram(&film, 0, &a, &b, octets_of("hello", 5));
	memcpy(part, whole, cut);
	part[2] = (uint8_t)(cut >> 8);
	part[3] = (uint8_t)cut;
	part[6] = 0x20;
	film_frame(&film, 0, octets_of(part, cut));
	open_film();
	ck_assert(next());
	ck_assert_int_eq(packet.what, PACKET_FRAGMENT);
	ck_assert(next());
	ck_assert_int_eq(packet.what, PACKET_UDP);
	ck_assert_uint_eq(packet.pieces, 1);
	ck_assert(next());
	ck_assert_int_eq(packet.what, PACKET_UDP);
	ck_assert_uint_eq(packet.pieces, 2);
	ck_assert_uint_eq(packet.payload.length, sizeof(payload));
	ck_assert_mem_eq(packet.payload.data, payload, sizeof(payload));
	ck_assert_uint_eq(packet.to.port, 4500);
}
END_TEST

/* IPv6: a header of options, then a fragment that is all of it, then UDP. */
START_TEST(test_ipv6_headers)
{
	uint8_t octets[128];
	size_t length;

	film_start(&film, FILM_RAW);
	length = unit_hex("60000000 001d 00 40"
			  "fd000100000000000000000000000000 fd000200000000000000000000000000"
			  "2c 00 0104 00000000" /* hop by hop */
			  "11 00 0000 00000001" /* fragment, offset 0, no more */
			  "01f4 01f4 000d 0000 68656c6c6f",
			  octets, sizeof(octets));
	film_frame(&film, 0, octets_of(octets, length));
	octets[6] = 50; /* ESP of its own */
	film_frame(&film, 0, octets_of(octets, length));
	octets[6] = 60; /* options that are longer than what there is */
	octets[41] = 200;
	film_frame(&film, 0, octets_of(octets, length));
	open_film();
	ck_assert(next());
	ck_assert_int_eq(packet.what, PACKET_UDP);
	ck_assert_mem_eq(packet.payload.data, "hello", 5);
	ck_assert(next());
	ck_assert_int_eq(packet.what, PACKET_ESP);
	ck_assert(next());
	ck_assert_int_eq(packet.what, PACKET_OTHER);
}
END_TEST

UNIT_MAIN("packets", test_no_capture, test_cut_off_in_a_packet, test_links, test_snap_length,
	  test_ip_fragments, test_ipv6_headers)
