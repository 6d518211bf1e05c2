/* SPDX-License-Identifier: ISC */
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/secret.h"

static const uint8_t key[] = "a pre-shared key";

/*
 * Kernels with larger pages than this one's, and such as have no room for another mapping: the program calls these in place of the
 * library's.
 */
static long pages_of;    /* octets; 0: as they are */
static int refused_from; /* munmap fails from this call on, counted from 1; 0: never */
static int unmapped;

#if !SIEGE_SANITIZED /* the address sanitizer has its own */
long sysconf(int name)
{
	long pages = (long)getauxval(AT_PAGESZ);

	if (name == _SC_PAGESIZE)
		return pages_of == 0 ? pages : pages_of;
	return -1;
}

/* Begins at one of those pages; the octets before it are never given back. */
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	size_t more = (size_t)pages_of;
	long start = syscall(SYS_mmap, address, length + more, protection, flags, file, offset);

	if (start == -1)
		return MAP_FAILED;
	if (more > 0)
		start += (long)(-(uintptr_t)start % more);
	return (void *)start;
}

int munmap(void *start, size_t length)
{
	uintptr_t at = (uintptr_t)start;

	unmapped++;
	if (pages_of != 0 && at % (uintptr_t)pages_of != 0) {
		errno = EINVAL;
		return -1;
	}
	if (refused_from != 0 && unmapped >= refused_from) {
		errno = ENOMEM;
		return -1;
	}
	return (int)syscall(SYS_munmap, start, length);
}
#endif

static sigjmp_buf before_the_fault;

static void after_the_fault(int signal_number)
{
	(void)signal_number;
	siglongjmp(before_the_fault, 1);
}

/* Whether an access to that octet is stopped by the memory protection. */
static bool faults(volatile uint8_t *octet, bool write)
{
	struct sigaction action = {.sa_handler = after_the_fault}, segv, bus;
	volatile bool stopped = true;

	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGBUS, &action, &bus);
	if (sigsetjmp(before_the_fault, 1) == 0) {
		if (write)
			*octet = 0;
		else
			(void)*octet;
		stopped = false;
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return stopped;
}

static uint8_t *writable(struct octets octets)
{
	return (uint8_t *)(uintptr_t)octets.data;
}

START_TEST(test_secret_cannot_be_written)
{
	struct secret *secret = secret_new(octets_of(key, sizeof(key)));

	ck_assert_ptr_nonnull(secret);
	ck_assert(faults(writable(secret_bytes(secret)), true));
	ck_assert(!faults(writable(secret_bytes(secret)), false));
	secret_free(secret);
}
END_TEST

START_TEST(test_secret_cannot_be_read_past_its_end)
{
	struct secret *secret = secret_new(octets_of(key, sizeof(key)));

	ck_assert_ptr_nonnull(secret);
	ck_assert(!faults(writable(secret_bytes(secret)) + sizeof(key) - 1, false));
	ck_assert(faults(writable(secret_bytes(secret)) + sizeof(key), false));
	secret_free(secret);
}
END_TEST

START_TEST(test_freed_secret_is_gone)
{
	struct secret *secret = secret_new(octets_of(key, sizeof(key)));
	uint8_t *bytes;

	ck_assert_ptr_nonnull(secret);
	bytes = writable(secret_bytes(secret));
	secret_free(secret);
	ck_assert(faults(bytes, false));
	secret_free(NULL);
}
END_TEST

START_TEST(test_unequal_secrets)
{
	uint8_t other[sizeof(key)];

	for (size_t i = 0; i < sizeof(key); i++) {
		memcpy(other, key, sizeof(key));
		other[i] ^= 0x80;
		ck_assert(
		    !secret_equal(octets_of(key, sizeof(key)), octets_of(other, sizeof(other))));
	}
	ck_assert(!secret_equal(octets_of(key, sizeof(key)), octets_of(key, sizeof(key) - 1)));
	ck_assert(!secret_equal(octets_of(key, sizeof(key)), octets_of(NULL, 0)));
}
END_TEST

START_TEST(test_equal_secrets)
{
	uint8_t same[sizeof(key)];

	memcpy(same, key, sizeof(key));
	ck_assert(secret_equal(octets_of(key, sizeof(key)), octets_of(same, sizeof(same))));
	ck_assert(secret_equal(octets_of(NULL, 0), octets_of(key, 0)));
}
END_TEST

