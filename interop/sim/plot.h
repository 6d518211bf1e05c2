/* SPDX-License-Identifier: ISC */
/*
 * plot.h - a comparison and a frontier as pictures (SVG).
 */
#ifndef INTEROP_SIM_PLOT_H
#define INTEROP_SIM_PLOT_H

#include <stdio.h>

#include "interop/sim/frontier.h"

void plot_comparison(const struct comparison *comparison, FILE *out);
void plot_frontier(const struct frontier *frontier, FILE *out);

#endif
