/* SPDX-License-Identifier: ISC */
#include "interop/node/lookup.h"

#include <event2/dns.h>
#include <event2/util.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "interop/config/config_values.h"
#include "interop/esp/route.h"
#include "interop/node/udp_address.h"

#define DESCRIPTORS                                                                                \
	1024 /* among which the sockets to name servers are looked for: nearly the first that are opened */

struct query {
	struct lookup *lookup;
	uint32_t peer, gateway;
	uint16_t port;
	bool begun;
};

struct lookup {
	struct event_base *base;
	struct evdns_base
	    *dns;    /* made when it is first needed: most configurations have no names */
	bool marked; /* made at the start, or not at all */
	lookup_found *found;
	void *context;
	struct query query[LOOKUPS_MOST];
};

struct lookup *lookup_new(struct event_base *base, lookup_found *found, void *context)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (lookup == NULL)
		return NULL;
	lookup->base = base;
	lookup->found = found;
	lookup->context = context;
	for (size_t i = 0; i < LOOKUPS_MOST; i++)
		lookup->query[i].lookup = lookup;
	return lookup;
}

void lookup_free(struct lookup *lookup)
{
	if (lookup == NULL)
		return;
	if (lookup->dns != NULL)
		evdns_base_free(lookup->dns, 0);
	free(lookup);
}

static void on_answer(int failed, struct evutil_addrinfo *found, void *context)
{
	struct query *query = context;
	struct sockaddr_storage name = {.ss_family = AF_UNSPEC};
	struct ike_address address;

	query->begun = false;
	if (failed != 0 || found == NULL)
		return; /* the address that was known stays */
	memcpy(&name, found->ai_addr, found->ai_addrlen);
	evutil_freeaddrinfo(found);
	address = udp_of_sockaddr(&name);
	address.port = query->port != 0 ? query->port : IKE_PORT;
	if (address.family != IKE_FAMILY_NONE)
		query->lookup->found(query->lookup->context, query->peer, query->gateway, &address);
}

/* The file of hosts may have changed as well as the world. */
static bool open_dns(struct lookup *lookup)
{
	if (lookup->dns == NULL && !lookup->marked)
		lookup->dns = evdns_base_new(lookup->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
							       EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (lookup->dns == NULL)
		return false;
	evdns_base_clear_host_addresses(lookup->dns);
	(void)evdns_base_load_hosts(lookup->dns, "/etc/hosts");
	return true;
}

bool lookup_has_names(const struct config *config)
{
	char host[VALUE_HOST_MOST + 1];
	uint16_t port;

	for (size_t i = 0; i < config->peers; i++)
		for (size_t j = 0; j < config->peer[i].ike.gateways; j++)
			if (config->peer[i].gateway[j] != NULL &&
			    value_host(config->peer[i].gateway[j], host, &port))
				return true;
	return false;
}

static bool is_open(int descriptor)
{
	return fcntl(descriptor, F_GETFD) >= 0;
}

static bool is_datagram_socket(int descriptor)
{
	socklen_t length = sizeof(int);
	int type;

	return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
	       type == SOCK_DGRAM;
}

/* The library hands out no sockets: they are those that are there when it has opened them, and were not before. */
bool lookup_mark(struct lookup *lookup, const struct config *config, struct fault *fault)
{
	bool before[DESCRIPTORS], good = true;

	if (!lookup_has_names(config))
		return true;
	for (int i = 0; i < DESCRIPTORS; i++)
		before[i] = is_open(i);
	(void)open_dns(lookup);
	lookup->marked = true;
	for (int i = 0; good && i < DESCRIPTORS; i++)
		if (!before[i] && is_open(i) && is_datagram_socket(i))
			good = route_mark_socket(i, ROUTE_MARK, fault);
	return good;
}

static struct query *free_query(struct lookup *lookup, uint32_t peer, uint32_t gateway)
{
	struct query *free_one = NULL;

	for (size_t i = 0; i < LOOKUPS_MOST; i++) {
		struct query *query = &lookup->query[i];

		if (query->begun && query->peer == peer && query->gateway == gateway)
			return NULL; /* this one is being looked up already */
		if (!query->begun)
			free_one = query;
	}
	return free_one;
}

bool lookup_begin(struct lookup *lookup, const char *text, uint32_t peer, uint32_t gateway)
{
	const struct evutil_addrinfo wanted = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP};
	struct query *query = free_query(lookup, peer, gateway);
	char host[VALUE_HOST_MOST + 1];
	uint16_t port;

	if (query == NULL || !value_host(text, host, &port) || !open_dns(lookup))
		return false;
	query->peer = peer;
	query->gateway = gateway;
	query->port = port;
	query->begun =
	    true; /* before it begins: what the file of hosts knows is answered at once */
	(void)evdns_getaddrinfo(lookup->dns, host, NULL, &wanted, on_answer, query);
	return true;
}

void lookup_after(struct lookup *lookup, const struct ike_event *event, const struct config *config)
{
	bool report = event->kind == IKE_EVENT_REPORT;
	uint32_t gateway = report ? event->report.gateway : event->gateway;

	if (report ? event->report.kind != IKE_REPORT_RECOVERING : event->kind != IKE_EVENT_FAILED)
		return;
	if (event->peer < config->peers && gateway < config->peer[event->peer].ike.gateways &&
	    config->peer[event->peer].gateway[gateway] != NULL)
		(void)lookup_begin(lookup, config->peer[event->peer].gateway[gateway], event->peer,
				   gateway);
}
