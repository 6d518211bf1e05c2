/* SPDX-License-Identifier: ISC */
/*
 * Ten thousand who call and never mean it (CVE-2006-3906): with a first message, and as far through Phase 1 as anybody gets
 * without the secret.  Who is established stays alive and is answered in the same second; what a flood may take is limited, per
 * source and in all; and everything is given back.
 */
#include <malloc.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/allocations.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define CALLERS   10000
#define HALF_OPEN (31 * IKE_SECOND) /* a half-open SA's life is 30 s */

struct flood {
	struct duo *duo;
	struct random_source random;
	uint64_t in, out; /* octets, of the flood alone */
	uint64_t in_before_3, out_before_3;
	uint32_t answered; /* callers who were sent an MM2 */
	uint32_t proved;   /* callers who were sent an MM4 */
	uint8_t cky_r[CALLERS][IKE_COOKIE_LENGTH];
	bool has_2[CALLERS], has_4[CALLERS];
};

static struct flood flood;

static uint32_t number_of(const struct ike_address *address)
{
	return (uint32_t)address->octets[1] << 16 | (uint32_t)address->octets[2] << 8 |
	       address->octets[3];
}

/* What B answers to a caller. */
static void answer(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	uint32_t n = number_of(&datagram->remote);

	(void)duo;
	(void)from;
	if (n >= CALLERS)
		ck_abort_msg("an answer to somebody who did not call");
	flood.out += datagram->length;
	if (datagram->data[16] == IKE_PAYLOAD_SA) {
		memcpy(flood.cky_r[n], datagram->data + IKE_COOKIE_LENGTH, IKE_COOKIE_LENGTH);
		flood.answered += !flood.has_2[n];
		flood.has_2[n] = true;
		flood.out_before_3 += datagram->length;
	} else if (datagram->data[16] == IKE_PAYLOAD_KE) {
		flood.proved += !flood.has_4[n];
		flood.has_4[n] = true;
	}
}

static void cookie_of(uint32_t n, uint32_t round, uint8_t cky_i[IKE_COOKIE_LENGTH])
{
	memset(cky_i, 0x5a, IKE_COOKIE_LENGTH);
	memcpy(cky_i, &n, sizeof(n));
	cky_i[4] = (uint8_t)round;
}

/* A and B are established; the flood's target is B, who calls A itself where A is one of its gateways, or else answers anybody. */
static struct duo *begin_with(uint8_t seed, size_t gateways)
{
	uint8_t bytes[RANDOM_SEED_LENGTH] = {seed};
	struct duo *duo = duo_new(seed);

	memset(&flood, 0, sizeof(flood));
	flood.duo = duo;
	random_seeded(&flood.random, bytes);
	duo->peer[DUO_B].gateways = gateways;
	duo->stray = answer;
	siege_begin(duo);
	(void)siege_run(duo, HALF_OPEN); /* nothing is left of the handshake that made the pair */
	return duo;
}

static struct duo *begin(uint8_t seed)
{
	return begin_with(seed, 0);
}

static enum ike_verdict send(const struct caller *caller, const struct ike_address *from)
{
	flood.in += caller->length;
	return siege_send(flood.duo, DUO_B, from, caller->data, caller->length);
}

static enum ike_verdict call(uint32_t n, uint32_t round, const struct ike_address *from)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	struct caller caller;

	cookie_of(n, round, cky_i);
	flood.in_before_3 += caller_message_1(&caller, cky_i, &flood.duo->peer[DUO_B].proposal[0]);
	return send(&caller, from);
}

/* MM3 with a public value that is one, and MM5 that is none. */
static void go_on(uint32_t n, uint32_t round)
{
	struct ike_address from = siege_address(n);
	uint8_t cky_i[IKE_COOKIE_LENGTH], public_value[32];
	struct caller caller;

	cookie_of(n, round, cky_i);
	if (flood.has_4[n]) {
		(void)caller_message_5(&caller, cky_i, flood.cky_r[n], &flood.random, 4);
		ck_assert_int_ne(send(&caller, &from), IKE_ACCEPTED);
	} else if (flood.has_2[n]) {
		random_octets(&flood.random, public_value, sizeof(public_value));
		(void)caller_message_3(&caller, cky_i, flood.cky_r[n],
				       octets_of(public_value, sizeof(public_value)));
		(void)send(&caller, &from);
	}
}

/* An eighth is kept for B's own calls (handshake.c). */
static uint32_t most_half_open(const struct ike_limits *limits)
{
	return limits->handshakes - limits->handshakes / 8;
}

