/* SPDX-License-Identifier: ISC */
/*
 * bench_handshake.c - processor time of a Main Mode with a pre-shared key, on each side, against two bare Diffie-Hellman
 * operations of the same library: the key pair and the secret that either side cannot do without.
 *
 * Two engines in one process hand each other their datagrams; time is virtual, and the clock of the processor runs only
 * while one of them is called.  What the sockets cost is not in it: six datagrams, as `answered` measures them.  With --against
 * it is bench_handshake_against.c that measures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/dh.h"
#include "ike/address.h"
#include "interop/bench/bench.h"
#include "interop/bench/floor.h"
#include "keepalive/extension.h"

#define ROOM       "handshake"
#define GOAL       1.1
#define HANDSHAKES 200u /* a round, for each group */
#define TURNS_MOST 200u /* of one handshake: it takes six messages and a few timers */
#define BATCH      4

enum side { INITIATOR, RESPONDER, SIDES };

struct couple {
	struct random_source random;
	struct secret *secret;
	struct keepalive_peer_settings keepalive;
	struct ike_peer_settings peer[SIDES];
	struct ike_settings settings[SIDES];
	struct ike_address address[SIDES];
	struct ike_core *core[SIDES];
	double cpu[SIDES]; /* seconds, so far */
	ike_time now;
	bool up[SIDES];
	struct ike_event event;
	uint8_t data[BATCH][IKE_DATAGRAM_MAX];
};

static double cpu_now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- two nodes ----------------------------------------------------------------------------------------------------- */

static bool configure(struct couple *couple, const char *proposal, struct fault *fault)
{
	static const char *const text[SIDES] = {"192.0.2.1:500", "192.0.2.2:500"};
	struct keepalive_settings settings;

	keepalive_settings_default(&settings);
	if (keepalive_plan(&settings, &couple->keepalive.plan, fault->text, sizeof(fault->text)) !=
	    KEEPALIVE_PLAN_OK)
		return false;
	recovery_settings_default(&couple->keepalive.recovery);
	couple->secret = secret_new(octets_of("a secret of the benchmark", 25));
	for (enum side side = INITIATOR; side < SIDES; side++) {
		struct ike_peer_settings *peer = &couple->peer[side];

		*peer = (struct ike_peer_settings){
		    .name = "peer",
		    .secret = couple->secret,
		    .proposals = 1,
		    .lifetime = 86400,
		    .obey_initial_contact = true,
		    .extension_settings = &couple->keepalive,
		};
		ike_limits_default(&couple->settings[side].limits);
		couple->settings[side].peer = peer;
		couple->settings[side].peers = 1;
		couple->settings[side].extension = keepalive_extension();
		if (couple->secret == NULL || !ike_proposal_parse(proposal, &peer->proposal[0]) ||
		    !ike_address_from_text(text[side], &couple->address[side]))
			return fault_say(fault, "%s cannot be negotiated", proposal);
	}
	couple->peer[INITIATOR].gateway[0] = couple->address[RESPONDER];
	couple->peer[INITIATOR].gateways = 1;
	return true;
}

static void couple_free(struct couple *couple)
{
	if (couple == NULL)
		return;
	for (enum side side = INITIATOR; side < SIDES; side++)
		ike_core_free(couple->core[side]);
	secret_free(couple->secret);
	free(couple);
}

static struct couple *couple_new(const char *proposal, struct fault *fault)
{
	struct couple *couple = calloc(1, sizeof(*couple));

	if (couple == NULL || !secret_init()) {
		free(couple);
		fault_say(fault, "no memory");
		return NULL;
	}
	random_system(&couple->random);
	couple->now = IKE_SECOND;
	if (!configure(couple, proposal, fault)) {
		couple_free(couple);
		return NULL;
	}
	for (enum side side = INITIATOR; side < SIDES; side++) {
		couple->core[side] =
		    ike_core_new(&couple->settings[side], &couple->random, couple->now);
		if (couple->core[side] == NULL) {
			couple_free(couple);
			fault_say(fault, "no memory");
			return NULL;
		}
	}
	return couple;
}

/* ---- one handshake ------------------------------------------------------------------------------------------------- */

static void command(struct couple *couple, enum side side, enum ike_command_kind kind)
{
	const struct ike_command command = {.kind = kind};
	double begun = cpu_now();

	(void)ike_command(couple->core[side], couple->now, &command);
	couple->cpu[side] += cpu_now() - begun;
}

static void look_at_events(struct couple *couple, enum side side)
{
	double begun = cpu_now();

	while (ike_events(couple->core[side], &couple->event, 1) > 0)
		if (couple->event.kind == IKE_EVENT_ESTABLISHED)
			couple->up[side] = true;
	couple->cpu[side] += cpu_now() - begun;
}

