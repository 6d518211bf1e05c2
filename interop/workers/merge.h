/* SPDX-License-Identifier: ISC */
/*
 * merge.h - the answers of all workers to one question, as one: what the user of `ruthere status` sees.  Pure.
 */
#ifndef INTEROP_MERGE_H
#define INTEROP_MERGE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Of status, in the order of the workers.  Counts, counters and verdicts are summed; every SA, and of every peer what is said of
 * its recovery, comes from the worker that has it, and says so; limits are those of each.  The caller owns the result, and still
 * the answers.
 */
json_t *merge_status(json_t *const *answers, size_t workers);

/* Of a command to all: it was done if it was done anywhere. */
json_t *merge_done(json_t *const *answers, size_t workers);

#endif
