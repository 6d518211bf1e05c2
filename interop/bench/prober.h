/* SPDX-License-Identifier: ISC */
/*
 * prober.h - sends datagrams that were made beforehand, so many at a time, and counts what comes back.
 *
 * One socket; each datagram leaves from an address of its own in 127.0.0.0/8, or from whichever the system chooses.
 */
#ifndef INTEROP_BENCH_PROBER_H
#define INTEROP_BENCH_PROBER_H

#include <sys/types.h>

#include "ike/ike.h"
#include "interop/fault.h"

#define PROBER_MESSAGE 160 /* octets of a probe, at most: with SHA2-512 it has 140 */

struct probe {
	uint32_t member; /* whose it is, for whoever checks the answer */
	uint32_t number;
	struct ike_address
	    from; /* family NONE: whatever the system chooses; the port is the socket's */
	uint16_t length;
	uint8_t message[PROBER_MESSAGE];
};

struct prober;

/* Bound to `local`; its port 0: any.  NULL: see fault. */
struct prober *prober_new(const struct ike_address *local, struct fault *fault) IKE_MUST_USE;
void prober_free(struct prober *prober); /* NULL is allowed */
uint16_t prober_port(const struct prober *prober);
int prober_descriptor(const struct prober *prober);

struct prober_settings {
	struct ike_address to;
	uint32_t window;   /* unanswered ones, at most */
	uint32_t patience; /* ms without any answer until what is open counts as lost */
	/*
	 * 0; else a child of ours, which is stopped while `window` questions are put into its socket, and answers them in one
	 * go while we sleep.  So its batches are full, it is never interrupted, and it need not wake us at its own expense.
	 */
	pid_t hold;
	uint32_t sample; /* one answer in so many is kept */
	/* With each answer that is kept.  May be NULL. */
	void (*keep)(void *context, const uint8_t *data, size_t length);
	void *context;
};

struct prober_result {
	uint64_t sent, answered;
	uint64_t lost; /* sent, and nothing came by the end: sent - answered */
	uint64_t
	    strange; /* came, and is no answer by its length and cookies: counted in none of the above */
	uint64_t dropped; /* that the system had no room for at our socket: part of `lost` */
	double seconds;   /* in all */
};

/* The probes are not changed.  False: see fault. */
bool prober_run(struct prober *prober, const struct prober_settings *settings, struct probe *probes,
		size_t count, struct prober_result *result, struct fault *fault) IKE_MUST_USE;
/* Throws away what has come meanwhile, until for a moment nothing comes. */
void prober_drain(struct prober *prober);

#endif
