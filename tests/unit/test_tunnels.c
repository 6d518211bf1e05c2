/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"
#include "interop/esp/route.h"
#include "interop/node/tunnels.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"
#include "tests/support/route_scene.h"
#include "tests/support/scratch.h"

static struct fault fault;
static struct config *config;
static struct udp *udp;
static struct event_log events;
static struct tunnels *tunnels;

static void begin(enum store_kind kind, const char *tunnel)
{
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "gw");
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	if (tunnel != NULL)
		ck_assert_ptr_nonnull(config_add_tunnel(peer, tunnel));
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	config->ipsec = kind;
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
	udp = udp_new(config->listen, config->listens, &fault);
	ck_assert_msg(udp != NULL, "%s", fault.text);
	events = (struct event_log){
	    .config = config, .json = true, .out = fopen(scratch_path("log"), "w")};
	tunnels = tunnels_new(config, udp, &events, &fault);
}

static void end(void)
{
	tunnels_free(tunnels);
	udp_free(udp);
	config_free(config);
	fclose(events.out);
}

/* A configuration without tunnels opens nothing, whatever the kernel has. */
START_TEST(test_no_store)
{
	struct ike_command command;

	begin(STORE_AUTO, NULL);
	ck_assert_ptr_nonnull(tunnels);
	ck_assert_ptr_null(tunnels_store(tunnels));
	ck_assert_str_eq(tunnels_notice(tunnels), "");
	ck_assert(tunnels_watch(tunnels, NULL, NULL, NULL)); /* nothing to wait for */
	ck_assert(!tunnels_next(tunnels, &command));
	ck_assert_ptr_null(tunnels_pair(tunnels, 1));
	end();
	begin(STORE_NONE, "net");
	ck_assert_ptr_null(tunnels_store(tunnels));
	end();
	tunnels_free(NULL);
}
END_TEST

/* Exactly two outcomes, as in the store itself. */
START_TEST(test_kernel)
{
	begin(STORE_XFRM, "net");
	if (tunnels != NULL)
		ck_assert_str_eq(store_name(tunnels_store(tunnels)), "xfrm");
	else
		ck_assert_msg(strstr(fault.text, "modprobe esp4") != NULL ||
				  strstr(fault.text, "CAP_NET_ADMIN") != NULL,
			      "%s", fault.text);
	end();
	begin(STORE_AUTO, "net");
	ck_assert_ptr_nonnull(tunnels);
	ck_assert_ptr_nonnull(strstr(tunnels_notice(tunnels), "IPsec SAs"));
	end();
}
END_TEST

START_TEST(test_followed)
{
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_ADDED, .sa = pair_of_sas(7)};
	struct ike_command command;

	begin(STORE_KEEP, "net");
	ck_assert(!tunnels_follow(tunnels, &change, &command));
	ck_assert_uint_eq(tunnels_pair(tunnels, 7)->spi_in, 0x1007);
	change.kind = IKE_IPSEC_REMOVED;
	ck_assert(!tunnels_follow(tunnels, &change, &command));
	ck_assert_ptr_null(tunnels_pair(tunnels, 7));
	end();
}
END_TEST

/* ---- a store that cannot ------------------------------------------------------------------------------------------- */

static bool can;

static void *open_store(const struct store_settings *settings, struct fault *why)
{
	(void)settings;
	(void)why;
	return &can;
}

static bool apply(void *context, const struct store_table *table, const struct store_pair *before,
		  struct store_pair *after, struct fault *why)
{
	(void)context;
	(void)table;
	(void)before;
	return after == NULL || can || fault_say(why, "there is no room");
}

static struct store_expiry expiry;
static int expiries;

static bool expired(void *context, const struct store_table *table, struct store_expiry *what)
{
	(void)context;
	(void)table;
	*what = expiry;
	return expiries-- > 0;
}

static int pipes[2];

static int descriptor(void *context)
{
	(void)context;
	return pipes[0];
}

static void close_store(void *context, const struct store_table *table)
{
	(void)context;
	(void)table;
}

static const struct store_operations weak = {.name = "weak",
					     .meaning = "",
					     .open = open_store,
					     .apply = apply,
					     .expired = expired,
					     .descriptor = descriptor,
					     .close = close_store};

START_TEST(test_cannot_follow)
{
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_ADDED, .sa = pair_of_sas(7)};
	struct ike_command command = {.kind = IKE_COMMAND_START};
	const char *text;

	begin(STORE_NONE, "net");
	tunnels_free(tunnels);
	tunnels = tunnels_on(store_on(&weak, NULL, &fault), &events);
	ck_assert_ptr_nonnull(tunnels);
	ck_assert(tunnels_follow(tunnels, &change, &command));
	ck_assert_int_eq(command.kind, IKE_COMMAND_IPSEC_FAILED);
	ck_assert_uint_eq(command.ipsec, 7);
	ck_assert(tunnels_follow(tunnels, &change, &command)); /* told once, done twice */
	can = true;
	ck_assert(!tunnels_follow(tunnels, &change, &command));
	event_log_flush(&events);
	text = scratch_read(scratch_path("log"));
	ck_assert_ptr_nonnull(strstr(text, "\"event\":\"trouble\",\"what\":\"store\",\"count\":1"));
	ck_assert_ptr_nonnull(strstr(text, "weak could not follow: there is no room"));
	ck_assert_ptr_null(strstr(text, "\"count\":2,\"text\":\"the store"));
	ck_assert_ptr_nonnull(strstr(text, "\"event\":\"relief\""));
	end();
}
END_TEST

