/* SPDX-License-Identifier: ISC */
/*
 * host.c - runs the extension's steps and carries out what they answer.
 *
 * The step has finished before the first of its actions is carried out, so that an action may lead to another step of
 * the same peer without either seeing half of the other.
 */
#include <string.h>

#include "ike/core.h"

static void tell_report(struct ike_event *event, const struct ike_extension_report *report)
{
	event->report = *report;
	event->value = report->value;
}

/*
 * For first numbers and jitter, which nobody may foresee, but which are no secrets: SipHash of a counter.  The system's numbers
 * would be a system call for every message.  Nothing else that is hashed with this key is as short.
 */
static uint32_t fresh_number(struct ike_core *core)
{
	uint64_t number = core->numbers_given++;
	struct wire_writer writer;
	uint8_t octets[8];

	wire_write_to(&writer, octets, sizeof(octets));
	wire_write_u32(&writer, (uint32_t)(number >> 32));
	wire_write_u32(&writer, (uint32_t)number);
	return (uint32_t)table_hash(core->hash_key, wire_written(&writer));
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

ike_time host_sa_wake(const struct ike_core *core, const struct ike_sa *sa)
{
	const struct ike_extension *extension = core->settings->extension;

	return extension == NULL ? IKE_NEVER : extension->sa_wake(sa->extension);
}

static void carry_out_for_sa(struct ike_core *core, struct ike_sa *sa,
			     const struct ike_extension_action *action)
{
	switch (action->kind) {
	case IKE_EXTENSION_SEND_NOTIFY:
		(void)send_protected(core, sa, IKE_PAYLOAD_NOTIFY,
				     octets_of(action->body, action->body_length));
		break;
	case IKE_EXTENSION_RENEW:
		sa_renew(core, sa);
		break;
	case IKE_EXTENSION_DECLARE_DEAD:
		sa_delete(core, sa, IKE_WHY_DEAD, true); /* R98, R99: with a Delete */
		break;
	case IKE_EXTENSION_WAKE_AT:
	case IKE_EXTENSION_CONNECT:
	case IKE_EXTENSION_ABANDON:
	case IKE_EXTENSION_CLOSE:
		break; /* a peer's, not an SA's */
	}
}

static enum ike_verdict sa_step(struct ike_core *core, struct ike_sa *sa,
				struct ike_extension_sa_input *input, bool *fresh)
{
	const struct ike_extension *extension = core->settings->extension;
	struct ike_extension_answer answer;

	memset(&answer, 0, sizeof(answer));
	input->now = core->now;
	input->due = host_sa_wake(core, sa);
	input->random = fresh_number(core);
	input->cky_i = sa->cky_i;
	input->cky_r = sa->cky_r;
	input->supported = sa->supported;
	extension->sa_step(sa->extension, core->peer[sa->peer].settings->extension_settings, input,
			   &answer);
	if (host_sa_wake(core, sa) != input->due)
		sa_arm(core, sa);
	for (size_t i = 0; i < answer.reports; i++)
		tell_report(tell_event_of_sa(core, IKE_EVENT_REPORT, sa), &answer.report[i]);
	for (size_t i = 0; i < answer.actions && sa->state == IKE_SA_ESTABLISHED; i++)
		carry_out_for_sa(core, sa, &answer.action[i]);
	*fresh = answer.fresh;
	return answer.verdict;
}

void host_sa_happening(struct ike_core *core, struct ike_sa *sa,
		       enum ike_extension_sa_happening happening)
{
	struct ike_extension_sa_input input = {.happening = happening};
	bool fresh;

	if (core->settings->extension != NULL)
		(void)sa_step(core, sa, &input, &fresh);
}

enum ike_verdict host_notify(struct ike_core *core, struct ike_sa *sa, uint16_t notify_type,
			     struct octets body, bool *fresh)
{
	struct ike_extension_sa_input input = {
	    .happening = IKE_EXTENSION_NOTIFY,
	    .notify_type = notify_type,
	    .body = body,
	};

	return sa_step(core, sa, &input, fresh);
}

/* ---- peers --------------------------------------------------------------------------------------------------------- */

/* IPsec SAs may outlive the SA that they were made under: then this is no first contact. */
static bool pairs_are_held(const struct ike_core *core, uint32_t index, uint32_t gateway)
{
	const struct ike_peer *peer = &core->peer[index];

	return peer->pairs[gateway] > 0 || peer->pairs[IKE_GATEWAYS_MAX] > 0;
}

/* IPsec SAs first, because their Deletes travel under the SA. */
static void close_gateway(struct ike_core *core, struct ike_sa *sa)
{
	(void)pairs_delete(core, sa->party, IKE_NEVER, IKE_WHY_CLOSED, true);
	sa_delete(core, sa, IKE_WHY_CLOSED, true);
}

/* False: a limit was reached. */
static bool connect_gateway(struct ike_core *core, uint32_t index, uint32_t gateway)
{
	struct ike_peer *peer = &core->peer[index];

	if (peer->connecting[gateway] != NULL)
		return true;
	/* R109: INITIAL-CONTACT only where we hold nothing with that gateway (RFC 2407 section 4.6.3.3) */
	peer->connecting[gateway] =
	    phase_1_start(core, index, gateway, &peer->gateway[gateway],
			  peer->up[gateway] == NULL && !pairs_are_held(core, index, gateway), NULL);
	return peer->connecting[gateway] != NULL;
}

static bool carry_out_for_peer(struct ike_core *core, uint32_t index,
			       const struct ike_extension_action *action)
{
	struct ike_peer *peer = &core->peer[index];

	switch (action->kind) {
	case IKE_EXTENSION_WAKE_AT:
		timer_arm(&core->peer_timers, &peer->timer, action->at);
		break;
	case IKE_EXTENSION_CONNECT:
		return connect_gateway(core, index, action->gateway);
	case IKE_EXTENSION_ABANDON:
		if (peer->connecting[action->gateway] != NULL)
			sa_fail(core, peer->connecting[action->gateway], IKE_WHY_ABANDONED);
		break;
	case IKE_EXTENSION_CLOSE:
		if (peer->up[action->gateway] != NULL)
			close_gateway(core, peer->up[action->gateway]);
		break;
	case IKE_EXTENSION_SEND_NOTIFY:
	case IKE_EXTENSION_RENEW:
	case IKE_EXTENSION_DECLARE_DEAD:
		break; /* an SA's, not a peer's */
	}
	return true;
}

static bool ends_something(const struct ike_extension_action *action)
{
	return action->kind == IKE_EXTENSION_ABANDON || action->kind == IKE_EXTENSION_CLOSE;
}

static void tell_peer_report(struct ike_core *core, uint32_t index,
			     const struct ike_extension_report *report)
{
	struct ike_event *event = tell_event(core, IKE_EVENT_REPORT);

	event->peer = index;
	event->gateway = report->gateway;
	event->remote = core->peer[index].gateway[report->gateway];
	tell_report(event, report);
}

bool host_peer_rests(const struct ike_core *core, uint32_t index)
{
	const struct ike_extension *extension = core->settings->extension;
	const struct ike_peer *peer = &core->peer[index];

	for (size_t i = 0; i < peer->settings->gateways; i++)
		if (peer->up[i] != NULL || peer->connecting[i] != NULL)
			return false;
	/* where nobody decides when to call, the user alone does */
	return extension != NULL && extension->peer_rests(peer->extension);
}

void host_peer_happening(struct ike_core *core, uint32_t index, uint32_t gateway,
			 enum ike_extension_peer_happening happening)
{
	const struct ike_extension *extension = core->settings->extension;
	struct ike_peer *peer = &core->peer[index];
	struct ike_extension_peer_input input = {
	    .happening = happening,
	    .now = core->now,
	    .gateway = gateway,
	    .gateways = (uint32_t)peer->settings->gateways,
	};
	struct ike_extension_answer answer;
	bool failed = false;
	uint32_t failed_gateway = 0;

	if (peer->settings->gateways == 0)
		return;
	if (extension == NULL) {
		/* nobody decides when to call, so the user's word is followed, once */
		if (happening == IKE_EXTENSION_PEER_START)
			(void)connect_gateway(core, index, 0);
		return;
	}
	memset(&answer, 0, sizeof(answer));
	input.random = random_u32(&core->random);
	extension->peer_step(peer->extension, peer->settings->extension_settings, &input, &answer);
	/* what ends is told before what begins */
	for (size_t i = 0; i < answer.actions; i++)
		if (ends_something(&answer.action[i]))
			(void)carry_out_for_peer(core, index, &answer.action[i]);
	for (size_t i = 0; i < answer.reports; i++)
		tell_peer_report(core, index, &answer.report[i]);
	for (size_t i = 0; i < answer.actions; i++) {
		if (!ends_something(&answer.action[i]) &&
		    !carry_out_for_peer(core, index, &answer.action[i])) {
			failed = true;
			failed_gateway = answer.action[i].gateway;
		}
	}
	if (failed)
		host_peer_happening(core, index, failed_gateway, IKE_EXTENSION_PEER_FAILED);
}
