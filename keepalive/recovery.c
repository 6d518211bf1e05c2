/* SPDX-License-Identifier: ISC */
/*
 * recovery.c - what follows death: the ladder.
 *
 *  1. A peer that died, or whose SA was lost, is called again at once at the same gateway (unless `on_death` is to clear).
 *     "At once" is 0 to 0.5 s, so that a thousand peers of one dead gateway do not call in the same instant.
 *     Not where nothing has ever come through a tunnel with that gateway: its IKE answers, and calling it again would only find
 *     that out again; so the next one of the list is called, and the first, if it was that, is returned to later (rule 4).
 *  2. A call that fails, or takes longer than `attempt_timeout`, is followed by another to the same gateway, `attempts` in all,
 *     and then by one to the next gateway of the list, round and round.
 *  3. A wait comes before each: backoff_first after the first failure, doubled with each failure in a row up to backoff_most,
 *     less up to a quarter.  Only the first call to each gateway in the first round is made at once: that a gateway is down
 *     says nothing about the next.
 *  4. Up on another gateway than the first, the first is called after `hold_down`.  The SA that works is kept until the
 *     first one answers, to this call or to an older one; where it does not, it is called again after another hold_down.
 *     Where nothing came through its tunnels it answers all the same, and takes the peer away from one that works: eight times
 *     as long.
 *  5. Whoever calls first: an SA that comes up, with whatever gateway, ends the ladder.
 *  6. One that comes up at another worker of the node ends it, too: the SA's worker looks after the peer from then on.
 *  7. A peer that the user closed is not called again before the user's START; one without gateways never is.
 *
 * What the engine says about a gateway that is neither in use nor being called is old news, and changes nothing.
 */
#include "keepalive/recovery.h"

#include <assert.h>

#define AT_ONCE    (500 * IKE_MILLISECOND)
#define AT_START   IKE_SECOND /* a restarted node calls all its peers within this time */
#define LEAST_WAIT (100 * IKE_MILLISECOND)
#define PREFERRED  0 /* the first gateway of the list */

/* The four of recovery_step, as one. */
struct step {
	struct recovery *recovery;
	const struct recovery_settings *settings;
	const struct ike_extension_peer_input *input;
	struct ike_extension_answer *answer;
};

void recovery_settings_default(struct recovery_settings *settings)
{
	*settings = (struct recovery_settings){
	    .on_death = RECOVERY_RESTART,
	    .connect_at_start = true,
	    .attempts = 2,
	    .attempt_timeout = 10 * IKE_SECOND,
	    .backoff_first = IKE_SECOND,
	    .backoff_most = 60 * IKE_SECOND,
	    .hold_down = 300 * IKE_SECOND,
	};
}

/* ---- what is asked of the engine, and told to the user ------------------------------------------------------------- */

static void act(struct step *step, enum ike_extension_action_kind kind, uint32_t gateway)
{
	struct ike_extension_answer *answer = step->answer;

	assert(answer->actions < IKE_EXTENSION_ACTIONS_MAX);
	answer->action[answer->actions++] =
	    (struct ike_extension_action){.kind = kind, .gateway = gateway};
}

static void wake_at(struct step *step, ike_time at)
{
	struct ike_extension_answer *answer = step->answer;

	assert(answer->actions < IKE_EXTENSION_ACTIONS_MAX);
	step->recovery->wake = at;
	answer->action[answer->actions++] =
	    (struct ike_extension_action){.kind = IKE_EXTENSION_WAKE_AT, .at = at};
}

static void report(struct step *step, enum ike_extension_report_kind kind, uint32_t gateway,
		   uint32_t value, ike_time duration)
{
	struct ike_extension_answer *answer = step->answer;

	assert(answer->reports < IKE_EXTENSION_REPORTS_MAX);
	answer->report[answer->reports++] = (struct ike_extension_report){
	    .kind = kind, .gateway = gateway, .value = value, .duration = duration};
}

/* ---- waits --------------------------------------------------------------------------------------------------------- */

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

