/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "tests/support/markup.h"
#include "tests/support/report_sample.h"

static json_t *one(void)
{
	return json_pack("[o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"));
}

/* Behind the declaration, which the pictures that markup.h is for do not have. */
static void check_markup(const char *text)
{
	static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
	const char *fault;

	ck_assert_int_eq(strncmp(text, declaration, strlen(declaration)), 0);
	fault = markup_fault(text + strlen(declaration));
	ck_assert_msg(fault == NULL, "%s", fault);
}

/* Whatever strangers have put into it is text. */
START_TEST(test_hostile_texts)
{
	static const char *const names[] = {"title",       "observed", "expected",
					    "requirement", "section",  "command"};
	json_t *reports = one(), *report = json_array_get(reports, 0),
	       *of = report_sample_case(report, "a/1/x", "FAIL", NULL);
	const char *text;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set_new(
		    of, names[i], json_string("</system-out>]]><x y='\"'>&\x01\x1b\n\xef\xbf\xbf"));
	report_sample_put(report, "device/name", json_string("\"/><evil a=\"\x02"));
	report_sample_put(report, "device/address", json_string("<!-- \xe2\x80\xae -->"));
	text = report_sample_written(report_junit, reports);
	check_markup(text);
	ck_assert_ptr_null(strstr(text, "<evil"));
	ck_assert_ptr_null(strstr(text, "<x"));
	ck_assert_ptr_null(strchr(text, 0x1b));
	ck_assert_ptr_null(strchr(text, 0x01));
}
END_TEST

START_TEST(test_nothing)
{
	const char *text = report_sample_written(report_junit, json_array());

	check_markup(text);
	ck_assert_ptr_nonnull(
	    strstr(text, "tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"0\""));
}
END_TEST

START_TEST(test_every_verdict)
{
	static const char *const verdicts[] = {"PASS",        "LENIENT",      "FAIL",
					       "UNSUPPORTED", "INCONCLUSIVE", "SKIP",
					       "INFO",        "XFAIL",        "XPASS"};
	json_t *reports = one();
	char id[32];
	const char *text;

	for (size_t i = 0; i < 9; i++) {
		snprintf(id, sizeof(id), "a/1/x%zu", i);
		report_sample_case(json_array_get(reports, 0), id, verdicts[i],
				   i == 6 ? "retry=same" : NULL);
	}
	text = report_sample_written(report_junit, reports);
	check_markup(text);
	ck_assert_ptr_nonnull(strstr(
	    text, "<testsuites name=\"ruthere conform\" tests=\"9\" failures=\"2\" errors=\"1\" "
		  "skipped=\"3\" time=\"2.250\">"));
	ck_assert_ptr_nonnull(strstr(text,
				     "<testsuite name=\"gw 1\" timestamp=\"2026-11-25T09:00:00Z\" "
				     "hostname=\"192.0.2.1:500\" tests=\"9\""));
	ck_assert_uint_eq(markup_count(text, "<failure message=\"no ACK\" type=\"MUST\"/>"), 2);
	ck_assert_uint_eq(markup_count(text, "<error "), 1);
	ck_assert_uint_eq(markup_count(text, "<skipped message=\"no ACK\"/>"), 3);
	ck_assert_ptr_nonnull(
	    strstr(text, "<testcase classname=\"a/1\" name=\"a/1/x0\" time=\"0.250\">"));
	ck_assert_ptr_nonnull(strstr(text, "value: retry=same\n"));
	ck_assert_ptr_nonnull(strstr(text, "command: ruthere conform 192.0.2.1\n"));
}
END_TEST

/* Of two runs only the newest counts; two implementations are two suites. */
START_TEST(test_several)
{
	json_t *reports = json_pack("[o, o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-24T09:00:00Z"),
				    report_sample("other", NULL, "2026-11-24T09:00:00Z"));
	const char *text;

	report_sample_case(json_array_get(reports, 0), "a/1/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/x", "FAIL", NULL);
	report_sample_case(json_array_get(reports, 2), "a/1/x", "FAIL", NULL);
	text = report_sample_written(report_junit, reports);
	ck_assert_uint_eq(markup_count(text, "<testsuite "), 2);
	ck_assert_ptr_nonnull(strstr(text, "tests=\"2\" failures=\"1\""));
}
END_TEST

UNIT_MAIN("report_junit", test_hostile_texts, test_nothing, test_every_verdict, test_several)
