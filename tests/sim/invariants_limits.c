/* SPDX-License-Identifier: ISC */
/*
 * invariants_limits.c - how much, how often, how long.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "tests/sim/invariants.h"

#define WINDOW (10 * IKE_SECOND) /* over which timers are counted */
#define HALF_OPEN_MOST                                                                             \
	(150 * IKE_SECOND) /* three messages, five tries each: 3 x 38.75 s, and some lateness */
#define ANSWERS_MOST                                                                               \
	(6 + 4 * SIM_TUNNELS) /* to one datagram; the Deletes of all pairs are the most */
#define SIGNED_ANSWER 3200u   /* octets of AM2 with the nodes' certificates, fragments and all */
#define GRACE         (10 * IKE_SECOND) /* a superseded SA has no longer */
#define LATE_MOST     (100 * IKE_MILLISECOND)

/* ---- amplification ------------------------------------------------------------------------------------------------- */

static struct exchanged *with(struct sim *sim, struct node *node, const struct ike_address *remote)
{
	struct exchanged *found;

	if (node->exchanged == NULL)
		node->exchanged = calloc(SIM_ADDRESSES, sizeof(*node->exchanged));
	for (unsigned i = 0; i < node->addresses; i++)
		if (ike_address_equal(&node->exchanged[i].remote, remote))
			return &node->exchanged[i];
	if (node->addresses == SIM_ADDRESSES) {
		/* the oldest but those that have shown themselves; floods come from anywhere */
		for (unsigned i = 0; i < node->addresses; i++)
			if (!node->exchanged[i].shown && node->exchanged[i].out == 0) {
				node->exchanged[i] = (struct exchanged){.remote = *remote};
				return &node->exchanged[i];
			}
		sim_fail(sim, "the simulator is large enough", node, "too many addresses");
		return &node->exchanged[0];
	}
	found = &node->exchanged[node->addresses++];
	*found = (struct exchanged){.remote = *remote};
	return found;
}

/*
 * Aggressive Mode with signatures answers a stranger with certificates (RFC 2409 section 5.1): each first message with one, and
 * that is the only thing which may be larger than what it answers.
 */
static bool signs_at_once(const struct node *node)
{
	for (size_t i = 0; i < node->plan->settings.peers; i++)
		if (node->plan->peer[i].aggressive && node->plan->peer[i].credentials != NULL)
			return true;
	return false;
}

void invariant_octets_in(struct sim *sim, struct node *node, const struct flight *flight)
{
	struct exchanged *exchanged = with(sim, node, &flight->from);

	exchanged->in += flight->length;
	if (signs_at_once(node) && flight->length > IKE_HEADER_LENGTH &&
	    flight->data[18] == IKE_EXCHANGE_AGGRESSIVE &&
	    ike_cookie_is_zero(flight->data + IKE_COOKIE_LENGTH))
		exchanged->in += SIGNED_ANSWER;
}

/* An answer of IKE's has a UDP header, or a marker, that the packet had not (RFC 3948 section 2.2). */
void invariant_octets_of_packet(struct sim *sim, struct node *node, const struct flight *flight)
{
	struct ike_address from = flight->from;
	size_t more = flight->encapsulated ? 4 : 8;

	if (!flight->encapsulated)
		from.port = IKE_PORT;
	if (flight->length > more)
		with(sim, node, &from)->in += flight->length - more;
}

/* The SA's own, or that of an initiator: who calls a configured gateway may send what a call takes. */
static bool is_own_call(const struct node *node, const struct ike_datagram *out)
{
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *sa = &node->view.sa[i];

		if (sa->initiator && memcmp(sa->cky_i, out->data, IKE_COOKIE_LENGTH) == 0)
			return true;
	}
	return false;
}

/*
 * A responder's SA that is past MM3, or up: its remote address has sent back a cookie that was sent there.  In Aggressive Mode
 * there are keys before that.
 */
static bool has_shown_itself(const struct node *node, const struct ike_address *remote)
{
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *sa = &node->view.sa[i];

		if (!ike_address_equal(&sa->remote, remote))
			continue;
		if (sa->state == IKE_SA_ESTABLISHED ||
		    (sa->keyed && !(sa->aggressive && !sa->initiator)) ||
		    (!sa->initiator && !sa->aggressive && sa->negotiates && sa->expects != IKE_MM3))
			return true;
	}
	return false;
}

/*
 * An address that has not shown that it reads what is sent to it never gets more octets than it sent.  A node's own calls to its
 * gateways are exempt; they are bounded by their tries.
 */
