/* SPDX-License-Identifier: ISC */
/*
 * test_tunnel_ping_exhaustive.c - tunnel_ping.c once more: everything that can happen, in every order, and after each step what
 * must always be true.
 *
 * Beside the machine goes a witness, who knows the rules but not the code: when life was last proved, what has been asked and
 * said since.  Breadth first, to DEPTH; situations that differ in nothing but the time of day and the numbers are gone on from
 * once.
 */
#include "keepalive/tunnel_ping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define DEPTH 6
#else
#define DEPTH 7
#endif
#define S    IKE_SECOND
#define FULL UINT32_C(0xffffffff)

/* Check's own assertions write something down each time, and there are millions. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg("broken: %s", #condition);                                    \
	} while (0)

static struct tunnel_ping_plan plan;

struct witness {
	ike_time life;    /* when it was last proved, or a first pair came up */
	ike_time counted; /* from when the threshold counts */
	ike_time oldest;  /* when the oldest request of the count was sent */
	uint32_t asked;   /* requests of the count */
	uint32_t fair;    /* of them, those that the other side had the time to have its pair for */
	uint32_t sent;    /* since the first pair */
	bool up, suspected, holed, granted, late, unproved, said;
};

struct situation {
	struct tunnel_ping ping;
	struct witness witness;
	ike_time now;
};

/* ---- the set of situations ----------------------------------------------------------------------------------------- */

#define KEY_WORDS 19
#define SLOTS     (1u << 22)

struct key {
	uint64_t word[KEY_WORDS];
};

struct entry {
	struct key key;
	struct situation situation;
};

static struct entry *entries;
static uint32_t *slots, count, room;

static uint64_t age(const struct situation *s, ike_time at)
{
	return at == IKE_NEVER ? IKE_NEVER : s->now - at;
}

static struct key key_of(const struct situation *s)
{
	const struct tunnel_ping *p = &s->ping;
	const struct witness *w = &s->witness;

	return (struct key){
	    {age(s, p->last_heard), age(s, p->counted_from), age(s, p->asked_since),
	     age(s, p->asked_last), age(s, p->wake), p->open, p->state,
	     (uint64_t)(p->answered | p->unproved << 1 | p->renegotiated << 2 | p->granted << 3 |
			p->excused << 4),
	     age(s, w->life), age(s, w->counted), age(s, w->oldest), w->asked, w->fair,
	     w->sent < 4 ? w->sent : 4,
	     (uint64_t)(w->up | w->suspected << 1 | w->holed << 2 | w->granted << 3 | w->late << 4 |
			w->unproved << 5 | w->said << 6)}};
}

