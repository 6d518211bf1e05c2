/* SPDX-License-Identifier: ISC */
#include "tests/support/siege.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ike/core.h"
#include "ike/header.h"

struct duo *siege_new(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	siege_begin(duo);
	return duo;
}

void siege_begin(struct duo *duo)
{
	duo_start(duo);
	duo_establish(duo);
	siege_forget(duo);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		duo->sent[node] = duo->sent_octets[node] = 0;
}

void siege_forget(struct duo *duo)
{
	size_t kept = 0;

	for (size_t i = 0; i < duo->datagrams; i++)
		if (!duo->datagram[i].gone)
			duo->datagram[kept++] = duo->datagram[i];
	duo->datagrams = kept;
	duo->events[DUO_A] = duo->events[DUO_B] = 0;
}

size_t siege_run(struct duo *duo, ike_time duration)
{
	ike_time end = duo->now + duration;
	size_t deaths = 0;

	while (duo->now < end) {
		ike_time left = end - duo->now;

		duo_run(duo, left < 10 * IKE_SECOND ? left : 10 * IKE_SECOND);
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
			deaths += duo_count_reports(duo, node, IKE_REPORT_DEAD);
		siege_forget(duo);
	}
	return deaths;
}

struct ike_address siege_address(uint32_t n)
{
	struct ike_address address = {.family = IKE_FAMILY_IPV4, .port = IKE_PORT};

	address.octets[0] = 10;
	address.octets[1] = (uint8_t)(n >> 16);
	address.octets[2] = (uint8_t)(n >> 8);
	address.octets[3] = (uint8_t)n;
	return address;
}

enum ike_verdict siege_send(struct duo *duo, enum duo_node to, const struct ike_address *from,
			    const uint8_t *data, size_t length)
{
	uint8_t copy[IKE_DATAGRAM_MAX + 64], plain[IKE_DATAGRAM_MAX + 64];
	/* alone in memory of just its length, where somebody looks for octets read too many */
	uint8_t *alone = SIEGE_SANITIZED ? malloc(length > 0 ? length : 1) : NULL;
	struct ike_datagram in = {
	    .remote = *from,
	    .local = duo->peer[to == DUO_A ? DUO_B : DUO_A].gateway[0],
	    .data = alone != NULL ? alone : copy,
	    .length = length,
	    .room = sizeof(plain),
	    .plain = plain,
	};
	enum ike_verdict verdict;

	/* not ck_assert, which allocates and is slow where a million of them are sent */
	if (length > sizeof(copy))
		ck_abort_msg("a datagram of %zu octets", length);
	memcpy(in.data, data, length);
	verdict = ike_input(duo->core[to], duo->now, &in);
	free(alone);
	return verdict;
}

uint64_t siege_verdicts(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	struct ike_status status;

	ike_status(duo->core[node], &status);
	return status.verdict[verdict];
}

/* ---- the digest ---------------------------------------------------------------------------------------------------- */

static void add(uint64_t *digest, const void *data, size_t length)
{
	static const uint8_t key[TABLE_HASH_KEY_LENGTH] = "siege";

	*digest = *digest * 0x100000001b3u ^ table_hash(key, octets_of(data, length));
}

/* The neighbours on the wheel are no part of a timer's state. */
static void leave_out_links(struct timer *timer)
{
	timer->next = NULL;
	timer->link = NULL;
}

static void leave_out_repeats_of_sa(struct ike_sa *sa, struct ike_sa_seldom *seldom)
{
	struct keepalive_peer *keepalive = (struct keepalive_peer *)(void *)sa->extension;

	memset(sa->recent_id, 0, sizeof(sa->recent_id));
	sa->recent = 0;
	sa->message_ids_used = 0; /* an answer takes one */
	if (seldom->other_ids >= IKE_OTHER_IDS) {
		/* from there on such messages are no sign of life (informational.c) */
		memset(seldom->other_id, 0, sizeof(seldom->other_id));
		seldom->other_next = 0; /* other_ids counts no further */
	}
	keepalive->received.answered_at = 0;
	keepalive->received.repeats = 0;
}

