/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/vectors/vector_json.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

static const char *text(const json_t *value, const char *name)
{
	const char *string = json_string_value(json_object_get(value, name));

	ck_assert_msg(string != NULL, "no %s", name);
	return string;
}

static json_t *defect_of(const char *name)
{
	struct vector_made made;
	json_t *value;

	made_set(&made, name, VECTOR_NO_MISTAKE);
	value = vector_json_message(
	    made.trace, &made.trace->message[made.trace->message_of[made.world->defect]]);
	vector_made_free(&made);
	return value;
}

START_TEST(test_what_cannot_be_read)
{
	json_t *value = defect_of("negative-payload-length-long");

	ck_assert(json_is_false(json_object_get(value, "readable")));
	ck_assert_uint_eq(json_array_size(json_object_get(value, "payloads")), 0);
	ck_assert(json_is_object(json_object_get(value, "protection")));
	json_decref(value);
	value = defect_of("negative-padding-missing");
	ck_assert(json_is_null(json_object_get(value, "protection")));
	ck_assert_int_eq(json_integer_value(json_object_get(value, "flags")), 1);
	json_decref(value);
	value = defect_of("negative-datagram-27-octets");
	ck_assert_uint_eq(strlen(text(value, "wire")), 54);
	ck_assert_str_eq(text(value, "cky_i"), "0000000000000000");
	json_decref(value);
}
END_TEST

START_TEST(test_a_question)
{
	struct vector_made made;
	json_t *value, *payload, *notify, *hash;

	made_set(&made, "main-psk-aes128-sha1-modp2048", VECTOR_NO_MISTAKE);
	value = vector_json_message(made.trace, made_message(&made, "INFO*", 1));
	ck_assert_uint_eq(json_array_size(json_object_get(value, "payloads")), 2);
	payload = json_array_get(json_object_get(value, "payloads"), 1);
	notify = json_object_get(payload, "notify");
	ck_assert_str_eq(text(json_object_get(notify, "type"), "name"), "R-U-THERE");
	ck_assert_int_eq(json_integer_value(json_object_get(notify, "sequence")) & 0xff,
			 (json_int_t)strtoul(text(notify, "data") + 6, NULL, 16));
	hash = json_array_get(json_object_get(value, "hashes"), 0);
	ck_assert_str_eq(text(hash, "algorithm"), "hmac-sha1");
	ck_assert_str_eq(text(hash, "value"),
			 text(json_array_get(json_object_get(value, "payloads"), 0), "body"));
	ck_assert_str_eq(text(json_object_get(value, "protection"), "iv_from"), "message-id");
	json_decref(value);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_a_delete)
{
	struct vector_made made;
	const struct vector_message *last;
	json_t *value, *gone;

	made_set(&made, "main-psk-aes128-sha1-modp2048", VECTOR_NO_MISTAKE);
	last = &made.trace->message[made.trace->messages - 1];
	value = vector_json_message(made.trace, last);
	gone = json_object_get(json_array_get(json_object_get(value, "payloads"), 1), "delete");
	ck_assert_uint_eq(json_array_size(json_object_get(gone, "spis")), 1);
	ck_assert_uint_eq(
	    strlen(json_string_value(json_array_get(json_object_get(gone, "spis"), 0))), 32);
	json_decref(value);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_a_signature)
{
	struct vector_made made;
	json_t *value, *signature, *hash;
	const char *encoded;

	made_set(&made, "main-rsa-aes256-sha256-ecp256", VECTOR_NO_MISTAKE);
	value = vector_json_message(made.trace, made_message(&made, "MM6", 0));
	signature = json_object_get(value, "signature");
	hash = json_array_get(json_object_get(value, "hashes"), 0);
	ck_assert_str_eq(text(signature, "signer"), "B");
	ck_assert_str_eq(text(signature, "signed"), text(hash, "value"));
	ck_assert(json_is_null(json_object_get(hash, "payload")));
	encoded = text(signature, "encoded");
	ck_assert_uint_eq(strlen(encoded), 512);
	ck_assert_int_eq(strncmp(encoded, "0001ffff", 8), 0);
	ck_assert_str_eq(encoded + 512 - 64, text(signature, "signed"));
	ck_assert_int_eq(strncmp(encoded + 512 - 64 - 4, "ff00", 4), 0);
	json_decref(value);
	vector_made_free(&made);
}
END_TEST

START_TEST(test_nat_d)
{
	struct vector_made made;
	json_t *value, *hash;

	made_set(&made, "nat-t", VECTOR_NO_MISTAKE);
	value = vector_json_message(made.trace, made_message(&made, "MM3", 0));
	hash = json_array_get(json_object_get(value, "hashes"), 1);
	ck_assert_str_eq(text(hash, "kind"), "NAT-D source");
	ck_assert_str_eq(text(hash, "algorithm"), "sha1");
	ck_assert(json_is_null(json_object_get(hash, "key")));
	ck_assert_str_eq(text(json_array_get(json_object_get(hash, "input"), 2), "value"),
			 "c0000201");
	ck_assert_str_eq(text(json_array_get(json_object_get(hash, "input"), 3), "value"), "2904");
	json_decref(value);
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_json_message", test_what_cannot_be_read, test_a_question, test_a_delete,
	  test_a_signature, test_nat_d)
