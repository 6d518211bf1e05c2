/* SPDX-License-Identifier: ISC */
/*
 * bench_workers.c - R-U-THEREs answered by one worker and by two on the same port, asked by the same prober.
 *
 * The SAs are dealt out by their cookies, as they would have come, and the kernel steers the questions.  Nobody is pinned: whoever asks
 * needs a processor too, so that on a machine of two processors two workers cannot answer twice as much.  What a worker costs
 * more or less beside another one is in the processor time of an exchange, and how well the work is shared in their shares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "interop/bench/bench.h"
#include "interop/bench/bench_node.h"
#include "interop/bench/process.h"
#include "interop/bench/prober.h"
#include "interop/workers/steering.h"

#define ROOM      "workers"
#define WORKERS   2
#define SAS       100000
#define WINDOW    512
#define PATIENCE  1000  /* ms */
#define EXCHANGES 40000 /* a round, of each number of workers */

/* One node, of so many workers. */
struct team {
	const char *name;
	uint32_t workers;
	struct bench_node *node[WORKERS];
	struct ike_address address;
	uint32_t *number; /* the next of each member */
};

struct race {
	const struct bench_settings *settings;
	struct figures *figures;
	struct fleet *fleet;
	struct prober *prober;
	struct team team[WORKERS];
	struct random_source random;
	uint32_t sas, message_id;
	struct probe *probe;
	struct answer *answer; /* as many as probes, of which `answers` have come */
	size_t count, answers;
	bool too_long; /* one that was no answer by its length alone */
};

struct answer {
	size_t length;
	uint8_t data[FLEET_MESSAGE];
};

/* ---- the teams ----------------------------------------------------------------------------------------------------- */

static bool open_sockets(struct team *team, struct udp *udp[WORKERS], struct fault *fault)
{
	const struct ike_address here = {{127, 0, 0, 1}, 0, IKE_FAMILY_IPV4, 0};

	udp[0] = udp_new(&here, 1, fault);
	for (uint32_t i = 1; i < team->workers && udp[i - 1] != NULL; i++)
		udp[i] = udp_new_beside(udp[0], fault);
	if (udp[team->workers - 1] == NULL)
		return false;
	team->address = udp_address(udp[0], 0);
	return team->workers == 1 || steering_attach(udp[0], team->workers, 0, fault);
}

static bool start_team(struct race *race, struct team *team, struct fault *fault)
{
	struct bench_node_settings settings = {.seed = race->settings->seed,
					       .sas = race->sas,
					       .processor = PROCESS_ANYWHERE,
					       .port = prober_port(race->prober),
					       .unconfined = race->settings->unconfined};
	struct udp *udp[WORKERS] = {NULL};
	bool good = open_sockets(team, udp, fault);

	keepalive_settings_default(&settings.keepalive);
	settings.keepalive.mode = KEEPALIVE_OFF;
	for (uint32_t i = 0; good && i < team->workers; i++) {
		settings.udp = udp[i];
		settings.worker = (struct ike_worker){i, team->workers};
		team->node[i] = bench_node_start(&settings, fault);
		good = team->node[i] != NULL;
	}
	for (uint32_t i = 0; i < team->workers; i++)
		udp_free(udp[i]); /* the workers have theirs */
	team->number = calloc(race->sas, sizeof(*team->number));
	return good && (team->number != NULL || fault_say(fault, "no memory"));
}

/* ---- one measurement ----------------------------------------------------------------------------------------------- */

static void make_probes(struct race *race, struct team *team, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct probe *probe = &race->probe[i];
		struct fleet_keys keys;

		*probe = (struct probe){.member = random_below(&race->random, race->sas)};
		probe->number = ++team->number[probe->member];
		probe->from = fleet_address(probe->member, 0);
		fleet_keys(race->fleet, probe->member, &keys);
		probe->length = (uint16_t)fleet_write(race->fleet, &keys, IKE_NOTIFY_R_U_THERE,
						      ++race->message_id, probe->number,
						      probe->message, sizeof(probe->message));
	}
}

/* ---- what came back ------------------------------------------------------------------------------------------------ */

static void keep(void *context, const uint8_t *data, size_t length)
{
	struct race *race = context;
	struct answer *answer = &race->answer[race->answers];

	if (length > sizeof(answer->data) || race->answers == race->count) {
		race->too_long = true;
		return;
	}
	answer->length = length;
	memcpy(answer->data, data, length);
	race->answers++;
}

static int by_cookie(const void *a, const void *b)
{
	return memcmp(((const struct probe *)a)->message, ((const struct probe *)b)->message,
		      IKE_COOKIE_LENGTH);
}

