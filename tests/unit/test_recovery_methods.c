/* SPDX-License-Identifier: ISC */
/*
 * test_recovery_methods.c - a peer restarts and knows nothing any more: how long until both share an SA again, by the methods that were
 * proposed in 1999; and what each of them gives to whoever forges its messages.
 *
 * Two engines in virtual time, on a path that loses a fifth of the datagrams each way.  With the name of a file as
 * its argument this program writes what it has measured: draft/model/recoveries.txt (make recoveries; make draft-fresh holds it).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define RUNS       200
#define STEP       (20 * IKE_MILLISECOND)
#define LONGEST    (600 * IKE_SECOND)
#define LOST_OF_10 2
#define ATTACK     3600 /* forged messages, one a second */

enum method {
	CALLS,           /* who has restarted calls, with INITIAL-CONTACT; nobody asks */
	KEEPALIVE_ALONE, /* who has restarted only answers; the other asks, and finds it dead */
	KEEPALIVE_AND_HINT, /* the same, and what meets an unknown SPI is answered INVALID-SPI, which is a hint */
	BELIEVES, /* INVALID-SPI is believed: the SA is deleted, and Phase 1 begins at once; nobody asks */
	METHODS
};

static const char *const names[METHODS] = {"initial_contact", "keepalive", "keepalive_hint",
					   "believed_invalid_spi"};

struct path {
	uint64_t seed;
};

static uint32_t draw(struct path *path, uint32_t below)
{
	path->seed = path->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((path->seed >> 33) % below);
}

static bool lose(struct duo *duo, struct duo_datagram *datagram)
{
	(void)datagram;
	return draw(duo->context, 10) >= LOST_OF_10;
}

/* Both use the same SA. */
static bool is_shared(const struct duo *duo)
{
	struct ike_sa_status a, b;

	return duo_in_use(duo, DUO_A, &a) == 1 && duo_in_use(duo, DUO_B, &b) == 1 &&
	       memcmp(a.cky_i, b.cky_i, IKE_COOKIE_LENGTH) == 0;
}

static struct duo *begin(enum method method, unsigned run, struct path *path)
{
	struct duo *duo = duo_new((uint8_t)run);
	bool asks = method == KEEPALIVE_ALONE || method == KEEPALIVE_AND_HINT;

	path->seed = run * 2654435761u + 1999;
	duo_propose(duo, DUO_A, "aes128-sha1-x25519");
	duo_propose(duo, DUO_B, "aes128-sha1-x25519");
	duo->keepalive[DUO_A].plan.mode = asks ? KEEPALIVE_PERIODIC : KEEPALIVE_OFF;
	duo->keepalive[DUO_B].plan.mode = KEEPALIVE_OFF;
	duo->deliver = lose;
	duo->context = path;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	while (!is_shared(duo))
		duo_run(duo, IKE_SECOND);
	siege_run(duo, 20 * IKE_SECOND + draw(path, 20000) * IKE_MILLISECOND);
	while (!is_shared(duo)) /* a false death just now */
		duo_run(duo, IKE_SECOND);
	siege_forget(duo);
	return duo;
}

/* Somebody says INVALID-SPI in the clear, about A's SA, from B's address. */
static void say_invalid_spi(struct duo *duo, enum method method, struct forge *forge)
{
	struct ike_command command = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	if (method == KEEPALIVE_AND_HINT)
		(void)forge_inject_clear(forge, duo, DUO_A);
	if (method != BELIEVES)
		return;
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &command));
	command.kind = IKE_COMMAND_START;
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &command));
}

/* A packet of A's meets a peer that does not know its SPI, and the answer arrives: both ways. */
static bool traffic_is_answered(struct path *path)
{
	bool there = draw(path, 10) >= LOST_OF_10, back = draw(path, 10) >= LOST_OF_10;

	return there && back;
}

/* From the restart until there is an SA again.  A sends a packet a second through the tunnel. */
static ike_time recovery(enum method method, unsigned run)
{
	struct path path;
	struct duo *duo = begin(method, run, &path);
	struct forge forge;
	ike_time restarted, next;
	bool told = false;

	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_SPI);
	restarted = duo->now;
	next = restarted + draw(&path, 1000) * IKE_MILLISECOND;
	duo_reboot(duo, DUO_B);
	if (method == CALLS)
		duo_connect(duo, DUO_B);
	while (!is_shared(duo) && duo->now < restarted + LONGEST) {
		duo_run(duo, STEP);
		siege_forget(duo);
		if (duo->now < next)
			continue;
		next += IKE_SECOND;
		/* an SA that has gone has no packets to send, and is believed to be gone once */
		if (duo_established(duo, DUO_A) > 0 && !told && traffic_is_answered(&path)) {
			told = method == BELIEVES;
			say_invalid_spi(duo, method, &forge);
		}
	}
	ck_assert_msg(is_shared(duo), "%s, run %u", names[method], run);
	restarted = duo->now - restarted;
	duo_free(duo);
	return restarted;
}

