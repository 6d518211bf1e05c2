/* SPDX-License-Identifier: ISC */
/*
 * ledger.h - report.json while it is written: after every case it is a whole report of what there is so far, so that a crash or an
 * interruption loses nothing, and no more than one case is ever in memory.
 */
#ifndef INTEROP_CONFORM_LEDGER_H
#define INTEROP_CONFORM_LEDGER_H

#include <jansson.h>
#include <stdio.h>

#include "ike/types.h"
#include "interop/fault.h"

struct ledger;

/* Replaces what is there, for its owner only: it has keys.  path NULL: in a file that nobody else sees.  NULL: see fault. */
struct ledger *ledger_new(const char *path, struct fault *fault) IKE_MUST_USE;
void ledger_free(struct ledger *ledger); /* NULL is allowed; the file stays */

/* Writes a case, which is taken (NULL: no memory), and behind it all of `frame`: the report's members but "cases". */
bool ledger_add(struct ledger *ledger, json_t *of, const json_t *frame,
		struct fault *fault) IKE_MUST_USE;
/* Only the frame, anew: of a report without cases, or once more is known. */
bool ledger_close(struct ledger *ledger, const json_t *frame, struct fault *fault) IKE_MUST_USE;
/* The report, to be read from its beginning; stays the ledger's. */
FILE *ledger_file(struct ledger *ledger);

#endif
