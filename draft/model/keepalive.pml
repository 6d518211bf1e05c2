/* SPDX-License-Identifier: ISC */
/*
 * keepalive.pml - two peers that watch each other over a bad network: the machine of keepalive/liveness.c as a model for
 * Spin.  README.md says what is left out and why that is sound; `make model` checks all that is claimed.
 *
 * Every transition is an inline of its own, named as in transitions.txt: the state, the input, and the condition.  `become`
 * gives the next state (without it the state stays), and the other calls are the actions.  tests/unit/test_liveness_table.c
 * reads them, and holds them against what keepalive_step does.
 */

#ifndef WORRY
#define WORRY  2 /* ticks of silence before the first question */
#endif
#ifndef MISSES
#define MISSES 2 /* unanswered questions that make a death */
#endif
#define RETRY  1 /* ticks between questions */
#define DETECT (WORRY + MISSES * RETRY)

#ifndef REBOOTS
#define REBOOTS 1 /* in all */
#endif
#ifndef GOING
#define GOING 1 /* whether peer 1 may be gone for ever */
#endif
#ifndef COPIES
#define COPIES 1 /* whether a datagram may come twice */
#endif
#ifndef FLIGHT
#define FLIGHT 2 /* datagrams under way at a time, each way */
#endif

#define WINDOW 2 /* how far ahead of the last number a fresh one may be; how many may be open */

/*
 * A number is kept as its age: how many questions its sender has put since, 0 for the newest.  So there is no end to the numbers and
 * no need to go round, and runs that differ in the first number only are one run (R33: it is random).  Whatever is under way is
 * younger than OLD; and a last number of age FAR is far behind all that is under way, how far does not matter.
 */
#define OLD 5
#define FAR (OLD + WINDOW)

/* How much silence makes a first question due: jitter brings it a tick forward. */
#ifdef JITTER
#define SILENT (WORRY - 1)
#else
#define SILENT WORRY
#endif

/* MUTANT_... are mistakes made on purpose, which `make model` must find. */
#ifdef MUTANT_ONE_MISS_TOO_FEW
#define ENOUGH   (MISSES - 1)
#define PROMISED (DETECT - RETRY)
#else
#define ENOUGH   MISSES
#ifdef MUTANT_NEVER_DEAD
#define PROMISED (DETECT + 1)
#else
#define PROMISED DETECT
#endif
#endif

/* ---- the two peers and what is between them ------------------------------------------------------------------------ */

#define KEEPALIVE_DOWN    0
#define KEEPALIVE_ALIVE   1
#define KEEPALIVE_ASKING  2
#define KEEPALIVE_SUSPECT 3
#define KEEPALIVE_DEAD    4

typedef keepalive_peer {
	byte state;
	byte silence; /* ticks since life was last proved */
	byte wake;    /* ticks until the deadline */
	byte asked;   /* questions of the present round */
	byte open;  /* how many of the newest numbers are open */
	bit have_last;
	byte last;  /* the age of the newest number received */
	byte sa;      /* which SA this is; 0: none */
	byte calling; /* the SA for which it is calling the peer (Phase 1); 0: it does not */
	bit called;   /* in this tick */
}
keepalive_peer peer[2];

#define NOTHING      0
#define R_U_THERE    1
#define ACK          2
#define PHASE_1      3 /* with INITIAL-CONTACT */
#define PHASE_1_DONE 4

typedef datagram {
	byte kind;
	byte age; /* of its number */
	byte sa;
	bit old;  /* sent in the last tick; it does not live to see another */
	bit copy; /* it has been delivered once already */
}
datagram flight[2 * FLIGHT]; /* the first half is under way to peer 0, the second to peer 1; the earliest comes first */
datagram got;                /* what is being handled; nothing between two steps */

bit gone;     /* peer 1 is gone for ever */
bit good;     /* from now on nothing is lost, doubled or delayed, and nobody fails */
byte reboots; /* so far */

/* Only looked at by the properties. */
byte quiet[2];      /* ticks since a peer was really heard */
byte unanswered[2]; /* questions put since then */

#define other(me) (1 - (me))
#define is_up(me)                                                                                                      \
	(peer[me].state == KEEPALIVE_ALIVE || peer[me].state == KEEPALIVE_ASKING || peer[me].state == KEEPALIVE_SUSPECT)
