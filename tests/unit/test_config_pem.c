/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/config/config_pem.h"
#include "tests/support/scratch.h"

static struct fault fault;
static struct pem pem;

static void refused(const char *path, enum pem_kind kind, const char *says)
{
	ck_assert_msg(!pem_read(path, scratch_directory(), kind, &pem, &fault), "%s", path);
	ck_assert_msg(strstr(fault.text, says) != NULL, "%s: %s", says, fault.text);
	ck_assert_ptr_null(pem.text);
	ck_assert_uint_eq(pem.length, 0);
	pem_free(&pem);
}

START_TEST(test_key_of_others)
{
	static const mode_t modes[] = {0604, 0640, 0602, 0620, 0601, 0610, 0666};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		scratch_file("key", modes[i], "text");
		refused("key", PEM_PRIVATE, "chmod 600");
	}
}
END_TEST

/* Whoever can write whom we believe is believed. */
START_TEST(test_authorities_that_others_may_write)
{
	static const mode_t modes[] = {0664, 0646, 0666};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		scratch_file("authorities", modes[i], "text");
		refused("authorities", PEM_PUBLIC, "chmod go-w");
	}
	scratch_file("authorities", 0644, "text");
	ck_assert(pem_read("authorities", scratch_directory(), PEM_PUBLIC, &pem, &fault));
	pem_free(&pem);
}
END_TEST

START_TEST(test_what_is_no_file)
{
	refused("nowhere", PEM_PUBLIC, "cannot read");
	refused("/dev/zero", PEM_PUBLIC, "not a regular file");
	refused(".", PEM_PUBLIC, "not a regular file");
	ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
	refused("pipe", PEM_PRIVATE, "not a regular file");
	scratch_file("nothing", 0600, "");
	refused("nothing", PEM_PUBLIC, "is empty");
	ck_assert_int_eq(truncate(scratch_file("huge", 0600, "x"), (off_t)PEM_MOST + 1), 0);
	refused("huge", PEM_PUBLIC, "more than");
}
END_TEST

START_TEST(test_paths)
{
	const char *path = scratch_file("key", 0600, "text");

	ck_assert(pem_read("key", scratch_directory(), PEM_PRIVATE, &pem, &fault));
	ck_assert_uint_eq(pem.length, 4);
	ck_assert_mem_eq(pem.text, "text", 4);
	pem_free(&pem);
	ck_assert(pem_read(path, "/nowhere", PEM_PRIVATE, &pem, &fault));
	pem_free(&pem);
	ck_assert_int_eq(chdir(scratch_directory()), 0);
	ck_assert(pem_read("key", NULL, PEM_PRIVATE, &pem, &fault));
	ck_assert_uint_eq(pem.length, 4);
	pem_free(&pem);
	ck_assert_ptr_null(pem.text);
	pem_free(&pem);
}
END_TEST

UNIT_MAIN("config_pem", test_key_of_others, test_authorities_that_others_may_write,
	  test_what_is_no_file, test_paths)
