/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "ike/party.h"
#include "ike/sa_table.h"
#include "tests/support/unit.h"

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {9};

static struct ike_identity fqdn(const char *name)
{
	struct ike_identity identity = {.type = IKE_ID_FQDN, .length = (uint16_t)strlen(name)};

	memcpy(identity.data, name, identity.length);
	return identity;
}

enum { SAS = 1100 };

static struct sa_table *sas;
static size_t empty; /* octets of a table without parties */

static struct party_table *begin(void)
{
	struct party_table *table;

	sas = sa_table_new(SAS, key);
	table = party_table_new(key, sas, 3);
	empty = party_table_octets(table);
	return table;
}

static size_t octets_of_parties(const struct party_table *table)
{
	return party_table_octets(table) - empty;
}

static void end(struct party_table *table)
{
	/* everything has been forgotten */
	ck_assert_uint_eq(octets_of_parties(table), 0);
	party_table_free(table);
	sa_table_free(sas);
}

static struct ike_sa *sa_with(uint32_t peer)
{
	static uint8_t cookie[IKE_COOKIE_LENGTH];
	struct ike_sa *sa;

	for (size_t i = 0; ++cookie[i] == 0;)
		i++;
	sa = sa_table_add(sas, cookie, cookie);
	sa->peer = peer;
	return sa;
}

START_TEST(test_other_identities_are_other_parties)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them"), others = fqdn("other");
	struct ike_sa *a = sa_with(0), *b = sa_with(0), *c = sa_with(0), *d = sa_with(0);

	ck_assert(party_join(table, a, &us, &them, 0));
	ck_assert(party_join(table, b, &us, &others, 0));
	ck_assert(party_join(table, c, &others, &them, 0)); /* we under another name */
	them.type = IKE_ID_USER_FQDN;
	ck_assert(party_join(table, d, &us, &them, 0)); /* the same octets, another type */
	ck_assert_ptr_ne(a->party, b->party);
	ck_assert_ptr_ne(a->party, c->party);
	ck_assert_ptr_ne(a->party, d->party);
	party_leave(table, a);
	party_leave(table, b);
	party_leave(table, c);
	party_leave(table, d);
	end(table);
}
END_TEST

/* Who knows one peer's secret may say any name, but that makes him nobody else: a name is only worth the secret behind it. */
START_TEST(test_another_secret_is_another_party)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	struct ike_sa *a = sa_with(0), *b = sa_with(1), *c = sa_with(0);

	ck_assert(party_join(table, a, &us, &them, 0));
	ck_assert(party_join(table, b, &us, &them, 0));
	ck_assert(party_join(table, c, &us, &them, 0));
	ck_assert_ptr_ne(a->party, b->party);
	ck_assert_ptr_eq(a->party, c->party);
	ck_assert_ptr_eq(party_find(table, 1, &us, &them), b->party);
	ck_assert_ptr_null(party_find(table, 2, &us, &them));
	ck_assert_ptr_null(party_find(table, 1, &them, &us));
	party_leave(table, a);
	party_leave(table, b);
	party_leave(table, c);
	ck_assert_ptr_null(party_find(table, 1, &us, &them));
	end(table);
}
END_TEST

/* "ab" + "c" and "a" + "bc" are the same octets in a row, but not the same pair. */
START_TEST(test_boundaries_between_identities_count)
{
	struct party_table *table = begin();
	struct ike_identity ab = fqdn("ab"), c = fqdn("c"), a = fqdn("a"), bc = fqdn("bc");
	struct ike_sa *one = sa_with(0), *two = sa_with(0);

	ck_assert(party_join(table, one, &ab, &c, 0));
	ck_assert(party_join(table, two, &a, &bc, 0));
	ck_assert_ptr_ne(one->party, two->party);
	party_leave(table, one);
	party_leave(table, two);
	end(table);
}
END_TEST

START_TEST(test_newest_first_and_any_order_of_leaving)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them"), told;
	struct ike_sa *sa[3] = {sa_with(0), sa_with(0), sa_with(0)};
	struct ike_party *party;

	for (int i = 0; i < 3; i++)
		ck_assert(party_join(table, sa[i], &us, &them, 0));
	party = sa[0]->party;
	ck_assert_ptr_eq(sa_table_at(sas, party->first_sa), sa[2]);
	party_remote_identity(party, &told);
	ck_assert_uint_eq(told.length, 4);
	ck_assert_mem_eq(told.data, "them", 4);
	party_leave(table, sa[1]);
	ck_assert_ptr_eq(sa_table_at(sas, sa[2]->next_of_party), sa[0]);
	ck_assert(party_has_other_sas(table, sa[0]) && party_has_other_sas(table, sa[2]));
	party_leave(table, sa[2]);
	ck_assert_ptr_eq(sa_table_at(sas, party->first_sa), sa[0]);
	party_leave(table, sa[1]); /* not in any party any more: nothing happens */
	party_leave(table, sa[0]);
	end(table);
}
END_TEST

