/* SPDX-License-Identifier: ISC */
/*
 * intruder.c - preloaded: whoever sends a datagram "INTRUDE name" has taken the process over, and does what an intruder
 * would.  What comes of it is for the confinement to say.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MARK "INTRUDE "

static void run_a_shell(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void make_a_process(void)
{
	(void)!fork();
}

static void write_a_file(void)
{
	(void)!open("intruded", O_WRONLY | O_CREAT, 0600);
}

static void truncate_a_file(void)
{
	(void)!open("a.conf", O_RDONLY | O_TRUNC);
}

static void read_a_file(void)
{
	(void)!open("/etc/passwd", O_RDONLY);
}

static void remove_a_file(void)
{
	(void)unlink("a.conf");
}

static void call_home(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void sniff(void)
{
	(void)!socket(AF_INET, SOCK_RAW, 17);
}

static void become_root(void)
{
	(void)!setuid(0);
}

static void look_into_others(void)
{
	(void)ptrace(PTRACE_ATTACH, 2, NULL, NULL);
}

static void signal_others(void)
{
	(void)kill(1, 0); /* signal 0 harms nobody, should it be let through */
}

static void run_memory(void)
{
	(void)!mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
}

static void make_memory_run(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void allow_dumps(void)
{
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void silence_the_alarm(void)
{
	(void)signal(SIGSYS, SIG_IGN);
}

/* Not refused: what the list allows, as the control of the experiment. */
static void ask_who_we_are(void)
{
	(void)syscall(SYS_getpid);
}

static const struct deed {
	const char *name;
	void (*act)(void);
} deeds[] = {
    {"run-a-shell", run_a_shell},
    {"make-a-process", make_a_process},
    {"write-a-file", write_a_file},
    {"truncate-a-file", truncate_a_file},
    {"read-a-file", read_a_file},
    {"remove-a-file", remove_a_file},
    {"call-home", call_home},
    {"sniff", sniff},
    {"become-root", become_root},
    {"look-into-others", look_into_others},
    {"signal-others", signal_others},
    {"run-memory", run_memory},
    {"make-memory-run", make_memory_run},
    {"allow-dumps", allow_dumps},
    {"silence-the-alarm", silence_the_alarm},
    {"ask-who-we-are", ask_who_we_are},
};

static void obey(const char *order, size_t length)
{
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strlen(deeds[i].name) == length && memcmp(order, deeds[i].name, length) == 0)
			deeds[i].act();
}

int recvmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags,
	     struct timespec *timeout)
{
	int (*real)(int, struct mmsghdr *, unsigned, int, struct timespec *);
	int received;

	*(void **)&real = dlsym(RTLD_NEXT, "recvmmsg");
	received = real(descriptor, messages, count, flags, timeout);
	for (int i = 0; i < received; i++) {
		const char *text = messages[i].msg_hdr.msg_iov[0].iov_base;
		size_t length = messages[i].msg_len, mark = strlen(MARK);

		if (length > mark && memcmp(text, MARK, mark) == 0)
			obey(text + mark, length - mark);
	}
	return received;
}
