/* SPDX-License-Identifier: ISC */
/*
 * vector_trace.h - what was sent in a set's world, taken apart and computed once more: the values of a set.
 *
 * The engines are not asked.  Private values come from the seeds, secrets from the settings, all else from the wire; every message is
 * decrypted with what follows from these, its HASH is recomputed, and it is encrypted again, which must give the octets that were
 * sent.  So what is wrong here or in the engine is found while a set is made.
 *
 * With a planted mistake (vector_formula.h) the last step gives other octets, and these are then what was sent.
 */
#ifndef INTEROP_VECTORS_VECTOR_TRACE_H
#define INTEROP_VECTORS_VECTOR_TRACE_H

#include "crypto/dh.h"
#include "ike/exchange.h"
#include "ike/ipsec_proposal.h"
#include "interop/esp/esp_packet.h"
#include "interop/vectors/vector_formula.h"
#include "interop/vectors/vector_world.h"

#define VECTOR_SAS           8
#define VECTOR_QUICKS        8
#define VECTOR_MESSAGES      VECTOR_DATAGRAMS
#define VECTOR_MESSAGE       4096 /* octets of one */
#define VECTOR_PARTS         8    /* fragments of one */
#define VECTOR_HASHES        4    /* of one message */
#define VECTOR_INPUTS        8    /* parts of what is hashed */
#define VECTOR_PRIVATE       66   /* octets of a private value: ECP 521 */
#define VECTOR_KEYMAT_BLOCKS 4

struct vector_dh {
	enum dh_group group;
	uint16_t number; /* enum ike_group */
	struct octets public_i, public_r;
	struct octets private_i, private_r, g_xy; /* views of the next three */
	uint8_t private_i_octets[VECTOR_PRIVATE], private_r_octets[VECTOR_PRIVATE];
	uint8_t g_xy_octets[DH_MAX_LENGTH];
};

/* An SA as its own messages show it: once by the right formulas, once as it is told, which differs only with a mistake. */
struct vector_sa {
	unsigned number;
	enum vector_party initiator;
	uint8_t exchange;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_proposal proposal;
	uint16_t authentication;
	uint32_t lifetime;
	struct octets sai_b, idii_b, idir_b, ni_b, nr_b; /* length 0: not seen */
	size_t sig_i_length, sig_r_length;               /* 0: no signatures, or never made */
	uint8_t sig_i[SIGNATURE_MAX_LENGTH], sig_r[SIGNATURE_MAX_LENGTH];
	struct vector_dh dh;
	bool keyed, done; /* done: last_block is known */
	bool has_hash_i, has_hash_r;
	struct vector_keys right, told;
};

enum vector_iv { VECTOR_IV_INITIAL, VECTOR_IV_PREVIOUS, VECTOR_IV_MESSAGE_ID, VECTOR_IV_WRONG };

/* A packet of the IPsec SAs; `room` from `at` on, `length` octets of it. */
#define VECTOR_ESP_PACKETS 3  /* each way */
#define VECTOR_ESP_INNER   64 /* octets at most */
struct vector_esp {
	uint32_t number;
	size_t iv_length, inner_length, padding, icv; /* octets */
	uint8_t iv[ESP_IV_MAX];
	uint8_t inner[VECTOR_ESP_INNER];
	uint8_t room[ESP_HEADROOM + VECTOR_ESP_INNER + ESP_TAILROOM];
	size_t at, length;
};

struct vector_quick {
	struct vector_sa *sa;
	enum vector_party initiator;
	uint32_t message_id;
	struct octets ni_b, nr_b, id_ci, id_cr; /* length 0: not sent */
	struct ipsec_offer choice; /* the responder's, so that spi is the responder's */
	uint32_t spi_i;
	bool pfs, complete;
	struct vector_dh dh;
	size_t encryption_key, authentication_key; /* octets */
	size_t blocks;                             /* of KEYMAT, each way */
	uint8_t keymat[VECTOR_PARTIES]
		      [VECTOR_KEYMAT_BLOCKS * PRF_MAX_LENGTH];     /* under spi_i, under spi_r */
	struct vector_esp esp[VECTOR_PARTIES][VECTOR_ESP_PACKETS]; /* the same */
};

