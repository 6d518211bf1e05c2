/* SPDX-License-Identifier: ISC */
/*
 * test_unknown_spi_peers.c - ESP of a peer for an SA that is not there: it is told so under the SA in use, or called.
 *
 * B is the node that ESP comes to, A the peer that believes in its SAs.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/identity.h"
#include "ike/notify.h"
#include "tests/support/esp_came.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static void command(struct duo *duo, enum duo_node node, enum ike_command_kind kind)
{
	struct ike_command what = {.kind = kind};

	ck_assert(ike_command(duo->core[node], duo->now, &what));
}

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

/* ---- an SA is in use (rule 4) --------------------------------------------------------------------------------------- */

/* R146 */
START_TEST(test_told_under_protection)
{
	for (int gateway = 0; gateway < 2; gateway++) {
		struct duo *duo = esp_established(20, gateway == 1);
		struct ike_message message;
		struct ike_notify notify;
		size_t events = duo->events[DUO_B];

		ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_PROTECTED));
		duo_run(duo, 0);
		tap_read(tap_plain(tap_last(duo, DUO_A)), &message);
		ck_assert_int_eq(ike_notify_parse(tap_body(&message, IKE_PAYLOAD_NOTIFY), &notify),
				 IKE_ACCEPTED);
		ck_assert_uint_eq(notify.doi, IKE_DOI_IPSEC);
		ck_assert_uint_eq(notify.protocol, IKE_PROTOCOL_ESP);
		ck_assert_uint_eq(notify.type, IKE_NOTIFY_INVALID_SPI);
		ck_assert_uint_eq(notify.spi.length, 4);
		ck_assert_mem_eq(notify.spi.data, "\xab\xcd\x12\x34", 4);
		ck_assert_uint_eq(notify.data.length, 0);
		/* the event */
		ck_assert_uint_eq(duo->events[DUO_B], events + 1);
		ck_assert_int_eq(duo->event[DUO_B][events].kind, IKE_EVENT_UNKNOWN_SPI);
		ck_assert_uint_eq(duo->event[DUO_B][events].peer, 0);
		ck_assert_uint_eq(duo->event[DUO_B][events].spi_in, ESP_SPI);
		ck_assert_str_eq(duo->event[DUO_B][events].text, "protected");
		/* A takes it as a hint: it asks, and deletes nothing */
		duo_run(duo, IKE_SECOND);
		ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
				 IKE_NOTIFY_INVALID_SPI);
		ck_assert(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->authenticated);
		ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED), 1);
		duo_assert_pairs(duo, 1);
		duo_free(duo);
	}
}
END_TEST

/* Rule 3 (R146). */
START_TEST(test_told_every_ten_seconds)
{
	for (int gateway = 0; gateway < 2; gateway++) {
		struct duo *duo = esp_established(21, gateway == 1);

		for (int i = 0; i < 6000; i++) {
			struct ike_command what = esp_came("192.0.2.1", "192.0.2.2", ESP_OCTETS);

			what.spi += (uint32_t)i;
			(void)ike_command(duo->core[DUO_B], duo->now, &what);
			duo_run(duo, 10 * IKE_MILLISECOND);
		}
		ck_assert_uint_eq(esp_done(duo, IKE_COUNT_UNKNOWN_SPI_PROTECTED), 6);
		ck_assert_uint_eq(esp_done(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED), 5994);
		duo_assert_pairs(duo, 1);
		duo_free(duo);
	}
}
END_TEST

/* ---- a gateway is called (rule 5) ----------------------------------------------------------------------------------- */

/* R144: we were restarted, and A has not noticed: everything is there again within seconds. */
START_TEST(test_a_gateway_is_called)
{
	struct duo *duo = esp_established(30, true);
	ike_time end = duo->now + 3 * IKE_SECOND;

	siege_forget(duo);
	duo_reboot(duo, DUO_B);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED));
	while (duo->now < end && pairs_of(duo, DUO_B) == 0)
		duo_run(duo, 10 * IKE_MILLISECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_DELETED)->why,
			 IKE_WHY_INITIAL_CONTACT);
	ck_assert(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->initial_contact);
	duo_run(duo, IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_CONNECTING), 1);
	duo_free(duo);
}
END_TEST