static void leave_out_refusals(struct ike_handshake *handshake)
{
	handshake->refused = 0;
	handshake->last_refusal = IKE_ACCEPTED;
	handshake->peer_said = 0;
}

static void leave_out_repeats_of_handshake(struct ike_handshake *handshake)
{
	if (!handshake->sa->initiator || handshake->over)
		handshake->resends = 0;
}

static void add_sa(uint64_t *digest, const struct ike_core *core, const struct ike_sa *sa,
		   enum siege_scope scope)
{
	struct ike_handshake handshake;
	struct ike_sa_seldom seldom;
	struct ike_sa copy;

	/* not by assignment, which need not copy the padding that is hashed with the rest */
	memcpy(&copy, sa, sizeof(copy));
	memcpy(&seldom, sa_table_seldom(core->sas, sa), sizeof(seldom));
	leave_out_links(&copy.timer);
	copy.seldom = false; /* what is there is looked at, not that there was something once */
	if (scope == SIEGE_WHAT_MATTERS)
		leave_out_repeats_of_sa(&copy, &seldom);
	add(digest, &copy, sizeof(copy));
	add(digest, &seldom, sizeof(seldom));
	if (sa->keys != NULL)
		add(digest, sa->keys, sa_keys(sa).length);
	if (sa->handshake == NULL)
		return;
	memcpy(&handshake, sa->handshake, sizeof(handshake));
	handshake.next_work = NULL;
	if (scope != SIEGE_EVERYTHING)
		leave_out_refusals(&handshake);
	if (scope == SIEGE_WHAT_MATTERS)
		leave_out_repeats_of_handshake(&handshake);
	add(digest, &handshake, sizeof(handshake));
}

static void add_outputs(uint64_t *digest, const struct ike_core *core)
{
	add(digest, &core->outputs, sizeof(core->outputs));
	for (uint32_t i = 0; i < core->outputs; i++) {
		const struct output_entry *entry =
		    &core->output[(core->output_first + i) % core->settings->limits.outputs];

		add(digest, &entry->remote, sizeof(entry->remote));
		add(digest, &entry->handshake, sizeof(entry->handshake));
		if (entry->handshake == NULL)
			add(digest, entry->data, entry->length);
	}
}

static void add_peers(uint64_t *digest, const struct ike_core *core)
{
	for (size_t i = 0; i < core->settings->peers; i++) {
		struct ike_peer peer;

		memcpy(&peer, &core->peer[i], sizeof(peer));
		leave_out_links(&peer.timer);
		add(digest, &peer, sizeof(peer));
	}
}

static bool is_somebodys_call(const struct ike_sa *sa)
{
	return sa->state == IKE_SA_NEGOTIATING && !sa->initiator;
}

uint64_t siege_digest(const struct duo *duo, enum duo_node node, enum siege_scope scope)
{
	const struct ike_core *core = duo->core[node];
	uint32_t cursor = 0;
	uint64_t digest = 1;
	struct ike_sa *sa;

	while ((sa = sa_table_next(core->sas, &cursor)) != NULL)
		if (scope != SIEGE_WHAT_MATTERS || !is_somebodys_call(sa))
			add_sa(&digest, core, sa, scope);
	add_peers(&digest, core);
	add(&digest, &core->established, sizeof(core->established));
	if (scope != SIEGE_WHAT_MATTERS) {
		add(&digest, &core->handshakes, sizeof(core->handshakes));
		add_outputs(&digest, core);
	}
	return digest;
}

