/* SPDX-License-Identifier: ISC */
/*
 * cases.h - the tables of cases, one per file, each ended by an entry without ID.
 */
#ifndef INTEROP_CONFORM_CASES_H
#define INTEROP_CONFORM_CASES_H

#include "interop/conform/case.h"

/* How the device announces the keepalive in Phase 1: RFC 3706 section 5.1 */
extern const struct conform_case cases_vendor_id[];
/* What the device makes of the vendor IDs that we send */
extern const struct conform_case cases_vendor_id_ours[];
/* The form of R-U-THERE-ACK: RFC 3706 sections 5.2, 5.3, 6.1 */
extern const struct conform_case cases_acknowledgement[];
/* R-U-THERE in forms that are right, odd, and wrong: RFC 3706 section 5.3 */
extern const struct conform_case cases_question[];
/* R-U-THERE with other SPI fields than it should have: RFC 3706 sections 5.3, 6.1 */
extern const struct conform_case cases_question_spi[];
/* HASH(1) and encryption of an Informational: RFC 2409 section 5.7 */
extern const struct conform_case cases_protection[];
/* What HASH(1) does not protect: the header; and the IV */
extern const struct conform_case cases_protection_header[];
/* The padding of an Informational: RFC 2409 appendix B */
extern const struct conform_case cases_padding[];
/* What is said to an Informational that is refused: RFC 2408 section 5 */
extern const struct conform_case cases_reply[];
/* Sequence numbers: RFC 3706 section 6 */
extern const struct conform_case cases_sequence[];
/* When it is answered: RFC 3706 sections 5.4, 5.5 */
extern const struct conform_case cases_timing[];
/* Before, after and across a new Phase 1 */
extern const struct conform_case cases_renewal[];
/* INITIAL-CONTACT: RFC 2407 section 4.6.3.3 */
extern const struct conform_case cases_contact[];
/* Delete: RFC 2408 sections 3.15, 5.15 */
extern const struct conform_case cases_delete[];
/* INVALID-SPI, INVALID-COOKIE and other error notifications: RFC 2408 sections 3.14, 5.14 */
extern const struct conform_case cases_hint[];
/* Never more out than in before an address is proved: RFC 2408 sections 2.5.3, 5.1 */
extern const struct conform_case cases_amplification[];
/* The device asks: RFC 3706 sections 5.3, 6 */
extern const struct conform_case cases_probing[];
/* When it asks, and what it takes for an answer: RFC 3706 sections 5.1, 5.4, 5.5, 6.1 */
extern const struct conform_case cases_answer[];
/* The device gives us up, and comes back: RFC 3706 section 5.4 */
extern const struct conform_case cases_death[];
/* The device calls: RFC 2409 section 5.4, RFC 3706 section 5.1 */
extern const struct conform_case cases_initiator[];
/* The device calls, and is not answered, or not as it should be: RFC 2408 section 5.1, RFC 2409 section 5 */
extern const struct conform_case cases_resend[];
/* Headers that lie: RFC 2408 section 3.1 */
extern const struct conform_case cases_robust_header[];
/* Payloads that lie: RFC 2408 sections 3.2 to 3.15 */
extern const struct conform_case cases_robust_payload[];
/* Phase 1 that has brought daemons down */
extern const struct conform_case cases_robust_phase_1[];
/* Messages where and when they should not be, and pieces of messages */
extern const struct conform_case cases_robust_stray[];
/* Quick Modes with pieces missing, and Main Mode in another order: RFC 2409 sections 5, 5.5 */
extern const struct conform_case cases_shape[];

#endif