/* After a death that was to be followed by nothing, and after an SA that ended without one. */
START_TEST(test_a_gateway_that_rests)
{
	struct duo *duo = duo_new(31);

	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	duo_start(duo);
	duo_establish(duo);
	duo->deliver = forge_lose_all;
	duo_run(duo, 100 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	duo->deliver = NULL;
	duo_run(duo, 100 * IKE_SECOND);
	ck_assert_uint_ge(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* Without the extension nobody would decide when to stop. */
START_TEST(test_no_extension_no_call)
{
	struct duo *duo = duo_new(32);

	duo->settings[DUO_B].extension = NULL;
	duo_start(duo);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	duo_free(duo);
}
END_TEST

/* Two peers at one address: the one that is up is told, else one that rests is called. */
START_TEST(test_peers_that_share_an_address)
{
	struct ike_peer_settings peers[2];
	struct duo *duo = duo_new(33);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	peers[0] = peers[1] = duo->peer[DUO_B];
	ck_assert(ike_identity_from_text("fqdn:nobody.example", &peers[0].remote_identity));
	peers[0].aggressive = peers[1].aggressive = true;
	duo->peer[DUO_A].aggressive = true;
	duo->settings[DUO_B].peer = peers;
	duo->settings[DUO_B].peers = 2;
	duo_start(duo);
	(void)ike_command(duo->core[DUO_B], duo->now, &close);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED)); /* the second */
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->peer, 1);
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_PROTECTED));
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_UNKNOWN_SPI)->peer, 1);
	duo_free(duo);
}
END_TEST

/* ---- a caller is called --------------------------------------------------------------------------------------------- */

/* R143, R144: not before it is remembered */
START_TEST(test_a_remembered_caller_is_called)
{
	struct duo *duo = esp_established(40, false);

	siege_forget(duo);
	duo_reboot(duo, DUO_B);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING));
	ck_assert(esp_remembers(duo, "192.0.2.1"));
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED));
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->initial_contact);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_DELETED)->why,
			 IKE_WHY_INITIAL_CONTACT);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(duo->core[DUO_B]->unknown_spis.calls, 0);
	duo_free(duo);
}
END_TEST

/* Nobody has to say where somebody was with whom an SA was held; R109: and what is held still is no first contact. */
START_TEST(test_a_caller_of_before)
{
	struct duo *duo = esp_established(41, false);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	duo_run(duo, IKE_SECOND);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert(!duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->initial_contact);
	duo_assert_pairs(duo, 1);
	ck_assert_int_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_DELETED), 0);
	duo_free(duo);
}
END_TEST

/* R150, R151: who does not answer is called more and more seldom, one call at a time, until it is there again. */
START_TEST(test_a_caller_who_does_not_answer)
{
	struct duo *duo = esp_established(42, false);
	uint64_t calls;

	duo_reboot(duo, DUO_B);
	duo->deliver = forge_lose_all;
	ck_assert(esp_remembers(duo, "192.0.2.1:500"));
	for (int i = 0; i < 7200; i++) {
		struct ike_command what = esp_came("192.0.2.1", "192.0.2.2", ESP_OCTETS);

		(void)ike_command(duo->core[DUO_B], duo->now, &what);
		duo_run(duo, IKE_SECOND);
		siege_forget(duo);
	}
	/* 0, (10) 31, 71, 151, 311, 631, 1271, and every 640 s from then on */
	calls = esp_done(duo, IKE_COUNT_UNKNOWN_SPI_CALLED);
	ck_assert_uint_ge(calls, 7 + (7200 - 1271) / 640);
	ck_assert_uint_le(calls, 9 + (7200 - 1271) / 640);
	ck_assert_uint_ge(esp_done(duo, IKE_COUNT_UNKNOWN_SPI_NOTHING),
			  1); /* it was being called */
	ck_assert_uint_eq(duo->core[DUO_B]->unknown_spis.calls, 0);
	/* it calls itself */
	duo->deliver = NULL;
	command(duo, DUO_A, IKE_COMMAND_START);
	duo_run(duo, 100 * IKE_SECOND);
	ck_assert_uint_ge(duo_established(duo, DUO_B), 1);
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED) ||
		  esp_done(duo, IKE_COUNT_UNKNOWN_SPI_PROTECTED) == 1);
	duo_free(duo);
}
END_TEST

