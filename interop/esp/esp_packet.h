/* SPDX-License-Identifier: ISC */
/*
 * esp_packet.h - one ESP packet of one SA, sealed and opened in place (RFC 4303 section 2, tunnel mode):
 *
 *	SPI(4)  sequence number(4)  IV  | inner packet  1 2 3 ...  pad length(1)  next header(1) |  ICV
 *	                                 \___________________ encrypted _______________________/
 *	 \__________________________ authenticated __________________________________________/
 *
 * AES-CBC (RFC 3602), 3DES-CBC (RFC 2451), NULL (RFC 2410) with HMAC-MD5-96 (RFC 2403), HMAC-SHA1-96 (RFC 2404) or
 * HMAC-SHA2-256-128 (RFC 4868); and AES-GCM with an ICV of 16 octets (RFC 4106), of which the IV is authenticated by being part
 * of the nonce.  Whether a number may be used, and whether the inner packet may pass, is for esp_plane.
 */
#ifndef INTEROP_ESP_ESP_PACKET_H
#define INTEROP_ESP_ESP_PACKET_H

#include "crypto/packet_cipher.h"
#include "ike/ipsec.h"
#include "interop/esp/esp_verdict.h"
#include "interop/fault.h"

#define ESP_HEADROOM                                                                               \
	32 /* octets that a caller keeps free before an inner packet: SPI, sequence number, IV */
#define ESP_TAILROOM 64 /* and behind it: padding, pad length, next header, ICV */

#define ESP_IV_MAX 16 /* octets */

#define ESP_NEXT_IPV4  4 /* next header: IANA's protocol numbers */
#define ESP_NEXT_IPV6  41
#define ESP_NEXT_DUMMY 59 /* RFC 4303 section 2.6 */

struct esp_buffer {
	uint8_t *data;
	size_t length; /* octets */
	size_t room;   /* octets from data on */
};

/* What the algorithms of an SA make of a packet. */
struct esp_form {
	enum packet_encryption encryption;
	enum packet_authentication authentication;
	uint8_t iv, align, icv, salt; /* octets; what is encrypted is a multiple of `align` */
};

/* False: no such SA is made here; see fault, which says why and what would be right. */
bool esp_form_of(const struct ike_ipsec_proposal *proposal, struct esp_form *form,
		 struct fault *fault) IKE_MUST_USE;
/* Octets of a packet that carries an inner one of that length, from the SPI to the ICV. */
size_t esp_form_sealed(const struct esp_form *form, size_t inner);

/*
 * How many octets the outer packet is longer than the inner one at most: outer IP header, UDP where it is encapsulated, ESP with the
 * longest padding.  The path's MTU less this is the inner MTU.  0: its algorithms are none of ours.
 */
size_t esp_overhead(const struct ike_ipsec_sa *pair, bool ipv6_outer);

#define ESP_SALT 4 /* octets: RFC 4106 section 8.1 */

/* One direction. */
struct esp_sa {
	struct esp_form form;
	uint32_t spi;
	uint8_t salt[ESP_SALT];
	struct packet_cipher *cipher;
};

/* The first part of `keymat` encrypts, the second authenticates.  Lengths must be those of the form.  False: see fault. */
bool esp_sa_key(struct esp_sa *sa, const struct esp_form *form, uint32_t spi,
		struct octets encryption_key, struct octets authentication_key,
		enum packet_direction direction, struct fault *fault) IKE_MUST_USE;
void esp_sa_wipe(struct esp_sa *sa); /* one that is all zeros, too */

/*
 * The inner packet becomes the ESP packet: ESP_HEADROOM octets before packet->data are the caller's to give.  `iv` is form.iv octets:
 * for CBC such as nobody can predict, for GCM any that were never used with this SA.  ESP_TOO_LARGE: nothing has changed.
 */
enum esp_verdict esp_packet_seal(struct esp_sa *sa, uint32_t number, const uint8_t *iv,
				 uint8_t next_header, struct esp_buffer *packet) IKE_MUST_USE;

/* SPI and sequence number, without any check but that they are there: ESP_ACCEPTED or ESP_TOO_SHORT. */
enum esp_verdict esp_packet_peek(struct octets packet, uint32_t *spi,
				 uint32_t *number) IKE_MUST_USE;
/*
 * The ESP packet becomes what is in it, padding for traffic flow confidentiality included.  ESP_BAD_LENGTH: nothing has changed;
 * otherwise, on anything but ESP_ACCEPTED, the octets are worth nothing, and the buffer is where it was.
 */
enum esp_verdict esp_packet_open(struct esp_sa *sa, struct esp_buffer *packet,
				 uint8_t *next_header) IKE_MUST_USE;

#endif
