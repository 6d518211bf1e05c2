/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ike/cookie.h"
#include "interop/config/config_values.h"
#include "interop/node/announce.h"
#include "interop/node/broom.h"
#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/node/memory.h"
#include "interop/impair/impair.h"
#include "interop/node/node.h"
#include "interop/workers/crew.h"
#include "interop/options.h"
#include "interop/verb.h"

struct serve {
	const char *config;
	const char *capture;
	bool json, messages, verbose, check;
	struct options_list impair;
	bool impaired, impairment[IMPAIRMENTS];
	const char *workers;
};

static const struct options_verb verb = {
    .name = "serve",
    .operands = "",
    .purpose = "Answers whoever the configuration has a secret for, and keeps the configured peers "
	       "alive, until\n"
	       "SIGTERM or SIGINT; then deletes its SAs politely.",
    .examples = "  ruthere serve -c /etc/ruthere.conf\n"
		"  ruthere serve -c bakeoff.conf --capture evidence --messages\n"
		"  ruthere serve -c bakeoff.conf --json | jq 'select(.event == \"dead\")'\n",
};

static int fail(const struct fault *fault, int status)
{
	fprintf(stderr, "ruthere serve: %s\n", fault->text);
	return status;
}

static void print_warnings(const struct config *config, const char *capture)
{
	for (size_t i = 0; i < config->warnings; i++)
		fprintf(stderr, "ruthere serve: warning: %s\n", config->warning[i]);
	if (capture != NULL)
		fprintf(stderr,
			"ruthere serve: the keys of all SAs are written to %s%s/%s, as you asked: "
			"whoever reads that "
			"file reads the traffic\n",
			capture, config->workers > 1 ? "/worker-*" : "", CAPTURE_KEYS);
}

static int list_impairments(void)
{
	for (size_t i = 0; i < IMPAIRMENTS; i++)
		printf("%-36s%s\n", impairment_name((enum impairment)i),
		       impairment_sentence((enum impairment)i));
	return 0;
}

static bool parse_impairments(struct serve *serve, struct fault *fault)
{
	for (size_t i = 0; i < serve->impair.count; i++) {
		enum impairment impairment;

		if (!impairment_parse(serve->impair.item[i], &impairment, fault))
			return false;
		serve->impaired = serve->impairment[impairment] = true;
		fprintf(stderr,
			"ruthere serve: IMPAIRED ON PURPOSE: this node %s; nobody should depend on "
			"it\n",
			impairment_sentence(impairment));
	}
	return true;
}

static bool wants_list(const struct serve *serve)
{
	for (size_t i = 0; i < serve->impair.count; i++)
		if (strcmp(serve->impair.item[i], "list") == 0)
			return true;
	return false;
}

/* Processes that were forked while there was no secret for them to inherit; NULL: none, or no longer. */
struct attendants {
	struct broom *broom;
	struct scribe *scribe;
};

/* What is remembered over a restart: `*memory` is NULL where nothing is to be. */
static bool open_memory(const struct config *config, struct attendants *attendants,
			struct memory **memory, struct fault *fault)
{
	struct scribe *scribe = attendants->scribe;

	attendants->scribe = NULL;
	*memory = NULL;
	if (config->peers_file == NULL) {
		(void)scribe_free(scribe);
		return true;
	}
	*memory = memory_new(config, scribe, fault);
	return *memory != NULL;
}

static int run_node(const struct node_settings *settings, struct memory *memory)
{
	struct fault fault;
	struct node *node = node_new(settings, &fault);
	int status;

	if (node == NULL || (memory != NULL && !memory_begin(memory, node, &fault))) {
		status = fail(&fault, 1);
	} else {
		node_start(node);
		status = node_run(node);
	}
	if (!memory_free(memory, &fault))
		status = fail(&fault, 1);
	node_free(node);
	return status;
}

