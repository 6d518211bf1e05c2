/* SPDX-License-Identifier: ISC */
/*
 * pair.c - the loop: whichever comes first, a datagram, something to send, or a deadline, is let happen; then the next.
 *
 * Of what happens in the same microsecond, arrivals come first: what comes at the very end of a bound has come in time.
 *
 * After a false death both ends have a new SA at once, and what was under way for the old one is gone.  Recovery takes no time
 * here, so that a year holds as many false deaths as it can; the messages of Phase 1 are not counted.
 */
#include "interop/sim/pair.h"

#include <assert.h>

/* ---- the two ends -------------------------------------------------------------------------------------------------- */

static enum pair_end other(enum pair_end end)
{
	return end == PAIR_WATCHER ? PAIR_WATCHED : PAIR_WATCHER;
}

static enum network_direction from(enum pair_end end)
{
	return end == PAIR_WATCHER ? NETWORK_OUT : NETWORK_BACK;
}

static bool watches(const struct pair *pair, enum pair_end end)
{
	return end == PAIR_WATCHER || pair->settings->mutual;
}

static void send(struct pair *pair, enum pair_end end, enum flight_kind kind, uint32_t number,
		 ike_time now)
{
	struct flight_datagram datagram = {
	    .number = number, .kind = (uint8_t)kind, .direction = (uint8_t)from(end)};

	if (network_send(&pair->network, from(end), now, &datagram.arrives))
		flight_add(&pair->flight, datagram);
}

static void step(struct pair *pair, enum pair_end end, struct machine_input *input,
		 struct machine_deeds *deeds)
{
	input->random = (uint32_t)(dice_roll(&pair->dice) >> 32);
	machine_step(&pair->machine[end], pair->rules, input, deeds);
	pair->wake[end] = deeds->wake;
	pair->counts.steps++;
	pair->counts.messages[end] += deeds->sends;
	for (unsigned i = 0; i < deeds->sends; i++)
		send(pair, end, deeds->send[i].kind, deeds->send[i].number, input->now);
}

static void new_sa(struct pair *pair, ike_time now)
{
	struct machine_deeds deeds;

	flight_clear(&pair->flight);
	for (unsigned end = 0; end < PAIR_ENDS; end++) {
		struct machine_input input = {
		    .what = MACHINE_START,
		    .now = now,
		    .watches = watches(pair, end),
		    .watched = watches(pair, other(end)),
		};

		step(pair, end, &input, &deeds);
	}
}

static void happen(struct pair *pair, enum pair_end end, struct machine_input input)
{
	struct machine_deeds deeds;

	step(pair, end, &input, &deeds);
	if (!deeds.dead)
		return;
	if (pair->really_dead) {
		pair->noticed = input.now;
		return;
	}
	pair->counts.false_deaths++;
	new_sa(pair, input.now);
}

/* ---- what happens -------------------------------------------------------------------------------------------------- */

static void arrive(struct pair *pair)
{
	struct flight_datagram datagram = flight_take(&pair->flight);
	enum pair_end end = datagram.direction == NETWORK_OUT ? PAIR_WATCHED : PAIR_WATCHER;

	if (end == PAIR_WATCHED && pair->really_dead)
		return;
	happen(pair, end,
	       (struct machine_input){
		   .what = MACHINE_HEARD,
		   .now = datagram.arrives,
		   .kind = datagram.kind,
		   .number = datagram.number,
	       });
}

static void want(struct pair *pair, enum pair_end end)
{
	ike_time now = pair->sends[end];

	pair->sends[end] +=
	    dice_wait(&pair->traffic[end], (double)pair->settings->traffic_interval);
	send(pair, end, FLIGHT_TRAFFIC, 0, now);
	happen(pair, end, (struct machine_input){.what = MACHINE_WANT, .now = now});
}

static void wake(struct pair *pair, enum pair_end end)
{
	happen(pair, end, (struct machine_input){.what = MACHINE_TIME, .now = pair->wake[end]});
}

static ike_time earlier(ike_time a, ike_time b)
{
	return a < b ? a : b;
}

/* What comes next, unless it comes after `until`. */
static bool go_on(struct pair *pair, ike_time until)
{
	ike_time arrives = flight_next(&pair->flight);
	ike_time sends = earlier(pair->sends[PAIR_WATCHER], pair->sends[PAIR_WATCHED]);
	ike_time wakes = earlier(pair->wake[PAIR_WATCHER], pair->wake[PAIR_WATCHED]);
	ike_time next = earlier(arrives, earlier(sends, wakes));

	if (next > until)
		return false;
	if (next == arrives)
		arrive(pair);
	else if (next == sends)
		want(pair, sends == pair->sends[PAIR_WATCHER] ? PAIR_WATCHER : PAIR_WATCHED);
	else
		wake(pair, wakes == pair->wake[PAIR_WATCHER] ? PAIR_WATCHER : PAIR_WATCHED);
	return true;
}

/* ---- a life, and a death ------------------------------------------------------------------------------------------- */

static bool has_traffic(const struct pair_settings *settings, enum pair_end end)
{
	return settings->traffic == TRAFFIC_BOTH ||
	       (settings->traffic == TRAFFIC_OUT && end == PAIR_WATCHER);
}

void pair_begin(struct pair *pair, const struct pair_settings *settings,
		const struct machine_rules *rules, uint64_t peer)
{
	*pair = (struct pair){
	    .settings = settings,
	    .rules = rules,
	    .dice = dice_for(settings->seed, DICE_MACHINE, peer, 0),
	    .noticed = IKE_NEVER,
	};
	network_begin(&pair->network, &settings->network, settings->seed, peer);
	for (unsigned end = 0; end < PAIR_ENDS; end++) {
		pair->traffic[end] = dice_for(settings->seed, DICE_TRAFFIC, peer, end);
		pair->sends[end] =
		    has_traffic(settings, end)
			? dice_wait(&pair->traffic[end], (double)settings->traffic_interval)
			: IKE_NEVER;
	}
	new_sa(pair, 0);
}

void pair_live(struct pair *pair, ike_time until)
{
	while (go_on(pair, until))
		;
}

ike_time pair_die(struct pair *pair, ike_time when)
{
	pair_live(pair, when);
	pair->really_dead = true;
	pair->wake[PAIR_WATCHED] = pair->sends[PAIR_WATCHED] = IKE_NEVER;
	while (pair->noticed == IKE_NEVER && go_on(pair, IKE_NEVER - 1))
		;
	assert(pair->noticed != IKE_NEVER); /* every method watches without being asked to */
	return pair->noticed - when;
}

void pair_end(struct pair *pair)
{
	flight_free(&pair->flight);
}
