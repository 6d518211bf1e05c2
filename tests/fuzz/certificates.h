/* SPDX-License-Identifier: ISC */
/*
 * certificates.h - who is known to fuzz_certificates, as PEM texts: an authority with its lists, and two peers.
 */
#ifndef TESTS_FUZZ_CERTIFICATES_H
#define TESTS_FUZZ_CERTIFICATES_H

#include "crypto/credentials.h"
#include "tests/fuzz/fuzz.h"

#define CERTIFICATES_NOW                                                                           \
	INT64_C(1000000000) /* when all of them are valid, for a year before and after */

extern const char *const certificates_root;
extern const char
    *const certificates_lists; /* its, and those of the one below; the peer with ECDSA is revoked */
extern const char *const certificates_rsa;   /* a peer, and the one between it and the root */
extern const char *const certificates_ecdsa; /* a peer right below the root */

/* A peer as itself: what it would send.  Made once, never freed. */
const struct credentials *certificates_peer(enum signature_kind kind);
/* What is signed. */
extern const struct octets certificates_hash;

#endif
