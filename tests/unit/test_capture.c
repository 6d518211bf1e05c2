/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <pcap/pcap.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/node/capture.h"
#include "interop/decode/key_log.h"
#include "tests/support/scratch.h"

static struct fault fault;

static struct ike_address at(const char *text)
{
	struct ike_address address;

	ck_assert(ike_address_from_text(text, &address));
	return address;
}

START_TEST(test_no_directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/deeper", scratch_path("none"));
	ck_assert_ptr_null(capture_open(path, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, path));
	ck_assert_ptr_null(capture_open(scratch_file("file", 0600, ""), &fault));
}
END_TEST

START_TEST(test_no_room)
{
	uint8_t packet[CAPTURE_HEADERS + 27];
	const struct ike_address from = at("192.0.2.1"), from6 = at("::1");
	static const uint8_t payload[65536];

	ck_assert_uint_eq(capture_packet(&from, &from, octets_of(payload, 28), packet, 55), 0);
	ck_assert_uint_eq(capture_packet(&from6, &from6, octets_of(payload, 28), packet, 75), 0);
	ck_assert_uint_eq(capture_packet(&from, &from, octets_of(payload, 65536), packet, 75), 0);
}
END_TEST

/* A link in the place of a file must not make us overwrite what it points to. */
START_TEST(test_links_are_not_followed)
{
	const char *victim = scratch_file("victim", 0600, "precious");
	char *text;

	ck_assert_int_eq(mkdir(scratch_path("linked"), 0700), 0);
	ck_assert_int_eq(symlink(victim, scratch_path("linked/wire.pcap")), 0);
	ck_assert_ptr_null(capture_open(scratch_path("linked"), &fault));
	text = scratch_read(victim);
	ck_assert_str_eq(text, "precious");
}
END_TEST

/* The checksums were computed by another program. */
START_TEST(test_packets)
{
	uint8_t packet[128];
	const struct ike_address from = at("192.0.2.1:500"), to = at("192.0.2.2:4500");
	const struct ike_address from6 = at("[2001:db8::1]:500"),
				 none = {.family = IKE_FAMILY_NONE};
	const uint8_t odd[] = {0xab, 0xcd, 0xef};
	size_t length;

	length = capture_packet(&from, &to, octets_of(odd, 3), packet, sizeof(packet));
	unit_assert_hex(octets_of(packet, length), "4500 001f 0000 0000 4011 f6ca c0000201 c0000202"
						   "01f4 1194 000b cd7d abcdef");
	length = capture_packet(&from6, &none, octets_of(odd, 3), packet, sizeof(packet));
	unit_assert_hex(octets_of(packet, length),
			"6000 0000 000b 11 40 20010db8000000000000000000000001"
			"00000000000000000000000000000000 01f4 01f4 000b 3368 abcdef");
}
END_TEST

static size_t count_packets(const char *path, struct octets expected)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *data;
	size_t count = 0;

	ck_assert_msg(pcap != NULL, "%s", error);
	ck_assert_int_eq(pcap_datalink(pcap), DLT_RAW);
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		ck_assert_uint_eq(header->caplen, 28 + expected.length);
		ck_assert_mem_eq(data + 28, expected.data, expected.length);
		ck_assert_int_eq(header->ts.tv_sec, 1795486200);
		count++;
	}
	pcap_close(pcap);
	return count;
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	ck_assert_int_eq(stat(path, &status), 0);
	return status.st_mode & 0777;
}

