/* SPDX-License-Identifier: ISC */
#include "interop/esp/pinger.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "ike/address.h"
#include "ike/selector.h"
#include "interop/esp/pinger_table.h"

#define PROTOCOL_ICMP   1
#define PROTOCOL_ICMPV6 58

/* What a tunnel asks for, in the order in which it is told: reports first, for what is to be done may end the tunnel. */
enum wish {
	WISH_REPORT, /* and the PINGER_REPORTS - 1 after it */
	WISH_RENEGOTIATE = WISH_REPORT + PINGER_REPORTS,
	WISH_DEAD,
	WISH_SEND,
	WISHES
};

struct pinger {
	struct pinger_tunnel *settings; /* in the order of peer and tunnel */
	size_t tunnels;
	struct random_source random;
	struct echo_identity identity;
	struct pinger_table *table;
	struct pinged *first_waiting, **last_waiting;
	struct timer_wheel wheel;
	ike_time now;
	bool has_now;
};

static_assert(WISHES <= 16, "a tunnel's wishes fit into its word");

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static int compare_settings(const void *first, const void *second)
{
	const struct pinger_tunnel *a = first, *b = second;

	if (a->peer != b->peer)
		return a->peer < b->peer ? -1 : 1;
	return a->tunnel < b->tunnel ? -1 : a->tunnel > b->tunnel;
}

struct pinger *pinger_new(const struct pinger_settings *settings)
{
	struct pinger *pinger = calloc(1, sizeof(*pinger));

	if (pinger == NULL)
		return NULL;
	pinger->tunnels = settings->tunnels;
	pinger->random = settings->random;
	pinger->last_waiting = &pinger->first_waiting;
	echo_identity_new(&pinger->identity, &pinger->random);
	pinger->settings = calloc(settings->tunnels + 1, sizeof(*pinger->settings));
	pinger->table = pinger_table_new(settings->pairs, &pinger->random);
	if (pinger->settings == NULL || pinger->table == NULL) {
		pinger_free(pinger);
		return NULL;
	}
	for (size_t i = 0; i < settings->tunnels; i++)
		pinger->settings[i] = settings->tunnel[i];
	qsort(pinger->settings, pinger->tunnels, sizeof(*pinger->settings), compare_settings);
	return pinger;
}

void pinger_free(struct pinger *pinger)
{
	if (pinger == NULL)
		return;
	pinger_table_free(pinger->table);
	free(pinger->settings);
	free(pinger);
}

/* The wheel begins with the first time that is said. */
static void it_is(struct pinger *pinger, ike_time now)
{
	if (!pinger->has_now)
		timer_wheel_init(&pinger->wheel, now);
	if (!pinger->has_now || now > pinger->now)
		pinger->now = now;
	pinger->has_now = true;
}

static const struct pinger_tunnel *find_settings(const struct pinger *pinger, uint32_t peer,
						 uint32_t tunnel)
{
	struct pinger_tunnel key = {.peer = peer, .tunnel = tunnel};

	return bsearch(&key, pinger->settings, pinger->tunnels, sizeof(key), compare_settings);
}

/* ---- one step of one tunnel ---------------------------------------------------------------------------------------- */

static void wish(struct pinger *pinger, struct pinged *tunnel, unsigned what)
{
	tunnel->wishes |= (uint16_t)(1u << what);
	if (tunnel->waits)
		return;
	tunnel->waits = true;
	tunnel->next_waiting = NULL;
	*pinger->last_waiting = tunnel;
	pinger->last_waiting = &tunnel->next_waiting;
}

static void report(struct pinger *pinger, struct pinged *tunnel, enum pinger_report_kind kind)
{
	wish(pinger, tunnel, WISH_REPORT + (unsigned)kind);
}

static void take_reply(struct pinger *pinger, struct pinged *tunnel,
		       const struct tunnel_ping_actions *actions)
{
	tunnel->replies++;
	tunnel->echo = actions->number;
	tunnel->round_trip = actions->round_trip;
	if (actions->round_trip != IKE_NEVER)
		tunnel->last_round_trip = actions->round_trip;
	report(pinger, tunnel, PINGER_ALIVE);
}

