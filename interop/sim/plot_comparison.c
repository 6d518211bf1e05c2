/* SPDX-License-Identifier: ISC */
/*
 * plot_comparison.c - the table as a picture: a line for each method, and beside it, each on an axis of its own, how fast it
 * is, how often it is wrong, and what it costs.
 */
#include <math.h>
#include <stdlib.h>

#include "interop/sim/plot.h"
#include "interop/sim/poisson.h"
#include "interop/sim/svg.h"
#include "interop/sim/table.h"

#define WIDTH  1000
#define TOP    116
#define LINE   26
#define BOTTOM 84 /* below the last line: the axes, their names, and the note */
#define NAMES  34

struct picture {
	const struct comparison *comparison;
	FILE *out;
	double bottom;
	struct svg_axis time, deaths, messages;
};

/* ---- values -------------------------------------------------------------------------------------------------------- */

static double seconds(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

static double formula(const struct picture *picture, const struct comparison_row *row)
{
	return machine_false_deaths_a_year(&row->method.rules,
					   picture->comparison->study.pair.network.loss);
}

static void fit(struct picture *picture)
{
	const struct comparison *comparison = picture->comparison;

	picture->time = (struct svg_axis){.high = 10, .from = 268, .to = 506};
	picture->deaths =
	    (struct svg_axis){.low = 0.1, .high = 10, .from = 536, .to = 764, .logarithmic = true};
	picture->messages = (struct svg_axis){.high = 100, .from = 826, .to = 934};
	for (size_t i = 0; i < comparison->rows; i++) {
		const struct comparison_row *row = &comparison->row[i];
		struct poisson_interval interval =
		    poisson_confidence(row->result.counts.false_deaths);

		picture->time.high =
		    fmax(picture->time.high, 1.03 * seconds(machine_bound(&row->method.rules)));
		picture->messages.high =
		    fmax(picture->messages.high, study_messages_an_hour(&row->result));
		svg_axis_include(&picture->deaths, fmax(1e-4, formula(picture, row)));
		svg_axis_include(&picture->deaths, interval.low / row->result.years);
		svg_axis_include(&picture->deaths, interval.high / row->result.years);
	}
}

/* ---- the axes ------------------------------------------------------------------------------------------------------ */

static void draw_axis(const struct picture *picture, const struct svg_axis *axis, const char *title,
		      const char *unit)
{
	double ticks[SVG_TICKS];
	size_t count = svg_ticks(axis, ticks), every = 1;
	char label[SVG_TICK_LABEL];

	if (axis->logarithmic && count > 5)
		every = 2;
	svg_text(picture->out, axis->from, TOP - 26, "head", title);
	for (size_t i = 0; i < count; i++) {
		double x = svg_place(axis, ticks[i]);

		svg_line(picture->out, (struct svg_point){x, TOP - 10},
			 (struct svg_point){x, picture->bottom}, "grid");
		if (i % every != 0)
			continue;
		svg_tick_label(ticks[i], label);
		svg_text(picture->out, x, picture->bottom + 16, "middle", label);
	}
	svg_line(picture->out, (struct svg_point){axis->from, picture->bottom},
		 (struct svg_point){axis->to, picture->bottom}, "axis");
	svg_text(picture->out, (axis->from + axis->to) / 2, picture->bottom + 36, "middle note",
		 unit);
}

/* ---- a line -------------------------------------------------------------------------------------------------------- */

/* From the least to the most that was measured, a stroke at the half of them, and the bound. */
static void draw_time(const struct picture *picture, const struct comparison_row *row, double y)
{
	const struct svg_axis *axis = &picture->time;
	double bound = svg_place(axis, seconds(machine_bound(&row->method.rules)));
	double half = svg_place(axis, seconds(row->result.detection.median));

	if (picture->comparison->study.deaths > 0) {
		svg_line(
		    picture->out,
		    (struct svg_point){svg_place(axis, seconds(row->result.detection.least)), y},
		    (struct svg_point){svg_place(axis, seconds(row->result.detection.most)), y},
		    "range");
		svg_line(picture->out, (struct svg_point){half, y - 6},
			 (struct svg_point){half, y + 6}, "range");
	}
	svg_marker(picture->out, (struct svg_point){bound, y}, row->method.kind, true);
}

/* What was measured, with its interval, and a stroke for the formula. */
static void draw_deaths(const struct picture *picture, const struct comparison_row *row, double y)
{
	const struct svg_axis *axis = &picture->deaths;
	const struct study_result *result = &row->result;
	struct poisson_interval interval = poisson_confidence(result->counts.false_deaths);
	double low = svg_place(axis, interval.low / result->years);
	double high = svg_place(axis, interval.high / result->years);
	double expected = svg_place(axis, formula(picture, row));
	bool none = result->counts.false_deaths == 0;
	double at =
	    none ? high : svg_place(axis, (double)result->counts.false_deaths / result->years);

	svg_line(picture->out, (struct svg_point){none ? high - 14 : low, y},
		 (struct svg_point){high, y}, "thin");
	svg_marker(picture->out, (struct svg_point){at, y}, row->method.kind, none);
	svg_line(picture->out, (struct svg_point){expected, y - 8},
		 (struct svg_point){expected, y + 8}, "range");
}

static void draw_messages(const struct picture *picture, const struct comparison_row *row, double y)
{
	const struct svg_axis *axis = &picture->messages;
	double messages = study_messages_an_hour(&row->result);
	double end = svg_place(axis, messages);
	char label[SVG_TICK_LABEL];

	svg_bar(picture->out, (struct svg_point){axis->from, y - 6}, end - axis->from, 12, "bar");
	svg_tick_label(round(messages), label);
	svg_text(picture->out, end + 5, y + 4, "", label);
}

/* `lines` counts those drawn so far, titles included. */
static void draw_rows(const struct picture *picture)
{
	const struct comparison *comparison = picture->comparison;
	enum comparison_group group = COMPARISON_GROUPS;
	char text[COMPARISON_TEXT];
	double y = TOP;

	for (size_t i = 0; i < comparison->rows; i++) {
		const struct comparison_row *row = &comparison->row[i];
		char name[METHOD_TEXT];

		if (row->group != group) {
			group = row->group;
			comparison_title(comparison, group, text);
			svg_text(picture->out, 24, y + 10, "head", text);
			y += LINE;
		}
		method_describe(&row->method, name);
		svg_group_begin(picture->out, name);
		svg_text(picture->out, NAMES, y + 10, "", name);
		draw_time(picture, row, y + 6);
		draw_deaths(picture, row, y + 6);
		draw_messages(picture, row, y + 6);
		svg_group_end(picture->out);
		y += LINE;
	}
}

static size_t lines_of(const struct comparison *comparison)
{
	size_t lines = comparison->rows;

	for (size_t i = 0; i < comparison->rows; i++)
		if (i == 0 || comparison->row[i].group != comparison->row[i - 1].group)
			lines++;
	return lines;
}

void plot_comparison(const struct comparison *comparison, FILE *out)
{
	struct picture picture = {.comparison = comparison, .out = out};
	char *network = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&network, &length);

	if (memory == NULL)
		abort();
	table_network(&comparison->study.pair, memory);
	fclose(memory);
	fit(&picture);
	picture.bottom = TOP + (double)lines_of(comparison) * LINE;
	svg_begin(out, WIDTH, picture.bottom + BOTTOM, "Four ways to notice a death",
		  "For each method: the bound and the measured times of detection, the false "
		  "deaths per peer and year by measurement and by formula, and the messages per "
		  "hour.");
	svg_text(out, 24, 30, "title", "Four ways to notice a death");
	svg_text(out, 24, 52, "note", network);
	draw_axis(&picture, &picture.time, "A death is noticed after", "seconds");
	draw_axis(&picture, &picture.deaths, "False deaths", "per peer and year");
	draw_axis(&picture, &picture.messages, "Messages", "per pair and hour");
	draw_rows(&picture);
	svg_text(out, 24, picture.bottom + 64, "note",
		 "Time: least to most measured, stroke at the half, hollow marker at the bound. "
		 "Deaths: measured with its 95 % interval");
	svg_text(out, 24, picture.bottom + 78, "note",
		 "(hollow: none seen, the rate is below the marker), stroke at the formula.");
	svg_end(out);
	free(network);
}
