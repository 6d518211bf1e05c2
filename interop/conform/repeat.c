/* SPDX-License-Identifier: ISC */
#include "interop/conform/repeat.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT 32

/* ---- what a row says ----------------------------------------------------------------------------------------------- */

/* How many values the row has now.  A number that is beyond its most was not said. */
static size_t values(const struct options_row *row)
{
	switch (row->kind) {
	case OPTIONS_FLAG:
		return *(const bool *)row->target ? 1 : 0;
	case OPTIONS_TEXT:
		return *(const char *const *)row->target != NULL;
	case OPTIONS_SECRET:
		return *(char *const *)row->target != NULL;
	case OPTIONS_LIST:
		return ((const struct options_list *)row->target)->count;
	case OPTIONS_NUMBER:
		return *(const uint32_t *)row->target <= row->most;
	case OPTIONS_DURATION:
		return *(const ike_time *)row->target != 0;
	}
	return 0;
}

/* One of them; `room` is for those that are made of digits. */
static const char *value(const struct options_row *row, size_t index, char room[NUMBER_TEXT])
{
	ike_time time;

	switch (row->kind) {
	case OPTIONS_FLAG:
		return "yes";
	case OPTIONS_TEXT:
		return *(const char *const *)row->target;
	case OPTIONS_SECRET:
		return "SECRET";
	case OPTIONS_LIST:
		return ((const struct options_list *)row->target)->item[index];
	case OPTIONS_NUMBER:
		snprintf(room, NUMBER_TEXT, "%" PRIu32, *(const uint32_t *)row->target);
		return room;
	case OPTIONS_DURATION:
		time = *(const ike_time *)row->target;
		if (time % IKE_SECOND == 0)
			snprintf(room, NUMBER_TEXT, "%" PRIu64 "s", time / IKE_SECOND);
		else
			snprintf(room, NUMBER_TEXT, "%" PRIu64 "ms", time / IKE_MILLISECOND);
		return room;
	}
	return "";
}

/* ---- as JSON ------------------------------------------------------------------------------------------------------- */

json_t *repeat_text(const char *text)
{
	json_t *string = json_string(text);

	return string != NULL ? string : json_string("(not UTF-8)");
}

static bool add(json_t *object, const struct options_row *row)
{
	char room[NUMBER_TEXT], *text = NULL;
	size_t length, count = values(row);
	FILE *out = open_memstream(&text, &length);
	bool good = out != NULL;

	for (size_t i = 0; good && i < count; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", value(row, i, room));
	good = good && fclose(out) == 0 &&
	       json_object_set_new(object, row->name, repeat_text(text)) == 0;
	free(text);
	return good;
}

json_t *repeat_options(const struct options_row *rows, size_t count)
{
	json_t *object = json_object();
	bool good = object != NULL;

	for (size_t i = 0; good && i < count; i++)
		if (rows[i].kind != OPTIONS_SECRET && values(&rows[i]) > 0)
			good = add(object, &rows[i]);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

/* ---- as a command -------------------------------------------------------------------------------------------------- */

static bool is_for_all(const char *name)
{
	static const char *const others[] = {"case",  "section", "level",  "role", "skip", "again",
					     "quick", "list",    "output", "tap",  "json"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(name, others[i]) == 0)
			return false;
	return true;
}

static bool is_plain(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-_./:,=@%+", *c) == NULL)
			return false;
	return text[0] != '\0';
}

static void put_word(FILE *out, const char *text)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	putc('\'', out);
	for (const char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			fputs("'\\''", out);
		else
			putc(*c >= ' ' && *c <= '~' ? *c : '?', out);
	putc('\'', out);
}

static void put_row(FILE *out, const struct options_row *row)
{
	char room[NUMBER_TEXT];
	size_t count = values(row);

	for (size_t i = 0; i < count; i++) {
		fprintf(out, " --%s", row->name);
		if (row->kind == OPTIONS_FLAG)
			continue;
		putc(' ', out);
		put_word(out, value(row, i, room));
	}
}

char *repeat_command(const struct options_row *rows, size_t count, const char *gateway,
		     const char *id)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	fputs("ruthere conform ", out);
	put_word(out, gateway);
	for (size_t i = 0; i < count; i++)
		if (is_for_all(rows[i].name))
			put_row(out, &rows[i]);
	putc(' ', out);
	put_word(out, id);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
