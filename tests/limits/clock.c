/* SPDX-License-Identifier: ISC */
/*
 * clock.c - preloaded: the clocks as a test sets them.  The file named by RUTHERE_TEST_CLOCK holds two numbers of eight
 * octets, in microseconds: what is added to the wall clock, and what to CLOCK_BOOTTIME, which nobody can set in earnest.
 * libevent's own clock, CLOCK_MONOTONIC, is left alone: its timers would wait until that has caught up.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *added; /* to the wall clock, to CLOCK_BOOTTIME */

/* Before main, and so before the confinement: a file cannot be opened later. */
__attribute__((constructor)) static void find_the_file(void)
{
	const char *path = getenv("RUTHERE_TEST_CLOCK");
	int descriptor = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page =
	    descriptor >= 0 ? mmap(NULL, 16, PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;

	if (page == MAP_FAILED)
		abort();
	added = page;
}

static int64_t since_1970(clockid_t clock)
{
	int (*real)(clockid_t, struct timespec *);
	struct timespec now;

	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	real(clock, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000 +
	       (clock == CLOCK_REALTIME   ? added[0]
		: clock == CLOCK_BOOTTIME ? added[1]
					  : 0);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t time = since_1970(clock);

	*now = (struct timespec){time / 1000000, time % 1000000 * 1000};
	return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	int64_t time = since_1970(CLOCK_REALTIME);

	(void)zone;
	*now = (struct timeval){time / 1000000, time % 1000000};
	return 0;
}
