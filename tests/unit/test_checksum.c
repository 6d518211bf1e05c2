/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/checksum.h"

static uint16_t of(const char *hex)
{
	uint8_t octets[64];

	return checksum_of(checksum_add(0, octets_of(octets, unit_hex(hex, octets, 64))));
}

START_TEST(test_nothing_and_little)
{
	ck_assert_uint_eq(of(""), 0xffff);
	ck_assert_uint_eq(of("0000"), 0xffff);
	ck_assert_uint_eq(of("ffff"), 0);
	ck_assert_uint_eq(of("0102"), 0xfefd);
	ck_assert_uint_eq(of("010203"), 0xfbfd); /* as if a zero followed */
}
END_TEST

/* Carries come back in at the bottom, and may bring another. */
START_TEST(test_carries)
{
	ck_assert_uint_eq(of("ffff0001"), 0xfffe);
	ck_assert_uint_eq(of("ffffffff00010000"), 0xfffe);
	ck_assert_uint_eq(checksum_of(0x0001ffff), 0xfffe);
	ck_assert_uint_eq(checksum_of(0xffffffff), 0);
	/* RFC 1071 section 3 */
	ck_assert_uint_eq(of("0001f203f4f5f6f7"), 0xffff & ~0xddf2);
}
END_TEST

/* ping's: 192.0.2.1 to 198.51.100.2, and then the checksum in its place. */
START_TEST(test_header)
{
	ck_assert_uint_eq(of("45000054 00004000 40010000 c0000201 c6336402"), 0x4e72);
	ck_assert_uint_eq(of("45000054 00004000 40014e72 c0000201 c6336402"), 0);
	ck_assert_uint_eq(of("45000054 00004000 40014e73 c0000201 c6336402"), 0xfffe);
}
END_TEST

START_TEST(test_in_pieces)
{
	uint8_t octets[9];
	size_t length = unit_hex("0001f203f4f5f6f7fe", octets, sizeof(octets));
	uint32_t whole = checksum_add(0, octets_of(octets, length));

	for (size_t at = 0; at < length; at += 2)
		ck_assert_uint_eq(checksum_add(checksum_add(0, octets_of(octets, at)),
					       octets_of(octets + at, length - at)),
				  whole);
}
END_TEST

UNIT_MAIN("checksum", test_nothing_and_little, test_carries, test_header, test_in_pieces)
