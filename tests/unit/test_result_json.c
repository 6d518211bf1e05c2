/* SPDX-License-Identifier: ISC */
/*
 * test_result_json.c - a result as the schema has it: with messages that cannot be read, with nothing at all, and with all there is.
 */
#include <string.h>

#include "interop/conform/result_json.h"
#include "interop/report/report.h"
#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;
static struct conform_result result;
static json_t *json;

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	ck_assert_msg(text != NULL, "%s", key);
	return text;
}

/* A report of just that case is one that the checker takes. */
static void check(void)
{
	json_t *report = json_pack("{s:s, s:{s:s, s:s}, s:s, s:f, s:{s:s, s:s}, s:{}, s:[O]}",
				   "schema", REPORT_SCHEMA, "tool", "name", "ruthere", "version",
				   "0", "started", "2026-11-26T09:00:00Z", "seconds", 1.0, "device",
				   "name", "d", "address", "192.0.2.2", "options", "cases", json);
	struct fault fault;

	ck_assert_ptr_nonnull(report);
	ck_assert_msg(report_check(report, "report", &fault), "%s", fault.text);
	json_decref(report);
}

static void run(void (*script)(struct trial *trial))
{
	static struct conform_case of;
	bool well;

	of = *conform_case_at(0);
	of.script = script;
	scene = trial_scene_new();
	conform_run(&of, &scene->world, scene->settings, &result, &well);
	json = result_json(&result, "ruthere conform x");
	ck_assert_ptr_nonnull(json);
	check();
}

static void end(void)
{
	json_decref(json);
	conform_result_free(&result);
	trial_scene_free(scene);
}

static const json_t *message(size_t index)
{
	const json_t *one = json_array_get(json_object_get(json, "messages"), index);

	ck_assert_msg(one != NULL, "%zu", index);
	return one;
}

static void hears_noise(struct trial *trial)
{
	static const uint8_t noise[] = {1, 2, 3};
	const struct want any = {.exchange = 0};
	const struct seen *seen;

	trial_scene_inject(scene, octets_of(noise, sizeof(noise)));
	seen = trial_wait(trial, &any, IKE_SECOND);
	trial_decide(trial, CONFORM_FAIL, seen, "it said \xff\033[2J");
}

START_TEST(test_what_cannot_be_read)
{
	run(hears_noise);
	ck_assert_str_eq(text_of(json, "observed"), "it said ??[2J");
	ck_assert_str_eq(text_of(message(0), "wire"), "010203");
	ck_assert_ptr_null(json_object_get(message(0), "plain"));
	ck_assert_ptr_null(json_object_get(message(0), "hash"));
	ck_assert_ptr_nonnull(strstr(text_of(message(0), "line"), "3 octets: "));
	ck_assert_ptr_nonnull(json_object_get(message(0), "fields"));
	ck_assert_int_eq(json_integer_value(json_object_get(json, "deciding")), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "messages")), 1);
	end();
}
END_TEST

START_TEST(test_what_is_encrypted_for_somebody_else)
{
	uint8_t sealed[60] = {1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 8, 0x10, 5, 1};
	const struct seen *seen;
	char line[RESULT_JSON_LINE];

	scene = trial_scene_new();
	trial_scene_begin(scene);
	sealed[27] = sizeof(sealed);
	trial_scene_inject(scene, octets_of(sealed, sizeof(sealed)));
	trial_pass_time(scene->trial, IKE_SECOND);
	seen = trial_seen(scene->trial, 0);
	ck_assert_str_eq(result_json_line(seen, line),
			 "INFORMATIONAL* 00000000 [ encrypted, 60 octets ]");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_what_was_not_run)
{
	struct conform_result none;

	conform_not_run(conform_case_at(0), CONFORM_SKIP, "not here", 0, &none);
	json = result_json(&none, "ruthere conform x");
	check();
	ck_assert_uint_eq(json_array_size(json_object_get(json, "messages")), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "keys")), 0);
	ck_assert_ptr_null(json_object_get(json, "deciding"));
	ck_assert_ptr_null(json_object_get(json, "value"));
	ck_assert_ptr_null(json_object_get(json, "profile"));
	json_decref(json);
}
END_TEST

