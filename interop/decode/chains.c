/* SPDX-License-Identifier: ISC */
#include "interop/decode/chains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/ipsec_proposal.h"
#include "ike/notify.h"
#include "ike/proposal.h"
#include "ike/protect.h"

#define ROWS_TRIED    64  /* for one message: cookies come again, but not without end */
#define FIRST_PRIVATE 128 /* payload types for private use (RFC 2408 section 3.1) */

/* How much a plaintext looks like one. */
enum likeness {
	GARBAGE,
	BEGINS_WELL, /* the first payload is right, what follows is malformed */
	TRAILS,      /* all payloads are right, and there is more behind them than padding */
	READS_WELL,
};

struct attempts {
	struct crypto *crypto;
	struct traced_sa *sa;
	struct traced_exchange *exchange;
	const struct ike_header *header;
	struct octets wire;
	uint8_t *clear, *scratch; /* the best so far, and the one at hand */
	enum likeness best;

	/* what made the best */
	const struct key_row *row;
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;
	bool partial, by_last_block;
	uint8_t last_block[CIPHER_MAX_BLOCK];

	/* why nothing may have come of it */
	unsigned rows;   /* that are for these cookies */
	unsigned others; /* of them: of another suite */
	unsigned ivs;    /* that were tried, all but the partial ones */
};

/* ---- what a plaintext should look like ----------------------------------------------------------------------------- */

static bool is_payload(uint8_t type)
{
	return type >= FIRST_PRIVATE || ike_payload_name(type) != NULL;
}

static enum likeness judge(struct octets chain, uint8_t type, size_t hash, size_t block)
{
	struct ike_payload payload;
	struct wire_reader reader, look;
	size_t count = 0;
	uint8_t first = type;
	uint16_t length;

	wire_read_from(&reader, chain);
	look = reader;
	type = wire_read_u8(&look);
	(void)wire_read_u8(&look);
	length = wire_read_u16(&look);
	if (look.failed || first == IKE_PAYLOAD_NONE || !is_payload(first) || !is_payload(type))
		return GARBAGE;
	if (first == IKE_PAYLOAD_HASH && length != IKE_GENERIC_LENGTH + hash)
		return GARBAGE;
	for (type = first; type != IKE_PAYLOAD_NONE; count++)
		if (count == IKE_PAYLOADS_MAX || !is_payload(type) ||
		    ike_payload_read(&reader, type, &payload, &type) != IKE_ACCEPTED)
			/* a HASH of just the right length is no accident */
			return count > 0 || first == IKE_PAYLOAD_HASH ? BEGINS_WELL : GARBAGE;
	return reader.left > block ? TRAILS : READS_WELL;
}

static void attempt(struct attempts *a, const struct key_row *row, enum cipher_algorithm cipher,
		    enum hash_algorithm hash, const uint8_t *iv, const uint8_t *last_block)
{
	uint8_t next[CIPHER_MAX_BLOCK];
	enum likeness likeness;

	if (a->best == READS_WELL || protect_decrypt(a->crypto, cipher, row->keys.key, iv, a->wire,
						     a->scratch, next) != IKE_ACCEPTED)
		return;
	a->ivs++;
	likeness =
	    judge(octets_of(a->scratch + IKE_HEADER_LENGTH, a->wire.length - IKE_HEADER_LENGTH),
		  a->header->next_payload, hash_length(hash), cipher_block_length(cipher));
	if (likeness <= a->best)
		return;
	a->best = likeness;
	memcpy(a->clear, a->scratch, a->wire.length);
	a->row = row;
	a->cipher = cipher;
	a->hash = hash;
	a->by_last_block = last_block != NULL;
	if (last_block != NULL)
		memcpy(a->last_block, last_block, cipher_block_length(cipher));
}

/* ---- which IV ------------------------------------------------------------------------------------------------------ */

