/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interop/bench/bench_node.h"

#define MEMBERS 300 /* more than one slab of them */

static struct bench_node_settings settings_of(uint32_t sas)
{
	struct bench_node_settings settings = {
	    .seed = 1, .sas = sas, .port = 500, .unconfined = true};

	keepalive_settings_default(&settings.keepalive);
	return settings;
}

START_TEST(test_it_does_not_start)
{
	struct bench_node_settings settings = settings_of(1);
	struct fault fault = {.text = ""};

	settings.keepalive.detect = 1;
	ck_assert_ptr_null(bench_node_start(&settings, &fault));
	ck_assert_msg(strstr(fault.text, "keepalive: detect") != NULL, "%s", fault.text);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	bench_node_stop(NULL);
}
END_TEST

START_TEST(test_it_has_gone)
{
	struct bench_node_settings settings = settings_of(1);
	struct bench_node_status status;
	struct fault fault;
	struct bench_node *node = bench_node_start(&settings, &fault);

	ck_assert_msg(node != NULL, "%s", fault.text);
	ck_assert_int_eq(kill(bench_node_pid(node), SIGKILL), 0);
	ck_assert(!bench_node_status(node, false, &status));
	bench_node_stop(node);
}
END_TEST

START_TEST(test_the_fleet_is_in)
{
	struct bench_node_settings settings = settings_of(MEMBERS);
	struct bench_node_status status;
	struct fault fault;
	struct bench_node *node = bench_node_start(&settings, &fault);
	pid_t pid;

	ck_assert_msg(node != NULL, "%s", fault.text);
	ck_assert_uint_ne(bench_node_address(node).port, 0);
	ck_assert(bench_node_status(node, false, &status));
	ck_assert_uint_eq(status.established, MEMBERS);
	ck_assert_uint_eq(status.datagrams_in, 0);
	ck_assert_uint_eq(status.dead, 0);
	pid = bench_node_pid(node);
	bench_node_stop(node);
	ck_assert_int_eq(kill(pid, 0), -1);
}
END_TEST

static unsigned descriptors_of(const struct bench_node *node)
{
	char path[64];
	unsigned count = 0;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)bench_node_pid(node));
	directory = opendir(path);
	ck_assert_ptr_nonnull(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

/* The second has nothing of the first, which therefore ends by itself, and is not killed after five seconds. */
START_TEST(test_two_end_by_themselves)
{
	struct bench_node_settings settings = settings_of(1);
	struct timespec begun, ended;
	struct fault fault;
	struct bench_node *first = bench_node_start(&settings, &fault), *second;

	ck_assert_msg(first != NULL, "%s", fault.text);
	second = bench_node_start(&settings, &fault);
	ck_assert_msg(second != NULL, "%s", fault.text);
	ck_assert_uint_eq(descriptors_of(first), descriptors_of(second));
	clock_gettime(CLOCK_MONOTONIC, &begun);
	bench_node_stop(first);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	ck_assert_int_lt(ended.tv_sec - begun.tv_sec, 4);
	bench_node_stop(second);
}
END_TEST

UNIT_MAIN("bench_node", test_two_end_by_themselves, test_it_does_not_start, test_it_has_gone,
	  test_the_fleet_is_in)
