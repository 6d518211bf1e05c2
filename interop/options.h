/* SPDX-License-Identifier: ISC */
/*
 * options.h - the command line of a verb as a table, from which both getopt_long and --help are made.
 */
#ifndef INTEROP_OPTIONS_H
#define INTEROP_OPTIONS_H

#include "ike/types.h"
#include "interop/fault.h"

#define OPTIONS_LIST_MAX 64

struct options_list {
	const char *item[OPTIONS_LIST_MAX];
	size_t count;
};

enum options_kind {
	OPTIONS_FLAG, /* bool */
	OPTIONS_TEXT, /* const char *: points into argv */
	OPTIONS_SECRET, /* char *: a copy of its own, and argv is blanked so that ps(1) does not show it */
	OPTIONS_LIST,     /* struct options_list: may be given more than once */
	OPTIONS_NUMBER,   /* uint32_t, up to `most` */
	OPTIONS_DURATION, /* ike_time; a plain number is seconds, as ping(8) has it */
};

struct options_row {
	char letter; /* 0: none */
	const char *name;
	enum options_kind kind;
	void *target;
	const char *argument; /* what it is called in --help */
	const char *help;
	uint32_t most; /* NUMBER */
};

struct options_verb {
	const char *name;
	const char *operands; /* "GATEWAY", or "" */
	const char *purpose;  /* a sentence or two */
	const char *examples; /* lines, each indented by two */
	size_t least, most;   /* operands */
};

enum options_result {
	OPTIONS_RUN,  /* go on; the operands are argv[optind] and following */
	OPTIONS_DONE, /* --help was asked for and given: exit 0 */
	OPTIONS_BAD,  /* and has been explained on stderr: exit 2 */
};

#define OPTIONS_EXIT(result) ((result) == OPTIONS_DONE ? 0 : 2)

/* argv[0] is the verb. */
enum options_result options_parse(const struct options_verb *verb, const struct options_row *rows,
				  size_t count, int argc, char **argv) IKE_MUST_USE;

#endif
