/* SPDX-License-Identifier: ISC */
/*
 * test_node.c - two nodes in one process, over real sockets on loopback: each runs its own loop a little, in turn.
 */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/identity.h"
#include "interop/node/clock.h"
#include "interop/config/config_values.h"
#include "interop/node/node.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#define TURNS_MOST 20000 /* some ten seconds: against hanging, not a measure of time */

/* How often each kind of event was seen. */
struct seen {
	unsigned kind[IKE_EVENT_OVERLOAD + 1];
	unsigned report[IKE_REPORT_RETURNING + 1];
};

static struct fault fault;
static int64_t wall_added; /* seconds */

/* In place of the C library's: the wall clock, as a test sets it. */
int gettimeofday(struct timeval *restrict wall, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*wall = (struct timeval){.tv_sec = now.tv_sec + wall_added, .tv_usec = now.tv_nsec / 1000};
	return 0;
}

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

static struct node *node_of(struct config *config, const char *capture, struct seen *seen)
{
	const struct node_settings settings = {.config = config,
					       .epoch = clock_now(),
					       .capture = capture,
					       .messages = capture != NULL,
					       .on_event = count,
					       .context = seen};
	struct node *node = node_new(&settings, &fault);

	ck_assert_msg(node != NULL, "%s", fault.text);
	return node;
}

static void run_until(struct node *a, struct node *b, const unsigned *what, unsigned times)
{
	struct timeval pause = {.tv_usec = 500};

	for (unsigned turn = 0; *what < times; turn++) {
		ck_assert_msg(turn < TURNS_MOST, "waited in vain");
		event_base_loopexit(node_base(a), &pause);
		event_base_dispatch(node_base(a));
		if (b == NULL)
			continue;
		event_base_loopexit(node_base(b), &pause);
		event_base_dispatch(node_base(b));
	}
}

