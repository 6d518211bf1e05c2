/* SPDX-License-Identifier: ISC */
/*
 * fuzz_config.c - the loader of the configuration file; the input is the file.
 *
 * A refusal says FILE:LINE: and a sentence, the line being one of the file's; only what concerns the file as a whole has no
 * line.  An acceptance gives settings within the ranges that the manual and the headers give for them.
 *
 * No resolver is asked: this file answers for it, for every program that it is part of.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "interop/config/config.h"
#include "tests/fuzz/fuzz.h"

#define YEAR (366 * (ike_time)86400 * IKE_SECOND)

/* ---- a resolver that knows every name that ends in .example --------------------------------------------------------- */

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	static const char known[] = ".example";
	size_t length = node != NULL ? strlen(node) : 0;
	struct {
		struct addrinfo info;
		struct sockaddr_in address;
	} * answer;

	(void)service;
	(void)hints;
	if (length < sizeof(known) || strcmp(node + length - (sizeof(known) - 1), known) != 0)
		return EAI_NONAME;
	answer = calloc(1, sizeof(*answer));
	if (answer == NULL)
		return EAI_MEMORY;
	answer->address.sin_family = AF_INET;
	answer->address.sin_addr.s_addr = htonl(0xc0000201u);
	answer->info.ai_family = AF_INET;
	answer->info.ai_socktype = SOCK_DGRAM;
	answer->info.ai_addrlen = sizeof(answer->address);
	answer->info.ai_addr = (struct sockaddr *)(void *)&answer->address;
	*found = &answer->info;
	return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
	free(found);
}

/* ---- refused ------------------------------------------------------------------------------------------------------- */

