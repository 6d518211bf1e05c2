/* SPDX-License-Identifier: ISC */
/*
 * callers.h - a process that makes a bench_node shake hands without a pause: an engine with some hundred peers, an identity each,
 * that all have that node as their gateway.  What has come up is closed, politely, and begun anew.
 *
 * They all call from one address and one port, so the node must bear so many negotiations from there:
 * bench_node_settings.callers.
 */
#ifndef INTEROP_BENCH_CALLERS_H
#define INTEROP_BENCH_CALLERS_H

#include <sys/types.h>

#include "ike/ike.h"
#include "interop/fault.h"

struct callers;

struct callers_status {
	uint64_t established; /* so far */
	uint64_t failed;      /* negotiations that were given up */
	uint32_t busy;        /* callers with a negotiation under way, or about to begin one */
};

/* Forks, and calls nobody yet.  On PROCESS_LOAD.  NULL: see fault. */
struct callers *callers_start(uint32_t count, const struct ike_address *gateway,
			      struct fault *fault) IKE_MUST_USE;
void callers_stop(struct callers *callers); /* NULL is allowed; nothing is sent */
pid_t callers_pid(const struct callers *callers);

/*
 * From now on they call, or leave off: what is under way then ends, and is not begun anew.  False: their process has gone, as with the next.
 */
bool callers_call(struct callers *callers, bool call) IKE_MUST_USE;
bool callers_status(struct callers *callers, struct callers_status *status) IKE_MUST_USE;

#endif
