/* SPDX-License-Identifier: ISC */
/*
 * unit.h - what every unit test needs around Check: hex, and a main that runs one suite.
 */
#ifndef TESTS_SUPPORT_UNIT_H
#define TESTS_SUPPORT_UNIT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/octets.h"

/* Hex to octets; spaces are skipped.  Fails the test on anything else, and when it does not fit.  Returns the length. */
size_t unit_hex(const char *text, uint8_t *out, size_t room);
/* Fails the test, showing both as hex, unless `got` is what `hex` says. */
void unit_assert_hex(struct octets got, const char *hex);

/*
 * Defines main: `name` is the suite's, the arguments are test functions made with START_TEST.
 *
 *	UNIT_MAIN("hash", test_md5_of_nothing, test_sha1_of_abc)
 */
int unit_run(const char *name, const TTest *const *tests, size_t count);
#define UNIT_MAIN(name, ...)                                                                       \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__};                                        \
		return unit_run(name, tests, sizeof(tests) / sizeof(tests[0]));                    \
	}

#endif
