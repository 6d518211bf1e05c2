/* SPDX-License-Identifier: ISC */
/*
 * test_evidence.c - a case's files: where they cannot be, and that others can read what is in them.
 */
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/conform/evidence.h"
#include "tests/support/scratch.h"
#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;
static struct conform_result result;
static struct fault fault;
static const struct conform_case of = {.id = "doc/1.2/slug"};

/* A trial with an SA, a question and its answer. */
static void begin(void)
{
	struct trial_sa *sa;

	scene = trial_scene_new();
	trial_scene_begin(scene);
	sa = trial_call(scene->trial, NULL);
	trial_expect_alive(scene->trial, sa, CONFORM_FAIL);
	conform_not_run(&of, CONFORM_PASS, "as expected", 0, &result);
	result.trial = scene->trial;
}

static const char *path(const char *name)
{
	char text[200];

	snprintf(text, sizeof(text), "out/doc/1.2/slug/%s", name);
	return scratch_path(text);
}

START_TEST(test_where_nothing_can_be_written)
{
	char much[2000];

	begin();
	ck_assert(!evidence_write("/nonexistent", &result, 0, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "/nonexistent/doc"));
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	ck_assert(!evidence_write(much, &result, 0, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "too long"));
	(void)scratch_file("doc", 0600, "a file");
	ck_assert(!evidence_write(scratch_directory(), &result, 0, &fault));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_nothing_of_what_was_not_run)
{
	struct conform_result none;

	conform_not_run(&of, CONFORM_SKIP, "x", 0, &none);
	ck_assert(evidence_write("/nonexistent", &none, 0, &fault));
}
END_TEST

/* Packets of a capture, and the payload of the last: IPv4 and UDP headers are 28 octets. */
static size_t packets(const char *name, uint8_t *last, size_t *length)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path(name), error);
	struct pcap_pkthdr *header;
	const u_char *data;
	size_t count = 0;

	*length = 0;
	ck_assert_msg(pcap != NULL, "%s", error);
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		count++;
		*length = header->caplen - 28;
		memcpy(last, data + 28, *length);
	}
	pcap_close(pcap);
	return count;
}

START_TEST(test_what_is_in_them)
{
	uint8_t octets[IKE_DATAGRAM_MAX] = {0};
	const struct seen *last;
	struct stat status;
	size_t length;

	begin();
	ck_assert_int_eq(mkdir(scratch_path("out"), 0700), 0);
	for (int turn = 0; turn < 2; turn++) /* once more, into what is there */
		ck_assert_msg(evidence_write(scratch_path("out"), &result, 0, &fault), "%s",
			      fault.text);
	last = trial_seen(scene->trial, trial_mark(scene->trial) - 1);
	ck_assert_uint_eq(packets("wire.pcap", octets, &length), trial_mark(scene->trial));
	ck_assert_uint_eq(length, last->length);
	ck_assert_mem_eq(octets, last->wire, length);
	ck_assert_uint_eq(packets("plain.pcap", octets, &length), trial_mark(scene->trial));
	ck_assert_uint_eq(length, last->opened->plain_length);
	ck_assert_mem_eq(octets, last->opened->plain, length);
	ck_assert_uint_eq(strcspn(scratch_read(path("ikev1_decryption_table")), ","), 16);
	ck_assert_ptr_nonnull(strstr(scratch_read(path("ikev1.keys")), "aes128-sha1"));
	ck_assert_int_eq(stat(path("plain.pcap"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert_int_ne(access(path("events.jsonl"), F_OK), 0);
	trial_scene_free(scene);
}
END_TEST

/* On the port of NAT traversal the marker was on the wire, and so it is in the capture. */
START_TEST(test_the_marker)
{
	static const uint8_t marker[4];
	uint8_t octets[IKE_DATAGRAM_MAX] = {0};
	const struct seen *last;
	size_t length;

	begin();
	last = trial_seen(scene->trial, trial_mark(scene->trial) - 1);
	ck_assert_int_eq(mkdir(scratch_path("out"), 0700), 0);
	ck_assert(evidence_write(scratch_path("out"), &result, last->destination.port, &fault));
	(void)packets("wire.pcap", octets, &length);
	ck_assert_uint_eq(length, last->length + sizeof(marker));
	ck_assert_mem_eq(octets, marker, sizeof(marker));
	ck_assert_mem_eq(octets + sizeof(marker), last->wire, last->length);
	(void)packets("plain.pcap", octets, &length);
	ck_assert_mem_eq(octets, marker, sizeof(marker));
	trial_scene_free(scene);
}
END_TEST

UNIT_MAIN("evidence", test_where_nothing_can_be_written, test_nothing_of_what_was_not_run,
	  test_what_is_in_them, test_the_marker)
