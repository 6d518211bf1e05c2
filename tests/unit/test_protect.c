/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/protect.h"
#include "tests/support/psk_suite.h"

#define ROOM 512

static struct psk_suite suites[PSK_SUITES];
static struct crypto *crypto;

static void begin(void)
{
	psk_suites_load(suites);
	crypto = crypto_new();
	ck_assert_ptr_nonnull(crypto);
}

static void assert_octets(const uint8_t *got, struct octets wanted)
{
	ck_assert_uint_gt(wanted.length, 0);
	ck_assert_mem_eq(got, wanted.data, wanted.length);
}

/* A header of zeros and `length` octets of 0x11 after it. */
static void plain_message(struct wire_writer *writer, uint8_t *memory, size_t room, size_t length)
{
	wire_write_to(writer, memory, room);
	wire_write_zeros(writer, IKE_HEADER_LENGTH);
	for (size_t i = 0; i < length; i++)
		wire_write_u8(writer, 0x11);
}

START_TEST(test_decrypt_refuses_lengths)
{
	begin();
	for (size_t i = 0; i < PSK_SUITES; i++) {
		const struct psk_suite *suite = &suites[i];
		size_t block = cipher_block_length(suite->cipher);

		for (size_t length = 0; length < suite->mm5.length; length++) {
			uint8_t out[ROOM], next[CIPHER_MAX_BLOCK], untouched[CIPHER_MAX_BLOCK];
			enum ike_verdict wanted = IKE_BAD_CIPHERTEXT_LENGTH;

			if (length < IKE_HEADER_LENGTH)
				wanted = IKE_TOO_SHORT;
			else if (length > IKE_HEADER_LENGTH &&
				 (length - IKE_HEADER_LENGTH) % block == 0)
				continue; /* whole blocks: for the payload rules to refuse */
			memset(next, 0x5a, sizeof(next));
			memset(untouched, 0x5a, sizeof(untouched));
			ck_assert_int_eq(protect_decrypt(crypto, suite->cipher, suite->key.data,
							 suite->iv_phase1.data,
							 octets_of(suite->mm5.data, length), out,
							 next),
					 wanted);
			ck_assert_mem_eq(next, untouched, sizeof(next));
		}
	}
	crypto_free(crypto);
}
END_TEST

/* The running IV is the caller's to advance, after the message has proved sane. */
START_TEST(test_decrypt_leaves_iv)
{
	const struct psk_suite *suite = &suites[0];
	uint8_t iv[CIPHER_MAX_BLOCK], next[CIPHER_MAX_BLOCK], out[ROOM], again[ROOM];

	begin();
	memcpy(iv, suite->iv_phase1.data, sizeof(iv));
	ck_assert_int_eq(
	    protect_decrypt(crypto, suite->cipher, suite->key.data, iv, suite->mm5, out, next),
	    IKE_ACCEPTED);
	assert_octets(iv, suite->iv_phase1);
	ck_assert_int_eq(
	    protect_decrypt(crypto, suite->cipher, suite->key.data, iv, suite->mm5, again, next),
	    IKE_ACCEPTED);
	ck_assert_mem_eq(out, again, suite->mm5.length);
	crypto_free(crypto);
}
END_TEST

START_TEST(test_encrypt_without_room_for_padding)
{
	uint8_t memory[IKE_HEADER_LENGTH + 16], iv[CIPHER_MAX_BLOCK] = {1},
						untouched[CIPHER_MAX_BLOCK];
	const uint8_t key[CIPHER_MAX_KEY] = {0};
	struct wire_writer writer;

	begin();
	memcpy(untouched, iv, sizeof(iv));
	plain_message(&writer, memory, sizeof(memory) - 1, 15);
	ck_assert(!protect_encrypt(crypto, CIPHER_AES_128, key, iv, &writer));
	ck_assert_mem_eq(iv, untouched, sizeof(iv));
	ck_assert_uint_eq(memory[IKE_HEADER_LENGTH], 0x11);

	/* A message that did not fit before is refused too, even if padding is not needed. */
	plain_message(&writer, memory, sizeof(memory), 17);
	ck_assert(!protect_encrypt(crypto, CIPHER_AES_128, key, iv, &writer));
	ck_assert_mem_eq(iv, untouched, sizeof(iv));

	plain_message(&writer, memory, sizeof(memory), 15);
	ck_assert(protect_encrypt(crypto, CIPHER_AES_128, key, iv, &writer));
	crypto_free(crypto);
}
END_TEST

