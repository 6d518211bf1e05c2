/* SPDX-License-Identifier: ISC */
/*
 * plan.c - from what the user cares about to what will be done.
 *
 * The user says within which time T a death must be noticed, which share l of the datagrams may be lost each way, and how
 * many false deaths F a year are acceptable.  The promise about T is exact: in periodic mode a peer is declared dead after T of
 * silence, not earlier and not later.  What is left to choose is how to use the T:
 *
 *	|<------ worry ------>|<-- retry -->|<-- retry -->| ... |<-- last_wait -->|
 *	last heard	      probe 1	    probe 2		probe N		  dead
 *
 *	p      = (1 - l)^2		one probe is answered: it and its ACK both arrive
 *	false  = (1 - p)^N		a round of N probes goes unanswered although the peer lives
 *	rounds = year / (0.95 worry)	at most; worry is jittered by 0 to 10 % downwards
 *	N      = the least number with rounds * false <= F, and never less than 3
 *	retry  = (T - worry - last_wait) / (N - 1)
 *
 * worry is T / 2.  Where N probes then come closer together than 200 ms, it is lowered towards T / 4.  last_wait is a second
 * (or T / 8), so that the last probe is not sent in vain; a longer retry makes it as long as that.  Jitter only brings probes
 * forward, so that at least N go out; often there is room for one more, which makes `false` smaller.
 *
 * The assumption is that losses are independent.  Bursts break it: an outage of T is a death by any count of probes, and the
 * only remedy is a longer T.
 *
 * Why so many probes?  Because five are not enough.  With worry 10 s, retry 2 s and N = 5, a peer is asked 8640 times a day;
 * at 20 % loss each way a round fails with 0.36^5 = 0.6 %, and that is about 50 false deaths a day.
 */
#include "keepalive/keepalive.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#define LEAST_DETECT IKE_SECOND
#define MOST_DETECT  (86400 * IKE_SECOND)
#define LEAST_RETRY                                                                                \
	(200 * IKE_MILLISECOND) /* closer together, probes share the fate of one burst */
#define MOST_RETRY   (3600 * IKE_SECOND)
#define LEAST_WORRY  LEAST_RETRY
#define MOST_WORRY   MOST_DETECT
#define LEAST_MISSES 3   /* where the plan is derived */
#define MOST_MISSES  100 /* where it is given */
#define WORRY_STEPS  8   /* from T / 2 down to T / 4 */
#define PER_MILLE    1000
#define YEAR_SECONDS (365.25 * 86400)
#define MEAN_JITTER  0.95
#define DETECT_GRAIN (100 * IKE_MILLISECOND) /* of the advice given when a plan is too tight */

