/* SPDX-License-Identifier: ISC */
/*
 * verdict.h - the one convention for the peer's faults: every reason for refusing a datagram, with its RFC section.
 */
#ifndef IKE_VERDICT_H
#define IKE_VERDICT_H

#include <stdint.h>

enum ike_verdict {
#define VERDICT(name, notify, section, sentence) IKE_##name,
#include "ike/verdict.def"
#undef VERDICT
	IKE_VERDICTS /* how many there are */
};

const char *ike_verdict_name(enum ike_verdict verdict);    /* "BAD_HASH" */
const char *ike_verdict_section(enum ike_verdict verdict); /* "RFC 2409 section 5.7" */
const char *
ike_verdict_sentence(enum ike_verdict verdict); /* what is wrong, one line, no full stop */
/* The NOTIFY type that the RFC wants said to the peer, or 0 where silence is right. */
uint16_t ike_verdict_notify(enum ike_verdict verdict);

#endif
