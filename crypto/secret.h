/* SPDX-License-Identifier: ISC */
/*
 * secret.h - memory for what must not leak: wiped by the function that frees it, compared in constant time.
 */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include <stdbool.h>

#include "crypto/octets.h"

/* Once per process, before anything else of crypto/.  False: the library could not start. */
bool secret_init(void) __attribute__((warn_unused_result));

/*
 * A pre-shared key or private key in guarded memory: pages of its own with no-access pages around, locked where the
 * system allows, out of core dumps, readable but not writable once made.
 */
struct secret;

struct secret *secret_new(struct octets bytes)
    __attribute__((warn_unused_result)); /* a copy; NULL: no memory */
struct octets secret_bytes(const struct secret *secret);
void secret_free(struct secret *secret); /* NULL is allowed */
/* In a process that was forked: the lock is not inherited, and is taken anew where the system allows. */
void secret_lock(const struct secret *secret);

/*
 * Memory for what SAs have of their own, their keys, parties and handshakes: zeroed, locked where the system allows, out of core
 * dumps, no guard pages.  length in octets; NULL: no memory.
 */
void *secret_slab_new(size_t length) __attribute__((warn_unused_result));
void secret_slab_free(void *slab, size_t length); /* wipes first; NULL is allowed */

/*
 * Room for all the SAs that there may ever be, of which no more is taken than is written to: zeroed, out of core dumps.  Not
 * locked, so no place for keys.  Dense: past the first huge page it is made of such where the system has them, because a search
 * among a million SAs would otherwise wait for the page tables more than for the SA.  Sparse: never, because here and there one
 * is written to.  NULL: no memory.
 */
enum secret_room { SECRET_ROOM_DENSE, SECRET_ROOM_SPARSE };
void *secret_room_new(size_t length, enum secret_room kind) __attribute__((warn_unused_result));
void secret_room_free(void *room, size_t length); /* not wiped; NULL is allowed */

#define SECRET_HUGE_PAGE ((size_t)2 << 20) /* octets */

void secret_wipe(void *memory, size_t length);
/* Constant time in the contents; different lengths are unequal at once (lengths are not secret). */
bool secret_equal(struct octets a, struct octets b) __attribute__((warn_unused_result));

#endif
