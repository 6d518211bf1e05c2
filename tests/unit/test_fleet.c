/* SPDX-License-Identifier: ISC */
/*
 * test_fleet.c - what a fleet says is what a core takes: in virtual time, without a socket.
 */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"
#include "interop/bench/fleet.h"
#include "keepalive/extension.h"

#define MEMBERS 50
#define PORT    4321

struct gateway {
	struct ike_settings settings;
	struct ike_peer_settings peer;
	struct keepalive_peer_settings keepalive;
	struct secret *secret;
	struct ike_core *core;
};

static void open_gateway(struct gateway *gateway)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {7};
	struct keepalive_settings keepalive;
	struct random_source random;
	char text[128];

	memset(gateway, 0, sizeof(*gateway));
	ck_assert(secret_init());
	keepalive_settings_default(&keepalive);
	ck_assert_int_eq(keepalive_plan(&keepalive, &gateway->keepalive.plan, text, sizeof(text)),
			 KEEPALIVE_PLAN_OK);
	recovery_settings_default(&gateway->keepalive.recovery);
	gateway->secret = secret_new(octets_of("secret", 6));
	gateway->peer = (struct ike_peer_settings){.name = "fleet",
						   .secret = gateway->secret,
						   .lifetime = 3600,
						   .extension_settings = &gateway->keepalive,
						   .proposals = 1};
	ck_assert(ike_proposal_parse(FLEET_PROPOSAL, &gateway->peer.proposal[0]));
	ike_limits_default(&gateway->settings.limits);
	gateway->settings.peer = &gateway->peer;
	gateway->settings.peers = 1;
	gateway->settings.extension = keepalive_extension();
	gateway->settings.allow_import = true;
	gateway->settings.identity =
	    (struct ike_identity){.type = IKE_ID_FQDN, .length = 7, .data = "gateway"};
	random_seeded(&random, seed);
	gateway->core = ike_core_new(&gateway->settings, &random, 0);
	ck_assert_ptr_nonnull(gateway->core);
}

static void close_gateway(struct gateway *gateway)
{
	ike_core_free(gateway->core);
	secret_free(gateway->secret);
}

static void put_in(struct gateway *gateway, const struct fleet *fleet)
{
	for (uint32_t i = 0; i < MEMBERS; i++) {
		struct ike_import import;
		const struct ike_command command = {.kind = IKE_COMMAND_IMPORT, .import = &import};

		memset(&import, 0, sizeof(import));
		fleet_import(fleet, i, PORT, &import);
		ck_assert(ike_command(gateway->core, 0, &command));
	}
}

/* What the gateway makes of a datagram from a member. */
static enum ike_verdict say(struct gateway *gateway, uint32_t member, uint8_t *data, size_t length)
{
	struct ike_datagram datagram = {
	    .remote = fleet_address(member, PORT), .data = data, .length = length};

	ck_assert(ike_address_from_text("127.0.0.1:500", &datagram.local));
	return ike_input(gateway->core, 1000, &datagram);
}

static size_t answer(struct gateway *gateway, uint8_t *data, struct ike_address *to)
{
	struct ike_datagram datagram = {.data = data, .room = IKE_DATAGRAM_MAX};

	if (ike_output(gateway->core, 1000, &datagram, 1) == 0)
		return 0;
	*to = datagram.remote;
	return datagram.length;
}