/* 0 to `most`. */
static ike_time part_of(ike_time most, uint32_t random)
{
	return most * (random >> 16) >> 16;
}

/* Rule 3 (R103). */
static ike_time backoff(const struct step *step)
{
	const struct recovery_settings *settings = step->settings;
	ike_time wait = later(settings->backoff_first, LEAST_WAIT);

	for (uint32_t i = 1; i < step->recovery->failures && wait < settings->backoff_most; i++)
		wait *= 2;
	if (wait > settings->backoff_most)
		wait = later(settings->backoff_most, LEAST_WAIT);
	return wait - part_of(wait / 4, step->input->random);
}

static bool in_first_round(const struct step *step)
{
	return step->recovery->failures / step->settings->attempts < step->input->gateways;
}

/* ---- the ladder ---------------------------------------------------------------------------------------------------- */

/* Calls `gateway` for the `attempt`th time after `wait`.  Only what follows a death is news to the user. */
static void call_after(struct step *step, uint32_t gateway, uint32_t attempt, ike_time wait)
{
	step->recovery->state = RECOVERY_WAITING;
	step->recovery->gateway = gateway;
	step->recovery->attempt = attempt;
	wake_at(step, step->input->now + wait);
	if (step->recovery->since != IKE_NEVER)
		report(step, IKE_REPORT_RECOVERING, gateway, attempt, wait);
}

/* Calls `gateway` now, and gives it until attempt_timeout. */
static void call(struct step *step, enum recovery_state state, uint32_t gateway)
{
	step->recovery->state = (uint8_t)state;
	act(step, IKE_EXTENSION_CONNECT, gateway);
	wake_at(step, step->input->now + step->settings->attempt_timeout);
}

/* Rules 2 and 3: the next call after one that failed (R102); the first one to each gateway does not wait (R104). */
static void call_again(struct step *step)
{
	struct recovery *recovery = step->recovery;
	bool same = recovery->attempt < step->settings->attempts;
	uint32_t gateway =
	    same ? recovery->gateway : (recovery->gateway + 1) % step->input->gateways;
	uint32_t attempt = same ? recovery->attempt + 1 : 1;

	if (recovery->failures < UINT32_MAX)
		recovery->failures++;
	if (!same && in_first_round(step))
		call_after(step, gateway, attempt, part_of(AT_ONCE, step->input->random));
	else
		call_after(step, gateway, attempt, backoff(step));
}

/* Nothing is under way any more, and nothing is planned. */
static void rest(struct step *step)
{
	step->recovery->state = RECOVERY_RESTING;
	step->recovery->since = IKE_NEVER;
	wake_at(step, IKE_NEVER);
}

/* Gives up a Phase 1 that is under way with anyone but `besides`. */
static void abandon_calls(struct step *step, uint32_t besides)
{
	const struct recovery *recovery = step->recovery;

	if (recovery->state == RECOVERY_CONNECTING && recovery->gateway != besides)
		act(step, IKE_EXTENSION_ABANDON, recovery->gateway);
	if (recovery->state == RECOVERY_RETURNING && PREFERRED != besides)
		act(step, IKE_EXTENSION_ABANDON, PREFERRED);
}

/* ---- what happens -------------------------------------------------------------------------------------------------- */

/* A node that has restarted calls within a second, not at once (R108). */
static void start(struct step *step)
{
	struct recovery *recovery = step->recovery;
	ike_time most = step->settings->connect_at_start ? AT_START : 0;

	recovery->closed = false;
	recovery->elsewhere = false;
	recovery->useless = false;
	if (step->input->gateways == 0)
		return;
	if (recovery->state != RECOVERY_RESTING && recovery->state != RECOVERY_WAITING)
		return; /* a call is under way, or not needed */
	if (recovery->state == RECOVERY_RESTING)
		recovery->since = IKE_NEVER;
	recovery->failures = 0;
	call_after(step, PREFERRED, 1, part_of(most, step->input->random));
}

