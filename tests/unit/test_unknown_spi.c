/* SPDX-License-Identifier: ISC */
/*
 * test_unknown_spi.c - ESP for an SA that is not there: what must not be done, and what strangers hear.  What is done about peers
 * is in test_unknown_spi_peers.c, floods are in tests/abuse.
 *
 * B is the node that ESP comes to, A the peer that believes in its SAs.
 */
#include "ike/unknown_spi.h"

#include <string.h>

#include "ike/address.h"
#include "ike/ipsec_proposal.h"
#include "ike/notify.h"
#include "tests/support/esp_came.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static void command(struct duo *duo, enum duo_node node, enum ike_command_kind kind)
{
	struct ike_command what = {.kind = kind};

	ck_assert(ike_command(duo->core[node], duo->now, &what));
}

/* What goes to other addresses than the two nodes'. */
static struct {
	size_t count;
	size_t length;
	struct ike_address remote, local;
	uint8_t data[512];
} stray;

static void note_stray(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	(void)duo;
	ck_assert_int_eq(from, DUO_B);
	ck_assert_uint_le(datagram->length, sizeof(stray.data));
	stray.count++;
	stray.length = datagram->length;
	stray.remote = datagram->remote;
	stray.local = datagram->local;
	memcpy(stray.data, datagram->data, datagram->length);
}

/* ---- what must not be done ------------------------------------------------------------------------------------------ */

/* Rule 1. */
START_TEST(test_what_is_no_unknown_spi)
{
	struct duo *duo = esp_established(1, true);
	struct ike_command what = esp_came("192.0.2.1", "192.0.2.2", ESP_OCTETS);
	struct ike_ipsec_sa sa;
	uint64_t before;

	before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	for (uint32_t spi = 0; spi < IPSEC_SPI_LEAST; spi++) {
		what.spi = spi;
		ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	}
	ck_assert_uint_eq(duo_pairs(duo, DUO_B, &sa), 1);
	what.spi = sa.spi_in;
	ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	what.spi = ESP_SPI;
	what.address.family = IKE_FAMILY_NONE;
	ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	ck_assert(before == siege_digest(duo, DUO_B, SIEGE_EVERYTHING));
	/* one that is still being negotiated is as good as there */
	what = esp_came("192.0.2.1", "192.0.2.2", ESP_OCTETS);
	what.spi = ipsec_table_add(duo->core[DUO_B]->pairs, &duo->core[DUO_B]->random)->sa.spi_in;
	ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_free(duo);
}
END_TEST

/* Rule 6, as it is by default (R143, R147). */
START_TEST(test_strangers_hear_nothing)
{
	struct duo *duo = esp_established(2, true);
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	struct ike_command what = esp_came("198.51.100.7:4500", "192.0.2.2:4500", ESP_OCTETS);

	ck_assert(esp_comes(duo, "198.51.100.7", IKE_COUNT_UNKNOWN_SPI_NOTHING));
	ck_assert(esp_comes(duo, "2001:db8::7", IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo->settings[DUO_B].nat_t_port = 4500;
	ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	ck_assert(before == siege_digest(duo, DUO_B, SIEGE_EVERYTHING));
	duo_free(duo);
}
END_TEST

/* R139: a line a second at most, and none of those for messages of IKE that are refused meanwhile. */
START_TEST(test_strangers_fill_no_log)
{
	struct duo *duo = esp_established(2, true);
	uint8_t rubbish[10] = {0};

	for (int i = 0; i < 10000; i++) {
		ck_assert(esp_comes(duo, "198.51.100.7", IKE_COUNT_UNKNOWN_SPI_NOTHING));
		if (i % 100 == 99)
			duo_run(duo, 100 * IKE_MILLISECOND);
	}
	ck_assert_uint_ge(duo_count(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI), 10);
	ck_assert_uint_le(duo_count(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI), 5 + 10);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 0);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(duo_inject(duo, DUO_B, rubbish, sizeof(rubbish)), IKE_TOO_SHORT);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 20);
	duo_free(duo);
}
END_TEST