#define round_is_open(me) (peer[me].state == KEEPALIVE_ASKING || peer[me].state == KEEPALIVE_SUSPECT)

/* ---- the network --------------------------------------------------------------------------------------------------- */

byte i, which, was_open, had_last; /* 0 between two steps */

#define flight_to(me)     ((me) * FLIGHT)
#define nothing_to(me)    (flight[flight_to(me)].kind == NOTHING)
#define nothing_under_way (nothing_to(0) && nothing_to(1))

inline move_datagram(to, from)
{
	to.kind = from.kind;
	to.age = from.age;
	to.sa = from.sa;
	to.old = from.old;
	to.copy = from.copy
}

inline forget_datagram(d)
{
	d.kind = NOTHING;
	d.age = 0;
	d.sa = 0;
	d.old = 0;
	d.copy = 0
}

/* Where too many are under way, it is lost. */
inline send(from, a_kind, an_age, an_sa)
{
	i = flight_to(other(from));
	do
	:: i < flight_to(other(from)) + FLIGHT && flight[i].kind != NOTHING -> i++
	:: else -> break
	od;
	if
	:: i < flight_to(other(from)) + FLIGHT ->
		flight[i].kind = a_kind;
		flight[i].age = an_age;
		flight[i].sa = an_sa
	:: else -> assert(!good)
	fi;
	i = 0
}

/* Takes flight[which]; the others keep their order. */
inline take(me, which)
{
	i = which;
	do
	:: i < flight_to(me) + FLIGHT - 1 -> move_datagram(flight[i], flight[i + 1]); i++
	:: else -> break
	od;
	forget_datagram(flight[i]);
	i = 0
}

/* Whatever was sent before the last tick is lost now. */
inline grow_old(me)
{
	which = flight_to(me);
	do
	:: which < flight_to(me) + FLIGHT && flight[which].old -> take(me, which)
	:: which < flight_to(me) + FLIGHT && !flight[which].old ->
		flight[which].old = (flight[which].kind != NOTHING);
		which++
	:: else -> break
	od;
	which = 0
}

/* ---- mistakes ------------------------------------------------------------------------------------------------------ */

inline mistake_repeat(me)
{
#ifdef MUTANT_REPEAT_IS_LIFE
	proves_life(me)
#else
	skip
#endif
}

inline mistake_round(me)
{
#ifdef MUTANT_ANY_ROUND
	proves_life(me)
#else
	skip
#endif
}

inline mistake_answer(me)
{
#ifdef MUTANT_ACK_AN_ACK
	send_ack(me)
#else
	skip
#endif
}

inline mistake_counter(me)
{
#ifdef MUTANT_ONE_COUNTER
	peer[me].open = 0
#else
	skip
#endif
}

/* ---- actions ------------------------------------------------------------------------------------------------------- */

inline become(me, a_state)
{
	peer[me].state = a_state
}

/* All numbers of this peer's become older by one, wherever they are. */
inline grow_older(me)
{
	i = 0;
	do
	:: i < 2 * FLIGHT ->
		if
		:: flight[i].sa == peer[me].sa && flight[i].kind == R_U_THERE && i / FLIGHT == other(me) ->
			flight[i].age++
		:: flight[i].sa == peer[me].sa && flight[i].kind == ACK && i / FLIGHT == me -> flight[i].age++
		:: else
		fi;
		assert(flight[i].age < OLD);
		i++
	:: else -> break
	od;
	i = 0;
	if
	:: peer[other(me)].sa == peer[me].sa && peer[other(me)].have_last && peer[other(me)].last < FAR ->
		peer[other(me)].last++
	:: else
	fi
}

inline send_r_u_there(me)
{
	grow_older(me);
	send(me, R_U_THERE, 0, peer[me].sa);
	if
	:: peer[me].asked <= MISSES -> peer[me].asked++; unanswered[me]++
	:: else /* more of them make no difference */
	fi;
	if
	:: peer[me].open < WINDOW -> peer[me].open++
	:: else
	fi
}

/* Rule 10: only a question is answered. */
inline send_ack(me)
{
	assert(got.kind == R_U_THERE);
	send(me, ACK, got.age, peer[me].sa)
}

