/* SPDX-License-Identifier: ISC */
/*
 * What RFC 3706 promises about traffic, shown on the wire: two engines, an esp_plane at either end of their tunnel, hours of virtual
 * time, and every datagram counted by its kind.
 */
#include <string.h>

#include "tests/support/duo_packets.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define HOUR (3600 * IKE_SECOND)
#define TICK                                                                                       \
	(2 * IKE_MILLISECOND)  /* of the wheel of timers: no deadline is served later than that */
#define GONE (20 * IKE_SECOND) /* how long the quiet lasts before somebody goes */

static struct duo_packets packets;

static void set_mode(struct duo *duo, enum keepalive_mode mode)
{
	duo->keepalive[DUO_A].plan.mode = duo->keepalive[DUO_B].plan.mode = mode;
}

static void begin(uint8_t seed, enum keepalive_mode mode)
{
	struct duo *duo = duo_new(seed);

	(void)duo_tunnel(duo, "aes128-sha1");
	/* renewals have a test of their own */
	duo->peer[DUO_A].tunnel[0].lifetime = duo->peer[DUO_B].tunnel[0].lifetime = 28800;
	set_mode(duo, mode);
	duo_packets_begin(&packets, duo);
}

static void talk(ike_time a_every, ike_time b_every, ike_time duration)
{
	packets.every[DUO_A] = a_every;
	packets.every[DUO_B] = b_every;
	duo_packets_run(&packets, duration);
}

static size_t asked(enum duo_node node)
{
	return packets.wire[node][WIRE_R_U_THERE];
}

/* What is under way has arrived, and all of it. */
static void assert_none_is_lost(void)
{
	talk(0, 0, 1 * IKE_SECOND);
	ck_assert_uint_eq(packets.not_sealed[DUO_A] + packets.not_sealed[DUO_B], 0);
	ck_assert_uint_eq(packets.not_opened[DUO_A] + packets.not_opened[DUO_B], 0);
	ck_assert_uint_eq(packets.opened[DUO_A], packets.sealed[DUO_B]);
	ck_assert_uint_eq(packets.opened[DUO_B], packets.sealed[DUO_A]);
}

/* ---- while packets flow -------------------------------------------------------------------------------------------- */

/* R16, R18: one packet a second each way, and not one R-U-THERE in an hour, nor anything else of IKE's. */
START_TEST(traffic_two_ways_for_an_hour)
{
	static const enum keepalive_mode modes[] = {KEEPALIVE_PERIODIC, KEEPALIVE_ON_DEMAND};

	for (size_t i = 0; i < 2; i++) {
		begin((uint8_t)(1 + i), modes[i]);
		talk(IKE_SECOND, IKE_SECOND, HOUR);
		ck_assert_uint_ge(packets.wire[DUO_A][WIRE_ESP], 3600);
		ck_assert_uint_ge(packets.wire[DUO_B][WIRE_ESP], 3600);
		for (enum wire_kind kind = WIRE_PHASE_1; kind < WIRE_ESP; kind++)
			ck_assert_uint_eq(packets.wire[DUO_A][kind] + packets.wire[DUO_B][kind], 0);
		ck_assert_uint_eq(packets.deaths, 0);
		assert_none_is_lost();
		/* they stop, and are asked for */
		if (modes[i] == KEEPALIVE_PERIODIC) {
			talk(0, 0, packets.duo->keepalive[DUO_A].plan.worry);
			ck_assert_uint_ge(asked(DUO_A) + asked(DUO_B), 1);
		}
		duo_packets_end(&packets);
	}
}
END_TEST

/*
 * R16, R18, and make before break: Phase 1 and Phase 2 are renewed many times in that hour; no packet is lost over it, and nobody
 * is asked or found dead.
 */
START_TEST(traffic_through_renewals)
{
	struct duo *duo = duo_new(3);

	(void)duo_tunnel(duo, "aes128-sha1");
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		duo->peer[node].lifetime = 600;
		duo->peer[node].tunnel[0].lifetime = 240;
	}
	duo_packets_begin(&packets, duo);
	talk(IKE_SECOND, IKE_SECOND, HOUR);
	ck_assert_uint_ge(packets.phase_1s, 2 * 6); /* told at both ends */
	ck_assert_uint_ge(packets.pairs, 2 * 15);
	ck_assert_uint_ge(packets.sealed[DUO_A], 3600);
	ck_assert_uint_ge(packets.sealed[DUO_B], 3600);
	ck_assert_uint_eq(asked(DUO_A) + asked(DUO_B), 0);
	ck_assert_uint_eq(packets.deaths, 0);
	assert_none_is_lost();
	duo_packets_end(&packets);
}
END_TEST

