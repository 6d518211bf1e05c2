/* SPDX-License-Identifier: ISC */
/*
 * A hundred thousand times ESP for SAs that are not there, from addresses that somebody has invented or that are configured: no
 * more is begun or said than the budgets allow, nobody is delayed, nothing grows, and whoever really sends is called.  And INVALID-SPI
 * without end, from somebody who has the keys.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/allocations.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define SPIS       (SIEGE_SANITIZED ? 10000u : 100000u)
#define EVERY      (100 * IKE_SECOND / SPIS)
#define GATEWAYS   200u /* configured peers that nobody is at */
#define CALLERS    300u /* remembered addresses that nobody is at */
#define FIRST_PEER 1u   /* of those peers; 0 is A, who is there */
#define BUDGET     10u  /* per second and kind, as by default */
#define SOME_SPI   0x5eed0000u

struct flood {
	struct duo *duo;
	struct ike_peer_settings peer[FIRST_PEER + GATEWAYS + 1];
	struct random_source random;
	uint64_t in; /* octets that strangers seem to have sent */
	uint64_t out, hints;
	uint64_t called; /* events: peers with gateways, and without */
	uint64_t callers_called;
	size_t other_messages; /* to addresses where nobody is: our calls */
	ike_time honest_called, honest_caller_called;
	size_t deaths, asked, answered;
};

static struct flood flood;

/* Distinct ranges of the attacker's addresses. */
static struct ike_address gateway(uint32_t n)
{
	return siege_address(n);
}

static struct ike_address caller(uint32_t n)
{
	return siege_address(100000 + n);
}

static struct ike_address stranger(uint32_t n)
{
	return siege_address(1000000 + n);
}

static uint32_t number_of(const struct ike_address *address)
{
	return (uint32_t)address->octets[1] << 16 | (uint32_t)address->octets[2] << 8 |
	       address->octets[3];
}

static void note(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	(void)duo;
	if (from != DUO_B)
		ck_abort_msg("A speaks to a stranger");
	if (number_of(&datagram->remote) < 1000000) {
		flood.other_messages++;
		return;
	}
	flood.hints++;
	flood.out += datagram->length;
}

/* B knows A, peers that nobody is at, and a peer that may call from anywhere; A has an SA with it. */
static void begin(uint8_t seed, bool say_invalid_spi)
{
	uint8_t random_seed[RANDOM_SEED_LENGTH] = {seed};
	struct duo *duo = duo_new(seed);

	memset(&flood, 0, sizeof(flood));
	flood.duo = duo;
	random_seeded(&flood.random, random_seed);
	for (uint32_t i = 0; i < FIRST_PEER + GATEWAYS + 1; i++)
		flood.peer[i] = duo->peer[DUO_B];
	for (uint32_t i = 0; i < GATEWAYS; i++)
		flood.peer[FIRST_PEER + i].gateway[0] = gateway(i);
	flood.peer[FIRST_PEER + GATEWAYS].gateways = 0;
	duo->settings[DUO_B].peer = flood.peer;
	duo->settings[DUO_B].peers = FIRST_PEER + GATEWAYS + 1;
	duo->settings[DUO_B].say_invalid_spi = say_invalid_spi;
	duo->stray = note;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, IKE_SECOND);
	siege_forget(duo);
	for (uint32_t i = 0; i < CALLERS; i++) {
		struct ike_command what = {.kind = IKE_COMMAND_REMEMBER,
					   .peer = FIRST_PEER + GATEWAYS,
					   .address = caller(i)};

		ck_assert(ike_command(duo->core[DUO_B], duo->now, &what));
	}
}

static void come(const struct ike_address *from)
{
	struct ike_command what = {.kind = IKE_COMMAND_UNKNOWN_SPI,
				   .address = *from,
				   .spi = SOME_SPI + random_below(&flood.random, 1u << 31),
				   .octets = 60 + random_below(&flood.random, 1000)};

	(void)ike_command(flood.duo->core[DUO_B], flood.duo->now, &what);
}

/* One of the flood: a quarter each from strangers, gateways, callers, and A; never as one of the two honest ones. */
static void come_from_somewhere(void)
{
	struct ike_address from = {.family = IKE_FAMILY_IPV4, .octets = {192, 0, 2, 1}};

	switch (random_below(&flood.random, 4)) {
	case 0:
		from = stranger(random_below(&flood.random, 5000000));
		flood.in += 60; /* at least */
		break;
	case 1:
		from = gateway(random_below(&flood.random, GATEWAYS - 1));
		break;
	case 2:
		from = caller(random_below(&flood.random, CALLERS - 1));
		break;
	default:
		break;
	}
	from.port = 0;
	come(&from);
}

