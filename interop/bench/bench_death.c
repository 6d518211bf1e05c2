/* SPDX-License-Identifier: ISC */
/*
 * bench_death.c - a whole fleet dies at once and returns after a while: how soon that is noticed, what is sent meanwhile, and
 * how long it takes until everybody is back.
 *
 * The gateway is this process: an engine that has every member as a configured peer, with a Phase 1 SA that was put in, and asks.
 * The members are one engine in another process, which answers at an address each in 127.0.0.0/8.  It is killed, and started
 * anew without any state.  Over real sockets, in real time; once, whatever the number of rounds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/bench/bench.h"
#include "interop/bench/death.h"
#include "interop/bench/members.h"
#include "interop/bench/process.h"
#include "interop/node/clock.h"

#define ROOM         "death"
#define AFTER_RETURN 900u        /* seconds at most until all are back */
#define SINCE_ALL_UP 5u          /* seconds that are still watched then */
#define GATEWAY      0x7f000001u /* 127.0.0.1 */

struct scene {
	const struct bench_settings *settings;
	struct members members;
	struct keepalive_peer_settings keepalive;
	struct ike_settings ike;
	struct ike_peer_settings *peer;
	struct engine_loop *gateway;
	struct death_history history;
	ike_time begun, lost_at;
	uint64_t sent, received; /* as they stood at the end of the last second */
	double cpu;
	bool *found;            /* of each peer, that it was found dead before the fleet returned */
	uint32_t deaths, early; /* as many; those before the fleet died are mistakes */
	bool returned;
	ike_time first_death, last_death, longest_silence;
};

/* ---- the gateway --------------------------------------------------------------------------------------------------- */

static void hear(void *context, const struct ike_event *event)
{
	struct scene *scene = context;

	if (event->kind != IKE_EVENT_REPORT || event->report.kind != IKE_REPORT_DEAD)
		return;
	if (scene->lost_at == 0) {
		scene->early++;
		return;
	}
	/* one may die once more when it was called in vain, and in the crowd of the return */
	if (scene->returned || event->peer >= scene->members.count || scene->found[event->peer])
		return;
	scene->found[event->peer] = true;
	if (scene->deaths++ == 0)
		scene->first_death = event->at;
	scene->last_death = event->at;
	if (event->report.duration > scene->longest_silence)
		scene->longest_silence = event->report.duration;
}

static bool note_second(struct scene *scene, struct fault *fault)
{
	struct process_memory memory;
	struct ike_status status;
	struct death_second second;
	double cpu, looked;

	ike_status(engine_loop_core(scene->gateway), &status);
	/* what it takes to look is not the gateway's */
	if (!process_cpu(getpid(), &cpu) || !process_memory(getpid(), &memory, fault) ||
	    !process_cpu(getpid(), &looked))
		return false;
	second = (struct death_second){
	    .established = status.established,
	    .handshakes = status.handshakes,
	    .sent = status.counter[IKE_COUNT_DATAGRAMS_OUT] - scene->sent,
	    .received = status.counter[IKE_COUNT_DATAGRAMS_IN] - scene->received,
	    .cpu = cpu - scene->cpu,
	    .resident = (double)memory.resident,
	};
	scene->sent = status.counter[IKE_COUNT_DATAGRAMS_OUT];
	scene->received = status.counter[IKE_COUNT_DATAGRAMS_IN];
	scene->cpu = looked;
	return death_note(&scene->history, &second) || fault_say(fault, "no memory");
}

static bool run_second(struct scene *scene, struct fault *fault)
{
	engine_loop_run(scene->gateway, scene->begun + (scene->history.seconds + 1) * IKE_SECOND);
	return note_second(scene, fault);
}

static bool run_seconds(struct scene *scene, uint32_t seconds, struct fault *fault)
{
	for (uint32_t i = 0; i < seconds; i++)
		if (!run_second(scene, fault))
			return false;
	return true;
}

