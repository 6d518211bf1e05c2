/* SPDX-License-Identifier: ISC */
/*
 * study.h - one method on many pairs: how often it is wrong, how fast it is right, and what it costs.
 */
#ifndef INTEROP_SIM_STUDY_H
#define INTEROP_SIM_STUDY_H

#include "interop/fault.h"
#include "interop/sim/pair.h"

struct study_settings {
	struct pair_settings pair;
	uint32_t peers;  /* pairs in which nobody dies */
	ike_time time;   /* for which each of them lives */
	uint32_t deaths; /* pairs in which somebody does */
	uint32_t jobs;   /* threads; the results do not depend on it */
};

struct study_result {
	struct pair_counts counts; /* of the pairs in which nobody dies */
	double years;              /* for which a peer was watched, all added up */
	double hours;              /* for which a pair lived, all added up */
	struct {
		ike_time least, median, most_of, most; /* most_of: 99 % of them were not slower */
	} detection;
};

/* False where there is no memory or no thread to be had. */
bool study_run(const struct study_settings *settings, const struct machine_rules *rules,
	       struct study_result *result, struct fault *fault) IKE_MUST_USE;
/* Of both ends together, for each pair. */
double study_messages_an_hour(const struct study_result *result);

#endif
