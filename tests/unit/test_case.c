/* SPDX-License-Identifier: ISC */
/*
 * test_case.c - the tables of cases: every entry is complete, and its ID is of the form that is promised and its alone.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "interop/conform/case.h"
#include "tests/support/unit.h"

static bool is_word(const char *text, size_t length, const char *also)
{
	for (size_t i = 0; i < length; i++)
		if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) &&
		    strchr(also, text[i]) == NULL)
			return false;
	return length > 0;
}

/* document/section/slug */
static bool is_id(const char *id)
{
	const char *section = strchr(id, '/'), *slug;

	slug = section != NULL ? strchr(section + 1, '/') : NULL;
	return slug != NULL && is_word(id, (size_t)(section - id), "-") &&
	       is_word(section + 1, (size_t)(slug - section - 1), ".-") &&
	       is_word(slug + 1, strlen(slug + 1), "-");
}

START_TEST(test_what_is_no_id)
{
	static const char *const bad[] = {"",
					  "rfc3706",
					  "rfc3706/5.3",
					  "rfc3706/5.3/",
					  "/5.3/slug",
					  "rfc3706//slug",
					  "RFC3706/5/x",
					  "rfc3706/5/a_b",
					  "rfc3706/5/a/b"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!is_id(bad[i]), "%s", bad[i]);
	ck_assert(is_id("rfc3706/5.3/ack-echoes-number"));
	ck_assert_ptr_null(conform_case_find("rfc3706/5.3/no-such-case"));
}
END_TEST

static bool is_sentence(const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;

	return length > 1 && text[0] != ' ' && text[length - 1] == '.';
}

START_TEST(test_every_case_is_complete)
{
	const struct conform_case *of;

	for (size_t i = 0; (of = conform_case_at(i)) != NULL; i++) {
		ck_assert_msg(is_id(of->id), "%s", of->id);
		ck_assert_msg(conform_case_find(of->id) == of, "%s is there twice", of->id);
		ck_assert_msg(of->title != NULL && strlen(of->title) <= 72, "%s: title", of->id);
		ck_assert_msg(of->level < CONFORM_LEVELS, "%s: level", of->id);
		ck_assert_msg(of->version > 0, "%s: version", of->id);
		ck_assert_msg(of->section != NULL && of->section[0] != '\0', "%s: section", of->id);
		ck_assert_msg(is_sentence(of->requirement), "%s: requirement is no sentence",
			      of->id);
		ck_assert_msg(of->expected != NULL && of->expected[0] != '\0', "%s: expected",
			      of->id);
		ck_assert_msg(of->script != NULL, "%s: script", of->id);
	}
	ck_assert_uint_gt(conform_cases(), 0);
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(conform_level_name(CONFORM_ROBUST), "ROBUST");
	ck_assert_str_eq(conform_verdict_name(CONFORM_INFO_VALUE), "INFO");
	ck_assert_str_eq(conform_verdict_name(CONFORM_XPASS), "XPASS");
	ck_assert_str_eq(conform_role_name(CONFORM_INITIATOR), "initiator");
}
END_TEST

UNIT_MAIN("case", test_what_is_no_id, test_every_case_is_complete, test_names)
