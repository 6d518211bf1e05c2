/* SPDX-License-Identifier: ISC */
/*
 * core.c - the verbs, and the order in which a datagram is checked, cheap before dear:
 *
 *   1  length and header sanity		header.c
 *   2  cookie lookup				sa_table.c
 *   -  a fragment is put aside; the message that it completes goes on from here	fragment.c
 *   3  address, exchange allowed in this state	here, and each exchange's first lines
 *   4  limits: half-open per source, in all	handshake.c
 *   5  decryption				protect.c
 *   6  payload rules				payload.c, exchange.c
 *   7  HASH					skeyid.c, protect.c
 *   8  numbers					the extension's
 *
 * Validation has no side effects: everything up to 8 can be undone by forgetting it.  Diffie-Hellman and signing are
 * done by ike_tick.
 */
#include "ike/nat_traversal.h"

#include <assert.h>
#include <string.h>

#include "ike/address.h"
#include "ike/unknown_spi.h"

static void set_clock(struct ike_core *core, ike_time now)
{
	if (now < core->now)
		core->counter[IKE_COUNT_CLOCK_BACKWARDS]++;
	else
		core->now = now;
}

/* ---- ike_input ----------------------------------------------------------------------------------------------------- */

static struct ike_sa *find_sa(const struct ike_core *core, const struct ike_header *header)
{
	static const uint8_t zero[IKE_COOKIE_LENGTH];
	struct ike_sa *sa = sa_table_find(core->sas, header->cky_i, header->cky_r);

	/* an initiator's SA is filed under a zero responder cookie until MM2 */
	return sa != NULL ? sa : sa_table_find(core->sas, header->cky_i, zero);
}

static enum ike_verdict dispatch(struct ike_core *core, struct inbound *in)
{
	switch (in->header.exchange) {
	case IKE_EXCHANGE_MAIN_MODE:
		return main_mode_input(core, in);
	case IKE_EXCHANGE_AGGRESSIVE:
		return aggressive_mode_input(core, in);
	case IKE_EXCHANGE_TRANSACTION:
		/* XAUTH and Mode-Config under an SA: whoever asks hears nothing, and the SA stays */
		if (in->sa != NULL)
			return IKE_TRANSACTION_IGNORED;
		return ike_cookie_is_zero(in->header.cky_r) ? IKE_BAD_EXCHANGE_TYPE
							    : IKE_UNKNOWN_COOKIES;
	case IKE_EXCHANGE_INFORMATIONAL:
		return informational_input(core, in);
	case IKE_EXCHANGE_QUICK_MODE:
		return quick_mode_input(core, in);
	default:
		return in->sa == NULL && !ike_cookie_is_zero(in->header.cky_r)
			   ? IKE_UNKNOWN_COOKIES
			   : IKE_BAD_EXCHANGE_TYPE;
	}
}

static enum ike_verdict check_address(const struct ike_core *core, struct inbound *in)
{
	if (in->sa == NULL || ike_address_equal(&in->sa->remote, &in->datagram->remote) ||
	    nat_t_may_come_from_elsewhere(core, in))
		return IKE_ACCEPTED;
	in->sa = NULL;
	return IKE_OTHER_ADDRESS;
}

static enum ike_verdict judge(struct ike_core *core, struct inbound *in)
{
	enum ike_verdict verdict = ike_header_parse(in->octets, &in->header);
	bool whole = true;

	if (verdict != IKE_ACCEPTED)
		return verdict;
	in->sa = find_sa(core, &in->header);
	verdict = check_address(core, in);
	if (verdict == IKE_ACCEPTED && in->header.next_payload == IKE_PAYLOAD_FRAGMENT) {
		verdict = fragment_input(core, in, &whole);
		/* around a fragment there may be another exchange than in it */
		if (verdict == IKE_ACCEPTED && whole)
			verdict = check_address(core, in);
	}
	if (verdict != IKE_ACCEPTED || !whole)
		return verdict;
	return dispatch(core, in);
}

enum ike_verdict ike_input(struct ike_core *core, ike_time now, struct ike_datagram *datagram)
{
	struct inbound in = {
	    .datagram = datagram,
	    .octets = octets_of(datagram->data, datagram->length),
	};
	enum ike_verdict verdict;

