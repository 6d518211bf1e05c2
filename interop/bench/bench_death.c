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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ike/identity.h"
#include "interop/bench/bench.h"
#include "interop/bench/death.h"
#include "interop/bench/engine_loop.h"
#include "interop/bench/fleet.h"
#include "interop/bench/process.h"
#include "interop/node/clock.h"
#include "keepalive/extension.h"

#define ROOM         "death"
#define HALF_OPEN    4096u       /* Phase 1 negotiations at a time, on either side */
#define COMES_UP     10u         /* seconds over which the fleet is put in */
#define QUIET_LIFE   20u         /* seconds before it dies */
#define AFTER_RETURN 900u        /* seconds at most until all are back */
#define SINCE_ALL_UP 5u          /* seconds that are still watched then */
#define GATEWAY      0x7f000001u /* 127.0.0.1 */
#define SECRET       "the fleet's secret"

struct members {
	pid_t pid;
	struct ike_address address; /* with their port */
};

struct scene {
	const struct bench_settings *settings;
	uint32_t fleet;
	struct fleet *keys;
	struct secret *secret;
	struct keepalive_peer_settings keepalive;
	struct ike_settings ike;
	struct ike_peer_settings *peer;
	struct engine_loop *gateway;
	struct members members;
	struct death_history history;
	ike_time begun, lost_at;
	uint64_t sent, received; /* as they stood at the end of the last second */
	double cpu;
	uint32_t deaths, early; /* those before the fleet died are mistakes */
	ike_time first_death, last_death, longest_silence;
};

/* ---- settings ------------------------------------------------------------------------------------------------------ */

static bool plan(struct keepalive_peer_settings *keepalive, enum keepalive_mode mode,
		 struct fault *fault)
{
	struct keepalive_settings settings;

	keepalive_settings_default(&settings);
	settings.mode = mode;
	recovery_settings_default(&keepalive->recovery);
	return keepalive_plan(&settings, &keepalive->plan, fault->text, sizeof(fault->text)) ==
	       KEEPALIVE_PLAN_OK;
}

static void settle_limits(struct ike_settings *ike, uint32_t fleet)
{
	ike_limits_default(&ike->limits);
	ike->limits.sas = fleet + HALF_OPEN;
	ike->limits.handshakes = HALF_OPEN;
	ike->limits.handshakes_per_source = HALF_OPEN; /* the gateway is one source */
	ike->extension = keepalive_extension();
	ike->allow_import = true;
}

static bool fill_peer(struct ike_peer_settings *peer, const struct secret *secret,
		      const struct keepalive_peer_settings *keepalive)
{
	*peer = (struct ike_peer_settings){
	    .name = "member",
	    .secret = secret,
	    .proposals = 1,
	    .lifetime = 604800,
	    .obey_initial_contact = true,
	    .extension_settings = keepalive,
	};
	return secret != NULL && ike_proposal_parse(FLEET_PROPOSAL, &peer->proposal[0]);
}

/* Both ends of a member's SA: the gateway has begun it. */
static void fill_import(const struct scene *scene, uint32_t index, uint16_t port, bool of_gateway,
			struct ike_import *import)
{
	struct ike_address gateway = engine_loop_address(scene->gateway);
	struct ike_address member = fleet_address(index, port);
	struct fleet_keys keys;

	fleet_keys(scene->keys, index, &keys);
	*import = (struct ike_import){
	    .initiator = of_gateway,
	    .supported = true,
	    .local = of_gateway ? gateway : member,
	    .remote = of_gateway ? member : gateway,
	    .proposal = scene->peer[0].proposal[0],
	    .keys = keys.keys,
	    .lifetime = 604800,
	};
	memcpy(import->cky_i, keys.cky_i, IKE_COOKIE_LENGTH);
	memcpy(import->cky_r, keys.cky_r, IKE_COOKIE_LENGTH);
	ike_identity_of_address(&import->remote, &import->remote_identity);
}

static bool put_in(struct ike_core *core, uint32_t peer, const struct ike_import *import,
		   struct fault *fault)
{
	const struct ike_command command = {
	    .kind = IKE_COMMAND_IMPORT, .peer = peer, .import = import};

	return ike_command(core, clock_now(), &command) ||
	       fault_say(fault, "an SA could not be put in: memory?");
}

/* ---- the members --------------------------------------------------------------------------------------------------- */

