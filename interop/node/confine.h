/* SPDX-License-Identifier: ISC */
/*
 * confine.h - a node gives up what it no longer needs once everything is open: privileges, system calls, core dumps.
 *
 * Whoever takes the process over through a datagram then has a user without files, on a short list of calls.  If a step
 * fails the node does not run, unless the configuration says `confine = no`.
 */
#ifndef INTEROP_CONFINE_H
#define INTEROP_CONFINE_H

#include <jansson.h>

#include "interop/config/config.h"
#include "interop/node/privileges.h"

struct confinement {
	bool in_force;
	char user[PRIVILEGES_USER];
	bool net_admin;           /* CAP_NET_ADMIN is kept, and no other */
	unsigned calls;           /* system calls that are left; 0: all */
	const char *unrestricted; /* why all are left; NULL: they are not */
	bool files;               /* among them opening a file for reading, for looking up names */
};

/*
 * Once everything is open; what is opened later must be on the list of system_calls.c.  False: see fault.
 *
 * `net_admin`: the kernel's IPsec SAs are ours to change, for which CAP_NET_ADMIN stays.  What can still be done with it is
 * what the sockets that are open take: no other can be opened, and no option of theirs be set, with those system calls.  To
 * leave the capability to a process of its own would gain little, because that one would have to do what it is told.
 */
bool confine(const struct config *config, bool net_admin, struct confinement *confinement,
	     struct fault *fault);

/* The same for the parent of workers, which also waits for them and may end them, and no other process. */
bool confine_parent(const struct config *config, const pid_t *workers, size_t count,
		    struct fault *fault);

/* Adds to an event or a status: confined, user, capabilities, calls, core_dumps, text (events.md). */
void confinement_add(const struct confinement *confinement, json_t *line);

#endif
