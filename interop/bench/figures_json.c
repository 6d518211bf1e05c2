/* SPDX-License-Identifier: ISC */
/*
 * figures_json.c - figures out to JSON, and what other runs have measured back in.
 */
#include "interop/bench/figures_private.h"

#include <math.h>
#include <string.h>

/* ---- out ----------------------------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static void put_goal(json_t *object, enum figures_goal goal, double bound)
{
	if (goal != FIGURES_NO_GOAL)
		json_object_set_new(
		    object, "goal",
		    json_pack("{s:s, s:f}", "kind", figures_goal_name(goal), "bound", bound));
}

static void put_summary(json_t *object, const struct figures_summary *summary)
{
	if (summary->rounds > 0) {
		json_object_set_new(object, "median", json_real(summary->median));
		json_object_set_new(object, "least", json_real(summary->least));
		json_object_set_new(object, "most", json_real(summary->most));
	}
	put_goal(object, summary->goal, summary->bound);
	if (summary->goal != FIGURES_NO_GOAL)
		json_object_set_new(object, "met", json_boolean(summary->met));
}

static json_t *json_of_quantity(const struct quantity *quantity)
{
	json_t *samples = json_array(), *object;
	struct figures_summary summary;

	for (unsigned i = 0; i < quantity->rounds; i++)
		json_array_append_new(samples, number(quantity->value[i]));
	object = json_pack("{s:s, s:s, s:s, s:o}", "benchmark", quantity->room, "name",
			   quantity->name, "unit", quantity->unit, "samples", samples);
	figures_sum_up(quantity, &summary);
	put_summary(object, &summary);
	return object;
}

static json_t *json_of_ratio(const struct figures *figures, const struct ratio *ratio)
{
	struct figures_summary summary;
	json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "benchmark", ratio->room, "name",
				   ratio->name, "of", ratio->top, "to", ratio->bottom);

	figures_sum_up_ratio(figures, ratio, &summary);
	put_summary(object, &summary);
	return object;
}

json_t *figures_json(const struct figures *figures)
{
	json_t *quantities = json_array(), *ratios = json_array(), *notes = json_array();

	for (size_t i = 0; i < figures->quantities; i++)
		json_array_append_new(quantities, json_of_quantity(&figures->quantity[i]));
	for (size_t i = 0; i < figures->ratios; i++)
		json_array_append_new(ratios, json_of_ratio(figures, &figures->ratio[i]));
	for (size_t i = 0; i < figures->notes; i++)
		json_array_append_new(notes,
				      json_pack("{s:s, s:s}", "benchmark", figures->note[i].room,
						"text", figures->note[i].text));
	return json_pack("{s:s, s:O, s:o, s:o, s:o}", "format", FIGURES_FORMAT, "machines",
			 figures->machines, "quantities", quantities, "ratios", ratios, "notes",
			 notes);
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* False: the object has no such text, or one that is not fit to be printed. */
static bool text_of(const json_t *object, const char *key, const char **text)
{
	*text = json_string_value(json_object_get(object, key));
	if (*text == NULL)
		return false;
	for (const char *c = *text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return true;
}

static bool read_goal(const json_t *object, enum figures_goal *goal, double *bound)
{
	const json_t *given = json_object_get(object, "goal");
	const char *kind;

	*goal = FIGURES_NO_GOAL;
	*bound = 0;
	if (given == NULL)
		return true;
	if (!text_of(given, "kind", &kind) || !json_is_number(json_object_get(given, "bound")))
		return false;
	*bound = json_number_value(json_object_get(given, "bound"));
	if (strcmp(kind, figures_goal_name(FIGURES_AT_MOST)) == 0)
		*goal = FIGURES_AT_MOST;
	else if (strcmp(kind, figures_goal_name(FIGURES_AT_LEAST)) == 0)
		*goal = FIGURES_AT_LEAST;
	return *goal != FIGURES_NO_GOAL;
}

/* `before`: how many rounds its benchmark had before this run. */
static bool take_quantity(struct figures *figures, const json_t *object, unsigned before)
{
	const json_t *samples = json_object_get(object, "samples"), *sample;
	const char *room, *name, *unit;
	enum figures_goal goal;
	double bound;
	size_t i;

	if (!json_is_array(samples) || !text_of(object, "benchmark", &room) ||
	    !text_of(object, "name", &name) || !text_of(object, "unit", &unit) ||
	    !read_goal(object, &goal, &bound) || json_array_size(samples) > FIGURES_ROUNDS)
		return false;
	json_array_foreach(samples, i, sample)
	{
		if (json_is_null(sample))
			continue;
		if (!json_is_number(sample) ||
		    !figures_sample(figures, room, name, unit, before + (unsigned)i,
				    json_number_value(sample)))
			return false;
	}
	return goal == FIGURES_NO_GOAL || figures_aim(figures, room, name, goal, bound);
}

/* Which rounds there are must be known before the first of the new ones comes. */
static bool count_rounds(const struct figures *figures, const json_t *quantities, json_t *before)
{
	const json_t *object;
	const char *room;
	size_t i;

	json_array_foreach(quantities, i,
			   object) if (!text_of(object, "benchmark", &room) ||
				       json_object_set_new(before, room,
							   json_integer(figures_rounds(
							       figures, room))) != 0) return false;
	return true;
}

static bool take_quantities(struct figures *figures, const json_t *quantities)
{
	json_t *before = json_object();
	const json_t *object;
	size_t i;
	bool good = before != NULL && count_rounds(figures, quantities, before);

	json_array_foreach(quantities, i, object)
	{
		const char *room = json_string_value(json_object_get(object, "benchmark"));

		good = good &&
		       take_quantity(figures, object,
				     (unsigned)json_integer_value(json_object_get(before, room)));
	}
	json_decref(before);
	return good;
}

static bool take_ratios(struct figures *figures, const json_t *ratios)
{
	const json_t *object;
	size_t i;

	json_array_foreach(ratios, i, object)
	{
		const char *room, *name, *top, *bottom;
		enum figures_goal goal;
		double bound;

		if (!text_of(object, "benchmark", &room) || !text_of(object, "name", &name) ||
		    !text_of(object, "of", &top) || !text_of(object, "to", &bottom) ||
		    !read_goal(object, &goal, &bound) ||
		    !figures_ratio(figures, room, name, top, bottom, goal, bound))
			return false;
	}
	return true;
}

/* What it says is going to be printed. */
static bool take_machine(struct figures *figures, json_t *machine)
{
	const char *key, *text;
	json_t *value;

	if (!json_is_object(machine))
		return false;
	json_object_foreach(machine, key, value) if (json_is_string(value) &&
						     !text_of(machine, key, &text)) return false;
	return figures_machine(figures, json_incref(machine));
}

static bool take_rest(struct figures *figures, const json_t *json)
{
	const json_t *object;
	const char *room, *text;
	json_t *machine;
	size_t i;

	json_array_foreach(json_object_get(json, "notes"), i,
			   object) if (!text_of(object, "benchmark", &room) ||
				       !text_of(object, "text", &text) ||
				       !figures_note(figures, room, "%s", text)) return false;
	json_array_foreach(json_object_get(json, "machines"), i,
			   machine) if (!take_machine(figures, machine)) return false;
	return true;
}

bool figures_merge(struct figures *figures, const json_t *json, struct fault *fault)
{
	const char *format;

	if (!text_of(json, "format", &format) || strcmp(format, FIGURES_FORMAT) != 0)
		return fault_say(fault, "this is not what ruthere bench --json writes");
	if (!take_quantities(figures, json_object_get(json, "quantities")))
		return fault_say(fault, "a quantity is malformed, or in another unit than before");
	if (!take_ratios(figures, json_object_get(json, "ratios")))
		return fault_say(fault, "a ratio is malformed, or another than before");
	if (!take_rest(figures, json))
		return fault_say(fault, "a note or a machine is malformed");
	return true;
}
