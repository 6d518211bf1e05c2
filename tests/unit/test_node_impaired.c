/* SPDX-License-Identifier: ISC */
/*
 * test_node_impaired.c - a node with an impairment, over real sockets on loopback.
 */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "interop/node/clock.h"
#include "interop/config/config_values.h"
#include "interop/impair/impair.h"
#include "interop/node/node.h"
#include "tests/support/scratch.h"

#define TURNS_MOST 20000 /* some ten seconds: against hanging, not a measure of time */

struct seen {
	unsigned kind[IKE_EVENT_OVERLOAD + 1];
	unsigned report[IKE_REPORT_RETURNING + 1];
};

static struct fault fault;

static void count(void *context, const struct ike_event *event)
{
	struct seen *seen = context;

	seen->kind[event->kind]++;
	if (event->kind == IKE_EVENT_REPORT)
		seen->report[event->report.kind]++;
}

static struct config *config_at(const char *listen, const struct ike_address *gateway)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "other");

	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	peer->keepalive.mode = KEEPALIVE_OFF;
	peer->extension.recovery.connect_at_start = false; /* no random wait */
	if (gateway != NULL)
		peer->ike.gateway[peer->ike.gateways++] = *gateway;
	ck_assert(value_address(listen, &config->listen[config->listens++], &fault));
	config->ike.limits.sas = 64;
	ck_assert_msg(config_check_peer(config, peer, &fault), "%s", fault.text);
	ck_assert_msg(config_finish(config, &fault), "%s", fault.text);
	return config;
}

static void run_until(struct node *a, struct node *b, const unsigned *what, unsigned times)
{
	struct timeval pause = {.tv_usec = 500};

	for (unsigned turn = 0; *what < times; turn++) {
		ck_assert_msg(turn < TURNS_MOST, "waited in vain");
		event_base_loopexit(node_base(a), &pause);
		event_base_dispatch(node_base(a));
		event_base_loopexit(node_base(b), &pause);
		event_base_dispatch(node_base(b));
	}
}

/* B answers twice, on purpose; A takes the second one for what it is. */
START_TEST(meets_another)
{
	bool on[IMPAIRMENTS] = {[IMPAIR_ACK_TWICE] = true};
	struct config *config_b = config_at("127.0.0.2", NULL), *config_a;
	struct seen seen_a = {.kind = {0}};
	struct node_settings settings = {
	    .config = config_b, .epoch = clock_now(), .impairments = on};
	struct node_settings settings_a = {
	    .epoch = clock_now(), .on_event = count, .context = &seen_a};
	struct node *b = node_new(&settings, &fault), *a;
	struct ike_address gateway;
	const struct ike_command start = {.kind = IKE_COMMAND_START},
				 ask = {.kind = IKE_COMMAND_ASK_NOW};

	ck_assert_msg(b != NULL, "%s", fault.text);
	gateway = udp_address(node_udp(b), 0);
	config_a = config_at("127.0.0.1", &gateway);
	settings_a.config = config_a;
	a = node_new(&settings_a, &fault);
	ck_assert_msg(a != NULL, "%s", fault.text);
	ck_assert(node_command(a, &start));
	run_until(a, b, &seen_a.kind[IKE_EVENT_ESTABLISHED], 1);
	ck_assert(node_command(a, &ask));
	run_until(a, b, &seen_a.report[IKE_REPORT_ALIVE], 1);
	run_until(a, b, &seen_a.kind[IKE_EVENT_REFUSED], 1);
	node_free(a);
	node_free(b);
	config_free(config_a);
	config_free(config_b);
}
END_TEST