/* A party is there as long as it has an SA or a pair, and has its tunnels from the beginning. */
START_TEST(test_pairs)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	struct ike_sa *sa = sa_with(0), *again = sa_with(0);
	static struct ike_pair pair[3];
	const struct ike_party *party;

	ck_assert(party_join(table, sa, &us, &them, 3));
	party = sa->party;
	ck_assert_uint_eq(party_tunnels(party), 3);
	for (uint8_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(party->phase_2->tunnel[i].index, i);
		ck_assert_ptr_eq(party->phase_2->tunnel[i].party, party);
		party_join_pair(sa->party, &pair[i]);
	}
	ck_assert_uint_eq(party_pairs(party), 3);
	ck_assert_ptr_eq(party_first_pair(party), &pair[2]);
	party_leave(table, sa);
	party_leave_pair(table, &pair[1]);
	ck_assert_ptr_eq(pair[2].next_of_party, &pair[0]);
	ck_assert_ptr_eq(pair[0].previous_of_party, &pair[2]);
	/* the same party, for it was not forgotten */
	ck_assert(party_join(table, again, &us, &them, 3));
	ck_assert_ptr_eq(again->party, party);
	party_leave_pair(table, &pair[2]);
	party_leave_pair(table, &pair[0]);
	ck_assert_ptr_null(party_first_pair(party));
	party_leave(table, again);
	end(table);
}
END_TEST

/* What we are called with a peer is written down once; who calls us by another name is not confused with that. */
START_TEST(test_usual_and_other_names)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("gateway.example"), them = fqdn("x"), other = fqdn("gw"),
			    told;
	struct ike_sa *a = sa_with(0), *b = sa_with(0), *c = sa_with(0);
	size_t small;

	ck_assert(party_join(table, a, &us, &them, 0));
	small = octets_of_parties(table);
	ck_assert_uint_eq(small, 32); /* with one octet of a name, rounded up */
	ck_assert(party_join(table, b, &other, &them, 0));
	ck_assert_uint_gt(octets_of_parties(table), 2 * small);
	ck_assert_ptr_ne(a->party, b->party);
	party_local_identity(table, a->party, &told);
	ck_assert_uint_eq(told.length, us.length);
	ck_assert_mem_eq(told.data, us.data, us.length);
	party_local_identity(table, b->party, &told);
	ck_assert_uint_eq(told.type, IKE_ID_FQDN);
	ck_assert_uint_eq(told.length, 2);
	ck_assert_mem_eq(told.data, "gw", 2);
	party_remote_identity(b->party, &told);
	ck_assert_uint_eq(told.length, 1);
	/* nothing is held any more, and yet the usual name stays the usual one */
	party_leave(table, a);
	party_leave(table, b);
	ck_assert(party_join(table, c, &us, &them, 0));
	ck_assert_uint_eq(octets_of_parties(table), small);
	ck_assert_ptr_eq(party_find(table, 0, &us, &them), c->party);
	ck_assert_ptr_null(party_find(table, 0, &other, &them));
	party_leave(table, c);
	end(table);
}
END_TEST

/* As long as they may be, on both sides. */
START_TEST(test_longest_names)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"),
			    long_one = {.type = IKE_ID_KEY_ID, .length = IKE_IDENTITY_MAX};
	struct ike_sa *a = sa_with(0), *b = sa_with(0);
	struct ike_identity told;

	memset(long_one.data, 'x', sizeof(long_one.data));
	ck_assert(party_join(table, a, &us, &long_one, 0));
	ck_assert(party_join(table, b, &long_one, &long_one, 2));
	ck_assert_ptr_eq(party_find(table, 0, &long_one, &long_one), b->party);
	party_remote_identity(b->party, &told);
	ck_assert_uint_eq(told.length, IKE_IDENTITY_MAX);
	ck_assert_mem_eq(told.data, long_one.data, IKE_IDENTITY_MAX);
	party_leave(table, a);
	party_leave(table, b);
	end(table);
}
END_TEST

/* What is no identity belongs to nobody, after a usual name as before it. */
START_TEST(test_no_identity)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them"), none = {.type = 0}, told;
	struct ike_sa *a = sa_with(0), *b = sa_with(0);

	ck_assert(!party_join(table, a, &none, &them, 0));
	ck_assert(!party_join(table, a, &us, &none, 0));
	ck_assert_ptr_null(a->party);
	ck_assert(party_join(table, a, &us, &them, 0));
	ck_assert(!party_join(table, b, &none, &them, 0));
	ck_assert_ptr_null(b->party);
	ck_assert_ptr_null(party_find(table, 0, &none, &them));
	party_remote_identity(a->party, &told);
	ck_assert_uint_eq(told.length, 4);
	party_leave(table, a);
	end(table);
}
END_TEST

