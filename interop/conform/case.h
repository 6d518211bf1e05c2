/* SPDX-License-Identifier: ISC */
/*
 * case.h - a case of the conformance suite: what is required, of whom, and the script that finds out.
 *
 * IDs are for ever: document/section/slug.  One whose meaning changes gets a higher version; one that is withdrawn is not used
 * again.  The section is that of the document which requires it; "robust" stands for what no document says and every
 * implementation must survive, its section is the one of the format that is abused.
 */
#ifndef INTEROP_CONFORM_CASE_H
#define INTEROP_CONFORM_CASE_H

#include <stddef.h>
#include <stdint.h>

struct trial;

enum conform_level {
	CONFORM_MUST, /* the document says MUST, or it follows from one */
	CONFORM_SHOULD,
	CONFORM_MAY,
	CONFORM_ROBUST, /* survive it: afterwards the SA still answers, and new ones can be made */
	CONFORM_INFO,   /* there is no right and wrong: the value is worth knowing */
	CONFORM_LEVELS
};

enum conform_verdict {
	CONFORM_PASS,
	CONFORM_LENIENT, /* allowed, but not what is recommended */
	CONFORM_FAIL,
	CONFORM_UNSUPPORTED, /* a fact was observed from which it follows that the device does not do this at all */
	CONFORM_INCONCLUSIVE, /* the device did not come up for the case, or was not well after it */
	CONFORM_SKIP,         /* the user did not want it, or did not give what it needs */
	CONFORM_INFO_VALUE,   /* "INFO" */
	CONFORM_XFAIL,        /* as the profile says: known, with its reason */
	CONFORM_XPASS,        /* the profile says that it fails, and it does not */
	CONFORM_VERDICTS
};

enum conform_role {                    /* of the implementation under test */
		    CONFORM_RESPONDER, /* we call it */
		    CONFORM_INITIATOR, /* it calls us */
};

/* What a case needs beside an answering device. */
#define CONFORM_NEEDS_CALL 1u /* that the device can be made to call: struct world.call_us */
#define CONFORM_NEEDS_PROBES                                                                       \
	2u /* that the device asks R-U-THERE by itself; takes as long as its worry time */
#define CONFORM_NEEDS_DEATH  4u /* that it gives us up, too; takes as long as that takes it */
#define CONFORM_NEEDS_TUNNEL 8u /* that Quick Mode with it succeeds */

struct conform_case {
	const char *id; /* "rfc3706/5.3/ack-echoes-number" */
	const char *title;
	enum conform_level level;
	enum conform_role role;
	unsigned needs;
	unsigned version;        /* from 1 */
	const char *section;     /* "RFC 3706 section 5.3" */
	const char *requirement; /* in our words; one or two sentences */
	const char *
	    expected; /* what the device does if it is right: "an R-U-THERE-ACK with the number 1000" */
	void (*script)(struct trial *trial);
};

/* The tables: one per file cases_NAME.c, each ended by an entry without ID; NULL after the last table. */
extern const struct conform_case *const conform_tables[];

size_t conform_cases(void); /* how many there are */
const struct conform_case *
conform_case_at(size_t index); /* in the order of the tables; NULL behind the last */
const struct conform_case *conform_case_find(const char *id); /* NULL: none */

const char *conform_level_name(enum conform_level level);       /* "MUST" */
const char *conform_verdict_name(enum conform_verdict verdict); /* "PASS", "INFO" */
const char *conform_role_name(enum conform_role role);          /* "responder" */

#endif
