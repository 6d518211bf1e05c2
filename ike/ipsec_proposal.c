/* SPDX-License-Identifier: ISC */
/*
 * ipsec_proposal.c - the SA payload of Quick Mode, from the DOI on:
 *
 *	DOI, situation, P(number, protocol, SPI size, number of transforms, SPI, T(number, ID, attributes), T, ...), P, ...
 */
#include "ike/ipsec_proposal.h"

#include <assert.h>

#include "ike/attribute.h"
#include "ike/proposal.h"

#define ESP_SPI_LENGTH 4  /* octets */
#define SPI_MAX        16 /* octets (RFC 2408 section 3.5) */

/* ---- one transform ------------------------------------------------------------------------------------------------- */

/* Where an attribute's value goes that may be given once; NULL: it is no such attribute. */
static uint16_t *single_field(void *context, uint16_t type)
{
	struct ipsec_offer *offer = context;

	switch (type) {
	case IKE_IPSEC_ATTRIBUTE_GROUP:
		return &offer->proposal.group;
	case IKE_IPSEC_ATTRIBUTE_ENCAPSULATION:
		return &offer->encapsulation;
	case IKE_IPSEC_ATTRIBUTE_AUTHENTICATION:
		return &offer->proposal.authentication;
	case IKE_IPSEC_ATTRIBUTE_KEY_LENGTH:
		return &offer->proposal.key_bits;
	default:
		return NULL;
	}
}

static const struct ike_attribute_set attributes = {
    .life_type = IKE_IPSEC_ATTRIBUTE_LIFE_TYPE,
    .life_duration = IKE_IPSEC_ATTRIBUTE_LIFE_DURATION,
    .field = single_field,
};

static bool is_usable(const struct ipsec_offer *offer)
{
	size_t encryption, authentication;
	enum dh_group group;

	return offer->encapsulation != 0 && offer->spi >= IPSEC_SPI_LEAST &&
	       ipsec_proposal_key_lengths(&offer->proposal, &encryption, &authentication) &&
	       (offer->proposal.group == 0 || ipsec_proposal_group(&offer->proposal, &group));
}

/* `common` is what the proposal says; where it is not ESP the attributes are another protocol's, and mean nothing here. */
static enum ike_verdict read_transform(const struct ike_payload *payload,
				       const struct ipsec_offer *common, bool esp,
				       struct ipsec_offer *offer)
{
	struct wire_reader reader;
	uint16_t reserved;
	bool known;

	*offer = *common;
	offer->transform = payload->whole;
	wire_read_from(&reader, payload->body);
	(void)wire_read_u8(&reader); /* its number: the attributes say which one it is */
	offer->proposal.encryption = wire_read_u8(&reader);
	reserved = wire_read_u16(&reader);
	if (reader.failed)
		return IKE_PAYLOAD_TOO_SHORT;
	if (reserved != 0)
		return IKE_RESERVED_NOT_ZERO;
	if (!ike_attributes_read(&reader, &attributes, offer, &offer->lifetime, &offer->kilobytes,
				 &known))
		return IKE_BAD_ATTRIBUTE;
	offer->usable = esp && known && is_usable(offer);
	return IKE_ACCEPTED;
}

/* ---- the SA payload, read ------------------------------------------------------------------------------------------ */

/* Where offers go, as far as there is room for them. */
struct collection {
	struct ipsec_offer *offers;
	size_t max, count;
};

static enum ike_verdict read_transforms(struct wire_reader *reader,
					const struct ipsec_offer *common, bool esp,
					uint8_t announced, struct collection *into)
{
	uint8_t type = IKE_PAYLOAD_TRANSFORM;
	size_t found = 0;

	for (; type != IKE_PAYLOAD_NONE; found++) {
		struct ipsec_offer offer;
		struct ike_payload payload;
		enum ike_verdict verdict;

		if (type != IKE_PAYLOAD_TRANSFORM || found == announced)
			return IKE_BAD_PROPOSAL_SYNTAX;
		verdict = ike_payload_read(reader, type, &payload, &type);
		if (verdict == IKE_ACCEPTED)
			verdict = read_transform(&payload, common, esp, &offer);
		if (verdict != IKE_ACCEPTED)
			return verdict;
		if (into->count < into->max)
			into->offers[into->count++] = offer;
	}
	return found == announced && reader->left == 0 ? IKE_ACCEPTED : IKE_BAD_PROPOSAL_SYNTAX;
}

static enum ike_verdict read_proposal(struct octets body, struct collection *into, uint8_t *number)
{
	struct ipsec_offer common = {0};
	struct wire_reader reader, spi;
	uint8_t protocol, spi_length, transforms;

