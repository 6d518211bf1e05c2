/* SPDX-License-Identifier: ISC */
/*
 * evidence.h - what a run leaves behind when somebody wants to look at it: the program's own capture (interop/node/capture.h), with
 * every datagram that was sent and every one that was not what it seemed, and a line for everything that befell.
 */
#ifndef TESTS_SIM_EVIDENCE_H
#define TESTS_SIM_EVIDENCE_H

#include "ike/ike.h"

struct evidence;
struct sim;
struct node;
struct flight;

/* `directory` NULL: none is written; `verbose`: lines go to standard output as well.  NULL: it cannot be written. */
struct evidence *evidence_open(const char *directory, bool verbose);
bool evidence_close(struct evidence *evidence,
		    const struct sim *sim); /* with the verdict on the run */

/* All of them do nothing where `evidence` is NULL. */
void evidence_sent(struct evidence *evidence, const struct sim *sim, const struct node *node,
		   const struct ike_address *from, const struct ike_datagram *datagram, bool lost);
void evidence_arrived(struct evidence *evidence, const struct sim *sim, const struct node *node,
		      const struct flight *flight, enum ike_verdict verdict);
void evidence_event(struct evidence *evidence, const struct sim *sim, const struct node *node,
		    const struct ike_event *event);
void evidence_note(struct evidence *evidence, const struct sim *sim, const struct node *node,
		   const char *text);

#endif
