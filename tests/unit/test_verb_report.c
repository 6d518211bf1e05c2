/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/markup.h"
#include "tests/support/report_sample.h"
#include "tests/support/scratch.h"

static const char *write_report(const char *file, const char *name, const char *started,
				const char *verdict)
{
	json_t *report = report_sample(name, "1", started);
	const char *path;
	char *text;

	report_sample_case(report, "rfc3706/5.3/x", verdict, NULL);
	text = json_dumps(report, 0);
	path = scratch_file(file, 0600, text);
	free(text);
	json_decref(report);
	return path;
}

static int run(const char *options, const char *first, const char *second)
{
	char line[1024];

	snprintf(line, sizeof(line), "report %s %s %s", options, first, second);
	return command_run(verb_report, line);
}

START_TEST(test_usage)
{
	const char *one = write_report("one.json", "gw", "2026-11-25T09:00:00Z", "PASS");

	ck_assert_int_eq(run("", "", ""), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "REPORT.json... is missing"));
	ck_assert_int_eq(run("--diff", one, ""), 2);
	ck_assert_ptr_nonnull(
	    strstr(command_err(), "--diff: one report has nothing to differ from"));
	ck_assert_int_eq(run("--html", "", ""), 2);
	ck_assert_int_eq(run("--table=x", one, ""), 2);
	ck_assert_int_eq(run("--help", "", ""), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\nexamples:\n  ruthere report report.json"));
}
END_TEST

/* Nothing is written of some when one of them cannot be read. */
START_TEST(test_what_cannot_be_read)
{
	const char *one = write_report("one.json", "gw", "2026-11-25T09:00:00Z", "PASS");
	const char *bad = scratch_file("bad.json", 0600, "{\"schema\": \"x\"}");
	char options[256];

	snprintf(options, sizeof(options), "--html %s", scratch_path("r.html"));
	ck_assert_int_eq(run(options, one, bad), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "bad.json: at \"\": its \"tool\" is missing"));
	ck_assert_str_eq(command_out(), "");
	ck_assert_int_ne(access(scratch_path("r.html"), F_OK), 0);
	ck_assert_int_eq(run("", one, "/nonexistent.json"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "/nonexistent.json: No such file"));
}
END_TEST

START_TEST(test_what_cannot_be_written)
{
	const char *one = write_report("one.json", "gw", "2026-11-25T09:00:00Z", "PASS");
	char options[256];

	snprintf(options, sizeof(options), "--html %s", one);
	ck_assert_int_eq(run(options, one, ""), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "one of the reports"));
	snprintf(options, sizeof(options), "--junit %s", one);
	ck_assert_int_eq(run(options, one, ""), 2);
	ck_assert_int_eq(run("--html /nonexistent/x", one, ""), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "cannot write /nonexistent/x"));
	ck_assert_int_eq(run("--junit /dev/full", one, ""), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "cannot write /dev/full: No space"));
}
END_TEST

START_TEST(test_diff)
{
	const char *one = write_report("one.json", "gw", "2026-11-25T09:00:00Z", "PASS");
	const char *two = write_report("two.json", "gw", "2026-11-26T09:00:00Z", "FAIL");

	ck_assert_int_eq(run("--diff", two, one), 1);
	ck_assert_ptr_nonnull(strstr(command_out(), "rfc3706/5.3/x: was PASS, is FAIL\n"));
	ck_assert_ptr_null(strstr(command_out(), "section "));
	ck_assert_int_eq(run("--diff", one, one), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "0 of 1 cases differ\n"));
}
END_TEST

/* It is longer than what scratch_read() reads. */
static void check_page(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(getdelim(&text, &room, '\0', file), 0);
	ck_assert_ptr_nonnull(strstr(text, "\"name\":\"other\""));
	free(text);
	fclose(file);
}

START_TEST(test_all_forms)
{
	const char *one = write_report("one.json", "gw", "2026-11-25T09:00:00Z", "PASS");
	const char *two = write_report("two.json", "other", "2026-11-26T09:00:00Z", "FAIL");
	char options[512];

	snprintf(options, sizeof(options), "--html %s --junit %s --tap --table",
		 scratch_path("r.html"), scratch_path("r.xml"));
	ck_assert_msg(run(options, one, two) == 0, "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "section       gw 1    other 1\n"));
	ck_assert_ptr_nonnull(strstr(command_out(), "\nnot ok 2 - other 1: rfc3706/5.3/x"));
	ck_assert_ptr_null(markup_fault(strchr(scratch_read(scratch_path("r.xml")), '\n') + 1));
	check_page(scratch_path("r.html"));
	/* without options it is the table */
	ck_assert_int_eq(run("", one, ""), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "rfc3706/5.3   P  1P\n"));
	ck_assert_int_eq(run("--junit -", one, ""), 0);
	ck_assert_ptr_null(markup_fault(strchr(command_out(), '\n') + 1));
}
END_TEST

UNIT_MAIN("verb_report", test_usage, test_what_cannot_be_read, test_what_cannot_be_written,
	  test_diff, test_all_forms)
