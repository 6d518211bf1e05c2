/* SPDX-License-Identifier: ISC */
/*
 * markup.h - whether a text is well-formed XML, as far as the program's own pictures go.
 */
#ifndef TESTS_SUPPORT_MARKUP_H
#define TESTS_SUPPORT_MARKUP_H

#include <stddef.h>
#include <stdbool.h>

/*
 * One element that holds all others, every start tag ended by its own end tag, attributes in double quotes and none twice, no
 * bare "&" or "<", and nothing in a coordinate that is no number.  NULL, or what is wrong; good until the next call.
 */
const char *markup_fault(const char *text);
/* How often `what` occurs. */
size_t markup_count(const char *text, const char *what);

#endif
