/* SPDX-License-Identifier: ISC */
/*
 * test_script.c - the sentences that scripts begin and end with, against a device that answers and one that does not.
 */
#include <string.h>

#include "interop/conform/result.h"
#include "interop/conform/script.h"
#include "tests/support/conform_world.h"
#include "tests/support/unit.h"

/* ---- one more payload ---------------------------------------------------------------------------------------------- */

static size_t write_message(uint8_t *out, size_t room, uint8_t flags, size_t trailing)
{
	struct ike_header header = {.cky_i = {1}, .version = 0x10, .exchange = 2, .flags = flags};
	struct wire_writer writer;
	struct ike_chain chain;

	wire_write_to(&writer, out, room);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_NONCE, octets_of("0123456789", 10));
	ike_payload_write(&chain, IKE_PAYLOAD_VENDOR_ID, octets_of("ab", 2));
	wire_write_zeros(&writer, trailing);
	ike_header_finish(&writer);
	ck_assert(!writer.failed);
	return writer.length;
}

static void check_not_appended(uint8_t *data, size_t length, size_t room)
{
	struct ike_datagram datagram = {.data = data, .length = length, .room = room};
	uint8_t before[200];

	memcpy(before, data, length);
	ck_assert(!script_append(&datagram, IKE_PAYLOAD_VENDOR_ID, octets_of("xyz", 3)));
	ck_assert_uint_eq(datagram.length, length);
	ck_assert_mem_eq(before, data, length);
}

START_TEST(test_what_cannot_be_appended_to)
{
	uint8_t data[200];
	size_t length = write_message(data, sizeof(data), IKE_FLAG_ENCRYPTION, 0);

	check_not_appended(data, length, sizeof(data));
	length = write_message(data, sizeof(data), 0, 0);
	check_not_appended(data, length, length + 6);
	check_not_appended(data, length - 1, sizeof(data));
	check_not_appended(data, 10, sizeof(data));
	length = write_message(data, sizeof(data), 0,
			       2); /* what follows would be taken for a part of it */
	check_not_appended(data, length, sizeof(data));
	length = write_message(data, sizeof(data), 0, 0);
	data[IKE_HEADER_NEXT_PAYLOAD_AT] = IKE_PAYLOAD_NONE;
	check_not_appended(data, length, sizeof(data));
}
END_TEST

