/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t unit_hex(const char *text, uint8_t *out, size_t room)
{
	size_t length = 0;
	int high, low;

	while (*text != '\0') {
		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		high = nibble(text[0]);
		low = high >= 0 ? nibble(text[1]) : -1;
		ck_assert_msg(high >= 0 && low >= 0, "not hex: %.16s", text);
		ck_assert_msg(length < room, "more than %zu octets of hex", room);
		out[length++] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
		text += 2;
	}
	return length;
}

static void to_hex(struct octets octets, char *text, size_t room)
{
	static const char digits[] = "0123456789abcdef";

	ck_assert(room > 2 * octets.length);
	for (size_t i = 0; i < octets.length; i++) {
		text[2 * i] = digits[octets.data[i] >> 4];
		text[2 * i + 1] = digits[octets.data[i] & 15];
	}
	text[2 * octets.length] = '\0';
}

void unit_assert_hex(struct octets got, const char *hex)
{
	uint8_t wanted[8192];
	char got_text[2 * sizeof(wanted) + 1], wanted_text[2 * sizeof(wanted) + 1];
	size_t length = unit_hex(hex, wanted, sizeof(wanted));

	to_hex(got, got_text, sizeof(got_text));
	to_hex(octets_of(wanted, length), wanted_text, sizeof(wanted_text));
	ck_assert_str_eq(got_text, wanted_text);
}

int unit_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	if (!secret_init())
		abort();
	for (size_t i = 0; i < count; i++) {
		TCase *tcase = tcase_create(tests[i]->name);

		tcase_add_test(tcase, tests[i]);
		tcase_set_timeout(tcase, 60);
		suite_add_tcase(suite, tcase);
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
