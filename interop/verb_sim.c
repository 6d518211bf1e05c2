/* SPDX-License-Identifier: ISC */
/*
 * verb_sim.c - the argument with data: four ways of noticing a death, on one simulated network.  See sim/README.md.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config_values.h"
#include "interop/options.h"
#include "interop/sim/comparison.h"
#include "interop/sim/frontier.h"
#include "interop/sim/frontier_table.h"
#include "interop/sim/plot.h"
#include "interop/sim/report.h"
#include "interop/sim/table.h"
#include "interop/verb.h"

#define DAY         (86400 * IKE_SECOND)
#define MOST_COUNT  100
#define MOST_JOBS   64
#define MOST_PEERS  1000000
#define MOST_DEATHS 10000000

struct options {
	const char *loss, *traffic, *false_deaths, *svg;
	struct options_list methods;
	uint32_t seed;
	bool json, frontier, on_demand;
	struct comparison comparison;
};

static const struct options_verb verb = {
    .name = "sim",
    .operands = "",
    .purpose =
	"Compares four ways to notice that a peer has died, on the same network in virtual time:\n"
	"R-U-THERE with a plan derived from --detect and --loss, R-U-THERE with fixed timers, "
	"one-way\n"
	"heartbeats, and a periodic ping through the tunnel. Equal options and an equal seed give\n"
	"equal results.",
    .examples = "  ruthere sim\n"
		"  ruthere sim --loss 5% --detect 10s --traffic both --svg comparison.svg\n"
		"  ruthere sim --burst 3s --method derived --method heartbeats\n"
		"  ruthere sim --frontier --svg frontier.svg\n"
		"  ruthere sim --method derived --peers 1000 --time 365d --jobs 2\n",
};

/* ---- what the options say ------------------------------------------------------------------------------------------ */

static bool read_traffic(const char *text, enum traffic *traffic, struct fault *fault)
{
	static const char *const names[] = {
	    [TRAFFIC_NONE] = "none", [TRAFFIC_OUT] = "out", [TRAFFIC_BOTH] = "both"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*traffic = i;
			return true;
		}
	}
	return fault_say(fault, "--traffic: \"%s\" is none of none, out, both", text);
}

static bool read_methods(const struct options_list *list, bool wanted[METHOD_KINDS],
			 struct fault *fault)
{
	for (unsigned kind = 0; kind < METHOD_KINDS; kind++)
		wanted[kind] = list->count == 0;
	for (size_t i = 0; i < list->count; i++) {
		enum method_kind kind;

		if (!method_by_name(list->item[i], &kind))
			return fault_say(
			    fault, "--method: \"%s\" is none of derived, fixed, heartbeats, ping",
			    list->item[i]);
		wanted[kind] = true;
	}
	return true;
}

static bool read_false_deaths(const char *text, double *deaths, struct fault *fault)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || errno != 0 || !(value > 0) || !isfinite(value))
		return fault_say(
		    fault, "--false-deaths: \"%s\" is not a number above 0, such as 0.1", text);
	*deaths = value;
	return true;
}

static bool check_time(const char *name, ike_time time, ike_time least, ike_time most,
		       struct fault *fault)
{
	if (time >= least && time <= most)
		return true;
	return fault_say(fault, "--%s: must be %.3g s to %.9g s", name,
			 (double)least / (double)IKE_SECOND, (double)most / (double)IKE_SECOND);
}

static bool check_count(const char *name, uint32_t count, uint32_t most, struct fault *fault)
{
	if (count >= 1 && count <= most)
		return true;
	return fault_say(fault, "--%s: must be 1 to %u", name, most);
}

static bool check_numbers(const struct comparison *comparison, struct fault *fault)
{
	const struct study_settings *study = &comparison->study;
	const struct network_settings *network = &study->pair.network;
	const struct method_settings *method = &comparison->method;
	const ike_time tick = IKE_MILLISECOND, least = 50 * IKE_MILLISECOND;

	if (network->jitter > network->delay)
		return fault_say(fault, "--jitter: must not be more than --delay, or some would "
					"arrive before they are sent");
	return check_time("delay", network->delay, 0, 10 * IKE_SECOND, fault) &&
	       (network->burst == 0 || check_time("burst", network->burst, tick, DAY, fault)) &&
	       check_time("traffic-interval", study->pair.traffic_interval, tick, DAY, fault) &&
	       check_time("time", study->time, 60 * IKE_SECOND, 366 * DAY, fault) &&
	       check_time("interval", method->heartbeat.interval, least, DAY, fault) &&
	       check_time("window", method->heartbeat.window, 0, DAY, fault) &&
	       check_time("ping-interval", method->ping.interval, least, DAY, fault) &&
	       check_count("misses", method->misses, MOST_COUNT, fault) &&
	       check_count("losses", method->heartbeat.losses, MOST_COUNT, fault) &&
	       check_count("ping-misses", method->ping.misses, MOST_COUNT, fault) &&
	       check_count("peers", study->peers, MOST_PEERS, fault) &&
	       check_count("jobs", study->jobs, MOST_JOBS, fault);
}