static bool open_gateway(struct scene *scene, struct fault *fault)
{
	struct ike_address listen = {.family = IKE_FAMILY_IPV4};
	struct members *members = &scene->members;

	for (int i = 0; i < 4; i++)
		listen.octets[i] = (uint8_t)(GATEWAY >> (24 - 8 * i));
	members_settings(members, &scene->ike);
	scene->peer = calloc(members->count, sizeof(*scene->peer));
	scene->found = calloc(members->count, sizeof(*scene->found));
	if (scene->peer == NULL || scene->found == NULL)
		return fault_say(fault, "no memory for %u peers", members->count);
	if (!members_plan(members, KEEPALIVE_PERIODIC, &scene->keepalive, fault))
		return false;
	scene->ike.peer = scene->peer;
	scene->ike.peers = members->count;
	/* the port of the members is known only when they are there, and they ask for the gateway's */
	for (uint32_t i = 0; i < members->count; i++) {
		members_peer(members, &scene->keepalive, &scene->peer[i]);
		scene->peer[i].gateway[0] = fleet_address(i, 0);
		scene->peer[i].gateways = 1;
	}
	scene->gateway = engine_loop_new(&scene->ike, &listen, hear, scene, fault);
	if (scene->gateway != NULL)
		members->gateway = engine_loop_address(scene->gateway);
	return scene->gateway != NULL;
}

/* The port of the members, for later calls. */
static void tell_port(struct scene *scene)
{
	for (uint32_t i = 0; i < scene->members.count; i++) {
		const struct ike_command command = {
		    .kind = IKE_COMMAND_REPLACE_GATEWAY,
		    .peer = i,
		    .address = fleet_address(i, scene->members.address.port)};

		(void)ike_command(engine_loop_core(scene->gateway), clock_now(), &command);
	}
}

/* Over half of the detection time, as a fleet comes up in life: together they would ask together for ever. */
static bool come_up(struct scene *scene, struct fault *fault)
{
	const uint32_t seconds = (scene->settings->detect + 1) / 2, slices = seconds * 100;
	uint32_t next = 0;

	scene->begun = clock_now();
	for (uint32_t slice = 0; slice < slices; slice++) {
		uint32_t to = (uint32_t)((uint64_t)scene->members.count * (slice + 1) / slices);

		for (; next < to; next++)
			if (!members_put_in(&scene->members, engine_loop_core(scene->gateway), next,
					    true, fault))
				return false;
		engine_loop_run(scene->gateway, scene->begun + (slice + 1) * IKE_SECOND / 100);
		if ((slice + 1) % 100 == 0 && !note_second(scene, fault))
			return false;
	}
	return true;
}

/* ---- the play ------------------------------------------------------------------------------------------------------ */

static bool die_and_return(struct scene *scene, struct fault *fault)
{
	struct death_history *history = &scene->history;
	uint32_t fleet = scene->members.count, alive = scene->settings->detect;

	bench_progress("death: %s alive for %u s", bench_size_text(fleet), alive);
	if (!run_seconds(scene, alive, fault))
		return false;
	if (history->second[history->seconds - 1].established != fleet)
		return fault_say(fault, "%u of %u were alive before the fleet died",
				 history->second[history->seconds - 1].established, fleet);
	bench_progress("death: away for %u s", scene->settings->away);
	members_kill(&scene->members);
	scene->lost_at = clock_now();
	history->lost_at = history->seconds;
	if (!run_seconds(scene, scene->settings->away, fault))
		return false;
	bench_progress("death: %u were found dead; they return", scene->deaths);
	history->back_at = history->seconds;
	scene->returned = true;
	if (!members_start(&scene->members, false, fault))
		return false;
	for (uint32_t i = 0; i < AFTER_RETURN; i++) {
		if (!run_second(scene, fault))
			return false;
		if (history->second[history->seconds - 1].established == scene->members.count)
			break;
	}
	return run_seconds(scene, SINCE_ALL_UP, fault);
}

static bool sample(struct figures *figures, const char *name, const char *unit, double value)
{
	return figures_sample(figures, ROOM, name, unit, 0, value);
}

