/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/esp/route.h"
#include "interop/node/lookup.h"
#include "tests/support/own_network.h"

static struct ike_address found_address;
static uint32_t found_peer, found_gateway;
static unsigned finds;

static void found(void *context, uint32_t peer, uint32_t gateway, const struct ike_address *address)
{
	found_address = *address;
	found_peer = peer;
	found_gateway = gateway;
	finds++;
	event_base_loopbreak(context);
}

START_TEST(test_nothing_to_look_up)
{
	struct event_base *base = event_base_new();
	struct lookup *lookup = lookup_new(base, found, base);

	ck_assert(!lookup_begin(lookup, "192.0.2.1", 0, 0));
	ck_assert(!lookup_begin(lookup, "[2001:db8::1]:500", 0, 0));
	ck_assert(!lookup_begin(lookup, "", 0, 0));
	ck_assert(!lookup_begin(lookup, ":500", 0, 0));
	lookup_free(lookup);
	lookup_free(NULL);
	event_base_free(base);
	ck_assert_uint_eq(finds, 0);
}
END_TEST

/* The file of hosts knows localhost, on every system that tests run on. */
START_TEST(test_found)
{
	struct event_base *base = event_base_new();
	struct lookup *lookup = lookup_new(base, found, base);

	for (unsigned turn = 1; turn <= 2; turn++) {
		ck_assert(lookup_begin(lookup, "localhost:4711", 3, 1));
		if (finds < turn)
			event_base_dispatch(base);
		ck_assert_uint_eq(finds, turn);
	}
	ck_assert_uint_eq(found_peer, 3);
	ck_assert_uint_eq(found_gateway, 1);
	ck_assert_uint_eq(found_address.port, 4711);
	ck_assert_uint_ne(found_address.family, IKE_FAMILY_NONE);
	lookup_free(lookup);
	event_base_free(base);
}
END_TEST

/* Only failures and the ladder's next step make it look, and only where there is a name. */
START_TEST(test_after)
{
	struct event_base *base = event_base_new();
	struct lookup *lookup = lookup_new(base, found, base);
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "gw");
	struct ike_event event = {.kind = IKE_EVENT_ESTABLISHED};

	peer->gateway[0] = strdup("localhost");
	peer->ike.gateways = 2; /* the second one has no text */
	lookup_after(lookup, &event, config);
	event.kind = IKE_EVENT_REPORT;
	event.report.kind = IKE_REPORT_DEAD;
	lookup_after(lookup, &event, config);
	event.kind = IKE_EVENT_FAILED;
	for (uint32_t gateway = 1; gateway <= 2; gateway++) {
		event.gateway = gateway;
		lookup_after(lookup, &event, config);
	}
	event.peer = 1;
	event.gateway = 0;
	lookup_after(lookup, &event, config);
	ck_assert_uint_eq(finds, 0);
	event.peer = 0;
	lookup_after(lookup, &event, config);
	if (finds == 0)
		event_base_dispatch(base);
	ck_assert_uint_eq(finds, 1);
	lookup_free(lookup);
	config_free(config);
	event_base_free(base);
}
END_TEST

/* ---- marks --------------------------------------------------------------------------------------------------------- */

/* Datagram sockets of this process that have that mark. */
static unsigned sockets_with(uint32_t mark)
{
	unsigned count = 0;

	for (int i = 0; i < 64; i++) {
		socklen_t length = sizeof(int), other = sizeof(uint32_t);
		uint32_t its = 0;
		int type = 0;

		if (getsockopt(i, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_DGRAM &&
		    getsockopt(i, SOL_SOCKET, SO_MARK, &its, &other) == 0)
			count += its == mark;
	}
	return count;
}

static struct config *one_gateway(const char *text)
{
	struct config *config = config_new();
	struct config_peer *peer = config_add_peer(config, "gw");

	peer->gateway[0] = strdup(text);
	peer->ike.gateways = 1;
	return config;
}

/* Sockets to name servers have it, others do not; a lookup afterwards opens no further ones. */
START_TEST(test_marked)
{
	struct event_base *base;
	struct lookup *lookup;
	struct config *config;
	struct fault fault;
	int other;

	if (!own_network())
		return;
	base = event_base_new();
	lookup = lookup_new(base, found, base);
	config = one_gateway("gw.example");
	other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert(lookup_has_names(config));
	ck_assert_msg(lookup_mark(lookup, config, &fault), "%s", fault.text);
	ck_assert_uint_ge(sockets_with(ROUTE_MARK), 1);
	ck_assert_uint_eq(sockets_with(0), 1);
	ck_assert(lookup_begin(lookup, "localhost", 0, 0));
	ck_assert_uint_eq(sockets_with(0), 1);
	close(other);
	lookup_free(lookup);
	config_free(config);
	event_base_free(base);
}
END_TEST

START_TEST(test_no_names)
{
	struct event_base *base = event_base_new();
	struct lookup *lookup = lookup_new(base, found, base);
	struct config *config = one_gateway("192.0.2.1");
	struct fault fault;

	ck_assert(!lookup_has_names(config));
	ck_assert(lookup_mark(lookup, config, &fault));
	ck_assert_uint_eq(sockets_with(ROUTE_MARK) + sockets_with(0), 0); /* nothing was opened */
	lookup_free(lookup);
	config_free(config);
	event_base_free(base);
}
END_TEST

START_TEST(test_may_not_mark)
{
	struct event_base *base = event_base_new();
	struct lookup *lookup = lookup_new(base, found, base);
	struct config *config = one_gateway("gw.example");
	struct fault fault;

	if (geteuid() == 0 && !own_network_nobody())
		return;
	ck_assert(!lookup_mark(lookup, config, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "CAP_NET_ADMIN"));
	lookup_free(lookup);
	config_free(config);
	event_base_free(base);
}
END_TEST

UNIT_MAIN("lookup", test_nothing_to_look_up, test_found, test_after, test_marked, test_no_names,
	  test_may_not_mark)
