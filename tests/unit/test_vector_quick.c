/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_quick.h"

#include <string.h>

#include "tests/support/made.h"
#include "tests/support/unit.h"

static struct fault fault;

static struct vector_trace *trace_of(struct vector_world *world)
{
	static struct vector_formulas formulas;

	formulas = (struct vector_formulas){.crypto = world->crypto};
	return vector_trace_new(world, &formulas, &fault);
}

/* An answer that never came: there is a Quick Mode, and it has no keys. */
START_TEST(test_half_a_quick_mode)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world;
	struct vector_trace *trace;

	set.tunnel = "aes128-sha1";
	world = made_world(&set);
	world->datagrams = 8; /* Main Mode, INITIAL-CONTACT, QM1 */
	trace = trace_of(world);
	ck_assert_msg(trace != NULL, "%s", fault.text);
	ck_assert_uint_eq(trace->quicks, 1);
	ck_assert(!trace->quick[0].complete);
	ck_assert_str_eq(trace->message[7].name, "QM1");
	vector_trace_free(trace);
	vector_world_free(world);
}
END_TEST

/* A's private value of Quick Mode is another than the one that was drawn. */
START_TEST(test_a_value_that_was_not_drawn)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world;
	struct vector_trace *trace;

	set.tunnel = "aes128-sha1-x25519";
	world = made_world(&set);
	trace = trace_of(world);
	ck_assert_msg(trace != NULL, "%s", fault.text);
	trace->quick[0].dh.public_i = trace->sa[0].dh.public_r;
	ck_assert(!vector_quick_finish(trace, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "does not follow from the seeds"));
	vector_trace_free(trace);
	vector_world_free(world);
}
END_TEST

static void assert_pair(const struct vector_world *world, const struct vector_quick *quick,
			enum vector_party party)
{
	bool initiator = party == quick->initiator;
	size_t length = quick->encryption_key + quick->authentication_key;
	struct ike_ipsec_sa sa;
	uint32_t cursor = 0;

	ck_assert(ike_next_ipsec_sa(world->end[party].core, &cursor, &sa));
	ck_assert_uint_eq(sa.spi_in, initiator ? quick->spi_i : quick->choice.spi);
	ck_assert_uint_eq(sa.spi_out, initiator ? quick->choice.spi : quick->spi_i);
	ck_assert_uint_eq(sa.encryption_key_length, quick->encryption_key);
	ck_assert_uint_eq(sa.authentication_key_length, quick->authentication_key);
	ck_assert_mem_eq(sa.keymat_in, quick->keymat[initiator ? 0 : 1], length);
	ck_assert_mem_eq(sa.keymat_out, quick->keymat[initiator ? 1 : 0], length);
}

/* What the engines themselves made of it. */
START_TEST(test_keys_are_the_engine_s)
{
	static const char *const tunnels[] = {"aes128-sha1", "3des-md5", "aes256-sha256-x25519",
					      "aes192-sha1-ecp256"};
	static const size_t blocks[] = {2, 2, 4, 3}; /* of 20 octets: 36, 40, 64, 44 are needed */

	for (size_t i = 0; i < 4; i++) {
		struct vector_set set = made_sample("sample");
		struct vector_world *world;
		struct vector_trace *trace;

		set.tunnel = tunnels[i];
		world = made_world(&set);
		trace = trace_of(world);
		ck_assert_msg(trace != NULL, "%s", fault.text);
		ck_assert_uint_eq(trace->quicks, 1);
		ck_assert_uint_eq(trace->quick[0].blocks, blocks[i]);
		ck_assert_int_eq(trace->quick[0].pfs, i >= 2);
		assert_pair(world, &trace->quick[0], VECTOR_A);
		assert_pair(world, &trace->quick[0], VECTOR_B);
		vector_trace_free(trace);
		vector_world_free(world);
	}
}
END_TEST

UNIT_MAIN("vector_quick", test_half_a_quick_mode, test_a_value_that_was_not_drawn,
	  test_keys_are_the_engine_s)
