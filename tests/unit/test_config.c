/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/address.h"
#include "interop/config/config.h"
#include "interop/config/config_values.h"

static struct fault fault;
static struct config *config;

static struct config_peer *add(const char *name)
{
	struct config_peer *peer = config_add_peer(config, name);

	ck_assert_ptr_nonnull(peer);
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	ck_assert_ptr_nonnull(peer->secret);
	return peer;
}

static void expect_refusal(struct config_peer *peer, const char *says)
{
	ck_assert(!config_check_peer(config, peer, &fault));
	ck_assert_msg(strstr(fault.text, says) != NULL, "%s", fault.text);
}

static struct config_peer *fresh(void)
{
	config_free(config);
	config = config_new();
	ck_assert_ptr_nonnull(config);
	return add("gw");
}

START_TEST(test_wrong_peers)
{
	struct config_peer *peer = fresh();

	secret_free(peer->secret);
	peer->secret = NULL;
	expect_refusal(peer, "secret is missing");
	peer = fresh();
	peer->ike.proposals = 0;
	expect_refusal(peer, "proposals");
	peer = fresh();
	peer->ike.lifetime = 59;
	expect_refusal(peer, "lifetime");
	peer->ike.lifetime = 604801;
	expect_refusal(peer, "lifetime");
	peer = fresh();
	peer->extension.recovery.attempts = 0;
	expect_refusal(peer, "attempts");
	peer = fresh();
	peer->extension.recovery.attempt_timeout = 1;
	expect_refusal(peer, "attempt-timeout");
	peer = fresh();
	peer->extension.recovery.backoff_most = 1;
	expect_refusal(peer, "backoff-most");
	peer = fresh();
	peer->keepalive.worry = 10 * IKE_SECOND; /* together with detect */
	expect_refusal(peer, "keepalive: ");
	peer = fresh();
	peer->name[0] = '\n';
	expect_refusal(peer, "name");
	config_free(config);
}
END_TEST

START_TEST(test_nobody)
{
	config = config_new();
	ck_assert(!config_finish(config, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no peer"));
	config_free(config);
}
END_TEST

START_TEST(test_two_that_cannot_be_told_apart)
{
	(void)fresh();
	(void)add("other"); /* both from anywhere */
	ck_assert(!config_finish(config, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "\"gw\" and \"other\""));

	(void)fresh();
	(void)add("other");
	for (size_t i = 0; i < 2; i++) {
		config->peer[i].ike.gateways = 1;
		ck_assert(ike_address_from_text("192.0.2.1", &config->peer[i].ike.gateway[0]));
	}
	ck_assert(!config_finish(config, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "192.0.2.1"));
	config_free(config);
}
END_TEST

/* R136 */
START_TEST(test_warnings)
{
	struct config_peer *peer = fresh();

	ck_assert(config_check_peer(config, peer, &fault));
	ck_assert_uint_eq(config->warnings, 0);
	secret_free(peer->secret);
	peer->secret = value_secret("swordfish", NULL, &fault);
	ck_assert(value_proposal("3des-md5-modp1024", &peer->ike.proposal[0], &fault));
	ck_assert(config_check_peer(config, peer, &fault));
	ck_assert_uint_eq(config->warnings, 2);
	ck_assert_ptr_nonnull(strstr(config->warning[0], "CVE-2018-5389"));
	ck_assert_ptr_null(strstr(config->warning[0], "swordfish"));
	ck_assert_ptr_nonnull(strstr(config->warning[1], "3des-md5-modp1024"));
	config_free(config);
}
END_TEST

START_TEST(test_finished)
{
	struct config_peer *peer = fresh();

	ck_assert_msg(config_check_peer(config, peer, &fault), "%s", fault.text);
	ck_assert_uint_eq(peer->extension.plan.detect, KEEPALIVE_DEFAULT_DETECT);
	ck_assert_uint_eq(peer->loss_per_mille, KEEPALIVE_DEFAULT_LOSS_PER_MILLE);
	for (unsigned i = 0; i < 20; i++) { /* the array moves as it grows */
		char name[8] = {'p', (char)('a' + i), '\0'};
		struct config_peer *more = add(name);

		more->ike.from.address.family = IKE_FAMILY_IPV4;
		more->ike.from.address.octets[0] = (uint8_t)(10 + i);
		more->ike.from.bits = 8;
	}
	ck_assert_msg(config_finish(config, &fault), "%s", fault.text);
	ck_assert_uint_eq(config->ike.peers, 21);
	for (size_t i = 0; i < config->ike.peers; i++) {
		const struct ike_peer_settings *one = &config->ike.peer[i];

		ck_assert_ptr_eq(one->name, config->peer[i].name);
		ck_assert_ptr_eq(one->secret, config->peer[i].secret);
		ck_assert_ptr_eq(one->extension_settings, &config->peer[i].extension);
		ck_assert(one->obey_initial_contact);
	}
	ck_assert_ptr_eq(config->ike.extension, keepalive_extension());
	config_free(config);
}
END_TEST

START_TEST(test_given_probes_are_judged_at_the_default_loss)
{
	struct config_peer *peer = fresh();

	peer->keepalive.detect = 0;
	peer->keepalive.loss_per_mille = 0;
	peer->keepalive.worry = 10 * IKE_SECOND;
	peer->keepalive.retry = 2 * IKE_SECOND;
	peer->keepalive.misses = 5;
	ck_assert_msg(config_check_peer(config, peer, &fault), "%s", fault.text);
	ck_assert_uint_eq(peer->loss_per_mille, KEEPALIVE_DEFAULT_LOSS_PER_MILLE);
	config_free(config);
}
END_TEST

START_TEST(test_default_proposals_are_sound)
{
	struct ike_proposal proposals[IKE_PROPOSALS_MAX];
	size_t count = config_default_proposals(proposals);

	ck_assert_uint_ge(count, 4);
	for (size_t i = 0; i < count; i++)
		ck_assert(ike_proposal_is_sound(&proposals[i]));
}
END_TEST

/* Port, listening address, said by the user; what the engine is told, and on how many addresses is listened then. */
START_TEST(test_the_port_of_nat_traversal)
{
	static const struct {
		const char *listen[2];
		unsigned port;
		bool peer, said;
		unsigned told;
		size_t listens;
	} row[] = {
	    {{"0.0.0.0:500", "[::]:500"}, 4500, false, false, 0, 2},
	    {{"0.0.0.0:500", "[::]:500"}, 4500, true, false, 4500, 4},
	    {{"0.0.0.0:500", "[::]:500"}, 0, true, true, 0, 2},
	    {{"0.0.0.0:500", "[::]:15500"}, 4500, true, false, 4500, 3},
	    {{"0.0.0.0:15500", "[::]:15500"}, 4500, true, false, 0, 2},
	    {{"0.0.0.0:15500", "[::]:15500"}, 14500, true, true, 14500, 4},
	    {{"0.0.0.0:15500", "[::]:15500"}, 14500, false, true, 0, 2},
	    {{"0.0.0.0:500", "0.0.0.0:4500"}, 4500, true, false, 4500, 2},
	    {{"0.0.0.0:4500", "[::]:15500"}, 4500, true, false, 4500, 2},
	    {{"192.0.2.1:4500", "[::]:500"}, 4500, true, false, 4500, 3},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct config_peer *peer = fresh();

		peer->ike.nat_traversal = row[i].peer;
		config->nat_t_port = (uint16_t)row[i].port;
		config->nat_t_said = row[i].said;
		for (size_t j = 0; j < 2; j++)
			ck_assert(ike_address_from_text(row[i].listen[j], &config->listen[j]));
		config->listens = 2;
		ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
		config_listen_for_nat_t(config); /* nothing is added twice */
		ck_assert_uint_eq(config->ike.nat_t_port, row[i].told);
		ck_assert_msg(config->listens == row[i].listens, "row %zu: %zu", i,
			      config->listens);
		for (size_t j = 2; j < config->listens; j++)
			ck_assert_uint_eq(config->listen[j].port, row[i].port);
	}
	config_free(config);
}
END_TEST

/* Neither what goes to the kernel nor what is only kept is shared. */
START_TEST(test_workers_share_no_ipsec_sas)
{
	static const enum store_kind refused[] = {STORE_XFRM, STORE_USERSPACE, STORE_KEEP};
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "gw");
	ck_assert_uint_eq(config->workers, 1);
	peer->ike.tunnels = 1;
	config->ipsec = STORE_KEEP;
	ck_assert(config_check_workers(config, NULL, &fault));
	config->workers = 2;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		config->ipsec = refused[i];
		ck_assert(!config_check_workers(config, NULL, &fault));
		ck_assert_ptr_nonnull(strstr(fault.text, "workers = 2"));
	}
	config->ipsec = STORE_AUTO;
	ck_assert(!config_check_workers(config, NULL, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "peer \"gw\""));
	peer->ike.tunnels = 0;
	ck_assert(config_check_workers(config, NULL, &fault));
	config_free(config);
}
END_TEST

