/* SPDX-License-Identifier: ISC */
/*
 * header.h - the ISAKMP header, 28 octets (RFC 2408 section 3.1).
 */
#ifndef IKE_HEADER_H
#define IKE_HEADER_H

#include "ike/registry.h"
#include "ike/types.h"
#include "ike/verdict.h"
#include "ike/wire.h"

#define IKE_HEADER_LENGTH          28 /* octets */
#define IKE_HEADER_NEXT_PAYLOAD_AT 16 /* offsets that writers patch */
#define IKE_HEADER_FLAGS_AT        19
#define IKE_HEADER_LENGTH_AT       24

#define IKE_FLAG_ENCRYPTION 0x01
#define IKE_FLAG_COMMIT     0x02
#define IKE_FLAG_AUTH_ONLY  0x04

struct ike_header {
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	uint8_t cky_r[IKE_COOKIE_LENGTH];
	uint8_t next_payload;
	uint8_t version; /* major in the upper four bits */
	uint8_t exchange;
	uint8_t flags;
	uint32_t message_id;
	uint32_t length; /* of the whole message, header included */
};

/*
 * Parses and checks what can be checked without state: size limits, length, version, flag bits, initiator cookie.
 * `header` is filled as far as it can be read even when the verdict is not IKE_ACCEPTED (all zero below 28 octets).
 */
enum ike_verdict ike_header_parse(struct octets datagram, struct ike_header *header) IKE_MUST_USE;

/* The same for a message that came in fragments, which may be longer than a datagram: IKE_MESSAGE_MAX. */
enum ike_verdict ike_header_parse_whole(struct octets message,
					struct ike_header *header) IKE_MUST_USE;

/* Writes 28 octets; the length is patched by ike_header_finish(). */
void ike_header_write(struct wire_writer *writer, const struct ike_header *header);
void ike_header_finish(struct wire_writer *writer); /* patches the length to all that was written */

bool ike_cookie_is_zero(const uint8_t cookie[IKE_COOKIE_LENGTH]);

#endif
