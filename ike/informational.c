/* SPDX-License-Identifier: ISC */
/*
 * informational.c - Informational exchanges (RFC 2408 section 4.8, RFC 2409 section 5.7).
 *
 * Protected ones are believed after HASH(1).  Nothing in the RFCs makes a message ID single-use on receipt, so a recorded
 * Informational would be accepted again for as long as the SA lives.  Two small memories stop that:
 *
 *   recent IDs  the newest accepted message IDs of any kind, refused before any cryptography is done;
 *   other IDs   those of messages whose freshness nothing else proves.  R-U-THERE and its ACK carry numbers, INITIAL-CONTACT
 *               is obeyed once per SA, Delete leaves nothing behind to repeat it on; the rest has only its message ID.
 *               Once more of them have come than are remembered, such messages no longer count as a sign of life.
 *
 * Nor does HASH(1) say which side made a message, so our own, sent back to us, would pass: a dead peer could be kept alive with
 * our own questions.  They are known by their message IDs (send.c), all of them, without a memory.
 *
 * In the clear there are only hints.  They delete nothing.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/ipsec_proposal.h"
#include "ike/nat_traversal.h"
#include "ike/notify.h"
#include "ike/unknown_spi.h"

/* ---- message IDs --------------------------------------------------------------------------------------------------- */

static bool is_among(uint32_t message_id, const uint32_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == message_id)
			return true;
	return false;
}

/* R77: both memories. */
static bool is_recent(const struct ike_core *core, const struct ike_sa *sa, uint32_t message_id)
{
	return is_among(message_id, sa->recent_id, IKE_RECENT_IDS) || sa->other_id == message_id ||
	       (sa->seldom &&
		is_among(message_id, sa_table_seldom(core->sas, sa)->other_id, IKE_OTHER_IDS - 1));
}

/* Most SAs have one, INITIAL-CONTACT, or none.  Returns whether there have not been more than are remembered. */
static bool note_other_id(const struct ike_core *core, struct ike_sa *sa, uint32_t message_id)
{
	struct ike_sa_seldom *more;

	if (sa->other_id == 0) {
		sa->other_id = message_id;
		return true;
	}
	more = sa_table_write_seldom(core->sas, sa);
	more->other_id[more->other_next] = message_id;
	more->other_next = (more->other_next + 1u) % (IKE_OTHER_IDS - 1);
	if (more->other_ids <
	    IKE_OTHER_IDS) /* there it stays: more have come than are remembered */
		more->other_ids++;
	return more->other_ids < IKE_OTHER_IDS;
}

static bool carries_number(const struct ike_core *core)
{
	const struct ike_extension *extension = core->settings->extension;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_NOTIFY);
	struct ike_notify notify;

	return extension != NULL && payload != NULL &&
	       ike_notify_parse(payload->body, &notify) == IKE_ACCEPTED &&
	       extension->owns_notify(notify.type);
}

/* Whether the message ID alone shows that the message is new: not once more have come than are remembered (R78). */
bool informational_note_id(const struct ike_core *core, struct ike_sa *sa, uint32_t message_id)
{
	sa->recent_id[sa->recent] = message_id;
	sa->recent = (sa->recent + 1u) % IKE_RECENT_IDS;
	return !carries_number(core) && note_other_id(core, sa, message_id);
}

/* ---- protected: what may be in one --------------------------------------------------------------------------------- */

static void shorten_lifetime(struct ike_core *core, struct ike_sa *sa, struct octets data)
{
	uint32_t seconds = ike_notify_lifetime(data);

	/*
	 * RESPONDER-LIFETIME may shorten what was agreed, never stretch it (RFC 2407 section 4.6.3.1); an SA that is superseded
	 * has less left than any lifetime
	 */
	if (seconds == 0 || seconds >= sa->lifetime || sa->superseded)
		return;
	sa_set_lifetime(core, sa, seconds);
}

/* The same for a pair of IPsec SAs, named by the SPI that the peer receives with. */
static enum ike_verdict shorten_pair(struct ike_core *core, const struct ike_sa *sa,
				     const struct ike_notify *notify)
{
	uint32_t seconds, kilobytes;
	struct wire_reader reader;
	struct ike_pair *pair;

	wire_read_from(&reader, notify->spi);
	pair = pair_of_party(sa->party, wire_read_u32(&reader));
	if (reader.failed || reader.left != 0 || pair == NULL)
		return IKE_NOTIFY_IGNORED;
	ipsec_lifetime_read(notify->data, &seconds, &kilobytes);
	pair_shorten(core, pair, seconds, kilobytes);
	return IKE_ACCEPTED;
}

