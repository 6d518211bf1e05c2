/* SPDX-License-Identifier: ISC */
/*
 * main.c - does what a node with many peers does all day, so that its instructions can be counted.
 *
 * Valgrind's callgrind collects between begin() and end() only, and writes what it has collected under the name of the case.
 * Without valgrind the program does the same and only counts allocations and random draws.  tests/instructions/run reads both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "tests/instructions/couple.h"
#include "tests/support/allocations.h"

#define SAS     1024 /* in each table */
#define SAMPLES 256  /* of each case; what is printed is of all of them together */
#define WARM    64   /* refusals before one is measured: more than are told a second */

static struct couple_datagram question[SAMPLES], answer[SAMPLES], damaged;

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "instructions: %s\n", what);
	exit(1);
}

/* ---- measuring ----------------------------------------------------------------------------------------------------- */

static size_t allocations, in_use, draws;          /* at begin() */
static size_t allocations_made, freed, draws_made; /* since the last case was told */

static void begin(void)
{
	allocations = allocations_count();
	in_use = allocations_in_use();
	draws = couple_draws();
	CALLGRIND_TOGGLE_COLLECT;
}

static void end(void)
{
	CALLGRIND_TOGGLE_COLLECT;
	allocations_made += allocations_count() - allocations;
	freed += allocations_in_use() != in_use;
	draws_made += couple_draws() - draws;
}

static void tell(const char *suite, const char *what)
{
	char name[100];

	snprintf(name, sizeof(name), "%s %s", suite, what);
	CALLGRIND_DUMP_STATS_AT(name);
	printf("%s %d %zu %zu\n", name, SAMPLES, allocations_made + freed, draws_made);
	allocations_made = freed = draws_made = 0;
}

/* ---- the cases ----------------------------------------------------------------------------------------------------- */

/* The next SA of whose silence a node takes notice: runs its timer; whether there is anything to send then. */
static bool tick(struct couple *couple, enum couple_node node, struct couple_datagram *datagram)
{
	size_t done = 0;
	bool sent;

	do {
		ike_time deadline = ike_deadline(couple->core[node]);

		must(deadline != IKE_NEVER, "nothing is due any more");
		if (deadline > couple->now)
			couple->now = deadline;
		begin();
		done = ike_tick(couple->core[node], couple->now, 1);
		sent = couple_pull(couple, node, datagram);
		end();
	} while (done == 0); /* timers that far away have been moved nearer */
	return sent;
}

static void ask(struct couple *couple, struct couple_datagram *datagram)
{
	must(tick(couple, COUPLE_ASKS, datagram), "a timer that should have sent R-U-THERE");
}

static void answer_it(struct couple *couple, struct couple_datagram *in,
		      struct couple_datagram *out)
{
	enum ike_verdict verdict;
	bool sent;

	begin();
	verdict = couple_give(couple, COUPLE_ANSWERS, in);
	sent = couple_pull(couple, COUPLE_ANSWERS, out);
	end();
	must(verdict == IKE_ACCEPTED && sent, "an R-U-THERE that was not answered");
}

static void pull_events(struct couple *couple, enum couple_node node)
{
	static struct ike_event event[16];

	begin();
	(void)ike_events(couple->core[node], event, 16);
	end();
}

static void take_answer(struct couple *couple, struct couple_datagram *in)
{
	enum ike_verdict verdict;

	begin();
	verdict = couple_give(couple, COUPLE_ASKS, in);
	end();
	must(verdict == IKE_ACCEPTED, "an ACK that was not accepted");
}

static void refuse(struct couple *couple, const struct couple_datagram *good, size_t change_at,
		   enum ike_verdict wanted)
{
	enum ike_verdict verdict;

	damaged = *good;
	damaged.data[change_at] ^= 0x55;
	begin();
	verdict = couple_give(couple, COUPLE_ANSWERS, &damaged);
	end();
	must(verdict == wanted, "a damaged datagram that was not refused as it should");
}

/* A change in the last block but one spoils what HASH covers, and neither HASH nor the headers. */
static void refuse_all(struct couple *couple, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		refuse(couple, &question[i], question[i].length - 20, IKE_BAD_HASH);
}

static void refuse_strangers(struct couple *couple, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		refuse(couple, &question[i], 0, IKE_UNKNOWN_COOKIES);
}

/* Every SA is asked once, which is its first time: message IDs begin, and pages are touched. */
static void first_round(struct couple *couple)
{
	for (size_t i = 0; i < couple->sas; i++) {
		ask(couple, &question[0]);
		answer_it(couple, &question[0], &answer[0]);
		take_answer(couple, &answer[0]);
		couple_forget_events(couple, COUPLE_ASKS);
		couple_forget_events(couple, COUPLE_ANSWERS);
	}
	allocations_made = freed = draws_made = 0;
}

static void measure(const char *suite, const char *proposal)
{
	struct couple *couple = couple_new(proposal, SAS);

	must(couple != NULL && couple_establish(couple), "the SAs did not come up");
	first_round(couple);
	CALLGRIND_START_INSTRUMENTATION;

	for (size_t i = 0; i < SAMPLES; i++)
		ask(couple, &question[i]);
	tell(suite, "asked");

	refuse_strangers(couple, 0, WARM);
	allocations_made = freed = draws_made = 0;
	CALLGRIND_ZERO_STATS;
	refuse_strangers(couple, 0, SAMPLES);
	tell(suite, "stranger-refused");
	refuse_all(couple, 0, SAMPLES);
	tell(suite, "forgery-refused");

	for (size_t i = 0; i < SAMPLES; i++)
		answer_it(couple, &question[i], &answer[i]);
	tell(suite, "answered");
	for (size_t i = 0; i < SAMPLES / 16; i++)
		pull_events(couple, COUPLE_ANSWERS);
	tell(suite, "answered-events");

	for (size_t i = 0; i < SAMPLES; i++)
		take_answer(couple, &answer[i]);
	tell(suite, "ack-taken");

	for (size_t i = 0; i < SAMPLES; i++)
		must(!tick(couple, COUPLE_ANSWERS, &question[0]),
		     "a peer that was heard, and was asked nonetheless");
	tell(suite, "heard-tick");

	CALLGRIND_STOP_INSTRUMENTATION;
	couple_free(couple);
}

int main(void)
{
	must(secret_init(), "libsodium did not start");
	measure("aes128-sha1", "aes128-sha1-x25519");
	measure("aes128-sha256", "aes128-sha256-x25519");
	return 0;
}
