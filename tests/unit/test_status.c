/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/node/clock.h"
#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"
#include "interop/impair/impair.h"
#include "interop/node/node.h"
#include "interop/status/status.h"
#include "tests/support/scratch.h"

static struct fault fault;
static struct config *config;
static struct node *node;

static void add(const char *name, const char *gateway)
{
	struct config_peer *peer = config_add_peer(config, name);

	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	peer->extension.recovery.connect_at_start = false;
	if (gateway != NULL)
		ck_assert(value_address(gateway, &peer->ike.gateway[peer->ike.gateways++], &fault));
	ck_assert_ptr_nonnull(config_add_tunnel(peer, "net"));
	ck_assert(config_check_peer(config, peer, &fault));
}

static const char *capture_to; /* NULL: nowhere */

static void open_node(void)
{
	struct node_settings settings = {.epoch = clock_now(), .capture = capture_to};

	config = config_new();
	add("gw", "127.0.0.1:1");
	add("any", NULL);
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	config->ike.limits.sas = 64;
	ck_assert(config_finish(config, &fault));
	settings.config = config;
	node = node_new(&settings, &fault);
	ck_assert_msg(node != NULL, "%s", fault.text);
}

static void close_node(void)
{
	node_free(node);
	config_free(config);
}

static json_t *ask(const char *text)
{
	json_t *request = json_loads(text, 0, NULL), *answer;

	ck_assert_ptr_nonnull(request);
	answer = status_answer(node, request);
	ck_assert_ptr_nonnull(answer);
	json_decref(request);
	return answer;
}

static void expect_error(const char *request, const char *says)
{
	json_t *answer = ask(request);

	ck_assert(json_is_false(json_object_get(answer, "ok")));
	ck_assert_msg(strstr(json_string_value(json_object_get(answer, "error")), says) != NULL,
		      "%s", json_string_value(json_object_get(answer, "error")));
	json_decref(answer);
}

START_TEST(test_wrong_requests)
{
	open_node();
	expect_error("{}", "status, connect, close");
	expect_error("{\"verb\":\"explode\"}", "status, connect, close");
	expect_error("{\"verb\":7}", "status, connect, close");
	expect_error("{\"verb\":\"connect\"}", "\"peer\" is missing");
	expect_error("{\"verb\":\"close\",\"peer\":7}", "\"peer\" is missing");
	expect_error("{\"verb\":\"connect\",\"peer\":\"nobody\"}", "no peer \"nobody\"");
	expect_error("{\"verb\":\"connect\",\"peer\":\"any\"}", "only waited for");
	expect_error("{\"verb\":\"connect\",\"peer\":\"gw\",\"tunnel\":\"net2\"}",
		     "peer \"gw\" has no tunnel \"net2\"");
	expect_error("{\"verb\":\"connect\",\"peer\":\"any\",\"tunnel\":\"net\"}",
		     "no SA with peer \"any\"");
	close_node();
}
END_TEST

static const char *state_of(const char *name)
{
	static char state[32];
	json_t *answer = ask("{\"verb\":\"status\"}"), *peer;
	size_t index;

	snprintf(state, sizeof(state), "(none)");
	json_array_foreach(
	    json_object_get(answer, "peers"), index,
	    peer) if (strcmp(json_string_value(json_object_get(peer, "peer")), name) == 0)
	    snprintf(state, sizeof(state), "%s", json_string_value(json_object_get(peer, "state")));
	json_decref(answer);
	return state;
}

START_TEST(test_connect_and_close)
{
	open_node();
	ck_assert_str_eq(state_of("gw"), "resting");
	ck_assert_str_eq(state_of("any"), "waited for");
	json_decref(ask("{\"verb\":\"connect\",\"peer\":\"gw\"}"));
	ck_assert_str_ne(state_of("gw"), "resting");
	json_decref(ask("{\"verb\":\"close\",\"peer\":\"gw\"}"));
	ck_assert_str_eq(state_of("gw"), "resting");
	json_decref(ask("{\"verb\":\"close\",\"peer\":\"gw\"}")); /* once more: no error */
	close_node();
}
END_TEST

