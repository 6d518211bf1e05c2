/* SPDX-License-Identifier: ISC */
#include "ike/local_address.h"

#include <string.h>

#include "tests/support/unit.h"

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {5};

static struct ike_address address(uint8_t last, uint16_t port)
{
	return (struct ike_address){
	    .octets = {192, 0, 2, last}, .port = port, .family = IKE_FAMILY_IPV4};
}

START_TEST(test_too_many)
{
	struct local_addresses *locals = local_addresses_new(1, key);
	struct ike_address a = address(1, 500), b = address(2, 500), c = address(3, 500);
	uint32_t first = local_address_hold(locals, &a);

	ck_assert_uint_ne(first, 0);
	ck_assert_uint_ne(local_address_hold(locals, &b), 0);
	ck_assert_uint_eq(local_address_hold(locals, &c), 0);
	/* one that is there may be held as often as you like */
	ck_assert_uint_eq(local_address_hold(locals, &a), first);
	local_address_release(locals, first);
	ck_assert_uint_eq(local_address_hold(locals, &c), 0);
	local_address_release(locals, first);
	ck_assert_uint_eq(local_address_hold(locals, &c), first);
	ck_assert_mem_eq(local_address(locals, first), &c, sizeof(c));
	local_addresses_free(locals);
	local_addresses_free(NULL);
}
END_TEST

/* What nobody has said needs no entry, and is never given back. */
START_TEST(test_none)
{
	struct local_addresses *locals = local_addresses_new(0, key);
	static const struct ike_address none;

	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(local_address_hold(locals, &none), 0);
	local_address_release(locals, 0);
	ck_assert_mem_eq(local_address(locals, 0), &none, sizeof(none));
	local_addresses_free(locals);
}
END_TEST

START_TEST(test_port_counts)
{
	struct local_addresses *locals = local_addresses_new(10, key);
	struct ike_address a = address(1, 500), b = address(1, 4500);
	uint32_t first = local_address_hold(locals, &a), second = local_address_hold(locals, &b);

	ck_assert_uint_ne(first, second);
	ck_assert_uint_eq(local_address(locals, first)->port, 500);
	ck_assert_uint_eq(local_address(locals, second)->port, 4500);
	local_addresses_free(locals);
}
END_TEST

/* As many as there are SAs; they come and go in any order, and each is found again. */
START_TEST(test_many)
{
	const uint32_t many = 100000;
	struct local_addresses *locals = local_addresses_new(many, key);
	struct ike_address one = address(1, 500);

	ck_assert_ptr_nonnull(locals);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 1; i <= many; i++) {
			uint32_t number;

			memcpy(one.octets, &i, sizeof(i));
			number = local_address_hold(locals, &one);
			if (number == 0 ||
			    memcmp(local_address(locals, number), &one, sizeof(one)) != 0)
				ck_abort_msg("%u", i);
		}
		for (uint32_t i = many; i >= 1; i -= 1 + i % 3) {
			uint32_t number;

			memcpy(one.octets, &i, sizeof(i));
			number = local_address_hold(locals, &one);
			ck_assert(number != 0);
			local_address_release(locals, number);
			local_address_release(locals, number);
			if (i <= 3)
				break;
		}
		/* those that were let go have made room for as many */
		for (uint32_t i = many + 1; round == 1 && i < many + many / 4; i++) {
			memcpy(one.octets, &i, sizeof(i));
			if (local_address_hold(locals, &one) == 0)
				ck_abort_msg("%u", i);
		}
	}
	local_addresses_free(locals);
}
END_TEST

UNIT_MAIN("local_address", test_too_many, test_none, test_port_counts, test_many)
