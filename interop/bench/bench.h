/* SPDX-License-Identifier: ISC */
/*
 * bench.h - the benchmarks, and what they are told.  Each is a source of its own; README.md says what each measures and how.
 */
#ifndef INTEROP_BENCH_BENCH_H
#define INTEROP_BENCH_BENCH_H

#include "ike/ike.h"
#include "interop/bench/against.h"
#include "interop/bench/figures.h"

#define BENCH_SIZES_MAX 16
#define BENCH_SAS_MOST  4000000

struct bench_settings {
	uint32_t rounds;
	uint32_t sas[BENCH_SIZES_MAX];   /* how many established SAs, one size after the other */
	size_t sizes;                    /* 0: those that the benchmark has by itself */
	uint32_t seed;                   /* of the fleet's keys */
	ike_time interval;               /* probing: of silence, before somebody asks */
	ike_time time;                   /* probing: how long each is measured */
	uint32_t exchanges;              /* a round; 0: as many as the benchmark has by itself */
	bool unconfined;                 /* nodes are not confined: for valgrind and debuggers */
	uint32_t detect;                 /* death: seconds after which silence is death */
	struct against_settings against; /* answered, handshake: another implementation too */
	uint32_t away;                   /* death: seconds until the fleet returns */
	const char *plot, *series;       /* death: files for the picture and the seconds, or NULL */
};

struct benchmark {
	const char *name;
	const char *summary;
	/* Puts what it finds into the figures.  False: see fault; what was measured before is there. */
	bool (*run)(const struct bench_settings *settings, struct figures *figures,
		    struct fault *fault);
};

bool bench_death(const struct bench_settings *settings, struct figures *figures,
		 struct fault *fault);
bool bench_handshake(const struct bench_settings *settings, struct figures *figures,
		     struct fault *fault);
/* The same of another implementation's process: settings->against. */
bool bench_handshake_against(const struct bench_settings *settings, struct figures *figures,
			     struct fault *fault);
bool bench_answered(const struct bench_settings *settings, struct figures *figures,
		    struct fault *fault);
bool bench_busy(const struct bench_settings *settings, struct figures *figures,
		struct fault *fault);
bool bench_probing(const struct bench_settings *settings, struct figures *figures,
		   struct fault *fault);
bool bench_mutual(const struct bench_settings *settings, struct figures *figures,
		  struct fault *fault);
bool bench_demand(const struct bench_settings *settings, struct figures *figures,
		  struct fault *fault);
bool bench_memory(const struct bench_settings *settings, struct figures *figures,
		  struct fault *fault);
bool bench_workers(const struct bench_settings *settings, struct figures *figures,
		   struct fault *fault);

/*
 * Runs one, from any processor: whoever ran before it in this process may have been pinned.  Where there is only one processor
 * a note says so.
 */
bool bench_run(const struct benchmark *benchmark, const struct bench_settings *settings,
	       struct figures *figures, struct fault *fault);

/* The sizes to go through: those of the settings, or `own`. */
size_t bench_sizes(const struct bench_settings *settings, const uint32_t *own, size_t count,
		   uint32_t sizes[BENCH_SIZES_MAX]);
/* "1,000,000 SAs": good until the call after the next three. */
const char *bench_size_text(uint32_t sas);
/* A line on standard error, where progress is told. */
void bench_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
