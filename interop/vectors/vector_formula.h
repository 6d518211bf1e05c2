/* SPDX-License-Identifier: ISC */
/*
 * vector_formula.h - the formulas of RFC 2409 that the values of a set follow from: the engine's own, unless one of them is to be
 * mistaken on purpose.
 *
 * Each mistake is one that somebody has made.  With it the sets are what such a stack would have written, so that whoever verifies
 * vectors can be seen to notice.
 */
#ifndef INTEROP_VECTORS_VECTOR_FORMULA_H
#define INTEROP_VECTORS_VECTOR_FORMULA_H

#include "ike/skeyid.h"

enum vector_mistake {
	VECTOR_NO_MISTAKE,
#define MISTAKE(symbol, name, text) VECTOR_##symbol,
#include "interop/vectors/mistakes.def"
	VECTOR_MISTAKES
};

const char *
vector_mistake_name(enum vector_mistake mistake); /* "leading-zero"; not for NO_MISTAKE */
const char *vector_mistake_text(enum vector_mistake mistake);
enum vector_mistake
vector_mistake_find(const char *name); /* VECTOR_MISTAKES: there is none of that name */

struct vector_formulas {
	struct crypto *crypto;
	enum vector_mistake mistake;
};

#define VECTOR_KEY_BLOCKS 2 /* of Ka: 32 octets, by 16 octets at least */

/* Of one SA. */
struct vector_keys {
	struct skeyid skeyid;
	size_t k_blocks; /* 0: SKEYID_e is long enough */
	uint8_t k[VECTOR_KEY_BLOCKS][PRF_MAX_LENGTH];
	uint8_t initial_iv[CIPHER_MAX_BLOCK];
	uint8_t last_block[CIPHER_MAX_BLOCK];
	uint8_t hash_i[HASH_MAX_LENGTH], hash_r[HASH_MAX_LENGTH];
};

/* g^xy as it is hashed. */
struct octets vector_shared(const struct vector_formulas *formulas, struct octets g_xy);
/* hash and cipher must be set.  psk.data NULL: with signatures. */
void vector_skeyid(const struct vector_formulas *formulas, struct vector_keys *keys,
		   struct octets psk, struct octets ni_b, struct octets nr_b, struct octets g_xy,
		   const uint8_t *cky_i, const uint8_t *cky_r);
/* The first IV of an exchange after Phase 1. */
void vector_message_iv(const struct vector_formulas *formulas, const struct vector_keys *keys,
		       uint32_t message_id, uint8_t iv[CIPHER_MAX_BLOCK]);
/* Whose public value and cookie come first in HASH_R: the initiator's, mistakenly. */
bool vector_initiator_first(const struct vector_formulas *formulas, bool hash_i);
/* Whether HASH(1) and HASH(2) are over the padding, too. */
bool vector_hashes_padding(const struct vector_formulas *formulas);

#endif
