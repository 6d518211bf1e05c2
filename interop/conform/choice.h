/* SPDX-License-Identifier: ISC */
/*
 * choice.h - which cases are to be run, in the order of the tables.
 */
#ifndef INTEROP_CONFORM_CHOICE_H
#define INTEROP_CONFORM_CHOICE_H

#include "interop/conform/case.h"
#include "interop/options.h"

/*
 * A case is chosen if it is like one of each list that is not empty, and like none of `skip`.
 *
 *	ids, skip   an ID, or its beginning: "rfc3706/5.3/ack-echoes-number", "rfc3706", "robust/"
 *	sections    with all below it: "5" has 5.3, too; "rfc3706/5.3"
 *	levels      "MUST", in either case
 *	roles       "responder", "initiator"
 *	again       a report: those of its cases that were neither PASS, INFO, XFAIL nor SKIP; NULL: whatever they were
 */
struct choice {
	struct options_list ids, skip, sections, levels, roles;
	const char *again;
};

/* Cases, `*count` of them, for free().  Nothing that is like an ID or section, or a word that is none, is a fault: NULL. */
const struct conform_case **choice_make(const struct choice *choice, size_t *count,
					struct fault *fault) IKE_MUST_USE;

#endif