/* One wrong bit in key, IV or ciphertext, and the plaintext is another. */
START_TEST(test_decrypt_damaged)
{
	const struct psk_suite *suite = &suites[0];
	uint8_t right[ROOM], wrong[ROOM], next[CIPHER_MAX_BLOCK];
	uint8_t key[CIPHER_MAX_KEY], iv[CIPHER_MAX_BLOCK], datagram[ROOM];

	begin();
	memcpy(key, suite->key.data, suite->key.length);
	memcpy(iv, suite->iv_phase1.data, suite->iv_phase1.length);
	memcpy(datagram, suite->mm5.data, suite->mm5.length);
	ck_assert_int_eq(protect_decrypt(crypto, suite->cipher, key, iv, suite->mm5, right, next),
			 IKE_ACCEPTED);

	for (size_t i = 0; i < 3; i++) {
		uint8_t *at = i == 0 ? key : i == 1 ? iv : datagram + suite->mm5.length - 1;

		*at ^= 1;
		ck_assert_int_eq(protect_decrypt(crypto, suite->cipher, key, iv,
						 octets_of(datagram, suite->mm5.length), wrong,
						 next),
				 IKE_ACCEPTED);
		*at ^= 1;
		ck_assert_mem_ne(wrong, right, suite->mm5.length);
	}
	crypto_free(crypto);
}
END_TEST

