/* SPDX-License-Identifier: ISC */
/*
 * scratch.h - a directory for the files of one test, gone when the test's process ends.
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <sys/types.h>

const char *scratch_directory(void); /* made at the first call */
/* A path in it; good for as long as the process is. */
const char *scratch_path(const char *name);
/* Writes a file of this mode; returns its path. */
const char *scratch_file(const char *name, mode_t mode, const char *text);
/* What is in a file, terminated; good for as long as the process is.  Fails the test where there is none. */
char *scratch_read(const char *path);

#endif
