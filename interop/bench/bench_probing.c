/* SPDX-License-Identifier: ISC */
/*
 * bench_probing.c - a fleet kept alive in real time: a gateway in one process, all of its members in another, over real sockets.
 *
 * The SAs are put in evenly over one interval, so that the questions are spread as those of a fleet that came up one by one; the
 * measurement begins one more interval later, when every SA has been asked at least once, and is cut into as many slices as there are to be
 * rounds.  Who is asked in an interval needs not ask in it (R41), so with both sides asking there are hardly more questions than
 * with one.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "interop/bench/bench.h"
#include "interop/bench/bench_node.h"
#include "interop/bench/process.h"
#include "interop/node/clock.h"
#include "interop/node/udp_address.h"

#define MISSES       5
#define LEAST_RETRY  (IKE_SECOND / 5)
#define TRAFFIC_EACH 3 /* there is something to send three times an interval, on demand */

enum side { GATEWAY, MEMBERS, SIDES };

struct scenario {
	const char *room;
	enum keepalive_mode mode[SIDES];
	unsigned intervals[SIDES]; /* of silence, before it asks */
	bool traffic;
};

/* What is read at the ends of a slice. */
struct reading {
	ike_time at;
	double cpu[SIDES];
	uint64_t drops[SIDES];
	struct bench_node_status status[SIDES];
};

struct probing {
	const struct scenario *scenario;
	const struct bench_settings *settings;
	struct figures *figures;
	uint32_t sas;
	uint16_t port[SIDES];
	struct bench_node *node[SIDES];
};

static const char *const side_name[SIDES] = {"gateway", "members"};

/* ---- beginning ----------------------------------------------------------------------------------------------------- */

/* Each side must know the other's port before there is the other. */
static bool find_ports(uint16_t port[SIDES], struct fault *fault)
{
	const struct ike_address any = {.family = IKE_FAMILY_IPV4};
	int descriptor[SIDES];
	bool good = true;

	for (int side = 0; side < SIDES; side++) {
		struct sockaddr_storage name;
		socklen_t length = udp_to_sockaddr(&any, &name);

		descriptor[side] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		good = good && descriptor[side] >= 0 &&
		       bind(descriptor[side], (struct sockaddr *)&name, length) == 0 &&
		       getsockname(descriptor[side], (struct sockaddr *)&name, &length) == 0;
		if (good)
			port[side] = udp_of_sockaddr(&name).port;
	}
	for (int side = 0; side < SIDES; side++)
		if (descriptor[side] >= 0)
			close(descriptor[side]);
	return good || fault_say(fault, "no port is free: %s", strerror(errno));
}

static void set_plan(const struct probing *p, enum side side, struct keepalive_settings *keepalive)
{
	ike_time retry = p->settings->interval / 6;

	*keepalive = (struct keepalive_settings){
	    .mode = p->scenario->mode[side],
	    .worry = p->settings->interval * p->scenario->intervals[side],
	    .retry = retry < LEAST_RETRY ? LEAST_RETRY : retry,
	    .misses = MISSES,
	};
	if (keepalive->mode == KEEPALIVE_OFF)
		keepalive_settings_default(keepalive);
	keepalive->mode = p->scenario->mode[side];
}

static bool start_nodes(struct probing *p, struct fault *fault)
{
	if (!find_ports(p->port, fault))
		return false;
	for (int side = MEMBERS; side >= GATEWAY; side--) {
		struct bench_node_settings settings = {
		    .seed = p->settings->seed,
		    .sas = p->sas,
		    .members = side == MEMBERS,
		    .port = p->port[side == MEMBERS ? GATEWAY : MEMBERS],
		    .own_port = p->port[side],
		    .processor = side == GATEWAY ? PROCESS_NODE : PROCESS_LOAD,
		    .ramp = p->settings->interval,
		    .unconfined = p->settings->unconfined,
		};

		set_plan(p, (enum side)side, &settings.keepalive);
		if (side == GATEWAY && p->scenario->traffic)
			settings.traffic = p->settings->interval / TRAFFIC_EACH;
		p->node[side] = bench_node_start(&settings, fault);
		if (p->node[side] == NULL)
			return false;
	}
	return true;
}

/* ---- slices -------------------------------------------------------------------------------------------------------- */

static bool read_all(struct probing *p, struct reading *reading, struct fault *fault)
{
	reading->at = clock_now();
	for (int side = 0; side < SIDES; side++)
		if (!process_cpu(bench_node_pid(p->node[side]), &reading->cpu[side]) ||
		    !process_udp_drops(p->port[side], &reading->drops[side]) ||
		    !bench_node_status(p->node[side], true, &reading->status[side]))
			return fault_say(fault, "the process of the %s has ended", side_name[side]);
	return true;
}

static void wait_until(ike_time when)
{
	struct timespec pause;
	ike_time now = clock_now();

	if (now >= when)
		return;
	pause.tv_sec = (time_t)((when - now) / IKE_SECOND);
	pause.tv_nsec = (long)((when - now) % IKE_SECOND * 1000);
	while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
		;
}

static bool put(struct probing *p, unsigned round, const char *what, const char *unit, double value,
		struct fault *fault)
{
	char name[2 * FIGURES_NAME];

	snprintf(name, sizeof(name), "%s, %s", bench_size_text(p->sas), what);
	return figures_sample(p->figures, p->scenario->room, name, unit, round, value) ||
	       fault_say(fault, "no memory for figures");
}

