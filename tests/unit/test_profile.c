/* SPDX-License-Identifier: ISC */
/*
 * test_profile.c - what is known of a device: what cannot be meant, with its line; and that nothing new is excused.
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/profile.h"
#include "interop/conform/trial_private.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

#define ID "rfc3706/5.3/ack-echoes-number"

static struct fault fault;

static struct profile *load(const char *text)
{
	fault.text[0] = '\0';
	return profile_load(scratch_file("p.conf", 0644, text), &fault);
}

START_TEST(test_what_is_wrong_has_its_line)
{
	static const char *const wrong[][2] = {
	    {"name = \"x\"\nnonsense = 1\n", ":2:"},
	    {"\n\nworry = soon\n", ":3:"},
	    {"worry = 3\n", ":1:"},
	    {"\ndeviation \"rfc3706/5.3/no-such-case\" { verdict = FAIL reason = \"r\" }\n",
	     ":2: there is no case"},
	    {"# a comment\n# and one more\ndeviation \"" ID "\" { verdict = FAIL }\n",
	     ":3: deviation \"" ID "\" has no reason"},
	    {"deviation \"" ID "\" { verdict = FAIL reason = \"\" }\n", "has no reason"},
	    {"deviation \"" ID "\" { reason = \"r\" }\n", "verdict is not"},
	    {"deviation \"" ID "\" { verdict = PASS reason = \"r\" }\n", "verdict is not"},
	    {"deviation \"" ID "\" { verdict = XFAIL reason = \"r\" }\n", "verdict is not"},
	    {"deviation \"" ID "\" { verdict = FAIL value = x reason = \"r\" }\n", "value is for"},
	    {"deviation \"" ID "\" { verdict = FAIL reason = \"r\" }\n"
	     "deviation \"" ID "\" { verdict = INFO reason = \"r\" }\n",
	     ":2:"},
	    {"deviation \"" ID "\" { verdict = FAIL reason = \"r\"\n", "p.conf"},
	    {"deviation { verdict = FAIL }\n", ":1:"},
	    {"name = \"x\n", ":1:"},
	    {"name = ${HOME}\n", ":1:"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(load(wrong[i][0]) == NULL, "%s", wrong[i][0]);
		ck_assert_msg(strstr(fault.text, wrong[i][1]) != NULL, "%s: %s", wrong[i][0],
			      fault.text);
	}
	ck_assert_ptr_null(profile_load("/nonexistent/profile", &fault));
	profile_free(NULL);
}
END_TEST

START_TEST(test_what_it_says)
{
	struct profile *profile =
	    load("name = strongSwan  version = 5.9.8  # comments\n"
		 "worry = 3s  death = 20s  patience = 500ms\n"
		 "deviation \"" ID "\" {\n verdict = fail\n reason = \"why\" }\n");

	ck_assert_msg(profile != NULL, "%s", fault.text);
	ck_assert_str_eq(profile->name, "strongSwan");
	ck_assert_str_eq(profile->version, "5.9.8");
	ck_assert_uint_eq(profile->worry, 3 * IKE_SECOND);
	ck_assert_uint_eq(profile->death, 20 * IKE_SECOND);
	ck_assert_uint_eq(profile->patience, 500 * IKE_MILLISECOND);
	ck_assert_uint_eq(profile->deviations, 1);
	ck_assert_str_eq(profile->deviation[0].of->id, ID);
	profile_free(profile);
	profile = load("");
	ck_assert_ptr_nonnull(profile);
	ck_assert_ptr_null(profile->name);
	ck_assert_uint_eq(profile->worry, 0);
	profile_free(profile);
}
END_TEST

/* What the profile makes of a verdict that was found. */
static enum conform_verdict held(const char *promised, enum conform_verdict found,
				 const char *value)
{
	static struct trial some; /* it was run */
	struct conform_result result = {
	    .of = conform_case_find(ID), .verdict = found, .found = found, .trial = &some};
	struct profile *profile;
	char text[200];

	snprintf(result.value, sizeof(result.value), "%s", value);
	snprintf(text, sizeof(text), "deviation \"" ID "\" { %s reason = \"known\" }\n", promised);
	profile = load(text);
	ck_assert_msg(profile != NULL, "%s", fault.text);
	profile_apply(profile, &result);
	ck_assert_str_eq(result.reason, "known");
	ck_assert_int_eq(result.found, found);
	profile_free(profile);
	return result.verdict;
}

