/* SPDX-License-Identifier: ISC */
/*
 * svg.h - as much of SVG 1.1 as a plot needs: lines, text, markers, and axes that know where a value belongs.
 *
 * Coordinates are pixels from the upper left.  A class is one of those of the style sheet in svg.c; s0 to s5 are the series,
 * told apart by colour, by dashes and by the shape of their markers, so that two of the three may be lost in print.
 */
#ifndef INTEROP_SIM_SVG_H
#define INTEROP_SIM_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SVG_SERIES 6

struct svg_point {
	double x, y;
};

/* `title` and `description` are what a reader hears who does not see the picture. */
void svg_begin(FILE *out, double width, double height, const char *title, const char *description);
void svg_end(FILE *out);
void svg_group_begin(FILE *out, const char *title);
void svg_group_end(FILE *out);

/* What XML reserves is escaped. */
void svg_text(FILE *out, double x, double y, const char *class, const char *text);
/* Upwards, for the name of an axis. */
void svg_text_upwards(FILE *out, double x, double y, const char *class, const char *text);
void svg_line(FILE *out, struct svg_point from, struct svg_point to, const char *class);
void svg_bar(FILE *out, struct svg_point corner, double width, double height, const char *class);
void svg_curve(FILE *out, const struct svg_point *points, size_t count, unsigned series);
/* A shape of the series' own; `hollow` for what is no measured value. */
void svg_marker(FILE *out, struct svg_point at, unsigned series, bool hollow);

/* ---- axes ---------------------------------------------------------------------------------------------------------- */

struct svg_axis {
	double low, high; /* values; above 0 where logarithmic */
	double from, to;  /* pixels */
	bool logarithmic;
};

/* A logarithmic axis grows by whole decades until the value is on it; one of 0 or below never is. */
void svg_axis_include(struct svg_axis *axis, double value);
/* Values beyond the axis are put at its end. */
double svg_place(const struct svg_axis *axis, double value);

#define SVG_TICKS      16
#define SVG_TICK_LABEL 24
/* Round values on the axis, ascending; how many. */
size_t svg_ticks(const struct svg_axis *axis, double ticks[SVG_TICKS]);
/* "0.001", "20", "100 000". */
void svg_tick_label(double tick, char text[SVG_TICK_LABEL]);

#endif
