/* SPDX-License-Identifier: ISC */
/*
 * vector_set.h - what there are sets of: what is negotiated, what is played, and for a negative set what is wrong.
 */
#ifndef INTEROP_VECTORS_VECTOR_SET_H
#define INTEROP_VECTORS_VECTOR_SET_H

#include "ike/ike.h"
#include "interop/fault.h"

struct vector_world;

enum vector_option {
	VECTOR_AGGRESSIVE = 1 << 0,
	VECTOR_RSA = 1 << 1,          /* RSA signatures in place of a pre-shared key */
	VECTOR_CHAIN = 1 << 2,        /* with one more certificate below the authority */
	VECTOR_NAT = 1 << 3,          /* A is behind a NAT */
	VECTOR_FRAGMENTS = 1 << 4,    /* IKE fragmentation */
	VECTOR_STRICT = 1 << 5,       /* only what RFC 3706 says (keepalive.h) */
	VECTOR_OTHER_SECRET = 1 << 6, /* B has another pre-shared key */
};

/* Values that must begin with zeros, in the first SA, or in the first Quick Mode. */
enum vector_zeros {
	VECTOR_ZEROS_NONE,
	VECTOR_G_XY,
	VECTOR_PUBLIC_I,
	VECTOR_PUBLIC_R,
	VECTOR_QUICK_G_XY
};

/* What is wrong with one datagram, and what follows. */
struct vector_defect {
	const char *what;
	enum ike_verdict verdict;
	uint16_t notify; /* of the answer that must follow; 0: none */
};

struct vector_set {
	const char *name;
	const char *description;
	const char *sections; /* separated by semicolons */
	const char *proposal; /* of Phase 1 */
	const char *secret;   /* NULL: the usual one */
	const char *tunnel;   /* proposal of Quick Mode; NULL: there is none */
	unsigned options;     /* enum vector_option */
	uint32_t variant;     /* of the seeds: the first that gives the zeros that are wanted */
	uint32_t lifetime;    /* seconds; 0: 28800 */
	enum vector_zeros zeros;
	unsigned zero_octets;
	void (*play)(struct vector_world *world);
	struct vector_defect defect; /* `what` is NULL: a positive set */
};

size_t vector_sets(void);
const struct vector_set *vector_set(size_t index);
const struct vector_set *vector_set_find(const char *name); /* NULL: no such set */

#endif
