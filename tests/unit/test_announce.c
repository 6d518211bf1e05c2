/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/node/announce.h"
#include "interop/node/capture.h"
#include "interop/config/config_traffic.h"
#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"
#include "interop/impair/impair.h"
#include "tests/support/own_network.h"
#include "tests/support/scratch.h"

static struct fault fault;

static const char *announced(const struct tunnels *tunnels, const struct confinement *confinement)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "gw");
	struct event_log log = {
	    .config = config, .json = true, .out = fopen(scratch_path("log"), "w")};
	struct ike_tunnel_settings *tunnel;
	struct udp *udp;

	config->ipsec = STORE_USERSPACE;
	tunnel = config_add_tunnel(peer, "net");
	ck_assert(value_selector("10.2.0.0/16", &tunnel->remote, &fault));
	ck_assert(value_ping("10.2.0.1", &peer->traffic[0].ping.to, &fault));
	ck_assert_ptr_nonnull(config_add_tunnel(peer, "silent"));
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
	udp = udp_new(config->listen, config->listens, &fault);
	ck_assert_msg(udp != NULL, "%s", fault.text);
	announce(&log, udp, tunnels, confinement);
	udp_free(udp);
	config_free(config);
	fclose(log.out);
	return scratch_read(scratch_path("log"));
}

static const char *announced_by(uint32_t worker)
{
	struct config *config = config_new();
	struct event_log log = {.config = config,
				.json = true,
				.out = fopen(scratch_path("log"), "w"),
				.worker = {worker, 2}};
	const struct confinement confinement = {.in_force = true};
	const struct ike_address here = {{127, 0, 0, 1}, 0, IKE_FAMILY_IPV4, 0};
	struct udp *udp = udp_new(&here, 1, &fault);

	ck_assert_ptr_nonnull(config_add_peer(config, "gw"));
	announce(&log, udp, NULL, &confinement);
	udp_free(udp);
	config_free(config);
	fclose(log.out);
	return scratch_read(scratch_path("log"));
}

/* All say that they are there, and the first what is the same for all. */
START_TEST(test_several_workers)
{
	const char *first = announced_by(0), *second = announced_by(1);

	ck_assert_ptr_nonnull(strstr(first, "\"started\""));
	ck_assert_ptr_nonnull(strstr(first, "\"confined\""));
	ck_assert_ptr_nonnull(strstr(second, "\"started\""));
	ck_assert_ptr_null(strstr(second, "\"confined\""));
	ck_assert_ptr_null(strstr(second, "\"plan\""));
}
END_TEST

START_TEST(test_not_to_be_confined)
{
	ck_assert_ptr_null(strstr(announced(NULL, NULL), "confined"));
}
END_TEST

static const char *impaired(const bool *on)
{
	struct event_log log = {.json = true, .out = fopen(scratch_path("log"), "w")};

	announce_impairments(&log, on);
	fclose(log.out);
	return scratch_read(scratch_path("log"));
}

/* All of them, or not a word. */
START_TEST(test_impairments)
{
	bool on[IMPAIRMENTS] = {false};

	ck_assert_str_eq(impaired(NULL), "");
	ck_assert_str_eq(impaired(on), "");
	on[IMPAIR_ACK_LATE] = on[IMPAIR_MM2_TWICE] = true;
	ck_assert_ptr_nonnull(strstr(impaired(on),
				     "\"impairments\":[\"ack-late\",\"mm2-twice\"],"
				     "\"sentences\":[\"answers ten seconds later\","));
}
END_TEST

START_TEST(test_order)
{
	const struct confinement confinement = {.in_force = true, .user = "nobody", .calls = 42};
	const char *log = announced(NULL, &confinement);
	const char *started = strstr(log, "\"event\":\"started\"");
	const char *confined =
	    strstr(log, "\"event\":\"confined\",\"confined\":true,\"user\":\"nobody\"");
	const char *plan = strstr(log, "\"event\":\"plan\",\"peer\":\"gw\"");
	const char *ping =
	    strstr(log, "\"event\":\"ping-plan\",\"peer\":\"gw\",\"tunnel\":\"net\"");

	ck_assert_ptr_nonnull(strstr(log, "\"listen\":[\"127.0.0.1:"));
	ck_assert_ptr_nonnull(strstr(log, "\"calls\":42"));
	ck_assert(started != NULL && confined > started && plan > confined && ping > plan);
	ck_assert_ptr_null(strstr(log, "\"tunnel\":\"silent\""));
}
END_TEST

/* What AUTO has chosen is said with a reason; what was asked for by name is only named. */
START_TEST(test_store)
{
	struct fault notice;
	struct tunnels *tunnels = tunnels_on(store_open(STORE_KEEP, NULL, &notice, &fault), NULL);

	ck_assert_ptr_nonnull(strstr(announced(tunnels, NULL), "\"ipsec\":\"keep\""));
	ck_assert_ptr_null(strstr(announced(tunnels, NULL), "notice"));
	tunnels_free(tunnels);
	tunnels = tunnels_on(NULL, NULL);
	ck_assert_ptr_null(strstr(announced(tunnels, NULL), "ipsec"));
	tunnels_free(tunnels);
}
END_TEST

/* Whoever may have no interface, and did not ask for a store, is told what that means. */
START_TEST(test_no_packets)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "gw");
	struct event_log log = {.config = config, .json = true};
	struct tunnels *tunnels;
	struct udp *udp;

	if (!own_network() || !own_network_nobody())
		return;
	ck_assert_ptr_nonnull(config_add_tunnel(peer, "net"));
	config->ipsec = STORE_AUTO;
	config->listen[config->listens++] =
	    (struct ike_address){.octets = {127, 0, 0, 1}, .family = IKE_FAMILY_IPV4};
	udp = udp_new(config->listen, config->listens, &fault);
	ck_assert_msg(udp != NULL, "%s", fault.text);
	tunnels = tunnels_new(config, udp, &log, &fault);
	ck_assert_msg(tunnels != NULL, "%s", fault.text);
	log.out = fopen(scratch_path("log"), "w");
	ck_assert_ptr_nonnull(log.out);
	announce(&log, udp, tunnels, NULL);
	fclose(log.out);
	ck_assert_msg(strstr(scratch_read(scratch_path("log")), "leaves in the clear") != NULL,
		      "%s", scratch_read(scratch_path("log")));
	tunnels_free(tunnels);
	udp_free(udp);
	config_free(config);
}
END_TEST

/* One that can be gone on with stays; tests/limits has a full disk. */
START_TEST(test_capture_goes_on)
{
	struct config nobody = {.peers = 0};
	struct trouble trouble = {.what = "capture"};
	struct event_log log = {
	    .config = &nobody, .json = true, .out = fopen(scratch_path("log"), "w")};
	const char *directory = scratch_path("capture");
	struct capture *capture = capture_open(directory, &fault);

	ck_assert_msg(capture != NULL, "%s", fault.text);
	log.file = capture_events(capture);
	announce_capture(&log, capture, directory, &trouble);
	ck_assert_uint_eq(trouble.count, 0);
	ck_assert_ptr_nonnull(log.file);
	(void)capture_close(capture);
	fclose(log.out);
}
END_TEST

UNIT_MAIN("announce", test_several_workers, test_not_to_be_confined, test_impairments, test_order,
	  test_store, test_no_packets, test_capture_goes_on)
