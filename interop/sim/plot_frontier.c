/* SPDX-License-Identifier: ISC */
/*
 * plot_frontier.c - two panels over the same bounds, both axes logarithmic: false deaths a year, and what they cost in messages.
 *
 * Curves are the formulas, markers are what was measured.  Where no false death was seen, a hollow marker stands at the rate below
 * which it is with 95 % confidence, with a short line down.
 */
#include <math.h>
#include <stdlib.h>

#include "interop/sim/plot.h"
#include "interop/sim/poisson.h"
#include "interop/sim/svg.h"
#include "interop/sim/table.h"

#define WIDTH  960
#define HEIGHT 600
#define TOP    92
#define BOTTOM 440
#define LEGEND 512 /* the first row of it */
#define DOWN   14  /* the length of the line that says: or less */

struct panel {
	const struct frontier *frontier;
	FILE *out;
	struct svg_axis x, y;
};

/* ---- values -------------------------------------------------------------------------------------------------------- */

static double expected(const struct frontier *frontier, const struct frontier_cell *cell)
{
	return machine_false_deaths_a_year(&cell->method.rules,
					   frontier->comparison->study.pair.network.loss);
}

static double measured(const struct frontier_cell *cell)
{
	double count = (double)cell->result.counts.false_deaths;

	return (count > 0 ? count : poisson_confidence(0).high) / cell->result.years;
}

/* Whole decades that hold all values; a formula below one in ten thousand years is shown at the edge. */
static void fit(struct panel *panel, bool deaths)
{
	panel->y.low = deaths ? 0.1 : 100;
	panel->y.high = deaths ? 10 : 1000;
	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
			const struct frontier_cell *cell = &panel->frontier->cell[series][i];

			if (!cell->there)
				continue;
			svg_axis_include(&panel->y,
					 deaths ? fmax(1e-4, expected(panel->frontier, cell))
						: study_messages_an_hour(&cell->result));
			if (deaths)
				svg_axis_include(&panel->y, measured(cell));
		}
	}
}

/* ---- one panel ----------------------------------------------------------------------------------------------------- */

static void draw_axes(const struct panel *panel, const char *title, const char *unit)
{
	double ticks[SVG_TICKS];
	size_t count = svg_ticks(&panel->y, ticks);
	char label[SVG_TICK_LABEL];

	svg_text(panel->out, panel->x.from, TOP - 14, "head", title);
	for (size_t i = 0; i < count; i++) {
		double y = svg_place(&panel->y, ticks[i]);

		svg_line(panel->out, (struct svg_point){panel->x.from, y},
			 (struct svg_point){panel->x.to, y}, "grid");
		svg_tick_label(ticks[i], label);
		svg_text(panel->out, panel->x.from - 8, y + 4, "end", label);
	}
	for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
		double x = svg_place(&panel->x, frontier_bounds[i]);

		svg_line(panel->out, (struct svg_point){x, BOTTOM},
			 (struct svg_point){x, BOTTOM + 5}, "axis");
		svg_tick_label(frontier_bounds[i], label);
		svg_text(panel->out, x, BOTTOM + 20, "middle", label);
	}
	svg_line(panel->out, (struct svg_point){panel->x.from, BOTTOM},
		 (struct svg_point){panel->x.to, BOTTOM}, "axis");
	svg_line(panel->out, (struct svg_point){panel->x.from, TOP},
		 (struct svg_point){panel->x.from, BOTTOM}, "axis");
	svg_text(panel->out, (panel->x.from + panel->x.to) / 2, BOTTOM + 42, "middle",
		 "bound: dead after this much silence, s");
	svg_text_upwards(panel->out, panel->x.from - 66, (TOP + BOTTOM) / 2.0, "middle", unit);
}

static void draw_measured(const struct panel *panel, unsigned series,
			  const struct frontier_cell *cell, double x)
{
	struct poisson_interval interval = poisson_confidence(cell->result.counts.false_deaths);
	struct svg_point at = {x, svg_place(&panel->y, measured(cell))};
	double high = svg_place(&panel->y, interval.high / cell->result.years);
	bool none = cell->result.counts.false_deaths == 0;
	double low = none ? at.y + DOWN : svg_place(&panel->y, interval.low / cell->result.years);

	svg_line(panel->out, (struct svg_point){x, high}, (struct svg_point){x, low}, "thin");
	svg_marker(panel->out, at, series, none);
}

