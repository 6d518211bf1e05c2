/* SPDX-License-Identifier: ISC */
#include "ike/vendor_id.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_of(const char *hex)
{
	uint8_t memory[64];

	return ike_vendor_id_name(octets_of(memory, unit_hex(hex, memory, sizeof(memory))));
}

START_TEST(test_not_known)
{
	static const char *const unknown[] = {
	    "",
	    "00",
	    "afcad71368a1f1c96b8696fc7757", /* DPD without a version */
	    "afcad71368a1f1c96b8696fc77570100ff",
	    "afcad71368a1f1c96b8696fc77580100",
	    "09002689dfd6b71280a224dec33b81e5", /* XAUTH not cut short */
	    "4a131c81070358455c5728f20e95452e",
	    "4a131c81070358455c5728f20e954500",
	    "1e2b516905991c7d7c96fcbfb587e461", /* no version */
	    "4048b7d56ebce88525e7de7f00d6c2d38000",
	};

	for (size_t i = 0; i < COUNT(unknown); i++)
		ck_assert_msg(name_of(unknown[i]) == NULL, "%s", unknown[i]);
}
END_TEST

START_TEST(test_known)
{
	static const struct {
		const char *hex, *name;
	} known[] = {
	    {"afcad71368a1f1c96b8696fc77570100", "DPD"},
	    {"afcad71368a1f1c96b8696fc77570203", "DPD"},
	    {"09002689dfd6b712", "XAUTH"},
	    {"4a131c81070358455c5728f20e95452f", "RFC 3947"},
	    {"4485152d18b6bbcd0be8a8469579ddcc", "nat-t-ike-00"},
	    {"cd60464335df21f87cfdb2fc68b6a448", "nat-t-ike-02"},
	    {"90cb80913ebb696e086381b5ec427b1f", "nat-t-ike-02n"},
	    {"7d9419a65310ca6f2c179d9215529d56", "nat-t-ike-03"},
	    {"4048b7d56ebce88525e7de7f00d6c2d3", "FRAGMENTATION"},
	    {"4048b7d56ebce88525e7de7f00d6c2d380000000", "FRAGMENTATION"},
	    {"12f5f28c457168a9702d9fe274cc0100", "CISCO-UNITY"},
	    {"8db7a41811221660", "HEARTBEATS"},
	    {"4865617274426561745f4e6f74696679", "HeartBeat_Notify"},
	    {"4865617274426561745f4e6f74696679386b0100", "HeartBeat_Notify"},
	    {"1e2b516905991c7d7c96fcbfb587e46100000008", "MS NT5 ISAKMPOAKLEY"},
	    {"26244d38eddb61b3172a36e3d0cfb819", "Vid-Initial-Contact"},
	    {"882fe56d6fd20dbc2251613b2ebe5beb", "strongSwan"},
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		const char *name = name_of(known[i].hex);

		ck_assert_msg(name != NULL, "%s", known[i].name);
		ck_assert_str_eq(name, known[i].name);
	}
}
END_TEST

UNIT_MAIN("vendor_id", test_not_known, test_known)