/* What that side has to do now, and what it has to say; false: nothing. */
static bool turn(struct couple *couple, enum side side, bool deliver)
{
	struct ike_core *core = couple->core[side];
	struct ike_datagram out[BATCH];
	double begun = cpu_now(), middle;
	size_t done, count;

	for (size_t i = 0; i < BATCH; i++)
		out[i] =
		    (struct ike_datagram){.data = couple->data[i], .room = sizeof(couple->data[i])};
	/* what is ready goes out before anything expensive is done, as in the node */
	count = ike_output(core, couple->now, out, BATCH);
	done = count > 0 ? count : ike_tick(core, couple->now, 1);
	middle = cpu_now();
	couple->cpu[side] += middle - begun;
	for (size_t i = 0; deliver && i < count; i++) {
		out[i].local = couple->address[1 - side];
		out[i].remote = couple->address[side];
		(void)ike_input(couple->core[1 - side], couple->now, &out[i]);
	}
	couple->cpu[1 - side] += cpu_now() - middle;
	look_at_events(couple, side);
	return done > 0;
}

static ike_time next_deadline(const struct couple *couple)
{
	ike_time a = ike_deadline(couple->core[INITIATOR]);
	ike_time b = ike_deadline(couple->core[RESPONDER]);

	return a < b ? a : b;
}

/* Establishes an SA, and counts what it costs each side; false: it does not come up. */
static bool shake_hands(struct couple *couple)
{
	couple->up[INITIATOR] = couple->up[RESPONDER] = false;
	command(couple, INITIATOR, IKE_COMMAND_START);
	for (unsigned i = 0; i < TURNS_MOST; i++) {
		bool busy = turn(couple, INITIATOR, true);

		busy |= turn(couple, RESPONDER, true);
		if (couple->up[INITIATOR] && couple->up[RESPONDER])
			return true;
		if (!busy && next_deadline(couple) > couple->now)
			couple->now = next_deadline(couple);
	}
	return false;
}

/* Ends the SA on both sides.  What that costs does not count, nor do its Deletes reach anybody. */
static void part(struct couple *couple)
{
	const double cpu[SIDES] = {couple->cpu[INITIATOR], couple->cpu[RESPONDER]};

	for (enum side side = INITIATOR; side < SIDES; side++) {
		command(couple, side, IKE_COMMAND_CLOSE);
		while (turn(couple, side, false))
			;
	}
	memcpy(couple->cpu, cpu, sizeof(cpu));
}

/* ---- the benchmark ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *proposal;
	enum dh_group group;
} groups[] = {
    {"modp2048", "aes128-sha1-modp2048", DH_MODP_2048},
    {"ecp256", "aes128-sha256-ecp256", DH_ECP_256},
    {"x25519", "aes128-sha256-x25519", DH_CURVE25519},
};

static bool put(struct figures *figures, const char *group, unsigned round,
		const double seconds[SIDES], double floor)
{
	static const char *const side_name[SIDES] = {"initiator", "responder"};
	char bottom[FIGURES_NAME], top[FIGURES_NAME];

	snprintf(bottom, sizeof(bottom), "two bare operations, %s", group);
	if (!figures_sample(figures, ROOM, bottom, "us", round, floor * 1e6))
		return false;
	for (enum side side = INITIATOR; side < SIDES; side++) {
		snprintf(top, sizeof(top), "%s, %s", side_name[side], group);
		if (!figures_sample(figures, ROOM, top, "us", round, seconds[side] * 1e6) ||
		    !figures_ratio(figures, ROOM, top, top, bottom, FIGURES_AT_MOST, GOAL))
			return false;
	}
	return true;
}

static bool one_group(struct figures *figures, size_t group, unsigned round, struct fault *fault)
{
	struct couple *couple = couple_new(groups[group].proposal, fault);
	double floor, seconds[SIDES];
	bool good = couple != NULL;

	if (!good)
		return false;
	good = shake_hands(couple); /* the first one makes memory */
	memset(couple->cpu, 0, sizeof(couple->cpu));
	for (unsigned i = 0; good && i < HANDSHAKES; i++) {
		part(couple);
		good = shake_hands(couple);
	}
	floor = floor_dh(groups[group].group, HANDSHAKES);
	for (enum side side = INITIATOR; side < SIDES; side++)
		seconds[side] = couple->cpu[side] / HANDSHAKES;
	couple_free(couple);
	if (!good)
		return fault_say(fault, "no SA comes up with %s", groups[group].proposal);
	if (floor < 0 || !put(figures, groups[group].name, round, seconds, floor))
		return fault_say(fault, "no memory");
	return true;
}

bool bench_handshake(const struct bench_settings *settings, struct figures *figures,
		     struct fault *fault)
{
	if (settings->against.gateway != NULL)
		return bench_handshake_against(settings, figures, fault);
	for (unsigned round = 0; round < settings->rounds; round++)
		for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
			bench_progress("handshake: round %u, %s", round + 1, groups[i].name);
			if (!one_group(figures, i, round, fault))
				return false;
		}
	return true;
}
