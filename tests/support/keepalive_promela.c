/* SPDX-License-Identifier: ISC */
#include "tests/support/keepalive_promela.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#define NAME_MAX_LENGTH 64

/* The conditions outlive the text; a model has no more of them than this. */
static char conditions[TRANSITIONS_MAX][NAME_MAX_LENGTH];

static void lower(const char *text, char *out)
{
	while (*text != '\0')
		*out++ = (char)tolower((unsigned char)*text++);
	*out = '\0';
}

/* Which of `names` the text begins with, as a whole word of the name; -1: none.  `after` is what follows it. */
static int prefix(const char *text, const char *const *names, int count, const char **after)
{
	for (int i = 0; i < count; i++) {
		char name[NAME_MAX_LENGTH];

		lower(names[i], name);
		if (strncmp(text, name, strlen(name)) != 0)
			continue;
		*after = text + strlen(name);
		if (**after == '\0')
			return i;
		if (**after == '_') {
			(*after)++;
			return i;
		}
	}
	return -1;
}

/* Whether `word` is called, or defined, somewhere in the text up to `end`; where. */
static const char *find_call(const char *text, const char *end, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL && at < end; at++) {
		bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');

		if (begins && at[length] == '(')
			return at;
	}
	return NULL;
}

/* Behind the bracket that closes the first one opened. */
static const char *end_of_body(const char *text)
{
	int depth = 0;

	for (; *text != '\0'; text++) {
		depth += *text == '{';
		depth -= *text == '}';
		if (*text == '}' && depth == 0)
			return text + 1;
	}
	ck_abort_msg("an inline that does not end");
	return text;
}

static enum keepalive_state next_state(const char *body, const char *end, enum keepalive_state from)
{
	const char *at = find_call(body, end, "become");

	if (at == NULL)
		return from;
	at = strstr(at, "KEEPALIVE_");
	ck_assert_ptr_nonnull(at);
	at += strlen("KEEPALIVE_");
	for (int i = 0; i < KEEPALIVE_STATES; i++) {
		size_t length = strlen(transitions_states[i]);

		if (strncmp(at, transitions_states[i], length) == 0 && at[length] == ')')
			return (enum keepalive_state)i;
	}
	ck_abort_msg("no such state: %.20s", at);
	return from;
}

static void must_be_used_once_defined(const char *text, const char *name)
{
	const char *end = text + strlen(text);
	int calls = 0;

	for (const char *at = text; (at = find_call(at, end, name)) != NULL; at++)
		calls++;
	ck_assert_msg(calls == 2, "%s: defined and used %d times, not 2", name, calls);
}

static void read_inline(const char *text, const char *name, const char *body,
			struct transitions *table)
{
	const char *rest, *end = end_of_body(body);
	int state = prefix(name, transitions_states, KEEPALIVE_STATES, &rest), input;
	struct transition *row = &table->rows[table->count];

	if (state < 0)
		return;
	input = prefix(rest, transitions_inputs, KEEPALIVE_INPUTS, &rest);
	if (input < 0)
		return;
	must_be_used_once_defined(text, name);
	snprintf(conditions[table->count], NAME_MAX_LENGTH, "%s", rest);
	*row = (struct transition){
	    .from = (enum keepalive_state)state,
	    .to = next_state(body, end, (enum keepalive_state)state),
	    .input = (enum keepalive_input_kind)input,
	    .condition = conditions[table->count],
	    .watches = 1u << WATCH_PERIODIC,
	};
	for (unsigned i = 0; i < TRANSITIONS_ACTIONS; i++)
		row->actions |= (unsigned)(find_call(body, end, transitions_actions[i]) != NULL)
				<< i;
	table->count++;
}

void promela_transitions(const char *text, struct transitions *table)
{
	static const char keyword[] = "\ninline ";

	table->count = 0;
	for (const char *at = text; (at = strstr(at, keyword)) != NULL;) {
		char name[NAME_MAX_LENGTH] = "";
		size_t length;

		at += strlen(keyword);
		length = strcspn(at, "(");
		ck_assert_uint_lt(length, sizeof(name));
		memcpy(name, at, length);
		ck_assert_uint_lt(table->count, TRANSITIONS_MAX);
		read_inline(text, name, at, table);
	}
}
