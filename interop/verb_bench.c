/* SPDX-License-Identifier: ISC */
/*
 * verb_bench.c - what it costs.  See bench/README.md.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/bench/bench.h"
#include "interop/bench/bench_machine.h"
#include "interop/config/config_values.h"
#include "interop/options.h"
#include "interop/verb.h"

#define ROUNDS_MOST      200
#define EXCHANGES_MOST   10000000
#define LONGEST_INTERVAL (3600 * IKE_SECOND)
#define LONGEST_TIME     (86400 * IKE_SECOND)
#define WINDOW_MOST      4096

static const struct benchmark benchmarks[] = {
    {"death", "a fleet that dies at once and returns: what is noticed when, and what is sent",
     bench_death},
    {"handshake", "processor time of a Main Mode, against two bare Diffie-Hellman operations",
     bench_handshake},
    {"answered", "processor time of an R-U-THERE answered, against the floor", bench_answered},
    {"busy", "how long an R-U-THERE waits for its answer while handshakes saturate the processor",
     bench_busy},
    {"probing",
     "a fleet kept alive by its gateway, in real time: share of a core, lateness, losses",
     bench_probing},
    {"mutual", "the same with both sides asking", bench_mutual},
    {"demand", "the same on demand, with the members' questions coming in: nothing is asked",
     bench_demand},
    {"workers", "R-U-THEREs answered by one worker and by two on the same port", bench_workers},
    {"memory", "memory of an established SA, everything included", bench_memory},
};

#define BENCHMARKS (sizeof(benchmarks) / sizeof(benchmarks[0]))

struct options {
	const char *sas, *json, *goal;
	struct options_list merge;
	bool list, strict;
	struct bench_settings settings;
};

static const struct options_verb verb = {
    .name = "bench",
    .operands = "[BENCHMARK...]",
    .purpose =
	"Measures what keeping SAs alive costs on this machine, each figure beside the least that "
	"it\n"
	"could be, taken in the same round. Without BENCHMARK all are run. Progress is told on "
	"standard\n"
	"error.",
    .examples =
	"  ruthere bench --list\n"
	"  ruthere bench memory --sas 1000,100000 --rounds 3\n"
	"  ruthere bench --json figures.json\n"
	"  ruthere bench answered --against 192.0.2.1 --pid 4711 --name charon --sas 1000 \\\n"
	"      --secret-file gw.psk --identity fqdn:bench.example --proposal "
	"aes128-sha1-modp2048\n"
	"  ruthere bench --merge one.json --merge other.json\n",
    .most = BENCHMARKS,
};

/* ---- what the options say ------------------------------------------------------------------------------------------ */

static bool read_sizes(const char *text, struct bench_settings *settings, struct fault *fault)
{
	char copy[256], *rest = copy, *word;
	struct fault why;

	if (text == NULL)
		return true;
	if (strlen(text) >= sizeof(copy))
		return fault_say(fault, "--sas: too long");
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, ",")) != NULL) {
		if (settings->sizes == BENCH_SIZES_MAX)
			return fault_say(fault, "--sas: more than %d sizes", BENCH_SIZES_MAX);
		if (!value_number(word, 1, BENCH_SAS_MOST, &settings->sas[settings->sizes++], &why))
			return fault_say(fault, "--sas: %s", why.text);
	}
	return true;
}

static const struct benchmark *benchmark_of(const char *name)
{
	for (size_t i = 0; i < BENCHMARKS; i++)
		if (strcmp(benchmarks[i].name, name) == 0)
			return &benchmarks[i];
	return NULL;
}

static bool read_against(struct options *options, struct fault *fault)
{
	struct against_settings *against = &options->settings.against;
	char *end;

	if (options->goal != NULL) {
		against->goal = strtod(options->goal, &end);
		if (end == options->goal || *end != '\0' || !isfinite(against->goal) ||
		    against->goal <= 0)
			return fault_say(fault, "--goal: \"%s\" is no number above 0",
					 options->goal);
	}
	if (against->gateway != NULL && against->pid == 0)
		return fault_say(fault, "--against wants --pid PID: the process that is measured");
	if (against->gateway != NULL && options->settings.sizes > 1)
		return fault_say(fault, "--against: one size with --sas, such as 1000");
	return against->window > 0 || fault_say(fault, "--window: at least 1");
}

