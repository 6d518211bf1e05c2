/* SPDX-License-Identifier: ISC */
#include "tests/support/allocations.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
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

static atomic_size_t count, in_use;
static atomic_size_t left = ALLOCATIONS_NEVER;

size_t allocations_count(void)
{
	return count;
}

size_t allocations_in_use(void)
{
	return in_use;
}

void allocations_refuse_after(size_t granted)
{
	left = granted;
}

#if defined(SANITIZED) || !defined(__GLIBC__)

bool allocations_counted(void)
{
	return false;
}

#else

/* The C library's own, under the names that it keeps for those who replace the public ones. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t members, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

bool allocations_counted(void)
{
	return true;
}

static bool granted_one(void)
{
	size_t now = left;

	count++;
	if (now == ALLOCATIONS_NEVER)
		return true;
	while (now > 0)
		if (atomic_compare_exchange_weak(&left, &now, now - 1))
			return true;
	errno = ENOMEM;
	return false;
}

static void *counted(void *memory)
{
	in_use += memory != NULL;
	return memory;
}

void *malloc(size_t size)
{
	return granted_one() ? counted(__libc_malloc(size)) : NULL;
}

void *calloc(size_t members, size_t size)
{
	return granted_one() ? counted(__libc_calloc(members, size)) : NULL;
}

void *realloc(void *old, size_t size)
{
	if (!granted_one())
		return NULL;
	if (old == NULL)
		return counted(__libc_realloc(NULL, size));
	in_use -= size == 0; /* which frees it */
	return __libc_realloc(old, size);
}

void free(void *memory)
{
	in_use -= memory != NULL;
	__libc_free(memory);
}

void *memalign(size_t alignment, size_t size)
{
	return granted_one() ? counted(__libc_memalign(alignment, size)) : NULL;
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
