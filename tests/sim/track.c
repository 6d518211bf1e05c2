/* SPDX-License-Identifier: ISC */
#include "tests/sim/track.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct track *track_find(const struct tracks *tracks, const uint8_t *cky_i, const uint8_t *cky_r)
{
	for (size_t i = tracks->tracks; i-- > 0;) {
		struct track *track = tracks->track[i];

		if (memcmp(track->cky_i, cky_i, IKE_COOKIE_LENGTH) == 0 &&
		    memcmp(track->cky_r, cky_r, IKE_COOKIE_LENGTH) == 0)
			return track;
	}
	return NULL;
}

struct track *track_get(struct tracks *tracks, const uint8_t *cky_i, const uint8_t *cky_r)
{
	struct track *track = track_find(tracks, cky_i, cky_r);

	if (track != NULL)
		return track;
	if (tracks->tracks == tracks->room) {
		tracks->room = tracks->room * 2 + 16;
		tracks->track = realloc(tracks->track, tracks->room * sizeof(struct track *));
		assert(tracks->track != NULL);
	}
	track = calloc(1, sizeof(*track));
	assert(track != NULL);
	memcpy(track->cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(track->cky_r, cky_r, IKE_COOKIE_LENGTH);
	tracks->track[tracks->tracks++] = track;
	return track;
}

void tracks_free(struct tracks *tracks)
{
	for (size_t i = 0; i < tracks->tracks; i++) {
		free(tracks->track[i]->message_id);
		free(tracks->track[i]);
	}
	free(tracks->track);
	*tracks = (struct tracks){0};
}

void track_ask(struct track *track, uint32_t number, ike_time now)
{
	track->question[track->questions++ % TRACK_QUESTIONS] =
	    (struct track_question){.number = number, .at = now};
}

static uint32_t known_questions(const struct track *track)
{
	return track->questions < TRACK_QUESTIONS ? track->questions : TRACK_QUESTIONS;
}

struct track_question *track_question(struct track *track, uint32_t number)
{
	for (uint32_t i = 0; i < known_questions(track); i++)
		if (track->question[i].number == number)
			return &track->question[i];
	return NULL;
}

uint32_t track_asked_since(const struct track *track, ike_time since)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < known_questions(track); i++)
		count += track->question[i].at >= since;
	return count;
}

bool track_use_message_id(struct track *track, uint32_t message_id)
{
	for (size_t i = 0; i < track->message_ids; i++)
		if (track->message_id[i] == message_id)
			return false;
	if (track->message_ids == track->room) {
		track->room = track->room * 2 + 32;
		track->message_id =
		    realloc(track->message_id, track->room * sizeof(*track->message_id));
		assert(track->message_id != NULL);
	}
	track->message_id[track->message_ids++] = message_id;
	return true;
}
