/* SPDX-License-Identifier: ISC */
/*
 * dh.c - twelve groups of three families.
 *
 * A group is a row of a table, a family three functions: generate, valid, secret.  Everything above them (lengths,
 * memory, zeros on failure) is written once, at the end of the file.
 *
 * The library's scratch numbers are made for one operation and freed, which wipes them, at its end.  That costs a
 * thousandth of the operation, and leaves no secret behind in a pool.
 */
#include "crypto/dh.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/backend_openssl.h"
#include "crypto/secret.h"

#define MAX_PRIVATE    66 /* octets: a scalar of ECP 521 */
#define MAX_COORDINATE 66
#define MODP_GENERATOR 2 /* of every MODP group: RFC 2409 section 6, RFC 3526 */

struct dh_key {
	enum dh_group group;
	uint8_t private_value[MAX_PRIVATE];
	uint8_t public_value[DH_MAX_LENGTH];
};

/* peer is of the group's public length here.  False: refused, or no memory; what is in the buffers is then anything. */
struct family {
	bool (*generate)(const struct crypto *crypto, struct dh_key *key,
			 struct random_source *random);
	bool (*valid)(const struct crypto *crypto, enum dh_group group, const uint8_t *peer);
	bool (*secret)(const struct crypto *crypto, const struct dh_key *key, const uint8_t *peer,
		       uint8_t *out);
};

static const struct family modp, ecp, curve25519;

/*
 * A MODP private value is as long as the strength of its group asks for, not as long as the prime: every exponent of twice
 * that many bits is as hard to find, and the operation is shorter by the same factor (RFC 3526 section 8).  The lengths
 * are those of OpenSSL's own named groups, in whole octets, and 32 for the three smallest.
 */
static const struct {
	const struct family *family;
	size_t public_length, secret_length, private_length; /* octets */
	BIGNUM *(*prime)(BIGNUM *out);
	int curve; /* OpenSSL's number */
} groups[DH_GROUPS] = {
    /* clang-format off */
	[DH_MODP_768]	= {&modp,	96,   96,   32, BN_get_rfc2409_prime_768, 0},
	[DH_MODP_1024]	= {&modp,	128,  128,  32, BN_get_rfc2409_prime_1024, 0},
	[DH_MODP_1536]	= {&modp,	192,  192,  32, BN_get_rfc3526_prime_1536, 0},
	[DH_MODP_2048]	= {&modp,	256,  256,  29, BN_get_rfc3526_prime_2048, 0},
	[DH_MODP_3072]	= {&modp,	384,  384,  35, BN_get_rfc3526_prime_3072, 0},
	[DH_MODP_4096]	= {&modp,	512,  512,  41, BN_get_rfc3526_prime_4096, 0},
	[DH_MODP_6144]	= {&modp,	768,  768,  47, BN_get_rfc3526_prime_6144, 0},
	[DH_MODP_8192]	= {&modp,	1024, 1024, 50, BN_get_rfc3526_prime_8192, 0},
	[DH_ECP_256]	= {&ecp,	64,   32,   32, NULL, NID_X9_62_prime256v1},
	[DH_ECP_384]	= {&ecp,	96,   48,   48, NULL, NID_secp384r1},
	[DH_ECP_521]	= {&ecp,	132,  66,   66, NULL, NID_secp521r1},
	[DH_CURVE25519] = {&curve25519, 32,   32,   32, NULL, 0},
    /* clang-format on */
};

/* ---- MODP ---- */

static bool modp_arithmetic_new(struct dh_arithmetic *arithmetic, BIGNUM *(*prime)(BIGNUM *out))
{
	BN_CTX *scratch = BN_CTX_new();
	bool made;

	arithmetic->prime = prime(NULL);
	arithmetic->prime_less_one = prime(NULL);
	arithmetic->montgomery = BN_MONT_CTX_new();
	made = scratch != NULL && arithmetic->prime != NULL && arithmetic->prime_less_one != NULL &&
	       arithmetic->montgomery != NULL && BN_sub_word(arithmetic->prime_less_one, 1) == 1 &&
	       BN_MONT_CTX_set(arithmetic->montgomery, arithmetic->prime, scratch) == 1;
	BN_CTX_free(scratch);
	return made;
}

