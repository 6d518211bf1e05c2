/* SPDX-License-Identifier: ISC */
/*
 * impair_layer.h - what impairments are made of.  For the files of this folder only.
 *
 * An impairment is a row or two of a table: which way a message goes, which messages it is about, and what is done with them.
 *
 *	{IMPAIR_ACK_WRONG_NUMBER, RULE_OUT, letter_is_ack, RULE_EDIT, number_too_large, 0},
 *
 * A message on its way is a struct letter: the datagram, and what can be read of it.  A rule that edits changes letter->message,
 * and it is sealed again.  Rules run in the order of the tables, each on what the ones before it have left.
 */
#ifndef INTEROP_IMPAIR_LAYER_H
#define INTEROP_IMPAIR_LAYER_H

#include "crypto/backend.h"
#include "interop/impair/impair.h"
#include "interop/impair/message.h"

#define IMPAIR_SAS       32  /* SAs that are remembered; the one longest unused makes room */
#define IMPAIR_QUEUE     64  /* datagrams that wait, each way; more are lost */
#define IMPAIR_IDS       128 /* message IDs that are remembered, of an SA and each way */
#define IMPAIR_NUMBERS   32  /* of our questions: as the core has them, and as they were sent */
#define IMPAIR_SPI_MAX   255
#define IMPAIR_NAMES     8
#define IMPAIR_SUMS      64
#define IMPAIR_OFFER_MAX 1024 /* octets of an SA payload */

/* The newest message IDs; where it is full the oldest is overwritten. */
struct impair_ids {
	uint32_t id[IMPAIR_IDS];
	size_t count;
};

/* Of octets that were there before, a checksum each. */
struct impair_sums {
	uint64_t sum[IMPAIR_SUMS];
	size_t count;
};

/* What is remembered of an SA whose keys are known. */
struct impair_sa {
	bool used, greeted; /* greeted: what is done once an SA is up has been done */
	uint64_t looked_at; /* the newest of all is the one used last */
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_keys keys;
	struct ike_address remote, local; /* of its last message */
	struct impair_ids came, went;     /* message IDs of Informationals that hold, each way */

	/* the peer's questions */
	bool asked;      /* there was one */
	uint32_t number; /* of the last one */
	uint32_t question_id;
	uint8_t question_iv[CIPHER_MAX_BLOCK]; /* its last ciphertext block */
	/* what it named in the latest of them: on a socket the next may be read before the one before is answered */
	size_t names;
	struct {
		uint32_t number;
		uint8_t spi[IMPAIR_SPI_MAX];
		size_t length;
	} name[IMPAIR_NAMES];
	uint32_t answers; /* ACKs that the core has sent */
	uint32_t first_answer, answer_id;

	/* ours */
	uint32_t questions; /* that the core has sent */
	uint32_t unanswered;
	uint32_t core_number, wire_number; /* of the last one: the core's, and what was sent */
	uint32_t question_sent_id;
	size_t numbers;
	struct {
		uint32_t core, wire;
	} sent[IMPAIR_NUMBERS];

	uint32_t busy_id;  /* message ID of a Quick Mode under way; 0: none */
	bool no_keepalive; /* the peer is taken for one that does not speak it */
};

struct parcel {
	bool used;
	ike_time due;
	uint64_t order; /* of those that are due the one that came first goes first */
	struct ike_address remote, local;
	size_t length, plain_length;
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
};

/* Read as leniently as can be: a payload ends where the message does, whatever its length says. */
struct letter_payload {
	uint8_t type, reserved;
	uint16_t said; /* its length field */
	struct octets body;
};

struct letter_notify {
	bool found;
	uint32_t doi;
	uint8_t protocol, spi_size; /* as it is said */
	uint16_t type;
	struct octets spi, data; /* as far as they are there */
	uint32_t number; /* of the data's first four octets; fewer are taken for its upper ones */
};

enum rule_way { RULE_IN, RULE_OUT };

struct letter {
	struct impair *impair;
	enum rule_way way;
	ike_time now;
	struct impair_sa *sa; /* NULL: no SA with keys has its cookies */
	struct parcel *parcel;
	bool gone;  /* it goes no further */
	bool again; /* of Phase 1, and sent before, octet for octet */

	struct ike_header header; /* as it was written */
	enum ike_verdict header_verdict;
	/* with a header that would be right: so that the rest can be looked at where only the header is wrong */
	struct opened opened;
	size_t payloads;
	struct letter_payload payload[IKE_PAYLOADS_MAX];
	bool
	    broken; /* a payload says it is longer than the message, or shorter than its own header */
	enum message_hash_found hash;
	size_t padding; /* octets after the last payload, at the end of `opened.plain` */
	struct octets padded;
	struct letter_notify notify; /* the first one */
	bool whole; /* `message` is this message: it can be edited and sealed again */
	struct message message;
};

