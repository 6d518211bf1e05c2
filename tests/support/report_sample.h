/* SPDX-License-Identifier: ISC */
/*
 * report_sample.h - small reports that are right, for tests that spoil them.
 */
#ifndef TESTS_SUPPORT_REPORT_SAMPLE_H
#define TESTS_SUPPORT_REPORT_SAMPLE_H

#include "interop/report/report.h"

/* Without cases; `version` may be NULL. */
json_t *report_sample(const char *name, const char *version, const char *started);
/* A case with two messages, of which the second decides and has fields, and the keys of one SA; `value` may be NULL.  Borrowed. */
json_t *report_sample_case(json_t *report, const char *id, const char *verdict, const char *value);
/* Members along the way, an array's by number: "cases/0/title".  Borrowed; fails the test where there is none. */
json_t *report_sample_at(json_t *report, const char *way);
/* Puts that there, or takes away what is there (NULL); the new value becomes the report's. */
void report_sample_put(json_t *report, const char *way, json_t *value);

/* What a writer makes of reports, which are taken; good until the next call.  Fails the test if it fails. */
const char *report_sample_written(report_writer *writer, json_t *reports);

#endif
