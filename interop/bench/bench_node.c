/* SPDX-License-Identifier: ISC */
#include "interop/bench/bench_node.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/bench/process.h"
#include "interop/config/config.h"
#include "interop/node/clock.h"
#include "interop/node/node.h"

/* What the child says once it is ready. */
struct ready {
	bool good;
	struct ike_address address;
	struct fault fault;
};

struct bench_node {
	pid_t pid;
	int line;
	struct ike_address address;
};

/* ---- the child ----------------------------------------------------------------------------------------------------- */

struct child {
	const struct bench_node_settings *settings;
	struct node *node;
	struct bench_node_status status;
	int line;
};

static void on_event(void *context, const struct ike_event *event)
{
	struct child *child = context;

	if (event->kind != IKE_EVENT_REPORT)
		return;
	switch (event->report.kind) {
	case IKE_REPORT_ASKED:
		child->status.asked++;
		break;
	case IKE_REPORT_ANSWERED:
		child->status.answered++;
		break;
	case IKE_REPORT_ALIVE:
		child->status.alive++;
		break;
	case IKE_REPORT_DEAD:
		child->status.dead++;
		break;
	default:
		break;
	}
}

static struct config *configure(const struct bench_node_settings *settings, struct fault *fault)
{
	struct config *config = config_new();
	struct config_peer *peer = config == NULL ? NULL : config_add_peer(config, "fleet");

	if (peer == NULL) {
		config_free(config);
		fault_say(fault, "no memory");
		return NULL;
	}
	/* nobody shakes hands, but a peer without a secret is none */
	peer->secret = secret_new(octets_of("0123456789abcdef of the fleet", 29));
	peer->ike.nat_traversal = false;
	peer->ike.proposals = 1;
	peer->keepalive = settings->keepalive;
	config->ike.allow_import = true;
	config->ike.limits.sas = settings->sas + 1;
	config->ipsec = STORE_NONE;
	config->listens = 1;
	if (peer->secret == NULL || !ike_proposal_parse(FLEET_PROPOSAL, &peer->ike.proposal[0]) ||
	    !ike_address_from_text("127.0.0.1", &config->listen[0]) ||
	    !config_check_peer(config, peer, fault) || !config_finish(config, fault)) {
		config_free(config);
		return NULL;
	}
	config->listen[0].port = 0;
	return config;
}

static bool put_in(struct child *child, struct fault *fault)
{
	const struct bench_node_settings *settings = child->settings;
	struct fleet *fleet = fleet_new(settings->seed);
	struct ike_import import;
	const struct ike_command command = {.kind = IKE_COMMAND_IMPORT, .import = &import};
	bool good = fleet != NULL;

	memset(&import, 0, sizeof(import));
	for (uint32_t i = 0; good && i < settings->sas; i++) {
		fleet_import(fleet, i, settings->port, &import);
		import.local = udp_address(node_udp(child->node), 0);
		good = node_command(child->node, &command);
		if (!good)
			fault_say(fault, "SA %u of %u could not be put in: memory?", i,
				  settings->sas);
	}
	fleet_free(fleet);
	return good;
}

static void tell_status(struct child *child)
{
	struct ike_status status;

	ike_status(node_core(child->node), &status);
	child->status.established = status.established;
	child->status.datagrams_in = status.counter[IKE_COUNT_DATAGRAMS_IN];
	child->status.datagrams_out = status.counter[IKE_COUNT_DATAGRAMS_OUT];
	child->status.refused = child->status.datagrams_in - status.verdict[IKE_ACCEPTED];
	if (write(child->line, &child->status, sizeof(child->status)) !=
	    (ssize_t)sizeof(child->status))
		_exit(1);
}

/* Each octet is a question; the end of the line is the end. */
static void on_line(evutil_socket_t line, short what, void *context)
{
	char question;

	(void)what;
	if (read(line, &question, 1) != 1)
		_exit(0); /* an orderly end would send a Delete for every SA */
	tell_status(context);
}

static int run_child(const struct bench_node_settings *settings, int line)
{
	struct child child = {.settings = settings, .line = line};
	struct ready ready;
	struct config *config;
	struct event *event;

	memset(&ready, 0, sizeof(ready));
	(void)process_pin(PROCESS_NODE);
	config = configure(settings, &ready.fault);
	if (config != NULL) {
		const struct node_settings node_settings = {
		    .config = config,
		    .epoch = clock_now(),
		    .confine = !settings->unconfined,
		    .on_event = on_event,
		    .context = &child,
		};

		child.node = node_new(&node_settings, &ready.fault);
	}
	ready.good = child.node != NULL && put_in(&child, &ready.fault);
	if (ready.good)
		ready.address = udp_address(node_udp(child.node), 0);
	if (write(line, &ready, sizeof(ready)) != (ssize_t)sizeof(ready) || !ready.good)
		return 1;
	event = event_new(node_base(child.node), line, EV_READ | EV_PERSIST, on_line, &child);
	if (event == NULL || event_add(event, NULL) != 0)
		return 1;
	node_start(child.node);
	return node_run(child.node);
}

/* ---- the parent ---------------------------------------------------------------------------------------------------- */

struct bench_node *bench_node_start(const struct bench_node_settings *settings, struct fault *fault)
{
	struct bench_node *node = calloc(1, sizeof(*node));
	struct ready ready = {.good = false};
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
		close(line[0]);
		_exit(run_child(settings, line[1]));
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

void bench_node_stop(struct bench_node *node)
{
	if (node == NULL)
		return;
	close(node->line);
	if (node->pid > 0) {
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

bool bench_node_status(struct bench_node *node, struct bench_node_status *status)
{
	return send(node->line, "s", 1, MSG_NOSIGNAL) == 1 &&
	       recv(node->line, status, sizeof(*status), MSG_WAITALL) == (ssize_t)sizeof(*status);
}