static struct ike_status status_of_b(void)
{
	struct ike_status status;

	ike_status(flood.duo->core[DUO_B], &status);
	return status;
}

/* A puts a question now; within the next second it must have its answer, however busy B is. */
static void ask(void)
{
	struct ike_command command = {.kind = IKE_COMMAND_ASK_NOW};

	siege_forget(flood.duo);
	ck_assert(ike_command(flood.duo->core[DUO_A], flood.duo->now, &command));
}

static void expect_answer(void)
{
	const struct ike_event *alive = duo_last_report(flood.duo, DUO_A, IKE_REPORT_ALIVE);

	ck_assert_ptr_nonnull(alive);
	ck_assert(alive->report.duration <= 4 * DUO_DELAY);
	ck_assert_uint_eq(duo_established(flood.duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(flood.duo, DUO_B), 1);
}

/* The half-open SAs have gone, and what they held. */
static void expect_all_given_back(void)
{
	struct ike_status status;

	ck_assert_uint_eq(siege_run(flood.duo, HALF_OPEN), 0);
	status = status_of_b();
	ck_assert_uint_eq(status.handshakes, 0);
	ck_assert_uint_eq(status.sas, 1);
	ck_assert_uint_eq(status.outputs, 0);
	ck_assert_uint_eq(duo_established(flood.duo, DUO_A), 1);
	for (size_t i = 0; i < SOURCE_COUNTERS; i++)
		ck_assert_uint_eq(flood.duo->core[DUO_B]->sources.count[i], 0);
	ck_assert_ptr_null(flood.duo->core[DUO_B]->first_work);
}

/* A tenth of a millisecond after the n-th message.  Every thousandth time A asks, and has its answer 15 ms later. */
static void pace(uint32_t n)
{
	if (n % 1000 == 300)
		ask();
	duo_run(flood.duo, 100);
	if (n % 1000 == 450)
		expect_answer();
	if (n % 100 == 99 && n % 1000 != 399)
		siege_forget(flood.duo);
}

/* One second, one message each. */
static void second_of_first_messages(uint32_t round)
{
	for (uint32_t n = 0; n < CALLERS; n++) {
		struct ike_address from = siege_address(n);
		enum ike_verdict verdict = call(n, round, &from);

		ck_assert(verdict == IKE_ACCEPTED || verdict == IKE_RATE_LIMITED);
		pace(n);
	}
}

START_TEST(cve_2006_3906_phase_1_flood)
{
	struct duo *duo = begin(1);
	uint64_t refused = siege_verdicts(duo, DUO_B, IKE_RATE_LIMITED);
	struct ike_status status;

	second_of_first_messages(0);
	status = status_of_b();
	ck_assert_uint_eq(status.handshakes, most_half_open(&status.limits));
	ck_assert_uint_eq(flood.answered, status.handshakes);
	ck_assert_uint_eq(siege_verdicts(duo, DUO_B, IKE_RATE_LIMITED) - refused,
			  CALLERS - flood.answered);
	ck_assert_uint_le(flood.out, flood.in);
	expect_all_given_back();
	duo_free(duo);
}
END_TEST

/* The same from twenty addresses: each gets its share and no more. */
START_TEST(cve_2006_3906_flood_from_few_sources)
{
	struct duo *duo = begin(2);
	struct ike_status status;

	for (uint32_t n = 0; n < CALLERS; n++) {
		struct ike_address from = siege_address(n % 20);

		from.port = (uint16_t)(1024 + n); /* another port is not another source */
		(void)call(n, 0, &from);
		pace(n);
	}
	status = status_of_b();
	ck_assert_uint_le(status.handshakes, 20 * status.limits.handshakes_per_source);
	ck_assert_uint_ge(status.handshakes, 19 * status.limits.handshakes_per_source);
	ck_assert_uint_le(flood.out, flood.in);
	expect_all_given_back();
	duo_free(duo);
}
END_TEST

/* All through Phase 1: B does Diffie-Hellman for each of those whom it has let in, and still answers A at once. */
START_TEST(cve_2006_3906_flood_through_all_steps)
{
	struct duo *duo = begin(3);
	uint64_t unreadable = siege_verdicts(duo, DUO_B, IKE_UNREADABLE);

	for (uint32_t n = 0; n < CALLERS; n++) {
		struct ike_address from = siege_address(n);

		(void)call(n, 0, &from);
		if (n >= 10)
			go_on(n - 10, 0);
		if (n >= 20)
			go_on(n - 20, 0);
		pace(n);
	}
	ck_assert_uint_eq(flood.answered, most_half_open(&duo->settings[DUO_B].limits));
	ck_assert_uint_ge(flood.proved, flood.answered - 20);
	ck_assert_uint_ge(siege_verdicts(duo, DUO_B, IKE_UNREADABLE) - unreadable,
			  flood.proved - 20);
	ck_assert_uint_le(flood.out_before_3, flood.in_before_3);
	expect_all_given_back();
	duo_free(duo);
}
END_TEST

/* However much Diffie-Hellman waits, an established SA's question does not wait behind it: its answer is there to be pulled. */
START_TEST(cve_2006_3906_answer_comes_before_the_work)
{
	struct duo *duo = begin(4);
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};
	uint32_t waiting = 0;
	struct forge forge;

	for (uint32_t n = 0; n < 500; n++) {
		struct ike_address from = siege_address(n);

		ck_assert_int_eq(call(n, 0, &from), IKE_ACCEPTED);
		while (ike_output(duo->core[DUO_B], duo->now, &out, 1) == 1)
			answer(duo, DUO_B, &out);
		go_on(n, 0);
	}
	for (struct ike_handshake *work = duo->core[DUO_B]->first_work; work != NULL;
	     work = work->next_work)
		waiting++;
	ck_assert_uint_eq(waiting, 500);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, duo_last_report(duo, DUO_A, IKE_REPORT_ASKED) == NULL ? 7 : 8);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(ike_output(duo->core[DUO_B], duo->now, &out, 1), 1);
	ck_assert_uint_eq(out.data[18], IKE_EXCHANGE_INFORMATIONAL);
	ck_assert_uint_eq(out.length, forge.length);
	/* a tick does one piece of it, whatever its budget */
	ck_assert_uint_eq(ike_tick(duo->core[DUO_B], duo->now, 16), 1);
	duo_free(duo);
}
END_TEST

