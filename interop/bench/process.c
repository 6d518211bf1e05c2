/* SPDX-License-Identifier: ISC */
#include "interop/bench/process.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool process_cpu(pid_t pid, double *seconds)
{
	struct timespec spent;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0)
		return false;
	*seconds = (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
	return true;
}

#define LOOK                                                                                       \
	20000000L /* ns between two looks at a process that is to come to rest: more than a clock tick */
#define LOOKS   500u
#define AT_REST 0.0002 /* s of processor time in one of them: timers, no work */

bool process_cpu_at_rest(pid_t pid, const char *name, double *seconds, struct fault *fault)
{
	const struct timespec look = {.tv_nsec = LOOK};
	double before = -1;

	for (unsigned i = 0; i < LOOKS; i++) {
		if (!process_cpu(pid, seconds))
			return fault_say(fault, "%s: there is no process %d", name, (int)pid);
		if (i > 0 && *seconds - before < AT_REST)
			return true;
		before = *seconds;
		(void)nanosleep(&look, NULL);
	}
	return fault_say(fault, "%s does not come to rest", name);
}

/* The file is "RAN WAITED TIMES", nanoseconds. */
bool process_waited(pid_t pid, double *seconds)
{
	char path[64], line[128], *at;
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	good = fgets(line, sizeof(line), file) != NULL && (at = strchr(line, ' ')) != NULL;
	if (good)
		*seconds = strtod(at + 1, NULL) / 1e9;
	fclose(file);
	return good;
}

/* Lines such as "Rss:   123 kB". */
static void take_line(const char *line, struct process_memory *memory)
{
	const struct {
		const char *key;
		uint64_t *to;
	} rows[] = {
	    {"Rss:", &memory->resident},      {"Pss:", &memory->share},
	    {"Private_Clean:", &memory->own}, {"Private_Dirty:", &memory->own},
	    {"Locked:", &memory->locked},     {"Swap:", &memory->swapped},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(line, rows[i].key, strlen(rows[i].key)) == 0)
			*rows[i].to += strtoull(line + strlen(rows[i].key), NULL, 10) * 1024;
}

bool process_memory(pid_t pid, struct process_memory *memory, struct fault *fault)
{
	char path[64], line[256];
	FILE *file;

	*memory = (struct process_memory){0};
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return fault_say(fault, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
		take_line(line, memory);
	fclose(file);
	return memory->resident > 0 || fault_say(fault, "%s says nothing about memory", path);
}

/* A line is "  sl  ADDRESS:PORT ... DROPS", both hex but the last. */
bool process_udp_drops(uint16_t port, uint64_t *drops)
{
	FILE *file = fopen("/proc/net/udp", "re");
	char line[512];
	bool found = false;

	*drops = 0;
	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL) {
		char *at = strchr(line, ':'), *last;

		at = at == NULL ? NULL : strchr(at + 1, ':');
		if (at == NULL || strtoul(at + 1, NULL, 16) != port)
			continue;
		line[strcspn(line, "\n")] = '\0';
		for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
			line[end - 1] = '\0';
		last = strrchr(line, ' ');
		if (last == NULL)
			continue;
		*drops += strtoull(last + 1, NULL, 10);
		found = true;
	}
	fclose(file);
	return found;
}

/* As it was when it was asked for first. */
static const cpu_set_t *usable(void)
{
	static cpu_set_t set;
	static bool known;

	if (!known && sched_getaffinity(0, sizeof(set), &set) == 0)
		known = true;
	return &set;
}

unsigned process_processors(void)
{
	return (unsigned)CPU_COUNT(usable());
}

bool process_pin(unsigned n)
{
	const cpu_set_t *all = usable();
	cpu_set_t set = *all;

	for (int cpu = 0; n < process_processors() && cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, all) || n-- > 0)
			continue;
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		break;
	}
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

static int compare(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

/* Close-on-exec is no help where nothing is executed. */
void process_keep_open(int *descriptor, size_t count)
{
	unsigned from = STDERR_FILENO + 1;

	qsort(descriptor, count, sizeof(*descriptor), compare);
	for (size_t i = 0; i < count; i++) {
		if (descriptor[i] < (int)from)
			continue;
		if (descriptor[i] > (int)from)
			(void)close_range(from, (unsigned)descriptor[i] - 1, 0);
		from = (unsigned)descriptor[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
}
