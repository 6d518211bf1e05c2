/* SPDX-License-Identifier: ISC */
/*
 * verb_control.c - the verbs that talk to a running serve: status, connect, close.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config.h"
#include "interop/status/control.h"
#include "interop/options.h"
#include "interop/status/status.h"
#include "interop/verb.h"

static const struct options_verb status_verb = {
    .name = "status",
    .operands = "",
    .purpose =
	"Asks a running \"ruthere serve\" what it knows: peers, SAs, plans, counters, refusals.",
    .examples = "  ruthere status\n"
		"  ruthere status --json | jq '.peers[] | {peer, state}'\n",
};

static const struct options_verb connect_verb = {
    .name = "connect",
    .operands = "PEER",
    .purpose =
	"Has a running \"ruthere serve\" call a peer of its configuration at its first gateway, "
	"which\n"
	"negotiates its tunnels too; or negotiate one tunnel again under the SA that there is.",
    .examples = "  ruthere connect gw\n"
		"  ruthere connect gw --tunnel net\n",
    .least = 1,
    .most = 1,
};

static const struct options_verb close_verb = {
    .name = "close",
    .operands = "PEER",
    .purpose = "Has a running \"ruthere serve\" delete a peer's SAs, and not call it again until "
	       "\"connect\".",
    .examples = "  ruthere close gw\n",
    .least = 1,
    .most = 1,
};

/* Prints what is said; the exit status. */
static int tell(const char *verb, const json_t *answer, bool json)
{
	bool good = json_is_true(json_object_get(answer, "ok"));
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (json) {
		json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
		putchar('\n');
	} else if (good && strcmp(verb, "status") == 0) {
		status_print(answer, stdout);
	}
	if (!good)
		fprintf(stderr, "ruthere %s: %s\n", verb,
			error != NULL ? error : "no reason given");
	return good && fflush(stdout) == 0 ? 0 : 1;
}

static int run(const struct options_verb *verb, int argc, char **argv)
{
	const char *socket = CONFIG_CONTROL, *tunnel = NULL;
	bool json = false;
	const struct options_row rows[] = {
	    {0, "socket", OPTIONS_TEXT, &socket, "PATH", "control socket (" CONFIG_CONTROL ")", 0},
	    {0, "json", OPTIONS_FLAG, &json, NULL, "the answer as JSON", 0},
	    {0, "tunnel", OPTIONS_TEXT, &tunnel, "NAME", "only this tunnel of the peer", 0},
	};
	/* the last of them is for connect alone */
	size_t count = sizeof(rows) / sizeof(rows[0]) - (verb == &connect_verb ? 0 : 1);
	enum options_result result = options_parse(verb, rows, count, argc, argv);
	json_t *request, *answer;
	struct fault fault;
	int status = 1;

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	request = json_pack("{s:s}", "verb", verb->name);
	if (verb->most > 0)
		json_object_set_new(request, "peer", json_string(argv[optind]));
	if (tunnel != NULL)
		json_object_set_new(request, "tunnel", json_string(tunnel));
	answer = control_ask(socket, request, &fault);
	if (answer != NULL)
		status = tell(verb->name, answer, json);
	else
		fprintf(stderr, "ruthere %s: %s\n", verb->name, fault.text);
	json_decref(answer);
	json_decref(request);
	return status;
}

int verb_status(int argc, char **argv)
{
	return run(&status_verb, argc, argv);
}

int verb_connect(int argc, char **argv)
{
	return run(&connect_verb, argc, argv);
}

int verb_close(int argc, char **argv)
{
	return run(&close_verb, argc, argv);
}
