/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/address.h"
#include "interop/vectors/vector_json.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

static const char *text(const json_t *value, const char *name)
{
	const char *string = json_string_value(json_object_get(value, name));

	ck_assert_msg(string != NULL, "no %s", name);
	return string;
}

START_TEST(test_octets)
{
	const uint8_t octets[] = {0x00, 0x0a, 0xf0};
	json_t *value = vector_json_octets(octets_of(octets, 3));

	ck_assert_str_eq(json_string_value(value), "000af0");
	json_decref(value);
	value = vector_json_octets(octets_of(NULL, 0));
	ck_assert_str_eq(json_string_value(value), "");
	json_decref(value);
	value = vector_json_octets_or_null(octets_of(NULL, 0));
	ck_assert(json_is_null(value));
	value = vector_json_u32(0x0000abcd);
	ck_assert_str_eq(json_string_value(value), "0000abcd");
	json_decref(value);
}
END_TEST

START_TEST(test_numbers)
{
	struct ike_address address;
	json_t *value = vector_json_number(7, "aes");

	ck_assert_str_eq(text(value, "name"), "aes");
	json_decref(value);
	value = vector_json_number(99, NULL);
	ck_assert_str_eq(text(value, "name"), "unknown");
	ck_assert_int_eq(json_integer_value(json_object_get(value, "number")), 99);
	json_decref(value);
	ck_assert(ike_address_from_text("[2001:db8::1]:4500", &address));
	value = vector_json_endpoint(&address);
	ck_assert_str_eq(text(value, "address"), "2001:db8::1");
	ck_assert_int_eq(json_integer_value(json_object_get(value, "port")), 4500);
	json_decref(value);
}
END_TEST

static void assert_key(const char *name, const char *expected, size_t blocks)
{
	struct vector_made made;
	json_t *sas, *key;

	made_set(&made, name, VECTOR_NO_MISTAKE);
	sas = vector_json_sas(made.trace);
	key = json_object_get(json_array_get(sas, 0), "key");
	ck_assert_str_eq(text(key, "case"), expected);
	ck_assert_uint_eq(json_array_size(json_object_get(key, "k")), blocks);
	ck_assert_uint_eq(strlen(text(key, "key")),
			  2 * (size_t)json_integer_value(json_object_get(key, "length")));
	json_decref(sas);
	vector_made_free(&made);
}

START_TEST(test_keys)
{
	assert_key("main-psk-aes128-sha1-modp2048", "cut", 0);
	assert_key("main-psk-aes128-md5-modp768", "exact", 0);
	assert_key("main-psk-3des-sha1-modp1536", "expanded", 2);
}
END_TEST

/* Zeros are counted in, unless that is the mistake. */
START_TEST(test_g_xy)
{
	for (int mistaken = 0; mistaken < 2; mistaken++) {
		struct vector_made made;
		json_t *sas, *dh;

		made_set(&made, "leading-zeros-g-xy-ecp256",
			 mistaken ? VECTOR_LEADING_ZERO : VECTOR_NO_MISTAKE);
		sas = vector_json_sas(made.trace);
		dh = json_object_get(json_array_get(sas, 0), "dh");
		ck_assert_int_eq(json_integer_value(json_object_get(dh, "g_xy_length")),
				 mistaken ? 30 : 32);
		ck_assert_int_eq(strncmp(text(dh, "g_xy"), "0000", 4) == 0, !mistaken);
		json_decref(sas);
		vector_made_free(&made);
	}
}
END_TEST

START_TEST(test_quick_mode)
{
	struct vector_made made;
	json_t *quicks, *quick, *keymat;

	made_set(&made, "quick-aes256-sha256-pfs-modp2048", VECTOR_NO_MISTAKE);
	quicks = vector_json_quick_modes(made.trace);
	quick = json_array_get(quicks, 0);
	ck_assert_uint_eq(json_array_size(quicks), 1);
	ck_assert_uint_eq(strlen(text(json_object_get(quick, "dh"), "g_xy")), 512);
	keymat = json_array_get(json_object_get(quick, "keymat"), 0);
	ck_assert_str_eq(text(keymat, "spi"), text(quick, "spi_i"));
	ck_assert_str_eq(text(keymat, "receiver"), "A");
	ck_assert_uint_eq(json_array_size(json_object_get(keymat, "k")), 2);
	ck_assert_uint_eq(strlen(text(keymat, "encryption_key")), 64);
	json_decref(quicks);
	vector_made_free(&made);
	made_set(&made, "quick-3des-md5", VECTOR_NO_MISTAKE);
	quicks = vector_json_quick_modes(made.trace);
	quick = json_array_get(quicks, 0);
	ck_assert(json_is_null(json_object_get(quick, "dh")));
	ck_assert(json_is_null(json_object_get(json_object_get(quick, "transform"), "group")));
	json_decref(quicks);
	vector_made_free(&made);
}
END_TEST

UNIT_MAIN("vector_json_parts", test_octets, test_numbers, test_keys, test_g_xy, test_quick_mode)
