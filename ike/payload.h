/* SPDX-License-Identifier: ISC */
/*
 * payload.h - the chain of payloads in a message (RFC 2408 section 3.2), taken apart once and then only looked at.
 */
#ifndef IKE_PAYLOAD_H
#define IKE_PAYLOAD_H

#include "ike/header.h"
#include "ike/ike.h"

#define IKE_GENERIC_LENGTH 4 /* octets of the generic payload header */

struct ike_payload {
	uint8_t type;        /* enum ike_payload_type */
	struct octets whole; /* with the generic header */
	struct octets body;  /* after it */
};

struct ike_message {
	struct ike_header header;
	size_t payloads;
	struct ike_payload payload[IKE_PAYLOADS_MAX];
};

/*
 * Reads one payload of type `type`, its generic header checked (length, RESERVED); `next` is the type that follows it.
 * Payloads inside payloads, proposals and transforms, have the same header.  Anything but IKE_ACCEPTED reads nothing.
 */
enum ike_verdict ike_payload_read(struct wire_reader *reader, uint8_t type,
				  struct ike_payload *payload, uint8_t *next) IKE_MUST_USE;

/*
 * Takes `chain` (what follows the header, in the clear) apart into message->payload; message->header must be filled.
 * When `padded`, what follows the last payload is cipher padding: any octets, at most one block of `block` octets with it
 * (RFC 2409 appendix B says zeros; deployed stacks use other values).  Otherwise only zeros up to a multiple
 * of four octets (RFC 2408 section 3.6).
 * Checks lengths, RESERVED, number of payloads.  The views point into `chain`.
 */
enum ike_verdict ike_payloads_parse(struct octets chain, bool padded, size_t block,
				    struct ike_message *message) IKE_MUST_USE;

/* The first payload of that type, or NULL. */
const struct ike_payload *ike_payload_find(const struct ike_message *message,
					   enum ike_payload_type type);
/* The next one of the same type after `after`, or NULL. */
const struct ike_payload *ike_payload_next(const struct ike_message *message,
					   const struct ike_payload *after);

/* All payloads together, without what follows them; empty where there are none. */
struct octets ike_payloads_chain(const struct ike_message *message);

/*
 * Writing: begin patches the previous payload's (or the header's) next-payload field and returns a mark for end.
 *
 *	struct ike_chain chain;
 *	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
 *	mark = ike_payload_begin(&chain, IKE_PAYLOAD_NONCE);
 *	wire_write_octets(&writer, nonce);
 *	ike_payload_end(&chain, mark);
 */
struct ike_chain {
	struct wire_writer *writer;
	size_t next_payload_at; /* offset of the field that the next payload's type goes to */
};

void ike_chain_begin(struct ike_chain *chain, struct wire_writer *writer, size_t next_payload_at);
size_t ike_payload_begin(struct ike_chain *chain, enum ike_payload_type type);
void ike_payload_end(struct ike_chain *chain, size_t mark);
void ike_payload_write(struct ike_chain *chain, enum ike_payload_type type, struct octets body);

/* The same for a payload inside a payload, whose header says what follows it there; returns a mark for the end. */
size_t ike_payload_begin_inner(struct wire_writer *writer, enum ike_payload_type next);
void ike_payload_end_inner(struct wire_writer *writer, size_t mark);

#endif