/*
 * With the source address of somebody who is established, and who may be one of B's gateways: he loses nothing, B can call him, and
 * his own next call comes through afterwards.
 */
static void in_the_name_of(size_t gateways)
{
	struct duo *duo = begin_with(5, gateways);
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	uint64_t before;

	before = siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS);
	for (uint32_t n = 0; n < CALLERS; n++)
		(void)call(n, 0, &a);
	ck_assert_uint_eq(status_of_b().handshakes, status_of_b().limits.handshakes_per_source);
	ck_assert(siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS) == before);
	ask();
	duo_run(duo, IKE_SECOND);
	expect_answer();
	if (gateways > 0) {
		duo_reboot(duo, DUO_B);
		for (uint32_t n = 0; n < CALLERS; n++)
			(void)call(n, 0, &a);
		siege_forget(duo);
		duo_connect(duo, DUO_B);
		duo_run(duo, 3 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		ck_assert(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->initiator);
	}
	expect_all_given_back();
	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	duo_run(duo, 3 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}

START_TEST(cve_2006_3906_flood_in_the_name_of_an_established_peer)
{
	in_the_name_of(0);
}
END_TEST

START_TEST(cve_2006_3906_flood_in_the_name_of_a_configured_gateway)
{
	in_the_name_of(1);
}
END_TEST

/* The second flood finds all the memory that it needs where the first has left it. */
START_TEST(cve_2006_3906_flood_allocates_nothing_more)
{
	struct duo *duo = begin(6);
	size_t before, in_use;

	if (!allocations_counted()) {
		duo_free(duo);
		return;
	}
	second_of_first_messages(0);
	expect_all_given_back();
	in_use = mallinfo2().uordblks;
	before = allocations_count();
	for (uint32_t n = 0; n < CALLERS; n++) {
		struct ike_address from = siege_address(n);

		(void)call(n, 1, &from);
	}
	ck_assert_uint_eq(allocations_count(), before);
	expect_all_given_back();
	/* with Diffie-Hellman, which does allocate, as much is freed again */
	memset(flood.has_2, 0, sizeof(flood.has_2));
	for (uint32_t n = 0; n < CALLERS; n++) {
		struct ike_address from = siege_address(n);

		(void)call(n, 2, &from);
		pace(n);
		go_on(n, 2);
	}
	ck_assert_uint_ge(flood.proved, 890);
	expect_all_given_back();
	ck_assert_uint_le(mallinfo2().uordblks, in_use + 4096);
	duo_free(duo);
}
END_TEST

/* ---- others who want to get in ------------------------------------------------------------------------------------- */

/* A, which has lost everything, calls while the flood goes on.  Returns after how long it is in; IKE_NEVER: not within it. */
static ike_time time_to_get_in(uint32_t a_second, uint32_t seconds)
{
	struct duo *duo = flood.duo;
	ike_time since = duo->now;
	uint32_t n = 0;

	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	for (uint32_t i = 0; i < seconds * a_second; i++) {
		struct ike_address from = siege_address(n % CALLERS);

		(void)call(n % CALLERS, n / CALLERS + 1, &from);
		n++;
		duo_run(duo, IKE_SECOND / a_second);
		if (duo_established(duo, DUO_A) == 1)
			return duo->now - since;
		if (i % 50 == 49)
			siege_forget(duo);
	}
	return IKE_NEVER;
}

/* After a flood of a second, at the latest when its half-open SAs are over and A's next try comes. */
START_TEST(cve_2006_3906_a_new_peer_after_a_flood)
{
	struct duo *duo = begin(7);
	ike_time since;

	second_of_first_messages(0);
	since = duo->now;
	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	while (duo_established(duo, DUO_A) == 0 && duo->now - since < 300 * IKE_SECOND)
		(void)siege_run(duo, IKE_SECOND);
	ck_assert(duo->now - since <= 60 * IKE_SECOND);
	duo_free(duo);
}
END_TEST

/*
 * While it goes on: IKEv1 has no cookie exchange in which a stranger would have to show his address first, so whoever sends more
 * than the table holds in a half-open life (1024 in 30 s) keeps others waiting, and only them.  A stranger's share is as his
 * rate: at six times that, A is in after some tries.
 */
START_TEST(cve_2006_3906_a_new_peer_during_a_flood)
{
	(void)begin(20);
	second_of_first_messages(0);
	ck_assert(time_to_get_in(30, 120) <= 60 * IKE_SECOND);
	duo_free(flood.duo);
	(void)begin(21);
	second_of_first_messages(0);
	ck_assert(time_to_get_in(200, 300) <= 300 * IKE_SECOND);
	duo_free(flood.duo);
}
END_TEST

/* Our own calls have their place whatever others do: the SA is renewed in time, and a peer that died is called again. */
START_TEST(cve_2006_3906_own_calls_during_a_flood)
{
	struct ike_peer_settings peers[2];
	struct duo *duo = duo_new(8);
	uint32_t n = 0;

	memset(&flood, 0, sizeof(flood));
	flood.duo = duo;
	duo->stray = answer;
	/* B, the flood's target, has called A, and is the one to renew; anybody else may call B */
	duo->peer[DUO_A].gateways = 0;
	duo->peer[DUO_B].lifetime = 120;
	peers[0] = peers[1] = duo->peer[DUO_B];
	peers[1].gateways = 0;
	duo->settings[DUO_B].peer = peers;
	duo->settings[DUO_B].peers = 2;
	duo->settings[DUO_B].limits.handshakes = 100;
	duo_start(duo);
	duo_connect(duo, DUO_B);
	duo_run(duo, 3 * IKE_SECOND);
	for (int second = 0; second < 300; second++) {
		for (int i = 0; i < 50; i++, n++) {
			struct ike_address from = siege_address(n % CALLERS);

			(void)call(n % CALLERS, n / CALLERS, &from);
		}
		siege_forget(duo);
		duo_run(duo, IKE_SECOND);
		ck_assert_msg(duo_established(duo, DUO_B) >= 1, "lost after %d s", second);
	}
	ck_assert_uint_ge(status_of_b().counter[IKE_COUNT_HANDSHAKES_DONE], 3);
	ck_assert_uint_ge(siege_verdicts(duo, DUO_B, IKE_RATE_LIMITED), 10000);
	/* A dies, and comes back: B gets through to it */
	duo_reboot(duo, DUO_A);
	for (int second = 0; second < 60; second++) {
		for (int i = 0; i < 50; i++, n++) {
			struct ike_address from = siege_address(n % CALLERS);

			(void)call(n % CALLERS, n / CALLERS, &from);
		}
		siege_forget(duo);
		duo_run(duo, IKE_SECOND);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("flood", cve_2006_3906_phase_1_flood, cve_2006_3906_flood_from_few_sources,
	  cve_2006_3906_flood_through_all_steps, cve_2006_3906_answer_comes_before_the_work,
	  cve_2006_3906_flood_in_the_name_of_an_established_peer,
	  cve_2006_3906_flood_in_the_name_of_a_configured_gateway,
	  cve_2006_3906_flood_allocates_nothing_more, cve_2006_3906_a_new_peer_after_a_flood,
	  cve_2006_3906_a_new_peer_during_a_flood, cve_2006_3906_own_calls_during_a_flood)
