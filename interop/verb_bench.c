/* SPDX-License-Identifier: ISC */
/*
 * verb_bench.c - what it costs.  See bench/README.md.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/bench/bench.h"
#include "interop/bench/bench_machine.h"
#include "interop/config/config_values.h"
#include "interop/options.h"
#include "interop/verb.h"

#define ROUNDS_MOST    200
#define EXCHANGES_MOST 10000000

static const struct benchmark benchmarks[] = {
    {"death", "a fleet that dies at once and returns: what is noticed when, and what is sent",
     bench_death},
    {"handshake", "processor time of a Main Mode, against two bare Diffie-Hellman operations",
     bench_handshake},
    {"answered", "processor time of an R-U-THERE answered, against the floor", bench_answered},
    {"memory", "memory of an established SA, everything included", bench_memory},
};

#define BENCHMARKS (sizeof(benchmarks) / sizeof(benchmarks[0]))

struct options {
	const char *sas, *json;
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
    .examples = "  ruthere bench --list\n"
		"  ruthere bench memory --sas 1000,100000 --rounds 3\n"
		"  ruthere bench --json figures.json\n"
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

static bool check(struct options *options, int operands, char **operand, struct fault *fault)
{
	if (options->settings.rounds == 0)
		return fault_say(fault, "--rounds: 1 to %d are possible", ROUNDS_MOST);
	if (options->merge.count > 0 && operands > 0)
		return fault_say(fault, "--merge measures nothing: leave out %s", operand[0]);
	for (int i = 0; i < operands; i++)
		if (benchmark_of(operand[i]) == NULL)
			return fault_say(fault, "\"%s\" is no benchmark: --list tells them",
					 operand[i]);
	return read_sizes(options->sas, &options->settings, fault);
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
		if (wanted && !benchmarks[i].run(&options->settings, figures, &why))
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

static int finish(const struct options *options, const struct figures *figures, bool good,
		  struct fault *fault)
{
	figures_print(figures, stdout);
	if (fflush(stdout) != 0 && good)
		good = fault_say(fault, "the figures could not be written: %s", strerror(errno));
	if (options->json != NULL && good)
		good = write_json(figures, options->json, fault);
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

int verb_bench(int argc, char **argv)
{
	struct options options = {.settings = {.rounds = 5, .away = 600, .seed = 1}};
	const struct options_row rows[] = {
	    {0, "list", OPTIONS_FLAG, &options.list, NULL, "name the benchmarks", 0},
	    {0, "rounds", OPTIONS_NUMBER, &options.settings.rounds, "N",
	     "how often all is measured (5)", ROUNDS_MOST},
	    {0, "sas", OPTIONS_TEXT, &options.sas, "N,...",
	     "established SAs (each benchmark has its own sizes)", 0},
	    {0, "exchanges", OPTIONS_NUMBER, &options.settings.exchanges, "N",
	     "in a round, of each size (each benchmark has its own)", EXCHANGES_MOST},
	    {0, "unconfined", OPTIONS_FLAG, &options.settings.unconfined, NULL,
	     "do not confine the nodes, for valgrind and debuggers", 0},
	    {0, "seed", OPTIONS_NUMBER, &options.settings.seed, "N",
	     "other keys, another order (1)", UINT32_MAX},
	    {0, "away", OPTIONS_NUMBER, &options.settings.away, "SECONDS",
	     "death: until the fleet returns (600)", 86400},
	    {0, "plot", OPTIONS_TEXT, &options.settings.plot, "FILE",
	     "death: what happens over time, as a picture (SVG)", 0},
	    {0, "series", OPTIONS_TEXT, &options.settings.series, "FILE",
	     "death: the same as a table, a line a second", 0},
	    {0, "json", OPTIONS_TEXT, &options.json, "FILE", "every sample as JSON", 0},
	    {0, "merge", OPTIONS_LIST, &options.merge, "FILE",
	     "measure nothing; print what --json wrote; more than once: as one table", 0},
	    {0, "strict", OPTIONS_FLAG, &options.strict, NULL, "status 1 if a goal is missed", 0},
	};
	enum options_result result =
	    options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	struct figures *figures;
	struct fault fault;
	int status;
	bool good;

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (options.list)
		return list();
	if (!check(&options, argc - optind, argv + optind, &fault)) {
		fprintf(stderr, "ruthere bench: %s\n", fault.text);
		return 2;
	}
	figures = figures_new();
	good = figures != NULL || fault_say(&fault, "no memory");
	if (good && options.merge.count > 0)
		good = merge(&options.merge, figures, &fault);
	else if (good)
		good = run(&options, argc - optind, argv + optind, figures, &fault);
	status = figures == NULL ? 1 : finish(&options, figures, good, &fault);
	figures_free(figures);
	return status;
}
