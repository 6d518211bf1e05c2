/* SPDX-License-Identifier: ISC */
/*
 * keymat.h - keys of an IPsec SA from those of Phase 1 (RFC 2409 section 5.5).
 */
#ifndef IKE_KEYMAT_H
#define IKE_KEYMAT_H

#include "crypto/prf.h"
#include "ike/types.h"

/* What both directions of one Quick Mode have in common. */
struct keymat_source {
	enum hash_algorithm hash; /* of Phase 1 */
	struct octets skeyid_d;
	struct octets g_xy; /* g(qm)^xy, of the group's length; empty: no perfect forward secrecy */
	uint8_t protocol;   /* enum ike_protocol */
	struct octets ni_b, nr_b;
};

/*
 * KEYMAT = K1 | K2 | ..., where K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b) and
 * Kn = prf(SKEYID_d, Kn-1 | the same): `length` octets of it.  `spi`, in host order, is the one that the receiver of that
 * direction chose, so that each direction has keys of its own.
 */
void keymat(struct crypto *crypto, const struct keymat_source *source, uint32_t spi, uint8_t *out,
	    size_t length);

#endif