/* The back links are those of a list: one SA after the other leaves, in an order that is neither, and the rest stays in its own. */
START_TEST(test_leaving_in_the_middle)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	enum { MEMBERS = 97, STEP = 35 };
	struct ike_sa *sa[MEMBERS], *left;
	struct ike_party *party;
	bool gone[MEMBERS] = {false};

	for (int i = 0; i < MEMBERS; i++) {
		sa[i] = sa_with(0);
		ck_assert(party_join(table, sa[i], &us, &them, 0));
	}
	party = sa[0]->party;
	for (int i = 0, at = 0; i < MEMBERS; i++, at = (at + STEP) % MEMBERS) {
		party_leave(table, sa[at]);
		gone[at] = true;
		if (i == MEMBERS - 1)
			break; /* the party has gone with it */
		left = sa_table_at(sas, party->first_sa);
		for (int j = MEMBERS; j-- > 0;) {
			if (gone[j])
				continue;
			ck_assert_ptr_eq(left, sa[j]);
			left = sa_table_at(sas, left->next_of_party);
		}
		ck_assert_ptr_null(left);
	}
	end(table);
}
END_TEST

/* The oldest first, as they expire, of as many as there may be of one party: in a time that does not grow with their number. */
START_TEST(test_leaving_oldest_first)
{
	enum { MANY = 200000 };
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	struct party_table *table;
	static struct ike_sa *sa[MANY];

	sas = sa_table_new(MANY, key);
	table = party_table_new(key, sas, 1);
	empty = party_table_octets(table);
	for (int i = 0; i < MANY; i++) {
		sa[i] = sa_with(0);
		ck_assert(party_join(table, sa[i], &us, &them, 0));
	}
	for (int i = 0; i < MANY; i++)
		party_leave(table, sa[i]); /* the test's own limit of time is the check */
	end(table);
}
END_TEST

/* Of a peer without tunnels; nothing is kept for Phase 2 before its first Quick Mode. */
START_TEST(test_room_for_pairs)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them");
	static struct ike_pair pair;
	struct ike_sa *sa = sa_with(0);

	ck_assert(party_join(table, sa, &us, &them, 0));
	ck_assert_ptr_null(sa->party->phase_2);
	ck_assert_ptr_null(party_first_pair(sa->party));
	ck_assert_uint_eq(party_pairs(sa->party), 0);
	ck_assert_uint_eq(party_tunnels(sa->party), 0);
	ck_assert(party_make_room_for_pairs(sa->party));
	ck_assert(party_make_room_for_pairs(sa->party));
	party_join_pair(sa->party, &pair);
	ck_assert_uint_eq(party_pairs(sa->party), 1);
	party_leave(table, sa);
	party_leave_pair(table, &pair);
	end(table);
}
END_TEST

START_TEST(test_many_parties)
{
	enum { MANY = 1000 };
	struct party_table *table = begin();
	static struct ike_sa *sa[MANY];
	struct ike_sa *again = sa_with(0);
	struct ike_identity us = fqdn("us");

	for (int i = 0; i < MANY; i++) {
		char name[24];
		struct ike_identity them;

		snprintf(name, sizeof(name), "peer-%d", i);
		them = fqdn(name);
		sa[i] = sa_with(0);
		ck_assert(party_join(table, sa[i], &us, &them, 0));
	}
	{
		struct ike_identity them = fqdn("peer-7");

		ck_assert(party_join(table, again, &us, &them, 0));
		ck_assert_ptr_eq(again->party,
				 sa[7]->party); /* found although the table has grown */
	}
	party_leave(table, again);
	empty = sizeof(struct ike_party *) * 256; /* the index has grown, and stays so */
	for (int i = 0; i < MANY; i++)
		party_leave(table, sa[i]);
	end(table);
}
END_TEST

/* Whoever comes back has the same mark. */
START_TEST(test_marks)
{
	struct party_table *table = begin();
	struct ike_identity us = fqdn("us"), them = fqdn("them"), others = fqdn("others");
	struct ike_sa *sa = sa_with(0), *other = sa_with(0);
	uint64_t mark;

	ck_assert_ptr_null(party_of_mark(table, 0));
	ck_assert_ptr_null(party_of_mark(table, 4711));
	ck_assert(party_join(table, sa, &us, &them, 0));
	ck_assert(party_join(table, other, &us, &others, 0));
	mark = party_mark(table, sa->party);
	ck_assert_uint_ne(mark, party_mark(table, other->party));
	ck_assert_ptr_eq(party_of_mark(table, mark), sa->party);
	party_leave(table, sa);
	ck_assert_ptr_null(party_of_mark(table, mark));
	sa = sa_with(0);
	ck_assert(party_join(table, sa, &us, &them, 0));
	ck_assert_ptr_eq(party_of_mark(table, mark), sa->party);
	party_leave(table, sa);
	/* with another secret it is another party */
	sa = sa_with(1);
	ck_assert(party_join(table, sa, &us, &them, 0));
	ck_assert_ptr_null(party_of_mark(table, mark));
	party_leave(table, sa);
	party_leave(table, other);
	end(table);
}
END_TEST

UNIT_MAIN("party", test_pairs, test_other_identities_are_other_parties,
	  test_another_secret_is_another_party, test_boundaries_between_identities_count,
	  test_newest_first_and_any_order_of_leaving, test_usual_and_other_names,
	  test_longest_names, test_no_identity, test_leaving_in_the_middle,
	  test_leaving_oldest_first, test_room_for_pairs, test_many_parties, test_marks)
