/* SPDX-License-Identifier: ISC */
/*
 * verb_ping.c - ping(8) for IKE: one peer from the command line, Phase 1, then one R-U-THERE each interval.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/node/node.h"
#include "interop/one_peer.h"
#include "interop/options.h"
#include "interop/ping_statistics.h"
#include "interop/verb.h"

struct options {
	struct one_peer peer;
	const char *capture;
	uint32_t count;
	ike_time interval, timeout;
	bool json, messages;
};

struct ping {
	struct options options;
	struct config *config;
	struct node *node;
	struct event timer;
	struct ping_statistics statistics;
	struct fault fault; /* why it ended before its time; empty: it did not */
	struct one_peer_phase_1 phase_1;
	char gateway[IKE_ADDRESS_TEXT];
	ike_time started;
	bool established;
};

static const struct options_verb verb = {
    .name = "ping",
    .operands = "GATEWAY",
    .purpose = "Makes Phase 1 with an IKEv1 gateway, then asks R-U-THERE (RFC 3706) once an "
	       "interval and prints a line\n"
	       "per answer. Exit status 0 if anything was answered, 1 if not, 2 for a command line "
	       "that is wrong.",
    .examples =
	"  ruthere ping 192.0.2.1 --secret-file gw.psk\n"
	"  ruthere ping gw.example -c 5 -i 0.5 --secret-file gw.psk --proposal "
	"aes128-sha1-modp2048\n"
	"  ruthere ping 2001:db8::1 --secret 0x6f70656e20736573616d65 --capture evidence\n"
	"  ruthere ping gw.example --authentication rsa --key our.key --certificate our.pem "
	"--authorities lab.pem\n"
	"  ruthere ping 192.0.2.1 --exchange aggressive-psk --secret-file gw.psk --identity "
	"key-id:lab\n",
    .least = 1,
    .most = 1,
};

static void end(struct ping *ping)
{
	event_del(&ping->timer);
	node_stop(ping->node, 0); /* the status is decided by what was answered */
}

/* ---- what is asked ------------------------------------------------------------------------------------------------- */

static bool all_sent(const struct ping *ping)
{
	return ping->options.count != 0 && ping->statistics.sent >= ping->options.count;
}

static void ask(struct ping *ping)
{
	const struct ike_command command = {.kind = IKE_COMMAND_ASK_NOW, .peer = 0};
	struct timeval pause;

	if (all_sent(ping)) {
		end(ping);
		return;
	}
	if (!node_command(ping->node, &command)) {
		fault_say(&ping->fault, "the SA is gone");
		end(ping);
		return;
	}
	/* the statistics count this one when its event comes, so the last is the one that makes the count full */
	pause = clock_span(0, ping->options.count != 0 &&
				      ping->statistics.sent + 1 >= ping->options.count
				  ? ping->options.timeout
				  : ping->options.interval);
	event_add(&ping->timer, &pause);
}

static void on_timer(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	ask(context);
}

/* ---- what is heard ------------------------------------------------------------------------------------------------- */

static void established(struct ping *ping, const struct ike_event *event)
{
	char proposal[64];

	ping->established = true;
	ike_proposal_text(&event->proposal, proposal, sizeof(proposal));
	if (!ping->options.json)
		printf("Phase 1 with %s in %.1f ms: %s, identity %s, keepalive %s\n", ping->gateway,
		       (double)(event->at - ping->started) / 1e3, proposal, event->text,
		       event->supported ? "yes" : "no");
	if (event->supported) {
		ask(ping);
		return;
	}
	fault_say(
	    &ping->fault,
	    "%s did not announce the keepalive's vendor ID, so no R-U-THERE may be sent to it "
	    "(RFC 3706 section 5.1)",
	    ping->gateway);
	end(ping);
}

static void alive(struct ping *ping, const struct ike_event *event)
{
	double milliseconds;
	bool known = ping_statistics_answered(&ping->statistics, event->report.number, event->at,
					      &milliseconds);

	if (!ping->options.json && known)
		printf("R-U-THERE-ACK from %s: number=%u time=%.1f ms\n", ping->gateway,
		       event->report.number, milliseconds);
	fflush(stdout);
	if (all_sent(ping) && ping_statistics_is_settled(&ping->statistics))
		end(ping);
}

static void report(struct ping *ping, const struct ike_event *event)
{
	if (event->report.kind == IKE_REPORT_ASKED)
		ping_statistics_sent(&ping->statistics, event->report.number, event->at);
	else if (event->report.kind == IKE_REPORT_ALIVE)
		alive(ping, event);
}

static void peer_says(struct ping *ping, const struct ike_event *event)
{
	const char *name = ike_notify_name(event->notify_type);

	ping->phase_1.said = name != NULL ? name : "an error without a name";
	if (!ping->options.json)
		printf("%s says %s%s\n", ping->gateway, ping->phase_1.said,
		       event->authenticated ? "" : " (unauthenticated)");
}

