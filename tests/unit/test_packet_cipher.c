/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/packet_cipher.h"
#include "tests/support/allocations.h"

#define NOTHING octets_of("", 0)

static struct packet_cipher *made(enum packet_encryption encryption, const char *key_hex,
				  enum packet_authentication authentication, struct octets hmac_key,
				  enum packet_direction direction)
{
	uint8_t key[32];
	size_t length = unit_hex(key_hex, key, sizeof(key));
	struct packet_cipher *cipher = packet_cipher_new(encryption, octets_of(key, length),
							 authentication, hmac_key, direction);

	ck_assert_ptr_nonnull(cipher);
	return cipher;
}

/* ---- what must not be ------------------------------------------------------------------------------------------------ */

static void short_key(void)
{
	struct packet_cipher *cipher =
	    packet_cipher_new(PACKET_AES_256_CBC, octets_of("0123456789abcdef", 16), PACKET_NO_HMAC,
			      NOTHING, PACKET_SEALED);

	packet_cipher_free(cipher);
}

static void part_of_a_block(void)
{
	uint8_t data[17] = {0};

	packet_cipher_crypt(made(PACKET_AES_128_CBC, "00112233445566778899aabbccddeeff",
				 PACKET_NO_HMAC, NOTHING, PACKET_SEALED),
			    data, data, sizeof(data));
}

static void opening_what_seals(void)
{
	uint8_t data[16] = {0};

	(void)!packet_cipher_open(made(PACKET_AES_128_GCM, "00112233445566778899aabbccddeeff",
				       PACKET_NO_HMAC, NOTHING, PACKET_SEALED),
				  data, NOTHING, data, sizeof(data), data);
}

/* Whether it ends the process by an assertion; its message is not shown. */
static bool aborts(void (*misuse)(void))
{
	int status;
	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) != NULL)
			misuse();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

START_TEST(test_misuse_is_an_assertion)
{
	ck_assert(aborts(short_key));
	ck_assert(aborts(part_of_a_block));
	ck_assert(aborts(opening_what_seals));
}
END_TEST

START_TEST(test_gcm_refuses_every_change)
{
	static const char key[] = "feffe9928665731c6d6a8f9467308308";
	const uint8_t nonce[PACKET_NONCE_LENGTH] = {1, 2, 3};
	struct packet_cipher *seals =
	    made(PACKET_AES_128_GCM, key, PACKET_NO_HMAC, NOTHING, PACKET_SEALED);
	struct packet_cipher *opens =
	    made(PACKET_AES_128_GCM, key, PACKET_NO_HMAC, NOTHING, PACKET_OPENED);
	uint8_t sealed[8 + 32 + PACKET_TAG_LENGTH] = "beside..what is to be encrypted, all of";

	packet_cipher_seal(seals, nonce, octets_of(sealed, 8), sealed + 8, 32, sealed + 40);
	for (size_t bit = 0; bit < 8 * (sizeof(sealed) + sizeof(nonce)); bit++) {
		uint8_t data[sizeof(sealed) + sizeof(nonce)];

		memcpy(data, sealed, sizeof(sealed));
		memcpy(data + sizeof(sealed), nonce, sizeof(nonce));
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(!packet_cipher_open(opens, data + sizeof(sealed), octets_of(data, 8),
					      data + 8, 32, data + 40));
	}
	/* and is none the worse for it */
	ck_assert(
	    packet_cipher_open(opens, nonce, octets_of(sealed, 8), sealed + 8, 32, sealed + 40));
	ck_assert_mem_eq(sealed, "beside..what is to be encrypted, all of", 40);
	packet_cipher_free(seals);
	packet_cipher_free(opens);
}
END_TEST

static struct packet_cipher *another(void)
{
	return packet_cipher_new(PACKET_AES_128_CBC, octets_of("0123456789abcdef", 16),
				 PACKET_HMAC_SHA1, octets_of("key", 3), PACKET_SEALED);
}

/* OpenSSL's own start does not survive a refusal, so it goes first; what is ours does, and leaves nothing behind. */
START_TEST(test_no_memory_is_null)
{
	struct packet_cipher *cipher = another();
	size_t granted = 0, in_use = 0;

	ck_assert_ptr_nonnull(cipher);
	for (bool whole = false; !whole && allocations_counted(); granted++) {
		packet_cipher_free(cipher);
		if (granted == 1) /* its table of errors has been made */
			in_use = allocations_in_use();
		if (granted > 1)
			ck_assert_uint_eq(allocations_in_use(), in_use);
		allocations_refuse_after(granted);
		cipher = another();
		allocations_refuse_after(ALLOCATIONS_NEVER);
		ERR_clear_error();
		whole = cipher != NULL;
	}
	if (allocations_counted())
		ck_assert_uint_ge(granted, 3); /* ours, the context, its cipher */
	packet_cipher_free(cipher);
}
END_TEST

