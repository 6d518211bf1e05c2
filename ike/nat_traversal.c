/* SPDX-License-Identifier: ISC */
#include "ike/nat_traversal.h"

#include <string.h>

#include "ike/address.h"
#include "ike/unknown_spi.h"

/* ---- what is agreed ------------------------------------------------------------------------------------------------ */

#define VENDOR_ID_LENGTH 16

/* The MD5 of the text's name (RFC 3947 section 3.1). */
static const uint8_t vendor_ids[NAT_T_FORMS][VENDOR_ID_LENGTH] = {
    [NAT_T_RFC] = {0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e,
		   0x95, 0x45, 0x2f},
    [NAT_T_DRAFT_03] = {0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f, 0x2c, 0x17, 0x9d, 0x92,
			0x15, 0x52, 0x9d, 0x56},
    [NAT_T_DRAFT_02] = {0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8, 0x7c, 0xfd, 0xb2, 0xfc,
			0x68, 0xb6, 0xa4, 0x48},
    [NAT_T_DRAFT_02_NEWLINE] = {0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08, 0x63, 0x81,
				0xb5, 0xec, 0x42, 0x7b, 0x1f},
};

/* What an initiator offers: the RFC's, and of the drafts the one that everybody has. */
static const enum nat_t_form offered[] = {NAT_T_RFC, NAT_T_DRAFT_02_NEWLINE};

static bool is_on(const struct ike_core *core, const struct ike_sa *sa)
{
	return core->settings->nat_t_port != 0 && core->peer[sa->peer].settings->nat_traversal;
}

static enum nat_t_form form_of(struct octets vendor_id)
{
	for (enum nat_t_form form = NAT_T_RFC; form < NAT_T_FORMS; form++)
		if (vendor_id.length == VENDOR_ID_LENGTH &&
		    memcmp(vendor_id.data, vendor_ids[form], VENDOR_ID_LENGTH) == 0)
			return form;
	return NAT_T_NONE;
}

/* The best one that the message names.  An answer counts only to our first message, an offer only in the peer's. */
static enum nat_t_form form_in_message(const struct ike_core *core, const struct ike_sa *sa)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_VENDOR_ID);
	enum nat_t_form best = NAT_T_NONE;

	if (!is_on(core, sa) || sa->handshake->message != (sa->initiator ? 1 : 0))
		return NAT_T_NONE;
	for (; payload != NULL; payload = ike_payload_next(&core->message, payload)) {
		enum nat_t_form form = form_of(payload->body);

		if (form != NAT_T_NONE && (best == NAT_T_NONE || form < best))
			best = form;
	}
	return best;
}

static enum nat_t_form agreed(const struct ike_core *core, const struct ike_sa *sa)
{
	/* in AM2 the answer travels beside what follows from it */
	return sa->handshake->nat_t != NAT_T_NONE ? (enum nat_t_form)sa->handshake->nat_t
						  : form_in_message(core, sa);
}

void nat_t_note_vendor_ids(const struct ike_core *core, struct ike_sa *sa)
{
	enum nat_t_form form = agreed(core, sa);

	sa->handshake->nat_t = (uint8_t)form;
	sa->nat_t_draft = form > NAT_T_RFC;
}

struct octets nat_t_next_vendor_id(const struct ike_core *core, const struct ike_sa *sa,
				   unsigned *cursor)
{
	enum nat_t_form form = NAT_T_NONE;

	if (sa->handshake->message != 0 || !is_on(core, sa))
		return octets_of(NULL, 0);
	if (!sa->initiator && *cursor == 0)
		form = sa->handshake->nat_t;
	else if (sa->initiator && *cursor < sizeof(offered) / sizeof(offered[0]))
		form = offered[*cursor];
	(*cursor)++;
	return form == NAT_T_NONE ? octets_of(NULL, 0)
				  : octets_of(vendor_ids[form], VENDOR_ID_LENGTH);
}

void nat_t_give_up(struct ike_sa *sa)
{
	sa->handshake->nat_t = NAT_T_NONE;
	sa->nat_t_draft = false;
}

/* ---- what is found ------------------------------------------------------------------------------------------------- */

/* RFC 3947 section 3.2: HASH(CKY-I | CKY-R | IP | Port), with the negotiated hash. */
static struct octets hash_address(struct ike_core *core, const struct ike_sa *sa,
				  const uint8_t *cky_r, const struct ike_address *address,
				  uint8_t out[HASH_MAX_LENGTH])
{
	uint8_t port[2] = {(uint8_t)(address->port >> 8), (uint8_t)address->port};
	const struct octets parts[] = {
	    octets_of(sa->cky_i, IKE_COOKIE_LENGTH),
	    octets_of(cky_r, IKE_COOKIE_LENGTH),
	    octets_of(address->octets, address->family == IKE_FAMILY_IPV6 ? 16 : 4),
	    octets_of(port, sizeof(port)),
	};

	hash_octets(core->crypto, sa->hash, parts, sizeof(parts) / sizeof(parts[0]), out);
	return octets_of(out, hash_length(sa->hash));
}