static void on_event(void *context, const struct ike_event *event)
{
	struct ping *ping = context;

	switch (event->kind) {
	case IKE_EVENT_KEYS:
		ping->phase_1.keys = true;
		break;
	case IKE_EVENT_ESTABLISHED:
		if (!ping->established)
			established(ping, event);
		break;
	case IKE_EVENT_PEER_SAYS:
		peer_says(ping, event);
		break;
	case IKE_EVENT_FAILED:
		if (event->initiator && !ping->established) {
			one_peer_explain(&ping->phase_1, event, &ping->fault);
			end(ping);
		}
		break;
	case IKE_EVENT_DELETED:
		if (event->why != IKE_WHY_CLOSED && event->why != IKE_WHY_REPLACED) {
			fault_say(&ping->fault, "the SA is gone: %s", ike_why_text(event->why));
			end(ping);
		}
		break;
	case IKE_EVENT_REPORT:
		report(ping, event);
		break;
	default:
		break;
	}
}

/* ---- what is wanted ------------------------------------------------------------------------------------------------ */

static bool configure(struct ping *ping, const char *gateway, struct fault *fault)
{
	const struct options *options = &ping->options;
	const struct config_peer *peer =
	    one_peer_add(&options->peer, ping->config, gateway, options->timeout, fault);

	if (peer == NULL)
		return false;
	ping->phase_1.gateway = peer->ike.gateway[0];
	ping->phase_1.psk = peer->authentication == CONFIG_PSK;
	ike_address_text(&peer->ike.gateway[0], ping->gateway, sizeof(ping->gateway));
	return one_peer_finish(&options->peer, ping->config, fault);
}

static struct node *node_at(struct ping *ping, const struct node_settings *settings, uint16_t port,
			    struct fault *fault)
{
	one_peer_listen(ping->config, port);
	return node_new(settings, fault);
}

/* Some gateways answer port 500 only, so that is what is tried where the user does not say. */
static bool open_node(struct ping *ping, struct fault *fault)
{
	const struct node_settings settings = {
	    .config = ping->config,
	    .log = {.out = ping->options.json ? stdout : NULL, .json = true},
	    .epoch = ping->started,
	    .capture = ping->options.capture,
	    .messages = ping->options.messages,
	    .on_event = on_event,
	    .context = ping,
	};
	const uint32_t port = ping->options.peer.local_port;
	bool said = port != ONE_PEER_PORT_UNSAID;

	ping->node = node_at(ping, &settings, said ? (uint16_t)port : IKE_PORT, fault);
	if (ping->node == NULL && !said) {
		fprintf(stderr, "ruthere ping: %s; asking from another port\n", fault->text);
		ping->node = node_at(ping, &settings, 0, fault);
	}
	return ping->node != NULL;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static int finish(struct ping *ping)
{
	if (ping->options.json) {
		json_t *line = event_json_own("statistics", clock_now(), ping->started);

		ping_statistics_add(&ping->statistics, line);
		json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(line);
	} else if (ping->established) {
		ping_statistics_print(&ping->statistics, ping->gateway, stdout);
	}
	fflush(stdout);
	if (ping->fault.text[0] != '\0')
		fprintf(stderr, "ruthere ping: %s\n", ping->fault.text);
	return ping->statistics.answered > 0 ? 0 : 1;
}

static int run(struct ping *ping, const char *gateway)
{
	const struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};
	struct fault fault;
	int status;

	if (!configure(ping, gateway, &fault)) {
		fprintf(stderr, "ruthere ping: %s\n", fault.text);
		return 2;
	}
	one_peer_warn(ping->config, "ping");
	if (ping->options.capture != NULL)
		fprintf(stderr, "ruthere ping: the keys are written to %s/%s, as you asked\n",
			ping->options.capture, CAPTURE_KEYS);
	if (!open_node(ping, &fault)) {
		fprintf(stderr, "ruthere ping: %s\n", fault.text);
		return 1;
	}
	if (evtimer_assign(&ping->timer, node_base(ping->node), on_timer, ping) != 0)
		abort(); /* only a wrong argument can do that */
	(void)node_command(ping->node, &start);
	(void)node_run(ping->node);
	status = finish(ping);
	node_free(ping->node);
	return status;
}

int verb_ping(int argc, char **argv)
{
	struct ping ping = {.started = clock_now()};
	struct options *o = &ping.options;
	const struct options_row own[] = {
	    {'c', "count", OPTIONS_NUMBER, &o->count, "COUNT", "stop after so many (0: never)",
	     1000000},
	    {'i', "interval", OPTIONS_DURATION, &o->interval, "TIME", "between two of them (1s)",
	     0},
	    {'W', "timeout", OPTIONS_DURATION, &o->timeout, "TIME",
	     "for Phase 1, and for the last answer (5s)", 0},
	    {0, "capture", OPTIONS_TEXT, &o->capture, "DIR",
	     "write captures, events and KEYS to this directory", 0},
	    {0, "json", OPTIONS_FLAG, &o->json, NULL, "events as JSON lines", 0},
	    {0, "messages", OPTIONS_FLAG, &o->messages, NULL,
	     "with --json or --capture: every message", 0},
	};
	struct options_row rows[ONE_PEER_ROWS + sizeof(own) / sizeof(own[0])];
	enum options_result result;
	int status;

	one_peer_begin(&o->peer, rows);
	memcpy(&rows[ONE_PEER_ROWS], own, sizeof(own));
	o->interval = IKE_SECOND;
	o->timeout = 5 * IKE_SECOND;
	result = options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	if (result != OPTIONS_RUN) {
		one_peer_end(&o->peer);
		return OPTIONS_EXIT(result);
	}
	ping.config = config_new();
	if (ping.config == NULL)
		abort();
	status = run(&ping, argv[optind]);
	config_free(ping.config);
	one_peer_end(&o->peer);
	return status;
}
