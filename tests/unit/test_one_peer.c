/* SPDX-License-Identifier: ISC */
/*
 * test_one_peer.c - a gateway from the command line: what is refused, what it becomes, and why Phase 1 with it failed.
 */
#include <stdlib.h>
#include <string.h>

#include "interop/one_peer.h"
#include "tests/support/unit.h"

static struct options_row rows[ONE_PEER_ROWS];
static struct one_peer one_peer;
static struct config *config;
static struct fault fault;

static void begin(const char *secret)
{
	config_free(config);
	config = config_new();
	ck_assert_ptr_nonnull(config);
	one_peer_end(&one_peer);
	one_peer_begin(&one_peer, rows);
	one_peer.secret = secret != NULL ? strdup(secret) : NULL;
	fault.text[0] = '\0';
}

static bool settle(const char *gateway)
{
	return one_peer_add(&one_peer, config, gateway, IKE_SECOND, &fault) != NULL &&
	       one_peer_finish(&one_peer, config, &fault);
}

static void end(void)
{
	one_peer_end(&one_peer);
	config_free(config);
	config = NULL;
}

START_TEST(test_what_is_refused)
{
	begin(NULL);
	ck_assert(!settle("192.0.2.1"));
	ck_assert_ptr_nonnull(strstr(fault.text, "--secret-file FILE and --secret SECRET"));
	begin("s");
	one_peer.secret_file = "f";
	ck_assert(!settle("192.0.2.1"));
	begin("s");
	one_peer.exchange = "aggressive-psk";
	ck_assert(!settle("192.0.2.1"));
	ck_assert_ptr_nonnull(strstr(fault.text, "--identity"));
	begin("s");
	one_peer.proposals = (struct options_list){.item = {"rot13"}, .count = 1};
	ck_assert(!settle("192.0.2.1"));
	begin("s");
	one_peer.proposals.count = IKE_PROPOSALS_MAX + 1;
	ck_assert(!settle("192.0.2.1"));
	ck_assert_ptr_nonnull(strstr(fault.text, "more than 16"));
	begin("s");
	one_peer.identity = "fqdn:";
	ck_assert(!settle("192.0.2.1"));
	begin("s");
	one_peer.peer_identity = "fqdn:";
	ck_assert(!settle("192.0.2.1"));
	begin("s");
	one_peer.authentication = "dss";
	ck_assert(!settle("192.0.2.1"));
	begin("s");
	ck_assert(!settle("192.0.2.300"));
	end();
}
END_TEST

START_TEST(test_what_it_becomes)
{
	const struct config_peer *peer;

	begin("a secret");
	one_peer.port = 15500;
	one_peer.identity = "fqdn:we.example";
	one_peer.proposals = (struct options_list){.item = {"aes128-sha1-modp2048"}, .count = 1};
	ck_assert_msg(settle("2001:db8::1"), "%s", fault.text);
	peer = &config->peer[0];
	ck_assert_uint_eq(peer->ike.gateway[0].port, 15500);
	ck_assert_uint_eq(peer->ike.proposals, 1);
	ck_assert_int_eq(peer->keepalive.mode, KEEPALIVE_OFF);
	ck_assert_uint_eq(peer->extension.recovery.attempts, 1);
	ck_assert_uint_eq(config->listen[0].family, IKE_FAMILY_IPV6);
	one_peer_listen(config, 500);
	ck_assert_uint_eq(config->listens, 2); /* and 4500 */
	one_peer_listen(config, 0);
	ck_assert_uint_eq(config->listens, 1);
	ck_assert_uint_eq(config->ike.nat_t_port, 0);
	end();
	ck_assert_ptr_null(one_peer.secret);
}
END_TEST

static const char *obituary(struct one_peer_phase_1 phase_1, enum ike_verdict verdict)
{
	const struct ike_event event = {.kind = IKE_EVENT_FAILED, .verdict = verdict};

	phase_1.gateway = (struct ike_address){.family = IKE_FAMILY_IPV4, .octets = {192, 0, 2, 1}};
	ck_assert(!one_peer_explain(&phase_1, &event, &fault));
	return fault.text;
}

START_TEST(test_obituaries)
{
	const struct one_peer_phase_1 nothing = {.psk = true}, keys = {.psk = true, .keys = true},
				      signature = {.keys = true},
				      proposal = {.said = "NO-PROPOSAL-CHOSEN"},
				      other = {.said = "SITUATION-NOT-SUPPORTED"};

	ck_assert_ptr_nonnull(strstr(obituary(nothing, IKE_ACCEPTED), "no answer from 192.0.2.1"));
	ck_assert_ptr_nonnull(strstr(obituary(nothing, IKE_UNREADABLE), "the secrets differ"));
	ck_assert_ptr_null(strstr(obituary(signature, IKE_UNREADABLE), "failed: the secrets"));
	ck_assert_ptr_nonnull(
	    strstr(obituary(keys, IKE_ACCEPTED), "most likely the secrets differ"));
	ck_assert_ptr_nonnull(
	    strstr(obituary(signature, IKE_ACCEPTED), "does not believe our certificate"));
	ck_assert_ptr_nonnull(strstr(obituary(proposal, IKE_ACCEPTED), "--proposal"));
	ck_assert_ptr_nonnull(strstr(obituary(other, IKE_ACCEPTED), "SITUATION-NOT-SUPPORTED"));
}
END_TEST

UNIT_MAIN("one_peer", test_what_is_refused, test_what_it_becomes, test_obituaries)
