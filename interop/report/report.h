/* SPDX-License-Identifier: ISC */
/*
 * report.h - what `ruthere conform` has found out, as files for machines and for people.
 *
 * A report is a JSON object as report.schema.json has it, and the only source of all that is written here.  It may come from
 * anybody: report_load() and report_check() hold it against the schema, and against what a schema cannot say; the rest of the
 * functions take only reports that have passed.
 *
 *	reports = json_array();
 *	report = report_load("gateway.json", &fault);     or built in the process, and then report_check()
 *	json_array_append_new(reports, report);
 *	report_write("report.html", report_html, reports, &fault);
 *
 * Several reports of one implementation (equal name and version) are several runs of it.  Of each case the newest
 * result counts, and the one before it is what it is compared with.
 */
#ifndef INTEROP_REPORT_H
#define INTEROP_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "ike/types.h"
#include "interop/fault.h"

#define REPORT_SCHEMA "ruthere-conform-report-1"

/* A new reference; NULL: it cannot be read, is no JSON or no report: see fault, with file and place. */
json_t *report_load(const char *path, struct fault *fault) IKE_MUST_USE;
/* `name` is what the fault calls it.  False: the fault has the JSON pointer (RFC 6901) and what would be right. */
bool report_check(const json_t *report, const char *name, struct fault *fault) IKE_MUST_USE;

/* What each of them writes of an array of reports.  False: the stream has failed, or there is no memory. */
typedef bool report_writer(FILE *out, const json_t *reports);

/* One file for browsers, which needs nothing else. */
report_writer report_html;
/* JUnit's XML: a testsuite per implementation.  FAIL and XPASS are failures, INCONCLUSIVE an error, SKIP and UNSUPPORTED skipped. */
report_writer report_junit;
/* The Test Anything Protocol, version 13: the same as ok and not ok, with YAML where there is something to say. */
report_writer report_tap;
/* The matrix for a terminal: implementations against sections. */
report_writer report_table;

/* Writes to a file in place of what was there; a new page has the mode 0600.  "-" is standard output.  False: see fault. */
bool report_write(const char *path, report_writer *writer, const json_t *reports,
		  struct fault *fault) IKE_MUST_USE;

/*
 * What differs between two runs, case by case: was, is.  Of exactly two reports these are compared, the older one first,
 * whatever implementations they are of; of more, the newest results of every implementation with those before them.
 * *differences: cases in both runs whose verdict or value is another.  False as above.
 */
bool report_diff(FILE *out, const json_t *reports, size_t *differences) IKE_MUST_USE;

#endif