/* R149: nobody is called whom the user closed, until he asks for him again. */
START_TEST(test_not_whom_the_user_closed)
{
	struct duo *duo = esp_established(3, true);

	command(duo, DUO_B, IKE_COMMAND_CLOSE);
	duo->deliver = forge_lose_all; /* A does not hear of it, and sends on */
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_run(duo, 100 * IKE_SECOND);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_CONNECTING), 1); /* the first one */
	command(duo, DUO_B, IKE_COMMAND_START);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_ge(duo_count(duo, DUO_B, IKE_EVENT_CONNECTING), 2);
	duo_free(duo);
}
END_TEST

/* R149 where there is no gateway: what is remembered goes with the user's word. */
START_TEST(test_not_a_caller_whom_the_user_closed)
{
	static const enum ike_command_kind kinds[] = {IKE_COMMAND_CLOSE, IKE_COMMAND_CLOSE_ALL};

	for (size_t i = 0; i < 2; i++) {
		struct duo *duo = esp_established(4, false);

		ck_assert_uint_eq(remembered_count(duo->core[DUO_B]->remembered), 1);
		duo->deliver = forge_lose_all;
		command(duo, DUO_B, kinds[i]);
		duo_run(duo, IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
		ck_assert_uint_eq(remembered_count(duo->core[DUO_B]->remembered), 0);
		ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
		duo_free(duo);
	}
}
END_TEST

/* R144 */
START_TEST(test_not_whom_we_are_calling)
{
	struct duo *duo = duo_new(5);

	duo->deliver = forge_lose_all;
	duo_start(duo);
	command(duo, DUO_B, IKE_COMMAND_START);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING)); /* it is planned */
	for (int i = 0; i < 10; i++) {
		duo_run(duo, 11 * IKE_SECOND);
		ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	}
	duo_free(duo);
}
END_TEST

/* Up with another of its gateways, or where a NAT has put it. */
START_TEST(test_not_who_is_up_somewhere_else)
{
	struct duo *duo = duo_new(6);

	duo->peer[DUO_B].gateway[1] = esp_address("198.51.100.9:500");
	duo->peer[DUO_B].gateways = 2;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(esp_comes(duo, "198.51.100.9", IKE_COUNT_UNKNOWN_SPI_NOTHING));
	phase_2_sa(duo, DUO_B)->remote = esp_address("198.51.100.10:500");
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_free(duo);
}
END_TEST

/* A caller that has moved: nobody is called where it was. */
START_TEST(test_not_a_caller_who_is_up_somewhere_else)
{
	struct duo *duo = esp_established(7, false);

	phase_2_sa(duo, DUO_B)->remote = esp_address("198.51.100.10:500");
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_free(duo);
}
END_TEST

/* Whom another worker looks after. */
START_TEST(test_not_whom_another_worker_has)
{
	for (int gateway = 0; gateway < 2; gateway++) {
		struct duo *duo = esp_established(8, gateway == 1);
		struct ike_contact contact, reply;
		struct ike_sa_status sa;
		struct ike_command hear = {
		    .kind = IKE_COMMAND_CONTACT, .contact = &contact, .reply = &reply};

		ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
		ck_assert(ike_contact(duo->core[DUO_B], sa.cky_i, sa.cky_r, &contact));
		/* an older one takes nothing over */
		memset(contact.cky_i, 0xff, sizeof(contact.cky_i));
		contact.initial_contact = true;
		contact.established_at = contact.created_at = sa.established_at - 10;
		ck_assert(ike_command(duo->core[DUO_B], duo->now, &hear));
		ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_PROTECTED));
		duo_run(duo, 11 * IKE_SECOND);
		/* and then a newer one, from whatever port IKE comes */
		contact.established_at = contact.created_at = duo->now;
		contact.remote.port = 1033;
		duo_run(duo, IKE_SECOND);
		ck_assert(!ike_command(duo->core[DUO_B], duo->now, &hear));
		ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
		ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
		duo_free(duo);
	}
}
END_TEST