/* For a process that negotiates nothing: the names stay. */
START_TEST(test_secrets_are_forgotten)
{
	ck_assert_ptr_nonnull(fresh());
	ck_assert(config_finish(config, &fault));
	ck_assert_ptr_nonnull(config->ike.peer[0].secret);
	config_forget_secrets(config);
	config_forget_secrets(config);
	ck_assert_ptr_null(config->peer[0].secret);
	ck_assert_ptr_null(config->peer[0].ike.secret);
	ck_assert_ptr_null(config->ike.peer[0].secret);
	ck_assert_ptr_null(config->credentials);
	ck_assert_str_eq(config->ike.peer[0].name, "gw");
	config_free(config);
	config = NULL;
}
END_TEST

START_TEST(test_peers_are_dealt_out)
{
	unsigned calls = 0;

	config = config_new();
	for (unsigned i = 0; i < 5; i++) {
		struct config_peer *peer = config_add_peer(config, "gw");

		peer->ike.gateways = i == 1 ? 0 : 1;
		peer->extension.recovery.connect_at_start = i != 3;
	}
	for (uint32_t count = 0; count < 4; count++) {
		calls = 0;
		for (uint32_t index = 0; index < (count > 0 ? count : 1); index++) {
			config->ike.worker = (struct ike_worker){index, count};
			ck_assert(!config_calls_at_start(config, 1));
			ck_assert(!config_calls_at_start(config, 3));
			for (size_t i = 0; i < config->peers; i++)
				calls += config_calls_at_start(config, i);
		}
		ck_assert_uint_eq(calls, 3); /* each once */
	}
	config->ike.worker = (struct ike_worker){1, 2};
	ck_assert(!config_calls_at_start(config, 2));
	config->ike.worker.index = 0;
	ck_assert(config_calls_at_start(config, 2));
	config_free(config);
}
END_TEST

UNIT_MAIN("config", test_workers_share_no_ipsec_sas, test_peers_are_dealt_out,
	  test_secrets_are_forgotten, test_wrong_peers, test_nobody,
	  test_two_that_cannot_be_told_apart, test_warnings, test_finished,
	  test_given_probes_are_judged_at_the_default_loss, test_default_proposals_are_sound,
	  test_the_port_of_nat_traversal)
