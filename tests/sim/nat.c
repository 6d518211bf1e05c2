/* SPDX-License-Identifier: ISC */
#include "tests/sim/nat.h"

#include "ike/address.h"
#include "tests/sim/sim.h"

struct ike_address nat_inside(const struct node *node, enum sim_port port)
{
	struct ike_address address = node->plan->address;

	address.port = port == PORT_IKE ? IKE_PORT : SIM_NAT_T_PORT;
	return address;
}

void nat_begin(struct node *node)
{
	struct nat *nat = &node->nat;

	nat->translates = node->plan->translated;
	nat->outside = node->plan->outside;
	for (enum sim_port port = PORT_IKE; port < SIM_PORTS; port++) {
		if (nat->translates)
			continue; /* until something is sent */
		nat->mapping[port] =
		    (struct mapping){.seen_as = nat_inside(node, port), .lives_until = IKE_NEVER};
	}
}

static bool is_alive(const struct sim *sim, const struct mapping *mapping)
{
	return mapping->seen_as.family != IKE_FAMILY_NONE && sim->now < mapping->lives_until;
}

static bool is_taken(const struct sim *sim, const struct ike_address *address)
{
	return nat_destination(sim, address).node != SIM_NODES;
}

static void open_mapping(struct sim *sim, struct nat *nat, enum sim_port port)
{
	struct ike_address *seen_as = &nat->mapping[port].seen_as;

	do {
		*seen_as = nat->outside;
		seen_as->port = (uint16_t)dice_between(&sim->nat_dice, 1024, 65000);
	} while (is_taken(sim, seen_as));
}

struct ike_address nat_source(struct sim *sim, struct node *node, enum sim_port port)
{
	struct mapping *mapping = &node->nat.mapping[port];

	if (!node->nat.translates)
		return mapping->seen_as;
	if (!is_alive(sim, mapping))
		open_mapping(sim, &node->nat, port);
	mapping->lives_until = sim->now + NAT_MEMORY;
	return mapping->seen_as;
}

void nat_rebind(struct node *node, uint32_t value)
{
	struct nat *nat = &node->nat;

	if (!node->plan->behind_nat)
		return;
	if (!nat->translates) {
		/* as if it had stood before a router that starts to translate */
		nat->mapping[PORT_IKE].seen_as.port = (uint16_t)(1024 + value % 50000);
		if ((value >> 16) % 2 == 0)
			nat->mapping[PORT_IKE].seen_as.octets[3] =
			    (uint8_t)(2 + (value >> 20) % 200);
		return;
	}
	if ((value >> 16) % 2 == 0)
		nat->outside.octets[3] = (uint8_t)(2 + (value >> 20) % 200);
	for (enum sim_port port = PORT_IKE; port < SIM_PORTS; port++)
		nat->mapping[port] = (struct mapping){0};
}

struct destination nat_destination(const struct sim *sim, const struct ike_address *address)
{
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		for (enum sim_port port = PORT_IKE; port < SIM_PORTS; port++) {
			const struct nat *nat = &sim->node[i].nat;

			if (!ike_address_equal(&nat->mapping[port].seen_as, address) ||
			    !is_alive(sim, &nat->mapping[port]))
				continue;
			return (struct destination){i, port};
		}
	return (struct destination){SIM_NODES, PORT_IKE};
}

bool nat_lets_in(struct sim *sim, const struct ike_address *address)
{
	struct destination to = nat_destination(sim, address);

	if (to.node == SIM_NODES)
		return false;
	if (sim->node[to.node].nat.translates)
		sim->node[to.node].nat.mapping[to.port].lives_until = sim->now + NAT_MEMORY;
	return true;
}

struct ike_address nat_seen_as(const struct node *node, enum sim_port port)
{
	const struct mapping *mapping = &node->nat.mapping[port];

	return mapping->seen_as.family != IKE_FAMILY_NONE ? mapping->seen_as
							  : nat_inside(node, port);
}
