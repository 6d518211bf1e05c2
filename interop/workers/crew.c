/* SPDX-License-Identifier: ISC */
#include "interop/workers/crew.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/backend.h"
#include "interop/node/broom.h"
#include "interop/node/clock.h"
#include "interop/node/confine.h"
#include "interop/node/trouble.h"
#include "interop/status/control.h"
#include "interop/workers/children.h"
#include "interop/workers/front.h"
#include "interop/workers/link.h"
#include "interop/workers/steering.h"
#include "interop/workers/worker.h"

#define START_PATIENCE 30000 /* ms: tables for a million SAs take a while */
#define END_PATIENCE   10000 /* ms, after which a worker that does not end is ended */
#define LINE_ROOM      65536 /* octets: a line of the event log is written in one piece */

struct member {
	struct crew *crew;
	struct link_end *link;
	struct event readable;
};

struct crew {
	const struct node_settings *settings;
	struct event_log log;
	uint32_t workers;
	struct children children;
	struct udp *udp[IKE_WORKERS_MAX]; /* until they are the workers' */
	struct news news;
	struct member member[IKE_WORKERS_MAX];
	struct event_base *base;
	struct event signal[2], child, deadline;
	struct control *control;
	struct trouble clients;
	struct front front;
	bool ending;
	int status;
};

/* ---- what they share ----------------------------------------------------------------------------------------------- */

static bool open_sockets(struct crew *crew, struct fault *fault)
{
	const struct config *config = crew->settings->config;

	crew->udp[0] = udp_new(config->listen, config->listens, fault);
	for (uint32_t i = 1; i < crew->workers && crew->udp[i - 1] != NULL; i++)
		crew->udp[i] = udp_new_beside(crew->udp[0], fault);
	return crew->udp[crew->workers - 1] != NULL &&
	       steering_attach(crew->udp[0], crew->workers, config->ike.nat_t_port, fault) &&
	       news_open(&crew->news, crew->workers, fault);
}

/* An earlier run with more workers would be taken for a part of ours; what our own workers find, they refuse. */
static bool is_of_more_workers(const struct crew *crew, struct fault *fault)
{
	char path[PATH_MAX];

	for (uint32_t i = crew->workers; i < IKE_WORKERS_MAX; i++) {
		snprintf(path, sizeof(path), "%s/worker-%u", crew->settings->capture, i);
		if (access(path, F_OK) == 0)
			return !fault_say(
			    fault,
			    "%s is there, of a run with more workers: name another directory",
			    path);
	}
	return false;
}

/* Each worker has a folder in it: several cannot write one capture. */
static bool make_folder(const struct crew *crew, struct fault *fault)
{
	const char *folder = crew->settings->capture;

	if (folder == NULL || mkdir(folder, 0777) == 0)
		return true;
	if (errno == EEXIST)
		return !is_of_more_workers(crew, fault);
	return fault_say(fault, "cannot make the directory %s: %s", folder, strerror(errno));
}

static void leave_sockets(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->workers; i++) {
		udp_free(crew->udp[i]);
		crew->udp[i] = NULL;
	}
	news_close(&crew->news);
}

/* ---- a worker's process -------------------------------------------------------------------------------------------- */

/* Everything that is the parent's or another worker's is closed: their ends must be seen. */
static void forget_the_others(struct crew *crew, uint32_t index)
{
	for (uint32_t i = 0; i < crew->workers; i++) {
		link_end_free(crew->member[i].link);
		if (i == index)
			continue;
		udp_free(crew->udp[i]);
		crew->udp[i] = NULL;
	}
	broom_forget(crew->settings->broom);
}

static void lock_secrets(const struct config *config)
{
	for (size_t i = 0; i < config->peers; i++)
		if (config->peer[i].secret != NULL)
			secret_lock(config->peer[i].secret);
	(void)crypto_lock_memory(); /* private keys, and what is computed with them; best effort */
}

_Noreturn static void become_worker(struct crew *crew, uint32_t index, int link)
{
	const struct ike_worker self = {index, crew->workers};
	struct worker_settings own = {.node = *crew->settings, .news = &crew->news, .link = link};
	char *capture = NULL;
	int status = 1;

	forget_the_others(crew, index);
	news_take(&crew->news, self);
	lock_secrets(own.node.config);
	(void)setvbuf(stdout, NULL, _IOFBF, LINE_ROOM);
	own.node.config->ike.worker = self;
	own.node.log.worker = self;
	own.node.udp = crew->udp[index];
	own.node.control = false;
	own.node.broom = NULL;
	if (own.node.capture == NULL ||
	    asprintf(&capture, "%s/worker-%u", own.node.capture, index) >= 0) {
		own.node.capture = capture;
		status = worker_run(&own);
	} else {
		fprintf(stderr, "ruthere serve: no memory for worker %u\n", index);
	}
	free(capture);
	news_close(&crew->news);
	config_free(own.node.config); /* wipes what is secret */
	exit(status);
}

