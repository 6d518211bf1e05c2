/* SPDX-License-Identifier: ISC */
/*
 * study.c - pair after pair, on as many threads as wanted.
 *
 * A pair's luck is its own and is drawn from its number, and what is counted are whole numbers: so it makes no difference to any
 * result which thread a pair is simulated on.
 *
 * The pairs in which somebody dies are others than those in which nobody does, with numbers that do not meet.  They die at a
 * moment between one and two hours, uniformly distributed and the same for every method; by then no method knows any more
 * when it was started.
 */
#include "interop/sim/study.h"

#include <pthread.h>
#include <stdlib.h>

#define HOUR         (3600 * IKE_SECOND)
#define FIRST_MORTAL ((uint64_t)1 << 32) /* beyond every number of a pair in which nobody dies */

struct job {
	const struct study_settings *settings;
	const struct machine_rules *rules;
	uint32_t first; /* this pair, and every settings->jobs-th after it */
	struct pair_counts counts;
	ike_time *detections; /* of all jobs: each writes its own */
	pthread_t thread;
};

static void add(struct pair_counts *sum, const struct pair_counts *counts)
{
	sum->false_deaths += counts->false_deaths;
	sum->steps += counts->steps;
	for (unsigned end = 0; end < PAIR_ENDS; end++)
		sum->messages[end] += counts->messages[end];
}

/* ---- one thread ---------------------------------------------------------------------------------------------------- */

static void live(struct job *job, uint64_t peer)
{
	struct pair pair;

	pair_begin(&pair, &job->settings->pair, job->rules, peer);
	pair_live(&pair, job->settings->time);
	add(&job->counts, &pair.counts);
	pair_end(&pair);
}

static void die(struct job *job, uint32_t index)
{
	uint64_t peer = FIRST_MORTAL + index;
	struct dice dice = dice_for(job->settings->pair.seed, DICE_DEATH, peer, 0);
	ike_time when = HOUR + (ike_time)(dice_share(dice_roll(&dice)) * HOUR);
	struct pair pair;

	pair_begin(&pair, &job->settings->pair, job->rules, peer);
	job->detections[index] = pair_die(&pair, when);
	pair_end(&pair);
}

static void *work(void *argument)
{
	struct job *job = argument;

	for (uint64_t i = job->first; i < job->settings->peers; i += job->settings->jobs)
		live(job, i);
	for (uint64_t i = job->first; i < job->settings->deaths; i += job->settings->jobs)
		die(job, (uint32_t)i);
	return NULL;
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

static bool run_jobs(struct job *jobs, uint32_t count, struct fault *fault)
{
	uint32_t started = 0;

	while (started < count &&
	       pthread_create(&jobs[started].thread, NULL, work, &jobs[started]) == 0)
		started++;
	for (uint32_t i = 0; i < started; i++)
		pthread_join(jobs[i].thread, NULL);
	return started == count || fault_say(fault, "no more than %u threads can be had", started);
}

static int compare(const void *a, const void *b)
{
	ike_time left = *(const ike_time *)a, right = *(const ike_time *)b;

	return (left > right) - (left < right);
}

/* The one that this share of them does not exceed; `of` is sorted and not empty. */
static ike_time quantile(const ike_time *of, uint32_t count, uint32_t per_cent)
{
	uint64_t rank = ((uint64_t)count * per_cent + 99) / 100;

	return of[rank > 0 ? rank - 1 : 0];
}

static void summarize(const struct study_settings *settings, const struct job *jobs,
		      ike_time *detections, struct study_result *result)
{
	double seconds = (double)settings->time / (double)IKE_SECOND * settings->peers;
	uint32_t deaths = settings->deaths;

	*result = (struct study_result){
	    .hours = seconds / 3600,
	    .years = seconds / MACHINE_YEAR * (settings->pair.mutual ? 2 : 1),
	};
	for (uint32_t i = 0; i < settings->jobs; i++)
		add(&result->counts, &jobs[i].counts);
	if (deaths == 0)
		return;
	qsort(detections, deaths, sizeof(*detections), compare);
	result->detection.least = detections[0];
	result->detection.median = quantile(detections, deaths, 50);
	result->detection.most_of = quantile(detections, deaths, 99);
	result->detection.most = detections[deaths - 1];
}

bool study_run(const struct study_settings *settings, const struct machine_rules *rules,
	       struct study_result *result, struct fault *fault)
{
	ike_time *detections = calloc((size_t)settings->deaths + 1, sizeof(*detections));
	struct job *jobs = calloc(settings->jobs, sizeof(*jobs));
	bool good = detections != NULL && jobs != NULL;

	if (!good)
		fault_say(fault, "no memory for %u deaths and %u threads", settings->deaths,
			  settings->jobs);
	for (uint32_t i = 0; good && i < settings->jobs; i++)
		jobs[i] = (struct job){
		    .settings = settings, .rules = rules, .first = i, .detections = detections};
	good = good && run_jobs(jobs, settings->jobs, fault);
	if (good)
		summarize(settings, jobs, detections, result);
	free(jobs);
	free(detections);
	return good;
}

double study_messages_an_hour(const struct study_result *result)
{
	return (double)(result->counts.messages[PAIR_WATCHER] +
			result->counts.messages[PAIR_WATCHED]) /
	       result->hours;
}
