/* SPDX-License-Identifier: ISC */
/*
 * sequence.h - the numbers of RFC 3706 section 6, both directions, with arithmetic modulo 2^32 (RFC 1982).
 */
#ifndef KEEPALIVE_SEQUENCE_H
#define KEEPALIVE_SEQUENCE_H

#include "keepalive/keepalive.h"

#define KEEPALIVE_WINDOW                                                                           \
	64 /* how far ahead of the last number a fresh one may be; how many may be open */
#define KEEPALIVE_REPEATS                                                                          \
	5 /* how often one number is answered again (strongSwan and isakmpd repeat it) */
#define KEEPALIVE_REPEAT_SPACING IKE_SECOND /* and not more often than this */
#define KEEPALIVE_JUMPS                                                                            \
	0x7000 /* how far a peer's numbers may jump ahead per SA, in units of 2^16 */
#define KEEPALIVE_LAST_NUMBERS                                                                     \
	0x10000 /* while no more than these are left, a new Phase 1 is asked for */

/* First number: random, top bit zero (R33, R34). */
void sequence_start(struct keepalive_sent *sent, uint32_t random);
/* The next number, and opens it (R35: plus one for every transmission, retries included). */
uint32_t sequence_take(struct keepalive_sent *sent);
/* Whether `number` is open (R29, R30).  Closes nothing. */
bool sequence_is_open(const struct keepalive_sent *sent, uint32_t number) IKE_MUST_USE;
/* `number`, which is open, has been answered: closes it and all before it, so that no ACK counts twice. */
void sequence_close(struct keepalive_sent *sent, uint32_t number);
/* Whether the numbers are nearly used up (R46). */
bool sequence_exhausted(const struct keepalive_sent *sent) IKE_MUST_USE;

struct sequence_judgement {
	bool answer; /* send the ACK */
	bool fresh;  /* proves that the sender lives (R41) */
	enum ike_verdict verdict;
};

/* Judges a received R-U-THERE's number and takes note of it (R37 to R39, and what the field needs; see the file). */
struct sequence_judgement sequence_receive(struct keepalive_received *received, uint32_t number,
					   ike_time now,
					   enum keepalive_strictness strictness) IKE_MUST_USE;

#endif
