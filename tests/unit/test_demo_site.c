/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "interop/config/config.h"
#include "interop/demo_site.h"
#include "tests/support/scratch.h"

static struct fault fault;

START_TEST(test_no_place)
{
	uint16_t port;

	ck_assert(!demo_site_make(scratch_path("no/place"), &port, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no/place"));
	ck_assert(!demo_site_make(scratch_file("file", 0600, ""), &port, &fault));
}
END_TEST

START_TEST(test_configurations_load)
{
	static const char *const names[] = {"a.conf", "b1.conf", "b2.conf"};
	uint16_t port;

	ck_assert_msg(demo_site_make(scratch_directory(), &port, &fault), "%s", fault.text);
	for (size_t i = 0; i < 3; i++) {
		struct config *config = config_load(scratch_path(names[i]), &fault);

		ck_assert_msg(config != NULL, "%s", fault.text);
		ck_assert_uint_eq(config->warnings, 0);
		ck_assert_uint_eq(config->listen[0].port, port);
		ck_assert_ptr_null(config->control);
		ck_assert_uint_eq(config->peer[0].ike.gateways, i == 0 ? 2 : 0);
		config_free(config);
	}
}
END_TEST

START_TEST(test_secret_is_new_each_time)
{
	struct stat status;
	uint16_t port;
	char *first, *second;

	scratch_file("demo.psk", 0644, "old");
	ck_assert(demo_site_make(scratch_directory(), &port, &fault));
	first = scratch_read(scratch_path("demo.psk"));
	ck_assert_int_eq(stat(scratch_path("demo.psk"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert(demo_site_make(scratch_directory(), &port, &fault));
	second = scratch_read(scratch_path("demo.psk"));
	ck_assert_str_ne(first, second);
}
END_TEST

UNIT_MAIN("demo_site", test_no_place, test_configurations_load, test_secret_is_new_each_time)
