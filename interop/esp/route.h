/* SPDX-License-Identifier: ISC */
/*
 * route.h - what the system is to send into our tunnel interface: routes to the remote ends of the tunnels, in a table of their
 * own (linux/rtnetlink.h, linux/fib_rules.h).
 *
 * The table is looked into before the system's own ones, for every packet but those that have our mark.  A tunnel may lead
 * everywhere (0.0.0.0/0), to its own gateway as well: without the mark, ESP and IKE to that gateway would go into the tunnel that
 * they are to make.  So everything that this process itself sends on the outside leaves through a socket that was given to
 * route_mark_socket().
 *
 * Routes go by the destination alone.  What goes to a remote selector from an address outside of the local one comes into the
 * interface, too; it is for the plane to drop it (RFC 4301 section 5.1).
 */
#ifndef INTEROP_ESP_ROUTE_H
#define INTEROP_ESP_ROUTE_H

#include "ike/ipsec.h"
#include "interop/fault.h"

#define ROUTE_TABLE 220 /* unless configured otherwise: what IPsec has in other daemons, too */
#define ROUTE_MARK  220
#define ROUTE_PRIORITY                                                                             \
	220 /* of the rules: after the system's own addresses (0), before its table "main" (32766) */

/* Whose routes and rules these are, as `ip route` and `ip rule` show with "proto": a number that nobody else has. */
#define ROUTE_PROTOCOL 82

struct routes;

/*
 * Rules for IPv4 and, where the system has it, IPv6.  What a process that has crashed left behind in this table is taken away first;
 * what others have put there stays.  `interface` is there already; neither `mark` nor `table` is 0.  Only one can have a table at a
 * time.  Needs CAP_NET_ADMIN, now and later.  NULL: see fault.
 */
struct routes *routes_new(const char *interface, uint32_t mark, uint32_t table,
			  struct fault *fault);
void routes_free(struct routes *routes); /* takes everything away again; NULL is allowed */

/*
 * What goes to `remote` goes into the interface.  Where this machine has an address inside of `local`, that is what its own packets
 * are sent from: the interface's own ones first, then others, in the system's order.  Protocols and ports are not looked at.
 * The family of `local` may be NONE, where it is not known yet: then the system chooses.  The same pair of selectors may be added several times, and is then to be removed as often.
 * False: see fault; nothing is changed.
 */
bool routes_add(struct routes *routes, const struct ike_selector *local,
		const struct ike_selector *remote, struct fault *fault);
/* What was not added is not removed. */
void routes_remove(struct routes *routes, const struct ike_selector *local,
		   const struct ike_selector *remote);
/*
 * The interface was down, and is up again: the kernel has forgotten the routes meanwhile, and what they are for was refused
 * (EHOSTUNREACH), as it is from a crash to the next start.
 */
void routes_renew(struct routes *routes);
size_t routes_count(const struct routes *routes); /* pairs of selectors, each once */

/* What leaves through this socket does not enter the interface.  Needs CAP_NET_ADMIN.  False: see fault. */
bool route_mark_socket(int descriptor, uint32_t mark, struct fault *fault);

#endif