START_TEST(test_files)
{
	static const struct timeval wall = {.tv_sec = 1795486200};
	static const uint8_t cky_i[IKE_COOKIE_LENGTH] = {0x26, 0x7e, 0x6b, 0xf2,
							 0x39, 0x86, 0x26, 0x73};
	static const uint8_t cky_r[IKE_COOKIE_LENGTH] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct ike_keys keys = {.key_length = 16,
				.key = {0xaa, 0xbb},
				.cipher = CIPHER_AES_128,
				.hash = HASH_MD5,
				.skeyid_length = 16,
				.skeyid_a = {0xcc},
				.skeyid_d = {0xdd}};
	const struct ike_address from = at("192.0.2.1"), to = at("192.0.2.2");
	const uint8_t wire[] = {1, 2, 3, 4}, plain[] = {5, 6, 7};
	struct capture *capture;
	char *text;

	umask(0);
	scratch_file("ikev1_decryption_table", 0644,
		     "old keys"); /* an older file's mode must not stay */
	capture = capture_open(scratch_directory(), &fault);
	ck_assert_msg(capture != NULL, "%s", fault.text);
	ck_assert_uint_eq(count_packets(scratch_path("wire.pcap"), octets_of(wire, 4)), 0);
	capture_datagram(capture, wall, &from, &to, octets_of(wire, 4), octets_of(plain, 3));
	capture_keys(capture, cky_i, cky_r, &keys);
	keys.established = true;
	keys.last_block[0] = 0xee;
	capture_established(capture, cky_i, cky_r, &keys);
	fputs("{}\n", capture_events(capture));
	capture_flush(capture); /* all of it is there without a close: a crash loses nothing */
	ck_assert_uint_eq(count_packets(scratch_path("wire.pcap"), octets_of(wire, 4)), 1);
	ck_assert_uint_eq(count_packets(scratch_path("plain.pcap"), octets_of(plain, 3)), 1);
	text = scratch_read(scratch_path(CAPTURE_KEYS));
	ck_assert_str_eq(text, "267e6bf239862673,aabb0000000000000000000000000000\n");
	text = scratch_read(scratch_path("events.jsonl"));
	ck_assert_str_eq(text, "{}\n");
	text = scratch_read(scratch_path(KEY_LOG));
	ck_assert_str_eq(text, "ikev1 267e6bf239862673 0102030405060708 aes128-md5 "
			       "aabb0000000000000000000000000000 "
			       "cc000000000000000000000000000000 -\n"
			       "ikev1 267e6bf239862673 0102030405060708 aes128-md5 "
			       "aabb0000000000000000000000000000 "
			       "cc000000000000000000000000000000 "
			       "ee000000000000000000000000000000\n");
	ck_assert_uint_eq(mode_of(scratch_path(KEY_LOG)), 0600);
	ck_assert_uint_eq(mode_of(scratch_path(CAPTURE_KEYS)), 0600);
	ck_assert_uint_eq(mode_of(scratch_path("plain.pcap")), 0600);
	ck_assert(capture_close(capture));
}
END_TEST

START_TEST(test_unencrypted_is_the_same_in_both)
{
	static const struct timeval wall = {.tv_sec = 1795486200};
	const struct ike_address from = at("192.0.2.1"), to = at("192.0.2.2");
	struct capture *capture = capture_open(scratch_path("made"), &fault);
	const uint8_t wire[] = {1, 2, 3, 4};

	ck_assert_msg(capture != NULL, "%s", fault.text);
	capture_datagram(capture, wall, &from, &to, octets_of(wire, 4), octets_of(NULL, 0));
	ck_assert(capture_close(capture));
	ck_assert_uint_eq(count_packets(scratch_path("made/plain.pcap"), octets_of(wire, 4)), 1);
}
END_TEST

/* The disk is full in the middle of a record: what is there can be read, and nothing is added to it later. */
START_TEST(test_no_room_on_the_disk)
{
	static const struct timeval wall = {.tv_sec = 1795486200};
	static uint8_t wire[1000];
	const struct ike_address from = at("192.0.2.1"), to = at("192.0.2.2");
	const struct rlimit small = {10000, RLIM_INFINITY}, any = {RLIM_INFINITY, RLIM_INFINITY};
	struct capture *capture = capture_open(scratch_path("full"), &fault);
	size_t count;

	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_msg(capture != NULL, "%s", fault.text);
	ck_assert_ptr_null(capture_problem(capture));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (unsigned turn = 0; turn < 40; turn++) {
		capture_datagram(capture, wall, &from, &to, octets_of(wire, sizeof(wire)),
				 octets_of(NULL, 0));
		if (turn % 3 == 2)
			capture_flush(capture);
		if (turn == 20) /* there is room again, but the files have ended */
			ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &any), 0);
	}
	ck_assert_ptr_nonnull(capture_problem(capture));
	ck_assert_ptr_nonnull(strstr(capture_problem(capture), "wire.pcap: File too large"));
	ck_assert_uint_lt(capture_count(capture), 20);
	ck_assert(!capture_close(capture));
	count = count_packets(scratch_path("full/wire.pcap"), octets_of(wire, sizeof(wire)));
	ck_assert_uint_ge(count, 6);
	ck_assert_uint_eq(
	    count_packets(scratch_path("full/plain.pcap"), octets_of(wire, sizeof(wire))), count);
}
END_TEST

/* Then it does not begin. */
START_TEST(test_no_room_at_all)
{
	const struct rlimit none = {0, RLIM_INFINITY};

	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	ck_assert_ptr_null(capture_open(scratch_path("none"), &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "none/wire.pcap: File too large"));
}
END_TEST

UNIT_MAIN("capture", test_no_directory, test_no_room, test_links_are_not_followed, test_packets,
	  test_files, test_unencrypted_is_the_same_in_both, test_no_room_on_the_disk,
	  test_no_room_at_all)