static double seconds(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

void keepalive_settings_default(struct keepalive_settings *settings)
{
	*settings = (struct keepalive_settings){
	    .mode = KEEPALIVE_PERIODIC,
	    .strictness = KEEPALIVE_INTEROP,
	    .detect = KEEPALIVE_DEFAULT_DETECT,
	    .loss_per_mille = KEEPALIVE_DEFAULT_LOSS_PER_MILLE,
	    .false_deaths_a_year = KEEPALIVE_DEFAULT_FALSE_DEATHS,
	};
}

/* ---- the arithmetic ------------------------------------------------------------------------------------------------ */

static double rounds_a_year(ike_time worry)
{
	return YEAR_SECONDS / (MEAN_JITTER * seconds(worry));
}

/* The probability that a probe or its ACK is lost. */
static double miss_probability(double loss)
{
	return 1.0 - (1.0 - loss) * (1.0 - loss);
}

double keepalive_false_deaths_a_year(const struct keepalive_plan *plan, double loss)
{
	return rounds_a_year(plan->worry) * pow(miss_probability(loss), plan->misses);
}

/* N: as a double, because near 100 % loss it is beyond counting. */
static double probes_needed(ike_time worry, double loss, double false_deaths)
{
	double wanted = log(false_deaths / rounds_a_year(worry)), miss = miss_probability(loss);
	double probes = miss > 0 && wanted < 0 ? ceil(wanted / log(miss)) : 0;

	return probes > LEAST_MISSES ? probes : LEAST_MISSES;
}

/* Tries one worry time; false where its probes do not fit. */
static bool fit_worry(ike_time detect, ike_time worry, double loss, double false_deaths,
		      struct keepalive_plan *plan)
{
	double probes = probes_needed(worry, loss, false_deaths);
	ike_time asking = detect - worry, last_wait = detect / 8, retry;
	uint32_t misses;

	if (last_wait > IKE_SECOND)
		last_wait = IKE_SECOND;
	if (probes > seconds(asking) / seconds(LEAST_RETRY))
		return false;
	misses = (uint32_t)probes;
	retry = (asking - last_wait) / (misses - 1);
	if (retry > last_wait)
		last_wait = retry = asking / misses;
	if (retry < LEAST_RETRY)
		return false;
	plan->worry = worry;
	plan->retry = retry;
	plan->misses = misses;
	plan->detect = detect;
	plan->last_wait = last_wait;
	return true;
}

static bool fit(ike_time detect, double loss, double false_deaths, struct keepalive_plan *plan)
{
	for (unsigned step = 0; step <= WORRY_STEPS; step++) {
		ike_time worry = detect / 2 - detect * step / (4 * WORRY_STEPS);

		if (fit_worry(detect, worry, loss, false_deaths, plan))
			return true;
	}
	return false;
}

/* ---- advice, where it does not fit --------------------------------------------------------------------------------- */

/* The least detect that would do at this loss, on a grain of 0.1 s; 0 where a day is not enough. */
static ike_time least_detect(double loss, double false_deaths)
{
	struct keepalive_plan ignored;
	ike_time low = LEAST_DETECT / DETECT_GRAIN, high = MOST_DETECT / DETECT_GRAIN;

	if (!fit(high * DETECT_GRAIN, loss, false_deaths, &ignored))
		return 0;
	while (low < high) {
		ike_time middle = (low + high) / 2;

		if (fit(middle * DETECT_GRAIN, loss, false_deaths, &ignored))
			high = middle;
		else
			low = middle + 1;
	}
	return high * DETECT_GRAIN;
}

/* The highest loss that would do at this detect, in per mille; -1 where not even none would. */
static int most_loss(ike_time detect, double false_deaths)
{
	struct keepalive_plan ignored;
	int loss = PER_MILLE - 1;

	while (loss >= 0 && !fit(detect, (double)loss / PER_MILLE, false_deaths, &ignored))
		loss--;
	return loss;
}

static void advise(ike_time detect, const struct keepalive_settings *settings, char *text,
		   size_t length)
{
	double loss = (double)settings->loss_per_mille / PER_MILLE;
	ike_time enough = least_detect(loss, settings->false_deaths_a_year);
	int bearable = most_loss(detect, settings->false_deaths_a_year);
	char first[64] = "no time up to a day would do", second[64] = "";

	if (enough != 0)
		snprintf(first, sizeof(first), "%.1f s would do", seconds(enough));
	if (bearable >= 0)
		snprintf(second, sizeof(second), ", and within %.1f s a loss of %.1f %%",
			 seconds(detect), bearable / 10.0);
	snprintf(text, length,
		 "detect %.1f s is too short for the probes that %.1f %% loss needs; %s%s",
		 seconds(detect), loss * 100, first, second);
}

/* ---- the plan ------------------------------------------------------------------------------------------------------ */

static enum keepalive_plan_fault fault(enum keepalive_plan_fault code, const char *sentence,
				       char *text, size_t length)
{
	snprintf(text, length, "%s", sentence);
	return code;
}

/* R95; what contradicts itself is refused, and named (R97). */
static enum keepalive_plan_fault take_given(const struct keepalive_settings *settings,
					    struct keepalive_plan *plan, char *text, size_t length)
{
	if (settings->detect != 0 || settings->loss_per_mille != 0)
		return fault(KEEPALIVE_PLAN_MIXED,
			     "give either detect and loss, or worry, retry and misses, not both",
			     text, length);
	if (settings->worry == 0 || settings->retry == 0 || settings->misses == 0)
		return fault(KEEPALIVE_PLAN_INCOMPLETE,
			     "worry, retry and misses must be given together", text, length);
	if (settings->worry < LEAST_WORRY || settings->worry > MOST_WORRY)
		return fault(KEEPALIVE_PLAN_RANGE, "worry must be 0.2 s to 1 day", text, length);
	if (settings->retry < LEAST_RETRY || settings->retry > MOST_RETRY)
		return fault(KEEPALIVE_PLAN_RANGE, "retry must be 0.2 s to 1 hour", text, length);
	if (settings->misses > MOST_MISSES)
		return fault(KEEPALIVE_PLAN_RANGE, "misses must be 1 to 100", text, length);
	plan->worry = settings->worry;
	plan->retry = settings->retry;
	plan->misses = settings->misses;
	plan->detect = settings->worry + settings->misses * settings->retry;
	plan->last_wait = settings->retry;
	return KEEPALIVE_PLAN_OK;
}

/* R94; what cannot be met is refused, and said (R97). */
static enum keepalive_plan_fault derive(const struct keepalive_settings *settings,
					struct keepalive_plan *plan, char *text, size_t length)
{
	ike_time detect = settings->detect != 0 ? settings->detect : KEEPALIVE_DEFAULT_DETECT;

	if (detect < LEAST_DETECT || detect > MOST_DETECT)
		return fault(KEEPALIVE_PLAN_DETECT, "detect must be 1 s to 1 day", text, length);
	if (settings->loss_per_mille >= PER_MILLE)
		return fault(KEEPALIVE_PLAN_LOSS, "loss must be below 100 %", text, length);
	if (!(settings->false_deaths_a_year > 0)) /* so that not-a-number is caught as well */
		return fault(KEEPALIVE_PLAN_FALSE_DEATHS, "false-deaths must be above 0", text,
			     length);
	if (!fit(detect, (double)settings->loss_per_mille / PER_MILLE,
		 settings->false_deaths_a_year, plan)) {
		advise(detect, settings, text, length);
		return KEEPALIVE_PLAN_TOO_TIGHT;
	}
	return KEEPALIVE_PLAN_OK;
}

enum keepalive_plan_fault keepalive_plan(const struct keepalive_settings *settings,
					 struct keepalive_plan *plan, char *text, size_t length)
{
	struct keepalive_plan made = {.mode = settings->mode, .strictness = settings->strictness};
	bool given = settings->worry != 0 || settings->retry != 0 || settings->misses != 0;
	enum keepalive_plan_fault result;

	assert(length > 0);
	text[0] = '\0';
	result = given ? take_given(settings, &made, text, length)
		       : derive(settings, &made, text, length);
	if (result == KEEPALIVE_PLAN_OK)
		*plan = made;
	return result;
}

/* ---- in words ------------------------------------------------------------------------------------------------------ */

#define TEXT_OF_TIME 32

/* "10.0 s", "0.64 s". */
static const char *text_of_time(ike_time time, char text[TEXT_OF_TIME])
{
	snprintf(text, TEXT_OF_TIME, "%.*f s", time < IKE_SECOND ? 2 : 1, seconds(time));
	return text;
}

/* Rounded up, because it is said to be the most. */
static void describe_false_deaths(const struct keepalive_plan *plan, uint32_t loss_per_mille,
				  char *text, size_t length)
{
	double deaths = keepalive_false_deaths_a_year(plan, (double)loss_per_mille / PER_MILLE);
	double rounded = deaths < 100 ? ceil(deaths * 10) / 10 : ceil(deaths);

	snprintf(text, length, "at %.*f %% loss each way at most %.*f false deaths a year",
		 loss_per_mille % 10 == 0 ? 0 : 1, loss_per_mille / 10.0, deaths < 100 ? 1 : 0,
		 rounded);
}

/* R96 */
void keepalive_plan_describe(const struct keepalive_plan *plan, uint32_t loss_per_mille, char *text,
			     size_t length)
{
	char worry[TEXT_OF_TIME], retry[TEXT_OF_TIME], dead[TEXT_OF_TIME], deaths[128];

	text_of_time(plan->worry, worry);
	text_of_time(plan->retry, retry);
	describe_false_deaths(plan, loss_per_mille, deaths, sizeof(deaths));
	switch (plan->mode) {
	case KEEPALIVE_OFF:
		snprintf(text, length, "never asks, only answers");
		break;
	case KEEPALIVE_ON_DEMAND:
		snprintf(text, length,
			 "asks after %s of silence when there is something to send, then every %s; "
			 "dead after %s of asking and %u unanswered probes; %s",
			 worry, retry, text_of_time(plan->detect - plan->worry, dead), plan->misses,
			 deaths);
		break;
	case KEEPALIVE_PERIODIC:
		snprintf(text, length,
			 "asks after %s of silence, then every %s; dead after %s of silence and %u "
			 "unanswered probes; %s",
			 worry, retry, text_of_time(plan->detect, dead), plan->misses, deaths);
		break;
	}
}
