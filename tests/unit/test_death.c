/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "interop/bench/death.h"

static struct death_history history;

static void note(size_t seconds)
{
	for (size_t i = 0; i < seconds; i++) {
		const struct death_second second = {.established = 5,
						    .sent = i % 7 * 10,
						    .received = 1,
						    .cpu = 0.25,
						    .resident = 1e6 + (double)i};

		ck_assert(death_note(&history, &second));
	}
}

static char *written(void (*write)(FILE *out))
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(out);
	write(out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void plot(FILE *out)
{
	death_plot(&history, 5, out);
}

static void table(FILE *out)
{
	death_table(&history, out);
}

static size_t count(const char *text, const char *what)
{
	size_t times = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		times++;
	return times;
}

START_TEST(test_most_of_nothing)
{
	ck_assert_uint_eq(death_most_sent(&history, 0, 10), 0);
	note(3);
	ck_assert_uint_eq(death_most_sent(&history, 3, 10), 0);
	ck_assert_uint_eq(death_most_sent(&history, 2, 2), 0);
	ck_assert_double_eq(death_most_resident(&history, 5, 4), 0);
	death_forget(&history);
	ck_assert_uint_eq(history.seconds, 0);
}
END_TEST

/* More than the first room holds. */
START_TEST(test_most)
{
	note(3000);
	ck_assert_uint_eq(history.seconds, 3000);
	ck_assert_uint_eq(death_most_sent(&history, 0, 3000), 60);
	ck_assert_uint_eq(death_most_sent(&history, 7, 10), 20);
	ck_assert_double_eq(death_most_resident(&history, 0, 9000), 1e6 + 2999);
	death_forget(&history);
}
END_TEST

START_TEST(test_table)
{
	char *text;

	note(3);
	text = written(table);
	ck_assert_str_eq(text, "second\testablished\thandshakes\tsent\treceived\tcpu\tresident\n"
			       "0\t5\t0\t0\t1\t0.250\t1000000\n"
			       "1\t5\t0\t10\t1\t0.250\t1000001\n"
			       "2\t5\t0\t20\t1\t0.250\t1000002\n");
	free(text);
	death_forget(&history);
}
END_TEST

/* All that was noted is in the picture, and one second is enough for one. */
START_TEST(test_plot)
{
	char *text;

	note(1);
	text = written(plot);
	ck_assert_uint_eq(count(text, "</svg>"), 1);
	free(text);
	note(49);
	history.lost_at = 20;
	history.back_at = 30;
	text = written(plot);
	ck_assert_uint_eq(count(text, "class=\"curve"), 4);
	ck_assert_uint_eq(count(text, "class=\"thin\""), 8);
	ck_assert_uint_eq(count(text, "the fleet dies"), 1);
	ck_assert_uint_eq(count(text, "nan"), 0);
	free(text);
	death_forget(&history);
}
END_TEST

UNIT_MAIN("death", test_most_of_nothing, test_most, test_table, test_plot)