/* At a rate that the sender does not choose (R139). */
static void tell_peer_says(struct ike_core *core, const struct ike_sa *sa, uint16_t type,
			   bool authenticated)
{
	struct ike_event *event;

	if (!token_bucket_take(&core->refusals, core->now))
		return;
	event = tell_event_of_sa(core, IKE_EVENT_PEER_SAYS, sa);
	event->notify_type = type;
	event->authenticated = authenticated;
}

/* `known`: the message ID alone shows that the message is new.  `*proved`: this payload does. */
static enum ike_verdict take_notify(struct ike_core *core, struct ike_sa *sa, struct octets body,
				    bool known, bool *proved)
{
	const struct ike_extension *extension = core->settings->extension;
	struct ike_notify notify;
	enum ike_verdict verdict = ike_notify_parse(body, &notify);

	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (extension != NULL && extension->owns_notify(notify.type))
		return host_notify(core, sa, notify.type, body, proved);
	switch (notify.type) {
	case IKE_NOTIFY_INITIAL_CONTACT:
		return initial_contact_obey(core, sa);
	case IKE_NOTIFY_RESPONDER_LIFETIME:
		if (notify.protocol == IKE_PROTOCOL_ESP)
			return shorten_pair(core, sa, &notify);
		shorten_lifetime(core, sa, notify.data);
		return IKE_ACCEPTED;
	case IKE_NOTIFY_INVALID_SPI:
	case IKE_NOTIFY_INVALID_COOKIE:
		/* R148: even authenticated it is only a reason to ask: the SA that it came under evidently works */
		host_sa_happening(core, sa, IKE_EXTENSION_HINT);
		break;
	default:
		if (notify.type < IKE_NOTIFY_FIRST_STATUS)
			quick_mode_peer_says(core, sa, notify.type, notify.spi, known);
	}
	if (notify.type >= IKE_NOTIFY_FIRST_STATUS)
		return IKE_NOTIFY_IGNORED;
	if (sa->state != IKE_SA_FREE)
		tell_peer_says(core, sa, notify.type, true);
	return IKE_ACCEPTED;
}

/* The peer names the SPIs that it receives with: those that we send with.  Only pairs of the same party (R120). */
static enum ike_verdict take_delete_esp(struct ike_core *core, const struct ike_sa *sa,
					const struct ike_delete *delete)
{
	enum ike_verdict result = IKE_DELETE_UNKNOWN_SPI;
	struct wire_reader spis;

	wire_read_from(&spis, delete->spis);
	for (uint32_t i = 0; i < delete->count; i++) {
		struct ike_pair *pair = pair_of_party(sa->party, wire_read_u32(&spis));

		if (pair == NULL)
			continue;
		pair_delete(core, pair, IKE_WHY_PEER_DELETED, false);
		result = IKE_ACCEPTED;
	}
	return result;
}

static enum ike_verdict take_delete(struct ike_core *core, struct ike_sa *sa, struct octets body)
{
	enum ike_verdict result = IKE_DELETE_UNKNOWN_SPI;
	struct ike_party *party = sa->party;
	struct wire_reader spis;
	struct ike_delete delete;
	enum ike_verdict verdict = ike_delete_parse(body, &delete);
	bool itself = false;

	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (delete.protocol == IKE_PROTOCOL_ESP)
		return take_delete_esp(core, sa, &delete);
	if (delete.protocol != IKE_PROTOCOL_ISAKMP)
		return IKE_DELETE_UNKNOWN_SPI; /* there are no others */
	if (delete.spi_length != 2 * IKE_COOKIE_LENGTH)
		return IKE_DELETE_MALFORMED;
	wire_read_from(&spis, delete.spis);
	for (uint32_t i = 0; i < delete.count; i++) {
		const uint8_t *cky_i = wire_read_octets(&spis, IKE_COOKIE_LENGTH).data;
		const uint8_t *cky_r = wire_read_octets(&spis, IKE_COOKIE_LENGTH).data;
		struct ike_sa *named = sa_table_find(core->sas, cky_i, cky_r);

		/* R120: only an SA of the same party: nobody deletes what is somebody else's */
		if (named == NULL || named->party != party)
			continue;
		result = IKE_ACCEPTED;
		if (named == sa)
			itself = true; /* last, so that the others can still be compared with it */
		else
			sa_delete(core, named, IKE_WHY_PEER_DELETED, false);
	}
	if (itself)
		sa_delete(core, sa, IKE_WHY_PEER_DELETED, false);
	return result;
}

/*
 * Each payload after HASH in turn; once the SA is gone the rest is not looked at (R121, CVE-2023-38712).  `*fresh` is set where one of them
 * proves that the message is.
 */
static enum ike_verdict take_payloads(struct ike_core *core, struct ike_sa *sa, bool *fresh)
{
	enum ike_verdict result = IKE_ACCEPTED;
	bool known = *fresh;

