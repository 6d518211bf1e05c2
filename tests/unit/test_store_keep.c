/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/store/store.h"
#include "tests/support/pairs.h"

/* Nothing is asked of anybody: no socket, no capability, and no end to a pair but the engine's. */
START_TEST(test_nobody_beneath)
{
	struct store_usage usage;
	struct store_expiry expiry;
	struct fault notice, fault;
	struct store *store = store_open(STORE_KEEP, NULL, &notice, &fault);

	ck_assert_ptr_nonnull(store);
	ck_assert_str_eq(notice.text, "");
	ck_assert_str_eq(store_name(store), "keep");
	ck_assert(!store_needs_net_admin(store));
	ck_assert_int_eq(store_descriptor(store), -1);
	ck_assert(!store_expired(store, &expiry));
	ck_assert(store_socket(store, -1, IKE_FAMILY_IPV4, true, &fault));
	ck_assert(!store_usage(store, store_table_next(store_pairs(store), NULL), &usage));
	store_close(store);
}
END_TEST

START_TEST(test_a_pair_comes_and_goes)
{
	struct fault notice, fault;
	struct store *store = store_open(STORE_KEEP, NULL, &notice, &fault);
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_ADDED, .sa = pair_of_sas(3)};
	const struct store_pair *pair;

	ck_assert(store_apply(store, &change, &fault));
	change.kind = IKE_IPSEC_CHANGED;
	change.sa.superseded = true;
	change.sa.remote = address_of("203.0.113.9");
	ck_assert(store_apply(store, &change, &fault));
	ck_assert_uint_eq(store_table_count(store_pairs(store)), 1);
	pair = store_table_find(store_pairs(store), 3);
	ck_assert(pair->sa.superseded);
	ck_assert_uint_eq(pair->sa.remote.octets[0], 203);
	ck_assert_uint_eq(pair->reqid, 0);
	change.kind = IKE_IPSEC_REMOVED;
	ck_assert(store_apply(store, &change, &fault));
	ck_assert_uint_eq(store_table_count(store_pairs(store)), 0);
	store_close(store);
}
END_TEST

UNIT_MAIN("store_keep", test_nobody_beneath, test_a_pair_comes_and_goes)
