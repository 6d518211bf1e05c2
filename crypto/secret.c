/* SPDX-License-Identifier: ISC */
#include "crypto/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE ((size_t)4096)

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

void secret_lock(const struct secret *secret)
{
	(void)mlock(secret->bytes, secret->length);
}

void secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	sodium_free(secret->bytes); /* makes it writable again, and wipes */
	free(secret);
}

/* Of whole huge pages where it is that long: they must begin at a multiple of their length. */
static void *map(size_t length)
{
	size_t more = length < SECRET_HUGE_PAGE ? 0 : SECRET_HUGE_PAGE, before;
	uint8_t *start;
	int trimmed = 0;

	if (length > SIZE_MAX / 2)
		return NULL;
	start = mmap(NULL, length + more, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return NULL;
	if (more > 0) {
		before = -(uintptr_t)start % SECRET_HUGE_PAGE;
		if (before > 0)
			trimmed |= munmap(start, before);
		start += before;
		length += -length % PAGE;
		if (more > before)
			trimmed |= munmap(start + length, more - before);
	}
	assert(trimmed == 0);
	/* best effort, as is all advice and locking below: old kernels know none of it */
	(void)madvise(start, length, MADV_DONTDUMP);
	return start;
}

static void unmap(void *start, size_t length)
{
	int unmapped = munmap(start, length);

	assert(unmapped == 0);
}

void *secret_slab_new(size_t length)
{
	void *slab = map(length);

	if (slab == NULL)
		return NULL;
	if (length >= SECRET_HUGE_PAGE)
		(void)madvise(slab, length, MADV_HUGEPAGE);
	/* An ordinary user may lock only a little.  Locked on fault, a slab takes memory as it is used and not at once. */
	(void)mlock2(slab, length, MLOCK_ONFAULT);
	return slab;
}

void secret_slab_free(void *slab, size_t length)
{
	if (slab == NULL)
		return;
	secret_wipe(slab, length);
	unmap(slab, length);
}

void *secret_room_new(size_t length)
{
	uint8_t *room = map(length);

	if (room != NULL && length > SECRET_HUGE_PAGE)
		(void)madvise(room + SECRET_HUGE_PAGE, length - SECRET_HUGE_PAGE, MADV_HUGEPAGE);
	return room;
}

void secret_room_free(void *room, size_t length)
{
	if (room != NULL)
		unmap(room, length);
}

void secret_wipe(void *memory, size_t length)
{
	sodium_memzero(memory, length);
}

bool secret_equal(struct octets a, struct octets b)
{
	return a.length == b.length && sodium_memcmp(a.data, b.data, a.length) == 0;
}
