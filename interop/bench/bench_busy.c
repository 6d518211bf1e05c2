/* SPDX-License-Identifier: ISC */
/*
 * bench_busy.c - how long established SAs wait for an answer while handshakes saturate the node's processor, beside how long they
 * wait when there are none.
 *
 * Three processes: the node; callers who know its secret, and shake hands without a pause; and this one, which asks R-U-THERE of
 * the fleet's SAs at a steady pace, before everybody else on the processor that it has in common with the callers.  In each round
 * first without the callers, then with them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "interop/bench/asker.h"
#include "interop/bench/bench.h"
#include "interop/bench/bench_node.h"
#include "interop/bench/callers.h"
#include "interop/bench/process.h"
#include "interop/node/clock.h"

#define ROOM      "busy"
#define GOAL      10.0  /* ms, for 99 of 100 answers */
#define SAS       1000u /* established ones */
#define QUESTIONS 2000u /* a round, without handshakes and as many with them */
#define A_SECOND  200u  /* questions */
/*
 * Each waits a quarter of a second on average before it calls, as recovery does everywhere lest all call together: so many that a few
 * hundred negotiations are under way whatever the processor.  No more than there are questions.
 */
#define CALLERS 1200u
#define SATURATED                                                                                  \
	0.95 /* of the time, with something to do: else the figures are not those of a saturated one */
#define DISTURBED 0.01              /* of the time */
#define WAIT      (30 * IKE_SECOND) /* until all callers have been through, and until all are done */

struct busy {
	const struct bench_settings *settings;
	struct figures *figures;
	uint32_t questions, calling;
	struct bench_node *node;
	struct callers *callers;
	struct asker *asker;
	struct asker_result result;
};

/* What is read before and after. */
struct reading {
	ike_time at;
	double node, callers; /* seconds of processor time */
	double waited;        /* seconds that the node wanted a processor which others had */
	uint64_t handshakes;
};

static bool read_all(struct busy *busy, struct reading *reading, struct fault *fault)
{
	struct bench_node_status status;

	*reading = (struct reading){0};
	if (!bench_node_status(busy->node, false, &status) ||
	    !process_cpu(bench_node_pid(busy->node), &reading->node) ||
	    !process_cpu(callers_pid(busy->callers), &reading->callers))
		return fault_say(fault, "the node or who calls it has gone");
	if (!process_waited(bench_node_pid(busy->node), &reading->waited))
		return fault_say(fault, "the system does not say how long the node has waited");
	reading->at = clock_now();
	reading->handshakes = status.handshakes;
	return true;
}

static void pause_a_moment(void)
{
	const struct timespec moment = {0, 20000000};

	(void)nanosleep(&moment, NULL);
}

/* ---- figures ------------------------------------------------------------------------------------------------------- */

static bool put(struct busy *busy, unsigned round, const char *when, const char *what,
		const char *unit, double value)
{
	char name[FIGURES_NAME];

	snprintf(name, sizeof(name), "%s handshakes: %s", when, what);
	return figures_sample(busy->figures, ROOM, name, unit, round, value);
}

static bool put_times(struct busy *busy, unsigned round, const char *when)
{
	const struct asker_result *result = &busy->result;

	return put(busy, round, when, "median", "ms",
		   (double)lateness_percentile(&result->time, 0.5) / 1e3) &&
	       put(busy, round, when, "99th percentile", "ms",
		   (double)lateness_percentile(&result->time, 0.99) / 1e3) &&
	       put(busy, round, when, "longest", "ms", (double)result->time.most / 1e3) &&
	       put(busy, round, when, "answered", "%",
		   (double)result->answered / (double)result->sent * 100) &&
	       (result->missing == 0 ||
		figures_note(busy->figures, ROOM,
			     "round %u, %s handshakes: of %llu asked %llu were not answered, which "
			     "counts as a second each",
			     round + 1, when, (unsigned long long)result->sent,
			     (unsigned long long)result->missing)) &&
	       (result->first ||
		figures_note(busy->figures, ROOM,
			     "whoever asks may not come before the callers here (SCHED_FIFO): the "
			     "pace of the questions is uneven")) &&
	       (result->strange == 0 ||
		figures_note(busy->figures, ROOM,
			     "%s handshakes: %llu datagrams came that answer no question", when,
			     (unsigned long long)result->strange));
}

static bool put_shares(struct busy *busy, unsigned round, const char *when,
		       const struct reading *before, const struct reading *after)
{
	double seconds = (double)(after->at - before->at) / (double)IKE_SECOND;
	double node = (after->node - before->node) / seconds;
	double waited = (after->waited - before->waited) / seconds;
	uint64_t handshakes = after->handshakes - before->handshakes;

	if (!put(busy, round, when, "the node", "% of a core", node * 100) ||
	    !put(busy, round, when, "the node waiting", "% of the time", waited * 100))
		return false;
	if (waited > DISTURBED &&
	    !figures_note(busy->figures, ROOM,
			  "round %u, %s handshakes: others had the node's processor for %.1f %% of "
			  "the time while it wanted it, which is in the times of the answers",
			  round + 1, when, waited * 100))
		return false;
	if (handshakes == 0)
		return true;
	return put(busy, round, when, "finished", "/s", (double)handshakes / seconds) &&
	       put(busy, round, when, "the callers", "% of a core",
		   (after->callers - before->callers) / seconds * 100) &&
	       (node + waited >= SATURATED ||
		figures_note(
		    busy->figures, ROOM,
		    "round %u: the node had something to do for %.1f %% of the time, so it was "
		    "not saturated",
		    round + 1, (node + waited) * 100));
}

