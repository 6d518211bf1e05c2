/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/table.h"
#include "tests/support/markup.h"
#include "tests/support/sim_sample.h"
#include "tests/support/unit.h"

static struct comparison comparison;

static const char *printed(void)
{
	FILE *out = sim_sample_open();

	table_print(&comparison, out);
	return sim_sample_text(out);
}

static const char *network(void)
{
	FILE *out = sim_sample_open();

	table_network(&comparison.study.pair, out);
	return sim_sample_text(out);
}

static const char *rate(uint64_t count, double years)
{
	static char text[TABLE_CELL];
	struct study_result result = {.counts = {.false_deaths = count}, .years = years};

	table_rate(&result, text);
	return text;
}

START_TEST(none_seen_is_never_a_bare_zero)
{
	ck_assert_str_eq(rate(0, 2), "none: below 1.5");
	ck_assert_str_eq(rate(0, 1000), "none: below 0.003");
	ck_assert_str_eq(rate(0, 1e-4), "none: below 30000");
}
END_TEST

START_TEST(a_rate_has_its_interval)
{
	ck_assert_str_eq(rate(10, 2), "5 (2.4-9.2)");
	ck_assert_str_eq(rate(734, 1000), "0.734 (0.682-0.789)");
	ck_assert_str_eq(rate(20000, 1), "20000 (19700-20300)");
	ck_assert_str_eq(rate(1, 1e-6), "1.0e6 (25300-5.6e6)");
}
END_TEST

START_TEST(three_digits)
{
	static const struct {
		double value;
		const char *text;
	} known[] = {{0, "0"},           {1, "1"},           {0.7344, "0.734"},  {12.345, "12.3"},
		     {999.4, "999"},     {18114, "18100"},   {123456, "123000"}, {2.5e6, "2.5e6"},
		     {0.0012, "0.0012"}, {0.00012, "1.2e-4"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char text[TABLE_CELL];

		table_number(known[i].value, text);
		ck_assert_str_eq(text, known[i].text);
	}
}
END_TEST

START_TEST(the_network_in_words)
{
	sim_sample_comparison(&comparison);
	ck_assert_str_eq(network(),
			 "20 % lost each way, independently; delay 40 to 60 ms; no traffic");
	comparison.study.pair.network.burst = 2 * IKE_SECOND;
	comparison.study.pair.traffic = TRAFFIC_BOTH;
	comparison.study.pair.mutual = true;
	ck_assert_str_eq(network(),
			 "20 % lost each way, in bursts of 2 s on average; delay 40 to 60 ms; a "
			 "packet every 5 s on average each way; each watches the other");
	comparison.study.pair.network.loss = 0; /* bursts of nothing */
	comparison.study.pair.traffic = TRAFFIC_OUT;
	ck_assert_ptr_nonnull(strstr(network(), "0 % lost each way, independently"));
	ck_assert_ptr_nonnull(strstr(network(), "towards the watched"));
}
END_TEST

START_TEST(a_line_for_each_method_on_a_terminal)
{
	const char *text;
	size_t longest = 0;

	sim_sample_comparison(&comparison);
	text = printed();
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		longest = strcspn(line, "\n") > longest ? strcspn(line, "\n") : longest;
	ck_assert_uint_le(longest, 100);
	for (size_t i = 0; i < comparison.rows; i++) {
		char name[METHOD_TEXT];

		method_describe(&comparison.row[i].method, name);
		ck_assert_uint_eq(markup_count(text, name), 1);
	}
	ck_assert_uint_eq(markup_count(text, "\n- "), COMPARISON_GROUPS);
	ck_assert_ptr_nonnull(strstr(
	    text, "\nderived 10s, 0.643s x15       20.0   1.5  15.0  19.0  20.0  none: below 1.5 "
		  "          0.734     1000\n"));
	ck_assert_ptr_nonnull(strstr(text, "2 pairs for 365.2 days each, and 1000 real deaths"));
	ck_assert_ptr_nonnull(strstr(text, "\nseed 3706\n"));
	ck_assert_ptr_null(strstr(text, "on demand"));
}
END_TEST

START_TEST(nobody_died)
{
	sim_sample_comparison(&comparison);
	comparison.study.deaths = 0;
	ck_assert_ptr_nonnull(strstr(
	    printed(), "\nderived 10s, 0.643s x15       20.0     -     -     -     -  none"));
}
END_TEST

START_TEST(on_demand_has_another_bound)
{
	sim_sample_comparison(&comparison);
	comparison.method.mode = KEEPALIVE_ON_DEMAND;
	ck_assert_ptr_nonnull(strstr(printed(), "\non demand: "));
}
END_TEST

UNIT_MAIN("table", none_seen_is_never_a_bare_zero, a_rate_has_its_interval, three_digits,
	  the_network_in_words, a_line_for_each_method_on_a_terminal, nobody_died,
	  on_demand_has_another_bound)