/* Answers a question of those, which have been put in order, and which is crossed out: it is answered once. */
static bool is_answer(const struct race *race, size_t count, const struct answer *answer)
{
	struct probe key = {.member = 0}, *probe, *end = race->probe + count;
	struct fleet_keys keys;
	uint32_t number;

	memcpy(key.message, answer->data, IKE_COOKIE_LENGTH);
	probe = bsearch(&key, race->probe, count, sizeof(*probe), by_cookie);
	if (answer->length != FLEET_MESSAGE || probe == NULL)
		return false;
	fleet_keys(race->fleet, probe->member, &keys);
	if (!fleet_read(race->fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK,
			octets_of(answer->data, answer->length), &number))
		return false;
	while (probe > race->probe && by_cookie(probe - 1, &key) == 0)
		probe--;
	for (; probe < end && by_cookie(probe, &key) == 0; probe++)
		if (probe->number == number) {
			probe->number = 0; /* no question has it */
			return true;
		}
	return false;
}

/* All of it, after it was measured: a worker that knows none of the SAs has answers, too. */
static bool check_answers(struct race *race, const struct team *team, size_t count,
			  struct fault *fault)
{
	qsort(race->probe, count, sizeof(*race->probe), by_cookie);
	for (size_t i = 0; i < race->answers && !race->too_long; i++)
		if (!is_answer(race, count, &race->answer[i]))
			return fault_say(fault,
					 "%s: answer %zu of %zu is no R-U-THERE-ACK of what was "
					 "asked",
					 team->name, i + 1, race->answers);
	return !race->too_long ||
	       fault_say(fault, "%s: more or longer answers than questions", team->name);
}

struct state {
	double spent[WORKERS]; /* seconds of processor time */
	double asking;
	uint64_t answered[WORKERS], missed[WORKERS];
};

static bool look(const struct team *team, struct state *state, struct fault *fault)
{
	struct bench_node_status status;
	struct timespec own;

	for (uint32_t i = 0; i < team->workers; i++) {
		if (!process_cpu(bench_node_pid(team->node[i]), &state->spent[i]) ||
		    !bench_node_status(team->node[i], false, &status))
			return fault_say(fault, "whom is measured has ended");
		state->answered[i] = status.answered;
		state->missed[i] = status.missed;
	}
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own) != 0)
		return fault_say(fault, "no clock of processor time");
	state->asking = (double)own.tv_sec + (double)own.tv_nsec / 1e9;
	return true;
}

static bool put(struct race *race, const struct team *team, unsigned round, const char *what,
		const char *unit, double value, struct fault *fault)
{
	char name[FIGURES_NAME];

	snprintf(name, sizeof(name), "%s: %s", team->name, what);
	return figures_sample(race->figures, ROOM, name, unit, round, value) ||
	       fault_say(fault, "no memory for figures");
}

static bool note_losses(struct race *race, const struct team *team,
			const struct prober_result *result, struct fault *fault)
{
	if (result->lost + result->strange == 0)
		return true;
	return figures_note(race->figures, ROOM, "%s: of %llu asked %llu were not answered",
			    team->name, (unsigned long long)result->sent,
			    (unsigned long long)result->lost) ||
	       fault_say(fault, "no memory");
}

/* The workers' own count, where they have one: it is of events, of which some may be missed. */
static bool check_count(const struct team *team, const struct state *before,
			const struct state *after, const struct prober_result *result,
			struct fault *fault)
{
	uint64_t all = 0, missed = 0;

	for (uint32_t i = 0; i < team->workers; i++) {
		all += after->answered[i] - before->answered[i];
		missed += after->missed[i] - before->missed[i];
	}
	/* what was answered and lost is between them */
	if (missed > 0 || (all >= result->answered && all <= result->answered + result->lost))
		return true;
	return fault_say(fault, "%s: %llu answers came, and the workers have sent %llu", team->name,
			 (unsigned long long)result->answered, (unsigned long long)all);
}

