/* SPDX-License-Identifier: ISC */
#include "interop/bench/bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "interop/bench/process.h"

bool bench_run(const struct benchmark *benchmark, const struct bench_settings *settings,
	       struct figures *figures, struct fault *fault)
{
	if (!process_pin(PROCESS_ANYWHERE))
		return fault_say(fault, "pinned to a processor: %s", strerror(errno));
	if (process_processors() < 2 &&
	    !figures_note(figures, benchmark->name,
			  "one processor: what is measured and what makes its load share it"))
		return fault_say(fault, "no memory for figures");
	return benchmark->run(settings, figures, fault);
}

size_t bench_sizes(const struct bench_settings *settings, const uint32_t *own, size_t count,
		   uint32_t sizes[BENCH_SIZES_MAX])
{
	if (settings->sizes > 0) {
		memcpy(sizes, settings->sas, settings->sizes * sizeof(*sizes));
		return settings->sizes;
	}
	memcpy(sizes, own, count * sizeof(*sizes));
	return count;
}

const char *bench_size_text(uint32_t sas)
{
	static char text[4][32];
	static unsigned next;
	char *at = text[next++ % 4];

	if (sas >= 1000000)
		snprintf(at, sizeof(text[0]), "%u,%03u,%03u SAs", sas / 1000000, sas / 1000 % 1000,
			 sas % 1000);
	else if (sas >= 1000)
		snprintf(at, sizeof(text[0]), "%u,%03u SAs", sas / 1000, sas % 1000);
	else
		snprintf(at, sizeof(text[0]), "%u SA%s", sas, sas == 1 ? "" : "s");
	return at;
}

void bench_progress(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("ruthere bench: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}
