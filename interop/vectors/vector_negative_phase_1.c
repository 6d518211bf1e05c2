/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "crypto/dh.h"
#include "ike/payload.h"
#include "ike/protect.h"
#include "interop/vectors/vector_negative.h"

#define STEP     (10 * IKE_MILLISECOND)
#define MOST     (5 * IKE_SECOND)        /* until the message with the defect has been sent */
#define PATIENCE (300 * IKE_MILLISECOND) /* for the answer; less than any retransmission */

/*
 * A set whose defect is in a message of Phase 1: the datagram with this index, changed between its sender and the network.  An
 * encrypted one is changed in the clear, and encrypted again.
 */
struct negative {
	struct vector_set set; /* first: alter() gets a pointer to it */
	size_t at;
	bool encrypted;
	void (*change)(struct vector_world *world, struct vector_datagram *datagram);
};

/* ---- where things are ---------------------------------------------------------------------------------------------- */

/* The body of a payload in a message in the clear, to be written into. */
static uint8_t *body_of(struct vector_datagram *datagram, enum ike_payload_type type,
			size_t *length)
{
	const struct ike_payload *payload;
	struct ike_message message;

	if (ike_header_parse(octets_of(datagram->data, datagram->length), &message.header) !=
		IKE_ACCEPTED ||
	    ike_payloads_parse(
		octets_of(datagram->data + IKE_HEADER_LENGTH, datagram->length - IKE_HEADER_LENGTH),
		true, CIPHER_MAX_BLOCK, &message) != IKE_ACCEPTED)
		return NULL;
	payload = ike_payload_find(&message, type);
	if (payload == NULL)
		return NULL;
	*length = payload->body.length;
	return datagram->data + (payload->body.data - datagram->data);
}

static void write_length(uint8_t *at, size_t length, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		at[i] = (uint8_t)(length >> 8 * (octets - 1 - i));
}

/* Takes octets out of the front of a payload's body, and all lengths follow. */
static void shorten(struct vector_datagram *datagram, enum ike_payload_type type, size_t octets)
{
	size_t length, behind;
	uint8_t *body = body_of(datagram, type, &length);

	if (body == NULL)
		return;
	behind = datagram->length - (size_t)(body - datagram->data) - octets;
	memmove(body, body + octets, behind);
	datagram->length -= octets;
	write_length(body - 2, IKE_GENERIC_LENGTH + length - octets, 2);
	write_length(datagram->data + IKE_HEADER_LENGTH_AT, datagram->length, 4);
}

static void put(struct vector_datagram *datagram, enum ike_payload_type type, size_t offset,
		uint8_t value)
{
	size_t length;
	uint8_t *body = body_of(datagram, type, &length);

	if (body != NULL && offset < length)
		body[offset] = value;
}

static void fill(struct vector_datagram *datagram, enum ike_payload_type type, uint8_t first,
		 uint8_t middle, uint8_t last)
{
	size_t length;
	uint8_t *body = body_of(datagram, type, &length);

	if (body == NULL)
		return;
	memset(body, middle, length);
	body[0] = first;
	body[length - 1] = last;
}

/* ---- changes ------------------------------------------------------------------------------------------------------- */

/* Body of the SA payload: DOI 4, situation 4, then the proposal's generic header. */
static void other_doi(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	put(datagram, IKE_PAYLOAD_SA, 3, 2);
}

static void other_situation(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	put(datagram, IKE_PAYLOAD_SA, 7, 2);
}

/* Attributes begin after the headers of SA, proposal (8) and transform (8); the value of a basic one is its last octet. */
#define FIRST_ATTRIBUTE (8 + 8 + 8)

static size_t attribute_at(struct vector_datagram *datagram, uint8_t type)
{
	size_t length;
	const uint8_t *body = body_of(datagram, IKE_PAYLOAD_SA, &length);

	for (size_t at = FIRST_ATTRIBUTE; body != NULL && at + 4 <= length; at += 4)
		if (body[at] == 0x80 && body[at + 1] == type)
			return at + 3;
	return SIZE_MAX;
}

