/* SPDX-License-Identifier: ISC */
/*
 * verb_conform.c - the conformance suite against a gateway.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/conform/account.h"
#include "interop/conform/campaign.h"
#include "interop/conform/choice.h"
#include "interop/conform/profile.h"
#include "interop/conform/repeat.h"
#include "interop/conform/result_json.h"
#include "interop/conform/summary.h"
#include "interop/conform/target.h"
#include "interop/conform/world_udp.h"
#include "interop/one_peer.h"
#include "interop/node/privileges.h"
#include "interop/verb.h"

#define PACE_DEFAULT 50 /* datagrams per second */
#define PACE_MOST    10000

#define OWN_ROWS 21

struct options {
	struct one_peer peer;
	struct target target;
	struct choice choice;
	const char *call, *profile, *name, *version, *output;
	uint32_t pace;
	bool list, tap, json, quick;
};

struct conform {
	struct options options;
	struct config *config;
	struct trial_settings settings;
	const struct conform_case **cases;
	size_t count;
	struct profile *profile; /* NULL: there is none */
	struct account *account;
	struct summary summary;
	struct fault fault; /* why a result could not be kept; empty: all were */
	const char *gateway;
	struct options_row rows[ONE_PEER_ROWS + OWN_ROWS];
	bool terminal; /* progress can be overwritten */
};

static const struct options_verb verb = {
    .name = "conform",
    .operands = "GATEWAY [CASE...]",
    .purpose =
	"Holds a gateway's IKEv1 keepalive against RFC 3706 and what it stands on, case by case, "
	"and "
	"prints what it\n"
	"does otherwise. A CASE is an ID or its beginning; without any, all are run. Exit status 0 "
	"if "
	"nothing is\n"
	"FAIL, XPASS or INCONCLUSIVE, 1 if something is, 2 for a command line that is wrong.",
    .examples = "  ruthere conform --list\n"
		"  ruthere conform 192.0.2.1 --secret-file gw.psk\n"
		"  ruthere conform 192.0.2.1 --secret-file gw.psk --quick rfc3706/5.3\n"
		"  ruthere conform gw.example --secret-file gw.psk --call 'ssh gw.example ipsec up "
		"lab' --role "
		"initiator\n",
    .least = 0,
    .most = 64,
};

/* ---- while it runs ------------------------------------------------------------------------------------------------- */

static struct world_udp *interrupted;

static void on_signal(int number)
{
	(void)number;
	if (interrupted != NULL)
		world_udp_interrupt(interrupted);
}

