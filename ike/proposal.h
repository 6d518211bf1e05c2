/* SPDX-License-Identifier: ISC */
/*
 * proposal.h - the SA payload of Phase 1: offering, choosing, and checking the choice (RFC 2408 section 3.4 to 3.6,
 * RFC 2409 section 5 and appendix A).
 */
#ifndef IKE_PROPOSAL_H
#define IKE_PROPOSAL_H

#include "crypto/dh.h"
#include "ike/payload.h"

/* One transform as it was offered, with what this engine needs from it. */
struct ike_offer {
	struct ike_proposal proposal;
	uint16_t authentication; /* enum ike_authentication */
	uint32_t lifetime;       /* seconds; 0: not given */
	uint32_t kilobytes;      /* 0: not given */
	bool usable;             /* false: an attribute that we do not know, or one missing */
	uint8_t proposal_number, transform_number;
	uint8_t spi_length; /* of the proposal; its content is ignored (RFC 2408 section 3.5) */
	struct octets transform; /* the whole transform payload, to be echoed unchanged */
};

#define IKE_OFFERS_MAX 64 /* transforms looked at in one SA payload; more are ignored */

/* What an SA payload begins with in either phase: the DOI and the situation (RFC 2407 section 4.2, 4.6.1). */
enum ike_verdict ike_situation_read(struct wire_reader *reader) IKE_MUST_USE;

/*
 * Parses the body of an SA payload (from the DOI on) into offers, in the order of the wire.  Attributes may come in any
 * order and either encoding.  Exactly one proposal for ISAKMP in Phase 1 (RFC 2408 section 4.2); transforms that offer what we do
 * not know are kept with usable = false.
 */
enum ike_verdict ike_offers_parse(struct octets sa_body, struct ike_offer *offers, size_t max,
				  size_t *count) IKE_MUST_USE;

/*
 * Writes an SA payload body that offers `proposals` in order, all with one method of authentication (enum ike_authentication) and
 * this lifetime in seconds (TLV of 4 octets).
 */
void ike_offers_write(struct wire_writer *writer, const struct ike_proposal *proposals,
		      size_t count, uint16_t authentication, uint32_t lifetime);

/* The first offer that is usable, has that method, and whose proposal is in `acceptable`; NULL: none. */
const struct ike_offer *ike_offer_choose(const struct ike_offer *offers, size_t count,
					 uint16_t authentication,
					 const struct ike_proposal *acceptable,
					 size_t acceptable_count);
/* Writes the SA payload body that answers with that one offer, its attributes octet for octet. */
void ike_offer_write_choice(struct wire_writer *writer, const struct ike_offer *offer);

/*
 * The initiator's check of the answer: exactly one transform, and it is one of those that we offered (sai_b), attributes
 * compared by value, so that the other encoding of a value is no change.  `chosen` is filled on IKE_ACCEPTED.
 */
enum ike_verdict ike_choice_check(struct octets sai_b, struct octets answer,
				  struct ike_offer *chosen) IKE_MUST_USE;

/* Both offers as text for a person: "peer offers aes256-sha256-modp2048, 3des-md5-modp1024; ...". */
size_t ike_offers_text(const struct ike_offer *offers, size_t count, char *text, size_t length);

/* From IANA's numbers to the primitives; false where crypto/ has none. */
bool ike_proposal_cipher(const struct ike_proposal *proposal,
			 enum cipher_algorithm *cipher) IKE_MUST_USE;
bool ike_proposal_hash(const struct ike_proposal *proposal, enum hash_algorithm *hash) IKE_MUST_USE;
bool ike_proposal_group(const struct ike_proposal *proposal, enum dh_group *group) IKE_MUST_USE;
/* The other way: the proposal that has these. */
struct ike_proposal ike_proposal_of(enum cipher_algorithm cipher, enum hash_algorithm hash,
				    enum ike_group group);
bool ike_proposal_equal(const struct ike_proposal *a, const struct ike_proposal *b);

#endif