static enum ike_payload_type payload_of(enum nat_t_form form)
{
	return form == NAT_T_RFC ? IKE_PAYLOAD_NAT_D : IKE_PAYLOAD_NAT_D_DRAFT;
}

/*
 * The first is of our address as the sender has it, each other one of an address of his: he may have several, and not know which
 * one his message will leave from.
 */
enum ike_verdict nat_t_find(struct ike_core *core, const struct inbound *in,
			    struct nat_t_finding *finding)
{
	const struct ike_sa *sa = in->sa;
	enum nat_t_form form = agreed(core, sa);
	const struct ike_payload *payload;
	uint8_t room_here[HASH_MAX_LENGTH], room_there[HASH_MAX_LENGTH];
	struct octets here, there;
	size_t count = 0;

	*finding = (struct nat_t_finding){.there = true};
	payload = form == NAT_T_NONE ? NULL : ike_payload_find(&core->message, payload_of(form));
	if (payload == NULL)
		return IKE_ACCEPTED;
	here = hash_address(core, sa, in->header.cky_r, &in->datagram->local, room_here);
	there = hash_address(core, sa, in->header.cky_r, &in->datagram->remote, room_there);
	for (; payload != NULL; payload = ike_payload_next(&core->message, payload)) {
		if (payload->body.length != here.length)
			return IKE_BAD_NAT_D;
		if (count++ == 0)
			finding->here = !octets_equal(payload->body, here);
		else if (octets_equal(payload->body, there))
			finding->there = false;
	}
	finding->said = true;
	return count < 2 ? IKE_BAD_NAT_D : IKE_ACCEPTED;
}

void nat_t_note_finding(const struct ike_core *core, struct ike_sa *sa,
			const struct nat_t_finding *finding)
{
	if (!finding->said)
		return;
	sa->nat_here = finding->here;
	sa->nat_there = finding->there;
	sa->encapsulated =
	    finding->here || finding->there || core->peer[sa->peer].settings->encapsulate;
}

void nat_t_write(struct ike_core *core, const struct ike_sa *sa, struct ike_chain *chain)
{
	enum nat_t_form form = (enum nat_t_form)sa->handshake->nat_t;
	uint8_t hash[HASH_MAX_LENGTH];
	struct octets octets;

	if (form == NAT_T_NONE)
		return;
	ike_payload_write(chain, payload_of(form),
			  hash_address(core, sa, sa->cky_r, &sa->remote, hash));
	octets = hash_address(core, sa, sa->cky_r, sa_local(core, sa), hash);
	/* no address has the inverse of its own hash, so the peer finds a NAT before us */
	for (size_t i = 0; core->peer[sa->peer].settings->encapsulate && i < octets.length; i++)
		hash[i] = (uint8_t)~hash[i];
	ike_payload_write(chain, payload_of(form), octets);
}

/* ---- where the peer is --------------------------------------------------------------------------------------------- */

/* RFC 3947 section 4.  Whoever is on the other port already, because he was called there, stays where he is. */
void nat_t_float(struct ike_core *core, struct ike_sa *sa)
{
	uint16_t port = core->settings->nat_t_port;
	struct ike_address local = *sa_local(core, sa);

	if (!sa->encapsulated || local.port == port)
		return;
	local.port = port;
	if (sa_set_local(
		core, sa,
		&local)) /* both ports, or none: behind the other one a marker is expected */
		sa->remote.port = port;
}

const struct ike_address *sa_local(const struct ike_core *core, const struct ike_sa *sa)
{
	return local_address(core->locals, sa->local);
}

bool sa_set_local(struct ike_core *core, struct ike_sa *sa, const struct ike_address *local)
{
	uint32_t number;

	if (ike_address_equal(local, local_address(core->locals, sa->local)))
		return true;
	number = local_address_hold(core->locals, local);
	if (number == 0 && local->family != IKE_FAMILY_NONE) {
		tell_overload(core, "limit sas: no room for another address of ours");
		return false;
	}
	local_address_release(core->locals, sa->local);
	sa->local = number;
	return true;
}

/* A handshake is counted for the address that it came from.  False: no room for our own; it has stayed where it was. */
static bool go_to(struct ike_core *core, struct ike_sa *sa, const struct ike_address *remote,
		  const struct ike_address *local)
{
	struct ike_handshake *handshake = sa->handshake;

	if (!sa_set_local(core, sa, local))
		return false;
	if (handshake != NULL && handshake->counted &&
	    !ike_address_same_host(&sa->remote, remote)) {
		source_counter_remove(&core->sources, &sa->remote);
		handshake->counted = source_counter_add(
		    &core->sources, remote, core->settings->limits.handshakes_per_source);
	}
	sa->remote = *remote;
	return true;
}

/* Some float with the port that they had: then only ours is another. */
void nat_t_arrive(struct ike_core *core, const struct inbound *in)
{
	const struct ike_datagram *datagram = in->datagram;

	if (!ike_address_equal(&in->sa->remote, &datagram->remote) ||
	    sa_local(core, in->sa)->port != datagram->local.port)
		(void)go_to(core, in->sa, &datagram->remote, &datagram->local);
}

