/* SPDX-License-Identifier: ISC */
/*
 * notify.h - NOTIFY and DELETE payloads (RFC 2408 section 3.14 and 3.15, RFC 2407 section 4.6.3).
 */
#ifndef IKE_NOTIFY_H
#define IKE_NOTIFY_H

#include "ike/payload.h"

struct ike_notify {
	uint32_t doi;
	uint8_t protocol;
	uint16_t type;
	struct octets spi;  /* 0 to 16 octets; longer is malformed */
	struct octets data; /* may be empty */
};

struct ike_delete {
	uint32_t doi;
	uint8_t protocol;
	uint8_t spi_length; /* octets of each; 16 for ISAKMP, 4 for AH and ESP */
	uint16_t count;
	struct octets spis; /* count x spi_length octets */
};

/* `body` is what follows the generic payload header.  Anything but IKE_ACCEPTED leaves the result untouched. */
enum ike_verdict ike_notify_parse(struct octets body, struct ike_notify *notify) IKE_MUST_USE;
enum ike_verdict ike_delete_parse(struct octets body, struct ike_delete *delete) IKE_MUST_USE;

/* Write a body, without the generic header. */
void ike_notify_write(struct wire_writer *writer, const struct ike_notify *notify);
/* About the ISAKMP SA with these cookies, without data: the form of INITIAL-CONTACT (RFC 2407 section 4.6.3.3). */
void ike_notify_write_isakmp(struct wire_writer *writer, uint32_t doi, uint16_t type,
			     const uint8_t *cky_i, const uint8_t *cky_r);
/* DELETE of the ISAKMP SA with these cookies: DOI 1, SPI size 16, one SPI. */
void ike_delete_write_isakmp(struct wire_writer *writer, const uint8_t *cky_i,
			     const uint8_t *cky_r);
/* DELETE of the ESP SAs that we receive with under these SPIs, in host order (RFC 2408 section 3.15). */
void ike_delete_write_esp(struct wire_writer *writer, const uint32_t *spis, uint16_t count);
/* RESPONDER-LIFETIME's data: two attributes, a life of so many seconds (RFC 2407 section 4.6.3.1). */
void ike_notify_write_lifetime(struct wire_writer *writer, uint32_t seconds);
/* The same, read: seconds, or 0 where none is given or it is malformed. */
uint32_t ike_notify_lifetime(struct octets data);

#endif