START_TEST(test_impossible_slabs)
{
	ck_assert_ptr_null(secret_slab_new(0));
	ck_assert_ptr_null(secret_slab_new(SIZE_MAX));
	secret_slab_free(NULL, 4096);
}
END_TEST

START_TEST(test_impossible_rooms)
{
	ck_assert_ptr_null(secret_room_new(0, SECRET_ROOM_DENSE));
	ck_assert_ptr_null(secret_room_new(SIZE_MAX, SECRET_ROOM_DENSE));
	secret_room_free(NULL, 4096);
}
END_TEST

/* How many of the pages that hold these octets are there. */
static size_t resident(const uint8_t *memory, size_t length)
{
	static unsigned char present[4096];
	size_t pages = (length + 4095) / 4096, count = 0;

	ck_assert_uint_le(pages, sizeof(present));
	ck_assert_int_eq(mincore((void *)(uintptr_t)memory, length, present), 0);
	for (size_t i = 0; i < pages; i++)
		count += present[i] & 1;
	return count;
}

/* A node with ten SAs must not pay for a million. */
START_TEST(test_room_is_taken_as_it_is_used)
{
	size_t length = 3 * SECRET_HUGE_PAGE + 12345;
	uint8_t *room = secret_room_new(length, SECRET_ROOM_DENSE);

	ck_assert_ptr_nonnull(room);
	ck_assert_uint_eq((uintptr_t)room % SECRET_HUGE_PAGE, 0);
	ck_assert_uint_eq(resident(room, length), 0);
	room[0] = 1;
	ck_assert_uint_eq(resident(room, length), 1);
	ck_assert_uint_eq(room[length - 1], 0);
	room[length - 1] = 1;
	ck_assert_uint_eq(room[SECRET_HUGE_PAGE], 0);
	secret_room_free(room, length);
	ck_assert(faults(room, false));
	ck_assert(faults(room + length - 1, false));
}
END_TEST

/* Whatever the system would rather do: one octet in every two megabytes takes a page each. */
START_TEST(test_sparse_room_takes_pages)
{
	size_t length = 8 * SECRET_HUGE_PAGE, taken;
	uint8_t *room = secret_room_new(length, SECRET_ROOM_SPARSE);

	ck_assert_ptr_nonnull(room);
	for (size_t at = 0; at < length; at += SECRET_HUGE_PAGE)
		room[at] = 1;
	taken = resident(room, length);
	ck_assert_uint_eq(taken, 8);
	secret_room_free(room, length);
}
END_TEST

START_TEST(test_slab_of_huge_pages_begins_with_one)
{
	uint8_t *slab = secret_slab_new(SECRET_HUGE_PAGE);

	ck_assert_ptr_nonnull(slab);
	ck_assert_uint_eq((uintptr_t)slab % SECRET_HUGE_PAGE, 0);
	slab[SECRET_HUGE_PAGE - 1] = 1;
	secret_slab_free(slab, SECRET_HUGE_PAGE);
	ck_assert(faults(slab, false));
}
END_TEST

/* Two huge pages and some that no larger page divides: the rest of the mapping begins at a multiple of their length all the same. */
START_TEST(test_larger_pages)
{
	if (SIEGE_SANITIZED)
		return;
	static const long pages[] = {4096, 16384, 65536};
	const size_t length = 2 * SECRET_HUGE_PAGE + 12345;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		uint8_t *room;

		pages_of = pages[i];
		room = secret_room_new(length, SECRET_ROOM_DENSE);
		ck_assert_ptr_nonnull(room);
		ck_assert_uint_eq((uintptr_t)room % SECRET_HUGE_PAGE, 0);
		room[length - 1] = 1;
		secret_room_free(room, length);
		pages_of = 0;
		ck_assert(faults(room + length - 1, false));
	}
}
END_TEST

