/* SPDX-License-Identifier: ISC */
/*
 * report.h - a comparison and a frontier as JSON.  The manual page describes the keys.
 */
#ifndef INTEROP_SIM_REPORT_H
#define INTEROP_SIM_REPORT_H

#include <jansson.h>

#include "interop/sim/frontier.h"

/* New objects; the caller's. */
json_t *report_comparison(const struct comparison *comparison);
json_t *report_frontier(const struct frontier *frontier);

#endif
