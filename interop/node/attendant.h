/* SPDX-License-Identifier: ISC */
/*
 * attendant.h - a small process beside the node that does one thing which the node itself gives up the right to.
 *
 * It is forked before there is any secret in memory, has nothing open but its end of a pair of sockets and what the node says
 * there, and hears no signal: what ends the node, from a terminal say, must not end it before its work is done.
 */
#ifndef INTEROP_ATTENDANT_H
#define INTEROP_ATTENDANT_H

#include "interop/fault.h"

/*
 * Forks one of that name, "ruthere-broom", which calls `serve` with its end of the pair at STDIN_FILENO and ends when that
 * returns.  `type`: SOCK_STREAM or SOCK_SEQPACKET.  The node's end, which the caller closes; -1: see fault, which says that
 * `purpose` cannot be had.
 */
int attendant_start(const char *name, int type, void (*serve)(void), const char *purpose,
		    struct fault *fault);

#endif
