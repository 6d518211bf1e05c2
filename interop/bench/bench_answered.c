/* SPDX-License-Identifier: ISC */
/*
 * bench_answered.c - what an R-U-THERE costs whoever answers it: processor time of the node an exchange, over real sockets, with
 * few established SAs and with many.  In the same rounds the floor: floor.h; and, where it is asked for, another implementation with
 * SAs made by real handshakes: against.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "interop/bench/bench.h"
#include "interop/bench/bench_node.h"
#include "interop/bench/floor.h"
#include "interop/bench/process.h"
#include "interop/bench/prober.h"

#define ROOM      "answered"
#define GOAL      1.3   /* of the floor */
#define FLAT      1.3   /* the most SAs against the fewest: as much as one may be off the floor */
#define WINDOW    512   /* in flight: a socket's buffer takes them */
#define PATIENCE  1000  /* ms */
#define EXCHANGES 40000 /* a round, of each size */
#define EXCHANGES_AGAINST                                                                          \
	10000             /* the same where there is another implementation, which takes its time */
#define WARM_UP      5000 /* of each, before the first round, and not measured */
#define SAMPLE       500  /* one answer in so many is decrypted and checked */
#define SAMPLES_MOST 1024

/* Who answers: a node of some size, or another implementation; and what its members have said so far. */
struct target {
	char name[FIGURES_NAME];
	uint32_t sas, window;
	struct bench_node *node;
	struct against *against; /* NULL: it is a node */
	bool in_bursts;          /* and not by a window */
	bool again; /* the node before, asked otherwise: it has the process and the numbers */
	struct prober *prober;
	struct ike_address address;
	pid_t pid;
	uint32_t *number; /* the next of each member */
};

struct sample {
	size_t length;
	uint8_t data[PROBER_MESSAGE];
};

struct answered {
	const struct bench_settings *settings;
	struct figures *figures;
	struct fleet *fleet;
	struct prober *prober, *prober_against;
	struct echo *echo;
	struct target target[BENCH_SIZES_MAX + 2];
	size_t targets;
	struct random_source random; /* the order in which they are asked */
	uint32_t message_id;         /* counted up: fresh under every SA */
	struct probe *probe;
	struct sample sample[SAMPLES_MOST];
	size_t samples;
};

/* ---- questions ----------------------------------------------------------------------------------------------------- */

static void keys_of(const struct answered *a, const struct target *target, uint32_t member,
		    struct fleet_keys *keys)
{
	if (target->against != NULL)
		*keys = *against_keys(target->against, member);
	else
		fleet_keys(a->fleet, member, keys);
}

static void make_probe(struct answered *a, struct target *target, struct probe *probe)
{
	struct fleet_keys keys;

	*probe = (struct probe){.member = random_below(&a->random, target->sas)};
	probe->number = target->number[probe->member]++;
	if (target->against == NULL)
		probe->from = fleet_address(probe->member, 0);
	keys_of(a, target, probe->member, &keys);
	probe->length =
	    (uint16_t)fleet_write(a->fleet, &keys, IKE_NOTIFY_R_U_THERE, ++a->message_id,
				  probe->number, probe->message, sizeof(probe->message));
}

static void keep(void *context, const uint8_t *data, size_t length)
{
	struct answered *a = context;
	struct sample *sample = &a->sample[a->samples];

	if (a->samples == SAMPLES_MOST || length > sizeof(sample->data))
		return;
	sample->length = length;
	memcpy(sample->data, data, length);
	a->samples++;
}

/* Whether it answers one of those probes, with HASH(1) and number right. */
static bool is_answer(const struct answered *a, const struct target *target,
		      const struct sample *sample, size_t probes)
{
	for (size_t i = 0; i < probes; i++) {
		const struct probe *probe = &a->probe[i];
		struct fleet_keys keys;
		uint32_t number;

		if (memcmp(probe->message, sample->data, sizeof(keys.cky_i)) != 0)
			continue;
		keys_of(a, target, probe->member, &keys);
		if (!fleet_read(a->fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK,
				octets_of(sample->data, sample->length), &number))
			return false;
		if (number == probe->number)
			return true;
	}
	return false;
}

