/* SPDX-License-Identifier: ISC */
/*
 * verb_sim.c - the argument with data: four ways of noticing a death, on one simulated network.  See interop/sim/README.md.
 */
#include <stdio.h>
#include <string.h>

#include "interop/config_values.h"
#include "interop/options.h"
#include "interop/sim/comparison.h"
#include "interop/sim/table.h"
#include "interop/verb.h"

#define DAY        (86400 * IKE_SECOND)
#define MOST_DELAY (10 * IKE_SECOND)

struct options {
	const char *loss, *traffic, *false_deaths, *method;
	uint32_t seed;
	bool json;
	struct comparison comparison;
};

static const struct options_verb verb = {
    .name = "sim",
    .operands = "",
    .purpose = "Simulates four ways to notice that a peer has died, on the same network in virtual "
	       "time: R-U-THERE with\n"
	       "a derived plan, R-U-THERE with fixed timers, one-way heartbeats, and a periodic "
	       "ping.",
    .examples = "  ruthere sim\n"
		"  ruthere sim --loss 5% --detect 10s --traffic both\n"
		"  ruthere sim --burst 3s\n",
};

/* ---- what the options say ------------------------------------------------------------------------------------------ */

static bool read_traffic(const struct options *options, enum traffic *traffic, struct fault *fault)
{
	static const char *const names[] = {
	    [TRAFFIC_NONE] = "none", [TRAFFIC_OUT] = "out", [TRAFFIC_BOTH] = "both"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(options->traffic, names[i]) == 0) {
			*traffic = i;
			return true;
		}
	}
	return fault_say(fault, "--traffic: \"%s\" is none of none, out, both", options->traffic);
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
	if (pair->network.delay > MOST_DELAY)
		return fault_say(fault, "--delay: at most 10 s");
	if (pair->network.jitter > pair->network.delay)
		return fault_say(fault,
				 "--jitter: at most the delay, or some would come before they "
				 "are sent");
	for (unsigned kind = 0; kind < METHOD_KINDS; kind++)
		comparison->wanted[kind] = true;
	return read_traffic(options, &pair->traffic, fault);
}

int verb_sim(int argc, char **argv)
{
	struct options options = {.loss = "20%", .traffic = "none", .false_deaths = "1", .seed = 1};
	struct study_settings *s = &options.comparison.study;
	struct method_settings *m = &options.comparison.method;
	struct options *o = &options;
	const struct options_row rows[] = {
	    {0, "loss", OPTIONS_TEXT, &o->loss, "SHARE", "datagrams lost each way (20%)", 0},
	    {0, "delay", OPTIONS_DURATION, &s->pair.network.delay, "TIME", "each way (50ms)", 0},
	    {0, "jitter", OPTIONS_DURATION, &s->pair.network.jitter, "TIME",
	     "up to that much more or less (10ms)", 0},
	    {0, "burst", OPTIONS_DURATION, &s->pair.network.burst, "TIME",
	     "losses come in bursts, of that length on average (0: independently)", 0},
	    {0, "traffic", OPTIONS_TEXT, &o->traffic, "HOW", "none, out, both (none)", 0},
	    {0, "traffic-interval", OPTIONS_DURATION, &s->pair.traffic_interval, "TIME",
	     "between two packets, on average (5s)", 0},
	    {0, "peers", OPTIONS_NUMBER, &s->peers, "N", "pairs simulated (100)", 1000000},
	    {0, "time", OPTIONS_DURATION, &s->time, "TIME", "for which each lives (3d)", 0},
	    {0, "deaths", OPTIONS_NUMBER, &s->deaths, "N", "real deaths (1000)", 1000000},
	    {0, "detect", OPTIONS_DURATION, &m->detect, "TIME", "the bound wanted (20s)", 0},
	    {0, "worry", OPTIONS_DURATION, &m->worry, "TIME", "fixed: before asking (10s)", 0},
	    {0, "retry", OPTIONS_DURATION, &m->retry, "TIME", "fixed: between probes (2s)", 0},
	    {0, "misses", OPTIONS_NUMBER, &m->misses, "N", "fixed: unanswered probes (5)", 100},
	    {0, "seed", OPTIONS_NUMBER, &o->seed, "N", "another one, another run (1)", UINT32_MAX},
	};
	enum options_result result;
	struct fault fault;

	s->pair.network.delay = 50 * IKE_MILLISECOND;
	s->pair.network.jitter = 10 * IKE_MILLISECOND;
	s->pair.traffic_interval = 5 * IKE_SECOND;
	s->peers = 100;
	s->time = 3 * DAY;
	s->deaths = 1000;
	s->jobs = 1;
	method_settings_default(m);
	result = options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (!read_options(o, &fault) || !comparison_plan(&o->comparison, &fault)) {
		fprintf(stderr, "ruthere sim: %s\n", fault.text);
		return 2;
	}
	if (!comparison_run(&o->comparison, &fault)) {
		fprintf(stderr, "ruthere sim: %s\n", fault.text);
		return 1;
	}
	table_print(&o->comparison, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
