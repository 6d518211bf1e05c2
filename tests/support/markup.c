/* SPDX-License-Identifier: ISC */
#include "tests/support/markup.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MOST     16
#define NAME_MOST      32
#define ATTRIBUTE_MOST 16

struct reading {
	const char *at;
	size_t depth;
	char open[DEPTH_MOST][NAME_MOST];
	char wrong[128];
};

static bool wrong(struct reading *reading, const char *what)
{
	snprintf(reading->wrong, sizeof(reading->wrong), "%s: %.40s", what, reading->at);
	return false;
}

static bool read_name(struct reading *reading, char name[NAME_MOST])
{
	size_t length = 0;

	while (isalnum((unsigned char)reading->at[length]) || reading->at[length] == '-')
		length++;
	if (length == 0 || length >= NAME_MOST)
		return wrong(reading, "no name");
	memcpy(name, reading->at, length);
	name[length] = '\0';
	reading->at += length;
	return true;
}

static bool read_entity(struct reading *reading)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
	size_t digits;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(reading->at, known[i], strlen(known[i])) == 0) {
			reading->at += strlen(known[i]);
			return true;
		}
	}
	digits = strncmp(reading->at, "&#", 2) == 0 ? strspn(reading->at + 2, "0123456789") : 0;
	if (digits == 0 || reading->at[2 + digits] != ';')
		return wrong(reading, "a bare &");
	reading->at += 2 + digits + 1;
	return true;
}

/* Whatever these hold is made of numbers. */
static bool is_numeric(const char *name)
{
	static const char *const names[] = {"x",  "y",  "x1", "y1",    "x2",     "y2",
					    "cx", "cy", "r",  "width", "height", "points"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool read_attribute(struct reading *reading, char names[][NAME_MOST], size_t *count)
{
	const char *value;
	size_t length;

	if (*count == ATTRIBUTE_MOST || !read_name(reading, names[*count]))
		return wrong(reading, "no attribute");
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], names[*count]) == 0)
			return wrong(reading, "an attribute twice");
	if (strncmp(reading->at, "=\"", 2) != 0)
		return wrong(reading, "an attribute without a value in quotes");
	reading->at += 2;
	value = reading->at;
	for (;;) {
		reading->at += strcspn(reading->at, "\"<&");
		if (*reading->at != '&')
			break;
		if (!read_entity(reading))
			return false;
	}
	length = (size_t)(reading->at - value);
	if (*reading->at != '"')
		return wrong(reading, "a value that does not end");
	if (is_numeric(names[*count]) && (length == 0 || strspn(value, "0123456789.-, ") < length))
		return wrong(reading, "a coordinate that is no number");
	reading->at++;
	(*count)++;
	return true;
}

static bool read_start(struct reading *reading)
{
	char names[ATTRIBUTE_MOST][NAME_MOST], name[NAME_MOST];
	size_t count = 0;

	if (!read_name(reading, name))
		return false;
	while (*reading->at == ' ') {
		reading->at++;
		if (!read_attribute(reading, names, &count))
			return false;
	}
	if (strncmp(reading->at, "/>", 2) == 0) {
		reading->at += 2;
		return true;
	}
	if (*reading->at != '>' || reading->depth == DEPTH_MOST)
		return wrong(reading, "a tag that does not end");
	reading->at++;
	memcpy(reading->open[reading->depth++], name, NAME_MOST);
	return true;
}

static bool read_end(struct reading *reading)
{
	char name[NAME_MOST];

	if (!read_name(reading, name))
		return false;
	if (*reading->at != '>' || reading->depth == 0 ||
	    strcmp(name, reading->open[--reading->depth]) != 0)
		return wrong(reading, "an end tag that ends nothing");
	reading->at++;
	return true;
}

static bool read_tag(struct reading *reading)
{
	reading->at++;
	if (*reading->at != '/')
		return read_start(reading);
	reading->at++;
	return read_end(reading);
}

static bool read_all(struct reading *reading)
{
	if (*reading->at != '<')
		return wrong(reading, "no element");
	do {
		bool good = *reading->at == '<'   ? read_tag(reading)
			    : *reading->at == '&' ? read_entity(reading)
			    : *reading->at == '>' ? wrong(reading, "a bare >")
						  : true;

		if (!good)
			return false;
		while (*reading->at != '\0' && strchr("<>&", *reading->at) == NULL &&
		       reading->depth > 0)
			reading->at++;
	} while (reading->depth > 0 && *reading->at != '\0');
	if (reading->depth > 0)
		return wrong(reading, "an element that does not end");
	reading->at += strspn(reading->at, "\n");
	return *reading->at == '\0' || wrong(reading, "more after the end");
}

const char *markup_fault(const char *text)
{
	static struct reading reading;

	reading = (struct reading){.at = text};
	return read_all(&reading) ? NULL : reading.wrong;
}

size_t markup_count(const char *text, const char *what)
{
	size_t count = 0;

	for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
		count++;
	return count;
}
