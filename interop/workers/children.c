/* SPDX-License-Identifier: ISC */
#include "interop/workers/children.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define STEP 10 /* ms between two looks */
#define AFTER_THE_KILL                                                                             \
	1000 /* ms: a process that waits for a disk or a server does not even end then */

void children_add(struct children *children, uint32_t index, pid_t pid)
{
	children->pid[index] = pid;
	children->alive++;
}

void children_reap(struct children *children)
{
	for (uint32_t i = 0; i < IKE_WORKERS_MAX; i++) {
		pid_t pid = children->pid[i], found;
		int status = 0;

		if (pid == 0)
			continue;
		while ((found = waitpid(pid, &status, WNOHANG)) < 0 && errno == EINTR)
			;
		if (found != pid)
			continue;
		children->pid[i] = 0;
		children->alive--;
		children->ended(children->context, i, pid, status);
	}
}

void children_kill(struct children *children)
{
	/* none of them is anybody else's process: whoever has ended keeps his number until he is reaped */
	for (uint32_t i = 0; i < IKE_WORKERS_MAX; i++)
		if (children->pid[i] > 0)
			(void)kill(children->pid[i], SIGKILL);
}

static void wait_until(struct children *children, int patience_ms)
{
	children_reap(children);
	for (int left = patience_ms; children->alive > 0 && left > 0; left -= STEP) {
		(void)poll(NULL, 0, STEP);
		children_reap(children);
	}
}

bool children_wait(struct children *children, int patience_ms)
{
	wait_until(children, patience_ms);
	if (children->alive > 0)
		children_kill(children);
	wait_until(children, AFTER_THE_KILL);
	return children->alive == 0;
}
