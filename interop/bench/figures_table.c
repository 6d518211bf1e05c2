/* SPDX-License-Identifier: ISC */
/*
 * figures_table.c - figures for people: per benchmark its quantities, then its ratios, then what there is to be said.
 */
#include "interop/bench/figures_private.h"

#include <math.h>
#include <string.h>

#define NAME_COLUMN 48
#define UNIT_COLUMN 18

/* Four digits that count, and no more than that. */
static void print_number(double value, FILE *out)
{
	double size = fabs(value);

	if (size >= 1000)
		fprintf(out, " %10.0f", value);
	else if (size >= 100)
		fprintf(out, " %10.1f", value);
	else if (size >= 10)
		fprintf(out, " %10.2f", value);
	else if (size >= 0.01 || size == 0)
		fprintf(out, " %10.3f", value);
	else
		fprintf(out, " %10.2e", value);
}

static void print_row(const char *name, const char *unit, const struct figures_summary *summary,
		      FILE *out)
{
	fprintf(out, "  %-*s %-*s", NAME_COLUMN, name, UNIT_COLUMN, unit);
	if (summary->rounds == 0) {
		fprintf(out, " not measured");
	} else {
		print_number(summary->median, out);
		print_number(summary->least, out);
		print_number(summary->most, out);
		fprintf(out, " %6u", summary->rounds);
	}
	if (summary->goal != FIGURES_NO_GOAL) {
		fprintf(out, "  goal: %s %g, ",
			summary->goal == FIGURES_AT_MOST ? "at most" : "at least", summary->bound);
		if (summary->met)
			fprintf(out, "met");
		else if (summary->rounds == 0)
			fprintf(out, "not met");
		else if (isinf(summary->missed))
			fprintf(out, "missed");
		else
			fprintf(out, "missed by %.1f %%", summary->missed * 100);
	}
	fputc('\n', out);
}

static void print_room(const struct figures *figures, const char *room, FILE *out)
{
	struct figures_summary summary;

	fprintf(out, "\n%-*s %-*s %10s %10s %10s %6s\n", NAME_COLUMN + 2, room, UNIT_COLUMN, "",
		"median", "least", "most", "rounds");
	for (size_t i = 0; i < figures->quantities; i++) {
		const struct quantity *quantity = &figures->quantity[i];

		if (strcmp(quantity->room, room) != 0)
			continue;
		figures_sum_up(quantity, &summary);
		print_row(quantity->name, quantity->unit, &summary, out);
	}
	for (size_t i = 0; i < figures->ratios; i++) {
		const struct ratio *ratio = &figures->ratio[i];

		if (strcmp(ratio->room, room) != 0)
			continue;
		figures_sum_up_ratio(figures, ratio, &summary);
		print_row(ratio->name, "ratio", &summary, out);
	}
	for (size_t i = 0; i < figures->notes; i++)
		if (strcmp(figures->note[i].room, room) == 0)
			fprintf(out, "  note: %s\n", figures->note[i].text);
}

static void print_machine(json_t *machine, FILE *out)
{
	json_t *value;
	const char *key;
	bool first = true;

	json_object_foreach(machine, key, value)
	{
		fprintf(out, "%s%s: ", first ? "" : "; ", key);
		if (json_is_string(value))
			fprintf(out, "%s", json_string_value(value));
		else if (json_is_integer(value))
			fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		else if (json_is_boolean(value))
			fprintf(out, "%s", json_is_true(value) ? "yes" : "no");
		else if (json_is_real(value))
			fprintf(out, "%g", json_real_value(value));
		else
			fprintf(out, "unknown");
		first = false;
	}
	fputc('\n', out);
}

/* The same machine twice is one. */
static void print_machines(const struct figures *figures, FILE *out)
{
	for (size_t i = 0; i < json_array_size(figures->machines); i++) {
		json_t *machine = json_array_get(figures->machines, i);
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = json_equal(machine, json_array_get(figures->machines, j)) == 1;
		if (!seen)
			print_machine(machine, out);
	}
}

/* Rooms come in the order of their first mention. */
static const char *room_at(const struct figures *figures, size_t index)
{
	size_t q = figures->quantities, r = figures->ratios;

	if (index < q)
		return figures->quantity[index].room;
	if (index < q + r)
		return figures->ratio[index - q].room;
	return figures->note[index - q - r].room;
}

void figures_print(const struct figures *figures, FILE *out)
{
	size_t count = figures->quantities + figures->ratios + figures->notes;

	print_machines(figures, out);
	for (size_t i = 0; i < count; i++) {
		const char *room = room_at(figures, i);
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = strcmp(room_at(figures, j), room) == 0;
		if (!seen)
			print_room(figures, room, out);
	}
}
