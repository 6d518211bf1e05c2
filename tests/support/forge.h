/* SPDX-License-Identifier: ISC */
/*
 * forge.h - Informationals, and the beginning of a Quick Mode, made by a test with the keys of an SA between the two nodes
 * of a duo, right or wrong at will.
 *
 *	forge_from(&forge, duo, DUO_A);		the SA, its keys and a fresh message ID
 *	forge_r_u_there(&forge, 1000);		payloads, in order
 *	forge_inject(&forge, duo, DUO_B);	protected, and into the other node
 */
#ifndef TESTS_SUPPORT_FORGE_H
#define TESTS_SUPPORT_FORGE_H

#include "tests/support/duo.h"

#define FORGE_RAW_MAX 3500

struct forge {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];             /* in the header */
	uint8_t named_cky_i[IKE_COOKIE_LENGTH], named_cky_r[IKE_COOKIE_LENGTH]; /* in SPI fields */
	uint8_t last_block[CIPHER_MAX_BLOCK];
	struct ike_keys keys;
	uint8_t exchange; /* Informational, unless said otherwise */
	uint32_t message_id;
	size_t bodies;
	struct {
		uint8_t type;
		uint8_t data[64];
		size_t length;
	} body[4];
	/* instead of bodies: payloads written out with their generic headers, the first of them of that type */
	uint8_t raw[FORGE_RAW_MAX], raw_type;
	size_t raw_length;
	size_t
	    covered; /* how many of the octets after HASH it is computed over; 0: all, as it should be */
	bool bare;     /* without the HASH payload */
	size_t length; /* of the message made last */
};

void forge_from(struct forge *forge, struct duo *duo, enum duo_node node);
void forge_r_u_there(struct forge *forge, uint32_t number);
void forge_ack(struct forge *forge, uint32_t number);
void forge_notify(struct forge *forge, uint16_t type); /* SPI: the named cookies; no data */
void forge_responder_lifetime(struct forge *forge, uint32_t seconds);
void forge_delete(struct forge *forge);
/* Payloads as they are to stand on the wire, lengths and next payloads right or wrong. */
void forge_raw(struct forge *forge, uint8_t first, struct octets payloads);
void forge_raw_hex(struct forge *forge, uint8_t first, const char *hex);
/* Makes it the first message of a Quick Mode: SA (ESP, tunnel, AES-128 with HMAC-SHA1), Ni, IDci and IDcr. */
void forge_quick_mode(struct forge *forge);

size_t forge_clear(struct forge *forge, uint8_t *out, size_t room);
size_t forge_protected(struct forge *forge, uint8_t *out, size_t room);
enum ike_verdict forge_inject_clear(struct forge *forge, struct duo *duo, enum duo_node to);
enum ike_verdict forge_inject(struct forge *forge, struct duo *duo, enum duo_node to);

bool forge_lose_all(struct duo *duo, struct duo_datagram *datagram); /* for duo.deliver */

#endif