	wire_read_from(&reader, body);
	*number = common.proposal_number = wire_read_u8(&reader);
	protocol = wire_read_u8(&reader);
	spi_length = wire_read_u8(&reader);
	transforms = wire_read_u8(&reader);
	if (reader.failed)
		return IKE_PAYLOAD_TOO_SHORT;
	if (spi_length > SPI_MAX || (protocol == IKE_PROTOCOL_ESP && spi_length != ESP_SPI_LENGTH))
		return IKE_BAD_PROPOSAL_SYNTAX;
	wire_read_from(&spi, wire_read_octets(&reader, spi_length));
	if (reader.failed)
		return IKE_BAD_PROPOSAL_SYNTAX;
	if (protocol == IKE_PROTOCOL_ESP)
		common.spi = wire_read_u32(&spi);
	return read_transforms(&reader, &common, protocol == IKE_PROTOCOL_ESP, transforms, into);
}

/* Several proposals of one number are one offer of several protocols at once, which is not made here. */
static void refuse_bundle(struct collection *offers, uint8_t number)
{
	for (size_t i = 0; i < offers->count; i++)
		if (offers->offers[i].proposal_number == number)
			offers->offers[i].usable = false;
}

static enum ike_verdict read_proposals(struct wire_reader *reader, struct collection *into)
{
	uint8_t type = IKE_PAYLOAD_PROPOSAL, number, last = 0;
	bool first = true;

	while (type != IKE_PAYLOAD_NONE) {
		struct ike_payload payload;
		enum ike_verdict verdict;

		if (type != IKE_PAYLOAD_PROPOSAL)
			return IKE_BAD_PROPOSAL_SYNTAX;
		verdict = ike_payload_read(reader, type, &payload, &type);
		if (verdict == IKE_ACCEPTED)
			verdict = read_proposal(payload.body, into, &number);
		if (verdict != IKE_ACCEPTED)
			return verdict;
		if (!first && number < last)
			return IKE_BAD_PROPOSAL_SYNTAX; /* RFC 2408 section 4.2: increasing */
		if (!first && number == last)
			refuse_bundle(into, number);
		last = number;
		first = false;
	}
	return reader->left == 0 ? IKE_ACCEPTED : IKE_BAD_PROPOSAL_SYNTAX;
}

enum ike_verdict ipsec_offers_parse(struct octets sa_body, struct ipsec_offer *offers, size_t max,
				    size_t *count)
{
	struct collection into = {.offers = offers, .max = max};
	struct wire_reader reader;
	enum ike_verdict verdict;

	*count = 0;
	wire_read_from(&reader, sa_body);
	verdict = ike_situation_read(&reader);
	if (verdict == IKE_ACCEPTED)
		verdict = read_proposals(&reader, &into);
	if (verdict == IKE_ACCEPTED)
		*count = into.count;
	return verdict;
}

/* ---- checking what was chosen -------------------------------------------------------------------------------------- */

enum ike_verdict ipsec_choice_check(const struct ipsec_offered *offered, struct octets answer,
				    struct ipsec_offer *chosen)
{
	struct ipsec_offer answers[2];
	enum ike_verdict verdict;
	size_t count;

	verdict = ipsec_offers_parse(answer, answers, 2, &count);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (count != 1)
		return IKE_BAD_PROPOSAL_SYNTAX;
	if (answers[0].spi < IPSEC_SPI_LEAST)
		return IKE_BAD_SPI;
	if (!answers[0].usable || answers[0].encapsulation != offered->encapsulation ||
	    answers[0].lifetime != offered->lifetime || answers[0].kilobytes != offered->kilobytes)
		return IKE_PROPOSAL_CHANGED;
	for (size_t i = 0; i < offered->proposals; i++) {
		if (offered->proposal[i].group == offered->group &&
		    ipsec_proposal_equal(&offered->proposal[i], &answers[0].proposal)) {
			*chosen = answers[0];
			return IKE_ACCEPTED;
		}
	}
	return IKE_PROPOSAL_CHANGED;
}

/* ---- the SA payload, written --------------------------------------------------------------------------------------- */

static size_t begin_proposal(struct wire_writer *writer, uint8_t number, uint32_t spi,
			     size_t transforms)
{
	size_t mark;

	wire_write_u32(writer, IKE_DOI_IPSEC);
	wire_write_u32(writer, IKE_SIT_IDENTITY_ONLY);
	mark = ike_payload_begin_inner(writer, IKE_PAYLOAD_NONE);
	wire_write_u8(writer, number);
	wire_write_u8(writer, IKE_PROTOCOL_ESP);
	wire_write_u8(writer, ESP_SPI_LENGTH);
	wire_write_u8(writer, (uint8_t)transforms);
	wire_write_u32(writer, spi);
	return mark;
}

