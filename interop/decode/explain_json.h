/* SPDX-License-Identifier: ISC */
/*
 * explain_json.h - what is told of a datagram as a JSON object; README.md in this folder describes it.
 */
#ifndef INTEROP_DECODE_EXPLAIN_JSON_H
#define INTEROP_DECODE_EXPLAIN_JSON_H

#include <jansson.h>

#include "interop/decode/decoder.h"

/* New references; NULL: no memory. */
json_t *explain_json(const struct told *told);
json_t *explain_json_summary(const struct decoder_counts *counts);

#endif
