/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/node/encapsulation.h"

static uint8_t memory[64], twin[64];

static struct ike_datagram received(uint16_t port, const char *hex)
{
	struct ike_datagram datagram = {
	    .local = {.port = port, .family = IKE_FAMILY_IPV4},
	    .data = memory + ENCAPSULATION_MARKER,
	    .plain = twin + ENCAPSULATION_MARKER,
	    .room = 40,
	};

	memset(memory, 0xee, sizeof(memory));
	memset(twin, 0xee, sizeof(twin));
	datagram.length = unit_hex(hex, datagram.data, 40);
	return datagram;
}

static void expect_dropped(const char *hex, struct encapsulation expected)
{
	struct encapsulation encapsulation = {.port = 4500};
	struct ike_datagram datagram = received(4500, hex), before = datagram;

	expected.port = 4500;
	ck_assert(!encapsulation_take_off(&encapsulation, &datagram));
	ck_assert_mem_eq(&datagram, &before, sizeof(before));
	ck_assert_mem_eq(&encapsulation, &expected, sizeof(expected));
}

START_TEST(test_what_is_not_for_the_engine)
{
	expect_dropped("ff", (struct encapsulation){.keepalives = 1});
	expect_dropped("", (struct encapsulation){.nonsense = 1});
	expect_dropped("00", (struct encapsulation){.nonsense = 1});
	expect_dropped("fe", (struct encapsulation){.nonsense = 1});
	expect_dropped("ffff", (struct encapsulation){.nonsense = 1});
	expect_dropped("000000", (struct encapsulation){.nonsense = 1});
	expect_dropped("00000001", (struct encapsulation){.esp = 1});
	expect_dropped("01000000", (struct encapsulation){.esp = 1});
	expect_dropped("ffffffff", (struct encapsulation){.esp = 1});
	expect_dropped("c0ffee01 00000001 aabbccdd", (struct encapsulation){.esp = 1});
}
END_TEST

/* Other ports have no marker, whatever the octets look like; and where there is no such port none has. */
START_TEST(test_other_ports)
{
	static const char *const texts[] = {"ff", "", "00000000", "c0ffee0100000001"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (int row = 0; row < 2; row++) {
			struct encapsulation encapsulation = {.port = row == 0 ? 4500 : 0};
			struct ike_datagram datagram = received(row == 0 ? 500 : 4500, texts[i]);
			const struct ike_datagram before = datagram;

			ck_assert(encapsulation_take_off(&encapsulation, &datagram));
			encapsulation_put_on(&encapsulation, &datagram);
			ck_assert_mem_eq(&datagram, &before, sizeof(before));
			ck_assert_uint_eq(encapsulation.keepalives + encapsulation.esp +
					      encapsulation.nonsense,
					  0);
		}
	}
}
END_TEST

START_TEST(test_off_and_on_again)
{
	struct encapsulation encapsulation = {.port = 4500};
	struct ike_datagram datagram = received(4500, "00000000 1011121314");

	ck_assert(encapsulation_take_off(&encapsulation, &datagram));
	unit_assert_hex(octets_of(datagram.data, datagram.length), "1011121314");
	ck_assert_uint_eq(datagram.room, 36);
	ck_assert_uint_eq(encapsulation.esp, 0);
	/* the engine writes the twin where the caller said */
	datagram.plain_length = 2;
	memcpy(datagram.plain, "\x20\x21", 2);
	encapsulation_put_on(&encapsulation, &datagram);
	unit_assert_hex(octets_of(datagram.data, datagram.length), "000000001011121314");
	unit_assert_hex(octets_of(datagram.plain, datagram.plain_length), "000000002021");
	ck_assert_ptr_eq(datagram.data, memory + ENCAPSULATION_MARKER);
	ck_assert_ptr_eq(datagram.plain, twin);
	/* the marker alone is a message of no length, which is the engine's to refuse */
	datagram = received(4500, "00000000");
	ck_assert(encapsulation_take_off(&encapsulation, &datagram));
	ck_assert_uint_eq(datagram.length, 0);
}
END_TEST

START_TEST(test_keepalives_have_no_marker)
{
	struct encapsulation encapsulation = {.port = 4500};
	struct ike_datagram datagram = received(4500, "ff");

	encapsulation_put_on(&encapsulation, &datagram);
	unit_assert_hex(octets_of(datagram.data, datagram.length), "ff");
}
END_TEST

UNIT_MAIN("encapsulation", test_what_is_not_for_the_engine, test_other_ports, test_off_and_on_again,
	  test_keepalives_have_no_marker)
