/* SPDX-License-Identifier: ISC */
/*
 * event.c - what happened, waiting to be pulled.  When nobody pulls, the oldest events go first and are counted.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ike/core.h"

struct ike_event *tell_event(struct ike_core *core, enum ike_event_kind kind)
{
	uint32_t room = core->settings->limits.events;
	struct ike_event *event;

	assert(room > 0); /* ike_core_new() saw to it */
	if (core->events == room) {
		core->event_first = (core->event_first + 1) % room;
		core->events--;
		core->events_lost++;
		core->counter[IKE_COUNT_EVENTS_LOST]++;
	}
	event = &core->event[(core->event_first + core->events) % room];
	core->events++;
	/* all but the text, which is long and only needs its first octet */
	memset(event, 0, offsetof(struct ike_event, text));
	event->text[0] = '\0';
	event->kind = kind;
	event->at = core->now;
	event->peer = IKE_NONE;
	event->gateway = IKE_NONE;
	event->lost = core->events_lost;
	return event;
}

struct ike_event *tell_event_of_sa(struct ike_core *core, enum ike_event_kind kind,
				   const struct ike_sa *sa)
{
	struct ike_event *event = tell_event(core, kind);

	event->peer = sa->peer;
	event->gateway = sa_gateway(sa);
	event->remote = sa->remote;
	memcpy(event->cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(event->cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	event->initiator = sa->initiator;
	event->proposal = sa_proposal(sa);
	event->supported = sa->supported; /* R128 */
	event->aggressive = sa->aggressive;
	return event;
}

void tell_overload(struct ike_core *core, const char *what)
{
	/* the newest event may already say so: a flood must not fill the ring with one sentence */
	if (core->events > 0) {
		uint32_t room = core->settings->limits.events;
		const struct ike_event *last =
		    &core->event[(core->event_first + core->events - 1) % room];

		if (last->kind == IKE_EVENT_OVERLOAD && strcmp(last->text, what) == 0)
			return;
	}
	snprintf(tell_event(core, IKE_EVENT_OVERLOAD)->text, IKE_EVENT_TEXT, "%s", what);
}

/* Most texts are empty or short, and their room is two thirds of an event. */
static void copy(struct ike_event *to, const struct ike_event *from)
{
	memcpy(to, from, offsetof(struct ike_event, text));
	memcpy(to->text, from->text, strlen(from->text) + 1);
}

size_t ike_events(struct ike_core *core, struct ike_event *events, size_t max)
{
	uint32_t room = core->settings->limits.events;
	size_t count = 0;

	while (count < max && core->events > 0) {
		copy(&events[count++], &core->event[core->event_first]);
		core->event_first = (core->event_first + 1) % room;
		core->events--;
	}
	/* whoever pulls all of them every time always gets the same few, which the processor still has at hand */
	if (core->events == 0)
		core->event_first = 0;
	return count;
}

const char *ike_event_name(enum ike_event_kind kind)
{
	static const char *const name[] = {
	    [IKE_EVENT_CONNECTING] = "connecting",
	    [IKE_EVENT_ESTABLISHED] = "established",
	    [IKE_EVENT_FAILED] = "failed",
	    [IKE_EVENT_REFUSED] = "refused",
	    [IKE_EVENT_PEER_SAYS] = "peer-says",
	    [IKE_EVENT_REPLACED] = "renewed",
	    [IKE_EVENT_DELETED] = "deleted",
	    [IKE_EVENT_INITIAL_CONTACT] = "initial-contact",
	    [IKE_EVENT_HINT] = "hint",
	    [IKE_EVENT_OFFERS] = "offers",
	    [IKE_EVENT_KEYS] = "keys",
	    [IKE_EVENT_REPORT] = "report",
	    [IKE_EVENT_MESSAGE] = "message",
	    [IKE_EVENT_MOVED] = "moved",
	    [IKE_EVENT_IPSEC_ESTABLISHED] = "ipsec-established",
	    [IKE_EVENT_IPSEC_FAILED] = "ipsec-failed",
	    [IKE_EVENT_IPSEC_REPLACED] = "ipsec-renewed",
	    [IKE_EVENT_IPSEC_DELETED] = "ipsec-deleted",
	    [IKE_EVENT_UNKNOWN_SPI] = "unknown-spi",
	    [IKE_EVENT_OVERLOAD] = "overload",
	};

	return (size_t)kind < sizeof(name) / sizeof(name[0]) ? name[kind] : "unknown";
}

const char *ike_why_text(enum ike_why why)
{
	static const char *const text[] = {
	    [IKE_WHY_NONE] = "no reason",
	    [IKE_WHY_NO_ANSWER] = "no answer",
	    [IKE_WHY_NO_PROOF] =
		"answered until there were keys, then silent: most likely the secrets differ",
	    [IKE_WHY_REFUSED] = "what the peer sent was refused",
	    [IKE_WHY_ABANDONED] = "it took too long",
	    [IKE_WHY_DEAD] = "the peer is dead",
	    [IKE_WHY_PEER_DELETED] = "the peer deleted it",
	    [IKE_WHY_INITIAL_CONTACT] = "the peer has started anew",
	    [IKE_WHY_EXPIRED] = "its lifetime is over",
	    [IKE_WHY_REPLACED] = "a newer one has taken over",
	    [IKE_WHY_CLOSED] = "closed here",
	    [IKE_WHY_PEER_REFUSED] = "the peer refused it",
	    [IKE_WHY_NOT_BELIEVED] =
		"answered until there were keys, then silent: our certificate is not believed",
	    [IKE_WHY_TUNNEL_DEAD] = "nothing comes back through its tunnel",
	    [IKE_WHY_TUNNEL_USELESS] = "nothing has ever come through its tunnel",
	    [IKE_WHY_STORE] = "it could not be kept here, or is used up",
	};

	return (size_t)why < sizeof(text) / sizeof(text[0]) ? text[why] : "unknown";
}
