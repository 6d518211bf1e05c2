/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "interop/config/config.h"
#include "tests/support/scratch.h"

#define SECRET "secret = \"0123456789abcdef\" "

static struct fault fault;

static struct config *load(const char *text)
{
	return config_load(scratch_file("x.conf", 0600, text), &fault);
}

/* Every refusal names the file, the line and the field. */
START_TEST(test_refusals)
{
	static const struct {
		const char *text;
		const char *line, *field;
	} wrong[] = {
	    {"", "", "no peer"},
	    {"# one\n# two\npeer \"a\" {\n  sacred = 1\n}\n", ":4:", "sacred"},
	    {"\n\"\"\n", ":2:", "not understood"}, /* the parser says nothing of this one itself */
	    {"node {\n\n'' = 1\n}\n", ":3:", "not understood"},
	    {"\nnode|limits|sas = 0\npeer \"a\" { " SECRET "}\n", ":2:", "inside its section"},
	    {"\"node|control\" = \"\"\npeer \"a\" { " SECRET "}\n", ":1:", "inside its section"},
	    {"peer \"a\" {\n}\n", ":2:", "secret is missing"},
	    {"peer \"a\" {\n secret = \"file:nowhere\" }\n", ":2:", "nowhere"},
	    {"peer \"a\" {\n secret = \"0xzz\" }\n", ":2:", "secret: "},
	    {"peer \"a\" {\n" SECRET "lifetime = 59s }\n", ":2:", "lifetime"},
	    {"peer \"a\" {\n" SECRET "gateways = {\"x.invalid\"} }\n", ":2:", "gateways"},
	    {"peer \"a\" {\n" SECRET
	     "gateways = {\"::1\",\"::2\",\"::3\",\"::4\",\"::5\",\"::6\",\"::7\","
	     "\"::8\",\"::9\"} }\n",
	     ":2:", "more than 8"},
	    {"peer \"a\" {\n" SECRET "keepalive { detect = 1s loss = 50% } }\n",
	     ":2:", "keepalive: "},
	    {"peer \"a\" {\n" SECRET "keepalive { worry = 5s } }\n", ":2:", "keepalive: "},
	    {"peer \"a\" {\n" SECRET
	     "keepalive { detect = 9s worry = 5s retry = 1s misses = 4 } }\n",
	     ":2:", "keepalive: "},
	    {"peer \"a\" { " SECRET "}\npeer \"a\" { " SECRET "}\n", ":2:", "duplicate"},
	    {"peer \"a\" { " SECRET "}\npeer \"b\" { " SECRET "}\n", "", "\"a\" and \"b\""},
	    {"peer \"a\" { " SECRET "\n", ":1:", "never closed"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char place[128];

		ck_assert_msg(load(wrong[i].text) == NULL, "%s", wrong[i].text);
		snprintf(place, sizeof(place), "%s%s", scratch_path("x.conf"), wrong[i].line);
		ck_assert_msg(strstr(fault.text, place) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
		ck_assert_msg(strstr(fault.text, wrong[i].field) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
	}
}
END_TEST

START_TEST(test_secret_file_of_others_is_refused)
{
	scratch_file("gw.psk", 0644, "0123456789abcdef\n");
	ck_assert_ptr_null(load("peer \"a\" { secret = \"file:gw.psk\" }\n"));
	ck_assert_ptr_nonnull(strstr(fault.text, "chmod 600"));
	scratch_file("gw.psk", 0600, "0123456789abcdef\n");
	config_free(load("peer \"a\" { secret = \"file:gw.psk\" }\n"));
}
END_TEST

START_TEST(test_inline_secret_for_all_to_read)
{
	const char *path = scratch_file("y.conf", 0644, "peer \"a\" { " SECRET "}\n");
	struct config *config = config_load(path, &fault);

	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(config->warnings, 1);
	ck_assert_ptr_nonnull(strstr(config->warning[0], "chmod 600"));
	config_free(config);
	config = load("peer \"a\" { " SECRET "}\n");
	ck_assert_uint_eq(config->warnings, 0);
	config_free(config);
}
END_TEST

START_TEST(test_defaults)
{
	struct config *config = load("peer \"a\" { " SECRET "}\n");
	struct ike_limits limits;

	ck_assert_msg(config != NULL, "%s", fault.text);
	ike_limits_default(&limits);
	ck_assert_mem_eq(&config->ike.limits, &limits, sizeof(limits));
	ck_assert_uint_eq(config->ike.identity.type, 0);
	ck_assert(config->ike.say_invalid_cookie);
	ck_assert_str_eq(config->control, CONFIG_CONTROL);
	ck_assert_uint_eq(config->listens, 4);
	ck_assert_uint_eq(config->listen[0].port, 500);
	ck_assert_uint_eq(config->listen[2].port, 4500);
	ck_assert_uint_eq(config->listen[3].port, 4500);
	ck_assert_uint_eq(config->nat_t_port, 4500);
	ck_assert(!config->nat_t_said);
	ck_assert_str_eq(config->user, CONFIG_USER);
	ck_assert_uint_eq(config->workers, 1);
	ck_assert(config->confine);
	ck_assert_uint_eq(config->listen[1].family, IKE_FAMILY_IPV6);
	ck_assert_uint_eq(config->peer[0].ike.lifetime, 28800);
	ck_assert_uint_eq(config->peer[0].extension.plan.detect, KEEPALIVE_DEFAULT_DETECT);
	ck_assert_uint_eq(config->peer[0].extension.recovery.hold_down, 300 * IKE_SECOND);
	ck_assert(config->peer[0].extension.recovery.connect_at_start);
	ck_assert_int_eq(config->ipsec, STORE_AUTO);
	ck_assert_uint_eq(config->peer[0].ike.tunnels, 0);
	ck_assert(config->peer[0].ike.nat_traversal);
	ck_assert(!config->peer[0].ike.encapsulate);
	ck_assert(config->peer[0].ike.fragmentation);
	config_free(config);
}
END_TEST

static const char everything[] =
    "node {\n"
    "  identity = \"fqdn:target.example\"\n"
    "  listen = {\"127.0.0.1\", # a comment in a list\n  \"[::1]:4500\"}   port = 0  nat-t-port = "
    "14500\n"
    "  control = \"\"  say-invalid-cookie = false  user = ike  confine = no\n"
    "  limits { sas = 11  handshakes = 12  handshakes-per-source = 13  outputs = 14  events = 15\n"
    "           notifies-per-second = 0  ipsec-sas = 16  quick-modes = 17  reassemblies = 18\n"
    "           unknown-spis-per-second = 0  remembered = 19 }\n"
    "  ipsec = keep\n"
    "}\n"
    "peer \"gw\" {\n"
    "  gateways = {\"192.0.2.1\", \"[2001:db8::1]:4500\"}\n"
    "  identity = \"fqdn:gw.example\"  local-identity = \"key-id:lab\"\n"
    "  " SECRET "\n"
    "  proposals = {\"aes128-sha1-modp2048\", \"aes256-sha256-modp2048\"}\n"
    "  lifetime = 2h  obey-initial-contact = false\n"
    "  nat-traversal = yes  encapsulate = yes  fragmentation = no\n"
    "  keepalive { mode = on-demand  worry = 10s  retry = 2s  misses = 5  strict = true }\n"
    "  recovery { on-death = clear  connect-at-start = false  attempts = 3  attempt-timeout = 4s\n"
    "             backoff-first = 500ms  backoff-most = 6s  hold-down = 0s }\n"
    "}\n";

START_TEST(test_everything)
{
	struct config *config = load(everything);
	const struct config_peer *peer;
	const struct recovery_settings *recovery;

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->ike.identity.type, IKE_ID_FQDN);
	ck_assert_uint_eq(config->listens, 4);
	ck_assert_uint_eq(config->listen[0].port, 0);
	ck_assert_uint_eq(config->listen[3].port, 14500);
	ck_assert_uint_eq(config->listen[1].port, 4500);
	ck_assert_ptr_null(config->control);
	ck_assert(!config->ike.say_invalid_cookie);
	ck_assert_uint_eq(config->nat_t_port, 14500);
	ck_assert(config->nat_t_said);
	ck_assert_str_eq(config->user, "ike");
	ck_assert(!config->confine);
	ck_assert_uint_eq(config->ike.limits.sas, 11);
	ck_assert_uint_eq(config->ike.limits.handshakes, 12);
	ck_assert_uint_eq(config->ike.limits.handshakes_per_source, 13);
	ck_assert_uint_eq(config->ike.limits.outputs, 14);
	ck_assert_uint_eq(config->ike.limits.events, 15);
	ck_assert_uint_eq(config->ike.limits.notifies_per_second, 0);
	ck_assert_uint_eq(config->ike.limits.unknown_spis_per_second, 0);
	ck_assert_uint_eq(config->ike.limits.remembered, 19);
	ck_assert_uint_eq(config->ike.limits.ipsec_sas, 16);
	ck_assert_uint_eq(config->ike.limits.quick_modes, 17);
	ck_assert_uint_eq(config->ike.limits.reassemblies, 18);
	ck_assert_int_eq(config->ipsec, STORE_KEEP);
	peer = &config->peer[0];
	ck_assert_uint_eq(peer->ike.gateways, 2);
	ck_assert_uint_eq(peer->ike.gateway[1].port, 4500);
	ck_assert_uint_eq(peer->ike.remote_identity.type, IKE_ID_FQDN);
	ck_assert_uint_eq(peer->ike.local_identity.type, IKE_ID_KEY_ID);
	ck_assert_uint_eq(peer->ike.proposals, 2);
	ck_assert_uint_eq(peer->ike.proposal[0].hash, IKE_HASH_SHA1);
	ck_assert_uint_eq(peer->ike.lifetime, 7200);
	ck_assert(!peer->ike.obey_initial_contact);
	ck_assert(peer->ike.nat_traversal && peer->ike.encapsulate && !peer->ike.fragmentation);
	ck_assert_int_eq(peer->extension.plan.mode, KEEPALIVE_ON_DEMAND);
	ck_assert_int_eq(peer->extension.plan.strictness, KEEPALIVE_STRICT);
	ck_assert_uint_eq(peer->extension.plan.worry, 10 * IKE_SECOND);
	ck_assert_uint_eq(peer->extension.plan.misses, 5);
	recovery = &peer->extension.recovery;
	ck_assert_int_eq(recovery->on_death, RECOVERY_CLEAR);
	ck_assert(!recovery->connect_at_start);
	ck_assert_uint_eq(recovery->attempts, 3);
	ck_assert_uint_eq(recovery->attempt_timeout, 4 * IKE_SECOND);
	ck_assert_uint_eq(recovery->backoff_first, IKE_SECOND / 2);
	ck_assert_uint_eq(recovery->backoff_most, 6 * IKE_SECOND);
	ck_assert_uint_eq(recovery->hold_down, 0);
	config_free(config);
}
END_TEST

/* The parser does not see it, the peer has it; this one has all that could confuse somebody on the way. */
START_TEST(test_inline_secret)
{
	static const char secret[] = "a \"b\" \\ #{c}=,'d'";
	struct config *config = load("peer \"a\" { secret = \"a \\\"b\\\" \\\\ #{c}=,'d'\" }\n");

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert(
	    secret_equal(secret_bytes(config->peer[0].secret), octets_of(secret, strlen(secret))));
	config_free(config);
}
END_TEST

/* What the manual shows must work.  Tests run in the root of the checkout. */
START_TEST(test_workers)
{
	struct config *config = load("node { workers = 64 }\npeer \"a\" { " SECRET "}\n");

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->workers, 64);
	config_free(config);
	ck_assert_ptr_null(load("node { workers = 2 ipsec = xfrm }\npeer \"a\" { " SECRET "}\n"));
	ck_assert_ptr_nonnull(
	    strstr(fault.text, ":1: node: workers = 2 does not go with ipsec = xfrm"));
	ck_assert_ptr_null(
	    load("\nnode {\nipsec = keep\nworkers = 3\n}\npeer \"a\" { " SECRET "}\n"));
	ck_assert_ptr_nonnull(strstr(fault.text, ":5: node: workers = 3 does not go with"));
}
END_TEST

START_TEST(test_the_example_loads)
{
	struct config *config = config_load("interop/ruthere.conf.example", &fault);

	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->peers, 2);
	config_free(config);
	config = config_load("interop/bakeoff.conf.example", &fault);
	ck_assert_msg(config != NULL, "%s", fault.text);
	ck_assert_uint_eq(config->peer[0].ike.tunnels, 2);
	ck_assert(config->peer[0].ike.tunnel[0].narrow && config->peer[0].ike.tunnel[0].wait);
	config_free(config);
}
END_TEST

UNIT_MAIN("config_file", test_refusals, test_secret_file_of_others_is_refused,
	  test_inline_secret_for_all_to_read, test_defaults, test_everything, test_inline_secret,
	  test_workers, test_the_example_loads)