/* R17: whoever hears has no need to ask, whether or not he has something to say; whoever hears nothing asks. */
START_TEST(traffic_one_way_for_an_hour)
{
	begin(4, KEEPALIVE_PERIODIC);
	talk(IKE_SECOND, 0, HOUR);
	ck_assert_uint_ge(packets.opened[DUO_B], 3600);
	ck_assert_uint_eq(asked(DUO_B), 0);
	ck_assert_uint_ge(asked(DUO_A), HOUR / packets.duo->keepalive[DUO_A].plan.worry);
	ck_assert_uint_eq(packets.deaths, 0);
	assert_none_is_lost();
	duo_packets_end(&packets);
}
END_TEST

/* ---- on demand ----------------------------------------------------------------------------------------------------- */

/* R18, R23: a tunnel with nothing to send is left alone, and stays; with the first packet after so long a silence comes a question. */
START_TEST(idle_tunnel_is_left_alone)
{
	struct ike_sa_status before, after;

	begin(5, KEEPALIVE_ON_DEMAND);
	ck_assert_uint_eq(duo_in_use(packets.duo, DUO_A, &before), 1);
	talk(0, 0, HOUR);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		for (enum wire_kind kind = WIRE_PHASE_1; kind < WIRE_KINDS; kind++)
			ck_assert_uint_eq(packets.wire[node][kind], 0);
	ck_assert_uint_eq(duo_in_use(packets.duo, DUO_A, &after), 1);
	ck_assert_mem_eq(before.cky_i, after.cky_i, IKE_COOKIE_LENGTH);
	duo_assert_pairs(packets.duo, 1);

	ck_assert(duo_packets_send(&packets, DUO_A));
	duo_packets_run(&packets, 0);
	ck_assert_uint_eq(asked(DUO_A), 1);
	talk(0, 0, IKE_SECOND);
	ck_assert_uint_eq(packets.wire[DUO_B][WIRE_R_U_THERE_ACK], 1);
	ck_assert_uint_eq(packets.opened[DUO_B], 1);
	/* B has nothing to send, and has heard; and A has its answer */
	talk(0, 0, 600 * IKE_SECOND);
	ck_assert_uint_eq(asked(DUO_A), 1);
	ck_assert_uint_eq(asked(DUO_B), 0);
	ck_assert_uint_eq(packets.deaths, 0);
	duo_packets_end(&packets);
}
END_TEST

/* B goes while both send, which it hears of as little as A. */
static ike_time lose_b(ike_time *last_heard)
{
	talk(IKE_SECOND, IKE_SECOND, 60 * IKE_SECOND);
	ck_assert_uint_eq(asked(DUO_A) + asked(DUO_B), 0);
	packets.cut[DUO_A] = packets.cut[DUO_B] = true;
	talk(0, 0, DUO_DELAY); /* what is under way arrives */
	*last_heard = packets.opened_last[DUO_A];
	duo_packets_forget(&packets);
	return packets.duo->now;
}

/*
 * R23, R24, R25: packets leave and nothing comes: there is a question within the worry time of the first that has no answer, the death
 * within `detect` of it and not before `detect` of silence; and when B is back everything is as before.
 */
START_TEST(unanswered_traffic_on_demand)
{
	const struct keepalive_plan *plan;
	ike_time cut_at, last_heard, first;

	begin(6, KEEPALIVE_ON_DEMAND);
	plan = &packets.duo->keepalive[DUO_A].plan;
	cut_at = lose_b(&last_heard);
	/* some seconds of quiet, in which nobody asks: there is nothing to send */
	talk(0, 0, GONE);
	ck_assert_uint_eq(asked(DUO_A) + asked(DUO_B), 0);
	first = packets.duo->now;
	talk(IKE_SECOND, 0, plan->detect - IKE_SECOND);
	ck_assert(packets.asked_first[DUO_A] >= first &&
		  packets.asked_first[DUO_A] <= first + plan->worry);
	/* at once, because the silence had already been as long as that */
	ck_assert(first - cut_at >= plan->worry);
	ck_assert_uint_eq(packets.asked_first[DUO_A], first);
	talk(IKE_SECOND, 0, IKE_SECOND);
	ck_assert(packets.died[DUO_A] >= last_heard + plan->detect);
	ck_assert(packets.died[DUO_A] >= first + plan->detect - plan->worry);
	ck_assert(packets.died[DUO_A] <= first + plan->detect + TICK);
	ck_assert_uint_eq(packets.wire[DUO_B][WIRE_ESP], 0);

	packets.cut[DUO_A] = packets.cut[DUO_B] = false;
	talk(IKE_SECOND, IKE_SECOND, 120 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(packets.duo, DUO_A), 1);
	duo_assert_pairs(packets.duo, 1);
	talk(0, 0, IKE_SECOND);
	duo_packets_forget(&packets);
	talk(IKE_SECOND, IKE_SECOND, 600 * IKE_SECOND);
	ck_assert_uint_eq(asked(DUO_A) + asked(DUO_B), 0);
	assert_none_is_lost();
	duo_packets_end(&packets);
}
END_TEST