struct ready {
	bool good;
	struct ike_address address;
	struct fault fault;
};

/* Only answers; `known`: with the SAs that were put in at the gateway, else without any. */
static bool open_members(const struct scene *scene, uint16_t port, bool known,
			 struct engine_loop **loop, struct ready *ready)
{
	static struct keepalive_peer_settings keepalive;
	static struct ike_peer_settings peer;
	static struct ike_settings ike;
	const struct ike_address listen = {.family = IKE_FAMILY_IPV4, .port = port};

	if (!plan(&keepalive, KEEPALIVE_OFF, &ready->fault) ||
	    !fill_peer(&peer, scene->secret, &keepalive))
		return false;
	settle_limits(&ike, scene->fleet);
	ike.peer = &peer;
	ike.peers = 1;
	*loop = engine_loop_new(&ike, &listen, NULL, NULL, &ready->fault);
	if (*loop == NULL)
		return false;
	ready->address = engine_loop_address(*loop);
	for (uint32_t i = 0; known && i < scene->fleet; i++) {
		struct ike_import import;

		fill_import(scene, i, ready->address.port, false, &import);
		if (!put_in(engine_loop_core(*loop), 0, &import, &ready->fault))
			return false;
	}
	return true;
}

static int be_members(const struct scene *scene, uint16_t port, bool known, int line)
{
	struct engine_loop *loop = NULL;
	struct ready ready;

	memset(&ready, 0, sizeof(ready));
	(void)process_pin(0);
	ready.good = open_members(scene, port, known, &loop, &ready);
	if (write(line, &ready, sizeof(ready)) != (ssize_t)sizeof(ready) || !ready.good)
		return 1;
	for (;;)
		engine_loop_run(loop, clock_now() + IKE_SECOND);
}

static bool start_members(struct scene *scene, uint16_t port, bool known, struct fault *fault)
{
	struct ready ready = {.good = false};
	int line[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0)
		return fault_say(fault, "no other process: %s", strerror(errno));
	scene->members.pid = fork();
	if (scene->members.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(line[0]);
		_exit(be_members(scene, port, known, line[1]));
	}
	close(line[1]);
	if (scene->members.pid < 0)
		fault_say(fault, "no other process: %s", strerror(errno));
	else if (recv(line[0], &ready, sizeof(ready), MSG_WAITALL) != (ssize_t)sizeof(ready))
		fault_say(fault, "the members have ended");
	else if (!ready.good)
		*fault = ready.fault;
	close(line[0]);
	scene->members.address = ready.address;
	return ready.good;
}

static void kill_members(struct scene *scene)
{
	if (scene->members.pid <= 0)
		return;
	kill(scene->members.pid, SIGKILL);
	(void)waitpid(scene->members.pid, NULL, 0);
	scene->members.pid = 0;
}

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
	double cpu;

	ike_status(engine_loop_core(scene->gateway), &status);
	if (!process_memory(getpid(), &memory, fault) || !process_cpu(getpid(), &cpu))
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
	scene->cpu = cpu;
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

	for (int i = 0; i < 4; i++)
		listen.octets[i] = (uint8_t)(GATEWAY >> (24 - 8 * i));
	settle_limits(&scene->ike, scene->fleet);
	scene->secret = secret_new(octets_of(SECRET, sizeof(SECRET) - 1));
	scene->keys = fleet_new(scene->settings->seed);
	scene->peer = calloc(scene->fleet, sizeof(*scene->peer));
	if (scene->peer == NULL || scene->keys == NULL)
		return fault_say(fault, "no memory for %u peers", scene->fleet);
	if (!plan(&scene->keepalive, KEEPALIVE_PERIODIC, fault))
		return false;
	scene->ike.peer = scene->peer;
	scene->ike.peers = scene->fleet;
	/* the port of the members is known only when they are there, and they ask for the gateway's */
	for (uint32_t i = 0; i < scene->fleet; i++) {
		if (!fill_peer(&scene->peer[i], scene->secret, &scene->keepalive))
			return fault_say(fault, "no memory");
		scene->peer[i].gateway[0] = fleet_address(i, 0);
		scene->peer[i].gateways = 1;
	}
	scene->gateway = engine_loop_new(&scene->ike, &listen, hear, scene, fault);
	return scene->gateway != NULL;
}

