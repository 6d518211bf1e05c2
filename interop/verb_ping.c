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

#include "interop/capture.h"
#include "interop/clock.h"
#include "interop/config/config_credentials.h"
#include "interop/config/config_values.h"
#include "interop/node.h"
#include "interop/options.h"
#include "interop/ping_statistics.h"
#include "interop/verb.h"

#define PORT_UNSAID UINT32_MAX

struct options {
	char *secret;
	const char *secret_file, *identity, *peer_identity, *capture;
	const char *authentication, *exchange, *file[CONFIG_FILES];
	struct options_list proposals;
	uint32_t count, port, local_port;
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
	const char *said;   /* the last error notification of the peer; NULL: none */
	char gateway[IKE_ADDRESS_TEXT];
	ike_time started;
	bool keys, established;
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

	ping->said = name != NULL ? name : "an error without a name";
	if (!ping->options.json)
		printf("%s says %s%s\n", ping->gateway, ping->said,
		       event->authenticated ? "" : " (unauthenticated)");
}

/* The likeliest cause comes from how far the exchange got. */
static void explain_failure(struct ping *ping, const struct ike_event *event)
{
	const bool psk = ping->config->peer[0].authentication == CONFIG_PSK;

	if (psk &&
	    (event->verdict == IKE_UNREADABLE || event->verdict == IKE_AUTHENTICATION_FAILED))
		fault_say(&ping->fault, "Phase 1 failed: the secrets differ (%s, %s)",
			  ike_verdict_sentence(event->verdict),
			  ike_verdict_section(event->verdict));
	else if (event->verdict != IKE_ACCEPTED)
		fault_say(&ping->fault, "Phase 1 failed: %s (%s)",
			  ike_verdict_sentence(event->verdict),
			  ike_verdict_section(event->verdict));
	else if (ping->said != NULL && strcmp(ping->said, "NO-PROPOSAL-CHOSEN") == 0)
		fault_say(
		    &ping->fault,
		    "Phase 1 failed: the peer said NO-PROPOSAL-CHOSEN; offer what it accepts with "
		    "--proposal");
	else if (ping->keys)
		fault_say(
		    &ping->fault,
		    "Phase 1 failed: %s answered until there were keys and then fell silent%s%s: "
		    "most likely %s, or it does not accept our identity",
		    ping->gateway, ping->said != NULL ? ", saying " : "",
		    ping->said != NULL ? ping->said : "",
		    psk ? "the secrets differ" : "it does not believe our certificate");
	else if (ping->said != NULL)
		fault_say(&ping->fault, "Phase 1 failed: the peer said %s", ping->said);
	else
		fault_say(&ping->fault, "Phase 1 failed: no answer from %s", ping->gateway);
}