/* The first message of a later exchange: hash(last block of Phase 1 | message ID). */
static void attempt_last_block(struct attempts *a, const struct key_row *row,
			       enum cipher_algorithm cipher, enum hash_algorithm hash,
			       const uint8_t *last_block)
{
	uint8_t iv[CIPHER_MAX_BLOCK];

	protect_iv_message(a->crypto, hash, cipher, last_block, a->header->message_id, iv);
	attempt(a, row, cipher, hash, iv, last_block);
}

static bool iv_of_phase_1(const struct attempts *a, enum cipher_algorithm cipher,
			  enum hash_algorithm hash, uint8_t iv[CIPHER_MAX_BLOCK])
{
	if (a->sa->g_xi.length == 0 || a->sa->g_xr.length == 0)
		return false;
	protect_iv_phase1(a->crypto, hash, cipher, a->sa->g_xi, a->sa->g_xr, iv);
	return true;
}

static void attempt_suite(struct attempts *a, const struct key_row *row,
			  enum cipher_algorithm cipher, enum hash_algorithm hash)
{
	const struct traced_exchange *phase_1;
	size_t block = cipher_block_length(cipher);
	uint8_t iv[CIPHER_MAX_BLOCK];
	const uint8_t *last;
	bool made;

	for (unsigned i = 0; (last = blocks_nth(&a->exchange->blocks, i, block)) != NULL; i++)
		attempt(a, row, cipher, hash, last, NULL);
	if (a->header->message_id == 0) {
		if (iv_of_phase_1(a, cipher, hash, iv))
			attempt(a, row, cipher, hash, iv, NULL);
		return;
	}
	if (a->sa->last_block_known)
		attempt_last_block(a, row, cipher, hash, a->sa->last_block);
	if (row->whole && row->keys.established)
		attempt_last_block(a, row, cipher, hash, row->keys.last_block);
	phase_1 = sa_exchange(a->sa, 0, &made);
	for (unsigned i = 0;
	     phase_1 != NULL && (last = blocks_nth(&phase_1->blocks, i, block)) != NULL; i++)
		attempt_last_block(a, row, cipher, hash, last);
	/* AM3 may have been in the clear: then nothing of Phase 1 was encrypted */
	if (iv_of_phase_1(a, cipher, hash, iv))
		attempt_last_block(a, row, cipher, hash, iv);
}

/* ---- which key ----------------------------------------------------------------------------------------------------- */

typedef void with_suite(struct attempts *a, const struct key_row *row, enum cipher_algorithm cipher,
			enum hash_algorithm hash);

/* The ciphers and hashes that a row may be for: agreed upon, said by the row, or anything that the key's length allows. */
static void each_suite(struct attempts *a, const struct key_row *row, with_suite *with)
{
	const struct traced_sa *sa = a->sa;
	enum cipher_algorithm agreed_cipher = CIPHER_3DES;
	enum hash_algorithm agreed_hash = HASH_MD5;
	bool chosen = sa->chosen && ike_proposal_cipher(&sa->proposal, &agreed_cipher) &&
		      ike_proposal_hash(&sa->proposal, &agreed_hash);
	unsigned tried = 0;

	for (int c = 0; c < CIPHER_ALGORITHMS; c++) {
		enum cipher_algorithm cipher = (enum cipher_algorithm)c;

		if (cipher_key_length(cipher) != row->keys.key_length ||
		    (row->whole && row->keys.cipher != cipher) ||
		    (chosen && agreed_cipher != cipher) ||
		    (sa->key != NULL && sa->cipher != cipher))
			continue;
		for (int h = 0; h < HASH_ALGORITHMS; h++) {
			enum hash_algorithm hash = (enum hash_algorithm)h;

			if ((row->whole && row->keys.hash != hash) ||
			    (chosen && agreed_hash != hash) ||
			    (sa->key != NULL && !sa->hash_guessed && sa->hash != hash))
				continue;
			with(a, row, cipher, hash);
			tried++;
		}
	}
	a->others += tried == 0;
}

