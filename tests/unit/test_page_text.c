/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdbool.h>
#include <string.h>

#include "interop/report/page_text.h"

static bool has(struct octets text, const char *what)
{
	return memmem(text.data, text.length, what, strlen(what)) != NULL;
}

/* What would end the element that it is put into. */
START_TEST(test_nothing_that_ends_it)
{
	static const char *const words[] = {"</script", "<!--", "<script", "</style"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		ck_assert_msg(!has(page_js(), words[i]), "%s", words[i]);
		ck_assert_msg(!has(page_css(), words[i]), "%s", words[i]);
	}
}
END_TEST

/* Nothing is fetched, and nothing but text is made of a report. */
START_TEST(test_nothing_that_is_forbidden)
{
	static const char *const words[] = {"innerHTML",
					    "outerHTML",
					    "insertAdjacentHTML",
					    "document.write",
					    "eval(",
					    "new Function",
					    "fetch(",
					    "XMLHttpRequest",
					    "WebSocket",
					    "importScripts(",
					    "setAttribute(\"on",
					    "DOMParser"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ck_assert_msg(!has(page_js(), words[i]), "%s", words[i]);
	ck_assert(!has(page_css(), "url("));
	ck_assert(!has(page_css(), "@import"));
	ck_assert(!has(page_html(), "src="));
}
END_TEST

START_TEST(test_they_are_whole)
{
	static const char *const marks[] = {"{{style}}", "{{program}}", "{{reports}}",
					    "{{style-digest}}", "{{program-digest}}"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		ck_assert_msg(has(page_html(), marks[i]), "%s", marks[i]);
	ck_assert_int_eq(memcmp(page_html().data, "<!DOCTYPE html>", 15), 0);
	ck_assert_int_eq(page_html().data[page_html().length - 1], '\n');
	ck_assert_int_eq(page_css().data[page_css().length - 1], '\n');
	ck_assert_int_eq(page_js().data[page_js().length - 1], '\n');
	ck_assert(has(page_js(), "function makeModel("));
	ck_assert(has(page_js(), "addEventListener(\"hashchange\", render)"));
}
END_TEST

UNIT_MAIN("page_text", test_nothing_that_ends_it, test_nothing_that_is_forbidden,
	  test_they_are_whole)