static bool check_samples(const struct answered *a, const struct target *target, size_t probes,
			  struct fault *fault)
{
	if (a->samples == 0)
		return fault_say(fault, "no answer was checked");
	for (size_t i = 0; i < a->samples; i++)
		if (!is_answer(a, target, &a->sample[i], probes))
			return fault_say(fault,
					 "%s: what came back is no R-U-THERE-ACK of what was asked",
					 target->name);
	return true;
}

/* ---- one measurement ----------------------------------------------------------------------------------------------- */

static bool note_losses(struct answered *a, const char *what, const struct prober_result *result,
			struct fault *fault)
{
	if (result->lost + result->strange == 0)
		return true;
	return figures_note(a->figures, ROOM,
			    "%s: of %llu asked %llu were not answered, %llu of them dropped at the "
			    "asking socket; %llu strange datagrams",
			    what, (unsigned long long)result->sent,
			    (unsigned long long)result->lost, (unsigned long long)result->dropped,
			    (unsigned long long)result->strange) ||
	       fault_say(fault, "no memory");
}

/* Processor time of `pid` for each answer, microseconds. */
static bool measure(struct answered *a, pid_t pid, struct prober *prober,
		    const struct prober_settings *how, size_t count, const char *what, double *each,
		    struct fault *fault)
{
	struct prober_result result;
	double before, after;

	a->samples = 0;
	prober_drain(prober);
	if (!process_cpu_at_rest(pid, what, &before, fault) ||
	    !prober_run(prober, how, a->probe, count, &result, fault) ||
	    !process_cpu_at_rest(pid, what, &after, fault))
		return false;
	if (result.answered == 0)
		return fault_say(fault, "%s: nothing was answered", what);
	*each = (after - before) / (double)result.answered * 1e6;
	return note_losses(a, what, &result, fault);
}

static bool ask(struct answered *a, struct target *target, size_t count, double *each,
		struct fault *fault)
{
	const struct prober_settings how = {.to = target->address,
					    .window = target->window,
					    .patience = PATIENCE,
					    .hold = target->in_bursts ? target->pid : 0,
					    .sample = count < SAMPLE ? 1 : SAMPLE,
					    .keep = keep,
					    .context = a};

	for (size_t i = 0; i < count; i++)
		make_probe(a, target, &a->probe[i]);
	return measure(a, target->pid, target->prober, &how, count, target->name, each, fault) &&
	       check_samples(a, target, count, fault);
}

/* The datagrams are those that were asked last. */
static bool ask_echo(struct answered *a, size_t count, double *each, struct fault *fault)
{
	const struct prober_settings how = {.to = echo_address(a->echo),
					    .window = WINDOW,
					    .patience = PATIENCE,
					    .hold = echo_pid(a->echo),
					    .sample = 1};

	return measure(a, echo_pid(a->echo), a->prober, &how, count, "echo", each, fault);
}

/* ---- rounds -------------------------------------------------------------------------------------------------------- */

static bool put(struct answered *a, unsigned round, const char *name, double value,
		struct fault *fault)
{
	return figures_sample(a->figures, ROOM, name, "us of CPU each", round, value) ||
	       fault_say(fault, "no memory for figures");
}

static bool one_round(struct answered *a, unsigned round, size_t count, struct fault *fault)
{
	double crypto, echo = 0, each = 0;

	bench_progress("answered: round %u of %u", round + 1, a->settings->rounds);
	for (size_t i = 0; i < a->targets; i++)
		if (!ask(a, &a->target[i], count, &each, fault) ||
		    !put(a, round, a->target[i].name, each, fault))
			return false;
	crypto = floor_crypto(a->fleet, 1000, (uint32_t)count) * 1e6;
	if (crypto < 0)
		return fault_say(fault, "the bare cryptography could not be measured");
	if (!ask_echo(a, count, &echo, fault))
		return false;
	return put(a, round, "floor: cryptography", crypto, fault) &&
	       put(a, round, "floor: system calls", echo, fault) &&
	       put(a, round, "floor", crypto + echo, fault);
}

