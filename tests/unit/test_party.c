/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ike/party.h"
#include "tests/support/unit.h"

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {9};

static struct ike_identity fqdn(const char *name)
{
	struct ike_identity identity = {.type = IKE_ID_FQDN, .length = (uint16_t)strlen(name)};

	memcpy(identity.data, name, identity.length);
	return identity;
}

START_TEST(test_other_identities_are_other_parties)
{
	struct party_table *table = party_table_new(key);
	struct ike_identity us = fqdn("us"), them = fqdn("them"), others = fqdn("other");
	static struct ike_sa a, b, c, d;

	ck_assert(party_join(table, &a, &us, &them, 0));
	ck_assert(party_join(table, &b, &us, &others, 0));
	ck_assert(party_join(table, &c, &others, &them, 0)); /* we under another name */
	them.type = IKE_ID_USER_FQDN;
	ck_assert(party_join(table, &d, &us, &them, 0)); /* the same octets, another type */
	ck_assert_ptr_ne(a.party, b.party);
	ck_assert_ptr_ne(a.party, c.party);
	ck_assert_ptr_ne(a.party, d.party);
	party_leave(table, &a);
	party_leave(table, &b);
	party_leave(table, &c);
	party_leave(table, &d);
	party_table_free(table);
}
END_TEST

/* Who knows one peer's secret may say any name, but that makes him nobody else: a name is only worth the secret behind it. */
START_TEST(test_another_secret_is_another_party)
{
	struct party_table *table = party_table_new(key);
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	static struct ike_sa a = {.peer = 0}, b = {.peer = 1}, c = {.peer = 0};

	ck_assert(party_join(table, &a, &us, &them, 0));
	ck_assert(party_join(table, &b, &us, &them, 0));
	ck_assert(party_join(table, &c, &us, &them, 0));
	ck_assert_ptr_ne(a.party, b.party);
	ck_assert_ptr_eq(a.party, c.party);
	ck_assert_ptr_eq(party_find(table, 1, &us, &them), b.party);
	ck_assert_ptr_null(party_find(table, 2, &us, &them));
	ck_assert_ptr_null(party_find(table, 1, &them, &us));
	party_leave(table, &a);
	party_leave(table, &b);
	party_leave(table, &c);
	ck_assert_ptr_null(party_find(table, 1, &us, &them));
	party_table_free(table);
}
END_TEST

/* "ab" + "c" and "a" + "bc" are the same octets in a row, but not the same pair. */
START_TEST(test_boundaries_between_identities_count)
{
	struct party_table *table = party_table_new(key);
	struct ike_identity ab = fqdn("ab"), c = fqdn("c"), a = fqdn("a"), bc = fqdn("bc");
	static struct ike_sa one, two;

	ck_assert(party_join(table, &one, &ab, &c, 0));
	ck_assert(party_join(table, &two, &a, &bc, 0));
	ck_assert_ptr_ne(one.party, two.party);
	party_leave(table, &one);
	party_leave(table, &two);
	party_table_free(table);
}
END_TEST

START_TEST(test_newest_first_and_any_order_of_leaving)
{
	struct party_table *table = party_table_new(key);
	struct ike_identity us = fqdn("us"), them = fqdn("them"), told;
	static struct ike_sa sa[3];
	struct ike_party *party;

	for (int i = 0; i < 3; i++)
		ck_assert(party_join(table, &sa[i], &us, &them, 0));
	party = sa[0].party;
	ck_assert_ptr_eq(party->first_sa, &sa[2]);
	party_remote_identity(party, &told);
	ck_assert_uint_eq(told.length, 4);
	ck_assert_mem_eq(told.data, "them", 4);
	party_leave(table, &sa[1]);
	ck_assert_ptr_eq(sa[2].next_of_party, &sa[0]);
	ck_assert_ptr_eq(sa[0].previous_of_party, &sa[2]);
	party_leave(table, &sa[2]);
	ck_assert_ptr_eq(party->first_sa, &sa[0]);
	party_leave(table, &sa[1]); /* not in any party any more: nothing happens */
	party_leave(table, &sa[0]);
	party_table_free(table);
}
END_TEST

/* A party is there as long as it has an SA or a pair, and has its tunnels from the beginning. */
START_TEST(test_pairs)
{
	struct party_table *table = party_table_new(key);
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	static struct ike_sa sa, again;
	static struct ike_pair pair[3];
	const struct ike_party *party;

	ck_assert(party_join(table, &sa, &us, &them, 3));
	party = sa.party;
	ck_assert_uint_eq(party->tunnels, 3);
	for (uint8_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(party->tunnel[i].index, i);
		ck_assert_ptr_eq(party->tunnel[i].party, party);
		party_join_pair(sa.party, &pair[i]);
	}
	ck_assert_uint_eq(party->pairs, 3);
	ck_assert_ptr_eq(party->first_pair, &pair[2]);
	party_leave(table, &sa);
	party_leave_pair(table, &pair[1]);
	ck_assert_ptr_eq(pair[2].next_of_party, &pair[0]);
	ck_assert_ptr_eq(pair[0].previous_of_party, &pair[2]);
	/* the same party, for it was not forgotten */
	ck_assert(party_join(table, &again, &us, &them, 3));
	ck_assert_ptr_eq(again.party, party);
	party_leave_pair(table, &pair[2]);
	party_leave_pair(table, &pair[0]);
	ck_assert_ptr_null(party->first_pair);
	party_leave(table, &again);
	party_table_free(table);
}
END_TEST

START_TEST(test_many_parties)
{
	enum { MANY = 1000 };
	struct party_table *table = party_table_new(key);
	static struct ike_sa sa[MANY], again;
	struct ike_identity us = fqdn("us");

	for (int i = 0; i < MANY; i++) {
		char name[24];
		struct ike_identity them;

		snprintf(name, sizeof(name), "peer-%d", i);
		them = fqdn(name);
		ck_assert(party_join(table, &sa[i], &us, &them, 0));
	}
	{
		struct ike_identity them = fqdn("peer-7");

		ck_assert(party_join(table, &again, &us, &them, 0));
		ck_assert_ptr_eq(again.party, sa[7].party); /* found although the table has grown */
	}
	party_leave(table, &again);
	for (int i = 0; i < MANY; i++)
		party_leave(table, &sa[i]);
	party_table_free(table);
}
END_TEST

UNIT_MAIN("party", test_pairs, test_other_identities_are_other_parties,
	  test_another_secret_is_another_party, test_boundaries_between_identities_count,
	  test_newest_first_and_any_order_of_leaving, test_many_parties)
