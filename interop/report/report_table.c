/* SPDX-License-Identifier: ISC */
/*
 * report_table.c - the matrix on a terminal: a line per section, a column per implementation, the worst verdict's letter first.
 */
#include <stdlib.h>
#include <string.h>

#include "interop/report/report.h"
#include "interop/report/report_matrix.h"
#include "interop/report/report_text.h"
#include "interop/report/report_verdict.h"

#define CELL 96
#define GAP  3

/* "F   1 F, 7 P *": the worst first, then how many of each, worst before better. */
static void print_cell(const struct report_cell *cell, char text[CELL])
{
	size_t length;

	if (cell->cases == 0) {
		snprintf(text, CELL, "-");
		return;
	}
	length = (size_t)snprintf(text, CELL, "%c ", report_letter(cell->worst));
	for (unsigned rank = 0; rank < CONFORM_VERDICTS; rank++)
		for (unsigned v = 0; v < CONFORM_VERDICTS; v++)
			if (report_rank(v) == rank && cell->count[v] > 0 && length < CELL)
				length += (size_t)snprintf(text + length, CELL - length, " %u%c",
							   cell->count[v], report_letter(v));
	if (cell->changed && length < CELL)
		snprintf(text + length, CELL - length, " *");
}

static void pad(FILE *out, size_t columns, size_t width)
{
	for (; columns < width; columns++)
		fputc(' ', out);
}

static size_t width_of(const struct report_matrix *matrix, const struct report_device *device,
		       const char *name)
{
	size_t width = report_columns(name);

	for (size_t s = 0; s <= matrix->sections; s++) {
		struct report_cell cell =
		    report_cell(device, s < matrix->sections ? matrix->section[s] : NULL);
		char text[CELL];

		print_cell(&cell, text);
		if (strlen(text) > width)
			width = strlen(text);
	}
	return width;
}

static void print_row(FILE *out, const struct report_matrix *matrix, const size_t *widths,
		      size_t first, const char *section)
{
	const char *title = section != NULL ? section : "all";

	report_put_plain(out, title);
	if (matrix->devices > 0)
		pad(out, strlen(title), first);
	for (size_t d = 0; d < matrix->devices; d++) {
		struct report_cell cell = report_cell(&matrix->device[d], section);
		char text[CELL];

		print_cell(&cell, text);
		fprintf(out, "%*s%s", GAP, "", text);
		if (d + 1 < matrix->devices)
			pad(out, strlen(text), widths[d]);
	}
	fputc('\n', out);
}

static void print_legend(FILE *out)
{
	fputc('\n', out);
	for (unsigned rank = 0; rank < CONFORM_VERDICTS; rank++)
		for (unsigned v = 0; v < CONFORM_VERDICTS; v++)
			if (report_rank(v) == rank)
				fprintf(out, "%c %s%s", report_letter(v), report_verdicts[v],
					rank + 1 < CONFORM_VERDICTS ? "  " : "\n");
	fputs("* changed since the run before\n", out);
}

static bool print(FILE *out, const struct report_matrix *matrix, char **names, size_t *widths)
{
	size_t first = strlen("section");

	for (size_t s = 0; s < matrix->sections; s++)
		if (strlen(matrix->section[s]) > first)
			first = strlen(matrix->section[s]);
	for (size_t d = 0; d < matrix->devices; d++) {
		names[d] = report_device_name(matrix->device[d].newest);
		if (names[d] == NULL)
			return false;
		widths[d] = width_of(matrix, &matrix->device[d], names[d]);
	}
	fputs("section", out);
	if (matrix->devices > 0)
		pad(out, strlen("section"), first);
	for (size_t d = 0; d < matrix->devices; d++) {
		fprintf(out, "%*s", GAP, "");
		report_put_plain(out, names[d]);
		if (d + 1 < matrix->devices)
			pad(out, report_columns(names[d]), widths[d]);
	}
	fputc('\n', out);
	for (size_t s = 0; s < matrix->sections; s++)
		print_row(out, matrix, widths, first, matrix->section[s]);
	print_row(out, matrix, widths, first, NULL);
	print_legend(out);
	return true;
}

bool report_table(FILE *out, const json_t *reports)
{
	struct report_matrix *matrix = report_matrix_new(reports);
	char **names = NULL;
	size_t *widths = NULL;
	bool good = false;

	if (matrix != NULL) {
		names = calloc(matrix->devices + 1, sizeof(*names));
		widths = calloc(matrix->devices + 1, sizeof(*widths));
		good = names != NULL && widths != NULL && print(out, matrix, names, widths);
		for (size_t d = 0; names != NULL && d < matrix->devices; d++)
			free(names[d]);
	}
	free(names);
	free(widths);
	report_matrix_free(matrix);
	return good && !ferror(out);
}
