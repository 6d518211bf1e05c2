/* SPDX-License-Identifier: ISC */
/*
 * main.c - sim: real cores under every fault that a network, a reboot or an attacker can produce; see README.md.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/sim/batch.h"

#define WHOLE_BATCH 10000u /* so many seeds must reach everything that is not listed */
#define TOLD_MOST   10u    /* failures that are captured */

struct options {
	uint64_t from, to;
	bool one, verbose, coverage;
	unsigned jobs;
	const char *capture, *list, *failures;
};

static int usage(const char *wrong)
{
	fprintf(
	    stderr,
	    "sim: %s\n"
	    "usage: sim --seeds FROM..TO [--jobs N] [--coverage] [--list FILE] [--failures DIR]\n"
	    "       sim --seed N [--verbose] [--capture DIR]\n",
	    wrong);
	return 2;
}

static bool parse_range(const char *text, struct options *options)
{
	char *end;

	errno = 0;
	options->from = strtoull(text, &end, 10);
	if (end == text || strncmp(end, "..", 2) != 0)
		return false;
	text = end + 2;
	options->to = strtoull(text, &end, 10);
	return end != text && *end == '\0' && errno == 0 && options->from <= options->to;
}

static bool parse_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return end != text && *end == '\0' && errno == 0;
}

static const char *parse_options(int count, char **arguments, struct options *options)
{
	static const struct option known[] = {
	    {"seeds", required_argument, NULL, 's'},
	    {"seed", required_argument, NULL, 'n'},
	    {"jobs", required_argument, NULL, 'j'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"capture", required_argument, NULL, 'c'},
	    {"coverage", no_argument, NULL, 'r'},
	    {"list", required_argument, NULL, 'l'},
	    {"failures", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	bool range = false;
	uint64_t number;
	int option;

	while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			range = true;
			if (!parse_range(optarg, options))
				return "--seeds wants FROM..TO, as in 1..10000";
			break;
		case 'n':
			options->one = true;
			if (!parse_number(optarg, &options->from))
				return "--seed wants a number";
			break;
		case 'j':
			if (!parse_number(optarg, &number) || number < 1 || number > 64)
				return "--jobs wants a number from 1 to 64";
			options->jobs = (unsigned)number;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'c':
			options->capture = optarg;
			break;
		case 'r':
			options->coverage = true;
			break;
		case 'l':
			options->list = optarg;
			break;
		case 'f':
			options->failures = optarg;
			break;
		default:
			return "unknown option";
		}
	}
	if (optind < count || range == options->one)
		return "one of --seeds and --seed, and nothing else";
	return NULL;
}

/* ---- one seed ------------------------------------------------------------------------------------------------------ */

static void print_failure(uint64_t seed, const struct failure *failure)
{
	printf("seed %llu FAILED at %.3f s, node %c: %s: %s\n", (unsigned long long)seed,
	       (double)failure->at / 1e6, (char)('a' + failure->node), failure->invariant,
	       failure->text);
}

/* With evidence, where it is wanted; what it says of the seed is `failure`. */
static bool run_seed(uint64_t seed, const char *directory, bool verbose, struct failure *failure)
{
	static struct coverage coverage;
	struct evidence *evidence = NULL;
	struct tally tally;

	if (directory != NULL || verbose) {
		evidence = evidence_open(directory, verbose);
		if (evidence == NULL)
			return false;
	}
	return batch_seed(seed, evidence, &coverage, &tally, failure);
}

static void print_scenario(uint64_t seed)
{
	static struct scenario scenario;
	const struct scenario_faults *faults = &scenario.faults;

	scenario_draw(&scenario, seed);
	printf("seed %llu: %s, %u nodes; loss %u, doubled %u, damaged %u, held %u, twins %u per "
	       "mille, "
	       "attacks %u per 1000 s, delay %.3f s, jitter %.3f s; bad for %.0f s, well within "
	       "%.1f s\n",
	       (unsigned long long)seed, scenario_kind_name(scenario.kind), scenario.nodes,
	       faults->loss, faults->doubled, faults->damaged, faults->held, faults->twins,
	       faults->attacks, (double)faults->delay / 1e6, (double)faults->jitter / 1e6,
	       (double)scenario.bad_time / 1e6, (double)scenario.progress_within / 1e6);
}

