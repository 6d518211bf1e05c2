/* SPDX-License-Identifier: ISC */
/*
 * core_new.c - making and unmaking a core, and looking into it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/core.h"

#define REFUSALS_PER_SECOND 20u /* events about refused messages; the counters have them all */
#define UNDONE_PER_SECOND   1u  /* events about ESP for unknown SPIs, which may come for ever */
#define UNDONE_AT_ONCE      5u

void ike_limits_default(struct ike_limits *limits)
{
	*limits = (struct ike_limits){
	    .sas = 100000,
	    .handshakes = 1024,
	    .handshakes_per_source = 16,
	    .outputs = 4096,
	    .events = 4096,
	    .notifies_per_second = 10,
	    .ipsec_sas = 100000,
	    .quick_modes = 1024,
	    .reassemblies = 64,
	    .unknown_spis_per_second = 10,
	    .remembered = 1024,
	};
}

static void init_peer(struct ike_peer *peer, const struct ike_peer_settings *settings)
{
	peer->settings = settings;
	assert(peer_authentication(settings) == IKE_AUTHENTICATION_PSK ||
	       settings->credentials != NULL);
	memcpy(peer->gateway, settings->gateway, sizeof(peer->gateway));
	for (size_t i = 0; i < settings->gateways; i++)
		if (peer->gateway[i].port == 0)
			peer->gateway[i].port = IKE_PORT;
}

static bool allocate(struct ike_core *core)
{
	const struct ike_limits *limits = &core->settings->limits;
	uint8_t sa_key[TABLE_HASH_KEY_LENGTH], party_key[TABLE_HASH_KEY_LENGTH],
	    peer_key[TABLE_HASH_KEY_LENGTH], local_key[TABLE_HASH_KEY_LENGTH];

	random_octets(&core->random, core->hash_key, sizeof(core->hash_key));
	random_octets(&core->random, sa_key, sizeof(sa_key));
	random_octets(&core->random, party_key, sizeof(party_key));
	random_octets(&core->random, peer_key, sizeof(peer_key));
	random_octets(&core->random, local_key, sizeof(local_key));
	random_octets(&core->random, core->sources.key, sizeof(core->sources.key));
	/* the same sources, for another purpose */
	memcpy(core->unknown_spis.strangers.key, core->sources.key, sizeof(core->sources.key));
	core->remembered = remembered_new(limits->remembered, core->sources.key);
	core->crypto = crypto_new();
	core->sas = sa_table_new(limits->sas, sa_key);
	core->keys = blocks_new(SA_KEYS_MAX);
	core->locals = local_addresses_new(limits->sas, local_key);
	core->parties = party_table_new(party_key, core->sas, core->settings->peers);
	core->pairs = ipsec_table_new(limits->ipsec_sas);
	core->peer = calloc(core->settings->peers + 1, sizeof(*core->peer));
	core->peer_index = peer_index_new(core->settings->peer, core->settings->peers, peer_key);
	secret_wipe(sa_key, sizeof(sa_key));
	secret_wipe(party_key, sizeof(party_key));
	secret_wipe(peer_key, sizeof(peer_key));
	core->output = calloc(limits->outputs, sizeof(*core->output));
	core->event = calloc(limits->events, sizeof(*core->event));
	core->reassemblies.reassembly =
	    calloc((size_t)limits->reassemblies + 1, sizeof(*core->reassemblies.reassembly));
	return core->crypto != NULL && core->sas != NULL && core->keys != NULL &&
	       core->locals != NULL && core->parties != NULL && core->pairs != NULL &&
	       core->peer != NULL && core->peer_index != NULL && core->remembered != NULL &&
	       core->output != NULL && core->event != NULL && core->reassemblies.reassembly != NULL;
}

