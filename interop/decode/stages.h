/* SPDX-License-Identifier: ISC */
/*
 * stages.h - which message of which exchange it is, and what an engine that meets it would have to say against it.
 */
#ifndef INTEROP_DECODE_STAGES_H
#define INTEROP_DECODE_STAGES_H

#include "ike/exchange.h"
#include "interop/decode/sa_track.h"

/*
 * The row of a message; IKE_MESSAGE_KINDS: there is none.  `side` is who sent it, as sa_from() has it; told->message is taken apart as
 * far as it goes.
 */
enum ike_message_kind stages_kind(const struct traced_sa *sa,
				  const struct traced_exchange *exchange, enum told_from side,
				  const struct told *told);

/* Notes down what a message says that later ones depend on: offer, choice, public values, nonces. */
void stages_learn(struct traced_sa *sa, struct traced_exchange *exchange,
		  enum ike_message_kind kind, enum told_from side, const struct told *told);

/* Verdicts on the content of a message in the clear or decrypted whole, by itself and after all that came before it. */
void stages_check(struct traced_sa *sa, enum ike_message_kind kind, enum told_from side,
		  struct told *told);

#endif
