/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "ike/address.h"
#include "interop/config/config_traffic.h"
#include "tests/support/scratch.h"

#define PEER   "peer \"a\" {\nsecret = \"0123456789abcdef\"\n"
#define OTHER  "peer \"b\" { secret = \"0123456789abcdef\" from = \"192.0.2.0/24\" }\n"
#define ENDS   "local = \"10.1.0.0/16\" remote = \"10.2.0.0/16\" "
#define PINGS  "ping = \"10.2.0.1\" ping-from = \"10.1.0.1\" "
#define SINGLE "local = \"10.1.0.9/32\" remote = \"10.2.0.0/16\" "

static struct fault fault;

static struct config *load(const char *text)
{
	return config_load(scratch_file("x.conf", 0600, text), &fault);
}

static void expect_address(const struct ike_address *address, const char *expected)
{
	char text[IKE_ADDRESS_TEXT];

	ike_address_text(address, text, sizeof(text));
	ck_assert_str_eq(text, expected);
}

struct wrong {
	const char *text, *line, *says;
};

static void expect_refused(const struct wrong *wrong, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char place[128];

		ck_assert_msg(load(wrong[i].text) == NULL, "%s", wrong[i].text);
		snprintf(place, sizeof(place), "%s%s", scratch_path("x.conf"), wrong[i].line);
		ck_assert_msg(strstr(fault.text, place) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
		ck_assert_msg(strstr(fault.text, wrong[i].says) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
	}
}

/* Every refusal names the file, the line, the field and what would be right. */
START_TEST(test_wrong_nodes)
{
	static const struct wrong wrong[] = {
	    {"node {\nipsec = esp\n}\n" PEER "}\n",
	     ":2:", "ipsec: \"esp\" is none of auto, xfrm, userspace, keep, none"},
	    {"node {\ntun = \"\"\n}\n" PEER "}\n", ":2:", "tun: \"\" is not the name"},
	    {"node {\ntun = \"ruthere0ruthere0\"\n}\n" PEER "}\n", ":2:", "1 to 15 printable"},
	    {"node {\ntun = \"a/b\"\n}\n" PEER "}\n", ":2:", "tun: \"a/b\""},
	    {"node {\ntun = \"a b\"\n}\n" PEER "}\n", ":2:", "without blank"},
	    {"node {\ntun = \"tun%d\"\n}\n" PEER "}\n", ":2:", "for example ruthere0"},
	    {"node {\ntun = \"a:1\"\n}\n" PEER "}\n", ":2:", "colon"},
	    {"node {\ntun = \"..\"\n}\n" PEER "}\n", ":2:", "tun: \"..\""},
	    {"node {\ntun = \".\"\n}\n" PEER "}\n", ":2:", "tun: \".\""},
	    {"node {\ntun = \"t\xc3\xbc\"\n}\n" PEER "}\n", ":2:", "printable"},
	    {"node {\ntun-addresses = {\"any\"}\n}\n" PEER "}\n",
	     ":2:", "tun-addresses: \"any\" is not an address of an interface"},
	    {"node {\ntun-addresses = {\"10.1.0.1/24\",\n\"10.1.0.1/33\"}\n}\n" PEER "}\n",
	     ":3:", "\"10.1.0.1/33\""},
	    {"node {\ntun-addresses = {\"10.1.0.1/0\"}\n}\n" PEER "}\n", ":2:", "10.1.0.1/32"},
	    {"node {\ntun-addresses = {\"::1\",\"::2\",\"::3\",\"::4\",\"::5\",\"::6\",\"::7\","
	     "\"::8\",\"::9\"}\n}\n" PEER "}\n",
	     ":3:", "tun-addresses: more than 8"},
	    {"node {\ntun-addresses = {\"10.1.0.1/24\", \"10.1.0.1/32\"}\n}\n" PEER "}\n",
	     ":3:", "write each of them once"},
	    {"node {\ntun-mtu = 1279\n}\n" PEER "}\n", ":2:", "tun-mtu: \"1279\""},
	    {"node {\ntun-mtu = 4001\n}\n" PEER "}\n", ":2:", "within 1280 to 4000"},
	    {"node {\ntun-mtu = big\n}\n" PEER "}\n", ":2:", "nor 0"},
	    {"node {\npeers-file = \"peers/\"\n}\n" PEER "}\n", ":3:", "peers-file: \"peers/\""},
	    {"node {\nsay-invalid-spi = perhaps\n}\n" PEER "}\n", ":2:", "say-invalid-spi"},
	    {"node {\nworkers = 2 peers-file = \"p\"\n}\n" PEER "}\n",
	     ":3:", "workers = 2 do not go with peers-file"},
	    {"node {\nworkers = 2 ipsec = userspace\n}\n" PEER "}\n",
	     ":3:", "workers = 2 does not go with ipsec = userspace"},
	};

	expect_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST

START_TEST(test_wrong_pings)
{
	static const struct wrong wrong[] = {
	    {PEER "tunnel \"t\" {\nping = \"gw.example\"\n" ENDS "}\n}\n", ":4:", "ping: \"gw"},
	    {PEER "tunnel \"t\" {\nping = \"10.2.0.1:7\"\n" ENDS "}\n}\n", ":4:", "without a port"},
	    {PEER "tunnel \"t\" {\nping-from = \"10.1.0.0/16\"\n}\n}\n", ":4:", "ping-from: "},
	    {PEER "tunnel \"t\" {\nping-interval = 199ms\n}\n}\n",
	     ":4:", "ping-interval: \"199ms\" is not within 200ms to 1h"},
	    {PEER "tunnel \"t\" {\nping-when = never\n}\n}\n",
	     ":4:", "neither silent (while nothing else comes through the tunnel) nor always"},
	    {PEER "tunnel \"t\" {\nping-interval = 61m\n}\n}\n", ":4:", "200ms to 1h"},
	    {PEER "tunnel \"t\" {\nping-interval = 10\n}\n}\n", ":4:", "write 10ms, 10s"},
	    {PEER "tunnel \"t\" {\nping-misses = 0\n}\n}\n", ":4:", "ping-misses"},
	    {PEER "tunnel \"t\" {\nping-misses = 101\n}\n}\n", ":4:", "within 1 to 100"},
	    {PEER "tunnel \"t\" {\npackets = -1\n}\n}\n", ":4:", "packets"},
	    {PEER "tunnel \"t\" {\npackets = 4294967296\n}\n}\n", ":4:", "packets"},
	    {PEER "tunnel \"t\" {\n" ENDS "ping = \"10.3.0.1\"\n}\n}\n",
	     ":5:", "tunnel \"t\": ping is not inside of remote"},
	    {PEER "tunnel \"t\" {\n" ENDS "ping = \"2001:db8::1\"\n}\n}\n",
	     ":5:", "ping is not inside of remote"},
	    {PEER "tunnel \"t\" {\n" ENDS "ping = \"10.2.0.1\"\n}\n}\n",
	     ":5:", "ping-from is missing"},
	    {PEER "tunnel \"t\" {\n" ENDS "ping = \"10.2.0.1\"\nping-from = \"10.3.0.1\"\n}\n}\n",
	     ":6:", "ping-from is not inside of local"},
	    {PEER "tunnel \"t\" {\n" SINGLE "ping = \"10.2.0.1\"\nping-from = \"10.1.0.8\"\n}\n}\n",
	     ":6:", "ping-from is not inside of local"},
	    {PEER "tunnel \"t\" {\n" ENDS "ping = \"10.2.0.1\"\nping-from = \"::1\"\n}\n}\n",
	     ":6:", "the same family"},
	    {PEER "tunnel \"t\" {\n" ENDS "ping-from = \"10.1.0.1\"\n}\n}\n",
	     ":5:", "ping-from without ping"},
	    {PEER "tunnel \"t\" {\nping = \"10.2.0.1\"\n}\n}\n", ":5:", "remote = own has none"},
	    {PEER "tunnel \"t\" {\nremote = \"10.2.0.0/16\" ping = \"10.2.0.1\"\n"
		  "ping-from = \"10.1.0.1\"\n}\n}\n",
	     ":6:", "local = own"},
	    {PEER "tunnel \"t\" {\nlocal = \"10.1.0.0/16 udp\" remote = \"10.2.0.0/16\"\n" PINGS
		  "\n}\n}\n",
	     ":6:", "take the protocol out"},
	    {PEER "tunnel \"t\" {\nlocal = \"10.1.0.0/16\" remote = \"10.2.0.0/16 icmpv6\"\n" PINGS
		  "\n}\n}\n",
	     ":6:", "another protocol than ICMP"},
	    {PEER "tunnel \"t\" {\nmode = transport local = \"10.1.0.9/32\" "
		  "remote = \"10.2.0.1/32\"\nping = \"10.2.0.1\"\n}\n}\n",
	     ":6:", "ping needs mode = tunnel"},
	};

	expect_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST

/* What only the file as a whole shows carries the line of the section that has to change. */
START_TEST(test_wrong_together)
{
	static const struct wrong wrong[] = {
	    {OTHER PEER "tunnel \"u\" { " ENDS "}\ntunnel \"t\" {\nmode = transport\n}\n}\n"
			"node { ipsec = userspace }\n",
	     ":7:",
	     "peer \"a\": tunnel \"t\": mode = transport does not go with node { ipsec = "
	     "userspace }"},
	    {"node { ipsec = xfrm }\n" PEER "tunnel \"t\" {\n" ENDS PINGS "\n}\n}\n", ":6:",
	     "tunnel \"t\": ping does not go with node { ipsec = xfrm }: set ipsec = "
	     "userspace"},
	    {"node { ipsec = keep }\n" PEER "tunnel \"t\" { " ENDS PINGS "}\n}\n",
	     ":4:", "ipsec = keep"},
	    {"node { ipsec = none }\n" PEER "tunnel \"t\" { " ENDS PINGS "}\n}\n",
	     ":4:", "ipsec = none"},
	    {PEER "keepalive { mode = ping }\n}\n",
	     ":4:", "peer \"a\": keepalive: mode = ping asks through tunnels, and there is none"},
	    {PEER "tunnel \"t\" { " ENDS PINGS "}\ntunnel \"u\" {}\nkeepalive { mode = ping }\n}\n",
	     ":6:", "tunnel \"u\": keepalive { mode = ping } needs an address to ask"},
	    {PEER "keepalive {\nmode = pong }\n}\n",
	     ":4:", "none of periodic, on-demand, ping, off"},
	};

	expect_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST

START_TEST(test_defaults)
{
	struct config *config = load(PEER "tunnel \"t\" {}\n}\n");
	const struct config_traffic *traffic;

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_str_eq(config->tun.name, "ruthere0");
	ck_assert_uint_eq(config->tun.addresses, 0);
	ck_assert_uint_eq(config->tun.mtu, 0);
	ck_assert_ptr_null(config->peers_file);
	ck_assert(!config->ike.say_invalid_spi);
	ck_assert(!config->peer[0].ping_only);
	traffic = &config->peer[0].traffic[0];
	ck_assert_uint_eq(traffic->ping.to.family, IKE_FAMILY_NONE);
	ck_assert_uint_eq(traffic->ping.from.family, IKE_FAMILY_NONE);
	ck_assert_uint_eq(traffic->ping.interval, 10 * IKE_SECOND);
	ck_assert_uint_eq(traffic->ping.misses, 3);
	ck_assert_uint_eq(traffic->packets, 0);
	config_free(config);
	config = config_new(); /* the same without a file */
	ck_assert_str_eq(config->tun.name, "ruthere0");
	ck_assert_ptr_nonnull(config_add_peer(config, "a"));
	config_free(config);
}
END_TEST

START_TEST(test_everything)
{
	struct config *config =
	    load("node {\nipsec = userspace tun = \"esp-1\" tun-mtu = 1280 say-invalid-spi = yes\n"
		 "tun-addresses = {\"10.1.0.1/24\", \"2001:db8:1::1\"} peers-file = "
		 "\"met/peers\"\n}\n" PEER "keepalive { mode = ping }\n"
		 "tunnel \"v4\" { " ENDS PINGS "ping-interval = 200ms ping-misses = 100 "
		 "ping-when = always packets = "
		 "4294967295 }\n"
		 "tunnel \"v6\" { local = \"2001:db8:1::/64 icmpv6\" remote = \"2001:db8:2::/64\"\n"
		 "ping = \"2001:db8:2::1\" ping-from = \"2001:db8:1::1\" ping-interval = 1h "
		 "ping-misses = 1 }\n}\n");
	const struct config_traffic *traffic;
	char folder[512];

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_int_eq(config->ipsec, STORE_USERSPACE);
	ck_assert_str_eq(config->tun.name, "esp-1");
	ck_assert_uint_eq(config->tun.mtu, 1280);
	ck_assert(config->ike.say_invalid_spi);
	ck_assert_uint_eq(config->tun.addresses, 2);
	expect_address(&config->tun.address[0].address, "10.1.0.1");
	ck_assert_uint_eq(config->tun.address[0].bits, 24);
	expect_address(&config->tun.address[1].address, "2001:db8:1::1");
	ck_assert_uint_eq(config->tun.address[1].bits, 128);
	snprintf(folder, sizeof(folder), "%s", scratch_path("met/peers"));
	ck_assert_str_eq(config->peers_file, folder);
	ck_assert(config->peer[0].ping_only);
	ck_assert_int_eq(config->peer[0].extension.plan.mode, KEEPALIVE_OFF);
	traffic = &config->peer[0].traffic[0];
	expect_address(&traffic->ping.to, "10.2.0.1");
	expect_address(&traffic->ping.from, "10.1.0.1");
	ck_assert_uint_eq(traffic->ping.interval, IKE_SECOND / 5);
	ck_assert_uint_eq(traffic->ping.misses, 100);
	ck_assert(traffic->ping.always);
	ck_assert(!config_ping_plan(&traffic->ping).only_when_silent);
	ck_assert_uint_eq(traffic->packets, UINT32_MAX);
	traffic = &config->peer[0].traffic[1];
	ck_assert(!traffic->ping.always);
	ck_assert(config_ping_plan(&traffic->ping).only_when_silent);
	expect_address(&traffic->ping.to, "2001:db8:2::1");
	expect_address(&traffic->ping.from, "2001:db8:1::1");
	ck_assert_uint_eq(traffic->ping.interval, 3600 * IKE_SECOND);
	ck_assert_uint_eq(traffic->ping.misses, 1);
	ck_assert_uint_eq(traffic->packets, 0);
	ck_assert_uint_eq(config->warnings, 0);
	config_free(config);
}
END_TEST

/* Where there is but one address to ask from, nobody has to say so; "own" is known later. */
START_TEST(test_asks_from_the_only_address)
{
	struct config *config =
	    load(PEER "tunnel \"t\" { " SINGLE "ping = \"10.2.0.1\" }\n"
		      "tunnel \"u\" { remote = \"10.2.0.0/16\" ping = \"10.2.0.1\" }\n"
		      "tunnel \"v\" { local = \"10.1.0.9/32\" remote = \"0.0.0.0/0\" "
		      "ping = \"10.2.0.1\" ping-from = \"10.1.0.9\" }\n}\n");

	ck_assert_msg(config != NULL, "%s", fault.text);
	expect_address(&config->peer[0].traffic[0].ping.from, "10.1.0.9");
	ck_assert_uint_eq(config->peer[0].traffic[1].ping.from.family, IKE_FAMILY_NONE);
	expect_address(&config->peer[0].traffic[1].ping.to, "10.2.0.1");
	expect_address(&config->peer[0].traffic[2].ping.from, "10.1.0.9");
	config_free(config);
}
END_TEST

START_TEST(test_an_interface_that_nobody_makes)
{
	static const struct {
		const char *ipsec;
		size_t warnings;
	} cases[] = {{"auto", 0}, {"userspace", 0}, {"xfrm", 1}, {"keep", 1}, {"none", 1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		struct config *config;

		snprintf(text, sizeof(text),
			 "node { ipsec = %s tun-addresses = {\"10.1.0.1/32\"} }\n" PEER "}\n",
			 cases[i].ipsec);
		config = load(text);
		ck_assert_msg(config != NULL, "%s", fault.text);
		ck_assert_msg(config->warnings == cases[i].warnings, "%s", text);
		if (config->warnings > 0)
			ck_assert_ptr_nonnull(strstr(config->warning[0], cases[i].ipsec));
		config_free(config);
	}
}
END_TEST

START_TEST(test_paths_of_the_peers_file)
{
	struct config *config = load("node { peers-file = \"/var/lib/peers\" }\n" PEER "}\n");

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_str_eq(config->peers_file, "/var/lib/peers");
	config_free(config);
	config = load("node { peers-file = \"\" }\n" PEER "}\n");
	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_ptr_null(config->peers_file);
	config_free(config);
}
END_TEST

START_TEST(test_words)
{
	static const char *const words[] = {"auto", "xfrm", "userspace", "keep", "none"};
	enum store_kind kind;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		ck_assert(value_ipsec(words[i], &kind, &fault));
		ck_assert_str_eq(value_ipsec_text(kind), words[i]);
	}
}
END_TEST

UNIT_MAIN("config_traffic", test_wrong_nodes, test_wrong_pings, test_wrong_together, test_defaults,
	  test_everything, test_asks_from_the_only_address, test_an_interface_that_nobody_makes,
	  test_paths_of_the_peers_file, test_words)
