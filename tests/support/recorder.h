/* SPDX-License-Identifier: ISC */
/*
 * recorder.h - an extension for tests: it writes down what it is told, and answers what the test has put in front of it.
 *
 *	recorder_plug(&recorder, duo, DUO_A);		before duo_start
 *	recorder_action(&recorder.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW);
 *
 * An answer is given once, to the next happening of its kind; without one the answer is empty.  The first START is answered
 * with CONNECT to gateway 0.  In an SA's and a peer's state it counts its own steps.
 */
#ifndef TESTS_SUPPORT_RECORDER_H
#define TESTS_SUPPORT_RECORDER_H

#include "tests/support/duo.h"

#define RECORDER_NOTIFY                                                                            \
	40100 /* a private status type (RFC 2408 section 3.14.1): the one that is its own */

#define RECORDER_MOST     128 /* happenings of each sort */
#define RECORDER_BODY_MAX 128

struct recorded_sa {
	struct ike_extension_sa_input input; /* its pointers lead to the copies below */
	uint32_t steps_before;               /* as the state said it */
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	uint8_t body[RECORDER_BODY_MAX];
};

struct recorded_peer {
	struct ike_extension_peer_input input;
	uint32_t steps_before;
};

struct recorder {
	struct recorder_settings {
		struct recorder *recorder;
	} settings;
	struct ike_extension_answer sa_answer[IKE_EXTENSION_TIME + 1];
	struct ike_extension_answer peer_answer[IKE_EXTENSION_PEER_TIME + 1];
	size_t sas, peers;
	struct recorded_sa sa[RECORDER_MOST];
	struct recorded_peer peer[RECORDER_MOST];
};

/* In place of the keepalive; two nodes may have one each. */
void recorder_plug(struct recorder *recorder, struct duo *duo, enum duo_node node);

/* A duo, not started yet, with one in each node; one that proposes and accepts just this; and an established one, A has called. */
struct duo *recorder_duo(uint8_t seed, struct recorder *a, struct recorder *b);
struct duo *recorder_duo_proposing(uint8_t seed, struct recorder *a, struct recorder *b,
				   const char *proposal);
struct duo *recorder_established(uint8_t seed, struct recorder *a, struct recorder *b);
/* To A, which must have something to do it to; what follows from it at once has happened on return. */
void recorder_command(struct duo *duo, enum ike_command_kind kind);

/* Adds an action to an answer, for the caller to fill in the rest. */
struct ike_extension_action *recorder_action(struct ike_extension_answer *answer,
					     enum ike_extension_action_kind kind);

size_t recorder_sa_count(const struct recorder *recorder,
			 enum ike_extension_sa_happening happening);
size_t recorder_peer_count(const struct recorder *recorder,
			   enum ike_extension_peer_happening happening);
/* The newest happening of that kind; fails the test where there was none. */
const struct recorded_sa *recorder_sa(const struct recorder *recorder,
				      enum ike_extension_sa_happening happening);
const struct recorded_peer *recorder_peer(const struct recorder *recorder,
					  enum ike_extension_peer_happening happening);

#endif
