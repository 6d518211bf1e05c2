/* SPDX-License-Identifier: ISC */
/*
 * test_keymat.c - KEYMAT against numbers that were computed with another implementation (Python's hmac):
 *
 *	d = bytes(range(hash length)); ni = b"\x11" * 16; nr = b"\x22" * 20; tail = g_xy + b"\x03" + spi + ni + nr,
 *	where g_xy = 7, 10, 13, ...
 *	k = hmac(d, tail); more = hmac(d, k + tail); ...
 */
#include <string.h>

#include "ike/keymat.h"
#include "ike/registry.h"
#include "tests/support/unit.h"

static const struct {
	enum hash_algorithm hash;
	size_t g_xy_length;
	uint32_t spi;
	size_t length;
	const char *hex;
} vectors[] = {
    {HASH_MD5, 0, 0x01020304, 40,
     "c142b96baf885c11e0d2d61c3cb7cd90f6fef9b56d18c188bd7194bc8d6bccf9"
     "326cb0ca33713208"},
    {HASH_SHA1, 0, 0xc0ffee01, 36,
     "6e7d01be0500ad359ed99f3c7ecc9fb1a806088f55a22c6f8068b081dc01036a"
     "94ea1b74"},
    {HASH_SHA1, 128, 0xc0ffee01, 44,
     "457da4e33a9721cc3a80d369a0fb3c14016f2ae152ac16c34735c60131744ff7"
     "544f47e949afe8f51b424979"},
    {HASH_SHA2_256, 0, 0x00000100, 64,
     "e9445126559470902b769b0668c2bf1be1d7fdfa94bfea29107144db9168abfb"
     "6add213966a7fd3791a7fe1cff880cb58e40707c5ea669b39cb92e3fee559555"},
    {HASH_SHA2_256, 256, 0xffffffff, 64,
     "61486cd976e3e14a4018250e38a5cac8cb4bc528f9c691be17004985dae9e856"
     "20921790e019ab7c987d6f467724d11d9f7a9a5254f2232c8eb93ba922522ea4"},
    {HASH_SHA2_384, 96, 0xdeadbeef, 52,
     "125e9f2d208b9613f7727441a7ad796aba2762ab747c799f0f43e9bf8688e8e1"
     "83d58af98d9a4c9b635e9f50a8782f931a9be02a"},
    {HASH_SHA2_512, 32, 0x12345678, 64,
     "5f8625fb11520c85d8f2a875450610730f5331c924cf59b5d6ae81659a6d0f4c"
     "8f74731f7e39d8809156469343f55956e78c3b1050e5d7dd63facf3c1392fbcf"},
};

static void fill(uint8_t *out, size_t length, uint8_t first, uint8_t step)
{
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)(first + i * step);
}

START_TEST(test_vectors)
{
	struct crypto *crypto = crypto_new();
	uint8_t skeyid_d[HASH_MAX_LENGTH], g_xy[256], ni[16], nr[20], out[128];

	fill(skeyid_d, sizeof(skeyid_d), 0, 1);
	fill(g_xy, sizeof(g_xy), 7, 3);
	memset(ni, 0x11, sizeof(ni));
	memset(nr, 0x22, sizeof(nr));
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct keymat_source source = {
		    .hash = vectors[i].hash,
		    .skeyid_d = octets_of(skeyid_d, hash_length(vectors[i].hash)),
		    .g_xy = octets_of(g_xy, vectors[i].g_xy_length),
		    .protocol = IKE_PROTOCOL_ESP,
		    .ni_b = octets_of(ni, sizeof(ni)),
		    .nr_b = octets_of(nr, sizeof(nr)),
		};

		keymat(crypto, &source, vectors[i].spi, out, vectors[i].length);
		unit_assert_hex(octets_of(out, vectors[i].length), vectors[i].hex);
	}
	crypto_free(crypto);
}
END_TEST

/* Everything that goes in makes a difference, so that no two SAs have keys in common. */
START_TEST(test_all_of_it_counts)
{
	struct crypto *crypto = crypto_new();
	uint8_t octets[32] = {1}, others[32] = {2}, right[36], wrong[36];
	const struct keymat_source source = {
	    .hash = HASH_SHA1,
	    .skeyid_d = octets_of(octets, 20),
	    .g_xy = octets_of(octets, 32),
	    .protocol = IKE_PROTOCOL_ESP,
	    .ni_b = octets_of(octets, 16),
	    .nr_b = octets_of(octets, 16),
	};
	struct keymat_source other[6];

	for (size_t i = 0; i < 6; i++)
		other[i] = source;
	other[0].hash = HASH_MD5;
	other[1].skeyid_d = octets_of(others, 20);
	other[2].g_xy = octets_of(NULL, 0);
	other[3].protocol = IKE_PROTOCOL_AH;
	other[4].ni_b = octets_of(others, 16);
	other[5].nr_b = octets_of(others, 16);
	keymat(crypto, &source, 0x1000, right, sizeof(right));
	for (size_t i = 0; i < 6; i++) {
		keymat(crypto, &other[i], 0x1000, wrong, sizeof(wrong));
		ck_assert_mem_ne(right, wrong, 16);
		ck_assert_mem_ne(right + 20, wrong + 20, 16);
	}
	keymat(crypto, &source, 0x1001, wrong, sizeof(wrong));
	ck_assert_mem_ne(right, wrong, 16);
	crypto_free(crypto);
}
END_TEST

/* The beginning of a longer one, and not an octet more than was asked for. */
START_TEST(test_lengths)
{
	struct crypto *crypto = crypto_new();
	uint8_t octets[32] = {1}, whole[64], part[65];
	const struct keymat_source source = {
	    .hash = HASH_MD5,
	    .skeyid_d = octets_of(octets, 16),
	    .protocol = IKE_PROTOCOL_ESP,
	    .ni_b = octets_of(octets, 16),
	    .nr_b = octets_of(octets, 16),
	};

	keymat(crypto, &source, 0x1000, whole, sizeof(whole));
	for (size_t length = 0; length <= sizeof(whole); length++) {
		memset(part, 0xee, sizeof(part));
		keymat(crypto, &source, 0x1000, part, length);
		ck_assert_mem_eq(part, whole, length);
		ck_assert_uint_eq(part[length], 0xee);
	}
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("keymat", test_vectors, test_all_of_it_counts, test_lengths)