static void watch_signals(struct world_udp *world)
{
	const struct sigaction action = {.sa_handler = on_signal};

	interrupted = world;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static void clear_line(const struct conform *conform)
{
	if (conform->terminal)
		fputs("\r\033[K", stderr);
}

static void on_say(void *context, const char *line)
{
	clear_line(context);
	fprintf(stderr, "ruthere conform: %s\n", line);
}

static void on_begin(void *context, size_t index, const struct conform_case *of)
{
	struct conform *conform = context;
	ike_time longest = 0;
	char text[160];

	if ((of->needs & CONFORM_NEEDS_PROBES) != 0)
		longest = conform->settings.worry;
	if ((of->needs & CONFORM_NEEDS_DEATH) != 0)
		longest += conform->settings.death;
	if (longest > 0) {
		snprintf(text, sizeof(text), "%.100s may take %.0f s", of->id,
			 (double)longest / 1e6);
		on_say(conform, text);
	}
	if (conform->terminal)
		fprintf(stderr, "\r\033[K[%zu/%zu] %s  %s", index + 1, conform->count, of->id,
			summary_counts(&conform->summary, text, sizeof(text)));
}

static bool keep(struct conform *conform, const struct conform_result *result)
{
	char *command =
	    repeat_command(conform->rows, sizeof(conform->rows) / sizeof(conform->rows[0]),
			   conform->gateway, result->of->id);
	bool kept = command != NULL
			? account_add(conform->account, result, command, &conform->fault)
			: fault_say(&conform->fault, "no memory for a report");

	free(command);
	return kept;
}

static bool on_done(void *context, size_t index, struct conform_result *result)
{
	struct conform *conform = context;

	clear_line(conform);
	if (conform->profile != NULL)
		profile_apply(conform->profile, result);
	if (conform->options.tap) {
		summary_tap(result, index + 1, stdout);
		fflush(stdout);
	}
	if (!summary_add(&conform->summary, result))
		return fault_say(&conform->fault, "no memory for one more result");
	return keep(conform, result);
}

/* ---- the verb ------------------------------------------------------------------------------------------------------ */

static int refuse(const struct fault *fault, int status)
{
	fprintf(stderr, "ruthere conform: %s\n", fault->text);
	return status;
}

static int list_json(const struct conform *conform)
{
	json_t *all = json_array();

	for (size_t i = 0; i < conform->count; i++)
		(void)json_array_append_new(all, result_json_case(conform->cases[i]));
	(void)json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int list(const struct conform *conform)
{
	if (conform->options.json)
		return list_json(conform);
	for (size_t i = 0; i < conform->count; i++)
		printf("%-44s %-6s %-9s %s\n", conform->cases[i]->id,
		       conform_level_name(conform->cases[i]->level),
		       conform_role_name(conform->cases[i]->role), conform->cases[i]->title);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* Some gateways answer port 500 only, so that is what is tried where the user does not say. */
static struct world_udp *open_world(struct conform *conform, struct fault *fault)
{
	struct config *config = conform->config;
	const uint32_t port = conform->options.peer.local_port;
	const bool said = port != ONE_PEER_PORT_UNSAID;
	struct world_udp_settings settings = {
	    .listen = config->listen,
	    .device = conform->settings.peer.gateway[0],
	    .pace = conform->options.pace,
	    .call = conform->options.call,
	    .say = on_say,
	    .context = conform,
	};
	struct world_udp *world;

	one_peer_listen(config, said ? (uint16_t)port : IKE_PORT);
	settings.listens = config->listens;
	settings.nat_t_port = config->ike.nat_t_port;
	world = world_udp_new(&settings, fault);
	if (world == NULL && !said) {
		fprintf(stderr, "ruthere conform: %s; asking from another port\n", fault->text);
		one_peer_listen(config, 0);
		settings.listens = config->listens;
		settings.nat_t_port = config->ike.nat_t_port;
		world = world_udp_new(&settings, fault);
	}
	conform->settings.ike.nat_t_port = config->ike.nat_t_port;
	return world;
}

static bool open_account(struct conform *conform, struct fault *fault)
{
	const struct options *o = &conform->options;
	const struct profile *profile = conform->profile;
	struct account_settings settings = {
	    .output = o->output,
	    .name = o->name,
	    .version = o->version,
	    .profile = o->profile,
	    .address = conform->settings.peer.gateway[0],
	    .nat_t_port = conform->settings.ike.nat_t_port,
	};
	json_t *options =
	    repeat_options(conform->rows, sizeof(conform->rows) / sizeof(conform->rows[0]));

	if (settings.name == NULL && profile != NULL)
		settings.name = profile->name;
	if (settings.name == NULL)
		settings.name = conform->gateway;
	if (settings.version == NULL && o->name == NULL && profile != NULL)
		settings.version = profile->version;
	settings.options = options;
	if (options == NULL)
		fault_say(fault, "no memory for a report");
	else
		conform->account = account_new(&settings, fault);
	json_decref(options);
	return conform->account != NULL;
}

static int finish(struct conform *conform, const struct world *world, enum campaign_end end)
{
	const struct options *o = &conform->options;
	struct fault fault;
	int status = end == CAMPAIGN_COMPLETE && summary_is_good(&conform->summary) ? 0 : 1;

	if (!account_close(conform->account, o->json ? stdout : NULL, &fault))
		status = refuse(&fault, 1);
	if (!o->tap && !o->json)
		summary_print(&conform->summary, stdout);
	if (fflush(stdout) != 0 || ferror(stdout))
		status = 1; /* nobody has read it */
	if (end == CAMPAIGN_STOPPED)
		fprintf(stderr, "ruthere conform: %s; %zu of %zu cases have no result\n",
			conform->fault.text[0] != '\0' ? conform->fault.text : world->trouble.text,
			conform->count - conform->summary.results, conform->count);
	return status;
}

static int run_in(struct conform *conform, struct world_udp *world_udp)
{
	const struct campaign campaign = {
	    .world = world_udp_world(world_udp),
	    .settings = &conform->settings,
	    .cases = conform->cases,
	    .count = conform->count,
	    .quick = conform->options.quick,
	    .can_call = conform->options.call != NULL,
	    .begin = on_begin,
	    .done = on_done,
	    .say = on_say,
	    .context = conform,
	};
	enum campaign_end end;
	struct fault fault;

	if (!open_account(conform, &fault))
		return refuse(&fault, 1);
	if (conform->options.output != NULL)
		fprintf(stderr,
			"ruthere conform: the keys of the cases' SAs are written to %s, as you "
			"asked\n",
			conform->options.output);
	if (conform->options.tap)
		summary_tap_plan(conform->count, stdout);
	end = campaign_run(&campaign, &fault);
	clear_line(conform);
	return end == CAMPAIGN_NOT_WELL ? refuse(&fault, 1) : finish(conform, campaign.world, end);
}

/*
 * What ports below 1024 are had with is not needed any more, unless root is to write files as they come, or to run the command
 * that makes the device call.
 */
static bool drop_privileges(const struct conform *conform, struct fault *fault)
{
	const struct options *o = &conform->options;
	char name[PRIVILEGES_USER];

	return o->call != NULL || (o->output != NULL && geteuid() == 0) ||
	       privileges_drop(CONFIG_USER, false, name, fault);
}

static int run(struct conform *conform)
{
	struct fault fault;
	struct world_udp *world = open_world(conform, &fault);
	int status;

	if (world == NULL)
		return refuse(&fault, 1);
	watch_signals(world);
	status = drop_privileges(conform, &fault) ? run_in(conform, world) : refuse(&fault, 1);
	account_free(conform->account);
	interrupted = NULL;
	world_udp_free(world);
	return status;
}

/* What the user says comes before what the profile says. */
static bool read_profile(struct conform *conform, struct fault *fault)
{
	struct options *o = &conform->options;
	const struct profile *profile;

	if (o->profile == NULL)
		return true;
	profile = conform->profile = profile_load(o->profile, fault);
	if (profile == NULL)
		return false;
	if (o->target.patience == 0)
		o->target.patience = profile->patience;
	if (o->target.worry == 0)
		o->target.worry = profile->worry;
	if (o->target.death == 0)
		o->target.death = profile->death;
	return true;
}

static bool choose(struct conform *conform, int operands, char **operand, struct fault *fault)
{
	struct choice *choice = &conform->options.choice;

	for (int i = 1; i < operands; i++) {
		if (choice->ids.count == OPTIONS_LIST_MAX)
			return fault_say(fault, "more than %d cases", OPTIONS_LIST_MAX);
		choice->ids.item[choice->ids.count++] = operand[i];
	}
	conform->cases = choice_make(choice, &conform->count, fault);
	return conform->cases != NULL;
}

static int settle_and_run(struct conform *conform, int operands, char **operand)
{
	struct options *o = &conform->options;
	struct fault fault;

	if (!choose(conform, operands, operand, &fault))
		return refuse(&fault, 2);
	if (o->list)
		return list(conform);
	if (operands == 0)
		fault_say(&fault, "GATEWAY is missing\ntry: ruthere conform --help");
	else if (o->tap && o->json)
		fault_say(&fault, "give one of --tap and --json");
	else if (conform->count == 0 && o->choice.again == NULL)
		fault_say(&fault, "no case is all of that: see ruthere conform --list");
	else
		conform->gateway = operand[0];
	if (conform->gateway == NULL || !read_profile(conform, &fault) ||
	    !target_settle(&o->target, &o->peer, conform->config, conform->gateway,
			   &conform->settings, &fault))
		return refuse(&fault, 2);
	if (conform->count == 0) {
		fprintf(stderr, "ruthere conform: nothing in %s needs another look\n",
			o->choice.again);
		return 0;
	}
	one_peer_warn(conform->config, "conform");
	return run(conform);
}

/* What is run, and how. */
static void add_rows(struct options *o, struct options_row rows[OWN_ROWS])
{
	const struct options_row own[OWN_ROWS] = {
	    {0, "list", OPTIONS_FLAG, &o->list, NULL, "say which cases there are, and run none", 0},
	    {0, "case", OPTIONS_LIST, &o->choice.ids, "ID", "this one, or those that begin so", 0},
	    {0, "section", OPTIONS_LIST, &o->choice.sections, "N", "5.3, 5, rfc3706/5.3", 0},
	    {0, "level", OPTIONS_LIST, &o->choice.levels, "LEVEL",
	     "MUST, SHOULD, MAY, ROBUST, INFO", 0},
	    {0, "role", OPTIONS_LIST, &o->choice.roles, "ROLE",
	     "of the device: responder, initiator", 0},
	    {0, "skip", OPTIONS_LIST, &o->choice.skip, "ID", "not this one, or those that begin so",
	     0},
	    {0, "again", OPTIONS_TEXT, &o->choice.again, "REPORT",
	     "those that need a look by this report.json", 0},
	    {0, "quick", OPTIONS_FLAG, &o->quick, NULL,
	     "not those that wait for the device's timers", 0},
	    {0, "call", OPTIONS_TEXT, &o->call, "COMMAND",
	     "makes the device call us; \"wait\": you do", 0},
	    {0, "tunnel", OPTIONS_TEXT, &o->target.tunnel, "OURS=THEIRS",
	     "what Quick Mode asks for: prefixes, or own", 0},
	    {0, "esp", OPTIONS_LIST, &o->target.esp, "P", "with that: aes128-sha1, ...", 0},
	    {0, "worry", OPTIONS_DURATION, &o->target.worry, "TIME",
	     "the device asks after that much silence (30s)", 0},
	    {0, "death", OPTIONS_DURATION, &o->target.death, "TIME",
	     "the device gives us up within that (180s)", 0},
	    {0, "patience", OPTIONS_DURATION, &o->target.patience, "TIME",
	     "how long an answer may take (2s)", 0},
	    {0, "pace", OPTIONS_NUMBER, &o->pace, "N",
	     "datagrams per second, on average (50); 0: no limit", PACE_MOST},
	    {0, "profile", OPTIONS_TEXT, &o->profile, "FILE", "what is known of the device", 0},
	    {0, "name", OPTIONS_TEXT, &o->name, "NAME", "of the device, for the report", 0},
	    {0, "version", OPTIONS_TEXT, &o->version, "V", "of the device, for the report", 0},
	    {0, "output", OPTIONS_TEXT, &o->output, "DIR",
	     "write report, captures and KEYS to this directory", 0},
	    {0, "json", OPTIONS_FLAG, &o->json, NULL, "the report, in place of the table", 0},
	    {0, "tap", OPTIONS_FLAG, &o->tap, NULL, "the results as TAP 13", 0},
	};

	memcpy(rows, own, sizeof(own));
}

int verb_conform(int argc, char **argv)
{
	struct conform conform = {.terminal = isatty(STDERR_FILENO) == 1};
	struct options *o = &conform.options;
	enum options_result result;
	int status;

	one_peer_begin(&o->peer, conform.rows);
	add_rows(o, &conform.rows[ONE_PEER_ROWS]);
	o->pace = PACE_DEFAULT;
	result = options_parse(&verb, conform.rows, ONE_PEER_ROWS + OWN_ROWS, argc, argv);
	if (result != OPTIONS_RUN) {
		one_peer_end(&o->peer);
		return OPTIONS_EXIT(result);
	}
	conform.config = config_new();
	if (conform.config == NULL)
		abort();
	status = settle_and_run(&conform, argc - optind, argv + optind);
	summary_free(&conform.summary);
	profile_free(conform.profile);
	free(conform.cases);
	config_free(conform.config);
	one_peer_end(&o->peer);
	return status;
}
