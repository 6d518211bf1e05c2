/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_json.h"

#include <string.h>

#include "tests/support/made.h"
#include "tests/support/unit.h"

static json_t *values_of(const char *name)
{
	struct vector_made made;
	json_t *values;

	made_set(&made, name, VECTOR_NO_MISTAKE);
	values = vector_json(&made);
	ck_assert_ptr_nonnull(values);
	vector_made_free(&made);
	return values;
}

/* "messages", 4, "payloads", 0: a number is an index; the last one is what is asked for. */
static const char *text(const json_t *value, const char *name)
{
	const char *string = json_string_value(json_object_get(value, name));

	ck_assert_msg(string != NULL, "no %s", name);
	return string;
}

START_TEST(test_a_positive_set)
{
	json_t *values = values_of("main-psk-long-secret");

	ck_assert_str_eq(text(values, "kind"), "positive");
	ck_assert_ptr_null(json_object_get(values, "defect"));
	ck_assert_uint_eq(json_array_size(json_object_get(values, "sas")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(values, "sections")), 4);
	ck_assert_uint_gt(strlen(text(json_object_get(values, "authentication"), "psk")), 128);
	ck_assert_uint_eq(json_array_size(json_object_get(values, "datagrams")),
			  json_array_size(json_object_get(values, "messages")));
	json_decref(values);
}
END_TEST

START_TEST(test_a_negative_set)
{
	json_t *values = values_of("negative-mm3-public-0"), *defect;

	ck_assert_str_eq(text(values, "kind"), "negative");
	ck_assert_uint_eq(json_array_size(json_object_get(values, "sas")), 0);
	defect = json_object_get(values, "defect");
	ck_assert_str_eq(text(defect, "verdict"), "BAD_KEY_EXCHANGE");
	ck_assert_str_eq(text(defect, "section"), "RFC 2408 section 5.7");
	ck_assert_int_eq(json_integer_value(json_object_get(defect, "message")), 3);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(
		json_object_get(json_object_get(defect, "answer"), "notify"), "number")),
	    17);
	json_decref(values);
	values = values_of("negative-hash-wrong");
	ck_assert(json_is_null(json_object_get(json_object_get(values, "defect"), "answer")));
	json_decref(values);
}
END_TEST

START_TEST(test_a_party)
{
	json_t *values = values_of("nat-t"),
	       *party = json_array_get(json_object_get(values, "parties"), 0);

	ck_assert_str_eq(text(party, "name"), "A");
	ck_assert_str_eq(text(party, "address"), "10.0.0.1");
	ck_assert_str_eq(text(party, "id_b"), "02000000612e6578616d706c65");
	ck_assert_ptr_null(json_object_get(party, "rsa"));
	json_decref(values);
	values = values_of("fragments");
	party = json_array_get(json_object_get(values, "parties"), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(party, "certificates")), 2);
	ck_assert_uint_eq(strlen(text(json_object_get(party, "rsa"), "modulus")), 512);
	json_decref(values);
	values = values_of("negative-mm5-secrets-differ");
	party = json_array_get(json_object_get(values, "parties"), 1);
	ck_assert_str_ne(text(party, "psk"),
			 text(json_object_get(values, "authentication"), "psk"));
	json_decref(values);
}
END_TEST

static size_t count(const json_t *values, const char *what)
{
	size_t found = 0, index;
	json_t *datagram;

	json_array_foreach(json_object_get(values, "datagrams"), index, datagram)
	{
		found += strcmp(text(datagram, "what"), what) == 0;
		ck_assert_int_eq(json_integer_value(json_object_get(datagram, "frame")),
				 (json_int_t)index + 1);
	}
	return found;
}

START_TEST(test_datagrams)
{
	json_t *values = values_of("fragments"), *last, *fragment;

	ck_assert_uint_eq(count(values, "fragment"), 4);
	fragment =
	    json_object_get(json_array_get(json_object_get(values, "datagrams"), 5), "fragment");
	ck_assert(json_is_true(json_object_get(fragment, "last")));
	json_decref(values);
	values = values_of("nat-t");
	ck_assert_uint_ge(count(values, "nat-keepalive"), 1);
	json_decref(values);
	values = values_of("negative-replay");
	last = json_array_get(json_object_get(values, "datagrams"),
			      (size_t)json_integer_value(
				  json_object_get(json_object_get(values, "defect"), "frame")) -
				  1);
	ck_assert(json_is_integer(json_object_get(last, "repeats")));
	json_decref(values);
}
END_TEST

UNIT_MAIN("vector_json", test_a_positive_set, test_a_negative_set, test_a_party, test_datagrams)
