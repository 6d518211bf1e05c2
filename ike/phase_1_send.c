/* SPDX-License-Identifier: ISC */
/*
 * phase_1_send.c - writing what the messages of every Phase 1 have in common, and the work between them.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ike/cookie.h"
#include "ike/aggressive_mode.h"
#include "ike/main_mode.h"
#include "ike/nat_traversal.h"

/* ---- a message ----------------------------------------------------------------------------------------------------- */

void phase_1_begin(struct outgoing *out, struct ike_handshake *handshake)
{
	struct ike_header header = {
	    .version = 0x10,
	    .exchange = handshake->aggressive ? IKE_EXCHANGE_AGGRESSIVE : IKE_EXCHANGE_MAIN_MODE,
	};

	memcpy(header.cky_i, handshake->sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, handshake->sa->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&out->writer, handshake->sent, sizeof(handshake->sent));
	ike_header_write(&out->writer, &header);
	ike_chain_begin(&out->chain, &out->writer, IKE_HEADER_NEXT_PAYLOAD_AT);
}

void phase_1_finish_clear(struct ike_core *core, struct ike_handshake *handshake,
			  struct outgoing *out, enum ike_message_kind expects)
{
	ike_header_finish(&out->writer);
	assert(!out->writer
		    .failed); /* IKE_HANDSHAKE_MESSAGE holds every message that the limits allow */
	handshake->sent_length = out->writer.length;
	handshake->plain_length = 0;
	handshake->expects = expects;
	handshake_send(core, handshake);
}

void phase_1_finish_encrypted(struct ike_core *core, struct ike_handshake *handshake,
			      struct outgoing *out, enum ike_message_kind expects)
{
	bool fits;

	ike_header_finish(&out->writer);
	memcpy(handshake->plain, handshake->sent, out->writer.length);
	handshake->plain_length = out->writer.length;
	fits = protect_encrypt(core->crypto, handshake->sa->cipher, sa_key(handshake->sa),
			       handshake->iv, &out->writer);
	assert(fits && !out->writer.failed);
	handshake->sent_length = out->writer.length;
	handshake->expects = expects;
	handshake_send(core, handshake);
}

/* ---- payloads ------------------------------------------------------------------------------------------------------ */

static void write_vendor_id(struct outgoing *out, struct octets vendor_id, size_t room, bool *sent)
{
	if (*sent || out->writer.length + IKE_GENERIC_LENGTH + vendor_id.length > room)
		return;
	ike_payload_write(&out->chain, IKE_PAYLOAD_VENDOR_ID, vendor_id);
	*sent = true;
}

/*
 * They are of no use in a later message than the first, so they go before the others; in AM2 with or without room, since the NAT-D
 * payloads that go with them are there already.
 */
static void write_nat_traversal(const struct ike_core *core, struct ike_sa *sa,
				struct outgoing *out, size_t room)
{
	struct octets vendor_id;
	unsigned cursor = 0;

	if (sa->handshake->aggressive)
		room = SIZE_MAX;
	while ((vendor_id = nat_t_next_vendor_id(core, sa, &cursor)).length > 0) {
		bool sent = false;

		write_vendor_id(out, vendor_id, room, &sent);
		if (!sent)
			nat_t_give_up(sa);
	}
}

/*
 * Fragments, too, are announced by a responder only to somebody who did so himself.  The extension's comes last: deployed peers
 * look for it in every message of Phase 1.  It goes out (R3) with the first message that has room (R48); in AM2 there may be none, and
 * no later message.
 */
void phase_1_write_vendor_ids(struct ike_core *core, struct ike_handshake *handshake,
			      struct outgoing *out, size_t room)
{
	const struct ike_extension *extension = core->settings->extension;
	struct ike_sa *sa = handshake->sa;

	write_nat_traversal(core, sa, out, room);
	if (sa->initiator ? core->peer[sa->peer].settings->fragmentation : handshake->fragments)
		write_vendor_id(out,
				octets_of(fragment_vendor_id_octets, FRAGMENT_VENDOR_ID_LENGTH),
				room, &handshake->fragments_vendor_id_sent);
	if (extension != NULL)
		write_vendor_id(out, extension->vendor_id, room, &handshake->vendor_id_sent);
}

void phase_1_write_offers(struct ike_core *core, struct ike_handshake *handshake,
			  struct outgoing *out)
{
	const struct ike_peer_settings *settings = core->peer[handshake->sa->peer].settings;
	struct ike_proposal proposals[IKE_PROPOSALS_MAX];
	struct wire_writer sai_b;
	size_t count = 0;