static double seconds_of(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

/* When so many in a thousand were back, in seconds since they were started again; negative: they never were. */
static double back_after(const struct scene *scene, uint32_t per_mille)
{
	const struct death_history *history = &scene->history;

	for (size_t i = history->back_at; i < history->seconds; i++)
		if ((uint64_t)history->second[i].established * 1000 >=
		    (uint64_t)scene->members.count * per_mille)
			return (double)(i + 1 - history->back_at);
	return -1;
}

static bool put_return(struct scene *scene, struct figures *figures)
{
	double all = back_after(scene, 1000);
	bool good = true;

	if (back_after(scene, 500) > 0)
		good = sample(figures, "half of them are back after", "s", back_after(scene, 500));
	if (good && all > 0)
		return sample(figures, "all are back after", "s", all);
	return good &&
	       figures_note(figures, ROOM, "not all were back after %u s: %u of %u", AFTER_RETURN,
			    scene->history.second[scene->history.seconds - 1].established,
			    scene->members.count);
}

/* When they were found: nothing of that kind where none was. */
static bool put_deaths(const struct scene *scene, struct figures *figures)
{
	return sample(figures, "dead before they were", "peers", scene->early) &&
	       figures_aim(figures, ROOM, "dead before they were", FIGURES_AT_MOST, 0) &&
	       sample(figures, "found dead", "peers", scene->deaths) &&
	       figures_aim(figures, ROOM, "found dead", FIGURES_AT_LEAST, scene->members.count) &&
	       (scene->deaths == 0 ||
		(sample(figures, "the first is found dead after", "s",
			seconds_of(scene->first_death - scene->lost_at)) &&
		 sample(figures, "the last is found dead after", "s",
			seconds_of(scene->last_death - scene->lost_at)) &&
		 sample(figures, "longest silence before a death", "s",
			seconds_of(scene->longest_silence)) &&
		 figures_aim(figures, ROOM, "longest silence before a death", FIGURES_AT_MOST,
			     seconds_of(scene->keepalive.plan.detect) + 0.1)));
}

static bool put(struct scene *scene, struct figures *figures)
{
	const struct death_history *history = &scene->history;
	size_t lost = history->lost_at, back = history->back_at, end = history->seconds;
	size_t noticed = lost + (size_t)seconds_of(scene->keepalive.plan.detect) + 1;
	double mib = 1 << 20;

	return figures_note(figures, ROOM, "%s", bench_size_text(scene->members.count)) &&
	       put_deaths(scene, figures) &&
	       sample(figures, "most datagrams in a second, alive", "a second",
		      (double)death_most_sent(history, 0, lost)) &&
	       sample(figures, "most while they are found dead", "a second",
		      (double)death_most_sent(history, lost, noticed)) &&
	       sample(figures, "most while they are away", "a second",
		      (double)death_most_sent(history, noticed, back)) &&
	       sample(figures, "most when they return", "a second",
		      (double)death_most_sent(history, back, end)) &&
	       sample(figures, "memory, alive", "MiB",
		      death_most_resident(history, 0, lost) / mib) &&
	       sample(figures, "memory, most", "MiB", death_most_resident(history, 0, end) / mib) &&
	       figures_ratio(figures, ROOM, "memory, most to alive", "memory, most",
			     "memory, alive", FIGURES_NO_GOAL, 0) &&
	       put_return(scene, figures);
}

/* Before anything is measured: it takes a quarter of an hour. */
static bool open_file(const char *path, FILE **file, struct fault *fault)
{
	*file = path == NULL ? NULL : fopen(path, "we");
	return path == NULL || *file != NULL || fault_say(fault, "%s: %s", path, strerror(errno));
}

static bool close_file(const char *path, FILE *file, struct fault *fault)
{
	return file == NULL || fclose(file) == 0 ||
	       fault_say(fault, "%s: %s", path, strerror(errno));
}

static bool play(struct scene *scene, struct figures *figures, struct fault *fault)
{
	if (!open_gateway(scene, fault) || !members_start(&scene->members, true, fault))
		return false;
	if (!process_pin(PROCESS_NODE))
		return fault_say(fault, "the gateway cannot be pinned to a processor");
	tell_port(scene);
	if (!come_up(scene, fault) || !die_and_return(scene, fault))
		return false;
	return put(scene, figures) || fault_say(fault, "no memory for figures");
}

static bool play_and_write(struct scene *scene, struct figures *figures, struct fault *fault)
{
	const struct bench_settings *settings = scene->settings;
	FILE *plot = NULL, *series = NULL;
	struct fault other;
	bool good;

	good = open_file(settings->plot, &plot, fault) &&
	       open_file(settings->series, &series, fault) && play(scene, figures, fault);
	if (good && plot != NULL)
		death_plot(&scene->history, scene->members.count, plot);
	if (good && series != NULL)
		death_table(&scene->history, series);
	good = close_file(settings->plot, plot, good ? fault : &other) && good;
	return close_file(settings->series, series, good ? fault : &other) && good;
}

bool bench_death(const struct bench_settings *settings, struct figures *figures,
		 struct fault *fault)
{
	static const uint32_t own[] = {100000};
	uint32_t sizes[BENCH_SIZES_MAX];
	struct scene scene = {.settings = settings};
	bool good;

	(void)bench_sizes(settings, own, 1, sizes);
	good = members_init(&scene.members, sizes[0], settings->detect, settings->seed, fault) &&
	       play_and_write(&scene, figures, fault);
	engine_loop_free(scene.gateway);
	free(scene.peer);
	free(scene.found);
	members_free(&scene.members);
	death_forget(&scene.history);
	return good;
}
