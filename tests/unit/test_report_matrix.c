/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "interop/report/report_matrix.h"
#include "tests/support/report_sample.h"

START_TEST(test_nothing)
{
	json_t *none = json_array(),
	       *empty = json_pack("[o]", report_sample("gw", NULL, "2026-11-26T09:00:00Z"));
	struct report_matrix *matrix = report_matrix_new(none);

	ck_assert_uint_eq(matrix->devices, 0);
	ck_assert_uint_eq(matrix->sections, 0);
	report_matrix_free(matrix);
	matrix = report_matrix_new(empty);
	ck_assert_uint_eq(matrix->devices, 1);
	ck_assert_uint_eq(matrix->device[0].results, 0);
	ck_assert_uint_eq(report_cell(&matrix->device[0], NULL).cases, 0);
	report_matrix_free(matrix);
	report_matrix_free(NULL);
	json_decref(none);
	json_decref(empty);
}
END_TEST

/* Three runs, given in another order than they were made in, by clocks of different zones; the newest has one case only. */
START_TEST(test_runs_of_one)
{
	json_t *reports = json_pack("[o, o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-26T01:00:00+09:00"),
				    report_sample("gw", "1", "2026-11-25T08:00:00Z"));
	struct report_matrix *matrix;
	struct report_device *device;

	report_sample_case(json_array_get(reports, 0), "a/1/one", "PASS", NULL);
	report_sample_case(json_array_get(reports, 0), "a/1/two", "LENIENT", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/one", "FAIL",
			   NULL); /* 16:00Z: the newest */
	report_sample_case(json_array_get(reports, 2), "a/1/one", "SKIP", NULL);
	report_sample_case(json_array_get(reports, 2), "a/1/two", "LENIENT", NULL);
	report_sample_case(json_array_get(reports, 2), "a/1/old", "PASS", NULL);
	matrix = report_matrix_new(reports);
	ck_assert_uint_eq(matrix->devices, 1);
	device = &matrix->device[0];
	ck_assert_uint_eq(device->runs, 3);
	ck_assert_ptr_eq(device->newest, json_array_get(reports, 1));
	ck_assert_uint_eq(device->results, 3);
	ck_assert_str_eq(report_string(device->result[0].of, "verdict"), "FAIL");
	ck_assert_str_eq(report_string(device->result[0].before, "verdict"), "PASS");
	ck_assert_ptr_eq(device->result[0].run_before, json_array_get(reports, 0));
	ck_assert_str_eq(report_string(device->result[1].of, "id"), "a/1/two");
	ck_assert_ptr_eq(device->result[1].run, json_array_get(reports, 0));
	ck_assert_ptr_null(device->result[2].before);
	report_matrix_free(matrix);
	json_decref(reports);
}
END_TEST

/* Of two that began at the same time the one that was given later is newer. */
START_TEST(test_same_time)
{
	json_t *reports = json_pack("[o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-25T09:00:00Z"));
	struct report_matrix *matrix;

	matrix = report_matrix_new(reports);
	ck_assert_ptr_eq(matrix->device[0].newest, json_array_get(reports, 1));
	report_matrix_free(matrix);
	json_decref(reports);
}
END_TEST

START_TEST(test_who_is_who)
{
	json_t *reports =
	    json_pack("[o, o, o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
		      report_sample("gw", "2", "2026-11-25T09:00:00Z"),
		      report_sample("gw", NULL, "2026-11-25T09:00:00Z"),
		      report_sample("gw", "1", "2026-11-25T09:00:00Z"));
	struct report_matrix *matrix;
	char *name;

	/* held against a profile it is still the same */
	report_sample_put(json_array_get(reports, 3), "device/profile", json_string("p"));
	matrix = report_matrix_new(reports);
	ck_assert_uint_eq(matrix->devices, 3);
	ck_assert_uint_eq(matrix->device[0].runs, 2);
	name = report_device_name(json_array_get(reports, 1));
	ck_assert_str_eq(name, "gw 2");
	free(name);
	name = report_device_name(json_array_get(reports, 2));
	ck_assert_str_eq(name, "gw");
	free(name);
	report_matrix_free(matrix);
	json_decref(reports);
}
END_TEST

START_TEST(test_sections)
{
	static const char *const order[] = {"a/b",        "rfc2409/5.7", "rfc2409/5.10",
					    "rfc2409/b",  "rfc3706/5",   "rfc3706/5.3",
					    "rfc10000/1", "robust/3.1"};
	static const char *const ids[] = {"robust/3.1/x", "rfc3706/5.3/x", "rfc2409/5.10/x",
					  "rfc3706/5/x",  "rfc2409/b/x",   "rfc2409/5.7/x",
					  "rfc10000/1/x", "a/b/x",         "rfc3706/5.3/y"};
	json_t *reports = json_pack("[o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"));
	struct report_matrix *matrix;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		report_sample_case(json_array_get(reports, 0), ids[i], "PASS", NULL);
	matrix = report_matrix_new(reports);
	ck_assert_uint_eq(matrix->sections, 8);
	for (size_t i = 0; i < 8; i++)
		ck_assert_str_eq(matrix->section[i], order[i]);
	ck_assert_uint_eq(report_cell(&matrix->device[0], "rfc3706/5.3").cases, 2);
	ck_assert_uint_eq(report_cell(&matrix->device[0], "rfc3706/5").cases, 1);
	ck_assert_uint_eq(report_cell(&matrix->device[0], "rfc3706").cases, 0);
	report_matrix_free(matrix);
	json_decref(reports);
}
END_TEST

START_TEST(test_cells)
{
	json_t *reports = json_pack("[o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-24T09:00:00Z"));
	struct report_matrix *matrix;
	struct report_cell cell;

	report_sample_case(json_array_get(reports, 0), "a/1/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 0), "a/1/y", "XFAIL", NULL);
	report_sample_case(json_array_get(reports, 0), "a/1/z", "PASS", NULL);
	report_sample_case(json_array_get(reports, 0), "a/2/x", "INFO", "a=1");
	report_sample_case(json_array_get(reports, 0), "a/3/x", "SKIP", NULL);
	report_sample_case(json_array_get(reports, 1), "a/1/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "a/2/x", "INFO", "a=2");
	matrix = report_matrix_new(reports);
	cell = report_cell(&matrix->device[0], "a/1");
	ck_assert_uint_eq(cell.cases, 3);
	ck_assert_uint_eq(cell.count[CONFORM_PASS], 2);
	ck_assert_uint_eq(cell.count[CONFORM_XFAIL], 1);
	ck_assert_int_eq(cell.worst, CONFORM_XFAIL);
	ck_assert(!cell.changed);
	cell = report_cell(&matrix->device[0], "a/2");
	ck_assert_int_eq(cell.worst, CONFORM_INFO_VALUE);
	ck_assert(cell.changed); /* by its value alone */
	ck_assert_int_eq(report_cell(&matrix->device[0], "a/3").worst, CONFORM_SKIP);
	ck_assert_uint_eq(report_cell(&matrix->device[0], NULL).cases, 5);
	report_matrix_free(matrix);
	json_decref(reports);
}
END_TEST

UNIT_MAIN("report_matrix", test_nothing, test_runs_of_one, test_same_time, test_who_is_who,
	  test_sections, test_cells)
