/* SPDX-License-Identifier: ISC */
/*
 * ledger.c - the model of whoever moves the packets: all that he knows of pairs of IPsec SAs is what ike_ipsec_changes() has
 * told him, and it must be enough.
 */
#include <string.h>

#include "ike/address.h"
#include "tests/fuzz/world.h"

#define FIRST_SPI 256 /* RFC 4303 section 2.1 */

static struct ike_ipsec_sa *find(struct world_ledger *ledger, uint32_t number)
{
	for (size_t i = 0; i < ledger->pairs; i++)
		if (ledger->pair[i].number == number)
			return &ledger->pair[i];
	return NULL;
}

static bool is_zero(const uint8_t *octets, size_t length)
{
	uint8_t any = 0;

	for (size_t i = 0; i < length; i++)
		any |= octets[i];
	return any == 0;
}

/* Only who has keys gets a pair: FRIEND as soon as he has said something that holds, PARTNER by himself; nobody else. */
static void check_who(const struct world *world, const struct ike_ipsec_sa *sa)
{
	FUZZ_REQUIRE(sa->peer == WORLD_PARTNER || sa->peer == WORLD_SIGNER ||
		     (sa->peer == WORLD_FRIEND && world->friend[WORLD_FRIEND].speaks));
	FUZZ_REQUIRE(sa->tunnel < world->peer[sa->peer].tunnels);
	/* the partner may be behind a NAT, which changes nothing but his ports */
	struct ike_address address =
	    world_address(sa->peer == WORLD_SIGNER ? WORLD_PARTNER : (enum world_address)sa->peer);

	FUZZ_REQUIRE(ike_address_same_host(&sa->remote, &address));
}

static void check_pair(const struct world *world, const struct ike_ipsec_sa *sa)
{
	const struct ike_tunnel_settings *tunnel;

	check_who(world, sa);
	tunnel = &world->peer[sa->peer].tunnel[sa->tunnel];
	FUZZ_REQUIRE(sa->spi_in >= FIRST_SPI && sa->spi_out >= FIRST_SPI);
	FUZZ_REQUIRE(sa->transport == tunnel->transport);
	FUZZ_REQUIRE(fuzz_same(&sa->proposal, &tunnel->proposal[0], sizeof(sa->proposal)));
	FUZZ_REQUIRE(sa->encryption_key_length == 16);
	FUZZ_REQUIRE(sa->authentication_key_length == (sa->tunnel == 0 ? 20 : 32));
	FUZZ_REQUIRE(sa->inside_local.prefix.address.family != IKE_FAMILY_NONE);
	FUZZ_REQUIRE(sa->inside_remote.prefix.address.family != IKE_FAMILY_NONE);
	FUZZ_REQUIRE(sa->kilobytes <= tunnel->kilobytes);
	FUZZ_REQUIRE(sa->expires_at - sa->established_at <= tunnel->lifetime * IKE_SECOND);
}

static void add(struct world *world, const struct ike_ipsec_sa *sa)
{
	struct world_ledger *ledger = &world->ledger;
	size_t keys = sa->encryption_key_length + sa->authentication_key_length;

	FUZZ_REQUIRE(ledger->pairs < world->settings.limits.ipsec_sas);
	check_pair(world, sa);
	for (size_t i = 0; i < ledger->pairs; i++)
		FUZZ_REQUIRE(ledger->pair[i].number != sa->number &&
			     ledger->pair[i].spi_in != sa->spi_in);
	/* it may be gone already, but what was not told cannot be forgotten: the keys are still there */
	FUZZ_REQUIRE(!is_zero(sa->keymat_in, keys) && !is_zero(sa->keymat_out, keys));
	FUZZ_REQUIRE(memcmp(sa->keymat_in, sa->keymat_out, keys) != 0);
	ledger->pair[ledger->pairs++] = *sa;
	ledger->added++;
}

/* Where it goes through, and whether anything is to be sent through it; never what it is. */
static void change(struct world *world, const struct ike_ipsec_sa *sa)
{
	struct ike_ipsec_sa *known = find(&world->ledger, sa->number);

	FUZZ_REQUIRE(known != NULL);
	check_pair(world, sa);
	FUZZ_REQUIRE(known->spi_in == sa->spi_in && known->spi_out == sa->spi_out);
	FUZZ_REQUIRE(known->peer == sa->peer && known->tunnel == sa->tunnel);
	FUZZ_REQUIRE(known->encapsulated == sa->encapsulated);
	FUZZ_REQUIRE(!known->superseded || sa->superseded);
	FUZZ_REQUIRE(fuzz_same(known->keymat_in, sa->keymat_in, sizeof(sa->keymat_in)));
	FUZZ_REQUIRE(fuzz_same(known->keymat_out, sa->keymat_out, sizeof(sa->keymat_out)));
	*known = *sa;
}

static void take_away(struct world_ledger *ledger, const struct ike_ipsec_sa *sa)
{
	struct ike_ipsec_sa *known = find(ledger, sa->number);

	FUZZ_REQUIRE(known != NULL && known->spi_in == sa->spi_in);
	*known = ledger->pair[--ledger->pairs];
}

void ledger_compare(struct world *world)
{
	struct ike_ipsec_sa listed;
	const struct ike_ipsec_sa *known;
	uint32_t cursor = 0;
	size_t count = 0;

	while (ike_next_ipsec_sa(world->core, &cursor, &listed)) {
		known = find(&world->ledger, listed.number);
		FUZZ_REQUIRE(known != NULL && known->spi_in == listed.spi_in);
		FUZZ_REQUIRE(known->superseded == listed.superseded);
		FUZZ_REQUIRE(ike_address_equal(&known->remote, &listed.remote));
		count++;
	}
	FUZZ_REQUIRE(count == world->ledger.pairs);
}

void ledger_pull(struct world *world)
{
	struct ike_ipsec_change change_pulled;
	bool any = false;

	while (ike_ipsec_changes(world->core, &change_pulled, 1) == 1) {
		const struct ike_ipsec_sa *sa = &change_pulled.sa;

		any = true;
		world->digest =
		    fuzz_digest(world->digest, &change_pulled.kind, sizeof(change_pulled.kind));
		world->digest = fuzz_digest(world->digest, &sa->number, sizeof(sa->number));
		world->digest = fuzz_digest(world->digest, sa->keymat_in, sizeof(sa->keymat_in));
		switch (change_pulled.kind) {
		case IKE_IPSEC_ADDED:
			add(world, sa);
			break;
		case IKE_IPSEC_CHANGED:
			change(world, sa);
			break;
		case IKE_IPSEC_REMOVED:
			take_away(&world->ledger, sa);
			break;
		}
	}
	if (any)
		ledger_compare(world);
}
