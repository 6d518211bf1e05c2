/* SPDX-License-Identifier: ISC */
#include "interop/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config_values.h"

#define ROWS_MOST   48
#define FIRST_VALUE 256 /* getopt's value of an option without a letter: beyond every character */
#define HELP_VALUE  255

static void print_row(const struct options_row *row)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", row->letter != 0 ? '-' : ' ',
		 row->letter != 0 ? row->letter : ' ', row->letter != 0 ? "," : " ", row->name,
		 row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
	printf("  %-28s %s\n", left, row->help);
}

static void print_help(const struct options_verb *verb, const struct options_row *rows,
		       size_t count)
{
	static const struct options_row help = {.letter = 'h', .name = "help", .help = "this text"};

	printf("usage: ruthere %s [options]%s%s\n\n%s\n\noptions:\n", verb->name,
	       verb->operands[0] != '\0' ? " " : "", verb->operands, verb->purpose);
	for (size_t i = 0; i < count; i++)
		print_row(&rows[i]);
	print_row(&help);
	printf("\nexamples:\n%s", verb->examples);
}

static bool read_duration(const char *text, ike_time *duration, struct fault *fault)
{
	char with_unit[64];

	snprintf(with_unit, sizeof(with_unit), "%ss", text);
	return value_duration(text, duration, fault) ||
	       (text[strspn(text, "0123456789.")] == '\0' &&
		value_duration(with_unit, duration, fault));
}

static bool read_list(const char *text, struct options_list *list, struct fault *fault)
{
	if (list->count == OPTIONS_LIST_MAX)
		return fault_say(fault, "given more than %d times", OPTIONS_LIST_MAX);
	list->item[list->count++] = text;
	return true;
}

static bool read_secret(char *text, char **copy, struct fault *fault)
{
	free(*copy);
	*copy = strdup(text);
	memset(text, 'x', strlen(text));
	return *copy != NULL || fault_say(fault, "no memory");
}

static bool read_row(const struct options_row *row, char *text, struct fault *fault)
{
	switch (row->kind) {
	case OPTIONS_FLAG:
		*(bool *)row->target = true;
		return true;
	case OPTIONS_TEXT:
		*(const char **)row->target = text;
		return true;
	case OPTIONS_SECRET:
		return read_secret(text, row->target, fault);
	case OPTIONS_LIST:
		return read_list(text, row->target, fault);
	case OPTIONS_NUMBER:
		return value_number(text, 0, row->most, row->target, fault);
	case OPTIONS_DURATION:
		return read_duration(text, row->target, fault);
	}
	return false;
}

static enum options_result bad(const struct options_verb *verb)
{
	fprintf(stderr, "try: ruthere %s --help\n", verb->name);
	return OPTIONS_BAD;
}

/* Fills getopt_long's tables. */
static void make_tables(const struct options_row *rows, size_t count, struct option *longs,
			char *shorts)
{
	*shorts++ = ':'; /* tell a missing argument from an unknown option */
	*shorts++ = 'h';
	for (size_t i = 0; i < count; i++) {
		bool argument = rows[i].kind != OPTIONS_FLAG;

		longs[i] = (struct option){rows[i].name, argument ? required_argument : no_argument,
					   NULL, FIRST_VALUE + (int)i};
		if (rows[i].letter == 0)
			continue;
		*shorts++ = rows[i].letter;
		if (argument)
			*shorts++ = ':';
	}
	longs[count] = (struct option){"help", no_argument, NULL, HELP_VALUE};
	longs[count + 1] = (struct option){NULL, 0, NULL, 0};
	*shorts = '\0';
}

static const struct options_row *row_of(const struct options_row *rows, size_t count, int value)
{
	if (value >= FIRST_VALUE)
		return &rows[value - FIRST_VALUE];
	for (size_t i = 0; i < count; i++)
		if (rows[i].letter == value)
			return &rows[i];
	return NULL;
}

static enum options_result check_operands(const struct options_verb *verb, int argc, char **argv)
{
	size_t operands = (size_t)(argc - optind);

	if (operands < verb->least) {
		fprintf(stderr, "ruthere %s: %s is missing\n", verb->name, verb->operands);
		return bad(verb);
	}
	if (operands > verb->most) {
		fprintf(stderr, "ruthere %s: \"%s\" is one too many\n", verb->name,
			argv[optind + (int)verb->most]);
		return bad(verb);
	}
	return OPTIONS_RUN;
}

enum options_result options_parse(const struct options_verb *verb, const struct options_row *rows,
				  size_t count, int argc, char **argv)
{
	struct option longs[ROWS_MOST + 2];
	char shorts[2 * ROWS_MOST + 3];
	struct fault fault;
	int value;

	assert(count <= ROWS_MOST);
	make_tables(rows, count, longs, shorts);
	optind = 0; /* 0, not 1: this is also how the GNU library is told that its state is stale */
	opterr = 0;
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct options_row *row = row_of(rows, count, value);

		if (value == 'h' || value == HELP_VALUE) {
			print_help(verb, rows, count);
			return OPTIONS_DONE;
		}
		if (row == NULL) {
			fprintf(stderr, "ruthere %s: %s: %s\n", verb->name, argv[optind - 1],
				value == ':' ? "its argument is missing" : "no such option");
			return bad(verb);
		}
		if (!read_row(row, optarg, &fault)) {
			fprintf(stderr, "ruthere %s: --%s: %s\n", verb->name, row->name,
				fault.text);
			return bad(verb);
		}
	}
	return check_operands(verb, argc, argv);
}
