/* SPDX-License-Identifier: ISC */
/*
 * comparison.c - what is compared with what.
 *
 * As the field deploys them the methods differ in all three respects at once - how fast, how often wrong, how many messages -
 * and any of them could be made to look good.  So each other method is shown with three more sets of numbers: as fast as the
 * derived plan promises to be, as seldom wrong, and both; what is left over is what it costs.  A set that only repeats one that
 * has been shown, or that no count up to 100 achieves, is left out.
 */
#include "interop/sim/comparison.h"

#include <stdio.h>
#include <string.h>

static double loss(const struct comparison *comparison)
{
	return comparison->study.pair.network.loss;
}

static bool is_there(const struct comparison *comparison, const struct method *method)
{
	char text[METHOD_TEXT], other[METHOD_TEXT];

	method_describe(method, text);
	for (size_t i = 0; i < comparison->rows; i++) {
		method_describe(&comparison->row[i].method, other);
		if (strcmp(text, other) == 0)
			return true;
	}
	return false;
}

static void add(struct comparison *comparison, enum comparison_group group,
		const struct method *method)
{
	if (!is_there(comparison, method))
		comparison->row[comparison->rows++] =
		    (struct comparison_row){.group = group, .method = *method};
}

static bool tune(const struct comparison *comparison, enum comparison_group group,
		 const struct method *given, struct method *tuned)
{
	const struct method_settings *aim = &comparison->method;

	switch (group) {
	case COMPARISON_BOUND:
		return method_with_bound(given, aim->detect, tuned);
	case COMPARISON_FALSE_DEATHS:
		return method_with_false_deaths(given, loss(comparison), aim->false_deaths, tuned);
	case COMPARISON_BOTH: /* worry, retry and misses tuned to both are the derived plan, or nearly */
		return given->kind != METHOD_FIXED &&
		       method_with_both(given, aim->detect, loss(comparison), aim->false_deaths,
					tuned);
	case COMPARISON_GIVEN:
	case COMPARISON_GROUPS:
		break;
	}
	return false;
}

bool comparison_plan(struct comparison *comparison, struct fault *fault)
{
	struct method given[METHOD_KINDS], tuned;

	comparison->rows = 0;
	for (unsigned kind = 0; kind < METHOD_KINDS; kind++) {
		if (!comparison->wanted[kind])
			continue;
		if (!method_make(kind, &comparison->method, &given[kind], fault))
			return false;
		add(comparison, COMPARISON_GIVEN, &given[kind]);
	}
	if (comparison->given_only)
		return true;
	for (unsigned group = COMPARISON_BOUND; group < COMPARISON_GROUPS; group++)
		for (unsigned kind = METHOD_FIXED; kind < METHOD_KINDS; kind++)
			if (comparison->wanted[kind] &&
			    tune(comparison, group, &given[kind], &tuned))
				add(comparison, group, &tuned);
	return true;
}

bool comparison_run(struct comparison *comparison, struct fault *fault)
{
	for (size_t i = 0; i < comparison->rows; i++) {
		struct comparison_row *row = &comparison->row[i];

		if (!study_run(&comparison->study, &row->method.rules, &row->result, fault))
			return false;
	}
	return true;
}

void comparison_title(const struct comparison *comparison, enum comparison_group group,
		      char text[COMPARISON_TEXT])
{
	double bound = (double)comparison->method.detect / (double)IKE_SECOND;
	double deaths = comparison->method.false_deaths;

	switch (group) {
	case COMPARISON_BOUND:
		snprintf(text, COMPARISON_TEXT, "tuned to the same bound, %.3g s", bound);
		return;
	case COMPARISON_FALSE_DEATHS:
		snprintf(text, COMPARISON_TEXT, "tuned to at most %.3g false death%s a year",
			 deaths, deaths == 1 ? "" : "s");
		return;
	case COMPARISON_BOTH:
		snprintf(text, COMPARISON_TEXT, "tuned to both");
		return;
	case COMPARISON_GIVEN:
	case COMPARISON_GROUPS:
		break;
	}
	snprintf(text, COMPARISON_TEXT, "with the numbers given");
}
