/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/events/event_line.h"

static char text[512];

static const char *line_of(const char *json, bool colour)
{
	json_t *event = json_loads(json, 0, NULL);

	ck_assert_msg(event != NULL, "%s", json);
	ck_assert_uint_eq(event_line(event, colour, text, sizeof(text)), strlen(text));
	json_decref(event);
	return text;
}

START_TEST(test_cut)
{
	json_t *event = json_loads("{\"t\":1,\"event\":\"established\",\"peer\":\"gw\"}", 0, NULL);
	char little[16];

	for (size_t room = 1; room <= sizeof(little); room++) {
		size_t length = event_line(event, true, little, room);

		ck_assert_uint_lt(length, room);
		ck_assert_uint_eq(strlen(little), length);
	}
	ck_assert_uint_eq(event_line(event, false, little, 0), 0);
	json_decref(event);
}
END_TEST

START_TEST(test_missing_fields)
{
	ck_assert_str_eq(line_of("{\"event\":\"stopped\"}", false), "    0.000 stopped");
	ck_assert_str_eq(line_of("{\"event\":\"stopped\",\"left\":7}", false),
			 "    0.000 stopped; SAs left whose peers were not told: 7");
	ck_assert_str_eq(
	    line_of("{\"event\":\"worker-ended\",\"worker\":12,\"text\":\"why\"}", false),
	    "    0.000 w12 why");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"dead\"}", false),
			 "    1.000 DEAD:  unanswered, silent for  s");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"message\"}", false), "    1.000 <- ");
	ck_assert_str_eq(line_of("{\"t\":1}", false), "    1.000 ");
}
END_TEST

/* What a peer chose must not move the cursor. */
START_TEST(test_control_characters)
{
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"offers\",\"text\":\"a\\u001b[2Jb\\n\"}", false),
	    "    1.000 no common proposal: a?[2Jb?");
}
END_TEST

START_TEST(test_unknown_event)
{
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"new\",\"peer\":\"gw\"}", true),
			 "    1.000 gw new");
}
END_TEST

START_TEST(test_established)
{
	ck_assert_str_eq(
	    line_of("{\"t\":12.345,\"event\":\"established\",\"peer\":\"gw\",\"gateway\":"
		    "\"192.0.2.1\",\"role\":\"initiator\",\"proposal\":"
		    "\"aes128-sha1-modp2048\",\"keepalive\":true,\"identity\":\"fqdn:a\","
		    "\"initial_contact\":false}",
		    false),
	    "   12.345 gw 192.0.2.1 established as initiator, aes128-sha1-modp2048, "
	    "keepalive yes, identity fqdn:a");
}
END_TEST

START_TEST(test_conditions_and_numbers)
{
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"alive\",\"number\":7,\"rtt_ms\":0.25}", false),
	    "    1.000 <- R-U-THERE-ACK number=7 time=0.25 ms");
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"alive\",\"number\":7,\"rtt_ms\":null}", false),
	    "    1.000 <- R-U-THERE-ACK number=7");
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"dead\",\"misses\":5,\"silence_s\":20.0}", false),
	    "    1.000 DEAD: 5 unanswered, silent for 20 s");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"message\",\"direction\":\"out\","
				 "\"line\":\"MAIN [ SA ]\",\"node\":\"a\"}",
				 false),
			 "    1.000 a -> MAIN [ SA ]");
}
END_TEST

START_TEST(test_values_that_decide)
{
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"connecting\",\"role\":\"initiator\","
				 "\"exchange\":\"main\"}",
				 false),
			 "    1.000 Phase 1 begins as initiator");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"connecting\",\"role\":\"initiator\","
				 "\"exchange\":\"aggressive\"}",
				 false),
			 "    1.000 Phase 1 begins as initiator, Aggressive Mode");
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"connecting\",\"role\":\"x\",\"exchange\":7}", false),
	    "    1.000 Phase 1 begins as x");
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"established\",\"role\":\"responder\",\"proposal\":\"p\","
		    "\"keepalive\":true,\"identity\":\"i\",\"exchange\":\"aggressive\","
		    "\"authentication\":\"rsa-signature\",\"nat\":\"both\"}",
		    false),
	    "    1.000 established as responder, p, keepalive yes, identity i, Aggressive Mode, "
	    "RSA "
	    "signatures, NAT at both ends");
}
END_TEST

START_TEST(test_tunnels)
{
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"ipsec-established\",\"peer\":\"gw\",\"tunnel\":\"net\","
		    "\"spi_in\":\"0x00000001\",\"spi_out\":\"0x00000002\",\"role\":\"initiator\","
		    "\"agreement\":\"aes128-sha1 tunnel, 10.1.0.0/16 to 10.2.0.0/16\","
		    "\"encapsulated\":true}",
		    false),
	    "    1.000 gw tunnel net: IPsec SAs 0x00000001 in, 0x00000002 out as initiator, "
	    "aes128-sha1 tunnel, 10.1.0.0/16 to 10.2.0.0/16, in UDP");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"ipsec-deleted\",\"tunnel\":\"net\","
				 "\"spi_in\":\"0x1\",\"spi_out\":\"0x2\",\"why\":\"so\"}",
				 false),
			 "    1.000 tunnel net: IPsec SAs 0x1 in, 0x2 out deleted: so");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"ipsec-failed\",\"role\":\"responder\","
				 "\"why\":\"so\",\"notify\":\"NO-PROPOSAL-CHOSEN\"}",
				 false),
			 "    1.000 Quick Mode failed as responder: so; the peer said "
			 "NO-PROPOSAL-CHOSEN");
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"started\",\"version\":\"1\",\"pid\":2,"
				 "\"ipsec\":\"keep\",\"notice\":\"IPsec SAs are only kept\"}",
				 false),
			 "    1.000 ruthere 1 is ready, process 2; IPsec SAs are only kept");
}
END_TEST

/* What a list has in it is said, and nothing in it steers the terminal. */
START_TEST(test_list)
{
	ck_assert_str_eq(line_of("{\"t\":1,\"event\":\"impaired\",\"impairments\":[\"a\",\"b\"],"
				 "\"sentences\":[\"is late\",7,\"lies\\u001b\"]}",
				 false),
			 "    1.000 IMPAIRED ON PURPOSE: this node is late; ; lies?");
}
END_TEST

START_TEST(test_colour)
{
	ck_assert_str_eq(
	    line_of("{\"t\":1,\"event\":\"dead\",\"misses\":5,\"silence_s\":20}", true),
	    "    1.000 \033[31mDEAD: 5 unanswered, silent for 20 s\033[0m");
	ck_assert_ptr_null(strchr(line_of("{\"t\":1,\"event\":\"stopped\"}", true), '\033'));
}
END_TEST

static bool is_chatter(const char *json)
{
	json_t *event = json_loads(json, 0, NULL);
	bool chatter = event_line_is_chatter(event);

	json_decref(event);
	return chatter;
}

START_TEST(test_chatter)
{
	ck_assert(!is_chatter("{\"event\":\"dead\"}"));
	ck_assert(!is_chatter("{\"event\":\"unheard-of\"}"));
	ck_assert(!is_chatter("{}"));
	ck_assert(is_chatter("{\"event\":\"asked\"}"));
	ck_assert(is_chatter("{\"event\":\"answered\"}"));
	ck_assert(is_chatter("{\"event\":\"alive\"}"));
}
END_TEST

UNIT_MAIN("event_line", test_cut, test_missing_fields, test_control_characters, test_unknown_event,
	  test_established, test_conditions_and_numbers, test_values_that_decide, test_tunnels,
	  test_list, test_colour, test_chatter)
