/* SPDX-License-Identifier: ISC */
/*
 * test_system_calls.c - what is on the list, and what happens to a process that wants more.  That a running node needs no
 * more is shown in tests/limits.
 */
#include "tests/support/unit.h"

#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/distinguished_name.h"
#include "interop/node/system_calls.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

static struct fault fault;
static const pid_t workers[] = {
    0, INT_MAX}; /* of a parent: nobody, and a process that there cannot be */

/* Does it in a process that is restricted, whose standard error is kept; how that ends, as waitpid() says it. */
static int end_of(void (*deed)(void), unsigned needs)
{
	const char *said = scratch_path("said");
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (freopen(said, "w", stderr) == NULL ||
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    !(needs == SYSTEM_CALLS_WORKERS
			  ? system_calls_restrict_parent(workers, 2, &fault)
			  : system_calls_restrict(needs, &fault)))
			_exit(99);
		deed();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_refused(void (*deed)(void), unsigned needs, const char *call)
{
	char wanted[64];
	int status = end_of(deed, needs);

	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s: status %d", call,
		      status);
	snprintf(wanted, sizeof(wanted), "the system call %s is not on the list", call);
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("said")), wanted));
}

static void assert_allowed(void (*deed)(void), unsigned needs)
{
	int status = end_of(deed, needs);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
}

static void nothing(void)
{
}

static void take_a_parent(void)
{
	(void)getppid();
}

static void open_to_read(void)
{
	(void)!open("/etc/hosts", O_RDONLY);
}

static void open_to_write(void)
{
	(void)!open("/dev/null", O_WRONLY);
}

static void open_to_truncate(void)
{
	(void)!open("/dev/null", O_RDONLY | O_TRUNC);
}