/* out = base ^ (private value) mod p, in time that does not depend on the private value. */
static bool modp_power(const struct crypto *crypto, const struct dh_key *key, const BIGNUM *base,
		       uint8_t *out)
{
	const struct dh_arithmetic *arithmetic = &crypto->dh[key->group];
	const int length = (int)groups[key->group].secret_length;
	BN_CTX *scratch = BN_CTX_new();
	BIGNUM *power = BN_new();
	BIGNUM *exponent =
	    BN_bin2bn(key->private_value, (int)groups[key->group].private_length, NULL);
	bool done = false;

	if (scratch != NULL && power != NULL && exponent != NULL) {
		BN_set_flags(exponent, BN_FLG_CONSTTIME);
		done = BN_mod_exp_mont_consttime(power, base, exponent, arithmetic->prime, scratch,
						 arithmetic->montgomery) == 1 &&
		       BN_bn2binpad(power, out, length) == length;
	}
	BN_clear_free(exponent);
	BN_clear_free(power);
	BN_CTX_free(scratch);
	return done;
}

static bool modp_generate(const struct crypto *crypto, struct dh_key *key,
			  struct random_source *random)
{
	BIGNUM *generator = BN_new();
	bool done;

	random_octets(random, key->private_value, groups[key->group].private_length);
	/* One length for all, so that the time taken tells nothing of it. */
	key->private_value[0] |= 0x80;
	done = generator != NULL && BN_set_word(generator, MODP_GENERATOR) == 1 &&
	       modp_power(crypto, key, generator, key->public_value);
	BN_free(generator);
	return done;
}

/*
 * The peer's value as a number, or NULL unless 1 < y < p - 1: with any other, anyone could name the secret.  The primes are
 * safe ones, so nothing else has a small order and no further check is owed (RFC 6989 section 2.1).
 */
static BIGNUM *modp_peer(const struct crypto *crypto, enum dh_group group, const uint8_t *peer)
{
	BIGNUM *y = BN_bin2bn(peer, (int)groups[group].public_length, NULL);

	if (y == NULL ||
	    (BN_cmp(y, BN_value_one()) > 0 && BN_cmp(y, crypto->dh[group].prime_less_one) < 0))
		return y;
	BN_free(y);
	return NULL;
}

static bool modp_valid(const struct crypto *crypto, enum dh_group group, const uint8_t *peer)
{
	BIGNUM *y = modp_peer(crypto, group, peer);

	BN_free(y);
	return y != NULL;
}

static bool modp_secret(const struct crypto *crypto, const struct dh_key *key, const uint8_t *peer,
			uint8_t *out)
{
	BIGNUM *y = modp_peer(crypto, key->group, peer);
	bool done = y != NULL && modp_power(crypto, key, y, out);

	BN_free(y);
	return done;
}

static const struct family modp = {modp_generate, modp_valid, modp_secret};

/* ---- the NIST curves ---- */

/* SEC 1's uncompressed point: this octet, x, y.  IKE sends the same without the octet (RFC 5903 section 7). */
#define UNCOMPRESSED 0x04
#define MAX_POINT    (1 + 2 * MAX_COORDINATE)

/* a < b, most significant octet first, in time that depends on neither. */
static bool less(const uint8_t *a, const uint8_t *b, size_t length)
{
	unsigned int borrow = 0;

	for (size_t i = length; i-- > 0;)
		borrow = (a[i] - b[i] - borrow) >> 8 & 1;
	return borrow == 1;
}

/*
 * A scalar in [1, n - 1], even over it: drawn again until it is one.  The orders begin with as many one bits as their
 * first octet has bits at all, so that octet is also the mask, and the worst of them, of ECP 256, refuses one draw in
 * 2^32.  A source that is refused again and again is broken, and keys must not be made of it.
 */