static bool check(struct options *options, int operands, char **operand, struct fault *fault)
{
	if (options->settings.rounds == 0)
		return fault_say(fault, "--rounds: 1 to %d are possible", ROUNDS_MOST);
	if (options->settings.interval < IKE_SECOND / 5 ||
	    options->settings.interval > LONGEST_INTERVAL)
		return fault_say(fault, "--interval: 200ms to 1h are possible");
	if (options->settings.time < options->settings.rounds * IKE_SECOND / 10 ||
	    options->settings.time > LONGEST_TIME)
		return fault_say(fault, "--time: 100ms for each round to 1d are possible");
	if (options->merge.count > 0 && operands > 0)
		return fault_say(fault, "--merge measures nothing: leave out %s", operand[0]);
	for (int i = 0; i < operands; i++)
		if (benchmark_of(operand[i]) == NULL)
			return fault_say(fault, "\"%s\" is no benchmark: --list tells them",
					 operand[i]);
	return read_sizes(options->sas, &options->settings, fault) && read_against(options, fault);
}

/* ---- running ------------------------------------------------------------------------------------------------------- */

static bool run(const struct options *options, int operands, char **operand,
		struct figures *figures, struct fault *fault)
{
	if (!figures_machine(figures, bench_machine("")))
		return fault_say(fault, "no memory");
	for (size_t i = 0; i < BENCHMARKS; i++) {
		bool wanted = operands == 0;
		struct fault why;

		for (int j = 0; j < operands; j++)
			wanted = wanted || strcmp(operand[j], benchmarks[i].name) == 0;
		if (wanted && !bench_run(&benchmarks[i], &options->settings, figures, &why))
			return fault_say(fault, "%s: %s", benchmarks[i].name, why.text);
	}
	return true;
}

static bool merge(const struct options_list *files, struct figures *figures, struct fault *fault)
{
	for (size_t i = 0; i < files->count; i++) {
		json_error_t error;
		json_t *json = json_load_file(files->item[i], 0, &error);
		struct fault why;
		bool good;

		if (json == NULL)
			return fault_say(fault, "%s: %s", files->item[i], error.text);
		good = figures_merge(figures, json, &why) ||
		       fault_say(fault, "%s: %s", files->item[i], why.text);
		json_decref(json);
		if (!good)
			return false;
	}
	return true;
}

static bool write_json(const struct figures *figures, const char *path, struct fault *fault)
{
	json_t *json = figures_json(figures);
	FILE *file = json == NULL ? NULL : fopen(path, "we");
	bool good =
	    file != NULL && json_dumpf(json, file, JSON_INDENT(1)) == 0 && fputc('\n', file) != EOF;

	if (file != NULL)
		good = fclose(file) == 0 && good;
	json_decref(json);
	return good ||
	       fault_say(fault, "--json: %s could not be written: %s", path, strerror(errno));
}

static int finish(const struct options *options, struct figures *figures, bool good,
		  struct fault *fault)
{
	figures_print(figures, stdout);
	if (fflush(stdout) != 0 && good)
		good = fault_say(fault, "the figures could not be written: %s", strerror(errno));
	/* also where a later benchmark has failed: what was measured before may have taken an hour */
	if (options->json != NULL && (good || options->merge.count == 0)) {
		struct fault other;
		bool noted = good || figures_note(figures, "bench", "broken off: %s", fault->text);

		good = write_json(figures, options->json, good ? fault : &other) && good && noted;
	}
	if (!good) {
		fprintf(stderr, "ruthere bench: %s\n", fault->text);
		return 1;
	}
	return options->strict && !figures_met(figures) ? 1 : 0;
}

static int list(void)
{
	for (size_t i = 0; i < BENCHMARKS; i++)
		printf("%-10s %s\n", benchmarks[i].name, benchmarks[i].summary);
	return 0;
}

