/* SPDX-License-Identifier: ISC */
/*
 * text.h - one cursor for writing text into a caller's buffer: always terminated, cut where it does not fit, and safe to
 * print whatever octets of a peer's go through it.
 */
#ifndef IKE_TEXT_H
#define IKE_TEXT_H

#include "ike/types.h"

struct text {
	char *start;
	size_t length; /* characters so far, without the NUL */
	size_t room;   /* octets in all, the NUL included */
	bool cut;      /* something did not fit */
};

void text_to(struct text *text, char *start, size_t room); /* with room 0 nothing is ever written */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_hex(struct text *text, struct octets octets);
/* At most `max` octets as hex, then "..." if there are more. */
void text_add_hex_start(struct text *text, struct octets octets, size_t max);
/*
 * Letters, digits and what names are made of stand for themselves; everything else, the characters that our descriptions
 * are punctuated with among it, becomes \xNN: nobody can forge a line of a log by his name.
 */
void text_add_escaped(struct text *text, struct octets octets);
/* The name, or where there is none (NULL) `kind` and the number: nothing is hidden from the reader. */
void text_add_name(struct text *text, const char *name, const char *kind, unsigned number);

#endif
