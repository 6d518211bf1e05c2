/* SPDX-License-Identifier: ISC */
#include "interop/bench/figures_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct figures *figures_new(void)
{
	struct figures *figures = calloc(1, sizeof(*figures));

	if (figures == NULL)
		return NULL;
	figures->machines = json_array();
	if (figures->machines == NULL) {
		free(figures);
		return NULL;
	}
	return figures;
}

void figures_free(struct figures *figures)
{
	if (figures == NULL)
		return;
	for (size_t i = 0; i < figures->quantities; i++)
		free(figures->quantity[i].value);
	free(figures->quantity);
	free(figures->ratio);
	free(figures->note);
	json_decref(figures->machines);
	free(figures);
}

/* ---- putting in ---------------------------------------------------------------------------------------------------- */

static void keep_name(char to[FIGURES_NAME], const char *from)
{
	snprintf(to, FIGURES_NAME, "%s", from);
}

static bool same(const char kept[FIGURES_NAME], const char *given)
{
	return strncmp(kept, given, FIGURES_NAME - 1) == 0;
}

/* One more element, zeroed, at the end of an array; NULL: no memory. */
static void *one_more(void **array, size_t *count, size_t size)
{
	char *grown = realloc(*array, (*count + 1) * size);

	if (grown == NULL)
		return NULL;
	*array = grown;
	grown += *count * size;
	memset(grown, 0, size);
	(*count)++;
	return grown;
}

struct quantity *figures_find(const struct figures *figures, const char *room, const char *name)
{
	for (size_t i = 0; i < figures->quantities; i++)
		if (same(figures->quantity[i].room, room) && same(figures->quantity[i].name, name))
			return &figures->quantity[i];
	return NULL;
}

/* Its unit may not be known yet (""). */
static struct quantity *find_or_add(struct figures *figures, const char *room, const char *name)
{
	struct quantity *quantity = figures_find(figures, room, name);
	void *array = figures->quantity;

	if (quantity != NULL)
		return quantity;
	quantity = one_more(&array, &figures->quantities, sizeof(*quantity));
	figures->quantity = array;
	if (quantity != NULL) {
		keep_name(quantity->room, room);
		keep_name(quantity->name, name);
	}
	return quantity;
}

static bool reach(struct quantity *quantity, unsigned round)
{
	double *grown;

	if (round < quantity->rounds)
		return true;
	grown = realloc(quantity->value, (round + 1) * sizeof(*grown));
	if (grown == NULL)
		return false;
	quantity->value = grown;
	while (quantity->rounds <= round)
		quantity->value[quantity->rounds++] = NAN;
	return true;
}

bool figures_sample(struct figures *figures, const char *room, const char *name, const char *unit,
		    unsigned round, double value)
{
	struct quantity *quantity;

	if (!isfinite(value) || round >= FIGURES_ROUNDS || unit[0] == '\0')
		return false;
	quantity = find_or_add(figures, room, name);
	if (quantity == NULL)
		return false;
	if (quantity->unit[0] == '\0')
		keep_name(quantity->unit, unit);
	if (!same(quantity->unit, unit) || !reach(quantity, round) ||
	    !isnan(quantity->value[round]))
		return false;
	quantity->value[round] = value;
	return true;
}

static struct ratio *find_ratio(const struct figures *figures, const char *room, const char *name)
{
	for (size_t i = 0; i < figures->ratios; i++)
		if (same(figures->ratio[i].room, room) && same(figures->ratio[i].name, name))
			return &figures->ratio[i];
	return NULL;
}

static bool is_goal(enum figures_goal goal, double bound)
{
	return goal == FIGURES_NO_GOAL || (isfinite(bound) && bound > 0);
}

/* Of a quantity that there should be nothing of, 0 is a goal; of a ratio it is none. */
static bool is_aim(enum figures_goal goal, double bound)
{
	return is_goal(goal, bound) || (goal == FIGURES_AT_MOST && bound == 0);
}

bool figures_ratio(struct figures *figures, const char *room, const char *name, const char *top,
		   const char *bottom, enum figures_goal goal, double bound)
{
	struct ratio *ratio = find_ratio(figures, room, name);
	void *array = figures->ratio;

	if (!is_goal(goal, bound))
		return false;
	if (ratio != NULL && (!same(ratio->top, top) || !same(ratio->bottom, bottom)))
		return false;
	if (ratio == NULL) {
		ratio = one_more(&array, &figures->ratios, sizeof(*ratio));
		figures->ratio = array;
		if (ratio == NULL)
			return false;
		keep_name(ratio->room, room);
		keep_name(ratio->name, name);
		keep_name(ratio->top, top);
		keep_name(ratio->bottom, bottom);
	}
	ratio->goal = goal;
	ratio->bound = goal == FIGURES_NO_GOAL ? 0 : bound;
	return true;
}

bool figures_aim(struct figures *figures, const char *room, const char *name,
		 enum figures_goal goal, double bound)
{
	struct quantity *quantity;

