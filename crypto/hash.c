/* SPDX-License-Identifier: ISC */
/*
 * hash.c - digests on OpenSSL's functions of one algorithm each (MD5_Init and its kin), not on EVP.
 *
 * EVP in OpenSSL 3.0 frees a digest's state and allocates it anew at every start, the same context and algorithm or not
 * (later versions do not), and then costs twice as much for the short inputs of IKE.  The older functions work in a
 * context of the caller's.  They are deprecated, not withdrawn; should they go, the three functions digest_begin(),
 * digest_add() and digest_end() are all that has to change.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include <assert.h>

#include "crypto/backend_openssl.h"

static const struct {
	size_t length;       /* octets */
	size_t block_length; /* octets */
} hashes[HASH_ALGORITHMS] = {
    [HASH_MD5] = {16, 64},       [HASH_SHA1] = {20, 64},      [HASH_SHA2_256] = {32, 64},
    [HASH_SHA2_384] = {48, 128}, [HASH_SHA2_512] = {64, 128},
};

size_t hash_length(enum hash_algorithm algorithm)
{
	assert((size_t)algorithm < HASH_ALGORITHMS);
	return hashes[algorithm].length;
}

size_t hash_block_length(enum hash_algorithm algorithm)
{
	assert((size_t)algorithm < HASH_ALGORITHMS);
	return hashes[algorithm].block_length;
}

/* An algorithm that OpenSSL was built without is missed by the linker, so a start that fails is a misuse of ours. */
void digest_begin(struct crypto *crypto, enum hash_algorithm algorithm)
{
	int done = 0;

	switch (algorithm) {
	case HASH_MD5:
		done = MD5_Init(&crypto->digest.md5);
		break;
	case HASH_SHA1:
		done = SHA1_Init(&crypto->digest.sha1);
		break;
	case HASH_SHA2_256:
		done = SHA256_Init(&crypto->digest.sha2_256);
		break;
	case HASH_SHA2_384:
		done = SHA384_Init(&crypto->digest.sha2_512);
		break;
	case HASH_SHA2_512:
		done = SHA512_Init(&crypto->digest.sha2_512);
		break;
	}
	assert(done == 1);
}

void digest_add(struct crypto *crypto, enum hash_algorithm algorithm, struct octets part)
{
	int done = 0;

	switch (algorithm) {
	case HASH_MD5:
		done = MD5_Update(&crypto->digest.md5, part.data, part.length);
		break;
	case HASH_SHA1:
		done = SHA1_Update(&crypto->digest.sha1, part.data, part.length);
		break;
	case HASH_SHA2_256:
		done = SHA256_Update(&crypto->digest.sha2_256, part.data, part.length);
		break;
	case HASH_SHA2_384:
		done = SHA384_Update(&crypto->digest.sha2_512, part.data, part.length);
		break;
	case HASH_SHA2_512:
		done = SHA512_Update(&crypto->digest.sha2_512, part.data, part.length);
		break;
	}
	assert(done == 1);
}

void digest_end(struct crypto *crypto, enum hash_algorithm algorithm, uint8_t *out)
{
	int done = 0;

	switch (algorithm) {
	case HASH_MD5:
		done = MD5_Final(out, &crypto->digest.md5);
		break;
	case HASH_SHA1:
		done = SHA1_Final(out, &crypto->digest.sha1);
		break;
	case HASH_SHA2_256:
		done = SHA256_Final(out, &crypto->digest.sha2_256);
		break;
	case HASH_SHA2_384:
		done = SHA384_Final(out, &crypto->digest.sha2_512);
		break;
	case HASH_SHA2_512:
		done = SHA512_Final(out, &crypto->digest.sha2_512);
		break;
	}
	assert(done == 1);
}

void hash_octets(struct crypto *crypto, enum hash_algorithm algorithm, const struct octets *parts,
		 size_t count, uint8_t *out)
{
	digest_begin(crypto, algorithm);
	for (size_t i = 0; i < count; i++)
		digest_add(crypto, algorithm, parts[i]);
	digest_end(crypto, algorithm, out);
}
