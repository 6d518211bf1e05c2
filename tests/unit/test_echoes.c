/* SPDX-License-Identifier: ISC */
/*
 * test_echoes.c - echo requests that really leave, and replies of the kernel, in a network of the test's own; only as root.
 *
 * The tunnel leads from this machine to itself by 127.0.0.1: the interface has the address that is pinged, so that the kernel answers,
 * and its answer goes the same way back.
 */
#include "tests/support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"
#include "interop/node/echoes.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"
#include "tests/support/scratch.h"

#define NUMBER   7
#define INTERVAL (2 * IKE_SECOND)
#define MISSES   3

static struct esp_device *device;
static struct udp *udp;
static struct config *config;
static struct event_log events;
static struct echoes *echoes;
static struct ike_ipsec_sa pair;
static struct fault fault;
static ike_time now = 1000 * IKE_SECOND;

static void make_config(bool ping)
{
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "gw");
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	ck_assert_ptr_nonnull(config_add_tunnel(peer, "net"));
	if (ping)
		peer->traffic[0].ping = (struct config_ping){.to = address_of("10.2.0.1"),
							     .from = address_of("10.1.0.1"),
							     .interval = INTERVAL,
							     .misses = MISSES};
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	config->ipsec = STORE_USERSPACE;
	config->ike.limits.ipsec_sas = 4;
	ck_assert_msg(config_check_peer(config, peer, &fault) && config_finish(config, &fault),
		      "%s", fault.text);
}

static void make_pair(void)
{
	pair = pair_of_sas(NUMBER);
	pair.peer = pair.tunnel = 0;
	pair.local = pair.remote = address_of("127.0.0.1");
	pair.local.port = pair.remote.port = 4500;
	pair.encapsulated = true;
	pair.spi_out = pair.spi_in;
	memcpy(pair.keymat_out, pair.keymat_in, sizeof(pair.keymat_out));
	set_selector(&pair.inside_local, "10.0.0.0/8", 0, 0);
	set_selector(&pair.inside_remote, "10.0.0.0/8", 0, 0);
}

static void tell_pair(enum ike_ipsec_change_kind kind)
{
	const struct ike_ipsec_change change = {.kind = kind, .sa = pair};

	echoes_follow(echoes, now, &change);
}

static bool begin(bool ping)
{
	struct esp_device_settings settings = {.name = "ruthere0", .addresses = 1, .pairs = 4};
	const struct ike_address listen = {
	    .octets = {127, 0, 0, 1}, .port = 4500, .family = IKE_FAMILY_IPV4};

	if (!own_network())
		return false;
	settings.address[0] = own_network_prefix("10.2.0.1/32");
	device = esp_device_new(&settings, &fault);
	ck_assert_msg(device != NULL, "%s", fault.text);
	udp = udp_new(&listen, 1, &fault);
	ck_assert_msg(udp != NULL && esp_device_use(device, udp, &fault), "%s", fault.text);
	make_config(ping);
	events = (struct event_log){
	    .config = config, .json = true, .out = fopen(scratch_path("log"), "w")};
	echoes = echoes_new(config, device, &events, &fault);
	ck_assert_msg(echoes != NULL, "%s", fault.text);
	make_pair();
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	tell_pair(IKE_IPSEC_ADDED);
	return true;
}

static void end(void)
{
	echoes_free(echoes);
	esp_device_free(device);
	udp_free(udp);
	config_free(config);
	fclose(events.out);
}

/* Everything that is on its way arrives; with `lost` nothing does. */
static void move_all(bool lost)
{
	static struct udp_buffers buffers;
	int descriptors[ESP_DEVICE_DESCRIPTORS];
	struct pollfd waits[2] = {{.events = POLLIN}, {.events = POLLIN}};

	(void)esp_device_descriptors(device, descriptors);
	waits[0].fd = descriptors[0];
	waits[1].fd = udp_descriptor(udp, 0);
	while (poll(waits, 2, lost ? 0 : 100) > 0) {
		size_t count;

		esp_device_move(device, now, descriptors[0]);
		udp_buffers_reset(&buffers, false);
		count = udp_receive(udp, 0, buffers.datagram, UDP_BATCH);
		for (size_t i = 0; i < count && !lost; i++)
			esp_device_take(device, now, &buffers.datagram[i]);
	}
}

/* The next time that something is due. */
static void pass(void)
{
	ike_time due = echoes_deadline(echoes);

	ck_assert(due != IKE_NEVER);
	if (due > now)
		now = due;
}

static unsigned told(const char *event)
{
	char line[1024], name[64];
	unsigned count = 0;
	FILE *file;

	fflush(events.out);
	file = fopen(scratch_path("log"), "r");
	ck_assert_ptr_nonnull(file);
	snprintf(name, sizeof(name), "\"%s\"", event);
	while (fgets(line, sizeof(line), file) != NULL)
		count += strstr(line, name) != NULL;
	fclose(file);
	return count;
}