enum rule_deed {
	RULE_EDIT, /* `change` edits letter->message, which is sealed again */
	RULE_REPAIR, /* the same, and it is made right: protected, a fresh message ID; `change` may be NULL */
	RULE_DROP,   /* it is lost */
	RULE_DIE,    /* the node ends */
	RULE_FORGET, /* it is lost, and so is the SA: the core is made to believe in a Delete */
	RULE_DO,     /* `change` does whatever it does */
};

struct impair_rule {
	enum impairment impairment;
	enum rule_way way;
	bool (*matches)(const struct letter *letter, int detail);
	enum rule_deed deed;
	void (*change)(struct letter *letter, int detail);
	int detail; /* for both of them */
};

/* The tables, one per file, each ended by a rule without `matches`; NULL behind the last one. */
extern const struct impair_rule impair_ack_rules[], impair_accept_rules[], impair_form_rules[],
    impair_refuse_rules[], impair_probe_rules[], impair_number_rules[], impair_state_rules[],
    impair_phase_1_rules[], impair_resend_rules[], impair_death_rules[];

struct impair {
	struct ike_core *core;
	struct crypto *crypto;
	struct random_source random;
	bool on[IMPAIRMENTS];
	bool wants_exit;
	bool gave_up; /* the node has deleted an SA of its own accord */
	uint64_t order, looked;
	uint32_t first_messages; /* MM1 and AM1 that came */
	bool asked;              /* under any SA */
	uint32_t number;         /* of the peers' last question, under any SA */
	/* of Phase 1: messages that were sent, that came, and pairs of cookies that were sent */
	struct impair_sums phase_1_out, phase_1_in, cookies;
	uint8_t offer[IMPAIR_OFFER_MAX], offer_cky_i[IKE_COOKIE_LENGTH]; /* of our last call */
	size_t offer_length;
	uint8_t spoiled_cky_i[IKE_COOKIE_LENGTH]; /* of a Phase 1 that is not gone on with */
	bool given; /* to the core: `last_cky` may be an SA with keys by now */
	uint8_t last_cky_i[IKE_COOKIE_LENGTH], last_cky_r[IKE_COOKIE_LENGTH];
	struct ike_address last_remote, last_local;
	struct impair_sa sa[IMPAIR_SAS];
	struct parcel in[IMPAIR_QUEUE], out[IMPAIR_QUEUE];
	struct letter letter;
	size_t twin_length;
	uint8_t twin[IKE_DATAGRAM_MAX]; /* of what came last */
};

/* ---- impair_letter.c ----------------------------------------------------------------------------------------------- */

void letter_read(struct letter *letter);    /* fills all behind `parcel` */
void letter_read_on(struct letter *letter); /* the same from `opened` on */
/* Seals letter->message into the parcel, and reads it again; where it does not fit it stays as it was. */
void letter_seal(struct letter *letter);
/* What is right for this SA, whatever it was. */
void letter_repair(struct letter *letter);
uint32_t impair_fresh_id(struct impair *impair);
void impair_note_id(struct impair_ids *ids, uint32_t id);
bool impair_knows_id(const struct impair_ids *ids, uint32_t id);

/* ---- impair_resend.c ----------------------------------------------------------------------------------------------- */

bool impair_sums_know(const struct impair_sums *sums, struct octets octets);
/* Notes them; whether they were known before. */
bool impair_sums_note(struct impair_sums *sums, struct octets octets);
void impair_note_offer(
    struct letter *letter); /* and the cookies, of what the core sends, before any rule */

/* ---- impair_letter_is.c: what a message is ------------------------------------------------------------------------- */

/* An Informational that the engine would believe: header, protection, HASH(1).  Not whether its contents are right. */
bool letter_is_valid(const struct letter *letter, int detail);
bool letter_is_question(const struct letter *letter, int detail); /* such a one with R-U-THERE */
bool letter_is_ack(const struct letter *letter, int detail);
bool letter_is_notify(const struct letter *letter, int type); /* such a one with this NOTIFY */
bool letter_is_delete(const struct letter *letter, int detail);
bool letter_is_protected(const struct letter *letter, int detail);  /* encrypted, and opened */
bool letter_is_clear_notify(const struct letter *letter, int type); /* an Informational */
/* Such a one that has the cookies of an SA with keys. */
bool letter_is_clear_notify_of_sa(const struct letter *letter, int type);
bool letter_is_clear_delete(const struct letter *letter, int detail);
bool letter_is_any(const struct letter *letter, int detail);
/* The first message of a Phase 1 from the initiator, and the responder's first answer. */
bool letter_is_first(const struct letter *letter, int detail);
bool letter_is_second(const struct letter *letter, int detail);
const struct letter_payload *letter_payload_find(const struct letter *letter, uint8_t type);

