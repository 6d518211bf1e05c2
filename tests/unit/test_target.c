/* SPDX-License-Identifier: ISC */
/*
 * test_target.c - what is said of the device on the command line: what cannot be meant, and what comes of the rest.
 */
#include <string.h>

#include "interop/conform/target.h"
#include "tests/support/unit.h"

static struct options_row rows[ONE_PEER_ROWS];
static struct one_peer one_peer;
static struct config *config;
static struct trial_settings settings;
static struct fault fault;
static char secret[] = "a secret that both of them know";

static bool settle(const struct target *target)
{
	config_free(config);
	config = config_new();
	ck_assert_ptr_nonnull(config);
	one_peer_begin(&one_peer, rows);
	one_peer.secret = secret;
	return target_settle(target, &one_peer, config, "192.0.2.1", &settings, &fault);
}

START_TEST(test_what_cannot_be_meant)
{
	static const struct {
		struct target target;
		const char *says;
	} wrong[] = {
	    {{.tunnel = "10.1.0.0/16"}, "OURS=THEIRS"},
	    {{.tunnel = "10.1.0.1/16=own"}, "10.1"},
	    {{.tunnel = "=own"}, ""},
	    {{.tunnel = "own="}, ""},
	    {{.tunnel = "10.1.0.0/16=::/0"}, "IPv6"},
	    {{.esp = {.item = {"aes128-sha1"}, .count = 1}}, "--tunnel"},
	    {{.tunnel = "own=own", .esp = {.item = {"rot13"}, .count = 1}}, "rot13"},
	    {{.tunnel = "own=own", .esp = {.item = {"aes128-sha1"}, .count = 9}}, "more than 8"},
	    {{.patience = IKE_MILLISECOND}, "--patience"},
	    {{.worry = 7200 * IKE_SECOND}, "--worry"},
	    {{.death = 1}, "--death"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fault.text[0] = '\0';
		ck_assert_msg(!settle(&wrong[i].target), "%zu", i);
		ck_assert_msg(strstr(fault.text, wrong[i].says) != NULL, "%zu: %s", i, fault.text);
	}
	config_free(config);
	config = NULL;
}
END_TEST

START_TEST(test_defaults)
{
	const struct target target = {.patience = 0};

	ck_assert_msg(settle(&target), "%s", fault.text);
	ck_assert_uint_eq(settings.patience, TARGET_PATIENCE);
	ck_assert_uint_eq(settings.worry, TARGET_WORRY);
	ck_assert_uint_eq(settings.death, TARGET_DEATH);
	ck_assert_ptr_null(settings.tunnel);
	ck_assert(!settings.ike.say_invalid_cookie); /* nothing is said that no script says */
	ck_assert_ptr_nonnull(settings.peer.secret);
	ck_assert_ptr_nonnull(settings.ike.extension);
	ck_assert_int_gt(settings.ike.calendar, 1600000000);
	config_free(config);
	config = NULL;
}
END_TEST

/* Whatever the device begins is taken; the tester begins nothing before a case wants it. */
START_TEST(test_tunnels)
{
	const struct target any = {.patience = 0},
			    one = {.tunnel = "10.1.0.0/16=10.2.0.0/16",
				   .esp = {.item = {"aes256-sha256"}, .count = 1}},
			    all = {.tunnel = "0.0.0.0/0=0.0.0.0/0"};

	ck_assert(settle(&any));
	ck_assert_uint_eq(settings.peer.tunnels, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert(settings.peer.tunnel[i].narrow && settings.peer.tunnel[i].wait &&
			  settings.peer.tunnel[i].proposals == 8);
	ck_assert_msg(settle(&one), "%s", fault.text);
	ck_assert_ptr_nonnull(settings.tunnel);
	ck_assert_uint_eq(settings.peer.tunnels, 3);
	ck_assert_uint_eq(settings.peer.tunnel[0].proposals, 1);
	ck_assert(settings.peer.tunnel[0].wait);
	ck_assert_msg(settle(&all), "%s", fault.text);
	ck_assert_uint_eq(settings.peer.tunnels, 2); /* the device's are inside of that one */
	ck_assert(settings.peer.tunnel[0].narrow);
	config_free(config);
	config = NULL;
}
END_TEST

UNIT_MAIN("target", test_what_cannot_be_meant, test_defaults, test_tunnels)
