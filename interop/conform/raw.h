/* SPDX-License-Identifier: ISC */
/*
 * raw.h - datagrams written by hand, right up to where they are to be wrong, and whether the device survives them: for the
 * scripts of cases_robust_*.c.
 *
 *	struct trial_sa *sa = raw_survivor(trial);	what is there, and must go on
 *
 *	raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
 *	raw_add_offer(&raw, trial);
 *	wire_patch_u8(&raw.writer, 17, 0x20);		one thing wrong
 *	raw_send(&raw, trial);
 *	raw_expect_survival(trial, sa);
 */
#ifndef INTEROP_CONFORM_RAW_H
#define INTEROP_CONFORM_RAW_H

#include "interop/conform/trial.h"

#define RAW_COOKIES_AT    0
#define RAW_VERSION_AT    17
#define RAW_EXCHANGE_AT   18
#define RAW_MESSAGE_ID_AT 20

struct raw {
	struct wire_writer writer;
	struct ike_chain chain;
	uint8_t data[IKE_DATAGRAM_MAX];
};

/* A header in the clear with these cookies, message ID 0; payloads are to follow. */
void raw_begin(struct raw *raw, uint8_t exchange, const uint8_t *cky_i, const uint8_t *cky_r);
/* The same with an initiator's cookie that was not used before, and none of the responder: the first message of an exchange. */
void raw_begin_new(struct raw *raw, struct trial *trial, uint8_t exchange);
void raw_add(struct raw *raw, uint8_t type, struct octets body);
/* A body of so many random octets, the first of them 0: as a public value that is below every prime. */
void raw_add_noise(struct raw *raw, struct trial *trial, uint8_t type, size_t length);
/* The SA payload that the tester offers. */
void raw_add_offer(struct raw *raw, struct trial *trial);
/* Sends it with the header's length right, or whatever stands there.  A short while passes, so that no queue runs over. */
void raw_send(struct raw *raw, struct trial *trial);
void raw_send_as_it_is(struct raw *raw, struct trial *trial);

/* The octets of a public value of the group that we offer first. */
size_t raw_public_length(const struct trial *trial);

/*
 * A Main Mode whose first two messages were exchanged, in which we have said that we take fragments; it stays half-open, so a script
 * should not have many.  False: the device did not answer, or the trial is decided.
 */
bool raw_half_open(struct trial *trial, uint8_t *cky_i, uint8_t *cky_r);

/* An SA under which two questions were answered.  INCONCLUSIVE if they were not. */
struct trial_sa *raw_survivor(struct trial *trial);
/*
 * The SA still answers and a new one can be made, if not at once then after a while and without the first: who keeps count of what
 * is half-open may need it, and some have one SA with a peer only.  FAIL otherwise.
 */
void raw_expect_survival(struct trial *trial, struct trial_sa *sa);

#endif
