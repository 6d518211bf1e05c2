/* SPDX-License-Identifier: ISC */
/*
 * trial_private.h - what a trial is made of: for trial*.c and run.c, not for scripts.
 */
#ifndef INTEROP_CONFORM_TRIAL_PRIVATE_H
#define INTEROP_CONFORM_TRIAL_PRIVATE_H

#include "interop/conform/result.h"

struct record {
	struct seen seen;
	bool taken; /* a word has returned it */
	struct opened opened;
	uint8_t wire[]; /* seen.length octets */
};

/* A trial's SA with what its core needs for as long as it lives. */
struct holder {
	struct trial_sa sa; /* first: scripts have a pointer to it */
	struct trial_call how;
	struct ike_settings ike;
	struct ike_peer_settings peer;
	struct ike_extension extension;
	uint8_t vendor_id
	    [TRIAL_VENDOR_ID_MAX]; /* its own: the core outlives the script that named it */
	unsigned messages;         /* of ours in Phase 1 */
	uint8_t last[IKE_DATAGRAM_MAX];
	size_t last_length; /* of the newest of them, to tell a repetition */
	bool failed;        /* Phase 1 came to nothing */
	bool keys;          /* there were keys, whatever came of it */
	const char *said;   /* the name of the device's last error notification; NULL: none */
	bool quick_mode_up, quick_mode_failed;
	unsigned to_lose;     /* datagrams of the device */
	char why[FAULT_TEXT]; /* it failed */
};

struct trial {
	const struct conform_case *of;
	struct world *world;
	const struct trial_settings *settings;
	struct random_source random;
	struct crypto *crypto;
	struct holder *holder[TRIAL_SAS];
	size_t holders;
	struct holder *called; /* waits for the device's call, until that has come up */
	struct record *record[TRIAL_SEEN];
	size_t records, octets;
	struct message message; /* what trial_message() gave last */
	ike_time began;
	bool decided;
	enum conform_verdict verdict;
	char value[64];
	char observed[RESULT_TEXT];
	size_t deciding; /* index into record, or SIZE_MAX */
};

/* NULL: no memory. */
struct trial *trial_new(const struct conform_case *of, struct world *world,
			const struct trial_settings *settings);
void trial_free(struct trial *trial); /* NULL is allowed */

/* Notes a datagram; `twin` is its plaintext where a core knows it better.  NULL: TRIAL_SEEN is reached, and the trial decided. */
struct record *trial_note(struct trial *trial, enum trial_from from,
			  const struct ike_datagram *datagram, struct trial_sa *sa);
void trial_note_twin(struct trial *trial, struct record *record, struct octets twin);
/* The SA's keys are there: what came under it in the same instant as the message that made them is taken apart again. */
void trial_reopen(struct trial *trial, struct trial_sa *sa);
/* The SA that a message is of, by its cookies; NULL: none. */
struct holder *trial_holder_of(const struct trial *trial, const struct ike_header *header);
/* Lets the cores work and datagrams come in until `until`, or until `done` says so. */
typedef bool trial_done(struct trial *trial, void *context);
void trial_pump(struct trial *trial, ike_time until, trial_done *done, void *context);
/* Puts into holder->why why its Phase 1 came to nothing, as an event says it; IKE_ACCEPTED: there was no answer. */
void trial_explain(const struct trial *trial, struct holder *holder, const struct ike_event *event);
/* Whether the device was told of the keepalive in the form that it has to understand, and did not announce it itself. */
bool trial_is_unsupported(const struct trial_sa *sa);
/* An SA and its core; `calls`: we call.  NULL: no memory, or too many; the trial is then decided. */
struct holder *trial_hold(struct trial *trial, const struct trial_call *how, bool calls);
/* Closes every SA that is left, also when the trial is decided. */
void trial_leave(struct trial *trial);

#endif
