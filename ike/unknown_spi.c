/* SPDX-License-Identifier: ISC */
/*
 * unknown_spi.c - ESP has come for an SA that is not there.
 *
 * Whoever sends it believes in an SA that we do not have: most likely we were restarted, and he has not noticed.  Two old ideas were
 * that the restarted node calls him, and that it tells him INVALID-SPI.  But ESP says nothing that could be checked without its
 * SA: anybody can write any address and any SPI on it, a hundred thousand times a second.  So the ideas are made safe by rules,
 * applied in this order:
 *
 *  1. An SPI that is ours after all (its Quick Mode is not over yet, its pair could not be kept), or that can be nobody's: nothing.
 *  2. Who is meant by the address is a gateway of a configured peer, or a peer without gateways that was there when it was last
 *     established, or of which the user says that it was there before the restart.  The rest are strangers: rule 6.
 *  3. Whatever is done about a peer is done at most once in ten seconds.
 *  4. An SA is in use with a peer at that address: it is told INVALID-SPI under it, with the SPI (RFC 2408 section 3.14.1).
 *  5. None is: the peer is called, with INITIAL-CONTACT where nothing is held with it.  Not one that is being called, that is up
 *     somewhere else, that another worker of the node looks after, or that the user closed.  One with gateways is called by the
 *     recovery's ladder.  One without is called once, at the address that is remembered; each such call in a row of which nothing
 *     has come doubles the ten seconds, up to 64 times, and no more than half of the handshakes that are kept for our own calls
 *     are used for them at a time.  Which tunnels are negotiated then is as after any call.
 *  6. A stranger is told INVALID-SPI in the clear if the user wants that, at most once in ten seconds, within the budget of all
 *     unprotected notifications, never with more octets than came; otherwise nothing.
 *
 * Rule 4, calls to gateways and calls to remembered addresses have a budget per second each, so that none takes another's.
 * Nobody can empty those of calls for good: a gateway that was called once is on the ladder from then on, and does not come back
 * here; remembered addresses are few, and what is spent on each halves.  What can be emptied for good, telling under protection or in
 * the clear, is a hint, and hints may be lost.  Nothing grows with the number of senders.
 */
#include "ike/unknown_spi.h"

#include <stdio.h>

#include "ike/address.h"
#include "ike/ipsec_proposal.h"

#define SPACING      (10 * IKE_SECOND)
#define DOUBLED_MOST 6 /* times */
#define GATEWAYS_LOOKED_AT                                                                         \
	16               /* where more peers than that share one address, some are passed over */
#define UDP_HEADER     8 /* octets, which ESP that is not encapsulated does not have */
#define NON_ESP_MARKER 4

/* As the counters are, from IKE_COUNT_UNKNOWN_SPI_CALLED on. */
enum deed { CALLED, PROTECTED, HINTED, LIMITED, NOTHING };

_Static_assert(IKE_COUNT_UNKNOWN_SPI_CALLED + (int)NOTHING == IKE_COUNT_UNKNOWN_SPI_NOTHING,
	       "a counter for every deed");

/* Who is meant. */
struct sender {
	uint32_t peer, gateway;        /* IKE_NONE: a stranger; a peer without gateways */
	struct remembered *caller;     /* of a peer without gateways */
	struct ike_sa *sa;             /* in use at that address, or NULL */
	const struct ike_party *party; /* of a caller, where something is held with it */
};

static bool is_encapsulated(const struct ike_core *core, uint16_t local_port)
{
	return core->settings->nat_t_port != 0 && local_port == core->settings->nat_t_port;
}

/* The form in which addresses are remembered. */
static struct ike_address place_of(const struct ike_address *address, bool encapsulated)
{
	struct ike_address place = *address;

	if (!encapsulated || place.port == 0)
		place.port = IKE_PORT;
	return place;
}

/* ---- rule 2 -------------------------------------------------------------------------------------------------------- */

static void be_gateway(const struct ike_core *core, const struct peer_walk *walk,
		       struct sender *sender)
{
	struct ike_sa *sa = core->peer[walk->peer].up[walk->gateway];

	*sender = (struct sender){.peer = walk->peer, .gateway = walk->gateway};
	if (sa != NULL && ike_address_same_host(&sa->remote, walk->address))
		sender->sa = sa;
}

/* Where peers share an address: one that is up there, else one that could be called, else the first. */
static bool find_gateway(const struct ike_core *core, const struct ike_address *address,
			 struct sender *sender)
{
	struct peer_walk walk;
	bool any = false, callable = false;

