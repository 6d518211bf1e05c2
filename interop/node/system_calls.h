/* SPDX-License-Identifier: ISC */
/*
 * system_calls.h - the list of what a running node asks of the system, and the end for whoever asks for more.
 *
 * A call that is not on the list ends the process with SIGSYS, after a line on standard error that names the call.  To
 * answer it with an error would be gentler, and would hide both a hole and an attack.
 */
#ifndef INTEROP_SYSTEM_CALLS_H
#define INTEROP_SYSTEM_CALLS_H

#include <stddef.h>
#include <sys/types.h>

#include "interop/fault.h"

/* What is on the list only for whoever needs it. */
#define SYSTEM_CALLS_FILES                                                                         \
	1u /* opening files for reading and making sockets for UDP, for looking up names */
#define SYSTEM_CALLS_WORKERS 2u /* waiting for processes and ending them */

/* From here on, only calls of the list.  False: see fault. */
bool system_calls_restrict(unsigned needs, struct fault *fault);
/* With SYSTEM_CALLS_WORKERS, which these processes are; no other can be ended (0 is none). */
bool system_calls_restrict_parent(const pid_t *workers, size_t count, struct fault *fault);

/* Only these calls, their names separated by blanks.  False: see fault. */
bool system_calls_restrict_to(const char *calls, struct fault *fault);

/* How many different calls are allowed. */
unsigned system_calls_allowed(unsigned needs);

/*
 * NULL, or what about this build keeps it from being restricted: the run-time parts of sanitizers and of coverage call what
 * they like, when they like.
 */
const char *system_calls_unrestrictable(void);

/* One row of the list after the other, for its test: the calls' names, separated by blanks; NULL after the last. */
const char *system_calls_row(unsigned index, const char **reason);

#endif