static void each_row(struct attempts *a, const struct key_log *keys, with_suite *with)
{
	const struct key_row *row;

	a->rows = a->others = 0;
	for (size_t i = 0;
	     i < ROWS_TRIED && (row = key_log_nth(keys, a->sa->cky_i, a->sa->cky_r, i)) != NULL;
	     i++) {
		a->rows++;
		/* the one that has been right before; a better one of the same key may have come since */
		if (a->sa->key == NULL ||
		    secret_equal(octets_of(row->keys.key, row->keys.key_length),
				 octets_of(a->sa->key->keys.key, a->sa->key->keys.key_length)))
			each_suite(a, row, with);
	}
}

/* ---- without an IV ------------------------------------------------------------------------------------------------- */

/* The content of the payload that comes after the unreadable block: SA, Notify and Delete look like nothing else. */
static bool content_fits(uint8_t type, struct octets chain)
{
	struct ipsec_offer offers[IPSEC_OFFERS_MAX];
	struct wire_reader reader;
	struct ike_payload payload;
	struct ike_delete delete;
	struct ike_notify notify;
	uint8_t next;
	size_t count;

	wire_read_from(&reader, chain);
	if (ike_payload_read(&reader, type, &payload, &next) != IKE_ACCEPTED)
		return false;
	if (type == IKE_PAYLOAD_SA)
		return ipsec_offers_parse(payload.body, offers, IPSEC_OFFERS_MAX, &count) ==
		       IKE_ACCEPTED;
	if (type == IKE_PAYLOAD_DELETE)
		return ike_delete_parse(payload.body, &delete) == IKE_ACCEPTED;
	if (type == IKE_PAYLOAD_NOTIFY)
		return ike_notify_parse(payload.body, &notify) == IKE_ACCEPTED &&
		       notify.doi <= IKE_DOI_IPSEC && notify.type != 0;
	return true;
}

static bool take_partial(struct attempts *a, size_t first_length, uint8_t next, size_t hash,
			 size_t block)
{
	struct octets rest = octets_of(a->scratch + IKE_HEADER_LENGTH + first_length,
				       a->wire.length - IKE_HEADER_LENGTH - first_length);
	struct wire_writer writer;

	if (judge(rest, next, hash, block) != READS_WELL || !content_fits(next, rest))
		return false;
	/* what must have stood there; what cannot be known is zero */
	wire_write_to(&writer, a->scratch + IKE_HEADER_LENGTH, block);
	wire_write_u8(&writer, next);
	wire_write_u8(&writer, 0);
	wire_write_u16(&writer, (uint16_t)first_length);
	wire_write_zeros(&writer, block - IKE_GENERIC_LENGTH);
	return true;
}

/* With any IV all blocks but the first are right: the payloads behind it can be found where the first one's length is known. */
static void attempt_partial(struct attempts *a, const struct key_row *row,
			    enum cipher_algorithm cipher, enum hash_algorithm hash)
{
	/* the pickiest first: to NOTIFY an SA payload looks like one of its own */
	static const uint8_t behind_hash[] = {IKE_PAYLOAD_SA, IKE_PAYLOAD_DELETE,
					      IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_ATTRIBUTES};
	static const uint8_t behind_id[] = {IKE_PAYLOAD_HASH, IKE_PAYLOAD_CERT, IKE_PAYLOAD_SIG};
	static const uint8_t iv[CIPHER_MAX_BLOCK];
	size_t block = cipher_block_length(cipher), length = a->wire.length - IKE_HEADER_LENGTH,
	       hash_octets_length = hash_length(hash);
	uint8_t next[CIPHER_MAX_BLOCK];
	bool found = false;

