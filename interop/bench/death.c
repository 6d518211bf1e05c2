/* SPDX-License-Identifier: ISC */
#include "interop/bench/death.h"

#include <math.h>
#include <stdlib.h>

#include "interop/sim/svg.h"

#define WIDTH  900.0
#define LEFT   84.0
#define RIGHT  (WIDTH - 24)
#define TOP    70.0
#define PANEL  120.0 /* the height of each picture */
#define GAP    46.0
#define PANELS 4

bool death_note(struct death_history *history, const struct death_second *second)
{
	if (history->seconds == history->room) {
		size_t room = history->room == 0 ? 1024 : history->room * 2;
		struct death_second *grown =
		    realloc(history->second, room * sizeof(*history->second));

		if (grown == NULL)
			return false;
		history->second = grown;
		history->room = room;
	}
	history->second[history->seconds++] = *second;
	return true;
}

void death_forget(struct death_history *history)
{
	free(history->second);
	*history = (struct death_history){.second = NULL};
}

static size_t end_of(const struct death_history *history, size_t to)
{
	return to < history->seconds ? to : history->seconds;
}

uint64_t death_most_sent(const struct death_history *history, size_t from, size_t to)
{
	uint64_t most = 0;

	for (size_t i = from; i < end_of(history, to); i++)
		if (history->second[i].sent > most)
			most = history->second[i].sent;
	return most;
}

double death_most_resident(const struct death_history *history, size_t from, size_t to)
{
	double most = 0;

	for (size_t i = from; i < end_of(history, to); i++)
		most = fmax(most, history->second[i].resident);
	return most;
}

/* ---- the picture --------------------------------------------------------------------------------------------------- */

typedef double value_of(const struct death_second *second);

static double sent(const struct death_second *second)
{
	return (double)second->sent;
}

static double established(const struct death_second *second)
{
	return second->established;
}

static double cpu(const struct death_second *second)
{
	return 100 * second->cpu;
}

static double resident(const struct death_second *second)
{
	return second->resident / (1 << 20);
}

static const struct {
	const char *title;
	value_of *value;
} panels[PANELS] = {
    {"datagrams that the gateway sends, each second", sent},
    {"SAs that it has", established},
    {"its share of a processor, %", cpu},
    {"its memory, MiB", resident},
};

struct picture {
	const struct death_history *history;
	FILE *out;
	struct svg_axis time;
};

static void draw_grid(const struct picture *picture, const struct svg_axis *axis)
{
	double ticks[SVG_TICKS];
	size_t count = svg_ticks(axis, ticks), every = count > 5 ? 2 : 1;
	char label[SVG_TICK_LABEL];

	for (size_t i = 0; i < count; i += every) {
		double y = svg_place(axis, ticks[i]);

		svg_line(picture->out, (struct svg_point){LEFT, y}, (struct svg_point){RIGHT, y},
			 "grid");
		svg_tick_label(ticks[i], label);
		svg_text(picture->out, LEFT - 8, y + 4, "end", label);
	}
}

static void draw_mark(const struct picture *picture, size_t second, double top, const char *text)
{
	double x = svg_place(&picture->time, (double)second);

	svg_line(picture->out, (struct svg_point){x, top}, (struct svg_point){x, top + PANEL},
		 "thin");
	if (text != NULL)
		svg_text(picture->out, x, TOP - 22, "middle note", text);
}

static bool draw_panel(const struct picture *picture, size_t number)
{
	const struct death_history *history = picture->history;
	double top = TOP + (double)number * (PANEL + GAP);
	struct svg_axis axis = {.from = top + PANEL, .to = top};
	struct svg_point *points = calloc(history->seconds, sizeof(*points));

	if (points == NULL)
		return false;
	for (size_t i = 0; i < history->seconds; i++)
		axis.high = fmax(axis.high, 1.05 * panels[number].value(&history->second[i]));
	axis.high = fmax(axis.high, 1);
	for (size_t i = 0; i < history->seconds; i++)
		points[i] =
		    (struct svg_point){svg_place(&picture->time, (double)i),
				       svg_place(&axis, panels[number].value(&history->second[i]))};
	svg_group_begin(picture->out, panels[number].title);
	draw_grid(picture, &axis);
	draw_mark(picture, history->lost_at, top, number == 0 ? "the fleet dies" : NULL);
	draw_mark(picture, history->back_at, top, number == 0 ? "and is started again" : NULL);
	svg_line(picture->out, (struct svg_point){LEFT, top + PANEL},
		 (struct svg_point){RIGHT, top + PANEL}, "axis");
	svg_curve(picture->out, points, history->seconds, 0);
	svg_text(picture->out, LEFT, top - 6, "head", panels[number].title);
	svg_group_end(picture->out);
	free(points);
	return true;
}

static void draw_time(const struct picture *picture, double y)
{
	double ticks[SVG_TICKS];
	size_t count = svg_ticks(&picture->time, ticks);
	char label[SVG_TICK_LABEL];

	for (size_t i = 0; i < count; i++) {
		svg_tick_label(ticks[i], label);
		svg_text(picture->out, svg_place(&picture->time, ticks[i]), y, "middle", label);
	}
	svg_text(picture->out, (LEFT + RIGHT) / 2, y + 20, "middle note", "seconds");
}

void death_plot(const struct death_history *history, uint32_t fleet, FILE *out)
{
	struct picture picture = {
	    .history = history,
	    .out = out,
	    .time = {.high = fmax(2, (double)history->seconds - 1), .from = LEFT, .to = RIGHT},
	};
	double bottom = TOP + PANELS * (PANEL + GAP) - GAP;
	char title[96];

	snprintf(title, sizeof(title), "A fleet of %u peers dies at once, and returns", fleet);
	svg_begin(
	    out, WIDTH, bottom + 56, title,
	    "Over time: datagrams that the gateway sends in a second, the SAs that it has, its "
	    "share of a processor, its memory.");
	svg_text(out, LEFT, 24, "title", title);
	for (size_t i = 0; i < PANELS; i++)
		if (!draw_panel(&picture, i))
			break;
	draw_time(&picture, bottom + 16);
	svg_end(out);
}

void death_table(const struct death_history *history, FILE *out)
{
	fputs("second\testablished\thandshakes\tsent\treceived\tcpu\tresident\n", out);
	for (size_t i = 0; i < history->seconds; i++) {
		const struct death_second *second = &history->second[i];

		fprintf(out, "%zu\t%u\t%u\t%llu\t%llu\t%.3f\t%.0f\n", i, second->established,
			second->handshakes, (unsigned long long)second->sent,
			(unsigned long long)second->received, second->cpu, second->resident);
	}
}