void invariant_octets_out(struct sim *sim, struct node *node, const struct ike_datagram *out)
{
	struct exchanged *exchanged = with(sim, node, &out->remote);

	exchanged->shown |= has_shown_itself(node, &out->remote);
	if (exchanged->shown || is_own_call(node, out))
		return;
	/* a NAT keepalive has no header; only an SA sends one */
	if (out->length < IKE_HEADER_LENGTH)
		return;
	/* a protected message, of an SA that has gone since: there was one with this address */
	if ((out->data[19] & IKE_FLAG_ENCRYPTION) != 0)
		return;
	/* an own call that was given up while its message waited in a full socket */
	if (nat_destination(sim, &out->remote).node != SIM_NODES && exchanged->in == 0 &&
	    out->data[18] == IKE_EXCHANGE_MAIN_MODE && !node->socket_full &&
	    ike_cookie_is_zero(out->data + IKE_COOKIE_LENGTH))
		return;
	exchanged->out += out->length;
	if (exchanged->out > exchanged->in)
		sim_fail(sim, "octets out never exceed octets in", node,
			 "%llu out, %llu in, to an address that has shown nothing",
			 (unsigned long long)exchanged->out, (unsigned long long)exchanged->in);
}

/* With signatures or in Aggressive Mode a tick makes a responder's message; it never repeats one. */
static bool was_sent_by_tick(struct node *node, const struct ike_handshake *handshake)
{
	struct sent_by_tick sent = {handshake, handshake->generation, handshake->message};

	for (size_t i = 0; i < SIM_SENT_BY_TICK; i++)
		if (node->sent_by_tick[i].handshake == sent.handshake &&
		    node->sent_by_tick[i].generation == sent.generation &&
		    node->sent_by_tick[i].message == sent.message)
			return true;
	node->sent_by_tick[node->sents_by_tick++ % SIM_SENT_BY_TICK] = sent;
	return false;
}

/*
 * A responder that still waits for MM3 sends nothing by timer (CVE-2016-5361), and none repeats by timer what it has answered.
 */
void invariant_responders_wait(struct sim *sim, struct node *node, uint32_t outputs_before)
{
	const struct ike_core *core = node->core;
	uint32_t room = core->settings->limits.outputs;

	for (uint32_t i = outputs_before; i < core->outputs; i++) {
		const struct output_entry *entry = &core->output[(core->output_first + i) % room];
		const struct ike_handshake *handshake = entry->handshake;

		if (handshake == NULL || handshake->generation != entry->generation)
			continue;
		if (!handshake->sa->initiator && handshake->expects == IKE_MM3)
			sim_fail(sim, "no responder sends by timer before MM3", node,
				 "MM2 was sent by a tick");
		if (!handshake->sa->initiator && was_sent_by_tick(node, handshake))
			sim_fail(sim, "no responder sends by timer before MM3", node,
				 "the same message was sent by two ticks");
	}
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

/* A tick that does nothing leaves no deadline behind that has passed. */
void invariant_timers_move_on(struct sim *sim, struct node *node, size_t done, size_t budget)
{
	if (done > budget)
		sim_fail(sim, "a tick keeps to its budget", node, "%zu of %zu", done, budget);
	if (done == 0 && ike_deadline(node->core) <= node->core->now)
		sim_fail(sim, "there is no timer storm", node,
			 "a deadline has passed, and a tick does nothing about it");
}

/*
 * Timers serve their purpose and no more: in ten seconds of a node's time an SA asks at most every nine tenths of a retry,
 * and its deadline is looked at a few times besides; a negotiation has five tries a message; a peer's ladder a few steps.
 */
void invariant_no_storm(struct sim *sim, struct node *node, size_t done)
{
	uint64_t most = 40 + 10 * node->plan->settings.peers + 4 * node->window_inputs;
	ike_time now = node->core->now;

	node->window_work += done;
	node->window_ticks++;
	if (now - node->window_since >= WINDOW) {
		node->window_since = now;
		node->window_work = done;
		node->window_ticks = 1;
		node->window_inputs = 0;
		return;
	}
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct keepalive_plan *plan =
		    &node->plan->keepalive[node->view.sa[i].peer].plan;

		most += 20 + 2 * WINDOW / plan->retry;
	}
	if (node->window_work > most)
		sim_fail(sim, "there is no timer storm", node,
			 "%llu timers served in ten seconds, at most %llu are right",
			 (unsigned long long)node->window_work, (unsigned long long)most);
}

/* Whoever is behind a NAT and has nothing to say keeps his mapping open all the same (RFC 3948 section 4). */
void invariant_mappings_are_kept(struct sim *sim, struct node *node)
{
	const struct mapping *mapping = &node->nat.mapping[PORT_NAT_T];

	if (!sim->well || !node->nat.translates || mapping->seen_as.family == IKE_FAMILY_NONE ||
	    sim->now < mapping->lives_until)
		return;
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *sa = &node->view.sa[i];

		if (sa->state == IKE_SA_ESTABLISHED && sa->nat_here && !sa->superseded &&
		    node->core->now > sa->established_at + NAT_MEMORY)
			sim_fail(sim, "mappings are kept open", node, "nothing was sent for %.0f s",
				 (double)NAT_MEMORY / 1e6);
	}
}

/* Whatever comes in, only so much goes out: an SA that comes up, and what follows for each of its tunnels. */
void invariant_answers_are_few(struct sim *sim, struct node *node, const struct view *before)
{
	if (node->view.outputs > before->outputs + ANSWERS_MOST)
		sim_fail(sim, "a datagram is answered by few", node, "%u messages",
			 node->view.outputs - before->outputs);
}

