/* SPDX-License-Identifier: ISC */
/*
 * bench_memory.c - what an established SA takes in memory, everything included: what a node with so many of them has, less
 * what one with a single SA has, divided by how many more there are.
 */
#include <stdio.h>

#include "interop/bench/bench.h"
#include "interop/bench/bench_node.h"
#include "interop/bench/process.h"

#define ROOM "memory"
#define GOAL 400.0 /* octets */

static bool measure(const struct bench_settings *settings, uint32_t sas,
		    struct process_memory *memory, struct fault *fault)
{
	struct bench_node_settings node_settings = {
	    .seed = settings->seed, .sas = sas, .port = 500, .unconfined = settings->unconfined};
	struct bench_node_status status;
	struct bench_node *node;
	bool good;

	keepalive_settings_default(&node_settings.keepalive);
	/* nobody answers here: what is to be measured is to hold still */
	node_settings.keepalive.mode = KEEPALIVE_OFF;
	node = bench_node_start(&node_settings, fault);
	if (node == NULL)
		return false;
	good = bench_node_status(node, false, &status) || fault_say(fault, "the node has ended");
	if (good && status.established != sas)
		good = fault_say(fault, "%u SAs instead of %u", status.established, sas);
	good = good && process_memory(bench_node_pid(node), memory, fault);
	bench_node_stop(node);
	return good;
}

static bool put(struct figures *figures, unsigned round, uint32_t sas, const char *what,
		uint64_t with, uint64_t without)
{
	char name[FIGURES_NAME];

	snprintf(name, sizeof(name), "%s an SA, %s", what, bench_size_text(sas));
	return figures_sample(figures, ROOM, name, "octets", round,
			      ((double)with - (double)without) / (double)(sas - 1));
}

static bool one_size(const struct bench_settings *settings, struct figures *figures, unsigned round,
		     uint32_t sas, const struct process_memory *empty, struct fault *fault)
{
	struct process_memory full;
	char name[FIGURES_NAME];

	bench_progress("memory: round %u, %s", round + 1, bench_size_text(sas));
	if (!measure(settings, sas, &full, fault))
		return false;
	snprintf(name, sizeof(name), "RSS of an SA, %s", bench_size_text(sas));
	if (!put(figures, round, sas, "RSS of", full.resident, empty->resident) ||
	    !put(figures, round, sas, "PSS of", full.share, empty->share) ||
	    !put(figures, round, sas, "private to", full.own, empty->own) ||
	    !put(figures, round, sas, "locked for", full.locked, empty->locked) ||
	    !figures_aim(figures, ROOM, name, FIGURES_AT_MOST, GOAL))
		return fault_say(fault, "no memory for figures");
	snprintf(name, sizeof(name), "RSS of the process, %s", bench_size_text(sas));
	if (!figures_sample(figures, ROOM, name, "MiB", round, (double)full.resident / (1 << 20)))
		return fault_say(fault, "no memory for figures");
	if (full.swapped > 0 &&
	    !figures_note(figures, ROOM,
			  "%s: %.1f MiB were swapped out, and are not in these figures",
			  bench_size_text(sas), (double)full.swapped / (1 << 20)))
		return fault_say(fault, "no memory for figures");
	return true;
}

bool bench_memory(const struct bench_settings *settings, struct figures *figures,
		  struct fault *fault)
{
	static const uint32_t own[] = {100000, 1000000};
	uint32_t sizes[BENCH_SIZES_MAX];
	size_t count = bench_sizes(settings, own, 2, sizes);
	struct process_memory empty;

	for (unsigned round = 0; round < settings->rounds; round++) {
		if (!measure(settings, 1, &empty, fault))
			return false;
		if (!figures_sample(figures, ROOM, "RSS of the process, 1 SA", "MiB", round,
				    (double)empty.resident / (1 << 20)))
			return fault_say(fault, "no memory for figures");
		for (size_t i = 0; i < count; i++)
			if (sizes[i] > 1 &&
			    !one_size(settings, figures, round, sizes[i], &empty, fault))
				return false;
	}
	return true;
}