static bool read_options(struct options *options, struct fault *fault)
{
	struct comparison *comparison = &options->comparison;
	struct pair_settings *pair = &comparison->study.pair;
	struct fault why;

	if (!value_share(options->loss, &comparison->method.loss_per_mille, &why))
		return fault_say(fault, "--loss: %s", why.text);
	pair->network.loss = comparison->method.loss_per_mille / 1e3;
	pair->seed = options->seed;
	if (!read_traffic(options->traffic, &pair->traffic, fault) ||
	    !read_methods(&options->methods, comparison->wanted, fault) ||
	    !read_false_deaths(options->false_deaths, &comparison->method.false_deaths, fault) ||
	    !check_numbers(comparison, fault))
		return false;
	comparison->method.mode = options->on_demand ? KEEPALIVE_ON_DEMAND : KEEPALIVE_PERIODIC;
	if (options->on_demand && pair->traffic == TRAFFIC_NONE)
		return fault_say(fault, "--on-demand: nobody would ever ask without something to "
					"send; give --traffic out or --traffic both as well");
	return comparison_plan(comparison, fault);
}

/* ---- what is said -------------------------------------------------------------------------------------------------- */

static void print_json(json_t *report)
{
	json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(report);
}

/* Opened before hours of work, not after. */
static bool open_picture(const char *path, FILE **picture, struct fault *fault)
{
	*picture = NULL;
	if (path == NULL)
		return true;
	*picture = fopen(path, "w");
	return *picture != NULL || fault_say(fault, "--svg: %s: %s", path, strerror(errno));
}

static bool close_picture(const char *path, FILE *picture, struct fault *fault)
{
	bool good;

	if (picture == NULL)
		return true;
	good = ferror(picture) == 0;
	good = fclose(picture) == 0 && good;
	return good || fault_say(fault, "--svg: %s could not be written", path);
}

static bool run_frontier(const struct options *options, FILE *picture, struct fault *fault)
{
	struct frontier *frontier = malloc(sizeof(*frontier));
	bool good;

	if (frontier == NULL)
		return fault_say(fault, "no memory");
	good = frontier_run(&options->comparison, frontier, fault);
	if (good && options->json)
		print_json(report_frontier(frontier));
	else if (good)
		frontier_table_print(frontier, stdout);
	if (good && picture != NULL)
		plot_frontier(frontier, picture);
	free(frontier);
	return good;
}

static bool run_comparison(struct options *options, FILE *picture, struct fault *fault)
{
	if (!comparison_run(&options->comparison, fault))
		return false;
	if (options->json)
		print_json(report_comparison(&options->comparison));
	else
		table_print(&options->comparison, stdout);
	if (picture != NULL)
		plot_comparison(&options->comparison, picture);
	return true;
}

static bool run(struct options *options, struct fault *fault)
{
	FILE *picture;
	bool good;
	struct fault later;

	if (!open_picture(options->svg, &picture, fault))
		return false;
	good = options->frontier ? run_frontier(options, picture, fault)
				 : run_comparison(options, picture, fault);
	if (!close_picture(options->svg, picture, &later) && good) {
		*fault = later;
		return false;
	}
	if (good && fflush(stdout) != 0)
		return fault_say(fault, "what was found could not be written: %s", strerror(errno));
	return good;
}

/* ---- the command line ---------------------------------------------------------------------------------------------- */

static void set_defaults(struct options *options)
{
	*options =
	    (struct options){.loss = "20%", .traffic = "none", .false_deaths = "1", .seed = 1};
	options->comparison.study = (struct study_settings){
	    .pair = {.network = {.delay = 50 * IKE_MILLISECOND, .jitter = 10 * IKE_MILLISECOND},
		     .traffic_interval = 5 * IKE_SECOND},
	    .peers = 100,
	    .time = 3 * DAY,
	    .deaths = 1000,
	    .jobs = 1,
	};
	method_settings_default(&options->comparison.method);
}

