/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "ike/address.h"
#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"
#include "interop/events/event_json.h"

static struct config *config;

static const char *text_of(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text != NULL ? text : "(none)";
}

static struct ike_event event_of(enum ike_event_kind kind)
{
	return (struct ike_event){
	    .kind = kind, .at = 3500000, .peer = UINT32_MAX, .gateway = UINT32_MAX};
}

static json_t *convert(const struct ike_event *event)
{
	json_t *line = event_json(event, config, 1000000);

	ck_assert_ptr_nonnull(line);
	return line;
}

static void configure(void)
{
	struct fault fault;
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "gw");
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	peer->ike.gateways = 2;
	ck_assert(ike_address_from_text("192.0.2.1", &peer->ike.gateway[0]));
	ck_assert(ike_address_from_text("192.0.2.2:4500", &peer->ike.gateway[1]));
	ck_assert_ptr_nonnull(config_add_tunnel(peer, "net"));
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
}

START_TEST(test_keys_have_no_line)
{
	struct ike_event event = event_of(IKE_EVENT_KEYS);

	configure();
	ck_assert_ptr_null(event_json(&event, config, 0));
	config_free(config);
}
END_TEST

START_TEST(test_unknown_is_left_out)
{
	struct ike_event event = event_of(IKE_EVENT_OVERLOAD);
	json_t *line;

	configure();
	event.peer = 7; /* of another configuration */
	line = convert(&event);
	ck_assert_ptr_null(json_object_get(line, "peer"));
	ck_assert_ptr_null(json_object_get(line, "gateway"));
	ck_assert_ptr_null(json_object_get(line, "cky_i"));
	ck_assert_ptr_null(json_object_get(line, "cky_r"));
	json_decref(line);
	config_free(config);
}
END_TEST

START_TEST(test_before_the_start)
{
	json_t *line = event_json_own("started", 5, 1000000);

	ck_assert(json_real_value(json_object_get(line, "t")) == 0);
	json_decref(line);
}
END_TEST

START_TEST(test_established)
{
	struct ike_event event = event_of(IKE_EVENT_ESTABLISHED);
	json_t *line;

	configure();
	event.peer = event.gateway = 0;
	event.initiator = event.supported = true;
	memset(event.cky_i, 0xab, IKE_COOKIE_LENGTH);
	event.cky_r[7] = 1;
	snprintf(event.text, sizeof(event.text), "fqdn:gw.example");
	ck_assert(ike_address_from_text("198.51.100.1:4500", &event.remote));
	ck_assert(ike_proposal_parse("aes128-sha1-modp2048", &event.proposal));
	line = convert(&event);
	ck_assert(json_real_value(json_object_get(line, "t")) == 2.5);
	ck_assert_uint_eq(strlen(text_of(line, "time")), 27);
	ck_assert_str_eq(text_of(line, "event"), "established");
	ck_assert_str_eq(text_of(line, "peer"), "gw");
	ck_assert_str_eq(text_of(line, "gateway"),
			 "198.51.100.1:4500"); /* the SA's, not the list's */
	ck_assert_str_eq(text_of(line, "cky_i"), "abababababababab");
	ck_assert_str_eq(text_of(line, "cky_r"), "0000000000000001");
	ck_assert_str_eq(text_of(line, "role"), "initiator");
	ck_assert_str_eq(text_of(line, "proposal"), "aes128-sha1-modp2048");
	ck_assert_str_eq(text_of(line, "exchange"), "main");
	ck_assert_str_eq(text_of(line, "authentication"), "(none)"); /* not known */
	ck_assert_str_eq(text_of(line, "nat"), "none");
	ck_assert_str_eq(text_of(line, "identity"), "fqdn:gw.example");
	ck_assert(json_is_true(json_object_get(line, "keepalive")));
	ck_assert(json_is_false(json_object_get(line, "initial_contact")));
	json_decref(line);
	config_free(config);
}
END_TEST

START_TEST(test_failed_and_refused)
{
	struct ike_event event = event_of(IKE_EVENT_FAILED);
	json_t *line;

	configure();
	event.why = IKE_WHY_NO_ANSWER;
	line = convert(&event);
	ck_assert_str_eq(text_of(line, "why"), ike_why_text(IKE_WHY_NO_ANSWER));
	ck_assert_ptr_null(json_object_get(line, "verdict"));
	json_decref(line);
	event.why = IKE_WHY_REFUSED;
	event.verdict = IKE_BAD_HASH;
	line = convert(&event);
	ck_assert_str_eq(text_of(line, "verdict"), "BAD_HASH");
	ck_assert_str_eq(text_of(line, "section"), ike_verdict_section(IKE_BAD_HASH));
	json_decref(line);
	event.kind = IKE_EVENT_REFUSED;
	line = convert(&event);
	ck_assert_str_eq(text_of(line, "sentence"), ike_verdict_sentence(IKE_BAD_HASH));
	json_decref(line);
	config_free(config);
}
END_TEST

