/* SPDX-License-Identifier: ISC */
#include "tests/sim/batch.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/allocations.h"

#define JOBS_MOST    64u
#define SEED_SECONDS 20 /* of this process's own time: a hundred times what the longest run takes */

/* ---- one seed ------------------------------------------------------------------------------------------------------ */

static void run_once(struct sim *sim, const struct scenario *scenario, bool checks,
		     struct evidence *evidence, struct coverage *coverage)
{
	memset(sim, 0, sizeof(*sim));
	sim->scenario = scenario;
	sim->checks = checks;
	sim->evidence = evidence;
	sim->coverage = coverage;
	sim_run(sim);
}

bool batch_seed(uint64_t seed, struct evidence *evidence, struct coverage *coverage,
		struct tally *tally, struct failure *failure)
{
	static struct scenario scenario;
	static struct sim first, second;
	size_t pieces;

	scenario_draw(&scenario, seed);
	for (unsigned i = 0; i < scenario.nodes; i++)
		scenario.node[i].settings.extension = observer_extension();
	/* fresh memory holds other octets in each run, so that whoever reads what he has not written is found out */
	(void)mallopt(M_PERTURB, 0x00);
	run_once(&first, &scenario, true, evidence, coverage);
	*failure = first.failure;
	*tally = first.tally;
	if (evidence != NULL && !evidence_close(evidence, &first))
		fprintf(stderr, "sim: the capture could not be written\n");
	if (failure->failed)
		return false;

	/* the same again, elsewhere in memory, without looking in */
	(void)mallopt(M_PERTURB, 0x5a);
	pieces = allocations_in_use();
	run_once(&second, &scenario, false, NULL, NULL);
	if (second.fingerprint.value != first.fingerprint.value)
		sim_fail(&second, "equal inputs give equal outputs", NULL,
			 "two runs of this seed differ: %016llx and %016llx, %llu and %llu steps",
			 (unsigned long long)first.fingerprint.value,
			 (unsigned long long)second.fingerprint.value,
			 (unsigned long long)first.steps, (unsigned long long)second.steps);
	if (allocations_counted() && allocations_in_use() != pieces)
		sim_fail(&second, "nothing leaks", NULL, "%zd pieces of the heap",
			 (ssize_t)(allocations_in_use() - pieces));
	*failure = second.failure;
	return !failure->failed;
}

/* ---- many ---------------------------------------------------------------------------------------------------------- */

/* One per process, in memory that both see; `running` outlives a crash. */
struct worker {
	pid_t pid;
	uint64_t running; /* the seed that is being run */
	struct batch_result result;
};

struct shared {
	_Atomic uint64_t next;
	uint64_t to;
	struct worker worker[JOBS_MOST];
};

static void add_tally(struct tally *into, const struct tally *from)
{
	into->datagrams += from->datagrams;
	into->attacks += from->attacks;
	into->deaths += from->deaths;
	into->recoveries += from->recoveries;
	into->established += from->established;
	into->pairs += from->pairs;
	into->reboots += from->reboots;
	into->virtual_time += from->virtual_time;
}

static void add_failure(struct batch_result *result, uint64_t seed, const struct failure *failure)
{
	result->failed++;
	if (result->failures < BATCH_FAILURES)
		result->failure[result->failures++] =
		    (struct batch_failure){.seed = seed, .failure = *failure};
}

/* A verb that never returns is ended by SIGPROF, and counts as a crash. */
static void watch(void)
{
	static const struct itimerval most = {.it_value = {.tv_sec = SEED_SECONDS}};

	(void)setitimer(ITIMER_PROF, &most, NULL);
}

static void work(struct shared *shared, struct worker *worker)
{
	uint64_t seed;

	while ((seed = atomic_fetch_add(&shared->next, 1)) <= shared->to) {
		struct failure failure = {0};
		struct tally tally = {0};

		worker->running = seed;
		watch();
		if (batch_seed(seed, NULL, &worker->result.coverage, &tally, &failure))
			worker->result.passed++;
		else
			add_failure(&worker->result, seed, &failure);
		add_tally(&worker->result.tally, &tally);
	}
}

static bool start(struct shared *shared, struct worker *worker)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		work(shared, worker);
		_exit(0);
	}
	worker->pid = pid; /* only here: the memory is the child's as well */
	return pid > 0;
}

/* A process that crashed takes its seed with it; another goes on with the rest. */
static bool bury(struct shared *shared, struct worker *worker, int status)
{
	struct failure failure = {.failed = true, .invariant = BATCH_CRASHED};

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	snprintf(failure.text, sizeof(failure.text),
		 WIFSIGNALED(status) ? "ended by signal %d" : "ended with status %d",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	add_failure(&worker->result, worker->running, &failure);
	return start(shared, worker);
}

static struct worker *worker_of(struct shared *shared, unsigned jobs, pid_t pid)
{
	for (unsigned i = 0; i < jobs; i++)
		if (shared->worker[i].pid == pid)
			return &shared->worker[i];
	return NULL;
}

static void merge(struct batch_result *into, const struct batch_result *from)
{
	into->passed += from->passed;
	add_tally(&into->tally, &from->tally);
	coverage_merge(&into->coverage, &from->coverage);
	for (unsigned i = 0; i < from->failures; i++)
		add_failure(into, from->failure[i].seed, &from->failure[i].failure);
	into->failed += from->failed - from->failures;
}

bool batch_run(uint64_t from, uint64_t to, unsigned jobs, struct batch_result *result)
{
	struct shared *shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = shared != MAP_FAILED;
	int status;
	pid_t pid;

	if (!good)
		return false;
	jobs = jobs > JOBS_MOST ? JOBS_MOST : jobs;
	shared->next = from;
	shared->to = to;
	for (unsigned i = 0; i < jobs && good; i++)
		good = start(shared, &shared->worker[i]);
	while ((pid = wait(&status)) > 0) {
		struct worker *worker = worker_of(shared, jobs, pid);

		if (worker != NULL)
			good &= bury(shared, worker, status);
	}
	for (unsigned i = 0; i < jobs; i++)
		merge(result, &shared->worker[i].result);
	munmap(shared, sizeof(*shared));
	/* no seed is lost, whatever becomes of who ran it */
	return good && result->passed + result->failed == to - from + 1;
}
