/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/attendant.h"

static struct fault fault;

/* Who it is, and what it has open beyond the pair of sockets. */
static void tell(void)
{
	char name[16] = "";
	int open = 0;

	(void)prctl(PR_GET_NAME, name, 0, 0, 0);
	for (int i = STDIN_FILENO + 1; i < 64; i++)
		open += fcntl(i, F_GETFD) >= 0;
	(void)!write(STDIN_FILENO, name, strlen(name));
	(void)!write(STDIN_FILENO, &(char){(char)('0' + open)}, 1);
}

/* Ends only when the other end is closed, whatever signals come. */
static void wait_for_the_end(void)
{
	char octet;

	(void)raise(SIGINT);
	(void)raise(SIGTERM);
	while (read(STDIN_FILENO, &octet, 1) == 1)
		(void)!write(STDIN_FILENO, &octet, 1);
}

static int ended_with(void)
{
	int status;

	ck_assert_int_gt(waitpid(-1, &status, 0), 0);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(test_no_descriptors)
{
	struct rlimit limit, few;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(attendant_start("x", SOCK_STREAM, tell, "sweeps", &fault), -1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_ptr_nonnull(strstr(fault.text, "cannot start the process that sweeps: "));
}
END_TEST

START_TEST(test_has_nothing_else)
{
	int end = attendant_start("ruthere-test", SOCK_STREAM, tell, "tells", &fault);
	char said[32] = "";
	size_t length = 0;
	ssize_t more;

	ck_assert_int_ge(end, 0);
	ck_assert((fcntl(end, F_GETFD) & FD_CLOEXEC) != 0);
	while ((more = read(end, said + length, sizeof(said) - 1 - length)) > 0)
		length += (size_t)more;
	ck_assert_str_eq(said, "ruthere-test0");
	ck_assert_int_eq(ended_with(), 0);
	close(end);
}
END_TEST

START_TEST(test_hears_no_signal)
{
	int end = attendant_start("x", SOCK_SEQPACKET, wait_for_the_end, "waits", &fault);
	sigset_t mask;
	char octet = 'a';

	ck_assert_int_ge(end, 0);
	ck_assert_int_eq(write(end, &octet, 1), 1);
	ck_assert_int_eq(read(end, &octet, 1), 1);
	close(end);
	ck_assert_int_eq(ended_with(), 0);
	ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	ck_assert(!sigismember(&mask, SIGINT)); /* and we do, as before */
}
END_TEST

UNIT_MAIN("attendant", test_no_descriptors, test_has_nothing_else, test_hears_no_signal)
