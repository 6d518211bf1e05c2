/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_negative.h"

#include <string.h>

#include "tests/support/made.h"
#include "tests/support/unit.h"

START_TEST(test_how_many)
{
	ck_assert_ptr_null(vector_negative(vector_negatives()));
	ck_assert_uint_ge(vector_negatives() - vector_negatives_of_phase_1(), 15);
	for (size_t i = 0; i < vector_negatives(); i++) {
		ck_assert_int_eq(strncmp(vector_negative(i)->name, "negative-", 9), 0);
		ck_assert_ptr_nonnull(vector_negative(i)->defect.what);
	}
}
END_TEST

/* Behind the defect both still ask, and are answered: all of it accepted by vector_make(). */
START_TEST(test_the_sa_goes_on)
{
	for (size_t i = 0; i < vector_negatives() - vector_negatives_of_phase_1(); i++) {
		struct vector_made made;
		size_t questions = 0, answers = 0;

		made_set(&made, vector_negative(i)->name, VECTOR_NO_MISTAKE);
		for (size_t m = made.trace->message_of[made.world->defect] + 1;
		     m < made.trace->messages; m++) {
			uint16_t type = vector_message_notify(&made.trace->message[m]);

			questions += type == IKE_NOTIFY_R_U_THERE;
			answers += type == IKE_NOTIFY_R_U_THERE_ACK;
		}
		if (strcmp(vector_negative(i)->name, "negative-replay") != 0)
			ck_assert_msg(questions == 2, "%s", vector_negative(i)->name);
		ck_assert_uint_ge(answers, 2);
		vector_made_free(&made);
	}
}
END_TEST

/* One and the same session, but for the defect. */
START_TEST(test_only_that)
{
	struct vector_made made;
	const struct vector_message *message;

	made_set(&made, "negative-number-of-3-octets", VECTOR_NO_MISTAKE);
	message = &made.trace->message[made.trace->message_of[made.world->defect]];
	ck_assert(message->readable && message->hash[0].holds);
	ck_assert_uint_eq(message->message.payload[1].body.length, 27);
	vector_made_free(&made);
	made_set(&made, "negative-payloads-too-many", VECTOR_NO_MISTAKE);
	message = &made.trace->message[made.trace->message_of[made.world->defect]];
	ck_assert(message->readable && message->hash[0].holds);
	ck_assert_uint_lt(message->padding, 16);
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_negative", test_how_many, test_the_sa_goes_on, test_only_that)
