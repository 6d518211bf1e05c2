/* SPDX-License-Identifier: ISC */
/*
 * test_liveness.c - the rules at the top of keepalive/liveness.c: who is asked, what an answer is, when there is death.
 */
#include "keepalive/keepalive.h"
#include "keepalive/sequence.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define SECONDS(n) ((ike_time)((n)*1e6))

static struct world w;

static void begin(enum keepalive_mode mode)
{
	world_begin(&w, world_simple_plan(mode));
}

/* ---- who is not asked, and what is not done ------------------------------------------------------------------------ */

/* R1: never, whatever is wanted; R4: but answered. */
START_TEST(a_peer_without_the_vendor_id_is_never_asked)
{
	for (enum keepalive_mode mode = KEEPALIVE_PERIODIC; mode <= KEEPALIVE_OFF; mode++) {
		struct keepalive_input input = {.kind = KEEPALIVE_SA_UP};

		begin(mode);
		world_step(&w, KEEPALIVE_SA_DOWN, 0);
		keepalive_step(&w.peer, &w.plan, &input, &w.actions);
		ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
		w.now += SECONDS(3600);
		for (int kind = KEEPALIVE_HEARD; kind < KEEPALIVE_INPUTS; kind++)
			world_step(&w, (enum keepalive_input_kind)kind, 77);
		ck_assert_uint_eq(w.asked + w.deaths, 0);
		ck_assert_uint_eq(w.acked, 1);
		ck_assert_int_eq(w.peer.state, KEEPALIVE_IDLE);
	}
}
END_TEST

/* R43. */
START_TEST(nothing_happens_without_an_sa)
{
	struct keepalive_peer zero = {0};

	for (int round = 0; round < 2; round++) {
		begin(KEEPALIVE_PERIODIC);
		if (round == 0)
			w.peer = zero;
		else
			world_step(&w, KEEPALIVE_SA_DOWN, 0);
		for (int kind = KEEPALIVE_SA_DOWN; kind < KEEPALIVE_INPUTS; kind++) {
			world_step(&w, (enum keepalive_input_kind)kind, 1);
			ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
			ck_assert(!w.actions.proves_life);
			ck_assert(w.actions.verdict == IKE_ACCEPTED ||
				  kind == KEEPALIVE_R_U_THERE || kind == KEEPALIVE_ACK);
		}
		ck_assert_uint_eq(w.asked + w.acked + w.deaths, 0);
	}
}
END_TEST

START_TEST(after_death_there_is_nothing)
{
	begin(KEEPALIVE_PERIODIC);
	world_run(&w, w.now + SECONDS(60));
	ck_assert_uint_eq(w.deaths, 1);
	w.asked = 0;
	for (int kind = KEEPALIVE_SA_SUPERSEDED; kind < KEEPALIVE_INPUTS; kind++) {
		world_step(&w, (enum keepalive_input_kind)kind, w.last_asked);
		ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
	}
	ck_assert_uint_eq(w.asked + w.acked, 0);
	ck_assert_uint_eq(w.deaths, 1);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_DEAD);
	world_step(&w, KEEPALIVE_SA_UP, 0);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_ALIVE);
	ck_assert(world_run_to_question(&w));
}
END_TEST

/* Rule 2: the old SA answers, and that is all (R92, R93). */
START_TEST(a_superseded_sa_only_answers)
{
	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	world_step(&w, KEEPALIVE_SA_SUPERSEDED, 0);
	ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
	w.asked = 0;
	w.now += SECONDS(100);
	world_step(&w, KEEPALIVE_TIME, 0);
	world_step(&w, KEEPALIVE_ASK_NOW, 0);
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	world_step(&w, KEEPALIVE_HINT, 0);
	world_step(&w, KEEPALIVE_R_U_THERE, 5);
	ck_assert(w.actions.send_ack && w.actions.ack == 5);
	world_step(&w, KEEPALIVE_ACK, w.last_asked); /* asked before: no fault of the peer's */
	ck_assert_int_eq(w.actions.verdict, IKE_ACCEPTED);
	ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
	ck_assert_uint_eq(w.asked + w.deaths, 0);
}
END_TEST

