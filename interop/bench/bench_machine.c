/* SPDX-License-Identifier: ISC */
#include "interop/bench/bench_machine.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "crypto/backend.h"
#include "interop/version.h"

#ifndef BUILD_FLAGS /* the Makefile says it */
#define BUILD_FLAGS "unknown"
#endif

#define LINE 4096 /* octets: the flags of a processor are one line */

static FILE *open_below(const char *root, const char *path)
{
	char whole[512];

	if (snprintf(whole, sizeof(whole), "%s%s", root, path) >= (int)sizeof(whole))
		return NULL;
	return fopen(whole, "re");
}

/* Without blanks at either end; what does not print becomes a blank. */
static char *trim(char *text)
{
	size_t length;

	for (char *c = text; *c != '\0'; c++)
		if (!isprint((unsigned char)*c))
			*c = ' ';
	while (*text == ' ')
		text++;
	length = strlen(text);
	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
	return text;
}

/* The first line of a file; null: there is none. */
static json_t *first_line(const char *root, const char *path)
{
	FILE *file = open_below(root, path);
	char line[LINE];
	char *got;

	if (file == NULL)
		return json_null();
	got = fgets(line, sizeof(line), file);
	fclose(file);
	return got == NULL ? json_null() : json_string(trim(line));
}

/* What stands behind "KEY<blanks>:" in a file of such lines.  False: no such line. */
static bool value_of(const char *root, const char *path, const char *key, char value[LINE])
{
	FILE *file = open_below(root, path);
	size_t length = strlen(key);
	bool found = false;
	char line[LINE];

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		char *colon = strchr(line, ':');

		if (colon == NULL || strncmp(line, key, length) != 0 ||
		    strspn(line + length, " \t") != (size_t)(colon - line) - length)
			continue;
		snprintf(value, LINE, "%s", trim(colon + 1));
		found = true;
	}
	fclose(file);
	return found;
}

static json_t *text_value(const char *root, const char *path, const char *key)
{
	char value[LINE];

	return value_of(root, path, key, value) ? json_string(value) : json_null();
}

/* /proc/meminfo counts in kB. */
static json_t *mib_value(const char *root, const char *key)
{
	char value[LINE];

	if (!value_of(root, "/proc/meminfo", key, value))
		return json_null();
	return json_integer((json_int_t)(strtoull(value, NULL, 10) / 1024));
}

/* The processor itself says whether there is a hypervisor; the firmware may say which. */
static json_t *virtual_machine(const char *root)
{
	json_t *product = first_line(root, "/sys/class/dmi/id/product_name");
	char flags[LINE], text[256];
	bool known = value_of(root, "/proc/cpuinfo", "flags", flags);
	json_t *answer;

	if (!known) {
		json_decref(product);
		return json_null();
	}
	if (strstr(flags, " hypervisor") == NULL) {
		answer = json_string("no hypervisor");
	} else {
		snprintf(text, sizeof(text), "hypervisor%s%s", json_is_string(product) ? ", " : "",
			 json_is_string(product) ? json_string_value(product) : "");
		answer = json_string(text);
	}
	json_decref(product);
	return answer;
}

static json_t *kernel(void)
{
	struct utsname name;
	char text[sizeof(name.sysname) + sizeof(name.release) + sizeof(name.machine) + 3];

	if (uname(&name) != 0)
		return json_null();
	snprintf(text, sizeof(text), "%s %s %s", name.sysname, name.release, name.machine);
	return json_string(text);
}

static json_t *processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return json_null();
	return json_integer(CPU_COUNT(&set));
}

static json_t *locked_memory(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return json_null();
	if (limit.rlim_cur == RLIM_INFINITY)
		return json_string("unlimited");
	return json_integer((json_int_t)(limit.rlim_cur / 1024));
}

static json_t *compiler(void)
{
#ifdef __clang__
	return json_string("clang " __clang_version__);
#else
	return json_string("gcc " __VERSION__);
#endif
}

json_t *bench_machine(const char *root)
{
	json_t *object = json_object();

	json_object_set_new(object, "processor", text_value(root, "/proc/cpuinfo", "model name"));
	json_object_set_new(object, "processors", processors());
	json_object_set_new(object, "virtual", virtual_machine(root));
	json_object_set_new(object, "memory, MiB", mib_value(root, "MemTotal"));
	json_object_set_new(object, "available, MiB", mib_value(root, "MemAvailable"));
	json_object_set_new(object, "swap, MiB", mib_value(root, "SwapTotal"));
	json_object_set_new(object, "huge pages",
			    first_line(root, "/sys/kernel/mm/transparent_hugepage/enabled"));
	json_object_set_new(object, "kernel", kernel());
	json_object_set_new(object, "library", json_string(crypto_library()));
	json_object_set_new(object, "compiler", compiler());
	json_object_set_new(object, "flags", json_string(BUILD_FLAGS));
	json_object_set_new(object, "lockable, KiB", locked_memory());
	json_object_set_new(object, "rmem_max", first_line(root, "/proc/sys/net/core/rmem_max"));
	json_object_set_new(object, "load", first_line(root, "/proc/loadavg"));
	json_object_set_new(object, "root", json_boolean(geteuid() == 0));
	json_object_set_new(object, "ruthere", json_string(RUTHERE_VERSION));
	return object;
}