START_TEST(test_names_of_all)
{
	static const struct {
		enum ike_event_kind kind;
		const char *name, *field;
	} rows[] = {
	    {IKE_EVENT_CONNECTING, "connecting", "exchange"},
	    {IKE_EVENT_MOVED, "moved", "t"},
	    {IKE_EVENT_IPSEC_ESTABLISHED, "ipsec-established", "agreement"},
	    {IKE_EVENT_IPSEC_FAILED, "ipsec-failed", "why"},
	    {IKE_EVENT_IPSEC_REPLACED, "ipsec-renewed", "spi_in"},
	    {IKE_EVENT_IPSEC_DELETED, "ipsec-deleted", "why"},
	    {IKE_EVENT_PEER_SAYS, "peer-says", "authenticated"},
	    {IKE_EVENT_REPLACED, "renewed", "t"},
	    {IKE_EVENT_DELETED, "deleted", "why"},
	    {IKE_EVENT_INITIAL_CONTACT, "initial-contact", "deleted"},
	    {IKE_EVENT_HINT, "hint", "notify"},
	    {IKE_EVENT_OFFERS, "offers", "text"},
	    {IKE_EVENT_MESSAGE, "message", "line"},
	    {IKE_EVENT_UNKNOWN_SPI, "unknown-spi", "done"},
	    {IKE_EVENT_OVERLOAD, "overload", "text"},
	};

	configure();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ike_event event = event_of(rows[i].kind);
		json_t *line = convert(&event);

		ck_assert_str_eq(text_of(line, "event"), rows[i].name);
		ck_assert_msg(json_object_get(line, rows[i].field) != NULL, "%s", rows[i].name);
		json_decref(line);
	}
	config_free(config);
}
END_TEST

START_TEST(test_notify_without_a_name)
{
	struct ike_event event = event_of(IKE_EVENT_PEER_SAYS);
	json_t *line;

	configure();
	event.notify_type = 8191;
	line = convert(&event);
	ck_assert_str_eq(text_of(line, "notify"), "8191");
	json_decref(line);
	config_free(config);
}
END_TEST

static json_t *report(enum ike_extension_report_kind kind, ike_time duration)
{
	struct ike_event event = event_of(IKE_EVENT_REPORT);

	event.peer = 0;
	event.gateway = 1;
	event.report = (struct ike_extension_report){kind, 41, 3, 1, duration};
	return convert(&event);
}

START_TEST(test_reports)
{
	static const struct {
		enum ike_extension_report_kind kind;
		const char *name, *number, *value, *duration;
		double is;
	} rows[] = {
	    {IKE_REPORT_ASKED, "asked", "number", "open", NULL, 0},
	    {IKE_REPORT_ANSWERED, "answered", "number", NULL, NULL, 0},
	    {IKE_REPORT_ALIVE, "alive", "number", NULL, "rtt_ms", 1500},
	    {IKE_REPORT_SUSPECT, "suspect", NULL, "misses", "silence_s", 1.5},
	    {IKE_REPORT_DEAD, "dead", NULL, "misses", "silence_s", 1.5},
	    {IKE_REPORT_LATE, "late", NULL, NULL, "by_s", 1.5},
	    {IKE_REPORT_RECOVERING, "recovering", NULL, "attempt", "wait_s", 1.5},
	    {IKE_REPORT_RECOVERED, "recovered", NULL, NULL, "after_s", 1.5},
	    {IKE_REPORT_RETURNING, "returning", NULL, NULL, NULL, 0},
	};

	configure();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *line = report(rows[i].kind, 1500000);

		ck_assert_str_eq(text_of(line, "event"), rows[i].name);
		ck_assert_str_eq(text_of(line, "gateway"), "192.0.2.2:4500");
		if (rows[i].number != NULL)
			ck_assert_int_eq(json_integer_value(json_object_get(line, rows[i].number)),
					 41);
		if (rows[i].value != NULL)
			ck_assert_int_eq(json_integer_value(json_object_get(line, rows[i].value)),
					 3);
		if (rows[i].duration != NULL)
			ck_assert(json_real_value(json_object_get(line, rows[i].duration)) ==
				  rows[i].is);
		json_decref(line);
	}
	config_free(config);
}
END_TEST

START_TEST(test_round_trip_that_cannot_be_told)
{
	json_t *line;

	configure();
	line = report(IKE_REPORT_ALIVE, IKE_NEVER);
	ck_assert(json_is_null(json_object_get(line, "rtt_ms")));
	json_decref(line);
	config_free(config);
}
END_TEST

START_TEST(test_plan)
{
	json_t *line = json_object();

	configure();
	ck_assert(event_json_add_plan(line, &config->peer[0]));
	ck_assert_str_eq(text_of(line, "mode"), "periodic");
	ck_assert(json_real_value(json_object_get(line, "detect_s")) == 20);
	ck_assert(json_real_value(json_object_get(line, "loss")) == 0.2);
	ck_assert(json_number_value(json_object_get(line, "false_deaths_a_year")) <= 1);
	ck_assert_ptr_nonnull(strstr(text_of(line, "text"), "20"));
	json_decref(line);
	config_free(config);
}
END_TEST

