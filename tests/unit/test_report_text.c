/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "interop/report/report_text.h"

static const char *put(void (*how)(FILE *out, const char *text), const char *text)
{
	static char *got;
	size_t length;
	FILE *out;

	free(got);
	out = open_memstream(&got, &length);
	how(out, text);
	ck_assert_int_eq(fclose(out), 0);
	return got;
}

#define BAD "\xef\xbf\xbd" /* U+FFFD */

/* What is no UTF-8 cannot come from JSON; here it must not run past the end. */
START_TEST(test_no_utf_8)
{
	static const char *const texts[][2] = {
	    {"\x80", BAD},
	    {"a\xc3", "a" BAD},
	    {"\xe2\x82", BAD BAD},
	    {"\xf0\x9f\x98", BAD BAD BAD},
	    {"\xc0\xaf", BAD},         /* "/", longer than need be */
	    {"\xed\xa0\x80", BAD},     /* a surrogate */
	    {"\xf4\x90\x80\x80", BAD}, /* beyond U+10FFFF */
	    {"\xff"
	     "a",
	     BAD "a"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_str_eq(put(report_put_plain, texts[i][0]), texts[i][1]);
		ck_assert_str_eq(put(report_put_xml, texts[i][0]), texts[i][1]);
	}
}
END_TEST

START_TEST(test_xml)
{
	ck_assert_str_eq(put(report_put_xml, "<a b=\"c\">&amp;]]>"),
			 "&#60;a b=&#34;c&#34;&#62;&#38;amp;]]&#62;");
	ck_assert_str_eq(put(report_put_xml, "\x01\x1b[31m\x7f\xc2\x85"), BAD BAD "[31m" BAD BAD);
	ck_assert_str_eq(put(report_put_xml, "a\nb\tc\rd"), "a&#10;b&#9;c&#13;d");
	ck_assert_str_eq(put(report_put_xml, "\xef\xbf\xbe\xef\xbf\xbf"), BAD BAD);
	ck_assert_str_eq(put(report_put_xml, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"),
			 "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
}
END_TEST

START_TEST(test_yaml)
{
	ck_assert_str_eq(put(report_put_yaml, "a: \"b\" \\ # c"), "\"a: \\\"b\\\" \\\\ # c\"");
	ck_assert_str_eq(put(report_put_yaml, "a\nb\tc\x01"), "\"a\\nb\\u0009c\\u0001\"");
	ck_assert_str_eq(put(report_put_yaml, "\xe2\x80\xae\xe2\x80\xa8\xc2\x85\xef\xbb\xbf"),
			 "\"\\u202e\\u2028\\u0085\\ufeff\"");
	ck_assert_str_eq(put(report_put_yaml, "\xf0\x9f\xbf\xbe\xf0\x9f\x98\x80"),
			 "\"\\U0001fffe\xf0\x9f\x98\x80\"");
	ck_assert_str_eq(put(report_put_yaml, ""), "\"\"");
}
END_TEST

START_TEST(test_terminal)
{
	ck_assert_str_eq(put(report_put_plain, "a\nb\x1b]0;x\x07"), "a b" BAD "]0;x" BAD);
	ck_assert_str_eq(put(report_put_plain, "\xe2\x80\xaegpj\xe2\x81\xa6\xc2\x9b"),
			 BAD "gpj" BAD BAD);
	ck_assert_str_eq(put(report_put_tap, "a # SKIP \\ b\nnot ok"), "a \\# SKIP \\\\ b not ok");
	ck_assert_uint_eq(report_columns("gr\xc3\xbc\xc3\x9f"), 4);
	ck_assert_uint_eq(report_columns(""), 0);
}
END_TEST

START_TEST(test_no_time)
{
	static const char *const texts[] = {"",
					    "2026-11-26",
					    "2026-11-26 09:00:00Z",
					    "2026-11-26T09:00:00",
					    "2026-11-26T09:00Z",
					    "2026-11-26T09:00:00.Z",
					    "2026-11-26T09:00:00Zulu",
					    "2026-11-26T09:00:00+01",
					    "2026-11-26T09:00:00+24:00",
					    "2026-11-26T09:00:00+01:60",
					    "2026-11-26T09:00:00+01:00x",
					    "2026-02-30T09:00:00Z",
					    "2026-13-01T09:00:00Z",
					    "2026-00-01T09:00:00Z",
					    "2026-01-01T24:00:00Z",
					    "2026-01-01T00:60:00Z",
					    "2026-01-01T00:00:61Z",
					    "-026-01-01T00:00:00Z",
					    "2026-1-01T00:00:00Z"};
	int64_t time;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!report_time(texts[i], &time), "%s", texts[i]);
}
END_TEST

START_TEST(test_time)
{
	int64_t time, other;

	ck_assert(report_time("1970-01-01T00:00:01Z", &time));
	ck_assert_int_eq(time, 1000000);
	ck_assert(report_time("2026-11-26T09:00:00.25Z", &time));
	ck_assert_int_eq(time, 1795683600250000);
	ck_assert(report_time("2026-11-26T10:30:00.250000999+01:30", &other));
	ck_assert_int_eq(time, other);
	ck_assert(report_time("2026-11-26t04:00:00.25-05:00", &other));
	ck_assert_int_eq(time, other);
	ck_assert(report_time("2016-12-31T23:59:60Z", &time)); /* the leap second that was */
	ck_assert(report_time("2028-02-29T00:00:00Z", &time));
}
END_TEST

UNIT_MAIN("report_text", test_no_utf_8, test_xml, test_yaml, test_terminal, test_no_time, test_time)
