/* SPDX-License-Identifier: ISC */
/*
 * quick_mode_life.c - what a Quick Mode needs while it lasts: memory, retransmission (RFC 2408 section 5.1), Diffie-Hellman, and
 * its end.
 *
 * Both sides retransmit by timer, for the responder, too, waits for an answer, and both addresses were proved by Phase 1.  The
 * initiator keeps his last message for a while, because the responder repeats QM2 until he has it.
 */
#include <assert.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/keymat.h"
#include "ike/nat_traversal.h"
#include "ike/quick_mode.h"

#define TRIES              5u  /* transmissions of one message */
#define REPEATS            10u /* of one message, because the peer has repeated his */
#define LAST_MESSAGE_KEPT  (30 * IKE_SECOND)
#define WAIT_FOR_CONNECTED (2 * IKE_SECOND)

/* ---- memory -------------------------------------------------------------------------------------------------------- */

struct ike_quick_mode *quick_mode_first(const struct ike_core *core, const struct ike_sa *sa)
{
	return sa_table_seldom(core->sas, sa)->first_quick;
}

/* One that is only kept to repeat its last message makes room for one that is needed. */
static void make_room(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_quick_mode *quick = quick_mode_first(core, sa);

	while (quick != NULL && !quick->over)
		quick = quick->next_of_sa;
	if (quick != NULL)
		quick_mode_free(core, quick);
}

void quick_modes_free(struct ike_core *core)
{
	uint32_t cursor = 0;
	struct ike_sa *sa;

	while ((sa = sa_table_next(core->sas, &cursor)) != NULL)
		while (quick_mode_first(core, sa) != NULL)
			quick_mode_free(core, quick_mode_first(core, sa));
	while (core->free_quick_mode != NULL) {
		struct ike_quick_mode *quick = core->free_quick_mode;

		core->free_quick_mode = quick->next_free;
		secret_slab_free(quick, sizeof(*quick));
	}
}

/* An eighth of them is kept for those that we begin, as with Phase 1. */
static bool limit_reached(const struct ike_core *core, bool initiator)
{
	uint32_t limit = core->settings->limits.quick_modes;

	return core->quick_modes >= (initiator ? limit : limit - limit / 8);
}

bool quick_mode_too_many(const struct ike_core *core, const struct ike_sa *sa)
{
	const struct ike_quick_mode *quick = quick_mode_first(core, sa);
	size_t theirs = 0;

	for (; quick != NULL; quick = quick->next_of_sa)
		theirs += !quick->initiator;
	return theirs >= QUICK_MODES_PER_SA || limit_reached(core, false);
}

static struct ike_quick_mode *take_memory(struct ike_core *core)
{
	struct ike_quick_mode *quick = core->free_quick_mode;
	uint32_t generation;

	if (quick != NULL)
		core->free_quick_mode = quick->next_free;
	else
		quick = secret_slab_new(sizeof(*quick));
	if (quick == NULL)
		return NULL;
	generation = quick->generation;
	memset(quick, 0, sizeof(*quick));
	quick->generation = generation;
	core->quick_modes++;
	return quick;
}

static void give_memory_back(struct ike_core *core, struct ike_quick_mode *quick)
{
	uint32_t generation = quick->generation;

	secret_wipe(quick, sizeof(*quick));
	quick->generation = generation + 1; /* what is still queued of it will not be sent */
	quick->next_free = core->free_quick_mode;
	core->free_quick_mode = quick;
	core->quick_modes--;
}

