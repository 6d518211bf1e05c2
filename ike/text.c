/* SPDX-License-Identifier: ISC */
#include "ike/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_to(struct text *text, char *start, size_t room)
{
	*text = (struct text){.start = start, .room = room};
	if (room > 0)
		start[0] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;
	size_t left = text->room - text->length;
	int wanted;

	if (text->cut)
		return;
	if (left == 0) {
		text->cut = true;
		return;
	}
	va_start(arguments, format);
	wanted = vsnprintf(text->start + text->length, left, format, arguments);
	va_end(arguments);
	assert(wanted >= 0);
	text->cut = (size_t)wanted >= left;
	text->length += text->cut ? left - 1 : (size_t)wanted;
}

static void add_character(struct text *text, char character)
{
	text->cut = text->cut || text->room - text->length < 2; /* the NUL wants its place */
	if (text->cut)
		return;
	text->start[text->length++] = character;
	text->start[text->length] = '\0';
}

void text_add_hex(struct text *text, struct octets octets)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < octets.length && !text->cut; i++) {
		add_character(text, digits[octets.data[i] >> 4]);
		add_character(text, digits[octets.data[i] & 15]);
	}
}

void text_add_hex_start(struct text *text, struct octets octets, size_t max)
{
	bool more = octets.length > max;

	text_add_hex(text, more ? octets_of(octets.data, max) : octets);
	if (more)
		text_add(text, "...");
}

static bool stands_for_itself(uint8_t octet)
{
	return octet > ' ' && octet < 0x7f && strchr("\\\"'()[]", octet) == NULL;
}

void text_add_escaped(struct text *text, struct octets octets)
{
	for (size_t i = 0; i < octets.length && !text->cut; i++) {
		if (stands_for_itself(octets.data[i]))
			add_character(text, (char)octets.data[i]);
		else
			text_add(text, "\\x%02x", octets.data[i]);
	}
}

void text_add_name(struct text *text, const char *name, const char *kind, unsigned number)
{
	if (name != NULL)
		text_add(text, "%s", name);
	else
		text_add(text, "%s%u", kind, number);
}