	set_clock(core, now);
	core->counter[IKE_COUNT_DATAGRAMS_IN]++;
	core->counter[IKE_COUNT_OCTETS_IN] += datagram->length;
	datagram->plain_length = 0;
	verdict = judge(core, &in);
	if (verdict == IKE_ACCEPTED) {
		core->verdict[IKE_ACCEPTED]++;
		return verdict;
	}
	(void)tell_refusal(core, &in, verdict);
	send_verdict(core, &in, verdict);
	return verdict;
}

void ike_foresee(const struct ike_core *core, const struct ike_datagram *datagrams, size_t count)
{
	const uint8_t *cookies[SA_TABLE_FORESEEN];
	size_t found = 0;

	for (size_t i = 0; i < count && found < SA_TABLE_FORESEEN; i++)
		if (datagrams[i].length >= IKE_HEADER_LENGTH)
			cookies[found++] = datagrams[i].data;
	sa_table_foresee(core->sas, cookies, found);
}

/* ---- ike_command --------------------------------------------------------------------------------------------------- */

static bool each_sa_of_peer(struct ike_core *core, uint32_t peer,
			    enum ike_extension_sa_happening happening)
{
	uint32_t cursor = 0;
	struct ike_sa *sa;
	bool any = false;

	while ((sa = sa_table_next(core->sas, &cursor)) != NULL) {
		if (sa->peer != peer || sa->state != IKE_SA_ESTABLISHED || sa->superseded)
			continue;
		host_sa_happening(core, sa, happening);
		any = true;
	}
	return any;
}

static bool command_to_peer(struct ike_core *core, const struct ike_command *command)
{
	if (command->peer >= core->settings->peers)
		return false;
	switch (command->kind) {
	case IKE_COMMAND_START:
		if (core->peer[command->peer].settings->gateways == 0)
			return false;
		host_peer_happening(core, command->peer, 0, IKE_EXTENSION_PEER_START);
		return true;
	case IKE_COMMAND_CLOSE:
		return close_peer(core, command->peer);
	case IKE_COMMAND_ASK_NOW:
		return each_sa_of_peer(core, command->peer, IKE_EXTENSION_ASK_NOW);
	case IKE_COMMAND_TRAFFIC:
		return each_sa_of_peer(core, command->peer, IKE_EXTENSION_TRAFFIC);
	case IKE_COMMAND_REPLACE_GATEWAY:
		if (command->gateway >= core->peer[command->peer].settings->gateways)
			return false;
		core->peer[command->peer].gateway[command->gateway] = command->address;
		peer_index_move(core->peer_index, command->peer, command->gateway,
				&command->address);
		return true;
	case IKE_COMMAND_TUNNEL:
		return tunnel_command(core, command->peer, command->tunnel);
	case IKE_COMMAND_REMEMBER:
		return unknown_spi_remember(core, command->peer, &command->address);
	case IKE_COMMAND_IMPORT:
		return sa_import(core, command->peer, command->import);
	case IKE_COMMAND_YIELD:
		host_peer_happening(core, command->peer, 0, IKE_EXTENSION_PEER_YIELD);
		return true;
	default: /* no such command */
		return false;
	}
}

bool ike_command(struct ike_core *core, ike_time now, const struct ike_command *command)
{
	set_clock(core, now);
	switch (command->kind) {
	case IKE_COMMAND_CALENDAR:
		core->calendar = command->calendar;
		return true;
	case IKE_COMMAND_IPSEC_FAILED:
		return pair_store_failed(core, command->ipsec);
	case IKE_COMMAND_HEARD:
		return traffic_heard(core, command->ipsec, &command->address);
	case IKE_COMMAND_UNKNOWN_SPI:
		return unknown_spi_came(core, command);
	case IKE_COMMAND_TUNNEL_DEAD:
		return traffic_tunnel_dead(core, command->ipsec, command->never);
	case IKE_COMMAND_TRAFFIC:
		return command->ipsec != 0 ? traffic_leaves(core, command->ipsec)
					   : command_to_peer(core, command);
	case IKE_COMMAND_ASK_NOW:
		return command->ipsec != 0 ? traffic_asks(core, command->ipsec)
					   : command_to_peer(core, command);
	case IKE_COMMAND_TUNNEL:
		return command->ipsec != 0 ? traffic_used_up(core, command->ipsec)
					   : command_to_peer(core, command);
	case IKE_COMMAND_CLOSE_ALL:
		close_all_begin(core);
		return true;
	case IKE_COMMAND_CONTACT:
		return elsewhere_hear(core, command->contact, command->reply);
	default:
		return command_to_peer(core, command);
	}
}