START_TEST(test_nothing_to_ping)
{
	struct ike_command command;
	struct pinger_status status;

	if (!begin(false))
		return;
	echoes_heard(echoes, now, NUMBER);
	ck_assert(!echoes_next(echoes, now, &command));
	ck_assert(echoes_deadline(echoes) == IKE_NEVER);
	ck_assert(!echoes_status(echoes, NUMBER, &status));
	end();
	echoes_free(NULL);
}
END_TEST

/* The peer's own question was answered: a recorded one may be, so that it says nothing of the peer (R80). */
static void tell_answered(void)
{
	struct ike_event event = {.kind = IKE_EVENT_REPORT, .at = now, .remote = pair.remote};

	event.report.kind = IKE_REPORT_ANSWERED;
	echoes_event(echoes, &event);
}

/* Nobody answers, and IKE neither: the first miss asks IKE, the last is a death. */
START_TEST(test_dead)
{
	struct ike_command command;
	ike_time from = now;

	if (!begin(true))
		return;
	for (unsigned i = 0; !echoes_next(echoes, now, &command); i++) {
		ck_assert_uint_lt(i, 2 * MISSES);
		move_all(true);
		pass();
		tell_answered();
	}
	ck_assert_int_eq(command.kind, IKE_COMMAND_ASK_NOW); /* R156 */
	ck_assert_uint_eq(command.peer, 0);
	for (unsigned i = 0; !echoes_next(echoes, now, &command); i++) {
		ck_assert_uint_lt(i, 2 * MISSES);
		move_all(true);
		pass();
		tell_answered();
	}
	ck_assert_int_eq(command.kind, IKE_COMMAND_TUNNEL_DEAD);
	ck_assert_uint_eq(command.ipsec, NUMBER);
	ck_assert(now - from >= MISSES * INTERVAL);
	ck_assert_uint_eq(told("echo-missed"), 1);
	ck_assert_uint_eq(told("tunnel-dead"), 1);
	ck_assert_uint_eq(told("black-hole"), 0);
	ck_assert_uint_ge(esp_device_count(device).out_udp, MISSES);
	end();
}
END_TEST

/* IKE answers all the while: the tunnel is negotiated anew first. */
START_TEST(test_black_hole)
{
	struct ike_event alive = {.kind = IKE_EVENT_REPORT, .peer = 0};
	struct ike_command command = {.peer = 0};

	if (!begin(true))
		return;
	alive.remote = pair.remote;
	alive.report.kind = IKE_REPORT_ALIVE;
	alive.report.value = 1;
	for (unsigned i = 0; command.kind != IKE_COMMAND_TUNNEL; i++) {
		ck_assert_uint_lt(i, 4 * MISSES);
		while (echoes_next(echoes, now, &command) && command.kind == IKE_COMMAND_ASK_NOW) {
			alive.at = now;
			echoes_event(echoes, &alive);
		}
		move_all(true);
		if (command.kind != IKE_COMMAND_TUNNEL)
			pass();
	}
	ck_assert_uint_eq(command.peer, 0);
	ck_assert_uint_eq(command.tunnel, 0);
	ck_assert_uint_eq(command.ipsec, NUMBER);
	ck_assert_uint_eq(told("black-hole"), 1);
	ck_assert_uint_eq(told("tunnel-dead"), 0);
	end();
}
END_TEST

/* The kernel at the other end answers: for as long as it is asked nothing else happens, and nobody but the pinger sees the replies. */
START_TEST(test_answered)
{
	struct pinger_status status;
	struct ike_command command;
	uint64_t before;

	if (!begin(true))
		return;
	do {
		ck_assert(!echoes_next(echoes, now, &command));
		move_all(false);
		ck_assert(!echoes_next(echoes, now, &command));
		pass();
		ck_assert(echoes_status(echoes, NUMBER, &status));
	} while (status.requests < 4 && now < 2000 * IKE_SECOND);
	ck_assert_uint_eq(status.requests, 4);
	ck_assert_uint_eq(status.replies, status.requests);
	ck_assert_uint_eq(told("echo"), status.replies);
	ck_assert_uint_eq(told("echo-missed"), 0);
	before = esp_device_count(device).to_tun;
	ck_assert_uint_eq(before, status.requests); /* and not the replies */
	tell_pair(IKE_IPSEC_REMOVED);
	ck_assert(echoes_deadline(echoes) == IKE_NEVER);
	end();
}
END_TEST

/* What does not hold the address that is pinged is told, and is no reason for more. */
START_TEST(test_unfit)
{
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_ADDED};

	if (!begin(true))
		return;
	change.sa = pair;
	change.sa.number = NUMBER + 1;
	set_selector(&change.sa.inside_remote, "10.3.0.0/16", 0, 0);
	echoes_follow(echoes, now, &change);
	ck_assert_uint_eq(told("trouble"), 1);
	end();
}
END_TEST

UNIT_MAIN("echoes", test_nothing_to_ping, test_unfit, test_dead, test_black_hole, test_answered)
