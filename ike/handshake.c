/* SPDX-License-Identifier: ISC */
/*
 * handshake.c - what a Phase 1 needs while it lasts, and its retransmissions (RFC 2408 section 5.1).
 *
 * Whoever wants an answer repeats the question: the initiator by timer.  The responder never sends anything by timer; it
 * gives its last answer again when the same datagram comes again, and only so often.  A responder that retransmits before the
 * initiator has shown its address amplifies (CVE-2016-5361).
 */
#include <assert.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/core.h"

#define FIRST_WAIT     IKE_SECOND /* doubled with every try */
#define LONGEST_WAIT   (16 * IKE_SECOND)
#define TRIES          5u                /* transmissions of one message by its initiator */
#define REPEATS        10u               /* of one message by its responder */
#define HALF_OPEN_LIFE (30 * IKE_SECOND) /* and how long a last message is kept for repeating */

/*
 * R133: there is a limit; R134: an eighth of them is kept for those that we begin.  Whoever fills the rest with first messages (CVE-2006-3906) must not keep us
 * from renewing an SA, or from calling a peer that has died.
 */
static bool too_many(const struct ike_core *core, bool initiator)
{
	uint32_t limit = core->settings->limits.handshakes;

	return core->handshakes >= (initiator ? limit : limit - limit / 8);
}

/* What is over is not half-open: where there is no other room it makes room, the oldest first.  A lost MM6 is then not said again. */
static void make_room(struct ike_core *core, bool initiator)
{
	while (too_many(core, initiator) && core->oldest_over != NULL)
		handshake_free(core, core->oldest_over);
}

/* R133: in all, and for each source. */
struct ike_handshake *handshake_new(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake;
	uint32_t generation;

	/* first: who has too many already is not to take the place of what is over of others */
	if (!sa->initiator && !source_counter_add(&core->sources, &sa->remote,
						  core->settings->limits.handshakes_per_source))
		return NULL;
	make_room(core, sa->initiator);
	if (too_many(core, sa->initiator)) {
		if (!sa->initiator)
			source_counter_remove(&core->sources, &sa->remote);
		tell_overload(core, "limit handshakes: too many Phase 1 negotiations at once");
		return NULL;
	}
	handshake = core->free_handshake;
	if (handshake != NULL)
		core->free_handshake = handshake->next_free;
	else
		handshake = secret_slab_new(sizeof(*handshake));
	if (handshake == NULL) {
		if (!sa->initiator)
			source_counter_remove(&core->sources, &sa->remote);
		return NULL;
	}
	generation = handshake->generation;
	memset(handshake, 0, sizeof(*handshake));
	handshake->generation = generation;
	handshake->sa = sa;
	handshake->begun_at = core->now;
	handshake->counted = !sa->initiator;
	handshake->resend_at = IKE_NEVER;
	handshake->give_up_at = core->now + HALF_OPEN_LIFE;
	sa->handshake = handshake;
	core->handshakes++;
	return handshake;
}

static void uncount(struct ike_core *core, struct ike_handshake *handshake)
{
	if (handshake->counted)
		source_counter_remove(&core->sources, &handshake->sa->remote);
	handshake->counted = false;
}

void handshake_keep(struct ike_core *core, struct ike_handshake *handshake, ike_time until)
{
	handshake->over = true;
	handshake->give_up_at = until;
	if (handshake->sa->initiator)
		return; /* AM3: without it the responder would have nothing */
	uncount(core, handshake);
	handshake->older = core->newest_over;
	if (core->newest_over != NULL)
		core->newest_over->newer = handshake;
	else
		core->oldest_over = handshake;
	core->newest_over = handshake;
}

static void keep_no_longer(struct ike_core *core, struct ike_handshake *handshake)
{
	if (!handshake->over || handshake->sa->initiator)
		return;
	if (handshake->older != NULL)
		handshake->older->newer = handshake->newer;
	else
		core->oldest_over = handshake->newer;
	if (handshake->newer != NULL)
		handshake->newer->older = handshake->older;
	else
		core->newest_over = handshake->older;
}

void handshake_free(struct ike_core *core, struct ike_handshake *handshake)
{
	uint32_t generation;

	if (handshake == NULL)
		return;
	handshake_unqueue_work(core, handshake);
	keep_no_longer(core, handshake);
	uncount(core, handshake);
	if (handshake->for_unknown_spi)
		core->unknown_spis.calls--;
	handshake->sa->handshake = NULL;
	dh_free(handshake->dh);
	generation = handshake->generation;
	secret_wipe(handshake, sizeof(*handshake));
	handshake->generation = generation + 1; /* what is still queued of it will not be sent */
	handshake->next_free = core->free_handshake;
	core->free_handshake = handshake;
	core->handshakes--;
}

/* ---- work, for later ----------------------------------------------------------------------------------------------- */