inline wait_for_worry(me)
{
	assert(peer[me].silence < WORRY);
	if
	:: peer[me].wake = WORRY - peer[me].silence
#ifdef JITTER
	:: peer[me].silence < WORRY - 1 -> peer[me].wake = WORRY - 1 - peer[me].silence
#endif
	fi
}

inline proves_life(me)
{
	assert(!got.copy); /* a recording proves nothing */
	assert(got.sa == peer[me].sa);
	assert(got.kind == R_U_THERE || (got.age < was_open && got.age < peer[me].asked));
	quiet[me] = 0;
	unanswered[me] = 0;
	peer[me].silence = 0;
	peer[me].asked = 0
}

inline alive(me)
{
	peer[me].open = got.age
}

inline suspect(me)
{
	skip
}

inline dead(me)
{
	assert(quiet[me] >= DETECT);       /* not while it was heard within the promise */
	assert(unanswered[me] >= MISSES);  /* and not without its questions */
	peer[me].wake = 0;
	peer[me].silence = 0;
	peer[me].asked = 0;
	peer[me].open = 0;
	peer[me].have_last = 0;
	peer[me].last = 0;
	peer[me].sa = 0
}

inline begin_sa(me, an_sa)
{
	peer[me].sa = an_sa;
	peer[me].calling = 0;
	peer[me].silence = 0;
	peer[me].asked = 0;
	peer[me].open = 0;
	peer[me].have_last = 0;
	peer[me].last = 0;
	quiet[me] = 0;
	unanswered[me] = 0;
	wait_for_worry(me)
}

inline end_sa(me)
{
	peer[me].sa = 0;
	peer[me].silence = 0;
	peer[me].wake = 0;
	peer[me].asked = 0;
	peer[me].open = 0;
	peer[me].have_last = 0;
	peer[me].last = 0
}

inline remember(me)
{
	peer[me].have_last = 1;
	peer[me].last = got.age;
	mistake_counter(me)
}

/* ---- the transitions ----------------------------------------------------------------------------------------------- */

inline down_sa_up_vendor_id(me, an_sa) { begin_sa(me, an_sa); become(me, KEEPALIVE_ALIVE) }
inline down_r_u_there(me)          { skip }
inline down_ack(me)                { skip }

inline alive_sa_down(me)                { end_sa(me); become(me, KEEPALIVE_DOWN) }
inline alive_r_u_there_fresh(me)    { send_ack(me); remember(me); proves_life(me) }
inline alive_r_u_there_ahead(me)    { send_ack(me); remember(me) }
inline alive_r_u_there_repeated(me) { send_ack(me); mistake_repeat(me) }
inline alive_r_u_there_refused(me)      { skip }
inline alive_ack_open(me)          { alive(me); mistake_answer(me); mistake_round(me) }
inline alive_ack_unasked(me)            { skip }
inline alive_time_heard(me)             { wait_for_worry(me) }
inline alive_time_silent(me)
{
	become(me, KEEPALIVE_ASKING);
	send_r_u_there(me);
	peer[me].wake = RETRY
}

inline asking_sa_down(me) { end_sa(me); become(me, KEEPALIVE_DOWN) }
inline asking_r_u_there_fresh(me)
{
	send_ack(me);
	remember(me);
	proves_life(me);
	become(me, KEEPALIVE_ALIVE);
	wait_for_worry(me)
}
inline asking_r_u_there_ahead(me)    { send_ack(me); remember(me) }
inline asking_r_u_there_repeated(me) { send_ack(me) }
inline asking_r_u_there_refused(me)      { skip }
inline asking_ack_of_round(me)
{
	alive(me);
	proves_life(me);
	become(me, KEEPALIVE_ALIVE);
	wait_for_worry(me)
}
inline asking_ack_open(me)   { alive(me) }
inline asking_ack_unasked(me)     { skip }
inline asking_time_retry(me)
{
	become(me, KEEPALIVE_SUSPECT);
	suspect(me);
	send_r_u_there(me);
	peer[me].wake = RETRY
}

