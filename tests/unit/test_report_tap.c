/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "tests/support/markup.h"
#include "tests/support/report_sample.h"

static json_t *one(void)
{
	return json_pack("[o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"));
}

/* A title can neither begin a directive nor a line. */
START_TEST(test_hostile_texts)
{
	json_t *reports = one(), *report = json_array_get(reports, 0),
	       *of = report_sample_case(report, "a/1/x", "FAIL", NULL);
	const char *text;

	json_object_set_new(of, "title", json_string("x # TODO later\nok 2 - y"));
	json_object_set_new(of, "observed", json_string("\"\n  ...\nBail out!\x1b"));
	report_sample_put(report, "device/name", json_string("g\n1..7\nok 1"));
	text = report_sample_written(report_tap, reports);
	ck_assert_ptr_nonnull(strstr(text, "\nnot ok 1 - a/1/x x \\# TODO later ok 2 - y\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  observed: \"\\\"\\n  ...\\nBail out!\\u001b\"\n"));
	ck_assert_uint_eq(markup_count(text, "\n1.."), 1);
	ck_assert_ptr_null(strstr(text, "\nok"));
	ck_assert_ptr_null(strstr(text, "\nBail"));
}
END_TEST

START_TEST(test_every_verdict)
{
	static const char *const verdicts[] = {"PASS",        "LENIENT",      "FAIL",
					       "UNSUPPORTED", "INCONCLUSIVE", "SKIP",
					       "INFO",        "XFAIL",        "XPASS"};
	static const char *const lines[] = {
	    "\nok 1 - a/1/x0 A title\n",
	    "\nok 2 - a/1/x1 A title\n  ---\n  verdict: \"LENIENT\"\n",
	    "\nnot ok 3 - a/1/x2 A title\n  ---\n  verdict: \"FAIL\"\n  level: \"MUST\"\n",
	    "\nok 4 - a/1/x3 A title # SKIP no ACK\n",
	    "\nnot ok 5 - a/1/x4 A title\n",
	    "\nok 6 - a/1/x5 A title # SKIP no ACK\n",
	    "\nok 7 - a/1/x6 A title\n  ---\n  verdict: \"INFO\"\n  value: \"a=1\"\n",
	    "\nnot ok 8 - a/1/x7 A title # TODO known \\# 7\n",
	    "\nnot ok 9 - a/1/x8 A title\n",
	};
	json_t *reports = one();
	const char *text;
	char id[32];

	for (size_t i = 0; i < 9; i++) {
		json_t *of;

		snprintf(id, sizeof(id), "a/1/x%zu", i);
		of = report_sample_case(json_array_get(reports, 0), id, verdicts[i],
					i == 6 ? "a=1" : NULL);
		if (i >= 7)
			json_object_set_new(
			    of, "profile",
			    json_pack("{s:s, s:s}", "verdict", "FAIL", "reason", "known # 7"));
	}
	text = report_sample_written(report_tap, reports);
	ck_assert_ptr_eq(strstr(text, "TAP version 13\n1..9\n# gw 1 at "), text);
	for (size_t i = 0; i < 9; i++)
		ck_assert_msg(strstr(text, lines[i]) != NULL, "%s\nin\n%s", lines[i], text);
	ck_assert_uint_eq(markup_count(text, "\n  ...\n"), markup_count(text, "\n  ---\n"));
}
END_TEST

START_TEST(test_several)
{
	json_t *reports = json_pack("[o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("other", NULL, "2026-11-24T09:00:00Z"));
	const char *text;

	report_sample_case(json_array_get(reports, 0), "a/1/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/x", "PASS", NULL);
	text = report_sample_written(report_tap, reports);
	ck_assert_ptr_nonnull(strstr(text, "\n1..2\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nok 1 - gw 1: a/1/x A title\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nok 2 - other: a/1/x A title\n"));
}
END_TEST

UNIT_MAIN("report_tap", test_hostile_texts, test_every_verdict, test_several)
