/* SPDX-License-Identifier: ISC */
#include "interop/demo_process.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/clock.h"

#define PATH_MOST 4096

/*
 * From its own start to the demo's.  A line has both clocks, so the first one tells where its own began; after that a step of
 * the wall clock does no harm.
 */
static void restamp(struct demo_process *process, json_t *line)
{
	const char *time = json_string_value(json_object_get(line, "time"));
	double t = json_number_value(json_object_get(line, "t"));

	if (!process->heard && time != NULL) {
		process->offset = clock_of_text(time) - process->epoch - t;
		process->heard = true;
	}
	json_object_set_new(line, "t", json_real(round((process->offset + t) * 1e6) / 1e6));
	json_object_set_new(line, "node", json_string(process->name));
}

static void on_output(struct bufferevent *output, void *context)
{
	struct demo_process *process = context;
	char *text;

	while ((text = evbuffer_readln(bufferevent_get_input(output), NULL, EVBUFFER_EOL_LF)) !=
	       NULL) {
		json_t *line = json_loads(text, 0, NULL);

		if (json_is_object(line)) {
			restamp(process, line);
			process->on_event(process->context, line);
		}
		json_decref(line);
		free(text);
	}
}

static void forget(struct demo_process *process)
{
	if (process->output != NULL)
		bufferevent_free(process->output);
	process->output = NULL;
	process->pid = 0;
}

static void on_end(struct bufferevent *output, short what, void *context)
{
	struct demo_process *process = context;

	(void)what;
	on_output(output, context);
	if (process->pid > 0)
		waitpid(process->pid, NULL, 0);
	forget(process);
	process->on_exit(process->context, process);
}

/* In the new process; does not return. */
static void become(const struct demo_process *process, const char *directory, int output)
{
	char config[PATH_MOST], capture[PATH_MOST], log[PATH_MOST];
	int descriptor;

	snprintf(config, sizeof(config), "%s/%s.conf", directory, process->name);
	snprintf(capture, sizeof(capture), "%s/%s-%u", directory, process->name, process->life);
	snprintf(log, sizeof(log), "%s/%s-%u.log", directory, process->name, process->life);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* a demo that is interrupted leaves nobody behind */
	setpgid(0, 0); /* and a terminal's interrupt is for the demo to pass on */
	descriptor = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (descriptor < 0 || dup2(descriptor, STDERR_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0)
		_exit(126);
	execl(process->program, "ruthere", "serve", "--config", config, "--capture", capture,
	      "--json", "--messages", (char *)NULL);
	perror(process->program);
	_exit(127);
}

static bool watch(struct demo_process *process, struct event_base *base, int output)
{
	evutil_make_socket_nonblocking(output);
	process->output = bufferevent_socket_new(base, output, BEV_OPT_CLOSE_ON_FREE);
	if (process->output == NULL) {
		close(output);
		return false;
	}
	bufferevent_setcb(process->output, on_output, NULL, on_end, process);
	return bufferevent_enable(process->output, EV_READ) == 0;
}

bool demo_process_start(struct demo_process *process, struct event_base *base,
			const char *directory, struct fault *fault)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_say(fault, "no pipe: %s", strerror(errno));
	process->life++;
	process->heard = false;
	pid = fork();
	if (pid == 0)
		become(process, directory, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return fault_say(fault, "no process: %s", strerror(errno));
	}
	process->pid = pid;
	return watch(process, base, ends[0]) || fault_say(fault, "no memory for a node's output");
}

void demo_process_kill(struct demo_process *process)
{
	if (process->pid <= 0)
		return;
	kill(process->pid, SIGKILL);
	waitpid(process->pid, NULL, 0);
	forget(process);
}

bool demo_process_end(struct demo_process *process)
{
	int status = 0;

	if (process->pid <= 0)
		return true;
	kill(process->pid, SIGTERM);
	waitpid(process->pid, &status, 0);
	on_output(process->output,
		  process); /* whatever is read already; the rest is in its capture */
	forget(process);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
