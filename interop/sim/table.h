/* SPDX-License-Identifier: ISC */
/*
 * table.h - a comparison as people read it, on a terminal of a hundred columns.
 */
#ifndef INTEROP_SIM_TABLE_H
#define INTEROP_SIM_TABLE_H

#include <stdio.h>

#include "interop/sim/comparison.h"

void table_print(const struct comparison *comparison, FILE *out);
/* The network in words, less than a line. */
void table_network(const struct pair_settings *pair, FILE *out);
/* The network and the size of the simulation, two lines. */
void table_head(const struct study_settings *study, FILE *out);

#define TABLE_CELL 32
/* "0.42 (0.21-0.73)", or "none: below 1.1". */
void table_rate(const struct study_result *result, char text[TABLE_CELL]);
/* At most three digits that say something: "0.734", "18100", "3.2e7". */
void table_number(double value, char text[TABLE_CELL]);

#endif