/* ---- ike_tick, ike_deadline ---------------------------------------------------------------------------------------- */

static struct ike_sa *sa_of_timer(struct timer *timer)
{
	return (struct ike_sa *)(void *)((char *)timer - offsetof(struct ike_sa, timer));
}

static struct ike_pair *pair_of_timer(struct timer *timer)
{
	return (struct ike_pair *)(void *)((char *)timer - offsetof(struct ike_pair, timer));
}

static struct ike_tunnel *tunnel_of_timer(struct timer *timer)
{
	return (struct ike_tunnel *)(void *)((char *)timer - offsetof(struct ike_tunnel, timer));
}

static struct ike_peer *peer_of_timer(struct timer *timer)
{
	return (struct ike_peer *)(void *)((char *)timer - offsetof(struct ike_peer, timer));
}

/* Timers of Phase 2. */
static size_t tick_ipsec(struct ike_core *core, size_t budget)
{
	struct timer *timer;
	size_t done = 0;

	while (done < budget && (timer = timer_next_due(&core->quick_timers, core->now)) != NULL) {
		quick_mode_time(core, quick_mode_of_timer(timer));
		done++;
	}
	while (done < budget && (timer = timer_next_due(&core->ipsec_timers, core->now)) != NULL) {
		pair_time(core, pair_of_timer(timer));
		done++;
	}
	while (done < budget && (timer = timer_next_due(&core->tunnel_timers, core->now)) != NULL) {
		tunnel_time(core, tunnel_of_timer(timer));
		done++;
	}
	return done;
}

static bool has_work(const struct ike_core *core)
{
	return core->first_work != NULL || core->first_quick_work != NULL;
}

/* One piece of Diffie-Hellman: the two phases take turns where both want one. */
static void work(struct ike_core *core)
{
	bool quick =
	    core->first_quick_work != NULL && (core->first_work == NULL || core->quick_turn);

	core->quick_turn = !quick;
	if (quick)
		quick_mode_work(core, core->first_quick_work);
	else
		phase_1_work(core, core->first_work);
}

/* At most one piece of Diffie-Hellman, or one signature, a call, so that whoever calls can answer datagrams in between. */
size_t ike_tick(struct ike_core *core, ike_time now, size_t budget)
{
	struct timer *timer;
	size_t done = 0;

	set_clock(core, now);
	while (done < budget && (timer = timer_next_due(&core->peer_timers, core->now)) != NULL) {
		host_peer_happening(core, (uint32_t)(peer_of_timer(timer) - core->peer), 0,
				    IKE_EXTENSION_PEER_TIME);
		done++;
	}
	while (done < budget && (timer = timer_next_due(&core->sa_timers, core->now)) != NULL) {
		sa_time(core, sa_of_timer(timer));
		done++;
	}
	done += tick_ipsec(core, budget - done);
	done += close_all_tick(core, budget - done);
	if (done < budget && has_work(core)) {
		work(core);
		done++;
	}
	return done;
}

ike_time ike_deadline(const struct ike_core *core)
{
	const struct timer_wheel *const wheels[] = {&core->sa_timers, &core->peer_timers,
						    &core->quick_timers, &core->tunnel_timers,
						    &core->ipsec_timers};
	ike_time first = IKE_NEVER;

	if (has_work(core) || close_all_has_work(core))
		return core->now;
	for (size_t i = 0; i < sizeof(wheels) / sizeof(wheels[0]); i++) {
		ike_time deadline = timer_wheel_deadline(wheels[i]);

		if (deadline < first)
			first = deadline;
	}
	return first;
}