/* Up to the block and no further: none for a message that ends on one; zeros; in the header's length. */
START_TEST(test_padding)
{
	const uint8_t key[CIPHER_MAX_KEY] = {0};

	begin();
	for (int cipher = 0; cipher < CIPHER_ALGORITHMS; cipher++) {
		size_t block = cipher_block_length((enum cipher_algorithm)cipher);

		ck_assert_uint_gt(block, 0);
		for (size_t length = 1; length <= 3 * block; length++) {
			size_t padded = (length + block - 1) / block * block;
			uint8_t memory[ROOM], plain[ROOM], iv[CIPHER_MAX_BLOCK] = {0};
			uint8_t first_iv[CIPHER_MAX_BLOCK] = {0}, next[CIPHER_MAX_BLOCK];
			struct wire_writer writer;

			plain_message(&writer, memory, sizeof(memory), length);
			ck_assert(protect_encrypt(crypto, (enum cipher_algorithm)cipher, key, iv,
						  &writer));
			ck_assert_uint_eq(writer.length, IKE_HEADER_LENGTH + padded);
			ck_assert_uint_eq(memory[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
			ck_assert_uint_eq(memory[IKE_HEADER_LENGTH_AT + 3],
					  IKE_HEADER_LENGTH + padded);
			ck_assert_int_eq(protect_decrypt(crypto, (enum cipher_algorithm)cipher, key,
							 first_iv, wire_written(&writer), plain,
							 next),
					 IKE_ACCEPTED);
			ck_assert_mem_eq(next, iv, block);
			for (size_t i = 0; i < padded; i++)
				ck_assert_uint_eq(plain[IKE_HEADER_LENGTH + i],
						  i < length ? 0x11 : 0);
		}
	}
	crypto_free(crypto);
}
END_TEST

/* The other flags of the header stay. */
START_TEST(test_flags_kept)
{
	const uint8_t key[CIPHER_MAX_KEY] = {0};
	uint8_t memory[ROOM], iv[CIPHER_MAX_BLOCK] = {0};
	struct wire_writer writer;

	begin();
	plain_message(&writer, memory, sizeof(memory), 5);
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_COMMIT);
	ck_assert(protect_encrypt(crypto, CIPHER_3DES, key, iv, &writer));
	ck_assert_uint_eq(memory[IKE_HEADER_FLAGS_AT], IKE_FLAG_COMMIT | IKE_FLAG_ENCRYPTION);
	crypto_free(crypto);
}
END_TEST

/* Decrypts `message` with `iv`, encrypts what came out again, and wants the very same octets; iv moves to the last block. */
static void there_and_back(const struct psk_suite *suite, struct octets message, uint8_t *iv,
			   size_t plain_length, struct octets plaintext)
{
	uint8_t plain[ROOM], next[CIPHER_MAX_BLOCK];
	size_t block = cipher_block_length(suite->cipher);
	struct wire_writer writer;

	ck_assert_int_eq(
	    protect_decrypt(crypto, suite->cipher, suite->key.data, iv, message, plain, next),
	    IKE_ACCEPTED);
	ck_assert_mem_eq(plain, message.data, IKE_HEADER_LENGTH);
	ck_assert_mem_eq(plain + IKE_HEADER_LENGTH, plaintext.data, plaintext.length);
	ck_assert_mem_eq(next, message.data + message.length - block, block);

	plain[IKE_HEADER_FLAGS_AT] = 0;
	memset(plain + IKE_HEADER_LENGTH_AT, 0xff, 4);
	wire_write_to(&writer, plain, sizeof(plain));
	writer.length = IKE_HEADER_LENGTH + plain_length;
	memset(plain + writer.length, 0xee, sizeof(plain) - writer.length);
	ck_assert(protect_encrypt(crypto, suite->cipher, suite->key.data, iv, &writer));
	ck_assert_uint_eq(writer.length, message.length);
	ck_assert_mem_eq(plain, message.data, message.length);
	ck_assert_mem_eq(iv, next, block);
}

/* What MM5 and MM6 begin with: an ID payload with the suite's body, and a HASH payload's header. */
static struct octets id_payload(struct octets id_b, uint8_t memory[64])
{
	struct wire_writer writer;

	wire_write_to(&writer, memory, 64);
	wire_write_u8(&writer, IKE_PAYLOAD_HASH);
	wire_write_u8(&writer, 0);
	wire_write_u16(&writer, (uint16_t)(4 + id_b.length));
	wire_write_octets(&writer, id_b);
	return wire_written(&writer);
}

START_TEST(test_main_mode_chain)
{
	begin();
	for (size_t i = 0; i < PSK_SUITES; i++) {
		const struct psk_suite *suite = &suites[i];
		size_t both = 4 + suite->idii_b.length + 4 + suite->hash_i.length;
		uint8_t iv[CIPHER_MAX_BLOCK], memory[64];

		protect_iv_phase1(crypto, suite->hash, suite->cipher, suite->g_xi, suite->g_xr, iv);
		assert_octets(iv, suite->iv_phase1);
		there_and_back(suite, suite->mm5, iv, both + 28, id_payload(suite->idii_b, memory));
		there_and_back(suite, suite->mm6, iv, both, id_payload(suite->idir_b, memory));
		assert_octets(iv, suite->last_block);
	}
	crypto_free(crypto);
}
END_TEST

static void informational(const struct psk_suite *suite, const struct psk_suite_message *message)
{
	size_t hash_payload = 4 + hash_length(suite->hash);
	struct octets rest = octets_of(message->plaintext.data + hash_payload,
				       message->plaintext.length - hash_payload);
	uint8_t iv[CIPHER_MAX_BLOCK], hash_1[PRF_MAX_LENGTH];

	protect_hash_1(crypto, suite->hash, suite->skeyid_a.data, message->message_id, rest,
		       hash_1);
	assert_octets(hash_1, message->hash_1);
	protect_iv_message(crypto, suite->hash, suite->cipher, suite->last_block.data,
			   message->message_id, iv);
	assert_octets(iv, message->iv);
	there_and_back(suite, message->packet, iv, message->plaintext.length, message->plaintext);
}

START_TEST(test_r_u_there_of_all_suites)
{
	begin();
	for (size_t i = 0; i < PSK_SUITES; i++) {
		informational(&suites[i], &suites[i].r_u_there);
		informational(&suites[i], &suites[i].r_u_there_ack);
	}
	crypto_free(crypto);
}
END_TEST

/* HASH(1) covers the message ID and every octet after it. */
START_TEST(test_hash_1_covers_all)
{
	const struct psk_suite *suite = &suites[0];
	uint8_t rest[ROOM], hash_1[PRF_MAX_LENGTH];
	const uint8_t *wanted;
	size_t length;

	begin();
	wanted = suite->r_u_there.hash_1.data;
	length = suite->r_u_there.plaintext.length - 24;
	memcpy(rest, suite->r_u_there.plaintext.data + 24, length);
	for (size_t i = 0; i < length; i++) {
		rest[i] ^= 0x80;
		protect_hash_1(crypto, suite->hash, suite->skeyid_a.data,
			       suite->r_u_there.message_id, octets_of(rest, length), hash_1);
		rest[i] ^= 0x80;
		ck_assert_mem_ne(hash_1, wanted, 20);
	}
	protect_hash_1(crypto, suite->hash, suite->skeyid_a.data, suite->r_u_there.message_id ^ 1,
		       octets_of(rest, length), hash_1);
	ck_assert_mem_ne(hash_1, wanted, 20);
	crypto_free(crypto);
}
END_TEST

/* Computed with Python's hmac: keys 00 01 ... 13, nonces of sixteen 11 and twenty 22, forty 33 behind HASH(2). */
START_TEST(test_hashes_of_quick_mode)
{
	uint8_t skeyid_a[20], ni[16], nr[20], rest[40], out[PRF_MAX_LENGTH];

	begin();
	for (size_t i = 0; i < sizeof(skeyid_a); i++)
		skeyid_a[i] = (uint8_t)i;
	memset(ni, 0x11, sizeof(ni));
	memset(nr, 0x22, sizeof(nr));
	memset(rest, 0x33, sizeof(rest));
	protect_hash_2(crypto, HASH_SHA1, skeyid_a, 0x7be2c41d, octets_of(ni, 16),
		       octets_of(rest, 40), out);
	unit_assert_hex(octets_of(out, 20), "a4ebae4e3aef018ba5222f8380b7f0a076310911");
	protect_hash_3(crypto, HASH_SHA1, skeyid_a, 0x7be2c41d, octets_of(ni, 16),
		       octets_of(nr, 20), out);
	unit_assert_hex(octets_of(out, 20), "5ce650968e88a8e4e4410798f0711ab16a68dad6");
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("protect", test_hashes_of_quick_mode, test_decrypt_refuses_lengths,
	  test_decrypt_leaves_iv, test_encrypt_without_room_for_padding, test_decrypt_damaged,
	  test_hash_1_covers_all, test_padding, test_flags_kept, test_main_mode_chain,
	  test_r_u_there_of_all_suites)
