/* SPDX-License-Identifier: ISC */
/*
 * explain.h - what is told of a datagram, for people: a line, what there is to say about it below, and on demand a tree of fields.
 */
#ifndef INTEROP_DECODE_EXPLAIN_H
#define INTEROP_DECODE_EXPLAIN_H

#include "interop/decode/decoder.h"

/* "MAIN* [ ID(fqdn:a.example) HASH ]", "NAT keepalive", "ESP spi=c0ffee01 seq=1"; terminated, cut at `length`. */
void explain_text(const struct told *told, char *text, size_t length);
#define EXPLAIN_TEXT 1024

/* `start` is the time that the others are after. */
void explain_line(const struct told *told, struct timeval start, FILE *out);
/* A line per field: offset, octets, name, value, section.  False: no memory. */
bool explain_tree(const struct told *told, FILE *out);
/* Some lines: how much there was, and how much of it could be read. */
void explain_summary(const struct decoder_counts *counts, FILE *out);

#endif
