/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_play.h"

#include "tests/support/made.h"
#include "tests/support/unit.h"

/* How many messages of a party's have a NOTIFY of that type. */
static size_t says(const struct vector_made *made, enum vector_party party, uint16_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < made->trace->messages; i++)
		count += made->trace->message[i].from == party &&
			 vector_message_notify(&made->trace->message[i]) == type;
	return count;
}

static size_t deletes(const struct vector_made *made)
{
	size_t count = 0;

	for (size_t i = 0; i < made->trace->messages; i++)
		count +=
		    ike_payload_find(&made->trace->message[i].message, IKE_PAYLOAD_DELETE) != NULL;
	return count;
}

START_TEST(test_a_session)
{
	struct vector_made made;

	made_set(&made, "main-psk-aes128-sha1-modp2048", VECTOR_NO_MISTAKE);
	for (enum vector_party party = VECTOR_A; party < VECTOR_PARTIES; party++) {
		ck_assert_uint_eq(says(&made, party, IKE_NOTIFY_R_U_THERE), 3);
		ck_assert_uint_eq(says(&made, party, IKE_NOTIFY_R_U_THERE_ACK), 3);
	}
	ck_assert_uint_ge(says(&made, VECTOR_A, IKE_NOTIFY_INITIAL_CONTACT), 1);
	ck_assert_uint_eq(deletes(&made), 1);
	ck_assert_uint_eq(made.trace->sas, 1);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_through_a_nat)
{
	struct vector_made made;
	size_t keepalives = 0;

	made_set(&made, "nat-t", VECTOR_NO_MISTAKE);
	for (size_t i = 0; i < made.world->datagrams; i++)
		keepalives += made.world->datagram[i].length == 1;
	ck_assert_uint_ge(keepalives, 1);
	ck_assert_uint_eq(says(&made, VECTOR_A, IKE_NOTIFY_R_U_THERE), 3);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_a_renewal)
{
	struct vector_made made;

	made_set(&made, "rekey", VECTOR_NO_MISTAKE);
	ck_assert_uint_eq(made.trace->sas, 2);
	ck_assert(made.trace->sa[0].done && made.trace->sa[1].done);
	ck_assert_mem_ne(made.trace->sa[0].cky_i, made.trace->sa[1].cky_i, IKE_COOKIE_LENGTH);
	ck_assert_uint_eq(made.world->end[VECTOR_A].deaths, 0);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_a_death)
{
	struct vector_made made;

	made_set(&made, "death-and-recovery", VECTOR_NO_MISTAKE);
	ck_assert_uint_eq(made.world->end[VECTOR_A].deaths, 1);
	ck_assert_uint_eq(made.world->end[VECTOR_B].lives, 2);
	ck_assert_uint_eq(made.trace->sas, 2);
	ck_assert(made.trace->sa[1].done);
	ck_assert_uint_gt(says(&made, VECTOR_A, IKE_NOTIFY_R_U_THERE),
			  says(&made, VECTOR_B, IKE_NOTIFY_R_U_THERE_ACK));
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_play", test_a_session, test_through_a_nat, test_a_renewal, test_a_death)
