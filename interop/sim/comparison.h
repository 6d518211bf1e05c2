/* SPDX-License-Identifier: ISC */
/*
 * comparison.h - the methods on the same network, with the numbers that they were given and with others that make them alike.
 */
#ifndef INTEROP_SIM_COMPARISON_H
#define INTEROP_SIM_COMPARISON_H

#include "interop/sim/method.h"
#include "interop/sim/study.h"

enum comparison_group {
	COMPARISON_GIVEN,        /* with the numbers given */
	COMPARISON_BOUND,        /* tuned to the same bound */
	COMPARISON_FALSE_DEATHS, /* tuned to the same false deaths */
	COMPARISON_BOTH,         /* tuned to both */
	COMPARISON_GROUPS
};

struct comparison_row {
	enum comparison_group group;
	struct method method;
	struct study_result result;
};

#define COMPARISON_ROWS (METHOD_KINDS * COMPARISON_GROUPS)

struct comparison {
	struct study_settings study;
	struct method_settings method;
	bool wanted[METHOD_KINDS];
	bool given_only; /* no other numbers than those given */
	struct comparison_row row[COMPARISON_ROWS];
	size_t rows;
};

/* Decides what is to be compared: fills `row`, results excepted. */
bool comparison_plan(struct comparison *comparison, struct fault *fault) IKE_MUST_USE;
/* Fills the results. */
bool comparison_run(struct comparison *comparison, struct fault *fault) IKE_MUST_USE;

/* "tuned to the same bound, 20 s". */
#define COMPARISON_TEXT 96
void comparison_title(const struct comparison *comparison, enum comparison_group group,
		      char text[COMPARISON_TEXT]);

#endif
