/* SPDX-License-Identifier: ISC */
/*
 * partner.c - an engine of its own that talks with the core when the input lets it, directly or through a NAT.
 */
#include <string.h>

#include "tests/fuzz/world.h"

#define NAT 20000u /* what a NAT adds to the partner's ports */

static void partner_speaks(struct world *world)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};

	while (ike_deadline(world->partner) <= world->now)
		(void)ike_tick(world->partner, world->now, 16);
	while (ike_output(world->partner, world->now, &out, 1) == 1) {
		memcpy(world->partners_cky_i[world->partners++ % WORLD_COOKIES], data,
		       IKE_COOKIE_LENGTH);
		(void)world_input_by(world, WORLD_PARTNER,
				     (uint16_t)((out.local.port == 4500 ? 4500u : 500u) +
						(world->ports > 1 ? NAT : 0)),
				     out.remote.port == 4500 ? 4500 : 500, data, out.length);
		world_settle(world);
	}
}

static void partner_hears(struct world *world)
{
	static const uint8_t inside[] = {10, 9, 9, 9};
	uint8_t data[WORLD_LONGEST];
	struct ike_datagram in = {.data = data, .room = sizeof(data)};
	size_t waiting = world->to_partner.count - world->taken;

	in.remote = world->partner_peer.gateway[0];
	in.local = world_address(WORLD_PARTNER);
	if (world->ports == 1)
		memcpy(in.local.octets, inside, sizeof(inside));
	if (waiting > WORLD_MEMORY)
		waiting = WORLD_MEMORY;
	while (waiting-- > 0) {
		const struct world_datagram *datagram = world_recall(&world->to_partner, waiting);

		in.remote.port = datagram->local_port;
		in.local.port = (uint16_t)(datagram->remote_port % NAT);
		in.length = datagram->length;
		memcpy(data, datagram->octets, datagram->length);
		(void)ike_input(world->partner, world->now, &in);
	}
	world->taken = world->to_partner.count;
}

void world_partner(struct world *world, bool calls, bool signs, unsigned rounds)
{
	struct ike_command start = {.kind = IKE_COMMAND_START};

	if (world->partner == NULL && signs)
		world->partner =
		    cast_signer(&world->options, &world->partner_settings, &world->partner_peer);
	if (world->partner == NULL)
		world->partner = cast_party(&world->options, WORLD_PARTNER,
					    &world->partner_settings, &world->partner_peer);
	if (calls)
		FUZZ_REQUIRE(ike_command(world->partner, world->now, &start));
	for (unsigned i = 0; i < rounds; i++) {
		partner_hears(world);
		partner_speaks(world);
	}
}
