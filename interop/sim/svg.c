/* SPDX-License-Identifier: ISC */
#include "interop/sim/svg.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MARKER 4.5 /* half the size of one */

/* Colours after Okabe and Ito, which the colour-blind can tell apart; two of them darker, for text-like lines on white. */
static const char style[] =
    "text{font-family:\"DejaVu Sans\",Verdana,Helvetica,Arial,sans-serif;font-size:12px;fill:#222}"
    ".title{font-size:17px;font-weight:bold}"
    ".note{fill:#555}"
    ".head{font-weight:bold}"
    ".middle{text-anchor:middle}"
    ".end{text-anchor:end}"
    ".grid{stroke:#dcdcdc;stroke-width:1}"
    ".axis{stroke:#333;stroke-width:1.2}"
    ".range{stroke:#333;stroke-width:2}"
    ".thin{stroke:#333;stroke-width:1}"
    ".stripe{fill:#f4f4f4}"
    ".bar{fill:#8a8a8a}"
    ".curve{fill:none;stroke-width:2.2;stroke-linejoin:round}"
    ".marker{stroke-width:1.6}"
    ".hollow{fill:#fff}"
    ".s0{stroke:#0072b2}.s1{stroke:#d55e00;stroke-dasharray:9 4}"
    ".s2{stroke:#007a5a;stroke-dasharray:2 4}.s3{stroke:#b0447f;stroke-dasharray:12 4 2 4}"
    ".s4{stroke:#007a5a;stroke-dasharray:5 3}.s5{stroke:#b0447f;stroke-dasharray:16 5}"
    ".marker{stroke-dasharray:none}"
    ".f0{fill:#0072b2}.f1{fill:#d55e00}.f2{fill:#007a5a}.f3{fill:#b0447f}.f4{fill:#007a5a}"
    ".f5{fill:#b0447f}";

/* ---- the elements -------------------------------------------------------------------------------------------------- */

/* A number that is none would make the file one that nobody can read. */
static double sound(double number)
{
	assert(isfinite(number));
	return number;
}

static void escape(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

void svg_begin(FILE *out, double width, double height, const char *title, const char *description)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"title desc\">\n"
		"<title id=\"title\">",
		sound(width), sound(height), width, height);
	escape(out, title);
	fprintf(out, "</title>\n<desc id=\"desc\">");
	escape(out, description);
	fprintf(out,
		"</desc>\n<style>%s</style>\n"
		"<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n",
		style, width, height);
}

void svg_end(FILE *out)
{
	fprintf(out, "</svg>\n");
}

void svg_group_begin(FILE *out, const char *title)
{
	fprintf(out, "<g>\n<title>");
	escape(out, title);
	fprintf(out, "</title>\n");
}

void svg_group_end(FILE *out)
{
	fprintf(out, "</g>\n");
}

void svg_text(FILE *out, double x, double y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", sound(x), sound(y), class);
	escape(out, text);
	fprintf(out, "</text>\n");
}

void svg_text_upwards(FILE *out, double x, double y, const char *class, const char *text)
{
	fprintf(out, "<text transform=\"translate(%.1f %.1f) rotate(-90)\" class=\"%s\">", sound(x),
		sound(y), class);
	escape(out, text);
	fprintf(out, "</text>\n");
}

void svg_line(FILE *out, struct svg_point from, struct svg_point to, const char *class)
{
	fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n",
		sound(from.x), sound(from.y), sound(to.x), sound(to.y), class);
}

void svg_bar(FILE *out, struct svg_point corner, double width, double height, const char *class)
{
	fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"/>\n",
		sound(corner.x), sound(corner.y), sound(width), sound(height), class);
}

void svg_curve(FILE *out, const struct svg_point *points, size_t count, unsigned series)
{
	assert(series < SVG_SERIES);
	fprintf(out, "<polyline class=\"curve s%u\" points=\"", series);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%.1f,%.1f", i > 0 ? " " : "", sound(points[i].x),
			sound(points[i].y));
	fprintf(out, "\"/>\n");
}