	peer_walk_begin(&walk, address);
	for (int i = 0; i < GATEWAYS_LOOKED_AT; i++) {
		struct sender one;

		if (!peer_walk_next(&walk, core->peer_index) || walk.fit != PEER_FIT_GATEWAY)
			break;
		be_gateway(core, &walk, &one);
		if (one.sa != NULL || !any || (!callable && host_peer_rests(core, one.peer)))
			*sender = one;
		if (one.sa != NULL)
			return true;
		any = true;
		callable = host_peer_rests(core, sender->peer);
	}
	return any;
}

static bool find_caller(const struct ike_core *core, const struct ike_address *place,
			struct sender *sender)
{
	struct remembered *caller = remembered_find(core->remembered, place);

	if (caller == NULL)
		return false;
	*sender = (struct sender){.peer = caller->peer, .gateway = IKE_NONE, .caller = caller};
	sender->party = party_of_mark(core->parties, caller->party);
	if (sender->party != NULL)
		sender->sa = sa_in_place(core, sender->party, IKE_NONE, place);
	return true;
}

/* ---- rules 4 and 5 ------------------------------------------------------------------------------------------------- */

/* R146 */
static enum deed tell_peer(struct ike_core *core, struct ike_sa *sa, uint32_t spi)
{
	if (!token_bucket_take(&core->unknown_spis.told, core->now) ||
	    !send_invalid_spi(core, sa, spi))
		return LIMITED;
	return PROTECTED;
}

/* R144, R149; R145: a budget; R151: from here on it is on the recovery's ladder. */
static enum deed call_gateway(struct ike_core *core, uint32_t peer)
{
	if (!host_peer_rests(core, peer))
		return NOTHING;
	if (!token_bucket_take(&core->unknown_spis.gateways_called, core->now))
		return LIMITED;
	host_peer_happening(core, peer, 0, IKE_EXTENSION_PEER_START);
	return CALLED;
}

static bool is_being_called(const struct ike_core *core, const struct remembered *caller)
{
	const struct ike_sa *sa = sa_table_at(core->sas, caller->call);

	return sa != NULL && sa->state == IKE_SA_NEGOTIATING &&
	       ike_address_same_host(&sa->remote, &caller->address);
}

/* Half of those that handshake.c keeps for our own calls. */
static uint32_t most_calls(const struct ike_core *core)
{
	uint32_t most = core->settings->limits.handshakes / 16;

	return most > 0 ? most : 1;
}

/* R144, R145; R151: see_to_peer() waits the longer, the more of these there were. */
static enum deed call_caller(struct ike_core *core, const struct sender *sender)
{
	struct remembered *caller = sender->caller;
	const struct ike_party *party = sender->party;
	struct ike_sa *sa;

	if (is_being_called(core, caller) || (party != NULL && party->first_sa != 0))
		return NOTHING;
	if (core->unknown_spis.calls >= most_calls(core) ||
	    !token_bucket_take(&core->unknown_spis.callers_called, core->now))
		return LIMITED;
	/* R109: INITIAL-CONTACT only where nothing is held */
	sa = phase_1_start(core, sender->peer, IKE_NONE, &caller->address,
			   party == NULL || party_first_pair(party) == NULL, NULL);
	if (sa == NULL)
		return LIMITED;
	caller->call = sa_table_number(core->sas, sa);
	if (caller->calls < DOUBLED_MOST)
		caller->calls++;
	sa->handshake->for_unknown_spi = true;
	core->unknown_spis.calls++;
	return CALLED;
}

static enum deed see_to_peer(struct ike_core *core, const struct sender *sender, uint32_t spi)
{
	struct remembered *caller = sender->caller;
	ike_time *quiet_until =
	    caller != NULL ? &caller->quiet_until : &core->peer[sender->peer].quiet_until;
	uint32_t doubled = caller != NULL && sender->sa == NULL ? caller->calls : 0;
	enum deed deed;

	if (core->now < *quiet_until) /* rule 3; R150 */
		return LIMITED;
	if (sender->sa != NULL)
		deed = tell_peer(core, sender->sa, spi);
	else if (caller == NULL)
		deed = call_gateway(core, sender->peer);
	else
		deed = call_caller(core, sender);
	if (deed == CALLED || deed == PROTECTED)
		*quiet_until = core->now + (SPACING << doubled); /* R151 */
	return deed;
}

/* ---- rule 6 -------------------------------------------------------------------------------------------------------- */

