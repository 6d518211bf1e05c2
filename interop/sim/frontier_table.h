/* SPDX-License-Identifier: ISC */
/*
 * frontier_table.h - the frontier as people read it: a row for each series, a column for each bound.
 */
#ifndef INTEROP_SIM_FRONTIER_TABLE_H
#define INTEROP_SIM_FRONTIER_TABLE_H

#include <stdio.h>

#include "interop/sim/frontier.h"

void frontier_table_print(const struct frontier *frontier, FILE *out);

#endif
