/* SPDX-License-Identifier: ISC */
/*
 * bench_child.h - the process of bench_node.h from the inside: a node, the SAs that are put into it, and the line to whoever
 * measures.
 */
#ifndef INTEROP_BENCH_BENCH_CHILD_H
#define INTEROP_BENCH_BENCH_CHILD_H

#include "interop/bench/bench_node.h"

/* What the child says once it is ready. */
struct bench_child_ready {
	bool good;
	struct ike_address address;
	struct fault fault;
};

/*
 * On the line then: 's' is answered with a struct bench_node_status, 'z' with the same, after which lateness counts from nothing; its end is
 * the end.  Returns the exit status.
 */
int bench_child_run(const struct bench_node_settings *settings, int line);

#endif
