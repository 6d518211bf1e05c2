/* SPDX-License-Identifier: ISC */
/*
 * test_bench_child.c - the child of bench_node.h, spoken to as its parent does.
 */
#include "tests/support/unit.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/bench/bench_child.h"

static int parent_end;

static pid_t start(const struct bench_node_settings *settings)
{
	int line[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, line), 0);
	pid = fork();
	if (pid == 0) {
		close(line[0]);
		_exit(bench_child_run(settings, line[1]));
	}
	close(line[1]);
	parent_end = line[0];
	return pid;
}

static struct bench_node_settings settings_of(uint32_t sas)
{
	struct bench_node_settings settings = {
	    .seed = 1, .sas = sas, .port = 500, .unconfined = true};

	keepalive_settings_default(&settings.keepalive);
	return settings;
}

static bool ready(struct bench_child_ready *said)
{
	return recv(parent_end, said, sizeof(*said), MSG_WAITALL) == (ssize_t)sizeof(*said);
}

static struct bench_node_status ask(char question)
{
	struct bench_node_status status;

	ck_assert_int_eq(write(parent_end, &question, 1), 1);
	ck_assert_int_eq(recv(parent_end, &status, sizeof(status), MSG_WAITALL), sizeof(status));
	return status;
}

static int end(pid_t pid)
{
	int status;

	close(parent_end);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(test_nothing_to_run)
{
	struct bench_node_settings settings = settings_of(1);
	struct bench_child_ready said;
	pid_t pid;

	settings.keepalive.false_deaths_a_year = -1;
	pid = start(&settings);
	ck_assert(ready(&said));
	ck_assert(!said.good);
	ck_assert_ptr_nonnull(strstr(said.fault.text, "keepalive"));
	ck_assert_int_eq(end(pid), 1);
}
END_TEST

START_TEST(test_the_parent_goes)
{
	struct bench_node_settings settings = settings_of(3);
	struct bench_child_ready said;
	pid_t pid = start(&settings);

	ck_assert(ready(&said));
	ck_assert(said.good);
	ck_assert_uint_ne(said.address.port, 0);
	ck_assert_int_eq(end(pid), 0);
}
END_TEST

/* With a ramp they come one after the other, and all of them come. */
START_TEST(test_ramp)
{
	struct bench_node_settings settings = settings_of(40);
	struct bench_node_status status;
	struct bench_child_ready said;
	pid_t pid;

	settings.ramp = 50 * IKE_MILLISECOND;
	settings.members = true;
	pid = start(&settings);
	ck_assert(ready(&said));
	ck_assert(said.good);
	do
		status = ask('s');
	while (status.established < 40);
	ck_assert_uint_eq(status.established, 40);
	ck_assert_uint_eq(status.dead, 0);
	ck_assert_int_eq(end(pid), 0);
}
END_TEST

/* Questions go out and are counted with their lateness; nobody answers, and the counting begins anew when told to. */
START_TEST(test_questions_are_counted)
{
	struct bench_node_settings settings = settings_of(5);
	struct bench_node_status status;
	struct bench_child_ready said;
	pid_t pid;

	settings.keepalive = (struct keepalive_settings){
	    .worry = IKE_SECOND / 5, .retry = IKE_SECOND, .misses = 100};
	settings.traffic = 10 * IKE_MILLISECOND;
	pid = start(&settings);
	ck_assert(ready(&said));
	ck_assert_msg(said.good, "%s", said.fault.text);
	do
		status = ask('s');
	while (status.asked < 5 || status.wanted == 0);
	ck_assert_uint_eq(status.late, status.asked);
	ck_assert_uint_eq(status.unpaired, 0);
	ck_assert_uint_ge(status.datagrams_out, 5);
	ck_assert_uint_ge(status.late_most, status.late_half);
	ck_assert_uint_eq(status.alive, 0);
	status = ask('z');
	ck_assert_uint_ge(status.late, 5);
	status = ask('s');
	ck_assert_uint_lt(status.late, 5);
	ck_assert_uint_ge(status.asked, 5);
	ck_assert_int_eq(end(pid), 0);
}
END_TEST

UNIT_MAIN("bench_child", test_nothing_to_run, test_the_parent_goes, test_ramp,
	  test_questions_are_counted)
