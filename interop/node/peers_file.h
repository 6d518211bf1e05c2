/* SPDX-License-Identifier: ISC */
/*
 * peers_file.h - the text in which peers are remembered for the next start: a line that says what it is, then one line for each
 * place that a peer was met at, the oldest first:
 *
 *   ruthere-peers 1
 *   192.0.2.1 gw
 *   198.51.100.7:4500 road warriors
 *
 * Nothing in it is secret, and nothing in it is believed further than that ESP from there may be answered with a call.
 */
#ifndef INTEROP_PEERS_FILE_H
#define INTEROP_PEERS_FILE_H

#include "ike/ike.h"
#include "interop/fault.h"

#define PEERS_FILE_MOST      1024 /* lines of peers */
#define PEERS_FILE_NAME_MOST 64   /* octets of a name; of a longer one nothing is remembered */
#define PEERS_FILE_ROOM                                                                            \
	((size_t)131072) /* octets: the largest file, and more than MOST lines have */

struct peers_file_entry {
	const char *name; /* not terminated; in the text that was parsed, or the caller's */
	size_t length;
	struct ike_address address; /* port 500 where none is written */
};

/* Whether a line can have this name: 1 to PEERS_FILE_NAME_MOST octets of printable ASCII, without blanks at its ends. */
bool peers_file_can_have(const char *name, size_t length);
/*
 * Fills `entries` with what can be read of `length` octets, and returns how many; they are good for as long as the text is.  What cannot
 * be read, or is too much, is left out; then `problem` says in one sentence what and where, and is empty otherwise.
 */
size_t peers_file_parse(const char *text, size_t length, struct peers_file_entry *entries,
			size_t most, struct fault *problem);
/* Writes all of them to `text`, of PEERS_FILE_ROOM octets; returns the length.  Names that it cannot have are left out. */
size_t peers_file_write(const struct peers_file_entry *entries, size_t count, char *text);

#endif
