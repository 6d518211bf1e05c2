/* SPDX-License-Identifier: ISC */
#include "keepalive/capability.h"

#include <string.h>

#include "tests/support/unit.h"

#define RFC_3706 "afcad713 68a1f1c9 6b8696fc 7757"

static bool matches(const char *hex)
{
	uint8_t octets[64];

	return keepalive_vendor_id_matches(
	    octets_of(octets, unit_hex(hex, octets, sizeof(octets))));
}

/* R50 */
START_TEST(others_do_not_match)
{
	ck_assert(!keepalive_vendor_id_matches(octets_of(NULL, 0)));
	ck_assert(!matches(RFC_3706));           /* no version */
	ck_assert(!matches(RFC_3706 "01"));      /* no minor version */
	ck_assert(!matches(RFC_3706 "0100 00")); /* something follows */
	ck_assert(!matches(RFC_3706 "0200"));    /* another major version */
	ck_assert(!matches(RFC_3706 "0000"));
	ck_assert(!matches("4a131c81 07035845 5c5728f2 0e95452f")); /* RFC 3947 */
}
END_TEST

/* R50 */
START_TEST(every_octet_of_the_constant_counts)
{
	uint8_t octets[KEEPALIVE_VENDOR_ID_LENGTH];

	for (size_t i = 0; i < 15; i++) {
		memcpy(octets, keepalive_vendor_id().data, sizeof(octets));
		octets[i] ^= 1;
		ck_assert_msg(!keepalive_vendor_id_matches(octets_of(octets, sizeof(octets))),
			      "octet %zu", i);
	}
}
END_TEST

/* R2, R3. */
START_TEST(ours_is_version_1_0)
{
	unit_assert_hex(keepalive_vendor_id(), RFC_3706 "0100");
	ck_assert(keepalive_vendor_id_matches(keepalive_vendor_id()));
}
END_TEST

/* R51 */
START_TEST(any_minor_version_will_do)
{
	ck_assert(matches(RFC_3706 "0101"));
	ck_assert(matches(RFC_3706 "01ff"));
}
END_TEST

UNIT_MAIN("capability", others_do_not_match, every_octet_of_the_constant_counts,
	  ours_is_version_1_0, any_minor_version_will_do)