static int run(const struct serve *serve, struct config *config, struct attendants *attendants,
	       ike_time epoch)
{
	struct node_settings settings = {
	    .config = config,
	    .log = {.out = stdout,
		    .json = serve->json,
		    .verbose = serve->verbose,
		    .colour = event_log_wants_colour(stdout)},
	    .epoch = epoch,
	    .capture = serve->capture,
	    .messages = serve->messages,
	    .impairments = serve->impaired ? serve->impairment : NULL,
	    .control = true,
	    .broom = attendants->broom,
	    .confine = true,
	};
	struct memory *memory;
	struct fault fault;

	if (!open_memory(config, attendants, &memory, &fault))
		return fail(&fault, 1);
	if (config->workers > 1)
		return crew_run(&settings);
	if (memory != NULL)
		settings.on_event = memory_event;
	settings.context = memory;
	return run_node(&settings, memory);
}

/* What is impaired on purpose has one story to tell; of several workers each would have its own. */
static bool set_workers(const struct serve *serve, struct config *config, struct fault *fault)
{
	struct fault detail;

	if (serve->workers != NULL &&
	    !value_number(serve->workers, 1, IKE_WORKERS_MAX, &config->workers, &detail))
		return fault_say(fault, "--workers: %s", detail.text);
	if (config->workers > 1 && serve->impaired)
		return fault_say(fault, "--impair does not go with %u workers: set workers = 1",
				 config->workers);
	if (config_check_workers(config, NULL, &detail))
		return true;
	return fault_say(fault, "%s%s", serve->workers != NULL ? "--workers: " : "", detail.text);
}

/* Of a configuration that is only checked: how soon each ping would notice that its tunnel is dead. */
static int tell_promises(const struct serve *serve, const struct config *config, ike_time epoch)
{
	struct event_log log = {.config = config,
				.out = stdout,
				.json = serve->json,
				.colour = event_log_wants_colour(stdout),
				.epoch = epoch};

	announce_pings(&log);
	return 0;
}

static int load_and_run(const struct serve *serve, struct attendants *attendants, ike_time epoch)
{
	struct fault fault;
	struct config *config = config_load(serve->config, &fault);
	int status;

	if (config == NULL)
		return fail(&fault, 2);
	if (!set_workers(serve, config, &fault)) {
		config_free(config);
		return fail(&fault, 2);
	}
	print_warnings(config, serve->capture);
	status = serve->check ? tell_promises(serve, config, epoch)
			      : run(serve, config, attendants, epoch);
	config_free(config);
	return status;
}

int verb_serve(int argc, char **argv)
{
	ike_time epoch = clock_now();
	struct serve serve = {.config = NULL};
	const struct options_row rows[] = {
	    {'c', "config", OPTIONS_TEXT, &serve.config, "FILE", "the configuration", 0},
	    {0, "check", OPTIONS_FLAG, &serve.check, NULL, "only check the configuration", 0},
	    {0, "capture", OPTIONS_TEXT, &serve.capture, "DIR",
	     "write captures, events and KEYS to this directory", 0},
	    {0, "json", OPTIONS_FLAG, &serve.json, NULL, "events as JSON lines", 0},
	    {0, "messages", OPTIONS_FLAG, &serve.messages, NULL, "a line for every message", 0},
	    {'v', "verbose", OPTIONS_FLAG, &serve.verbose, NULL,
	     "a line for every question and answer", 0},
	    {0, "workers", OPTIONS_TEXT, &serve.workers, "N",
	     "so many processes on the same ports (node { workers })", 0},
	    {0, "impair", OPTIONS_LIST, &serve.impair, "NAME",
	     "do this wrong, on purpose; may be given more than once; 'list' names all", 0},
	};
	enum options_result result =
	    options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	struct attendants attendants = {NULL, NULL};
	struct fault fault;
	int status;

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (wants_list(&serve))
		return list_impairments();
	if (!parse_impairments(&serve, &fault))
		return fail(&fault, 2);
	if (serve.config == NULL) {
		fprintf(stderr,
			"ruthere serve: --config FILE is missing\ntry: ruthere serve --help\n");
		return 2;
	}
	if (!serve.check) {
		attendants.broom = broom_new(&fault);
		attendants.scribe = attendants.broom != NULL ? scribe_new(&fault) : NULL;
	}
	status = !serve.check && attendants.scribe == NULL
		     ? fail(&fault, 1)
		     : load_and_run(&serve, &attendants, epoch);
	(void)scribe_free(attendants.scribe);
	broom_free(attendants.broom);
	return status;
}
