/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "interop/node/peers_file.h"

#define HEADER "ruthere-peers 1\n"

static struct peers_file_entry entry[PEERS_FILE_MOST + 1];
static struct fault problem;

static size_t parse(const char *text)
{
	return peers_file_parse(text, strlen(text), entry, PEERS_FILE_MOST, &problem);
}

static void expect(size_t i, const char *address, uint16_t port, const char *name)
{
	char text[IKE_ADDRESS_TEXT];
	struct ike_address expected;

	ck_assert(ike_address_from_text(address, &expected));
	expected.port = port;
	ike_address_text(&entry[i].address, text, sizeof(text));
	ck_assert_msg(ike_address_equal(&entry[i].address, &expected), "%s", text);
	ck_assert_uint_eq(entry[i].length, strlen(name));
	ck_assert_mem_eq(entry[i].name, name, entry[i].length);
}

/* Of another version, of another program, or no text at all: nothing of it is used. */
START_TEST(test_another_header)
{
	static const char *const wrong[] = {
	    "",       "\n", "ruthere-peers 1", "ruthere-peers 2\n192.0.2.1 gw\n", "192.0.2.1 gw\n",
	    "\177ELF"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_uint_eq(parse(wrong[i]), 0);
		ck_assert_msg(strstr(problem.text, "line 1 is not \"ruthere-peers 1\"") != NULL,
			      "%s", problem.text);
	}
}
END_TEST

/* What is between them is used. */
START_TEST(test_wrong_lines)
{
	static const char *const wrong[] = {
	    "",
	    " ",
	    "gw",
	    "192.0.2.1",
	    "192.0.2.1 ",
	    "192.0.2.1  gw",
	    "192.0.2.1 gw ",
	    " 192.0.2.1 gw",
	    "192.0.2.1\tgw",
	    "192.0.2.1 g\tw",
	    "192.0.2.1 g\x1b[2Jw",
	    "192.0.2.1 gw\r",
	    "192.0.2.1 g\177w",
	    "192.0.2.1 g\xc3\xbc",
	    "192.0.2.256 gw",
	    "192.0.2.1:65536 gw",
	    "192.0.2.1/24 gw",
	    "gw.example gw",
	    "0.0.0.0 gw",
	    ":: gw",
	    "255.255.255.255 gw",
	    "224.0.0.1 gw",
	    "ff02::1 gw",
	    "[2001:db8:0000:0000:0000:0000:0000:0000000001]:4500 gw",
	    "192.0.2.1 12345678901234567890123456789012345678901234567890123456789012345",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), HEADER "192.0.2.1 a\n%s\n192.0.2.2 b\n%s\n", wrong[i],
			 wrong[i]);
		ck_assert_msg(parse(text) == 2, "%s", wrong[i]);
		expect(0, "192.0.2.1", 500, "a");
		expect(1, "192.0.2.2", 500, "b");
		ck_assert_ptr_nonnull(strstr(problem.text, "line 3 is not"));
		ck_assert_ptr_nonnull(strstr(problem.text, "2 of its lines are left out"));
	}
}
END_TEST

/* Octets that are no text: zero is one of them, too. */
START_TEST(test_octets)
{
	static const char text[] = HEADER "192.0.2.1\0x gw\n192.0.2.1 g\0w\n192.0.2.3 c\n";
	size_t count = peers_file_parse(text, sizeof(text) - 1, entry, PEERS_FILE_MOST, &problem);

	ck_assert_uint_eq(count, 1);
	expect(0, "192.0.2.3", 500, "c");
	ck_assert_ptr_nonnull(strstr(problem.text, "2 of its lines"));
}
END_TEST

/* A file that ends in the middle of a line: half a name may be another peer's. */
START_TEST(test_cut_off)
{
	static const char whole[] = HEADER "192.0.2.1 gw\n192.0.2.2 gw2\n";

	for (size_t length = 0; length <= sizeof(whole) - 1; length++) {
		char *text =
		    malloc(length + 1); /* what is read beyond it is found by a sanitizer */
		size_t lines = 0;

		ck_assert_ptr_nonnull(text);
		memcpy(text, whole, length);
		for (size_t i = 0; i < length; i++)
			lines += text[i] == '\n';
		ck_assert_uint_eq(peers_file_parse(text, length, entry, PEERS_FILE_MOST, &problem),
				  lines > 0 ? lines - 1 : 0);
		ck_assert_int_eq(problem.text[0] == '\0', length > 0 && text[length - 1] == '\n');
		free(text);
	}
}
END_TEST

