/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interop/ping_statistics.h"

static struct ping_statistics statistics;
static double milliseconds;

static bool answered(uint32_t number, ike_time at)
{
	return ping_statistics_answered(&statistics, number, at, &milliseconds);
}

static char *printed(void)
{
	static char text[256];
	FILE *stream = fmemopen(text, sizeof(text), "w");

	ping_statistics_print(&statistics, "192.0.2.1", stream);
	fclose(stream);
	return text;
}

START_TEST(test_nothing)
{
	json_t *line = json_object();

	ck_assert(!answered(0, 1)); /* an empty slot is no question */
	ck_assert(!ping_statistics_is_settled(&statistics));
	ck_assert_str_eq(printed(),
			 "--- 192.0.2.1 R-U-THERE statistics ---\n0 sent, 0 answered, 0% lost\n");
	ping_statistics_add(&statistics, line);
	ck_assert(json_is_null(json_object_get(line, "avg_ms")));
	ck_assert(json_number_value(json_object_get(line, "loss")) == 0);
	json_decref(line);
}
END_TEST

START_TEST(test_unasked_twice_and_forgotten)
{
	ping_statistics_sent(&statistics, 7, 1000);
	ck_assert(!answered(8, 2000));
	ck_assert(answered(7, 2000));
	ck_assert(!answered(7, 3000));
	ck_assert_uint_eq(statistics.answered, 1);
	for (uint32_t i = 0; i <= PING_OPEN_MOST; i++)
		ping_statistics_sent(&statistics, 100 + i, 5000);
	ck_assert(!answered(100, 6000));
	ck_assert(answered(101, 6000));
}
END_TEST

START_TEST(test_numbers)
{
	json_t *line = json_object();

	for (uint32_t i = 0; i < 4; i++)
		ping_statistics_sent(&statistics, UINT32_MAX - 1 + i,
				     i * 1000000); /* over the end */
	ck_assert(answered(UINT32_MAX - 1, 1000));
	ck_assert(milliseconds == 1);
	ck_assert(answered(UINT32_MAX, 1003000));
	ck_assert(!ping_statistics_is_settled(&statistics));
	ck_assert(answered(1, 3005000));
	ck_assert(ping_statistics_is_settled(&statistics));
	ck_assert_ptr_nonnull(strstr(printed(),
				     "4 sent, 3 answered, 25% lost\n"
				     "time min/avg/max/mdev = 1.000/3.000/5.000/1.633 ms\n"));
	ping_statistics_add(&statistics, line);
	ck_assert_int_eq(json_integer_value(json_object_get(line, "sent")), 4);
	ck_assert_int_eq(json_integer_value(json_object_get(line, "answered")), 3);
	ck_assert(json_real_value(json_object_get(line, "loss")) == 0.25);
	ck_assert(json_real_value(json_object_get(line, "mdev_ms")) == 1.633);
	json_decref(line);
}
END_TEST

UNIT_MAIN("ping_statistics", test_nothing, test_unasked_twice_and_forgotten, test_numbers)
