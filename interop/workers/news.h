/* SPDX-License-Identifier: ISC */
/*
 * news.h - what one worker tells the others of its SAs: struct ike_contact, a record each over sockets that were made before
 * the workers were forked.  Nothing else goes from worker to worker.
 */
#ifndef INTEROP_NEWS_H
#define INTEROP_NEWS_H

#include "ike/cookie.h"
#include "ike/ike.h"
#include "interop/fault.h"

struct news {
	struct ike_worker worker; /* who has it; count 0: nobody has taken it yet */
	int in[IKE_WORKERS_MAX];  /* the end that a worker reads; -1: not ours */
	int out[IKE_WORKERS_MAX]; /* the end that all others write to it */
	uint64_t told, heard,
	    lost;   /* records; lost: the other worker had too many to read already */
	bool ended; /* nothing more can be heard: another worker has closed what all write to */
};

/* Opens all ends, in the parent.  False: see fault. */
bool news_open(struct news *news, uint32_t workers, struct fault *fault) IKE_MUST_USE;
/* In the worker's own process: closes what others read. */
void news_take(struct news *news, struct ike_worker worker);
void news_close(struct news *news); /* all that is open */

int news_descriptor(const struct news *news); /* readable: there may be news */
/* To one worker, and to all others.  Never waits; what does not fit is lost, and counted. */
void news_tell(struct news *news, uint32_t to, const struct ike_contact *contact);
void news_tell_all(struct news *news, const struct ike_contact *contact);
/*
 * False: no more for now, or for ever (`ended`; then the descriptor stays readable).  No time that another worker tells is after `now`,
 * which would make his SA the youngest for all time.
 */
bool news_hear(struct news *news, ike_time now, uint32_t *from, struct ike_contact *contact);

#endif