static void write_life(struct wire_writer *writer, uint16_t life_type, uint32_t duration)
{
	ike_attribute_write_basic(writer, IKE_IPSEC_ATTRIBUTE_LIFE_TYPE, life_type);
	ike_attribute_write_u32(writer, IKE_IPSEC_ATTRIBUTE_LIFE_DURATION, duration);
}

static void write_transform(struct wire_writer *writer, const struct ipsec_offered *offered,
			    const struct ike_ipsec_proposal *proposal, uint8_t number, bool last)
{
	size_t mark =
	    ike_payload_begin_inner(writer, last ? IKE_PAYLOAD_NONE : IKE_PAYLOAD_TRANSFORM);

	wire_write_u8(writer, number);
	wire_write_u8(writer, (uint8_t)proposal->encryption);
	wire_write_u16(writer, 0); /* RESERVED2 */
	if (offered->group != 0)
		ike_attribute_write_basic(writer, IKE_IPSEC_ATTRIBUTE_GROUP, offered->group);
	ike_attribute_write_basic(writer, IKE_IPSEC_ATTRIBUTE_ENCAPSULATION,
				  offered->encapsulation);
	write_life(writer, IKE_LIFE_TYPE_SECONDS, offered->lifetime);
	if (offered->kilobytes != 0)
		write_life(writer, IKE_LIFE_TYPE_KILOBYTES, offered->kilobytes);
	if (proposal->authentication != 0) /* AES-GCM needs none (RFC 4106) */
		ike_attribute_write_basic(writer, IKE_IPSEC_ATTRIBUTE_AUTHENTICATION,
					  proposal->authentication);
	if (proposal->key_bits != 0) /* must not be sent for a cipher of one key length */
		ike_attribute_write_basic(writer, IKE_IPSEC_ATTRIBUTE_KEY_LENGTH,
					  proposal->key_bits);
	ike_payload_end_inner(writer, mark);
}

void ipsec_offers_write(struct wire_writer *writer, const struct ipsec_offered *offered)
{
	size_t count = 0, written = 0, mark;

	for (size_t i = 0; i < offered->proposals; i++)
		count += offered->proposal[i].group == offered->group;
	assert(count > 0 && count <= IKE_IPSEC_PROPOSALS_MAX);
	mark = begin_proposal(writer, 1, offered->spi, count);
	for (size_t i = 0; i < offered->proposals; i++) {
		if (offered->proposal[i].group != offered->group)
			continue;
		written++;
		write_transform(writer, offered, &offered->proposal[i], (uint8_t)written,
				written == count);
	}
	ike_payload_end_inner(writer, mark);
}

void ipsec_offer_write_choice(struct wire_writer *writer, const struct ipsec_offer *offer,
			      uint32_t spi)
{
	size_t mark = begin_proposal(writer, offer->proposal_number, spi, 1), transform;
	struct wire_reader reader;

	/* all of it but the generic header: what followed this transform in the offer does not follow it now */
	wire_read_from(&reader, offer->transform);
	(void)wire_read_octets(&reader, IKE_GENERIC_LENGTH);
	transform = ike_payload_begin_inner(writer, IKE_PAYLOAD_NONE);
	wire_write_octets(writer, wire_read_rest(&reader));
	ike_payload_end_inner(writer, transform);
	ike_payload_end_inner(writer, mark);
}

/* ---- RESPONDER-LIFETIME -------------------------------------------------------------------------------------------- */

void ipsec_lifetime_write(struct wire_writer *writer, uint32_t seconds)
{
	write_life(writer, IKE_LIFE_TYPE_SECONDS, seconds);
}

void ipsec_lifetime_read(struct octets data, uint32_t *seconds, uint32_t *kilobytes)
{
	struct ike_attribute_value attribute;
	struct wire_reader reader;
	uint32_t life_type = 0;

	*seconds = *kilobytes = 0;
	wire_read_from(&reader, data);
	while (reader.left > 0) {
		if (!ike_attribute_read(&reader, &attribute)) {
			*seconds = *kilobytes = 0;
			return;
		}
		if (attribute.type == IKE_IPSEC_ATTRIBUTE_LIFE_TYPE)
			life_type = attribute.number;
		else if (attribute.type == IKE_IPSEC_ATTRIBUTE_LIFE_DURATION)
			(void)ike_attribute_take_life(life_type, attribute.number, seconds,
						      kilobytes);
	}
}
