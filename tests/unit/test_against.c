/* SPDX-License-Identifier: ISC */
/*
 * test_against.c - another implementation, for which a serve of our own stands in: SAs by real handshakes, asked with the keys that
 * came of them.
 */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/identity.h"
#include "interop/bench/against.h"
#include "interop/bench/prober.h"
#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/stand_in.h"

#define SAS    20
#define SECRET STAND_IN_SECRET

static uint16_t port;

static void say_what_peer(struct against_settings *settings, const char *gateway)
{
	static char secret[] = SECRET;
	struct options_row rows[ONE_PEER_ROWS];

	*settings = (struct against_settings){.gateway = gateway, .name = "stand-in", .window = 8};
	one_peer_begin(&settings->peer, rows);
	settings->peer.secret = secret;
	settings->peer.identity = "fqdn:bench.example";
}

START_TEST(test_identities)
{
	struct ike_identity whose, identity;

	ck_assert(ike_identity_from_text("ipv4:192.0.2.1", &whose));
	ck_assert(!against_identity(&whose, 1, &identity));
	whose.type = 0;
	ck_assert(!against_identity(&whose, 1, &identity));
	whose = (struct ike_identity){.type = IKE_ID_FQDN, .length = IKE_IDENTITY_MAX};
	ck_assert(!against_identity(&whose, 1, &identity));
	ck_assert(ike_identity_from_text("fqdn:gw.example", &whose));
	ck_assert(against_identity(&whose, 12, &identity));
	ck_assert_uint_eq(identity.length, strlen("member12.gw.example"));
	ck_assert_mem_eq(identity.data, "member12.gw.example", identity.length);
}
END_TEST

START_TEST(test_settings_that_do_not_do)
{
	struct against_settings settings;
	struct fault fault = {.text = ""};

	say_what_peer(&settings, "127.0.0.1");
	settings.peer.identity = "ipv4:192.0.2.1";
	ck_assert_ptr_null(against_new(&settings, 2, -1, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "--identity"));
	say_what_peer(&settings, "127.0.0.1");
	settings.peer.secret = NULL;
	ck_assert_ptr_null(against_new(&settings, 2, -1, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "--secret"));
	against_free(NULL);
}
END_TEST

static struct sample {
	uint8_t data[PROBER_MESSAGE];
	size_t length;
} answer;

static void keep(void *context, const uint8_t *data, size_t length)
{
	struct sample *sample = context;

	ck_assert_uint_le(length, sizeof(sample->data));
	memcpy(sample->data, data, length);
	sample->length = length;
}

/* Each SA has its own identity, or the newer would have taken over from the older; and each answers. */
START_TEST(test_each_sa_answers)
{
	pid_t pid = stand_in_start(&port);
	const struct ike_address any = {.family = IKE_FAMILY_IPV4};
	struct prober_settings how = {.window = 1,
				      .patience = 5000,

				      .sample = 1,
				      .keep = keep,
				      .context = &answer};
	struct fleet *fleet = fleet_new(1);
	struct against_settings settings;
	struct prober_result result;
	struct against *against;
	struct prober *prober;
	char gateway[64];
	struct fault fault;

	snprintf(gateway, sizeof(gateway), "127.0.0.1:%u", port);
	say_what_peer(&settings, gateway);
	prober = prober_new(&any, &fault);
	against = against_new(&settings, SAS, prober_descriptor(prober), &fault);
	ck_assert_msg(against != NULL, "%s", fault.text);
	how.to = against_address(against);
	for (uint32_t i = 0; i < SAS; i++) {
		struct probe probe = {.member = i};
		uint32_t number;

		probe.length =
		    (uint16_t)fleet_write(fleet, against_keys(against, i), IKE_NOTIFY_R_U_THERE, 77,
					  1000 + i, probe.message, sizeof(probe.message));
		ck_assert_uint_eq(probe.length, 108); /* AES-256, SHA2-256 */
		ck_assert(prober_run(prober, &how, &probe, 1, &result, &fault));
		ck_assert_uint_eq(result.answered, 1);
		ck_assert(fleet_read(fleet, against_keys(against, i), IKE_NOTIFY_R_U_THERE_ACK,
				     octets_of(answer.data, answer.length), &number));
		ck_assert_uint_eq(number, 1000 + i);
	}
	against_free(against);
	prober_free(prober);
	fleet_free(fleet);
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_beside_ours)
{
	pid_t pid = stand_in_start(&port);
	char line[1024];

	snprintf(
	    line, sizeof(line),
	    "bench answered --unconfined --against 127.0.0.1:%u --pid %d --name other --sas %d "
	    "--rounds 1 --exchanges 200 --goal 0.0001 --secret " SECRET
	    " --identity fqdn:bench.example --proposal aes128-sha1-modp2048",
	    port, (int)pid, SAS);
	ck_assert_msg(command_run(verb_bench, line) == 0, "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "other, 20 SAs "));
	ck_assert_ptr_nonnull(strstr(command_out(), "other, 20 SAs / 20 SAs, window of "));
	ck_assert_ptr_nonnull(strstr(command_out(), "goal: at least 0.0001, met"));
	ck_assert_ptr_nonnull(strstr(command_out(), "RSS of an SA, other, 20 SAs "));
	ck_assert_ptr_null(strstr(command_out(), "not answered"));
	ck_assert_int_eq(command_end(pid), 0);
	/* and now nobody is there */
	ck_assert_int_eq(command_run(verb_bench, line), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "--pid"));
}
END_TEST

UNIT_MAIN("against", test_identities, test_settings_that_do_not_do, test_each_sa_answers,
	  test_beside_ours)
