/* SPDX-License-Identifier: ISC */
/*
 * test_liveness_table.c - three tables of the keepalive's transitions that must be the same: what keepalive_step does, what
 * draft/model/transitions.txt prints, and what the Promela model in draft/model/keepalive.pml checks.
 *
 * The first is observed, by making every sequence of moves up to a length.  With the name of a file as its argument, this program
 * writes the second: make transitions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/keepalive_beginnings.h"
#include "tests/support/keepalive_explorer.h"
#include "tests/support/keepalive_promela.h"
#include "tests/support/keepalive_transitions.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define TABLE "draft/model/transitions.txt"
#define MODEL "draft/model/keepalive.pml"
#define DEPTH 5

/* ---- what keepalive_step does -------------------------------------------------------------------------------------- */

static void look(void *context, const struct seen *seen)
{
	transitions_note(context, seen);
}

static void observe_plan(struct transitions *table, const struct keepalive_plan *plan,
			 unsigned depth)
{
	struct situations set;

	situations_begin(&set);
	for (enum beginning b = WITHOUT_SA; b < FEW_NUMBERS_LEFT; b++) {
		struct situation situation = beginnings_make(b, plan);
		struct situation_key key = moves_key(&situation, plan);

		situations_add(&set, &key);
	}
	explorer_run(&set, plan, depth, look, table);
	situations_end(&set);
}

/* A single question that must be answered: the least that may be given. */
static struct keepalive_plan plan_of_one(enum keepalive_mode mode)
{
	struct keepalive_plan plan = world_simple_plan(mode);

	plan.misses = 1;
	plan.detect = plan.worry + plan.retry;
	return plan;
}

static void observe(struct transitions *table, unsigned depth)
{
	table->count = 0;
	for (enum keepalive_mode mode = KEEPALIVE_PERIODIC; mode <= KEEPALIVE_OFF; mode++) {
		struct keepalive_plan given = world_simple_plan(mode);
		struct keepalive_plan strict = given, one = plan_of_one(mode);

		strict.strictness = KEEPALIVE_STRICT;
		observe_plan(table, &given, depth);
		observe_plan(table, &strict, depth);
		observe_plan(table, &one, depth);
	}
	transitions_finish(table);
}

/* ---- what is printed ----------------------------------------------------------------------------------------------- */

static const char heading[] =
    "# The keepalive's transitions, as observed of keepalive_step: written by `make transitions`, "
    "held to by the tests.\n"
    "# States, inputs and actions are named as in keepalive/keepalive.h; the conditions, and who "
    "is asked, in README.md.\n"
    "# One action is left out: with the first question of a round goes `renew` while few numbers "
    "are left (R46).\n"
    "#\n"
    "# state  input          condition      who is asked              next     actions\n";

static const char *text_of_watches(unsigned watches, char *text, size_t length)
{
	static const char *const names[WATCHES] = {"periodic", "on_demand", "off", "not_asked"};
	size_t used = 0;

	text[0] = '\0';
	if (watches == (1u << WATCHES) - 1)
		return "any";
	for (unsigned i = 0; i < WATCHES; i++) {
		if ((watches >> i & 1) != 0)
			used += (size_t)snprintf(text + used, length - used, "%s%s",
						 used > 0 ? "," : "", names[i]);
	}
	return text;
}

static size_t print_row(const struct transition *row, char *text, size_t length)
{
	char watches[64];
	size_t used = (size_t)snprintf(
	    text, length, "%-8s %-14s %-14s %-25s %-8s", transitions_states[row->from],
	    transitions_inputs[row->input], row->condition[0] != '\0' ? row->condition : "-",
	    text_of_watches(row->watches, watches, sizeof(watches)), transitions_states[row->to]);

	for (unsigned i = 0; i < TRANSITIONS_ACTIONS; i++) {
		if ((row->actions >> i & 1) != 0)
			used += (size_t)snprintf(text + used, length - used, " %s",
						 transitions_actions[i]);
	}
	if (row->actions == 0)
		used += (size_t)snprintf(text + used, length - used, " -");
	return used + (size_t)snprintf(text + used, length - used, "\n");
}

static const char *print(const struct transitions *table)
{
	static char text[65536];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", heading);

	for (size_t i = 0; i < table->count; i++)
		used += print_row(&table->rows[i], text + used, sizeof(text) - used);
	return text;
}

static const char *contents(const char *path)
{
	static char text[131072];
	FILE *file = fopen(path, "r");
	size_t length;

	ck_assert_msg(file != NULL, "cannot read %s: run the tests at the top of the tree", path);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	ck_assert_uint_lt(length, sizeof(text) - 1);
	text[length] = '\0';
	return text;
}

static struct transitions observed;

START_TEST(the_printed_table_is_what_the_code_does)
{
	observe(&observed, DEPTH);
	ck_assert_uint_gt(observed.count, 80);
	ck_assert_msg(strcmp(print(&observed), contents(TABLE)) == 0,
		      "%s is not what keepalive_step does: if that is meant, make transitions",
		      TABLE);
}
END_TEST

/* No more is to be seen further down. */
START_TEST(the_table_is_complete)
{
	static struct transitions deeper;

	observe(&observed, DEPTH);
	observe(&deeper, DEPTH + 1);
	ck_assert_uint_eq(observed.count, deeper.count);
	ck_assert_str_eq(print(&observed), print(&deeper));
}
END_TEST