START_TEST(test_what_cannot_be_opened)
{
	struct config *config = config_at("127.0.0.1", NULL);
	struct node_settings settings = {.config = config, .capture = scratch_path("no/capture")};

	ck_assert_ptr_null(node_new(&settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no/capture"));
	settings.capture = NULL;
	settings.control = true;
	config->control = strdup(scratch_path("no/control"));
	ck_assert_ptr_null(node_new(&settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no/control"));
	ck_assert(value_address("192.0.2.1", &config->listen[0], &fault));
	ck_assert_ptr_null(node_new(&settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "192.0.2.1"));
	config_free(config);
}
END_TEST

START_TEST(test_nothing_to_do_it_to)
{
	struct config *config = config_at("127.0.0.1", NULL);
	struct seen seen = {.kind = {0}};
	struct node *node = node_of(config, NULL, &seen);
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW},
				 start = {.kind = IKE_COMMAND_START};

	node_start(node);
	ck_assert(!node_command(node, &ask));
	ck_assert(!node_command(node, &start)); /* no gateway */
	node_free(node);
	config_free(config);
}
END_TEST

START_TEST(test_nobody_answers)
{
	const struct ike_address nowhere = {{127, 0, 0, 1}, 1, IKE_FAMILY_IPV4, 0};
	struct config *config = config_at("127.0.0.1", &nowhere);
	struct seen seen = {.kind = {0}};
	struct node *node;
	const struct ike_command start = {.kind = IKE_COMMAND_START};

	config->peer[0].extension.recovery.attempt_timeout = IKE_SECOND / 10;
	node = node_of(config, NULL, &seen);
	ck_assert(node_command(node, &start));
	run_until(node, NULL, &seen.kind[IKE_EVENT_FAILED], 1);
	node_free(node);
	config_free(config);
}
END_TEST

START_TEST(test_signal_ends_it)
{
	struct config *config = config_at("127.0.0.1", NULL);
	struct seen seen = {.kind = {0}};
	struct node *node = node_of(config, NULL, &seen);

	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
	ck_assert_int_eq(node_run(node), 0);
	node_free(node);
	config_free(config);
}
END_TEST

START_TEST(test_reader_has_gone)
{
	struct config *config = config_at("127.0.0.1", NULL);
	const struct node_settings settings = {
	    .config = config, .log = {.out = fopen("/dev/full", "w"), .json = true}};
	struct node *node = node_new(&settings, &fault);

	ck_assert_ptr_nonnull(node);
	node_start(node);
	ck_assert_int_eq(node_run(node), 1);
	node_free(node);
	fclose(settings.log.out);
	config_free(config);
}
END_TEST

/* Phase 1, a question and its answer, a farewell; with everything captured. */
START_TEST(test_two_meet)
{
	struct config *config_b = config_at("127.0.0.2", NULL), *config_a;
	struct seen seen_a = {.kind = {0}}, seen_b = {.kind = {0}};
	struct node *b = node_of(config_b, NULL, &seen_b), *a;
	struct ike_address gateway = udp_address(node_udp(b), 0);
	const struct ike_command start = {.kind = IKE_COMMAND_START},
				 ask = {.kind = IKE_COMMAND_ASK_NOW};
	char *text;

	config_a = config_at("0.0.0.0", &gateway);
	a = node_of(config_a, scratch_path("capture"), &seen_a);
	ck_assert(node_command(a, &start));
	run_until(a, b, &seen_a.kind[IKE_EVENT_ESTABLISHED], 1);
	run_until(a, b, &seen_b.kind[IKE_EVENT_ESTABLISHED], 1);
	ck_assert(node_command(a, &ask));
	run_until(a, b, &seen_a.report[IKE_REPORT_ALIVE], 1);
	ck_assert_uint_eq(seen_b.report[IKE_REPORT_ANSWERED], 1);
	node_stop(a, 3);
	ck_assert_int_eq(node_run(a), 3);
	run_until(b, NULL, &seen_b.kind[IKE_EVENT_DELETED], 1); /* it has been told */
	node_free(a);
	node_free(b);
	config_free(config_a);
	config_free(config_b);
	text = scratch_read(scratch_path("capture/ikev1_decryption_table"));
	ck_assert_uint_eq(strcspn(text, ","), 16);
	/* of the two rows the second knows the last block of Phase 1 */
	text = scratch_read(scratch_path("capture/ikev1.keys"));
	ck_assert_ptr_eq(strstr(text, " -\n"), strchr(text, '\n') - 2);
	ck_assert_uint_gt(strlen(strchr(text, '\n')), strcspn(text, "\n"));
	text = scratch_read(scratch_path("capture/events.jsonl"));
	ck_assert_ptr_nonnull(strstr(text, "\"event\":\"started\""));
	ck_assert_ptr_nonnull(strstr(text, "N(R-U-THERE-ACK seq="));
	ck_assert_ptr_nonnull(strstr(text, "\"event\":\"stopped\""));
}
END_TEST

/* The same, known by its certificate, which is valid for a year before and after PKI_NOW. */
static struct config *certified(const char *listen, const struct ike_address *gateway,
				const char *name, const struct credentials *credentials)
{
	struct config *config = config_at(listen, gateway);
	struct ike_peer_settings *peer = config->finished;

	peer->authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
	peer->credentials = credentials;
	ck_assert(ike_identity_from_text(name, &peer->local_identity));
	return config;
}

/* Certificates expire by the wall clock, at the start and when somebody sets it while we run. */
START_TEST(test_wall_clock_is_the_calendar)
{
	struct credentials *of_a = pki_credentials("a.example", SIGNATURE_RSA, false);
	struct credentials *of_b = pki_credentials("b.example", SIGNATURE_RSA, true);
	struct seen seen_a = {.kind = {0}}, seen_b = {.kind = {0}};
	const struct ike_command start = {.kind = IKE_COMMAND_START},
				 close = {.kind = IKE_COMMAND_CLOSE};
	struct config *config_a, *config_b;
	struct ike_address gateway;
	struct node *a, *b;

	wall_added = PKI_NOW - (int64_t)time(NULL);
	config_b = certified("127.0.0.2", NULL, "b.example", of_b);
	b = node_of(config_b, NULL, &seen_b);
	gateway = udp_address(node_udp(b), 0);
	config_a = certified("0.0.0.0", &gateway, "a.example", of_a);
	config_a->peer[0].extension.recovery.attempt_timeout = IKE_SECOND / 2;
	config_a->peer[0].extension.recovery.backoff_first = IKE_SECOND / 5;
	a = node_of(config_a, NULL, &seen_a);
	ck_assert(node_command(a, &start));
	run_until(a, b, &seen_b.kind[IKE_EVENT_ESTABLISHED], 1);
	run_until(a, b, &seen_a.kind[IKE_EVENT_ESTABLISHED], 1);
	ck_assert(node_command(a, &close));
	run_until(a, b, &seen_b.kind[IKE_EVENT_DELETED], 1);
	ck_assert_uint_eq(seen_b.kind[IKE_EVENT_REFUSED], 0);

	wall_added += 2 * PKI_YEAR;
	ck_assert(node_command(a, &start));
	run_until(a, b, &seen_b.kind[IKE_EVENT_REFUSED], 1);
	ck_assert_uint_eq(seen_b.kind[IKE_EVENT_ESTABLISHED], 1);

	wall_added -= 2 * PKI_YEAR; /* and when it is put right */
	run_until(a, b, &seen_a.kind[IKE_EVENT_FAILED], 1);
	run_until(a, b, &seen_a.kind[IKE_EVENT_ESTABLISHED], 2);
	node_free(a);
	node_free(b);
	config_free(config_a);
	config_free(config_b);
	credentials_free(of_a);
	credentials_free(of_b);
}
END_TEST

/* A gateway that was given by name and has moved: the second attempt goes to where the name points now. */
START_TEST(test_name_is_looked_up_again)
{
	const struct ike_address before = {{127, 0, 0, 99}, 1, IKE_FAMILY_IPV4, 0};
	struct config *config = config_at("127.0.0.1", &before);
	struct seen seen = {.kind = {0}};
	const struct ike_command start = {.kind = IKE_COMMAND_START};
	struct node *node;

	config->peer[0].gateway[0] = strdup("localhost:1");
	config->peer[0].extension.recovery.attempt_timeout = IKE_SECOND / 10;
	config->peer[0].extension.recovery.backoff_first = IKE_SECOND / 5;
	ck_assert(value_address("::1", &config->listen[config->listens++], &fault));
	node = node_of(config, NULL, &seen);
	ck_assert(node_command(node, &start));
	run_until(node, NULL, &seen.kind[IKE_EVENT_CONNECTING], 2);
	ck_assert(!ike_address_same_host(&config->peer[0].ike.gateway[0], &before));
	node_free(node);
	config_free(config);
}
END_TEST

/* What is no ISAKMP at all is counted and does no harm. */
START_TEST(test_rubbish)
{
	struct config *config = config_at("127.0.0.1", NULL);
	const struct ike_address here = {{127, 0, 0, 1}, 0, IKE_FAMILY_IPV4, 0};
	struct seen seen = {.kind = {0}};
	struct node *node = node_of(config, scratch_path("capture"), &seen);
	struct udp *sender = udp_new(&here, 1, &fault);
	static uint8_t rubbish[IKE_DATAGRAM_MAX + 100];
	const size_t lengths[] = {0, 1, 27, 28, IKE_DATAGRAM_MAX, IKE_DATAGRAM_MAX + 100};
	size_t full;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct ike_datagram one = {.remote = udp_address(node_udp(node), 0),
					   .data = rubbish,
					   .length = lengths[i]};

		ck_assert_uint_eq(udp_send(sender, &one, 1, &full), 1);
	}
	run_until(node, NULL, &seen.kind[IKE_EVENT_REFUSED], 6);
	udp_free(sender);
	node_free(node);
	config_free(config);
}
END_TEST

/* ---- NAT traversal ------------------------------------------------------------------------------------------------- */

static uint16_t free_port(void)
{
	const struct ike_address here = {{127, 0, 0, 1}, 0, IKE_FAMILY_IPV4, 0};
	struct udp *udp = udp_new(&here, 1, &fault);
	uint16_t port;

	ck_assert_ptr_nonnull(udp);
	port = udp_address(udp, 0).port;
	udp_free(udp);
	return port;
}

static struct config *floating(const char *host, uint16_t port, uint16_t other, const char *gateway)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "other");

	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	peer->keepalive.mode = KEEPALIVE_OFF;
	peer->extension.recovery.connect_at_start = false;
	peer->ike.nat_traversal = true;
	peer->ike.encapsulate = gateway != NULL;
	ck_assert(ike_address_from_text(host, &config->listen[config->listens++]));
	config->listen[0].port = port;
	if (gateway != NULL) {
		ck_assert(ike_address_from_text(gateway, &peer->ike.gateway[0]));
		peer->ike.gateway[peer->ike.gateways++].port = port;
	}
	config->nat_t_port = other;
	config->nat_t_said = true;
	config->ike.limits.sas = 64;
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
	return config;
}