static enum options_result parse(struct options *o, int argc, char **argv)
{
	struct study_settings *s = &o->comparison.study;
	struct network_settings *n = &s->pair.network;
	struct method_settings *m = &o->comparison.method;
	const struct options_row rows[] = {
	    {0, "loss", OPTIONS_TEXT, &o->loss, "SHARE", "datagrams lost, each way (20%)", 0},
	    {0, "burst", OPTIONS_DURATION, &n->burst, "TIME",
	     "losses come in bursts that last so long on average (0: each by itself)", 0},
	    {0, "delay", OPTIONS_DURATION, &n->delay, "TIME", "each way (50ms)", 0},
	    {0, "jitter", OPTIONS_DURATION, &n->jitter, "TIME",
	     "up to so much more or less delay, all equally likely (10ms)", 0},
	    {0, "traffic", OPTIONS_TEXT, &o->traffic, "HOW",
	     "in the tunnel: none, out (to the watched only), both (none)", 0},
	    {0, "traffic-interval", OPTIONS_DURATION, &s->pair.traffic_interval, "TIME",
	     "between two packets on average, each way (5s)", 0},
	    {0, "mutual", OPTIONS_FLAG, &s->pair.mutual, NULL, "each end watches the other", 0},
	    {0, "peers", OPTIONS_NUMBER, &s->peers, "N", "pairs in which nobody dies (100)",
	     MOST_PEERS},
	    {0, "time", OPTIONS_DURATION, &s->time, "TIME", "for which each of them lives (3d)", 0},
	    {0, "deaths", OPTIONS_NUMBER, &s->deaths, "N", "pairs in which somebody dies (1000)",
	     MOST_DEATHS},
	    {0, "detect", OPTIONS_DURATION, &m->detect, "TIME", "derived: the bound (20s)", 0},
	    {0, "false-deaths", OPTIONS_TEXT, &o->false_deaths, "N",
	     "derived: as many a year are acceptable (1)", 0},
	    {0, "on-demand", OPTIONS_FLAG, &o->on_demand, NULL,
	     "derived, fixed: only when there is something to send", 0},
	    {0, "worry", OPTIONS_DURATION, &m->worry, "TIME", "fixed: silence before asking (10s)",
	     0},
	    {0, "retry", OPTIONS_DURATION, &m->retry, "TIME", "fixed: between probes (2s)", 0},
	    {0, "misses", OPTIONS_NUMBER, &m->misses, "N", "fixed: unanswered probes (5)",
	     MOST_COUNT},
	    {0, "interval", OPTIONS_DURATION, &m->heartbeat.interval, "TIME",
	     "heartbeats: between two (20s)", 0},
	    {0, "losses", OPTIONS_NUMBER, &m->heartbeat.losses, "N", "heartbeats: bearable (3)",
	     MOST_COUNT},
	    {0, "window", OPTIONS_DURATION, &m->heartbeat.window, "TIME",
	     "heartbeats: how late one may be (5s)", 0},
	    {0, "ping-interval", OPTIONS_DURATION, &m->ping.interval, "TIME",
	     "ping: between two requests (10s)", 0},
	    {0, "ping-misses", OPTIONS_NUMBER, &m->ping.misses, "N",
	     "ping: unanswered ones in a row (3)", MOST_COUNT},
	    {0, "method", OPTIONS_LIST, &o->methods, "NAME",
	     "only derived, fixed, heartbeats or ping; more than once: these", 0},
	    {0, "given-only", OPTIONS_FLAG, &o->comparison.given_only, NULL,
	     "no rows with numbers tuned to the same aim", 0},
	    {0, "frontier", OPTIONS_FLAG, &o->frontier, NULL,
	     "false deaths and messages for bounds from 5 s to 90 s", 0},
	    {0, "seed", OPTIONS_NUMBER, &o->seed, "N", "another seed, another run (1)", UINT32_MAX},
	    {0, "jobs", OPTIONS_NUMBER, &s->jobs, "N", "threads; results do not depend on it (1)",
	     MOST_JOBS},
	    {0, "json", OPTIONS_FLAG, &o->json, NULL, "the results as JSON", 0},
	    {0, "svg", OPTIONS_TEXT, &o->svg, "FILE", "and as a picture", 0},
	};

	return options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
}

int verb_sim(int argc, char **argv)
{
	struct options options;
	enum options_result result;
	struct fault fault;

	set_defaults(&options);
	result = parse(&options, argc, argv);
	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (!read_options(&options, &fault)) {
		fprintf(stderr, "ruthere sim: %s\n", fault.text);
		return 2;
	}
	if (!run(&options, &fault)) {
		fprintf(stderr, "ruthere sim: %s\n", fault.text);
		return 1;
	}
	return 0;
}
