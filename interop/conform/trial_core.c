/* SPDX-License-Identifier: ISC */
/*
 * trial_core.c - the tester's cores, one per Phase 1 SA, and the loop that lets them talk with the device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/identity.h"
#include "interop/conform/trial_private.h"

#define TICK_BUDGET 16
#define SLACK       (200 * IKE_MILLISECOND) /* for farewells */

/* ---- an SA and its core -------------------------------------------------------------------------------------------- */

static void settle_extension(struct holder *holder, const struct trial *trial)
{
	if (holder->how.no_vendor_id)
		holder->ike.extension = NULL;
	if (holder->how.vendor_id.length == 0 || holder->ike.extension == NULL)
		return;
	holder->extension = *trial->settings->ike.extension;
	holder->extension.vendor_id = holder->how.vendor_id;
	holder->ike.extension = &holder->extension;
}

static bool settle(struct holder *holder, const struct trial *trial, bool calls)
{
	holder->ike = trial->settings->ike;
	holder->peer = trial->settings->peer;
	holder->ike.peer = &holder->peer;
	holder->ike.peers = 1;
	holder->ike.export_keys = holder->ike.plain_twins = true;
	holder->peer.gateway[0] = trial->world->device;
	holder->peer.gateways = calls ? 1 : 0;
	holder->peer.never_initial_contact = !holder->how.initial_contact;
	if (holder->how.aggressive)
		holder->peer.aggressive = true;
	settle_extension(holder, trial);
	return holder->how.identity == NULL ||
	       ike_identity_from_text(holder->how.identity, &holder->peer.local_identity);
}

struct holder *trial_hold(struct trial *trial, const struct trial_call *how, bool calls)
{
	struct holder *holder = NULL;

	if (trial->holders < TRIAL_SAS)
		holder = calloc(1, sizeof(*holder));
	if (holder != NULL) {
		if (how != NULL)
			holder->how = *how;
		if (settle(holder, trial, calls))
			holder->sa.core =
			    ike_core_new(&holder->ike, &trial->random, trial_now(trial));
	}
	if (holder == NULL || holder->sa.core == NULL) {
		free(holder);
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "no room for one more SA of the tester's");
		return NULL;
	}
	holder->sa.initiator = calls;
	holder->sa.index = trial->holders;
	holder->sa.remote = trial->world->device;
	holder->sa.local = trial->world->tester;
	holder->sa.number = trial_random(trial) >> 1;
	holder->sa.message_id = trial_random(trial) | 1;
	trial->holder[trial->holders++] = holder;
	return holder;
}

/* ---- what the cores say -------------------------------------------------------------------------------------------- */

static bool is_phase_1(const struct ike_datagram *datagram, struct ike_header *header)
{
	return ike_header_parse(octets_of(datagram->data, datagram->length), header) ==
		   IKE_ACCEPTED &&
	       ike_exchange_is_phase_1(header->exchange);
}

/* Which of our messages it is, from 1; the same again has the same number.  0: it is not of Phase 1. */
static unsigned count_message(struct holder *holder, const struct ike_datagram *datagram)
{
	struct ike_header header;

	if (!is_phase_1(datagram, &header))
		return 0;
	memcpy(holder->sa.cky_i, header.cky_i, IKE_COOKIE_LENGTH);
	if (!ike_cookie_is_zero(header.cky_r))
		memcpy(holder->sa.cky_r, header.cky_r, IKE_COOKIE_LENGTH);
	if (holder->last_length != datagram->length ||
	    memcmp(holder->last, datagram->data, datagram->length) != 0)
		holder->messages++;
	memcpy(holder->last, datagram->data, datagram->length);
	holder->last_length = datagram->length;
	return holder->messages;
}

static void send(struct trial *trial, struct holder *holder, struct ike_datagram *datagram)
{
	unsigned message = count_message(holder, datagram);
	struct record *record;

	if (holder->sa.mute)
		return;
	if (datagram->local.family == IKE_FAMILY_NONE)
		datagram->local = trial->world->tester;
	if (message > 0 && holder->how.tamper != NULL &&
	    !holder->how.tamper(trial, message, datagram))
		return;
	record = trial_note(trial, TRIAL_TESTER, datagram, &holder->sa);
	if (record == NULL)
		return;
	trial_note_twin(trial, record, octets_of(datagram->plain, datagram->plain_length));
	trial->world->send(trial->world, datagram);
}

static void send_all(struct trial *trial, struct holder *holder)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	struct ike_datagram datagram = {.data = data, .plain = plain, .room = sizeof(data)};

	while (ike_output(holder->sa.core, trial_now(trial), &datagram, 1) == 1) {
		send(trial, holder, &datagram);
		datagram =
		    (struct ike_datagram){.data = data, .plain = plain, .room = sizeof(data)};
	}
}

static void note_keys(struct holder *holder, const struct ike_event *event)
{
	memcpy(holder->sa.cky_i, event->cky_i, IKE_COOKIE_LENGTH);
	memcpy(holder->sa.cky_r, event->cky_r, IKE_COOKIE_LENGTH);
	(void)!ike_export_keys(holder->sa.core, event->cky_i, event->cky_r, &holder->sa.keys);
}

