/* SPDX-License-Identifier: ISC */
/*
 * backend.h - the scratch contexts that the primitives work in.
 *
 * A keyed context costs 650 to 860 octets of heap; a million SAs cannot each have one.  So keys are kept raw in the SA, and
 * one `struct crypto` per thread holds the contexts that are re-keyed for every operation.  Not to be shared by threads.
 * After crypto_new() no primitive on the path of an established SA's packet allocates: hash, prf and cbc.
 */
#ifndef CRYPTO_BACKEND_H
#define CRYPTO_BACKEND_H

#include <stdbool.h>

struct crypto;

/* NULL when the library refuses (memory, or a primitive that this build of it lacks). */
struct crypto *crypto_new(void) __attribute__((warn_unused_result));
void crypto_free(struct crypto *crypto); /* NULL is allowed; what the contexts held is wiped */

/*
 * Whatever the library allocates from now on is in memory for secrets: locked where the system allows, out of core dumps,
 * wiped when it is freed.  Once per process and before anything else; false: it is too late, or there is no memory.  What
 * does not fit there is allocated as usual.
 */
bool crypto_guard_memory(void) __attribute__((warn_unused_result));
/* After fork(): locks are not inherited.  True: all of it is locked; false: it is not, or there is none. */
bool crypto_lock_memory(void);

/* Which library it is and its version, for whoever describes a measurement: "OpenSSL 3.0.17 1 Jul 2025". */
const char *crypto_library(void);

#endif
