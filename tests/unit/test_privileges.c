/* SPDX-License-Identifier: ISC */
/*
 * test_privileges.c - every test is a process of its own, so what one drops no other misses.  What the system says of a
 * whole program that has dropped them is in tests/limits.
 */
#include "tests/support/unit.h"

#include <cap-ng.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "interop/node/privileges.h"

static struct fault fault;
static char name[PRIVILEGES_USER];

START_TEST(test_no_such_user)
{
	if (geteuid() != 0)
		return; /* nobody else becomes another user */
	ck_assert(!privileges_drop("no-such-user", false, name, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "\"no-such-user\""));
	ck_assert_ptr_nonnull(strstr(fault.text, "node { user }"));
	ck_assert_ptr_nonnull(strstr(fault.text, "confine = no"));
	ck_assert_uint_eq(geteuid(), 0);
}
END_TEST

START_TEST(test_root_is_no_user_to_become)
{
	if (geteuid() != 0)
		return;
	ck_assert(!privileges_drop("root", false, name, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "\"root\" is root"));
}
END_TEST

/* As in a container that was not given everything. */
START_TEST(test_root_that_may_not)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(capng_get_caps_process(), 0);
	ck_assert_int_eq(capng_updatev(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SETUID,
				       CAP_SETGID, CAP_SETPCAP, -1),
			 0);
	ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
	ck_assert(!privileges_drop("nobody", false, name, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "cannot become user \"nobody\""));
	ck_assert_ptr_nonnull(strstr(fault.text, "CAP_SETUID"));
}
END_TEST

START_TEST(test_dropped)
{
	bool root = geteuid() == 0;

	ck_assert_msg(privileges_drop("nobody", false, name, &fault), "%s", fault.text);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	ck_assert_int_ne(geteuid(), 0);
	ck_assert_int_ne(setuid(0), 0);
	ck_assert_int_ne(setgid(0), 0);
	if (root)
		ck_assert_str_eq(name, "nobody");
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		ck_assert(!root || prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0);
}
END_TEST

/* Who has nothing to drop is left as it is. */
START_TEST(test_once_more)
{
	ck_assert_msg(privileges_drop("nobody", false, name, &fault), "%s", fault.text);
	ck_assert_msg(privileges_drop("daemon", false, name, &fault), "%s", fault.text);
	ck_assert_str_ne(name, "daemon");
}
END_TEST

/* Only that one, and neither for programs that it might start nor for root's user to be had again. */
START_TEST(test_net_admin_is_kept)
{
	if (geteuid() != 0)
		return;
	ck_assert_msg(privileges_drop("nobody", true, name, &fault), "%s", fault.text);
	ck_assert_int_ne(setuid(0), 0);
	ck_assert_int_eq(capng_get_caps_process(), 0);
	ck_assert(capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN));
	ck_assert(!capng_have_capability(CAPNG_INHERITABLE, CAP_NET_ADMIN));
	ck_assert(!capng_have_capability(CAPNG_BOUNDING_SET, CAP_NET_ADMIN));
	ck_assert(!capng_have_capability(CAPNG_PERMITTED, CAP_SETUID));
}
END_TEST

/* Where it is to stay and was not there: better said than found out with the first tunnel. */
START_TEST(test_net_admin_is_not_there)
{
	if (geteuid() != 0)
		return;
	ck_assert_msg(privileges_drop("nobody", false, name, &fault), "%s", fault.text);
	ck_assert(!privileges_drop("nobody", true, name, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "capabilit"));
}
END_TEST

UNIT_MAIN("privileges", test_no_such_user, test_root_is_no_user_to_become, test_root_that_may_not,
	  test_dropped, test_net_admin_is_kept, test_net_admin_is_not_there, test_once_more)
