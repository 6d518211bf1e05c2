/* SPDX-License-Identifier: ISC */
/*
 * Public values that are none (CVE-2015-3240: a zero restarted pluto), in every group, as responder and as initiator.  What
 * crypto/ thinks of each is test_dh.c's; here it is what becomes of the negotiation.
 */
#include <openssl/bn.h>
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "ike/proposal.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static const char *const names[DH_GROUPS] = {
    [DH_MODP_768] = "modp768",   [DH_MODP_1024] = "modp1024", [DH_MODP_1536] = "modp1536",
    [DH_MODP_2048] = "modp2048", [DH_MODP_3072] = "modp3072", [DH_MODP_4096] = "modp4096",
    [DH_MODP_6144] = "modp6144", [DH_MODP_8192] = "modp8192", [DH_ECP_256] = "ecp256",
    [DH_ECP_384] = "ecp384",     [DH_ECP_521] = "ecp521",     [DH_CURVE25519] = "x25519",
};

#define VALUES_MAX 20

static struct {
	size_t count;
	struct {
		const char *what;
		size_t length;
		uint8_t data[DH_MAX_LENGTH + 64];
	} value[VALUES_MAX];
} bad;

static uint8_t *add(const char *what, size_t length)
{
	ck_assert_uint_lt(bad.count, VALUES_MAX);
	bad.value[bad.count].what = what;
	bad.value[bad.count].length = length;
	memset(bad.value[bad.count].data, 0, sizeof(bad.value[0].data));
	return bad.value[bad.count++].data;
}

static BIGNUM *prime_of(enum dh_group group)
{
	static BIGNUM *(*const primes[])(BIGNUM *) = {
	    BN_get_rfc2409_prime_768,  BN_get_rfc2409_prime_1024, BN_get_rfc3526_prime_1536,
	    BN_get_rfc3526_prime_2048, BN_get_rfc3526_prime_3072, BN_get_rfc3526_prime_4096,
	    BN_get_rfc3526_prime_6144, BN_get_rfc3526_prime_8192,
	};

	return primes[group](NULL);
}

static void modp_values(enum dh_group group, int length)
{
	static const char *const around[] = {"p - 1", "p", "p + 1"};
	BIGNUM *prime = prime_of(group);

	ck_assert_ptr_nonnull(prime);
	(void)add("0", (size_t)length);
	add("1", (size_t)length)[length - 1] = 1;
	ck_assert_int_eq(BN_sub_word(prime, 1), 1);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(BN_bn2binpad(prime, add(around[i], (size_t)length), length),
				 length);
		ck_assert_int_eq(BN_add_word(prime, 1), 1);
	}
	BN_free(prime);
}

/* Every one is made of a good one of the group, `good`. */
static void curve_values(const uint8_t *good, size_t length)
{
	uint8_t *value;

	memcpy(add("a point off the curve", length), good, length);
	bad.value[bad.count - 1].data[length - 1] ^= 1;
	(void)add("infinity as zeros", length);
	(void)add("infinity as one octet", 1);
	value = add("a compressed point", 1 + length / 2);
	value[0] = 2;
	memcpy(value + 1, good, length / 2);
	value = add("an uncompressed point with its prefix", 1 + length);
	value[0] = 4;
	memcpy(value + 1, good, length);
	memcpy(add("x without y", length / 2), good, length / 2);
	memcpy(add("x twice", length), good, length / 2);
	memcpy(bad.value[bad.count - 1].data + length / 2, good, length / 2);
}

static void any_values(const uint8_t *good, size_t length)
{
	memcpy(add("one octet short", length - 1), good, length - 1);
	memcpy(add("one octet long", length + 1) + 1, good, length);
	memcpy(add("twice as long", length < 512 ? 2 * length : length + 64), good, length);
	(void)add("nothing", 0);
	(void)add("one octet", 1);
}

static void collect(enum dh_group group)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {5};
	struct crypto *crypto = crypto_new();
	struct random_source random;
	struct dh_key *key;

	random_seeded(&random, seed);
	key = dh_generate(crypto, group, &random);
	ck_assert_ptr_nonnull(key);
	bad.count = 0;
	any_values(dh_public(key).data, dh_public(key).length);
	if (group == DH_CURVE25519) {
		(void)add("0", dh_public(key).length); /* all ones is a point of Curve25519 */
	} else {
		memset(add("all ones", dh_public(key).length), 0xff, dh_public(key).length);
		if (group >= DH_ECP_256)
			curve_values(dh_public(key).data, dh_public(key).length);
		else
			modp_values(group, (int)dh_public(key).length);
	}
	dh_free(key);
	crypto_free(crypto);
}

static struct duo *duo_of(enum dh_group group)
{
	struct duo *duo = duo_new((uint8_t)group);
	char text[40];

