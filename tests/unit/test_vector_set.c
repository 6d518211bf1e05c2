/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/proposal.h"
#include "interop/vectors/vector_set.h"
#include "tests/support/unit.h"

START_TEST(test_there_is_none_of_that_name)
{
	ck_assert_ptr_null(vector_set_find(""));
	ck_assert_ptr_null(vector_set_find("main-psk"));
	ck_assert_ptr_null(vector_set(vector_sets()));
}
END_TEST

/* The name is a folder's, and what the seeds are made of. */
START_TEST(test_names)
{
	for (size_t i = 0; i < vector_sets(); i++) {
		const char *name = vector_set(i)->name;

		ck_assert_ptr_eq(vector_set_find(name), vector_set(i));
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				  strlen(name));
	}
}
END_TEST

START_TEST(test_every_set_says_what_it_is)
{
	for (size_t i = 0; i < vector_sets(); i++) {
		const struct vector_set *set = vector_set(i);
		struct ike_proposal proposal;

		ck_assert_msg(strlen(set->description) > 20, "%s", set->name);
		ck_assert_msg(strlen(set->sections) > 8, "%s", set->name);
		ck_assert_ptr_nonnull(strpbrk(set->sections, " "));
		ck_assert_msg(ike_proposal_parse(set->proposal, &proposal), "%s", set->name);
		ck_assert_msg(set->play != NULL, "%s", set->name);
		if (set->defect.what != NULL)
			ck_assert_msg(set->defect.verdict != IKE_ACCEPTED, "%s", set->name);
	}
}
END_TEST

/* Main Mode with a secret has each of the engine's ciphers, hashes and groups, and each way from SKEYID_e to a key. */
START_TEST(test_every_algorithm)
{
	bool cipher[CIPHER_ALGORITHMS] = {0}, hash[HASH_ALGORITHMS] = {0}, group[DH_GROUPS] = {0};
	bool cut = false, exact = false, expanded[CIPHER_ALGORITHMS] = {0};

	for (size_t i = 0; i < vector_sets(); i++) {
		const struct vector_set *set = vector_set(i);
		struct ike_proposal proposal;
		enum cipher_algorithm c;
		enum hash_algorithm h;
		enum dh_group g;

		if (strncmp(set->name, "main-psk-", 9) != 0)
			continue;
		ck_assert(ike_proposal_parse(set->proposal, &proposal));
		ck_assert(ike_proposal_cipher(&proposal, &c) && ike_proposal_hash(&proposal, &h) &&
			  ike_proposal_group(&proposal, &g));
		cipher[c] = hash[h] = group[g] = true;
		cut = cut || hash_length(h) > cipher_key_length(c);
		exact = exact || hash_length(h) == cipher_key_length(c);
		if (hash_length(h) < cipher_key_length(c))
			expanded[c] = true;
	}
	for (size_t i = 0; i < CIPHER_ALGORITHMS; i++)
		ck_assert_msg(cipher[i], "cipher %zu", i);
	for (size_t i = 0; i < HASH_ALGORITHMS; i++)
		ck_assert_msg(hash[i], "hash %zu", i);
	for (size_t i = 0; i < DH_GROUPS; i++)
		ck_assert_msg(group[i], "group %zu", i);
	ck_assert(cut && exact);
	ck_assert(expanded[CIPHER_3DES] && expanded[CIPHER_AES_192] && expanded[CIPHER_AES_256]);
}
END_TEST

UNIT_MAIN("vector_set", test_there_is_none_of_that_name, test_names, test_every_set_says_what_it_is,
	  test_every_algorithm)