	/* in Aggressive Mode the group is not up for choice: the public value is in the same message */
	for (size_t i = 0; i < settings->proposals; i++)
		if (!handshake->aggressive ||
		    settings->proposal[i].group == settings->proposal[0].group)
			proposals[count++] = settings->proposal[i];
	wire_write_to(&sai_b, handshake->sai_b, sizeof(handshake->sai_b));
	ike_offers_write(&sai_b, proposals, count, peer_authentication(settings),
			 settings->lifetime);
	assert(!sai_b.failed);
	handshake->sai_b_length = sai_b.length;
	ike_payload_write(&out->chain, IKE_PAYLOAD_SA, wire_written(&sai_b));
}

void phase_1_write_choice(struct outgoing *out, const struct ike_offer *chosen)
{
	size_t mark = ike_payload_begin(&out->chain, IKE_PAYLOAD_SA);

	ike_offer_write_choice(&out->writer, chosen);
	ike_payload_end(&out->chain, mark);
}

void phase_1_write_public_and_nonce(struct ike_core *core, struct ike_handshake *handshake,
				    struct outgoing *out)
{
	bool initiator = handshake->sa->initiator;
	struct octets ni = octets_of(handshake->ni, handshake->ni_length);
	struct octets nr = octets_of(handshake->nr, handshake->nr_length);

	ike_payload_write(&out->chain, IKE_PAYLOAD_KE, dh_public(handshake->dh));
	ike_payload_write(&out->chain, IKE_PAYLOAD_NONCE, initiator ? ni : nr);
	nat_t_write(core, handshake->sa, &out->chain);
}

void phase_1_write_initial_contact(const struct ike_sa *sa, struct outgoing *out)
{
	size_t mark = ike_payload_begin(&out->chain, IKE_PAYLOAD_NOTIFY);

	ike_notify_write_isakmp(&out->writer, IKE_DOI_IPSEC, IKE_NOTIFY_INITIAL_CONTACT, sa->cky_i,
				sa->cky_r);
	ike_payload_end(&out->chain, mark);
}

/* ---- the beginning, initiator -------------------------------------------------------------------------------------- */

static struct ike_sa *new_initiator(struct ike_core *core)
{
	static const uint8_t zero[IKE_COOKIE_LENGTH];
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	struct ike_sa *sa;

	do
		ike_cookie_initiator(&core->random, &core->settings->worker, cky_i);
	while (sa_table_find(core->sas, cky_i, zero) != NULL);
	sa = sa_table_add(core->sas, cky_i, zero);
	if (sa == NULL) {
		tell_overload(core, "limit sas: no room for another SA");
		return NULL;
	}
	sa->initiator = true;
	if (handshake_new(core, sa) == NULL) {
		sa_table_remove(core->sas, sa);
		return NULL;
	}
	return sa;
}

struct ike_sa *phase_1_start(struct ike_core *core, uint32_t peer, uint32_t gateway,
			     const struct ike_address *remote, bool initial_contact,
			     const struct ike_sa *replaces)
{
	struct ike_sa *sa = core->closing ? NULL : new_initiator(core);
	struct ike_handshake *handshake;

	if (sa == NULL)
		return NULL;
	handshake = sa->handshake;
	sa->peer = peer;
	sa_set_gateway(sa, gateway);
	sa->remote = *remote;
	/*
	 * what listens there wants the non-ESP marker from the first message on; and who is no gateway, and on another port than
	 * 500, is behind a NAT that forwards to him what comes from there
	 */
	if (remote->port == core->settings->nat_t_port ||
	    (gateway == IKE_NONE && remote->port != IKE_PORT))
		(void)sa_set_local(core, sa,
				   &(struct ike_address){.port = core->settings->nat_t_port});
	handshake->send_contact =
	    initial_contact && !core->settings->peer[peer].never_initial_contact;
	if (replaces != NULL) {
		(void)sa_set_local(core, sa, sa_local(core, replaces));
		handshake->replaces = true;
		memcpy(handshake->replaces_cky_i, replaces->cky_i, IKE_COOKIE_LENGTH);
		memcpy(handshake->replaces_cky_r, replaces->cky_r, IKE_COOKIE_LENGTH);
	}
	sa->authentication = (uint8_t)peer_authentication(core->peer[peer].settings);
	sa->aggressive = core->peer[peer].settings->aggressive;
	handshake->aggressive = sa->aggressive;
	core->counter[IKE_COUNT_HANDSHAKES_STARTED]++;
	tell_event_of_sa(core, IKE_EVENT_CONNECTING, sa);
	if (handshake->aggressive)
		aggressive_mode_begin(core, sa);
	else
		main_mode_send_1(core, sa);
	return sa;
}

