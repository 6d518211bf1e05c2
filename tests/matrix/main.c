/* SPDX-License-Identifier: ISC */
/*
 * main.c - matrix: every case of the conformance suite against our own engine, sound and with each impairment; see README.md.
 *
 * Each pair is a device and a network of its own in virtual time, so the result is the same on every machine, and its table can be
 * held against the one in the repository.
 */
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/conform/result.h"
#include "tests/support/conform_world.h"

#define CASES_MOST 256
#define JOBS_MOST  64
#define SOUND      IMPAIRMENTS /* the column of the device that nothing is wrong with */
#define COLUMNS    (IMPAIRMENTS + 1)

/* One letter per pair, in memory that all processes share. */
struct matrix {
	size_t cases;
	char verdict[CASES_MOST][COLUMNS];
};

/* '.' as on a sound device; F, L, U, I: it fails, is lenient, unsupported, inconclusive; v: another value; s: skipped. */
static char letter_of(const struct conform_result *result)
{
	static const char letters[CONFORM_VERDICTS] = {
	    [CONFORM_PASS] = '.',        [CONFORM_LENIENT] = 'L',      [CONFORM_FAIL] = 'F',
	    [CONFORM_UNSUPPORTED] = 'U', [CONFORM_INCONCLUSIVE] = 'I', [CONFORM_SKIP] = 's',
	    [CONFORM_INFO_VALUE] = 'v',  [CONFORM_XFAIL] = 'F',        [CONFORM_XPASS] = 'F',
	};

	return letters[result->verdict];
}

/* ---- one pair ------------------------------------------------------------------------------------------------------ */

static void run_pair(size_t index, size_t column, bool tell, struct conform_result *result)
{
	struct conform_world *own = conform_world_new((uint8_t)(index + 1));
	bool well;

	if (column != SOUND)
		conform_world_impair(own, (enum impairment)column);
	conform_run(conform_case_at(index), conform_world_world(own), conform_world_settings(own),
		    result, &well);
	if (tell)
		printf("%-14s %s%s%s\n", conform_verdict_name(result->verdict), result->observed,
		       result->value[0] != '\0' ? ": " : "", result->value);
	conform_result_free(result);
	conform_world_free(own);
}

static void run_case(struct matrix *matrix, size_t index)
{
	struct conform_result sound, result;

	run_pair(index, SOUND, false, &sound);
	matrix->verdict[index][SOUND] = letter_of(&sound);
	for (size_t column = 0; column < IMPAIRMENTS; column++) {
		run_pair(index, column, false, &result);
		matrix->verdict[index][column] = letter_of(&result);
		if (result.verdict == sound.verdict && strcmp(result.value, sound.value) == 0)
			matrix->verdict[index][column] = '.';
	}
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

static bool run_all(struct matrix *matrix, unsigned jobs)
{
	bool good = true;
	int status;

	for (unsigned job = 0; job < jobs; job++) {
		if (fork() != 0)
			continue;
		for (size_t i = job; i < matrix->cases; i += jobs)
			run_case(matrix, i);
		_exit(0);
	}
	while (wait(&status) > 0)
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return good;
}

static void print_row(FILE *out, const char *name, char sound, const char *caught, size_t count)
{
	fprintf(out, "%-52s %c %3zu %s\n", name, sound, count, caught);
}

/* Which impairments a case shows, by name.  Where it is inconclusive the device is found out by the sanity conversation. */
static void print_case(FILE *out, const struct matrix *matrix, size_t index)
{
	char caught[4096] = "";
	size_t length = 0, count = 0;

	for (size_t column = 0; column < IMPAIRMENTS; column++) {
		char letter = matrix->verdict[index][column];

		if (letter == '.' || letter == 'I')
			continue;
		count++;
		length += (size_t)snprintf(caught + length, sizeof(caught) - length, " %s:%c",
					   impairment_name((enum impairment)column), letter);
		if (length >= sizeof(caught))
			length = sizeof(caught) - 1;
	}
	print_row(out, conform_case_at(index)->id, matrix->verdict[index][SOUND], caught, count);
}

static void print(FILE *out, const struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->cases; i++)
		print_case(out, matrix, i);
}

/* A verdict that is about the device, and worse than before. */
static bool shows(char letter)
{
	return letter == 'F' || letter == 'L' || letter == 'U';
}

