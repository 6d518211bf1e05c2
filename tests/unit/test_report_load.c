/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/report_sample.h"
#include "tests/support/scratch.h"

static void refused(const char *text, const char *says)
{
	const char *path = scratch_file("r.json", 0600, text);
	struct fault fault;

	ck_assert_ptr_null(report_load(path, &fault));
	ck_assert_msg(strncmp(fault.text, path, strlen(path)) == 0, "%s", fault.text);
	ck_assert_msg(strstr(fault.text, says) != NULL, "%s", fault.text);
}

START_TEST(test_no_report)
{
	struct fault fault;
	char *deep = malloc(100001);

	ck_assert_ptr_null(report_load("/nonexistent/r.json", &fault));
	ck_assert_str_eq(fault.text, "/nonexistent/r.json: No such file or directory");
	ck_assert_ptr_null(report_load("/", &fault));
	refused("", "no JSON");
	refused("{\n\n]", ":3: no JSON");
	refused("{\"schema\": \"\x1b[31m\"}", "no JSON");
	refused("{\"a\": 1, \"a\": 2}", "duplicate");
	refused("{\"a\": \"\\u0000\"}", "no JSON");
	refused("{\"a\": \"\xff\"}", "no JSON");
	refused("[]", "at \"\": it must be an object");
	refused("{}", "\"schema\" is missing");
	memset(deep, '[', 100000);
	deep[100000] = '\0';
	refused(deep, "no JSON");
	free(deep);
}
END_TEST

/* What jansson quotes of the file does not reach the terminal as it is. */
START_TEST(test_quotation)
{
	struct fault fault;

	refused("{\"a\": 1 \"\x7f\xc2\x9b"
		"31m\"}",
		"near '\"\xef\xbf\xbd\xef\xbf\xbd"
		"31m\"'");
	ck_assert_ptr_null(report_load(scratch_path("r.json"), &fault));
	ck_assert_ptr_null(strchr(fault.text, 0x7f));
	ck_assert_ptr_null(strstr(fault.text, "\xc2\x9b"));
}
END_TEST

START_TEST(test_round_trip)
{
	json_t *report = report_sample("gw", "1", "2026-11-26T09:00:00Z"), *again;
	struct fault fault;
	char *text;

	report_sample_case(report, "rfc3706/5.3/one", "PASS", NULL);
	text = json_dumps(report, 0);
	again = report_load(scratch_file("r.json", 0600, text), &fault);
	ck_assert_msg(again != NULL, "%s", fault.text);
	ck_assert(json_equal(report, again));
	free(text);
	json_decref(again);
	json_decref(report);
}
END_TEST

START_TEST(test_writing)
{
	json_t *reports = json_pack("[o]", report_sample("gw", "1", "2026-11-26T09:00:00Z"));
	const char *path = scratch_path("out.tap");
	struct fault fault;
	struct stat about;

	ck_assert(!report_write("/nonexistent/x", report_tap, reports, &fault));
	ck_assert_str_eq(fault.text, "cannot write /nonexistent/x: No such file or directory");
	ck_assert(!report_write("/dev/full", report_tap, reports, &fault));
	ck_assert_str_eq(fault.text, "cannot write /dev/full: No space left on device");
	umask(022);
	ck_assert_msg(report_write(path, report_tap, reports, &fault), "%s", fault.text);
	ck_assert_int_eq(stat(path, &about), 0);
	ck_assert_int_eq(about.st_mode & 0777, 0644);
	/* there are keys in it */
	ck_assert_msg(report_write(scratch_path("r.html"), report_html, reports, &fault), "%s",
		      fault.text);
	ck_assert_int_eq(stat(scratch_path("r.html"), &about), 0);
	ck_assert_int_eq(about.st_mode & 0777, 0600);
	ck_assert_str_eq(scratch_read(path), "TAP version 13\n1..0 # SKIP no cases\n"
					     "# gw 1 at 192.0.2.1:500, 2026-11-26T09:00:00Z\n");
	json_decref(reports);
}
END_TEST

UNIT_MAIN("report_load", test_no_report, test_quotation, test_round_trip, test_writing)