/* The newer SA went, and the older is in use again: its numbers go on, so that no recording becomes fresh (R63). */
START_TEST(a_superseded_sa_comes_back)
{
	uint32_t next;

	begin(KEEPALIVE_PERIODIC);
	world_step(&w, KEEPALIVE_R_U_THERE, 500);
	world_step(&w, KEEPALIVE_SA_SUPERSEDED, 0);
	next = w.peer.sent.next;
	w.now += SECONDS(100);
	world_step(&w, KEEPALIVE_SA_UP, 0);
	ck_assert_uint_eq(w.actions.wake, w.now);
	ck_assert(world_run_to_question(&w));
	ck_assert_uint_eq(w.last_asked, next);
	ck_assert(!w.actions.late);
	world_step(&w, KEEPALIVE_R_U_THERE, 500);
	ck_assert(!w.actions.proves_life);
	world_run(&w, w.now + SECONDS(9.9));
	ck_assert_uint_eq(w.deaths, 0);
	world_run(&w, w.now + SECONDS(0.1));
	ck_assert_uint_eq(w.deaths, 1);
}
END_TEST

/* ---- periodic ------------------------------------------------------------------------------------------------------ */

/*
 * R20, R22, R79, R81, R83, R87.  Rules 3 to 6: asks within the last tenth of the worry time, then in time; dead at exactly
 * `detect`.
 */
START_TEST(silence_is_death_at_exactly_detect)
{
	struct keepalive_plan plans[] = {world_simple_plan(KEEPALIVE_PERIODIC),
					 world_default_plan()};

	for (unsigned seed = 0; seed < 400; seed++) {
		ike_time since, before = 0;

		world_begin(&w, plans[seed % 2]);
		w.seed = seed;
		since = w.now;
		world_step(&w, KEEPALIVE_HEARD, 0);
		while (w.deaths == 0) {
			bool first = w.asked == 0;

			w.now = w.actions.wake;
			world_step(&w, KEEPALIVE_TIME, 0);
			if (!w.actions.send_r_u_there)
				continue;
			if (first) {
				ck_assert_uint_ge(w.now - since, w.plan.worry / 10 * 9);
				ck_assert_uint_le(w.now - since, w.plan.worry);
			} else {
				ck_assert_uint_ge(w.now - before, w.plan.retry / 10 * 9);
				ck_assert_uint_le(w.now - before, w.plan.retry);
			}
			before = w.now;
			ck_assert_uint_le(w.now - since, w.plan.detect - w.plan.last_wait);
		}
		ck_assert_uint_eq(w.died_at - since, w.plan.detect);
		ck_assert_uint_ge(w.actions.misses, w.plan.misses);
		ck_assert_uint_eq(w.actions.misses, w.asked);
		ck_assert_uint_eq(w.actions.silence, w.plan.detect);
		ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
		ck_assert_uint_eq(w.suspects, 1);
	}
}
END_TEST

static void note(ike_time at, ike_time *least, ike_time *most)
{
	*least = at < *least ? at : *least;
	*most = at > *most ? at : *most;
}

/* R82: the last tenth of both times is left to chance, so that many peers do not ask in step. */
START_TEST(many_peers_do_not_ask_in_step)
{
	ike_time least[2] = {IKE_NEVER, IKE_NEVER}, most[2] = {0, 0};

	for (unsigned seed = 0; seed < 400; seed++) {
		ike_time since, first;

		world_begin(&w, world_default_plan());
		w.seed = seed;
		since = w.now;
		world_step(&w, KEEPALIVE_SA_DOWN, 0);
		world_step(&w, KEEPALIVE_SA_UP, 0);
		ck_assert(world_run_to_question(&w));
		first = w.now;
		note(first - since, &least[0], &most[0]);
		ck_assert(world_run_to_question(&w));
		note(w.now - first, &least[1], &most[1]);
	}
	ck_assert_uint_gt(most[0] - least[0], w.plan.worry / 20);
	ck_assert_uint_le(most[0], w.plan.worry);
	ck_assert_uint_gt(most[1] - least[1], w.plan.retry / 20);
	ck_assert_uint_le(most[1], w.plan.retry);
}
END_TEST

/* R17, R18: nothing is asked while something else is heard, and hearing it costs no new deadline. */
START_TEST(traffic_is_proof_enough)
{
	begin(KEEPALIVE_PERIODIC);
	for (int i = 0; i < 1000; i++) {
		ike_time wake = w.actions.wake;

		world_step(&w, i % 2 ? KEEPALIVE_HEARD : KEEPALIVE_R_U_THERE, (uint32_t)i);
		ck_assert(w.actions.proves_life);
		ck_assert_uint_eq(w.actions.wake, wake);
		world_run(&w, w.now + SECONDS(8.9));
	}
	ck_assert_uint_eq(w.asked, 0);
	ck_assert(world_run_to_question(&w));
}
END_TEST

