/* SPDX-License-Identifier: ISC */
/*
 * test_peer.c - who may call from an address, who we say we are, and whom we believe.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/unit.h"

#define PEERS 6

static struct ike_peer_settings peers[PEERS];
static struct ike_settings settings;
static struct ike_core *core;

static struct ike_address address(const char *text)
{
	struct ike_address parsed;

	ck_assert_msg(ike_address_from_text(text, &parsed), "%s", text);
	return parsed;
}

static struct ike_identity identity(const char *text)
{
	struct ike_identity parsed;

	ck_assert_msg(ike_identity_from_text(text, &parsed), "%s", text);
	return parsed;
}

static void calls_from(size_t peer, const char *prefix, uint8_t bits)
{
	peers[peer].from = (struct ike_prefix){.address = address(prefix), .bits = bits};
}

static void is_at(size_t peer, const char *gateway)
{
	peers[peer].gateway[peers[peer].gateways++] = address(gateway);
}

static void begin(size_t count)
{
	const uint8_t seed[RANDOM_SEED_LENGTH] = {1};
	struct random_source random;

	random_seeded(&random, seed);
	ike_limits_default(&settings.limits);
	settings.peer = peers;
	settings.peers = count;
	core = ike_core_new(&settings, &random, 0);
	ck_assert_ptr_nonnull(core);
}

static void expect(const char *from, uint32_t peer, uint32_t gateway)
{
	struct ike_address caller = address(from);
	uint32_t got;

	ck_assert_msg(peer_of_address(core, &caller, &got) == peer, "%s", from);
	ck_assert_msg(got == gateway, "%s", from);
}

/* ---- nobody -------------------------------------------------------------------------------------------------------- */

START_TEST(test_nobody_is_configured)
{
	begin(0);
	expect("192.0.2.1", IKE_NONE, IKE_NONE);
	ike_core_free(core);
}
END_TEST

START_TEST(test_nobody_calls_from_there)
{
	is_at(0, "192.0.2.1");
	calls_from(1, "198.51.100.0", 24);
	begin(2);
	expect("192.0.2.2", IKE_NONE, IKE_NONE);
	expect("198.51.101.1", IKE_NONE, IKE_NONE);
	expect("2001:db8::1", IKE_NONE, IKE_NONE);
	ike_core_free(core);
}
END_TEST

/* A peer with a gateway calls from there and from nowhere else, whatever its `from` says. */
START_TEST(test_a_gateway_is_the_only_place)
{
	is_at(0, "192.0.2.1");
	calls_from(0, "192.0.2.0", 24);
	begin(1);
	expect("192.0.2.2", IKE_NONE, IKE_NONE);
	expect("192.0.2.1", 0, 0);
	ike_core_free(core);
}
END_TEST

/* The first octets of an IPv6 address are no IPv4 address. */
START_TEST(test_families_do_not_mix)
{
	is_at(0, "192.0.2.1");
	calls_from(1, "192.0.2.0", 24);
	begin(2);
	expect("c000:201::", IKE_NONE, IKE_NONE);
	ike_core_free(core);
}
END_TEST

/* ---- somebody ------------------------------------------------------------------------------------------------------ */

START_TEST(test_a_gateway_before_any_prefix)
{
	calls_from(0, "192.0.2.7", 32);
	is_at(1, "192.0.2.8");
	is_at(1, "192.0.2.7");
	begin(2);
	expect("192.0.2.7", 1, 1);
	expect("192.0.2.8", 1, 0);
	ike_core_free(core);
}
END_TEST

START_TEST(test_the_longest_prefix_in_any_order)
{
	calls_from(1, "10.1.2.0", 24);
	calls_from(2, "10.0.0.0", 8);
	calls_from(3, "10.1.2.3", 32);
	calls_from(4, "10.1.0.0", 16);
	begin(5); /* 0 and its family NONE: anywhere */
	expect("10.1.2.3", 3, IKE_NONE);
	expect("10.1.2.4", 1, IKE_NONE);
	expect("10.1.3.4", 4, IKE_NONE);
	expect("10.2.3.4", 2, IKE_NONE);
	expect("11.2.3.4", 0, IKE_NONE);
	expect("2001:db8::1", 0, IKE_NONE);
	ike_core_free(core);
}
END_TEST

