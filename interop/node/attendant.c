/* SPDX-License-Identifier: ISC */
#include "interop/node/attendant.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static void become(const char *name, int descriptor, void (*serve)(void))
{
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
	if (dup2(descriptor, STDIN_FILENO) < 0)
		_exit(1);
	closefrom(STDIN_FILENO +
		  1); /* whoever reads our output must see its end when the node ends */
	serve();
	_exit(0);
}

static pid_t fork_deaf(void)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

int attendant_start(const char *name, int type, void (*serve)(void), const char *purpose,
		    struct fault *fault)
{
	int ends[2] = {-1, -1};
	pid_t pid = -1;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0) {
		pid = fork_deaf();
		if (pid == 0)
			become(name, ends[1], serve);
	}
	if (pid < 0)
		fault_say(fault, "cannot start the process that %s: %s", purpose, strerror(errno));
	if (ends[1] >= 0)
		close(ends[1]);
	if (pid < 0 && ends[0] >= 0) {
		close(ends[0]);
		ends[0] = -1;
	}
	return ends[0];
}