START_TEST(test_append)
{
	uint8_t data[200];
	size_t length = write_message(data, sizeof(data), 0, 0);
	struct ike_datagram datagram = {.data = data, .length = length, .room = length + 7};
	struct ike_message message;

	ck_assert(script_append(&datagram, IKE_PAYLOAD_VENDOR_ID, octets_of("xyz", 3)));
	ck_assert_uint_eq(datagram.length, length + 7);
	ck_assert_int_eq(ike_header_parse(octets_of(data, datagram.length), &message.header),
			 IKE_ACCEPTED);
	ck_assert_int_eq(ike_payloads_parse(octets_of(data + IKE_HEADER_LENGTH,
						      datagram.length - IKE_HEADER_LENGTH),
					    false, 0, &message),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(message.payloads, 3);
	ck_assert_uint_eq(message.payload[2].type, IKE_PAYLOAD_VENDOR_ID);
	ck_assert_uint_eq(message.payload[2].body.length, 3);
	ck_assert_mem_eq(message.payload[2].body.data, "xyz", 3);
}
END_TEST

/* ---- with a device ------------------------------------------------------------------------------------------------- */

static struct conform_result run(void (*script)(struct trial *trial), bool has_keepalive)
{
	static struct conform_case of = {.id = "test/1/script"};
	struct conform_world *own = conform_world_new(7);
	struct conform_result result;
	bool well;

	of.script = script;
	if (!has_keepalive)
		conform_world_device_settings(own)->extension = NULL;
	conform_run(&of, conform_world_world(own), conform_world_settings(own), &result, &well);
	ck_assert(well);
	conform_result_free(&result);
	conform_world_free(own);
	return result;
}

static void is_answering(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	ck_assert((sa == NULL) == trial_is_decided(trial));
}

static void has_ack(struct trial *trial)
{
	struct trial_sa *sa;
	const struct seen *ack = script_ack(trial, &sa);

	ck_assert((ack == NULL) == trial_is_decided(trial));
	ck_assert(ack == NULL || (ack->sa == sa && seen_number(ack) == sa->number - 1));
}

START_TEST(test_who_announces_nothing_is_not_failed)
{
	ck_assert_int_eq(run(is_answering, false).verdict, CONFORM_UNSUPPORTED);
	ck_assert_int_eq(run(has_ack, false).verdict, CONFORM_UNSUPPORTED);
	ck_assert_int_eq(run(is_answering, true).verdict, CONFORM_PASS);
	ck_assert_int_eq(run(has_ack, true).verdict, CONFORM_PASS);
	ck_assert_int_eq(script_unanswered(NULL), CONFORM_FAIL);
	ck_assert_uint_eq(script_number(NULL), 0);
}
END_TEST

static void refuses_a_good_one(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_expect_refused(trial, sa, script_question(trial, sa), CONFORM_LENIENT);
}

static void refuses_a_bad_one(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->hash = MESSAGE_HASH_WRONG;
	script_expect_refused(trial, sa, message, CONFORM_LENIENT);
}

static void does_not_survive(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = trial_message(trial, sa);

	message_add_delete(message);
	script_expect_refused(trial, sa, message, CONFORM_LENIENT);
}

START_TEST(test_refused)
{
	ck_assert_int_eq(run(refuses_a_good_one, true).verdict, CONFORM_LENIENT);
	ck_assert_int_eq(run(does_not_survive, true).verdict, CONFORM_FAIL);
	ck_assert_int_eq(run(refuses_a_bad_one, true).verdict, CONFORM_PASS);
}
END_TEST

/* Ours in its strict mode takes a number only from a window; what it has not heard does not count. */
static void leaves_a_gap(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	sa->number += 100;
	script_expect_alive(trial, sa);
	script_expect_alive(trial, sa);
}

START_TEST(test_gap)
{
	struct conform_case of = {.id = "test/1/gap", .script = leaves_a_gap};
	struct conform_world *own = conform_world_new(7);
	struct keepalive_peer_settings strict =
	    *(const struct keepalive_peer_settings *)conform_world_device(own)->extension_settings;
	struct conform_result result;
	bool well;

	strict.plan.strictness = KEEPALIVE_STRICT;
	conform_world_device(own)->extension_settings = &strict;
	conform_run(&of, conform_world_world(own), conform_world_settings(own), &result, &well);
	ck_assert_int_eq(result.verdict, CONFORM_PASS);
	conform_result_free(&result);
	conform_world_free(own);
}
END_TEST

static void learns(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_learn(
	    trial, sa,
	    script_odd_question(trial, sa, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, octets_of(NULL, 0)),
	    "odd");
}

static void learns_of_silence(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_learn(trial, sa,
		     script_odd_question(trial, sa, 77, IKE_PROTOCOL_ISAKMP, octets_of(NULL, 0)),
		     "odd");
}

static void finds_the_first(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	trial_send(trial, sa, script_question(trial, sa));
	trial_send(trial, sa, script_question(trial, sa));
	ck_assert_uint_eq(seen_number(script_answer_since(trial, sa, mark)), sa->number - 3);
	mark = trial_mark(trial);
	ck_assert_ptr_null(script_answer_since(trial, sa, mark));

	/* what was answered before the mark is not an answer to what came after it */
	mark = trial_mark(trial);
	trial_ask(trial, sa, sa->number - 1);
	trial_pass_time(trial, 3 * IKE_SECOND);
	trial_ask(trial, sa, sa->number - 1);
	sa->number += 5;
	ck_assert_ptr_null(script_answer_since(trial, sa, mark));
}

START_TEST(test_learning)
{
	ck_assert_str_eq(run(learns, true).value, "odd=answered");
	ck_assert_str_eq(run(learns_of_silence, true).value, "odd=silent");
	ck_assert_int_eq(run(finds_the_first, true).verdict, CONFORM_PASS);
}
END_TEST

UNIT_MAIN("script", test_what_cannot_be_appended_to, test_append,
	  test_who_announces_nothing_is_not_failed, test_refused, test_gap, test_learning)
