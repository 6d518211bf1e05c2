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
#include "interop/privileges.h"

struct confinement {
	bool in_force;
	char user[PRIVILEGES_USER];
	unsigned calls;           /* system calls that are left; 0: all */
	const char *unrestricted; /* why all are left; NULL: they are not */
	bool files;               /* among them opening a file for reading, for looking up names */
};

/* Once everything is open; what is opened later must be on the list of system_calls.c.  False: see fault. */
bool confine(const struct config *config, struct confinement *confinement, struct fault *fault);

/* Adds to an event or a status: confined, user, capabilities, calls, core_dumps, text (events.md). */
void confinement_add(const struct confinement *confinement, json_t *line);

#endif
