/* SPDX-License-Identifier: ISC */
/*
 * proposal.c - the SA payload of Phase 1, from the DOI on:
 *
 *	DOI, situation, P(number, protocol, SPI size, number of transforms, SPI, T(number, ID, attributes), T(...), ...)
 */
#include "ike/proposal.h"

#include <assert.h>

#include "ike/attribute.h"

#define SPI_MAX 16 /* octets (RFC 2408 section 3.5) */

/* ---- one transform ------------------------------------------------------------------------------------------------- */

/* Where an attribute's value goes that may be given once; NULL: it is no such attribute. */
static uint16_t *single_field(void *context, uint16_t type)
{
	struct ike_offer *offer = context;

	switch (type) {
	case IKE_ATTRIBUTE_ENCRYPTION:
		return &offer->proposal.encryption;
	case IKE_ATTRIBUTE_KEY_LENGTH:
		return &offer->proposal.key_bits;
	case IKE_ATTRIBUTE_HASH:
		return &offer->proposal.hash;
	case IKE_ATTRIBUTE_GROUP:
		return &offer->proposal.group;
	case IKE_ATTRIBUTE_AUTHENTICATION:
		return &offer->authentication;
	default:
		return NULL;
	}
}

static const struct ike_attribute_set attributes = {
    .life_type = IKE_ATTRIBUTE_LIFE_TYPE,
    .life_duration = IKE_ATTRIBUTE_LIFE_DURATION,
    .field = single_field,
};

static bool is_usable(const struct ike_offer *offer)
{
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;
	enum dh_group group;

	return offer->authentication != 0 && ike_proposal_cipher(&offer->proposal, &cipher) &&
	       ike_proposal_hash(&offer->proposal, &hash) &&
	       ike_proposal_group(&offer->proposal, &group);
}

static enum ike_verdict read_transform(const struct ike_payload *payload, struct ike_offer *offer)
{
	struct wire_reader reader;
	uint16_t reserved;
	uint8_t id;
	bool known;

	wire_read_from(&reader, payload->body);
	offer->transform = payload->whole;
	offer->transform_number = wire_read_u8(&reader);
	id = wire_read_u8(&reader);
	reserved = wire_read_u16(&reader);
	if (reader.failed)
		return IKE_PAYLOAD_TOO_SHORT;
	if (reserved != 0)
		return IKE_RESERVED_NOT_ZERO;
	if (!ike_attributes_read(&reader, &attributes, offer, &offer->lifetime, &offer->kilobytes,
				 &known))
		return IKE_BAD_ATTRIBUTE;
	offer->usable = known && id == IKE_TRANSFORM_KEY_IKE && is_usable(offer);
	return IKE_ACCEPTED;
}

/* ---- the SA payload, read ------------------------------------------------------------------------------------------ */

/* All transforms of a proposal, and nothing but them; those past `max` are checked all the same. */
static enum ike_verdict read_transforms(struct wire_reader *reader, const struct ike_offer *common,
					uint8_t announced, struct ike_offer *offers, size_t max,
					size_t *count)
{
	uint8_t type = IKE_PAYLOAD_TRANSFORM;
	size_t found = 0;

	for (; type != IKE_PAYLOAD_NONE; found++) {
		struct ike_offer offer = *common;
		struct ike_payload payload;
		enum ike_verdict verdict;

		if (type != IKE_PAYLOAD_TRANSFORM || found == announced)
			return IKE_BAD_PROPOSAL_SYNTAX;
		verdict = ike_payload_read(reader, type, &payload, &type);
		if (verdict == IKE_ACCEPTED)
			verdict = read_transform(&payload, &offer);
		if (verdict != IKE_ACCEPTED)
			return verdict;
		if (found < max)
			offers[found] = offer;
	}
	if (found != announced || reader->left != 0)
		return IKE_BAD_PROPOSAL_SYNTAX;
	*count = found < max ? found : max;
	return IKE_ACCEPTED;
}

static enum ike_verdict read_proposal(struct octets body, struct ike_offer *offers, size_t max,
				      size_t *count)
{
	struct ike_offer common = {0};
	struct wire_reader reader;
	uint8_t protocol, transforms;

	wire_read_from(&reader, body);
	common.proposal_number = wire_read_u8(&reader);
	protocol = wire_read_u8(&reader);
	common.spi_length = wire_read_u8(&reader);
	transforms = wire_read_u8(&reader);
	if (reader.failed)
		return IKE_PAYLOAD_TOO_SHORT;
	if (protocol != IKE_PROTOCOL_ISAKMP || common.spi_length > SPI_MAX)
		return IKE_BAD_PROPOSAL_SYNTAX;
	/* the cookies are the SPI of an ISAKMP SA: what stands here is ignored (RFC 2408 section 3.5) */
	(void)wire_read_octets(&reader, common.spi_length);
	if (reader.failed)
		return IKE_BAD_PROPOSAL_SYNTAX;
	return read_transforms(&reader, &common, transforms, offers, max, count);
}

enum ike_verdict ike_situation_read(struct wire_reader *reader)
{
	uint32_t doi = wire_read_u32(reader), situation = wire_read_u32(reader);

	if (reader->failed)
		return IKE_PAYLOAD_TOO_SHORT;
	if (doi != IKE_DOI_IPSEC)
		return IKE_BAD_DOI;
	return situation == IKE_SIT_IDENTITY_ONLY ? IKE_ACCEPTED : IKE_BAD_SITUATION;
}