static void asks(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct seen *ack;

	trial_lose(trial, sa, 1);
	trial_ask(trial, sa, 1000);
	ack = trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
	trial_value(trial, ack, "blue", "it is blue");
}

START_TEST(test_all_there_is)
{
	const json_t *key, *ack;

	run(asks);
	ck_assert_str_eq(text_of(json, "verdict"), "INFO");
	ck_assert_str_eq(text_of(json, "value"), "blue");
	ck_assert_str_eq(text_of(json, "id"), conform_case_at(0)->id);
	ck_assert_str_eq(text_of(message(0), "from"), "tester");
	ck_assert_str_eq(text_of(message(0), "source"), "192.0.2.1");
	ck_assert_str_eq(text_of(message(1), "from"), "device");
	ck_assert_ptr_null(json_object_get(message(1), "lost"));
	ack = message((size_t)json_integer_value(json_object_get(json, "deciding")));
	ck_assert_str_eq(text_of(ack, "hash"), "holds");
	ck_assert(json_is_true(json_object_get(ack, "lost")));
	ck_assert_ptr_nonnull(strstr(text_of(ack, "line"), "N(R-U-THERE-ACK seq=1000)"));
	ck_assert_str_ne(text_of(ack, "plain"), text_of(ack, "wire"));
	ck_assert_uint_gt(json_array_size(json_object_get(ack, "fields")), 10);
	ck_assert_ptr_null(json_object_get(message(0), "fields"));
	/* the device may have called anew meanwhile */
	ck_assert_uint_ge(json_array_size(json_object_get(json, "keys")), 1);
	key = json_array_get(json_object_get(json, "keys"), 0);
	ck_assert_str_eq(text_of(key, "cipher"), "aes128");
	ck_assert_str_eq(text_of(key, "hash"), "sha1");
	ck_assert_uint_eq(strlen(text_of(key, "key")), 32);
	ck_assert_uint_eq(strlen(text_of(key, "skeyid_a")), 40);
	ck_assert_uint_eq(strlen(text_of(key, "last_block")), 32);
	end();
}
END_TEST

START_TEST(test_profile)
{
	struct conform_result known;

	conform_not_run(conform_case_at(0), CONFORM_XFAIL, "x", 0, &known);
	known.found = known.promised = CONFORM_FAIL;
	known.reason = "known";
	json = result_json(&known, "ruthere conform x");
	check();
	ck_assert_str_eq(text_of(json_object_get(json, "profile"), "found"), "FAIL");
	ck_assert_str_eq(text_of(json_object_get(json, "profile"), "verdict"), "FAIL");
	ck_assert_str_eq(text_of(json_object_get(json, "profile"), "reason"), "known");
	json_decref(json);
}
END_TEST

START_TEST(test_vendor_ids)
{
	json_t *ids = json_array();

	run(asks);
	ck_assert(result_json_vendor_ids(&result, ids));
	ck_assert(result_json_vendor_ids(&result, ids)); /* each of them once */
	ck_assert_uint_eq(json_array_size(ids), 1);
	ck_assert_str_eq(json_string_value(json_array_get(ids, 0)), "DPD");
	json_decref(ids);
	end();
}
END_TEST

START_TEST(test_a_case_alone)
{
	json = result_json_case(conform_case_at(0));
	ck_assert_str_eq(text_of(json, "id"), conform_case_at(0)->id);
	ck_assert_ptr_nonnull(json_object_get(json, "level"));
	ck_assert_ptr_null(json_object_get(json, "verdict"));
	json_decref(json);
}
END_TEST

UNIT_MAIN("result_json", test_what_cannot_be_read, test_what_is_encrypted_for_somebody_else,
	  test_what_was_not_run, test_all_there_is, test_profile, test_vendor_ids,
	  test_a_case_alone)