/* Whoever reads only the plan of R-U-THERE must see that something else tells. */
START_TEST(test_plan_of_pings_alone)
{
	json_t *line = json_object();

	configure();
	config->peer[0].ping_only = true;
	ck_assert(event_json_add_plan(line, &config->peer[0]));
	ck_assert_str_eq(text_of(line, "mode"), "ping");
	ck_assert_ptr_nonnull(strstr(text_of(line, "text"), "pings through its tunnels"));
	json_decref(line);
	config_free(config);
}
END_TEST

START_TEST(test_ping)
{
	json_t *line = json_object();
	struct config_ping *ping;

	configure();
	ping = &config->peer[0].traffic[0].ping;
	config->peer[0].ike.tunnel[0].name = "net";
	*ping = (struct config_ping){.interval = 5 * IKE_SECOND, .misses = 2};
	ck_assert(ike_address_from_text("10.2.0.1", &ping->to));
	ck_assert(event_json_add_ping(line, &config->peer[0], 0));
	ck_assert_str_eq(text_of(line, "tunnel"), "net");
	ck_assert_str_eq(text_of(line, "ping"), "10.2.0.1");
	ck_assert_str_eq(text_of(line, "ping_from"), "own");
	ck_assert(json_real_value(json_object_get(line, "interval_s")) == 5);
	ck_assert_int_eq(json_integer_value(json_object_get(line, "misses")), 2);
	ck_assert(json_real_value(json_object_get(line, "detect_s")) == 15);
	ck_assert(json_real_value(json_object_get(line, "loss")) == 0.2);
	ck_assert(json_real_value(json_object_get(line, "false_verdicts_a_year")) > 1);
	ck_assert_ptr_nonnull(strstr(text_of(line, "text"), "verdict after 2 misses"));
	ck_assert(ike_address_from_text("10.1.0.1", &ping->from));
	ck_assert(event_json_add_ping(line, &config->peer[0], 0));
	ck_assert_str_eq(text_of(line, "ping_from"), "10.1.0.1");
	json_decref(line);
	config_free(config);
}
END_TEST

START_TEST(test_how_it_was_established)
{
	static const char *const nat[] = {"none", "here", "there", "both"};

	configure();
	for (unsigned i = 0; i < 4; i++) {
		struct ike_event event = event_of(IKE_EVENT_ESTABLISHED);
		json_t *line;

		event.aggressive = true;
		event.authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
		event.nat_here = (i & 1) != 0;
		event.nat_there = (i & 2) != 0;
		line = convert(&event);
		ck_assert_str_eq(text_of(line, "exchange"), "aggressive");
		ck_assert_str_eq(text_of(line, "authentication"), "rsa-signature");
		ck_assert_str_eq(text_of(line, "nat"), nat[i]);
		json_decref(line);
	}
	config_free(config);
}
END_TEST

START_TEST(test_tunnels)
{
	struct ike_event event = event_of(IKE_EVENT_IPSEC_ESTABLISHED);
	json_t *line;

	configure();
	event.peer = 0;
	event.ipsec = 7;
	event.spi_in = 0x00c0ffee;
	event.spi_out = 0xdeadbeef;
	line = convert(&event);
	ck_assert_str_eq(text_of(line, "tunnel"), "net");
	ck_assert_int_eq(json_integer_value(json_object_get(line, "pair")), 7);
	ck_assert_str_eq(text_of(line, "spi_in"), "0x00c0ffee");
	ck_assert_str_eq(text_of(line, "spi_out"), "0xdeadbeef");
	ck_assert_str_eq(text_of(line, "role"), "responder");
	json_decref(line);
	event.kind = IKE_EVENT_IPSEC_FAILED;
	event.tunnel = 1; /* what the peer wanted was none that there is */
	event.why = IKE_WHY_REFUSED;
	event.verdict = IKE_BAD_HASH;
	line = convert(&event);
	ck_assert_ptr_null(json_object_get(line, "tunnel"));
	ck_assert_str_eq(text_of(line, "verdict"), "BAD_HASH");
	ck_assert_ptr_null(json_object_get(line, "spi_in"));
	json_decref(line);
	event.kind = IKE_EVENT_MOVED;
	event.tunnel = 0;
	line = convert(&event);
	ck_assert_ptr_null(json_object_get(line, "tunnel"));
	json_decref(line);
	config_free(config);
}
END_TEST

UNIT_MAIN("event_json", test_keys_have_no_line, test_unknown_is_left_out, test_before_the_start,
	  test_established, test_failed_and_refused, test_names_of_all, test_notify_without_a_name,
	  test_reports, test_round_trip_that_cannot_be_told, test_plan, test_plan_of_pings_alone,
	  test_ping, test_how_it_was_established, test_tunnels)
