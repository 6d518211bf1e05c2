/* SPDX-License-Identifier: ISC */
/*
 * extension.c - the adapter: what the engine says becomes an input of keepalive_step, and its actions become the engine's.
 * There is no policy here.  To try another mechanism, replace what it translates to.
 */
#include "keepalive/extension.h"

#include <assert.h>

#include "ike/registry.h"
#include "keepalive/capability.h"
#include "keepalive/message.h"

_Static_assert(sizeof(struct keepalive_peer) <= IKE_EXTENSION_SA_OCTETS, "must fit beside an SA");
_Static_assert(sizeof(struct recovery) <= IKE_EXTENSION_PEER_OCTETS, "must fit beside a peer");
_Static_assert(KEEPALIVE_BODY_LENGTH <= IKE_EXTENSION_BODY_MAX, "must fit into an action");

static bool owns_notify(uint16_t notify_type)
{
	return notify_type == IKE_NOTIFY_R_U_THERE || notify_type == IKE_NOTIFY_R_U_THERE_ACK;
}

/* ---- from the engine ----------------------------------------------------------------------------------------------- */

static const enum keepalive_input_kind kind_of_happening[] = {
    [IKE_EXTENSION_SA_UP] = KEEPALIVE_SA_UP,
    [IKE_EXTENSION_SA_SUPERSEDED] = KEEPALIVE_SA_SUPERSEDED,
    [IKE_EXTENSION_HEARD] = KEEPALIVE_HEARD,
    [IKE_EXTENSION_NOTIFY] = KEEPALIVE_R_U_THERE, /* or ACK: see read_notify */
    [IKE_EXTENSION_TRAFFIC] = KEEPALIVE_WANT_TO_SEND,
    [IKE_EXTENSION_ASK_NOW] = KEEPALIVE_ASK_NOW,
    [IKE_EXTENSION_HINT] = KEEPALIVE_HINT,
    [IKE_EXTENSION_TIME] = KEEPALIVE_TIME,
};

static enum ike_verdict read_notify(const struct ike_extension_sa_input *input,
				    enum keepalive_strictness strictness,
				    struct keepalive_input *out)
{
	struct keepalive_message message;
	enum ike_verdict verdict;

	if (!owns_notify(input->notify_type))
		return IKE_NOTIFY_IGNORED;
	verdict = keepalive_message_parse(input->body, input->notify_type, input->cky_i,
					  input->cky_r, strictness, &message);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	out->number = message.number;
	if (message.type == IKE_NOTIFY_R_U_THERE_ACK)
		out->kind = KEEPALIVE_ACK;
	return IKE_ACCEPTED;
}

/* ---- to the engine ------------------------------------------------------------------------------------------------- */

static struct ike_extension_action *act(struct ike_extension_answer *answer,
					enum ike_extension_action_kind kind)
{
	struct ike_extension_action *action;

	assert(answer->actions < IKE_EXTENSION_ACTIONS_MAX);
	action = &answer->action[answer->actions++];
	action->kind = kind;
	return action;
}

static void send_notify(struct ike_extension_answer *answer,
			const struct ike_extension_sa_input *input, uint16_t type, uint32_t number)
{
	struct ike_extension_action *action = act(answer, IKE_EXTENSION_SEND_NOTIFY);

	action->notify_type = type;
	action->body_length = KEEPALIVE_BODY_LENGTH;
	keepalive_message_build(type, input->cky_i, input->cky_r, number, action->body);
}

static void report(struct ike_extension_answer *answer, enum ike_extension_report_kind kind,
		   uint32_t number, uint32_t value, ike_time duration)
{
	assert(answer->reports < IKE_EXTENSION_REPORTS_MAX);
	answer->report[answer->reports++] = (struct ike_extension_report){
	    .kind = kind, .number = number, .value = value, .duration = duration};
}

static void tell_actions(const struct keepalive_actions *actions,
			 const struct ike_extension_sa_input *input,
			 struct ike_extension_answer *answer)
{
	if (actions->send_ack)
		send_notify(answer, input, IKE_NOTIFY_R_U_THERE_ACK, actions->ack);
	if (actions->send_r_u_there)
		send_notify(answer, input, IKE_NOTIFY_R_U_THERE, actions->r_u_there);
	if (actions->renew)
		act(answer, IKE_EXTENSION_RENEW);
	if (actions->dead)
		act(answer, IKE_EXTENSION_DECLARE_DEAD);
}

/* In the order in which it came about.  `open` counts this question. */
static void tell_reports(const struct keepalive_actions *actions, uint32_t open,
			 struct ike_extension_answer *answer)
{
	if (actions->late)
		report(answer, IKE_REPORT_LATE, 0, 0, actions->lateness);
	if (actions->send_ack)
		report(answer, IKE_REPORT_ANSWERED, actions->ack, 0, 0);
	if (actions->alive)
		report(answer, IKE_REPORT_ALIVE, actions->alive_number, actions->proves_life,
		       actions->round_trip);
	if (actions->suspect)
		report(answer, IKE_REPORT_SUSPECT, 0, actions->misses, actions->silence);
	if (actions->send_r_u_there)
		report(answer, IKE_REPORT_ASKED, actions->r_u_there, open, 0);
	if (actions->dead)
		report(answer, IKE_REPORT_DEAD, 0, actions->misses, actions->silence);
}

/* ---- the two steps ------------------------------------------------------------------------------------------------- */

static void sa_step(void *state, const void *settings, const struct ike_extension_sa_input *input,
		    struct ike_extension_answer *answer)
{
	struct keepalive_peer *peer = state;
	const struct keepalive_peer_settings *own = settings;
	struct keepalive_input in = {
	    .now = input->now,
	    .random = input->random,
	    .supported = input->supported,
	};
	struct keepalive_actions actions = {0};

	assert((size_t)input->happening < sizeof(kind_of_happening) / sizeof(kind_of_happening[0]));
	in.kind = kind_of_happening[input->happening];
	if (input->happening == IKE_EXTENSION_NOTIFY) {
		answer->verdict = read_notify(input, own->plan.strictness, &in);
		if (answer->verdict != IKE_ACCEPTED)
			return;
	}
	keepalive_step(peer, &own->plan, &in, &actions);
	answer->verdict = actions.verdict;
	answer->fresh = actions.proves_life || actions.alive;
	tell_actions(&actions, input, answer);
	tell_reports(&actions, peer->asked, answer);
}

static ike_time sa_wake(const void *state)
{
	const struct keepalive_peer *peer = state;

	return peer->state == KEEPALIVE_DOWN ? IKE_NEVER : peer->wake;
}

static void peer_step(void *state, const void *settings,
		      const struct ike_extension_peer_input *input,
		      struct ike_extension_answer *answer)
{
	const struct keepalive_peer_settings *own = settings;

	recovery_step(state, &own->recovery, input, answer);
}

static bool peer_rests(const void *state)
{
	return recovery_rests(state);
}

const struct ike_extension *keepalive_extension(void)
{
	static const struct ike_extension extension = {
	    .name = "keepalive",
	    .vendor_id = {keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH},
	    .recognises = keepalive_vendor_id_matches,
	    .owns_notify = owns_notify,
	    .sa_step = sa_step,
	    .sa_wake = sa_wake,
	    .peer_step = peer_step,
	    .peer_rests = peer_rests,
	};

	return &extension;
}
