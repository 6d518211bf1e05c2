/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "interop/bench/bench_machine.h"
#include "tests/support/scratch.h"

static const char *text(const json_t *machine, const char *key)
{
	const char *value = json_string_value(json_object_get(machine, key));

	ck_assert_msg(value != NULL, "no text: %s", key);
	return value;
}

static void make(const char *folder)
{
	ck_assert_int_eq(mkdir(scratch_path(folder), 0755), 0);
}

/* A machine that says nothing about itself. */
START_TEST(test_nothing_to_read)
{
	static const char *const unknown[] = {"processor", "virtual",  "memory, MiB",
					      "swap, MiB", "rmem_max", "load"};
	json_t *machine = bench_machine("/nonexistent");

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		ck_assert_msg(json_is_null(json_object_get(machine, unknown[i])), "%s", unknown[i]);
	ck_assert_int_gt(json_integer_value(json_object_get(machine, "processors")), 0);
	json_decref(machine);
}
END_TEST

START_TEST(test_what_is_read)
{
	json_t *machine;

	make("proc");
	make("proc/sys");
	make("proc/sys/net");
	make("proc/sys/net/core");
	make("sys");
	make("sys/class");
	make("sys/class/dmi");
	make("sys/class/dmi/id");
	scratch_file("proc/cpuinfo", 0644,
		     "processor\t: 0\nmodel name\t: Slow \x1b[1m One\nflags\t\t: fpu hypervisor "
		     "lm\nmodel name\t: other\n");
	scratch_file("proc/meminfo", 0644,
		     "MemTotal:       16777216 kB\nMemAvailable:    1048576 kB\nSwapTotal: 0 kB\n");
	scratch_file("proc/sys/net/core/rmem_max", 0644, "212992\n");
	scratch_file("sys/class/dmi/id/product_name", 0644, "Cloud\n");
	machine = bench_machine(scratch_directory());
	ck_assert_str_eq(text(machine, "processor"), "Slow  [1m One"); /* nothing for a terminal */
	ck_assert_str_eq(text(machine, "virtual"), "hypervisor, Cloud");
	ck_assert_str_eq(text(machine, "rmem_max"), "212992");
	ck_assert_int_eq(json_integer_value(json_object_get(machine, "memory, MiB")), 16384);
	ck_assert_int_eq(json_integer_value(json_object_get(machine, "available, MiB")), 1024);
	ck_assert_int_eq(json_integer_value(json_object_get(machine, "swap, MiB")), 0);
	json_decref(machine);
	scratch_file("proc/cpuinfo", 0644, "flags: fpu lm\n");
	machine = bench_machine(scratch_directory());
	ck_assert_str_eq(text(machine, "virtual"), "no hypervisor");
	ck_assert(json_is_null(json_object_get(machine, "processor")));
	json_decref(machine);
}
END_TEST

START_TEST(test_what_is_always_there)
{
	json_t *machine = bench_machine("");

	ck_assert_ptr_nonnull(strstr(text(machine, "kernel"), "Linux"));
	ck_assert_ptr_nonnull(strstr(text(machine, "library"), "OpenSSL"));
	ck_assert_ptr_nonnull(strpbrk(text(machine, "compiler"), "0123456789"));
	ck_assert_ptr_nonnull(strstr(text(machine, "flags"), "-O"));
	json_decref(machine);
}
END_TEST

UNIT_MAIN("bench_machine", test_nothing_to_read, test_what_is_read, test_what_is_always_there)
