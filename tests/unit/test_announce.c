/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/announce.h"
#include "interop/config/config_values.h"
#include "tests/support/scratch.h"

static struct fault fault;

static const char *announced(const struct confinement *confinement)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "gw");
	struct event_log log = {
	    .config = config, .json = true, .out = fopen(scratch_path("log"), "w")};
	struct udp *udp;

	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
	udp = udp_new(config->listen, config->listens, &fault);
	ck_assert_msg(udp != NULL, "%s", fault.text);
	announce(&log, udp, NULL, confinement);
	udp_free(udp);
	config_free(config);
	fclose(log.out);
	return scratch_read(scratch_path("log"));
}

START_TEST(test_not_to_be_confined)
{
	ck_assert_ptr_null(strstr(announced(NULL), "confined"));
}
END_TEST

START_TEST(test_order)
{
	const struct confinement confinement = {.in_force = true, .user = "nobody", .calls = 42};
	const char *log = announced(&confinement);
	const char *started = strstr(log, "\"event\":\"started\"");
	const char *confined =
	    strstr(log, "\"event\":\"confined\",\"confined\":true,\"user\":\"nobody\"");
	const char *plan = strstr(log, "\"event\":\"plan\",\"peer\":\"gw\"");

	ck_assert_ptr_nonnull(strstr(log, "\"listen\":[\"127.0.0.1:"));
	ck_assert_ptr_nonnull(strstr(log, "\"calls\":42"));
	ck_assert(started != NULL && confined > started && plan > confined);
}
END_TEST

UNIT_MAIN("announce", test_not_to_be_confined, test_order)