/* Where an ACK's number stands in the twins of a capture with its upper bit set, as it was on the wire. */
static bool has_twin_with_top_bit(const char *path)
{
	static const uint8_t ack[] = {0, 0, 0, 1, 1, 16, 0x8d, 0x29};
	uint8_t octets[16384];
	FILE *file = fopen(path, "rb");
	size_t length = file != NULL ? fread(octets, 1, sizeof(octets), file) : 0;

	if (file != NULL)
		fclose(file);
	for (size_t at = 0; at + sizeof(ack) + 20 <= length; at++)
		if (memcmp(octets + at, ack, sizeof(ack)) == 0)
			return octets[at + sizeof(ack) + 16] >= 0x80;
	return false;
}

/* The core is given another number than came; the capture has what came. */
START_TEST(captures_what_came)
{
	bool on[IMPAIRMENTS] = {[IMPAIR_PROBE_TOP_BIT] = true};
	struct config *config_a = config_at("127.0.0.1", NULL), *config_b;
	struct seen seen_b = {.kind = {0}};
	struct node_settings settings_a = {.config = config_a, .epoch = clock_now()};
	struct node_settings settings_b = {.epoch = clock_now(),
					   .impairments = on,
					   .capture = scratch_path("twins"),
					   .on_event = count,
					   .context = &seen_b};
	struct node *a = node_new(&settings_a, &fault), *b;
	struct ike_address gateway;
	const struct ike_command start = {.kind = IKE_COMMAND_START},
				 ask = {.kind = IKE_COMMAND_ASK_NOW};

	ck_assert_msg(a != NULL, "%s", fault.text);
	gateway = udp_address(node_udp(a), 0);
	config_b = config_at("127.0.0.2", &gateway);
	settings_b.config = config_b;
	b = node_new(&settings_b, &fault);
	ck_assert_msg(b != NULL, "%s", fault.text);
	ck_assert(node_command(b, &start));
	run_until(b, a, &seen_b.kind[IKE_EVENT_ESTABLISHED], 1);
	ck_assert(node_command(b, &ask));
	run_until(b, a, &seen_b.report[IKE_REPORT_ALIVE], 1);
	node_free(b);
	node_free(a);
	config_free(config_a);
	config_free(config_b);
	ck_assert(has_twin_with_top_bit(scratch_path("twins/plain.pcap")));
}
END_TEST

/* The node ends as if it had crashed: at once, with a failure. */
START_TEST(falls_over)
{
	bool on[IMPAIRMENTS] = {[IMPAIR_DIES_OF_TINY_LENGTH] = true};
	struct config *config = config_at("127.0.0.1", NULL);
	struct node_settings settings = {
	    .config = config,
	    .epoch = clock_now(),
	    .impairments = on,
	    .log = {.out = fopen(scratch_path("log"), "w"), .json = true}};
	struct node *node = node_new(&settings, &fault);
	struct ike_address address;
	struct udp *udp;
	uint8_t octets[8 + 3] = "too short";
	struct ike_datagram datagram = {.data = octets + 8, .length = 3};
	size_t full;

	ck_assert_msg(node != NULL, "%s", fault.text);
	address = udp_address(node_udp(node), 0);
	udp = udp_new(&(struct ike_address){{127, 0, 0, 1}, 0, IKE_FAMILY_IPV4, 0}, 1, &fault);
	ck_assert_ptr_nonnull(udp);
	datagram.remote = address;
	ck_assert_uint_eq(udp_send(udp, &datagram, 1, &full), 1);
	node_start(node);
	ck_assert_int_eq(node_run(node), 1);
	ck_assert_ptr_nonnull(
	    strstr(scratch_read(scratch_path("log")),
		   "\"event\":\"impaired\",\"impairments\":[\"dies-of-tiny-length\"]"));
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("log")), "\"event\":\"fell-over\""));
	ck_assert_ptr_null(strstr(scratch_read(scratch_path("log")), "\"event\":\"stopped\""));
	udp_free(udp);
	node_free(node);
	fclose(settings.log.out);
	config_free(config);
}
END_TEST

UNIT_MAIN("node_impaired", meets_another, captures_what_came, falls_over)