static void look_at_events(void)
{
	struct duo *duo = flood.duo;

	for (size_t i = 0; i < duo->events[DUO_B]; i++) {
		const struct ike_event *event = &duo->event[DUO_B][i];

		if (event->kind != IKE_EVENT_UNKNOWN_SPI || strcmp(event->text, "called") != 0)
			continue;
		*(event->gateway == IKE_NONE ? &flood.callers_called : &flood.called) += 1;
		if (event->peer == FIRST_PEER + GATEWAYS - 1)
			flood.honest_called = event->at;
		if (event->gateway == IKE_NONE && number_of(&event->remote) == 100000 + CALLERS - 1)
			flood.honest_caller_called = event->at;
	}
	flood.asked += duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED);
	flood.answered += duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE);
	flood.deaths += duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD) +
			duo_count_reports(duo, DUO_B, IKE_REPORT_DEAD) +
			duo_count_reports(duo, DUO_A, IKE_REPORT_SUSPECT) +
			duo_count_reports(duo, DUO_B, IKE_REPORT_SUSPECT);
	siege_forget(duo);
}

static void rage(bool honest)
{
	struct duo *duo = flood.duo;
	struct ike_address a_gateway = gateway(GATEWAYS - 1), a_caller = caller(CALLERS - 1);

	a_gateway.port = a_caller.port = 0;
	for (uint32_t n = 0; n < SPIS; n++) {
		come_from_somewhere();
		if (honest && n % 100 == 99) {
			come(&a_gateway);
			come(&a_caller);
		}
		/* A asks now and then, in the middle of it */
		if (n % 1000 == 500)
			(void)ike_command(duo->core[DUO_A], duo->now,
					  &(struct ike_command){.kind = IKE_COMMAND_ASK_NOW});
		duo_run(duo, EVERY);
		if (n % 100 == 0)
			look_at_events();
	}
	duo_run(duo, IKE_SECOND);
	look_at_events();
}

static uint64_t counted(enum ike_counter counter)
{
	return flood.duo->core[DUO_B]->counter[counter];
}

/* What there may be of anything that has a budget. */
static uint64_t budget(void)
{
	return BUDGET + BUDGET * (SPIS * EVERY / IKE_SECOND + 1);
}

static void assert_as_it_should_be(bool say_invalid_spi)
{
	uint64_t sum = 0;

	for (int i = IKE_COUNT_UNKNOWN_SPI_CALLED; i <= IKE_COUNT_UNKNOWN_SPI_NOTHING; i++)
		sum += counted((enum ike_counter)i);
	ck_assert_uint_ge(sum, SPIS);
	/* calls: each gateway once, each caller less and less often */
	ck_assert_uint_eq(flood.called + flood.callers_called,
			  counted(IKE_COUNT_UNKNOWN_SPI_CALLED));
	ck_assert_uint_le(flood.called, GATEWAYS);
	ck_assert_uint_le(flood.called, budget());
	ck_assert_uint_le(flood.callers_called, budget());
	ck_assert_uint_ge(flood.called, GATEWAYS / 2);
	ck_assert_uint_ge(flood.callers_called, 64);
	ck_assert_uint_le(flood.duo->core[DUO_B]->unknown_spis.calls, 64);
	/* A is told every ten seconds, and asks by itself; nobody takes it for dead, and all that it asks is answered */
	ck_assert_uint_le(counted(IKE_COUNT_UNKNOWN_SPI_PROTECTED),
			  SPIS * EVERY / (10 * IKE_SECOND) + 1);
	ck_assert_uint_ge(counted(IKE_COUNT_UNKNOWN_SPI_PROTECTED), 1);
	ck_assert_uint_ge(flood.asked, SPIS / 1000);
	ck_assert_uint_eq(flood.answered, flood.asked);
	ck_assert_uint_eq(flood.deaths, 0);
	/* strangers */
	ck_assert_uint_eq(flood.hints, counted(IKE_COUNT_UNKNOWN_SPI_HINTED));
	ck_assert_uint_le(flood.hints, say_invalid_spi ? budget() : 0);
	ck_assert_int_eq(flood.hints > 0, say_invalid_spi);
	ck_assert_uint_le(flood.out, flood.in);
}