inline suspect_sa_down(me) { end_sa(me); become(me, KEEPALIVE_DOWN) }
inline suspect_r_u_there_fresh(me)
{
	send_ack(me);
	remember(me);
	proves_life(me);
	become(me, KEEPALIVE_ALIVE);
	wait_for_worry(me)
}
inline suspect_r_u_there_ahead(me)    { send_ack(me); remember(me) }
inline suspect_r_u_there_repeated(me) { send_ack(me) }
inline suspect_r_u_there_refused(me)      { skip }
inline suspect_ack_of_round(me)
{
	alive(me);
	proves_life(me);
	become(me, KEEPALIVE_ALIVE);
	wait_for_worry(me)
}
inline suspect_ack_open(me)  { alive(me) }
inline suspect_ack_unasked(me)    { skip }
inline suspect_time_retry(me)     { send_r_u_there(me); peer[me].wake = RETRY }
inline suspect_time_dead(me)      { dead(me); become(me, KEEPALIVE_DEAD) }

inline dead_sa_up_vendor_id(me, an_sa) { begin_sa(me, an_sa); become(me, KEEPALIVE_ALIVE) }
inline dead_sa_down(me)            { become(me, KEEPALIVE_DOWN) }
inline dead_r_u_there(me)          { skip }
inline dead_ack(me)                { skip }

/* ---- which transition it is ------------------------------------------------------------------------------------------ */

#define is_fresh(me)    (!peer[me].have_last || (peer[me].last > got.age && peer[me].last - got.age <= WINDOW))
#define is_ahead(me)    (peer[me].have_last && peer[me].last > got.age && peer[me].last - got.age > WINDOW)
#define is_known(me)    (peer[me].have_last && peer[me].last <= got.age)
#define is_open(me)     (got.age < peer[me].open)
#define is_of_round(me) (is_open(me) && got.age < peer[me].asked)
#define is_silent(me)    (peer[me].silence >= SILENT)
#define is_over(me)      (peer[me].asked >= ENOUGH && peer[me].silence >= PROMISED)

