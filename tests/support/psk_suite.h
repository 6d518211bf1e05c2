/* SPDX-License-Identifier: ISC */
/*
 * psk_suite.h - the worked examples of tests/vectors/psk-suites.json: Phase 1 with a pre-shared key, from SKEYID to the
 * R-U-THERE packets, computed by another program than this one.
 */
#ifndef TESTS_SUPPORT_PSK_SUITE_H
#define TESTS_SUPPORT_PSK_SUITE_H

#include "crypto/cbc.h"
#include "crypto/hash.h"

#define PSK_SUITES 5

/* One protected Informational message. */
struct psk_suite_message {
	uint32_t message_id;
	struct octets hash_1, iv, plaintext, packet;
};

struct psk_suite {
	enum hash_algorithm hash;
	enum cipher_algorithm cipher;
	struct octets psk, cky_i, cky_r, ni, nr, g_xi, g_xr, g_xy;
	struct octets skeyid, skeyid_d, skeyid_a, skeyid_e;
	struct octets ka; /* empty where SKEYID_e is long enough for the cipher */
	struct octets key;
	struct octets sai_b, idii_b, idir_b, hash_i, hash_r;
	struct octets iv_phase1, mm5, mm6, last_block;
	struct psk_suite_message r_u_there, r_u_there_ack;
	uint8_t memory[4096]; /* what all of these point into */
	size_t used;
};

/* Reads all of them, from the working directory's tests/vectors; fails the test when one cannot be read. */
void psk_suites_load(struct psk_suite suites[PSK_SUITES]);

#endif
