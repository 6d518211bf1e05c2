/* SPDX-License-Identifier: ISC */
/*
 * quick_mode_send.c - Quick Mode (RFC 2409 section 5.5): building our messages.
 *
 *	HDR*, HASH(1), SA, Ni [, KE], IDci, IDcr	-->
 *							<--  HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr] [, N]
 *	HDR*, HASH(3)					-->
 */
#include <assert.h>
#include <string.h>

#include "ike/notify.h"
#include "ike/quick_mode.h"

struct quick_outgoing {
	struct wire_writer writer;
	struct ike_chain chain;
	size_t rest_at; /* where that begins which HASH covers */
};

static struct octets ni_of(const struct ike_quick_mode *quick)
{
	return octets_of(quick->ni, quick->ni_length);
}

static void begin(struct quick_outgoing *out, struct ike_quick_mode *quick)
{
	static const uint8_t room_for_hash[HASH_MAX_LENGTH];
	const struct ike_sa *sa = quick->sa;
	struct ike_header header = {
	    .version = 0x10,
	    .exchange = IKE_EXCHANGE_QUICK_MODE,
	    .message_id = quick->message_id,
	};

	memcpy(header.cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&out->writer, quick->sent, sizeof(quick->sent));
	ike_header_write(&out->writer, &header);
	ike_chain_begin(&out->chain, &out->writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&out->chain, IKE_PAYLOAD_HASH,
			  octets_of(room_for_hash, hash_length(sa->hash)));
	out->rest_at = out->writer.length;
}

static struct octets rest_of(const struct quick_outgoing *out)
{
	return octets_of(out->writer.start + out->rest_at, out->writer.length - out->rest_at);
}

/* `hash` is HASH(1), (2) or (3) over what has been written. */
static void finish(struct ike_core *core, struct ike_quick_mode *quick, struct quick_outgoing *out,
		   const uint8_t *hash, enum ike_message_kind expects)
{
	const struct ike_sa *sa = quick->sa;
	size_t length = hash_length(sa->hash);
	bool fits;

	wire_patch_octets(&out->writer, out->rest_at - length, octets_of(hash, length));
	ike_header_finish(&out->writer);
	assert(!out->writer.failed); /* QUICK_MESSAGE holds every message that the limits allow */
	memcpy(quick->plain, quick->sent, out->writer.length);
	quick->plain_length = out->writer.length;
	fits = protect_encrypt(core->crypto, sa->cipher, sa_key(sa), quick->iv, &out->writer);
	assert(fits);
	quick->sent_length = out->writer.length;
	quick->expects = expects;
	quick_mode_transmit(core, quick);
}

uint16_t quick_mode_encapsulation(const struct ike_sa *sa, bool transport)
{
	if (!sa->encapsulated)
		return transport ? IKE_ENCAPSULATION_TRANSPORT : IKE_ENCAPSULATION_TUNNEL;
	if (sa->nat_t_draft)
		return transport ? IKE_ENCAPSULATION_UDP_TRANSPORT_DRAFT
				 : IKE_ENCAPSULATION_UDP_TUNNEL_DRAFT;
	return transport ? IKE_ENCAPSULATION_UDP_TRANSPORT : IKE_ENCAPSULATION_UDP_TUNNEL;
}

void quick_mode_offered(const struct ike_core *core, const struct ike_quick_mode *quick,
			struct ipsec_offered *offered)
{
	const struct ike_ipsec_sa *sa = &quick->pair->sa;
	const struct ike_tunnel_settings *settings =
	    &core->peer[sa->peer].settings->tunnel[sa->tunnel];

	*offered = (struct ipsec_offered){
	    .proposal = settings->proposal,
	    .proposals = settings->proposals,
	    .group = sa->proposal.group,
	    .encapsulation = quick_mode_encapsulation(quick->sa, settings->transport),
	    .lifetime = settings->lifetime,
	    .kilobytes = settings->kilobytes,
	    .spi = sa->spi_in,
	};
}

static void write_nonce(struct ike_core *core, struct ike_quick_mode *quick,
			struct quick_outgoing *out)
{
	uint8_t *nonce = quick->initiator ? quick->ni : quick->nr;

	random_octets(&core->random, nonce, IKE_NONCE_LENGTH);
	*(quick->initiator ? &quick->ni_length : &quick->nr_length) = IKE_NONCE_LENGTH;
	ike_payload_write(&out->chain, IKE_PAYLOAD_NONCE, octets_of(nonce, IKE_NONCE_LENGTH));
	if (quick->pfs)
		ike_payload_write(&out->chain, IKE_PAYLOAD_KE, dh_public(quick->dh));
}

static void write_selector(struct quick_outgoing *out, const struct ike_selector *selector)
{
	size_t mark = ike_payload_begin(&out->chain, IKE_PAYLOAD_ID);

	selector_write(&out->writer, selector);
	ike_payload_end(&out->chain, mark);
}

