/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/method.h"
#include "tests/support/unit.h"

static struct method_settings settings;
static struct method method;
static struct fault fault;

static void defaults(void)
{
	method_settings_default(&settings);
}

static void refused(enum method_kind kind, const char *mentions)
{
	ck_assert(!method_make(kind, &settings, &method, &fault));
	ck_assert_msg(strstr(fault.text, mentions) != NULL, "\"%s\" does not mention \"%s\"",
		      fault.text, mentions);
}

START_TEST(numbers_that_cannot_be)
{
	defaults();
	settings.loss_per_mille = 900;
	refused(METHOD_DERIVED, "derived: detect 20.0 s is too short");
	defaults();
	settings.retry = 1;
	refused(METHOD_FIXED, "fixed: retry must be");
	defaults();
	settings.heartbeat.losses = 0;
	refused(METHOD_HEARTBEAT, "--losses");
	defaults();
	settings.heartbeat.interval = 0;
	refused(METHOD_HEARTBEAT, "--interval");
	defaults();
	settings.ping.misses = 0;
	refused(METHOD_PING, "--ping-misses");
	defaults();
	settings.ping.interval = 0;
	refused(METHOD_PING, "--ping-interval");
	refused(METHOD_KINDS, "no such method");
}
END_TEST

START_TEST(no_such_name)
{
	enum method_kind kind = METHOD_PING;

	ck_assert(!method_by_name("heartbeat", &kind));
	ck_assert(!method_by_name("", &kind));
	ck_assert_int_eq(kind, METHOD_PING);
}
END_TEST

START_TEST(names)
{
	for (unsigned i = 0; i < METHOD_KINDS; i++) {
		enum method_kind kind = METHOD_KINDS;

		ck_assert(method_by_name(method_name(i), &kind));
		ck_assert_int_eq(kind, i);
	}
}
END_TEST

START_TEST(what_the_field_deploys)
{
	static const char *const texts[METHOD_KINDS] = {
	    [METHOD_DERIVED] = "derived 10s, 0.643s x15",
	    [METHOD_FIXED] = "fixed 10s, 2s x5",
	    [METHOD_HEARTBEAT] = "heartbeats 20s x3 +5s",
	    [METHOD_PING] = "ping 10s x3",
	};
	static const unsigned bounds[METHOD_KINDS] = {20, 20, 65, 40};
	char text[METHOD_TEXT];

	defaults();
	for (unsigned kind = 0; kind < METHOD_KINDS; kind++) {
		ck_assert(method_make(kind, &settings, &method, &fault));
		ck_assert_int_eq(method.kind, kind);
		method_describe(&method, text);
		ck_assert_str_eq(text, texts[kind]);
		ck_assert_uint_eq(machine_bound(&method.rules), bounds[kind] * IKE_SECOND);
	}
}
END_TEST

START_TEST(the_mode_is_for_those_who_ask)
{
	defaults();
	settings.mode = KEEPALIVE_ON_DEMAND;
	ck_assert(method_make(METHOD_DERIVED, &settings, &method, &fault));
	ck_assert_int_eq(method.rules.plan.mode, KEEPALIVE_ON_DEMAND);
	ck_assert(method_make(METHOD_FIXED, &settings, &method, &fault));
	ck_assert_int_eq(method.rules.plan.mode, KEEPALIVE_ON_DEMAND);
}
END_TEST

UNIT_MAIN("method", numbers_that_cannot_be, no_such_name, names, what_the_field_deploys,
	  the_mode_is_for_those_who_ask)
