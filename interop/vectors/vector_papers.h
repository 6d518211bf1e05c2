/* SPDX-License-Identifier: ISC */
/*
 * vector_papers.h - keys and certificates of the parties of the sets, from the files in papers/, which are always the same.
 *
 * They are nobody's secret.  All of it is in the program, so that it writes the same sets wherever it is.
 */
#ifndef INTEROP_VECTORS_VECTOR_PAPERS_H
#define INTEROP_VECTORS_VECTOR_PAPERS_H

#include "crypto/credentials.h"
#include "interop/fault.h"

enum vector_papers_of { VECTOR_PAPERS_A, VECTOR_PAPERS_B };

/* The caller's; with `chain` its certificate is not the authority's own but of one below it.  NULL: see fault. */
struct credentials *vector_papers(enum vector_papers_of party, bool chain, struct fault *fault)
    __attribute__((warn_unused_result));

/* The authority's certificate as DER; returns its length, 0 where there is no room. */
size_t vector_papers_authority(uint8_t *der, size_t room);

/* An RSA key as RFC 8017 appendix A.1.2 has it, numbers big-endian without leading zeros; views into `der`. */
struct vector_rsa {
	struct octets modulus, public_exponent, private_exponent, prime_1, prime_2;
	uint8_t der[2048];
};

void vector_papers_rsa(enum vector_papers_of party, struct vector_rsa *rsa);
/* The same for any key; false: it is no such structure. */
bool vector_rsa_read(struct octets der, struct vector_rsa *rsa) __attribute__((warn_unused_result));

/* The octets of the first block of a PEM text; returns their length, 0 where there is none, or no room. */
size_t vector_pem_decode(struct octets text, uint8_t *out, size_t room);

#endif
