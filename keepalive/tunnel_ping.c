/* SPDX-License-Identifier: ISC */
/*
 * tunnel_ping.c - whether ESP still arrives: the ping through the tunnel.
 *
 * The rules:
 *
 *  1. Life is an echo reply to a request that is open.  It sets the misses to zero, be it to the newest request or, late, to an
 *     older one of them.  A request is open from when it was sent until life is next proved: a reply that somebody has held back
 *     beyond that proves nothing.
 *  2. Only when silent: whatever else comes out of the tunnel is life as well, for it was authenticated and its number in the
 *     window (RFC 4303 section 3.4.3).  Otherwise it is not looked at, neither for better nor for worse.
 *  3. Requests go out every `interval`, up to a tenth earlier so that many tunnels do not ask in step.  Only when silent: the
 *     first one when nothing has come for that long.  The first one through a new pair goes out within a second.
 *  4. A request that is unanswered when the next one is due is a miss.  With the first miss the tunnel is suspect.
 *  5. The verdict takes both: `misses` requests in a row missed, and misses x interval of silence.  So it is given after that
 *     time at the earliest and an interval later at the latest.
 *  6. Where IKE has not proved either since the oldest open request that the peer lives, the verdict is death.  Where it has,
 *     ESP is lost on its way although both ends live: a black hole.  A new pair is then negotiated, once, and requests go on
 *     meanwhile; when it is there, it gets the time of a whole threshold, after a grace: whoever began a Quick Mode has the pair
 *     before the other side, which may lack it until it has repeated QM2, or has computed.  Requests go out in the grace, too, and
 *     a reply to them is life, but `misses` must be missed after it.  Without life until then, this is death, too.
 *  7. A new pair proves nothing: IKE made it, not ESP.  The misses stay as they are, but for rule 6.
 *  8. If this program was late, by more than an interval and more than a second, an open round starts anew, once until life is
 *     proved: we slept, not the peer (rule 7 of liveness.c).
 *
 * What may be false about a verdict.  Let l be the loss each way; a request is a miss with q = 1 - (1 - l)^2.  The number of
 * requests until m misses in a row have been seen is (1 - q^m) / ((1 - q) q^m) on average, and each of them takes 0.95 intervals:
 * the jitter does not depend on what is lost.  The first one is sent 0.95 x the first wait after the start.  The mean time from a
 * start to a verdict is the sum of the two; where rule 5 makes it wait for the time as well, it is longer.
 *
 * Deadlines are lazy, as in liveness.c: life stamps `last_heard`, and the timer finds that it must be set anew.
 */
#include "keepalive/tunnel_ping.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#define LEAST_LATENESS IKE_SECOND
#define FIRST_WAIT                                                                                 \
	IKE_SECOND /* for the first request through a new pair: the peer must have it, too */
#define LEAST_INTERVAL (200 * IKE_MILLISECOND)
#define MOST_INTERVAL  (3600 * IKE_SECOND)
#define MOST_MISSES    100
#define YEAR_SECONDS   (365.25 * 86400)
#define MEAN_JITTER    0.95
#define PER_MILLE      1000

/* The four of tunnel_ping_step, as one. */
struct step {
	struct tunnel_ping *ping;
	const struct tunnel_ping_plan *plan;
	const struct tunnel_ping_input *input;
	struct tunnel_ping_actions *actions;
};

/* ---- the plan ------------------------------------------------------------------------------------------------------ */

void tunnel_ping_plan_default(struct tunnel_ping_plan *plan)
{
	*plan = (struct tunnel_ping_plan){
	    .interval = TUNNEL_PING_DEFAULT_INTERVAL,
	    .misses = TUNNEL_PING_DEFAULT_MISSES,
	    .only_when_silent = true,
	};
}

enum tunnel_ping_fault tunnel_ping_plan_check(const struct tunnel_ping_plan *plan, char *text,
					      size_t length)
{
	assert(length > 0);
	text[0] = '\0';
	if (plan->interval < LEAST_INTERVAL || plan->interval > MOST_INTERVAL) {
		snprintf(text, length, "ping-interval must be 0.2 s to 1 hour");
		return TUNNEL_PING_INTERVAL;
	}
	if (plan->misses < 1 || plan->misses > MOST_MISSES) {
		snprintf(text, length, "ping-misses must be 1 to %d", MOST_MISSES);
		return TUNNEL_PING_MISSES;
	}
	return TUNNEL_PING_OK;
}

/* Rule 5. */
ike_time tunnel_ping_earliest(const struct tunnel_ping_plan *plan)
{
	return plan->interval * plan->misses;
}

ike_time tunnel_ping_latest(const struct tunnel_ping_plan *plan)
{
	return plan->interval * (plan->misses + 1);
}

static ike_time first_wait(const struct tunnel_ping_plan *plan)
{
	return plan->interval < FIRST_WAIT ? plan->interval : FIRST_WAIT;
}