START_TEST(test_nothing_new_is_excused)
{
	ck_assert_int_eq(held("verdict = LENIENT", CONFORM_FAIL, ""), CONFORM_FAIL);
	ck_assert_int_eq(held("verdict = UNSUPPORTED", CONFORM_FAIL, ""), CONFORM_FAIL);
	ck_assert_int_eq(held("verdict = INFO", CONFORM_FAIL, ""), CONFORM_FAIL);
	ck_assert_int_eq(held("verdict = INCONCLUSIVE", CONFORM_FAIL, ""), CONFORM_FAIL);
	ck_assert_int_eq(held("verdict = FAIL", CONFORM_INCONCLUSIVE, ""), CONFORM_INCONCLUSIVE);
	ck_assert_int_eq(held("verdict = FAIL", CONFORM_SKIP, ""), CONFORM_SKIP);
}
END_TEST

START_TEST(test_out_of_date)
{
	ck_assert_int_eq(held("verdict = FAIL", CONFORM_PASS, ""), CONFORM_XPASS);
	ck_assert_int_eq(held("verdict = FAIL", CONFORM_LENIENT, ""), CONFORM_XPASS);
	ck_assert_int_eq(held("verdict = FAIL", CONFORM_UNSUPPORTED, ""), CONFORM_XPASS);
	ck_assert_int_eq(held("verdict = LENIENT", CONFORM_PASS, ""), CONFORM_XPASS);
	ck_assert_int_eq(held("verdict = UNSUPPORTED", CONFORM_PASS, ""), CONFORM_XPASS);
	ck_assert_int_eq(held("verdict = INFO value = a", CONFORM_INFO_VALUE, "b"), CONFORM_XPASS);
}
END_TEST

START_TEST(test_as_it_says)
{
	ck_assert_int_eq(held("verdict = FAIL", CONFORM_FAIL, ""), CONFORM_XFAIL);
	ck_assert_int_eq(held("verdict = INCONCLUSIVE", CONFORM_INCONCLUSIVE, ""), CONFORM_XFAIL);
	ck_assert_int_eq(held("verdict = LENIENT", CONFORM_LENIENT, ""), CONFORM_LENIENT);
	ck_assert_int_eq(held("verdict = UNSUPPORTED", CONFORM_UNSUPPORTED, ""),
			 CONFORM_UNSUPPORTED);
	ck_assert_int_eq(held("verdict = INFO value = a", CONFORM_INFO_VALUE, "a"),
			 CONFORM_INFO_VALUE);
	ck_assert_int_eq(held("verdict = INFO", CONFORM_INFO_VALUE, "b"), CONFORM_INFO_VALUE);
}
END_TEST

/* "Not run, because the device is gone" is not what the profile knows of. */
START_TEST(test_what_was_not_run_is_not_what_was_expected)
{
	struct profile *profile =
	    load("deviation \"" ID "\" { verdict = INCONCLUSIVE reason = \"r\" }\n");
	struct conform_result result;

	conform_not_run(conform_case_find(ID), CONFORM_INCONCLUSIVE, "gone", 0, &result);
	profile_apply(profile, &result);
	ck_assert_int_eq(result.verdict, CONFORM_INCONCLUSIVE);
	conform_not_run(conform_case_at(1), CONFORM_INCONCLUSIVE, "gone", 0, &result);
	result.reason = NULL;
	profile_apply(profile, &result);
	ck_assert_int_eq(result.reason != NULL, conform_case_at(1) == conform_case_find(ID));
	profile_free(profile);
}
END_TEST

UNIT_MAIN("profile", test_what_is_wrong_has_its_line, test_what_it_says,
	  test_nothing_new_is_excused, test_out_of_date, test_as_it_says,
	  test_what_was_not_run_is_not_what_was_expected)