static void other_hash(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	put(datagram, IKE_PAYLOAD_SA, attribute_at(datagram, IKE_ATTRIBUTE_HASH), IKE_HASH_MD5);
}

static void zero_public(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	fill(datagram, IKE_PAYLOAD_KE, 0, 0, 0);
}

static void one_public(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	fill(datagram, IKE_PAYLOAD_KE, 0, 0, 1);
}

static void large_public(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	fill(datagram, IKE_PAYLOAD_KE, 0xff, 0xff, 0xff);
}

/* Of p - 1: the prime of group 2 (RFC 2409 section 6.2), the last bit of which is set as that of every prime. */
static void less_one_public(struct vector_world *world, struct vector_datagram *datagram)
{
	static const uint8_t prime[] = {
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x0f, 0xda, 0xa2, 0x21,
	    0x68, 0xc2, 0x34, 0xc4, 0xc6, 0x62, 0x8b, 0x80, 0xdc, 0x1c, 0xd1, 0x29, 0x02,
	    0x4e, 0x08, 0x8a, 0x67, 0xcc, 0x74, 0x02, 0x0b, 0xbe, 0xa6, 0x3b, 0x13, 0x9b,
	    0x22, 0x51, 0x4a, 0x08, 0x79, 0x8e, 0x34, 0x04, 0xdd, 0xef, 0x95, 0x19, 0xb3,
	    0xcd, 0x3a, 0x43, 0x1b, 0x30, 0x2b, 0x0a, 0x6d, 0xf2, 0x5f, 0x14, 0x37, 0x4f,
	    0xe1, 0x35, 0x6d, 0x6d, 0x51, 0xc2, 0x45, 0xe4, 0x85, 0xb5, 0x76, 0x62, 0x5e,
	    0x7e, 0xc6, 0xf4, 0x4c, 0x42, 0xe9, 0xa6, 0x37, 0xed, 0x6b, 0x0b, 0xff, 0x5c,
	    0xb6, 0xf4, 0x06, 0xb7, 0xed, 0xee, 0x38, 0x6b, 0xfb, 0x5a, 0x89, 0x9f, 0xa5,
	    0xae, 0x9f, 0x24, 0x11, 0x7c, 0x4b, 0x1f, 0xe6, 0x49, 0x28, 0x66, 0x51, 0xec,
	    0xe6, 0x53, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	size_t length;
	uint8_t *body = body_of(datagram, IKE_PAYLOAD_KE, &length);

	(void)world;
	if (body == NULL || length != sizeof(prime))
		return;
	memcpy(body, prime, length);
	body[length - 1]--;
}

static void short_public(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	shorten(datagram, IKE_PAYLOAD_KE, 1);
}

static void off_the_curve(struct vector_world *world, struct vector_datagram *datagram)
{
	size_t length;
	uint8_t *body = body_of(datagram, IKE_PAYLOAD_KE, &length);

	(void)world;
	if (body != NULL)
		body[length - 1] ^= 1;
}

static void short_nonce(struct vector_world *world, struct vector_datagram *datagram)
{
	size_t length;

	(void)world;
	if (body_of(datagram, IKE_PAYLOAD_NONCE, &length) != NULL)
		shorten(datagram, IKE_PAYLOAD_NONCE, length - 7);
}

static void wrong_hash(struct vector_world *world, struct vector_datagram *datagram)
{
	size_t length;
	uint8_t *body = body_of(datagram, IKE_PAYLOAD_HASH, &length);

	(void)world;
	if (body != NULL)
		body[0] ^= 1;
}

static void wrong_signature(struct vector_world *world, struct vector_datagram *datagram)
{
	size_t length;
	uint8_t *body = body_of(datagram, IKE_PAYLOAD_SIG, &length);

	(void)world;
	if (body != NULL)
		body[length / 2] ^= 1;
}

static void nothing(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	(void)datagram;
}

/* ---- on the way ---------------------------------------------------------------------------------------------------- */

/* The IV of a datagram of Phase 1: of the public values, or the end of the datagram before it. */
static bool find_iv(struct vector_world *world, const struct ike_keys *keys, size_t index,
		    uint8_t iv[CIPHER_MAX_BLOCK])
{
	struct octets value[2];
	size_t block = cipher_block_length(keys->cipher);

	if (world->datagram[index - 1].data[IKE_HEADER_FLAGS_AT] & IKE_FLAG_ENCRYPTION) {
		const struct vector_datagram *before = &world->datagram[index - 1];

		memcpy(iv, before->data + before->length - block, block);
		return true;
	}
	for (size_t i = 0; i < 2; i++) {
		size_t length;
		const uint8_t *body = body_of(&world->datagram[2 + i], IKE_PAYLOAD_KE, &length);

		if (body == NULL)
			return false;
		value[i] = octets_of(body, length);
	}
	protect_iv_phase1(world->crypto, keys->hash, keys->cipher, value[0], value[1], iv);
	return true;
}

static void change_inside(struct vector_world *world, const struct negative *negative,
			  struct vector_datagram *datagram)
{
	struct vector_datagram clear = *datagram;
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK];
	struct wire_writer writer;
	struct ike_keys keys;

	if (!ike_export_keys(world->end[datagram->from].core, datagram->data,
			     datagram->data + IKE_COOKIE_LENGTH, &keys) ||
	    !find_iv(world, &keys, negative->at, iv) ||
	    protect_decrypt(world->crypto, keys.cipher, keys.key, iv,
			    octets_of(datagram->data, datagram->length), clear.data,
			    next_iv) != IKE_ACCEPTED)
		return;
	negative->change(world, &clear);
	wire_write_to(&writer, clear.data, sizeof(clear.data));
	writer.length = clear.length;
	if (!protect_encrypt(world->crypto, keys.cipher, keys.key, iv, &writer))
		return;
	memcpy(datagram->data, clear.data, writer.length);
	datagram->length = writer.length;
	secret_wipe(&keys, sizeof(keys));
}