/* R143: nobody is called; R147: nobody is told but by the user's wish; R152: and seldom. */
static enum deed see_to_stranger(struct ike_core *core, const struct ike_command *command)
{
	bool encapsulated = is_encapsulated(core, command->local.port);
	struct ike_address remote = place_of(&command->address, encapsulated);
	struct ike_address local = command->local;
	uint32_t more = encapsulated ? NON_ESP_MARKER : UDP_HEADER;

	if (!core->settings->say_invalid_spi || command->octets < SEND_INVALID_SPI_LENGTH + more)
		return NOTHING;
	if (!encapsulated)
		local.port = IKE_PORT;
	if (!source_spacing_take(&core->unknown_spis.strangers, &remote, core->now, SPACING) ||
	    !send_invalid_spi_in_clear(core, &remote, &local, command->spi, command->octets - more))
		return LIMITED;
	return HINTED;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

/*
 * What was done is told within the budgets that it was done within; the rest at a rate that no sender chooses (R139), and that leaves
 * messages of IKE theirs: nobody is to hide those behind ESP.
 */
static void tell(struct ike_core *core, const struct ike_command *command,
		 const struct sender *sender, enum deed deed)
{
	static const char *const names[] = {
	    [CALLED] = "called",   [PROTECTED] = "protected", [HINTED] = "hinted",
	    [LIMITED] = "limited", [NOTHING] = "nothing",
	};
	struct ike_event *event;

	core->counter[IKE_COUNT_UNKNOWN_SPI_CALLED + (int)deed]++;
	if ((deed == LIMITED || deed == NOTHING) &&
	    !token_bucket_take(&core->unknown_spis.undone, core->now))
		return;
	event = tell_event(core, IKE_EVENT_UNKNOWN_SPI);
	event->peer = sender->peer;
	event->gateway = sender->gateway;
	event->remote = command->address;
	event->spi_in = command->spi;
	snprintf(event->text, sizeof(event->text), "%s", names[deed]);
}

/* R143: whom nobody knows is no peer. */
bool unknown_spi_came(struct ike_core *core, const struct ike_command *command)
{
	struct ike_address place =
	    place_of(&command->address, is_encapsulated(core, command->local.port));
	struct sender sender = {.peer = IKE_NONE, .gateway = IKE_NONE};
	enum deed deed;

	if (command->spi < IPSEC_SPI_LEAST || command->address.family == IKE_FAMILY_NONE ||
	    ipsec_table_find_spi(core->pairs, command->spi) != NULL)
		deed = NOTHING;
	else if (find_gateway(core, &command->address, &sender) ||
		 find_caller(core, &place, &sender))
		deed = see_to_peer(core, &sender, command->spi);
	else
		deed = see_to_stranger(core, command);
	tell(core, command, &sender, deed);
	return deed == CALLED || deed == PROTECTED || deed == HINTED;
}

/* ---- who is where -------------------------------------------------------------------------------------------------- */

struct ike_sa *unknown_spi_sa_at(const struct ike_core *core, const struct ike_address *address,
				 uint16_t local_port)
{
	struct ike_address place = place_of(address, is_encapsulated(core, local_port));
	struct sender sender;

	if (!find_gateway(core, address, &sender) && !find_caller(core, &place, &sender))
		return NULL;
	return sender.sa;
}

/* Who has been established there since is not forgotten for what was before. */
bool unknown_spi_remember(struct ike_core *core, uint32_t peer, const struct ike_address *address)
{
	struct ike_address place = place_of(address, true);

	if (core->peer[peer].settings->gateways > 0 || address->family == IKE_FAMILY_NONE ||
	    peer_fit(core, peer, address, NULL) < 0)
		return false;
	return remembered_find(core->remembered, &place) != NULL ||
	       remembered_note(core->remembered, peer, &place) != NULL;
}

void unknown_spi_note_sa(struct ike_core *core, const struct ike_sa *sa)
{
	struct ike_address place = place_of(&sa->remote, sa->encapsulated);
	struct remembered *caller;

	if (sa_gateway(sa) != IKE_NONE)
		return;
	caller = remembered_note(core->remembered, sa->peer, &place);
	if (caller == NULL)
		return;
	caller->party = party_mark(core->parties, sa->party);
	caller->calls = 0;
}

void unknown_spi_note_elsewhere(struct ike_core *core, const struct ike_contact *contact)
{
	struct ike_address place = place_of(&contact->remote, false);

	if (contact->gateway != IKE_NONE)
		return;
	remembered_forget(core->remembered, &contact->remote);
	remembered_forget(core->remembered, &place);
}
