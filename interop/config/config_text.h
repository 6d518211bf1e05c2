/* SPDX-License-Identifier: ISC */
/*
 * config_text.h - the text of a configuration file, made ready for the parser.
 *
 * Comments (#, // and C's) are turned into blanks, so that they may stand anywhere, inside lists too, and lines keep their
 * numbers: libconfuse 3.3 counts the lines of comments twice and takes a comment in a list for a value.  A quotation mark or
 * brace that is never closed is reported with the line that opened it; libconfuse takes a missing brace at the end silently.
 * Variables of the environment, which libconfuse would put in, are refused.
 */
#ifndef INTEROP_CONFIG_TEXT_H
#define INTEROP_CONFIG_TEXT_H

#include "interop/fault.h"

/* In memory for secrets, since it may hold some.  NULL: cannot be read, or is not balanced. */
char *config_text_read(const char *path, bool *others_may_read, struct fault *fault);
void config_text_free(char *text);                                           /* NULL is allowed */
bool config_text_prepare(const char *path, char *text, struct fault *fault); /* in place */

#endif