static bool set_goals(struct busy *busy, struct fault *fault)
{
	static const char with[] = "with handshakes: 99th percentile";
	static const char answered[] = "with handshakes: answered";

	return (figures_aim(busy->figures, ROOM, with, FIGURES_AT_MOST, GOAL) &&
		figures_aim(busy->figures, ROOM, answered, FIGURES_AT_LEAST, 100)) ||
	       fault_say(fault, "no memory for figures");
}

/* ---- a round ------------------------------------------------------------------------------------------------------- */

static bool ask(struct busy *busy, unsigned round, const char *when, struct fault *fault)
{
	const struct ike_address gateway = bench_node_address(busy->node);
	struct reading before, after;

	if (!read_all(busy, &before, fault) ||
	    !asker_ask(busy->asker, &gateway, busy->questions, A_SECOND, &busy->result, fault) ||
	    !read_all(busy, &after, fault))
		return false;
	if (busy->result.answered == 0)
		return fault_say(fault, "%s handshakes: nothing was answered", when);
	return (put_times(busy, round, when) && put_shares(busy, round, when, &before, &after)) ||
	       fault_say(fault, "no memory for figures");
}

/* As many handshakes as there are callers: by then they have spread over all stages of one. */
static bool let_them_call(struct busy *busy, struct fault *fault)
{
	ike_time end = clock_now() + WAIT;
	struct reading first, last;

	if (!read_all(busy, &first, fault))
		return false;
	if (!callers_call(busy->callers, true))
		return fault_say(fault, "who calls the node has gone");
	do {
		pause_a_moment();
		if (!read_all(busy, &last, fault))
			return false;
		if (last.handshakes - first.handshakes >= busy->calling)
			return true;
	} while (last.at < end);
	return fault_say(fault, "%llu handshakes within 30 s are too few for %u callers",
			 (unsigned long long)(last.handshakes - first.handshakes), busy->calling);
}

static bool let_them_leave(struct busy *busy, struct fault *fault)
{
	ike_time end = clock_now() + WAIT;
	struct callers_status status;

	if (!callers_call(busy->callers, false))
		return fault_say(fault, "who calls the node has gone");
	do {
		pause_a_moment();
		if (!callers_status(busy->callers, &status))
			return fault_say(fault, "who calls the node has gone");
		if (status.busy == 0)
			return true;
	} while (clock_now() < end);
	return fault_say(fault, "%u callers do not come to an end", status.busy);
}

static bool one_round(struct busy *busy, unsigned round, struct fault *fault)
{
	bench_progress("busy: round %u of %u", round + 1, busy->settings->rounds);
	return ask(busy, round, "without", fault) && let_them_call(busy, fault) &&
	       ask(busy, round, "with", fault) && let_them_leave(busy, fault);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool begin(struct busy *busy, uint32_t sas, struct fault *fault)
{
	struct bench_node_settings settings = {.seed = busy->settings->seed,
					       .sas = sas,
					       .processor = PROCESS_NODE,
					       .callers = busy->calling,
					       .unconfined = busy->settings->unconfined};
	struct ike_address gateway;

	keepalive_settings_default(&settings.keepalive);
	settings.keepalive.mode = KEEPALIVE_OFF; /* it answers */
	busy->asker = asker_new(settings.seed, sas, fault);
	if (busy->asker == NULL)
		return false;
	settings.port = asker_port(busy->asker);
	busy->node = bench_node_start(&settings, fault);
	if (busy->node == NULL)
		return false;
	gateway = bench_node_address(busy->node);
	busy->callers = callers_start(busy->calling, &gateway, fault);
	if (busy->callers == NULL)
		return false;
	return process_pin(PROCESS_LOAD) || fault_say(fault, "it cannot be pinned to a processor");
}

static bool note_failures(struct busy *busy, struct fault *fault)
{
	struct callers_status status;

	if (!callers_status(busy->callers, &status))
		return fault_say(fault, "who calls the node has gone");
	return status.failed == 0 ||
	       figures_note(
		   busy->figures, ROOM, "%llu negotiations failed, beside %llu that did not",
		   (unsigned long long)status.failed, (unsigned long long)status.established) ||
	       fault_say(fault, "no memory for figures");
}

bool bench_busy(const struct bench_settings *settings, struct figures *figures, struct fault *fault)
{
	static const uint32_t own[] = {SAS};
	struct busy *busy = calloc(1, sizeof(*busy));
	uint32_t sizes[BENCH_SIZES_MAX];
	bool good;

	if (busy == NULL)
		return fault_say(fault, "no memory");
	(void)bench_sizes(settings, own, 1, sizes);
	busy->settings = settings;
	busy->figures = figures;
	busy->questions = settings->exchanges > 0 ? settings->exchanges : QUESTIONS;
	busy->calling = busy->questions < CALLERS ? busy->questions : CALLERS;
	good = begin(busy, sizes[0], fault) && set_goals(busy, fault);
	for (unsigned round = 0; good && round < settings->rounds; round++)
		good = one_round(busy, round, fault);
	good = good && note_failures(busy, fault);
	callers_stop(busy->callers);
	bench_node_stop(busy->node);
	asker_free(busy->asker);
	free(busy);
	return good;
}
