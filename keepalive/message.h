/* SPDX-License-Identifier: ISC */
/*
 * message.h - the fixed body of R-U-THERE and R-U-THERE-ACK (RFC 3706 section 5.3).
 *
 * "Body" is the NOTIFY payload after its generic header of four octets: 28 octets, always.
 */
#ifndef KEEPALIVE_MESSAGE_H
#define KEEPALIVE_MESSAGE_H

#include "keepalive/keepalive.h"

#define KEEPALIVE_BODY_LENGTH 28 /* DOI 4, protocol 1, SPI size 1, type 2, SPI 16, number 4 */

enum keepalive_quirk {
	KEEPALIVE_NO_QUIRK,
	KEEPALIVE_SWAPPED_COOKIES, /* responder's cookie first (racoon) */
	KEEPALIVE_OTHER_COOKIES,   /* neither order (old Cisco IOS) */
	KEEPALIVE_SHORT_SPI,       /* SPI size 0 or 8 */
};

struct keepalive_message {
	uint16_t type; /* 36136 or 36137 */
	uint32_t number;
	enum keepalive_quirk quirk;
};

void keepalive_message_build(uint16_t type, const uint8_t *cky_i, const uint8_t *cky_r,
			     uint32_t number, uint8_t body[KEEPALIVE_BODY_LENGTH]);

/* Parses and checks; IKE_ACCEPTED fills `message`, anything else leaves it untouched. */
enum ike_verdict keepalive_message_parse(struct octets body, uint16_t type, const uint8_t *cky_i,
					 const uint8_t *cky_r, enum keepalive_strictness strictness,
					 struct keepalive_message *message) IKE_MUST_USE;

#endif
