/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "interop/config/config_tunnel.h"
#include "interop/status/status.h"
#include "interop/status/status_tunnels.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"

static struct fault fault, notice;
static struct config *config;
static struct tunnels *tunnels;
static json_t *peers;

static void begin(struct store *store)
{
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "gw");
	set_selector(&config_add_tunnel(peer, "net")->remote, "10.2.0.0/16", 0, 0);
	config_add_tunnel(peer, "own")->transport = true;
	tunnels = tunnels_on(store, NULL);
	peers = json_pack("[{s:o}]", "tunnels", status_tunnels(peer));
}

static void end(void)
{
	json_decref(peers);
	tunnels_free(tunnels);
	config_free(config);
}

static void add(uint32_t number, uint32_t peer, uint32_t tunnel)
{
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_ADDED, .sa = pair_of_sas(number)};
	struct ike_command command;

	change.sa.peer = peer;
	change.sa.tunnel = tunnel;
	change.sa.superseded = number == 2;
	ck_assert(!tunnels_follow(tunnels, &change, &command));
}

static json_t *tunnel(size_t index)
{
	return json_array_get(json_object_get(json_array_get(peers, 0), "tunnels"), index);
}

/* What is said of the tunnels. */
static const char *printed(void)
{
	static char *text;
	json_t *status = json_pack("{s:O}", "peers", peers);
	char *lines, *behind;
	size_t length;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &length);
	status_print(status, out);
	fclose(out);
	json_decref(status);
	lines = strstr(text, "  tunnel ");
	ck_assert_ptr_nonnull(lines);
	behind = strstr(lines, "\ncounters\n");
	ck_assert_ptr_nonnull(behind);
	*behind = '\0';
	return lines;
}

START_TEST(test_no_store)
{
	json_t *ipsec;

	begin(NULL);
	ipsec = status_ipsec(tunnels);
	ck_assert(json_is_null(json_object_get(ipsec, "store")));
	ck_assert_int_eq(json_integer_value(json_object_get(ipsec, "pairs")), 0);
	json_decref(ipsec);
	status_add_pairs(peers, tunnels, 0);
	ck_assert_uint_eq(json_array_size(json_object_get(tunnel(0), "pairs")), 0);
	ck_assert_str_eq(printed(), "  tunnel net: tunnel, own to 10.2.0.0/16, 0 pairs of SAs\n"
				    "  tunnel own: transport, own to own, 0 pairs of SAs\n");
	end();
}
END_TEST

START_TEST(test_pairs)
{
	json_t *ipsec, *pair;

	begin(store_open(STORE_KEEP, NULL, &notice, &fault));
	add(1, 0, 0);
	add(7, 3, 0); /* of a peer that is none */
	add(8, 0, 9);
	status_add_pairs(peers, tunnels, 70 * IKE_SECOND);
	ipsec = status_ipsec(tunnels);
	ck_assert_str_eq(json_string_value(json_object_get(ipsec, "store")), "keep");
	ck_assert_int_eq(json_integer_value(json_object_get(ipsec, "pairs")), 3);
	json_decref(ipsec);
	ck_assert_int_eq(json_integer_value(json_object_get(tunnel(0), "pair_count")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(tunnel(1), "pair_count")), 0);
	pair = json_array_get(json_object_get(tunnel(0), "pairs"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(pair, "spi_in")), "0x00001001");
	ck_assert_str_eq(json_string_value(json_object_get(pair, "gateway")), "198.51.100.2");
	ck_assert(json_number_value(json_object_get(pair, "age_s")) == 60);
	ck_assert(json_number_value(json_object_get(pair, "expires_s")) == 3540);
	ck_assert_ptr_null(json_object_get(pair, "octets_in")); /* nobody counts */
	end();
}
END_TEST

START_TEST(test_printed)
{
	begin(store_open(STORE_KEEP, NULL, &notice, &fault));
	add(2, 0, 0);
	status_add_pairs(peers, tunnels, 70 * IKE_SECOND);
	ck_assert_str_eq(printed(),
			 "  tunnel net: tunnel, own to 10.2.0.0/16, 1 pair of SAs\n"
			 "     0x00001002 in, 0x00002002 out with 198.51.100.2 as initiator, "
			 "aes128-sha1 tunnel, 10.1.0.0/16 to 10.2.0.0/16 (superseded)\n"
			 "       up for 60.0 s, to be renewed in 2930.0 s, expires in 3540.0 s\n"
			 "  tunnel own: transport, own to own, 0 pairs of SAs\n");
	end();
}
END_TEST

START_TEST(test_more_than_are_told)
{
	begin(store_open(STORE_KEEP, NULL, &notice, &fault));
	for (uint32_t i = 0; i < STATUS_PAIRS_MOST + 9; i++)
		add(100 + i, 0, 1);
	status_add_pairs(peers, tunnels, 0);
	ck_assert_uint_eq(json_array_size(json_object_get(tunnel(1), "pairs")), STATUS_PAIRS_MOST);
	ck_assert_int_eq(json_integer_value(json_object_get(tunnel(1), "pair_count")),
			 STATUS_PAIRS_MOST + 9);
	end();
}
END_TEST

/* A store that moves packets itself tells what became of them; only as root. */
START_TEST(test_packets)
{
	const struct store_settings settings = {.device = {.name = "ruthere0", .pairs = 2}};
	uint8_t esp[64] = {0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1};
	struct ike_datagram datagram = {.data = esp, .length = sizeof(esp), .room = sizeof(esp)};
	json_t *ipsec, *packets, *dropped;
	const char *lines;

	if (!own_network())
		return;
	begin(store_open(STORE_USERSPACE, &settings, &notice, &fault));
	add(1, 0, 0);
	datagram.remote = datagram.local = address_of("192.0.2.9");
	for (unsigned i = 0; i < 3; i++)
		tunnels_datagram(tunnels, &datagram);
	status_add_pairs(peers, tunnels, 70 * IKE_SECOND);
	ipsec = status_ipsec(tunnels);
	packets = json_object_get(ipsec, "packets");
	ck_assert_str_eq(json_string_value(json_object_get(packets, "interface")), "ruthere0");
	ck_assert_int_eq(json_integer_value(json_object_get(packets, "in_udp")), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(packets, "to_interface")), 0);
	dropped = json_object_get(packets, "dropped");
	ck_assert_uint_eq(json_array_size(dropped), 1);
	dropped = json_array_get(dropped, 0);
	ck_assert_str_eq(json_string_value(json_object_get(dropped, "verdict")), "UNKNOWN_SPI");
	ck_assert_int_eq(json_integer_value(json_object_get(dropped, "count")), 3);
	json_decref(ipsec);
	lines = printed();
	ck_assert_ptr_nonnull(strstr(lines, "; 0 packets (0 octets) in, 0 (0) out\n"));
	ck_assert_ptr_null(strstr(lines, "ping")); /* none is configured */
	end();
}
END_TEST

UNIT_MAIN("status_tunnels", test_packets, test_no_store, test_pairs, test_printed,
	  test_more_than_are_told)
