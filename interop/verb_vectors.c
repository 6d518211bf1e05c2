/* SPDX-License-Identifier: ISC */
/*
 * verb_vectors.c - test vectors: sessions with every value that went into them, the same octets on every machine.
 */
#include <getopt.h>
#include <stdio.h>

#include "interop/options.h"
#include "interop/vectors/vector_files.h"
#include "interop/verb.h"

static const struct options_verb verb = {
    .name = "vectors",
    .operands = "DIR",
    .purpose = "Writes test vectors, a folder in DIR for each set: captures, keys for Wireshark, "
	       "and every "
	       "input and\nintermediate value as JSON. They are the same on every machine; "
	       "interop/vectors/README.md explains them.",
    .examples = "  ruthere vectors vectors\n"
		"  ruthere vectors vectors --set nat-t --set fragments\n"
		"  ruthere vectors --list\n"
		"  ruthere vectors spoilt --mistake leading-zero\n",
    .least = 0,
    .most = 1,
};

struct options {
	struct options_list sets;
	const char *mistake;
	bool list;
};

static void list_all(void)
{
	for (size_t i = 0; i < vector_sets(); i++)
		printf("%-40s %s\n", vector_set(i)->name, vector_set(i)->description);
	for (enum vector_mistake m = VECTOR_NO_MISTAKE + 1; m < VECTOR_MISTAKES; m++)
		printf("--mistake %-30s %s\n", vector_mistake_name(m), vector_mistake_text(m));
}

static bool write_set(const struct vector_set *set, enum vector_mistake mistake,
		      const char *directory)
{
	struct vector_made made;
	struct fault fault;
	bool good = vector_make(set, mistake, &made, &fault) &&
		    vector_files_write(&made, directory, &fault);

	vector_made_free(&made);
	if (!good)
		fprintf(stderr, "ruthere vectors: %s\n", fault.text);
	return good;
}

/* The exit status. */
static int write_sets(const struct options *options, enum vector_mistake mistake,
		      const char *directory)
{
	size_t count = options->sets.count > 0 ? options->sets.count : vector_sets(), written = 0;

	for (size_t i = 0; i < count; i++) {
		const struct vector_set *set = options->sets.count > 0
						   ? vector_set_find(options->sets.item[i])
						   : vector_set(i);

		if (set == NULL) {
			fprintf(stderr,
				"ruthere vectors: no set is called %s (--list names them)\n",
				options->sets.item[i]);
			return 2;
		}
		written += write_set(set, mistake, directory);
	}
	printf("%zu of %zu sets written to %s\n", written, count, directory);
	return written == count && fflush(stdout) == 0 ? 0 : 1;
}

int verb_vectors(int argc, char **argv)
{
	struct options options = {0};
	const struct options_row rows[] = {
	    {0, "set", OPTIONS_LIST, &options.sets, "NAME", "only this set; repeatable", 0},
	    {0, "list", OPTIONS_FLAG, &options.list, NULL, "what sets and mistakes there are", 0},
	    {0, "mistake", OPTIONS_TEXT, &options.mistake, "NAME",
	     "as a stack would write them that makes this mistake: to see whether a verifier "
	     "notices",
	     0},
	};
	enum vector_mistake mistake = VECTOR_NO_MISTAKE;
	enum options_result result =
	    options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (options.list) {
		list_all();
		return 0;
	}
	if (options.mistake != NULL)
		mistake = vector_mistake_find(options.mistake);
	if (mistake == VECTOR_MISTAKES) {
		fprintf(stderr, "ruthere vectors: no mistake is called %s (--list names them)\n",
			options.mistake);
		return 2;
	}
	if (optind == argc) {
		fprintf(stderr,
			"ruthere vectors: DIR is missing: where the sets are to be written\n");
		return 2;
	}
	return write_sets(&options, mistake, argv[optind]);
}
