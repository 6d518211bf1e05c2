/* SPDX-License-Identifier: ISC */
/*
 * test_fuzz_regressions.c - every fuzz target over its seeds, and over every input that once broke it or the code under it:
 * found once, kept found everywhere, without clang.  Whatever a target demands is demanded here too; it aborts where it is
 * not met, after naming the input.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/unit.h"

#define INPUT_MOST (1 << 20) /* octets */

static void run(fuzz_target *target, const char *name, struct octets input)
{
	uint8_t *alone = malloc(input.length > 0 ? input.length : 1);

	ck_assert_ptr_nonnull(alone);
	if (input.length > 0)
		memcpy(alone, input.data, input.length);
	fuzz_running = name;
	ck_assert_int_eq(target(alone, input.length), 0);
	free(alone);
}

static void run_seed(void *context, const char *name, struct octets input)
{
	fuzz_target *const *target = context;

	run(*target, name, input);
}

static void run_file(fuzz_target *target, const char *path)
{
	static uint8_t data[INPUT_MOST];
	FILE *file = fopen(path, "re");
	size_t length;

	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	length = fread(data, 1, sizeof(data), file);
	ck_assert_msg(!ferror(file) && length < sizeof(data), "%s: not read whole", path);
	fclose(file);
	run(target, path, octets_of(data, length));
}

/* How many there were; none where there is no directory. */
static size_t run_regressions(const char *name, fuzz_target *target)
{
	char directory[128], path[512];
	struct dirent *entry;
	size_t count = 0;
	DIR *files;

	snprintf(directory, sizeof(directory), "tests/fuzz/regressions/%s", name);
	files = opendir(directory);
	if (files == NULL)
		return 0;
	while ((entry = readdir(files)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		run_file(target, path);
		count++;
	}
	closedir(files);
	return count;
}

/* `kept`: as many regressions as there are at least, so that none gets lost. */
static void run_all(const char *name, fuzz_target *target, size_t kept)
{
	ck_assert_uint_ge(seeds_make(name, run_seed, &target), 2);
	ck_assert_uint_ge(run_regressions(name, target), kept);
}

START_TEST(test_payloads)
{
	run_all("payloads", fuzz_payloads, 1);
}
END_TEST

START_TEST(test_core_clear)
{
	run_all("core_clear", fuzz_core_clear, 0);
}
END_TEST

START_TEST(test_core_protected)
{
	run_all("core_protected", fuzz_core_protected, 2);
}
END_TEST

START_TEST(test_config)
{
	run_all("config", fuzz_config, 8);
}
END_TEST

START_TEST(test_certificates)
{
	run_all("certificates", fuzz_certificates, 0);
}
END_TEST

START_TEST(test_capture)
{
	run_all("capture", fuzz_capture, 0);
}
END_TEST

START_TEST(test_esp)
{
	run_all("esp", fuzz_esp, 0);
}
END_TEST

UNIT_MAIN("fuzz_regressions", test_payloads, test_core_clear, test_core_protected, test_config,
	  test_certificates, test_capture, test_esp)
