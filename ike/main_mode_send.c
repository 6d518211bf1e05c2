/* SPDX-License-Identifier: ISC */
/*
 * main_mode_send.c - Main Mode with a pre-shared key: building our messages, and the Diffie-Hellman between them.
 */
#include <assert.h>
#include <string.h>

#include "ike/cookie.h"
#include "ike/identity.h"
#include "ike/main_mode.h"

struct outgoing {
	struct wire_writer writer;
	struct ike_chain chain;
};

static void begin(struct outgoing *out, struct ike_handshake *handshake)
{
	struct ike_header header = {.version = 0x10, .exchange = IKE_EXCHANGE_MAIN_MODE};

	memcpy(header.cky_i, handshake->sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, handshake->sa->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&out->writer, handshake->sent, sizeof(handshake->sent));
	ike_header_write(&out->writer, &header);
	ike_chain_begin(&out->chain, &out->writer, IKE_HEADER_NEXT_PAYLOAD_AT);
}

static void finish_clear(struct ike_core *core, struct ike_handshake *handshake,
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

static void finish_encrypted(struct ike_core *core, struct ike_handshake *handshake,
			     struct outgoing *out, enum ike_message_kind expects)
{
	bool fits;

	ike_header_finish(&out->writer);
	memcpy(handshake->plain, handshake->sent, out->writer.length);
	handshake->plain_length = out->writer.length;
	fits = protect_encrypt(core->crypto, handshake->sa->cipher, handshake->sa->key,
			       handshake->iv, &out->writer);
	assert(fits && !out->writer.failed);
	handshake->sent_length = out->writer.length;
	handshake->expects = expects;
	handshake_send(core, handshake);
}

/* R3. */
static void write_vendor_id(struct ike_core *core, struct ike_handshake *handshake,
			    struct outgoing *out)
{
	const struct ike_extension *extension = core->settings->extension;

	if (extension == NULL || handshake->vendor_id_sent)
		return;
	ike_payload_write(&out->chain, IKE_PAYLOAD_VENDOR_ID, extension->vendor_id);
	handshake->vendor_id_sent = true;
}

/* ---- MM1 ----------------------------------------------------------------------------------------------------------- */

static struct ike_sa *new_initiator(struct ike_core *core)
{
	static const uint8_t zero[IKE_COOKIE_LENGTH];
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	struct ike_sa *sa;

	do
		ike_cookie_initiator(&core->random, cky_i);
	while (sa_table_find(core->sas, cky_i, zero) != NULL);
	sa = sa_table_add(core->sas, cky_i, zero);
	if (sa == NULL) {
		tell_overload(core, "limit sas: no room for another SA");
		return NULL;
	}
	sa->initiator = true;
	sa->created_at = core->now;
	if (handshake_new(core, sa) == NULL) {
		sa_table_remove(core->sas, sa);
		return NULL;
	}
	return sa;
}

struct ike_sa *main_mode_start(struct ike_core *core, uint32_t peer, uint32_t gateway,
			       const struct ike_address *remote, bool initial_contact,
			       const struct ike_sa *replaces)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;
	struct ike_sa *sa = new_initiator(core);
	struct ike_handshake *handshake;
	struct wire_writer sai_b;
	struct outgoing out;

	if (sa == NULL)
		return NULL;
	handshake = sa->handshake;
	sa->peer = peer;
	sa->gateway = gateway;
	sa->remote = *remote;
	handshake->send_contact = initial_contact;
	if (replaces != NULL) {
		sa->local = replaces->local;
		handshake->replaces = true;
		memcpy(handshake->replaces_cky_i, replaces->cky_i, IKE_COOKIE_LENGTH);
		memcpy(handshake->replaces_cky_r, replaces->cky_r, IKE_COOKIE_LENGTH);
	}
	core->counter[IKE_COUNT_HANDSHAKES_STARTED]++;
	tell_event_of_sa(core, IKE_EVENT_CONNECTING, sa);

	wire_write_to(&sai_b, handshake->sai_b, sizeof(handshake->sai_b));
	ike_offers_write(&sai_b, settings->proposal, settings->proposals, settings->lifetime);
	assert(!sai_b.failed);
	handshake->sai_b_length = sai_b.length;
	begin(&out, handshake);
	ike_payload_write(&out.chain, IKE_PAYLOAD_SA, wire_written(&sai_b));
	write_vendor_id(core, handshake, &out);
	finish_clear(core, handshake, &out, IKE_MM2);
	return sa;
}

