/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>

#include "ike/address.h"
#include "interop/esp/route_entries.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"

#define MANY 1000

static struct route_entries entries;

/* `source`: NULL for none. */
static struct route_entry entry_of(const char *local, const char *remote, const char *source)
{
	const struct ike_prefix here = own_network_prefix(local),
				there = own_network_prefix(remote);
	struct route_entry entry = route_entry_of(&here, &there);

	if (source != NULL)
		entry.source = address_of(source);
	return entry;
}

static void insert(const char *local, const char *remote, const char *source)
{
	const struct route_entry entry = entry_of(local, remote, source);

	ck_assert_ptr_null(route_entries_find(&entries, &entry));
	ck_assert(route_entries_insert(&entries, &entry));
	ck_assert_ptr_nonnull(route_entries_find(&entries, &entry));
}

static void erase(const char *local, const char *remote)
{
	const struct route_entry entry = entry_of(local, remote, NULL);

	ck_assert_ptr_nonnull(route_entries_find(&entries, &entry));
	route_entries_erase(&entries, &entry);
	ck_assert_ptr_null(route_entries_find(&entries, &entry));
}

/* `source`: "none" where there is to be a route without one, NULL where there is to be none. */
static void assert_wanted(const char *remote, const char *source)
{
	const struct route_entry entry = entry_of("0.0.0.0/0", remote, NULL);
	const struct route_wanted wanted = route_entries_wanted(&entries, &entry.remote);
	char text[IKE_ADDRESS_TEXT] = "none";

	ck_assert_int_eq(wanted.there, source != NULL);
	if (wanted.source.family != IKE_FAMILY_NONE)
		ike_address_text(&wanted.source, text, sizeof(text));
	ck_assert_str_eq(text, source != NULL ? source : "none");
}

START_TEST(test_empty)
{
	const struct route_entry entry = entry_of("10.1.0.0/16", "10.2.0.0/16", NULL);

	ck_assert_ptr_null(route_entries_find(&entries, &entry));
	assert_wanted("10.2.0.0/16", NULL);
	route_entries_free(&entries);
}
END_TEST

/* What is behind a prefix, or belongs to no prefix at all, makes no difference. */
START_TEST(test_prefixes_alone_count)
{
	struct ike_prefix local = own_network_prefix("10.1.255.254/17"),
			  remote = own_network_prefix("2001:db8:ffff:ffff::1/35");
	struct route_entry one = route_entry_of(&local, &remote), other;

	ck_assert(ike_address_equal(
	    &one.local.address,
	    &(struct ike_address){.octets = {10, 1, 0x80}, .family = IKE_FAMILY_IPV4}));
	ck_assert_mem_eq(one.remote.address.octets, address_of("2001:db8:e000::").octets, 16);
	ck_assert_uint_eq(one.remote.bits, 35);
	ck_assert_uint_eq(one.times, 1);
	ck_assert_uint_eq(one.source.family, IKE_FAMILY_NONE);
	local.address.port = 500;
	local.address.octets[3] = 1;
	other = route_entry_of(&local, &remote);
	ck_assert_mem_eq(&one, &other, sizeof(one));
	local.bits = 255; /* nobody's, but nothing is read beyond the address */
	other = route_entry_of(&local, &remote);
	ck_assert_uint_eq(other.local.address.port, 0);
}
END_TEST

START_TEST(test_like_prefixes_are_apart)
{
	insert("0.0.0.0/0", "0.0.0.0/0", NULL);
	insert("::/0", "::/0", NULL);
	insert("0.0.0.0/1", "0.0.0.0/0", NULL);
	insert("0.0.0.0/0", "0.0.0.0/1", NULL);
	insert("10.1.0.0/16", "10.2.0.0/16", NULL);
	insert("10.1.0.0/16", "10.2.0.0/24", NULL);
	insert("10.1.0.0/24", "10.2.0.0/16", NULL);
	ck_assert_uint_eq(entries.count, 7);
	assert_wanted("10.2.0.0/16", "none");
	assert_wanted("10.2.0.0/17", NULL);
	erase("10.1.0.0/16", "10.2.0.0/24");
	assert_wanted("10.2.0.0/24", NULL);
	assert_wanted("10.2.0.0/16", "none");
	erase("::/0", "::/0");
	assert_wanted("::/0", NULL);
	assert_wanted("0.0.0.0/0", "none");
	route_entries_free(&entries);
	ck_assert_uint_eq(entries.count, 0);
}
END_TEST

/* The first that has a source, of those that share a route. */
START_TEST(test_source)
{
	insert("10.1.0.0/16", "10.9.0.0/16", NULL);
	assert_wanted("10.9.0.0/16", "none");
	insert("10.3.0.0/16", "10.9.0.0/16", "10.3.0.1");
	assert_wanted("10.9.0.0/16", "10.3.0.1");
	insert("10.2.0.0/16", "10.9.0.0/16", "10.2.0.1");
	assert_wanted("10.9.0.0/16", "10.2.0.1");
	insert("10.0.0.0/16", "10.8.0.0/16", "10.0.0.1");
	insert("10.0.0.0/16", "10.9.0.0/24", "10.0.0.1");
	assert_wanted("10.9.0.0/16", "10.2.0.1");
	erase("10.2.0.0/16", "10.9.0.0/16");
	assert_wanted("10.9.0.0/16", "10.3.0.1");
	erase("10.3.0.0/16", "10.9.0.0/16");
	assert_wanted("10.9.0.0/16", "none");
	erase("10.1.0.0/16", "10.9.0.0/16");
	assert_wanted("10.9.0.0/16", NULL);
	assert_wanted("10.8.0.0/16", "10.0.0.1");
	route_entries_free(&entries);
}
END_TEST

START_TEST(test_many)
{
	char remote[32];

	for (unsigned i = 0; i < MANY; i++) {
		unsigned mixed = i * 7919 % MANY; /* a prime: each once, in no order */

		snprintf(remote, sizeof(remote), "10.%u.%u.0/24", mixed / 256, mixed % 256);
		insert("192.168.0.0/16", remote, NULL);
	}
	ck_assert_uint_eq(entries.count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(remote, sizeof(remote), "10.%u.%u.0/24", i / 256, i % 256);
		assert_wanted(remote, "none");
		erase("192.168.0.0/16", remote);
		assert_wanted(remote, NULL);
	}
	ck_assert_uint_eq(entries.count, 0);
	route_entries_free(&entries);
}
END_TEST

UNIT_MAIN("route_entries", test_empty, test_prefixes_alone_count, test_like_prefixes_are_apart,
	  test_source, test_many)
