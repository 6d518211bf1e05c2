/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/scribe.h"
#include "interop/node/system_calls.h"
#include "tests/support/scratch.h"

#define LENGTH 60000 /* octets of the contents, old and new */
#define STOPS  200   /* more than one writing has */

static struct fault fault;
static char old[LENGTH + 1], new[LENGTH + 1];

/* The only child that this process has. */
static pid_t process_of_scribe(void)
{
	FILE *children = fopen("/proc/thread-self/children", "r");
	int pid = 0;

	ck_assert_ptr_nonnull(children);
	ck_assert_int_eq(fscanf(children, "%d", &pid), 1);
	(void)fclose(children);
	return pid;
}

static struct scribe *make(void)
{
	struct scribe *scribe = scribe_new(&fault);

	memset(old, 'o', LENGTH);
	memset(new, 'n', LENGTH);
	ck_assert_msg(scribe != NULL, "%s", fault.text);
	ck_assert_msg(scribe_take(scribe, scratch_file("peers", 0600, old), &fault), "%s",
		      fault.text);
	return scribe;
}

/* ---- step by step -------------------------------------------------------------------------------------------------- */

/* What the process did to files, in order. */
static struct {
	char text[256];
	bool answered;
} trace;

static void note(uint64_t call)
{
	const char *word = call == SYS_write   ? "write "
			   : call == SYS_fsync ? "fsync "
#ifdef SYS_renameat
			   : call == SYS_renameat ? "rename "
#endif
			   : call == SYS_renameat2 ? "rename "
						   : "";

	trace.answered = trace.answered || call == SYS_sendto;
	strncat(trace.text, word, sizeof(trace.text) - strlen(trace.text) - 1);
}

/* From one stop at a system call to the next, at its begin and at its end; false: it has answered, and waits for more. */
static bool step(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	ck_assert_int_eq(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_int_gt(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info), 0);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return true;
	if (trace.answered && info.entry.nr == SYS_recvfrom)
		return false;
	note(info.entry.nr);
	return true;
}

static void hold(pid_t pid)
{
	int status;

	ck_assert_msg(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) == 0, "%s",
		      strerror(errno));
	ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, pid, 0, 0), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	memset(&trace, 0, sizeof(trace));
}

/* Lets it come through so many stops, and kills it there.  The steps that it got. */
static int run_and_kill(int stops)
{
	struct scribe *scribe = make();
	pid_t pid = process_of_scribe();
	int steps = 0, error = -1;

	hold(pid);
	ck_assert(scribe_write(scribe, new, LENGTH));
	while (steps < stops && step(pid))
		steps++;
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	while (scribe_answer(scribe, &error) && error == 0)
		;
	ck_assert_int_eq(error, EPIPE); /* that it has ended is said, once */
	ck_assert(!scribe_answer(scribe, &error));
	ck_assert(!scribe_write(scribe, new, LENGTH));
	ck_assert_int_eq(errno, EPIPE);
	(void)scribe_free(scribe);
	return steps;
}

/* Wherever it is killed, the file has the old contents or the new ones, and from somewhere on the new ones. */
START_TEST(test_killed_at_every_system_call)
{
	const char *path = scratch_path("peers");
	bool was_new = false;
	int stops = 0;

	while (stops < STOPS && run_and_kill(stops) == stops) {
		const char *now = scratch_read(path);
		bool is_new = strcmp(now, new) == 0;

		ck_assert_msg(is_new || strcmp(now, old) == 0, "%d stops: %zu octets", stops,
			      strlen(now));
		ck_assert_msg(is_new || !was_new, "%d stops: the old ones are back", stops);
		ck_assert_msg(stops > 0 || !is_new, "new before anything was done");
		was_new = is_new;
		stops++;
	}
	ck_assert(was_new);
	ck_assert_int_ge(stops, 14); /* two for each of the seven calls that it cannot do without */
	ck_assert_int_lt(stops, STOPS);
}
END_TEST

/* A machine that loses its power has what was synchronised: the contents before the name, the name before the answer. */
START_TEST(test_order_of_what_reaches_the_disk)
{
	struct scribe *scribe = make();
	pid_t pid = process_of_scribe();

	hold(pid);
	ck_assert(scribe_write(scribe, new, LENGTH));
	while (step(pid))
		;
	ck_assert_str_eq(trace.text, "write fsync rename fsync ");
	ck_assert_int_eq(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
	ck_assert_int_eq(scribe_free(scribe), 0);
}
END_TEST

/* ---- what it has left ---------------------------------------------------------------------------------------------- */

static char *status_of(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return scratch_read(path);
}

START_TEST(test_keeps_little)
{
	struct scribe *scribe = make();
	pid_t pid = process_of_scribe();
	const char *status = status_of(pid);
	char path[64], root[1024] = "";

	ck_assert_ptr_nonnull(strstr(status, "Name:\truthere-scribe\n"));
	ck_assert_ptr_nonnull(strstr(status, "CapPrm:\t0000000000000000\n"));
	ck_assert_ptr_nonnull(strstr(status, "CapEff:\t0000000000000000\n"));
	ck_assert_ptr_nonnull(strstr(status, "CapInh:\t0000000000000000\n"));
	ck_assert_ptr_nonnull(strstr(status, "NoNewPrivs:\t1\n"));
	if (system_calls_unrestrictable() == NULL)
		ck_assert_ptr_nonnull(strstr(status, "Seccomp:\t2\n"));
	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	if (geteuid() == 0) {
		ck_assert_int_gt(readlink(path, root, sizeof(root) - 1), 0);
		ck_assert_str_eq(root, scratch_directory());
	}
	ck_assert_int_eq(scribe_free(scribe), 0);
}
END_TEST

/* Root's becomes the owner of the folder. */
START_TEST(test_becomes_the_owner)
{
	const char *folder = scratch_path("theirs"), *path = scratch_path("theirs/peers");
	struct scribe *scribe;
	struct stat file;

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(folder, 65534, 65533), 0);
	scribe = scribe_new(&fault);
	ck_assert_msg(scribe_take(scribe, path, &fault), "%s", fault.text);
	ck_assert(scribe_write(scribe, "x", 1));
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_uint_eq(file.st_uid, geteuid() == 0 ? 65534 : geteuid());
	ck_assert_uint_eq(file.st_gid, geteuid() == 0 ? 65533 : getegid());
}
END_TEST

UNIT_MAIN("scribe_process", test_killed_at_every_system_call, test_order_of_what_reaches_the_disk,
	  test_keeps_little, test_becomes_the_owner)