START_TEST(test_ipv6)
{
	calls_from(0, "2001:db8::", 32);
	calls_from(1, "2001:db8:0:1::", 64);
	is_at(2, "2001:db8:0:1::7");
	begin(3);
	expect("2001:db8:0:1::7", 2, 0);
	expect("2001:db8:0:1::8", 1, IKE_NONE);
	expect("2001:db8:0:2::8", 0, IKE_NONE);
	expect("2001:db9::1", IKE_NONE, IKE_NONE);
	ike_core_free(core);
}
END_TEST

/* Behind a NAT the port is whatever the NAT gave. */
START_TEST(test_the_port_is_ignored)
{
	is_at(0, "192.0.2.1");
	begin(1);
	expect("192.0.2.1:4500", 0, 0);
	expect("192.0.2.1:61234", 0, 0);
	ike_core_free(core);
}
END_TEST

START_TEST(test_of_equals_the_first)
{
	is_at(0, "192.0.2.1");
	is_at(1, "192.0.2.1");
	calls_from(2, "10.0.0.0", 8);
	calls_from(3, "10.0.0.0", 8);
	begin(4);
	expect("192.0.2.1", 0, 0);
	expect("10.9.8.7", 2, IKE_NONE);
	ike_core_free(core);
}
END_TEST

START_TEST(test_a_gateway_that_has_moved)
{
	struct ike_command move = {.kind = IKE_COMMAND_REPLACE_GATEWAY, .peer = 0, .gateway = 1};

	is_at(0, "192.0.2.1");
	is_at(0, "192.0.2.2");
	begin(1);
	move.address = address("192.0.2.9");
	ck_assert(ike_command(core, 0, &move));
	expect("192.0.2.9", 0, 1);
	expect("192.0.2.2", IKE_NONE, IKE_NONE);
	move.gateway = 2; /* there is no third */
	ck_assert(!ike_command(core, 0, &move));
	ike_core_free(core);
}
END_TEST

/* ---- identities ---------------------------------------------------------------------------------------------------- */

START_TEST(test_only_the_right_identity_is_believed)
{
	static const char *const wrong[] = {"fqdn:gw.exampl", "fqdn:gw.example1", "fqdn:Gw.example",
					    "key-id:gw.example", "ipv4:192.0.2.1"};
	struct ike_sa sa = {.peer = 1};
	struct ike_identity said;

	peers[1].remote_identity = identity("fqdn:gw.example");
	begin(2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		said = identity(wrong[i]);
		ck_assert_msg(!peer_accepts_identity(core, sa.peer, &said), "%s", wrong[i]);
	}
	said = identity("fqdn:gw.example");
	ck_assert(peer_accepts_identity(core, sa.peer, &said));
	ike_core_free(core);
}
END_TEST

START_TEST(test_without_one_any_is_believed)
{
	struct ike_sa sa = {.peer = 0};
	struct ike_identity said = identity("user-fqdn:anybody@example");

	begin(1);
	ck_assert(peer_accepts_identity(core, sa.peer, &said));
	ike_core_free(core);
}
END_TEST

static void expect_local(const struct ike_sa *sa, const char *text)
{
	struct ike_identity got;
	char got_text[IKE_IDENTITY_MAX];

	peer_local_identity(core, sa, &got);
	ike_identity_text(&got, got_text, sizeof(got_text));
	ck_assert_str_eq(got_text, text);
}

/* What the peer's settings say, else the node's, else the address that we have in this SA. */
START_TEST(test_who_we_say_we_are)
{
	struct ike_sa sa = {.peer = 1};
	struct ike_address own = address("192.0.2.77");

	peers[0].local_identity = identity("fqdn:for.peer.0");
	begin(2);
	sa_set_local(core, &sa, &own);
	expect_local(&sa, "ipv4:192.0.2.77");
	own = address("2001:db8::77");
	sa_set_local(core, &sa, &own);
	expect_local(&sa, "ipv6:2001:db8::77");
	settings.identity = identity("fqdn:node.example");
	expect_local(&sa, "fqdn:node.example");
	sa.peer = 0;
	expect_local(&sa, "fqdn:for.peer.0");
	ike_core_free(core);
}
END_TEST

UNIT_MAIN("peer", test_nobody_is_configured, test_nobody_calls_from_there,
	  test_a_gateway_is_the_only_place, test_families_do_not_mix,
	  test_a_gateway_before_any_prefix, test_the_longest_prefix_in_any_order, test_ipv6,
	  test_the_port_is_ignored, test_of_equals_the_first, test_a_gateway_that_has_moved,
	  test_only_the_right_identity_is_believed, test_without_one_any_is_believed,
	  test_who_we_say_we_are)
