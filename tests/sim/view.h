/* SPDX-License-Identifier: ISC */
/*
 * view.h - what is in a core, taken between two verbs: every SA with its flags and times, and fingerprints of the rest.
 *
 * A fingerprint per degree of protection, because not everything may be moved by the same:
 *
 *   sacred   established SAs: who, keys, when they end, when life was last proved, the peer's newest number, what was obeyed;
 *	      the peers' slots and recovery; IPsec SAs, and what is under way to make them.  Only a genuine message, a timer or the
 *	      user moves it
 *   asking   the round of questions and its deadlines.  An unauthenticated hint may begin one, now and then
 *   memory   message IDs seen, answers given again, IDs used.  A repeated message may move it
 *   halfway  negotiations under way.  Nobody there has proved anything yet
 */
#ifndef TESTS_SIM_VIEW_H
#define TESTS_SIM_VIEW_H

#include "ike/core.h"

#define VIEW_SAS    64
#define VIEW_PAIRS  64
#define VIEW_QUICKS 32

struct view_sa {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_address remote;
	uint8_t state;
	bool initiator, aggressive, superseded, keyed, renewing, supported;
	bool negotiates; /* its handshake is not over */
	bool contact_obeyed, nat_here, nat_there;
	uint8_t expects; /* enum ike_message_kind, while it negotiates */
	uint32_t peer, gateway;
	unsigned with; /* the node of its authenticated identity; SIM_NODES: none yet */
	ike_time created_at, established_at, expires_at;
	uint32_t lifetime;
};

struct view_pair {
	uint32_t number, peer, tunnel, spi_in, spi_out;
	unsigned with; /* the node of its party's identity */
	bool superseded, initiator;
	ike_time created_at, established_at, expires_at;
	struct ike_address remote;
};

/* A Quick Mode that is not over. */
struct view_quick {
	bool initiator;
	uint8_t expects; /* enum ike_message_kind */
};

struct view {
	unsigned sas;
	struct view_sa sa[VIEW_SAS];
	unsigned pairs, quicks;
	struct view_pair pair[VIEW_PAIRS];
	struct view_quick quick[VIEW_QUICKS];
	uint64_t sacred, asking, memory, halfway;
	uint32_t outputs, handshakes;
};

void view_take(struct view *view, const struct ike_core *core);
const struct view_sa *view_find(const struct view *view, const uint8_t *cky_i,
				const uint8_t *cky_r);
const struct view_pair *view_find_pair(const struct view *view, uint32_t number);
/* A copy of as much as there is. */
void view_copy(struct view *to, const struct view *from);
/* The core's own, for what a view does not hold. */
struct ike_sa *view_core_sa(const struct ike_core *core, const struct view_sa *sa);

#endif
