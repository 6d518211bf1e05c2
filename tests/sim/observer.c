/* SPDX-License-Identifier: ISC */
/*
 * observer.c - the keepalive as the engine sees it, and what passes between the two written down.  It changes nothing.
 */
#include <stddef.h>
#include <string.h>

#include "keepalive/extension.h"
#include "tests/sim/invariants.h"
#include "tests/sim/sim.h"

struct sim *observer_sim;
const struct ike_extension *observer_keepalive;
void (*observer_tampers)(struct sim *sim, struct node *node);
bool (*observer_passes)(const struct ike_ipsec_change *change);

static const struct ike_extension *observed(void)
{
	return observer_keepalive != NULL ? observer_keepalive : keepalive_extension();
}

static enum keepalive_input_kind kind_of(const struct ike_extension_sa_input *input)
{
	static const enum keepalive_input_kind kind[] = {
	    [IKE_EXTENSION_SA_UP] = KEEPALIVE_SA_UP,
	    [IKE_EXTENSION_SA_SUPERSEDED] = KEEPALIVE_SA_SUPERSEDED,
	    [IKE_EXTENSION_HEARD] = KEEPALIVE_HEARD,
	    [IKE_EXTENSION_NOTIFY] = KEEPALIVE_R_U_THERE,
	    [IKE_EXTENSION_TRAFFIC] = KEEPALIVE_WANT_TO_SEND,
	    [IKE_EXTENSION_ASK_NOW] = KEEPALIVE_ASK_NOW,
	    [IKE_EXTENSION_HINT] = KEEPALIVE_HINT,
	    [IKE_EXTENSION_TIME] = KEEPALIVE_TIME,
	};

	if (input->happening == IKE_EXTENSION_NOTIFY &&
	    input->notify_type == IKE_NOTIFY_R_U_THERE_ACK)
		return KEEPALIVE_ACK;
	return kind[input->happening];
}

static void sa_step(void *state, const void *settings, const struct ike_extension_sa_input *input,
		    struct ike_extension_answer *answer)
{
	struct sim *sim = observer_sim;
	const struct keepalive_peer *after = state;
	const struct keepalive_peer before = *after;
	const struct keepalive_peer_settings *own = settings;
	const struct ike_sa *sa =
	    (const void *)((const char *)state - offsetof(struct ike_sa, extension));
	enum keepalive_input_kind kind = kind_of(input);

	wholes_settle(sim, sim->acting);
	observed()->sa_step(state, settings, input, answer);
	if (!sim->checks)
		return;
	sim->hinted |= kind == KEEPALIVE_HINT;
	coverage_add(sim->coverage, COVER_KEEPALIVE,
		     coverage_keepalive_row(before.state, kind, after->state));
	if (!coverage_keepalive_possible(before.state, kind, after->state) &&
	    !(answer->verdict != IKE_ACCEPTED && before.state == after->state))
		sim_fail(sim, "the keepalive makes only the transitions of its table", sim->acting,
			 "from %s to %s by input %d", keepalive_state_name(before.state),
			 keepalive_state_name(after->state), (int)kind);
	invariant_keepalive_step(
	    sim, sim->acting, &own->plan,
	    &(struct keepalive_observation){sa, &before, after, kind, input, answer});
}

static void peer_step(void *state, const void *settings,
		      const struct ike_extension_peer_input *input,
		      struct ike_extension_answer *answer)
{
	struct sim *sim = observer_sim;
	const struct recovery *after = state;
	const struct recovery before = *after;

	observed()->peer_step(state, settings, input, answer);
	if (!sim->checks)
		return;
	coverage_add(sim->coverage, COVER_RECOVERY,
		     coverage_recovery_row(before.state, input->happening, after->state));
	if (!coverage_recovery_possible(before.state, input->happening, after->state))
		sim_fail(sim, "the recovery makes only the transitions of its table", sim->acting,
			 "from %s to %s by happening %d", recovery_state_name(before.state),
			 recovery_state_name(after->state), (int)input->happening);
}

const struct ike_extension *observer_extension(void)
{
	static struct ike_extension extension;

	extension = *keepalive_extension();
	extension.sa_step = sa_step;
	extension.peer_step = peer_step;
	return &extension;
}
