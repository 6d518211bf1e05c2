/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/report_sample.h"

static const char *diff(json_t *reports, size_t *differences)
{
	static char *text;
	size_t length;
	FILE *out;

	free(text);
	out = open_memstream(&text, &length);
	ck_assert(report_diff(out, reports, differences));
	ck_assert_int_eq(fclose(out), 0);
	json_decref(reports);
	return text;
}

START_TEST(test_the_same)
{
	json_t *reports = json_pack("[o, o]", report_sample("gw", "1", "2026-11-24T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-25T09:00:00Z"));
	size_t differences = 7;

	for (size_t i = 0; i < 2; i++)
		report_sample_case(json_array_get(reports, i), "a/1/x", "INFO", "v=1");
	/* other words for the same are no difference */
	report_sample_put(json_array_get(reports, 1), "cases/0/observed", json_string("other"));
	ck_assert_str_eq(diff(reports, &differences), "--- gw 1, 2026-11-24T09:00:00Z\n"
						      "+++ gw 1, 2026-11-25T09:00:00Z\n"
						      "0 of 1 cases differ\n");
	ck_assert_uint_eq(differences, 0);
}
END_TEST

/* Given the other way round, too: what was is what began earlier. */
START_TEST(test_two)
{
	json_t *reports = json_pack("[o, o]", report_sample("gw", "2\x1b", "2026-11-25T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-24T09:00:00Z"));
	size_t differences;

	report_sample_case(json_array_get(reports, 0), "a/1/x", "FAIL", NULL);
	report_sample_case(json_array_get(reports, 0), "a/1/new", "FAIL", NULL);
	report_sample_case(json_array_get(reports, 0), "a/1/v", "INFO", "v=2");
	report_sample_case(json_array_get(reports, 0), "a/1/gone", "SKIP", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/v", "INFO", "v=1");
	report_sample_case(json_array_get(reports, 1), "a/1/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/old", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/older", "PASS", NULL);
	report_sample_put(json_array_get(reports, 0), "cases/0/observed",
			  json_string("nothing\ncame"));
	report_sample_put(json_array_get(reports, 0), "cases/0/version", json_integer(2));
	ck_assert_str_eq(
	    diff(reports, &differences),
	    "--- gw 1, 2026-11-24T09:00:00Z\n"
	    "+++ gw 2\xef\xbf\xbd, 2026-11-25T09:00:00Z\n"
	    "a/1/x: was PASS, is FAIL\n"
	    "    was observed: no ACK\n"
	    "    is observed:  nothing came\n"
	    "    the case itself has changed: version 1, now 2\n"
	    "a/1/v: was INFO v=1, is INFO v=2\n"
	    "    was observed: no ACK\n"
	    "    is observed:  no ACK\n"
	    "2 of 2 cases differ; only the first run has 2; only the second run has 2\n");
	ck_assert_uint_eq(differences, 2);
}
END_TEST

START_TEST(test_many)
{
	json_t *reports = json_pack("[o, o, o]", report_sample("gw", "1", "2026-11-24T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("other", NULL, "2026-11-25T09:00:00Z"));
	size_t differences;

	report_sample_case(json_array_get(reports, 0), "a/1/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/x", "FAIL", NULL);
	report_sample_case(json_array_get(reports, 2), "a/1/x", "LENIENT", NULL);
	ck_assert_str_eq(diff(reports, &differences), "+++ gw 1, 2026-11-25T09:00:00Z\n"
						      "a/1/x: was PASS, is FAIL\n"
						      "    was observed: no ACK\n"
						      "    is observed:  no ACK\n"
						      "1 of 1 cases differ from the run before\n"
						      "+++ other, 2026-11-25T09:00:00Z\n"
						      "0 of 0 cases differ from the run before\n");
	ck_assert_uint_eq(differences, 1);
}
END_TEST

UNIT_MAIN("report_diff", test_the_same, test_two, test_many)
