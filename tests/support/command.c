/* SPDX-License-Identifier: ISC */
#include "tests/support/command.h"

#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/scratch.h"

#define WORDS_MOST 64
#define LINE_MOST  1024

/* In the new process. */
static void become(verb *run, const char *line, const char *out, const char *err)
{
	char words[LINE_MOST], *argv[WORDS_MOST + 1];
	int argc = 0, status;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word != NULL && argc < WORDS_MOST;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	if (freopen(out, "w", stdout) == NULL || freopen(err, "w", stderr) == NULL)
		_exit(127);
	status = run(argc, argv);
	fflush(NULL);
	_exit(status);
}

static pid_t start(verb *run, const char *line, const char *out, const char *err)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		become(run, line, out, err);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

int command_run(verb *run, const char *line)
{
	return wait_for(start(run, line, scratch_path("out"), scratch_path("err")));
}

const char *command_out(void)
{
	return scratch_read(scratch_path("out"));
}

const char *command_err(void)
{
	return scratch_read(scratch_path("err"));
}

pid_t command_start(verb *run, const char *line)
{
	return start(run, line, scratch_path("started.out"), scratch_path("started.err"));
}

int command_end(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	return wait_for(pid);
}

uint16_t command_free_port(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(name);
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(descriptor, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(getsockname(descriptor, (struct sockaddr *)&name, &length), 0);
	close(descriptor);
	return ntohs(name.sin_port);
}

void command_wait_for(const char *path)
{
	for (int turn = 0; access(path, F_OK) != 0; turn++) {
		ck_assert_msg(turn < 10000, "waited in vain for %s", path);
		(void)poll(NULL, 0, 1);
	}
}
