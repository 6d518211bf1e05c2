/* SPDX-License-Identifier: ISC */
#include "interop/bench/callers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/bench/bench_node.h"
#include "interop/bench/engine_loop.h"
#include "interop/bench/process.h"
#include "interop/node/clock.h"
#include "keepalive/extension.h"

#define LIFETIME 86400u                /* seconds: none is renewed */
#define GLANCE   (5 * IKE_MILLISECOND) /* between two looks at the line */

#define SAY_CALL   'c' /* what is said on the line */
#define SAY_LEAVE  'l'
#define SAY_STATUS 's'

struct callers {
	pid_t pid;
	int line;
};

/* In the child. */
struct caller_process {
	uint32_t count;
	bool calling;
	bool *idle; /* of each: it is to be begun when they call again */
	struct callers_status status;
	struct secret *secret;
	struct keepalive_peer_settings keepalive;
	struct ike_settings ike;
	struct ike_peer_settings *peer;
	struct engine_loop *loop;
};

/* ---- the child ----------------------------------------------------------------------------------------------------- */

static void command(struct caller_process *process, enum ike_command_kind kind, uint32_t peer)
{
	const struct ike_command command = {.kind = kind, .peer = peer};

	(void)ike_command(engine_loop_core(process->loop), clock_now(), &command);
}

/* What fails is called again as well: a limit of the node that is too low is seen by how many there are. */
static void hear(void *context, const struct ike_event *event)
{
	struct caller_process *process = context;

	if (event->kind == IKE_EVENT_ESTABLISHED)
		process->status.established++;
	else if (event->kind == IKE_EVENT_FAILED)
		process->status.failed++;
	else
		return;
	if (event->peer >= process->count)
		return;
	command(process, IKE_COMMAND_CLOSE, event->peer);
	process->idle[event->peer] = !process->calling;
	if (process->calling)
		command(process, IKE_COMMAND_START, event->peer);
}

static void set_up_peer(struct caller_process *process, uint32_t index,
			const struct ike_address *gateway)
{
	struct ike_peer_settings *peer = &process->peer[index];
	struct ike_identity *identity = &peer->local_identity;

	peer->name = "caller";
	peer->secret = process->secret;
	peer->gateway[0] = *gateway;
	peer->gateways = 1;
	peer->proposals = 1;
	peer->lifetime = LIFETIME;
	peer->obey_initial_contact = true;
	peer->extension_settings = &process->keepalive;
	identity->type = IKE_ID_FQDN;
	identity->length =
	    (uint16_t)snprintf((char *)identity->data, IKE_IDENTITY_MAX, "caller%u.example", index);
	process->idle[index] = true;
}

static bool open_loop(struct caller_process *process, uint32_t count,
		      const struct ike_address *gateway, struct fault *fault)
{
	const struct ike_address listen = {.family = IKE_FAMILY_IPV4};
	struct keepalive_settings asks;

	process->count = count;
	process->peer = calloc(count, sizeof(*process->peer));
	process->idle = calloc(count, sizeof(*process->idle));
	process->secret =
	    secret_init() ? secret_new(octets_of(BENCH_NODE_SECRET, sizeof(BENCH_NODE_SECRET) - 1))
			  : NULL;
	if (process->peer == NULL || process->idle == NULL || process->secret == NULL)
		return fault_say(fault, "no memory for %u callers", count);
	keepalive_settings_default(&asks);
	asks.mode = KEEPALIVE_OFF; /* nobody lives long enough */
	recovery_settings_default(&process->keepalive.recovery);
	if (keepalive_plan(&asks, &process->keepalive.plan, fault->text, sizeof(fault->text)) !=
	    KEEPALIVE_PLAN_OK)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		set_up_peer(process, i, gateway);
		if (!ike_proposal_parse(FLEET_PROPOSAL, &process->peer[i].proposal[0]))
			return fault_say(fault, "%s cannot be negotiated", FLEET_PROPOSAL);
	}
	ike_limits_default(&process->ike.limits);
	process->ike.limits.sas = 4 * count;
	process->ike.limits.handshakes = 16 * count; /* an eighth is for those that we begin */
	process->ike.peer = process->peer;
	process->ike.peers = count;
	process->ike.extension = keepalive_extension();
	process->loop = engine_loop_new(&process->ike, &listen, hear, process, fault);
	return process->loop != NULL;
}

