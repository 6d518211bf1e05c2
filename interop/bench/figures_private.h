/* SPDX-License-Identifier: ISC */
/*
 * figures_private.h - how figures are kept; for figures.c, figures_json.c and figures_table.c.
 */
#ifndef INTEROP_BENCH_FIGURES_PRIVATE_H
#define INTEROP_BENCH_FIGURES_PRIVATE_H

#include "interop/bench/figures.h"

#define FIGURES_NOTE 400 /* octets of a note, terminated */

struct quantity {
	char room[FIGURES_NAME], name[FIGURES_NAME], unit[FIGURES_NAME];
	unsigned rounds; /* what `value` has; NAN where a round did not measure it */
	double *value;
	enum figures_goal goal;
	double bound;
};

struct ratio {
	char room[FIGURES_NAME], name[FIGURES_NAME];
	char top[FIGURES_NAME], bottom[FIGURES_NAME];
	enum figures_goal goal;
	double bound;
};

struct note {
	char room[FIGURES_NAME], text[FIGURES_NOTE];
};

struct figures {
	struct quantity *quantity;
	size_t quantities;
	struct ratio *ratio;
	size_t ratios;
	struct note *note;
	size_t notes;
	json_t *machines; /* an array: one for each run that is in here */
};

struct quantity *figures_find(const struct figures *figures, const char *room, const char *name);
void figures_sum_up(const struct quantity *quantity, struct figures_summary *summary);
void figures_sum_up_ratio(const struct figures *figures, const struct ratio *ratio,
			  struct figures_summary *summary);
const char *figures_goal_name(enum figures_goal goal); /* "at-most"; NULL: none */

#endif