static bool ratio(struct answered *a, const char *top, const char *bottom, enum figures_goal goal,
		  double bound, struct fault *fault)
{
	char name[2 * FIGURES_NAME + 3];

	snprintf(name, sizeof(name), "%s / %s", top, bottom);
	return figures_ratio(a->figures, ROOM, name, top, bottom, goal, bound) ||
	       fault_say(fault, "no memory for figures");
}

static bool set_goals(struct answered *a, struct fault *fault)
{
	const struct target *first = &a->target[0], *last = first;
	double goal = a->settings->against.goal;

	for (size_t i = 0; i < a->targets; i++) {
		const struct target *target = &a->target[i];

		if (target->against != NULL) {
			/* so many times as dear as a node of the same size that is asked in the same way */
			if (!ratio(a, target->name, last->name,
				   goal > 0 ? FIGURES_AT_LEAST : FIGURES_NO_GOAL, goal, fault))
				return false;
			continue;
		}
		last = target;
		if (target->again)
			continue; /* the floor is of bursts */
		if (!ratio(a, target->name, "floor", FIGURES_AT_MOST, GOAL, fault))
			return false;
	}
	return last == first || last->again ||
	       ratio(a, last->name, first->name, FIGURES_AT_MOST, FLAT, fault);
}

static bool warm_up(struct answered *a, size_t count, struct fault *fault)
{
	double unused;

	for (size_t i = 0; i < a->targets; i++)
		if (!ask(a, &a->target[i], count, &unused, fault))
			return false;
	return ask_echo(a, count, &unused, fault);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool set_up(struct target *target, uint32_t sas, struct prober *prober, uint32_t window,
		   struct fault *fault)
{
	target->sas = sas;
	target->prober = prober;
	target->window = window;
	target->number = calloc(sas, sizeof(*target->number));
	for (uint32_t i = 0; target->number != NULL && i < sas; i++)
		target->number[i] = i + 1;
	return target->number != NULL || fault_say(fault, "no memory");
}

static bool start_node(struct answered *a, uint32_t sas, struct fault *fault)
{
	struct bench_node_settings settings = {.seed = a->settings->seed,
					       .sas = sas,
					       .processor = PROCESS_NODE,
					       .port = prober_port(a->prober),
					       .unconfined = a->settings->unconfined};
	struct target *target = &a->target[a->targets++];

	bench_progress("answered: %s are put in", bench_size_text(sas));
	snprintf(target->name, sizeof(target->name), "%s", bench_size_text(sas));
	if (!set_up(target, sas, a->prober, WINDOW, fault))
		return false;
	keepalive_settings_default(&settings.keepalive);
	settings.keepalive.mode =
	    KEEPALIVE_OFF; /* it answers; what asking costs is another figure */
	target->node = bench_node_start(&settings, fault);
	if (target->node == NULL)
		return false;
	target->address = bench_node_address(target->node);
	target->pid = bench_node_pid(target->node);
	target->in_bursts = true;
	return true;
}

/* The node that was started last, by the window that the other implementation is asked by: awake for every few questions. */
static void ask_again(struct answered *a, uint32_t window)
{
	struct target *target = &a->target[a->targets];

	*target = a->target[a->targets++ - 1];
	target->window = window;
	target->in_bursts = false;
	target->again = true;
	snprintf(target->name, sizeof(target->name), "%s, window of %u",
		 bench_size_text(target->sas), window);
}

/* What its process has more than before it had the SAs: right only of one that was just started. */
static bool put_memory(struct answered *a, const struct target *target,
		       const struct process_memory *before, struct fault *fault)
{
	struct process_memory after;
	char name[2 * FIGURES_NAME];

	snprintf(name, sizeof(name), "RSS of an SA, %s", target->name);
	return process_memory(target->pid, &after, fault) &&
	       (figures_sample(a->figures, "memory", name, "octets", 0,
			       ((double)after.resident - (double)before->resident) / target->sas) ||
		fault_say(fault, "no memory for figures"));
}

static bool start_against(struct answered *a, uint32_t sas, struct fault *fault)
{
	const struct against_settings *settings = &a->settings->against;
	struct target *target = &a->target[a->targets++];
	struct ike_address from = {.family = IKE_FAMILY_IPV4};
	struct process_memory before;
	double spent;

	if (settings->peer.local_port != ONE_PEER_PORT_UNSAID)
		from.port = (uint16_t)settings->peer.local_port;
	target->pid = (pid_t)settings->pid;
	if (!process_cpu(target->pid, &spent))
		return fault_say(fault, "--pid: there is no process %u", settings->pid);
	bench_progress("answered: %s with %s", bench_size_text(sas), settings->name);
	snprintf(target->name, sizeof(target->name), "%s, %s", settings->name,
		 bench_size_text(sas));
	a->prober_against = prober_new(&from, fault);
	if (a->prober_against == NULL ||
	    !set_up(target, sas, a->prober_against, settings->window, fault) ||
	    !process_memory(target->pid, &before, fault))
		return false;
	target->against = against_new(settings, sas, prober_descriptor(a->prober_against), fault);
	if (target->against == NULL)
		return false;
	target->address = against_address(target->against);
	return put_memory(a, target, &before, fault);
}

static bool start(struct answered *a, size_t count, struct fault *fault)
{
	static const uint32_t own[] = {1000, 5000, 100000, 1000000};
	static const uint8_t seed[RANDOM_SEED_LENGTH] = "the order of the questions";
	const struct ike_address any = {.family = IKE_FAMILY_IPV4};
	bool against = a->settings->against.gateway != NULL;
	uint32_t sizes[BENCH_SIZES_MAX];
	size_t count_of_sizes = bench_sizes(a->settings, own, against ? 1 : 4, sizes);

	random_seeded(&a->random, seed);
	a->fleet = fleet_new(a->settings->seed);
	a->probe = calloc(count, sizeof(*a->probe));
	if (a->fleet == NULL || a->probe == NULL)
		return fault_say(fault, "no memory");
	a->prober = prober_new(&any, fault);
	if (a->prober == NULL)
		return false;
	for (size_t i = 0; i < count_of_sizes; i++)
		if (!start_node(a, sizes[i], fault))
			return false;
	if (against)
		ask_again(a, a->settings->against.window);
	a->echo = echo_start(fault);
	if (!process_pin(PROCESS_LOAD))
		return fault_say(fault, "whoever asks cannot be pinned to a processor");
	return a->echo != NULL && (!against || start_against(a, sizes[count_of_sizes - 1], fault));
}

static void stop(struct answered *a)
{
	for (size_t i = 0; i < a->targets; i++) {
		if (a->target[i].again)
			continue;
		bench_node_stop(a->target[i].node);
		against_free(a->target[i].against);
		free(a->target[i].number);
	}
	echo_stop(a->echo);
	prober_free(a->prober);
	prober_free(a->prober_against);
	fleet_free(a->fleet);
	free(a->probe);
	free(a);
}

bool bench_answered(const struct bench_settings *settings, struct figures *figures,
		    struct fault *fault)
{
	size_t own = settings->against.gateway != NULL ? EXCHANGES_AGAINST : EXCHANGES;
	size_t count = settings->exchanges > 0 ? settings->exchanges : own;
	struct answered *a = calloc(1, sizeof(*a));
	bool good;

	if (a == NULL)
		return fault_say(fault, "no memory");
	a->settings = settings;
	a->figures = figures;
	good = start(a, count, fault) && set_goals(a, fault) &&
	       warm_up(a, count < WARM_UP ? count : WARM_UP, fault);
	for (unsigned round = 0; good && round < settings->rounds; round++)
		good = one_round(a, round, count, fault);
	stop(a);
	return good;
}