static void note_failure(struct holder *holder, const struct ike_event *event)
{
	holder->failed = true;
	if (event->verdict != IKE_ACCEPTED)
		snprintf(holder->why, sizeof(holder->why), "%s",
			 ike_verdict_sentence(event->verdict));
	else if (holder->why[0] == '\0')
		snprintf(holder->why, sizeof(holder->why), "%s", ike_why_text(event->why));
}

static void note_event(struct holder *holder, const struct ike_event *event)
{
	const char *name;

	switch (event->kind) {
	case IKE_EVENT_KEYS:
		note_keys(holder, event);
		break;
	case IKE_EVENT_ESTABLISHED:
		note_keys(holder, event);
		holder->sa.established = true;
		holder->sa.supported = event->supported;
		holder->sa.remote = event->remote;
		break;
	case IKE_EVENT_FAILED:
		note_failure(holder, event);
		break;
	case IKE_EVENT_PEER_SAYS:
		name = ike_notify_name(event->notify_type);
		snprintf(holder->why, sizeof(holder->why), "the device says %s (%u)",
			 name != NULL ? name : "an error without a name", event->notify_type);
		break;
	case IKE_EVENT_DELETED:
		holder->sa.gone = true;
		break;
	case IKE_EVENT_IPSEC_ESTABLISHED:
		holder->quick_mode_up = true;
		break;
	case IKE_EVENT_IPSEC_FAILED:
		holder->quick_mode_failed = true;
		break;
	default:
		break;
	}
}

static void work(struct trial *trial, struct holder *holder)
{
	struct ike_event event;

	do {
		send_all(trial, holder);
		while (ike_events(holder->sa.core, &event, 1) == 1)
			note_event(holder, &event);
	} while (ike_tick(holder->sa.core, trial_now(trial), TICK_BUDGET) > 0);
	send_all(trial, holder);
	while (ike_events(holder->sa.core, &event, 1) == 1)
		note_event(holder, &event);
}

/* ---- what the device says ------------------------------------------------------------------------------------------ */

/* Whose it is; a first message of a new SA goes to the core that waits for one. */
static struct holder *holder_of(struct trial *trial, const struct ike_datagram *datagram)
{
	struct ike_header header;
	struct holder *holder, *called = trial->called;

	(void)!ike_header_parse(octets_of(datagram->data, datagram->length), &header);
	holder = trial_holder_of(trial, &header);
	if (holder != NULL || called == NULL || !is_phase_1(datagram, &header) ||
	    !ike_cookie_is_zero(header.cky_r))
		return holder;
	memcpy(called->sa.cky_i, header.cky_i, IKE_COOKIE_LENGTH);
	called->sa.remote = datagram->remote;
	trial->called = NULL;
	return called;
}

static void take(struct trial *trial, struct ike_datagram *datagram)
{
	struct holder *holder = holder_of(trial, datagram);
	struct record *record =
	    trial_note(trial, TRIAL_DEVICE, datagram, holder != NULL ? &holder->sa : NULL);
	uint8_t plain[IKE_DATAGRAM_MAX];

	if (record == NULL || holder == NULL || holder->sa.mute)
		return;
	if (holder->to_lose > 0) {
		holder->to_lose--;
		record->seen.lost = true;
		return;
	}
	datagram->plain = plain;
	datagram->plain_length = 0;
	(void)ike_input(holder->sa.core, trial_now(trial), datagram);
	trial_note_twin(trial, record, octets_of(plain, datagram->plain_length));
	datagram->plain = NULL;
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

static ike_time deadline(const struct trial *trial, ike_time until)
{
	for (size_t i = 0; i < trial->holders; i++) {
		ike_time next = ike_deadline(trial->holder[i]->sa.core);

		if (next < until)
			until = next;
	}
	return until;
}

void trial_pump(struct trial *trial, ike_time until, trial_done *done, void *context)
{
	struct world *world = trial->world;
	uint8_t data[IKE_DATAGRAM_MAX + 1];

	for (;;) {
		struct ike_datagram datagram = {.data = data, .room = sizeof(data)};

		for (size_t i = 0; i < trial->holders; i++)
			work(trial, trial->holder[i]);
		if (world->trouble.text[0] != '\0')
			trial_decide(trial, CONFORM_INCONCLUSIVE, NULL, "%s", world->trouble.text);
		if ((done != NULL && done(trial, context)) || world->trouble.text[0] != '\0')
			return;
		if (world->receive(world, deadline(trial, until), &datagram))
			take(trial, &datagram);
		else if (world->now(world) >= until)
			return;
	}
}

void trial_leave(struct trial *trial)
{
	const struct ike_command command = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	for (size_t i = 0; i < trial->holders; i++) {
		trial->holder[i]->sa.mute = false;
		(void)ike_command(trial->holder[i]->sa.core, trial_now(trial), &command);
	}
	trial_pump(trial, trial_now(trial) + SLACK / 20, NULL, NULL);
}
