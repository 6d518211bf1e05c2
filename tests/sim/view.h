/* SPDX-License-Identifier: ISC */
/*
 * view.h - what is in a core, taken between two verbs: every SA with its flags and times, and fingerprints of the rest.
 *
 * A fingerprint per degree of protection, because not everything may be moved by the same:
 *
 *   sacred   established SAs: who, keys, when they end, when life was last proved, the peer's newest number, what was obeyed;
 *	      the peers' slots and recovery.  Only a genuine message, a timer or the user moves it
 *   asking   the round of questions and its deadlines.  An unauthenticated hint may begin one, now and then
 *   memory   message IDs seen, answers given again, IDs used.  A repeated message may move it
 *   halfway  negotiations under way.  Nobody there has proved anything yet
 */
#ifndef TESTS_SIM_VIEW_H
#define TESTS_SIM_VIEW_H

#include "ike/core.h"

#define VIEW_SAS 64

struct view_sa {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_address remote;
	uint8_t state;
	bool initiator, superseded, keyed, renewing, supported;
	bool negotiates; /* its handshake is not over */
	uint8_t expects; /* enum ike_message_kind, while it negotiates */
	uint32_t peer, gateway;
	unsigned with; /* the node of its authenticated identity; SIM_NODES: none yet */
	ike_time created_at, established_at, expires_at;
	uint32_t lifetime;
};

struct view {
	unsigned sas;
	struct view_sa sa[VIEW_SAS];
	uint64_t sacred, asking, memory, halfway;
	uint32_t outputs, handshakes;
};

void view_take(struct view *view, const struct ike_core *core);
const struct view_sa *view_find(const struct view *view, const uint8_t *cky_i,
				const uint8_t *cky_r);
/* The core's own, for what a view does not hold. */
struct ike_sa *view_core_sa(const struct ike_core *core, const struct view_sa *sa);

#endif
