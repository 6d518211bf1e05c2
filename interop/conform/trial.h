/* SPDX-License-Identifier: ISC */
/*
 * trial.h - the words that scripts of cases are written in.
 *
 * A script reads from top to bottom.  Every word that expects something decides the trial when it does not come, and once a
 * trial is decided all further words do nothing, as with the cursors of ike/wire.h: no script has to check.  A script that comes
 * to its end undecided has passed.
 *
 *	static void ack_echoes_number(struct trial *trial)
 *	{
 *		struct trial_sa *sa = trial_call(trial, NULL);
 *
 *		trial_ask(trial, sa, 1000);
 *		trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
 *	}
 *
 * A word that needs an SA and is given NULL makes an undecided trial INCONCLUSIVE.  Where a valid R-U-THERE is not answered by a
 * device that has not announced the keepalive, although we did, the verdict is UNSUPPORTED in place of the script's.
 *
 * Silence is not waited for: trial_expect_silence() asks a valid R-U-THERE, and whatever the device said before it answered that
 * was the answer to what went before.  Only the wire is looked at.
 */
#ifndef INTEROP_CONFORM_TRIAL_H
#define INTEROP_CONFORM_TRIAL_H

#include "interop/conform/case.h"
#include "interop/conform/world.h"
#include "interop/impair/message.h"

/*
 * An answer to what was sent before may come so much later than the answer to what was sent behind it: some devices work in several
 * threads.  Words that ask a valid question and then look for other answers wait for so long once it is answered.
 */
#define TRIAL_LATE          (30 * IKE_MILLISECOND)
#define TRIAL_SAS           6
#define TRIAL_VENDOR_ID_MAX 64           /* octets of trial_call.vendor_id */
#define TRIAL_SEEN          512          /* datagrams of one trial; more end it */
#define TRIAL_OCTETS        (512 * 1024) /* of all of them; they stand in the report twice, in hex */

/* What the tester is told about the device, for all cases. */
struct trial_settings {
	struct ike_settings ike; /* limits, identity, extension; of every core of the tester */
	struct ike_peer_settings peer; /* the device: secret, proposals, identities, exchange */
	ike_time patience;             /* how long an answer may take: 2 s */
	ike_time worry;                /* how long the device may be silent before it asks: 30 s */
	ike_time death;                /* how long it may take to give us up: 180 s */
	const struct ike_tunnel_settings
	    *tunnel; /* what Quick Mode asks for; NULL: nothing is known that works */
	struct random_source random;
};

/* How a Phase 1 is made; NULL stands for all zero: with our vendor ID, without INITIAL-CONTACT. */
struct trial_call {
	bool initial_contact;    /* say it in MM5 (or AM3), and once more under the SA */
	bool no_vendor_id;       /* do not announce the keepalive */
	struct octets vendor_id; /* announce this in its place, if it is not empty */
	bool aggressive;         /* by Aggressive Mode, whatever the settings say */
	const char *identity;    /* another than that of the settings, "fqdn:..."; NULL: that */
	/*
	 * Looks at each datagram of Phase 1 that is about to be sent, and may change it in place (within room), or have it dropped
	 * (false).  Message 1 is our first, message 2 our second, ...  It may ask trial_* for the rest.
	 */
	bool (*tamper)(struct trial *trial, unsigned message, struct ike_datagram *datagram);
	bool may_fail; /* if it does not come up the script goes on, with NULL */
};

enum trial_from { TRIAL_TESTER, TRIAL_DEVICE };

/* A datagram that was on the wire, in order of time. */
struct seen {
	ike_time at;
	enum trial_from from;
	bool lost; /* it was dropped on purpose, on its way to the device or to us */
	struct ike_address source, destination;
	struct trial_sa *sa; /* NULL: of none that is known */
	const uint8_t *wire; /* as it was */
	size_t length;
	struct opened *opened; /* taken apart; never NULL */
};

/* A Phase 1 SA with the device, and the core of the tester that holds it. */
struct trial_sa {
	struct ike_core *core;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_keys keys;
	struct ike_address remote, local;
	uint32_t number;             /* the next one that trial_ask_next() uses */
	uint32_t message_id;         /* the next one of ours */
	bool established, initiator; /* initiator: we called */
	bool supported;              /* the device announced the keepalive */
	bool gone;    /* our core has deleted it, because the device did, or it is over */
	bool mute;    /* our core answers nothing under it and hears nothing: trial_fall_silent() */
	size_t index; /* 0, 1, ... in the order of their making */
};

/* ---- Phase 1 and 2 ------------------------------------------------------------------------------------------------- */

/*
 * A new Phase 1 SA, called for by us.  The trial is INCONCLUSIVE if it does not come up (unless `may_fail`).  NULL: it did not, or
 * the trial is decided.
 */
struct trial_sa *trial_call(struct trial *trial, const struct trial_call *how);
/* The same, called for by the device: it is asked to call (struct world.call_us) and given the settings' patience x 5. */
struct trial_sa *trial_be_called(struct trial *trial, const struct trial_call *how);
/* The device calls of its own accord, and nobody asks it to: waits at most so long.  NULL: it did not; that decides nothing. */
struct trial_sa *trial_wait_for_call(struct trial *trial, ike_time at_most);
/* Quick Mode under it, as the settings' tunnel says: SKIP if there is none, INCONCLUSIVE if it comes to nothing. */
void trial_quick_mode(struct trial *trial, struct trial_sa *sa);
/* The tester's part of the SA deletes it politely. */
void trial_close(struct trial *trial, struct trial_sa *sa);