struct ike_quick_mode *quick_mode_new(struct ike_core *core, struct ike_sa *sa, bool initiator,
				      uint32_t message_id)
{
	struct ike_quick_mode *quick;

	if (limit_reached(core, initiator))
		make_room(core, sa);
	if (limit_reached(core, initiator)) {
		tell_overload(core, "limit quick_modes: too many Quick Modes at once");
		return NULL;
	}
	quick = party_make_room_for_pairs(sa->party) ? take_memory(core) : NULL;
	if (quick == NULL) {
		tell_overload(core, "memory: no room for a Quick Mode");
		return NULL;
	}
	quick->pair = ipsec_table_add(core->pairs, &core->random);
	if (quick->pair == NULL) {
		tell_overload(core, "limit ipsec_sas: no room for another pair of IPsec SAs");
		give_memory_back(core, quick);
		return NULL;
	}
	quick->sa = sa;
	quick->initiator = initiator;
	quick->message_id = message_id;
	quick->expects = IKE_MESSAGE_KINDS;
	quick->resend_at = IKE_NEVER;
	quick->give_up_at = IKE_NEVER;
	quick->next_of_sa = quick_mode_first(core, sa);
	sa_table_write_seldom(core->sas, sa)->first_quick = quick;
	quick->pair->created_at = core->now;
	quick->pair->gateway = sa_gateway(sa);
	quick->pair->sa.peer = sa->peer;
	quick->pair->sa.initiator = initiator;
	return quick;
}

static void unqueue_work(struct ike_core *core, struct ike_quick_mode *quick)
{
	struct ike_quick_mode **link = &core->first_quick_work;

	if (quick->work == IKE_WORK_NONE)
		return;
	while (*link != quick)
		link = &(*link)->next_work;
	*link = quick->next_work;
	if (core->last_quick_work == &quick->next_work)
		core->last_quick_work = link;
	quick->work = IKE_WORK_NONE;
}

void quick_mode_free(struct ike_core *core, struct ike_quick_mode *quick)
{
	struct ike_quick_mode **link = &sa_table_write_seldom(core->sas, quick->sa)->first_quick;

	unqueue_work(core, quick);
	timer_cancel(&core->quick_timers, &quick->timer);
	while (*link != quick)
		link = &(*link)->next_of_sa;
	*link = quick->next_of_sa;
	if (quick->tunnel != NULL && quick->tunnel->quick == quick)
		quick->tunnel->quick = NULL;
	if (quick->pair != NULL)
		ipsec_table_remove(core->pairs, quick->pair);
	dh_free(quick->dh);
	give_memory_back(core, quick);
}

struct ike_quick_mode *quick_mode_find(const struct ike_core *core, const struct ike_sa *sa,
				       uint32_t message_id)
{
	struct ike_quick_mode *quick = quick_mode_first(core, sa);

	while (quick != NULL && quick->message_id != message_id)
		quick = quick->next_of_sa;
	return quick;
}

/* ---- sending, and sending again ------------------------------------------------------------------------------------ */

void quick_mode_arm(struct ike_core *core, struct ike_quick_mode *quick)
{
	timer_arm(&core->quick_timers, &quick->timer,
		  quick->resend_at < quick->give_up_at ? quick->resend_at : quick->give_up_at);
}

void quick_mode_transmit(struct ike_core *core, struct ike_quick_mode *quick)
{
	const struct ike_sa *sa = quick->sa;

	quick->resends = 0;
	quick->resend_at =
	    quick->expects == IKE_MESSAGE_KINDS ? IKE_NEVER : core->now + handshake_wait(core, 0);
	(void)output_quick_mode(core, quick); /* a full queue is like a loss */
	nat_t_sent(core, quick->sa);
	tell_sent(core, sa, &sa->remote, octets_of(quick->plain, quick->plain_length), true);
	quick_mode_arm(core, quick);
}

static void send_again(struct ike_core *core, struct ike_quick_mode *quick)
{
	quick->resends++;
	core->counter[IKE_COUNT_RETRANSMISSIONS]++;
	(void)output_quick_mode(core, quick);
}

void quick_mode_repeat(struct ike_core *core, struct ike_quick_mode *quick)
{
	/* the answer may still be waiting for its Diffie-Hellman: then there is nothing to repeat yet */
	if (quick->work != IKE_WORK_NONE || quick->sent_length == 0 || quick->resends >= REPEATS)
		return;
	send_again(core, quick);
}