	if (!is_aim(goal, bound))
		return false;
	quantity = find_or_add(figures, room, name);
	if (quantity == NULL)
		return false;
	quantity->goal = goal;
	quantity->bound = goal == FIGURES_NO_GOAL ? 0 : bound;
	return true;
}

bool figures_note(struct figures *figures, const char *room, const char *format, ...)
{
	char text[FIGURES_NOTE];
	void *array = figures->note;
	struct note *note;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < figures->notes; i++)
		if (same(figures->note[i].room, room) && strcmp(figures->note[i].text, text) == 0)
			return true;
	note = one_more(&array, &figures->notes, sizeof(*note));
	figures->note = array;
	if (note == NULL)
		return false;
	keep_name(note->room, room);
	memcpy(note->text, text, sizeof(text));
	return true;
}

bool figures_machine(struct figures *figures, json_t *machine)
{
	return machine != NULL && json_array_append_new(figures->machines, machine) == 0;
}

/* ---- looking in ---------------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void judge(struct figures_summary *summary, enum figures_goal goal, double bound)
{
	summary->goal = goal;
	summary->bound = bound;
	summary->met = goal == FIGURES_NO_GOAL;
	if (summary->met || summary->rounds == 0)
		return;
	summary->met =
	    goal == FIGURES_AT_MOST ? summary->median <= bound : summary->median >= bound;
	if (!summary->met)
		summary->missed = bound > 0 ? fabs(summary->median - bound) / bound : INFINITY;
}

/* `value` has NAN for what was not measured, and is put into order. */
static void sum_up(double *value, unsigned count, struct figures_summary *summary)
{
	unsigned kept = 0;

	*summary = (struct figures_summary){0};
	for (unsigned i = 0; i < count; i++)
		if (!isnan(value[i]))
			value[kept++] = value[i];
	if (kept == 0)
		return;
	qsort(value, kept, sizeof(*value), by_size);
	summary->rounds = kept;
	summary->least = value[0];
	summary->most = value[kept - 1];
	summary->median = (value[(kept - 1) / 2] + value[kept / 2]) / 2;
}

void figures_sum_up(const struct quantity *quantity, struct figures_summary *summary)
{
	double value[FIGURES_ROUNDS];

	for (unsigned i = 0; i < quantity->rounds; i++)
		value[i] = quantity->value[i];
	sum_up(value, quantity->rounds, summary);
	judge(summary, quantity->goal, quantity->bound);
}

void figures_sum_up_ratio(const struct figures *figures, const struct ratio *ratio,
			  struct figures_summary *summary)
{
	const struct quantity *top = figures_find(figures, ratio->room, ratio->top);
	const struct quantity *bottom = figures_find(figures, ratio->room, ratio->bottom);
	double value[FIGURES_ROUNDS];
	unsigned rounds = 0;

	if (top != NULL && bottom != NULL)
		rounds = top->rounds < bottom->rounds ? top->rounds : bottom->rounds;
	for (unsigned i = 0; i < rounds; i++)
		value[i] = bottom->value[i] > 0 ? top->value[i] / bottom->value[i] : NAN;
	sum_up(value, rounds, summary);
	judge(summary, ratio->goal, ratio->bound);
}

bool figures_quantity(const struct figures *figures, const char *room, const char *name,
		      struct figures_summary *summary)
{
	const struct quantity *quantity = figures_find(figures, room, name);

	if (quantity != NULL)
		figures_sum_up(quantity, summary);
	return quantity != NULL;
}

bool figures_ratio_of(const struct figures *figures, const char *room, const char *name,
		      struct figures_summary *summary)
{
	const struct ratio *ratio = find_ratio(figures, room, name);

	if (ratio != NULL)
		figures_sum_up_ratio(figures, ratio, summary);
	return ratio != NULL;
}

bool figures_met(const struct figures *figures)
{
	struct figures_summary summary;

	for (size_t i = 0; i < figures->quantities; i++) {
		figures_sum_up(&figures->quantity[i], &summary);
		if (!summary.met)
			return false;
	}
	for (size_t i = 0; i < figures->ratios; i++) {
		figures_sum_up_ratio(figures, &figures->ratio[i], &summary);
		if (!summary.met)
			return false;
	}
	return true;
}

unsigned figures_rounds(const struct figures *figures, const char *room)
{
	unsigned rounds = 0;

	for (size_t i = 0; i < figures->quantities; i++)
		if (same(figures->quantity[i].room, room) && figures->quantity[i].rounds > rounds)
			rounds = figures->quantity[i].rounds;
	return rounds;
}

const char *figures_goal_name(enum figures_goal goal)
{
	static const char *const names[] = {
	    [FIGURES_NO_GOAL] = NULL,
	    [FIGURES_AT_MOST] = "at-most",
	    [FIGURES_AT_LEAST] = "at-least",
	};

	return names[goal];
}
