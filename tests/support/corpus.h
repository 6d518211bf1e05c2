/* SPDX-License-Identifier: ISC */
/*
 * corpus.h - from one good message a few thousand bad ones, always the same: what the PROTOS test suite of 2005 did to Phase 1,
 * by a program of our own.
 *
 *	corpus_begin(&corpus, octets_of(good, length));
 *	while (corpus_next(&corpus))
 *		send(corpus.data, corpus.length);
 */
#ifndef TESTS_SUPPORT_CORPUS_H
#define TESTS_SUPPORT_CORPUS_H

#include "ike/payload.h"

#define CORPUS_MAX (IKE_DATAGRAM_MAX + 64) /* octets: some are longer than any that is accepted */

struct corpus {
	uint8_t good[IKE_DATAGRAM_MAX];
	size_t good_length;
	unsigned sort;  /* which sort of damage */
	size_t at, how; /* where, and which of the values */
	size_t cases;   /* so far */
	/* the present one */
	size_t length;
	uint8_t data[CORPUS_MAX];
};

void corpus_begin(struct corpus *corpus, struct octets good);
/* False: that was the last one. */
bool corpus_next(struct corpus *corpus);
/* What was done to the present one, for a failure's message. */
const char *corpus_sort(const struct corpus *corpus);

#endif