/* Repeats are answered a few times and slowly: here, either way. */
inline got_r_u_there(me)
{
	if
	:: peer[me].state == KEEPALIVE_DOWN -> down_r_u_there(me)
	:: peer[me].state == KEEPALIVE_ALIVE && is_fresh(me) -> alive_r_u_there_fresh(me)
	:: peer[me].state == KEEPALIVE_ALIVE && is_ahead(me) -> alive_r_u_there_ahead(me)
	:: peer[me].state == KEEPALIVE_ALIVE && is_known(me) -> alive_r_u_there_repeated(me)
	:: peer[me].state == KEEPALIVE_ALIVE && is_known(me) -> alive_r_u_there_refused(me)
	:: peer[me].state == KEEPALIVE_ASKING && is_fresh(me) -> asking_r_u_there_fresh(me)
	:: peer[me].state == KEEPALIVE_ASKING && is_ahead(me) -> asking_r_u_there_ahead(me)
	:: peer[me].state == KEEPALIVE_ASKING && is_known(me) -> asking_r_u_there_repeated(me)
	:: peer[me].state == KEEPALIVE_ASKING && is_known(me) -> asking_r_u_there_refused(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_fresh(me) -> suspect_r_u_there_fresh(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_ahead(me) -> suspect_r_u_there_ahead(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_known(me) -> suspect_r_u_there_repeated(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_known(me) -> suspect_r_u_there_refused(me)
	:: peer[me].state == KEEPALIVE_DEAD -> dead_r_u_there(me)
	fi
}

inline got_ack(me)
{
	if
	:: peer[me].state == KEEPALIVE_DOWN -> down_ack(me)
	:: peer[me].state == KEEPALIVE_ALIVE && is_open(me) -> alive_ack_open(me)
	:: peer[me].state == KEEPALIVE_ALIVE && !is_open(me) -> alive_ack_unasked(me)
	:: peer[me].state == KEEPALIVE_ASKING && is_of_round(me) -> asking_ack_of_round(me)
	:: peer[me].state == KEEPALIVE_ASKING && is_open(me) && !is_of_round(me) -> asking_ack_open(me)
	:: peer[me].state == KEEPALIVE_ASKING && !is_open(me) -> asking_ack_unasked(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_of_round(me) -> suspect_ack_of_round(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_open(me) && !is_of_round(me) -> suspect_ack_open(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && !is_open(me) -> suspect_ack_unasked(me)
	:: peer[me].state == KEEPALIVE_DEAD -> dead_ack(me)
	fi
}

inline time_came(me)
{
	if
	:: peer[me].state == KEEPALIVE_ALIVE && !is_silent(me) -> alive_time_heard(me)
	:: peer[me].state == KEEPALIVE_ALIVE && is_silent(me) -> alive_time_silent(me)
	:: peer[me].state == KEEPALIVE_ASKING -> asking_time_retry(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && !is_over(me) -> suspect_time_retry(me)
	:: peer[me].state == KEEPALIVE_SUSPECT && is_over(me) -> suspect_time_dead(me)
	fi
}

inline sa_up(me, an_sa)
{
	if
	:: peer[me].state == KEEPALIVE_DOWN -> down_sa_up_vendor_id(me, an_sa)
	:: peer[me].state == KEEPALIVE_DEAD -> dead_sa_up_vendor_id(me, an_sa)
	fi
}

inline sa_down(me)
{
	if
	:: peer[me].state == KEEPALIVE_ALIVE -> alive_sa_down(me)
	:: peer[me].state == KEEPALIVE_ASKING -> asking_sa_down(me)
	:: peer[me].state == KEEPALIVE_SUSPECT -> suspect_sa_down(me)
	:: peer[me].state == KEEPALIVE_DEAD -> dead_sa_down(me)
	fi
}

/* ---- Phase 1, in two messages ---------------------------------------------------------------------------------------- */

/* Nobody is established by a recording: cookies and nonces need the caller to be there.  Of two callers, peer 0 goes on. */
inline got_phase_1(me)
{
	if
	:: peer[other(me)].calling != got.sa /* the caller has given up */
	:: peer[other(me)].calling == got.sa && peer[me].sa == got.sa -> send(me, PHASE_1_DONE, 0, got.sa)
	:: peer[other(me)].calling == got.sa && peer[me].sa != got.sa && me == 0 && peer[me].calling != 0
	:: else ->
		if
		:: is_up(me) -> sa_down(me) /* INITIAL-CONTACT: the caller knows of no other SA */
		:: else
		fi;
		sa_up(me, got.sa);
		send(me, PHASE_1_DONE, 0, got.sa)
	fi
}

inline got_phase_1_done(me)
{
	if
	:: !is_up(me) && peer[me].calling == got.sa -> sa_up(me, got.sa)
	:: else
	fi
}

#if FLIGHT == 1
#define is_under_way(s) (flight[0].sa == s || flight[1].sa == s)
#else
#define is_under_way(s) (flight[0].sa == s || flight[1].sa == s || flight[2].sa == s || flight[3].sa == s)
#endif
#define is_in_use(s)                                                                                                   \
	(peer[0].sa == s || peer[1].sa == s || peer[0].calling == s || peer[1].calling == s || is_under_way(s))

/* Once in a tick.  The SA that it calls for is one of which nothing is left anywhere. */
inline call(me)
{
	if
	:: peer[me].state == KEEPALIVE_DEAD -> sa_down(me) /* the engine deletes it */
	:: else
	fi;
	if
	:: peer[me].calling == 0 ->
		i = 1;
		do
		:: is_in_use(i) -> i++
		:: else -> break
		od;
		peer[me].calling = i
	:: else
	fi;
	peer[me].called = 1;
	send(me, PHASE_1, 0, peer[me].calling)
}

/* ---- what happens ---------------------------------------------------------------------------------------------------- */

#define is_there(me) (me == 0 || !gone)
/* From when on the network is good, all that is under way arrives before anything else happens. */
#define may_act      (!good || nothing_under_way)

/* Of this SA; and without one there is a state in which it is ignored. */
#define is_readable(me) (got.sa == peer[me].sa || !is_up(me))

/* Any of those under way, so that they overtake one another; and it may come a second time. */
inline receive(me)
{
	which = flight_to(me);
	do
	:: !good && which < flight_to(me) + FLIGHT - 1 && flight[which + 1].kind != NOTHING -> which++
	:: break
	od;
	move_datagram(got, flight[which]);
	if
	:: take(me, which)
	:: COPIES && !good && !got.copy && got.sa == peer[me].sa -> flight[which].copy = 1
	fi;
	which = 0;
	was_open = peer[me].open;
	had_last = peer[me].last;
	if
	:: got.kind == R_U_THERE && is_readable(me) -> got_r_u_there(me); assert(peer[me].open == was_open)
	:: got.kind == ACK && is_readable(me) -> got_ack(me); assert(peer[me].last == had_last)
	:: (got.kind == R_U_THERE || got.kind == ACK) && !is_readable(me)
	:: got.kind == PHASE_1 -> got_phase_1(me)
	:: got.kind == PHASE_1_DONE -> got_phase_1_done(me)
	fi;
	was_open = 0;
	had_last = 0;
	forget_datagram(got)
}

proctype machine(bit me)
{
	do
	:: atomic { is_there(me) && !nothing_to(me) -> receive(me) }
	:: atomic { is_there(me) && is_up(me) && peer[me].wake == 0 && may_act -> time_came(me) }
#ifndef MUTANT_NO_RECOVERY
	:: atomic { is_there(me) && !is_up(me) && !peer[me].called && may_act -> call(me) }
#else
	:: atomic { is_there(me) && !is_up(me) && !peer[me].called && may_act ->
		if
		:: peer[me].state == KEEPALIVE_DOWN -> call(me)
		:: else -> peer[me].called = 1
		fi }
#endif
	od
}

#define is_ready(me) (!is_there(me) || (is_up(me) && peer[me].wake > 0) || (!is_up(me) && peer[me].called))

inline tick_of(me)
{
	if
	:: is_up(me) ->
		peer[me].wake--;
		if
		:: peer[me].silence < DETECT -> peer[me].silence++
		:: else
		fi;
		if
		:: quiet[me] < DETECT -> quiet[me]++
		:: else
		fi
	:: else -> peer[me].called = 0
	fi
}

/* Time goes on when everybody has done what was due. */
proctype clock()
{
	do
	:: atomic {
		is_ready(0) && is_ready(1) && may_act ->
		tick_of(0);
		if
		:: is_there(1) -> tick_of(1)
		:: else
		fi;
		grow_old(0);
		grow_old(1)
	}
#ifdef TIME_GOES_ON
progress_tick:
		skip
#endif
	od
}

/* A reboot: nothing is remembered, and nothing is said. */
inline forget(me)
{
	end_sa(me);
	peer[me].state = KEEPALIVE_DOWN;
	peer[me].calling = 0;
	peer[me].called = 0;
	quiet[me] = 0;
	unanswered[me] = 0
}

proctype fate()
{
	do
	:: atomic { !good && reboots < REBOOTS -> forget(0); reboots++ }
	:: atomic { !good && !gone && reboots < REBOOTS -> forget(1); reboots++ }
	:: atomic { GOING && !good && !gone -> forget(1); gone = 1 }
	:: atomic { !good && !gone && nothing_under_way -> good = 1 }
	od
}

init
{
	atomic {
		run machine(0);
		run machine(1);
		run clock();
		run fate()
	}
}

/* ---- what is claimed of the course of things ------------------------------------------------------------------------- */

#define is_settled(me)                                                                                                 \
	((peer[me].state == KEEPALIVE_ALIVE || peer[me].state == KEEPALIVE_ASKING) && peer[0].sa == peer[1].sa)
/* It holds on to an SA of which the other one knows nothing, and will not. */
#define is_stale(me)                                                                                                   \
	(is_up(me) && peer[other(me)].sa != peer[me].sa && peer[other(me)].calling != peer[me].sa)

#ifdef GONE_IS_NOTICED
ltl claim { [] (gone -> <> [] !is_up(0)) }
#endif
#ifdef GOOD_NETWORK_RECOVERS
ltl claim { [] (good -> <> [] (is_settled(0) && is_settled(1))) }
#endif
#ifdef REBOOT_IS_NOTICED_BY_0
ltl claim { [] (is_stale(0) -> <> !is_stale(0)) }
#endif
#ifdef REBOOT_IS_NOTICED_BY_1
ltl claim { [] (is_stale(1) -> <> (gone || !is_stale(1))) }
#endif
