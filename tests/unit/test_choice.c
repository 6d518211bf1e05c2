/* SPDX-License-Identifier: ISC */
/*
 * test_choice.c - which cases are run: what is asked for in vain, and what each list takes away.
 */
#include <stdlib.h>
#include <string.h>

#include "interop/conform/choice.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct fault fault;
static const struct conform_case **chosen;
static size_t count;

static bool make(const struct choice *choice)
{
	free(chosen);
	fault.text[0] = '\0';
	chosen = choice_make(choice, &count, &fault);
	return chosen != NULL;
}

static struct options_list list(const char *item)
{
	return (struct options_list){.item = {item}, .count = 1};
}

static bool has(const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(chosen[i]->id, id) == 0)
			return true;
	return false;
}

START_TEST(test_in_vain)
{
	const struct choice wrong[] = {
	    {.ids = list("rfc9999")},     {.skip = list("rfc9999")},
	    {.sections = list("99")},     {.sections = list("")},
	    {.sections = list("5.")},     {.levels = list("WOULD")},
	    {.roles = list("bystander")}, {.again = "/nonexistent/report.json"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(!make(&wrong[i]), "%zu", i);
		ck_assert_str_ne(fault.text, "");
	}
}
END_TEST

START_TEST(test_reports_that_are_none)
{
	static const char *const wrong[] = {"", "[]", "{}", "{\"cases\": 1}", "{\"cases\": ["};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct choice choice = {.again = scratch_file("r.json", 0600, wrong[i])};

		ck_assert_msg(!make(&choice), "%s", wrong[i]);
		ck_assert_ptr_nonnull(strstr(fault.text, "r.json"));
	}
}
END_TEST

START_TEST(test_all)
{
	const struct choice choice = {.again = NULL};

	ck_assert(make(&choice));
	ck_assert_uint_eq(count, conform_cases());
	for (size_t i = 0; i < count; i++)
		ck_assert_ptr_eq(chosen[i], conform_case_at(i));
}
END_TEST

START_TEST(test_each_list)
{
	struct choice choice = {.ids = list("rfc3706/")};

	ck_assert(make(&choice));
	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(strncmp(chosen[i]->id, "rfc3706/", 8), 0);
	choice = (struct choice){.ids = list("rfc3706/5.3/ack-echoes-number")};
	ck_assert(make(&choice));
	ck_assert_uint_eq(count, 1);
	choice.skip = choice.ids;
	ck_assert(make(&choice));
	ck_assert_uint_eq(count, 0);
	choice = (struct choice){.levels = list("must")};
	ck_assert(make(&choice));
	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(chosen[i]->level, CONFORM_MUST);
	choice.roles = list("initiator");
	ck_assert(make(&choice));
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(chosen[i]->level, CONFORM_MUST);
		ck_assert_int_eq(chosen[i]->role, CONFORM_INITIATOR);
	}
}
END_TEST

/* "5" is not "57", and "5.3" of one document is not that of another. */
START_TEST(test_sections_are_whole_numbers)
{
	struct choice choice = {.sections = list("rfc3706/5")};

	ck_assert(make(&choice));
	ck_assert(has("rfc3706/5.3/ack-echoes-number"));
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(strncmp(chosen[i]->id, "rfc3706/5.", 10) == 0 ||
				  strncmp(chosen[i]->id, "rfc3706/5/", 10) == 0,
			      "%s", chosen[i]->id);
	choice.sections = list("rfc3706/5.3");
	ck_assert(make(&choice));
	ck_assert(has("rfc3706/5.3/ack-echoes-number"));
	ck_assert(!has("rfc3706/5.2/ack-protected"));
	choice.sections = list("5.3");
	ck_assert(make(&choice));
	ck_assert(has("rfc3706/5.3/ack-echoes-number"));
}
END_TEST

START_TEST(test_again)
{
	struct choice choice = {
	    .again =
		scratch_file("r.json", 0600,
			     "{\"cases\": ["
			     "{\"id\": \"rfc3706/5.3/ack-echoes-number\", \"verdict\": \"FAIL\"},"
			     "{\"id\": \"rfc3706/5.2/ack-protected\", \"verdict\": \"PASS\"},"
			     "{\"id\": \"rfc3706/5.2/clear-question\", \"verdict\": \"XPASS\"},"
			     "{\"id\": \"rfc3706/0/withdrawn\", \"verdict\": \"FAIL\"},"
			     "{\"id\": 3}, 4]}")};

	ck_assert(make(&choice));
	ck_assert_uint_eq(count, 2);
	ck_assert(has("rfc3706/5.3/ack-echoes-number"));
	ck_assert(has("rfc3706/5.2/clear-question"));
	choice.skip = list("rfc3706/5.2");
	ck_assert(make(&choice));
	ck_assert_uint_eq(count, 1);
}
END_TEST

UNIT_MAIN("choice", test_in_vain, test_reports_that_are_none, test_all, test_each_list,
	  test_sections_are_whole_numbers, test_again)