/* ---- tables -------------------------------------------------------------------------------------------------------- */

static void nothing_outlives_its_time(struct sim *sim, struct node *node, const struct view_sa *sa)
{
	ike_time now = node->core->now;

	if (sa->state == IKE_SA_NEGOTIATING && now > sa->created_at + HALF_OPEN_MOST)
		sim_fail(sim, "nothing outlives its time", node, "half-open for %.1f s",
			 (double)(now - sa->created_at) / 1e6);
	if (sa->state != IKE_SA_ESTABLISHED)
		return;
	if (sa->superseded && sa->expires_at > now + GRACE)
		sim_fail(sim, "nothing outlives its time", node,
			 "superseded, and expires in %.1f s", (double)(sa->expires_at - now) / 1e6);
	if (sa->expires_at > sa->established_at + (ike_time)sa->lifetime * IKE_SECOND)
		sim_fail(sim, "nothing outlives its time", node, "longer than its lifetime");
}

/* Every SA's timer is armed, or work is queued for it: else nobody would ever look at it again. */
static bool is_attended(const struct ike_sa *sa)
{
	return sa->timer.link != NULL ||
	       (sa->handshake != NULL && sa->handshake->work != IKE_WORK_NONE);
}

static void slots_are_right(struct sim *sim, struct node *node)
{
	const struct ike_core *core = node->core;

	for (size_t i = 0; i < core->settings->peers; i++)
		for (size_t g = 0; g < core->peer[i].settings->gateways; g++) {
			const struct ike_sa *up = core->peer[i].up[g];
			const struct ike_sa *calling = core->peer[i].connecting[g];

			if (up != NULL && (up->state != IKE_SA_ESTABLISHED || up->superseded ||
					   up->peer != i || sa_gateway(up) != g))
				sim_fail(sim, "tables are sound", node,
					 "a gateway's SA in use is none");
			if (calling != NULL && (calling->state != IKE_SA_NEGOTIATING ||
						!calling->initiator || calling->peer != i))
				sim_fail(sim, "tables are sound", node, "a gateway's call is none");
		}
}

/* No table holds more than its limit, the counts are right, and nothing in them is forgotten. */
void invariant_tables_are_sound(struct sim *sim, struct node *node)
{
	const struct ike_core *core = node->core;
	const struct ike_limits *limits = &core->settings->limits;
	uint32_t cursor = 0, established = 0, handshakes = 0, seen = 0;
	const struct ike_sa *sa;

	while (seen < node->view.sas && (sa = sa_table_next(core->sas, &cursor)) != NULL) {
		nothing_outlives_its_time(sim, node, &node->view.sa[seen++]);
		established += sa->state == IKE_SA_ESTABLISHED;
		handshakes += sa->handshake != NULL;
		if (!is_attended(sa))
			sim_fail(sim, "tables are sound", node, "an SA that no timer looks at");
		if (sa->state == IKE_SA_NEGOTIATING && sa->handshake == NULL)
			sim_fail(sim, "tables are sound", node, "half-open without a handshake");
	}
	if (established != core->established || handshakes != core->handshakes)
		sim_fail(sim, "tables are sound", node,
			 "%u SAs and %u handshakes, counted %u and %u", established, handshakes,
			 core->established, core->handshakes);
	if (sa_table_count(core->sas) > limits->sas || core->handshakes > limits->handshakes ||
	    core->outputs > limits->outputs || core->events > limits->events ||
	    core->reassemblies.used > limits->reassemblies)
		sim_fail(sim, "tables are sound", node, "a limit is exceeded");
	slots_are_right(sim, node);
}

/* Closed by its user, and left alone for longer than anything waits, a node holds nothing. */
void invariant_everything_ends(struct sim *sim, struct node *node)
{
	const struct ike_core *core = node->core;

	if (sa_table_count(core->sas) != 0 || core->handshakes != 0 || core->established != 0 ||
	    core->outputs != 0 || core->first_work != NULL)
		sim_fail(sim, "nothing leaks", node, "%u SAs, %u handshakes, %u outputs are left",
			 sa_table_count(core->sas), core->handshakes, core->outputs);
	if (ipsec_table_count(core->pairs) != 0 || core->quick_modes != 0 ||
	    core->reassemblies.used != 0)
		sim_fail(sim, "nothing leaks", node,
			 "%u IPsec SAs, %u Quick Modes, %u reassemblies are left",
			 ipsec_table_count(core->pairs), core->quick_modes,
			 core->reassemblies.used);
	for (size_t i = 0; i < SOURCE_COUNTERS; i++)
		if (core->sources.count[i] != 0)
			sim_fail(sim, "nothing leaks", node, "a source still counts as half-open");
	if (ike_deadline(core) != IKE_NEVER)
		sim_fail(sim, "nothing leaks", node, "a timer is armed for nobody");
}