/* Calls into the void take no more than their share of the handshakes. */
START_TEST(test_many_callers_who_do_not_answer)
{
	struct duo *duo = duo_new(44);
	uint64_t called = 0;

	duo->peer[DUO_B].gateways = 0;
	duo->settings[DUO_B].limits.handshakes = 64;
	duo->settings[DUO_B].limits.unknown_spis_per_second = 1000;
	duo_start(duo);
	for (uint32_t n = 0; n < 100; n++) {
		struct ike_command what = {.kind = IKE_COMMAND_REMEMBER,
					   .address = siege_address(n)};

		ck_assert(ike_command(duo->core[DUO_B], duo->now, &what));
		what.kind = IKE_COMMAND_UNKNOWN_SPI;
		what.spi = ESP_SPI;
		called += ike_command(duo->core[DUO_B], duo->now, &what);
	}
	ck_assert_uint_eq(called, 4);
	ck_assert_uint_eq(duo->core[DUO_B]->unknown_spis.calls, 4);
	ck_assert_uint_eq(esp_done(duo, IKE_COUNT_UNKNOWN_SPI_LIMITED), 96);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo->core[DUO_B]->unknown_spis.calls, 0);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, 0);
	duo_free(duo);
}
END_TEST

/* R145: what is spent on gateways is not taken from callers, and the other way round. */
START_TEST(test_budgets)
{
	enum { EACH = 30, BUDGET = 10 };
	static struct ike_peer_settings peers[EACH + 1];
	struct duo *duo = duo_new(45);
	struct ike_command what = {.kind = IKE_COMMAND_REMEMBER, .peer = EACH, .spi = ESP_SPI};

	for (uint32_t n = 0; n <= EACH; n++) {
		peers[n] = duo->peer[DUO_B];
		peers[n].gateway[0] = siege_address(n);
	}
	peers[EACH].gateways = 0;
	duo->settings[DUO_B].peer = peers;
	duo->settings[DUO_B].peers = EACH + 1;
	duo_start(duo);
	for (uint32_t n = EACH; n < 2 * EACH; n++) {
		what.address = siege_address(n);
		ck_assert(ike_command(duo->core[DUO_B], duo->now, &what));
	}
	what.kind = IKE_COMMAND_UNKNOWN_SPI;
	for (uint32_t second = 0; second < 4; second++) {
		uint32_t called[2] = {0, 0};

		for (uint32_t n = 0; n < 2 * EACH; n++) {
			what.address = siege_address(n);
			called[n / EACH] += ike_command(duo->core[DUO_B], duo->now, &what);
		}
		ck_assert_uint_eq(called[0], second < 3 ? BUDGET : 0);
		ck_assert_uint_eq(called[1], second < 3 ? BUDGET : 0);
		duo_run(duo, IKE_SECOND);
	}
	duo_free(duo);
}
END_TEST

/* Whoever has come back is called as soon as anybody when he has gone again. */
START_TEST(test_a_caller_who_was_back)
{
	struct duo *duo = esp_duo(46, false);
	uint64_t calls = 0;

	duo_start(duo);
	duo->deliver = forge_lose_all;
	ck_assert(esp_remembers(duo, "192.0.2.1:500"));
	for (int i = 0; i < 3000; i++) { /* it takes until then to be asked every ten minutes */
		struct ike_command what = esp_came("192.0.2.1", "192.0.2.2", ESP_OCTETS);

		calls += ike_command(duo->core[DUO_B], duo->now, &what);
		duo_run(duo, IKE_SECOND);
		siege_forget(duo);
	}
	ck_assert_uint_ge(calls, 7);
	duo->deliver = NULL;
	duo_establish(duo);
	duo_run(duo, 700 * IKE_SECOND);
	command(duo, DUO_A, IKE_COMMAND_CLOSE);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	duo->deliver = forge_lose_all;
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	duo_run(duo, 40 * IKE_SECOND); /* given up after 31 s */
	ck_assert(esp_comes_from_a(duo, IKE_COUNT_UNKNOWN_SPI_CALLED));
	duo_free(duo);
}
END_TEST

UNIT_MAIN("unknown_spi_peers", test_told_under_protection, test_told_every_ten_seconds,
	  test_a_gateway_is_called, test_a_gateway_that_rests, test_no_extension_no_call,
	  test_peers_that_share_an_address, test_a_remembered_caller_is_called,
	  test_a_caller_of_before, test_a_caller_who_does_not_answer,
	  test_many_callers_who_do_not_answer, test_budgets, test_a_caller_who_was_back)
