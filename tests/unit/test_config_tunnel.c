/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/config/config_tunnel.h"
#include "tests/support/scratch.h"

#define PEER "peer \"a\" {\nsecret = \"0123456789abcdef\"\n"

static struct fault fault;

static struct config *load(const char *text)
{
	return config_load(scratch_file("x.conf", 0600, text), &fault);
}

/* Every refusal names the file, the line, the tunnel, the field and what would be right. */
START_TEST(test_refusals)
{
	static const struct {
		const char *text, *line, *says;
	} wrong[] = {
	    {PEER "tunnel \"t\" { lifetime = 59s }\n}\n", ":3:", "tunnel \"t\": lifetime"},
	    {PEER "tunnel \"t\" { lifetime = 8d }\n}\n", ":3:", "60s to 7d"},
	    {PEER "tunnel \"t\" {\nlocal = \"10.1.0.0/16\"\nremote = \"::/0\"\n}\n}\n",
	     ":6:", "two tunnels"},
	    {PEER "tunnel \"t\" { local = \"own udp\"  remote = \"own tcp\" }\n}\n",
	     ":3:", "the same one at both"},
	    {PEER "tunnel \"t\" { mode = transport  remote = \"10.2.0.0/16\" }\n}\n",
	     ":3:", "mode = tunnel"},
	    {PEER "tunnel \"t\" { local = \"10.2.0.0/16\" mode = transport }\n}\n",
	     ":3:", "write own"},
	    {PEER "tunnel \"t\" { proposals = {\"aes128-sha1\",\"aes128-sha1\",\"aes128-sha1\","
		  "\"aes128-sha1\",\"aes128-sha1\",\"aes128-sha1\",\"aes128-sha1\","
		  "\"aes128-sha1\",\"aes128-sha1\"} }\n}\n",
	     ":3:", "proposals: more than 8"},
	    {PEER "tunnel \"t\" {}\ntunnel \"t\" {}\n}\n", ":4:", "duplicate"},
	    {PEER "tunnel \"t\" {}\ntunnel \"u\" {}\n}\n",
	     ":5:", "tunnels \"t\" and \"u\" have the same local and remote"},
	    {PEER "tunnel \"t\n\" {}\n}\n", "", "printable"},
	    {PEER "tunnel \"1\" {}\ntunnel \"2\" {}\ntunnel \"3\" {}\ntunnel \"4\" {}\n"
		  "tunnel \"5\" {}\ntunnel \"6\" {}\ntunnel \"7\" {}\ntunnel \"8\" {}\n"
		  "tunnel \"9\" {}\n}\n",
	     ":12:", "tunnel: more than 8"},
	    {PEER "encapsulate = yes\nnat-traversal = no\n}\n", ":5:", "encapsulate needs"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char place[128];

		ck_assert_msg(load(wrong[i].text) == NULL, "%s", wrong[i].text);
		snprintf(place, sizeof(place), "%s%s", scratch_path("x.conf"), wrong[i].line);
		ck_assert_msg(strstr(fault.text, place) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
		ck_assert_msg(strstr(fault.text, wrong[i].says) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
	}
}
END_TEST

static void expect_proposals(const struct ike_tunnel_settings *tunnel, const char *expected)
{
	char got[256] = "", one[64];

	for (size_t i = 0; i < tunnel->proposals; i++) {
		size_t length = strlen(got);

		ike_ipsec_proposal_text(&tunnel->proposal[i], one, sizeof(one));
		snprintf(got + length, sizeof(got) - length, "%s%s", i > 0 ? " " : "", one);
	}
	ck_assert_str_eq(got, expected);
}

START_TEST(test_defaults)
{
	struct config *config = load(PEER "tunnel \"t\" {}\n}\n");
	const struct ike_tunnel_settings *tunnel;

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->ike.peer[0].tunnels, 1);
	tunnel = &config->ike.peer[0].tunnel[0];
	ck_assert_str_eq(tunnel->name, "t");
	ck_assert_uint_eq(tunnel->local.prefix.address.family, IKE_FAMILY_NONE);
	ck_assert_uint_eq(tunnel->remote.prefix.address.family, IKE_FAMILY_NONE);
	ck_assert(!tunnel->transport && !tunnel->narrow && !tunnel->wait);
	ck_assert_uint_eq(tunnel->lifetime, 28800);
	ck_assert_uint_eq(tunnel->kilobytes, 0);
	expect_proposals(tunnel, "aes128-sha1 aes128-sha256 aes256-sha256");
	ck_assert_uint_eq(config->warnings, 0);
	config_free(config);
}
END_TEST

START_TEST(test_everything)
{
	struct config *config =
	    load(PEER "tunnel \"net\" {\n local = \"10.1.0.0/16\"  remote = \"10.2.0.0/16\"\n"
		      " mode = tunnel  proposals = {\"aes128-sha1\", \"aes256-sha256-modp2048\"}\n"
		      " lifetime = 1h  kilobytes = 100000  narrow = yes  begin = no\n}\n"
		      "tunnel \"l2tp\" { local = \"own udp/1701\"  remote = \"own udp\"\n"
		      " mode = transport }\n}\n");
	const struct ike_tunnel_settings *tunnel;

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->ike.peer[0].tunnels, 2);
	tunnel = &config->ike.peer[0].tunnel[0];
	ck_assert_str_eq(tunnel->name, "net");
	ck_assert_uint_eq(tunnel->local.prefix.address.octets[1], 1);
	ck_assert_uint_eq(tunnel->remote.prefix.address.octets[1], 2);
	ck_assert(!tunnel->transport && tunnel->narrow && tunnel->wait);
	ck_assert_uint_eq(tunnel->lifetime, 3600);
	ck_assert_uint_eq(tunnel->kilobytes, 100000);
	expect_proposals(tunnel, "aes128-sha1 aes256-sha256-modp2048");
	tunnel = &config->ike.peer[0].tunnel[1];
	ck_assert(tunnel->transport && !tunnel->narrow && !tunnel->wait);
	ck_assert_uint_eq(tunnel->local.port, 1701);
	ck_assert_uint_eq(tunnel->remote.protocol, 17);
	config_free(config);
}
END_TEST

START_TEST(test_weak_algorithms_are_warned_of)
{
	struct config *config = load(
	    PEER
	    "tunnel \"t\" { proposals = {\"aes128-sha1\", \"3des-sha1\", \"aes128-md5\"} }\n}\n");

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->warnings, 2);
	ck_assert_ptr_nonnull(strstr(config->warning[0], "tunnel \"t\": 3des-sha1"));
	ck_assert_ptr_nonnull(strstr(config->warning[1], "aes128-md5"));
	config_free(config);
}
END_TEST

