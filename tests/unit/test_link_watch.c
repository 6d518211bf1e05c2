/* SPDX-License-Identifier: ISC */
/*
 * test_link_watch.c - interfaces of a network of the test's own; only as root.
 */
#include "tests/support/unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interop/esp/link_watch.h"
#include "interop/esp/tun.h"
#include "tests/support/own_network.h"
#include "tests/support/route_scene.h"

static struct fault fault;
static struct link_watch watch;
static struct tun *tun;

static int refused; /* what the next recv() says instead, once */

ssize_t recv(int descriptor, void *buffer, size_t length, int flags)
{
	if (refused != 0) {
		errno = refused;
		refused = 0;
		return -1;
	}
	return syscall(SYS_recvfrom, descriptor, buffer, length, flags, NULL, NULL);
}

static bool begin(void)
{
	const struct tun_settings settings = {.name = "ruthere0", .mtu = 1400};

	if (!own_network())
		return false;
	tun = tun_new(&settings, &fault);
	ck_assert_msg(tun != NULL, "%s", fault.text);
	ck_assert_msg(link_watch_open(&watch, "ruthere0", &fault), "%s", fault.text);
	ck_assert_int_ge(link_watch_descriptor(&watch), 0);
	return true;
}

static void end(void)
{
	link_watch_close(&watch);
	link_watch_close(&watch);
	tun_free(tun);
}

START_TEST(test_none)
{
	ck_assert(!link_watch_open(&watch, "ruthere9", &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no interface ruthere9"));
	link_watch_close(&watch);
}
END_TEST

START_TEST(test_down_and_up)
{
	if (!begin())
		return;
	ck_assert(!link_watch_came_up(&watch));
	route_scene_set_up("ruthere0", false);
	ck_assert(!link_watch_came_up(&watch));
	route_scene_set_up("ruthere0", true);
	ck_assert(link_watch_came_up(&watch));
	ck_assert(!link_watch_came_up(&watch)); /* once */
	route_scene_set_up("ruthere0", false);
	route_scene_set_up("ruthere0", true);
	ck_assert(link_watch_came_up(&watch)); /* although that was seen afterwards */
	end();
}
END_TEST

START_TEST(test_others)
{
	if (!begin())
		return;
	route_scene_set_up("lo", false);
	route_scene_set_up("lo", true);
	ck_assert(!link_watch_came_up(&watch));
	ck_assert(!link_watch_is_gone(&watch));
	end();
}
END_TEST

START_TEST(test_gone)
{
	if (!begin())
		return;
	route_scene_set_up("ruthere0", false);
	ck_assert(!link_watch_came_up(&watch));
	ck_assert(!link_watch_is_gone(&watch));
	tun_free(tun);
	tun = NULL;
	ck_assert(!link_watch_is_gone(&watch)); /* not heard of yet */
	ck_assert(!link_watch_came_up(&watch)); /* gone is not up */
	ck_assert(link_watch_is_gone(&watch));
	end();
}
END_TEST

START_TEST(test_something_was_missed)
{
	if (!begin())
		return;
	refused = EINTR;
	ck_assert(!link_watch_came_up(&watch));
	refused = ENOBUFS;
	ck_assert(link_watch_came_up(&watch));
	end();
}
END_TEST

UNIT_MAIN("link_watch", test_none, test_down_and_up, test_others, test_gone,
	  test_something_was_missed)