static void take_request(struct pinger *pinger, struct pinged *tunnel,
			 const struct tunnel_ping_actions *actions)
{
	tunnel->requests++;
	tunnel->request = actions->number;
	wish(pinger, tunnel, WISH_SEND);
}

static void take_doubts(struct pinger *pinger, struct pinged *tunnel,
			const struct tunnel_ping_actions *actions)
{
	/* of what there is to tell: the next step may come before that has been pulled */
	if (actions->suspect || actions->black_hole || actions->dead)
		tunnel->misses = actions->misses;
	if (actions->suspect || actions->recovered || actions->black_hole || actions->dead)
		tunnel->silence = actions->silence;
	if (actions->late)
		tunnel->lateness = actions->lateness;
	if (actions->late)
		report(pinger, tunnel, PINGER_LATE);
	if (actions->suspect)
		report(pinger, tunnel, PINGER_SUSPECT);
	if (actions->recovered)
		report(pinger, tunnel, PINGER_RECOVERED);
	if (actions->black_hole) {
		report(pinger, tunnel, PINGER_BLACK_HOLE);
		wish(pinger, tunnel, WISH_RENEGOTIATE);
	}
	if (actions->dead) {
		report(pinger, tunnel, PINGER_GIVEN_UP);
		wish(pinger, tunnel, WISH_DEAD);
	}
}