enum ike_verdict ike_offers_parse(struct octets sa_body, struct ike_offer *offers, size_t max,
				  size_t *count)
{
	struct ike_payload proposal;
	struct wire_reader reader;
	enum ike_verdict verdict;
	uint8_t next;

	*count = 0;
	wire_read_from(&reader, sa_body);
	verdict = ike_situation_read(&reader);
	if (verdict == IKE_ACCEPTED)
		verdict = ike_payload_read(&reader, IKE_PAYLOAD_PROPOSAL, &proposal, &next);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (next != IKE_PAYLOAD_NONE || reader.left != 0)
		return IKE_BAD_PROPOSAL_SYNTAX;
	return read_proposal(proposal.body, offers, max, count);
}

/* ---- choosing, and checking what was chosen ------------------------------------------------------------------------ */

const struct ike_offer *ike_offer_choose(const struct ike_offer *offers, size_t count,
					 uint16_t authentication,
					 const struct ike_proposal *acceptable,
					 size_t acceptable_count)
{
	for (size_t i = 0; i < count; i++) {
		if (!offers[i].usable || offers[i].authentication != authentication)
			continue;
		for (size_t j = 0; j < acceptable_count; j++)
			if (ike_proposal_equal(&offers[i].proposal, &acceptable[j]))
				return &offers[i];
	}
	return NULL;
}

/* A usable offer has nothing but these values, each at most once: if they are equal, the attributes are the same set. */
static bool same_values(const struct ike_offer *a, const struct ike_offer *b)
{
	return a->usable && b->usable && ike_proposal_equal(&a->proposal, &b->proposal) &&
	       a->authentication == b->authentication && a->lifetime == b->lifetime &&
	       a->kilobytes == b->kilobytes;
}

enum ike_verdict ike_choice_check(struct octets sai_b, struct octets answer,
				  struct ike_offer *chosen)
{
	struct ike_offer offers[IKE_OFFERS_MAX], answers[2];
	size_t offered, answered;
	enum ike_verdict verdict;

	verdict = ike_offers_parse(answer, answers, 2, &answered);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (answered != 1)
		return IKE_BAD_PROPOSAL_SYNTAX;
	verdict = ike_offers_parse(sai_b, offers, IKE_OFFERS_MAX, &offered);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	for (size_t i = 0; i < offered; i++) {
		if (same_values(&offers[i], &answers[0])) {
			*chosen = answers[0];
			return IKE_ACCEPTED;
		}
	}
	return IKE_PROPOSAL_CHANGED;
}

/* ---- the SA payload, written --------------------------------------------------------------------------------------- */

static size_t begin_proposal(struct wire_writer *writer, uint8_t number, size_t transforms)
{
	size_t mark;

	wire_write_u32(writer, IKE_DOI_IPSEC);
	wire_write_u32(writer, IKE_SIT_IDENTITY_ONLY);
	mark = ike_payload_begin_inner(writer, IKE_PAYLOAD_NONE);
	wire_write_u8(writer, number);
	wire_write_u8(writer, IKE_PROTOCOL_ISAKMP);
	wire_write_u8(writer, 0); /* no SPI */
	wire_write_u8(writer, (uint8_t)transforms);
	return mark;
}

static void write_transform(struct wire_writer *writer, const struct ike_proposal *proposal,
			    uint8_t number, bool last, uint16_t authentication, uint32_t lifetime)
{
	size_t mark =
	    ike_payload_begin_inner(writer, last ? IKE_PAYLOAD_NONE : IKE_PAYLOAD_TRANSFORM);

	wire_write_u8(writer, number);
	wire_write_u8(writer, IKE_TRANSFORM_KEY_IKE);
	wire_write_u16(writer, 0); /* RESERVED2 */
	ike_attribute_write_basic(writer, IKE_ATTRIBUTE_ENCRYPTION, proposal->encryption);
	ike_attribute_write_basic(writer, IKE_ATTRIBUTE_HASH, proposal->hash);
	ike_attribute_write_basic(writer, IKE_ATTRIBUTE_AUTHENTICATION, authentication);
	ike_attribute_write_basic(writer, IKE_ATTRIBUTE_GROUP, proposal->group);
	if (proposal->key_bits != 0) /* must not be sent for a cipher of one key length */
		ike_attribute_write_basic(writer, IKE_ATTRIBUTE_KEY_LENGTH, proposal->key_bits);
	ike_attribute_write_basic(writer, IKE_ATTRIBUTE_LIFE_TYPE, IKE_LIFE_TYPE_SECONDS);
	ike_attribute_write_u32(writer, IKE_ATTRIBUTE_LIFE_DURATION, lifetime);
	ike_payload_end_inner(writer, mark);
}

void ike_offers_write(struct wire_writer *writer, const struct ike_proposal *proposals,
		      size_t count, uint16_t authentication, uint32_t lifetime)
{
	size_t mark = begin_proposal(writer, 1, count);

	assert(count > 0 && count <= IKE_PROPOSALS_MAX);
	for (size_t i = 0; i < count; i++)
		write_transform(writer, &proposals[i], (uint8_t)(i + 1), i + 1 == count,
				authentication, lifetime);
	ike_payload_end_inner(writer, mark);
}

void ike_offer_write_choice(struct wire_writer *writer, const struct ike_offer *offer)
{
	size_t mark = begin_proposal(writer, offer->proposal_number, 1), transform;
	struct wire_reader reader;

	/* all of it but the generic header: what followed this transform in the offer does not follow it now */
	wire_read_from(&reader, offer->transform);
	(void)wire_read_octets(&reader, IKE_GENERIC_LENGTH);
	transform = ike_payload_begin_inner(writer, IKE_PAYLOAD_NONE);
	wire_write_octets(writer, wire_read_rest(&reader));
	ike_payload_end_inner(writer, transform);
	ike_payload_end_inner(writer, mark);
}
