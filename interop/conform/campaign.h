/* SPDX-License-Identifier: ISC */
/*
 * campaign.h - case after case against one device, so that one which hurts it does not spoil the others.
 */
#ifndef INTEROP_CONFORM_CAMPAIGN_H
#define INTEROP_CONFORM_CAMPAIGN_H

#include "interop/conform/result.h"

#define CAMPAIGN_PAUSE    (200 * IKE_MILLISECOND) /* between two cases */
#define CAMPAIGN_RECOVERY (30 * IKE_SECOND)       /* that a device has to get well again */

struct campaign {
	struct world *world;
	const struct trial_settings *settings;
	const struct conform_case *const *cases;
	size_t count;
	bool quick;    /* leave out what waits for the device's own timers */
	bool can_call; /* there is somebody to make the device call */
	/* Before a case; not of those that are not run.  May be NULL. */
	void (*begin)(void *context, size_t index, const struct conform_case *of);
	/* After each, also of those that are not run.  False: it could not be kept, so go no further. */
	bool (*done)(void *context, size_t index, struct conform_result *result);
	/* What the user should know meanwhile.  May be NULL. */
	void (*say)(void *context, const char *line);
	void *context;
};

enum campaign_end {
	CAMPAIGN_COMPLETE, /* every case has its result */
	CAMPAIGN_STOPPED, /* interrupted, or a result could not be kept: those that are left have none */
	CAMPAIGN_NOT_WELL, /* the device was not well before the first case: see fault */
};

/*
 * A sanity conversation, and then all cases in order.  A device that is not well after a case gets CAMPAIGN_RECOVERY to recover;
 * if it does not, the cases that are left are INCONCLUSIVE without being run.
 */
enum campaign_end campaign_run(const struct campaign *campaign, struct fault *fault);

#endif