/* The port of the members, for later calls. */
static void tell_port(struct scene *scene)
{
	for (uint32_t i = 0; i < scene->fleet; i++) {
		const struct ike_command command = {
		    .kind = IKE_COMMAND_REPLACE_GATEWAY,
		    .peer = i,
		    .address = fleet_address(i, scene->members.address.port)};

		(void)ike_command(engine_loop_core(scene->gateway), clock_now(), &command);
	}
}

/* Over some seconds, as a fleet comes up in life: together they would ask together for ever. */
static bool come_up(struct scene *scene, struct fault *fault)
{
	const uint32_t slices = COMES_UP * 100;
	uint32_t next = 0;

	scene->begun = clock_now();
	for (uint32_t slice = 0; slice < slices; slice++) {
		uint32_t to = (uint32_t)((uint64_t)scene->fleet * (slice + 1) / slices);

		for (; next < to; next++) {
			struct ike_import import;

			fill_import(scene, next, scene->members.address.port, true, &import);
			if (!put_in(engine_loop_core(scene->gateway), next, &import, fault))
				return false;
		}
		engine_loop_run(scene->gateway,
				scene->begun + (slice + 1) * COMES_UP * IKE_SECOND / slices);
		if ((slice + 1) % 100 == 0 && !note_second(scene, fault))
			return false;
	}
	return true;
}

/* ---- the play ------------------------------------------------------------------------------------------------------ */

static bool die_and_return(struct scene *scene, struct fault *fault)
{
	struct death_history *history = &scene->history;
	uint16_t port = scene->members.address.port;

	bench_progress("death: %s alive for %u s", bench_size_text(scene->fleet), QUIET_LIFE);
	if (!run_seconds(scene, QUIET_LIFE, fault))
		return false;
	if (history->second[history->seconds - 1].established != scene->fleet)
		return fault_say(fault, "%u of %u were alive before the fleet died",
				 history->second[history->seconds - 1].established, scene->fleet);
	bench_progress("death: away for %u s", scene->settings->away);
	kill_members(scene);
	scene->lost_at = clock_now();
	history->lost_at = history->seconds;
	if (!run_seconds(scene, scene->settings->away, fault))
		return false;
	bench_progress("death: %u were found dead; they return", scene->deaths);
	history->back_at = history->seconds;
	if (!start_members(scene, port, false, fault))
		return false;
	for (uint32_t i = 0; i < AFTER_RETURN; i++) {
		if (!run_second(scene, fault))
			return false;
		if (history->second[history->seconds - 1].established == scene->fleet)
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
		    (uint64_t)scene->fleet * per_mille)
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
			    scene->fleet);
}

static bool put(struct scene *scene, struct figures *figures)
{
	const struct death_history *history = &scene->history;
	size_t lost = history->lost_at, back = history->back_at, end = history->seconds;
	size_t noticed = lost + (size_t)seconds_of(scene->keepalive.plan.detect) + 1;
	double mib = 1 << 20;

	return figures_note(figures, ROOM, "%s; %u deaths before there was one",
			    bench_size_text(scene->fleet), scene->early) &&
	       sample(figures, "found dead", "peers", scene->deaths) &&
	       figures_aim(figures, ROOM, "found dead", FIGURES_AT_LEAST, scene->fleet) &&
	       sample(figures, "the first is found dead after", "s",
		      seconds_of(scene->first_death - scene->lost_at)) &&
	       sample(figures, "the last is found dead after", "s",
		      seconds_of(scene->last_death - scene->lost_at)) &&
	       sample(figures, "longest silence before a death", "s",
		      seconds_of(scene->longest_silence)) &&
	       figures_aim(figures, ROOM, "longest silence before a death", FIGURES_AT_MOST,
			   seconds_of(scene->keepalive.plan.detect) + 0.1) &&
	       sample(figures, "most datagrams in a second, alive", "a second",
		      (double)death_most_sent(history, COMES_UP, lost)) &&
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
	(void)process_processors();
	if (!open_gateway(scene, fault) || !start_members(scene, 0, true, fault))
		return false;
	(void)process_pin(1);
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
		death_plot(&scene->history, scene->fleet, plot);
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
	scene.fleet = sizes[0];
	good = play_and_write(&scene, figures, fault);
	kill_members(&scene);
	engine_loop_free(scene.gateway);
	fleet_free(scene.keys);
	secret_free(scene.secret);
	free(scene.peer);
	death_forget(&scene.history);
	return good;
}