static size_t check_cases(const struct matrix *matrix)
{
	size_t bad = 0;

	for (size_t i = 0; i < matrix->cases; i++) {
		const struct conform_case *of = conform_case_at(i);
		bool fails = of->level == CONFORM_INFO;
		char sound = matrix->verdict[i][SOUND];

		for (size_t column = 0; column < IMPAIRMENTS; column++)
			fails = fails || shows(matrix->verdict[i][column]);
		if (sound != '.' && sound != 'v') {
			printf("%s: a sound device does not pass: %c\n", of->id, sound);
			bad++;
		}
		if (!fails) {
			printf("%s: fails for no impairment, and is not INFO\n", of->id);
			bad++;
		}
	}
	return bad;
}

static size_t check_impairments(const struct matrix *matrix)
{
	size_t bad = 0;

	for (size_t column = 0; column < IMPAIRMENTS; column++) {
		bool caught = false;

		for (size_t i = 0; i < matrix->cases; i++)
			caught = caught || shows(matrix->verdict[i][column]) ||
				 matrix->verdict[i][column] == 'v';
		if (caught)
			continue;
		printf("%s: no case notices it\n", impairment_name((enum impairment)column));
		bad++;
	}
	return bad;
}

static bool is_as_written(const struct matrix *matrix, const char *path)
{
	FILE *written = fopen(path, "r"), *now = tmpfile();
	int a, b;

	if (written == NULL || now == NULL)
		return false;
	print(now, matrix);
	rewind(now);
	do {
		a = fgetc(written);
		b = fgetc(now);
	} while (a == b && a != EOF);
	fclose(written);
	fclose(now);
	return a == b;
}

/* ---- what is wanted ------------------------------------------------------------------------------------------------ */

struct options {
	unsigned jobs;
	const char *write, *hold, *one, *impairment;
};

static int run_one(const struct options *options)
{
	const struct conform_case *of = conform_case_find(options->one);
	enum impairment impairment = IMPAIRMENTS;
	struct conform_result result;
	struct fault fault;
	size_t index = 0;

	if (of == NULL) {
		fprintf(stderr, "matrix: there is no case %s\n", options->one);
		return 2;
	}
	if (options->impairment != NULL &&
	    !impairment_parse(options->impairment, &impairment, &fault)) {
		fprintf(stderr, "matrix: %s\n", fault.text);
		return 2;
	}
	while (conform_case_at(index) != of)
		index++;
	run_pair(index, (size_t)impairment, true, &result);
	return 0;
}

static int run_whole(const struct options *options)
{
	struct matrix *matrix =
	    mmap(NULL, sizeof(*matrix), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t bad;
	FILE *out;

	if (matrix == MAP_FAILED)
		return 1;
	matrix->cases = conform_cases();
	assert(matrix->cases <= CASES_MOST);
	if (!run_all(matrix, options->jobs)) {
		printf("matrix: a process of it has ended before its time\n0 passed, 1 failed\n");
		return 1;
	}
	if (options->write != NULL) {
		out = fopen(options->write, "w");
		if (out == NULL) {
			perror(options->write);
			return 1;
		}
		print(out, matrix);
		fclose(out);
	}
	bad = check_cases(matrix) + check_impairments(matrix);
	if (options->hold != NULL && !is_as_written(matrix, options->hold)) {
		printf("%s is not what comes out; make mutants-written writes it anew\n",
		       options->hold);
		bad++;
	}
	printf("%zu cases with %d impairments: %zu pairs\n", matrix->cases, (int)IMPAIRMENTS,
	       matrix->cases * COLUMNS);
	printf("%zu passed, %zu failed\n", matrix->cases + IMPAIRMENTS + 1 - bad, bad);
	return bad == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
	    {"jobs", required_argument, NULL, 'j'},   {"write", required_argument, NULL, 'w'},
	    {"hold", required_argument, NULL, 'h'},   {"case", required_argument, NULL, 'c'},
	    {"impair", required_argument, NULL, 'i'}, {NULL, 0, NULL, 0},
	};
	struct options options = {.jobs = 2};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'j':
			options.jobs = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'w':
			options.write = optarg;
			break;
		case 'h':
			options.hold = optarg;
			break;
		case 'c':
			options.one = optarg;
			break;
		case 'i':
			options.impairment = optarg;
			break;
		default:
			return 2;
		}
	}
	if (options.jobs < 1 || options.jobs > JOBS_MOST)
		options.jobs = 1;
	return options.one != NULL ? run_one(&options) : run_whole(&options);
}
