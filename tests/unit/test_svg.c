/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/sim/svg.h"
#include "tests/support/markup.h"
#include "tests/support/sim_sample.h"
#include "tests/support/unit.h"

/* The judge first: what it must not let pass. */
START_TEST(what_is_not_well_formed)
{
	static const char *const bad[] = {
	    "",
	    "text",
	    "<svg>",
	    "<svg></g>",
	    "<svg><g></svg></g>",
	    "<svg></svg><svg></svg>",
	    "<svg></svg>text",
	    "<svg a=1></svg>",
	    "<svg a=\"1\" a=\"2\"></svg>",
	    "<svg a=\"<\"></svg>",
	    "<svg>&</svg>",
	    "<svg>a > b</svg>",
	    "<svg>&nbsp;</svg>",
	    "<svg x=\"nan\"></svg>",
	    "<svg points=\"1,inf\"></svg>",
	    "<svg y=\"\"></svg>",
	    "<svg",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(markup_fault(bad[i]) != NULL, "%s", bad[i]);
	ck_assert_ptr_null(markup_fault("<svg a=\"b\"><g x=\"-1.5\"/>1 &lt; 2</svg>\n"));
}
END_TEST

static bool aborts(void (*draw)(FILE *out))
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
		draw(sim_sample_open());
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void draw_well(FILE *out)
{
	svg_marker(out, (struct svg_point){0, 0}, SVG_SERIES - 1, false);
}

static void draw_no_number(FILE *out)
{
	svg_line(out, (struct svg_point){0, 0}, (struct svg_point){0, NAN}, "axis");
}

static void draw_infinity(FILE *out)
{
	svg_text(out, INFINITY, 0, "", "");
}

static void draw_a_series_too_many(FILE *out)
{
	svg_marker(out, (struct svg_point){0, 0}, SVG_SERIES, false);
}

START_TEST(what_cannot_be_drawn)
{
	ck_assert(!aborts(draw_well));
	ck_assert(aborts(draw_no_number));
	ck_assert(aborts(draw_infinity));
	ck_assert(aborts(draw_a_series_too_many));
}
END_TEST

START_TEST(every_element)
{
	static const struct svg_point points[] = {{1, 2}, {3, 4}, {5, 6}};
	FILE *out = sim_sample_open();
	const char *text;

	svg_begin(out, 100, 50, "Fish & chips", "a < b");
	svg_group_begin(out, "<group>");
	for (unsigned series = 0; series < SVG_SERIES; series++) {
		svg_curve(out, points, 3, series);
		svg_marker(out, points[0], series, false);
		svg_marker(out, points[1], series, true);
	}
	svg_group_end(out);
	svg_text(out, 1, 2, "note", "a > b & c");
	svg_text_upwards(out, 1, 2, "middle", "up");
	svg_line(out, points[0], points[1], "axis");
	svg_bar(out, points[0], 10, 5, "bar");
	svg_end(out);
	text = sim_sample_text(out);
	ck_assert_msg(markup_fault(text) == NULL, "%s", markup_fault(text));
	ck_assert_uint_eq(markup_count(text, "Fish &amp; chips</title>"), 1);
	ck_assert_uint_eq(markup_count(text, "a &lt; b</desc>"), 1);
	ck_assert_uint_eq(markup_count(text, "<polyline"), SVG_SERIES);
	ck_assert_uint_eq(markup_count(text, "<circle") + markup_count(text, "<polygon"),
			  2 * SVG_SERIES);
	ck_assert_uint_eq(markup_count(text, "hollow\""), SVG_SERIES);
}
END_TEST

START_TEST(where_a_value_belongs)
{
	struct svg_axis plain = {.low = 0, .high = 100, .from = 10, .to = 20};
	struct svg_axis upwards = {
	    .low = 0.1, .high = 1000, .from = 400, .to = 0, .logarithmic = true};

	ck_assert_double_eq(svg_place(&plain, 0), 10);
	ck_assert_double_eq(svg_place(&plain, 50), 15);
	ck_assert_double_eq(svg_place(&plain, -1), 10);
	ck_assert_double_eq(svg_place(&plain, 1e9), 20);
	ck_assert_double_eq_tol(svg_place(&upwards, 10), 200, 1e-9);
	ck_assert_double_eq_tol(svg_place(&upwards, 1000), 0, 1e-9);
	ck_assert_double_eq(svg_place(&upwards, 0), 400);
	ck_assert_double_eq(svg_place(&upwards, -5), 400);
	ck_assert_double_eq(svg_place(&upwards, 1e-9), 400);
}
END_TEST

static void ticks_are(struct svg_axis axis, const char *expected)
{
	double ticks[SVG_TICKS];
	size_t count = svg_ticks(&axis, ticks);
	char all[SVG_TICKS * SVG_TICK_LABEL] = "", label[SVG_TICK_LABEL];
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		svg_tick_label(ticks[i], label);
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
					   i > 0 ? "," : "", label);
	}
	ck_assert_str_eq(all, expected);
}

START_TEST(decades_of_an_axis)
{
	struct svg_axis axis = {.low = 0.1, .high = 10, .logarithmic = true};

	svg_axis_include(&axis, 0);
	svg_axis_include(&axis, -1000);
	svg_axis_include(&axis, 0.1);
	svg_axis_include(&axis, 10);
	ck_assert(axis.low == 0.1 && axis.high == 10);
	svg_axis_include(&axis, 10.5);
	ck_assert(axis.low == 0.1 && axis.high == 100);
	svg_axis_include(&axis, 0.02);
	ck_assert(axis.low == 0.01 && axis.high == 100);
}
END_TEST

START_TEST(round_values_on_an_axis)
{
	ticks_are((struct svg_axis){.low = 0, .high = 20}, "0,5,10,15,20");
	ticks_are((struct svg_axis){.low = 0, .high = 65}, "0,20,40,60");
	ticks_are((struct svg_axis){.low = 0, .high = 5832}, "0,2 000,4 000");
	ticks_are((struct svg_axis){.low = 0.1, .high = 100000, .logarithmic = true},
		  "0.1,1,10,100,1 000,10 000,100 000");
	ticks_are((struct svg_axis){.low = 4.4, .high = 100, .logarithmic = true}, "10,100");
	for (int power = -20; power < 60; power++) {
		double high = pow(1.5, power);
		struct svg_axis axis = {.low = 0, .high = high};
		double ticks[SVG_TICKS];
		size_t count = svg_ticks(&axis, ticks);

		ck_assert(count >= 2 && count <= 7);
		ck_assert_double_le(ticks[count - 1], high * 1.001);
	}
}
END_TEST

START_TEST(labels)
{
	char text[SVG_TICK_LABEL];

	svg_tick_label(0.001, text);
	ck_assert_str_eq(text, "0.001");
	svg_tick_label(999, text);
	ck_assert_str_eq(text, "999");
	svg_tick_label(1234567, text);
	ck_assert_str_eq(text, "1 234 567");
	svg_tick_label(1e12, text);
	ck_assert_str_eq(text, "1e+12");
}
END_TEST

UNIT_MAIN("svg", what_is_not_well_formed, what_cannot_be_drawn, every_element,
	  where_a_value_belongs, decades_of_an_axis, round_values_on_an_axis, labels)
