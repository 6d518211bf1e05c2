/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/ike_pieces.h"
#include "tests/support/unit.h"

static const struct ike_address from = {.octets = {192, 0, 2, 1}, .family = IKE_FAMILY_IPV4};
static struct ike_pieces *pieces;
static struct octets whole;
static unsigned count;

static enum ike_verdict add(uint8_t sa, uint16_t id, uint8_t number, bool last, const char *data)
{
	const struct ike_header header = {.cky_i = {sa}};
	const struct fragment fragment = {
	    .id = id, .number = number, .last = last, .data = octets_of(data, strlen(data))};

	return ike_pieces_add(pieces, &header, &from, &fragment, &whole, &count);
}

static void start(void)
{
	ike_pieces_free(pieces);
	pieces = ike_pieces_new();
	ck_assert_ptr_nonnull(pieces);
}

START_TEST(test_contradictions)
{
	start();
	ck_assert_int_eq(add(1, 1, 1, false, "one"), IKE_ACCEPTED);
	ck_assert_int_eq(add(1, 1, 1, false, "one"), IKE_FRAGMENT_REPEATED);
	ck_assert_int_eq(add(1, 1, 1, false, "two"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(add(1, 1, 2, true, " three"), IKE_ACCEPTED);
	/* the later message has taken the place of the one that it contradicts */
	ck_assert_uint_eq(whole.length, 9);
	ck_assert_mem_eq(whole.data, "two three", 9);
	ck_assert_int_eq(add(1, 2, 3, false, "x"), IKE_ACCEPTED);
	ck_assert_int_eq(add(1, 2, 2, true, "y"),
			 IKE_FRAGMENT_CONFLICT); /* the last before another */
	ck_assert_int_eq(add(1, 2, 3, true, "z"), IKE_FRAGMENT_CONFLICT);
	ck_assert_uint_eq(whole.length, 0);
	ike_pieces_free(NULL);
}
END_TEST

START_TEST(test_any_order)
{
	start();
	ck_assert_int_eq(add(1, 1, 3, true, "c"), IKE_ACCEPTED);
	ck_assert_int_eq(add(2, 1, 2, false, "other"), IKE_ACCEPTED);
	ck_assert_int_eq(add(1, 1, 1, false, "aa"), IKE_ACCEPTED);
	ck_assert_uint_eq(whole.length, 0);
	ck_assert_int_eq(add(1, 1, 2, false, "bbb"), IKE_ACCEPTED);
	ck_assert_uint_eq(whole.length, 6);
	ck_assert_mem_eq(whole.data, "aabbbc", 6);
	ck_assert_uint_eq(count, 3);
	ck_assert_int_eq(add(1, 5, 1, true, "alone"), IKE_ACCEPTED);
	ck_assert_mem_eq(whole.data, "alone", 5);
}
END_TEST

START_TEST(test_bounded)
{
	static uint8_t data[4000];
	const struct ike_header header = {.cky_i = {1}};
	enum ike_verdict verdict = IKE_ACCEPTED;

	start();
	for (uint8_t i = 1; i <= 17 && verdict == IKE_ACCEPTED; i++) {
		const struct fragment fragment = {
		    .id = 1, .number = i, .data = octets_of(data, sizeof(data))};

		verdict = ike_pieces_add(pieces, &header, &from, &fragment, &whole, &count);
	}
	ck_assert_int_eq(verdict, IKE_FRAGMENT_TOO_LONG);
	for (uint16_t id = 0; id < 500; id++)
		ck_assert_int_eq(add(3, id, 2, true, "x"), IKE_ACCEPTED);
	ck_assert_int_eq(add(3, 499, 1, false, "x"), IKE_ACCEPTED);
	ck_assert_uint_eq(whole.length, 2);
}
END_TEST

UNIT_MAIN("ike_pieces", test_contradictions, test_any_order, test_bounded)