/* ---- known answers --------------------------------------------------------------------------------------------------- */

/* RFC 2202 sections 2 and 3 (cases 1 and 2), RFC 4231 sections 4.2 and 4.3. */
START_TEST(test_hmac)
{
	static const struct {
		enum packet_authentication authentication;
		size_t key_length;
		const char *of_hi_there, *of_jefe;
	} rows[] = {
	    {PACKET_HMAC_MD5, 16, "9294727a3638bb1c13f48ef8158bfc9d",
	     "750c783e6ab0b503eaa86e310a5db738"},
	    {PACKET_HMAC_SHA1, 20, "b617318655057264e28bc0b6fb378c8ef146be00",
	     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	    {PACKET_HMAC_SHA2_256, 20,
	     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	};
	static const char question[] = "what do ya want for nothing?";
	uint8_t key[20], out[PACKET_DIGEST_MAX];

	memset(key, 0x0b, sizeof(key));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t length = packet_digest_length(rows[i].authentication);
		struct packet_cipher *cipher =
		    made(PACKET_NULL, "", rows[i].authentication,
			 octets_of(key, rows[i].key_length), PACKET_SEALED);

		for (int again = 0; again < 3; again++) {
			packet_cipher_digest(cipher, octets_of("Hi There", 8), out);
			unit_assert_hex(octets_of(out, length), rows[i].of_hi_there);
		}
		packet_cipher_free(cipher);
		cipher = made(PACKET_NULL, "", rows[i].authentication, octets_of("Jefe", 4),
			      PACKET_SEALED);
		packet_cipher_digest(cipher, octets_of(question, strlen(question)), out);
		unit_assert_hex(octets_of(out, length), rows[i].of_jefe);
		packet_cipher_free(cipher);
	}
}
END_TEST

/* NIST SP 800-38A appendix F.2 and the example of TDES-CBC: the first two blocks, three times on one context. */
START_TEST(test_cbc)
{
	static const char plain[] =
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
	static const char aes_iv[] = "000102030405060708090a0b0c0d0e0f";
	static const struct {
		enum packet_encryption encryption;
		const char *key, *iv, *sealed;
	} rows[] = {
	    {PACKET_AES_128_CBC, "2b7e151628aed2a6abf7158809cf4f3c", aes_iv,
	     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
	    {PACKET_AES_192_CBC, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", aes_iv,
	     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
	    {PACKET_AES_256_CBC, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	     aes_iv, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
	    {PACKET_3DES_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123",
	     "f69f2445df4f9b17",
	     "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7"},
	    {PACKET_NULL, "", "", plain},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet_cipher *seals =
		    made(rows[i].encryption, rows[i].key, PACKET_NO_HMAC, NOTHING, PACKET_SEALED);
		struct packet_cipher *opens =
		    made(rows[i].encryption, rows[i].key, PACKET_NO_HMAC, NOTHING, PACKET_OPENED);
		uint8_t data[32], iv[16] = {0};

		(void)unit_hex(plain, data, sizeof(data));
		(void)unit_hex(rows[i].iv, iv, sizeof(iv));
		for (int again = 0; again < 3; again++) {
			packet_cipher_crypt(seals, iv, data, sizeof(data));
			unit_assert_hex(octets_of(data, sizeof(data)), rows[i].sealed);
			packet_cipher_crypt(opens, iv, data, sizeof(data));
			unit_assert_hex(octets_of(data, sizeof(data)), plain);
		}
		packet_cipher_free(seals);
		packet_cipher_free(opens);
	}
}
END_TEST

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4, 10 and 16. */
START_TEST(test_gcm)
{
	static const char plain[] =
	    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
	static const struct {
		enum packet_encryption encryption;
		const char *key, *sealed, *tag;
	} rows[] = {
	    {PACKET_AES_128_GCM, "feffe9928665731c6d6a8f9467308308",
	     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	     "5bc94fbc3221a5db94fae95ae7121a47"},
	    {PACKET_AES_192_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c",
	     "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
	     "7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
	     "2519498e80f1478f37ba55bd6d27618c"},
	    {PACKET_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	     "76fc6ece0f4e1768cddf8853bb2d551b"},
	};
	uint8_t data[60], nonce[PACKET_NONCE_LENGTH], beside[20], tag[PACKET_TAG_LENGTH];

	ck_assert_uint_eq(unit_hex("cafebabefacedbaddecaf888", nonce, sizeof(nonce)), 12);
	ck_assert_uint_eq(
	    unit_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", beside, sizeof(beside)), 20);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet_cipher *seals =
		    made(rows[i].encryption, rows[i].key, PACKET_NO_HMAC, NOTHING, PACKET_SEALED);
		struct packet_cipher *opens =
		    made(rows[i].encryption, rows[i].key, PACKET_NO_HMAC, NOTHING, PACKET_OPENED);

		ck_assert_uint_eq(unit_hex(plain, data, sizeof(data)), sizeof(data));
		for (int again = 0; again < 3; again++) {
			packet_cipher_seal(seals, nonce, octets_of(beside, sizeof(beside)), data,
					   sizeof(data), tag);
			unit_assert_hex(octets_of(data, sizeof(data)), rows[i].sealed);
			unit_assert_hex(octets_of(tag, sizeof(tag)), rows[i].tag);
			ck_assert(packet_cipher_open(opens, nonce,
						     octets_of(beside, sizeof(beside)), data,
						     sizeof(data), tag));
			unit_assert_hex(octets_of(data, sizeof(data)), plain);
		}
		packet_cipher_free(seals);
		packet_cipher_free(opens);
	}
}
END_TEST

START_TEST(test_lengths)
{
	static const size_t keys[] = {0, 24, 16, 24, 32, 16, 24, 32};
	static const size_t blocks[] = {1, 8, 16, 16, 16, 1, 1, 1};
	static const size_t digests[] = {0, 16, 20, 32};

	for (int i = 0; i < PACKET_ENCRYPTIONS; i++) {
		ck_assert_uint_eq(packet_encryption_key_length((enum packet_encryption)i), keys[i]);
		ck_assert_uint_eq(packet_encryption_block((enum packet_encryption)i), blocks[i]);
		ck_assert_int_eq(packet_encryption_is_gcm((enum packet_encryption)i),
				 i >= PACKET_AES_128_GCM);
	}
	for (int i = 0; i < PACKET_AUTHENTICATIONS; i++)
		ck_assert_uint_eq(packet_digest_length((enum packet_authentication)i), digests[i]);
}
END_TEST

START_TEST(test_packets_allocate_nothing)
{
	static const char key[] = "000102030405060708090a0b0c0d0e0f1011121314151617";
	uint8_t data[64] = {0}, iv[16] = {0}, out[PACKET_DIGEST_MAX];
	struct packet_cipher *ciphers[] = {
	    made(PACKET_3DES_CBC, key, PACKET_HMAC_MD5, octets_of("key", 3), PACKET_SEALED),
	    made(PACKET_AES_192_CBC, key, PACKET_HMAC_SHA1, octets_of("key", 3), PACKET_OPENED),
	    made(PACKET_NULL, "", PACKET_HMAC_SHA2_256, octets_of("key", 3), PACKET_OPENED),
	};
	struct packet_cipher *seals =
	    made(PACKET_AES_192_GCM, key, PACKET_NO_HMAC, NOTHING, PACKET_SEALED);
	struct packet_cipher *opens =
	    made(PACKET_AES_192_GCM, key, PACKET_NO_HMAC, NOTHING, PACKET_OPENED);
	const size_t before = allocations_count();

	for (int i = 0; i < 10; i++) {
		for (size_t j = 0; j < sizeof(ciphers) / sizeof(ciphers[0]); j++) {
			packet_cipher_crypt(ciphers[j], iv, data, sizeof(data));
			packet_cipher_digest(ciphers[j], octets_of(data, sizeof(data)), out);
		}
		packet_cipher_seal(seals, iv, octets_of(iv, 8), data, sizeof(data), out);
		if (!packet_cipher_open(opens, iv, octets_of(iv, 8), data, sizeof(data), out) ||
		    packet_cipher_open(opens, iv, octets_of(iv, 8), data, sizeof(data), out))
			ck_abort_msg("the first is right, the second is not");
	}
	ck_assert_uint_eq(allocations_count(), before);
	for (size_t j = 0; j < sizeof(ciphers) / sizeof(ciphers[0]); j++)
		packet_cipher_free(ciphers[j]);
	packet_cipher_free(seals);
	packet_cipher_free(opens);
	packet_cipher_free(NULL);
}
END_TEST

UNIT_MAIN("packet_cipher", test_misuse_is_an_assertion, test_gcm_refuses_every_change,
	  test_no_memory_is_null, test_hmac, test_cbc, test_gcm, test_lengths,
	  test_packets_allocate_nothing)