static void draw_series(const struct panel *panel, unsigned series, bool deaths)
{
	struct svg_point curve[FRONTIER_BOUNDS];
	size_t count = 0;

	svg_group_begin(panel->out, frontier_name(series));
	for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
		const struct frontier_cell *cell = &panel->frontier->cell[series][i];
		double value;

		if (!cell->there)
			continue;
		value = deaths ? expected(panel->frontier, cell)
			       : study_messages_an_hour(&cell->result);
		curve[count].x = svg_place(&panel->x, frontier_bounds[i]);
		curve[count++].y = svg_place(&panel->y, value);
	}
	if (count > 1)
		svg_curve(panel->out, curve, count, series);
	for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
		const struct frontier_cell *cell = &panel->frontier->cell[series][i];
		double x = svg_place(&panel->x, frontier_bounds[i]);

		if (cell->there && deaths)
			draw_measured(panel, series, cell, x);
		else if (cell->there)
			svg_marker(
			    panel->out,
			    (struct svg_point){
				x, svg_place(&panel->y, study_messages_an_hour(&cell->result))},
			    series, false);
	}
	svg_group_end(panel->out);
}

static void draw_panel(const struct frontier *frontier, FILE *out, double from, double to,
		       bool deaths)
{
	struct panel panel = {
	    .frontier = frontier,
	    .out = out,
	    .x = {.low = 4.4, .high = 100, .from = from, .to = to, .logarithmic = true},
	    .y = {.from = BOTTOM, .to = TOP, .logarithmic = true},
	};

	fit(&panel, deaths);
	draw_axes(&panel, deaths ? "How often a living peer is declared dead" : "What it costs",
		  deaths ? "false deaths per peer and year" : "messages per pair and hour");
	for (unsigned series = FRONTIER_SERIES; series-- > 0;)
		if (frontier_is_wanted(frontier->comparison, series) &&
		    (deaths ||
		     (series != FRONTIER_HEARTBEAT_EQUAL && series != FRONTIER_PING_EQUAL)))
			draw_series(&panel, series, deaths);
}

/* ---- the picture --------------------------------------------------------------------------------------------------- */

static void draw_legend(const struct frontier *frontier, FILE *out)
{
	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		unsigned column = series / 2, line_of_it = series % 2;
		double x = 80 + 290.0 * column, y = LEGEND + 24.0 * line_of_it;
		struct svg_point line[2] = {{x, y}, {x + 54, y}};

		if (!frontier_is_wanted(frontier->comparison, series))
			continue;
		svg_curve(out, line, 2, series);
		svg_marker(out, (struct svg_point){x + 27, y}, series, false);
		svg_text(out, x + 64, y + 4, "", frontier_name(series));
	}
	svg_text(
	    out, 80, LEGEND + 58, "note",
	    "Curves: formula. Markers: measured, with the 95 % interval; hollow: none seen, the "
	    "rate is below the marker.");
}

void plot_frontier(const struct frontier *frontier, FILE *out)
{
	char *network = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&network, &length);

	if (memory == NULL)
		abort();
	table_network(&frontier->comparison->study.pair, memory);
	fclose(memory);
	svg_begin(out, WIDTH, HEIGHT, "Detection time against false deaths",
		  "For bounds from 5 to 90 seconds: the false deaths per peer and year, and the "
		  "messages per hour, of R-U-THERE with a derived plan, R-U-THERE with a fixed "
		  "count, heartbeats and a periodic ping, by formula and as measured.");
	svg_text(out, 24, 30, "title", "Detection time against false deaths");
	svg_text(out, 24, 52, "note", network);
	draw_panel(frontier, out, 100, 560, true);
	draw_panel(frontier, out, 670, 930, false);
	draw_legend(frontier, out);
	svg_end(out);
	free(network);
}
