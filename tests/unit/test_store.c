/* SPDX-License-Identifier: ISC */
/*
 * test_store.c - the store above whatever is beneath it, which here writes down what it is told, and refuses when it is to.
 */
#include "tests/support/unit.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "interop/store/store.h"
#include "tests/support/pairs.h"

static char told[64];
static bool refuses;
static uint8_t keys_seen;
static struct store_expiry to_expire[4];
static size_t expiries;
static struct fault fault;

static void note(const char *what)
{
	size_t length = strlen(told);

	ck_assert_uint_lt(length + 1, sizeof(told));
	told[length] = what[0];
	told[length + 1] = '\0';
}

static void *open_noted(const struct store_settings *settings, struct fault *why)
{
	(void)settings;
	if (refuses)
		return fault_say(why, "cannot be opened"), NULL;
	note("o");
	return told;
}

static bool apply(void *context, const struct store_table *table, const struct store_pair *before,
		  struct store_pair *after, struct fault *why)
{
	ck_assert_ptr_eq(context, told);
	ck_assert_ptr_nonnull(table);
	note(before == NULL ? "a" : after == NULL ? "r" : "c");
	if (after == NULL)
		return true;
	keys_seen = after->sa.keymat_in[0];
	after->reqid = 5;
	return !refuses || fault_say(why, "no room");
}

static bool expired(void *context, const struct store_table *table, struct store_expiry *expiry)
{
	(void)context;
	(void)table;
	if (expiries == 0)
		return false;
	*expiry = to_expire[--expiries];
	return true;
}

static void close_noted(void *context, const struct store_table *table)
{
	(void)context;
	note(&"0123456789"[store_table_count(table)]);
}

static const struct store_operations noted = {.name = "noted",
					      .meaning = "told",
					      .open = open_noted,
					      .apply = apply,
					      .expired = expired,
					      .close = close_noted};

static struct store *open_store(void)
{
	struct store *store = store_on(&noted, NULL, &fault);

	ck_assert_msg(store != NULL, "%s", fault.text);
	return store;
}

static bool change(struct store *store, enum ike_ipsec_change_kind kind,
		   const struct ike_ipsec_sa *sa)
{
	const struct ike_ipsec_change one = {.kind = kind, .sa = *sa};

	return store_apply(store, &one, &fault);
}

START_TEST(test_cannot_be_opened)
{
	refuses = true;
	ck_assert_ptr_null(store_on(&noted, NULL, &fault));
	ck_assert_str_eq(fault.text, "cannot be opened");
	ck_assert_str_eq(told, "");
	store_close(NULL);
	ck_assert(!store_needs_net_admin(NULL));
}
END_TEST

/* What could not be added is not there, and what follows of it is nothing. */
START_TEST(test_cannot_be_added)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);
	struct store *store = open_store();

	refuses = true;
	ck_assert(!change(store, IKE_IPSEC_ADDED, &sa));
	ck_assert_str_eq(fault.text, "no room");
	ck_assert_uint_eq(store_table_count(store_pairs(store)), 0);
	ck_assert(change(store, IKE_IPSEC_CHANGED, &sa));
	ck_assert(change(store, IKE_IPSEC_REMOVED, &sa));
	ck_assert_str_eq(told, "oa");
	store_close(store);
	ck_assert_str_eq(told, "oa0");
}
END_TEST

START_TEST(test_cannot_be_changed)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);
	struct store *store = open_store();

	ck_assert(change(store, IKE_IPSEC_ADDED, &sa));
	refuses = true;
	sa.remote = address_of("203.0.113.9");
	ck_assert(!change(store, IKE_IPSEC_CHANGED, &sa));
	ck_assert_uint_eq(store_table_count(store_pairs(store)), 0);
	store_close(store);
}
END_TEST

START_TEST(test_a_life)
{
	static const uint8_t none[IKE_IPSEC_KEYMAT_MAX];
	struct ike_ipsec_sa sa = pair_of_sas(1);
	struct store *store = open_store();
	const struct store_pair *pair;

	ck_assert(change(store, IKE_IPSEC_ADDED, &sa));
	ck_assert_uint_eq(keys_seen, 0xe0);
	sa.superseded = true;
	keys_seen = 0;
	ck_assert(change(store, IKE_IPSEC_CHANGED, &sa));
	ck_assert_uint_eq(keys_seen, 0xe0);
	pair = store_table_find(store_pairs(store), 1);
	ck_assert(pair->sa.superseded);
	ck_assert_uint_eq(pair->reqid, 5);
	ck_assert_mem_eq(pair->sa.keymat_in, none, sizeof(none));
	ck_assert_mem_eq(pair->sa.keymat_out, none, sizeof(none));
	ck_assert(change(store, IKE_IPSEC_REMOVED, &sa));
	ck_assert(change(store, IKE_IPSEC_REMOVED, &sa)); /* once more: nothing */
	ck_assert_str_eq(told, "oacr");
	store_close(store);
}
END_TEST

