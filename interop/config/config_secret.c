/* SPDX-License-Identifier: ISC */
#include "interop/config/config_secret.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD     "secret"
#define FILE_IN   "file:"
#define MARK      "inline:"
#define MARK_MOST 32                  /* octets of a mark with its number and quotation marks */
#define ENDS      " \t\r\n={}()+,\"'" /* what no word without quotation marks has in it */

struct hiding {
	char *at;  /* in the text */
	char *out; /* in the copy */
	char *text;
	const char *path;
	unsigned line;
};

static void copy(struct hiding *hiding, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		hiding->line += *hiding->at == '\n';
		*hiding->out++ = *hiding->at++;
	}
}

/* The octet after the end of a quoted text, which config_text_prepare() has found to be there. */
static char *end_of_quoted(char *at)
{
	char mark = *at++;

	while (*at != mark && *at != '\0') {
		if (*at == '\\' && at[1] != '\0') /* in either kind, as in config_text.c */
			at++;
		at++;
	}
	return *at == '\0' ? at : at + 1;
}

/* The blanks and the equals sign between a field's name and its value; 0: this is no field with a value. */
static size_t length_to_value(const char *at)
{
	size_t length = strspn(at, " \t\r\n");

	if (at[length] != '=')
		return 0;
	length++;
	return length + strspn(at + length, " \t\r\n");
}

/*
 * Takes an escaped mark and \\ for what they mean, in place; false: another meaning was wanted, or the value goes on in another
 * line.
 */
static bool unescape(char *value, char mark)
{
	char *out = value;

	for (; *value != '\0'; value++) {
		if (*value == '\n')
			return false;
		if (*value == '\\') {
			value++;
			if (*value != mark && *value != '\\')
				return false;
		}
		*out++ = *value;
	}
	*out = '\0';
	return true;
}

/* At a value. */
static bool hide_value(struct hiding *hiding, struct fault *fault)
{
	bool quoted = *hiding->at == '"' || *hiding->at == '\'';
	char mark = *hiding->at == '\'' ? '\'' : '"';
	char *value = hiding->at + quoted;
	char *end = quoted ? end_of_quoted(hiding->at) : value + strcspn(value, ENDS);
	size_t length = (size_t)(end - value) - quoted;
	char after = value[length];

	if (strncmp(value, FILE_IN, strlen(FILE_IN)) == 0 || length == 0) {
		copy(hiding, (size_t)(end - hiding->at));
		return true;
	}
	if (!quoted && after != '\0' && !isspace((unsigned char)after))
		return fault_say(fault, "%s:%u: secret: put it in quotation marks", hiding->path,
				 hiding->line);
	value[length] = '\0';
	if (!unescape(value, mark))
		return fault_say(fault,
				 "%s:%u: secret: of what a backslash can stand for, only \\%c and "
				 "\\\\ are possible here, and no line end; write it as 0x and hex",
				 hiding->path, hiding->line, mark);
	hiding->out += sprintf(hiding->out, "\"" MARK "%zu\"", (size_t)(value - hiding->text));
	hiding->at = end;
	if (!quoted && after != '\0') { /* it has become the terminator */
		hiding->line += after == '\n';
		*hiding->out++ = after;
		hiding->at++;
	}
	return true;
}

static bool hide(struct hiding *hiding, struct fault *fault)
{
	while (*hiding->at != '\0') {
		size_t word = strcspn(hiding->at, ENDS), more;

		if (*hiding->at == '"' || *hiding->at == '\'') {
			copy(hiding, (size_t)(end_of_quoted(hiding->at) - hiding->at));
			continue;
		}
		if (word == 0) {
			copy(hiding, 1);
			continue;
		}
		more = word == strlen(FIELD) && strncmp(hiding->at, FIELD, word) == 0
			   ? length_to_value(hiding->at + word)
			   : 0;
		copy(hiding, word + more);
		if (more > 0 && *hiding->at != '\0' && !hide_value(hiding, fault))
			return false;
	}
	*hiding->out = '\0';
	return true;
}

static size_t count_fields(const char *text)
{
	size_t count = 0;

	for (const char *at = strstr(text, FIELD); at != NULL; at = strstr(at + 1, FIELD))
		count++;
	return count;
}

char *config_secret_hide(const char *path, char *text, struct fault *fault)
{
	char *shown = malloc(strlen(text) + 1 + count_fields(text) * MARK_MOST);
	struct hiding hiding = {.at = text, .out = shown, .text = text, .path = path, .line = 1};

	if (shown == NULL) {
		fault_say(fault, "no memory to read %s", path);
		return NULL;
	}
	if (hide(&hiding, fault))
		return shown;
	free(shown);
	return NULL;
}

const char *config_secret_of(const char *text, const char *field)
{
	if (strncmp(field, MARK, strlen(MARK)) != 0)
		return field;
	return text + strtoul(field + strlen(MARK), NULL, 10);
}