/* ---- to the device ------------------------------------------------------------------------------------------------- */

/* An Informational of this SA with a fresh message ID and nothing in it yet: add to it, spoil it, send it. */
struct message *trial_message(struct trial *trial, struct trial_sa *sa);
/* Sends it.  It may be sent again: the same octets, unless it has random padding.  NULL: in the clear, as a stranger. */
void trial_send(struct trial *trial, struct trial_sa *sa, const struct message *message);
/* The same octets at `out`, for trial_send_raw() when they have been spoiled.  0: the trial is decided, or it does not fit. */
size_t trial_seal(struct trial *trial, const struct message *message, uint8_t *out, size_t room);
/* A valid R-U-THERE with that number, or with the next one, which is returned. */
void trial_ask(struct trial *trial, struct trial_sa *sa, uint32_t number);
uint32_t trial_ask_next(struct trial *trial, struct trial_sa *sa);
/* Octets as they are, in the name of the SA whose cookies they have; of none: from the tester's port to the device's. */
void trial_send_raw(struct trial *trial, struct octets datagram);
/* The same datagram as `seen`, once more, in the tester's name: a replay, or a reflection. */
void trial_replay(struct trial *trial, const struct seen *seen);
/* From now on our core neither hears nor answers anything under this SA: we look dead.  What comes is seen nevertheless. */
void trial_fall_silent(struct trial *trial, struct trial_sa *sa);
void trial_speak_again(struct trial *trial, struct trial_sa *sa);
/* The next `count` datagrams from the device under this SA are lost on the way: our core does not get them. */
void trial_lose(struct trial *trial, struct trial_sa *sa, unsigned count);

/* ---- from the device ----------------------------------------------------------------------------------------------- */

/* What a message must be like; zero or NULL: any. */
struct want {
	struct trial_sa *sa; /* under this SA (by its cookies) */
	uint8_t exchange;    /* enum ike_exchange_type */
	uint16_t notify;     /* it has a NOTIFY of this type */
	uint8_t payload;     /* it has a payload of this type */
	bool has_number;     /* and the NOTIFY has this number */
	uint32_t number;
	bool protected_only; /* encrypted, and HASH(1) holds */
	bool (*like)(const struct seen *seen, const void *context);
	const void *context;
};

/*
 * The next message of the device that is like that and was not returned by a word of this kind before, waiting for it at most so
 * long.  NULL: none came; that decides nothing.
 */
const struct seen *trial_wait(struct trial *trial, const struct want *want, ike_time at_most);
/* Lets time pass, our cores answering what they are asked. */
void trial_pass_time(struct trial *trial, ike_time duration);
/* An ACK of that number within patience; it is looked at whether it is well-formed (R7 to R15) only by cases that are about that. */
const struct seen *trial_expect_ack(struct trial *trial, struct trial_sa *sa, uint32_t number,
				    enum conform_verdict otherwise);
/*
 * Nothing of that kind came in answer to what was sent before: a valid R-U-THERE is asked and its ACK waited for.  What is like `want` and
 * came since `since` (a mark of trial_mark()) decides the trial with `otherwise`.  If the valid R-U-THERE is not answered, the
 * verdict is `if_gone`: the SA did not survive.  A question of the device's own is no answer, unless `want` has a `notify` or `like`.
 */
size_t trial_mark(const struct trial *trial);
void trial_expect_silence(struct trial *trial, struct trial_sa *sa, size_t since,
			  const struct want *want, enum conform_verdict otherwise,
			  enum conform_verdict if_gone);
/* The SA still answers: a valid R-U-THERE, its ACK. */
void trial_expect_alive(struct trial *trial, struct trial_sa *sa, enum conform_verdict otherwise);
/* The SA is gone at the device: it said so in a Delete, or three valid R-U-THEREs are not answered within patience. */
void trial_expect_gone(struct trial *trial, struct trial_sa *sa, enum conform_verdict otherwise);
/* The device asks R-U-THERE under the SA within its worry time: what it asked with.  Otherwise UNSUPPORTED. */
const struct seen *trial_expect_question(struct trial *trial, struct trial_sa *sa);

/* All that was seen, from index 0 on; NULL behind the last. */
const struct seen *trial_seen(const struct trial *trial, size_t index);
/* How many messages from the device since the mark are like that; the first of them at *first if it is not NULL. */
size_t trial_count(const struct trial *trial, const struct want *want, size_t since,
		   const struct seen **first);
/* The number of the R-U-THERE or R-U-THERE-ACK in it; 0 where there is none. */
uint32_t seen_number(const struct seen *seen);
bool seen_is(const struct seen *seen, const struct want *want);

/* ---- deciding ------------------------------------------------------------------------------------------------------ */

/* The first of them counts.  `seen` (may be NULL) is the datagram that it was decided by. */
void trial_decide(struct trial *trial, enum conform_verdict verdict, const struct seen *seen,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* CONFORM_INFO_VALUE: a short value that can be compared ("retry=same-number"), and the sentence. */
void trial_value(struct trial *trial, const struct seen *seen, const char *value,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
bool trial_is_decided(const struct trial *trial);

ike_time trial_now(const struct trial *trial);
const struct trial_settings *trial_get_settings(const struct trial *trial);
uint32_t trial_random(struct trial *trial);

#endif
