/* SPDX-License-Identifier: ISC */
/*
 * test_confine.c - every test is a process of its own, and most of them are confined at their end.
 */
#include "tests/support/unit.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/confine.h"
#include "interop/node/system_calls.h"

static struct fault fault;
static struct confinement confinement;

static json_t *told(void)
{
	json_t *line = json_object();

	confinement_add(&confinement, line);
	return line;
}

static const char *text_of(const json_t *line, const char *name)
{
	return json_string_value(json_object_get(line, name));
}

START_TEST(test_no_such_user)
{
	struct config *config = config_new();

	config->user = strdup("no-such-user");
	if (geteuid() == 0) {
		ck_assert(!confine(config, false, &confinement, &fault));
		ck_assert_ptr_nonnull(strstr(fault.text, "no-such-user"));
	}
	config_free(config);
}
END_TEST

START_TEST(test_not_wanted)
{
	struct config *config = config_new();
	uid_t before = geteuid();
	json_t *line;

	config->confine = false;
	ck_assert(confine(config, false, &confinement, &fault));
	ck_assert_uint_eq(geteuid(), before);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	line = told();
	ck_assert(json_is_false(json_object_get(line, "confined")));
	ck_assert(json_is_true(json_object_get(line, "core_dumps")));
	ck_assert(json_is_null(json_object_get(line, "calls")));
	ck_assert_ptr_nonnull(strstr(text_of(line, "text"), "NOT confined"));
	json_decref(line);
	config_free(config);
}
END_TEST

/* Confines a process of its own, since Check needs more calls than are left; the first check that does not hold, or 0. */
static int confined(struct config *config, bool files)
{
	bool list = system_calls_unrestrictable() == NULL;
	unsigned calls = list ? system_calls_allowed(files) : 0;
	pid_t pid = fork();
	json_t *line;
	int status;

	if (pid == 0) {
		if (!confine(config, false, &confinement, &fault))
			_exit(1);
		line = told();
		if (!json_is_true(json_object_get(line, "confined")))
			_exit(2);
		if (!json_is_false(json_object_get(line, "core_dumps")))
			_exit(3);
		if (json_integer_value(json_object_get(line, "calls")) != calls)
			_exit(4);
		if (strcmp(text_of(line, "user"), "root") == 0)
			_exit(5);
		if (list && (strstr(text_of(line, "text"), "files only to read") != NULL) != files)
			_exit(6);
		_exit(confinement.files == files ? 0 : 7);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

START_TEST(test_in_force)
{
	struct config *config = config_new();

	ck_assert_int_eq(confined(config, false), 0);
	config_free(config);
}
END_TEST

/* No dump, whatever the limit was before; looked at in a build where looking is still allowed. */
START_TEST(test_no_core_dumps)
{
	struct config *config = config_new();
	const struct rlimit some = {1 << 20, 1 << 20};
	struct rlimit now = some;

	if (system_calls_unrestrictable() == NULL)
		return; /* tests/limits asks the system from outside */
	ck_assert_int_eq(setrlimit(RLIMIT_CORE, &some), 0);
	ck_assert_msg(confine(config, false, &confinement, &fault), "%s", fault.text);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &now), 0);
	ck_assert_uint_eq(now.rlim_cur, 0);
	ck_assert_uint_eq(now.rlim_max, 0);
	config_free(config);
}
END_TEST

/* Files are only read where a gateway has a name, and after it was said so. */
START_TEST(test_names)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "a");

	peer->gateway[0] = strdup("192.0.2.1");
	peer->gateway[1] = strdup("gw.example:500");
	peer->ike.gateways = 2;
	ck_assert_int_eq(confined(config, true), 0);
	config_free(config);
}
END_TEST

START_TEST(test_told_what_is_kept)
{
	json_t *line;

	confinement = (struct confinement){.in_force = true, .calls = 9, .net_admin = true};
	line = told();
	ck_assert_ptr_nonnull(strstr(text_of(line, "text"), "no capability but CAP_NET_ADMIN"));
	ck_assert_str_eq(
	    json_string_value(json_array_get(json_object_get(line, "capabilities"), 0)),
	    "net_admin");
	json_decref(line);
	confinement.net_admin = false;
	line = told();
	ck_assert_ptr_nonnull(strstr(text_of(line, "text"), "no capabilities"));
	ck_assert_uint_eq(json_array_size(json_object_get(line, "capabilities")), 0);
	json_decref(line);
}
END_TEST

static int end_of_parent(bool goes_too_far)
{
	struct config *config = config_new();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		bool good = confine_parent(config, NULL, 0, &fault);

		(void)waitpid(-1, NULL, WNOHANG);
		if (goes_too_far)
			(void)getppid();
		_exit(good ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	config_free(config);
	return status;
}

/* It gives up as much as a worker, but may wait for its children. */
START_TEST(test_parent)
{
	ck_assert_int_eq(end_of_parent(false), 0);
	if (system_calls_unrestrictable() == NULL)
		ck_assert_int_eq(WTERMSIG(end_of_parent(true)), SIGSYS);
}
END_TEST

UNIT_MAIN("confine", test_parent, test_no_such_user, test_not_wanted, test_in_force,
	  test_no_core_dumps, test_names, test_told_what_is_kept)
