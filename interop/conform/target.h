/* SPDX-License-Identifier: ISC */
/*
 * target.h - the settings of all cases from what the user says about the device.
 */
#ifndef INTEROP_CONFORM_TARGET_H
#define INTEROP_CONFORM_TARGET_H

#include "interop/conform/trial.h"
#include "interop/one_peer.h"

#define TARGET_PATIENCE (2 * IKE_SECOND)
#define TARGET_WORRY    (30 * IKE_SECOND)
#define TARGET_DEATH    (180 * IKE_SECOND)

struct target {
	const char *tunnel; /* "OURS=THEIRS": two selectors; NULL: nothing is known that works */
	struct options_list esp;         /* what it is offered with; empty: the sound ones */
	ike_time patience, worry, death; /* 0: the defaults */
};

/*
 * Fills `config`, which has no peer yet, and of it the settings; both are needed as long as trials are.  Beside its own tunnel
 * the tester takes whatever Quick Mode the device asks for, and no packet goes through it.  False: see fault.
 */
bool target_settle(const struct target *target, const struct one_peer *one_peer,
		   struct config *config, const char *gateway, struct trial_settings *settings,
		   struct fault *fault) IKE_MUST_USE;

#endif