/* Only where the kernel may get it. */
START_TEST(test_wide_tunnels_are_warned_of)
{
	static const struct {
		const char *node, *local;
		size_t warnings;
	} cases[] = {
	    {"auto", "0.0.0.0/0", 1},     {"xfrm", "0.0.0.0/0", 1}, {"keep", "0.0.0.0/0", 0},
	    {"none", "0.0.0.0/0", 0},     {"xfrm", "own", 0},       {"xfrm", "0.0.0.0/1", 0},
	    {"xfrm", "0.0.0.0/0 udp", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		struct config *config;

		snprintf(text, sizeof(text),
			 "node { ipsec = %s }\n" PEER
			 "tunnel \"any\" { local = \"%s\" remote = \"0.0.0.0/0\" } }\n",
			 cases[i].node, cases[i].local);
		config = load(text);
		ck_assert_msg(config != NULL, "%s", fault.text);
		ck_assert_msg(config->warnings == cases[i].warnings, "%s", text);
		if (config->warnings > 0)
			ck_assert_ptr_nonnull(strstr(config->warning[0], "ipsec = keep"));
		config_free(config);
	}
}
END_TEST

START_TEST(test_as_many_as_there_is_room_for)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "a");

	for (size_t i = 0; i < IKE_TUNNELS_MAX; i++)
		ck_assert_ptr_nonnull(config_add_tunnel(peer, "t"));
	ck_assert_ptr_null(config_add_tunnel(peer, "t"));
	ck_assert(!config_check_tunnels(config, peer, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "two tunnels are called"));
	config_free(config);
}
END_TEST

UNIT_MAIN("config_tunnel", test_refusals, test_defaults, test_everything,
	  test_weak_algorithms_are_warned_of, test_wide_tunnels_are_warned_of,
	  test_as_many_as_there_is_room_for)
