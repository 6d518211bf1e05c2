/* SPDX-License-Identifier: ISC */
/*
 * fuzz_esp.c - two ends of some tunnels, and what may come to either: ESP packets of strangers, of whoever has the keys and puts
 * anything into them, those of the other end again and changed, and inner packets that are to leave.
 *
 * The input: an octet for the algorithms of all three pairs, then operations.  An operation is an octet (what in its lowest three
 * bits, how in the others) and what it takes from the input, see operation[].  The pairs: 1 for 10.1.0.0/16 to 10.2.0.0/16, 2 the same
 * in IPv6, 3 for UDP from there to port 1701 at 10.2.0.7.
 *
 * What must hold: a stranger's packet is never accepted; a number is accepted once; what is accepted lies inside the packet and is
 * for its pair; what is refused changes nothing but counters; what one end seals the other one opens, to the same octets; nothing
 * is told twice.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/registry.h"
#include "interop/esp/esp_plane.h"
#include "tests/fuzz/fuzz.h"

#define PAIRS    3
#define LONGEST  1600
#define NUMBERS  1024 /* of a pair, that may be accepted while one input runs */
#define FORMS    8
#define HMAC_ICV 12

static const struct form {
	uint16_t encryption, key_bits, authentication;
	uint8_t encryption_key, authentication_key; /* octets */
} forms[FORMS] = {
    {IKE_ESP_TRANSFORM_AES, 128, IKE_ESP_AUTHENTICATION_HMAC_SHA1, 16, 20},
    {IKE_ESP_TRANSFORM_NULL, 0, IKE_ESP_AUTHENTICATION_HMAC_SHA1, 0, 20},
    {IKE_ESP_TRANSFORM_AES_GCM_16, 128, 0, 20, 0},
    {IKE_ESP_TRANSFORM_3DES, 0, IKE_ESP_AUTHENTICATION_HMAC_MD5, 24, 16},
    {IKE_ESP_TRANSFORM_AES, 256, IKE_ESP_AUTHENTICATION_HMAC_SHA2_256, 32, 32},
    {IKE_ESP_TRANSFORM_AES_GCM_16, 256, 0, 36, 0},
    {IKE_ESP_TRANSFORM_AES, 192, IKE_ESP_AUTHENTICATION_HMAC_SHA1, 24, 20},
    {IKE_ESP_TRANSFORM_NULL, 0, IKE_ESP_AUTHENTICATION_HMAC_SHA2_256, 0, 32},
};

struct scene {
	const struct form *form;
	struct esp_plane *left, *right;
	struct ike_ipsec_sa at_left[PAIRS], at_right[PAIRS];
	uint8_t
	    last[LONGEST + ESP_HEADROOM + ESP_TAILROOM]; /* the last ESP packet that was sealed */
	size_t last_length;
	bool last_came; /* as it was sealed */
	uint32_t accepted[PAIRS][NUMBERS];
	size_t accepted_count[PAIRS];
	uint64_t opened, sealed; /* calls */
	ike_time now;
};

/* ---- the scene ----------------------------------------------------------------------------------------------------------- */

static struct ike_selector selector(uint8_t family, const uint8_t *address, uint8_t bits)
{
	struct ike_selector made = {.prefix = {.address = {.family = family}, .bits = bits}};

	memcpy(made.prefix.address.octets, address, (size_t)bits / 8);
	return made;
}

static void describe(const struct scene *scene, unsigned pair, struct ike_ipsec_sa *left,
		     struct ike_ipsec_sa *right)
{
	static const uint8_t v4[2][4] = {{10, 1}, {10, 2, 0, 7}};
	static const uint8_t v6[2][16] = {{0x20, 1, 13, 184, 0, 1}, {0x20, 1, 13, 184, 0, 2}};
	const uint8_t family = pair == 1 ? IKE_FAMILY_IPV6 : IKE_FAMILY_IPV4;

