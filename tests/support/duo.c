/* SPDX-License-Identifier: ISC */
#include "tests/support/duo.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"

static const char *const address_text[DUO_NODES] = {"192.0.2.1:500", "192.0.2.2:500"};
static const char *const identity_text[DUO_NODES] = {"fqdn:a.example", "fqdn:b.example"};

static struct ike_address address_of(enum duo_node node)
{
	struct ike_address address;

	/* here and below not ck_assert: it writes to a pipe, which is most of what a long run would do */
	if (!ike_address_from_text(address_text[node], &address))
		ck_abort();
	return address;
}

static enum duo_node other(enum duo_node node)
{
	return node == DUO_A ? DUO_B : DUO_A;
}

void duo_secret(struct duo *duo, enum duo_node node, const char *secret)
{
	secret_free(duo->secret[node]);
	duo->secret[node] = secret_new(octets_of(secret, strlen(secret)));
	ck_assert_ptr_nonnull(duo->secret[node]);
	duo->peer[node].secret = duo->secret[node];
}

void duo_propose(struct duo *duo, enum duo_node node, const char *proposal)
{
	ck_assert(ike_proposal_parse(proposal, &duo->peer[node].proposal[0]));
	duo->peer[node].proposals = 1;
}

static struct ike_selector subnet(uint8_t second)
{
	struct ike_selector selector = {
	    .prefix = {.address = {.octets = {10, second}, .family = IKE_FAMILY_IPV4}, .bits = 16},
	};

	return selector;
}

static size_t parse_proposals(const char *text, struct ike_ipsec_proposal *proposals)
{
	char word[64];
	size_t count = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		ck_assert_uint_lt(length, sizeof(word));
		ck_assert_uint_lt(count, IKE_IPSEC_PROPOSALS_MAX);
		memcpy(word, text, length);
		word[length] = '\0';
		ck_assert(ike_ipsec_proposal_parse(word, &proposals[count++]));
		text += length;
		text += strspn(text, " ");
	}
	return count;
}

size_t duo_tunnel(struct duo *duo, const char *proposals)
{
	size_t index = duo->peer[DUO_A].tunnels;

	ck_assert_uint_lt(index, IKE_TUNNELS_MAX);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct ike_tunnel_settings *tunnel = &duo->peer[node].tunnel[index];

		duo->peer[node].tunnels = index + 1;
		duo->settings[node].ipsec_store = true;
		tunnel->name = "net";
		tunnel->local = subnet(node == DUO_A ? 1 : 2);
		tunnel->remote = subnet(node == DUO_A ? 2 : 1);
		tunnel->wait = node == DUO_B;
		tunnel->lifetime = 3600;
		tunnel->proposals = parse_proposals(proposals, tunnel->proposal);
	}
	return index;
}

size_t duo_pairs(const struct duo *duo, enum duo_node node, struct ike_ipsec_sa *sa)
{
	struct ike_ipsec_sa one;
	uint32_t cursor = 0;
	size_t count = 0;

	while (ike_next_ipsec_sa(duo->core[node], &cursor, &one)) {
		if (one.superseded)
			continue;
		*sa = one;
		count++;
	}
	return count;
}

static bool find_pair(const struct duo *duo, enum duo_node node, uint32_t spi_in,
		      struct ike_ipsec_sa *sa)
{
	uint32_t cursor = 0;

	while (ike_next_ipsec_sa(duo->core[node], &cursor, sa))
		if (sa->spi_in == spi_in)
			return true;
	return false;
}

static void assert_same(const struct ike_ipsec_sa *a, const struct ike_ipsec_sa *b)
{
	size_t length = a->encryption_key_length + a->authentication_key_length;

	ck_assert_uint_eq(a->spi_in, b->spi_out);
	ck_assert_uint_eq(length, b->encryption_key_length + b->authentication_key_length);
	ck_assert_uint_gt(length, 0);
	ck_assert_mem_eq(a->keymat_in, b->keymat_out, length);
	ck_assert_mem_eq(a->keymat_out, b->keymat_in, length);
	ck_assert_mem_ne(a->keymat_in, a->keymat_out, length);
	ck_assert_mem_eq(&a->inside_local, &b->inside_remote, sizeof(a->inside_local));
	ck_assert_mem_eq(&a->inside_remote, &b->inside_local, sizeof(a->inside_local));
	ck_assert_mem_eq(&a->proposal, &b->proposal, sizeof(a->proposal));
	ck_assert_int_eq(a->transport, b->transport);
	ck_assert_int_ne(a->initiator, b->initiator);
}

