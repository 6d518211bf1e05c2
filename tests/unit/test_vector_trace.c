/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_trace.h"

#include <string.h>

#include "ike/fragment.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

static struct fault fault;

static struct vector_trace *trace_of(struct vector_world *world)
{
	static struct vector_formulas formulas;

	formulas = (struct vector_formulas){.crypto = world->crypto};
	return vector_trace_new(world, &formulas, &fault);
}

/* The public value on the wire is another than the one that was drawn. */
START_TEST(test_a_private_value_that_was_not_drawn)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);

	world->datagram[3].data[40] ^= 1;
	ck_assert_ptr_null(trace_of(world));
	ck_assert_ptr_nonnull(strstr(fault.text, "does not follow from the seeds"));
	vector_world_free(world);
}
END_TEST

START_TEST(test_a_fragment_that_is_missing)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world;

	set.options = VECTOR_RSA | VECTOR_CHAIN | VECTOR_FRAGMENTS;
	world = made_world(&set);
	ck_assert_uint_eq(world->datagram[4].data[IKE_HEADER_NEXT_PAYLOAD_AT],
			  IKE_PAYLOAD_FRAGMENT);
	memmove(&world->datagram[5], &world->datagram[6],
		(world->datagrams - 6) * sizeof(world->datagram[0]));
	world->datagrams--;
	ck_assert_ptr_null(trace_of(world));
	ck_assert_ptr_nonnull(strstr(fault.text, "fragment"));
	vector_world_free(world);
}
END_TEST

/* The first block of a message is another: it is decrypted, and cannot be read. */
START_TEST(test_a_message_that_was_damaged)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);
	struct vector_trace *trace;

	world->datagram[7].data[IKE_HEADER_LENGTH] ^= 1;
	trace = trace_of(world);
	ck_assert_msg(trace != NULL, "%s", fault.text);
	ck_assert(trace->message[7].decrypted);
	ck_assert(!trace->message[7].readable);
	ck_assert_uint_eq(trace->message[7].hashes, 0);
	ck_assert(trace->message[8].readable);
	vector_trace_free(trace);
	vector_world_free(world);
}
END_TEST

START_TEST(test_repeats_are_no_messages)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);
	struct octets last = octets_of(world->datagram[6].data, world->datagram[6].length);
	struct vector_trace *trace;

	vector_world_inject(world, VECTOR_A, last, false);
	vector_world_inject(world, VECTOR_A, octets_of((const uint8_t *)"\xff", 1), false);
	trace = trace_of(world);
	ck_assert_msg(trace != NULL, "%s", fault.text);
	ck_assert_uint_eq(trace->messages, world->datagrams - 2);
	ck_assert_uint_eq(trace->repeats[world->datagrams - 2], 6);
	ck_assert_uint_eq(trace->message_of[world->datagrams - 2], trace->message_of[6]);
	ck_assert_uint_eq(trace->repeats[6], VECTOR_DATAGRAMS);
	ck_assert_uint_eq(trace->message_of[world->datagrams - 1], VECTOR_MESSAGES);
	vector_trace_free(trace);
	vector_world_free(world);
}
END_TEST

/* What the engines themselves say of their SA. */
START_TEST(test_keys_are_the_engine_s)
{
	static const char *const proposals[] = {"3des-md5-modp1024", "aes192-sha1-x25519",
						"aes256-sha512-ecp256"};

	for (int i = 0; i < 12; i++) {
		struct vector_set set = made_sample("sample");
		struct vector_world *world;
		struct vector_trace *trace;
		const struct vector_sa *sa;
		struct ike_keys keys;

		set.proposal = proposals[i % 3];
		set.options = (i / 3 & 1 ? VECTOR_RSA : 0) | (i / 6 & 1 ? VECTOR_AGGRESSIVE : 0);
		world = made_world(&set);
		trace = trace_of(world);
		ck_assert_msg(trace != NULL, "%s", fault.text);
		ck_assert_uint_eq(trace->sas, 1);
		sa = &trace->sa[0];
		ck_assert(sa->keyed && sa->done && sa->has_hash_i && sa->has_hash_r);
		for (enum vector_party party = VECTOR_A; party < VECTOR_PARTIES; party++) {
			ck_assert(
			    ike_export_keys(world->end[party].core, sa->cky_i, sa->cky_r, &keys));
			ck_assert_int_eq(keys.cipher, sa->told.skeyid.cipher);
			ck_assert_mem_eq(keys.key, sa->told.skeyid.key, keys.key_length);
			ck_assert_mem_eq(keys.skeyid_a, sa->told.skeyid.a, keys.skeyid_length);
			ck_assert_mem_eq(keys.skeyid_d, sa->told.skeyid.d, keys.skeyid_length);
			ck_assert_mem_eq(keys.last_block, sa->told.last_block,
					 cipher_block_length(keys.cipher));
		}
		vector_trace_free(trace);
		vector_world_free(world);
	}
}
END_TEST

START_TEST(test_fragments)
{
	struct vector_made made;
	struct fragment fragment;
	const struct vector_message *message;

	made_set(&made, "fragments", VECTOR_NO_MISTAKE);
	message = made_message(&made, "MM5", 0);
	ck_assert_uint_eq(message->parts, 2);
	ck_assert(vector_trace_fragment(&made.world->datagram[message->part[1]], &fragment));
	ck_assert(fragment.number == 2 && fragment.last);
	ck_assert(!vector_trace_fragment(&made.world->datagram[0], &fragment));
	ck_assert(message->readable);
	vector_made_free(&made);
}
END_TEST

/* Main Mode and Quick Mode go on where their last message ended; Informationals each begin anew. */
START_TEST(test_what_comes_before)
{
	struct vector_made made;

	made_set(&made, "quick-aes128-sha1", VECTOR_NO_MISTAKE);
	ck_assert_ptr_null(vector_trace_previous(made.trace, made_message(&made, "MM5", 0)));
	ck_assert_ptr_eq(vector_trace_previous(made.trace, made_message(&made, "MM6", 0)),
			 made_message(&made, "MM5", 0));
	ck_assert_ptr_null(vector_trace_previous(made.trace, made_message(&made, "QM1", 0)));
	ck_assert_ptr_eq(vector_trace_previous(made.trace, made_message(&made, "QM3", 0)),
			 made_message(&made, "QM2", 0));
	ck_assert_ptr_null(vector_trace_previous(made.trace, made_message(&made, "INFO*", 3)));
	ck_assert_int_eq(made_message(&made, "QM2", 0)->iv_from, VECTOR_IV_PREVIOUS);
	ck_assert_int_eq(made_message(&made, "INFO*", 3)->iv_from, VECTOR_IV_MESSAGE_ID);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_the_defect)
{
	struct vector_made made;
	size_t count = 0;

	made_set(&made, "negative-hash-wrong", VECTOR_NO_MISTAKE);
	for (size_t i = 0; i < made.trace->messages; i++)
		count += vector_trace_is_defect(made.trace, &made.trace->message[i]);
	ck_assert_uint_eq(count, 1);
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_trace", test_a_private_value_that_was_not_drawn, test_a_fragment_that_is_missing,
	  test_a_message_that_was_damaged, test_repeats_are_no_messages, test_keys_are_the_engine_s,
	  test_fragments, test_what_comes_before, test_the_defect)