	memset(left, 0, sizeof(*left));
	left->number = pair + 1;
	left->spi_in = 0x1001 + pair;
	left->spi_out = 0x2001 + pair;
	left->local.family = left->remote.family = IKE_FAMILY_IPV4;
	left->local.octets[0] = 1;
	left->remote.octets[0] = 2;
	left->inside_local = selector(family, pair == 1 ? v6[0] : v4[0], pair == 1 ? 48 : 16);
	left->inside_remote = selector(family, pair == 1 ? v6[1] : v4[1],
				       pair == 1   ? 48
				       : pair == 2 ? 32
						   : 16);
	if (pair == 2) {
		left->inside_local.protocol = left->inside_remote.protocol = 17;
		left->inside_remote.port = 1701;
	}
	left->proposal.encryption = scene->form->encryption;
	left->proposal.key_bits = scene->form->key_bits;
	left->proposal.authentication = scene->form->authentication;
	left->encryption_key_length = scene->form->encryption_key;
	left->authentication_key_length = scene->form->authentication_key;
	for (size_t i = 0; i < IKE_IPSEC_KEYMAT_MAX; i++)
		left->keymat_out[i] = left->keymat_in[i] = (uint8_t)(i * 3 + pair);
	*right = *left;
	right->local = left->remote;
	right->remote = left->local;
	right->inside_local = left->inside_remote;
	right->inside_remote = left->inside_local;
	right->spi_in = left->spi_out;
	right->spi_out = left->spi_in;
}

static void open_scene(struct scene *scene, uint8_t options)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {9};
	struct random_source random;
	struct fault fault;

	memset(scene, 0, sizeof(*scene));
	scene->form = &forms[options % FORMS];
	random_seeded(&random, seed);
	scene->left = esp_plane_new(&random, PAIRS);
	scene->right = esp_plane_new(&random, PAIRS);
	FUZZ_REQUIRE(scene->left != NULL && scene->right != NULL);
	for (unsigned pair = 0; pair < PAIRS; pair++) {
		describe(scene, pair, &scene->at_left[pair], &scene->at_right[pair]);
		FUZZ_REQUIRE(esp_plane_add(scene->left, &scene->at_left[pair], &fault));
		FUZZ_REQUIRE(esp_plane_add(scene->right, &scene->at_right[pair], &fault));
	}
}

/* An exact piece of memory, so that one octet too many is seen. */
static uint8_t *lay_out(struct esp_buffer *buffer, const uint8_t *octets, size_t length,
			size_t before, size_t behind)
{
	uint8_t *memory = malloc(before + length + behind + 1);

	FUZZ_REQUIRE(memory != NULL);
	if (length > 0)
		memcpy(memory + before, octets, length);
	*buffer = (struct esp_buffer){memory + before, length, length + behind};
	return memory;
}

/* ---- what comes ------------------------------------------------------------------------------------------------------------ */

static bool within(const struct ike_selector *selector, const uint8_t *address)
{
	return memcmp(selector->prefix.address.octets, address, selector->prefix.bits / 8) == 0;
}

/* Not by the code under test: octets at their places. */
static void check_inner(const struct ike_ipsec_sa *sa, const struct esp_buffer *inner)
{
	const uint8_t *at = inner->data;
	const bool v4 = sa->inside_local.prefix.address.family == IKE_FAMILY_IPV4;

	FUZZ_REQUIRE(inner->length >= (v4 ? 20u : 40u));
	FUZZ_REQUIRE(at[0] >> 4 == (v4 ? 4 : 6));
	FUZZ_REQUIRE(inner->length ==
		     (v4 ? (size_t)(at[2] << 8 | at[3]) : (size_t)(at[4] << 8 | at[5]) + 40));
	FUZZ_REQUIRE(within(&sa->inside_remote, at + (v4 ? 12 : 8)));
	FUZZ_REQUIRE(within(&sa->inside_local, at + (v4 ? 16 : 24)));
	if (sa->inside_local.port != 0) {
		const size_t ports = (size_t)(at[0] & 15) * 4;

		FUZZ_REQUIRE(at[9] == 17 && (at[6] & 0x1f) == 0 && at[7] == 0);
		FUZZ_REQUIRE(inner->length >= ports + 4);
		FUZZ_REQUIRE((at[ports + 2] << 8 | at[ports + 3]) == sa->inside_local.port);
	}
}