/* R143 */
START_TEST(test_who_is_not_remembered)
{
	struct duo *duo = esp_established(9, true);

	ck_assert(!esp_remembers(duo, "192.0.2.1:500")); /* it has a gateway */
	ck_assert_uint_eq(remembered_count(duo->core[DUO_B]->remembered), 0);
	duo_free(duo);
	duo = duo_new(9);
	duo->peer[DUO_B].gateways = 0;
	duo->peer[DUO_B].from =
	    (struct ike_prefix){.address = esp_address("192.0.2.0"), .bits = 24};
	duo_start(duo);
	ck_assert(!esp_remembers(duo, "198.51.100.1:500")); /* it may not come from there */
	ck_assert(!ike_command(duo->core[DUO_B], duo->now,
			       &(struct ike_command){.kind = IKE_COMMAND_REMEMBER}));
	ck_assert(!ike_command(duo->core[DUO_B], duo->now,
			       &(struct ike_command){.kind = IKE_COMMAND_REMEMBER,
						     .address = esp_address("192.0.2.1:500"),
						     .peer = 1}));
	ck_assert(esp_remembers(duo, "192.0.2.1:500"));
	duo_free(duo);
	duo = duo_new(9);
	duo->peer[DUO_B].gateways = 0;
	duo->settings[DUO_B].limits.remembered = 0;
	duo_start(duo);
	ck_assert(!esp_remembers(duo, "192.0.2.1:500"));
	duo_establish(duo);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_free(duo);
}
END_TEST

/* What the user says of before the restart is older than what has come up since. */
START_TEST(test_who_is_there_now_is_not_forgotten)
{
	struct ike_peer_settings peers[2];
	struct duo *duo = esp_duo(11, false);
	struct ike_command remember = {.kind = IKE_COMMAND_REMEMBER, .peer = 1};

	peers[0] = peers[1] = duo->peer[DUO_B];
	duo->settings[DUO_B].peer = peers;
	duo->settings[DUO_B].peers = 2;
	duo_start(duo);
	duo_establish(duo);
	remember.address = esp_address("192.0.2.1:500");
	ck_assert(ike_command(duo->core[DUO_B], duo->now, &remember));
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_PROTECTED));
	duo_free(duo);
}
END_TEST

/* Nothing at all where the limit says so. */
START_TEST(test_a_limit_of_nothing)
{
	struct duo *duo = duo_new(10);

	duo->settings[DUO_B].limits.unknown_spis_per_second = 0;
	duo_start(duo);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED));
	duo_establish(duo);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED));
	duo_free(duo);
}
END_TEST

/* Behind a NAT: where its packets come from, and from where ours get through. */
START_TEST(test_a_caller_behind_a_nat)
{
	struct duo *duo = duo_new(43);
	struct ike_command what = esp_came("198.51.100.7:1033", "192.0.2.2:4500", ESP_OCTETS);

	duo->peer[DUO_B].gateways = 0;
	duo->settings[DUO_B].nat_t_port = 4500;
	duo->peer[DUO_B].nat_traversal = true;
	duo->stray = note_stray;
	stray.count = 0;
	duo_start(duo);
	ck_assert(esp_remembers(duo, "198.51.100.7:1033"));
	/* from another port, or without UDP, it is somebody else */
	ck_assert(esp_comes(duo, "198.51.100.7", IKE_COUNT_UNKNOWN_SPI_NOTHING));
	what.address.port++;
	ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	what.address.port--;
	ck_assert(esp_does(duo, &what, IKE_COUNT_UNKNOWN_SPI_CALLED));
	duo_run(duo, IKE_MILLISECOND);
	ck_assert_uint_eq(stray.count, 1);
	ck_assert_uint_eq(stray.remote.port, 1033);
	ck_assert_uint_eq(stray.local.port, 4500);
	ck_assert_uint_eq(stray.data[18], IKE_EXCHANGE_MAIN_MODE);
	duo_free(duo);
}
END_TEST

