/* SPDX-License-Identifier: ISC */
#include "interop/bench/bench_node.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interop/bench/bench_child.h"
#include "interop/bench/process.h"

#define PAUSE_NS 1000000L /* between two looks whether it has ended, and */
#define PAUSES   5000     /* how many of them it is given */

struct bench_node {
	pid_t pid;
	int line;
	struct ike_address address;
};

/* A line has not ended as long as any other child has its other end. */
static void close_others(const struct bench_node_settings *settings, int line)
{
	int own[1 + UDP_SOCKETS_MAX] = {line};
	size_t count = 1, sockets = settings->udp == NULL ? 0 : udp_sockets(settings->udp);

	for (size_t i = 0; i < sockets; i++)
		own[count++] = udp_descriptor(settings->udp, i);
	process_keep_open(own, count);
}

struct bench_node *bench_node_start(const struct bench_node_settings *settings, struct fault *fault)
{
	struct bench_node *node = calloc(1, sizeof(*node));
	struct bench_child_ready ready = {.good = false};
	int line[2];

	if (node == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) {
		free(node);
		fault_say(fault, "no memory for another process");
		return NULL;
	}
	(void)process_processors(); /* before anybody is pinned */
	node->line = line[0];
	node->pid = fork();
	if (node->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close_others(settings, line[1]);
		_exit(bench_child_run(settings, line[1]));
	}
	close(line[1]);
	if (node->pid > 0 &&
	    recv(node->line, &ready, sizeof(ready), MSG_WAITALL) == (ssize_t)sizeof(ready) &&
	    ready.good) {
		node->address = ready.address;
		return node;
	}
	if (node->pid < 0)
		fault_say(fault, "no other process: %s", strerror(errno));
	else
		fault_say(fault, "the node did not start: %s",
			  ready.fault.text[0] != '\0' ? ready.fault.text : "it has ended");
	bench_node_stop(node);
	return NULL;
}

/* By itself when its line ends, so that valgrind can write down what it has seen; but not for ever. */
void bench_node_stop(struct bench_node *node)
{
	const struct timespec pause = {0, PAUSE_NS};
	bool gone = false;

	if (node == NULL)
		return;
	(void)shutdown(node->line, SHUT_RDWR); /* whoever else may have an end of it */
	close(node->line);
	for (int i = 0; node->pid > 0 && !gone && i < PAUSES; i++) {
		gone = waitpid(node->pid, NULL, WNOHANG) != 0;
		if (!gone)
			(void)nanosleep(&pause, NULL);
	}
	if (node->pid > 0 && !gone) {
		kill(node->pid, SIGKILL);
		(void)waitpid(node->pid, NULL, 0);
	}
	free(node);
}

pid_t bench_node_pid(const struct bench_node *node)
{
	return node->pid;
}

struct ike_address bench_node_address(const struct bench_node *node)
{
	return node->address;
}

bool bench_node_status(struct bench_node *node, bool reset, struct bench_node_status *status)
{
	return send(node->line, reset ? "z" : "s", 1, MSG_NOSIGNAL) == 1 &&
	       recv(node->line, status, sizeof(*status), MSG_WAITALL) == (ssize_t)sizeof(*status);
}
