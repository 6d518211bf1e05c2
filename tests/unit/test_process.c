/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/bench/process.h"

/* A process that has been and is no more. */
static pid_t gone(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	return pid;
}

START_TEST(test_no_such_process)
{
	struct process_memory memory;
	struct fault fault = {.text = ""};
	pid_t pid = gone();
	double seconds;

	ck_assert(!process_cpu(pid, &seconds));
	ck_assert(!process_waited(pid, &seconds));
	ck_assert(!process_memory(pid, &memory, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "smaps_rollup"));
}
END_TEST

START_TEST(test_no_such_processor)
{
	cpu_set_t before, after;

	ck_assert_uint_ge(process_processors(), 1);
	ck_assert_int_eq(sched_getaffinity(0, sizeof(before), &before), 0);
	ck_assert(process_pin(process_processors()));
	ck_assert_int_eq(sched_getaffinity(0, sizeof(after), &after), 0);
	ck_assert(CPU_EQUAL(&before, &after));
}
END_TEST

START_TEST(test_pinned)
{
	unsigned all = process_processors();
	cpu_set_t set;

	ck_assert(process_pin(all - 1));
	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	ck_assert_int_eq(CPU_COUNT(&set), 1);
	ck_assert_uint_eq(process_processors(), all); /* all that there were */
	ck_assert(process_pin(0));
	ck_assert(process_pin(PROCESS_ANYWHERE));
	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	ck_assert_int_eq(CPU_COUNT(&set), (int)all);
}
END_TEST

/* Those that are named stay, whatever their order, and the standard ones; all between and after them goes. */
START_TEST(test_others_are_closed)
{
	int own[3], other[3], keep[4], status;
	pid_t pid;

	for (int i = 0; i < 3; i++) {
		own[i] = socket(AF_UNIX, SOCK_DGRAM, 0);
		other[i] = socket(AF_UNIX, SOCK_DGRAM, 0);
		ck_assert(own[i] >= 0 && other[i] > own[i]);
		keep[2 - i] = own[i];
	}
	keep[3] = STDERR_FILENO;
	pid = fork();
	if (pid == 0) {
		bool good;

		process_keep_open(keep, 4);
		good = fcntl(STDIN_FILENO, F_GETFD) >= 0 && fcntl(STDERR_FILENO, F_GETFD) >= 0;
		for (int i = 0; i < 3; i++)
			good = good && fcntl(own[i], F_GETFD) >= 0 && fcntl(other[i], F_GETFD) < 0;
		_exit(good ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	for (int i = 0; i < 3; i++) {
		close(own[i]);
		close(other[i]);
	}
}
END_TEST

/* Work shows, be it little. */
START_TEST(test_time_goes_on)
{
	double before, after;

	ck_assert(process_cpu(getpid(), &before));
	do
		ck_assert(process_cpu(getpid(), &after));
	while (after <= before);
	ck_assert(before > 0);
}
END_TEST

/* Two want one processor, so either waits; until it shows, however long that takes. */
START_TEST(test_who_waits)
{
	double before, after;
	pid_t other;

	ck_assert(process_pin(0));
	other = fork();
	if (other == 0) {
		volatile bool running = true;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (running)
			;
	}
	ck_assert(process_waited(getpid(), &before));
	do {
		ck_assert(process_waited(getpid(), &after));
	} while (after < before + 0.01);
	ck_assert_int_eq(kill(other, SIGKILL), 0);
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
}
END_TEST

START_TEST(test_memory_that_is_used_shows)
{
	const size_t size = 16u << 20;
	struct process_memory before, after;
	struct fault fault;
	void *used;

	ck_assert_msg(process_memory(getpid(), &before, &fault), "%s", fault.text);
	used = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
	ck_assert_ptr_ne(used, MAP_FAILED);
	ck_assert(process_memory(getpid(), &after, &fault));
	ck_assert_uint_ge(after.resident, before.resident + size);
	ck_assert_uint_ge(after.own, before.own + size);
	ck_assert_uint_ge(after.share, before.share + size);
	ck_assert_uint_lt(after.resident, before.resident + 2 * size);
	ck_assert_int_eq(munmap(used, size), 0);
}
END_TEST

/* A socket that nobody reads fills up, and the system counts what comes then. */
START_TEST(test_drops)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(name);
	int full = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
	const int little = 1;
	uint64_t drops = 1;

	ck_assert(!process_udp_drops(0, &drops));
	ck_assert_int_eq(setsockopt(full, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)), 0);
	ck_assert_int_eq(bind(full, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(getsockname(full, (struct sockaddr *)&name, &length), 0);
	ck_assert(process_udp_drops(ntohs(name.sin_port), &drops));
	ck_assert_uint_eq(drops, 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(sendto(sender, "x", 1, 0, (struct sockaddr *)&name, length), 1);
	ck_assert(process_udp_drops(ntohs(name.sin_port), &drops));
	ck_assert_uint_ge(drops, 50);
	ck_assert_uint_le(drops, 100);
	close(full);
	close(sender);
}
END_TEST

UNIT_MAIN("process", test_no_such_process, test_no_such_processor, test_pinned,
	  test_others_are_closed, test_time_goes_on, test_who_waits, test_memory_that_is_used_shows,
	  test_drops)
