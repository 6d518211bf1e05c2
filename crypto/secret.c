/* SPDX-License-Identifier: ISC */
#include "crypto/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Some kernels have pages of 16 or 64 KiB. */
static size_t whole_pages(size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (length + page - 1) / page * page;
}

/* A mapping that cannot be given back, because cutting it out of its neighbours makes one too many, stays where it is. */
static void unmap(void *start, size_t length)
{
	(void)munmap(start, length);
}

/* Leaves `length` octets that begin at a multiple of the huge page; NULL where the rest cannot be given back: then nothing is left. */
static uint8_t *trim(uint8_t *start, size_t length)
{
	size_t before = -(uintptr_t)start % SECRET_HUGE_PAGE;
	size_t after = SECRET_HUGE_PAGE - before, used = whole_pages(length);

	if (before > 0 && munmap(start, before) != 0) {
		unmap(start, used + SECRET_HUGE_PAGE);
		return NULL;
	}
	start += before;
	if (munmap(start + used, after) != 0) {
		unmap(start, used + after);
		return NULL;
	}
	return start;
}

/* Of whole huge pages where it is that long: they must begin at a multiple of their length. */
static void *map(size_t length)
{
	bool huge = length >= SECRET_HUGE_PAGE;
	uint8_t *start;

	if (length == 0 || length > SIZE_MAX / 2)
		return NULL;
	start = mmap(NULL, huge ? whole_pages(length) + SECRET_HUGE_PAGE : length,
		     PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return NULL;
	if (huge)
		start = trim(start, length);
	/* best effort, as is all advice and locking below: old kernels know none of it */
	if (start != NULL)
		(void)madvise(start, length, MADV_DONTDUMP);
	return start;
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

void *secret_room_new(size_t length, enum secret_room kind)
{
	uint8_t *room = map(length);

	/* said either way: the system may make huge pages unasked */
	if (room != NULL && kind == SECRET_ROOM_SPARSE)
		(void)madvise(room, length, MADV_NOHUGEPAGE);
	else if (room != NULL && length > SECRET_HUGE_PAGE)
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