/* Rule 4 (R105): the hold-down, again after each call that failed. */
static void stay_up(struct step *step, uint32_t gateway)
{
	bool returns = gateway != PREFERRED && gateway < step->input->gateways &&
		       step->settings->hold_down != 0 && !step->recovery->closed;
	ike_time wait =
	    step->settings->hold_down * (step->recovery->useless ? RECOVERY_HELD_LONGER : 1);

	step->recovery->state = RECOVERY_UP;
	step->recovery->gateway = gateway;
	wake_at(step, returns ? step->input->now + wait : IKE_NEVER);
}

/* Rule 5 (R107).  Only now is the other gateway's SA given up (R106). */
static void up(struct step *step)
{
	struct recovery *recovery = step->recovery;
	uint32_t gateway = step->input->gateway;
	bool was_up = recovery->state == RECOVERY_UP || recovery->state == RECOVERY_RETURNING;

	if (was_up && gateway == recovery->gateway)
		return; /* renewed */
	if (was_up && gateway == PREFERRED)
		act(step, IKE_EXTENSION_CLOSE, recovery->gateway);
	abandon_calls(step, gateway);
	if (recovery->state == RECOVERY_WAITING || recovery->state == RECOVERY_CONNECTING) {
		if (recovery->since != IKE_NEVER)
			report(step, IKE_REPORT_RECOVERED, gateway, 0,
			       step->input->now - recovery->since);
	}
	recovery->elsewhere = false;
	recovery->since = IKE_NEVER;
	recovery->attempt = 0;
	recovery->failures = 0;
	stay_up(step, gateway);
}

static void failed(struct step *step)
{
	const struct recovery *recovery = step->recovery;

	if (recovery->state == RECOVERY_CONNECTING && step->input->gateway == recovery->gateway)
		call_again(step);
	else if (recovery->state == RECOVERY_RETURNING && step->input->gateway == PREFERRED)
		stay_up(step, recovery->gateway); /* rule 4 */
}

/* The preferred gateway was being called already when the other one went: that call is now the ladder's first. */
static void go_on_with_return(struct step *step)
{
	step->recovery->state = RECOVERY_CONNECTING;
	step->recovery->gateway = PREFERRED;
	step->recovery->attempt = 1;
	report(step, IKE_REPORT_RECOVERING, PREFERRED, 1, 0);
}

/* What is said of any other gateway is old news. */
static bool is_of_the_one_in_use(const struct step *step)
{
	const struct recovery *recovery = step->recovery;

	return (recovery->state == RECOVERY_UP || recovery->state == RECOVERY_RETURNING) &&
	       step->input->gateway == recovery->gateway;
}

/* Rule 1 (R100): the one in use is gone, and `next` is the gateway to be called. */
static void begin(struct step *step, uint32_t next)
{
	struct recovery *recovery = step->recovery;
	uint32_t gateway = recovery->gateway;

	if (step->settings->on_death == RECOVERY_CLEAR || recovery->closed) {
		abandon_calls(step, gateway);
		rest(step);
		return;
	}
	recovery->since = step->input->now;
	recovery->failures = 0;
	if (recovery->state == RECOVERY_RETURNING) {
		go_on_with_return(step);
	} else if (step->input->gateways == 0) {
		recovery->state = RECOVERY_WAITING; /* for the peer's call: rule 7 */
		wake_at(step, IKE_NEVER);
	} else {
		call_after(step, next < step->input->gateways ? next : PREFERRED, 1,
			   part_of(AT_ONCE, step->input->random));
	}
}

/* Why the SA went matters to the user, not to the ladder. */
static void down(struct step *step)
{
	struct recovery *recovery = step->recovery;

	if (!is_of_the_one_in_use(step))
		return;
	if (recovery->gateway == PREFERRED)
		recovery->useless = false; /* this time it was something else */
	begin(step, recovery->gateway);
}

/* Rule 1, where calling the same one again is of no use. */
static void useless(struct step *step)
{
	struct recovery *recovery = step->recovery;
	uint32_t gateways = step->input->gateways;

	if (!is_of_the_one_in_use(step))
		return;
	if (recovery->gateway == PREFERRED && gateways > 1)
		recovery->useless = true;
	begin(step, gateways > 0 ? (recovery->gateway + 1) % gateways : PREFERRED);
}

