/* SPDX-License-Identifier: ISC */
#include "tests/instructions/couple.h"

#include <stdlib.h>
#include <string.h>

#include "ike/identity.h"

#define SECRET "a secret that both of them know"

/* ---- random octets, counted ---------------------------------------------------------------------------------------- */

static size_t draws;
static struct random_source seeded[COUPLE_NODES];

static void fill_for_asks(struct random_source *source, uint8_t *out, size_t length)
{
	(void)source; /* the core's copy: it has nothing of its own */
	draws++;
	random_octets(&seeded[COUPLE_ASKS], out, length);
}

static void fill_for_answers(struct random_source *source, uint8_t *out, size_t length)
{
	(void)source;
	draws++;
	random_octets(&seeded[COUPLE_ANSWERS], out, length);
}

static struct random_source source_of(enum couple_node node)
{
	const struct random_source source = {.fill = node == COUPLE_ASKS ? fill_for_asks
									 : fill_for_answers};
	uint8_t seed[RANDOM_SEED_LENGTH] = {(uint8_t)node};

	random_seeded(&seeded[node], seed);
	return source;
}

size_t couple_draws(void)
{
	return draws;
}

/* ---- settings ------------------------------------------------------------------------------------------------------ */

/* 10.0.0.0/8, in order. */
static struct ike_address address_of(size_t number)
{
	const struct ike_address address = {
	    .octets = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number},
	    .port = 500,
	    .family = IKE_FAMILY_IPV4,
	};

	return address;
}

static bool set_peer(const struct couple *couple, struct ike_peer_settings *peer,
		     const char *proposal, enum couple_node node)
{
	peer->name = "peer";
	peer->secret = couple->secret;
	peer->proposals = 1;
	peer->lifetime = 86400;
	peer->obey_initial_contact = true;
	peer->extension_settings = &couple->keepalive[node];
	return ike_proposal_parse(proposal, &peer->proposal[0]);
}

static bool set_peers(struct couple *couple, const char *proposal)
{
	bool good = set_peer(couple, &couple->peer[couple->sas], proposal, COUPLE_ANSWERS);

	for (size_t i = 0; i < couple->sas; i++) {
		struct ike_peer_settings *peer = &couple->peer[i];

		good = good && set_peer(couple, peer, proposal, COUPLE_ASKS);
		peer->gateway[0] = address_of(i);
		peer->gateways = 1;
		/* each SA is another party's, as it would be */
		peer->local_identity.type = IKE_ID_IPV4;
		peer->local_identity.length = 4;
		memcpy(peer->local_identity.data, peer->gateway[0].octets, 4);
	}
	return good;
}

/* The one that answers would ask later than the one that asks, and so never does. */
static bool set_node(struct couple *couple, enum couple_node node)
{
	struct ike_settings *settings = &couple->settings[node];
	struct keepalive_settings keepalive;
	char text[200];

	ike_limits_default(&settings->limits);
	settings->peer = node == COUPLE_ASKS ? couple->peer : &couple->peer[couple->sas];
	settings->peers = node == COUPLE_ASKS ? couple->sas : 1;
	settings->extension = keepalive_extension();
	keepalive_settings_default(&keepalive);
	if (node == COUPLE_ANSWERS)
		keepalive.detect = 3 * KEEPALIVE_DEFAULT_DETECT;
	recovery_settings_default(&couple->keepalive[node].recovery);
	return ike_identity_from_text("fqdn:gw.example", &settings->identity) &&
	       keepalive_plan(&keepalive, &couple->keepalive[node].plan, text, sizeof(text)) ==
		   KEEPALIVE_PLAN_OK;
}

static bool start(struct couple *couple, enum couple_node node)
{
	const struct random_source random = source_of(node);

	couple->core[node] = ike_core_new(&couple->settings[node], &random, couple->now);
	return couple->core[node] != NULL;
}

struct couple *couple_new(const char *proposal, size_t sas)
{
	struct couple *couple = calloc(1, sizeof(*couple));

	if (couple == NULL)
		return NULL;
	couple->now = IKE_SECOND;
	couple->sas = sas;
	couple->secret = secret_new(octets_of(SECRET, strlen(SECRET)));
	couple->peer = calloc(sas + 1, sizeof(*couple->peer));
	if (couple->secret != NULL && couple->peer != NULL && set_peers(couple, proposal) &&
	    set_node(couple, COUPLE_ASKS) && set_node(couple, COUPLE_ANSWERS) &&
	    start(couple, COUPLE_ASKS) && start(couple, COUPLE_ANSWERS))
		return couple;
	couple_free(couple);
	return NULL;
}

void couple_free(struct couple *couple)
{
	if (couple == NULL)
		return;
	ike_core_free(couple->core[COUPLE_ASKS]);
	ike_core_free(couple->core[COUPLE_ANSWERS]);
	secret_free(couple->secret);
	free(couple->peer);
	free(couple);
}

/* ---- what passes between them -------------------------------------------------------------------------------------- */

bool couple_pull(struct couple *couple, enum couple_node node, struct couple_datagram *datagram)
{
	struct ike_datagram out = {.data = datagram->data, .room = sizeof(datagram->data)};

	if (ike_output(couple->core[node], couple->now, &out, 1) == 0)
		return false;
	datagram->remote = out.remote;
	datagram->length = out.length;
	return true;
}

enum ike_verdict couple_give(struct couple *couple, enum couple_node node,
			     struct couple_datagram *datagram)
{
	struct ike_datagram in = {
	    .remote = datagram->remote,
	    .local = datagram->remote,
	    .data = datagram->data,
	    .length = datagram->length,
	    .room = sizeof(datagram->data),
	};

	return ike_input(couple->core[node], couple->now, &in);
}

void couple_forget_events(struct couple *couple, enum couple_node node)
{
	static struct ike_event event[16];

	while (ike_events(couple->core[node], event, 16) == 16)
		;
}

static bool has_work(const struct couple *couple, enum couple_node node)
{
	return ike_deadline(couple->core[node]) <= couple->now;
}

/* Until neither has anything to send or to compute; no time passes. */
static void settle(struct couple *couple)
{
	struct couple_datagram datagram;
	bool busy = true;

	while (busy) {
		busy = false;
		for (enum couple_node node = COUPLE_ASKS; node < COUPLE_NODES; node++) {
			if (has_work(couple, node)) {
				busy = true;
				(void)ike_tick(couple->core[node], couple->now, 16);
			}
			while (couple_pull(couple, node, &datagram)) {
				busy = true;
				(void)couple_give(couple, 1 - node, &datagram);
			}
			couple_forget_events(couple, node);
		}
	}
}

static size_t established(const struct couple *couple, enum couple_node node)
{
	struct ike_status status;

	ike_status(couple->core[node], &status);
	return status.established;
}

static bool are_established(const struct couple *couple)
{
	return established(couple, COUPLE_ASKS) == couple->sas &&
	       established(couple, COUPLE_ANSWERS) == couple->sas;
}

bool couple_establish(struct couple *couple)
{
	for (size_t i = 0; i < couple->sas; i++) {
		const struct ike_command call = {.kind = IKE_COMMAND_START, .peer = (uint32_t)i};

		if (!ike_command(couple->core[COUPLE_ASKS], couple->now, &call))
			return false;
	}
	/* the calls are spread over a second, so that none is asked yet when the last one is up */
	for (size_t i = 0; i < couple->sas * 4 && !are_established(couple); i++) {
		ike_time deadline = ike_deadline(couple->core[COUPLE_ASKS]);

		if (deadline > couple->now)
			couple->now = deadline;
		settle(couple);
	}
	return are_established(couple);
}