/* ---- the work ------------------------------------------------------------------------------------------------------ */

void phase_1_fail(struct ike_core *core, struct ike_sa *sa, const char *why)
{
	tell_overload(core, why);
	sa_fail(core, sa, IKE_WHY_REFUSED);
}

void phase_1_skeyid_of_secret(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;

	skeyid_psk(core->crypto, &handshake->keys,
		   secret_bytes(core->peer[sa->peer].settings->secret),
		   octets_of(handshake->ni, handshake->ni_length),
		   octets_of(handshake->nr, handshake->nr_length));
}

bool phase_1_derive_keys(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	struct octets theirs =
	    octets_of(handshake->peer_public, dh_public_length(handshake->group));
	struct octets ours = dh_public(handshake->dh);
	uint8_t room[DH_MAX_LENGTH];
	struct octets g_xy = octets_of(room, dh_secret_length(handshake->group));

	if (!dh_secret(core->crypto, handshake->dh, theirs, room))
		return false;
	if (sa->authentication == IKE_AUTHENTICATION_PSK)
		phase_1_skeyid_of_secret(core, sa);
	else
		skeyid_signatures(core->crypto, &handshake->keys,
				  octets_of(handshake->ni, handshake->ni_length),
				  octets_of(handshake->nr, handshake->nr_length), g_xy);
	skeyid_derive(core->crypto, &handshake->keys, g_xy, sa->cky_i, handshake->cky_r);
	secret_wipe(room, sizeof(room));
	protect_iv_phase1(core->crypto, sa->hash, sa->cipher, sa->initiator ? ours : theirs,
			  sa->initiator ? theirs : ours, handshake->iv);
	return true;
}

bool phase_1_adopt_keys(struct ike_core *core, struct ike_sa *sa)
{
	const struct skeyid *keys = &sa->handshake->keys;

	if (!sa_keys_set(core->keys, sa, keys->key, keys->a, keys->d)) {
		tell_overload(core, "memory: no room for keys");
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return false;
	}
	tell_event_of_sa(core, IKE_EVENT_KEYS, sa);
	return true;
}

static void make_nonce(struct ike_core *core, struct ike_handshake *handshake)
{
	bool initiator = handshake->sa->initiator;
	size_t length =
	    initiator && handshake->aggressive ? IKE_NONCE_AGGRESSIVE : IKE_NONCE_LENGTH;

	random_octets(&core->random, initiator ? handshake->ni : handshake->nr, length);
	*(initiator ? &handshake->ni_length : &handshake->nr_length) = length;
}

static void do_key_pair(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;

	handshake->dh = dh_generate(core->crypto, handshake->group, &core->random);
	if (handshake->dh == NULL) {
		phase_1_fail(core, sa, "memory: no key pair for Phase 1");
		return;
	}
	make_nonce(core, handshake);
	if (handshake->aggressive)
		aggressive_mode_key_pair_done(core, sa);
	else
		main_mode_key_pair_done(core, sa);
}

static void do_secret(struct ike_core *core, struct ike_sa *sa)
{
	bool good = phase_1_derive_keys(core, sa);

	if (sa->handshake->kept_length > 0) {
		aggressive_mode_read_kept(core, sa, good);
		return;
	}
	if (!good) {
		sa->handshake->last_refusal = tell_refusal(core, NULL, IKE_BAD_KEY_EXCHANGE);
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return;
	}
	if (!phase_1_adopt_keys(core, sa))
		return;
	if (sa->handshake->aggressive)
		aggressive_mode_keys_done(core, sa);
	else
		main_mode_keys_done(core, sa);
}

void phase_1_work(struct ike_core *core, struct ike_handshake *handshake)
{
	enum ike_work work = handshake->work;

	handshake_unqueue_work(core, handshake);
	if (work == IKE_WORK_KEY_PAIR)
		do_key_pair(core, handshake->sa);
	else if (work == IKE_WORK_SECRET)
		do_secret(core, handshake->sa);
	else if (work == IKE_WORK_SIGNATURE && handshake->aggressive)
		aggressive_mode_send_signed(core, handshake->sa);
	else if (work == IKE_WORK_SIGNATURE)
		main_mode_send_signed(core, handshake->sa);
}