static double seconds(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

double tunnel_ping_verdicts_a_year(const struct tunnel_ping_plan *plan, double loss)
{
	double answered = (1 - loss) * (1 - loss), all = pow(1 - answered, plan->misses);
	double requests = plan->misses; /* where nothing is ever answered */

	if (all <= 0)
		return 0;
	if (answered > 0)
		requests = (1 - all) / (answered * all);
	return YEAR_SECONDS /
	       (MEAN_JITTER * (seconds(first_wait(plan)) + requests * seconds(plan->interval)));
}

/* R158.  What is said to be the most is rounded up. */
void tunnel_ping_describe(const struct tunnel_ping_plan *plan, uint32_t loss_per_mille, char *text,
			  size_t length)
{
	double verdicts = tunnel_ping_verdicts_a_year(plan, (double)loss_per_mille / PER_MILLE);
	double rounded = verdicts < 100 ? ceil(verdicts * 10) / 10 : ceil(verdicts);
	double interval = seconds(plan->interval);
	char when[64] = "echo request";

	if (plan->only_when_silent)
		snprintf(when, sizeof(when), "echo request after %.1f s of silence, then",
			 interval);
	snprintf(text, length,
		 "%s every %.1f s; verdict after %u misses in a row, %.1f to %.1f s of silence; at "
		 "%.*f %% loss each way at most %.*f false ones a year",
		 when, interval, plan->misses, seconds(tunnel_ping_earliest(plan)),
		 seconds(tunnel_ping_latest(plan)), loss_per_mille % 10 == 0 ? 0 : 1,
		 loss_per_mille / 10.0, verdicts < 100 ? 1 : 0, rounded);
}

/* ---- what can be said of a tunnel ---------------------------------------------------------------------------------- */

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

/* `most`, or up to a tenth less: jitter makes nothing later than was promised. */
static ike_time jittered(ike_time most, uint32_t random)
{
	return most - (most / 10 * (random >> 16) >> 16);
}

static bool is_up(const struct tunnel_ping *ping)
{
	return ping->state != TUNNEL_PING_DOWN && ping->state != TUNNEL_PING_DEAD;
}

static bool round_is_open(const struct tunnel_ping *ping)
{
	return ping->state == TUNNEL_PING_ASKING || ping->state == TUNNEL_PING_SUSPECT;
}

static ike_time silence(const struct step *step)
{
	return step->input->now - step->ping->last_heard;
}

/*
 * Rule 5 (R155).  The count may begin later than now (rule 6).  Requests are no further apart than an interval, unless we are late:
 * so when its time is over, `misses` of those that are open were sent since then, and were given an interval each.
 */
static bool threshold_is_reached(const struct step *step)
{
	return step->ping->open >= step->plan->misses &&
	       step->input->now >= step->ping->counted_from + tunnel_ping_earliest(step->plan);
}

/* ---- what can be done about it ------------------------------------------------------------------------------------- */

static void wait(struct step *step, ike_time from, ike_time most)
{
	step->ping->wake = from + jittered(most, step->input->random);
}

static void ask(struct step *step)
{
	struct tunnel_ping *ping = step->ping;

	step->actions->send = true;
	step->actions->number = ping->next++;
	if (ping->open++ == 0)
		ping->asked_since = step->input->now;
	ping->asked_last = step->input->now;
	ping->answered = false;
	ping->unproved = false;
	wait(step, step->input->now, step->plan->interval);
}

/* The misses so far count for nothing any more, but the tunnel is as suspect as it was. */
static void count_anew(struct step *step, ike_time from)
{
	step->ping->open = 0;
	step->ping->counted_from = from;
}

/* Rules 1 and 2. */
static void life_is_proved(struct step *step)
{
	struct tunnel_ping *ping = step->ping;

	step->actions->recovered = ping->state == TUNNEL_PING_SUSPECT;
	count_anew(step, step->input->now);
	ping->last_heard = step->input->now;
	ping->state = TUNNEL_PING_ALIVE;
	ping->renegotiated = ping->granted = ping->excused = false;
}

/* Rule 6 (R157, R141). */
static void give_verdict(struct step *step)
{
	struct tunnel_ping *ping = step->ping;

	step->actions->misses = ping->open;
	if (ping->renegotiated || !step->input->ike_alive) {
		step->actions->dead = true;
		ping->state = TUNNEL_PING_DEAD;
		ping->wake = IKE_NEVER;
		return;
	}
	step->actions->black_hole = true;
	ping->renegotiated = true;
	count_anew(step, step->input->now);
	ask(step);
}

/* ---- the pair ------------------------------------------------------------------------------------------------------ */

/* Rule 7 (R153), and what of rule 6 is about the new pair. */
static void pair_took_over(struct step *step)
{
	struct tunnel_ping *ping = step->ping;
	ike_time wake = ping->wake;

	ping->unproved = true;
	if (round_is_open(ping) && (!ping->renegotiated || ping->granted))
		return;
	wait(step, step->input->now, first_wait(step->plan));
	if (round_is_open(ping)) {
		ping->granted = true;
		count_anew(step, step->input->now + TUNNEL_PING_GRACE); /* R161 */
	} else if (wake < ping->wake) {
		ping->wake = wake;
	}
}

static void up(struct step *step)
{
	struct tunnel_ping *ping = step->ping;

	if (is_up(ping)) {
		pair_took_over(step);
		return;
	}
	*ping = (struct tunnel_ping){
	    .last_heard = step->input->now,
	    .counted_from = step->input->now,
	    .next = step->input->random,
	    .state = TUNNEL_PING_ALIVE,
	    .answered = true,
	    .unproved = true,
	};
	wait(step, step->input->now, first_wait(step->plan));
}

static void gone(struct step *step)
{
	*step->ping = (struct tunnel_ping){.state = TUNNEL_PING_DOWN, .wake = IKE_NEVER};
}

/* ---- what is heard ------------------------------------------------------------------------------------------------- */

/* Rule 2. */
static void heard(struct step *step)
{
	if (step->plan->only_when_silent)
		life_is_proved(step);
}

/* Rule 1.  One to what is not open is what any other packet is. */
static void reply(struct step *step)
{
	struct tunnel_ping *ping = step->ping;
	uint32_t age = ping->next - 1 - step->input->number; /* 0: the newest */
	bool open = age < ping->open;

	if (open || (age == 0 && !ping->answered)) {
		step->actions->alive = true;
		step->actions->number = step->input->number;
		step->actions->stale = !open;
	} else {
		step->actions->unasked = true;
	}
	if (age == 0 && step->actions->alive) {
		step->actions->round_trip = step->input->now - ping->asked_last;
		ping->answered = true;
	}
	if (open)
		life_is_proved(step);
	else
		heard(step);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

/* Rule 8. */
static bool was_late(struct step *step)
{
	ike_time lateness = step->input->now - step->ping->wake;

	if (lateness <= later(step->plan->interval, LEAST_LATENESS) || step->ping->excused)
		return false;
	step->actions->late = true;
	step->actions->lateness = lateness;
	return true;
}

/* Rule 3 (R154). */
static void time_while_alive(struct step *step)
{
	ike_time interval = step->plan->interval;

	if (step->plan->only_when_silent && !step->ping->unproved &&
	    silence(step) < interval - interval / 10) {
		wait(step, step->ping->last_heard, interval);
		return;
	}
	step->ping->state = TUNNEL_PING_ASKING;
	ask(step);
}

/* Rules 4 to 6. */
static void time_in_round(struct step *step)
{
	struct tunnel_ping *ping = step->ping;

	if (ping->state == TUNNEL_PING_ASKING) {
		ping->state = TUNNEL_PING_SUSPECT;
		step->actions->suspect = true;
		step->actions->misses = ping->open;
	}
	if (threshold_is_reached(step))
		give_verdict(step);
	else
		ask(step);
}

static void time_came(struct step *step)
{
	bool late;

	if (step->input->now < step->ping->wake)
		return;
	late = was_late(step);
	if (!round_is_open(step->ping)) {
		time_while_alive(step);
	} else if (late) {
		step->ping->excused = true;
		count_anew(step, later(step->input->now, step->ping->counted_from));
		ask(step);
	} else {
		time_in_round(step);
	}
}

/* ---- one step ------------------------------------------------------------------------------------------------------ */

typedef void (*reaction)(struct step *step);

static const reaction reactions[TUNNEL_PING_INPUTS] = {
    [TUNNEL_PING_UP] = up,       [TUNNEL_PING_GONE] = gone,      [TUNNEL_PING_REPLY] = reply,
    [TUNNEL_PING_HEARD] = heard, [TUNNEL_PING_TIME] = time_came,
};

void tunnel_ping_step(struct tunnel_ping *ping, const struct tunnel_ping_plan *plan,
		      const struct tunnel_ping_input *input, struct tunnel_ping_actions *actions)
{
	struct step step = {ping, plan, input, actions};

	assert(input->kind < TUNNEL_PING_INPUTS);
	assert(plan->interval > 0 && plan->misses > 0);
	*actions = (struct tunnel_ping_actions){.wake = IKE_NEVER, .round_trip = IKE_NEVER};

	/* Without a pair, and after death, nothing happens until the next pair. */
	if (!is_up(ping) && input->kind != TUNNEL_PING_UP && input->kind != TUNNEL_PING_GONE)
		return;
	actions->silence = is_up(ping) ? silence(&step) : 0;
	reactions[input->kind](&step);
	actions->wake = ping->wake;
}

const char *tunnel_ping_state_name(enum tunnel_ping_state state)
{
	static const char *const names[TUNNEL_PING_STATES] = {
	    [TUNNEL_PING_DOWN] = "down",     [TUNNEL_PING_ALIVE] = "alive",
	    [TUNNEL_PING_ASKING] = "asking", [TUNNEL_PING_SUSPECT] = "suspect",
	    [TUNNEL_PING_DEAD] = "dead",
	};

	assert((unsigned)state < TUNNEL_PING_STATES);
	return names[state];
}
