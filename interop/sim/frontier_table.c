/* SPDX-License-Identifier: ISC */
#include "interop/sim/frontier_table.h"

#include "interop/sim/poisson.h"
#include "interop/sim/table.h"

typedef void write_cell(const struct frontier *frontier, const struct frontier_cell *cell,
			char text[TABLE_CELL]);

static void formula(const struct frontier *frontier, const struct frontier_cell *cell,
		    char text[TABLE_CELL])
{
	table_number(machine_false_deaths_a_year(&cell->method.rules,
						 frontier->comparison->study.pair.network.loss),
		     text);
}

static void measured(const struct frontier *frontier, const struct frontier_cell *cell,
		     char text[TABLE_CELL])
{
	uint64_t count = cell->result.counts.false_deaths;
	char number[TABLE_CELL];

	(void)frontier;
	if (count > 0) {
		table_number((double)count / cell->result.years, text);
		return;
	}
	table_number(poisson_confidence(0).high / cell->result.years, number);
	snprintf(text, TABLE_CELL, "<%.20s", number);
}

static void messages(const struct frontier *frontier, const struct frontier_cell *cell,
		     char text[TABLE_CELL])
{
	(void)frontier;
	snprintf(text, TABLE_CELL, "%.0f", study_messages_an_hour(&cell->result));
}

/* True where some plan had to be eased. */
static bool print_block(const struct frontier *frontier, const char *title, write_cell *write,
			FILE *out)
{
	bool eased = false;

	fprintf(out, "\n%-28s", title);
	for (unsigned i = 0; i < FRONTIER_BOUNDS; i++)
		fprintf(out, " %6u s", frontier_bounds[i]);
	fprintf(out, "\n");
	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		if (!frontier_is_wanted(frontier->comparison, series))
			continue;
		fprintf(out, "%-28s", frontier_name(series));
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
			const struct frontier_cell *cell = &frontier->cell[series][i];
			char text[TABLE_CELL] = "-";

			if (cell->there)
				write(frontier, cell, text);
			fprintf(out, " %7s%c", text, cell->eased ? '*' : ' ');
			eased = eased || cell->eased;
		}
		fprintf(out, "\n");
	}
	return eased;
}

void frontier_table_print(const struct frontier *frontier, FILE *out)
{
	bool eased;

	table_head(&frontier->comparison->study, out);
	print_block(frontier, "false deaths a year expected", formula, out);
	print_block(frontier, "false deaths a year measured", measured, out);
	eased = print_block(frontier, "messages an hour measured", messages, out);
	fprintf(out, "\n"
		     "Columns: the bound, the silence after which a peer is dead at the latest.\n"
		     "fixed count: misses or losses as given, times scaled to the bound.\n"
		     "equal messages: as many an hour as the derived plan, as many losses borne as "
		     "then fit.\n"
		     "<: none seen; the rate is below this with 95 %% confidence.\n");
	if (eased)
		fprintf(out,
			"*: too short for %.3g a year; the plan with the fewest false deaths that "
			"fits.\n",
			frontier->comparison->method.false_deaths);
	fprintf(out, "seed %llu\n", (unsigned long long)frontier->comparison->study.pair.seed);
}
