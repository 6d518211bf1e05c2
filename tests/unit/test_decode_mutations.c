/* SPDX-License-Identifier: ISC */
/*
 * test_decode_mutations.c - a capture of a whole session with its keys, wrong in every octet in several ways, and cut off everywhere,
 * through all of the explainer: what fuzz_capture.c demands holds each time.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/unit.h"

#define STEP 11 /* octets between two that are damaged: `make fuzz` has the time for more */

static size_t runs;

static void run(const uint8_t *octets, size_t length)
{
	uint8_t *alone = malloc(length > 0 ? length : 1);

	ck_assert_ptr_nonnull(alone);
	memcpy(alone, octets, length);
	ck_assert_int_eq(fuzz_capture(alone, length), 0);
	free(alone);
	runs++;
}

static void mutate(void *context, const char *name, struct octets input)
{
	static const uint8_t with[] = {0x01, 0x80, 0xff};
	static uint8_t octets[SEED_MOST];

	if (strcmp(name, context) != 0)
		return;
	fuzz_running = name;
	for (size_t at = 0; at < input.length; at += STEP) {
		memcpy(octets, input.data, input.length);
		octets[at] ^= with[at / STEP % sizeof(with)];
		run(octets, input.length);
	}
	for (size_t length = 0; length < input.length; length += 5 * STEP)
		run(input.data, length);
}

static void mutate_seed(const char *name)
{
	runs = 0;
	ck_assert_uint_gt(seeds_make("capture", mutate, (void *)(uintptr_t)name), 0);
	ck_assert_uint_gt(runs, 20);
}

START_TEST(test_session)
{
	mutate_seed("session");
}
END_TEST

START_TEST(test_later)
{
	mutate_seed("later-wireshark");
}
END_TEST

START_TEST(test_fragments)
{
	mutate_seed("fragments");
}
END_TEST

START_TEST(test_ethernet)
{
	mutate_seed("ethernet");
}
END_TEST

UNIT_MAIN("decode_mutations", test_session, test_later, test_fragments, test_ethernet)