static void ecp_draw(const EC_GROUP *curve, struct dh_key *key, struct random_source *random)
{
	const size_t length = groups[key->group].private_length;
	uint8_t order[MAX_PRIVATE];
	bool drawn = false;
	int written = BN_bn2binpad(EC_GROUP_get0_order(curve), order, (int)length);

	assert(written == (int)length);
	for (int attempt = 0; attempt < 32 && !drawn; attempt++) {
		random_octets(random, key->private_value, length);
		key->private_value[0] &= order[0];
		drawn = less(key->private_value, order, length) &&
			!sodium_is_zero(key->private_value, length);
	}
	assert(drawn);
}

/* xy = (private value) * point, or * the curve's generator when point is NULL. */
static bool ecp_multiply(const struct crypto *crypto, const struct dh_key *key,
			 const EC_POINT *point, uint8_t *xy)
{
	const EC_GROUP *curve = crypto->dh[key->group].curve;
	const size_t length = groups[key->group].public_length;
	uint8_t encoded[MAX_POINT];
	BN_CTX *scratch = BN_CTX_new();
	EC_POINT *product = EC_POINT_new(curve);
	BIGNUM *scalar =
	    BN_bin2bn(key->private_value, (int)groups[key->group].private_length, NULL);
	bool done = false;

	if (scratch != NULL && product != NULL && scalar != NULL) {
		BN_set_flags(scalar, BN_FLG_CONSTTIME);
		done = EC_POINT_mul(curve, product, point == NULL ? scalar : NULL, point,
				    point == NULL ? NULL : scalar, scratch) == 1 &&
		       EC_POINT_point2oct(curve, product, POINT_CONVERSION_UNCOMPRESSED, encoded,
					  sizeof(encoded), scratch) == 1 + length;
	}
	if (done)
		memcpy(xy, encoded + 1, length);
	secret_wipe(encoded, sizeof(encoded));
	BN_clear_free(scalar);
	EC_POINT_clear_free(product);
	BN_CTX_free(scratch);
	return done;
}

static bool ecp_generate(const struct crypto *crypto, struct dh_key *key,
			 struct random_source *random)
{
	ecp_draw(crypto->dh[key->group].curve, key, random);
	return ecp_multiply(crypto, key, NULL, key->public_value);
}

/*
 * The peer's point, or NULL when a coordinate is not below the prime or the point is not on the curve (the library's own
 * check).  Infinity has no such encoding, and the curves have no small subgroups: this is the whole of RFC 6989 section 2.3.
 */
static EC_POINT *ecp_peer(const struct crypto *crypto, enum dh_group group, const uint8_t *peer)
{
	const EC_GROUP *curve = crypto->dh[group].curve;
	const size_t length = groups[group].public_length;
	EC_POINT *point = EC_POINT_new(curve);
	uint8_t encoded[MAX_POINT] = {UNCOMPRESSED};
	bool good;

	memcpy(encoded + 1, peer, length);
	ERR_set_mark(); /* a peer's nonsense is no error of this process */
	good = point != NULL && EC_POINT_oct2point(curve, point, encoded, 1 + length, NULL) == 1;
	ERR_pop_to_mark();
	if (good)
		return point;
	EC_POINT_free(point);
	return NULL;
}

static bool ecp_valid(const struct crypto *crypto, enum dh_group group, const uint8_t *peer)
{
	EC_POINT *point = ecp_peer(crypto, group, peer);

	EC_POINT_free(point);
	return point != NULL;
}

static bool ecp_secret(const struct crypto *crypto, const struct dh_key *key, const uint8_t *peer,
		       uint8_t *out)
{
	EC_POINT *point = ecp_peer(crypto, key->group, peer);
	uint8_t xy[2 * MAX_COORDINATE];
	bool done = point != NULL && ecp_multiply(crypto, key, point, xy);

	if (done)
		memcpy(out, xy, groups[key->group].secret_length); /* x alone: RFC 5903 section 7 */
	secret_wipe(xy, sizeof(xy));
	EC_POINT_free(point);
	return done;
}

