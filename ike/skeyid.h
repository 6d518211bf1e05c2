/* SPDX-License-Identifier: ISC */
/*
 * skeyid.h - the keys of Phase 1 (RFC 2409 section 5 and appendix B) and HASH_I, HASH_R.
 */
#ifndef IKE_SKEYID_H
#define IKE_SKEYID_H

#include "crypto/cbc.h"
#include "crypto/prf.h"
#include "ike/types.h"

struct skeyid {
	enum hash_algorithm hash;
	enum cipher_algorithm cipher;
	uint8_t skeyid[PRF_MAX_LENGTH]; /* each hash_length(hash) octets */
	uint8_t d[PRF_MAX_LENGTH];
	uint8_t a[PRF_MAX_LENGTH];
	uint8_t e[PRF_MAX_LENGTH];
	uint8_t key[CIPHER_MAX_KEY]; /* cipher_key_length(cipher) octets */
};

/* SKEYID = prf(pre-shared key, Ni_b | Nr_b). */
void skeyid_psk(struct crypto *crypto, struct skeyid *keys, struct octets psk, struct octets ni_b,
		struct octets nr_b);
/* SKEYID = prf(Ni_b | Nr_b, g^xy), with signatures (RFC 2409 section 5).  The nonces are at most 256 octets each. */
void skeyid_signatures(struct crypto *crypto, struct skeyid *keys, struct octets ni_b,
		       struct octets nr_b, struct octets g_xy);
/* SKEYID_d, _a, _e from SKEYID and g^xy, then the cipher's key.  hash, cipher and skeyid must be set. */
void skeyid_derive(struct crypto *crypto, struct skeyid *keys, struct octets g_xy,
		   const uint8_t *cky_i, const uint8_t *cky_r);

/* The key for the cipher from SKEYID_e, by Ka = K1 | K2 | ... where it is too short (RFC 2409 appendix B). */
void skeyid_expand(struct crypto *crypto, enum hash_algorithm hash, struct octets skeyid_e,
		   uint8_t *key, size_t key_length);

/*
 * HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b); HASH_R is the same with the two public values and the
 * two cookies swapped, SAi_b, and IDir_b.  The caller gives "mine first".  out: hash_length() octets.
 */
void skeyid_hash(struct crypto *crypto, const struct skeyid *keys, struct octets g_mine,
		 struct octets g_other, const uint8_t *cky_mine, const uint8_t *cky_other,
		 struct octets sai_b, struct octets id_b, uint8_t *out);
/*
 * The same by HMAC with another hash than the negotiated one, which a method of signing may be tied to (RFC 2409 section 5.1);
 * SKEYID stays what it is.  out: hash_length(hash) octets.
 */
void skeyid_hash_by(struct crypto *crypto, enum hash_algorithm hash, const struct skeyid *keys,
		    struct octets g_mine, struct octets g_other, const uint8_t *cky_mine,
		    const uint8_t *cky_other, struct octets sai_b, struct octets id_b,
		    uint8_t *out);

#endif
