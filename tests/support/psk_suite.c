/* SPDX-License-Identifier: ISC */
#include "tests/support/psk_suite.h"

#include <jansson.h>
#include <string.h>

#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct member {
	const char *name;
	size_t offset;
};

static const struct member suite_members[] = {
    {"psk", offsetof(struct psk_suite, psk)},
    {"cky_i", offsetof(struct psk_suite, cky_i)},
    {"cky_r", offsetof(struct psk_suite, cky_r)},
    {"ni", offsetof(struct psk_suite, ni)},
    {"nr", offsetof(struct psk_suite, nr)},
    {"g_xi", offsetof(struct psk_suite, g_xi)},
    {"g_xr", offsetof(struct psk_suite, g_xr)},
    {"g_xy", offsetof(struct psk_suite, g_xy)},
    {"skeyid", offsetof(struct psk_suite, skeyid)},
    {"skeyid_d", offsetof(struct psk_suite, skeyid_d)},
    {"skeyid_a", offsetof(struct psk_suite, skeyid_a)},
    {"skeyid_e", offsetof(struct psk_suite, skeyid_e)},
    {"ka", offsetof(struct psk_suite, ka)},
    {"enc_key", offsetof(struct psk_suite, key)},
    {"sai_b", offsetof(struct psk_suite, sai_b)},
    {"idii_b", offsetof(struct psk_suite, idii_b)},
    {"idir_b", offsetof(struct psk_suite, idir_b)},
    {"hash_i", offsetof(struct psk_suite, hash_i)},
    {"hash_r", offsetof(struct psk_suite, hash_r)},
    {"iv_phase1", offsetof(struct psk_suite, iv_phase1)},
    {"mm5_with_initial_contact", offsetof(struct psk_suite, mm5)},
    {"mm6", offsetof(struct psk_suite, mm6)},
    {"last_phase1_block", offsetof(struct psk_suite, last_block)},
};

static const struct member message_members[] = {
    {"hash1", offsetof(struct psk_suite_message, hash_1)},
    {"iv", offsetof(struct psk_suite_message, iv)},
    {"plaintext", offsetof(struct psk_suite_message, plaintext)},
    {"packet", offsetof(struct psk_suite_message, packet)},
};

static const struct {
	const char *name;
	enum hash_algorithm hash;
} hashes[] = {{"md5", HASH_MD5}, {"sha1", HASH_SHA1}, {"sha256", HASH_SHA2_256}};

static const struct {
	const char *name;
	enum cipher_algorithm cipher;
} ciphers[] = {{"3des-cbc-192", CIPHER_3DES},
	       {"aes-cbc-128", CIPHER_AES_128},
	       {"aes-cbc-256", CIPHER_AES_256}};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	ck_assert_msg(text != NULL, "psk-suites.json: no %s", name);
	return text;
}

static void read_members(struct psk_suite *suite, const json_t *object, void *base,
			 const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t *at = suite->memory + suite->used;
		size_t length = 0;

		if (!json_is_null(json_object_get(object, members[i].name)))
			length = unit_hex(text_of(object, members[i].name), at,
					  sizeof(suite->memory) - suite->used);
		suite->used += length;
		*(struct octets *)(void *)((char *)base + members[i].offset) =
		    octets_of(at, length);
	}
}

static void read_message(struct psk_suite *suite, const json_t *object,
			 struct psk_suite_message *message)
{
	uint8_t id[4];

	ck_assert_uint_eq(unit_hex(text_of(object, "message_id"), id, sizeof(id)), 4);
	message->message_id =
	    (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
	read_members(suite, object, message, message_members, COUNT(message_members));
}

static void read_algorithms(struct psk_suite *suite, const json_t *object)
{
	size_t hash = 0, cipher = 0;

	while (hash < COUNT(hashes) && strcmp(hashes[hash].name, text_of(object, "hash")) != 0)
		hash++;
	while (cipher < COUNT(ciphers) &&
	       strcmp(ciphers[cipher].name, text_of(object, "cipher")) != 0)
		cipher++;
	ck_assert_uint_lt(hash, COUNT(hashes));
	ck_assert_uint_lt(cipher, COUNT(ciphers));
	suite->hash = hashes[hash].hash;
	suite->cipher = ciphers[cipher].cipher;
}

void psk_suites_load(struct psk_suite suites[PSK_SUITES])
{
	json_error_t error;
	json_t *all = json_load_file("tests/vectors/psk-suites.json", 0, &error);

	ck_assert_msg(all != NULL, "psk-suites.json: %s", error.text);
	ck_assert_uint_eq(json_array_size(all), PSK_SUITES);
	for (size_t i = 0; i < PSK_SUITES; i++) {
		const json_t *object = json_array_get(all, i);
		struct psk_suite *suite = &suites[i];

		suite->used = 0;
		read_algorithms(suite, object);
		read_members(suite, object, suite, suite_members, COUNT(suite_members));
		read_message(suite, json_object_get(object, "r_u_there"), &suite->r_u_there);
		read_message(suite, json_object_get(object, "r_u_there_ack"),
			     &suite->r_u_there_ack);
	}
	json_decref(all);
}