static void note_number(struct scene *scene, uint32_t pair, const uint8_t *packet)
{
	const uint32_t number = (uint32_t)packet[4] << 24 | (uint32_t)packet[5] << 16 |
				(uint32_t)packet[6] << 8 | packet[7];
	size_t *count = &scene->accepted_count[pair];

	FUZZ_REQUIRE(number != 0);
	for (size_t i = 0; i < *count; i++)
		FUZZ_REQUIRE(scene->accepted[pair][i] != number);
	if (*count < NUMBERS)
		scene->accepted[pair][(*count)++] = number;
}

static enum esp_verdict arrive(struct scene *scene, const uint8_t *octets, size_t length,
			       bool encapsulated)
{
	struct esp_usage before = {0}, after = {0};
	struct esp_buffer packet, was;
	uint8_t *memory = lay_out(&packet, octets, length, 0, 0);
	const uint32_t spi = length < 4 ? 0
					: (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 |
					      (uint32_t)octets[2] << 8 | octets[3];
	const bool ours = esp_plane_usage(scene->right, spi - 0x2000, &before);
	enum esp_verdict verdict;
	uint32_t number;

	was = packet;
	verdict = esp_plane_open(scene->right, scene->now, &scene->at_right[0].remote, encapsulated,
				 &packet, &number);
	scene->opened++;
	FUZZ_REQUIRE(number == (length >= 8 && ours ? spi - 0x2000 : 0));
	(void)esp_plane_usage(scene->right, spi - 0x2000, &after);
	if (verdict == ESP_ACCEPTED || verdict == ESP_DUMMY) {
		FUZZ_REQUIRE(number >= 1 && number <= PAIRS && !encapsulated);
		FUZZ_REQUIRE(packet.data >= memory && packet.data + packet.room == memory + length);
		FUZZ_REQUIRE(packet.length <= packet.room);
		FUZZ_REQUIRE(after.packets_in == before.packets_in + 1);
		FUZZ_REQUIRE(after.octets_in == before.octets_in + packet.length);
		note_number(scene, number - 1, octets);
		if (verdict == ESP_ACCEPTED)
			check_inner(&scene->at_right[number - 1], &packet);
		else
			FUZZ_REQUIRE(packet.length == 0);
	} else {
		FUZZ_REQUIRE(fuzz_same(&was, &packet, sizeof(was)));
		FUZZ_REQUIRE(after.packets_in == before.packets_in);
		FUZZ_REQUIRE(after.used_in == before.used_in);
	}
	free(memory);
	return verdict;
}

/* ---- operations ------------------------------------------------------------------------------------------------------------ */

/* Octets of nobody; four of the SPI are made a pair's where `how` names one. */
static void stranger(struct scene *scene, unsigned how, struct fuzz_input *input)
{
	const struct octets given = fuzz_octets(input, fuzz_u16(input) % LONGEST);
	uint8_t octets[LONGEST];
	enum esp_verdict verdict;

	if (given.length > 0)
		memcpy(octets, given.data, given.length);
	if (how % 4 < PAIRS && given.length >= 4)
		memcpy(octets, (const uint8_t[]){0, 0, 0x20, (uint8_t)(1 + how % 4)}, 4);
	verdict = arrive(scene, octets, given.length, (how & 4) != 0);
	FUZZ_REQUIRE(verdict != ESP_ACCEPTED && verdict != ESP_DUMMY);
}

/* Whoever has the keys: number, then what is encrypted, the trailer included, cut to whole blocks. */
static void keyholder(struct scene *scene, unsigned how, struct fuzz_input *input)
{
	const unsigned pair = how % PAIRS;
	const struct ike_ipsec_sa *sa = &scene->at_left[pair];
	uint8_t octets[LONGEST + 64] = {0, 0, 0x20, (uint8_t)(1 + pair)}, digest[PACKET_DIGEST_MAX];
	struct packet_cipher *cipher;
	struct esp_form form;
	struct fault fault;
	struct octets plain;
	size_t key, before;

	FUZZ_REQUIRE(esp_form_of(&sa->proposal, &form, &fault));
	key = packet_encryption_key_length(form.encryption);
	cipher = packet_cipher_new(
	    form.encryption, octets_of(sa->keymat_out, key), form.authentication,
	    octets_of(sa->keymat_out + sa->encryption_key_length, sa->authentication_key_length),
	    PACKET_SEALED);
	FUZZ_REQUIRE(cipher != NULL);
	octets[4] = (how & 8) != 0 ? 0xff : 0;
	octets[6] = fuzz_u8(input);
	octets[7] = fuzz_u8(input);
	plain = fuzz_octets(input, fuzz_u16(input) % LONGEST);
	plain.length -= plain.length % form.align;
	before = 8u + form.iv;
	if (plain.length > 0)
		memcpy(octets + before, plain.data, plain.length);
	if (packet_encryption_is_gcm(form.encryption)) {
		uint8_t nonce[PACKET_NONCE_LENGTH] = {0};

		memcpy(nonce, sa->keymat_out + key, ESP_SALT);
		packet_cipher_seal(cipher, nonce, octets_of(octets, 8), octets + before,
				   plain.length, octets + before + plain.length);
	} else {
		packet_cipher_crypt(cipher, octets + 8, octets + before, plain.length);
		packet_cipher_digest(cipher, octets_of(octets, before + plain.length), digest);
		memcpy(octets + before + plain.length, digest, form.icv);
	}
	packet_cipher_free(cipher);
	FUZZ_REQUIRE(arrive(scene, octets, before + plain.length + form.icv, false) != ESP_BAD_ICV);
}

/* An inner packet at LEFT; RIGHT opens what comes of it, at once or when it is told to. */
static void send(struct scene *scene, unsigned how, struct fuzz_input *input)
{
	const struct octets inner = fuzz_octets(input, fuzz_u16(input) % LONGEST);
	const size_t behind = (how & 2) != 0 ? fuzz_u8(input) % ESP_TAILROOM : ESP_TAILROOM;
	struct ike_address local, remote;
	struct esp_buffer packet, was;
	uint8_t *memory = lay_out(&packet, inner.data, inner.length, ESP_HEADROOM, behind);
	bool encapsulated = true;
	enum esp_verdict verdict;

	was = packet;
	verdict =
	    (how & 4) != 0
		? esp_plane_seal_through(scene->left, scene->now, 1 + (how >> 3) % PAIRS, &packet,
					 &local, &remote, &encapsulated)
		: esp_plane_seal(scene->left, scene->now, &packet, &local, &remote, &encapsulated);
	scene->sealed++;
	if (verdict != ESP_ACCEPTED) {
		FUZZ_REQUIRE(fuzz_same(&was, &packet, sizeof(was)));
		FUZZ_REQUIRE(inner.length == 0 || fuzz_same(packet.data, inner.data, inner.length));
	} else {
		FUZZ_REQUIRE(packet.data >= memory && !encapsulated && remote.octets[0] == 2);
		FUZZ_REQUIRE(packet.data + packet.room == was.data + was.room);
		FUZZ_REQUIRE(packet.length <= packet.room);
		memcpy(scene->last, packet.data, packet.length);
		scene->last_length = packet.length;
		scene->last_came = false;
	}
	free(memory);
}

/* The last ESP packet: as it is, or with up to three octets changed and cut. */
static void deliver(struct scene *scene, unsigned how, struct fuzz_input *input)
{
	uint8_t octets[sizeof(scene->last)];
	size_t length = scene->last_length;
	enum esp_verdict verdict;
	bool same;

	memcpy(octets, scene->last, length);
	for (unsigned i = 0; i < how % 4; i++) {
		const size_t at = fuzz_u16(input);
		const uint8_t bits = fuzz_u8(input);

		if (length > 0)
			octets[at % length] ^= bits;
	}
	if ((how & 4) != 0)
		length -= length > 0 ? fuzz_u8(input) % length : 0;
	same = length == scene->last_length && memcmp(octets, scene->last, length) == 0;
	verdict = arrive(scene, octets, length, (how & 8) != 0);
	if (!same || scene->last_came)
		FUZZ_REQUIRE(verdict != ESP_ACCEPTED && verdict != ESP_DUMMY);
	scene->last_came |= same && verdict == ESP_ACCEPTED;
}

static void pairs(struct scene *scene, unsigned how, struct fuzz_input *input)
{
	struct ike_ipsec_sa *sa = &scene->at_left[how / 8 % PAIRS];
	struct fault fault;

	switch (how % 8) {
	case 0:
		sa->superseded = !sa->superseded;
		esp_plane_change(scene->left, sa);
		break;
	case 1:
		esp_plane_remove(scene->left, sa->number);
		break;
	case 2: /* refused where it is there */
		(void)!esp_plane_add(scene->left, sa, &fault);
		break;
	case 3:
		esp_plane_limit_packets((how & 8) != 0 ? scene->left : scene->right, sa->number,
					fuzz_u8(input));
		break;
	case 4:
		esp_plane_continue(scene->left, sa->number, (uint32_t)fuzz_u16(input) << 16);
		break;
	default:
		scene->now += fuzz_u16(input);
	}
}

/* Nothing is told twice, of nobody, or hard before soft. */
static void listen(struct esp_plane *plane)
{
	struct esp_expiry expiry;
	unsigned told = 0, soft = 0;
	struct esp_use use;

	while (esp_plane_used(plane, &use)) {
		FUZZ_REQUIRE(use.number >= 1 && use.number <= PAIRS && (use.in || use.out));
		FUZZ_REQUIRE((told & 1u << use.number) == 0);
		FUZZ_REQUIRE(use.elsewhere.family == IKE_FAMILY_NONE); /* it is not in UDP */
		told |= 1u << use.number;
	}
	told = 0;
	while (esp_plane_expired(plane, &expiry)) {
		const unsigned bit = 1u << expiry.number << (expiry.hard ? 8 : 0);

		FUZZ_REQUIRE(expiry.number >= 1 && expiry.number <= PAIRS);
		FUZZ_REQUIRE((told & bit) == 0);
		FUZZ_REQUIRE(expiry.hard || (told & bit << 8) == 0);
		told |= bit;
		soft += !expiry.hard;
	}
	FUZZ_REQUIRE(soft <= PAIRS);
}

static uint64_t counted(const struct esp_plane *plane)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < ESP_VERDICTS; i++)
		all += esp_plane_count(plane, (enum esp_verdict)i);
	return all;
}

int fuzz_esp(const uint8_t *data, size_t length)
{
	static void (*const operation[8])(struct scene *, unsigned, struct fuzz_input *) = {
	    stranger, keyholder, send, deliver, pairs, keyholder, send, deliver,
	};
	struct fuzz_input input = {data, length};
	static struct scene scene;

	open_scene(&scene, fuzz_u8(&input));
	while (input.left > 0) {
		const uint8_t octet = fuzz_u8(&input);

		operation[octet % 8](&scene, octet >> 3, &input);
		if ((octet & 0x80) != 0) {
			listen(scene.left);
			listen(scene.right);
		}
	}
	FUZZ_REQUIRE(counted(scene.left) == scene.sealed);
	FUZZ_REQUIRE(counted(scene.right) == scene.opened);
	esp_plane_free(scene.left);
	esp_plane_free(scene.right);
	return 0;
}