/*
 * The last messages of Phase 1 prove who sent them.  Once NAT traversal is agreed the peer may send them from the other port, even
 * where we see no reason to; and where there is a NAT before him, from any address that it has.
 */
static bool may_float(const struct ike_sa *sa, const struct ike_address *remote)
{
	const struct ike_handshake *handshake = sa->handshake;

	if (handshake->nat_t == NAT_T_NONE ||
	    (handshake->expects != IKE_MM5 && handshake->expects != IKE_MM6 &&
	     handshake->expects != IKE_AM3))
		return false;
	/* whether there is a NAT before the initiator only AM3 says */
	return sa->nat_there || handshake->expects == IKE_AM3 ||
	       ike_address_same_host(&sa->remote, remote);
}

/*
 * Under an established SA only what is protected, and, while our last message is kept to be repeated, what may be the message that it
 * answers.
 */
static bool may_have_moved(const struct inbound *in)
{
	if (!in->sa->nat_there) /* R138 */
		return false;
	if (in->header.next_payload == IKE_PAYLOAD_FRAGMENT)
		return true; /* the message in it is looked at again */
	if (in->header.exchange == IKE_EXCHANGE_INFORMATIONAL ||
	    in->header.exchange == IKE_EXCHANGE_QUICK_MODE)
		return (in->header.flags & IKE_FLAG_ENCRYPTION) != 0;
	return in->sa->handshake != NULL && in->sa->handshake->over;
}

bool nat_t_may_come_from_elsewhere(const struct ike_core *core, const struct inbound *in)
{
	const struct ike_address *remote = &in->datagram->remote;

	if (core->settings->nat_t_port == 0 ||
	    in->datagram->local.port != core->settings->nat_t_port ||
	    in->datagram->local.family != remote->family)
		return false;
	if (in->sa->state == IKE_SA_ESTABLISHED)
		return may_have_moved(in);
	return in->sa->handshake != NULL && may_float(in->sa, remote);
}

static void visit_at(struct ike_core *core, struct ike_sa *sa, const struct ike_address *remote,
		     const struct ike_address *local, struct nat_t_visit *visit)
{
	visit->elsewhere = !ike_address_equal(&sa->remote, remote);
	if (!visit->elsewhere)
		return;
	visit->remote = sa->remote;
	visit->local = *sa_local(core, sa);
	visit->elsewhere = go_to(core, sa, remote, local);
}

void nat_t_visit_begin(struct ike_core *core, const struct inbound *in, struct nat_t_visit *visit)
{
	visit_at(core, in->sa, &in->datagram->remote, &in->datagram->local, visit);
}

/* R124: it stays there only if the message was fresh. */
void nat_t_visit_end(struct ike_core *core, struct ike_sa *sa, const struct nat_t_visit *visit,
		     bool fresh)
{
	if (!visit->elsewhere || sa->state != IKE_SA_ESTABLISHED)
		return;
	if (!fresh) {
		(void)go_to(core, sa, &visit->remote, &visit->local);
		return;
	}
	ipsec_addresses_changed(core, sa);
	unknown_spi_note_sa(core, sa);
	(void)ike_address_text(&visit->remote, tell_event_of_sa(core, IKE_EVENT_MOVED, sa)->text,
			       IKE_EVENT_TEXT);
}

void nat_t_follow(struct ike_core *core, const struct inbound *in)
{
	struct nat_t_visit visit;

	nat_t_visit_begin(core, in, &visit);
	nat_t_visit_end(core, in->sa, &visit, true);
}

void nat_t_follow_packets(struct ike_core *core, struct ike_sa *sa,
			  const struct ike_address *remote)
{
	const struct ike_address local = *sa_local(core, sa);
	struct nat_t_visit visit;

	if (!sa->nat_there) /* R138 */
		return;
	if (local.port != core->settings->nat_t_port || local.family != remote->family)
		return;
	visit_at(core, sa, remote, &local, &visit);
	nat_t_visit_end(core, sa, &visit, true);
}

/* ---- keepalives ---------------------------------------------------------------------------------------------------- */

void nat_t_sent(const struct ike_core *core, struct ike_sa *sa)
{
	if (sa->nat_here)
		sa_table_write_seldom(core->sas, sa)->keepalive_at = core->now + NAT_T_KEEPALIVE;
}

/* One SA is enough to keep a mapping open: those that others have taken over from are silent. */
ike_time nat_t_deadline(const struct ike_core *core, const struct ike_sa *sa)
{
	return sa->nat_here && !sa->superseded ? sa_table_seldom(core->sas, sa)->keepalive_at
					       : IKE_NEVER;
}

void nat_t_time(struct ike_core *core, struct ike_sa *sa)
{
	static const uint8_t keepalive[] = {0xff};

	if (nat_t_deadline(core, sa) > core->now)
		return;
	nat_t_sent(core, sa);
	if (sa_local(core, sa)->port != core->settings->nat_t_port)
		return; /* it would be taken for a message that is too short */
	if (output_small(core, &sa->remote, sa_local(core, sa),
			 octets_of(keepalive, sizeof(keepalive)), octets_of(NULL, 0)))
		core->counter[IKE_COUNT_NAT_KEEPALIVES]++;
}