START_TEST(test_status)
{
	json_t *answer;
	const json_t *plan;

	open_node();
	answer = ask("{\"verb\":\"status\"}");
	ck_assert(json_is_true(json_object_get(answer, "ok")));
	ck_assert_int_eq(json_integer_value(json_object_get(answer, "sas")), 0);
	ck_assert_int_gt(json_integer_value(json_object_get(answer, "sa_octets")),
			 0); /* an index */
	ck_assert_int_eq(
	    json_integer_value(json_object_get(json_object_get(answer, "limits"), "sas")), 64);
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "listen")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "peers")), 2);
	ck_assert_uint_eq(json_object_size(json_object_get(answer, "counters")), IKE_COUNTERS + 4);
	ck_assert(json_is_null(json_object_get(answer, "capture")));
	ck_assert(json_is_null(json_object_get(answer, "confinement"))); /* nor is it to be */
	ck_assert(json_is_null(json_object_get(json_object_get(answer, "ipsec"), "store")));
	ck_assert_int_eq(
	    json_integer_value(json_object_get(json_object_get(answer, "limits"), "ipsec_sas")),
	    config->ike.limits.ipsec_sas);
	ck_assert_uint_eq(json_array_size(json_object_get(
			      json_array_get(json_object_get(answer, "peers"), 0), "tunnels")),
			  1);
	plan = json_object_get(json_array_get(json_object_get(answer, "peers"), 0), "plan");
	ck_assert(json_number_value(json_object_get(plan, "detect_s")) == 20);
	ck_assert(json_number_value(json_object_get(plan, "false_deaths_a_year")) > 0);
	json_decref(answer);
	close_node();
}
END_TEST

START_TEST(test_capture)
{
	json_t *answer, *capture;

	capture_to = scratch_path("capture");
	open_node();
	answer = ask("{\"verb\":\"status\"}");
	capture = json_object_get(answer, "capture");
	ck_assert_str_eq(json_string_value(json_object_get(capture, "directory")), capture_to);
	ck_assert_int_eq(json_integer_value(json_object_get(capture, "datagrams")), 0);
	ck_assert(json_is_null(json_object_get(capture, "problem")));
	json_decref(answer);
	close_node();
}
END_TEST

START_TEST(test_impairments)
{
	bool on[IMPAIRMENTS] = {[IMPAIR_ACK_LATE] = true, [IMPAIR_MM2_TWICE] = true};
	struct node_settings settings = {.epoch = clock_now(), .impairments = on};
	json_t *answer, *names;

	open_node();
	answer = ask("{\"verb\":\"status\"}");
	ck_assert(json_is_null(json_object_get(answer, "impairments")));
	json_decref(answer);
	node_free(node);
	settings.config = config;
	node = node_new(&settings, &fault);
	ck_assert_msg(node != NULL, "%s", fault.text);
	answer = ask("{\"verb\":\"status\"}");
	names = json_object_get(answer, "impairments");
	ck_assert_uint_eq(json_array_size(names), 2);
	ck_assert_str_eq(json_string_value(json_array_get(names, 0)), "ack-late");
	json_decref(answer);
	close_node();
}
END_TEST

/* Only its telling: no process is confined in this test. */
START_TEST(test_confinement)
{
	struct node_settings settings = {.epoch = clock_now(), .confine = true};
	json_t *answer;

	open_node();
	node_free(node);
	config->confine = false;
	settings.config = config;
	node = node_new(&settings, &fault);
	ck_assert_msg(node != NULL, "%s", fault.text);
	answer = ask("{\"verb\":\"status\"}");
	ck_assert(
	    json_is_false(json_object_get(json_object_get(answer, "confinement"), "confined")));
	json_decref(answer);
	close_node();
}
END_TEST

UNIT_MAIN("status", test_wrong_requests, test_connect_and_close, test_status, test_capture,
	  test_impairments, test_confinement)