/* Cutting a mapping in two may be one too many; then there is no memory, and that is all. */
START_TEST(test_no_room_for_another_mapping)
{
	if (SIEGE_SANITIZED)
		return;
	uint8_t *room;

	for (int from = 1; from <= 2; from++) {
		unmapped = 0;
		refused_from = from;
		room = secret_room_new(SECRET_HUGE_PAGE, SECRET_ROOM_DENSE);
		if (room == NULL)
			ck_assert_int_ge(unmapped, from);
		refused_from = 0;
		secret_room_free(room, SECRET_HUGE_PAGE);
	}
	/* one that cannot be given back stays */
	room = secret_room_new(4096, SECRET_ROOM_DENSE);
	ck_assert_ptr_nonnull(room);
	unmapped = 0;
	refused_from = 1;
	secret_room_free(room, 4096);
	refused_from = 0;
	ck_assert(!faults(room, false));
	secret_room_free(room, 4096);
}
END_TEST

START_TEST(test_secret_is_a_copy)
{
	uint8_t original[sizeof(key)];
	struct secret *secret;

	memcpy(original, key, sizeof(key));
	secret = secret_new(octets_of(original, sizeof(original)));
	ck_assert_ptr_nonnull(secret);
	secret_wipe(original, sizeof(original));
	ck_assert_uint_eq(secret_bytes(secret).length, sizeof(key));
	ck_assert_mem_eq(secret_bytes(secret).data, key, sizeof(key));
	secret_free(secret);
}
END_TEST

/* A fork does not inherit the lock; that it can be taken anew is all that can be asked of every system. */
START_TEST(test_locked_again)
{
	struct secret *secret = secret_new(octets_of((const uint8_t *)"abc", 3));

	secret_lock(secret);
	secret_lock(secret);
	ck_assert_mem_eq(secret_bytes(secret).data, "abc", 3);
	secret_free(secret);
}
END_TEST

START_TEST(test_empty_secret)
{
	struct secret *secret = secret_new(octets_of(NULL, 0));

	ck_assert_ptr_nonnull(secret);
	ck_assert_uint_eq(secret_bytes(secret).length, 0);
	secret_free(secret);
}
END_TEST

START_TEST(test_wipe_stays_within_its_length)
{
	uint8_t memory[4] = {1, 2, 3, 4};

	secret_wipe(memory + 1, 2);
	unit_assert_hex(octets_of(memory, sizeof(memory)), "01 00 00 04");
	secret_wipe(memory, 0);
	ck_assert_uint_eq(memory[0], 1);
}
END_TEST

START_TEST(test_slab_is_zeroed_and_writable_to_its_end)
{
	const size_t length = 3 * 4096 + 5;
	uint8_t *slab = secret_slab_new(length);

	ck_assert_ptr_nonnull(slab);
	for (size_t i = 0; i < length; i++)
		ck_assert_uint_eq(slab[i], 0);
	memset(slab, 0xff, length);
	secret_slab_free(slab, length);
	ck_assert(faults(slab, false));
}
END_TEST

/* More than the system gives: then there are no more, and those that there are stay good. */
START_TEST(test_too_many_secrets)
{
	/* the address sanitizer wants mappings of its own */
	const size_t most = SIEGE_SANITIZED ? 1000 : 100000;
	struct secret **secret = calloc(most, sizeof(*secret));
	size_t count = 0;

	ck_assert_ptr_nonnull(secret);
	while (count < most && (secret[count] = secret_new(octets_of(key, sizeof(key)))) != NULL)
		count++;
	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		ck_assert(secret_equal(secret_bytes(secret[i]), octets_of(key, sizeof(key))));
		secret_free(secret[i]);
	}
	free(secret);
}
END_TEST

START_TEST(test_library_starts_twice)
{
	ck_assert(secret_init());
	ck_assert(secret_init());
}
END_TEST

UNIT_MAIN("secret", test_secret_cannot_be_written, test_secret_cannot_be_read_past_its_end,
	  test_freed_secret_is_gone, test_unequal_secrets, test_equal_secrets,
	  test_impossible_slabs, test_impossible_rooms, test_room_is_taken_as_it_is_used,
	  test_sparse_room_takes_pages, test_slab_of_huge_pages_begins_with_one, test_larger_pages,
	  test_no_room_for_another_mapping, test_secret_is_a_copy, test_locked_again,
	  test_empty_secret, test_wipe_stays_within_its_length,
	  test_slab_is_zeroed_and_writable_to_its_end, test_too_many_secrets,
	  test_library_starts_twice)
