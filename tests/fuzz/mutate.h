/* SPDX-License-Identifier: ISC */
/*
 * mutate.h - every wrong value of every field that steers whoever reads a message: lengths, types, counts, flags, reserved bits;
 * and every truncation and extension.  Where the fields are is found by walking the message, not written down.
 */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include "ike/payload.h"

#define MUTATE_MOST 1024 /* octets of a message, and of what becomes of it */

enum mutation_kind {
	MUTATION_OF_FIELD,
	MUTATION_CUT,     /* octets are missing at the end; the header says so */
	MUTATION_EXTENDED /* octets have come to the end; the header says so */
};

struct mutation {
	enum mutation_kind kind;
	const char *payload; /* where the field is: "HDR", "SA", "P", "T", "ATTRIBUTE", "N", ... */
	const char *field;   /* "length", "next payload", ... */
	size_t at, width; /* of the field, octets; a cut's or extension's new length in `value` */
	uint32_t value, right;
	size_t length;
	uint8_t octets[MUTATE_MOST]; /* the message as it has become */
};

typedef void mutation_taker(void *context, const struct mutation *mutation);

/* All of them, for a plain message; returns how many.  Fails the test where the message cannot be walked. */
size_t mutate_every(struct octets message, mutation_taker *take, void *context);
/* "T length at 58: 0 for 40", in static storage. */
const char *mutation_text(const struct mutation *mutation);

#endif
