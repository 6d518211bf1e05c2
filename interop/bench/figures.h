/* SPDX-License-Identifier: ISC */
/*
 * figures.h - what a benchmark has measured: samples of named quantities, taken in rounds, and ratios between them.
 *
 * A machine has noisy minutes, so figures are only compared that were taken in the same round, one right after the other: a
 * ratio is computed in every round, and its median, least and most are of these.  Nothing is thrown away; a round in which
 * a quantity was not measured has no ratio.
 */
#ifndef INTEROP_BENCH_FIGURES_H
#define INTEROP_BENCH_FIGURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "interop/fault.h"

#define FIGURES_NAME   96   /* octets of a name, terminated; longer ones are cut */
#define FIGURES_ROUNDS 1000 /* of one quantity, at most */

struct figures;

struct figures *figures_new(void); /* NULL: no memory */
void figures_free(struct figures *figures);

/* ---- putting in ---------------------------------------------------------------------------------------------------- */

/*
 * What one round has measured; `room` is the benchmark.  Rounds count from 0 in each room.  A second value in the same round, another unit
 * than before, and what is no finite number are refused, which is a mistake of the benchmark.  False: that, or no memory.
 */
bool figures_sample(struct figures *figures, const char *room, const char *name, const char *unit,
		    unsigned round, double value) __attribute__((warn_unused_result));

enum figures_goal {
	FIGURES_NO_GOAL,
	FIGURES_AT_MOST,
	FIGURES_AT_LEAST,
};

/* A ratio of two quantities, be they there yet or not.  Saying the same once more changes the goal. */
bool figures_ratio(struct figures *figures, const char *room, const char *name, const char *top,
		   const char *bottom, enum figures_goal goal, double bound)
    __attribute__((warn_unused_result));
/* A goal for the median of a quantity itself, of which at most 0 is one, too. */
bool figures_aim(struct figures *figures, const char *room, const char *name,
		 enum figures_goal goal, double bound) __attribute__((warn_unused_result));
/* A sentence for whoever reads the table: what was lost, what could not be measured.  Kept once. */
bool figures_note(struct figures *figures, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));
/* The machine and what else the run is made under: shown above the table.  Takes the object. */
bool figures_machine(struct figures *figures, json_t *machine) __attribute__((warn_unused_result));

/* ---- looking in ---------------------------------------------------------------------------------------------------- */

struct figures_summary {
	unsigned rounds; /* 0: nothing was measured, and the rest is 0 */
	double median, least, most;
	enum figures_goal goal;
	double bound;
	bool met;      /* no goal, or the median is on the right side of the bound */
	double missed; /* by which share of the bound: 0.08 is 8 %; infinite of 0 */
};

/* False: there is no such quantity, or ratio. */
bool figures_quantity(const struct figures *figures, const char *room, const char *name,
		      struct figures_summary *summary);
bool figures_ratio_of(const struct figures *figures, const char *room, const char *name,
		      struct figures_summary *summary);
/* Every goal is met by what was measured; a goal for what was not measured is not. */
bool figures_met(const struct figures *figures);
unsigned figures_rounds(const struct figures *figures, const char *room); /* how many there were */

/* ---- JSON (README.md describes it) and the table ------------------------------------------------------------------- */

#define FIGURES_FORMAT "ruthere-bench-1"

json_t *figures_json(const struct figures *figures); /* a new object; NULL: no memory */
/*
 * Adds what another run has measured.  Its rounds come after those that are there, so that no ratio is ever computed from
 * two runs.  False: see fault; part of it may have been added.
 */
bool figures_merge(struct figures *figures, const json_t *json, struct fault *fault)
    __attribute__((warn_unused_result));
void figures_print(const struct figures *figures, FILE *out);

#endif
