/* SPDX-License-Identifier: ISC */
#include "interop/node/system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_MOST  24  /* octets */
#define ROW_MOST   256 /* octets */
#define CALLS_MOST 1024

/* ---- the list ------------------------------------------------------------------------------------------------------ */

/* A C library chooses among calls that do the same, and another version otherwise: they stand together. */
static const struct row {
	const char *calls;
	const char *reason;
	unsigned only; /* where this is needed; 0: always */
} rows[] = {
    {"recvmmsg sendmmsg", "datagrams", 0},
    {"connect getsockname", "which address a datagram leaves from", 0},
    {"accept accept4 shutdown getsockopt readv writev recvfrom sendto",
     "clients of the control socket", 0},
    {"read write lseek fstat newfstatat statx", "event log, captures, and what libevent wakes with",
     0},
    {"ftruncate", "a capture that the disk has cut off ends with its last whole record", 0},
    {"close", "clients that leave, and the end", 0},
    {"epoll_wait epoll_pwait epoll_pwait2 epoll_ctl poll ppoll timerfd_settime", "the loop", 0},
    {"clock_gettime gettimeofday time", "the clocks, where the system has no faster way", 0},
    {"rt_sigprocmask rt_sigreturn restart_syscall", "SIGTERM, SIGINT, SIGSTOP and SIGCONT", 0},
    {"brk munmap mremap madvise", "memory for SAs and events as they come", 0},
    {"mlock mlock2 munlock", "memory of secrets is not swapped", 0},
    {"getrandom", "cookies, nonces and exponents", 0},
    {"futex", "locks of libraries", 0},
    {"getpid gettid", "the status, and an assertion that fails", 0},
    {"exit exit_group", "the end", 0},
    {"wait4", "workers that end", SYSTEM_CALLS_WORKERS},
    {"uname", "our own name, for the questions to name servers", SYSTEM_CALLS_FILES},
};

/* Calls of which only some are needed.  A value may be any of those that its rules name. */
static const struct rule {
	const char *call;
	unsigned argument;
	enum scmp_compare compare;
	scmp_datum_t mask, value;
	const char *reason;
	unsigned only;
} rules[] = {
    {"mmap", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0, "memory that nothing runs from", 0},
    {"mprotect", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0, "guarded memory", 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_GETFL, 0, "descriptors that do not wait", 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_SETFL, 0, "", 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_GETFD, 0, "", 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_SETFD, 0, "", 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0, "the descriptor in reserve", 0},
    {"ioctl", 1, SCMP_CMP_EQ, TCGETS, 0, "whether the event log goes to a terminal", 0},
    {"ioctl", 1, SCMP_CMP_EQ, FIONREAD, 0, "how much a client has sent", 0},
    {"rt_sigaction", 0, SCMP_CMP_NE, SIGSYS, 0, "signals, but not the one of this list", 0},
    {"openat", 2, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY),
     O_RDONLY, "resolv.conf and hosts, which are only read", SYSTEM_CALLS_FILES},
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))
#define RULES (sizeof(rules) / sizeof(rules[0]))

const char *system_calls_row(unsigned index, const char **reason)
{
	if (index >= ROWS)
		return NULL;
	*reason = rows[index].reason;
	return rows[index].calls;
}

static bool is_needed(unsigned only, unsigned needs)
{
	return only == 0 || (only & needs) != 0;
}

unsigned system_calls_allowed(unsigned needs)
{
	unsigned count = 1; /* tgkill */

	count += (needs & SYSTEM_CALLS_FILES) != 0;   /* socket */
	count += (needs & SYSTEM_CALLS_WORKERS) != 0; /* kill */
	for (size_t i = 0; i < ROWS; i++)
		for (const char *at = rows[i].calls; is_needed(rows[i].only, needs) && at != NULL;
		     at = strchr(at + 1, ' '))
			count++;
	for (size_t i = 0; i < RULES; i++)
		count += is_needed(rules[i].only, needs) &&
			 (i == 0 || strcmp(rules[i].call, rules[i - 1].call) != 0);
	return count;
}

/* ---- what is not on it --------------------------------------------------------------------------------------------- */

/* By number, because there is no looking up in a signal handler. */
static char names[CALLS_MOST][NAME_MOST];

static void learn_names(void)
{
	for (int number = 0; number < CALLS_MOST; number++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

		snprintf(names[number], sizeof(names[number]), "%s", name != NULL ? name : "?");
		free(name);
	}
}

static size_t put(char *line, size_t length, const char *text)
{
	while (*text != '\0')
		line[length++] = *text++;
	return length;
}

/* The signal's own end follows: SA_RESETHAND has put it back, and the signal waits until this returns. */
static void on_refused(int number, siginfo_t *info, void *context)
{
	unsigned call = (unsigned)info->si_syscall;
	char line[NAME_MOST + 160];
	size_t length;

	(void)context;
	length = put(line, 0, "ruthere: ended by its confinement: the system call ");
	length = put(line, length, call < CALLS_MOST ? names[call] : "?");
	length = put(line, length,
		     " is not on the list; please report it; node { confine = no } runs without\n");
	(void)!write(STDERR_FILENO, line, length);
	(void)raise(number);
}