void siege_look(const struct duo *duo, enum duo_node node, struct siege_snapshot *snapshot)
{
	const struct ike_core *core = duo->core[node];
	uint32_t cursor = 0;
	struct ike_sa *sa;

	*snapshot = (struct siege_snapshot){0};
	while ((sa = sa_table_next(core->sas, &cursor)) != NULL) {
		size_t at = snapshot->sas++;

		if (at == SIEGE_SNAPSHOT_SAS)
			ck_abort_msg("more than %d SAs", SIEGE_SNAPSHOT_SAS);
		memcpy(snapshot->sa[at].cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
		memcpy(snapshot->sa[at].cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
		add_sa(&snapshot->sa[at].digest, core, sa, SIEGE_WHAT_MATTERS);
	}
	add_peers(&snapshot->peers, core);
}

bool siege_is_as_it_was(const struct duo *duo, enum duo_node node,
			const struct siege_snapshot *snapshot)
{
	const struct ike_core *core = duo->core[node];
	uint32_t cursor = 0;
	uint64_t peers = 0;
	struct ike_sa *sa;
	size_t found = 0;

	while ((sa = sa_table_next(core->sas, &cursor)) != NULL) {
		uint64_t digest = 0;
		size_t i = 0;

		while (i < snapshot->sas &&
		       (memcmp(snapshot->sa[i].cky_i, sa->cky_i, IKE_COOKIE_LENGTH) != 0 ||
			memcmp(snapshot->sa[i].cky_r, sa->cky_r, IKE_COOKIE_LENGTH) != 0))
			i++;
		add_sa(&digest, core, sa, SIEGE_WHAT_MATTERS);
		if (i < snapshot->sas && digest != snapshot->sa[i].digest)
			return false;
		if (i == snapshot->sas && !is_somebodys_call(sa))
			return false;
		found += i < snapshot->sas;
	}
	add_peers(&peers, core);
	return found == snapshot->sas && peers == snapshot->peers;
}

size_t siege_drain(struct duo *duo, enum duo_node node)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};
	size_t octets = 0;

	while (ike_output(duo->core[node], duo->now, &out, 1) == 1)
		octets += out.length;
	return octets;
}

/* ---- holding a message back ---------------------------------------------------------------------------------------- */

static bool is_held(const struct siege_held *held, const struct duo_datagram *datagram)
{
	static const uint8_t first[] = {
	    [IKE_MM2] = IKE_PAYLOAD_SA,   [IKE_MM3] = IKE_PAYLOAD_KE, [IKE_MM4] = IKE_PAYLOAD_KE,
	    [IKE_MM5] = IKE_PAYLOAD_ID,   [IKE_MM6] = IKE_PAYLOAD_ID, [IKE_AM2] = IKE_PAYLOAD_SA,
	    [IKE_AM3] = IKE_PAYLOAD_HASH,
	};
	bool from_initiator =
	    held->kind == IKE_MM3 || held->kind == IKE_MM5 || held->kind == IKE_AM3;
	uint8_t exchange = held->kind >= IKE_AM1 ? IKE_EXCHANGE_AGGRESSIVE : IKE_EXCHANGE_MAIN_MODE;

	return datagram->data[18] == exchange &&
	       datagram->data[IKE_HEADER_NEXT_PAYLOAD_AT] == first[held->kind] &&
	       datagram->to == (from_initiator ? DUO_B : DUO_A);
}

static bool hold_back(struct duo *duo, struct duo_datagram *datagram)
{
	struct siege_held *held = duo->context;

	if (!is_held(held, datagram))
		return true;
	if (held->length == 0) {
		held->length = datagram->length;
		held->plain_length = datagram->plain_length;
		memcpy(held->data, datagram->data, datagram->length);
		memcpy(held->plain, datagram->plain, datagram->plain_length);
	}
	return false;
}

void siege_hold(struct duo *duo, enum ike_message_kind kind, struct siege_held *held)
{
	held->kind = kind;
	held->length = held->plain_length = 0;
	duo->deliver = hold_back;
	duo->context = held;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	for (int i = 0; i < 300 && held->length == 0; i++)
		duo_run(duo, 10 * IKE_MILLISECOND);
	ck_assert_uint_gt(held->length, 0);
	duo_run(duo, 0);
}

void siege_forgive(struct duo *duo, enum duo_node node)
{
	uint32_t cursor = 0;
	struct ike_sa *sa;

	while ((sa = sa_table_next(duo->core[node]->sas, &cursor)) != NULL)
		if (sa->handshake != NULL)
			sa->handshake->refused = 0;
}