/* ---- MM2 to MM6 ---------------------------------------------------------------------------------------------------- */

/*
 * The initiator's address has not been proved yet, so MM2 must not be longer than MM1 was (VU#419128): the vendor ID, which
 * may travel in any message of Phase 1, waits for MM4 when there is no room for it.
 */
void main_mode_send_2(struct ike_core *core, struct ike_sa *sa, const struct ike_offer *chosen,
		      size_t room)
{
	struct ike_handshake *handshake = sa->handshake;
	const struct ike_extension *extension = core->settings->extension;
	struct outgoing out;
	size_t mark;

	begin(&out, handshake);
	mark = ike_payload_begin(&out.chain, IKE_PAYLOAD_SA);
	ike_offer_write_choice(&out.writer, chosen);
	ike_payload_end(&out.chain, mark);
	if (extension != NULL &&
	    out.writer.length + IKE_GENERIC_LENGTH + extension->vendor_id.length <= room)
		write_vendor_id(core, handshake, &out);
	finish_clear(core, handshake, &out, IKE_MM3);
}

static void send_public_and_nonce(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	uint8_t *nonce = sa->initiator ? handshake->ni : handshake->nr;
	struct outgoing out;

	random_octets(&core->random, nonce, IKE_NONCE_LENGTH);
	*(sa->initiator ? &handshake->ni_length : &handshake->nr_length) = IKE_NONCE_LENGTH;
	begin(&out, handshake);
	ike_payload_write(&out.chain, IKE_PAYLOAD_KE, dh_public(handshake->dh));
	ike_payload_write(&out.chain, IKE_PAYLOAD_NONCE, octets_of(nonce, IKE_NONCE_LENGTH));
	write_vendor_id(core, handshake, &out);
	finish_clear(core, handshake, &out, sa->initiator ? IKE_MM4 : IKE_MM5);
}

void main_mode_hash(struct ike_core *core, const struct ike_handshake *handshake, bool of_initiator,
		    struct octets id_b, uint8_t *out)
{
	const struct ike_sa *sa = handshake->sa;
	struct octets ours = dh_public(handshake->dh);
	struct octets theirs =
	    octets_of(handshake->peer_public, dh_public_length(handshake->group));
	struct octets g_xi = sa->initiator ? ours : theirs, g_xr = sa->initiator ? theirs : ours;
	struct octets sai_b = octets_of(handshake->sai_b, handshake->sai_b_length);

	if (of_initiator)
		skeyid_hash(core->crypto, &handshake->keys, g_xi, g_xr, sa->cky_i, sa->cky_r, sai_b,
			    id_b, out);
	else
		skeyid_hash(core->crypto, &handshake->keys, g_xr, g_xi, sa->cky_r, sa->cky_i, sai_b,
			    id_b, out);
}

static void write_identity_and_proof(struct ike_core *core, struct ike_sa *sa, struct outgoing *out)
{
	uint8_t room[IKE_IDENTITY_MAX + 16], hash[HASH_MAX_LENGTH];
	struct ike_identity identity;
	struct wire_writer id_b;

	peer_local_identity(core, sa, &identity);
	wire_write_to(&id_b, room, sizeof(room));
	ike_identity_write(&id_b, &identity);
	assert(!id_b.failed);
	main_mode_hash(core, sa->handshake, sa->initiator, wire_written(&id_b), hash);
	ike_payload_write(&out->chain, IKE_PAYLOAD_ID, wire_written(&id_b));
	ike_payload_write(&out->chain, IKE_PAYLOAD_HASH, octets_of(hash, hash_length(sa->hash)));
}