	if (a->best != GARBAGE || length <= block ||
	    protect_decrypt(a->crypto, cipher, row->keys.key, iv, a->wire, a->scratch, next) !=
		IKE_ACCEPTED)
		return;
	if (a->header->next_payload == IKE_PAYLOAD_HASH)
		for (size_t i = 0; i < sizeof(behind_hash) && !found; i++)
			found = IKE_GENERIC_LENGTH + hash_octets_length < length &&
				take_partial(a, IKE_GENERIC_LENGTH + hash_octets_length,
					     behind_hash[i], hash_octets_length, block);
	if (a->header->next_payload == IKE_PAYLOAD_ID)
		for (size_t at = block; at < length && !found; at++)
			for (size_t i = 0; i < sizeof(behind_id) && !found; i++)
				found =
				    take_partial(a, at, behind_id[i], hash_octets_length, block);
	if (!found)
		return;
	memcpy(a->clear, a->scratch, a->wire.length);
	a->best = READS_WELL;
	a->partial = true;
	a->row = row;
	a->cipher = cipher;
	a->hash = hash;
}

/* ---- why not ------------------------------------------------------------------------------------------------------- */

static void say_why_partial(const struct attempts *a, struct told *told)
{
	const struct traced_sa *sa = a->sa;
	bool known =
	    a->exchange->messages == 0 && a->header->message_id != 0 && sa->last_block_known;
	const char *why =
	    known                       ? "damaged, for the IV is known"
	    : a->exchange->messages > 0 ? "a message of this exchange before it is missing"
	    : sa->g_xi.length == 0 || sa->g_xr.length == 0
		? "Phase 1 is not in the capture, so the IV is not known (our own key log with "
		  "LAST_BLOCK would help)"
		: "a message before it is missing, so the IV is not known";

	if (known)
		told_anomaly(told, IKE_UNREADABLE, "its first block");
	snprintf(told->reason, sizeof(told->reason),
		 "%s: the first block cannot be read, only what follows", why);
}

static bool say(struct told *told, const char *why)
{
	snprintf(told->reason, sizeof(told->reason), "%s", why);
	return false;
}

static bool say_why_not(const struct attempts *a, const struct key_log *keys, struct told *told)
{
	const struct traced_sa *sa = a->sa;
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;

	if (keys == NULL || key_log_count(keys) == 0)
		return say(told, "no keys were given (--keys)");
	if (a->rows == 0)
		return say(told, "none of the keys is for these cookies");
	if (sa->chosen && !ike_proposal_cipher(&sa->proposal, &cipher))
		return say(told, "its cipher is not known here");
	if (sa->chosen && !ike_proposal_hash(&sa->proposal, &hash))
		return say(told, "its hash is not known here, so neither is the IV");
	if (a->others == a->rows)
		return say(told, "the key is not of this SA: it is for another cipher or hash");
	if (sa->key != NULL && a->ivs == 0)
		return say(told, "a message before it is missing, so the IV is not known");
	if (sa->key != NULL) {
		told_anomaly(told, IKE_UNREADABLE, "the key is right for other messages");
		return say(told, "it does not decrypt, with a key that is right for other messages "
				 "of this SA: damaged, or what it continues is missing");
	}
	if (a->ivs == 0 || (a->header->message_id != 0 && !sa->last_block_known &&
			    (sa->g_xi.length == 0 || sa->g_xr.length == 0)))
		return say(told, "Phase 1 is not in the capture, so the IV is not known: give our "
				 "own key log with LAST_BLOCK; or the key is not of this SA");
	return say(told, "the key is not of this SA");
}

static size_t payloads_length(const struct attempts *a)
{
	struct ike_payload payload;
	struct wire_reader reader;
	uint8_t type = a->header->next_payload;

	wire_read_from(&reader,
		       octets_of(a->clear + IKE_HEADER_LENGTH, a->wire.length - IKE_HEADER_LENGTH));
	while (type != IKE_PAYLOAD_NONE)
		if (ike_payload_read(&reader, type, &payload, &type) != IKE_ACCEPTED)
			return a->wire.length;
	return a->wire.length - reader.left;
}