	for (size_t i = 1; i < core->message.payloads && sa->state != IKE_SA_FREE; i++) {
		const struct ike_payload *payload = &core->message.payload[i];
		enum ike_verdict verdict = IKE_ACCEPTED;
		bool proved = false;

		if (payload->type == IKE_PAYLOAD_NOTIFY)
			verdict = take_notify(core, sa, payload->body, known, &proved);
		else if (payload->type == IKE_PAYLOAD_DELETE)
			verdict = take_delete(core, sa, payload->body);
		*fresh = *fresh || proved;
		if (verdict != IKE_ACCEPTED)
			result = verdict;
	}
	return result;
}

/* ---- protected: whether to believe it ------------------------------------------------------------------------------ */

enum ike_verdict informational_open(struct ike_core *core, struct inbound *in,
				    enum ike_message_kind kind, uint8_t *next_iv)
{
	if (in->header.message_id == 0)
		return IKE_BAD_MESSAGE_ID;
	/* R76: both sides have the same keys, and HASH(1) does not say who made it */
	if (send_made_message_id(in->sa, in->header.message_id))
		return IKE_REFLECTED;
	if (is_recent(core, in->sa, in->header.message_id))
		return IKE_REUSED_MESSAGE_ID;
	return informational_open_known(core, in, kind, next_iv);
}

/* R59: HASH(1) covers all that follows the HASH payload, every payload of it (unlike in some stacks). */
static bool hash_1_holds(struct ike_core *core, const struct ike_sa *sa, uint32_t message_id)
{
	struct octets chain = ike_payloads_chain(&core->message);
	struct octets hash = core->message.payload[0].body;
	size_t covered_at = core->message.payload[0].whole.length;
	uint8_t expected[HASH_MAX_LENGTH];

	protect_hash_1(core->crypto, sa->hash, sa_skeyid_a(sa), message_id,
		       octets_of(chain.data + covered_at, chain.length - covered_at), expected);
	return secret_equal(hash, octets_of(expected, hash_length(sa->hash)));
}

enum ike_verdict informational_open_known(struct ike_core *core, struct inbound *in,
					  enum ike_message_kind kind, uint8_t *next_iv)
{
	const struct ike_sa *sa = in->sa;
	uint8_t iv[CIPHER_MAX_BLOCK];
	enum ike_verdict verdict;

	protect_iv_message(core->crypto, sa->hash, sa->cipher, sa_last_block(sa),
			   in->header.message_id, iv);
	verdict = open_message(core, in, iv, next_iv);
	if (verdict == IKE_ACCEPTED)
		verdict = ike_message_check(kind, &core->message);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	return hash_1_holds(core, sa, in->header.message_id) ? IKE_ACCEPTED : IKE_BAD_HASH;
}

static enum ike_verdict protected_input(struct ike_core *core, struct inbound *in)
{
	uint8_t next_iv[CIPHER_MAX_BLOCK];
	struct ike_sa *sa = in->sa;
	struct nat_t_visit visit = {.elsewhere = false};
	enum ike_verdict verdict;
	bool fresh;

	/* R60: HASH(1) does not cover the header, so nothing in it may be left to choose */
	if (in->header.flags != IKE_FLAG_ENCRYPTION)
		return IKE_BAD_FLAGS;
	if (quick_mode_awaits_connected(core, sa, in->header.message_id))
		return quick_mode_connected(core, in);
	verdict = informational_open(core, in, IKE_INFO_PROTECTED, next_iv);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	/* the peer uses the SA, so it has our last message: nobody will ask for it again */
	if (sa->handshake != NULL)
		handshake_free(core, sa->handshake);
	fresh = informational_note_id(core, sa, in->header.message_id);
	if (fresh || carries_number(core))
		nat_t_visit_begin(core, in, &visit);
	if (fresh)
		host_sa_happening(core, sa, IKE_EXTENSION_HEARD);
	verdict = take_payloads(core, sa, &fresh);
	nat_t_visit_end(core, sa, &visit, fresh);
	if (sa->state == IKE_SA_FREE)
		in->sa = NULL;
	return verdict;
}

/*
 * A peer that does not believe us says so in place of MM6, under the keys that both have: strongSwan does.  Its IV starts from the
 * last block of MM5.  The peer has proved nothing yet, so it ends nothing; but the user wants to know.
 */
static bool is_refusal(struct ike_core *core, struct inbound *in)
{
	struct ike_handshake *handshake = in->sa->handshake;
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK];
	const struct ike_payload *payload;
	struct ike_notify notify;

	if (handshake == NULL || handshake->expects != IKE_MM6 || in->header.message_id == 0)
		return false;
	protect_iv_message(core->crypto, in->sa->hash, in->sa->cipher, handshake->iv,
			   in->header.message_id, iv);
	if (open_silently(core, in, iv, next_iv) != IKE_ACCEPTED ||
	    ike_message_check(IKE_INFO_PROTECTED, &core->message) != IKE_ACCEPTED ||
	    !hash_1_holds(core, in->sa, in->header.message_id))
		return false;
	payload = ike_payload_find(&core->message, IKE_PAYLOAD_NOTIFY);
	if (payload == NULL || ike_notify_parse(payload->body, &notify) != IKE_ACCEPTED ||
	    notify.type >= IKE_NOTIFY_FIRST_STATUS)
		return false;
	tell_message(core, in->sa, &in->datagram->remote, false, &core->message);
	handshake->peer_said = notify.type;
	tell_peer_says(core, in->sa, notify.type, false);
	return true;
}

