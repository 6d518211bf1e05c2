/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/vectors/vector_negative.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

/* Nobody gets an SA of it, but whoever sent the last message in good faith. */
START_TEST(test_no_sa)
{
	ck_assert_ptr_null(vector_negative_of_phase_1(vector_negatives_of_phase_1()));
	for (size_t i = 0; i < vector_negatives_of_phase_1(); i++) {
		const struct vector_set *set = vector_negative_of_phase_1(i);
		struct vector_made made;

		made_set(&made, set->name, VECTOR_NO_MISTAKE);
		ck_assert_msg(made.world->end[VECTOR_A].established == 0, "%s", set->name);
		ck_assert_uint_eq(made.world->end[VECTOR_B].established,
				  strcmp(set->name, "negative-mm6-hash-wrong") == 0);
		vector_made_free(&made);
	}
}
END_TEST

static const struct vector_message *defect_of(struct vector_made *made, const char *name)
{
	made_set(made, name, VECTOR_NO_MISTAKE);
	return &made->trace->message[made->trace->message_of[made->world->defect]];
}

static struct octets body(const struct vector_message *message, enum ike_payload_type type)
{
	const struct ike_payload *payload = ike_payload_find(&message->message, type);

	ck_assert_ptr_nonnull(payload);
	return payload->body;
}

START_TEST(test_public_values)
{
	struct vector_made made;
	struct octets value =
	    body(defect_of(&made, "negative-mm3-public-p-less-1"), IKE_PAYLOAD_KE);
	uint8_t next[128];

	/* the next one is still refused, the one before it is not */
	ck_assert(!dh_public_valid(made.world->crypto, DH_MODP_1024, value));
	memcpy(next, value.data, sizeof(next));
	next[127]--;
	ck_assert(dh_public_valid(made.world->crypto, DH_MODP_1024, octets_of(next, sizeof(next))));
	vector_made_free(&made);
	value = body(defect_of(&made, "negative-mm3-public-short"), IKE_PAYLOAD_KE);
	ck_assert_uint_eq(value.length, 127);
	vector_made_free(&made);
	value = body(defect_of(&made, "negative-mm3-nonce-short"), IKE_PAYLOAD_NONCE);
	ck_assert_uint_eq(value.length, 7);
	vector_made_free(&made);
}
END_TEST

/* What was changed inside is encrypted again with the right key, and nothing else is wrong with it. */
START_TEST(test_changed_inside)
{
	struct vector_made made;
	const struct vector_message *message = defect_of(&made, "negative-mm6-hash-wrong");
	struct octets value = body(message, IKE_PAYLOAD_HASH);

	ck_assert_str_eq(message->name, "MM6");
	ck_assert_uint_eq(value.data[0], message->hash[0].value[0] ^ 1);
	ck_assert_mem_eq(value.data + 1, message->hash[0].value + 1, value.length - 1);
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_negative_phase_1", test_no_sa, test_public_values, test_changed_inside)
