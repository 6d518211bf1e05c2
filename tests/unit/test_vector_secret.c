/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_secret.h"

#include <string.h>

#include "tests/support/made.h"
#include "tests/support/unit.h"

START_TEST(test_what_nobody_has_drawn)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);
	uint8_t value[32] = {9};

	ck_assert_ptr_null(
	    vector_secret_find(world, VECTOR_A, DH_CURVE25519, octets_of(value, 32)));
	ck_assert_ptr_null(
	    vector_secret_find(world, VECTOR_A, DH_CURVE25519, octets_of(value, 31)));
	vector_world_free(world);
}
END_TEST

/* A party's own, and not the other's; also of a life before the last one. */
START_TEST(test_what_was_drawn)
{
	struct vector_made made;

	made_set(&made, "death-and-recovery", VECTOR_NO_MISTAKE);
	for (size_t i = 0; i < made.trace->sas; i++) {
		const struct vector_dh *dh = &made.trace->sa[i].dh;
		struct dh_key *key =
		    vector_secret_find(made.world, VECTOR_B, dh->group, dh->public_r);

		ck_assert_ptr_nonnull(key);
		ck_assert_mem_eq(dh_public(key).data, dh->public_r.data, dh->public_r.length);
		ck_assert_mem_eq(dh_private(key).data, dh->private_r.data, dh->private_r.length);
		dh_free(key);
		ck_assert_ptr_null(
		    vector_secret_find(made.world, VECTOR_A, dh->group, dh->public_r));
	}
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_secret", test_what_nobody_has_drawn, test_what_was_drawn)
