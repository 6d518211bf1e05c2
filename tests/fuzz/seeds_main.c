/* SPDX-License-Identifier: ISC */
/*
 * seeds_main.c - seeds TARGET DIRECTORY: writes the seeds of one target, a file each.  Runs in the root of the checkout.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/seeds.h"

static void write_seed(void *context, const char *name, struct octets input)
{
	const char *directory = context;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (file == NULL || fwrite(input.data, 1, input.length, file) != input.length ||
	    fclose(file) != 0) {
		fprintf(stderr, "seeds: cannot write %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

static const char *target, *directory;

/* The samples are checked by Check's assertions, which only work inside a test. */
START_TEST(write_seeds)
{
	ck_assert_msg(seeds_make(target, write_seed, (void *)(uintptr_t)directory) > 0,
		      "there is no target %s", target);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("seeds");
	TCase *testcase = tcase_create("seeds");
	SRunner *runner;
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: seeds TARGET DIRECTORY\n");
		return 2;
	}
	target = argv[1];
	directory = argv[2];
	tcase_add_test(testcase, write_seeds);
	suite_add_tcase(suite, testcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	if (failed > 0)
		srunner_print(runner, CK_VERBOSE);
	srunner_free(runner);
	return failed > 0;
}