static void on_event(void *context, const struct ike_event *event)
{
	struct ping *ping = context;

	switch (event->kind) {
	case IKE_EVENT_KEYS:
		ping->keys = true;
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
			explain_failure(ping, event);
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

static bool read_proposals(const struct options_list *list, struct config_peer *peer,
			   struct fault *fault)
{
	for (size_t i = 0; i < list->count; i++)
		if (!value_proposal(list->item[i], &peer->ike.proposal[i], fault))
			return false;
	if (list->count > 0)
		peer->ike.proposals = list->count;
	return true;
}

static bool read_secret(const struct options *options, struct config_peer *peer,
			struct fault *fault)
{
	const bool given = options->secret != NULL || options->secret_file != NULL;

	if (options->secret != NULL && options->secret_file != NULL)
		return fault_say(fault, "give one of --secret-file FILE and --secret SECRET");
	if (!given && peer->authentication == CONFIG_PSK)
		return fault_say(fault, "give one of --secret-file FILE and --secret SECRET, or "
					"--authentication rsa (or ecdsa), --key, --certificate and "
					"--authorities");
	if (!given)
		return true;
	peer->secret = options->secret_file != NULL ? value_secret_file(options->secret_file, fault)
						    : value_secret(options->secret, NULL, fault);
	return peer->secret != NULL;
}

static bool read_authentication(const struct options *options, struct config_peer *peer,
				struct fault *fault)
{
	for (size_t i = 0; i < CONFIG_FILES; i++)
		if (options->file[i] != NULL && (peer->file[i] = strdup(options->file[i])) == NULL)
			return fault_say(fault, "no memory");
	return (options->authentication == NULL ||
		value_authentication(options->authentication, &peer->authentication, fault)) &&
	       (options->exchange == NULL ||
		value_exchange(options->exchange, &peer->exchange, fault)) &&
	       read_secret(options, peer, fault);
}

/* What is asked of a file in its own words is asked here in those of the command line. */
static bool check_identity(const struct options *options, const struct config_peer *peer,
			   struct fault *fault)
{
	return peer->exchange != CONFIG_AGGRESSIVE_PSK || options->identity != NULL ||
	       fault_say(fault, "give --identity ID: Aggressive Mode says who we are in its first "
				"message");
}

static bool check(struct config *config, struct config_peer *peer, struct fault *fault)
{
	return config_check_peer(config, peer, fault) &&
	       config_read_credentials(config, peer, NULL, fault) && config_finish(config, fault);
}

static bool configure(struct ping *ping, const char *gateway, struct fault *fault)
{
	const struct options *options = &ping->options;
	struct config_peer *peer = config_add_peer(ping->config, gateway);
	struct ike_address *address;

	if (peer == NULL)
		return fault_say(fault, "no memory");
	address = &peer->ike.gateway[0];
	peer->keepalive.mode = KEEPALIVE_OFF; /* this verb asks by itself */
	peer->extension.recovery.connect_at_start = false;
	peer->extension.recovery.on_death = RECOVERY_CLEAR;
	peer->extension.recovery.attempts = 1;
	peer->extension.recovery.attempt_timeout = options->timeout;
	if (!value_gateway(gateway, address, fault) || !read_authentication(options, peer, fault) ||
	    !read_proposals(&options->proposals, peer, fault))
		return false;
	if (options->identity != NULL &&
	    !value_identity(options->identity, &peer->ike.local_identity, fault))
		return false;
	if (options->peer_identity != NULL &&
	    !value_identity(options->peer_identity, &peer->ike.remote_identity, fault))
		return false;
	if (options->port != PORT_UNSAID)
		address->port = (uint16_t)options->port;
	peer->ike.gateways = 1;
	ike_address_text(address, ping->gateway, sizeof(ping->gateway));
	ping->config->listens = 1;
	ping->config->listen[0].family = address->family;
	return check_identity(options, peer, fault) && check(ping->config, peer, fault);
}

/* From another port than 500 there is no NAT traversal: whoever asks from there is not taken for somebody who floats. */
static struct node *node_at(struct ping *ping, const struct node_settings *settings, uint16_t port,
			    struct fault *fault)
{
	ping->config->listens = 1;
	ping->config->listen[0].port = port;
	config_listen_for_nat_t(ping->config);
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
	bool said = ping->options.local_port != PORT_UNSAID;

	ping->node =
	    node_at(ping, &settings, said ? (uint16_t)ping->options.local_port : IKE_PORT, fault);
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
	/* what is wrong with a certificate is why the gateway will refuse us */
	for (size_t i = 0;
	     ping->config->peer[0].authentication != CONFIG_PSK && i < ping->config->warnings; i++)
		fprintf(stderr, "ruthere ping: warning: %s\n", ping->config->warning[i]);
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
	const struct options_row rows[] = {
	    {0, "secret-file", OPTIONS_TEXT, &o->secret_file, "FILE",
	     "the pre-shared key, in a file of yours alone", 0},
	    {0, "secret", OPTIONS_SECRET, &o->secret, "SECRET",
	     "the pre-shared key: text, or 0x and hex", 0},
	    {0, "authentication", OPTIONS_TEXT, &o->authentication, "HOW",
	     "psk, or rsa or ecdsa with the following (psk)", 0},
	    {0, "key", OPTIONS_TEXT, &o->file[CONFIG_KEY], "FILE",
	     "our private key, PEM, in a file of yours alone", 0},
	    {0, "certificate", OPTIONS_TEXT, &o->file[CONFIG_CERTIFICATE], "FILE",
	     "ours, and those between it and the authority", 0},
	    {0, "authorities", OPTIONS_TEXT, &o->file[CONFIG_AUTHORITIES], "FILE",
	     "whom to believe", 0},
	    {0, "revocations", OPTIONS_TEXT, &o->file[CONFIG_REVOCATIONS], "FILE",
	     "their revocation lists: one for every authority", 0},
	    {0, "exchange", OPTIONS_TEXT, &o->exchange, "NAME",
	     "main, aggressive, or aggressive-psk (main)", 0},
	    {0, "proposal", OPTIONS_LIST, &o->proposals, "P",
	     "such as aes128-sha1-modp2048; more than once: in order", 0},
	    {'c', "count", OPTIONS_NUMBER, &o->count, "COUNT", "stop after so many (0: never)",
	     1000000},
	    {'i', "interval", OPTIONS_DURATION, &o->interval, "TIME", "between two of them (1s)",
	     0},
	    {'W', "timeout", OPTIONS_DURATION, &o->timeout, "TIME",
	     "for Phase 1, and for the last answer (5s)", 0},
	    {0, "identity", OPTIONS_TEXT, &o->identity, "ID",
	     "who we are: fqdn:..., user-fqdn:..., key-id:... (our address)", 0},
	    {0, "peer-identity", OPTIONS_TEXT, &o->peer_identity, "ID",
	     "who the gateway must be (anyone with the secret)", 0},
	    {0, "port", OPTIONS_NUMBER, &o->port, "N", "the gateway's UDP port (500)", 65535},
	    {0, "local-port", OPTIONS_NUMBER, &o->local_port, "N",
	     "ours; 0: any (500, if it can be had)", 65535},
	    {0, "capture", OPTIONS_TEXT, &o->capture, "DIR",
	     "write captures, events and KEYS to this directory", 0},
	    {0, "json", OPTIONS_FLAG, &o->json, NULL, "events as JSON lines", 0},
	    {0, "messages", OPTIONS_FLAG, &o->messages, NULL,
	     "with --json or --capture: every message", 0},
	};
	enum options_result result;
	int status;

	o->interval = IKE_SECOND;
	o->timeout = 5 * IKE_SECOND;
	o->port = o->local_port = PORT_UNSAID;
	result = options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	ping.config = config_new();
	if (ping.config == NULL)
		abort();
	status = run(&ping, argv[optind]);
	config_free(ping.config);
	if (o->secret != NULL) {
		secret_wipe(o->secret, strlen(o->secret));
		free(o->secret);
	}
	return status;
}