void handshake_queue_work(struct ike_core *core, struct ike_handshake *handshake,
			  enum ike_work work)
{
	assert(handshake->work == IKE_WORK_NONE && work != IKE_WORK_NONE);
	handshake->work = work;
	handshake->next_work = NULL;
	*core->last_work = handshake;
	core->last_work = &handshake->next_work;
}

void handshake_unqueue_work(struct ike_core *core, struct ike_handshake *handshake)
{
	struct ike_handshake **link = &core->first_work;

	if (handshake->work == IKE_WORK_NONE)
		return;
	while (*link != handshake)
		link = &(*link)->next_work;
	*link = handshake->next_work;
	if (core->last_work == &handshake->next_work)
		core->last_work = link;
	handshake->work = IKE_WORK_NONE;
}

/* ---- sending, and sending again ------------------------------------------------------------------------------------ */

ike_time handshake_wait(struct ike_core *core, uint32_t resends)
{
	ike_time wait = FIRST_WAIT << (resends < 5 ? resends : 5);

	if (wait > LONGEST_WAIT)
		wait = LONGEST_WAIT;
	/* a quarter either way, so that nodes that lost the same router do not come back in step */
	return wait - wait / 4 + random_below(&core->random, (uint32_t)(wait / 2));
}

void handshake_send(struct ike_core *core, struct ike_handshake *handshake)
{
	struct ike_sa *sa = handshake->sa;

	handshake->resends = 0;
	handshake->message++;
	if (sa->initiator)
		handshake->resend_at = core->now + handshake_wait(core, 0);
	/* a full queue is like a loss: the next try sends it */
	(void)output_handshake(core, handshake, &sa->remote, sa_local(core, sa));
	tell_sent(core, sa, &sa->remote,
		  handshake->plain_length > 0 ? octets_of(handshake->plain, handshake->plain_length)
					      : octets_of(handshake->sent, handshake->sent_length),
		  handshake->plain_length > 0);
	sa_arm(core, sa);
}

static void send_again(struct ike_core *core, struct ike_handshake *handshake,
		       const struct ike_address *remote, const struct ike_address *local)
{
	handshake->resends++;
	core->counter[IKE_COUNT_RETRANSMISSIONS]++;
	(void)output_handshake(core, handshake, remote, local);
}

void handshake_repeat(struct ike_core *core, struct ike_handshake *handshake,
		      const struct ike_datagram *datagram)
{
	/* the answer may still be waiting for its work: then there is nothing to repeat yet */
	if ((handshake->expects == IKE_MESSAGE_KINDS && !handshake->over) ||
	    handshake->resends >= REPEATS)
		return;
	send_again(core, handshake, &datagram->remote, &datagram->local);
}

uint64_t handshake_mark(const struct ike_core *core, struct octets datagram)
{
	return table_hash(core->hash_key, datagram);
}

ike_time handshake_deadline(const struct ike_handshake *handshake)
{
	if (handshake->sa->initiator && !handshake->over)
		return handshake->resend_at;
	if (handshake->over && handshake->resend_at < handshake->give_up_at)
		return handshake->resend_at;
	return handshake->give_up_at;
}

bool handshake_is_unanswered(const struct ike_handshake *handshake)
{
	return handshake->sa->initiator &&
	       (handshake->expects == IKE_MM2 || handshake->expects == IKE_AM2 ||
		handshake->sent_length == 0);
}

/*
 * Nothing answers AM3, so its sender says it again until he hears anything under the SA, which ends this (informational.c); a
 * responder that has it already says something then (phase_1_first.c).
 */
static void last_message_time(struct ike_core *core, struct ike_handshake *handshake)
{
	if (handshake->give_up_at <= core->now) {
		handshake_free(core, handshake);
		return;
	}
	if (handshake->resends + 1 < TRIES) {
		send_again(core, handshake, &handshake->sa->remote, sa_local(core, handshake->sa));
		handshake->resend_at = core->now + handshake_wait(core, handshake->resends);
	} else {
		handshake->resend_at = IKE_NEVER;
	}
	sa_arm(core, handshake->sa);
}

void handshake_give_up(struct ike_core *core, struct ike_handshake *handshake)
{
	handshake->resends = TRIES;
	handshake->resend_at = handshake->give_up_at = core->now;
	sa_arm(core, handshake->sa);
}

/* R130: of a responder time only ends it. */
void handshake_time(struct ike_core *core, struct ike_handshake *handshake)
{
	struct ike_sa *sa = handshake->sa;

	if (core->now < handshake_deadline(handshake))
		return;
	if (handshake->over) {
		last_message_time(core, handshake);
		return;
	}
	if (!sa->initiator || handshake->resends + 1 >= TRIES) {
		sa_fail(core, sa, IKE_WHY_NO_ANSWER);
		return;
	}
	send_again(core, handshake, &sa->remote, sa_local(core, sa));
	handshake->resend_at = core->now + handshake_wait(core, handshake->resends);
	sa_arm(core, sa);
}