/* In transport mode the selectors move with the outer addresses, and the pair is found by the new ones. */
START_TEST(test_selectors_move)
{
	struct ike_ipsec_sa sa = pair_of_sas(1), other = pair_of_sas(2);
	struct store *store = open_store();
	const struct store_pair *pair;

	sa.transport = other.transport = true;
	other.remote = address_of("203.0.113.9");
	ck_assert(change(store, IKE_IPSEC_ADDED, &sa));
	ck_assert(change(store, IKE_IPSEC_ADDED, &other));
	sa.remote = other.remote;
	ck_assert(change(store, IKE_IPSEC_CHANGED, &sa));
	pair = store_table_find(store_pairs(store), 2);
	ck_assert_uint_eq(store_table_newest(store_pairs(store), pair, NULL)->sa.number, 1);
	ck_assert_uint_eq(store_table_newest(store_pairs(store), pair, NULL)->reqid, 5);
	store_close(store);
	ck_assert_str_eq(told, "oaac2");
}
END_TEST

/* One reminder a pair, none of what has a follower already; the end is always told. */
START_TEST(test_expiry)
{
	struct ike_ipsec_sa one = pair_of_sas(1), two = pair_of_sas(2);
	struct store *store = open_store();
	struct store_expiry expiry;

	two.superseded = true;
	ck_assert(change(store, IKE_IPSEC_ADDED, &one));
	ck_assert(change(store, IKE_IPSEC_ADDED, &two));
	to_expire[3] = (struct store_expiry){store_table_find(store_pairs(store), 2), false};
	to_expire[2] = (struct store_expiry){store_table_find(store_pairs(store), 1), false};
	to_expire[1] = to_expire[2];
	to_expire[0] = (struct store_expiry){store_table_find(store_pairs(store), 1), true};
	expiries = 4;
	ck_assert(store_expired(store, &expiry));
	ck_assert_uint_eq(expiry.pair->sa.number, 1);
	ck_assert(!expiry.hard);
	ck_assert(store_expired(store, &expiry));
	ck_assert(expiry.hard);
	ck_assert(!store_expired(store, &expiry));
	store_close(store);
}
END_TEST

/*
 * AUTO takes the kernel or says why not; XFRM takes the kernel or fails with the same words.  Without the kernel it is this program,
 * and where that may not have an interface, nobody.
 */
START_TEST(test_auto)
{
	const struct store_settings settings = {.device = {.name = "ruthere0", .pairs = 4}};
	const char *without = geteuid() == 0 && unshare(CLONE_NEWNET) == 0 ? "userspace" : "keep";
	struct fault notice, why;
	struct store *store = store_open(STORE_XFRM, NULL, &notice, &why);
	bool kernel = store != NULL;

	store_close(store);
	store = store_open(STORE_AUTO, &settings, &notice, &fault);
	ck_assert_ptr_nonnull(store);
	ck_assert_str_eq(store_name(store), kernel ? "xfrm" : without);
	if (kernel)
		ck_assert_str_eq(notice.text, "IPsec SAs go to the kernel");
	else if (strcmp(without, "userspace") == 0)
		ck_assert_ptr_nonnull(strstr(notice.text, "modprobe"));
	else
		ck_assert_ptr_nonnull(strstr(notice.text, why.text));
	store_close(store);
}
END_TEST

/* Where there is something to ping, AUTO is this program or nothing: no other store would find out that a tunnel is dead. */
START_TEST(test_auto_with_pings)
{
	const struct store_settings settings = {.device = {.name = "ruthere0", .pairs = 4},
						.pings = true};
	bool network = geteuid() == 0 && unshare(CLONE_NEWNET) == 0;
	struct fault notice;
	struct store *store = store_open(STORE_AUTO, &settings, &notice, &fault);

	ck_assert(network == (store != NULL));
	if (store == NULL)
		return;
	ck_assert_str_eq(store_name(store), "userspace");
	ck_assert_ptr_nonnull(strstr(notice.text, "ping"));
	store_close(store);
}
END_TEST

UNIT_MAIN("store", test_auto_with_pings, test_cannot_be_opened, test_cannot_be_added,
	  test_cannot_be_changed, test_a_life, test_selectors_move, test_expiry, test_auto)