static const struct family ecp = {ecp_generate, ecp_valid, ecp_secret};

/* ---- Curve25519 ---- */

static_assert(crypto_scalarmult_curve25519_BYTES == 32, "public values and secrets of RFC 7748");
static_assert(crypto_scalarmult_curve25519_SCALARBYTES == 32, "private values of RFC 7748");

/* The private value is kept as drawn: the multiplication fixes its bits itself (RFC 7748 section 5). */
static bool curve25519_generate(const struct crypto *crypto, struct dh_key *key,
				struct random_source *random)
{
	(void)crypto;
	random_octets(random, key->private_value, groups[key->group].private_length);
	return crypto_scalarmult_curve25519_base(key->public_value, key->private_value) == 0;
}

static bool curve25519_valid(const struct crypto *crypto, enum dh_group group, const uint8_t *peer)
{
	(void)crypto;
	return !sodium_is_zero(peer, groups[group].public_length);
}

/* The library refuses a secret that is all zero, which is what every point of small order gives. */
static bool curve25519_secret(const struct crypto *crypto, const struct dh_key *key,
			      const uint8_t *peer, uint8_t *out)
{
	(void)crypto;
	return crypto_scalarmult_curve25519(out, key->private_value, peer) == 0;
}

static const struct family curve25519 = {curve25519_generate, curve25519_valid, curve25519_secret};

/* ---- all groups ---- */

bool dh_arithmetic_new(struct crypto *crypto)
{
	bool made = true;

	for (size_t i = 0; i < DH_GROUPS && made; i++) {
		struct dh_arithmetic *arithmetic = &crypto->dh[i];

		if (groups[i].prime != NULL) {
			made = modp_arithmetic_new(arithmetic, groups[i].prime);
		} else if (groups[i].curve != 0) {
			arithmetic->curve = EC_GROUP_new_by_curve_name(groups[i].curve);
			made = arithmetic->curve != NULL;
		}
	}
	return made;
}

void dh_arithmetic_free(struct crypto *crypto)
{
	for (size_t i = 0; i < DH_GROUPS; i++) {
		BN_free(crypto->dh[i].prime);
		BN_free(crypto->dh[i].prime_less_one);
		BN_MONT_CTX_free(crypto->dh[i].montgomery);
		EC_GROUP_free(crypto->dh[i].curve);
	}
}

size_t dh_public_length(enum dh_group group)
{
	assert((size_t)group < DH_GROUPS);
	return groups[group].public_length;
}

size_t dh_secret_length(enum dh_group group)
{
	assert((size_t)group < DH_GROUPS);
	return groups[group].secret_length;
}

struct dh_key *dh_generate(struct crypto *crypto, enum dh_group group, struct random_source *random)
{
	struct dh_key *key;

	assert((size_t)group < DH_GROUPS);
	key = calloc(1, sizeof(*key));
	if (key == NULL)
		return NULL;
	key->group = group;
	if (!groups[group].family->generate(crypto, key, random)) {
		dh_free(key);
		return NULL;
	}
	return key;
}

void dh_free(struct dh_key *key)
{
	if (key == NULL)
		return;
	secret_wipe(key, sizeof(*key));
	free(key);
}

struct octets dh_public(const struct dh_key *key)
{
	return octets_of(key->public_value, groups[key->group].public_length);
}

struct octets dh_private(const struct dh_key *key)
{
	return octets_of(key->private_value, groups[key->group].private_length);
}

bool dh_public_valid(struct crypto *crypto, enum dh_group group, struct octets peer_public)
{
	return peer_public.length == dh_public_length(group) &&
	       groups[group].family->valid(crypto, group, peer_public.data);
}

bool dh_secret(struct crypto *crypto, const struct dh_key *key, struct octets peer_public,
	       uint8_t *out)
{
	const enum dh_group group = key->group;
	bool done = peer_public.length == groups[group].public_length &&
		    groups[group].family->secret(crypto, key, peer_public.data, out);

	if (!done)
		secret_wipe(out, groups[group].secret_length);
	return done;
}