/* From outside: a keepalive, ESP, and what is too short to be either. */
static void send_others(uint16_t port)
{
	const struct ike_address here = {{127, 0, 0, 5}, 0, IKE_FAMILY_IPV4, 0};
	struct udp *udp = udp_new(&here, 1, &fault);
	uint8_t keepalive[] = {0xff}, esp[] = {0xc0, 0xff, 0xee, 1, 0, 0, 0, 1}, nothing[] = {0, 0};
	struct ike_datagram datagram[] = {{.data = keepalive, .length = sizeof(keepalive)},
					  {.data = esp, .length = sizeof(esp)},
					  {.data = nothing, .length = sizeof(nothing)}};
	size_t full;

	for (size_t i = 0; i < 3; i++)
		datagram[i].remote = (struct ike_address){{127, 0, 0, 2}, port, IKE_FAMILY_IPV4, 0};
	ck_assert_uint_eq(udp_send(udp, datagram, 3, &full), 3);
	udp_free(udp);
}

/* Every datagram of the other port has its marker in the capture, all others have none.  Returns how many there were of it. */
static unsigned look_at_capture(const char *path, uint16_t other)
{
	static const uint8_t marker[ENCAPSULATION_MARKER];
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *packet;
	unsigned count = 0;

	ck_assert_msg(pcap != NULL, "%s", error);
	while (pcap_next_ex(pcap, &header, &packet) == 1) {
		bool is_other = packet[20] << 8 == (other & 0xff00) && packet[21] == (other & 0xff);

		is_other = is_other ||
			   (packet[22] << 8 == (other & 0xff00) && packet[23] == (other & 0xff));
		if (header->caplen < 28 + 28)
			continue; /* what is not IKE */
		ck_assert_int_eq(memcmp(packet + 28, marker, sizeof(marker)) == 0, is_other);
		ck_assert_uint_eq(packet[28 + (is_other ? 4 : 0) + 17], 0x10); /* its version */
		count += is_other;
	}
	pcap_close(pcap);
	return count;
}