/* R27, R33, R34, R35, R21: a random first number with the top bit clear, and one more for each retry. */
START_TEST(numbers_count_up)
{
	uint32_t first;

	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	first = w.last_asked;
	ck_assert_uint_lt(first, 0x80000000);
	for (uint32_t i = 1; i < 4; i++) {
		ck_assert(world_run_to_question(&w));
		ck_assert_uint_eq(w.last_asked, first + i);
	}
	world_step(&w, KEEPALIVE_HEARD, 0);
	ck_assert(world_run_to_question(&w));
	ck_assert_uint_eq(w.last_asked, first + 4);
	w.seed = 1;
	world_step(&w, KEEPALIVE_SA_DOWN, 0);
	world_step(&w, KEEPALIVE_SA_UP, 0);
	ck_assert_uint_ne(w.peer.sent.next, first);
}
END_TEST

/* R46: asked for while there are still numbers to ask with. */
START_TEST(a_new_phase_1_before_the_numbers_run_out)
{
	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	ck_assert(!w.actions.renew);
	w.peer.sent.next = UINT32_MAX - KEEPALIVE_LAST_NUMBERS + 1;
	world_step(&w, KEEPALIVE_HEARD, 0);
	ck_assert(world_run_to_question(&w));
	ck_assert(w.actions.renew);
	ck_assert(world_run_to_question(&w));
	ck_assert(!w.actions.renew); /* once a round will do */
}
END_TEST

/* ---- answers ------------------------------------------------------------------------------------------------------- */

static void one_is_lost(void)
{
	ck_assert(world_run_to_question(&w));
	ck_assert_int_eq(w.peer.state, KEEPALIVE_ASKING);
	ck_assert(world_run_to_question(&w));
	ck_assert(w.actions.suspect);
	ck_assert_uint_eq(w.actions.misses, 1);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_SUSPECT);
	w.now += SECONDS(0.05);
	world_step(&w, KEEPALIVE_ACK, w.last_asked);
	ck_assert(w.actions.alive && w.actions.proves_life);
	ck_assert_uint_eq(w.actions.alive_number, w.last_asked);
	ck_assert_uint_eq(w.actions.round_trip, SECONDS(0.05));
	ck_assert_int_eq(w.peer.state, KEEPALIVE_ALIVE);
	ck_assert_uint_ge(w.actions.wake, w.now + SECONDS(9));
	ck_assert_uint_eq(w.suspects, 1);
}

/* R19, R25, R29.  Whether the question or its answer is lost is the same from here: nothing comes back. */
START_TEST(a_lost_question)
{
	begin(KEEPALIVE_PERIODIC);
	one_is_lost();
}
END_TEST

/* Seen from the other end, a lost ACK is a question with the next number, or with the same one. */
START_TEST(a_lost_answer)
{
	begin(KEEPALIVE_PERIODIC);
	world_step(&w, KEEPALIVE_R_U_THERE, 9);
	ck_assert(w.actions.send_ack && w.actions.proves_life);
	w.now += SECONDS(2);
	world_step(&w, KEEPALIVE_R_U_THERE, 10);
	ck_assert(w.actions.send_ack && w.actions.proves_life);
	w.now += SECONDS(2);
	world_step(&w, KEEPALIVE_R_U_THERE, 10);
	ck_assert(w.actions.send_ack && !w.actions.proves_life);
	ck_assert_uint_eq(w.actions.ack, 10); /* R28 */
	one_is_lost();
}
END_TEST

/* R30: touches nothing. */
START_TEST(an_answer_to_nothing)
{
	static const uint32_t wrong[] = {0, 1, 0x7fffffff, 0x80000000, UINT32_MAX};
	struct keepalive_peer before;

	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	ck_assert(world_run_to_question(&w));
	before = w.peer;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		world_step(&w, KEEPALIVE_ACK, w.last_asked + 1 + wrong[i] % 0xfffffffe);
		ck_assert_int_eq(w.actions.verdict, IKE_KEEPALIVE_UNASKED_ACK);
		ck_assert(!w.actions.alive && !w.actions.proves_life && !w.actions.send_ack);
		ck_assert_mem_eq(&w.peer, &before, sizeof(before));
	}
}
END_TEST

/* Each number proves life at most once, so a recorded ACK postpones no death (R30, R80). */
START_TEST(a_replayed_answer)
{
	ike_time since;
	uint32_t number;

	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	number = w.last_asked;
	world_step(&w, KEEPALIVE_ACK, number);
	ck_assert(w.actions.proves_life);
	since = w.now;
	while (w.deaths == 0) {
		ck_assert_uint_le(w.now, since + SECONDS(20));
		w.now += SECONDS(0.5);
		world_step(&w, KEEPALIVE_ACK, number);
		ck_assert_int_eq(w.actions.verdict, IKE_KEEPALIVE_UNASKED_ACK);
		world_run(&w, w.now);
	}
	ck_assert_uint_eq(w.died_at, since + SECONDS(20));
}
END_TEST