static void step(struct pinger *pinger, struct pinged *tunnel, enum tunnel_ping_input_kind kind,
		 uint32_t number)
{
	bool jitters = kind == TUNNEL_PING_UP || kind == TUNNEL_PING_TIME; /* not per packet */
	struct tunnel_ping_input input = {
	    .kind = kind,
	    .now = pinger->now,
	    .random = jitters ? random_u32(&pinger->random) : 0,
	    .number = number,
	    .ike_alive = tunnel->ike_alive_at != IKE_NEVER &&
			 tunnel->ike_alive_at >= tunnel->ping.asked_since,
	};
	struct tunnel_ping_actions actions;

	tunnel->ever |= kind == TUNNEL_PING_REPLY || kind == TUNNEL_PING_HEARD;
	tunnel_ping_step(&tunnel->ping, &tunnel->settings->plan, &input, &actions);
	take_doubts(pinger, tunnel, &actions);
	if (actions.alive)
		take_reply(pinger, tunnel, &actions);
	if (actions.send)
		take_request(pinger, tunnel, &actions);
	timer_arm(&pinger->wheel, &tunnel->timer, actions.wake);
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

static bool takes_icmp(const struct ike_selector *selector)
{
	uint8_t icmp =
	    selector->prefix.address.family == IKE_FAMILY_IPV4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;

	return selector->port == 0 && (selector->protocol == 0 || selector->protocol == icmp);
}

static bool has_inside(const struct ike_selector *selector, const struct ike_address *address)
{
	struct ike_selector host = {.protocol = selector->protocol, .port = selector->port};

	host.prefix.address = *address;
	host.prefix.address.port = 0;
	host.prefix.bits = ike_family_bits(address->family);
	return takes_icmp(selector) && selector_inside(&host, selector);
}

static void stop_waiting(struct pinger *pinger, struct pinged *tunnel)
{
	struct pinged **link = &pinger->first_waiting;

	if (!tunnel->waits)
		return;
	while (*link != tunnel)
		link = &(*link)->next_waiting;
	*link = tunnel->next_waiting;
	if (*link == NULL)
		pinger->last_waiting = link;
	tunnel->waits = false;
}

/* NULL: none was given, and the pair's local end is no single address. */
static const struct ike_address *ping_from(const struct pinger_tunnel *settings,
					   const struct ike_selector *inside_local)
{
	const struct ike_prefix *end = &inside_local->prefix;

	if (settings->ping_from.family != IKE_FAMILY_NONE)
		return &settings->ping_from;
	return end->bits == ike_family_bits(end->address.family) ? &end->address : NULL;
}

static enum pinger_verdict pair_added(struct pinger *pinger, const struct ike_ipsec_sa *sa)
{
	const struct pinger_tunnel *settings = find_settings(pinger, sa->peer, sa->tunnel);
	const struct ike_address *from;
	struct pinged_pair *pair;

	if (settings == NULL)
		return PINGER_NO_PING;
	from = ping_from(settings, &sa->inside_local);
	if (sa->transport || from == NULL || !has_inside(&sa->inside_local, from) ||
	    !has_inside(&sa->inside_remote, &settings->ping))
		return PINGER_UNFIT;
	pair = pinger_table_add(pinger->table, settings, sa);
	if (pair == NULL)
		return PINGER_FULL;
	if (pair->tunnel->ping.state == TUNNEL_PING_DOWN)
		pair->tunnel->ike_alive_at = pair->tunnel->last_round_trip = IKE_NEVER;
	step(pinger, pair->tunnel, TUNNEL_PING_UP, 0);
	return PINGER_FOLLOWED;
}

/* Superseded, or the other end has moved: then the tunnel has moved with it, for the pair that is in use is the first to know. */
static void pair_changed(struct pinger *pinger, struct pinged_pair *pair,
			 const struct ike_ipsec_sa *sa)
{
	pair->superseded = sa->superseded;
	if (!sa->superseded && !ike_address_same_host(&pair->tunnel->remote, &sa->remote))
		pinger_table_move(pinger->table, pair->tunnel, &sa->remote);
}

static void pair_removed(struct pinger *pinger, struct pinged_pair *pair)
{
	struct pinged *tunnel = pinger_table_remove(pinger->table, pair);

	if (tunnel == NULL)
		return;
	stop_waiting(pinger, tunnel);
	timer_cancel(&pinger->wheel, &tunnel->timer);
	pinger_table_forget(pinger->table, tunnel);
}

enum pinger_verdict pinger_pair(struct pinger *pinger, ike_time now,
				const struct ike_ipsec_change *change)
{
	struct pinged_pair *pair = pinger_table_find(pinger->table, change->sa.number);

	it_is(pinger, now);
	if (change->kind == IKE_IPSEC_ADDED && pair == NULL)
		return pair_added(pinger, &change->sa);
	if (pair == NULL)
		return PINGER_NO_PING;
	if (change->kind == IKE_IPSEC_REMOVED)
		pair_removed(pinger, pair);
	else
		pair_changed(pinger, pair, &change->sa);
	return PINGER_FOLLOWED;
}

/* ---- what is heard ------------------------------------------------------------------------------------------------- */

bool pinger_inbound(struct pinger *pinger, ike_time now, uint32_t number, const uint8_t *inner,
		    size_t length)
{
	struct pinged_pair *pair;
	struct echo echo;

	it_is(pinger, now);
	if (!echo_read(&pinger->identity, inner, length, &echo) || echo.kind != ECHO_REPLY)
		return false;
	pair = pinger_table_find(pinger->table, number);
	if (pair == NULL || !ike_address_same_host(&echo.from, &pair->tunnel->settings->ping) ||
	    !ike_address_same_host(&echo.to,
				   ping_from(pair->tunnel->settings, &pair->tunnel->inside_local)))
		return false;
	step(pinger, pair->tunnel, TUNNEL_PING_REPLY, echo.number);
	return true;
}

void pinger_heard(struct pinger *pinger, ike_time now, uint32_t number)
{
	struct pinged_pair *pair = pinger_table_find(pinger->table, number);

	it_is(pinger, now);
	if (pair != NULL)
		step(pinger, pair->tunnel, TUNNEL_PING_HEARD, 0);
}

void pinger_ike_alive(struct pinger *pinger, ike_time now, uint32_t peer,
		      const struct ike_address *remote)
{
	struct pinged *tunnel = NULL;

	it_is(pinger, now);
	while ((tunnel = pinger_table_next(pinger->table, tunnel, peer, remote)) != NULL)
		tunnel->ike_alive_at = pinger->now;
}

void pinger_event(struct pinger *pinger, const struct ike_event *event)
{
	bool in_time = event->kind == IKE_EVENT_REPORT && event->report.kind == IKE_REPORT_ALIVE &&
		       event->report.value != 0;

	if (in_time || event->kind == IKE_EVENT_ESTABLISHED)
		pinger_ike_alive(pinger, event->at, event->peer, &event->remote);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

size_t pinger_tick(struct pinger *pinger, ike_time now, size_t budget)
{
	size_t run = 0;

	it_is(pinger, now);
	while (run < budget) {
		struct timer *timer = timer_next_due(&pinger->wheel, pinger->now);

		if (timer == NULL)
			break;
		step(pinger,
		     (struct pinged *)(void *)((char *)timer - offsetof(struct pinged, timer)),
		     TUNNEL_PING_TIME, 0);
		run++;
	}
	return run;
}

ike_time pinger_deadline(const struct pinger *pinger)
{
	return pinger->has_now ? timer_wheel_deadline(&pinger->wheel) : IKE_NEVER;
}

/* ---- what is to be done -------------------------------------------------------------------------------------------- */

static unsigned first_wish(const struct pinged *tunnel)
{
	unsigned what = 0;

	while ((tunnel->wishes >> what & 1) == 0)
		what++;
	return what;
}

static size_t write_request(const struct pinger *pinger, const struct pinged *tunnel,
			    uint8_t *packet, size_t room)
{
	struct echo echo = {
	    .kind = ECHO_REQUEST,
	    .from = *ping_from(tunnel->settings, &tunnel->inside_local),
	    .to = tunnel->settings->ping,
	    .number = tunnel->request,
	};

	return echo_write(&pinger->identity, &echo, packet, room);
}

bool pinger_next(struct pinger *pinger, struct pinger_action *action, uint8_t *packet, size_t room)
{
	struct pinged *tunnel = pinger->first_waiting;
	unsigned what;

	assert(room >= ECHO_OCTETS_MOST);
	if (tunnel == NULL)
		return false;
	what = first_wish(tunnel);
	*action = (struct pinger_action){
	    .kind = PINGER_REPORT,
	    .number = pinger_table_in_use(tunnel)->number,
	    .peer = tunnel->settings->peer,
	    .tunnel = tunnel->settings->tunnel,
	    .never = !tunnel->ever,
	    .echo = tunnel->echo,
	    .misses = tunnel->misses,
	    .round_trip = tunnel->round_trip,
	    .silence = tunnel->silence,
	    .lateness = tunnel->lateness,
	};
	if (what == WISH_SEND) {
		action->kind = PINGER_SEND;
		action->echo = tunnel->request;
		action->length = write_request(pinger, tunnel, packet, room);
	} else if (what == WISH_DEAD) {
		action->kind = PINGER_DEAD;
	} else if (what == WISH_RENEGOTIATE) {
		action->kind = PINGER_RENEGOTIATE;
	} else {
		action->report = (enum pinger_report_kind)(what - WISH_REPORT);
	}
	tunnel->wishes &= (uint16_t) ~(1u << what);
	if (tunnel->wishes == 0)
		stop_waiting(pinger, tunnel);
	return true;
}

/* ---- for status ---------------------------------------------------------------------------------------------------- */

bool pinger_status(const struct pinger *pinger, uint32_t number, struct pinger_status *status)
{
	const struct pinged_pair *pair = pinger_table_find(pinger->table, number);

	if (pair == NULL)
		return false;
	*status = (struct pinger_status){
	    .state = (enum tunnel_ping_state)pair->tunnel->ping.state,
	    .renegotiated = pair->tunnel->ping.renegotiated,
	    .last_heard = pair->tunnel->ping.last_heard,
	    .round_trip = pair->tunnel->last_round_trip,
	    .requests = pair->tunnel->requests,
	    .replies = pair->tunnel->replies,
	};
	return true;
}