bool chains_decrypt(struct crypto *crypto, const struct key_log *keys, struct traced_sa *sa,
		    struct traced_exchange *exchange, struct told *told, uint8_t *clear)
{
	struct attempts a = {.crypto = crypto,
			     .sa = sa,
			     .exchange = exchange,
			     .header = &told->message.header,
			     .wire = told->wire,
			     .clear = clear};

	if (told->wire.length <= IKE_HEADER_LENGTH ||
	    (told->wire.length - IKE_HEADER_LENGTH) % cipher_block_length(CIPHER_3DES) != 0) {
		told_anomaly(told, IKE_BAD_CIPHERTEXT_LENGTH, "%zu octets behind the header",
			     told->wire.length - IKE_HEADER_LENGTH);
		return say(told, "its ciphertext is no whole number of blocks");
	}
	a.scratch = malloc(told->wire.length);
	if (a.scratch == NULL)
		return say(told, "no memory");
	if (keys != NULL) {
		each_row(&a, keys, attempt_suite);
		if (a.best == GARBAGE)
			each_row(&a, keys, attempt_partial);
	}
	secret_wipe(a.scratch, told->wire.length);
	free(a.scratch);
	if (a.best == GARBAGE)
		return say_why_not(&a, keys, told);
	sa->hash_guessed = a.partial && !sa->chosen && !a.row->whole;
	sa->key = a.row;
	sa->cipher = a.cipher;
	sa->hash = a.hash;
	if (a.by_last_block && a.best >= TRAILS) {
		sa->last_block_known = true;
		memcpy(sa->last_block, a.last_block, sizeof(sa->last_block));
	}
	told->partial = a.partial;
	told->unread = a.partial ? cipher_block_length(a.cipher) : 0;
	if (a.partial)
		say_why_partial(&a, told);
	told->clear = octets_of(clear, told->wire.length);
	told->plain_length = a.best >= TRAILS ? payloads_length(&a) : told->wire.length;
	return true;
}

/* ---- HASH(1) to HASH(3) -------------------------------------------------------------------------------------------- */

void chains_verify(struct crypto *crypto, const struct traced_sa *sa,
		   const struct traced_exchange *exchange, enum ike_message_kind kind,
		   struct told *told)
{
	const struct ike_message *message = &told->message;
	uint8_t expected[HASH_MAX_LENGTH];
	struct octets rest;
	uint32_t id = message->header.message_id;

	if (sa->key == NULL || !sa->key->whole || message->payloads == 0 || told->partial ||
	    id == 0 || message->payload[0].type != IKE_PAYLOAD_HASH)
		return;
	rest = ike_payloads_chain(message);
	rest.data += message->payload[0].whole.length;
	rest.length -= message->payload[0].whole.length;
	if (kind == IKE_QM2 || kind == IKE_QM3) {
		if (exchange->ni.length == 0 || (kind == IKE_QM3 && exchange->nr.length == 0))
			return; /* they are not in the capture */
		if (kind == IKE_QM2)
			protect_hash_2(crypto, sa->hash, sa->key->keys.skeyid_a, id, exchange->ni,
				       rest, expected);
		else
			protect_hash_3(crypto, sa->hash, sa->key->keys.skeyid_a, id, exchange->ni,
				       exchange->nr, expected);
		told->hash_name = kind == IKE_QM2 ? "HASH(2)" : "HASH(3)";
	} else {
		protect_hash_1(crypto, sa->hash, sa->key->keys.skeyid_a, id, rest, expected);
		told->hash_name = kind == IKE_QM4 ? "HASH(4)" : "HASH(1)";
	}
	told->hash =
	    secret_equal(message->payload[0].body, octets_of(expected, hash_length(sa->hash)))
		? TOLD_HASH_RIGHT
		: TOLD_HASH_WRONG;
}