static bool alter(struct vector_world *world, struct vector_datagram *datagram)
{
	const struct negative *negative = (const struct negative *)(const void *)world->set;
	size_t index = (size_t)(datagram - world->datagram);

	if (index != negative->at)
		return true;
	world->defect = index;
	if (negative->encrypted)
		change_inside(world, negative, datagram);
	else
		negative->change(world, datagram);
	return true;
}

/* Until the defect has been answered or not, and before anybody repeats himself. */
static void play(struct vector_world *world)
{
	const struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};

	world->alter = alter;
	/* without memory nothing is sent, and the set's own check says so */
	if (!vector_world_start(world, VECTOR_B) || !vector_world_start(world, VECTOR_A) ||
	    !ike_command(world->end[VECTOR_A].core, world->now, &start))
		return;
	for (ike_time t = 0; t < MOST && world->defect == VECTOR_DATAGRAMS; t += STEP)
		vector_world_run(world, STEP);
	vector_world_run(world, PATIENCE);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

#define SET(title, offer, more, how, wrong, expected, answer)                                      \
	.set = {                                                                                   \
	    .name = "negative-" title,                                                             \
	    .proposal = (offer),                                                                   \
	    .options = (how),                                                                      \
	    .sections = more,                                                                      \
	    .play = play,                                                                          \
	    .description = "Phase 1 until a message with one defect, and what follows at once",    \
	    .defect = {.what = (wrong), .verdict = IKE_##expected, .notify = (answer)},            \
	}
#define MODP "aes128-sha1-modp1024"

/* clang-format off */
static const struct negative negatives[] = {
	{SET("mm1-doi", MODP, "RFC 2407 section 4.1", 0,
	     "the DOI of MM1 is 2", BAD_DOI, 2), .at = 0, .change = other_doi},
	{SET("mm1-situation", MODP, "RFC 2407 section 4.2", 0,
	     "the situation of MM1 is SIT_SECRECY", BAD_SITUATION, 3), .at = 0, .change = other_situation},
	{SET("mm1-no-proposal", MODP, "RFC 2408 section 5.4", 0,
	     "MM1 offers MD5 alone, which B does not take", NO_PROPOSAL_CHOSEN, 14), .at = 0, .change = other_hash},
	{SET("mm2-changed", MODP, "RFC 2409 section 5", 0,
	     "MM2 chooses MD5, which was not offered", PROPOSAL_CHANGED, 15), .at = 1, .change = other_hash},
	{SET("mm3-public-0", MODP, "RFC 2408 section 5.7", 0,
	     "the initiator's public value is 0", BAD_KEY_EXCHANGE, 17), .at = 2, .change = zero_public},
	{SET("mm3-public-1", MODP, "RFC 2408 section 5.7", 0,
	     "the initiator's public value is 1", BAD_KEY_EXCHANGE, 17), .at = 2, .change = one_public},
	{SET("mm3-public-p-less-1", MODP, "RFC 2408 section 5.7", 0,
	     "the initiator's public value is p - 1", BAD_KEY_EXCHANGE, 17), .at = 2, .change = less_one_public},
	{SET("mm3-public-too-large", MODP, "RFC 2408 section 5.7", 0,
	     "the initiator's public value is greater than p", BAD_KEY_EXCHANGE, 17), .at = 2, .change = large_public},
	{SET("mm3-public-short", MODP, "RFC 2408 section 5.7;RFC 2409 section 5", 0,
	     "the first octet of the initiator's public value is missing", BAD_KEY_EXCHANGE, 17), .at = 2, .change = short_public},
	{SET("mm3-public-off-curve", "aes128-sha1-ecp256", "RFC 2408 section 5.7;RFC 5903 section 7", 0,
	     "the initiator's public value is no point of the curve", BAD_KEY_EXCHANGE, 17), .at = 2, .change = off_the_curve},
	{SET("mm4-public-0-x25519", "aes128-sha1-x25519", "RFC 2408 section 5.7;RFC 7748 section 6.1", 0,
	     "the responder's public value of Curve25519 is 0", BAD_KEY_EXCHANGE, 17), .at = 3, .change = zero_public},
	{SET("mm3-nonce-short", MODP, "RFC 2409 section 5", 0,
	     "the initiator's nonce has seven octets", BAD_NONCE, 16), .at = 2, .change = short_nonce},
	{SET("mm5-hash-wrong", MODP, "RFC 2409 section 5", 0,
	     "one bit of HASH_I is another", AUTHENTICATION_FAILED, 24), .at = 4, .encrypted = true, .change = wrong_hash},
	{SET("mm6-hash-wrong", MODP, "RFC 2409 section 5", 0,
	     "one bit of HASH_R is another", AUTHENTICATION_FAILED, 24), .at = 5, .encrypted = true, .change = wrong_hash},
	{SET("mm5-signature-wrong", MODP, "RFC 2409 section 5.1", VECTOR_RSA,
	     "one bit of SIG_I is another", BAD_SIGNATURE, 25), .at = 4, .encrypted = true, .change = wrong_signature},
	{SET("mm5-secrets-differ", MODP, "RFC 2409 section 5", VECTOR_OTHER_SECRET,
	     "A and B have other pre-shared keys", UNREADABLE, 16), .at = 4, .change = nothing},
};
/* clang-format on */

#define NEGATIVES (sizeof(negatives) / sizeof(negatives[0]))

size_t vector_negatives_of_phase_1(void)
{
	return NEGATIVES;
}

const struct vector_set *vector_negative_of_phase_1(size_t index)
{
	return index < NEGATIVES ? &negatives[index].set : NULL;
}
