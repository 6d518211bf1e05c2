/* SPDX-License-Identifier: ISC */
/*
 * test_ledger.c - a report while it is written: whole after every case, and what is in the way of that.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/conform/ledger.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct fault fault;

START_TEST(test_where_nothing_can_be_written)
{
	struct ledger *ledger = ledger_new("/nonexistent/report.json", &fault);
	json_t *frame = json_pack("{s:i}", "a", 1);

	ck_assert_ptr_null(ledger);
	ck_assert_ptr_nonnull(strstr(fault.text, "/nonexistent/report.json"));
	ck_assert_int_eq(symlink("/tmp/elsewhere", scratch_path("link.json")), 0);
	ck_assert_ptr_null(ledger_new(scratch_path("link.json"), &fault));
	ledger = ledger_new("/dev/full", &fault);
	if (ledger != NULL) { /* where there is no such device nothing is shown */
		ck_assert(!ledger_add(ledger, json_object(), frame, &fault));
		ck_assert_ptr_nonnull(strstr(fault.text, "/dev/full"));
	}
	ledger_free(ledger);
	ledger_free(NULL);
	json_decref(frame);
}
END_TEST

START_TEST(test_a_case_that_there_was_no_memory_for)
{
	struct ledger *ledger = ledger_new(NULL, &fault);
	json_t *frame = json_pack("{s:i}", "a", 1);

	ck_assert(!ledger_add(ledger, NULL, frame, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no memory"));
	ledger_free(ledger);
	json_decref(frame);
}
END_TEST

static void is(const char *path, size_t cases, int a)
{
	json_error_t error;
	json_t *report = json_load_file(path, 0, &error);

	ck_assert_msg(report != NULL, "%s", error.text);
	ck_assert_uint_eq(json_array_size(json_object_get(report, "cases")), cases);
	ck_assert_int_eq(json_integer_value(json_object_get(report, "a")), a);
	json_decref(report);
}

START_TEST(test_whole_after_every_case)
{
	const char *path = scratch_file("report.json", 0644, "what was there before");
	struct ledger *ledger = ledger_new(path, &fault);
	json_t *frame = json_pack("{s:i, s:s}", "a", 1000000, "long", "what is not needed later");
	struct stat status;

	ck_assert_ptr_nonnull(ledger);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600); /* it has keys */
	ck_assert(ledger_close(ledger, frame, &fault));
	is(path, 0, 1000000);
	for (int i = 1; i < 4; i++) {
		ck_assert(ledger_add(ledger, json_pack("{s:i}", "id", i), frame, &fault));
		is(path, (size_t)i, 1000000);
	}
	json_object_clear(frame); /* a shorter one leaves nothing of the longer one behind */
	ck_assert_int_eq(json_object_set_new(frame, "a", json_integer(2)), 0);
	ck_assert(ledger_close(ledger, frame, &fault));
	is(path, 3, 2);
	ck_assert_int_eq(getc(ledger_file(ledger)), '{');
	ledger_free(ledger);
	json_decref(frame);
}
END_TEST

UNIT_MAIN("ledger", test_where_nothing_can_be_written, test_a_case_that_there_was_no_memory_for,
	  test_whole_after_every_case)
