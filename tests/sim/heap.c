/* SPDX-License-Identifier: ISC */
#include "tests/sim/heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

static size_t pieces;

size_t heap_pieces(void)
{
	return pieces;
}

void heap_fill_with(int octet)
{
#if defined(__GLIBC__)
	(void)mallopt(M_PERTURB, octet);
#else
	(void)octet;
#endif
}

#if defined(SANITIZED) || !defined(__GLIBC__)

bool heap_is_counted(void)
{
	return false;
}

#else

/* The C library's own, under the names that it keeps for those who replace the public ones.  One thread, so plain counting. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t members, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

bool heap_is_counted(void)
{
	return true;
}

static void *counted(void *memory)
{
	pieces += memory != NULL;
	return memory;
}

void *malloc(size_t size)
{
	return counted(__libc_malloc(size));
}

void *calloc(size_t members, size_t size)
{
	return counted(__libc_calloc(members, size));
}

void *realloc(void *old, size_t size)
{
	if (old == NULL)
		return malloc(size);
	if (size == 0) {
		free(old);
		return NULL;
	}
	return __libc_realloc(old, size);
}

void free(void *memory)
{
	pieces -= memory != NULL;
	__libc_free(memory);
}

void *memalign(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *memory = memalign(alignment, size);

	if (memory == NULL)
		return ENOMEM;
	*out = memory;
	return 0;
}

#endif
