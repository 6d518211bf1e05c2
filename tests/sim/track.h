/* SPDX-License-Identifier: ISC */
/*
 * track.h - what the simulator writes down about one SA at one node, to hold the engine against.
 *
 * Times are the node's own, as its core counts them.
 */
#ifndef TESTS_SIM_TRACK_H
#define TESTS_SIM_TRACK_H

#include "ike/ike.h"

#define TRACK_QUESTIONS 128 /* the newest ones; more than the misses of any plan */

struct track_question {
	uint32_t number;
	ike_time at;
	bool answered; /* an ACK for it was accepted */
};

struct track {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	ike_time up_at;   /* established, or in use again */
	ike_time certain; /* when something that cannot be a recording last came from the peer */
	ike_time
	    perhaps; /* when something that may have counted as life last came: never before `certain` */
	ike_time fresh_from; /* questions put before this belong to no round any more */
	ike_time
	    late_at; /* when its deadline was last served so late that a round must start anew; 0: never */
	ike_time tardy_at;  /* when it was last served late at all */
	ike_time hinted_at; /* when a hint last began a round; 0: never */
	struct track_question question[TRACK_QUESTIONS];
	uint32_t questions; /* ever put */
	uint32_t questions_in, acks_out, contacts;
	uint32_t *message_id; /* all that were used for protected messages of ours */
	size_t message_ids, room;
};

struct tracks {
	struct track **track;
	size_t tracks, room;
};

struct track *track_find(const struct tracks *tracks, const uint8_t *cky_i, const uint8_t *cky_r);
struct track *track_get(struct tracks *tracks, const uint8_t *cky_i, const uint8_t *cky_r);
void tracks_free(struct tracks *tracks);

void track_ask(struct track *track, uint32_t number, ike_time now);
/* The question with that number, or NULL: never put, or long ago. */
struct track_question *track_question(struct track *track, uint32_t number);
uint32_t track_asked_since(const struct track *track, ike_time since);
/* False: it was used before. */
bool track_use_message_id(struct track *track, uint32_t message_id);

#endif
