/* SPDX-License-Identifier: ISC */
/*
 * summary.h - what came of the cases, for a terminal: a line while they run, a table at the end, or TAP.
 */
#ifndef INTEROP_CONFORM_SUMMARY_H
#define INTEROP_CONFORM_SUMMARY_H

#include <stdio.h>

#include "interop/conform/result.h"

/* A result without its trial; the texts are copies. */
struct summary {
	struct conform_result *result; /* owned */
	size_t results, room;
	size_t count[CONFORM_VERDICTS];
};

bool summary_add(struct summary *summary,
		 const struct conform_result *result); /* false: no memory */
void summary_free(struct summary *summary);

/* No verdict that somebody has to look at: FAIL, XPASS, INCONCLUSIVE. */
bool summary_is_good(const struct summary *summary);

/* "12 PASS, 1 FAIL": those verdicts that there are.  Terminated; returns text. */
const char *summary_counts(const struct summary *summary, char *text, size_t length);
/* A row for each group (document and section), then every case that is neither PASS nor SKIP with what was expected and observed. */
void summary_print(const struct summary *summary, FILE *out);

/* TAP version 13: the plan, and one line for each result, followed by diagnostics where it is not ok. */
void summary_tap_plan(size_t cases, FILE *out);
void summary_tap(const struct conform_result *result, size_t number, FILE *out);

/* Octets that do not print, from a peer, as "?". */
void summary_put(const char *text, FILE *out);

#endif