/* R54: a message that overtook MM6 or AM3.  It cannot be read yet, because its IV starts from the last block of that. */
static enum ike_verdict keep_for_later(struct ike_sa *sa, const struct inbound *in)
{
	struct ike_handshake *handshake = sa->handshake;

	if (handshake == NULL || handshake->expects != (sa->initiator ? IKE_MM6 : IKE_AM3) ||
	    handshake->early_length > 0 || in->octets.length > sizeof(handshake->early))
		return IKE_OUT_OF_STATE;
	memcpy(handshake->early, in->octets.data, in->octets.length);
	handshake->early_length = in->octets.length;
	return IKE_ACCEPTED;
}

/* ---- in the clear -------------------------------------------------------------------------------------------------- */

/* R90: the established SA that a hint is about, by the cookies it names, or else by where it came from. */
static struct ike_sa *sa_of_hint(const struct ike_core *core, const struct inbound *in,
				 const struct ike_notify *notify)
{
	struct ike_sa *sa = in->sa;

	if (sa == NULL && notify->spi.length == 2 * IKE_COOKIE_LENGTH)
		sa = sa_table_find(core->sas, notify->spi.data,
				   notify->spi.data + IKE_COOKIE_LENGTH);
	if (sa == NULL && notify->type == IKE_NOTIFY_INVALID_SPI)
		sa = unknown_spi_sa_at(core, &in->datagram->remote, in->datagram->local.port);
	if (sa == NULL || sa->state != IKE_SA_ESTABLISHED ||
	    !ike_address_equal(&sa->remote, &in->datagram->remote))
		return NULL;
	return sa;
}

static enum ike_verdict take_hint(struct ike_core *core, const struct inbound *in,
				  const struct ike_notify *notify)
{
	struct ike_sa *sa = sa_of_hint(core, in, notify);

	if (sa == NULL)
		return IKE_UNPROTECTED;
	if (token_bucket_take(&core->refusals, core->now))
		tell_event_of_sa(core, IKE_EVENT_HINT, sa)->notify_type = notify->type;
	host_sa_happening(core, sa, IKE_EXTENSION_HINT);
	return IKE_HINT_ONLY;
}

/* Deletes nothing and replaces nothing (R89, R148); R-U-THERE (R5), INITIAL-CONTACT (R113) and Delete (R119) are nothing in the clear. */
static enum ike_verdict clear_input(struct ike_core *core, struct inbound *in)
{
	enum ike_verdict verdict = open_message(core, in, NULL, NULL);
	const struct ike_payload *payload;
	struct ike_notify notify;

	if (verdict == IKE_ACCEPTED)
		verdict = ike_message_check(IKE_INFO_CLEAR, &core->message);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	payload = ike_payload_find(&core->message, IKE_PAYLOAD_NOTIFY);
	if (payload == NULL)
		return IKE_UNPROTECTED; /* a Delete in the clear is nobody's, as is R-U-THERE below (R5) */
	verdict = ike_notify_parse(payload->body, &notify);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (notify.type == IKE_NOTIFY_INVALID_COOKIE || notify.type == IKE_NOTIFY_INVALID_SPI)
		return take_hint(core, in, &notify);
	if (in->sa == NULL || in->sa->state != IKE_SA_NEGOTIATING || in->sa->handshake == NULL ||
	    notify.type >= IKE_NOTIFY_FIRST_STATUS)
		return IKE_UNPROTECTED;
	/* R129: it explains a negotiation that will come to nothing, but it does not end it: anybody could have sent it */
	in->sa->handshake->peer_said = notify.type;
	tell_peer_says(core, in->sa, notify.type, false);
	return IKE_HINT_ONLY;
}

/* What is protected counts only under an SA that is established (R43). */
enum ike_verdict informational_input(struct ike_core *core, struct inbound *in)
{
	if ((in->header.flags & IKE_FLAG_ENCRYPTION) == 0)
		return clear_input(core, in);
	if (in->sa == NULL)
		return IKE_UNKNOWN_COOKIES;
	if (in->sa->state != IKE_SA_ESTABLISHED)
		return is_refusal(core, in) ? IKE_HINT_ONLY : keep_for_later(in->sa, in);
	return protected_input(core, in);
}