START_TEST(test_used_up)
{
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_ADDED, .sa = pair_of_sas(7)};
	struct ike_command command;

	can = true;
	begin(STORE_NONE, "net");
	tunnels_free(tunnels);
	tunnels = tunnels_on(store_on(&weak, NULL, &fault), &events);
	change.sa.peer = 3;
	change.sa.tunnel = 2;
	ck_assert(!tunnels_follow(tunnels, &change, &command));
	expiry =
	    (struct store_expiry){store_table_find(store_pairs(tunnels_store(tunnels)), 7), false};
	expiries = 1;
	ck_assert(tunnels_next(tunnels, &command));
	ck_assert_int_eq(command.kind, IKE_COMMAND_TUNNEL);
	ck_assert_uint_eq(command.peer, 3);
	ck_assert_uint_eq(command.tunnel, 2);
	ck_assert_uint_eq(command.ipsec, 7);
	expiry.hard = true;
	expiries = 1;
	ck_assert(tunnels_next(tunnels, &command));
	ck_assert_int_eq(command.kind, IKE_COMMAND_IPSEC_FAILED);
	ck_assert_uint_eq(command.ipsec, 7);
	ck_assert(!tunnels_next(tunnels, &command));
	end();
}
END_TEST

static void end_loop(int descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	event_base_loopbreak(context);
}

START_TEST(test_watched)
{
	struct event_base *base = event_base_new();

	ck_assert_int_eq(pipe(pipes), 0);
	begin(STORE_NONE, "net");
	tunnels_free(tunnels);
	tunnels = tunnels_on(store_on(&weak, NULL, &fault), &events);
	ck_assert(tunnels_watch(tunnels, base, end_loop, base));
	ck_assert_int_eq(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	ck_assert(!event_base_got_break(base));
	ck_assert_int_eq(write(pipes[1], "x", 1), 1);
	ck_assert_int_eq(event_base_dispatch(base), 0);
	ck_assert(event_base_got_break(base));
	event_base_free(base);
	end();
}
END_TEST

static void add_tunnel(const char *name, const char *local, const char *remote, bool narrow)
{
	struct ike_tunnel_settings *tunnel = config_add_tunnel(&config->peer[0], name);

	set_selector(&tunnel->local, local, 0, 0);
	set_selector(&tunnel->remote, remote, 0, 0);
	tunnel->narrow = narrow;
}

/*
 * Whoever calls us has no say in where an exact tunnel leads to: it is held from the start, as those are that we call for.  What is
 * narrowed is the caller's choice, and everything would be all that this machine sends.
 */
START_TEST(test_held_for_who_calls)
{
	if (!own_network())
		return;
	begin(STORE_NONE, NULL);
	add_tunnel("exact", "10.1.0.0/16", "10.2.0.0/16", false);
	add_tunnel("narrow", "10.1.0.0/16", "10.3.0.0/16", true);
	add_tunnel("everything", "10.1.0.0/16", "0.0.0.0/0", false);
	tunnels_free(tunnels);
	config->ipsec = STORE_USERSPACE;
	tunnels = tunnels_new(config, udp, &events, &fault);
	ck_assert_msg(tunnels != NULL, "%s", fault.text);
	ck_assert_uint_eq(route_scene_routes(ROUTE_TABLE), 1);
	tunnels_free(tunnels);
	config->peer[0].ike.gateways = 1;
	tunnels = tunnels_new(config, udp, &events, &fault);
	ck_assert_uint_eq(route_scene_routes(ROUTE_TABLE), 3);
	config->peer[0].ike.gateways = 0;
	end();
}
END_TEST

static unsigned times_ready;

static void count_ready(int readable, short what, void *context)
{
	(void)readable;
	(void)what;
	(void)context;
	times_ready++;
}

/* It is said once, and nobody waits for a descriptor that is readable for ever. */
START_TEST(test_interface_deleted)
{
	struct event_base *base = event_base_new();

	if (!own_network())
		return;
	begin(STORE_USERSPACE, "net");
	ck_assert_msg(tunnels != NULL, "%s", fault.text);
	ck_assert(tunnels_watch(tunnels, base, count_ready, NULL));
	ck_assert(!tunnels_failed(tunnels));
	route_scene_delete("ruthere0");
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_ge(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	ck_assert(tunnels_failed(tunnels));
	ck_assert_uint_le(times_ready, 2); /* the interface, and what became of it */
	event_log_flush(&events);
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("log")),
				     "\"event\":\"trouble\",\"what\":\"interface\",\"count\":1"));
	tunnels_free(tunnels);
	event_base_free(base);
	tunnels = NULL;
	end();
}
END_TEST

UNIT_MAIN("tunnels", test_no_store, test_kernel, test_followed, test_cannot_follow, test_used_up,
	  test_watched, test_held_for_who_calls, test_interface_deleted)