static void init_unknown_spis(struct ike_core *core, uint32_t rate)
{
	token_bucket_init(&core->unknown_spis.told, rate, rate, core->now);
	token_bucket_init(&core->unknown_spis.gateways_called, rate, rate, core->now);
	token_bucket_init(&core->unknown_spis.callers_called, rate, rate, core->now);
	token_bucket_init(&core->unknown_spis.undone, UNDONE_PER_SECOND, UNDONE_AT_ONCE, core->now);
}

struct ike_core *ike_core_new(const struct ike_settings *settings,
			      const struct random_source *random, ike_time now)
{
	struct ike_core *core;

	assert(settings->limits.sas > 0 && settings->limits.handshakes > 0 &&
	       settings->limits.outputs > 0 && settings->limits.events > 0);
	assert(settings->worker.count < 2 || settings->worker.index < settings->worker.count);
	if (!secret_init())
		return NULL;
	core = secret_slab_new(sizeof(*core)); /* plaintexts, and the key of the cookies */
	if (core == NULL)
		return NULL;
	core->settings = settings;
	core->random = *random;
	core->now = now;
	core->calendar = settings->calendar;
	core->last_work = &core->first_work;
	core->last_quick_work = &core->first_quick_work;
	core->last_change = &core->first_change;
	if (!allocate(core)) {
		ike_core_free(core);
		return NULL;
	}
	timer_wheel_init(&core->sa_timers, now);
	timer_wheel_init(&core->peer_timers, now);
	timer_wheel_init(&core->quick_timers, now);
	timer_wheel_init(&core->tunnel_timers, now);
	timer_wheel_init(&core->ipsec_timers, now);
	token_bucket_init(&core->notifies, settings->limits.notifies_per_second,
			  settings->limits.notifies_per_second, now);
	init_unknown_spis(core, settings->limits.unknown_spis_per_second);
	token_bucket_init(&core->refusals, REFUSALS_PER_SECOND, REFUSALS_PER_SECOND, now);
	for (size_t i = 0; i < settings->peers; i++)
		init_peer(&core->peer[i], &settings->peer[i]);
	return core;
}

static void free_handshakes(struct ike_core *core)
{
	uint32_t cursor = 0;
	struct ike_sa *sa;

	quick_modes_free(core);
	while ((sa = sa_table_next(core->sas, &cursor)) != NULL) {
		handshake_free(core, sa->handshake);
		party_leave(core->parties, sa);
	}
	while (core->free_handshake != NULL) {
		struct ike_handshake *handshake = core->free_handshake;

		core->free_handshake = handshake->next_free;
		secret_slab_free(handshake, sizeof(*handshake));
	}
}

void ike_core_free(struct ike_core *core)
{
	if (core == NULL)
		return;
	if (core->sas != NULL && core->parties != NULL && core->pairs != NULL)
		free_handshakes(core);
	sa_table_free(core->sas);
	blocks_free(core->keys);
	local_addresses_free(core->locals);
	ipsec_table_free(core->pairs);
	party_table_free(core->parties);
	crypto_free(core->crypto);
	peer_index_free(core->peer_index);
	remembered_free(core->remembered);
	free(core->peer);
	free(core->output);
	free(core->event);
	free(core->reassemblies.reassembly);
	secret_slab_free(core, sizeof(*core));
}

/* ---- looking in ---------------------------------------------------------------------------------------------------- */

bool ike_export_keys(const struct ike_core *core, const uint8_t *cky_i, const uint8_t *cky_r,
		     struct ike_keys *keys)
{
	const struct ike_sa *sa = sa_table_find(core->sas, cky_i, cky_r);

	if (!core->settings->export_keys || sa == NULL || sa->keys == NULL)
		return false;
	*keys = (struct ike_keys){
	    .cipher = sa->cipher,
	    .hash = sa->hash,
	    .key_length = cipher_key_length(sa->cipher),
	    .skeyid_length = hash_length(sa->hash),
	    .established = sa->state == IKE_SA_ESTABLISHED,
	};
	memcpy(keys->key, sa_key(sa), keys->key_length);
	memcpy(keys->skeyid_a, sa_skeyid_a(sa), keys->skeyid_length);
	memcpy(keys->skeyid_d, sa_skeyid_d(sa), keys->skeyid_length);
	memcpy(keys->last_block, sa_last_block(sa), cipher_block_length(sa->cipher));
	return true;
}

