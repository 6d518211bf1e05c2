/* SPDX-License-Identifier: ISC */
/*
 * test_children.c - processes that end when the test closes their line, or never.
 */
#include "interop/workers/children.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/unit.h"

static struct children children;
static int line[IKE_WORKERS_MAX];
static struct {
	unsigned times;
	pid_t pid;
	int status;
} seen[IKE_WORKERS_MAX];

static void on_ended(void *context, uint32_t index, pid_t pid, int status)
{
	ck_assert_ptr_eq(context, &children);
	seen[index].times++;
	seen[index].pid = pid;
	seen[index].status = status;
}

/* Its line is closed by then, as a worker's link is while its last handlers run. */
static pid_t start(uint32_t index)
{
	int ends[2];
	char octet;
	pid_t pid;

	children.ended = on_ended;
	children.context = &children;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		(void)!read(ends[1], &octet, 1);
		_exit(7);
	}
	close(ends[1]);
	line[index] = ends[0];
	children_add(&children, index, pid);
	return pid;
}

/* Ended, but nobody has taken notice. */
static void let_end(uint32_t index)
{
	siginfo_t info;

	/* not close(): those that were started later have it too */
	ck_assert_int_eq(shutdown(line[index], SHUT_RDWR), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)children.pid[index], &info, WEXITED | WNOWAIT), 0);
}

/* ---- who does not end ---------------------------------------------------------------------------------------------- */

START_TEST(test_who_lives_is_not_waited_for)
{
	pid_t pid = start(3);

	children_reap(&children);
	ck_assert_uint_eq(children.alive, 1);
	ck_assert_uint_eq(seen[3].times, 0);
	ck_assert_int_eq(children.pid[3], pid);
	ck_assert(children_wait(&children, 0));
}
END_TEST

/* Neither is he who is stopped, which only SIGKILL gets through to. */
START_TEST(test_who_does_not_end_is_killed)
{
	pid_t pid = start(0);

	start(1);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert(children_wait(&children, 0));
	ck_assert_uint_eq(children.alive, 0);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_uint_eq(seen[i].times, 1);
		ck_assert(WIFSIGNALED(seen[i].status) && WTERMSIG(seen[i].status) == SIGKILL);
	}
}
END_TEST

START_TEST(test_nobody)
{
	children_reap(&children);
	children_kill(&children);
	ck_assert(children_wait(&children, 1000000));
}
END_TEST

/* ---- who does ------------------------------------------------------------------------------------------------------ */

/* One signal may stand for several. */
START_TEST(test_all_that_have_ended_are_seen_once)
{
	pid_t pid[3] = {start(0), start(1), start(63)};

	let_end(0);
	let_end(63);
	children_reap(&children);
	children_reap(&children);
	ck_assert_uint_eq(children.alive, 1);
	ck_assert_uint_eq(seen[0].times, 1);
	ck_assert_uint_eq(seen[1].times, 0);
	ck_assert_uint_eq(seen[63].times, 1);
	ck_assert_int_eq(seen[63].pid, pid[2]);
	ck_assert(WIFEXITED(seen[0].status) && WEXITSTATUS(seen[0].status) == 7);
	let_end(1);
	ck_assert(children_wait(&children, 1000000)); /* at once, whatever the patience */
	ck_assert(WIFEXITED(seen[1].status) && seen[1].pid == pid[1]);
}
END_TEST

UNIT_MAIN("children", test_who_lives_is_not_waited_for, test_who_does_not_end_is_killed,
	  test_nobody, test_all_that_have_ended_are_seen_once)
