/* SPDX-License-Identifier: ISC */
/*
 * floor.h - the least that an answer can cost: the system calls that bring the datagrams in and out again, and the cryptography.
 *
 * The echo is a process that does nothing but recvmmsg and sendmmsg, in batches as large as the node's (UDP_BATCH).  It is asked
 * just as nodes are: see prober.h.  The cryptography is fleet_bare_exchange().  And the least that a handshake can cost: two
 * Diffie-Hellman operations.
 */
#ifndef INTEROP_BENCH_FLOOR_H
#define INTEROP_BENCH_FLOOR_H

#include <sys/types.h>

#include "crypto/dh.h"
#include "interop/bench/fleet.h"
#include "interop/fault.h"

struct echo;

struct echo *echo_start(struct fault *fault) IKE_MUST_USE; /* NULL: see fault */
void echo_stop(struct echo *echo);                         /* NULL is allowed */
pid_t echo_pid(const struct echo *echo);
struct ike_address echo_address(const struct echo *echo);

/* Processor time of so many exchanges, seconds each, on the processor that nodes have.  Negative: no memory, or not to be pinned. */
double floor_crypto(const struct fleet *fleet, uint32_t members, uint32_t exchanges);
/*
 * The least that a Phase 1 can cost either side: a key pair and a secret, so often; processor time in seconds of one of each.
 * Negative: no memory.
 */
double floor_dh(enum dh_group group, uint32_t count);

#endif
