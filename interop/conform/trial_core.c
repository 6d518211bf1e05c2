/* SPDX-License-Identifier: ISC */
/*
 * trial_core.c - the tester's cores, one per Phase 1 SA, and the loop that lets them talk with the device.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/identity.h"
#include "interop/one_peer.h"
#include "interop/conform/trial_private.h"

#define TICK_BUDGET 16
#define FAREWELL    (50 * IKE_MILLISECOND) /* what a device does of a Delete has come by then */
#define FAREWELLS   4                      /* to a device that calls anew after each */

/* ---- an SA and its core -------------------------------------------------------------------------------------------- */

static void settle_extension(struct holder *holder, const struct trial *trial)
{
	if (holder->how.no_vendor_id)
		holder->ike.extension = NULL;
	if (holder->how.vendor_id.length == 0 || holder->ike.extension == NULL)
		return;
	holder->extension = *trial->settings->ike.extension;
	memcpy(holder->vendor_id, holder->how.vendor_id.data, holder->how.vendor_id.length);
	holder->how.vendor_id.data = holder->vendor_id;
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
	if (holder->how.vendor_id.length > sizeof(holder->vendor_id))
		return false;
	settle_extension(holder, trial);
	return holder->how.identity == NULL ||
	       ike_identity_from_text(holder->how.identity, &holder->peer.local_identity);
}

/* A stream of its own: two cores that draw the same octets have the same cookies and nonces. */
static struct random_source random_of_core(struct trial *trial)
{
	struct random_source own = trial->random;

	random_octets(&trial->random, own.seed, sizeof(own.seed));
	own.drawn = 0;
	return own;
}

struct holder *trial_hold(struct trial *trial, const struct trial_call *how, bool calls)
{
	struct random_source random = random_of_core(trial);
	struct holder *holder = NULL;