/* ---- strangers (rule 6) --------------------------------------------------------------------------------------------- */

static struct duo *says_invalid_spi(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo->settings[DUO_B].say_invalid_spi = true;
	duo->settings[DUO_B].nat_t_port = 4500;
	duo->stray = note_stray;
	stray.count = 0;
	duo_start(duo);
	return duo;
}

static void assert_invalid_spi(const struct duo *duo, const char *to, const char *from)
{
	struct ike_address remote = esp_address(to), local = esp_address(from);
	struct ike_message message;
	struct ike_notify notify;

	(void)duo;
	ck_assert_uint_eq(stray.length, SEND_INVALID_SPI_LENGTH);
	ck_assert(ike_address_equal(&stray.remote, &remote));
	ck_assert(ike_address_equal(&stray.local, &local));
	tap_read(octets_of(stray.data, stray.length), &message);
	ck_assert_uint_eq(message.header.exchange, IKE_EXCHANGE_INFORMATIONAL);
	ck_assert_uint_eq(message.header.flags, 0);
	ck_assert_uint_eq(message.payloads, 1);
	ck_assert_int_eq(ike_notify_parse(tap_body(&message, IKE_PAYLOAD_NOTIFY), &notify),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(notify.protocol, IKE_PROTOCOL_ESP);
	ck_assert_uint_eq(notify.type, IKE_NOTIFY_INVALID_SPI);
	ck_assert_uint_eq(notify.spi.length, 4);
	ck_assert_mem_eq(notify.spi.data, "\xab\xcd\x12\x34", 4);
}

START_TEST(test_strangers_are_told_if_the_user_wants_it)
{
	struct duo *duo = says_invalid_spi(50);
	struct ike_command raw = esp_came("198.51.100.7", "192.0.2.2", 51);
	struct ike_command udp = esp_came("198.51.100.8:1033", "192.0.2.2:4500", 47);

	/* R132, R147: a UDP header, or a marker, and 44 octets are as much as that */
	ck_assert(esp_does(duo, &raw, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	ck_assert(esp_does(duo, &udp, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	raw.octets = 0;
	ck_assert(esp_does(duo, &raw, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_run(duo, 0);
	ck_assert_uint_eq(stray.count, 0);
	raw.octets = 52;
	ck_assert(esp_does(duo, &raw, IKE_COUNT_UNKNOWN_SPI_HINTED));
	duo_run(duo, 0);
	assert_invalid_spi(duo, "198.51.100.7:500", "192.0.2.2:500");
	udp.octets = 48;
	ck_assert(esp_does(duo, &udp, IKE_COUNT_UNKNOWN_SPI_HINTED));
	duo_run(duo, 0);
	assert_invalid_spi(duo, "198.51.100.8:1033", "192.0.2.2:4500");
	ck_assert_uint_eq(stray.count, 2);
	duo_free(duo);
}
END_TEST

/* R152 */
START_TEST(test_strangers_are_told_seldom)
{
	struct duo *duo = says_invalid_spi(51);
	uint64_t told = 0;

	ck_assert(esp_comes(duo, "198.51.100.7", IKE_COUNT_UNKNOWN_SPI_HINTED));
	for (int i = 0; i < 100; i++) {
		ck_assert(esp_comes(duo, "198.51.100.7", IKE_COUNT_UNKNOWN_SPI_LIMITED));
		duo_run(duo, 99 * IKE_MILLISECOND);
	}
	duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert(esp_comes(duo, "198.51.100.7", IKE_COUNT_UNKNOWN_SPI_HINTED));
	duo_run(duo, 10 * IKE_SECOND);
	/* in all, as often as the limit of unprotected notifications says */
	for (uint32_t n = 0; n < 1000; n++) {
		struct ike_command what = {.kind = IKE_COMMAND_UNKNOWN_SPI,
					   .address = siege_address(n),
					   .spi = ESP_SPI,
					   .octets = ESP_OCTETS};

		told += ike_command(duo->core[DUO_B], duo->now, &what);
	}
	ck_assert_uint_eq(told, duo->settings[DUO_B].limits.notifies_per_second);
	duo_free(duo);
}
END_TEST

/* R148: what A makes of it is a question under the SA that it has, where it is from whom it is with. */
START_TEST(test_what_is_told_in_the_clear_is_a_hint)
{
	struct duo *duo = duo_new(52);
	struct ike_address a, b;

	duo->settings[DUO_B].say_invalid_spi = true;
	duo_start(duo);
	duo_establish(duo);
	a = esp_address("192.0.2.1:500");
	b = esp_address("192.0.2.2:500");
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED), 0);
	ck_assert(send_invalid_spi_in_clear(duo->core[DUO_B], &a, &b, ESP_SPI, ESP_OCTETS));
	ck_assert(!send_invalid_spi_in_clear(duo->core[DUO_B], &a, &b, ESP_SPI,
					     SEND_INVALID_SPI_LENGTH - 1));
	duo_run(duo, IKE_SECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_HINT)->notify_type, IKE_NOTIFY_INVALID_SPI);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* R148: the same of somebody who calls, and is where he was when he did; nobody else is asked for it. */
START_TEST(test_a_hint_about_a_caller)
{
	struct duo *duo = esp_established(53, false);
	struct ike_command what = esp_came("192.0.2.1", "192.0.2.2", ESP_OCTETS);
	struct forge forge;

	duo_run(duo, IKE_SECOND);
	forge_from(&forge, duo, DUO_A);
	memset(forge.cky_r, 0, sizeof(forge.cky_r)); /* cookies that are nobody's */
	forge.cky_i[0] ^= 1;
	forge_raw_hex(&forge, IKE_PAYLOAD_NOTIFY, "0000 0010 00000001 03 04 000b abcd1234");
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_HINT_ONLY);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ASKED), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	/* where it was before */
	phase_2_sa(duo, DUO_B)->remote = esp_address("198.51.100.10:500");
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	ck_assert_ptr_null(unknown_spi_sa_at(duo->core[DUO_B], &what.address, 500));
	duo_free(duo);
}
END_TEST

/* ---- what is told of it --------------------------------------------------------------------------------------------- */

START_TEST(test_events_are_few)
{
	struct duo *duo = duo_new(60);

	duo_start(duo);
	for (int i = 0; i < 10000; i++) {
		struct ike_command what = {.kind = IKE_COMMAND_UNKNOWN_SPI,
					   .address = siege_address((uint32_t)i),
					   .spi = ESP_SPI};

		(void)ike_command(duo->core[DUO_B], duo->now, &what);
	}
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI), 5);
	ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI)->text, "nothing");
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI)->peer, IKE_NONE);
	ck_assert_uint_eq(esp_done(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING), 10000);
	/* what is done is told even so */
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	duo_run(duo, 0);
	ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI)->text, "called");
	duo_free(duo);
}
END_TEST

UNIT_MAIN("unknown_spi", test_what_is_no_unknown_spi, test_strangers_hear_nothing,
	  test_strangers_fill_no_log, test_not_whom_the_user_closed,
	  test_not_a_caller_whom_the_user_closed, test_not_whom_we_are_calling,
	  test_not_who_is_up_somewhere_else, test_not_a_caller_who_is_up_somewhere_else,
	  test_not_whom_another_worker_has, test_who_is_not_remembered,
	  test_who_is_there_now_is_not_forgotten, test_a_limit_of_nothing,
	  test_a_caller_behind_a_nat, test_strangers_are_told_if_the_user_wants_it,
	  test_strangers_are_told_seldom, test_what_is_told_in_the_clear_is_a_hint,
	  test_a_hint_about_a_caller, test_events_are_few)