START_TEST(test_wrong_messages)
{
	struct fleet *fleet = fleet_new(1), *other = fleet_new(2);
	uint8_t good[FLEET_MESSAGE], bad[FLEET_MESSAGE];
	struct fleet_keys keys, others;
	uint32_t number;

	ck_assert_ptr_nonnull(fleet);
	ck_assert_ptr_nonnull(other);
	fleet_keys(fleet, 3, &keys);
	ck_assert_uint_eq(
	    fleet_write(fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK, 77, 5, good, sizeof(good)),
	    FLEET_MESSAGE);
	ck_assert(fleet_read(fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK, octets_of(good, sizeof(good)),
			     &number));
	ck_assert_uint_eq(number, 5);
	ck_assert(!fleet_read(fleet, &keys, IKE_NOTIFY_R_U_THERE, octets_of(good, sizeof(good)),
			      &number));
	ck_assert(!fleet_read(fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK,
			      octets_of(good, sizeof(good) - 1), &number));
	ck_assert(!fleet_read(fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK, octets_of(good, 0), &number));
	for (size_t i = 0; i < sizeof(good); i++) { /* any octet of it */
		memcpy(bad, good, sizeof(good));
		bad[i] ^= 0x10;
		ck_assert_msg(!fleet_read(fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK,
					  octets_of(bad, sizeof(bad)), &number),
			      "octet %zu", i);
	}
	fleet_keys(fleet, 4, &others);
	ck_assert(!fleet_read(fleet, &others, IKE_NOTIFY_R_U_THERE_ACK,
			      octets_of(good, sizeof(good)), &number));
	fleet_keys(other, 3, &others);
	ck_assert_mem_ne(others.cky_i, keys.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_ne(others.keys.key, keys.keys.key, 16);
	ck_assert_uint_eq(fleet_write(fleet, &keys, IKE_NOTIFY_R_U_THERE, 1, 1, bad, 60), 0);
	fleet_free(fleet);
	fleet_free(other);
	fleet_free(NULL);
}
END_TEST

START_TEST(test_equal_seeds_are_equal)
{
	struct fleet *a = fleet_new(9), *b = fleet_new(9);
	struct fleet_keys of_a, of_b;

	fleet_keys(a, 123456, &of_a);
	fleet_keys(b, 123456, &of_b);
	ck_assert_mem_eq(&of_a, &of_b, sizeof(of_a));
	fleet_keys(b, 123457, &of_b);
	ck_assert_mem_ne(of_a.keys.skeyid_a, of_b.keys.skeyid_a, 20);
	ck_assert_mem_ne(of_a.keys.last_block, of_b.keys.last_block, 16);
	fleet_free(a);
	fleet_free(b);
}
END_TEST

START_TEST(test_addresses)
{
	struct ike_address a = fleet_address(0, 9), b = fleet_address(999999, 9);
	char text[IKE_ADDRESS_TEXT];

	ike_address_text(&a, text, sizeof(text));
	ck_assert_str_eq(text, "127.1.0.1:9");
	ike_address_text(&b, text, sizeof(text));
	ck_assert_str_eq(text, "127.16.66.64:9");
}
END_TEST

/* Every member asks twice, and gets what it asked for, from where it asked. */
START_TEST(test_a_core_takes_it)
{
	struct fleet *fleet = fleet_new(1);
	struct gateway gateway;
	uint8_t data[IKE_DATAGRAM_MAX];

	open_gateway(&gateway);
	put_in(&gateway, fleet);
	for (uint32_t i = 0; i < 2 * MEMBERS; i++) {
		uint32_t member = i % MEMBERS, number = 0;
		struct ike_address to, from = fleet_address(member, PORT);
		struct fleet_keys keys;
		size_t length;

		fleet_keys(fleet, member, &keys);
		length = fleet_write(fleet, &keys, IKE_NOTIFY_R_U_THERE, 0x1000 + i, 40 + i, data,
				     sizeof(data));
		ck_assert_int_eq(say(&gateway, member, data, length), IKE_ACCEPTED);
		length = answer(&gateway, data, &to);
		ck_assert_uint_eq(length, FLEET_MESSAGE);
		ck_assert(ike_address_equal(&to, &from));
		ck_assert(fleet_read(fleet, &keys, IKE_NOTIFY_R_U_THERE_ACK,
				     octets_of(data, length), &number));
		ck_assert_uint_eq(number, 40 + i);
	}
	close_gateway(&gateway);
	fleet_free(fleet);
}
END_TEST

/* Both ends' views of one SA are each other's mirror. */
START_TEST(test_both_ends)
{
	struct fleet *fleet = fleet_new(1);
	struct ike_import gateway, member;

	memset(&gateway, 0, sizeof(gateway));
	memset(&member, 0, sizeof(member));
	fleet_import(fleet, 9, 1111, &gateway);
	fleet_import_member(fleet, 9, 2222, 1111, &member);
	ck_assert_mem_eq(gateway.cky_i, member.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(gateway.cky_r, member.cky_r, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(&gateway.keys, &member.keys, sizeof(gateway.keys));
	ck_assert(ike_address_equal(&gateway.remote, &member.local));
	ck_assert(ike_identity_equal(&gateway.remote_identity, &member.local_identity));
	ck_assert_uint_eq(member.remote.port, 2222);
	ck_assert_uint_eq(gateway.remote.port, 1111);
	fleet_free(fleet);
}
END_TEST

/* What the floor computes is what an answer needs: the first half of it is reading this very message. */
START_TEST(test_bare_exchange)
{
	struct fleet *fleet = fleet_new(1);
	uint8_t message[FLEET_MESSAGE], before[FLEET_MESSAGE];
	struct fleet_keys keys;

	fleet_keys(fleet, 0, &keys);
	ck_assert_uint_eq(
	    fleet_write(fleet, &keys, IKE_NOTIFY_R_U_THERE, 5, 6, message, sizeof(message)),
	    sizeof(message));
	memcpy(before, message, sizeof(before));
	fleet_bare_exchange(fleet, &keys, 5, message);
	ck_assert_mem_eq(message, before, 28);           /* the header is not touched */
	ck_assert_mem_ne(message + 28, before + 28, 64); /* encrypted under another IV */
	fleet_free(fleet);
}
END_TEST

UNIT_MAIN("fleet", test_wrong_messages, test_equal_seeds_are_equal, test_addresses,
	  test_a_core_takes_it, test_both_ends, test_bare_exchange)
