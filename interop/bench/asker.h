/* SPDX-License-Identifier: ISC */
/*
 * asker.h - asks R-U-THERE of a fleet's SAs at a steady pace, and measures how long each answer takes.
 *
 * From right before the system call that sends the question to when the system had the answer, which it stamps on arrival
 * (SO_TIMESTAMPNS): when the asker gets a processor again does not count.  Every answer is decrypted and checked.
 */
#ifndef INTEROP_BENCH_ASKER_H
#define INTEROP_BENCH_ASKER_H

#include "interop/bench/fleet.h"
#include "interop/bench/lateness.h"
#include "interop/fault.h"

struct asker;

struct asker_result {
	uint64_t sent, answered;
	uint64_t missing;     /* sent, and not answered a second after the last question */
	uint64_t strange;     /* came, and answers no open question, or has no time that can be */
	bool first;           /* it came before all that have its usual priority */
	struct lateness time; /* microseconds; what is missing counts as a second */
};

/* For that many members; `seed` is the fleet's.  NULL: see fault. */
struct asker *asker_new(uint32_t seed, uint32_t sas, struct fault *fault) IKE_MUST_USE;
void asker_free(struct asker *asker); /* NULL is allowed */
uint16_t asker_port(const struct asker *asker);

/*
 * `count` questions, one member after the other, `a_second` of them in a second.  Meanwhile the calling thread comes before
 * all that have the priority which it has by itself, where that is allowed.  False: see fault.
 */
bool asker_ask(struct asker *asker, const struct ike_address *gateway, uint32_t count,
	       uint32_t a_second, struct asker_result *result, struct fault *fault) IKE_MUST_USE;

#endif