	if (trial->holders < TRIAL_SAS)
		holder = calloc(1, sizeof(*holder));
	if (holder != NULL) {
		if (how != NULL)
			holder->how = *how;
		if (settle(holder, trial, calls))
			holder->sa.core = ike_core_new(&holder->ike, &random, trial_now(trial));
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

bool trial_is_unsupported(const struct trial_sa *sa)
{
	const struct holder *holder = (const struct holder *)(const void *)sa;

	return !sa->supported && holder->ike.extension != NULL && holder->how.vendor_id.length == 0;
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
	if (!holder->sa.established)
		memcpy(holder->sa.cky_i, header.cky_i, IKE_COOKIE_LENGTH);
	if (!holder->sa.established && !ike_cookie_is_zero(header.cky_r))
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
	if (datagram->local.family == IKE_FAMILY_NONE) {
		uint16_t port = datagram->local.port;

		datagram->local = trial->world->tester;
		datagram->local.port = port != 0 ? port : datagram->local.port;
	}
	if (datagram->length > 1) { /* not a NAT keepalive, which goes where the SA was */
		holder->sa.local = datagram->local;
		holder->sa.remote = datagram->remote;
	}
	if (message > 0 && holder->how.tamper != NULL &&
	    !holder->how.tamper(trial, message, datagram))
		return;
	record = trial_note(trial, TRIAL_TESTER, datagram, &holder->sa);
	if (record == NULL)
		return;
	trial_note_twin(trial, record, octets_of(datagram->plain, datagram->plain_length));
	trial->world->send(trial->world, datagram);
	record->seen.at = trial_now(trial); /* it may have had to wait for its turn */
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
	holder->keys = true;
	(void)!ike_export_keys(holder->sa.core, event->cky_i, event->cky_r, &holder->sa.keys);
}

/* A trial makes each of its SAs once: a core that calls again by itself would be a script of its own. */
static void stay_away(struct trial *trial, struct holder *holder)
{
	const struct ike_command command = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	(void)ike_command(holder->sa.core, trial_now(trial), &command);
}

void trial_explain(const struct trial *trial, struct holder *holder, const struct ike_event *event)
{
	const struct one_peer_phase_1 phase_1 = {
	    .gateway = trial->world->device,
	    .psk = holder->peer.secret != NULL,
	    .keys = holder->keys,
	    .said = holder->said,
	};
	struct fault fault;

	if (!holder->sa.initiator && event->verdict == IKE_ACCEPTED && !holder->keys)
		fault_say(&fault, "%s",
			  ike_cookie_is_zero(holder->sa.cky_i)
			      ? "the device does not call"
			      : "Phase 1 failed: the device has called, and does not go on");
	else
		one_peer_explain(&phase_1, event, &fault);
	memcpy(holder->why, fault.text, sizeof(holder->why));
}

static void note_failure(struct trial *trial, struct holder *holder, const struct ike_event *event)
{
	if (holder->sa.established)
		return; /* another one, of the core's own: not what the script has asked for */
	holder->failed = true;
	trial_explain(trial, holder, event);
	stay_away(trial, holder);
}

static bool is_of(const struct ike_event *event, const struct trial_sa *sa)
{
	return memcmp(event->cky_i, sa->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(event->cky_r, sa->cky_r, IKE_COOKIE_LENGTH) == 0;
}

static void note_established(struct holder *holder, const struct ike_event *event)
{
	if (holder->sa.established)
		return;
	note_keys(holder, event);
	holder->sa.established = true;
	holder->sa.supported = event->supported;
	holder->sa.remote = event->remote;
}

static void explain_quick_mode(struct holder *holder, const struct ike_event *event)
{
	const char *name = ike_notify_name(event->notify_type);

	if (event->verdict != IKE_ACCEPTED)
		snprintf(holder->why, sizeof(holder->why), "%s",
			 ike_verdict_sentence(event->verdict));
	else if (event->why == IKE_WHY_PEER_REFUSED && name != NULL)
		snprintf(holder->why, sizeof(holder->why), "the device says %s", name);
	else
		snprintf(holder->why, sizeof(holder->why), "%s", ike_why_text(event->why));
}

static void note_event(struct trial *trial, struct holder *holder, const struct ike_event *event)
{
	const char *name;

	switch (event->kind) {
	case IKE_EVENT_KEYS:
		if (!holder->sa.established)
			note_keys(holder, event);
		break;
	case IKE_EVENT_ESTABLISHED:
		note_established(holder, event);
		trial_reopen(trial, &holder->sa);
		break;
	case IKE_EVENT_FAILED:
		note_failure(trial, holder, event);
		break;
	case IKE_EVENT_PEER_SAYS:
		name = ike_notify_name(event->notify_type);
		holder->said = name != NULL ? name : "an error without a name";
		break;
	case IKE_EVENT_DELETED:
		if (!is_of(event, &holder->sa))
			break;
		holder->sa.gone = true;
		stay_away(trial, holder);
		break;
	case IKE_EVENT_IPSEC_ESTABLISHED:
		holder->quick_mode_up = true;
		break;
	case IKE_EVENT_IPSEC_FAILED:
		holder->quick_mode_failed = true;
		explain_quick_mode(holder, event);
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
			note_event(trial, holder, &event);
	} while (ike_tick(holder->sa.core, trial_now(trial), TICK_BUDGET) > 0);
	send_all(trial, holder);
	while (ike_events(holder->sa.core, &event, 1) == 1)
		note_event(trial, holder, &event);
}

/* ---- what the device says ------------------------------------------------------------------------------------------ */

static bool came_before(const struct trial *trial, const struct ike_header *header)
{
	const struct seen *seen;

	for (size_t i = 0; i < trial->records; i++) {
		seen = &trial->record[i]->seen;
		if (seen->opened->readable && memcmp(seen->opened->message.header.cky_i,
						     header->cky_i, IKE_COOKIE_LENGTH) == 0)
			return true;
	}
	return false;
}

/* A fresh core in place of one that has heard a call which is no longer; what came of that is nobody's now. */
static bool begin_anew(struct trial *trial, struct holder *called)
{
	struct random_source random = random_of_core(trial);
	struct ike_core *core = ike_core_new(&called->ike, &random, trial_now(trial));

	if (core == NULL)
		return false;
	ike_core_free(called->sa.core);
	called->sa.core = core;
	called->messages = 0;
	called->last_length = 0;
	called->keys = false;
	called->said = NULL;
	memset(called->sa.cky_r, 0, IKE_COOKIE_LENGTH);
	for (size_t i = 0; i < trial->records; i++)
		if (trial->record[i]->seen.sa == &called->sa)
			trial->record[i]->seen.sa = NULL;
	return true;
}

/*
 * Whose it is; a first message of a new SA goes to the core that waits for one.  A device that was calling already and is told to
 * call may give up the one call for the other: until one has come up, the newest is the one that was asked for.
 */
static struct holder *holder_of(struct trial *trial, const struct ike_datagram *datagram)
{
	struct ike_header header = {.version = 0};
	struct holder *holder, *called = trial->called;

	(void)!ike_header_parse(octets_of(datagram->data, datagram->length), &header);
	holder = trial_holder_of(trial, &header);
	if (holder != NULL || called == NULL || !is_phase_1(datagram, &header) ||
	    !ike_cookie_is_zero(header.cky_r))
		return holder;
	if (!ike_cookie_is_zero(called->sa.cky_i) &&
	    (came_before(trial, &header) || !begin_anew(trial, called)))
		return NULL;
	memcpy(called->sa.cky_i, header.cky_i, IKE_COOKIE_LENGTH);
	called->sa.remote = datagram->remote;
	return called;
}

static void take(struct trial *trial, struct ike_datagram *datagram)
{
	struct holder *holder = holder_of(trial, datagram);
	struct record *record =
	    trial_note(trial, TRIAL_DEVICE, datagram, holder != NULL ? &holder->sa : NULL);
	uint8_t plain[IKE_DATAGRAM_MAX + 1];

	if (record == NULL || holder == NULL || holder->sa.mute)
		return;
	/* what came in fragments may have a twin that fills all the room that the datagram says there is */
	assert(datagram->room <= sizeof(plain));
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
		if (world->now(world) > until)
			return; /* whoever floods us does not stop the clock */
	}
}

/* ---- farewell ------------------------------------------------------------------------------------------------------ */

/* A call of the device that no core has taken. */
static bool is_open_call(const struct trial *trial, const struct seen *seen)
{
	const struct ike_header *header = &seen->opened->message.header;

	return seen->from == TRIAL_DEVICE && seen->sa == NULL && seen->opened->readable &&
	       ike_exchange_is_phase_1(header->exchange) && ike_cookie_is_zero(header->cky_r) &&
	       trial_holder_of(trial, header) == NULL;
}

static bool has_come_to_an_end(struct trial *trial, void *context)
{
	const struct holder *holder = context;

	(void)trial;
	return holder->sa.established || holder->failed;
}

static void take_call(struct trial *trial, struct seen *seen)
{
	struct holder *holder = trial_hold(trial, NULL, false);
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram datagram = {
	    .remote = seen->source,
	    .local = seen->destination,
	    .data = data,
	    .length = seen->length,
	    .room = sizeof(data),
	};

	if (holder == NULL)
		return;
	memcpy(data, seen->wire, seen->length);
	memcpy(holder->sa.cky_i, seen->opened->message.header.cky_i, IKE_COOKIE_LENGTH);
	holder->sa.remote = seen->source;
	seen->sa = &holder->sa;
	(void)ike_input(holder->sa.core, trial_now(trial), &datagram);
	trial_pump(trial, trial_now(trial) + trial->settings->patience / 4, has_come_to_an_end,
		   holder);
}

/*
 * A device that calls and is not answered, as after a death, goes on calling for a minute or more, in other cases, too.  So its
 * calls are taken in the end.
 */
static void take_open_calls(struct trial *trial)
{
	const size_t records = trial->records;

	for (size_t i = 0; i < records && trial->holders < TRIAL_SAS; i++)
		if (is_open_call(trial, &trial->record[i]->seen))
			take_call(trial, &trial->record[i]->seen);
}

static bool has_open_call(const struct trial *trial)
{
	for (size_t i = 0; i < trial->records; i++)
		if (is_open_call(trial, &trial->record[i]->seen))
			return true;
	return false;
}

static void close_all(struct trial *trial)
{
	const struct ike_command command = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	for (size_t i = 0; i < trial->holders; i++) {
		trial->holder[i]->sa.mute = false;
		(void)ike_command(trial->holder[i]->sa.core, trial_now(trial), &command);
	}
	trial_pump(trial, trial_now(trial) + FAREWELL, NULL, NULL);
}

/* Some devices call anew when they are told Delete; they are said farewell once more, and at least twice, should they be slow. */
void trial_leave(struct trial *trial)
{
	trial->called = NULL;
	trial_pump(trial, trial_now(trial) + FAREWELL, NULL, NULL);
	for (unsigned i = 0; i < FAREWELLS && (i < 2 || has_open_call(trial)); i++) {
		take_open_calls(trial);
		close_all(trial);
	}
}
