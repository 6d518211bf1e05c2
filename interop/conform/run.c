/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "interop/conform/trial_private.h"

/* The device is well: Phase 1, a question, its answer, farewell. */
static void be_civil(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
}

static const struct conform_case sanity = {.id = "sanity", .script = be_civil};

static bool is_well(struct world *world, const struct trial_settings *settings, char *why,
		    size_t length)
{
	struct trial *trial = trial_new(&sanity, world, settings);
	bool well;

	if (trial == NULL)
		return false;
	be_civil(trial);
	well = !trial->decided;
	snprintf(why, length, "%s", trial->observed);
	trial_leave(trial);
	trial_free(trial);
	return well;
}

static void conclude(struct conform_result *result, const struct trial *trial)
{
	result->verdict = trial->decided ? trial->verdict : CONFORM_PASS;
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
	result->verdict = CONFORM_INCONCLUSIVE;
	result->value[0] = '\0';
}

void conform_run(const struct conform_case *of, struct world *world,
		 const struct trial_settings *settings, struct conform_result *result, bool *well)
{
	char why[RESULT_TEXT] = "";
	struct trial *trial = trial_new(of, world, settings);

	*result = (struct conform_result){
	    .of = of, .verdict = CONFORM_INCONCLUSIVE, .deciding = SIZE_MAX, .trial = trial};
	result->began = world->now(world);
	*well = false;
	if (trial == NULL) {
		snprintf(result->observed, sizeof(result->observed), "no memory");
		return;
	}
	of->script(trial);
	conclude(result, trial);
	trial_leave(trial);
	*well = is_well(world, settings, why, sizeof(why));
	if (!*well)
		doubt(result, why);
	result->took = world->now(world) - result->began;
}

void conform_result_free(struct conform_result *result)
{
	trial_free(result->trial);
	result->trial = NULL;
}
