/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "interop/config/config_grammar.h"

static char complaint[512];
static int line, peers, tunnels;

static void complain(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void complain(cfg_t *cfg, const char *format, va_list arguments)
{
	if (complaint[0] != '\0')
		return;
	line = cfg->line;
	vsnprintf(complaint, sizeof(complaint), format, arguments);
}

static int finish_peer(cfg_t *cfg, cfg_opt_t *opt)
{
	(void)cfg;
	(void)opt;
	peers++;
	return 0;
}

static int finish_tunnel(cfg_t *cfg, cfg_opt_t *opt)
{
	(void)cfg;
	(void)opt;
	tunnels++;
	return 0;
}

static bool parse(const char *text)
{
	cfg_t *cfg = config_grammar_new(complain, finish_tunnel, finish_peer);
	bool good;

	ck_assert_ptr_nonnull(cfg);
	complaint[0] = '\0';
	peers = tunnels = line = 0;
	good = cfg_parse_buf(cfg, text) == CFG_SUCCESS;
	cfg_free(cfg);
	return good;
}

/* One field of each kind, wrong. */
static const struct {
	const char *section, *field, *says;
} wrong[] = {
    {"node {", "identity = \"fqdn:\"", "identity"},
    {"node {", "listen = {\"0.0.0.0\", \"everywhere\"}", "listen"},
    {"node {", "port = 65536", "port"},
    {"node {", "nat-t-port = x", "nat-t-port"},
    {"node {", "user = \"\"", "user"},
    {"node {", "workers = 0", "workers"},
    {"node {", "workers = 65", "workers"},
    {"node {", "confine = perhaps", "confine"},
    {"node {", "say-invalid-cookie = perhaps", "say-invalid-cookie"},
    {"node { limits {", "sas = 0 }", "sas"},
    {"node { limits {", "handshakes = many }", "handshakes"},
    {"node { limits {", "handshakes-per-source = 0 }", "handshakes-per-source"},
    {"node { limits {", "outputs = -1 }", "outputs"},
    {"node { limits {", "events = 0 }", "events"},
    {"node { limits {", "notifies-per-second = x }", "notifies-per-second"},
    {"node { limits {", "unknown-spis-per-second = x }", "unknown-spis-per-second"},
    {"node { limits {", "remembered = -1 }", "remembered"},
    {"node {", "key = \"\"", "key"},
    {"node {", "certificate = \"\"", "certificate"},
    {"node {", "authorities = \"\"", "authorities"},
    {"node {", "revocations = \"\"", "revocations"},
    {"peer \"a\" {", "authentication = rsa-encryption", "none of psk, rsa, ecdsa"},
    {"peer \"a\" {", "exchange = quick", "none of main, aggressive, aggressive-psk"},
    {"peer \"a\" {", "key = \"\"", "key"},
    {"peer \"a\" {", "certificate = \"\"", "certificate"},
    {"peer \"a\" {", "authorities = \"\"", "authorities"},
    {"peer \"a\" {", "revocations = \"\"", "revocations"},
    {"node { limits {", "ipsec-sas = 0 }", "ipsec-sas"},
    {"node { limits {", "quick-modes = 0 }", "quick-modes"},
    {"node { limits {", "reassemblies = 0 }", "reassemblies"},
    {"node {", "ipsec = esp", "auto, xfrm, userspace, keep, none"},
    {"node {", "tun = \"a/b\"", "tun"},
    {"node {", "tun-addresses = {\"10.1.0.1/32\", \"any\"}", "tun-addresses"},
    {"node {", "tun-mtu = 100", "tun-mtu"},
    {"node {", "say-invalid-spi = perhaps", "say-invalid-spi"},
    {"peer \"a\" { tunnel \"t\" {", "packets = x }", "packets"},
    {"peer \"a\" { tunnel \"t\" {", "ping = x }", "ping"},
    {"peer \"a\" { tunnel \"t\" {", "ping-from = x }", "ping-from"},
    {"peer \"a\" { tunnel \"t\" {", "ping-interval = 2h }", "ping-interval"},
    {"peer \"a\" { tunnel \"t\" {", "ping-misses = 0 }", "ping-misses"},
    {"peer \"a\" {", "nat-traversal = perhaps", "nat-traversal"},
    {"peer \"a\" {", "encapsulate = perhaps", "encapsulate"},
    {"peer \"a\" {", "fragmentation = perhaps", "fragmentation"},
    {"peer \"a\" { tunnel \"t\" {", "local = any }", "0.0.0.0/0 for everywhere"},
    {"peer \"a\" { tunnel \"t\" {", "remote = \"10.1.0.7/16\" }", "10.1.0.0/16"},
    {"peer \"a\" { tunnel \"t\" {", "mode = esp }", "neither tunnel nor transport"},
    {"peer \"a\" { tunnel \"t\" {", "proposals = {\"aes128-sha1-modp2048-x\"} }",
     "aes256-sha256-modp2048"},
    {"peer \"a\" { tunnel \"t\" {", "lifetime = 8 }", "lifetime"},
    {"peer \"a\" { tunnel \"t\" {", "kilobytes = -1 }", "kilobytes"},
    {"peer \"a\" { tunnel \"t\" {", "narrow = perhaps }", "narrow"},
    {"peer \"a\" { tunnel \"t\" {", "begin = perhaps }", "begin"},
    {"peer \"a\" { tunnel {", "begin = no }", "tunnel"},
    {"peer \"a\" {", "from = \"192.0.2.0/99\"", "from"},
    {"peer \"a\" {", "identity = \"ipv4:x\"", "identity"},
    {"peer \"a\" {", "local-identity = \"ipv4:x\"", "local-identity"},
    {"peer \"a\" {", "proposals = {\"aes128-sha1-modp2048\", \"aes\"}", "proposals"},
    {"peer \"a\" {", "lifetime = 8", "lifetime"},
    {"peer \"a\" { keepalive {", "mode = often }", "periodic, on-demand, ping, off"},
    {"peer \"a\" { keepalive {", "detect = 20 }", "20s"},
    {"peer \"a\" { keepalive {", "loss = 20 }", "20%"},
    {"peer \"a\" { keepalive {", "worry = x }", "worry"},
    {"peer \"a\" { keepalive {", "retry = x }", "retry"},
    {"peer \"a\" { keepalive {", "misses = 0 }", "misses"},
    {"peer \"a\" { keepalive {", "false-deaths = few }", "false-deaths"},
    {"peer \"a\" { recovery {", "on-death = hold }", "restart"},
    {"peer \"a\" { recovery {", "attempts = 0 }", "attempts"},
    {"peer \"a\" { recovery {", "attempt-timeout = 1 }", "attempt-timeout"},
    {"peer \"a\" { recovery {", "backoff-first = 1 }", "backoff-first"},
    {"peer \"a\" { recovery {", "backoff-most = 1 }", "backoff-most"},
    {"peer \"a\" { recovery {", "hold-down = 1 }", "hold-down"},
    {"node {", "colour = blue", "colour"},
    {"peer {", "from = any", "peer"},
};

/* Each on the third line. */
START_TEST(test_every_field_is_checked)
{
	char text[256];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "\n%s\n%s\n}\n", wrong[i].section, wrong[i].field);
		ck_assert_msg(!parse(text), "%s", text);
		ck_assert_msg(strstr(complaint, wrong[i].says) != NULL, "%s: %s", text, complaint);
		ck_assert_msg(line == 3 || strstr(wrong[i].section, "r {") != NULL ||
				  strstr(wrong[i].section, "l {") != NULL,
			      "%s: line %d", text, line);
	}
}
END_TEST

START_TEST(test_same_name_twice)
{
	ck_assert(!parse("peer \"a\" {}\npeer \"a\" {}\n"));
	ck_assert_ptr_nonnull(strstr(complaint, "duplicate"));
	ck_assert(!parse("peer \"a\" { tunnel \"t\" {}\ntunnel \"t\" {} }\n"));
	ck_assert_ptr_nonnull(strstr(complaint, "duplicate"));
}
END_TEST

START_TEST(test_all_of_it)
{
	ck_assert_msg(
	    parse("node { listen = {\"0.0.0.0\", \"::\"} port = 0 limits { sas = 5 } }\n"
		  "peer \"a\" { keepalive { mode = on-demand detect = 20s loss = 20% } }\n"
		  "peer \"b\" { recovery { on-death = clear hold-down = 5m } tunnel \"x\" {}\n"
		  " tunnel \"y\" { remote = \"10.1.0.7/32 udp/1701\" narrow = yes } }\n"),
	    "%s", complaint);
	ck_assert_int_eq(peers, 2);
	ck_assert_int_eq(tunnels, 2);
}
END_TEST

UNIT_MAIN("config_grammar", test_every_field_is_checked, test_same_name_twice, test_all_of_it)