static void remember(const struct situation *situation)
{
	struct key key = key_of(situation);
	uint64_t hash = 0;

	for (size_t i = 0; i < KEY_WORDS; i++)
		hash = (hash ^ key.word[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
	for (hash >>= 20;; hash++) {
		uint32_t *slot = &slots[hash % SLOTS];

		if (*slot != 0 && memcmp(&entries[*slot - 1].key, &key, sizeof(key)) != 0)
			continue;
		if (*slot != 0)
			return;
		if (count == room) {
			room = room == 0 ? 1024 : room * 2;
			entries = realloc(entries, room * sizeof(*entries));
			must(entries != NULL);
		}
		must(count < SLOTS / 2);
		entries[count] = (struct entry){key, *situation};
		*slot = ++count;
		return;
	}
}

/* ---- what must always be true -------------------------------------------------------------------------------------- */

/* How often each was not empty talk. */
static struct {
	uint64_t deaths, holes, second_deaths, granted_deaths, lives, late_replies, held, quiet,
	    bounded, anew;
} seen;

static void nothing_is_done(const struct tunnel_ping_actions *a)
{
	must(!a->send && !a->alive && !a->stale && !a->recovered && !a->suspect && !a->black_hole &&
	     !a->dead && !a->unasked && !a->late);
}

static void life(struct situation *s, const struct tunnel_ping_actions *a)
{
	struct witness *w = &s->witness;

	must(s->ping.state == TUNNEL_PING_ALIVE);
	must(s->ping.open == 0);
	must(s->ping.last_heard == s->now);
	must(a->recovered == w->suspected);
	w->life = w->counted = s->now;
	w->asked = w->fair = 0;
	w->suspected = w->holed = w->granted = w->late = false;
	seen.lives++;
}

static void look_at_reply(struct situation *s, const struct tunnel_ping_input *in,
			  const struct tunnel_ping_actions *a, uint32_t before)
{
	struct witness *w = &s->witness;
	uint32_t back = before - 1 - in->number;

	must(!a->send && !a->dead && !a->suspect && !a->black_hole);
	if (back < w->asked) {
		must(a->alive && !a->stale && !a->unasked);
		must(a->number == in->number);
		must((a->round_trip != IKE_NEVER) == (back == 0));
		seen.late_replies += back > 0;
		life(s, a);
	} else {
		must(a->alive == a->stale);
		must(a->unasked == !a->alive);
		must(a->alive == (back == 0 && w->sent > 0 && !w->said));
		if (plan.only_when_silent)
			life(s, a);
		else
			must(!a->recovered);
		seen.held += back < w->sent;
	}
	if (back == 0 && w->sent > 0)
		w->said = true;
}

static void look_at_verdict(struct situation *s, const struct tunnel_ping_input *in,
			    const struct tunnel_ping_actions *a)
{
	struct witness *w = &s->witness;

	/* rule 5 (R155) */
	must(w->asked >= plan.misses);
	must(a->misses == w->asked);
	must(s->now - w->life >= tunnel_ping_earliest(&plan));
	must(s->now >= w->counted + tunnel_ping_earliest(&plan));
	must(s->now - w->oldest >= plan.misses * (plan.interval - plan.interval / 10));
	must(a->silence == s->now - w->life);
	if (!w->late) {
		must(s->now <= w->counted + tunnel_ping_latest(&plan));
		must(w->fair >= plan.misses);
		seen.bounded++;
		seen.granted_deaths += w->granted;
	}
	must(w->suspected);
	/* rule 6 (R157) */
	must(a->dead != a->black_hole);
	must(a->dead == (w->holed || !in->ike_alive));
	must(a->black_hole == a->send);
	seen.deaths += a->dead;
	seen.second_deaths += a->dead && w->holed;
	seen.holes += a->black_hole;
	if (a->dead) {
		must(s->ping.state == TUNNEL_PING_DEAD);
		*w = (struct witness){.up = false};
		return;
	}
	w->holed = true;
	w->asked = w->fair = 0;
	w->counted = s->now;
}

static void look_at_request(struct situation *s, const struct tunnel_ping_actions *a,
			    uint32_t before)
{
	struct witness *w = &s->witness;

	must(a->number == before);
	if (a->late && w->asked > 0) {
		w->asked = w->fair = 0;
		if (w->counted < s->now)
			w->counted = s->now;
		seen.anew++;
	}
	/* rule 3 (R154): not while there is traffic, but for a new pair */
	if (plan.only_when_silent && w->asked == 0 && !w->unproved && !w->suspected)
		must(s->now - w->life >= plan.interval - plan.interval / 10);
	if (w->asked++ == 0)
		w->oldest = s->now;
	w->fair += s->now >= w->counted;
	w->sent++;
	w->unproved = w->said = false;
	must(a->wake > s->now);
	must(a->wake <= s->now + plan.interval);
	must(a->wake >= s->now + plan.interval - plan.interval / 10);
}

static void look_at_time(struct situation *s, const struct tunnel_ping_input *in,
			 const struct tunnel_ping_actions *a, ike_time woke, uint32_t before)
{
	struct witness *w = &s->witness;

	must(!a->alive && !a->recovered && !a->unasked);
	if (s->now < woke) {
		nothing_is_done(a);
		must(a->wake == woke);
		return;
	}
	if (s->now > woke)
		w->late = true; /* no bound any more */
	if (a->suspect) {
		must(!w->suspected && w->asked > 0);
		w->suspected = true;
	}
	if (a->dead || a->black_hole)
		look_at_verdict(s, in, a);
	if (a->send)
		look_at_request(s, a, before);
	else
		seen.quiet++;
	if (!a->dead)
		must(a->wake > s->now);
}

static void look_at_up(struct situation *s, const struct tunnel_ping_actions *a, bool was_up,
		       ike_time woke)
{
	struct witness *w = &s->witness;

	nothing_is_done(a);
	if (!was_up) {
		*w = (struct witness){
		    .life = s->now, .counted = s->now, .up = true, .unproved = true};
		must(a->wake > s->now);
	} else if (w->holed && !w->granted) {
		w->granted = true;
		w->asked = w->fair = 0;
		w->counted = s->now + TUNNEL_PING_GRACE;
	} else {
		/* rule 7 (R153): it proves nothing, and puts nothing off */
		must(s->ping.open == w->asked);
		must(a->wake <= woke);
	}
	w->unproved = true;
	must(a->wake <= s->now + plan.interval);
}

static void look(struct situation *s, const struct situation *before,
		 const struct tunnel_ping_input *in, const struct tunnel_ping_actions *a)
{
	bool was_up = before->witness.up;

	must(a->wake == s->ping.wake);
	if (in->kind == TUNNEL_PING_UP) {
		look_at_up(s, a, was_up, before->ping.wake);
		return;
	}
	if (!was_up || in->kind == TUNNEL_PING_GONE) {
		nothing_is_done(a);
		must(a->wake == IKE_NEVER);
		s->witness = (struct witness){.up = false};
		return;
	}
	if (in->kind == TUNNEL_PING_TIME) {
		look_at_time(s, in, a, before->ping.wake, before->ping.next);
		must(s->witness.asked == 0 || s->ping.asked_since == s->witness.oldest);
		return;
	}
	must(a->wake == before->ping.wake);
	if (in->kind == TUNNEL_PING_REPLY) {
		look_at_reply(s, in, a, before->ping.next);
	} else if (plan.only_when_silent) {
		life(s, a);
	} else {
		struct key now = key_of(s), then;
		struct situation same = *before;

		same.now = s->now;
		then = key_of(&same);
		nothing_is_done(a);
		must(memcmp(&now, &then, sizeof(now)) == 0);
	}
}

/* ---- what can happen ----------------------------------------------------------------------------------------------- */

enum when { NOW, SOON, JUST_BEFORE, AT_WAKE, A_LITTLE_LATE, LATE, VERY_LATE, WHENS };

static ike_time at(const struct situation *s, enum when when)
{
	ike_time wake = s->ping.wake, allowed = plan.interval > S ? plan.interval : S;

	if (wake == IKE_NEVER || wake < s->now || when == NOW)
		return s->now;
	switch (when) {
	case SOON:
		return s->now + plan.interval / 20;
	case JUST_BEFORE:
		return wake > s->now ? wake - 1 : s->now;
	case A_LITTLE_LATE:
		return wake + allowed;
	case LATE:
		return wake + allowed + 1;
	case VERY_LATE:
		return wake + 20 * allowed;
	case NOW:
	case AT_WAKE:
	case WHENS:
		break;
	}
	return wake;
}

static void make(const struct situation *before, enum when when, struct tunnel_ping_input in)
{
	struct situation s = *before;
	struct tunnel_ping_actions actions;

	in.now = s.now = at(before, when);
	memset(&actions, 0xee, sizeof(actions));
	tunnel_ping_step(&s.ping, &plan, &in, &actions);
	look(&s, before, &in, &actions);
	remember(&s);
}

static void everything_from(const struct situation *s)
{
	static const uint32_t chances[] = {0, FULL};
	static const enum when moments[] = {NOW, SOON, JUST_BEFORE, LATE};
	const struct tunnel_ping *p = &s->ping;
	uint32_t numbers[] = {p->next - 1, p->next - p->open, p->next, p->next - p->open - 1,
			      p->next - 2};

	for (size_t c = 0; c < 2; c++) {
		for (enum when when = NOW; when < WHENS; when++) {
			for (int alive = 0; alive < 2; alive++)
				make(s, when,
				     (struct tunnel_ping_input){.kind = TUNNEL_PING_TIME,
								.random = chances[c],
								.ike_alive = alive != 0});
		}
		make(s, SOON,
		     (struct tunnel_ping_input){.kind = TUNNEL_PING_UP, .random = chances[c]});
		make(s, JUST_BEFORE,
		     (struct tunnel_ping_input){.kind = TUNNEL_PING_UP, .random = chances[c]});
	}
	for (size_t m = 0; m < sizeof(moments) / sizeof(moments[0]); m++) {
		make(s, moments[m], (struct tunnel_ping_input){.kind = TUNNEL_PING_HEARD});
		for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
			make(s, moments[m],
			     (struct tunnel_ping_input){.kind = TUNNEL_PING_REPLY,
							.number = numbers[n]});
	}
	make(s, SOON, (struct tunnel_ping_input){.kind = TUNNEL_PING_GONE});
}

/* TUNNEL_PING_DEPTH in the environment asks for more, where there is time. */
static unsigned depth_wanted(void)
{
	const char *text = getenv("TUNNEL_PING_DEPTH");
	unsigned depth = text != NULL ? (unsigned)strtoul(text, NULL, 10) : DEPTH;

	ck_assert_uint_ge(depth, DEPTH);
	return depth;
}

/* Goes on from what comes of it, and from nothing else. */
static void script(uint32_t *from, enum when when, struct tunnel_ping_input in)
{
	struct situation s = entries[*from].situation;

	*from = count;
	make(&s, when, in);
	must(count == *from + 1);
}

/* A black hole, and what was negotiated anew is there. */
static void fall_into_a_hole(uint32_t *from)
{
	script(from, NOW, (struct tunnel_ping_input){.kind = TUNNEL_PING_UP});
	while (!entries[*from].situation.witness.holed)
		script(from, AT_WAKE,
		       (struct tunnel_ping_input){.kind = TUNNEL_PING_TIME, .ike_alive = true});
	script(from, SOON, (struct tunnel_ping_input){.kind = TUNNEL_PING_UP});
}

static void explore(ike_time interval, uint32_t misses, bool only_when_silent, bool in_a_hole)
{
	unsigned depth = depth_wanted();
	struct situation first = {.ping.wake = IKE_NEVER, .now = 1000000 * S};
	uint32_t from = 0;

	plan = (struct tunnel_ping_plan){interval, misses, only_when_silent};
	memset(&seen, 0, sizeof(seen));
	slots = calloc(SLOTS, sizeof(*slots));
	ck_assert_ptr_nonnull(slots);
	remember(&first);
	if (in_a_hole)
		fall_into_a_hole(&from);
	for (unsigned level = 0; level < depth; level++) {
		uint32_t to = count;

		for (; from < to; from++) {
			struct situation s = entries[from].situation;

			everything_from(&s);
		}
	}
	if (getenv("TUNNEL_PING_DEPTH") != NULL)
		fprintf(stderr, "interval %.1f s, misses %u, depth %u: %u situations\n",
			(double)interval / S, misses, depth, count);
	free(slots);
	free(entries);
	entries = NULL;
	count = room = 0;
}

/* What never speaks checks nothing. */
static void all_spoke(void)
{
	ck_assert_uint_gt(seen.deaths, 50);
	ck_assert_uint_gt(seen.holes, 50);
	ck_assert_uint_gt(seen.second_deaths, 10);
	ck_assert_uint_gt(seen.bounded, 50);
	ck_assert_uint_gt(seen.lives, 1000);
	ck_assert_uint_gt(seen.held, 100);
	ck_assert_uint_gt(seen.quiet, 100);
	ck_assert_uint_gt(seen.anew, 10);
}

START_TEST(only_when_silent)
{
	explore(10 * S, 2, true, false);
	all_spoke();
	ck_assert_uint_gt(seen.late_replies, 100);
}
END_TEST

START_TEST(plain)
{
	explore(10 * S, 2, false, false);
	all_spoke();
	ck_assert_uint_gt(seen.late_replies, 100);
}
END_TEST

START_TEST(in_a_hurry)
{
	explore(S / 5, 1, true, false);
	all_spoke();
	explore(S / 5, 1, false, false);
	all_spoke();
}
END_TEST

/* From the start, seven deep hardly gets as far as the death after a hole. */
START_TEST(from_a_hole_on)
{
	for (int i = 0; i < 2; i++) {
		explore(4 * S, 2, i == 0, true);
		ck_assert_uint_gt(seen.granted_deaths, 50);
		ck_assert_uint_gt(seen.anew, 10);
	}
}
END_TEST

UNIT_MAIN("tunnel_ping, exhaustively", only_when_silent, plain, in_a_hurry, from_a_hole_on)