void duo_assert_pairs(const struct duo *duo, size_t count)
{
	struct ike_ipsec_sa a, b;
	uint32_t cursor = 0;

	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &a), count);
	ck_assert_uint_eq(duo_pairs(duo, DUO_B, &b), count);
	while (ike_next_ipsec_sa(duo->core[DUO_A], &cursor, &a)) {
		if (a.superseded)
			continue;
		ck_assert(find_pair(duo, DUO_B, a.spi_out, &b));
		assert_same(&a, &b);
	}
}

static void set_up_node(struct duo *duo, enum duo_node node)
{
	struct ike_settings *settings = &duo->settings[node];
	struct ike_peer_settings *peer = &duo->peer[node];
	struct keepalive_settings keepalive;
	char text[200];

	ike_limits_default(&settings->limits);
	ck_assert(ike_identity_from_text(identity_text[node], &settings->identity));
	settings->peer = peer;
	settings->peers = 1;
	settings->extension = keepalive_extension();
	settings->say_invalid_cookie = true;
	settings->plain_twins = true;
	settings->export_keys = true;
	peer->name = node == DUO_A ? "b" : "a";
	peer->gateway[0] = address_of(other(node));
	peer->gateways = 1;
	peer->lifetime = 28800;
	peer->obey_initial_contact = true;
	peer->extension_settings = &duo->keepalive[node];
	duo_secret(duo, node, "a secret that both of them know");
	duo_propose(duo, node, "aes128-sha1-x25519");
	keepalive_settings_default(&keepalive);
	ck_assert_int_eq(keepalive_plan(&keepalive, &duo->keepalive[node].plan, text, sizeof(text)),
			 KEEPALIVE_PLAN_OK);
	recovery_settings_default(&duo->keepalive[node].recovery);
}

struct duo *duo_new(uint8_t seed)
{
	struct duo *duo = calloc(1, sizeof(*duo));

	ck_assert_ptr_nonnull(duo);
	duo->seed = seed;
	duo->now = IKE_SECOND;
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		set_up_node(duo, node);
	return duo;
}

static void make_core(struct duo *duo, enum duo_node node)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {0};
	struct random_source random;

	seed[0] = duo->seed++;
	seed[1] = (uint8_t)node;
	random_seeded(&random, seed);
	duo->core[node] = ike_core_new(&duo->settings[node], &random, duo->now);
	ck_assert_ptr_nonnull(duo->core[node]);
}

void duo_start(struct duo *duo)
{
	make_core(duo, DUO_A);
	make_core(duo, DUO_B);
}

void duo_free(struct duo *duo)
{
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		ike_core_free(duo->core[node]);
		secret_free(duo->secret[node]);
	}
	free(duo);
}

void duo_collect_events(struct duo *duo, enum duo_node node)
{
	for (;;) {
		if (duo->events[node] >= DUO_EVENTS)
			ck_abort_msg("more than %d events", DUO_EVENTS);
		if (ike_events(duo->core[node], &duo->event[node][duo->events[node]], 1) == 0)
			return;
		duo->events[node]++;
	}
}

/* A node has one address, but may call from any port of it. */
static bool is_for_the_other(enum duo_node from, const struct ike_address *remote)
{
	struct ike_address there = address_of(other(from));

	return ike_address_same_host(&there, remote);
}

static void collect_output(struct duo *duo, enum duo_node from)
{
	for (;;) {
		struct duo_datagram *slot = &duo->datagram[duo->datagrams];
		struct ike_datagram out = {
		    .data = slot->data,
		    .room = sizeof(slot->data),
		    .plain = slot->plain,
		};

		if (duo->datagrams >= DUO_DATAGRAMS)
			ck_abort_msg("more than %d datagrams", DUO_DATAGRAMS);
		if (ike_output(duo->core[from], duo->now, &out, 1) == 0)
			return;
		if (!is_for_the_other(from, &out.remote)) {
			if (duo->stray != NULL)
				duo->stray(duo, from, &out);
			continue;
		}
		slot->to = other(from);
		slot->at = duo->now + DUO_DELAY;
		slot->length = out.length;
		slot->plain_length = out.plain_length;
		slot->gone = false;
		duo->datagrams++;
		duo->sent[from]++;
		duo->sent_octets[from] += out.length;
		if (duo->deliver != NULL && !duo->deliver(duo, slot))
			slot->gone = true;
	}
}

