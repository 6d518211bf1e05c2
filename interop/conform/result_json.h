/* SPDX-License-Identifier: ISC */
/*
 * result_json.h - what came of a case as report.schema.json has it (../report/).
 */
#ifndef INTEROP_CONFORM_RESULT_JSON_H
#define INTEROP_CONFORM_RESULT_JSON_H

#include <jansson.h>

#include "interop/conform/result.h"

/* An element of "cases"; the caller's.  `command` repeats just this case.  NULL: no memory. */
json_t *result_json(const struct conform_result *result, const char *command) IKE_MUST_USE;

/* For --list: what there is to know of a case before it is run. */
json_t *result_json_case(const struct conform_case *of) IKE_MUST_USE;

/* Adds the vendor IDs that the device has sent, by name or in hex, each of them once.  False: no memory. */
bool result_json_vendor_ids(const struct conform_result *result, json_t *array) IKE_MUST_USE;

/* A message in one line, whatever can be read of it; printable, terminated; returns text. */
#define RESULT_JSON_LINE 400
const char *result_json_line(const struct seen *seen, char text[RESULT_JSON_LINE]);

#endif