void quick_mode_time(struct ike_core *core, struct ike_quick_mode *quick)
{
	if (quick->over && quick->give_up_at <= core->now) {
		quick_mode_free(core, quick);
		return;
	}
	if (quick->expects == IKE_QM4 && quick->give_up_at <= core->now) {
		quick_mode_done(
		    core, quick); /* CONNECTED has not come; the SAs are agreed all the same */
		return;
	}
	if (quick->resend_at <= core->now) {
		if (quick->resends + 1 >= TRIES) {
			quick_mode_fail(core, quick, IKE_WHY_NO_ANSWER);
			return;
		}
		send_again(core, quick);
		quick->resend_at = core->now + handshake_wait(core, quick->resends);
	}
	quick_mode_arm(core, quick);
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static enum ike_why reason_of(const struct ike_quick_mode *quick, enum ike_why why)
{
	bool refused = quick->last_refusal != IKE_ACCEPTED;

	return why == IKE_WHY_NO_ANSWER && refused ? IKE_WHY_REFUSED : why;
}

static void tell_failed(struct ike_core *core, const struct ike_quick_mode *quick, enum ike_why why)
{
	struct ike_event *event = tell_event_of_sa(core, IKE_EVENT_IPSEC_FAILED, quick->sa);

	event->initiator = quick->initiator;
	event->tunnel = quick->pair->sa.tunnel;
	event->why = reason_of(quick, why);
	event->verdict = quick->last_refusal;
	event->notify_type = quick->peer_said;
}

void quick_mode_fail(struct ike_core *core, struct ike_quick_mode *quick, enum ike_why why)
{
	struct ike_tunnel *tunnel = quick->tunnel;
	uint32_t renews = quick->renews;

	tell_failed(core, quick, why);
	quick_mode_free(core, quick);
	if (tunnel != NULL)
		tunnel_failed(core, tunnel, renews, why);
}

/* R137: CONNECTED is waited for, but not for ever. */
static void agreed(struct ike_core *core, struct ike_quick_mode *quick)
{
	if (!quick->commit) {
		quick_mode_done(core, quick);
		return;
	}
	quick->expects = IKE_QM4;
	quick->resend_at = IKE_NEVER;
	quick->give_up_at = core->now + WAIT_FOR_CONNECTED;
	quick_mode_arm(core, quick);
}

/* The one Quick Mode of ours that a notification can only be about; NULL: there are several, or none. */
static struct ike_quick_mode *said_about(const struct ike_core *core, const struct ike_sa *sa,
					 struct octets spi)
{
	struct ike_quick_mode *quick = quick_mode_first(core, sa), *found = NULL;
	struct wire_reader reader;
	uint32_t named = 0;
	size_t open = 0;

	wire_read_from(&reader, spi);
	if (spi.length == sizeof(named))
		named = wire_read_u32(&reader);
	for (; quick != NULL; quick = quick->next_of_sa) {
		if (quick->expects != IKE_QM2)
			continue;
		if (quick->pair->sa.spi_in == named)
			return quick;
		found = quick;
		open++;
	}
	return open == 1 ? found : NULL;
}

void quick_mode_peer_says(struct ike_core *core, struct ike_sa *sa, uint16_t notify_type,
			  struct octets spi, bool fresh)
{
	struct ike_quick_mode *about = said_about(core, sa, spi),
			      *quick = quick_mode_first(core, sa);

	for (; quick != NULL; quick = quick->next_of_sa)
		if (quick->expects == IKE_QM2 && (about == NULL || about == quick))
			quick->peer_said = notify_type;
	/* one that was recorded long ago must not end what is new */
	if (about != NULL && fresh)
		quick_mode_fail(core, about, IKE_WHY_PEER_REFUSED);
}

static void make_keys(struct ike_core *core, struct ike_quick_mode *quick, struct octets g_xy)
{
	struct ike_ipsec_sa *sa = &quick->pair->sa;
	const struct keymat_source source = {
	    .hash = quick->sa->hash,
	    .skeyid_d = octets_of(sa_skeyid_d(quick->sa), hash_length(quick->sa->hash)),
	    .g_xy = g_xy,
	    .protocol = IKE_PROTOCOL_ESP,
	    .ni_b = octets_of(quick->ni, quick->ni_length),
	    .nr_b = octets_of(quick->nr, quick->nr_length),
	};
	size_t length;
	bool known;

	known = ipsec_proposal_key_lengths(&sa->proposal, &sa->encryption_key_length,
					   &sa->authentication_key_length);
	assert(known); /* nothing else is offered or accepted */
	length = sa->encryption_key_length + sa->authentication_key_length;
	keymat(core->crypto, &source, sa->spi_in, sa->keymat_in, length);
	keymat(core->crypto, &source, sa->spi_out, sa->keymat_out, length);
}

void quick_mode_done(struct ike_core *core, struct ike_quick_mode *quick)
{
	struct ike_pair *pair = quick->pair;
	struct ike_sa *sa = quick->sa;

	quick->pair = NULL;
	if (quick->tunnel != NULL)
		quick->tunnel->quick = NULL;
	quick->tunnel = NULL;
	if (quick->initiator) {
		quick->over = true;
		quick->expects = IKE_MESSAGE_KINDS;
		quick->give_up_at = core->now + LAST_MESSAGE_KEPT;
		quick_mode_arm(core, quick);
	} else {
		quick_mode_free(core, quick);
	}
	pair_up(core, pair, sa);
}

/* ---- Diffie-Hellman ------------------------------------------------------------------------------------------------ */

void quick_mode_queue_work(struct ike_core *core, struct ike_quick_mode *quick, enum ike_work work)
{
	assert(quick->work == IKE_WORK_NONE && work != IKE_WORK_NONE);
	quick->work = work;
	quick->next_work = NULL;
	*core->last_quick_work = quick;
	core->last_quick_work = &quick->next_work;
}

static void do_key_pair(struct ike_core *core, struct ike_quick_mode *quick)
{
	quick->dh = dh_generate(core->crypto, quick->group, &core->random);
	if (quick->dh == NULL) {
		tell_overload(core, "memory: no key pair for Quick Mode");
		quick_mode_fail(core, quick, IKE_WHY_REFUSED);
		return;
	}
	if (quick->initiator)
		quick_mode_send_1(core, quick);
	else
		quick_mode_send_2(core, quick);
}

static void do_secret(struct ike_core *core, struct ike_quick_mode *quick)
{
	struct octets theirs = octets_of(quick->peer_public, dh_public_length(quick->group));
	uint8_t g_xy[DH_MAX_LENGTH];

	if (!dh_secret(core->crypto, quick->dh, theirs, g_xy)) {
		quick->last_refusal = tell_refusal(core, NULL, IKE_BAD_KEY_EXCHANGE);
		quick_mode_fail(core, quick, IKE_WHY_REFUSED);
		return;
	}
	make_keys(core, quick, octets_of(g_xy, dh_secret_length(quick->group)));
	secret_wipe(g_xy, sizeof(g_xy));
	dh_free(quick->dh);
	quick->dh = NULL;
	if (quick->initiator)
		quick_mode_send_3(core, quick);
	agreed(core, quick);
}

void quick_mode_work(struct ike_core *core, struct ike_quick_mode *quick)
{
	enum ike_work work = quick->work;

	unqueue_work(core, quick);
	if (work == IKE_WORK_KEY_PAIR)
		do_key_pair(core, quick);
	else if (work == IKE_WORK_SECRET)
		do_secret(core, quick);
}

void quick_mode_proved(struct ike_core *core, struct ike_quick_mode *quick)
{
	if (quick->pfs) {
		quick_mode_queue_work(core, quick, IKE_WORK_SECRET);
		return;
	}
	make_keys(core, quick, octets_of(NULL, 0));
	if (quick->initiator)
		quick_mode_send_3(core, quick);
	agreed(core, quick);
}

struct ike_quick_mode *quick_mode_of_timer(struct timer *timer)
{
	return (struct ike_quick_mode *)(void *)((char *)timer -
						 offsetof(struct ike_quick_mode, timer));
}
