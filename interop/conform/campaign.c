/* SPDX-License-Identifier: ISC */
#include "interop/conform/campaign.h"

#include <stdio.h>

#define FIRST_WAIT                                                                                 \
	IKE_SECOND /* before a device that is not well is tried again; doubled each time */

static void say(const struct campaign *campaign, const char *line)
{
	if (campaign->say != NULL)
		campaign->say(campaign->context, line);
}

/* Lets time pass; what comes meanwhile is of nobody's case. */
static void rest(struct world *world, ike_time duration)
{
	ike_time until = world->now(world) + duration;
	uint8_t data[IKE_DATAGRAM_MAX + 1];

	while (world->now(world) < until && world->trouble.text[0] == '\0') {
		struct ike_datagram datagram = {.data = data, .room = sizeof(data)};

		(void)world->receive(world, until, &datagram);
	}
}

/* Why this case cannot be run here; NULL: it can. */
static const char *obstacle(const struct campaign *campaign, const struct conform_case *of)
{
	bool calls = (of->needs & CONFORM_NEEDS_CALL) != 0 || of->role == CONFORM_INITIATOR;

	if (calls && !campaign->can_call)
		return "needs a device that calls us: give --call COMMAND";
	if ((of->needs & CONFORM_NEEDS_TUNNEL) != 0 && campaign->settings->tunnel == NULL)
		return "needs an IPsec SA: give --tunnel OURS=THEIRS";
	if ((of->needs & (CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH)) != 0 && campaign->quick)
		return "waits for the device's own timers: left out by --quick";
	return NULL;
}

/* True: the device is well again. */
static bool recover(const struct campaign *campaign, const struct conform_case *of)
{
	struct world *world = campaign->world;
	ike_time until = world->now(world) + CAMPAIGN_RECOVERY, wait = FIRST_WAIT;
	char line[200];
	struct fault why;

	snprintf(line, sizeof(line), "the device is not well after %.100s: backing off", of->id);
	say(campaign, line);
	while (world->now(world) < until && world->trouble.text[0] == '\0') {
		rest(world, wait);
		if (world->trouble.text[0] == '\0' &&
		    conform_is_well(world, campaign->settings, &why)) {
			say(campaign, "it is well again");
			return true;
		}
		wait *= 2;
	}
	return false;
}

static enum campaign_end run_all(const struct campaign *campaign)
{
	struct world *world = campaign->world;
	const struct conform_case *culprit = NULL;
	char gone[160];

	for (size_t i = 0; i < campaign->count; i++) {
		const struct conform_case *of = campaign->cases[i];
		const char *why = obstacle(campaign, of);
		struct conform_result result;
		bool well = true;

		if (world->trouble.text[0] != '\0')
			return CAMPAIGN_STOPPED;
		if (why != NULL) {
			conform_not_run(of, CONFORM_SKIP, why, world->now(world), &result);
		} else if (culprit != NULL) {
			conform_not_run(of, CONFORM_INCONCLUSIVE, gone, world->now(world), &result);
		} else {
			if (campaign->begin != NULL)
				campaign->begin(campaign->context, i, of);
			conform_run(of, world, campaign->settings, &result, &well);
		}
		if (!campaign->done(campaign->context, i, &result)) {
			conform_result_free(&result);
			return CAMPAIGN_STOPPED;
		}
		if (!well && world->trouble.text[0] == '\0' && !recover(campaign, of)) {
			culprit = of;
			snprintf(gone, sizeof(gone),
				 "not run: the device does not answer since %.100s", of->id);
			say(campaign, gone);
		}
		if (result.trial != NULL && culprit == NULL && i + 1 < campaign->count)
			rest(world, CAMPAIGN_PAUSE);
		conform_result_free(&result);
	}
	return world->trouble.text[0] != '\0' ? CAMPAIGN_STOPPED : CAMPAIGN_COMPLETE;
}

enum campaign_end campaign_run(const struct campaign *campaign, struct fault *fault)
{
	if (!conform_is_well(campaign->world, campaign->settings, fault))
		return CAMPAIGN_NOT_WELL;
	rest(campaign->world, CAMPAIGN_PAUSE);
	return run_all(campaign);
}
