/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/ip_pieces.h"
#include "tests/support/unit.h"

static uint8_t text[4096];
static struct ip_pieces *pieces;
static struct octets whole;
static unsigned count;

static bool add(uint32_t id, size_t at, size_t length, bool more)
{
	const struct ip_piece piece = {.from = {.family = IKE_FAMILY_IPV4},
				       .to = {.family = IKE_FAMILY_IPV4},
				       .id = id,
				       .protocol = 17,
				       .offset = at,
				       .more = more,
				       .octets = octets_of(text + at % sizeof(text), length)};

	return ip_pieces_add(pieces, &piece, &whole, &count);
}

static void start(void)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	ip_pieces_free(pieces);
	pieces = ip_pieces_new();
	ck_assert_ptr_nonnull(pieces);
}

START_TEST(test_refused)
{
	start();
	ck_assert(!add(1, 4, 8, true));      /* not at a multiple of eight */
	ck_assert(!add(1, 0, 12, true));     /* not the last, and no whole units */
	ck_assert(!add(1, 0, 0, false));     /* nothing */
	ck_assert(!add(1, 65528, 8, false)); /* past the end of any datagram */
	ck_assert(!add(1, 8, 4, false));
	ck_assert(!add(1, 800, 8, true)); /* behind the end */
	ck_assert(!add(2, 0, 8, true));   /* of another datagram */
	ck_assert(add(1, 0, 8, true));
	ck_assert_uint_eq(whole.length, 12);
	ip_pieces_free(NULL);
}
END_TEST

START_TEST(test_any_order)
{
	start();
	ck_assert(!add(1, 1600, 100, false));
	ck_assert(!add(1, 0, 800, true));
	ck_assert(!add(1, 0, 800, true)); /* again */
	ck_assert(!add(2, 0, 800, true));
	ck_assert(add(1, 800, 800, true));
	ck_assert_uint_eq(whole.length, 1700);
	ck_assert_uint_eq(count, 4);
	ck_assert_mem_eq(whole.data, text, 1700);
	ck_assert(add(2, 800, 3, false));
	ck_assert_uint_eq(whole.length, 803);
	/* it is forgotten: the same ID may come again */
	ck_assert(!add(1, 0, 8, true));
}
END_TEST

START_TEST(test_bounded)
{
	start();
	for (uint32_t id = 0; id < 1000; id++)
		ck_assert(!add(id, 0, 8, true));
	ck_assert(!add(0, 8, 8, false)); /* the oldest is forgotten */
	ck_assert(add(999, 8, 8, false));
}
END_TEST

UNIT_MAIN("ip_pieces", test_refused, test_any_order, test_bounded)