/* On four sockets, from the marker that is put on to the one that is taken off. */
START_TEST(test_two_float)
{
	uint16_t port = free_port(), other = free_port();
	struct config *config_b = floating("127.0.0.2", port, other, NULL);
	struct config *config_a = floating("127.0.0.3", port, other, "127.0.0.2");
	struct seen seen_a = {.kind = {0}}, seen_b = {.kind = {0}};
	struct node *b = node_of(config_b, scratch_path("b"), &seen_b);
	struct node *a = node_of(config_a, scratch_path("a"), &seen_a);
	const struct ike_command start = {.kind = IKE_COMMAND_START},
				 ask = {.kind = IKE_COMMAND_ASK_NOW};
	struct ike_sa_status sa;
	uint32_t cursor = 0;

	ck_assert_uint_eq(udp_sockets(node_udp(a)), 2);
	ck_assert_uint_eq(config_a->ike.nat_t_port, other);
	ck_assert(node_command(a, &start));
	run_until(a, b, &seen_a.kind[IKE_EVENT_ESTABLISHED], 1);
	run_until(a, b, &seen_b.kind[IKE_EVENT_ESTABLISHED], 1);
	send_others(other);
	ck_assert(node_command(a, &ask));
	run_until(a, b, &seen_a.report[IKE_REPORT_ALIVE], 1);
	ck_assert(ike_next_sa(node_core(b), &cursor, &sa));
	ck_assert_uint_eq(sa.remote.port, other);
	ck_assert_uint_eq(node_encapsulation(b)->keepalives, 1);
	ck_assert_uint_eq(node_encapsulation(b)->esp, 1);
	ck_assert_uint_eq(node_encapsulation(b)->nonsense, 1);
	ck_assert_uint_eq(seen_b.kind[IKE_EVENT_REFUSED], 0);
	node_stop(a, 0);
	ck_assert_int_eq(node_run(a), 0);
	run_until(b, NULL, &seen_b.kind[IKE_EVENT_DELETED], 1);
	node_free(a);
	node_free(b);
	config_free(config_a);
	config_free(config_b);
	for (int plain = 0; plain < 2; plain++) {
		ck_assert_uint_ge(
		    look_at_capture(scratch_path(plain ? "a/plain.pcap" : "a/wire.pcap"), other),
		    5);
		ck_assert_uint_ge(
		    look_at_capture(scratch_path(plain ? "b/plain.pcap" : "b/wire.pcap"), other),
		    5);
	}
}
END_TEST

UNIT_MAIN("node", test_what_cannot_be_opened, test_nothing_to_do_it_to, test_nobody_answers,
	  test_signal_ends_it, test_reader_has_gone, test_two_meet, test_wall_clock_is_the_calendar,
	  test_name_is_looked_up_again, test_rubbish, test_two_float)