static void make_udp(void)
{
	close(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static void make_unix(void)
{
	(void)!socket(AF_UNIX, SOCK_DGRAM, 0);
}

static void make_tcp(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void run_memory(void)
{
	(void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void read_memory(void)
{
	(void)!mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void take_the_alarm(void)
{
	(void)signal(SIGSYS, SIG_IGN);
}

static void take_another_signal(void)
{
	(void)signal(SIGUSR1, SIG_IGN);
}

static void fail_an_assertion(void)
{
	abort();
}

static struct credentials *ours, *theirs;

/* Certificates are read before, but peers prove themselves now, and OpenSSL does much of its work when it is first asked to. */
static void prove_who_they_are(void)
{
	const struct octets hash = pki_text("0123456789abcdef0123456789abcdef");
	const enum signature_kind kind = credentials_kind(ours);
	struct octets chain[CERTIFICATES_MAX];
	const size_t count = credentials_certificates(ours, chain);
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	const size_t length = credentials_sign(ours, hash, signature);
	char text[64];

	if (credentials_verify(theirs, chain, count, PKI_NOW, kind, CERTIFICATE_NAME_DNS,
			       pki_text("a.example"), hash,
			       octets_of(signature, length)) != CERTIFICATE_GOOD ||
	    credentials_verify(theirs, chain, count, PKI_NOW, kind, CERTIFICATE_NAME_DNS,
			       pki_text("a.example"), hash,
			       octets_of(signature, length - 1)) != CERTIFICATE_BAD_SIGNATURE ||
	    credentials_verify(theirs, &hash, 1, PKI_NOW, kind, CERTIFICATE_NAME_DNS,
			       pki_text("a.example"), hash,
			       octets_of(signature, length)) != CERTIFICATE_MALFORMED ||
	    credentials_verify(theirs, chain, count, 0, kind, CERTIFICATE_NAME_DNS,
			       pki_text("a.example"), hash,
			       octets_of(signature, length)) != CERTIFICATE_EXPIRED ||
	    distinguished_name_text(credentials_subject(ours), text, sizeof(text)) == 0)
		_exit(1);
}

/* A name that the library does not know would be left out of the list without a word. */
START_TEST(test_names_are_known)
{
	const char *reason, *row;
	unsigned count = 0;

	for (unsigned i = 0; (row = system_calls_row(i, &reason)) != NULL; i++) {
		char calls[256];
		char *rest = calls, *call;

		ck_assert_uint_lt(strlen(row), sizeof(calls));
		snprintf(calls, sizeof(calls), "%s", row);
		ck_assert_str_ne(reason, "");
		while ((call = strsep(&rest, " ")) != NULL) {
			ck_assert_msg(seccomp_syscall_resolve_name(call) != __NR_SCMP_ERROR, "%s",
				      call);
			count++;
		}
	}
	ck_assert_uint_gt(count, 0);
	ck_assert_uint_gt(system_calls_allowed(0), count - 2);
	ck_assert_uint_gt(system_calls_allowed(SYSTEM_CALLS_FILES), system_calls_allowed(0));
	ck_assert_uint_eq(system_calls_allowed(SYSTEM_CALLS_WORKERS), system_calls_allowed(0) + 2);
}
END_TEST

static void wait_for_nobody(void)
{
	(void)waitpid(-1, NULL, WNOHANG);
}

static void end_itself(void)
{
	(void)kill(getpid(), SIGTERM);
}

static void kill_nobody(void)
{
	(void)kill(INT_MAX, SIGKILL);
}

static void kill_somebody_else(void)
{
	(void)kill(INT_MAX - 1, SIGKILL);
}

/* The parent of workers waits for them and may end them, and nobody else may. */
START_TEST(test_parent_of_workers)
{
	if (system_calls_unrestrictable() != NULL)
		return; /* sanitizers call what is not on this list */
	assert_refused(wait_for_nobody, SYSTEM_CALLS_FILES, "wait4");
	assert_refused(kill_nobody, SYSTEM_CALLS_FILES, "kill");
	assert_refused(end_itself, SYSTEM_CALLS_WORKERS, "kill");
	assert_refused(kill_somebody_else, SYSTEM_CALLS_WORKERS, "kill");
	assert_refused(open_to_read, SYSTEM_CALLS_WORKERS, "openat");
	assert_allowed(wait_for_nobody, SYSTEM_CALLS_WORKERS);
	assert_allowed(kill_nobody, SYSTEM_CALLS_WORKERS);
}
END_TEST

/* Each of these is what somebody needs who has got in and wants to go further. */
START_TEST(test_never_on_the_list)
{
	static const char *const calls[] = {
	    "execve", "execveat", "fork",  "vfork",  "clone",  "clone3", "ptrace",  "open", "creat",
	    "unlink", "rename",   "chmod", "chown",  "mount",  "setuid", "setgid",  "kill", "prctl",
	    "bpf",    "keyctl",   "ioctl", "socket", "openat", "mmap",   "mprotect"};
	const char *reason, *row;

	for (unsigned i = 0; (row = system_calls_row(i, &reason)) != NULL; i++)
		for (size_t j = 0; j < sizeof(calls) / sizeof(calls[0]); j++) {
			char padded[300], wanted[32];

			snprintf(padded, sizeof(padded), " %s ", row);
			snprintf(wanted, sizeof(wanted), " %s ", calls[j]);
			ck_assert_msg(strstr(padded, wanted) == NULL, "%s", calls[j]);
		}
}
END_TEST

START_TEST(test_refused)
{
	if (system_calls_unrestrictable() != NULL)
		return;
	assert_refused(take_a_parent, false, "getppid");
	assert_refused(open_to_read, false, "openat");
	assert_refused(open_to_write, true, "openat");
	assert_refused(open_to_truncate, true, "openat");
	assert_refused(make_udp, false, "socket");
	assert_refused(make_unix, true, "socket");
	assert_refused(make_tcp, true, "socket");
	assert_refused(run_memory, true, "mmap");
	assert_refused(take_the_alarm, true, "rt_sigaction");
}
END_TEST

START_TEST(test_allowed)
{
	if (system_calls_unrestrictable() != NULL)
		return;
	assert_allowed(nothing, false);
	assert_allowed(open_to_read, true);
	assert_allowed(make_udp, true);
	assert_allowed(read_memory, false);
	assert_allowed(take_another_signal, false);
}
END_TEST

START_TEST(test_signatures)
{
	if (system_calls_unrestrictable() != NULL)
		return;
	for (enum signature_kind kind = SIGNATURE_RSA; kind <= SIGNATURE_ECDSA_521; kind++) {
		ours = pki_credentials("a.example", kind, false);
		theirs = pki_credentials("b.example", kind, true);
		assert_allowed(prove_who_they_are, false);
		credentials_free(ours);
		credentials_free(theirs);
	}
}
END_TEST

/* An assertion that fails ends as it always does, and is not taken for an intruder. */
START_TEST(test_abort)
{
	int status;

	if (system_calls_unrestrictable() != NULL)
		return;
	status = end_of(fail_an_assertion, false);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %d", status);
}
END_TEST

START_TEST(test_only_these)
{
	pid_t pid;
	int status;

	if (system_calls_unrestrictable() != NULL)
		return;
	pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    !system_calls_restrict_to("read exit_group", &fault))
			_exit(99);
		(void)getpid();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %d", status);
}
END_TEST

UNIT_MAIN("system_calls", test_names_are_known, test_parent_of_workers, test_never_on_the_list,
	  test_refused, test_allowed, test_signatures, test_abort, test_only_these)