static bool fork_worker(struct crew *crew, uint32_t index, struct fault *fault)
{
	struct member *member = &crew->member[index];
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return fault_say(fault, "cannot open a link to worker %u: %s", index,
				 strerror(errno));
	member->link = link_end_new(ends[0]);
	fflush(NULL);
	pid = member->link != NULL ? fork() : -1;
	if (pid == 0)
		become_worker(crew, index, ends[1]);
	close(ends[1]);
	if (pid > 0) {
		children_add(&crew->children, index, pid);
		return true;
	}
	return fault_say(fault, "cannot start worker %u: %s", index, strerror(errno));
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static void on_deadline(evutil_socket_t descriptor, short what, void *context)
{
	struct crew *crew = context;

	(void)descriptor;
	(void)what;
	children_kill(&crew->children);
}

/* Each says farewell to its peers, and the parent waits until it has. */
static void end_all(struct crew *crew)
{
	const struct timeval patience = {.tv_sec = END_PATIENCE / 1000};

	if (crew->ending)
		return;
	crew->ending = true;
	for (uint32_t i = 0; i < crew->workers; i++)
		if (crew->children.pid[i] > 0)
			link_hang_up(crew->member[i].link);
	if (crew->base != NULL)
		evtimer_add(&crew->deadline, &patience);
}

static void tell_end(struct crew *crew, uint32_t index, int pid, int status)
{
	json_t *line = event_json_own("worker-ended", clock_now(), crew->log.epoch);
	char text[160];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text),
			 "worker %u, process %d, was ended by signal %d (%s): all end", index, pid,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text),
			 "worker %u, process %d, has ended with status %d: all end", index, pid,
			 WEXITSTATUS(status));
	fprintf(stderr, "ruthere serve: %s\n", text);
	json_object_set_new(line, "worker", json_integer(index));
	json_object_set_new(line, "text", json_string(text));
	event_log_line(&crew->log, line);
	event_log_flush(&crew->log);
}

/*
 * Whoever was told to end by a signal of its own, as from a terminal or a service manager that tells all processes, has ended
 * well: then all are to.
 */
static void on_ended(void *context, uint32_t index, pid_t pid, int status)
{
	struct crew *crew = context;

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		crew->status = 1;
		if (crew->base != NULL) /* else it could not start, and has said why */
			tell_end(crew, index, (int)pid, status);
	}
	end_all(crew);
}

static void reap(struct crew *crew)
{
	children_reap(&crew->children);
	if (crew->children.alive == 0)
		event_base_loopbreak(crew->base);
}

static void on_child(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	reap(context);
}

/* Its process has not ended with its link, and may be long in doing so. */
static void on_link(evutil_socket_t descriptor, short what, void *context)
{
	struct member *member = context;

	(void)descriptor;
	(void)what;
	if (!link_has_ended(member->link))
		return;
	event_del(&member->readable);
	end_all(member->crew);
}

static void on_signal(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	end_all(context);
}

/* ---- the control socket -------------------------------------------------------------------------------------------- */

static bool put(void *context, uint32_t worker, const json_t *request, int64_t until)
{
	struct crew *crew = context;

	return link_put(crew->member[worker].link, request, until);
}

static json_t *get(void *context, uint32_t worker, int64_t until)
{
	struct crew *crew = context;

	return link_get(crew->member[worker].link, until);
}

static void on_control_trouble(void *context, const char *text)
{
	struct crew *crew = context;

	if (text == NULL)
		trouble_over(&crew->clients, &crew->log);
	else
		trouble_met(&crew->clients, &crew->log, "%s", text);
	event_log_flush(&crew->log);
}

static bool open_control(struct crew *crew, struct fault *fault)
{
	const struct node_settings *settings = crew->settings;

	crew->front = (struct front){.workers = crew->workers,
				     .put = put,
				     .get = get,
				     .context = crew,
				     .pid = (int)getpid(),
				     .capture = settings->capture};
	if (!settings->control || settings->config->control == NULL)
		return true;
	crew->control =
	    control_new(crew->base, settings->config->control, front_answer, &crew->front, fault);
	if (crew->control == NULL)
		return false;
	control_tell_trouble(crew->control, on_control_trouble, crew);
	return settings->broom == NULL || control_leave_to(crew->control, settings->broom) ||
	       fault_say(fault, "the process that removes the control socket has ended");
}