	snprintf(text, sizeof(text), "aes128-sha1-%s", names[group]);
	duo_propose(duo, DUO_A, text);
	duo_propose(duo, DUO_B, text);
	return duo;
}

/* Into a negotiation that waits for MM3 or MM4; the real one comes afterwards, and is as good as ever. */
static void in_place_of(enum ike_message_kind kind, enum dh_group group)
{
	enum duo_node to = kind == IKE_MM3 ? DUO_B : DUO_A;
	struct duo *duo = duo_of(group);
	struct siege_held held;
	uint64_t before;

	siege_hold(duo, kind, &held);
	before = siege_digest(duo, to, SIEGE_BUT_REFUSALS);
	ck_assert_uint_lt(bad.count, 15); /* after sixteen refusals a handshake hears no more */
	for (size_t i = 0; i < bad.count; i++) {
		struct caller caller;
		enum ike_verdict verdict;

		(void)caller_message_3(&caller, held.data, held.data + IKE_COOKIE_LENGTH,
				       octets_of(bad.value[i].data, bad.value[i].length));
		verdict = duo_inject(duo, to, caller.data, caller.length);
		ck_assert_msg(verdict == IKE_BAD_KEY_EXCHANGE, "%s, %s: %s: %s",
			      ike_message_kind_name(kind), names[group], bad.value[i].what,
			      ike_verdict_name(verdict));
		(void)siege_drain(duo, to);
		ck_assert(siege_digest(duo, to, SIEGE_BUT_REFUSALS) == before);
	}
	ck_assert_int_eq(duo_inject(duo, to, held.data, held.length), IKE_ACCEPTED);
	duo_free(duo);
}

START_TEST(cve_2015_3240_degenerate_public_values)
{
	for (enum dh_group group = 0; group < DH_GROUPS; group++) {
		collect(group);
		ck_assert_uint_gt(bad.count, 5);
		in_place_of(IKE_MM3, group);
		in_place_of(IKE_MM4, group);
	}
}
END_TEST

/*
 * Points of small order look like any other until the secret is computed, which would then be known to everybody: the negotiation
 * ends, without a message that would be under such keys, and the next one is as good as ever.
 */
START_TEST(cve_2015_3240_curve25519_points_of_small_order)
{
	static const char *const points[] = {
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};

	for (size_t i = 0; i < 2 * sizeof(points) / sizeof(points[0]); i++) {
		enum ike_message_kind kind = i % 2 == 0 ? IKE_MM3 : IKE_MM4;
		enum duo_node to = kind == IKE_MM3 ? DUO_B : DUO_A;
		struct duo *duo = duo_of(DH_CURVE25519);
		struct siege_held held;
		struct caller caller;
		uint8_t point[32];

		siege_hold(duo, kind, &held);
		(void)unit_hex(points[i / 2], point, sizeof(point));
		(void)caller_message_3(&caller, held.data, held.data + IKE_COOKIE_LENGTH,
				       octets_of(point, sizeof(point)));
		ck_assert_int_eq(duo_inject(duo, to, caller.data, caller.length), IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_int_eq(duo_last(duo, to, IKE_EVENT_FAILED)->verdict,
				 IKE_BAD_KEY_EXCHANGE);
		ck_assert_uint_eq(duo_count(duo, to, IKE_EVENT_KEYS), 0);
		duo->deliver = NULL;
		(void)siege_run(duo, 120 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		duo_free(duo);
	}
}
END_TEST

/* Our own public value, sent back to us: it is one of the group's, and whoever sends it has no secret with us. */
START_TEST(cve_2015_3240_our_own_public_value)
{
	for (enum dh_group group = DH_ECP_256; group < DH_GROUPS; group++) {
		struct duo *duo = duo_of(group);
		struct siege_held held;
		struct caller caller;

		siege_hold(duo, IKE_MM4, &held);
		for (size_t i = 0; i < duo->datagrams; i++) {
			const struct duo_datagram *sent = &duo->datagram[i];

			if (sent->to != DUO_B || sent->data[16] != IKE_PAYLOAD_KE)
				continue;
			memcpy(caller.data, sent->data, sent->length);
			ck_assert_int_eq(duo_inject(duo, DUO_A, caller.data, sent->length),
					 IKE_REFLECTED);
		}
		ck_assert_uint_ge(siege_verdicts(duo, DUO_A, IKE_REFLECTED), 1);
		ck_assert_int_eq(duo_inject(duo, DUO_A, held.data, held.length), IKE_ACCEPTED);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("public_values", cve_2015_3240_degenerate_public_values,
	  cve_2015_3240_curve25519_points_of_small_order, cve_2015_3240_our_own_public_value)
