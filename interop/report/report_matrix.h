/* SPDX-License-Identifier: ISC */
/*
 * report_matrix.h - several reports as one: implementations, of each case the newest result, and the result before it.
 *
 * Everything in it is borrowed from the reports, which must have passed report_check() and must outlive it.
 */
#ifndef INTEROP_REPORT_MATRIX_H
#define INTEROP_REPORT_MATRIX_H

#include <jansson.h>
#include <stdbool.h>

#include "ike/types.h"
#include "interop/conform/case.h"

struct report_result {
	const json_t *of, *run;            /* the case, and the report that it is from */
	const json_t *before, *run_before; /* NULL: no older run has it */
};

/* Runs with equal name and version. */
struct report_device {
	const json_t *newest; /* report */
	size_t runs;
	struct report_result
	    *result; /* in the order of the newest run, then those that only older ones have */
	size_t results;
};

struct report_matrix {
	struct report_device *device; /* in the order in which they are first met */
	size_t devices;
	char **section; /* "rfc3706/5.3": by document and number */
	size_t sections;
};

/* What stands where an implementation and a section meet. */
struct report_cell {
	unsigned count[CONFORM_VERDICTS];
	unsigned cases;
	enum conform_verdict worst; /* if there are cases */
	bool changed;               /* one of them was something else in the run before */
};

struct report_matrix *report_matrix_new(const json_t *reports) IKE_MUST_USE; /* NULL: no memory */
void report_matrix_free(struct report_matrix *matrix);                       /* NULL is allowed */
/* section NULL: all of them. */
struct report_cell report_cell(const struct report_device *device, const char *section);

/* "strongSwan 5.9.8"; to be freed; NULL: no memory. */
char *report_device_name(const json_t *report) IKE_MUST_USE;
/* A member that is a string; "" where there is none. */
const char *report_string(const json_t *object, const char *name);
/* Verdict or value is another.  Either NULL: nothing has changed. */
bool report_changed(const json_t *was, const json_t *is);
/* When the run began, in microseconds since 1970. */
int64_t report_began(const json_t *report);

#endif