/* ---- its life ------------------------------------------------------------------------------------------------------ */

static bool watch(struct crew *crew, struct fault *fault)
{
	static const int signals[] = {SIGINT, SIGTERM};
	bool good;

	crew->base = event_base_new();
	good = crew->base != NULL &&
	       evtimer_assign(&crew->deadline, crew->base, on_deadline, crew) == 0 &&
	       evsignal_assign(&crew->child, crew->base, SIGCHLD, on_child, crew) == 0 &&
	       event_add(&crew->child, NULL) == 0;
	for (size_t i = 0; good && i < 2; i++)
		good = evsignal_assign(&crew->signal[i], crew->base, signals[i], on_signal, crew) ==
			   0 &&
		       event_add(&crew->signal[i], NULL) == 0;
	for (uint32_t i = 0; good && i < crew->workers; i++) {
		struct member *member = &crew->member[i];

		good =
		    event_assign(&member->readable, crew->base, link_end_descriptor(member->link),
				 EV_READ | EV_PERSIST, on_link, member) == 0 &&
		    event_add(&member->readable, NULL) == 0;
	}
	return good || fault_say(fault, "no memory for the event loop");
}

/* False: it has not answered. */
static bool tell(struct crew *crew, uint32_t worker, const char *verb, int patience_ms)
{
	json_t *request = json_pack("{s:s}", "verb", verb);
	json_t *answer = link_ask(crew->member[worker].link, request, patience_ms);
	bool answered = answer != NULL;

	json_decref(answer);
	json_decref(request);
	return answered;
}

/* One after the other, so that what keeps them all from running is said once. */
static bool fork_all(struct crew *crew, struct fault *fault)
{
	for (uint32_t i = 0; i < crew->workers; i++) {
		if (!fork_worker(crew, i, fault))
			return false;
		if (!tell(crew, i, "ready", START_PATIENCE))
			return fault_say(fault, "worker %u has not started", i);
	}
	return true;
}

/* Who could not be told would listen, but call nobody. */
static void start_all(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->workers; i++) {
		if (tell(crew, i, "start", LINK_PATIENCE))
			continue;
		fprintf(stderr, "ruthere serve: worker %u cannot be told to start: all end\n", i);
		crew->status = 1;
		end_all(crew);
		return;
	}
}

static bool begin(struct crew *crew, struct fault *fault)
{
	bool good = make_folder(crew, fault) && open_sockets(crew, fault) && fork_all(crew, fault);

	leave_sockets(crew);
	config_forget_secrets(crew->settings->config); /* they are the workers' now */
	return good && watch(crew, fault) && open_control(crew, fault) &&
	       (!crew->settings->confine ||
		confine_parent(crew->settings->config, crew->children.pid, crew->workers, fault));
}

/* After a beginning that failed: those that run have nothing to say yet. */
static void give_up(struct crew *crew, const struct fault *fault)
{
	fprintf(stderr, "ruthere serve: %s\n", fault->text);
	crew->status = 1;
	end_all(crew);
	if (!children_wait(&crew->children, END_PATIENCE))
		fprintf(stderr, "ruthere serve: %u workers have not ended\n", crew->children.alive);
}

static void leave(struct crew *crew)
{
	control_free(crew->control);
	for (uint32_t i = 0; i < crew->workers; i++)
		link_end_free(crew->member[i].link);
	if (crew->base != NULL)
		event_base_free(crew->base);
}

int crew_run(const struct node_settings *settings)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	struct fault fault;
	int status;

	if (crew == NULL) {
		fprintf(stderr, "ruthere serve: no memory for workers\n");
		return 1;
	}
	crew->settings = settings;
	crew->workers = settings->config->workers;
	crew->log = settings->log;
	crew->log.config = settings->config;
	crew->log.epoch = settings->epoch;
	crew->clients.what = "control";
	crew->children.ended = on_ended;
	crew->children.context = crew;
	for (uint32_t i = 0; i < crew->workers; i++)
		crew->member[i].crew = crew;
	if (begin(crew, &fault)) {
		start_all(crew);
		event_active(&crew->child, EV_SIGNAL, 1); /* who ended before that was watched */
		if (event_base_dispatch(crew->base) < 0)
			crew->status = 1;
	} else {
		give_up(crew, &fault);
	}
	status = crew->status;
	leave(crew);
	free(crew);
	return status;
}