/* ---- what is modelled ---------------------------------------------------------------------------------------------- */

#define ANY (-1)

/* What the model leaves out of the table of a peer that is watched periodically, and why. */
static const struct {
	int from, input;
	const char *condition; /* NULL: whatever it is */
	const char *why;
} left_out[] = {
    {ANY, KEEPALIVE_SA_SUPERSEDED, NULL, "one SA at a time: INITIAL-CONTACT ends the older"},
    {ANY, KEEPALIVE_SA_UP, "again", "an SA in use again was superseded before"},
    {ANY, KEEPALIVE_SA_UP, "no_vendor_id", "both have sent the vendor ID"},
    {ANY, KEEPALIVE_HEARD, NULL, "what a fresh question does, without the answer"},
    {ANY, KEEPALIVE_WANT_TO_SEND, NULL, "does nothing where asking is periodic"},
    {ANY, KEEPALIVE_ASK_NOW, NULL, "no user"},
    {ANY, KEEPALIVE_HINT, NULL, "nothing unauthenticated"},
    {ANY, KEEPALIVE_TIME, "early", "timers are exact"},
    {ANY, KEEPALIVE_TIME, "late", "timers are exact"},
    {ANY, KEEPALIVE_TIME, "late_heard", "timers are exact"},
    {ANY, KEEPALIVE_TIME, "late_silent", "timers are exact"},
    {ANY, KEEPALIVE_TIME, "hopeless", "only where timers are slow"},
    {KEEPALIVE_ASKING, KEEPALIVE_TIME, "dead", "takes a plan of one question, or a user"},
    {KEEPALIVE_DOWN, KEEPALIVE_TIME, NULL, "no timer runs without an SA"},
    {KEEPALIVE_DEAD, KEEPALIVE_TIME, NULL, "no timer runs without an SA"},
    {KEEPALIVE_DOWN, KEEPALIVE_SA_DOWN, NULL, "there is none to go"},
};

#define LEFT_OUT (sizeof(left_out) / sizeof(left_out[0]))

static bool is_left_out(const struct transition *row, size_t i)
{
	return (left_out[i].from == ANY || left_out[i].from == (int)row->from) &&
	       left_out[i].input == (int)row->input &&
	       (left_out[i].condition == NULL ||
		strcmp(left_out[i].condition, row->condition) == 0);
}

static bool is_in_scope(const struct transition *row)
{
	if ((row->watches >> WATCH_PERIODIC & 1) == 0)
		return false;
	for (size_t i = 0; i < LEFT_OUT; i++) {
		if (is_left_out(row, i))
			return false;
	}
	return true;
}

static bool contains(const struct transitions *table, const char *text, bool in_scope)
{
	char other[200];

	for (size_t i = 0; i < table->count; i++) {
		transitions_text(&table->rows[i], other, sizeof(other));
		if (strcmp(text, other) == 0 && (!in_scope || is_in_scope(&table->rows[i])))
			return true;
	}
	return false;
}

START_TEST(the_model_is_the_code)
{
	static struct transitions modelled;
	char text[200];
	size_t in_scope = 0;

	observe(&observed, DEPTH);
	promela_transitions(contents(MODEL), &modelled);
	for (size_t i = 0; i < observed.count; i++) {
		if (!is_in_scope(&observed.rows[i]))
			continue;
		in_scope++;
		transitions_text(&observed.rows[i], text, sizeof(text));
		ck_assert_msg(contains(&modelled, text, false),
			      "the code does, the model does not: %s", text);
	}
	for (size_t i = 0; i < modelled.count; i++) {
		transitions_text(&modelled.rows[i], text, sizeof(text));
		ck_assert_msg(contains(&observed, text, true),
			      "the model does, the code does not: %s", text);
	}
	ck_assert_uint_eq(in_scope, modelled.count);
	ck_assert_uint_gt(in_scope, 30);
}
END_TEST

/* An excuse that excuses nothing is a mistake, or out of date. */
START_TEST(nothing_is_left_out_in_vain)
{
	observe(&observed, DEPTH);
	for (size_t i = 0; i < LEFT_OUT; i++) {
		bool used = false;

		for (size_t row = 0; row < observed.count; row++)
			used = used || is_left_out(&observed.rows[row], i);
		ck_assert_msg(used, "not a transition: %s", left_out[i].why);
	}
}
END_TEST

static const char *destination;

START_TEST(write_the_table)
{
	FILE *file = fopen(destination, "w");

	observe(&observed, DEPTH);
	ck_assert_msg(file != NULL && fputs(print(&observed), file) >= 0 && fclose(file) == 0,
		      "cannot write %s", destination);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {
	    the_printed_table_is_what_the_code_does,
	    the_table_is_complete,
	    the_model_is_the_code,
	    nothing_is_left_out_in_vain,
	};
	const TTest *const writing[] = {write_the_table};

	if (argc == 2) {
		destination = argv[1];
		return unit_run("writes the table", writing, 1);
	}
	return unit_run("liveness, the table", tests, sizeof(tests) / sizeof(tests[0]));
}
