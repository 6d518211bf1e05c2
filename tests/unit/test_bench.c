/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/bench/bench.h"

START_TEST(test_sizes)
{
	static const uint32_t own[] = {1, 2};
	struct bench_settings settings = {.sizes = 0};
	uint32_t sizes[BENCH_SIZES_MAX];

	ck_assert_uint_eq(bench_sizes(&settings, own, 2, sizes), 2);
	ck_assert_uint_eq(sizes[1], 2);
	settings.sizes = 1;
	settings.sas[0] = 77;
	ck_assert_uint_eq(bench_sizes(&settings, own, 2, sizes), 1);
	ck_assert_uint_eq(sizes[0], 77);
}
END_TEST

START_TEST(test_size_text)
{
	ck_assert_str_eq(bench_size_text(1), "1 SA");
	ck_assert_str_eq(bench_size_text(999), "999 SAs");
	ck_assert_str_eq(bench_size_text(1000), "1,000 SAs");
	ck_assert_str_eq(bench_size_text(100020), "100,020 SAs");
	ck_assert_str_eq(bench_size_text(1002003), "1,002,003 SAs");
}
END_TEST

UNIT_MAIN("bench", test_sizes, test_size_text)