START_TEST(test_too_many)
{
	char *text = malloc(PEERS_FILE_ROOM);
	size_t length = (size_t)sprintf(text, HEADER);

	for (size_t i = 0; i < PEERS_FILE_MOST; i++)
		length += (size_t)sprintf(text + length, "10.0.%zu.%zu n%zu\n", i / 256,
					  i % 256 + (i == 0), i);
	ck_assert_uint_eq(parse(text), PEERS_FILE_MOST);
	ck_assert_str_eq(problem.text, "");
	(void)sprintf(text + length, "10.1.0.1 more\n10.1.0.2 more\n");
	ck_assert_uint_eq(parse(text), PEERS_FILE_MOST);
	ck_assert_ptr_nonnull(strstr(problem.text, "line 1026 is not"));
	ck_assert_ptr_nonnull(strstr(problem.text, "more than 1024; 2 of its lines"));
	expect(PEERS_FILE_MOST - 1, "10.0.3.255", 500, "n1023");
	free(text);
}
END_TEST

START_TEST(test_names)
{
	char name[PEERS_FILE_NAME_MOST + 2];

	memset(name, 'x', sizeof(name));
	ck_assert(!peers_file_can_have(name, 0));
	ck_assert(peers_file_can_have(name, 1));
	ck_assert(peers_file_can_have(name, PEERS_FILE_NAME_MOST));
	ck_assert(!peers_file_can_have(name, PEERS_FILE_NAME_MOST + 1));
	ck_assert(!peers_file_can_have("a\n192.0.2.9 b", 13));
	ck_assert(!peers_file_can_have(" a", 2));
	ck_assert(!peers_file_can_have("a ", 2));
	ck_assert(peers_file_can_have("a b", 3));
}
END_TEST

/* What is written is read. */
START_TEST(test_there_and_back)
{
	static const char *const places[] = {"192.0.2.1:500", "192.0.2.1:4500", "2001:db8::1",
					     "[2001:db8::1]:65535"};
	char *text = malloc(PEERS_FILE_ROOM);
	struct peers_file_entry written[sizeof(places) / sizeof(places[0])];
	size_t count = sizeof(places) / sizeof(places[0]);

	for (size_t i = 0; i < count; i++) {
		written[i] = (struct peers_file_entry){.name = "road warriors", .length = 13};
		ck_assert(ike_address_from_text(places[i], &written[i].address));
		if (written[i].address.port == 0)
			written[i].address.port = 500;
	}
	text[peers_file_write(written, count, text)] = '\0';
	ck_assert_str_eq(text, HEADER "192.0.2.1 road warriors\n192.0.2.1:4500 road warriors\n"
				      "2001:db8::1 road warriors\n"
				      "[2001:db8::1]:65535 road warriors\n");
	ck_assert_uint_eq(parse(text), count);
	ck_assert_str_eq(problem.text, "");
	for (size_t i = 0; i < count; i++) {
		ck_assert(ike_address_equal(&entry[i].address, &written[i].address));
		expect(i, places[i], written[i].address.port, "road warriors");
	}
	free(text);
}
END_TEST

/* A name that would make two lines of one is left out. */
START_TEST(test_names_that_cannot_be_written)
{
	const struct peers_file_entry wrong[] = {
	    {"a\n192.0.2.9 b", 13, {.family = IKE_FAMILY_IPV4, .octets = {192, 0, 2, 1}}},
	    {"a", 1, {.family = IKE_FAMILY_IPV4, .octets = {192, 0, 2, 1}}},
	};
	char *text = malloc(PEERS_FILE_ROOM);

	text[peers_file_write(wrong, 2, text)] = '\0';
	ck_assert_str_eq(text, HEADER "192.0.2.1 a\n");
	free(text);
}
END_TEST

/* The longest lines there are, as many as there may be. */
START_TEST(test_the_largest)
{
	char name[PEERS_FILE_NAME_MOST], *text = malloc(PEERS_FILE_ROOM);
	struct ike_address address;
	size_t length;

	memset(name, 'n', sizeof(name));
	ck_assert(
	    ike_address_from_text("[2fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", &address));
	for (size_t i = 0; i <= PEERS_FILE_MOST; i++)
		entry[i] = (struct peers_file_entry){name, sizeof(name), address};
	length = peers_file_write(entry, PEERS_FILE_MOST + 1, text);
	ck_assert_uint_eq(length, 16 + 1024 * 113);
	ck_assert_uint_le(length, PEERS_FILE_ROOM);
	ck_assert_uint_eq(peers_file_parse(text, length, entry, PEERS_FILE_MOST, &problem), 1024);
	free(text);
}
END_TEST

UNIT_MAIN("peers_file", test_another_header, test_wrong_lines, test_octets, test_cut_off,
	  test_too_many, test_names, test_there_and_back, test_names_that_cannot_be_written,
	  test_the_largest)
