/* SPDX-License-Identifier: ISC */
#include "tests/support/sim_sample.h"

#include <stdlib.h>

#include "tests/support/unit.h"

#define YEARS 2

static struct study_result result_of(uint64_t false_deaths)
{
	struct study_result result = {
	    .counts = {.false_deaths = false_deaths, .steps = 1},
	    .years = YEARS,
	    .hours = YEARS * 365.25 * 24,
	    .detection = {.least = 1500 * IKE_MILLISECOND,
			  .median = 15 * IKE_SECOND,
			  .most_of = 19 * IKE_SECOND,
			  .most = 20 * IKE_SECOND},
	};

	result.counts.messages[PAIR_WATCHER] = (uint64_t)(700 * result.hours);
	result.counts.messages[PAIR_WATCHED] = (uint64_t)(300 * result.hours);
	return result;
}

void sim_sample_comparison(struct comparison *comparison)
{
	uint64_t false_deaths = 0;
	struct fault fault;

	*comparison = (struct comparison){
	    .study = {.pair = {.network = {.loss = 0.2,
					   .delay = 50 * IKE_MILLISECOND,
					   .jitter = 10 * IKE_MILLISECOND},
			       .traffic_interval = 5 * IKE_SECOND,
			       .seed = 3706},
		      .peers = 2,
		      .time = (ike_time)(365.25 * 86400) * IKE_SECOND,
		      .deaths = 1000,
		      .jobs = 1},
	    .wanted = {true, true, true, true},
	};
	method_settings_default(&comparison->method);
	ck_assert(comparison_plan(comparison, &fault));
	for (size_t i = 0; i < comparison->rows; i++) {
		comparison->row[i].result = result_of(false_deaths);
		false_deaths = false_deaths == 0 ? 1 : 10 * false_deaths;
	}
}

void sim_sample_frontier(const struct comparison *comparison, struct frontier *frontier)
{
	*frontier = (struct frontier){.comparison = comparison};
	for (unsigned series = 0; series < FRONTIER_SERIES - 1; series++) {
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
			frontier->cell[series][i] = (struct frontier_cell){
			    .there = true,
			    .eased = series == FRONTIER_DERIVED && i == 0,
			    .method = comparison->row[series % METHOD_KINDS].method,
			    .result = result_of(series == FRONTIER_DERIVED ? 0 : series * 100),
			};
		}
	}
}

static char *written;
static size_t length;

FILE *sim_sample_open(void)
{
	FILE *out;

	free(written);
	written = NULL;
	out = open_memstream(&written, &length);
	ck_assert_ptr_nonnull(out);
	return out;
}

const char *sim_sample_text(FILE *out)
{
	ck_assert_int_eq(fclose(out), 0);
	return written;
}