static bool put_side(struct probing *p, unsigned round, enum side side, const struct reading *from,
		     const struct reading *to, struct fault *fault)
{
	const struct bench_node_status *a = &from->status[side], *b = &to->status[side];
	double seconds = (double)(to->at - from->at) / (double)IKE_SECOND;
	const struct {
		const char *what, *unit;
		double value;
		bool asks; /* only of a side that asks */
	} rows[] = {
	    {"share of a core", "share", (to->cpu[side] - from->cpu[side]) / seconds, false},
	    {"asks", "questions/s", (double)(b->asked - a->asked) / seconds, false},
	    {"answers", "answers/s", (double)(b->answered - a->answered) / seconds, false},
	    {"asked, not answered", "questions",
	     (double)(b->asked - a->asked) - (double)(b->alive - a->alive), true},
	    {"asks late, half", "ms", (double)b->late_half / 1e3, true},
	    {"asks late, 99.9 %", "ms", (double)b->late_999 / 1e3, true},
	    {"asks late, most", "ms", (double)b->late_most / 1e3, true},
	    {"dropped at its socket", "datagrams", (double)(to->drops[side] - from->drops[side]),
	     false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char what[FIGURES_NAME];

		if (rows[i].asks && b->asked == a->asked)
			continue;
		snprintf(what, sizeof(what), "%s: %s", side_name[side], rows[i].what);
		if (!put(p, round, what, rows[i].unit, rows[i].value, fault))
			return false;
	}
	return true;
}

/* What else there is to be known of the whole time. */
static bool note_side(struct probing *p, enum side side, const struct reading *from,
		      const struct reading *to, struct fault *fault)
{
	const struct bench_node_status *a = &from->status[side], *b = &to->status[side];

	return figures_note(
		   p->figures, p->scenario->room,
		   "%s, %s: %llu SAs; asked %llu, of which %llu were answered; answered %llu; "
		   "%llu messages refused, %llu datagrams not sent; %llu dead; %llu times "
		   "something to send to all; %llu events missed, %llu questions of unknown "
		   "lateness",
		   bench_size_text(p->sas), side_name[side], (unsigned long long)b->established,
		   (unsigned long long)(b->asked - a->asked),
		   (unsigned long long)(b->alive - a->alive),
		   (unsigned long long)(b->answered - a->answered),
		   (unsigned long long)(b->refused - a->refused),
		   (unsigned long long)(b->unsent - a->unsent), (unsigned long long)b->dead,
		   (unsigned long long)(b->wanted - a->wanted),
		   (unsigned long long)(b->missed - a->missed),
		   (unsigned long long)(b->unpaired - a->unpaired)) ||
	       fault_say(fault, "no memory for figures");
}

static bool slices(struct probing *p, struct fault *fault)
{
	ike_time slice = p->settings->time / p->settings->rounds;
	struct reading begun, from, to;

	if (!read_all(p, &begun, fault))
		return false;
	from = begun;
	for (unsigned round = 0; round < p->settings->rounds; round++) {
		wait_until(begun.at + slice * (round + 1));
		if (!read_all(p, &to, fault))
			return false;
		for (int side = 0; side < SIDES; side++)
			if (!put_side(p, round, (enum side)side, &from, &to, fault))
				return false;
		from = to;
	}
	for (int side = 0; side < SIDES; side++)
		if (!note_side(p, (enum side)side, &begun, &to, fault))
			return false;
	return true;
}

static bool one_size(const struct bench_settings *settings, struct figures *figures,
		     const struct scenario *scenario, uint32_t sas, struct fault *fault)
{
	struct probing p = {
	    .scenario = scenario, .settings = settings, .figures = figures, .sas = sas};
	bool good;

	bench_progress("%s: %s, %.0f s until all are asked, then %.0f s", scenario->room,
		       bench_size_text(sas), 2 * (double)settings->interval / IKE_SECOND,
		       (double)settings->time / IKE_SECOND);
	good = start_nodes(&p, fault);
	if (good) {
		wait_until(clock_now() + 2 * settings->interval);
		good = slices(&p, fault);
	}
	for (int side = 0; side < SIDES; side++)
		bench_node_stop(p.node[side]);
	return good;
}

static bool run(const struct bench_settings *settings, struct figures *figures,
		const struct scenario *scenario, struct fault *fault)
{
	static const uint32_t own[] = {1000000};
	uint32_t sizes[BENCH_SIZES_MAX];
	size_t count = bench_sizes(settings, own, 1, sizes);

	for (size_t i = 0; i < count; i++)
		if (!one_size(settings, figures, scenario, sizes[i], fault))
			return false;
	return true;
}

/* ---- the scenarios ------------------------------------------------------------------------------------------------- */

bool bench_probing(const struct bench_settings *settings, struct figures *figures,
		   struct fault *fault)
{
	static const struct scenario scenario = {
	    .room = "probing", .mode = {KEEPALIVE_PERIODIC, KEEPALIVE_OFF}, .intervals = {1, 1}};

	return run(settings, figures, &scenario, fault);
}

bool bench_mutual(const struct bench_settings *settings, struct figures *figures,
		  struct fault *fault)
{
	static const struct scenario scenario = {.room = "mutual",
						 .mode = {KEEPALIVE_PERIODIC, KEEPALIVE_PERIODIC},
						 .intervals = {1, 1}};

	return run(settings, figures, &scenario, fault);
}

/* The members' questions are all that comes in; they come twice before the gateway would wonder. */
bool bench_demand(const struct bench_settings *settings, struct figures *figures,
		  struct fault *fault)
{
	static const struct scenario scenario = {.room = "demand",
						 .mode = {KEEPALIVE_ON_DEMAND, KEEPALIVE_PERIODIC},
						 .intervals = {2, 1},
						 .traffic = true};

	return run(settings, figures, &scenario, fault);
}
