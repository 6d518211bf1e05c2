/* SPDX-License-Identifier: ISC */
/*
 * test_store_userspace.c - a store whose packets this program moves itself, in a network of the test's own; only as root.
 */
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/store/store.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"

static struct store *store;
static struct fault fault, notice;
static const struct store_settings settings = {.device = {.name = "ruthere0", .pairs = 2}};

static bool begin(void)
{
	if (!own_network())
		return false;
	store = store_open(STORE_USERSPACE, &settings, &notice, &fault);
	ck_assert_msg(store != NULL, "%s", fault.text);
	return true;
}

static bool change(enum ike_ipsec_change_kind kind, const struct ike_ipsec_sa *sa)
{
	const struct ike_ipsec_change one = {.kind = kind, .sa = *sa};

	return store_apply(store, &one, &fault);
}

/* Three words to behind the tunnel, which go nowhere but into it. */
static void say(size_t times)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(9)};
	int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int descriptors[ESP_DEVICE_DESCRIPTORS];

	ck_assert_int_eq(inet_pton(AF_INET, "10.2.0.9", &name.sin_addr), 1);
	for (size_t i = 0; i < times; i++)
		ck_assert_int_eq(
		    sendto(socket_, "abc", 3, 0, (struct sockaddr *)&name, sizeof(name)), 3);
	close(socket_);
	ck_assert_uint_ge(esp_device_descriptors(store_device(store), descriptors), 2);
	esp_device_move(store_device(store), clock_now(), descriptors[0]);
}

static struct ike_ipsec_sa everything_from(uint32_t number)
{
	struct ike_ipsec_sa sa = pair_of_sas(number);

	set_selector(&sa.inside_local, "0.0.0.0/0", 0, 0);
	return sa;
}

START_TEST(test_cannot)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);

	if (!begin())
		return;
	ck_assert_str_eq(store_name(store), "userspace");
	ck_assert(store_needs_net_admin(store));
	ck_assert_int_eq(store_descriptor(store), -1);
	sa.transport = true;
	ck_assert(!change(IKE_IPSEC_ADDED, &sa));
	ck_assert_ptr_nonnull(strstr(fault.text, "tunnel"));
	sa.transport = false;
	sa.proposal.encryption = IKE_ESP_TRANSFORM_DES;
	ck_assert(!change(IKE_IPSEC_ADDED, &sa));
	ck_assert_uint_eq(store_table_count(store_pairs(store)), 0);
	ck_assert_ptr_null(store_open(STORE_USERSPACE, &settings, &notice, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "ruthere0"));
	store_close(store);
}
END_TEST

START_TEST(test_usage)
{
	struct ike_ipsec_sa sa = everything_from(1);
	const struct store_pair *pair;
	struct store_usage usage;
	int64_t now = time(NULL);

	if (!begin())
		return;
	ck_assert_msg(change(IKE_IPSEC_ADDED, &sa), "%s", fault.text);
	pair = store_table_find(store_pairs(store), 1);
	ck_assert(store_usage(store, pair, &usage));
	ck_assert_uint_eq(usage.packets_out, 0);
	ck_assert_uint_eq(usage.used_out, 0);
	say(3);
	ck_assert(store_usage(store, pair, &usage));
	ck_assert_uint_eq(usage.packets_out, 3);
	ck_assert_uint_eq(usage.octets_out, 3 * 31);
	ck_assert_uint_eq(usage.packets_in, 0);
	ck_assert_uint_eq(usage.used_in, 0);
	ck_assert_uint_ge(usage.used_out, (uint64_t)now - 1);
	ck_assert_uint_le(usage.used_out, (uint64_t)now + 60);
	ck_assert(change(IKE_IPSEC_REMOVED, &sa));
	store_close(store);
}
END_TEST

/* A kilobyte: once it is nearly used up, once it is; and then nothing leaves. */
START_TEST(test_expiry)
{
	struct ike_ipsec_sa sa = everything_from(1);
	struct store_expiry expiry;

	if (!begin())
		return;
	sa.kilobytes = 1;
	ck_assert_msg(change(IKE_IPSEC_ADDED, &sa), "%s", fault.text);
	ck_assert(!store_expired(store, &expiry));
	say(32);
	ck_assert(store_expired(store, &expiry));
	ck_assert_uint_eq(expiry.pair->sa.number, 1);
	ck_assert(!expiry.hard);
	ck_assert(!store_expired(store, &expiry));
	say(8);
	ck_assert(store_expired(store, &expiry));
	ck_assert(expiry.hard);
	ck_assert(!store_expired(store, &expiry));
	ck_assert_uint_eq(esp_device_count(store_device(store)).refused,
			  33); /* there is no way there */
	store_close(store);
}
END_TEST

/* Superseded: what leaves, leaves through the newer one. */
START_TEST(test_superseded)
{
	struct ike_ipsec_sa old = everything_from(1), new = everything_from(2);
	struct store_usage usage;

	if (!begin())
		return;
	ck_assert_msg(change(IKE_IPSEC_ADDED, &old), "%s", fault.text);
	ck_assert_msg(change(IKE_IPSEC_ADDED, &new), "%s", fault.text);
	old.superseded = true;
	ck_assert(change(IKE_IPSEC_CHANGED, &old));
	say(2);
	ck_assert(store_usage(store, store_table_find(store_pairs(store), 1), &usage));
	ck_assert_uint_eq(usage.packets_out, 0);
	ck_assert(store_usage(store, store_table_find(store_pairs(store), 2), &usage));
	ck_assert_uint_eq(usage.packets_out, 2);
	store_close(store);
}
END_TEST

UNIT_MAIN("store_userspace", test_cannot, test_usage, test_expiry, test_superseded)
