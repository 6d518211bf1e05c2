/* SPDX-License-Identifier: ISC */
/*
 * process.h - what a process has cost: processor time and memory, read from outside.
 */
#ifndef INTEROP_BENCH_PROCESS_H
#define INTEROP_BENCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "interop/fault.h"

/* Processor time of all its threads so far, seconds.  False: there is no such process. */
bool process_cpu(pid_t pid, double *seconds) __attribute__((warn_unused_result));

/*
 * The same once it has done all that it had to do: the system books what a process on another processor uses when it leaves off, or at
 * a clock tick (4 to 10 ms), so that of one that is running some is not in the figure yet.  False: there is no such process, or it has not left off for ten seconds.
 */
bool process_cpu_at_rest(pid_t pid, const char *name, double *seconds, struct fault *fault)
    __attribute__((warn_unused_result));

/*
 * How long its first thread could have run and had no processor, seconds so far: others were running.  False: there is no such process,
 * or the system does not say.
 */
bool process_waited(pid_t pid, double *seconds) __attribute__((warn_unused_result));

struct process_memory {    /* octets */
	uint64_t resident; /* RSS */
	uint64_t share;    /* PSS: pages that several processes have count in part */
	uint64_t own;      /* private */
	uint64_t locked;
	uint64_t swapped;
};
/* Needs to be the process's user, or root.  False: see fault. */
bool process_memory(pid_t pid, struct process_memory *memory, struct fault *fault)
    __attribute__((warn_unused_result));

/* What the system has dropped at the UDP sockets of that port, for want of room.  False: there is none, or nothing is told. */
bool process_udp_drops(uint16_t port, uint64_t *drops) __attribute__((warn_unused_result));

#define PROCESS_LOAD 0u /* the processor of what makes the load, and */
#define PROCESS_NODE 1u /* that of what is measured, where there are two */

#define PROCESS_ANYWHERE (~0u)

/*
 * The caller, and whoever it forks from now on, runs on the n-th processor of those that it could use before it was pinned first.
 * PROCESS_ANYWHERE, and where there are not so many: on any of them.  False: the system refuses, and it runs where it did.
 */
bool process_pin(unsigned n);
unsigned process_processors(void); /* how many it may use, before it was pinned first */

/* After a fork: closes all that the child has of its parent, but the standard ones and these, which are sorted in place. */
void process_keep_open(int *descriptor, size_t count);

#endif