static enum options_result parse(struct options *o, int argc, char **argv)
{
	struct bench_settings *s = &o->settings;
	struct against_settings *against = &s->against;
	const struct options_row own[] = {
	    {0, "list", OPTIONS_FLAG, &o->list, NULL, "name the benchmarks", 0},
	    {0, "rounds", OPTIONS_NUMBER, &s->rounds, "N", "how often all is measured (5)",
	     ROUNDS_MOST},
	    {0, "sas", OPTIONS_TEXT, &o->sas, "N,...",
	     "established SAs (each benchmark has its own sizes)", 0},
	    {0, "interval", OPTIONS_DURATION, &s->interval, "TIME",
	     "probing, mutual, demand: of silence before somebody asks (30s)", 0},
	    {0, "time", OPTIONS_DURATION, &s->time, "TIME",
	     "probing, mutual, demand: how long each is measured (2m)", 0},
	    {0, "exchanges", OPTIONS_NUMBER, &s->exchanges, "N",
	     "in a round, of each size (each benchmark has its own)", EXCHANGES_MOST},
	    {0, "unconfined", OPTIONS_FLAG, &s->unconfined, NULL,
	     "do not confine the nodes, for valgrind and debuggers", 0},
	    {0, "seed", OPTIONS_NUMBER, &s->seed, "N", "other keys (1)", UINT32_MAX},
	    {0, "json", OPTIONS_TEXT, &o->json, "FILE", "every sample as JSON", 0},
	    {0, "merge", OPTIONS_LIST, &o->merge, "FILE",
	     "measure nothing; print what --json wrote; more than once: as one table", 0},
	    {0, "strict", OPTIONS_FLAG, &o->strict, NULL, "status 1 if a goal is missed", 0},
	    {0, "detect", OPTIONS_NUMBER, &s->detect, "SECONDS",
	     "death: the detection time that the plan is made for (60)", 86400},
	    {0, "away", OPTIONS_NUMBER, &s->away, "SECONDS", "death: until the fleet returns (600)",
	     86400},
	    {0, "plot", OPTIONS_TEXT, &s->plot, "FILE",
	     "death: what happens over time, as a picture (SVG)", 0},
	    {0, "series", OPTIONS_TEXT, &s->series, "FILE",
	     "death: the same as a table, a line a second", 0},
	    {0, "against", OPTIONS_TEXT, &against->gateway, "GATEWAY",
	     "answered, handshake: another implementation, with SAs by real handshakes; and for "
	     "it:",
	     0},
	    {0, "pid", OPTIONS_NUMBER, &against->pid, "PID", "its process", INT32_MAX},
	    {0, "name", OPTIONS_TEXT, &against->name, "NAME", "its name in the table (peer)", 0},
	    {0, "window", OPTIONS_NUMBER, &against->window, "N",
	     "unanswered questions at most (32)", WINDOW_MOST},
	    {0, "goal", OPTIONS_TEXT, &o->goal, "RATIO",
	     "so many times as dear as ours it should be at least", 0},
	};
	struct options_row rows[sizeof(own) / sizeof(own[0]) + ONE_PEER_ROWS];

	memcpy(rows, own, sizeof(own));
	one_peer_begin(&against->peer, rows + sizeof(own) / sizeof(own[0]));
	return options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
}

static int measure(struct options *options, int operands, char **operand)
{
	struct figures *figures = figures_new();
	struct fault fault;
	int status;
	bool good = figures != NULL || fault_say(&fault, "no memory");

	if (good && options->merge.count > 0)
		good = merge(&options->merge, figures, &fault);
	else if (good)
		good = run(options, operands, operand, figures, &fault);
	status = figures == NULL ? 1 : finish(options, figures, good, &fault);
	figures_free(figures);
	return status;
}

int verb_bench(int argc, char **argv)
{
	struct options options = {.settings = {.rounds = 5,
					       .interval = 30 * IKE_SECOND,
					       .time = 120 * IKE_SECOND,
					       .detect = 60,
					       .away = 600,
					       .seed = 1,
					       .against = {.window = 32, .name = "peer"}}};
	enum options_result result = parse(&options, argc, argv);
	struct fault fault;
	int status = 2;

	if (result != OPTIONS_RUN)
		status = OPTIONS_EXIT(result);
	else if (options.list)
		status = list();
	else if (!check(&options, argc - optind, argv + optind, &fault))
		fprintf(stderr, "ruthere bench: %s\n", fault.text);
	else
		status = measure(&options, argc - optind, argv + optind);
	one_peer_end(&options.settings.against.peer);
	return status;
}