/* ---- an hour of forged messages to a pair that is well --------------------------------------------------------------- */

struct harm {
	uint32_t deleted, phase_1, questions;
};

static struct harm attack(enum method method)
{
	struct path path;
	struct duo *duo = begin(method, 1, &path);
	struct harm harm = {0};
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_SPI);
	for (unsigned second = 0; second < ATTACK; second++) {
		if (duo_established(duo, DUO_A) > 0) {
			if (method == KEEPALIVE_AND_HINT)
				forge_from(&forge, duo, DUO_A);
			if (method == KEEPALIVE_AND_HINT)
				forge_notify(&forge, IKE_NOTIFY_INVALID_SPI);
			say_invalid_spi(duo, method, &forge);
		}
		duo_run(duo, IKE_SECOND);
		harm.deleted += (uint32_t)duo_count(duo, DUO_A, IKE_EVENT_DELETED);
		harm.phase_1 += (uint32_t)duo_count(duo, DUO_A, IKE_EVENT_CONNECTING);
		harm.questions += (uint32_t)duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED);
		siege_forget(duo);
	}
	duo_free(duo);
	return harm;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	ike_time x = *(const ike_time *)a, y = *(const ike_time *)b;

	return (x > y) - (x < y);
}

static double seconds(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

static struct result {
	ike_time least, median, p95, most;
	struct harm harm;
} results[METHODS];

static void measure(void)
{
	static ike_time taken[RUNS];

	for (enum method method = CALLS; method < METHODS; method++) {
		for (unsigned run = 0; run < RUNS; run++)
			taken[run] = recovery(method, run);
		qsort(taken, RUNS, sizeof(taken[0]), compare);
		results[method] = (struct result){taken[0], taken[RUNS / 2], taken[RUNS * 95 / 100],
						  taken[RUNS - 1], attack(method)};
	}
}

static const char *print(void)
{
	static char text[4096];
	size_t used = (size_t)snprintf(
	    text, sizeof(text),
	    "# A peer restarts: seconds until both share an SA again, of %d restarts; and what an "
	    "hour "
	    "of forged INVALID-SPI does,\n"
	    "# one a second, to a pair that is well.  A fifth of the datagrams is lost each way.  "
	    "Written by `make recoveries`.\n"
	    "#\n"
	    "# method               least   half   95 %%    most  deleted  phase_1  questions\n",
	    RUNS);

	for (enum method method = CALLS; method < METHODS; method++) {
		const struct result *result = &results[method];

		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%-21s %6.1f %6.1f %6.1f %7.1f %8u %8u %10u\n",
					 names[method], seconds(result->least),
					 seconds(result->median), seconds(result->p95),
					 seconds(result->most), result->harm.deleted,
					 result->harm.phase_1, result->harm.questions);
	}
	return text;
}

/* What the figures show, whichever they are: they change with every number that the engine draws. */
START_TEST(the_methods_compare_as_the_draft_says)
{
	const struct result *r = results;

	measure();
	ck_assert_uint_lt(r[CALLS].median, 5 * IKE_SECOND);
	ck_assert_uint_lt(r[BELIEVES].median, 5 * IKE_SECOND);
	ck_assert_uint_gt(r[KEEPALIVE_ALONE].median, 10 * IKE_SECOND);
	ck_assert_uint_lt(r[KEEPALIVE_ALONE].median, 25 * IKE_SECOND);
	/* a hint brings no death forward */
	ck_assert_uint_gt(r[KEEPALIVE_AND_HINT].median, r[KEEPALIVE_ALONE].median - 2 * IKE_SECOND);
	/* it takes nobody's SA, and brings no more than a question in five seconds; what is believed takes one after the other */
	ck_assert_uint_eq(r[KEEPALIVE_AND_HINT].harm.deleted, 0);
	ck_assert_uint_eq(r[KEEPALIVE_AND_HINT].harm.phase_1, 0);
	ck_assert_uint_gt(r[BELIEVES].harm.deleted, ATTACK / 10);
	ck_assert_uint_eq(r[CALLS].harm.deleted, 0);
}
END_TEST

static const char *destination;

START_TEST(write_the_table)
{
	FILE *file = fopen(destination, "w");

	measure();
	ck_assert_msg(file != NULL && fputs(print(), file) >= 0 && fclose(file) == 0,
		      "cannot write %s", destination);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {the_methods_compare_as_the_draft_says};
	const TTest *const writing[] = {write_the_table};

	if (argc == 2) {
		destination = argv[1];
		return unit_run("writes the table", writing, 1);
	}
	return unit_run("recovery, the methods of 1999", tests, 1);
}
