/* SPDX-License-Identifier: ISC */
/*
 * message.h - a message under a Phase 1 SA as a value: made with the engine's own writers, right unless it is told what is to be
 * wrong, and taken apart again.
 *
 *	message_of_sa(&message, keys, cky_i, cky_r, message_id);
 *	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1041);
 *	message.iv = MESSAGE_IV_OF_PHASE_1;                          one thing wrong
 *	length = message_seal(&message, crypto, out, sizeof(out), twin, &twin_length);
 */
#ifndef INTEROP_IMPAIR_MESSAGE_H
#define INTEROP_IMPAIR_MESSAGE_H

#include "ike/exchange.h"
#include "ike/ike.h"
#include "ike/notify.h"
#include "ike/payload.h"

#define MESSAGE_PAYLOADS 16
#define MESSAGE_BODY     1600 /* octets of all bodies together */

enum message_protection {
	MESSAGE_PROTECTED,    /* HASH(1) first, all encrypted: as RFC 2409 section 5.7 has it */
	MESSAGE_CLEAR,        /* the payloads alone, not encrypted */
	MESSAGE_CLEAR_HASH,   /* HASH(1) and the payloads, not encrypted */
	MESSAGE_WITHOUT_HASH, /* encrypted, without HASH(1) */
};

enum message_hash {
	MESSAGE_HASH_RIGHT,
	MESSAGE_HASH_WRONG,              /* one bit of it is another */
	MESSAGE_HASH_SHORT,              /* its last octet is missing */
	MESSAGE_HASH_EMPTY,              /* a HASH payload with nothing in it */
	MESSAGE_HASH_OF_FIRST,           /* over the first payload only, as some stacks check it */
	MESSAGE_HASH_WITHOUT_MESSAGE_ID, /* over the payloads alone */
	MESSAGE_HASH_WITH_PADDING,       /* over the padding, too */
	MESSAGE_HASH_OTHER_KEY,          /* by SKEYID_d in place of SKEYID_a */
	MESSAGE_HASH_LAST,               /* right, but behind the payloads */
};

enum message_iv {
	MESSAGE_IV_RIGHT, /* of the last block of Phase 1 and the message ID (RFC 2409 appendix B) */
	MESSAGE_IV_OF_PHASE_1, /* the last block of Phase 1 itself */
	MESSAGE_IV_ZERO,
	MESSAGE_IV_OTHER_ID, /* of another message ID */
	MESSAGE_IV_CONTINUED, /* `last_block` of the message before: chained from message to message */
};

enum message_padding {
	MESSAGE_PADDING_ZERO,         /* to the block, nothing where it is full */
	MESSAGE_PADDING_ALWAYS,       /* at least one octet, zeros: strongSwan */
	MESSAGE_PADDING_RANDOM,       /* random octets to the block */
	MESSAGE_PADDING_LENGTH_OCTET, /* random octets, the last one counts them: racoon */
	MESSAGE_PADDING_BLOCK_MORE,   /* a whole block more than is needed */
	MESSAGE_PADDING_MISSING,      /* the ciphertext is not a multiple of the block */
};

struct message_payload {
	uint8_t type;        /* as the field before it says */
	uint8_t reserved;    /* 0 */
	int wrong_length;    /* added to its length field */
	uint16_t at, length; /* of its body, in struct message's */
};

struct message {
	const struct ike_keys *keys; /* stay the caller's; may be NULL with MESSAGE_CLEAR */
	struct ike_header header;    /* flags and length are set while sealing */
	uint8_t more_flags;          /* set beside what is right */
	int wrong_length;            /* added to the header's length */
	enum message_protection protection;
	enum message_hash hash;
	enum message_iv iv;
	enum message_padding padding;
	uint8_t last_block[CIPHER_MAX_BLOCK]; /* with MESSAGE_IV_CONTINUED */
	size_t payloads;                      /* behind HASH */
	struct message_payload payload[MESSAGE_PAYLOADS];
	size_t length; /* of the bodies */
	uint8_t body[MESSAGE_BODY];
};

/* An Informational with nothing in it yet; `keys` must be of an established SA unless it goes out in the clear. */
void message_of_sa(struct message *message, const struct ike_keys *keys, const uint8_t *cky_i,
		   const uint8_t *cky_r, uint32_t message_id);
/* A payload.  The body must fit: MESSAGE_BODY and MESSAGE_PAYLOADS are asserted. */
void message_add(struct message *message, enum ike_payload_type type, struct octets body);
/* NOTIFY with all its fields free: any SPI up to 255 octets, any data. */
void message_add_notify(struct message *message, uint32_t doi, uint8_t protocol, struct octets spi,
			uint16_t type, struct octets data);
/* The forms that are right: about the SA of the header, DOI IPSEC. */
void message_add_keepalive(struct message *message, uint16_t type, uint32_t number);
void message_add_isakmp_notify(struct message *message,
			       uint16_t type);    /* no data: INITIAL-CONTACT and others */
void message_add_delete(struct message *message); /* of the SA of the header */

/*
 * The datagram, and its twin in the clear at `plain` (room octets, too).  Returns its length; *plain_length is that of the twin, 0
 * where the message is not encrypted.  0: it does not fit.  Random padding is taken from `random`.
 */
size_t message_seal(const struct message *message, struct crypto *crypto,
		    struct random_source *random, uint8_t *out, uint8_t *plain, size_t room,
		    size_t *plain_length) IKE_MUST_USE;

enum message_hash_found {
	MESSAGE_HASH_ABSENT, /* the message has none, or is of Phase 1 */
	MESSAGE_HASH_HOLDS,  /* it is HASH(1) of all that follows it */
	MESSAGE_HASH_FAILS,
};

/* A message taken apart; the views of `message` point into `plain`. */
struct opened {
	struct ike_message message;
	enum ike_verdict verdict; /* of reading it: header, decryption, payloads.  Not of HASH */
	enum message_hash_found hash;
	bool encrypted, readable; /* readable: `plain` is its plaintext, or it was in the clear */
	bool
	    open; /* `plain` has all its octets in the clear, padding included, whether or not they are readable payloads */
	size_t plain_length; /* of the twin, without padding; 0: it could not be made */
	uint8_t plain[IKE_MESSAGE_MAX];
	uint8_t next_iv[CIPHER_MAX_BLOCK]; /* its last ciphertext block */
};

/*
 * Takes a datagram of an Informational, or of the first message of a Quick Mode or Transaction, apart.  keys NULL: whatever is
 * encrypted stays closed.  Phase 1's own encrypted messages stay closed, too.
 */
void message_open(struct crypto *crypto, const struct ike_keys *keys, struct octets datagram,
		  struct opened *opened);

/* The same for one that is encrypted under the SA's key but begins with that IV, and not with the one that is right. */
void message_open_from(struct crypto *crypto, const struct ike_keys *keys, struct octets datagram,
		       const uint8_t iv[CIPHER_MAX_BLOCK], struct opened *opened);

/* Its first NOTIFY, or the NOTIFY of that type if `type` is not 0.  False: there is none that can be read. */
bool opened_notify(const struct opened *opened, uint16_t type, struct ike_notify *notify);

#endif