static bool watch_refusals(void)
{
	struct sigaction action = {.sa_sigaction = on_refused,
				   .sa_flags = SA_SIGINFO | (int)SA_RESETHAND};

	learn_names();
	return sigaction(SIGSYS, &action, NULL) == 0;
}

/* ---- in force ------------------------------------------------------------------------------------------------------ */

/* Numbers below zero stand for calls that this machine does not have. */
static int allow_named(scmp_filter_ctx filter, const char *call, unsigned count,
		       const struct scmp_arg_cmp *arguments)
{
	int number = seccomp_syscall_resolve_name(call);

	return number < 0
		   ? 0
		   : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, count, arguments);
}

static int allow_words(scmp_filter_ctx filter, const char *words)
{
	char calls[ROW_MOST];
	char *rest = calls, *call;
	int failed = 0;

	snprintf(calls, sizeof(calls), "%s", words);
	while (failed == 0 && (call = strsep(&rest, " ")) != NULL)
		failed = allow_named(filter, call, 0, NULL);
	return failed;
}

static int allow_rows(scmp_filter_ctx filter, unsigned needs)
{
	int failed = 0;

	for (size_t i = 0; i < ROWS && failed == 0; i++)
		if (is_needed(rows[i].only, needs))
			failed = allow_words(filter, rows[i].calls);
	return failed;
}

static int allow_rules(scmp_filter_ctx filter, unsigned needs)
{
	int failed = 0;

	for (size_t i = 0; i < RULES && failed == 0; i++) {
		const struct rule *rule = &rules[i];
		struct scmp_arg_cmp argument = {rule->argument, rule->compare, rule->mask,
						rule->value};

		if (rule->compare != SCMP_CMP_MASKED_EQ)
			argument.datum_a = rule->mask;
		if (is_needed(rule->only, needs))
			failed = allow_named(filter, rule->call, 1, &argument);
	}
	return failed;
}

/* Those that need two arguments, or a value that is only known now. */
static int allow_rest(scmp_filter_ctx filter, unsigned needs)
{
	static const int families[] = {AF_INET, AF_INET6};
	const struct scmp_arg_cmp ourselves = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};
	int failed = allow_named(filter, "tgkill", 1, &ourselves); /* abort() */

	for (size_t i = 0; i < 2 && (needs & SYSTEM_CALLS_FILES) && failed == 0; i++) {
		const struct scmp_arg_cmp udp[] = {
		    {0, SCMP_CMP_EQ, (scmp_datum_t)families[i], 0},
		    {1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM},
		};

		failed = allow_named(filter, "socket", 2, udp);
	}
	return failed;
}

/* A worker that does not end; kill() of -1 would be everything of that user. */
static int allow_ending(scmp_filter_ctx filter, const pid_t *workers, size_t count)
{
	int failed = 0;

	for (size_t i = 0; i < count && failed == 0; i++) {
		const struct scmp_arg_cmp killed[] = {
		    {0, SCMP_CMP_EQ, (scmp_datum_t)workers[i], 0},
		    {1, SCMP_CMP_EQ, SIGKILL, 0},
		};

		if (workers[i] > 0)
			failed = allow_named(filter, "kill", 2, killed);
	}
	return failed;
}

/* In force from here on; the filter is freed. */
static bool load(scmp_filter_ctx filter, int failed, struct fault *fault)
{
	if (failed == 0 && !watch_refusals())
		failed = -errno;
	if (failed == 0)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	if (failed == 0)
		return true;
	return fault_say(fault,
			 "cannot restrict the system calls (seccomp: %s): this needs a kernel with "
			 "CONFIG_SECCOMP_FILTER; set node { confine = no } to run unconfined",
			 strerror(-failed));
}

static bool restrict_to(unsigned needs, const pid_t *workers, size_t count, struct fault *fault)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int failed;

	if (filter == NULL)
		return fault_say(fault, "no memory for the list of system calls");
	failed = allow_rows(filter, needs);
	if (failed == 0)
		failed = allow_rules(filter, needs);
	if (failed == 0)
		failed = allow_rest(filter, needs);
	if (failed == 0)
		failed = allow_ending(filter, workers, count);
	return load(filter, failed, fault);
}

bool system_calls_restrict(unsigned needs, struct fault *fault)
{
	return restrict_to(needs, NULL, 0, fault);
}

bool system_calls_restrict_parent(const pid_t *workers, size_t count, struct fault *fault)
{
	return restrict_to(SYSTEM_CALLS_WORKERS, workers, count, fault);
}

bool system_calls_restrict_to(const char *calls, struct fault *fault)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);

	if (filter == NULL)
		return fault_say(fault, "no memory for the list of system calls");
	return load(filter, allow_words(filter, calls), fault);
}

/* ---- builds that cannot be ----------------------------------------------------------------------------------------- */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* There only in a build that measures coverage: gcc's and clang's. */
void __gcov_init(void *) __attribute__((weak));
void llvm_gcov_init(void *, void *) __attribute__((weak));

const char *system_calls_unrestrictable(void)
{
	if (SANITIZED)
		return "this build has sanitizers";
	if (__gcov_init != NULL || llvm_gcov_init != NULL)
		return "this build measures coverage";
	return NULL;
}
