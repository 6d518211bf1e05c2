/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/address.h"
#include "interop/bench/engine_loop.h"
#include "interop/node/clock.h"
#include "keepalive/extension.h"

static struct keepalive_peer_settings keepalive;
static struct ike_peer_settings peer[2];
static struct ike_settings settings[2];
static uint32_t established[2];

static void hear(void *context, const struct ike_event *event)
{
	if (event->kind == IKE_EVENT_ESTABLISHED)
		++*(uint32_t *)context;
}

static struct engine_loop *open_loop(unsigned number, const char *listen)
{
	struct engine_loop *loop;
	struct ike_address address;
	struct fault fault;

	ck_assert(ike_address_from_text(listen, &address));
	address.port = 0;
	ike_limits_default(&settings[number].limits);
	settings[number].peer = &peer[number];
	settings[number].peers = 1;
	settings[number].extension = keepalive_extension();
	loop = engine_loop_new(&settings[number], &address, hear, &established[number], &fault);
	ck_assert_msg(loop != NULL, "%s", fault.text);
	return loop;
}

START_TEST(test_nowhere_to_listen)
{
	struct ike_address elsewhere;
	struct fault fault;

	ck_assert(ike_address_from_text("192.0.2.1:500", &elsewhere));
	ike_limits_default(&settings[0].limits);
	ck_assert_ptr_null(engine_loop_new(&settings[0], &elsewhere, NULL, NULL, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "192.0.2.1"));
	engine_loop_free(NULL);
}
END_TEST

/* Two of them, which take turns in one process. */
START_TEST(test_they_shake_hands)
{
	const struct ike_command start = {.kind = IKE_COMMAND_START};
	struct keepalive_settings asks;
	struct engine_loop *loop[2];
	char text[200];

	keepalive_settings_default(&asks);
	ck_assert_int_eq(keepalive_plan(&asks, &keepalive.plan, text, sizeof(text)),
			 KEEPALIVE_PLAN_OK);
	recovery_settings_default(&keepalive.recovery);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert(secret_init());
		peer[i].name = "peer";
		peer[i].secret = secret_new(octets_of("a secret", 8));
		peer[i].lifetime = 3600;
		peer[i].extension_settings = &keepalive;
		ck_assert(ike_proposal_parse("aes128-sha256-x25519", &peer[i].proposal[0]));
		peer[i].proposals = 1;
	}
	loop[1] = open_loop(1, "127.0.0.2");
	peer[0].gateway[0] = engine_loop_address(loop[1]);
	peer[0].gateways = 1;
	loop[0] = open_loop(0, "127.0.0.1");
	ck_assert(ike_command(engine_loop_core(loop[0]), clock_now(), &start));
	for (int i = 0; i < 1000 && (established[0] == 0 || established[1] == 0); i++)
		for (unsigned j = 0; j < 2; j++)
			engine_loop_run(loop[j], clock_now() + 5 * IKE_MILLISECOND);
	ck_assert_uint_eq(established[0], 1);
	ck_assert_uint_eq(established[1], 1);
	for (unsigned i = 0; i < 2; i++)
		engine_loop_free(loop[i]);
}
END_TEST

UNIT_MAIN("engine_loop", test_nowhere_to_listen, test_they_shake_hands)