static bool tell(struct race *race, const struct team *team, unsigned round,
		 const struct state *before, const struct state *after,
		 const struct prober_result *result, struct fault *fault)
{
	double answered = (double)result->answered, spent = 0, all = 0, most = 0;

	for (uint32_t i = 0; i < team->workers; i++) {
		double own = (double)(after->answered[i] - before->answered[i]);

		spent += after->spent[i] - before->spent[i];
		all += own;
		most = own > most ? own : most;
	}
	if (answered == 0 || all == 0)
		return fault_say(fault, "%s: nothing was answered", team->name);
	return put(race, team, round, "processor time", "us of CPU each", spent / answered * 1e6,
		   fault) &&
	       put(race, team, round, "asking", "us of CPU each",
		   (after->asking - before->asking) / answered * 1e6, fault) &&
	       put(race, team, round, "answered", "1/s", answered / result->seconds, fault) &&
	       (team->workers == 1 ||
		put(race, team, round, "share of the busiest", "%", most / all * 100, fault)) &&
	       note_losses(race, team, result, fault);
}

static bool ask(struct race *race, struct team *team, size_t count, unsigned round, bool counts,
		struct fault *fault)
{
	const struct prober_settings how = {.to = team->address,
					    .window = WINDOW,
					    .patience = PATIENCE,
					    .sample = 1,
					    .keep = keep,
					    .context = race};
	struct state before = {.asking = 0}, after = {.asking = 0};
	struct prober_result result;

	make_probes(race, team, count);
	race->answers = 0;
	prober_drain(race->prober);
	return look(team, &before, fault) &&
	       prober_run(race->prober, &how, race->probe, count, &result, fault) &&
	       look(team, &after, fault) && check_count(team, &before, &after, &result, fault) &&
	       check_answers(race, team, count, fault) &&
	       (!counts || tell(race, team, round, &before, &after, &result, fault));
}

/* ---- the race ------------------------------------------------------------------------------------------------------ */

static bool begin(struct race *race, size_t count, struct fault *fault)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = "who is asked next";
	static const char *const names[WORKERS] = {"1 worker", "2 workers"};
	const struct ike_address any = {.family = IKE_FAMILY_IPV4};

	random_seeded(&race->random, seed);
	if (!process_pin(PROCESS_ANYWHERE))
		return fault_say(fault, "whoever asks is pinned to a processor");
	race->fleet = fleet_new(race->settings->seed);
	race->count = count;
	race->probe = calloc(count, sizeof(*race->probe));
	race->answer = calloc(count, sizeof(*race->answer));
	if (race->fleet == NULL || race->probe == NULL || race->answer == NULL)
		return fault_say(fault, "no memory");
	race->prober = prober_new(&any, fault);
	for (uint32_t i = 0; race->prober != NULL && i < WORKERS; i++) {
		race->team[i].name = names[i];
		race->team[i].workers = i + 1;
		bench_progress("workers: %s, %s", names[i], bench_size_text(race->sas));
		if (!start_team(race, &race->team[i], fault))
			return false;
	}
	if (race->prober == NULL)
		return false;
	return (figures_ratio(race->figures, ROOM, "processor time, 2 workers / 1",
			      "2 workers: processor time", "1 worker: processor time",
			      FIGURES_NO_GOAL, 0) &&
		figures_ratio(race->figures, ROOM, "answered, 2 workers / 1", "2 workers: answered",
			      "1 worker: answered", FIGURES_NO_GOAL, 0) &&
		(process_processors() > WORKERS ||
		 figures_note(race->figures, ROOM,
			      "%u processors for two workers and whoever asks: twice as much "
			      "cannot be answered here",
			      process_processors()))) ||
	       fault_say(fault, "no memory for figures");
}

static void end(struct race *race)
{
	for (size_t i = 0; i < WORKERS; i++) {
		for (size_t j = 0; j < WORKERS; j++)
			bench_node_stop(race->team[i].node[j]);
		free(race->team[i].number);
	}
	prober_free(race->prober);
	fleet_free(race->fleet);
	free(race->probe);
	free(race->answer);
}

bool bench_workers(const struct bench_settings *settings, struct figures *figures,
		   struct fault *fault)
{
	static const uint32_t own[] = {SAS};
	struct race race = {.settings = settings, .figures = figures};
	size_t count = settings->exchanges > 0 ? settings->exchanges : EXCHANGES;
	uint32_t sizes[BENCH_SIZES_MAX];
	bool good;

	(void)bench_sizes(settings, own, 1, sizes);
	race.sas = sizes[0];
	good = begin(&race, count, fault);
	for (size_t i = 0; good && i < WORKERS; i++)
		good = ask(&race, &race.team[i], count, 0, false, fault); /* to warm up */
	for (unsigned round = 0; good && round < settings->rounds; round++) {
		bench_progress("workers: round %u of %u", round + 1, settings->rounds);
		for (size_t i = 0; good && i < WORKERS; i++)
			good = ask(&race, &race.team[i], count, round, true, fault);
	}
	end(&race);
	return good;
}
