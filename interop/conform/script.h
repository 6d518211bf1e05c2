/* SPDX-License-Identifier: ISC */
/*
 * script.h - sentences that many scripts begin or end with, made of the words of trial.h.
 */
#ifndef INTEROP_CONFORM_SCRIPT_H
#define INTEROP_CONFORM_SCRIPT_H

#include "interop/conform/trial.h"

/*
 * The verdict on a valid R-U-THERE that is not answered: FAIL.  But who did not announce the keepalive need not answer (RFC 3706
 * section 5.1): that it was not announced, and not answered either, is UNSUPPORTED.
 */
enum conform_verdict script_unanswered(const struct trial_sa *sa);

/*
 * An SA under which valid R-U-THEREs have been answered, so that if one is not answered later, it was killed by what came in between.
 * INCONCLUSIVE if they are not answered, UNSUPPORTED if the keepalive was not announced either.
 */
struct trial_sa *script_answering_sa(struct trial *trial);

/* A valid question and its ACK; *sa (may be NULL) is the SA.  NULL: there was none, and the trial is decided. */
const struct seen *script_ack(struct trial *trial, struct trial_sa **sa);

/* The next number of the SA; it is then used.  0 without an SA. */
uint32_t script_number(struct trial_sa *sa);
/* A message with a valid R-U-THERE of the next number in it, to be spoiled.  As with trial_message(), the next one takes its place. */
struct message *script_question(struct trial *trial, struct trial_sa *sa);
/* The same with NOTIFY's fields free but for the type, which is R-U-THERE. */
struct message *script_odd_question(struct trial *trial, struct trial_sa *sa, uint32_t doi,
				    uint8_t protocol, struct octets spi);

/* The SA still answers: FAIL otherwise.  A valid R-U-THERE, and if there is no ACK a second one. */
void script_expect_alive(struct trial *trial, struct trial_sa *sa);
/*
 * The SA still answers, and this is the first other R-U-THERE-ACK that came since the mark.  NULL: none, or the trial is decided.  One
 * whose number had its ACK before the mark does not count.
 */
const struct seen *script_answer_since(struct trial *trial, struct trial_sa *sa, size_t since);
/* The SA still answers, and no other R-U-THERE-ACK came since the mark: `if_answered` otherwise. */
void script_expect_no_ack(struct trial *trial, struct trial_sa *sa, size_t since,
			  enum conform_verdict if_answered);
/* The same for what this message brings. */
void script_expect_refused(struct trial *trial, struct trial_sa *sa, const struct message *message,
			   enum conform_verdict if_answered);
/* INFO: sends the message; the value is "WHAT=answered" or "WHAT=silent".  FAIL if the SA does not survive it. */
void script_learn(struct trial *trial, struct trial_sa *sa, const struct message *message,
		  const char *what);

/*
 * Puts one more payload behind the last one of a message in the clear.  False, and it stays as it is: the message is encrypted or not
 * well-formed, or there is no room.
 */
bool script_append(struct ike_datagram *datagram, enum ike_payload_type type, struct octets body);

#endif
