/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "tests/support/report_sample.h"

START_TEST(test_hostile_name)
{
	json_t *reports =
	    json_pack("[o]", report_sample("a\x1b[2J\nb", NULL, "2026-11-25T09:00:00Z"));
	const char *text = report_sample_written(report_table, reports);

	ck_assert_ptr_nonnull(strstr(text, "section   a\xef\xbf\xbd[2J b\n"));
	ck_assert_ptr_null(strchr(text, 0x1b));
}
END_TEST

START_TEST(test_nothing)
{
	const char *text = report_sample_written(report_table, json_array());

	ck_assert_ptr_eq(strstr(text, "section\nall\n\nF FAIL"), text);
}
END_TEST

START_TEST(test_matrix)
{
	json_t *reports = json_pack("[o, o, o]", report_sample("gw", "1", "2026-11-25T09:00:00Z"),
				    report_sample("Gr\xc3\xbc\xc3\x9f"
						  "e",
						  NULL, "2026-11-24T09:00:00Z"),
				    report_sample("gw", "1", "2026-11-24T09:00:00Z"));

	report_sample_case(json_array_get(reports, 0), "rfc3706/5.10/x", "PASS", NULL);
	report_sample_case(json_array_get(reports, 0), "rfc3706/5.10/y", "FAIL", NULL);
	report_sample_case(json_array_get(reports, 0), "rfc3706/5.10/z", "PASS", NULL);
	report_sample_case(json_array_get(reports, 1), "rfc3706/5.9/x", "INFO", "a=1");
	report_sample_case(json_array_get(reports, 1), "rfc3706/5.10/x", "SKIP", NULL);
	report_sample_case(json_array_get(reports, 2), "rfc3706/5.10/y", "PASS", NULL);
	ck_assert_str_eq(report_sample_written(report_table, reports),
			 "section        gw 1         Gr\xc3\xbc\xc3\x9f"
			 "e\n"
			 "rfc3706/5.9    -            I  1I\n"
			 "rfc3706/5.10   F  1F 2P *   S  1S\n"
			 "all            F  1F 2P *   I  1I 1S\n"
			 "\n"
			 "F FAIL  ! XPASS  ? INCONCLUSIVE  X XFAIL  U UNSUPPORTED  L LENIENT  "
			 "P PASS  I INFO  S SKIP\n"
			 "* changed since the run before\n");
}
END_TEST

UNIT_MAIN("report_table", test_hostile_name, test_nothing, test_matrix)
