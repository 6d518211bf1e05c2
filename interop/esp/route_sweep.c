/* SPDX-License-Identifier: ISC */
#include "interop/esp/route_sweep.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "interop/esp/route.h"

#define ROOM        65536 /* octets: some 800 routes, so that a list of many is not asked for often */
#define SWEEPS_MOST 1024 /* of that many each: more is no crash's */

struct sweep {
	uint32_t table;
	uint16_t type; /* RTM_NEWROUTE or RTM_NEWRULE */
	size_t length; /* octets */
	_Alignas(struct nlmsghdr) uint8_t found[ROOM];
};

static bool is_ours(const struct sweep *sweep, const struct nlmsghdr *header)
{
	const struct rtmsg *route = netlink_payload(header, sizeof(*route));
	/* RTA_TABLE is the same, and a rule's header is as long */
	const void *table = netlink_find(header, sizeof(*route), FRA_TABLE, sizeof(uint32_t));
	const uint8_t *protocol;
	uint32_t number = 0;

	_Static_assert(sizeof(struct rtmsg) == sizeof(struct fib_rule_hdr) &&
			   (int)FRA_TABLE == (int)RTA_TABLE,
		       "rules and routes say alike what their table is");
	if (route == NULL || table == NULL || header->nlmsg_type != sweep->type)
		return false;
	protocol = sweep->type == RTM_NEWROUTE
		       ? &route->rtm_protocol
		       : netlink_find(header, sizeof(*route), FRA_PROTOCOL, 1);
	memcpy(&number, table, sizeof(number));
	return number == sweep->table && protocol != NULL && *protocol == ROUTE_PROTOCOL;
}

static void collect(void *context, const struct nlmsghdr *header)
{
	struct sweep *sweep = context;
	size_t length = NLMSG_ALIGN((size_t)header->nlmsg_len);

	if (length > ROOM - sweep->length || header->nlmsg_len > NETLINK_MESSAGE_MOST ||
	    !is_ours(sweep, header))
		return;
	memcpy(sweep->found + sweep->length, header, header->nlmsg_len);
	sweep->length += length;
}

static bool take_away(struct netlink *netlink, const struct nlmsghdr *found)
{
	struct netlink_message message;

	memcpy(message.as.octets, found, found->nlmsg_len);
	message.as.header.nlmsg_type =
	    found->nlmsg_type == RTM_NEWROUTE ? RTM_DELROUTE : RTM_DELRULE;
	message.as.header.nlmsg_flags = NLM_F_REQUEST;
	return netlink_do(netlink, &message) == 0;
}

/* True: there may be more. */
static bool sweep_some(struct netlink *netlink, struct sweep *sweep, uint8_t family)
{
	struct netlink_message message;
	struct rtmsg *header;
	bool done_any = false;

	sweep->length = 0;
	header = netlink_begin(&message, sweep->type == RTM_NEWROUTE ? RTM_GETROUTE : RTM_GETRULE,
			       0, sizeof(*header));
	header->rtm_family = family;
	if (sweep->type == RTM_NEWROUTE)
		memcpy(netlink_add(&message, RTA_TABLE, sizeof(sweep->table)), &sweep->table,
		       sizeof(sweep->table));
	/* a family or table that is not there is an error, too, and there is nothing to sweep */
	(void)netlink_list(netlink, &message, collect, sweep);
	for (size_t at = 0; at < sweep->length;) {
		const struct nlmsghdr *found = (const void *)(sweep->found + at);

		done_any |= take_away(netlink, found);
		at += NLMSG_ALIGN((size_t)found->nlmsg_len);
	}
	return done_any;
}

void route_sweep(struct netlink *netlink, uint32_t table)
{
	static const uint16_t types[] = {RTM_NEWRULE, RTM_NEWROUTE};
	static const uint8_t families[] = {AF_INET, AF_INET6};
	struct sweep sweep = {.table = table};

	for (size_t i = 0; i < 4; i++) {
		unsigned left = SWEEPS_MOST;

		sweep.type = types[i / 2];
		while (sweep_some(netlink, &sweep, families[i % 2]) && --left > 0)
			;
	}
}