void ike_status(const struct ike_core *core, struct ike_status *status)
{
	status->limits = core->settings->limits;
	status->sas = sa_table_count(core->sas);
	status->established = core->established;
	status->handshakes = core->handshakes;
	status->outputs = core->outputs;
	status->ipsec_sas = ipsec_table_count(core->pairs);
	status->quick_modes = core->quick_modes;
	status->remembered = remembered_count(core->remembered);
	status->sa_octets = sa_table_octets(core->sas) + blocks_octets(core->keys) +
			    party_table_octets(core->parties);
	memcpy(status->counter, core->counter, sizeof(status->counter));
	memcpy(status->verdict, core->verdict, sizeof(status->verdict));
}

const char *ike_counter_name(enum ike_counter counter)
{
	static const char *const name[] = {
	    [IKE_COUNT_DATAGRAMS_IN] = "datagrams-in",
	    [IKE_COUNT_OCTETS_IN] = "octets-in",
	    [IKE_COUNT_DATAGRAMS_OUT] = "datagrams-out",
	    [IKE_COUNT_OCTETS_OUT] = "octets-out",
	    [IKE_COUNT_RETRANSMISSIONS] = "retransmissions",
	    [IKE_COUNT_HANDSHAKES_STARTED] = "handshakes-started",
	    [IKE_COUNT_HANDSHAKES_DONE] = "handshakes-done",
	    [IKE_COUNT_CLOCK_BACKWARDS] = "clock-backwards",
	    [IKE_COUNT_EVENTS_LOST] = "events-lost",
	    [IKE_COUNT_NAT_KEEPALIVES] = "nat-keepalives",
	    [IKE_COUNT_UNKNOWN_SPI_CALLED] = "unknown-spi-called",
	    [IKE_COUNT_UNKNOWN_SPI_PROTECTED] = "unknown-spi-protected",
	    [IKE_COUNT_UNKNOWN_SPI_HINTED] = "unknown-spi-hinted",
	    [IKE_COUNT_UNKNOWN_SPI_LIMITED] = "unknown-spi-limited",
	    [IKE_COUNT_UNKNOWN_SPI_NOTHING] = "unknown-spi-nothing",
	};

	return (size_t)counter < sizeof(name) / sizeof(name[0]) ? name[counter] : "unknown";
}

bool ike_next_sa(const struct ike_core *core, uint32_t *cursor, struct ike_sa_status *status)
{
	const struct ike_sa *sa;

	do
		sa = sa_table_next(core->sas, cursor);
	while (sa != NULL && sa->state != IKE_SA_ESTABLISHED);
	if (sa == NULL)
		return false;
	*status = (struct ike_sa_status){
	    .peer = sa->peer,
	    .gateway = sa_gateway(sa),
	    .remote = sa->remote,
	    .initiator = sa->initiator,
	    .supported = sa->supported,
	    .superseded = sa->superseded,
	    .nat_here = sa->nat_here,
	    .nat_there = sa->nat_there,
	    .aggressive = sa->aggressive,
	    .authentication = sa->authentication,
	    .established_at = sa->established_at,
	    .renew_at = sa_renew_at(sa),
	    .expires_at = sa_expires_at(sa),
	    .proposal = sa_proposal(sa),
	    .extension_state = sa->extension,
	};
	memcpy(status->cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(status->cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	party_remote_identity(sa->party, &status->identity);
	return true;
}

const void *ike_peer_extension_state(const struct ike_core *core, uint32_t peer)
{
	return peer < core->settings->peers ? core->peer[peer].extension : NULL;
}
