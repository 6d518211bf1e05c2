/* SPDX-License-Identifier: ISC */
#include "tests/support/recorder.h"

#include <check.h>
#include <string.h>

static const uint8_t vendor_id[16] = {'w', 'r', 'i', 't', 'e', 's', ' ', 'i',
				      't', ' ', 'a', 'l', 'l', ' ', 'u', 'p'};

static bool recognises(struct octets body)
{
	return body.length == sizeof(vendor_id) && memcmp(body.data, vendor_id, body.length) == 0;
}

static bool owns_notify(uint16_t notify_type)
{
	return notify_type == RECORDER_NOTIFY;
}

static struct recorder *recorder_of(const void *settings)
{
	return ((const struct recorder_settings *)settings)->recorder;
}

static void take(struct ike_extension_answer *prepared, struct ike_extension_answer *answer)
{
	*answer = *prepared;
	memset(prepared, 0, sizeof(*prepared));
}

/* What is kept beside an SA: zeroed, there is no wish. */
struct state {
	uint32_t steps;
	bool wishes;
	ike_time wish;
};

static ike_time sa_wake(const void *state)
{
	const struct state *own = state;

	return own->wishes ? own->wish : IKE_NEVER;
}

/* A prepared WAKE_AT, which the engine knows for peers only, becomes the state's wish. */
static void take_wish(struct state *state, struct ike_extension_answer *answer)
{
	size_t kept = 0;

	for (size_t i = 0; i < answer->actions; i++) {
		if (answer->action[i].kind != IKE_EXTENSION_WAKE_AT) {
			answer->action[kept++] = answer->action[i];
			continue;
		}
		state->wishes = true;
		state->wish = answer->action[i].at;
	}
	answer->actions = kept;
}

static void sa_step(void *state, const void *settings, const struct ike_extension_sa_input *input,
		    struct ike_extension_answer *answer)
{
	struct recorder *recorder = recorder_of(settings);
	struct recorded_sa *recorded = &recorder->sa[recorder->sas];
	struct state *own = state;

	ck_assert_uint_lt(recorder->sas++, RECORDER_MOST);
	ck_assert_uint_le(input->body.length, sizeof(recorded->body));
	recorded->input = *input;
	recorded->steps_before = own->steps++;
	memcpy(recorded->cky_i, input->cky_i, IKE_COOKIE_LENGTH);
	memcpy(recorded->cky_r, input->cky_r, IKE_COOKIE_LENGTH);
	if (input->body.length > 0)
		memcpy(recorded->body, input->body.data, input->body.length);
	recorded->input.cky_i = recorded->cky_i;
	recorded->input.cky_r = recorded->cky_r;
	recorded->input.body = octets_of(recorded->body, input->body.length);
	take(&recorder->sa_answer[input->happening], answer);
	if (input->happening == IKE_EXTENSION_TIME)
		own->wishes = false; /* served */
	take_wish(own, answer);
}

/* Until its first step. */
static bool peer_rests(const void *state)
{
	return ((const struct state *)state)->steps == 0;
}

static void peer_step(void *state, const void *settings,
		      const struct ike_extension_peer_input *input,
		      struct ike_extension_answer *answer)
{
	struct recorder *recorder = recorder_of(settings);
	struct recorded_peer *recorded = &recorder->peer[recorder->peers];
	uint32_t *steps = state;

	ck_assert_uint_lt(recorder->peers++, RECORDER_MOST);
	recorded->input = *input;
	recorded->steps_before = (*steps)++;
	take(&recorder->peer_answer[input->happening], answer);
}

static const struct ike_extension extension = {
    .name = "recorder",
    .vendor_id = {vendor_id, sizeof(vendor_id)},
    .recognises = recognises,
    .owns_notify = owns_notify,
    .sa_step = sa_step,
    .sa_wake = sa_wake,
    .peer_step = peer_step,
    .peer_rests = peer_rests,
};

void recorder_plug(struct recorder *recorder, struct duo *duo, enum duo_node node)
{
	memset(recorder, 0, sizeof(*recorder));
	recorder->settings.recorder = recorder;
	duo->settings[node].extension = &extension;
	duo->peer[node].extension_settings = &recorder->settings;
	recorder_action(&recorder->peer_answer[IKE_EXTENSION_PEER_START], IKE_EXTENSION_CONNECT);
}

struct duo *recorder_duo(uint8_t seed, struct recorder *a, struct recorder *b)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(a, duo, DUO_A);
	recorder_plug(b, duo, DUO_B);
	return duo;
}

struct duo *recorder_duo_proposing(uint8_t seed, struct recorder *a, struct recorder *b,
				   const char *proposal)
{
	struct duo *duo = recorder_duo(seed, a, b);

	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	return duo;
}

struct duo *recorder_established(uint8_t seed, struct recorder *a, struct recorder *b)
{
	struct duo *duo = recorder_duo(seed, a, b);

	duo_start(duo);
	duo_establish(duo);
	return duo;
}

void recorder_command(struct duo *duo, enum ike_command_kind kind)
{
	struct ike_command command = {.kind = kind, .peer = 0};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &command));
	duo_run(duo, 0);
}

struct ike_extension_action *recorder_action(struct ike_extension_answer *answer,
					     enum ike_extension_action_kind kind)
{
	ck_assert_uint_lt(answer->actions, IKE_EXTENSION_ACTIONS_MAX);
	answer->action[answer->actions].kind = kind;
	return &answer->action[answer->actions++];
}

size_t recorder_sa_count(const struct recorder *recorder, enum ike_extension_sa_happening happening)
{
	size_t count = 0;

	for (size_t i = 0; i < recorder->sas; i++)
		count += recorder->sa[i].input.happening == happening;
	return count;
}

size_t recorder_peer_count(const struct recorder *recorder,
			   enum ike_extension_peer_happening happening)
{
	size_t count = 0;

	for (size_t i = 0; i < recorder->peers; i++)
		count += recorder->peer[i].input.happening == happening;
	return count;
}

const struct recorded_sa *recorder_sa(const struct recorder *recorder,
				      enum ike_extension_sa_happening happening)
{
	for (size_t i = recorder->sas; i-- > 0;)
		if (recorder->sa[i].input.happening == happening)
			return &recorder->sa[i];
	ck_abort_msg("no SA's step was told %d", happening);
}

const struct recorded_peer *recorder_peer(const struct recorder *recorder,
					  enum ike_extension_peer_happening happening)
{
	for (size_t i = recorder->peers; i-- > 0;)
		if (recorder->peer[i].input.happening == happening)
			return &recorder->peer[i];
	ck_abort_msg("no peer's step was told %d", happening);
}
