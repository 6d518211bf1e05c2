/* SPDX-License-Identifier: ISC */
/*
 * report_text.h - texts of a report as XML, as YAML and for a terminal.  Most of them come from the network: whatever they hold,
 * nothing but text becomes of it.
 *
 * Texts are UTF-8, terminated; what is no UTF-8 becomes U+FFFD.
 */
#ifndef INTEROP_REPORT_TEXT_H
#define INTEROP_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* For an attribute or a text of XML 1.0: what it reserves is escaped, what it cannot hold becomes U+FFFD. */
void report_put_xml(FILE *out, const char *text);
/* In double quotes, everything on one line: YAML 1.2, sections 5.7 and 7.3.1. */
void report_put_yaml(FILE *out, const char *text);
/* On one line; control characters, and those that turn the direction of writing, become U+FFFD. */
void report_put_plain(FILE *out, const char *text);
/* The same for a line of TAP, in which a bare "#" would begin a directive. */
void report_put_tap(FILE *out, const char *text);
/* The columns of a terminal that it takes, one for each character: wide and combining ones are not told apart. */
size_t report_columns(const char *text);

/* RFC 3339, to microseconds since 1970.  False: it is none. */
bool report_time(const char *text, int64_t *microseconds);

#endif
