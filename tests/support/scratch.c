/* SPDX-License-Identifier: ISC */
#include "tests/support/scratch.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MOST 65536

#define KEPT_MOST 8192

static char directory[64];
static pid_t owner;
static void *kept[KEPT_MOST]; /* what was handed out, freed when the process ends */
static size_t keeps;

static void *keep(void *memory)
{
	ck_assert_ptr_nonnull(memory);
	ck_assert_uint_lt(keeps, KEPT_MOST);
	kept[keeps++] = memory;
	return memory;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

/* A child of the test that exits must not take the directory with it. */
static void clean(void)
{
	while (keeps > 0)
		free(kept[--keeps]);
	if (getpid() == owner)
		(void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_directory(void)
{
	const char *base = getenv("TMPDIR");

	if (directory[0] != '\0')
		return directory;
	snprintf(directory, sizeof(directory), "%.40s/ruthere-XXXXXX",
		 base != NULL ? base : "/tmp");
	ck_assert_msg(mkdtemp(directory) != NULL, "no scratch directory");
	owner = getpid();
	atexit(clean);
	return directory;
}

const char *scratch_path(const char *name)
{
	char *path;

	ck_assert_int_ge(asprintf(&path, "%s/%s", scratch_directory(), name), 0);
	return keep(path);
}

const char *scratch_file(const char *name, mode_t mode, const char *text)
{
	const char *path = scratch_path(name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
	return path;
}

char *scratch_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = keep(calloc(1, READ_MOST));

	ck_assert_msg(file != NULL, "cannot read %s", path);
	ck_assert_uint_lt(fread(text, 1, READ_MOST, file), READ_MOST);
	fclose(file);
	return text;
}
