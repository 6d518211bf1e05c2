/* SPDX-License-Identifier: ISC */
/*
 * test_account.c - all that is kept of a run, and that it is a report which the checker takes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/conform/account.h"
#include "interop/report/report.h"
#include "tests/support/scratch.h"
#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;
static struct conform_result result;
static struct fault fault;
static json_t *options;
static struct account_settings settings;

static void asks(struct trial *trial)
{
	trial_expect_alive(trial, trial_call(trial, NULL), CONFORM_FAIL);
}

static void begin(const char *output)
{
	static struct conform_case of;
	bool well;

	of = *conform_case_at(0);
	of.script = asks;
	scene = trial_scene_new();
	conform_run(&of, &scene->world, scene->settings, &result, &well);
	options = json_pack("{s:s}", "port", "500");
	settings = (struct account_settings){
	    .output = output,
	    .name = "thing",
	    .version = "1",
	    .profile = "p.conf",
	    .address = scene->world.device,
	    .options = options,
	};
}

static void end(struct account *account)
{
	account_free(account);
	json_decref(options);
	conform_result_free(&result);
	trial_scene_free(scene);
}

START_TEST(test_where_nothing_can_be_kept)
{
	struct account *account;

	begin("/nonexistent/out");
	ck_assert_ptr_null(account_new(&settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "/nonexistent/out"));
	settings.output = scratch_path("out");
	account = account_new(&settings, &fault);
	ck_assert_ptr_nonnull(account);
	(void)scratch_file("out/rfc3706", 0600, "in the way");
	ck_assert(!account_add(account, &result, "ruthere conform x", &fault));
	end(account);
}
END_TEST

START_TEST(test_from_the_beginning_on_it_is_a_report)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct account *account;
	json_t *report;

	begin(scratch_path("out"));
	account = account_new(&settings, &fault);
	ck_assert_msg(account != NULL, "%s", fault.text);
	report = report_load(scratch_path("out/report.json"), &fault);
	ck_assert_msg(report != NULL, "%s", fault.text);
	json_decref(report);
	ck_assert_msg(account_add(account, &result, "ruthere conform x", &fault), "%s", fault.text);
	report = report_load(scratch_path("out/report.json"), &fault); /* before its end, too */
	ck_assert_msg(report != NULL, "%s", fault.text);
	ck_assert_uint_eq(json_array_size(json_object_get(report, "cases")), 1);
	json_decref(report);
	ck_assert_msg(account_close(account, out, &fault), "%s", fault.text);
	fclose(out);
	ck_assert_str_eq(text, scratch_read(scratch_path("out/report.json")));
	free(text);
	end(account);
}
END_TEST

START_TEST(test_what_it_says)
{
	struct stat status;
	struct account *account;
	const json_t *device;
	json_t *report;

	begin(scratch_path("out"));
	account = account_new(&settings, &fault);
	ck_assert(account_add(account, &result, "ruthere conform x", &fault));
	ck_assert(account_close(account, NULL, &fault));
	report = report_load(scratch_path("out/report.json"), &fault);
	device = json_object_get(report, "device");
	ck_assert_str_eq(json_string_value(json_object_get(device, "name")), "thing");
	ck_assert_str_eq(json_string_value(json_object_get(device, "version")), "1");
	ck_assert_str_eq(json_string_value(json_object_get(device, "profile")), "p.conf");
	ck_assert_str_eq(json_string_value(json_object_get(device, "address")), "192.0.2.2");
	ck_assert_uint_eq(json_array_size(json_object_get(device, "vendor_ids")), 1);
	json_decref(report);
	ck_assert_int_eq(access(scratch_path("out/junit.xml"), F_OK), 0);
	ck_assert_int_eq(stat(scratch_path("out/report.html"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0077, 0); /* it has keys */
	end(account);
}
END_TEST

START_TEST(test_nobody_can_read_it)
{
	FILE *full = fopen("/dev/full", "w");
	struct account *account;

	begin(NULL);
	account = account_new(&settings, &fault);
	ck_assert(account_add(account, &result, "ruthere conform x", &fault));
	if (full != NULL) { /* where there is no such device nothing is shown */
		ck_assert(!account_close(account, full, &fault));
		ck_assert_ptr_nonnull(strstr(fault.text, "cannot write the report"));
		fclose(full);
	}
	end(account);
}
END_TEST

START_TEST(test_nothing_stays_without_a_directory)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct account *account;
	json_t *report;

	begin(NULL);
	settings.version = settings.profile = NULL;
	account = account_new(&settings, &fault);
	ck_assert(account_add(account, &result, "ruthere conform x", &fault));
	ck_assert(account_close(account, out, &fault));
	fclose(out);
	report = json_loads(text, 0, NULL);
	ck_assert_msg(report_check(report, "it", &fault), "%s", fault.text);
	json_decref(report);
	free(text);
	end(account);
}
END_TEST

UNIT_MAIN("account", test_where_nothing_can_be_kept, test_from_the_beginning_on_it_is_a_report,
	  test_what_it_says, test_nobody_can_read_it, test_nothing_stays_without_a_directory)