static void write_initial_contact(struct ike_sa *sa, struct outgoing *out)
{
	size_t mark = ike_payload_begin(&out->chain, IKE_PAYLOAD_NOTIFY);

	ike_notify_write_isakmp(&out->writer, IKE_DOI_IPSEC, IKE_NOTIFY_INITIAL_CONTACT, sa->cky_i,
				sa->cky_r);
	ike_payload_end(&out->chain, mark);
}

static void send_5(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	begin(&out, sa->handshake);
	write_identity_and_proof(core, sa, &out);
	if (sa->handshake->send_contact)
		write_initial_contact(sa, &out);
	finish_encrypted(core, sa->handshake, &out, IKE_MM6);
}

void main_mode_send_6(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	begin(&out, sa->handshake);
	write_identity_and_proof(core, sa, &out);
	finish_encrypted(core, sa->handshake, &out, IKE_MESSAGE_KINDS);
}

/* ---- Diffie-Hellman ------------------------------------------------------------------------------------------------ */

static bool derive_keys(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	struct octets theirs =
	    octets_of(handshake->peer_public, dh_public_length(handshake->group));
	struct octets ours = dh_public(handshake->dh);
	uint8_t g_xy[DH_MAX_LENGTH];

	if (!dh_secret(core->crypto, handshake->dh, theirs, g_xy))
		return false;
	handshake->keys.hash = sa->hash;
	handshake->keys.cipher = sa->cipher;
	skeyid_psk(core->crypto, &handshake->keys,
		   secret_bytes(core->peer[sa->peer].settings->secret),
		   octets_of(handshake->ni, handshake->ni_length),
		   octets_of(handshake->nr, handshake->nr_length));
	skeyid_derive(core->crypto, &handshake->keys,
		      octets_of(g_xy, dh_secret_length(handshake->group)), sa->cky_i, sa->cky_r);
	secret_wipe(g_xy, sizeof(g_xy));
	protect_iv_phase1(core->crypto, sa->hash, sa->cipher, sa->initiator ? ours : theirs,
			  sa->initiator ? theirs : ours, handshake->iv);
	memcpy(sa->key, handshake->keys.key, sizeof(sa->key));
	memcpy(sa->skeyid_a, handshake->keys.a, sizeof(sa->skeyid_a));
	memcpy(sa->skeyid_d, handshake->keys.d, sizeof(sa->skeyid_d));
	sa->keyed = true;
	tell_event_of_sa(core, IKE_EVENT_KEYS, sa);
	return true;
}

static void do_key_pair(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;

	handshake->dh = dh_generate(core->crypto, handshake->group, &core->random);
	if (handshake->dh == NULL) {
		tell_overload(core, "memory: no key pair for Phase 1");
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return;
	}
	send_public_and_nonce(core, sa);
	/* MM4 is on its way; the responder computes g^xy while it travels */
	if (!sa->initiator)
		handshake_queue_work(core, handshake, IKE_WORK_SECRET);
}

static void do_secret(struct ike_core *core, struct ike_sa *sa)
{
	if (!derive_keys(core, sa)) {
		sa->handshake->last_refusal = tell_refusal(core, NULL, IKE_BAD_KEY_EXCHANGE);
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return;
	}
	if (sa->initiator)
		send_5(core, sa);
}

void main_mode_work(struct ike_core *core, struct ike_handshake *handshake)
{
	enum ike_work work = handshake->work;

	handshake_unqueue_work(core, handshake);
	if (work == IKE_WORK_KEY_PAIR)
		do_key_pair(core, handshake->sa);
	else if (work == IKE_WORK_SECRET)
		do_secret(core, handshake->sa);
}