static void write_original_address(struct quick_outgoing *out, enum ike_payload_type type,
				   const struct ike_address *address)
{
	bool v4 = address->family == IKE_FAMILY_IPV4;
	size_t mark = ike_payload_begin(&out->chain, type);

	wire_write_u8(&out->writer, v4 ? IKE_ID_IPV4 : IKE_ID_IPV6);
	wire_write_zeros(&out->writer, 3); /* reserved */
	wire_write_octets(&out->writer, octets_of(address->octets, v4 ? 4 : 16));
	ike_payload_end(&out->chain, mark);
}

/*
 * RFC 3947 section 5.2: in transport mode behind a NAT the other end needs the addresses from before the translation for the
 * checksums inside, the initiator's first.  The drafts have only the sender's own.
 */
static void write_original_addresses(const struct ike_core *core,
				     const struct ike_quick_mode *quick, struct quick_outgoing *out)
{
	const struct ike_sa *sa = quick->sa;

	if (!sa->encapsulated || !quick->pair->sa.transport)
		return;
	if (sa->nat_t_draft) {
		write_original_address(out, IKE_PAYLOAD_NAT_OA_DRAFT, sa_local(core, sa));
		return;
	}
	write_original_address(out, IKE_PAYLOAD_NAT_OA,
			       quick->initiator ? sa_local(core, sa) : &sa->remote);
	write_original_address(out, IKE_PAYLOAD_NAT_OA,
			       quick->initiator ? &sa->remote : sa_local(core, sa));
}

void quick_mode_send_1(struct ike_core *core, struct ike_quick_mode *quick)
{
	const struct ike_sa *sa = quick->sa;
	struct ipsec_offered offered;
	uint8_t hash[HASH_MAX_LENGTH];
	struct quick_outgoing out;
	size_t mark;

	protect_iv_message(core->crypto, sa->hash, sa->cipher, sa_last_block(sa), quick->message_id,
			   quick->iv);
	quick_mode_offered(core, quick, &offered);
	begin(&out, quick);
	mark = ike_payload_begin(&out.chain, IKE_PAYLOAD_SA);
	ipsec_offers_write(&out.writer, &offered);
	ike_payload_end(&out.chain, mark);
	write_nonce(core, quick, &out);
	write_selector(&out, &quick->pair->sa.inside_local);
	write_selector(&out, &quick->pair->sa.inside_remote);
	write_original_addresses(core, quick, &out);
	protect_hash_1(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, rest_of(&out),
		       hash);
	finish(core, quick, &out, hash, IKE_QM2);
}

/* RFC 2407 section 4.6.3.1: the attributes may not be changed, so that a life is shorter is said beside them. */
static void write_lifetime(const struct ike_quick_mode *quick, struct quick_outgoing *out)
{
	size_t mark = ike_payload_begin(&out->chain, IKE_PAYLOAD_NOTIFY);
	struct wire_writer *writer = &out->writer;
	struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ESP,
	    .type = IKE_NOTIFY_RESPONDER_LIFETIME,
	};
	struct wire_writer spi;
	uint8_t room[4];

	wire_write_to(&spi, room, sizeof(room));
	wire_write_u32(&spi, quick->pair->sa.spi_in);
	notify.spi = wire_written(&spi);
	ike_notify_write(writer, &notify);
	ipsec_lifetime_write(writer, quick->pair->lifetime);
	ike_payload_end(&out->chain, mark);
}

void quick_mode_send_2(struct ike_core *core, struct ike_quick_mode *quick)
{
	const struct ike_sa *sa = quick->sa;
	struct ipsec_offer choice = {
	    .proposal_number = quick->proposal_number,
	    .transform = octets_of(quick->transform, quick->transform_length),
	};
	uint8_t hash[HASH_MAX_LENGTH];
	struct quick_outgoing out;
	size_t mark;

	begin(&out, quick);
	mark = ike_payload_begin(&out.chain, IKE_PAYLOAD_SA);
	ipsec_offer_write_choice(&out.writer, &choice, quick->pair->sa.spi_in);
	ike_payload_end(&out.chain, mark);
	write_nonce(core, quick, &out);
	if (quick->with_ids) {
		ike_payload_write(&out.chain, IKE_PAYLOAD_ID,
				  octets_of(quick->idci, quick->idci_length));
		ike_payload_write(&out.chain, IKE_PAYLOAD_ID,
				  octets_of(quick->idcr, quick->idcr_length));
	}
	write_original_addresses(core, quick, &out);
	if (quick->tell_lifetime)
		write_lifetime(quick, &out);
	protect_hash_2(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, ni_of(quick),
		       rest_of(&out), hash);
	finish(core, quick, &out, hash, IKE_QM3);
}

void quick_mode_send_3(struct ike_core *core, struct ike_quick_mode *quick)
{
	const struct ike_sa *sa = quick->sa;
	uint8_t hash[HASH_MAX_LENGTH];
	struct quick_outgoing out;

	begin(&out, quick);
	protect_hash_3(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, ni_of(quick),
		       octets_of(quick->nr, quick->nr_length), hash);
	finish(core, quick, &out, hash, IKE_MESSAGE_KINDS);
}
