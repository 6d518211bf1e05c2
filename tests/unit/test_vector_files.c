/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/made.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

#define LONGEST 200000

static uint8_t octets[2][LONGEST];

static struct octets read_file(const char *set, const char *name, int into)
{
	char path[300];
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "%s/%s/%s", scratch_path("sets"), set, name);
	file = fopen(path, "rbe");
	ck_assert_msg(file != NULL, "%s", path);
	length = fread(octets[into], 1, LONGEST, file);
	ck_assert(length < LONGEST);
	fclose(file);
	return octets_of(octets[into], length);
}

static void write_set(const char *name)
{
	struct vector_made made;
	struct fault fault;

	made_set(&made, name, VECTOR_NO_MISTAKE);
	ck_assert_msg(vector_files_write(&made, scratch_path("sets"), &fault), "%s", fault.text);
	vector_made_free(&made);
}

START_TEST(test_where_nothing_can_be_written)
{
	struct vector_made made;
	struct fault fault;

	made_set(&made, "nat-t", VECTOR_NO_MISTAKE);
	ck_assert(!vector_files_write(&made, "/proc/none/of/it", &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "/proc/none/of/it"));
	scratch_file("occupied", 0600, "x");
	ck_assert(!vector_files_write(&made, scratch_path("occupied"), &fault));
	ck_assert_int_eq(mkdir(scratch_path("sets"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("sets/nat-t"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("sets/nat-t/values.json"), 0700), 0);
	ck_assert(!vector_files_write(&made, scratch_path("sets"), &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "values.json"));
	vector_made_free(&made);
}
END_TEST

START_TEST(test_captures)
{
	struct octets wire, plain;

	write_set("nat-t");
	wire = read_file("nat-t", "wire.pcap", 0);
	plain = read_file("nat-t", "plain.pcap", 1);
	unit_assert_hex(octets_of(wire.data, 24),
			"d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000000");
	ck_assert_mem_eq(wire.data, plain.data, 24);
	/* 2026-01-01 and some, little-endian */
	unit_assert_hex(octets_of(wire.data + 25, 3), "b955 69");
	ck_assert_uint_lt(plain.length, wire.length); /* without padding */
}
END_TEST

START_TEST(test_keys)
{
	struct octets table;

	write_set("rekey");
	table = read_file("rekey", "ikev1_decryption_table", 0);
	ck_assert_uint_eq(table.length, 2 * (16 + 1 + 32 + 1));
	ck_assert_int_eq(table.data[16], ',');
	ck_assert_int_eq(table.data[49], '\n');
}
END_TEST

START_TEST(test_the_same_again)
{
	static const char *const names[] = {"wire.pcap", "plain.pcap", "values.json"};

	for (size_t i = 0; i < 3; i++) {
		struct octets first, second;

		write_set("death-and-recovery");
		first = read_file("death-and-recovery", names[i], 0);
		write_set("death-and-recovery");
		second = read_file("death-and-recovery", names[i], 1);
		ck_assert_uint_gt(first.length, 100);
		ck_assert_uint_eq(first.length, second.length);
		ck_assert_mem_eq(first.data, second.data, first.length);
	}
}
END_TEST

UNIT_MAIN("vector_files", test_where_nothing_can_be_written, test_captures, test_keys,
	  test_the_same_again)
