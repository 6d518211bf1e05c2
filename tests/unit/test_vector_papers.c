/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_papers.h"

#include <string.h>

#include "crypto/secret.h"
#include "interop/vectors/vector_world.h"
#include "tests/support/unit.h"

static size_t decode(const char *text, uint8_t *out, size_t room)
{
	return vector_pem_decode(octets_of((const uint8_t *)text, strlen(text)), out, room);
}

START_TEST(test_no_pem)
{
	uint8_t out[16];

	ck_assert_uint_eq(decode("", out, sizeof(out)), 0);
	ck_assert_uint_eq(decode("AQID\n", out, sizeof(out)), 0);
	ck_assert_uint_eq(decode("-----BEGIN X-----", out, sizeof(out)), 0);
	ck_assert_uint_eq(decode("-----BEGIN X-----\nAQID\n", out, sizeof(out)), 0);
	ck_assert_uint_eq(decode("-----BEGIN X-----\nAQ!D\n-----END X-----\n", out, sizeof(out)),
			  0);
	ck_assert_uint_eq(decode("-----BEGIN X-----\nAQID\n-----END X-----\n", out, 2), 0);
}
END_TEST

START_TEST(test_pem)
{
	uint8_t out[16];

	ck_assert_uint_eq(decode("-----BEGIN X-----\nAQID\n-----END X-----\n", out, 3), 3);
	unit_assert_hex(octets_of(out, 3), "010203");
	ck_assert_uint_eq(decode("-----BEGIN X-----\n+/\n8=\n-----END X-----\n", out, 16), 2);
	unit_assert_hex(octets_of(out, 2), "fbff");
}
END_TEST

START_TEST(test_no_key)
{
	static const char *const bad[] = {
	    "",
	    "30",
	    "3003020100",
	    "31120201000201050201030201070201030201",
	    "3080020100",
	    "30830000010200",
	    "3012020100020105020103020107020103" /* the second prime is missing */,
	};
	uint8_t der[32];
	struct vector_rsa rsa;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(
		    !vector_rsa_read(octets_of(der, unit_hex(bad[i], der, sizeof(der))), &rsa),
		    "%s", bad[i]);
}
END_TEST

START_TEST(test_a_key)
{
	uint8_t der[32];
	struct vector_rsa rsa;
	size_t length =
	    unit_hex("3014 020100 02020087 020103 02020010 020103 020105", der, sizeof(der));

	ck_assert(vector_rsa_read(octets_of(der, length), &rsa));
	unit_assert_hex(rsa.modulus, "87");
	unit_assert_hex(rsa.private_exponent, "10");
	unit_assert_hex(rsa.prime_1, "03");
	unit_assert_hex(rsa.prime_2, "05");
}
END_TEST

/* The last octets of a product follow from those of its factors. */
START_TEST(test_the_numbers_of_the_parties)
{
	for (int party = VECTOR_PAPERS_A; party <= VECTOR_PAPERS_B; party++) {
		struct vector_rsa rsa;

		vector_papers_rsa((enum vector_papers_of)party, &rsa);
		ck_assert_uint_eq(rsa.modulus.length, 256);
		ck_assert_uint_eq(rsa.prime_1.length, 128);
		ck_assert_uint_eq(rsa.prime_2.length, 128);
		unit_assert_hex(rsa.public_exponent, "010001");
		ck_assert_uint_eq((uint8_t)(rsa.prime_1.data[127] * rsa.prime_2.data[127]),
				  rsa.modulus.data[255]);
	}
}
END_TEST

/* Each is believed by the other, now and with either chain. */
START_TEST(test_the_certificates_of_the_parties)
{
	static const char *const name[] = {"a.example", "b.example"};
	uint8_t hash[20] = {1}, signature[SIGNATURE_MAX_LENGTH], authority[CERTIFICATE_MAX];
	struct fault fault;

	ck_assert(secret_init());
	ck_assert_uint_gt(vector_papers_authority(authority, sizeof(authority)), 500);
	ck_assert_uint_eq(vector_papers_authority(authority, 100), 0);
	for (int i = 0; i < 4; i++) {
		enum vector_papers_of party = i & 1 ? VECTOR_PAPERS_B : VECTOR_PAPERS_A;
		bool chain = (i & 2) != 0;
		struct credentials *own = vector_papers(party, chain, &fault);
		struct credentials *other =
		    vector_papers(i & 1 ? VECTOR_PAPERS_A : VECTOR_PAPERS_B, chain, &fault);
		struct octets sent[CERTIFICATES_MAX];
		size_t count = credentials_certificates(own, sent), length;

		ck_assert_uint_eq(count, chain ? 2 : 1);
		length = credentials_sign(own, octets_of(hash, sizeof(hash)), signature);
		ck_assert_uint_eq(length, 256);
		ck_assert_int_eq(credentials_verify(other, sent, count, VECTOR_EPOCH, SIGNATURE_RSA,
						    CERTIFICATE_NAME_DNS,
						    octets_of((const uint8_t *)name[i & 1], 9),
						    octets_of(hash, sizeof(hash)),
						    octets_of(signature, length)),
				 CERTIFICATE_GOOD);
		credentials_free(own);
		credentials_free(other);
	}
}
END_TEST

UNIT_MAIN("vector_papers", test_no_pem, test_pem, test_no_key, test_a_key,
	  test_the_numbers_of_the_parties, test_the_certificates_of_the_parties)