/* R24: the same with no pause between the last answer and the first packet that gets none. */
START_TEST(unanswered_traffic_without_a_pause)
{
	const struct keepalive_plan *plan;
	ike_time last_heard, first;

	begin(7, KEEPALIVE_ON_DEMAND);
	plan = &packets.duo->keepalive[DUO_A].plan;
	first = lose_b(&last_heard);
	ck_assert(duo_packets_send(&packets, DUO_A));
	talk(IKE_SECOND, 0, plan->detect + IKE_SECOND);
	ck_assert(packets.asked_first[DUO_A] > first);
	ck_assert(packets.asked_first[DUO_A] <= first + plan->worry);
	ck_assert(packets.died[DUO_A] >= last_heard + plan->detect);
	ck_assert(packets.died[DUO_A] <= first + plan->detect + TICK);
	duo_packets_end(&packets);
}
END_TEST

/* ---- what proves nothing ------------------------------------------------------------------------------------------- */

enum bad { NOTHING, FORGED, REPLAYED, UNKNOWN, BAD_KINDS };

static void send_bad(enum bad bad, const struct duo_packet *genuine)
{
	static const enum esp_verdict verdict[BAD_KINDS] = {
	    [FORGED] = ESP_BAD_ICV, [REPLAYED] = ESP_REPLAYED, [UNKNOWN] = ESP_UNKNOWN_SPI};
	uint8_t octets[DUO_PACKET_OCTETS];

	memcpy(octets, genuine->data, genuine->length);
	switch (bad) {
	case FORGED: /* the next number, and a bit of the ICV */
		octets[6]++;
		octets[genuine->length - 1] ^= 1;
		break;
	case UNKNOWN:
		octets[3] ^= 1;
		break;
	default:
		break;
	}
	ck_assert_int_eq(duo_packets_inject(&packets, DUO_A, octets, genuine->length),
			 verdict[bad]);
}

/*
 * R16, R17: only what is authentic and new postpones a question.  A forged ICV, a recording and an SPI of nobody, three of them a
 * second, leave the first question within the worry time, and the death where it is without them.
 */
START_TEST(bad_packets_suppress_nothing)
{
	ike_time died[BAD_KINDS];

	for (enum bad bad = NOTHING; bad < BAD_KINDS; bad++) {
		struct duo_packet genuine;
		const struct keepalive_plan *plan;
		ike_time last_heard;

		begin(8, KEEPALIVE_PERIODIC);
		plan = &packets.duo->keepalive[DUO_A].plan;
		(void)lose_b(&last_heard);
		genuine = *duo_packets_last(&packets, DUO_A);
		for (unsigned i = 0; i < 3 * plan->detect / IKE_SECOND + 3; i++) {
			if (bad != NOTHING && packets.died[DUO_A] == 0)
				send_bad(bad, &genuine);
			talk(0, 0, IKE_SECOND / 3);
		}
		ck_assert(packets.asked_first[DUO_A] > last_heard);
		ck_assert(packets.asked_first[DUO_A] <= last_heard + plan->worry);
		died[bad] = packets.died[DUO_A] - last_heard;
		ck_assert_uint_ge(died[bad], plan->detect);
		ck_assert_uint_le(died[bad], plan->detect + TICK);
		ck_assert_uint_eq(died[bad], died[NOTHING]);
		duo_packets_end(&packets);
	}
}
END_TEST

UNIT_MAIN("tunnel_traffic", traffic_two_ways_for_an_hour, traffic_through_renewals,
	  traffic_one_way_for_an_hour, idle_tunnel_is_left_alone, unanswered_traffic_on_demand,
	  unanswered_traffic_without_a_pause, bad_packets_suppress_nothing)