struct vector_input {
	const char *name;
	struct octets octets;
};

struct vector_hash {
	const char *kind; /* "HASH(1)" */
	enum hash_algorithm algorithm;
	struct vector_input key; /* name NULL: a plain hash */
	size_t inputs;
	struct vector_input input[VECTOR_INPUTS];
	uint8_t value[HASH_MAX_LENGTH];
	size_t payload; /* index; SIZE_MAX: it is signed, or missing */
	bool holds;
	uint8_t memory[64]; /* what inputs have no other place for */
};

struct vector_message {
	unsigned number;
	size_t parts, part[VECTOR_PARTS]; /* indices of its datagrams, the first time */
	bool whole;                       /* all of its fragments are there */
	enum vector_party from;
	struct vector_sa *sa;       /* NULL: none that has keys, or none at all */
	struct vector_quick *quick; /* NULL: no Quick Mode's */
	const char *name;           /* NULL: cannot be told */
	size_t length;
	uint8_t wire[VECTOR_MESSAGE];
	uint8_t plain[VECTOR_MESSAGE]; /* in the clear, padding included */
	bool encrypted, decrypted, readable;
	enum vector_iv iv_from;
	uint8_t iv[CIPHER_MAX_BLOCK], last_block[CIPHER_MAX_BLOCK]; /* as told */
	uint8_t right_iv[CIPHER_MAX_BLOCK], right_last_block[CIPHER_MAX_BLOCK];
	size_t block;               /* octets */
	size_t padding;             /* octets */
	struct ike_message message; /* views into plain */
	size_t hashes;
	struct vector_hash hash[VECTOR_HASHES];
	bool is_signed;      /* with a signature: of HASH_I or HASH_R, which is hash[0] */
	size_t signature_at; /* index of the payload */
};

struct vector_trace {
	struct vector_world *world;
	const struct vector_formulas *formulas;
	size_t sas, quicks, messages;
	struct vector_sa sa[VECTOR_SAS];
	struct vector_quick quick[VECTOR_QUICKS];
	struct vector_message message[VECTOR_MESSAGES];
	size_t
	    message_of[VECTOR_DATAGRAMS]; /* index into message; VECTOR_MESSAGES: a NAT keepalive */
	size_t repeats
	    [VECTOR_DATAGRAMS]; /* index of the datagram that was the same; VECTOR_DATAGRAMS: none */
	struct {
		size_t length;
		uint8_t data[IKE_DATAGRAM_MAX];
	} original[VECTOR_DATAGRAMS]; /* as the engines sent them */
};

/*
 * The world and the formulas are to be left alone from now on; with a mistake the world's datagrams are changed.  NULL: see fault.
 */
struct vector_trace *vector_trace_new(struct vector_world *world,
				      const struct vector_formulas *formulas,
				      struct fault *fault) IKE_MUST_USE;
void vector_trace_free(struct vector_trace *trace); /* NULL is allowed */

/* The payloads of a plaintext one after the other, however many they are. */
struct vector_walk {
	struct wire_reader reader; /* at what is left */
	uint8_t next;              /* type of the next one; IKE_PAYLOAD_NONE: that was all */
};
void vector_walk_begin(struct vector_walk *walk, const struct vector_message *message);
/* False: there is no more, or what there is is no payload. */
bool vector_walk_next(struct vector_walk *walk, struct ike_payload *payload) IKE_MUST_USE;

/* Whether it is the one with the set's defect. */
bool vector_trace_is_defect(const struct vector_trace *trace, const struct vector_message *message);
/* The message before it in the same exchange, from which its IV comes; NULL: it is the first that is encrypted. */
const struct vector_message *vector_trace_previous(const struct vector_trace *trace,
						   const struct vector_message *message);
/* Whether a datagram is a fragment, and which. */
struct fragment;
bool vector_trace_fragment(const struct vector_datagram *datagram, struct fragment *fragment);
/* The private values and g^xy of two public ones. */
bool vector_trace_agree(struct vector_world *world, enum vector_party initiator,
			struct vector_dh *dh, struct fault *fault) IKE_MUST_USE;

#endif
