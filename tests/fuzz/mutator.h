/* SPDX-License-Identifier: ISC */
/*
 * mutator.h - every mutation of one message, through the whole core: what tests/unit/test_mutator_*.c are made of.
 *
 * A mutation that arrives in the clear, or under a HASH that does not fit it, must be refused and change nothing: not the SAs
 * that are there, not the negotiation that it claims to belong to, which the right message completes afterwards.  No more
 * octets may come back than it had.  Who has the keys may do more, but only to himself.
 */
#ifndef TESTS_FUZZ_MUTATOR_H
#define TESTS_FUZZ_MUTATOR_H

#include "tests/fuzz/mutate.h"
#include "tests/fuzz/world.h"

enum subject_arrival {
	IN_CLEAR,
	IN_MAIN_MODE,    /* encrypted as the last message of Main Mode */
	UNDER_SA,        /* HASH(1) stays that of the right message */
	UNDER_SA_HASHED, /* HASH(1) is made to fit, by somebody who has the keys */
	IN_QUICK_MODE, /* as what a Quick Mode of the core waits for; HASH(2), HASH(3) stay those of the right message */
	IN_QUICK_MODE_HASHED, /* they are made to fit */
};

/* What is being mutated, and where the world stands when it arrives. */
struct subject {
	const char *name;
	enum subject_arrival arrival;
	/* whether the core may believe it all the same, and why is said where the function is */
	bool (*tolerated)(const struct subject *subject, const struct mutation *mutation);
	enum ike_verdict right; /* the verdict on the right message */
	bool fatal;             /* the right message ends the SA */
	/* what comes before the message; again after whatever it belongs to has failed.  NULL: nothing */
	void (*prepare)(struct subject *subject);
	struct world_options options;
	size_t line; /* of the recording, where it is Main Mode; the world is stopped before it */
	struct octets plain;
	uint8_t plain_octets[MUTATE_MOST];
	/* as it goes */
	struct world world;
	bool open;
	size_t refusals;          /* in this world */
	enum ike_verdict verdict; /* on the last mutation */
	size_t tried, tolerations;
	size_t accepted; /* of the tolerations, with a verdict of that name */
};

/* Whether the mutation is one of that payload's field. */
bool subject_field(const struct mutation *mutation, const char *payload, const char *field);
/* One of the flags that mean nothing: Commit, Authentication Only. */
bool subject_harmless_flag(const struct mutation *mutation);
/*
 * Octets behind the last payload of an encrypted message, up to one block, are padding (RFC 2409 appendix B; see payload.c);
 * and zeros that are cut off come back as padding.
 */
bool subject_padding(const struct subject *subject, const struct mutation *mutation);

/* The world, up to where the message would arrive; nothing happens where it stands there already. */
void subject_open(struct subject *subject);
/* The n-th message that FRIEND says in the recording that the options name, from 0, is the one to be mutated. */
void subject_phase_1(struct subject *subject, size_t n);
struct ike_sa *subject_sa(const struct subject *subject); /* FRIEND's, or NULL */
const struct cast_line *subject_line(const struct subject *subject);
/*
 * All mutations of subject->plain.  Fails the test, unless exactly so many of them were tolerated.  What has a HASH that fits is
 * tolerated as well where it is refused for what it says: how many were accepted is in subject->accepted.
 */
void subject_mutate(struct subject *subject, size_t tolerations);

#endif