/* R143, R145, R150: strangers bring no call, and all others no more than the budgets allow. */
START_TEST(unknown_spi_flood)
{
	for (int say = 0; say < 2; say++) {
		struct ike_sa_status sa;

		begin((uint8_t)(1 + say), say == 1);
		rage(false);
		assert_as_it_should_be(say == 1);
		ck_assert_uint_eq(duo_in_use(flood.duo, DUO_A, &sa), 1);
		ck_assert_uint_eq(duo_in_use(flood.duo, DUO_B, &sa), 1);
		duo_free(flood.duo);
	}
}
END_TEST

/* Among all of them two mean it: ten times a second, a hundredth of the flood. */
START_TEST(unknown_spi_flood_does_not_keep_an_honest_peer_from_being_called)
{
	ike_time began;

	begin(3, false);
	began = flood.duo->now;
	rage(true);
	assert_as_it_should_be(false);
	ck_assert_uint_gt(flood.honest_called, 0);
	ck_assert_uint_gt(flood.honest_caller_called, 0);
	/* the 200 gateways take twenty seconds in all, and do not come again */
	if (!SIEGE_SANITIZED)
		ck_assert_uint_le(flood.honest_called - began, 21 * IKE_SECOND);
	duo_free(flood.duo);
}
END_TEST

/* What was there stays as it was: neither memory, nor SAs but for the calls, nor what waits. */
START_TEST(unknown_spi_flood_allocates_nothing_more)
{
	uint64_t before;

	begin(4, true);
	before = siege_digest(flood.duo, DUO_B, SIEGE_EVERYTHING);
	{
		size_t allocations = allocations_count();

		for (uint32_t n = 0; n < SPIS; n++) {
			struct ike_address from = stranger(n);

			from.port = 0;
			come(&from);
		}
		ck_assert_uint_eq(allocations_count(), allocations);
	}
	ck_assert_uint_le(siege_drain(flood.duo, DUO_B), (size_t)BUDGET * SEND_INVALID_SPI_LENGTH);
	ck_assert(before == siege_digest(flood.duo, DUO_B, SIEGE_EVERYTHING));
	ck_assert_uint_eq(flood.duo->core[DUO_B]->handshakes, 0);
	duo_free(flood.duo);
}
END_TEST

/* R148: with the keys, and a new message ID each time: questions within their budget, and nothing else. */
START_TEST(invalid_spi_flood_under_protection)
{
	struct duo *duo = siege_new(5);
	size_t asked = 0, others = 0, said = 0;
	struct forge forge;

	for (int n = 0; n < 3000; n++) {
		forge_from(&forge, duo, DUO_B);
		forge_raw_hex(&forge, IKE_PAYLOAD_NOTIFY,
			      n % 2 == 0 ? "0000 0010 00000001 03 04 000b abcd1234"
					 : "0000 000c 00000001 03 00 000b");
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
		duo_run(duo, 100 * IKE_MILLISECOND);
		asked += duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED);
		said += duo_count(duo, DUO_A, IKE_EVENT_PEER_SAYS);
		others += duo_count_reports(duo, DUO_A, IKE_REPORT_SUSPECT);
		others += duo_count(duo, DUO_A, IKE_EVENT_DELETED);
		others += duo_count(duo, DUO_A, IKE_EVENT_CONNECTING);
		siege_forget(duo);
	}
	ck_assert_uint_le(asked, 300 / 5 + 1);
	ck_assert_uint_ge(asked, 300 / 5 - 10);
	ck_assert_uint_eq(said, 3000);
	ck_assert_uint_eq(others, 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	/* and all at once: what is told of it has a limit, too */
	for (int n = 0; n < 3000; n++) {
		forge_from(&forge, duo, DUO_B);
		forge_raw_hex(&forge, IKE_PAYLOAD_NOTIFY, "0000 0010 00000001 03 04 000b abcd1234");
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	}
	duo_run(duo, 0);
	ck_assert_uint_le(duo_count(duo, DUO_A, IKE_EVENT_PEER_SAYS), 20);
	ck_assert_uint_le(duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("spi_floods", unknown_spi_flood,
	  unknown_spi_flood_does_not_keep_an_honest_peer_from_being_called,
	  unknown_spi_flood_allocates_nothing_more, invalid_spi_flood_under_protection)