/* ---- impair_edit.c: `change` of RULE_EDIT, for R-U-THERE and its ACK ---------------------------------------------- */

void edit_number(struct letter *letter, uint32_t number);
void edit_doi(struct letter *letter, int number);
void edit_protocol(struct letter *letter, int number);
void edit_type(struct letter *letter, int number);
void edit_spi_size(struct letter *letter, int size);
void edit_spi_cookies(struct letter *letter, int swapped);
void edit_spi_echoed(struct letter *letter, int detail);
void edit_data_length(struct letter *letter, int length);
void edit_number_plus(struct letter *letter, int plus);
void edit_number_of_first(struct letter *letter, int detail);
void edit_number_of_its_own(struct letter *letter, int detail);
void edit_number_turned(struct letter *letter, int detail);
void edit_reserved(struct letter *letter, int value);
void edit_payload_length(struct letter *letter, int plus);
void edit_one_more_notify(struct letter *letter, int number);
void edit_one_more_vendor_id(struct letter *letter, int detail);
void edit_id_of_question(struct letter *letter, int detail);
void edit_id_zero(struct letter *letter, int detail);
void edit_id_of_first(struct letter *letter, int detail);
void edit_hash(struct letter *letter, int which);
void edit_protection(struct letter *letter, int which);
void edit_iv(struct letter *letter, int which);
void edit_padding(struct letter *letter, int which);
void edit_flags(struct letter *letter, int more);
void edit_version(struct letter *letter, int number);
void edit_header_length(struct letter *letter, int plus);
void edit_exchange(struct letter *letter, int number);

/* ---- impair_sa.c --------------------------------------------------------------------------------------------------- */

/* NULL: no such SA is established, or was when anything of it was seen. */
struct impair_sa *impair_sa_of(struct impair *impair, const uint8_t *cky_i, const uint8_t *cky_r);
bool impair_sa_status(const struct impair *impair, const struct impair_sa *sa,
		      struct ike_sa_status *status);
/* The core is given a valid Delete of it, under itself. */
void impair_kill(struct impair *impair, ike_time now, struct impair_sa *sa);
/* All of the core's SAs with that host (NULL: with anybody), but for that one (may be NULL). */
void impair_kill_others(struct impair *impair, ike_time now, const struct ike_address *host,
			const struct impair_sa *but);

/* ---- impair_queue.c ------------------------------------------------------------------------------------------------------ */

/* A place in a queue, empty yet.  NULL: there is none, and the datagram is lost as on any network. */
struct parcel *impair_new_parcel(struct impair *impair, enum rule_way way, ike_time due,
				 const struct ike_address *remote, const struct ike_address *local);
/* The first that is due; false: none is. */
bool impair_next(struct impair *impair, enum rule_way way, ike_time now,
		 struct ike_datagram *datagram);
/* A datagram of the layer's own: no rule sees it. */
void impair_put(struct impair *impair, enum rule_way way, ike_time due,
		const struct message *message, const struct ike_address *remote,
		const struct ike_address *local);
/* An Informational under the SA, with a fresh message ID and nothing in it yet; and on its way. */
void impair_begin(struct impair *impair, const struct impair_sa *sa, struct message *message);
void impair_send(struct impair *impair, ike_time due, const struct impair_sa *sa,
		 const struct message *message);
void impair_give(struct impair *impair, ike_time due, const struct impair_sa *sa,
		 const struct message *message);
/* The letter's octets as they are now, once more, at that time. */
void impair_repeat(struct letter *letter, ike_time due);
/* Right R-U-THERE or R-U-THERE-ACK. */
void impair_send_keepalive(struct impair *impair, ike_time due, const struct impair_sa *sa,
			   uint16_t type, uint32_t number);
/* `change` of RULE_DO: the letter once more, at once. */
void impair_do_again(struct letter *letter, int detail);
/* `change` of RULE_DO: a right R-U-THERE-ACK with the letter's number. */
void impair_do_answer(struct letter *letter, int detail);

/* ---- impair_state.c ------------------------------------------------------------------------------------------------ */

/* What is done once an SA is up. */
void impair_greet(struct impair *impair, ike_time now, struct impair_sa *sa);

#endif