/* Answers to one round that trickle in late: each is accepted once, the first proves life, a number before it is closed. */
START_TEST(late_answers_of_a_round)
{
	uint32_t number;
	ike_time heard;

	begin(KEEPALIVE_PERIODIC);
	for (int i = 0; i < 4; i++)
		ck_assert(world_run_to_question(&w));
	number = w.last_asked;
	world_step(&w, KEEPALIVE_ACK, number - 2);
	ck_assert(w.actions.alive && w.actions.proves_life);
	ck_assert_uint_eq(w.actions.round_trip, IKE_NEVER); /* which was not timed */
	heard = w.peer.last_heard;
	w.now += SECONDS(0.3);
	world_step(&w, KEEPALIVE_ACK, number - 3);
	ck_assert_int_eq(w.actions.verdict, IKE_KEEPALIVE_UNASKED_ACK);
	world_step(&w, KEEPALIVE_ACK, number);
	ck_assert(w.actions.alive && !w.actions.proves_life);
	ck_assert_uint_eq(w.actions.round_trip, SECONDS(0.3));
	world_step(&w, KEEPALIVE_ACK, number);
	ck_assert_int_eq(w.actions.verdict, IKE_KEEPALIVE_UNASKED_ACK);
	ck_assert_uint_eq(w.peer.last_heard, heard);
}
END_TEST

/* An ACK that somebody kept from the last round does not end the next (R66). */
START_TEST(an_answer_held_back)
{
	uint32_t number;

	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	number = w.last_asked;
	world_step(&w, KEEPALIVE_HEARD, 0);
	ck_assert(world_run_to_question(&w));
	world_step(&w, KEEPALIVE_ACK, number);
	ck_assert_int_eq(w.actions.verdict, IKE_ACCEPTED);
	ck_assert(!w.actions.proves_life);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_ASKING);
	world_step(&w, KEEPALIVE_ACK, w.last_asked);
	ck_assert(w.actions.proves_life);
}
END_TEST

/* R41: a fresh question is life; the same one again, recorded or repeated, is not (R40). */
START_TEST(a_replayed_question)
{
	ike_time since;

	begin(KEEPALIVE_PERIODIC);
	world_run(&w, w.now + SECONDS(15));
	ck_assert_int_eq(w.peer.state, KEEPALIVE_SUSPECT);
	world_step(&w, KEEPALIVE_R_U_THERE, 1234);
	ck_assert(w.actions.proves_life && w.actions.send_ack);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_ALIVE);
	since = w.now;
	w.acked = 0;
	while (w.deaths == 0) {
		ck_assert_uint_le(w.now, since + SECONDS(20));
		w.now += SECONDS(0.25);
		world_step(&w, KEEPALIVE_R_U_THERE, 1234);
		ck_assert(!w.actions.proves_life);
		world_run(&w, w.now);
	}
	ck_assert_uint_eq(w.died_at, since + SECONDS(20));
	ck_assert_uint_eq(w.acked, KEEPALIVE_REPEATS);
}
END_TEST

/* R32, R45: our numbers and the peer's have nothing to do with each other, and an ACK is not answered. */
START_TEST(the_directions_are_independent)
{
	uint32_t number;

	begin(KEEPALIVE_PERIODIC);
	ck_assert(world_run_to_question(&w));
	number = w.last_asked;
	world_step(&w, KEEPALIVE_R_U_THERE, number + 1000);
	ck_assert(w.actions.send_ack && w.actions.ack == number + 1000);
	w.acked = 0;
	ck_assert(world_run_to_question(&w));
	ck_assert_uint_eq(w.last_asked, number + 1);
	world_step(&w, KEEPALIVE_ACK, number + 1);
	ck_assert_uint_eq(w.acked, 0);
}
END_TEST

START_TEST(states_have_names)
{
	ck_assert_str_eq(keepalive_state_name(KEEPALIVE_DOWN), "down");
	ck_assert_str_eq(keepalive_state_name(KEEPALIVE_DEAD), "dead");
}
END_TEST

UNIT_MAIN("liveness", a_peer_without_the_vendor_id_is_never_asked, nothing_happens_without_an_sa,
	  after_death_there_is_nothing, a_superseded_sa_only_answers, a_superseded_sa_comes_back,
	  silence_is_death_at_exactly_detect, many_peers_do_not_ask_in_step,
	  traffic_is_proof_enough, numbers_count_up, a_new_phase_1_before_the_numbers_run_out,
	  a_lost_question, a_lost_answer, an_answer_to_nothing, a_replayed_answer,
	  late_answers_of_a_round, an_answer_held_back, a_replayed_question,
	  the_directions_are_independent, states_have_names)
