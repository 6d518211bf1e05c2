/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ike/notify.h"
#include "interop/conform/trial_private.h"

#define QUESTIONS 3 /* of which one has to be answered: that a datagram was lost says nothing */

/*
 * The device is well: Phase 1, a question, its answer, farewell.  One that does not announce the keepalive is not asked
 * (RFC 3706 section 5.1).
 */
static void be_civil(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct seen *ack = NULL;

	for (unsigned i = 0; sa != NULL && sa->supported && ack == NULL && i < QUESTIONS; i++) {
		const struct want want = {
		    .sa = sa,
		    .notify = IKE_NOTIFY_R_U_THERE_ACK,
		    .has_number = true,
		    .number = trial_ask_next(trial, sa),
		};

		ack = trial_wait(trial, &want, trial->settings->patience);
	}
	if (sa != NULL && sa->supported && ack == NULL)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "Phase 1 comes up, but none of %d valid R-U-THEREs is answered",
			     QUESTIONS);
}

static const struct conform_case sanity = {.id = "sanity", .script = be_civil};

bool conform_is_well(struct world *world, const struct trial_settings *settings,
		     struct fault *fault)
{
	struct trial *trial = trial_new(&sanity, world, settings);
	bool well;

	if (trial == NULL)
		return fault_say(fault, "no memory");
	be_civil(trial);
	well = !trial->decided;
	if (!well)
		fault_say(fault, "%s", trial->observed);
	trial_leave(trial);
	trial_free(trial);
	return well;
}

static void conclude(struct conform_result *result, const struct trial *trial)
{
	result->verdict = trial->decided ? trial->verdict : CONFORM_PASS;
	result->found = result->verdict;
	result->deciding = trial->deciding;
	memcpy(result->value, trial->value, sizeof(result->value));
	memcpy(result->observed, trial->observed, sizeof(result->observed));
	if (!trial->decided)
		snprintf(result->observed, sizeof(result->observed), "as expected");
}

/* A verdict that leans on a device which is not well any more says nothing. */
static void doubt(struct conform_result *result, const char *why)
{
	char observed[RESULT_TEXT];

	if (result->verdict != CONFORM_PASS && result->verdict != CONFORM_LENIENT &&
	    result->verdict != CONFORM_INFO_VALUE)
		return;
	snprintf(observed, sizeof(observed),
		 "%.170s; but afterwards the device is not well: %.170s", result->observed, why);
	memcpy(result->observed, observed, sizeof(result->observed));
	result->verdict = result->of->level == CONFORM_ROBUST ? CONFORM_FAIL : CONFORM_INCONCLUSIVE;
	result->found = result->verdict;
	result->value[0] = '\0';
}

void conform_not_run(const struct conform_case *of, enum conform_verdict verdict, const char *why,
		     ike_time now, struct conform_result *result)
{
	*result = (struct conform_result){
	    .of = of, .verdict = verdict, .found = verdict, .deciding = SIZE_MAX, .began = now};
	snprintf(result->observed, sizeof(result->observed), "%s", why);
}

void conform_run(const struct conform_case *of, struct world *world,
		 const struct trial_settings *settings, struct conform_result *result, bool *well)
{
	struct trial *trial = trial_new(of, world, settings);
	struct trial_settings own = *settings;
	struct fault why;

	conform_not_run(of, CONFORM_INCONCLUSIVE, "no memory", world->now(world), result);
	*well = false;
	if (trial == NULL)
		return;
	result->trial = trial;
	of->script(trial);
	conclude(result, trial);
	trial_leave(trial);
	result->took = world->now(world) - result->began;
	own.random = trial->random; /* where chance is seeded, others than those of the case */
	*well = trial->records == 0 || conform_is_well(world, &own, &why);
	/* what an interruption or the network has done is not the device's */
	if (!*well && world->trouble.text[0] == '\0')
		doubt(result, why.text);
}

void conform_result_free(struct conform_result *result)
{
	trial_free(result->trial);
	result->trial = NULL;
}