void svg_marker(FILE *out, struct svg_point at, unsigned series, bool hollow)
{
	/* corners, in units of MARKER around the middle; none: a circle */
	static const struct {
		size_t corners;
		struct svg_point corner[4];
	} shapes[SVG_SERIES] = {
	    {0, {{0, 0}}},
	    {4, {{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}}},
	    {3, {{0, -1.2}, {1.15, 0.9}, {-1.15, 0.9}}},
	    {4, {{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}}},
	    {3, {{0, 1.2}, {1.15, -0.9}, {-1.15, -0.9}}},
	    {4, {{-1.3, -0.6}, {1.3, -0.6}, {1.3, 0.6}, {-1.3, 0.6}}},
	};
	char class[32];

	assert(series < SVG_SERIES);
	if (hollow)
		snprintf(class, sizeof(class), "marker s%u hollow", series);
	else
		snprintf(class, sizeof(class), "marker s%u f%u", series, series);
	if (shapes[series].corners == 0) {
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>\n",
			sound(at.x), sound(at.y), MARKER, class);
		return;
	}
	fprintf(out, "<polygon class=\"%s\" points=\"", class);
	for (size_t i = 0; i < shapes[series].corners; i++)
		fprintf(out, "%s%.1f,%.1f", i > 0 ? " " : "",
			sound(at.x + MARKER * shapes[series].corner[i].x),
			sound(at.y + MARKER * shapes[series].corner[i].y));
	fprintf(out, "\"/>\n");
}

/* ---- axes ---------------------------------------------------------------------------------------------------------- */

void svg_axis_include(struct svg_axis *axis, double value)
{
	if (value <= 0)
		return;
	axis->low = fmin(axis->low, pow(10, floor(log10(value))));
	axis->high = fmax(axis->high, pow(10, ceil(log10(value))));
}

double svg_place(const struct svg_axis *axis, double value)
{
	double share;

	if (axis->logarithmic)
		share = value > 0 ? log(value / axis->low) / log(axis->high / axis->low) : 0;
	else
		share = (value - axis->low) / (axis->high - axis->low);
	share = fmin(1, fmax(0, share));
	return axis->from + share * (axis->to - axis->from);
}

static size_t decades(const struct svg_axis *axis, double ticks[SVG_TICKS])
{
	double first = ceil(log10(axis->low) - 1e-9), last = floor(log10(axis->high) + 1e-9);
	double step = ceil((last - first + 1) / SVG_TICKS);
	size_t count = 0;

	for (double decade = first; decade <= last && count < SVG_TICKS; decade += step)
		ticks[count++] = pow(10, decade);
	return count;
}

size_t svg_ticks(const struct svg_axis *axis, double ticks[SVG_TICKS])
{
	double rough = (axis->high - axis->low) / 5, grain, step, first;
	size_t count = 0;

	if (axis->logarithmic)
		return decades(axis, ticks);
	grain = pow(10, floor(log10(rough)));
	step = rough / grain < 2 ? 2 * grain : rough / grain < 5 ? 5 * grain : 10 * grain;
	first = ceil(axis->low / step) * step;
	while (count < SVG_TICKS && first + (double)count * step <= axis->high + step * 1e-9) {
		ticks[count] = first + (double)count * step;
		count++;
	}
	return count;
}

void svg_tick_label(double tick, char text[SVG_TICK_LABEL])
{
	char digits[SVG_TICK_LABEL];
	size_t length, at = 0;

	if (tick < 1000 || tick >= 1e9) {
		snprintf(text, SVG_TICK_LABEL, "%.6g", tick);
		return;
	}
	length = (size_t)snprintf(digits, sizeof(digits), "%.0f", tick);
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[at++] = ' ';
		text[at++] = digits[i];
	}
	text[at] = '\0';
}