/* What concerns the whole file, or the sections against each other, belongs to no line. */
static bool of_no_line(const char *sentence)
{
	static const char *const beginnings[] = {
	    "there is no peer",
	    "peers \"",
	    "listen: more than",
	    "it is not text",
	};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(sentence, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static unsigned long lines_of(const uint8_t *data, size_t length)
{
	unsigned long lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += data[i] == '\n';
	return lines;
}

static void check_refusal(const char *path, const struct fault *fault, unsigned long lines)
{
	const char *name = strstr(fault->text, path), *rest;
	unsigned long line;
	char *end;

	FUZZ_REQUIRE(memchr(fault->text, '\0', sizeof(fault->text)) != NULL);
	FUZZ_REQUIRE(name != NULL);
	rest = name + strlen(path);
	FUZZ_REQUIRE(*rest++ == ':');
	if (of_no_line(rest + (*rest == ' ')))
		return;
	line = strtoul(rest, &end, 10);
	FUZZ_REQUIRE(end > rest && line >= 1 && line <= lines);
	FUZZ_REQUIRE(end[0] == ':' && end[1] == ' ' && strlen(end + 2) > 4);
}

/* ---- accepted ------------------------------------------------------------------------------------------------------ */

static void check_limits(const struct ike_limits *limits)
{
	FUZZ_REQUIRE(limits->sas > 0 && limits->handshakes > 0);
	FUZZ_REQUIRE(limits->handshakes_per_source > 0);
	FUZZ_REQUIRE(limits->outputs > 0 && limits->events > 0);
	FUZZ_REQUIRE(limits->notifies_per_second <= 1000000);
	FUZZ_REQUIRE(limits->ipsec_sas > 0 && limits->quick_modes > 0 && limits->reassemblies > 0);
}

/* keepalive.h.  What is given one by one has an upper end; what is derived is only bound by the time to detect. */
static void check_plan(const struct keepalive_plan *plan, bool derived)
{
	FUZZ_REQUIRE(plan->mode <= KEEPALIVE_OFF && plan->strictness <= KEEPALIVE_STRICT);
	FUZZ_REQUIRE(plan->misses >= 1 && plan->retry >= IKE_SECOND / 5);
	FUZZ_REQUIRE(plan->worry >= IKE_SECOND / 5 && plan->worry <= 86400 * IKE_SECOND);
	FUZZ_REQUIRE(plan->last_wait >= plan->retry);
	FUZZ_REQUIRE(plan->detect >=
		     plan->worry + (plan->misses - 1) * plan->retry + plan->last_wait);
	if (derived)
		FUZZ_REQUIRE(plan->detect >= IKE_SECOND && plan->detect <= 86400 * IKE_SECOND);
	else
		FUZZ_REQUIRE(plan->misses <= 100 && plan->retry <= 3600 * IKE_SECOND);
}

static void check_recovery(const struct recovery_settings *recovery)
{
	FUZZ_REQUIRE(recovery->attempts >= 1);
	FUZZ_REQUIRE(recovery->attempt_timeout >= IKE_SECOND / 10 &&
		     recovery->attempt_timeout <= YEAR);
	FUZZ_REQUIRE(recovery->backoff_most >= recovery->backoff_first &&
		     recovery->backoff_most <= YEAR);
	FUZZ_REQUIRE(recovery->hold_down <= YEAR);
}

static void check_end(const struct ike_selector *selector, bool transport)
{
	uint8_t family = selector->prefix.address.family;
	uint8_t whole = family == IKE_FAMILY_IPV6 ? 128 : 32;

	FUZZ_REQUIRE(selector->prefix.address.port == 0 && selector->prefix.bits <= whole);
	FUZZ_REQUIRE(selector->port == 0 || selector->protocol != 0);
	FUZZ_REQUIRE(!transport || family == IKE_FAMILY_NONE || selector->prefix.bits == whole);
}

static void check_tunnel(const struct ike_tunnel_settings *tunnel)
{
	uint8_t here = tunnel->local.prefix.address.family;
	uint8_t there = tunnel->remote.prefix.address.family;

	FUZZ_REQUIRE(tunnel->name != NULL);
	FUZZ_REQUIRE(tunnel->lifetime >= 60 && tunnel->lifetime <= 604800);
	FUZZ_REQUIRE(tunnel->proposals >= 1 && tunnel->proposals <= IKE_IPSEC_PROPOSALS_MAX);
	FUZZ_REQUIRE(here == there || here == IKE_FAMILY_NONE || there == IKE_FAMILY_NONE);
	check_end(&tunnel->local, tunnel->transport);
	check_end(&tunnel->remote, tunnel->transport);
}

static void check_peer(const struct config_peer *peer, const struct ike_peer_settings *finished)
{
	char text[64];

	FUZZ_REQUIRE(finished->tunnels <= IKE_TUNNELS_MAX);
	for (size_t i = 0; i < finished->tunnels; i++)
		check_tunnel(&finished->tunnel[i]);
	FUZZ_REQUIRE(peer->name != NULL && strcmp(finished->name, peer->name) == 0);
	if (finished->authentication == IKE_AUTHENTICATION_PSK)
		FUZZ_REQUIRE(finished->secret != NULL && secret_bytes(finished->secret).length > 0);
	else
		FUZZ_REQUIRE(finished->secret == NULL && finished->credentials != NULL);
	FUZZ_REQUIRE(finished->extension_settings == &peer->extension);
	FUZZ_REQUIRE(finished->gateways <= IKE_GATEWAYS_MAX);
	for (size_t i = 0; i < finished->gateways; i++)
		FUZZ_REQUIRE(finished->gateway[i].family != IKE_FAMILY_NONE);
	FUZZ_REQUIRE(finished->proposals >= 1 && finished->proposals <= IKE_PROPOSALS_MAX);
	for (size_t i = 0; i < finished->proposals; i++)
		FUZZ_REQUIRE(ike_proposal_text(&finished->proposal[i], text, sizeof(text)) > 0);
	FUZZ_REQUIRE(finished->lifetime >= 60 && finished->lifetime <= 604800);
	FUZZ_REQUIRE(finished->from.bits <=
		     (finished->from.address.family == IKE_FAMILY_IPV6 ? 128 : 32));
	FUZZ_REQUIRE(peer->loss_per_mille < 1000);
	check_plan(&peer->extension.plan, peer->keepalive.worry == 0);
	check_recovery(&peer->extension.recovery);
}

static void check_acceptance(const struct config *config)
{
	FUZZ_REQUIRE(config->peers > 0 && config->ike.peers == config->peers);
	FUZZ_REQUIRE(config->listens > 0 && config->listens <= CONFIG_LISTEN_MAX);
	FUZZ_REQUIRE(config->control == NULL || config->control[0] != '\0');
	check_limits(&config->ike.limits);
	for (size_t i = 0; i < config->peers; i++)
		check_peer(&config->peer[i], &config->ike.peer[i]);
	for (size_t i = 0; i < config->warnings; i++)
		FUZZ_REQUIRE(strlen(config->warning[i]) > 0);
}

/* ---- the file, which is in memory ---------------------------------------------------------------------------------- */

int fuzz_config(const uint8_t *data, size_t length)
{
	static char path[64];
	static int file = -1;
	struct fault fault = {""};
	struct config *config;

	if (file < 0) {
		FUZZ_REQUIRE(secret_init());
		file = memfd_create("fuzz_config", MFD_CLOEXEC);
		FUZZ_REQUIRE(file >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	FUZZ_REQUIRE(ftruncate(file, 0) == 0);
	FUZZ_REQUIRE(pwrite(file, data, length, 0) == (ssize_t)length);
	config = config_load(path, &fault);
	if (config == NULL)
		check_refusal(path, &fault, lines_of(data, length));
	else
		check_acceptance(config);
	config_free(config);
	return 0;
}