enum ike_verdict duo_inject(struct duo *duo, enum duo_node to, const uint8_t *data, size_t length)
{
	uint8_t copy[IKE_DATAGRAM_MAX + 64], plain[IKE_DATAGRAM_MAX + 64];
	struct ike_datagram in = {
	    .remote = address_of(other(to)),
	    .local = address_of(to),
	    .data = copy,
	    .length = length,
	    .room = sizeof(copy),
	    .plain = plain,
	};

	if (length > sizeof(copy))
		ck_abort_msg("a datagram of %zu octets", length);
	memcpy(copy, data, length);
	return ike_input(duo->core[to], duo->now, &in);
}

static void run_node(struct duo *duo, enum duo_node node)
{
	while (ike_tick(duo->core[node], duo->now, 16) == 16)
		collect_output(duo, node);
	collect_output(duo, node);
	duo_collect_events(duo, node);
}

static ike_time next_time(const struct duo *duo)
{
	ike_time next = IKE_NEVER;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		if (ike_deadline(duo->core[node]) < next)
			next = ike_deadline(duo->core[node]);
	for (size_t i = 0; i < duo->datagrams; i++)
		if (!duo->datagram[i].gone && duo->datagram[i].at < next)
			next = duo->datagram[i].at;
	return next;
}

void duo_run(struct duo *duo, ike_time duration)
{
	ike_time end = duo->now + duration;

	for (;;) {
		ike_time next;

		run_node(duo, DUO_A);
		run_node(duo, DUO_B);
		next = next_time(duo);
		if (next > end)
			break;
		if (next > duo->now)
			duo->now = next;
		for (size_t i = 0; i < duo->datagrams; i++) {
			struct duo_datagram *datagram = &duo->datagram[i];

			if (datagram->gone || datagram->at > duo->now)
				continue;
			datagram->gone = true;
			(void)duo_inject(duo, datagram->to, datagram->data, datagram->length);
		}
	}
	duo->now = end;
}

void duo_connect(struct duo *duo, enum duo_node from)
{
	struct ike_command command = {.kind = IKE_COMMAND_START, .peer = 0};

	ck_assert(ike_command(duo->core[from], duo->now, &command));
}

void duo_reboot(struct duo *duo, enum duo_node node)
{
	ike_core_free(duo->core[node]);
	make_core(duo, node);
}

size_t duo_count(const struct duo *duo, enum duo_node node, enum ike_event_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < duo->events[node]; i++)
		count += duo->event[node][i].kind == kind;
	return count;
}

size_t duo_count_reports(const struct duo *duo, enum duo_node node,
			 enum ike_extension_report_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < duo->events[node]; i++)
		count += duo->event[node][i].kind == IKE_EVENT_REPORT &&
			 duo->event[node][i].report.kind == kind;
	return count;
}

const struct ike_event *duo_last(const struct duo *duo, enum duo_node node,
				 enum ike_event_kind kind)
{
	for (size_t i = duo->events[node]; i-- > 0;)
		if (duo->event[node][i].kind == kind)
			return &duo->event[node][i];
	return NULL;
}

const struct ike_event *duo_last_report(const struct duo *duo, enum duo_node node,
					enum ike_extension_report_kind kind)
{
	for (size_t i = duo->events[node]; i-- > 0;)
		if (duo->event[node][i].kind == IKE_EVENT_REPORT &&
		    duo->event[node][i].report.kind == kind)
			return &duo->event[node][i];
	return NULL;
}

uint32_t duo_established(const struct duo *duo, enum duo_node node)
{
	struct ike_status status;

	ike_status(duo->core[node], &status);
	return status.established;
}

size_t duo_in_use(const struct duo *duo, enum duo_node node, struct ike_sa_status *sa)
{
	struct ike_sa_status status;
	uint32_t cursor = 0;
	size_t count = 0;

	while (ike_next_sa(duo->core[node], &cursor, &status)) {
		if (status.superseded)
			continue;
		*sa = status;
		count++;
	}
	return count;
}

void duo_establish(struct duo *duo)
{
	duo_connect(duo, DUO_A);
	duo_run(duo, 3 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
}
