/* SPDX-License-Identifier: ISC */
/*
 * ipsec_proposal.h - the SA payload of Quick Mode: offering, choosing, and checking the choice (RFC 2407 section 4.4 and 4.5,
 * RFC 2408 section 4.2, RFC 2409 section 5.5).
 */
#ifndef IKE_IPSEC_PROPOSAL_H
#define IKE_IPSEC_PROPOSAL_H

#include "crypto/dh.h"
#include "ike/payload.h"

#define IPSEC_OFFERS_MAX       64    /* transforms looked at in one SA payload; more are ignored */
#define IPSEC_SPI_LEAST        256   /* 0 to 255 are reserved (RFC 4303 section 2.1) */
#define IPSEC_DEFAULT_LIFETIME 28800 /* seconds, where none is said (RFC 2407 section 4.5) */
#define IPSEC_TRANSFORM_MOST   256   /* octets of one that is echoed; a real one takes 40 */

/* One transform as it was offered, with what this engine needs from it. */
struct ipsec_offer {
	struct ike_ipsec_proposal proposal;
	uint16_t encapsulation;       /* enum ike_encapsulation; 0: not said */
	uint32_t lifetime, kilobytes; /* 0: not said */
	bool usable;                  /* ESP by itself, and nothing in it that we do not know */
	uint8_t proposal_number;
	uint32_t spi;            /* host order */
	struct octets transform; /* the whole transform payload, to be echoed unchanged */
};

/*
 * Parses the body of an SA payload (from the DOI on) into offers, in the order of the wire.  Attributes may come in any order
 * and either encoding.  Proposals of one number are wanted together (RFC 2408 section 4.2): those, and what offers another
 * protocol or what we do not know, are kept with usable = false.
 */
enum ike_verdict ipsec_offers_parse(struct octets sa_body, struct ipsec_offer *offers, size_t max,
				    size_t *count) IKE_MUST_USE;

/* What an initiator offers, and may therefore be answered. */
struct ipsec_offered {
	const struct ike_ipsec_proposal
	    *proposal; /* those of `group` are offered, the others are not */
	size_t proposals;
	uint16_t group; /* RFC 2409 section 5.5: the same in all transforms; 0: none */
	uint16_t encapsulation;
	uint32_t lifetime, kilobytes; /* kilobytes 0: not said */
	uint32_t spi;
};

/* An SA payload body: one proposal for ESP, a transform for each of the tunnel's proposals. */
void ipsec_offers_write(struct wire_writer *writer, const struct ipsec_offered *offered);
/*
 * The initiator's check of the answer: exactly one proposal with one transform, and it is one of those that were offered,
 * attributes compared by value, so that the other encoding of a value is no change.  `chosen` is filled on IKE_ACCEPTED.
 */
enum ike_verdict ipsec_choice_check(const struct ipsec_offered *offered, struct octets answer,
				    struct ipsec_offer *chosen) IKE_MUST_USE;

/* Writes the SA payload body that answers with that one offer, its attributes octet for octet, under our SPI. */
void ipsec_offer_write_choice(struct wire_writer *writer, const struct ipsec_offer *offer,
			      uint32_t spi);

/* RESPONDER-LIFETIME's data (RFC 2407 section 4.6.3.1), with the attributes of Phase 2. */
void ipsec_lifetime_write(struct wire_writer *writer, uint32_t seconds);
/* The same, read; 0 where not said or malformed. */
void ipsec_lifetime_read(struct octets data, uint32_t *seconds, uint32_t *kilobytes);

/* ---- ipsec_proposal_text.c: from IANA's numbers to octets of key and to primitives; false where there is no such thing --- */

bool ipsec_proposal_key_lengths(const struct ike_ipsec_proposal *proposal, size_t *encryption,
				size_t *authentication) IKE_MUST_USE;
bool ipsec_proposal_group(const struct ike_ipsec_proposal *proposal,
			  enum dh_group *group) IKE_MUST_USE; /* false for 0, too */
bool ipsec_proposal_equal(const struct ike_ipsec_proposal *a, const struct ike_ipsec_proposal *b);
/* Offers as text for a person: "aes256-sha256-modp2048 tunnel, 3des-md5 transport". */
size_t ipsec_offers_text(const struct ipsec_offer *offers, size_t count, char *text, size_t length);

#endif
