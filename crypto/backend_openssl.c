/* SPDX-License-Identifier: ISC */
#include "crypto/backend_openssl.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "crypto/secret.h"

struct crypto *crypto_new(void)
{
	struct crypto *crypto = secret_slab_new(sizeof(*crypto));

	if (crypto == NULL)
		return NULL;
	if (!cbc_contexts_new(crypto) || !dh_arithmetic_new(crypto)) {
		crypto_free(crypto);
		return NULL;
	}
	return crypto;
}

void crypto_free(struct crypto *crypto)
{
	if (crypto == NULL)
		return;
	cbc_contexts_free(crypto);
	dh_arithmetic_free(crypto);
	secret_slab_free(crypto, sizeof(*crypto));
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

/* What contexts, tables of algorithms and Diffie-Hellman operations need is less than a quarter of it. */
#define GUARDED_MEMORY (4u << 20) /* octets, a power of two */
#define GUARDED_LEAST  64         /* octets of one allocation; so is this */

static void *guarded_new(size_t length, const char *file, int line)
{
	void *memory = NULL;

	if (CRYPTO_secure_malloc_initialized())
		memory = CRYPTO_secure_malloc(length, file, line);
	return memory != NULL ? memory : malloc(length);
}

static void guarded_free(void *memory, const char *file, int line)
{
	if (CRYPTO_secure_allocated(memory))
		CRYPTO_secure_free(memory, file, line); /* wipes it */
	else
		free(memory);
}

static void *guarded_resize(void *old, size_t length, const char *file, int line)
{
	size_t room;
	void *memory;

	if (old == NULL)
		return guarded_new(length, file, line);
	if (!CRYPTO_secure_allocated(old))
		return realloc(old, length);
	room = CRYPTO_secure_actual_size(old);
	if (length > 0 && length <= room)
		return old;
	memory = length > 0 ? guarded_new(length, file, line) : NULL;
	if (memory != NULL)
		memcpy(memory, old, room);
	if (memory != NULL || length == 0)
		CRYPTO_secure_free(old, file, line);
	return memory;
}

static void *arena; /* NULL: not known */

/* OpenSSL tells nobody where it is; but who asks for all of it while nothing else is there is given its beginning. */
static void find_arena(void)
{
	arena = CRYPTO_secure_malloc(GUARDED_MEMORY, __FILE__, __LINE__);
	CRYPTO_secure_free(arena, __FILE__, __LINE__);
}

bool crypto_lock_memory(void)
{
	return arena != NULL && mlock(arena, GUARDED_MEMORY) == 0;
}

bool crypto_guard_memory(void)
{
	/* 2: made, but not locked, which an ordinary user may not always have */
	if (CRYPTO_set_mem_functions(guarded_new, guarded_resize, guarded_free) != 1 ||
	    CRYPTO_secure_malloc_init(GUARDED_MEMORY, GUARDED_LEAST) == 0)
		return false;
	find_arena();
	return true;
}

const char *crypto_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