static void call_all(struct caller_process *process)
{
	process->calling = true;
	for (uint32_t i = 0; i < process->count; i++)
		if (process->idle[i]) {
			process->idle[i] = false;
			command(process, IKE_COMMAND_START, i);
		}
}

static void tell_status(struct caller_process *process, int line)
{
	process->status.busy = 0;
	for (uint32_t i = 0; i < process->count; i++)
		process->status.busy += !process->idle[i];
	if (write(line, &process->status, sizeof(process->status)) !=
	    (ssize_t)sizeof(process->status))
		_exit(1);
}

static int be_callers(uint32_t count, const struct ike_address *gateway, int line)
{
	static struct caller_process process;
	struct fault fault = {.text = ""};
	bool good;

	good = process_pin(PROCESS_LOAD) ? open_loop(&process, count, gateway, &fault)
					 : fault_say(&fault, "it cannot be pinned to a processor");
	if (write(line, &fault, sizeof(fault)) != (ssize_t)sizeof(fault) || !good)
		return 1;
	for (;;) {
		char said;
		ssize_t got = recv(line, &said, 1, MSG_DONTWAIT);

		if (got == 0)
			return 0; /* whoever measures has ended */
		if (got == 1 && said == SAY_STATUS)
			tell_status(&process, line);
		else if (got == 1 && said == SAY_CALL)
			call_all(&process);
		else if (got == 1 && said == SAY_LEAVE)
			process.calling = false;
		else
			engine_loop_run(process.loop, clock_now() + GLANCE);
	}
}

/* ---- whoever measures ---------------------------------------------------------------------------------------------- */

struct callers *callers_start(uint32_t count, const struct ike_address *gateway,
			      struct fault *fault)
{
	struct callers *callers = calloc(1, sizeof(*callers));
	struct fault said;
	int line[2];

	if (callers == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) {
		free(callers);
		fault_say(fault, "no memory for another process");
		return NULL;
	}
	(void)process_processors(); /* before anybody is pinned */
	callers->line = line[0];
	callers->pid = fork();
	if (callers->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		process_keep_open(&line[1], 1);
		_exit(be_callers(count, gateway, line[1]));
	}
	close(line[1]);
	if (callers->pid > 0 &&
	    recv(callers->line, &said, sizeof(said), MSG_WAITALL) == (ssize_t)sizeof(said)) {
		if (said.text[0] == '\0')
			return callers;
		*fault = said;
	} else {
		fault_say(fault, "no callers: %s",
			  callers->pid < 0 ? strerror(errno) : "their process has ended");
	}
	callers_stop(callers);
	return NULL;
}

void callers_stop(struct callers *callers)
{
	if (callers == NULL)
		return;
	close(callers->line);
	if (callers->pid > 0) {
		kill(callers->pid, SIGKILL);
		(void)waitpid(callers->pid, NULL, 0);
	}
	free(callers);
}

pid_t callers_pid(const struct callers *callers)
{
	return callers->pid;
}

static bool say(const struct callers *callers, char word)
{
	return send(callers->line, &word, 1, MSG_NOSIGNAL) == 1;
}

bool callers_call(struct callers *callers, bool call)
{
	return say(callers, call ? SAY_CALL : SAY_LEAVE);
}

bool callers_status(struct callers *callers, struct callers_status *status)
{
	return say(callers, SAY_STATUS) && recv(callers->line, status, sizeof(*status),
						MSG_WAITALL) == (ssize_t)sizeof(*status);
}
