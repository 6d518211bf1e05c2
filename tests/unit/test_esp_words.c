/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/esp/esp_words.h"
#include "tests/support/esp_sample.h"

static struct esp_words words;
static struct esp_ends ends;

static void begin(void)
{
	words = (struct esp_words){.half = false};
	esp_ends_open(&ends);
	for (uint32_t number = 1; number <= 2; number++)
		esp_ends_add(&ends, number, &esp_sample_forms[ESP_SAMPLE_AES128_GCM]);
}

/* RIGHT sends, by the newest pair. */
static void send_back(void)
{
	struct esp_sample sample;
	uint8_t packet[100];

	esp_sample_fill(&sample, packet,
			esp_sample_packet(packet, "10.2.0.7", "10.1.0.5", 1, 1, sizeof(packet)));
	ck_assert_int_eq(esp_sample_seal(ends.right, &sample), ESP_ACCEPTED);
}

static void assert_said(struct esp_plane *plane, enum ike_command_kind kind, uint32_t number)
{
	struct ike_command command = {.peer = 77};

	ck_assert(esp_words_of_use(&words, plane, &command));
	ck_assert_int_eq(command.kind, kind);
	ck_assert_uint_eq(command.ipsec, number);
	ck_assert_uint_eq(command.peer, 0);
}

static void assert_all_is_said(struct esp_plane *plane)
{
	struct ike_command command;

	ck_assert(!esp_words_of_use(&words, plane, &command));
}

START_TEST(test_one_way)
{
	begin();
	assert_all_is_said(ends.left);
	esp_ends_exchange(&ends, 2, 3);
	assert_said(ends.left, IKE_COMMAND_TRAFFIC, 2);
	assert_all_is_said(ends.left);
	assert_said(ends.right, IKE_COMMAND_HEARD, 2);
	assert_all_is_said(ends.right);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_both_ways_in_order)
{
	begin();
	esp_ends_exchange(&ends, 2, 1);
	send_back();
	assert_said(ends.right, IKE_COMMAND_HEARD, 2);
	assert_said(ends.right, IKE_COMMAND_TRAFFIC, 2);
	assert_all_is_said(ends.right);
	send_back();
	esp_ends_exchange(&ends, 2, 1);
	assert_said(ends.right, IKE_COMMAND_TRAFFIC, 2);
	assert_said(ends.right, IKE_COMMAND_HEARD, 2);
	assert_all_is_said(ends.right);
	esp_ends_close(&ends);
}
END_TEST

/* The second half is of what was told first, whatever comes in between. */
START_TEST(test_in_between)
{
	begin();
	esp_ends_exchange(&ends, 2, 1);
	send_back();
	assert_said(ends.right, IKE_COMMAND_HEARD, 2);
	esp_ends_exchange(&ends, 2, 1);
	assert_said(ends.right, IKE_COMMAND_TRAFFIC, 2);
	assert_said(ends.right, IKE_COMMAND_HEARD, 2);
	assert_all_is_said(ends.right);
	esp_ends_close(&ends);
}
END_TEST

/* Only what is heard says where the peer is. */
START_TEST(test_heard_from_elsewhere)
{
	struct ike_address elsewhere = esp_sample_address("192.0.2.77:40002");
	struct ike_command heard, traffic;
	struct ike_ipsec_sa left, right;
	struct esp_sample sample;
	uint32_t number;

	begin();
	esp_sample_pair(3, &esp_sample_forms[ESP_SAMPLE_AES128_GCM], &left, &right);
	right.encapsulated = true;
	right.local.port = right.remote.port = 4500;
	esp_sample_add(ends.left, &left);
	esp_sample_add(ends.right, &right);
	esp_sample_right(&sample, 100);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	ck_assert_int_eq(
	    esp_plane_open(ends.right, ESP_SAMPLE_NOW, &elsewhere, true, &sample.buffer, &number),
	    ESP_ACCEPTED);
	send_back();
	ck_assert(esp_words_of_use(&words, ends.right, &heard));
	ck_assert(esp_words_of_use(&words, ends.right, &traffic));
	ck_assert_int_eq(heard.kind, IKE_COMMAND_HEARD);
	ck_assert_mem_eq(&heard.address, &elsewhere, sizeof(elsewhere));
	ck_assert_int_eq(traffic.kind, IKE_COMMAND_TRAFFIC);
	ck_assert_uint_eq(traffic.address.family, IKE_FAMILY_NONE);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_used_up)
{
	const struct ike_ipsec_sa pair = {.peer = 3, .tunnel = 4, .number = 5};

	for (int hard = 0; hard < 2; hard++) {
		struct ike_command command = esp_words_of_expiry(&pair, hard == 1);

		ck_assert_int_eq(command.kind,
				 hard == 1 ? IKE_COMMAND_IPSEC_FAILED : IKE_COMMAND_TUNNEL);
		ck_assert_uint_eq(command.peer, 3);
		ck_assert_uint_eq(command.tunnel, 4);
		ck_assert_uint_eq(command.ipsec, 5);
	}
}
END_TEST

START_TEST(test_unknown_spi)
{
	const struct ike_address remote = esp_sample_address("192.0.2.2"),
				 local = esp_sample_address("192.0.2.1");
	const uint8_t packet[50] = {0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1};
	struct ike_command command =
	    esp_words_of_unknown(&remote, &local, octets_of(packet, sizeof(packet)));

	ck_assert_int_eq(command.kind, IKE_COMMAND_UNKNOWN_SPI);
	ck_assert_uint_eq(command.spi, 0xdeadbeef);
	ck_assert_uint_eq(command.octets, 50);
	ck_assert_mem_eq(&command.address, &remote, sizeof(remote));
	ck_assert_mem_eq(&command.local, &local, sizeof(local));
}
END_TEST

START_TEST(test_pings)
{
	static const struct {
		struct pinger_action action;
		bool may_ask, said;
		enum ike_command_kind kind;
	} table[] = {
	    {{.kind = PINGER_SEND}, true, false, 0},
	    {{.kind = PINGER_REPORT, .report = PINGER_ALIVE}, true, false, 0},
	    {{.kind = PINGER_REPORT, .report = PINGER_BLACK_HOLE}, true, false, 0},
	    {{.kind = PINGER_REPORT, .report = PINGER_SUSPECT}, false, false, 0},
	    {{.kind = PINGER_REPORT, .report = PINGER_SUSPECT}, true, true, IKE_COMMAND_ASK_NOW},
	    {{.kind = PINGER_RENEGOTIATE}, false, true, IKE_COMMAND_TUNNEL},
	    {{.kind = PINGER_DEAD}, false, true, IKE_COMMAND_TUNNEL_DEAD},
	    {{.kind = PINGER_DEAD, .never = true}, false, true, IKE_COMMAND_TUNNEL_DEAD},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct pinger_action action = table[i].action;
		struct ike_command command;

		action.number = 7;
		action.peer = 3;
		action.tunnel = 2;
		ck_assert(esp_words_of_ping(&action, table[i].may_ask, &command) == table[i].said);
		if (!table[i].said)
			continue;
		ck_assert_int_eq(command.kind, table[i].kind);
		ck_assert_uint_eq(command.ipsec, 7);
		ck_assert_uint_eq(command.peer, 3);
		ck_assert_uint_eq(command.tunnel, 2);
		ck_assert(command.never == action.never);
	}
}
END_TEST

UNIT_MAIN("esp_words", test_one_way, test_both_ways_in_order, test_in_between,
	  test_heard_from_elsewhere, test_used_up, test_unknown_spi, test_pings)
