/* SPDX-License-Identifier: ISC */
#include "crypto/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * The guarded memory holds the octets and nothing else, so that they end where its last page ends: reading one too many
 * is a fault.  The length is no secret and lives outside.
 */
struct secret {
	uint8_t *bytes;
	size_t length;
};

bool secret_init(void)
{
	return sodium_init() >= 0;
}

struct secret *secret_new(struct octets bytes)
{
	struct secret *secret = malloc(sizeof(*secret));

	if (secret == NULL)
		return NULL;
	secret->length = bytes.length;
	secret->bytes = sodium_malloc(bytes.length);
	if (secret->bytes == NULL) {
		free(secret);
		return NULL;
	}
	if (bytes.length > 0)
		memcpy(secret->bytes, bytes.data, bytes.length);
	/* fails where the process has as many mappings as it may have: some ten thousand secrets */
	if (sodium_mprotect_readonly(secret->bytes) != 0) {
		secret_free(secret);
		return NULL;
	}
	return secret;
}

struct octets secret_bytes(const struct secret *secret)
{
	return octets_of(secret->bytes, secret->length);
}

void secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	sodium_free(secret->bytes); /* makes it writable again, and wipes */
	free(secret);
}

void *secret_slab_new(size_t length)
{
	void *slab = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (slab == MAP_FAILED)
		return NULL;
	/*
	 * Both are best effort: old kernels know neither, and an ordinary user may lock only a little.  Locked on fault, a
	 * slab for a million SAs takes memory as they come and not at once.
	 */
	(void)madvise(slab, length, MADV_DONTDUMP);
	(void)mlock2(slab, length, MLOCK_ONFAULT);
	return slab;
}

void secret_slab_free(void *slab, size_t length)
{
	int unmapped;

	if (slab == NULL)
		return;
	secret_wipe(slab, length);
	unmapped = munmap(slab, length);
	assert(unmapped == 0);
}

void secret_wipe(void *memory, size_t length)
{
	sodium_memzero(memory, length);
}

bool secret_equal(struct octets a, struct octets b)
{
	return a.length == b.length && sodium_memcmp(a.data, b.data, a.length) == 0;
}
