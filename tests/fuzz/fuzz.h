/* SPDX-License-Identifier: ISC */
/*
 * fuzz.h - what every fuzz target needs: its name, a cursor over the input, and a way to say that a property was broken.
 *
 * A target is a function that takes any octets at all and comes back; whatever must hold for every input is a FUZZ_REQUIRE.
 * Each one lives in a file of its name; entry.c makes a libFuzzer program of it, and tests/unit/test_fuzz_regressions.c runs it
 * over seeds and regressions where there is no clang.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "ike/types.h"

/* `data` lies alone in memory of exactly its length.  Always 0. */
typedef int fuzz_target(const uint8_t *data, size_t length);

fuzz_target fuzz_payloads;
fuzz_target fuzz_core_clear;
fuzz_target fuzz_core_protected;
fuzz_target fuzz_config;
fuzz_target fuzz_certificates;
fuzz_target fuzz_capture;
fuzz_target fuzz_esp;

/* The name of the input that is being run, for the complaint; NULL where nobody gave it one. */
extern const char *fuzz_running;

/* Says which property does not hold, and aborts: that is how libFuzzer, and Check, learn of it. */
_Noreturn void fuzz_broken(const char *file, int line, const char *property);

#define FUZZ_REQUIRE(property)                                                                     \
	do {                                                                                       \
		if (!(property))                                                                   \
			fuzz_broken(__FILE__, __LINE__, #property);                                \
	} while (0)

/* ---- the input, from its front; what is not there reads as zero ---------------------------------------------------- */

struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

uint8_t fuzz_u8(struct fuzz_input *input);
uint16_t fuzz_u16(struct fuzz_input *input);
/* At most that many octets; fewer where the input ends. */
struct octets fuzz_octets(struct fuzz_input *input, size_t most);

/* ---- small things -------------------------------------------------------------------------------------------------- */

/* An empty view is inside of everything. */
bool fuzz_inside(struct octets part, struct octets whole);
/* Whether the two hold the same octets, whatever they are; for structures that only one hand has filled. */
bool fuzz_same(const void *a, const void *b, size_t length);
/* Terminated, of the length that was said, and nothing but what may be printed; lines are allowed. */
bool fuzz_good_text(const char *text, size_t length, size_t room);
/* Folds octets into a running digest (FNV-1a): equal inputs must give equal ones. */
uint64_t fuzz_digest(uint64_t digest, const void *octets, size_t length);
#define FUZZ_DIGEST_START 0xcbf29ce484222325u

#endif