static void close_peer(struct step *step)
{
	step->recovery->closed = true;
	abandon_calls(step, UINT32_MAX);
	rest(step);
}

/* Rule 6.  As in up(), a call to the same gateway that is answered may go on: which SA stays is settled between the two. */
static void elsewhere(struct step *step)
{
	struct recovery *recovery = step->recovery;
	uint32_t gateway = step->input->gateway;
	bool was_up = recovery->state == RECOVERY_UP || recovery->state == RECOVERY_RETURNING;

	if (was_up && gateway != recovery->gateway && gateway == PREFERRED)
		act(step, IKE_EXTENSION_CLOSE, recovery->gateway);
	abandon_calls(step, gateway);
	if (!was_up && recovery->since != IKE_NEVER && recovery->state != RECOVERY_RESTING)
		report(step, IKE_REPORT_RECOVERED, gateway, 0, step->input->now - recovery->since);
	recovery->elsewhere = true;
	rest(step);
}

static void yield(struct step *step)
{
	step->recovery->closed = false;
	if (step->recovery->state == RECOVERY_RESTING)
		step->recovery->elsewhere = true;
}

static void time_came(struct step *step)
{
	struct recovery *recovery = step->recovery;

	if (step->input->now < recovery->wake) {
		wake_at(step, recovery->wake);
		return;
	}
	switch ((enum recovery_state)recovery->state) {
	case RECOVERY_WAITING:
		call(step, RECOVERY_CONNECTING, recovery->gateway);
		break;
	case RECOVERY_CONNECTING: /* rule 2 */
		act(step, IKE_EXTENSION_ABANDON, recovery->gateway);
		call_again(step);
		break;
	case RECOVERY_UP: /* rule 4, R105 */
		call(step, RECOVERY_RETURNING, PREFERRED);
		report(step, IKE_REPORT_RETURNING, PREFERRED, 0, 0);
		break;
	case RECOVERY_RETURNING:
		act(step, IKE_EXTENSION_ABANDON, PREFERRED);
		stay_up(step, recovery->gateway);
		break;
	case RECOVERY_RESTING:
	case RECOVERY_STATES:
		break;
	}
}

/* ---- one step ------------------------------------------------------------------------------------------------------ */

typedef void (*reaction)(struct step *step);

static const reaction reactions[] = {
    [IKE_EXTENSION_PEER_START] = start,         [IKE_EXTENSION_PEER_UP] = up,
    [IKE_EXTENSION_PEER_FAILED] = failed,       [IKE_EXTENSION_PEER_DEAD] = down,
    [IKE_EXTENSION_PEER_LOST] = down,           [IKE_EXTENSION_PEER_CLOSE] = close_peer,
    [IKE_EXTENSION_PEER_ELSEWHERE] = elsewhere, [IKE_EXTENSION_PEER_YIELD] = yield,
    [IKE_EXTENSION_PEER_TIME] = time_came,      [IKE_EXTENSION_PEER_USELESS] = useless,
};

void recovery_step(struct recovery *recovery, const struct recovery_settings *settings,
		   const struct ike_extension_peer_input *input,
		   struct ike_extension_answer *answer)
{
	struct step step = {recovery, settings, input, answer};

	assert((size_t)input->happening < sizeof(reactions) / sizeof(reactions[0]));
	assert(settings->attempts > 0 && settings->attempt_timeout > 0);
	reactions[input->happening](&step);
}

bool recovery_rests(const struct recovery *recovery)
{
	return recovery->state == RECOVERY_RESTING && !recovery->closed && !recovery->elsewhere;
}

const char *recovery_state_name(enum recovery_state state)
{
	static const char *const names[RECOVERY_STATES] = {
	    [RECOVERY_RESTING] = "resting",       [RECOVERY_WAITING] = "waiting",
	    [RECOVERY_CONNECTING] = "connecting", [RECOVERY_UP] = "up",
	    [RECOVERY_RETURNING] = "returning",
	};

	assert((unsigned)state < RECOVERY_STATES);
	return names[state];
}
