/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static int vectors(const char *rest)
{
	char line[1024];

	ck_assert_int_eq(chdir(scratch_directory()), 0);
	snprintf(line, sizeof(line), "vectors %s", rest);
	return command_run(verb_vectors, line);
}

START_TEST(test_command_line)
{
	static const char *const bad[] = {
	    "",
	    "sets other",
	    "sets --nonsense",
	    "sets --set",
	    "sets --set nobody",
	    "sets --set nat-t --mistake",
	    "sets --mistake all",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(vectors(bad[i]) == 2, "%s", bad[i]);
		ck_assert_uint_gt(strlen(command_err()), 10);
	}
	ck_assert_int_ne(access("sets", F_OK), 0);
}
END_TEST

START_TEST(test_what_cannot_be_written)
{
	ck_assert_int_eq(vectors("/proc/none --set nat-t"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "/proc/none"));
	ck_assert_ptr_nonnull(strstr(command_out(), "0 of 1 sets"));
}
END_TEST

START_TEST(test_list)
{
	ck_assert_int_eq(vectors("--list"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\nnat-t "));
	ck_assert_ptr_nonnull(strstr(command_out(), "--mistake leading-zero"));
}
END_TEST

START_TEST(test_sets)
{
	struct stat file;

	ck_assert_int_eq(vectors("sets --set nat-t --set rekey"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "2 of 2 sets written to sets"));
	ck_assert_int_eq(stat("sets/nat-t/wire.pcap", &file), 0);
	ck_assert_int_eq(stat("sets/rekey/plain.pcap", &file), 0);
	ck_assert_int_eq(stat("sets/rekey/ikev1_decryption_table", &file), 0);
	ck_assert_int_eq(stat("sets/rekey/values.json", &file), 0);
	ck_assert_int_ne(access("sets/fragments", F_OK), 0);
}
END_TEST

START_TEST(test_a_mistake)
{
	const char *right, *spoilt;

	ck_assert_int_eq(vectors("sets --set main-psk-long-secret"), 0);
	ck_assert_int_eq(vectors("spoilt --set main-psk-long-secret --mistake prf-key"), 0);
	right = scratch_read("sets/main-psk-long-secret/ikev1_decryption_table");
	spoilt = scratch_read("spoilt/main-psk-long-secret/ikev1_decryption_table");
	ck_assert_str_ne(right, spoilt);
	ck_assert_int_eq(strncmp(right, spoilt, 17), 0);
}
END_TEST

UNIT_MAIN("verb_vectors", test_command_line, test_what_cannot_be_written, test_list, test_sets,
	  test_a_mistake)