/* ---- many ---------------------------------------------------------------------------------------------------------- */

static void print_failures(const char *program, const struct options *options,
			   const struct batch_result *result)
{
	struct failure again;
	char directory[512];

	for (unsigned i = 0; i < result->failures; i++) {
		uint64_t seed = result->failure[i].seed;

		print_failure(seed, &result->failure[i].failure);
		printf("  again: %s --seed %llu --verbose --capture %s/%llu\n", program,
		       (unsigned long long)seed, options->failures, (unsigned long long)seed);
		/* one that crashed would take this process with it */
		if (i >= TOLD_MOST ||
		    strcmp(result->failure[i].failure.invariant, BATCH_CRASHED) == 0)
			continue;
		if (mkdir(options->failures, 0777) != 0 && errno != EEXIST)
			fprintf(stderr, "sim: cannot make %s: %s\n", options->failures,
				strerror(errno));
		snprintf(directory, sizeof(directory), "%s/%llu", options->failures,
			 (unsigned long long)seed);
		(void)run_seed(seed, directory, false, &again);
	}
}

static void print_totals(const struct batch_result *result, double seconds)
{
	const struct tally *tally = &result->tally;
	uint64_t seeds = result->passed + result->failed;

	printf("%llu seeds, each run twice: %.0f virtual hours, %llu datagrams sent, %llu attacks, "
	       "%llu SAs and %llu pairs of IPsec SAs established, %llu reboots, %llu deaths, %llu "
	       "recoveries; %.0f s\n",
	       (unsigned long long)seeds, (double)tally->virtual_time / 3.6e9,
	       (unsigned long long)tally->datagrams, (unsigned long long)tally->attacks,
	       (unsigned long long)tally->established, (unsigned long long)tally->pairs,
	       (unsigned long long)tally->reboots, (unsigned long long)tally->deaths,
	       (unsigned long long)tally->recoveries, seconds);
}

static bool run_batch(const char *program, const struct options *options)
{
	static struct batch_result result;
	bool whole = options->to - options->from + 1 >= WHOLE_BATCH;
	struct timespec begun, ended;
	unsigned surprises = 0;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	if (!batch_run(options->from, options->to, options->jobs, &result)) {
		fprintf(stderr, "sim: cannot start processes, or one was lost with its seeds\n");
		return false;
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	print_failures(program, options, &result);
	if (options->coverage)
		coverage_print(&result.coverage, stdout);
	if (options->list != NULL)
		surprises = coverage_compare(&result.coverage, options->list, whole, stdout);
	print_totals(&result, (double)(ended.tv_sec - begun.tv_sec) +
				  (double)(ended.tv_nsec - begun.tv_nsec) / 1e9);
	result.failed += surprises;
	printf("%llu passed, %llu failed\n", (unsigned long long)result.passed,
	       (unsigned long long)result.failed);
	return result.failed == 0;
}

int main(int count, char **arguments)
{
	struct options options = {.jobs = 1, .failures = "sim-failures"};
	const char *wrong = parse_options(count, arguments, &options);
	struct failure failure = {.invariant = "it can be run",
				  .text = "no evidence can be written"};

	if (wrong != NULL)
		return usage(wrong);
	if (!secret_init()) {
		fprintf(stderr, "sim: libsodium did not start\n");
		return 1;
	}
	if (!options.one)
		return run_batch(arguments[0], &options) ? 0 : 1;
	print_scenario(options.from);
	if (run_seed(options.from, options.capture, options.verbose, &failure))
		return 0;
	print_failure(options.from, &failure);
	return 1;
}
