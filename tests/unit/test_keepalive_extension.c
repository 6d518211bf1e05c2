/* SPDX-License-Identifier: ISC */
/*
 * test_keepalive_extension.c - keepalive/extension.c: that the adapter translates, and leaves nothing out.
 */
#include "keepalive/extension.h"

#include <string.h>

#include "ike/registry.h"
#include "keepalive/capability.h"
#include "keepalive/message.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define SECONDS(n) ((ike_time)((n)*1e6))

static const uint8_t cky_i[IKE_COOKIE_LENGTH] = {1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t cky_r[IKE_COOKIE_LENGTH] = {9, 10, 11, 12, 13, 14, 15, 16};

static struct keepalive_peer_settings settings;
static _Alignas(8) uint8_t state[IKE_EXTENSION_SA_OCTETS];
static struct ike_extension_answer answer;
static ike_time now, wake;

static const struct ike_extension_action *action(enum ike_extension_action_kind kind)
{
	for (size_t i = 0; i < answer.actions; i++)
		if (answer.action[i].kind == kind)
			return &answer.action[i];
	return NULL;
}

static void happens(struct ike_extension_sa_input input)
{
	input.now = now;
	input.cky_i = cky_i;
	input.cky_r = cky_r;
	input.random = 0x12345678;
	memset(&answer, 0, sizeof(answer));
	keepalive_extension()->sa_step(state, &settings, &input, &answer);
	ck_assert_ptr_null(action(IKE_EXTENSION_WAKE_AT)); /* a peer's, not an SA's */
	wake = keepalive_extension()->sa_wake(state);
}

/* By what happened last: nothing else has happened at this time (begin() sees to it). */
static bool life_is_proved(void)
{
	return ((const struct keepalive_peer *)(const void *)state)->last_heard == now;
}

static void simply(enum ike_extension_sa_happening happening)
{
	happens((struct ike_extension_sa_input){.happening = happening});
}

static void notify(uint16_t type, struct octets body)
{
	happens((struct ike_extension_sa_input){
	    .happening = IKE_EXTENSION_NOTIFY, .notify_type = type, .body = body});
}

static void message(uint16_t type, uint32_t number)
{
	uint8_t body[KEEPALIVE_BODY_LENGTH];

	keepalive_message_build(type, cky_i, cky_r, number, body);
	notify(type, octets_of(body, sizeof(body)));
}

static void begin(enum keepalive_mode mode)
{
	settings.plan = world_simple_plan(mode);
	recovery_settings_default(&settings.recovery);
	memset(state, 0, sizeof(state));
	ck_assert_uint_eq(keepalive_extension()->sa_wake(state), IKE_NEVER);
	now = SECONDS(1000);
	happens(
	    (struct ike_extension_sa_input){.happening = IKE_EXTENSION_SA_UP, .supported = true});
	now += IKE_MILLISECOND;
}

static void time_comes(void)
{
	ck_assert_uint_ne(wake, IKE_NEVER);
	now = wake;
	simply(IKE_EXTENSION_TIME);
}

static const struct ike_extension_report *report(enum ike_extension_report_kind kind)
{
	for (size_t i = 0; i < answer.reports; i++)
		if (answer.report[i].kind == kind)
			return &answer.report[i];
	return NULL;
}

static void nothing_but(enum ike_verdict verdict)
{
	ck_assert_int_eq(answer.verdict, verdict);
	ck_assert(!life_is_proved());
	ck_assert_uint_eq(answer.actions, 0);
	ck_assert_uint_eq(answer.reports, 0);
}

START_TEST(refused_messages_touch_nothing)
{
	uint8_t body[KEEPALIVE_BODY_LENGTH], before[IKE_EXTENSION_SA_OCTETS];

	begin(KEEPALIVE_PERIODIC);
	memcpy(before, state, sizeof(state));
	now += SECONDS(1);
	notify(IKE_NOTIFY_R_U_THERE, octets_of(NULL, 0));
	nothing_but(IKE_KEEPALIVE_MALFORMED);
	keepalive_message_build(IKE_NOTIFY_R_U_THERE, cky_i, cky_r, 1, body);
	notify(IKE_NOTIFY_R_U_THERE_ACK, octets_of(body, sizeof(body)));
	nothing_but(IKE_KEEPALIVE_MALFORMED);
	notify(IKE_NOTIFY_INITIAL_CONTACT, octets_of(body, sizeof(body)));
	nothing_but(IKE_NOTIFY_IGNORED);
	message(IKE_NOTIFY_R_U_THERE_ACK, 99);
	nothing_but(IKE_KEEPALIVE_UNASKED_ACK);
	settings.plan.strictness = KEEPALIVE_STRICT;
	keepalive_message_build(IKE_NOTIFY_R_U_THERE, cky_r, cky_i, 1, body);
	notify(IKE_NOTIFY_R_U_THERE, octets_of(body, sizeof(body)));
	nothing_but(IKE_KEEPALIVE_WRONG_COOKIES);
	ck_assert_mem_eq(state, before, sizeof(state));
}
END_TEST

START_TEST(other_notifications_are_not_ours)
{
	const struct ike_extension *extension = keepalive_extension();

	for (unsigned type = 0; type < 65536; type++)
		ck_assert_msg(extension->owns_notify((uint16_t)type) ==
				  (type == 36136 || type == 36137),
			      "%u", type);
	ck_assert(extension->recognises(extension->vendor_id));
	ck_assert(!extension->recognises(octets_of("0123456789abcdef", 16)));
	ck_assert_ptr_eq(extension->vendor_id.data, keepalive_vendor_id().data);
	ck_assert_str_eq(extension->name, "keepalive");
}
END_TEST

/* R1: neither asked nor waited for; R4: answered. */
START_TEST(a_peer_without_the_vendor_id)
{
	begin(KEEPALIVE_PERIODIC);
	memset(state, 0, sizeof(state));
	simply(IKE_EXTENSION_SA_UP);
	now += IKE_MILLISECOND;
	nothing_but(IKE_ACCEPTED);
	simply(IKE_EXTENSION_ASK_NOW);
	nothing_but(IKE_ACCEPTED);
	message(IKE_NOTIFY_R_U_THERE, 5);
	ck_assert_ptr_nonnull(action(IKE_EXTENSION_SEND_NOTIFY));
	ck_assert_ptr_nonnull(report(IKE_REPORT_ANSWERED));
	ck_assert_uint_eq(answer.reports, 1);
}
END_TEST

/* R14, R15, R28. */
START_TEST(a_question_is_answered)
{
	const struct ike_extension_action *send;
	uint8_t wanted[KEEPALIVE_BODY_LENGTH];

	begin(KEEPALIVE_PERIODIC);
	message(IKE_NOTIFY_R_U_THERE, 0xdeadbeef);
	ck_assert_int_eq(answer.verdict, IKE_ACCEPTED);
	ck_assert(life_is_proved());
	send = action(IKE_EXTENSION_SEND_NOTIFY);
	ck_assert_int_eq(send->notify_type, IKE_NOTIFY_R_U_THERE_ACK);
	keepalive_message_build(IKE_NOTIFY_R_U_THERE_ACK, cky_i, cky_r, 0xdeadbeef, wanted);
	ck_assert_uint_eq(send->body_length, sizeof(wanted));
	ck_assert_mem_eq(send->body, wanted, sizeof(wanted));
	ck_assert_uint_eq(answer.actions, 1); /* the deadline stays as it is */
	ck_assert_uint_eq(report(IKE_REPORT_ANSWERED)->number, 0xdeadbeef);
}
END_TEST

START_TEST(a_round)
{
	const struct ike_extension_action *send;
	uint8_t wanted[KEEPALIVE_BODY_LENGTH];

	begin(KEEPALIVE_PERIODIC);
	ck_assert_uint_eq(answer.actions, 0);
	time_comes();
	send = action(IKE_EXTENSION_SEND_NOTIFY);
	ck_assert_int_eq(send->notify_type, IKE_NOTIFY_R_U_THERE);
	keepalive_message_build(IKE_NOTIFY_R_U_THERE, cky_i, cky_r, 0x12345678, wanted);
	ck_assert_mem_eq(send->body, wanted, sizeof(wanted));
	ck_assert(wake > now && wake != IKE_NEVER);
	ck_assert_uint_eq(report(IKE_REPORT_ASKED)->number, 0x12345678);
	ck_assert_uint_eq(report(IKE_REPORT_ASKED)->value, 1);
	time_comes();
	ck_assert_uint_eq(report(IKE_REPORT_SUSPECT)->value, 1);
	ck_assert_uint_eq(report(IKE_REPORT_SUSPECT)->duration, now - SECONDS(1000));
	ck_assert_uint_eq(report(IKE_REPORT_ASKED)->value, 2);
	now += SECONDS(0.03);
	message(IKE_NOTIFY_R_U_THERE_ACK, 0x12345679);
	ck_assert(life_is_proved());
	ck_assert_uint_eq(report(IKE_REPORT_ALIVE)->number, 0x12345679);
	ck_assert_uint_eq(report(IKE_REPORT_ALIVE)->duration, SECONDS(0.03));
	ck_assert_uint_eq(report(IKE_REPORT_ALIVE)->value, 1);
	ck_assert(wake > now && wake != IKE_NEVER);
	ck_assert_uint_eq(answer.reports, 1);
}
END_TEST

/* R66: it is told, and proves nothing. */
START_TEST(an_ack_of_a_round_that_is_over)
{
	begin(KEEPALIVE_PERIODIC);
	time_comes();
	simply(IKE_EXTENSION_HEARD);
	ck_assert(life_is_proved());
	message(IKE_NOTIFY_R_U_THERE_ACK, 0x12345678);
	ck_assert_uint_eq(report(IKE_REPORT_ALIVE)->number, 0x12345678);
	ck_assert_uint_eq(report(IKE_REPORT_ALIVE)->value, 0);
	ck_assert_uint_eq(answer.reports, 1);
}
END_TEST

START_TEST(death)
{
	begin(KEEPALIVE_PERIODIC);
	do
		time_comes();
	while (report(IKE_REPORT_DEAD) == NULL);
	ck_assert_ptr_nonnull(action(IKE_EXTENSION_DECLARE_DEAD));
	ck_assert_uint_eq(wake, IKE_NEVER);
	ck_assert_uint_ge(report(IKE_REPORT_DEAD)->value, 5);
	ck_assert_uint_eq(report(IKE_REPORT_DEAD)->duration, SECONDS(20));
	ck_assert_uint_eq(now, SECONDS(1020));
	simply(IKE_EXTENSION_ASK_NOW);
	nothing_but(IKE_ACCEPTED);
	message(IKE_NOTIFY_R_U_THERE, 1);
	nothing_but(IKE_OUT_OF_STATE);
}
END_TEST

/* A deadline that was served too early is still there. */
START_TEST(a_deadline_served_too_early_stays)
{
	ike_time asked_for;

	begin(KEEPALIVE_PERIODIC);
	asked_for = wake;
	now += SECONDS(1);
	simply(IKE_EXTENSION_TIME);
	ck_assert_uint_eq(answer.actions, 0);
	ck_assert_uint_eq(wake, asked_for);
}
END_TEST

START_TEST(lateness)
{
	begin(KEEPALIVE_PERIODIC);
	time_comes();
	wake += SECONDS(30);
	time_comes();
	ck_assert_uint_eq(report(IKE_REPORT_LATE)->duration, SECONDS(30));
	ck_assert_ptr_nonnull(report(IKE_REPORT_ASKED));
	ck_assert_ptr_null(report(IKE_REPORT_DEAD));
}
END_TEST

START_TEST(the_other_happenings)
{
	begin(KEEPALIVE_ON_DEMAND);
	time_comes();
	ck_assert_uint_eq(wake, IKE_NEVER);
	simply(IKE_EXTENSION_TRAFFIC);
	ck_assert_ptr_nonnull(report(IKE_REPORT_ASKED));
	simply(IKE_EXTENSION_HEARD);
	ck_assert(life_is_proved());
	simply(IKE_EXTENSION_ASK_NOW);
	ck_assert_ptr_nonnull(report(IKE_REPORT_ASKED));
	simply(IKE_EXTENSION_HEARD);
	simply(IKE_EXTENSION_HINT);
	ck_assert_ptr_nonnull(report(IKE_REPORT_ASKED));
	simply(IKE_EXTENSION_SA_SUPERSEDED);
	ck_assert_uint_eq(wake, IKE_NEVER);
}
END_TEST

/* R46. */
START_TEST(renewal)
{
	struct keepalive_peer peer;

	begin(KEEPALIVE_PERIODIC);
	memcpy(&peer, state, sizeof(peer));
	peer.sent.next = UINT32_MAX - 1;
	memcpy(state, &peer, sizeof(peer));
	time_comes();
	ck_assert_ptr_nonnull(action(IKE_EXTENSION_RENEW));
	ck_assert_ptr_nonnull(action(IKE_EXTENSION_SEND_NOTIFY));
}
END_TEST

START_TEST(the_peers_step_is_the_recovery)
{
	_Alignas(8) uint8_t peer_state[IKE_EXTENSION_PEER_OCTETS] = {0};
	struct ike_extension_peer_input input = {
	    .happening = IKE_EXTENSION_PEER_START, .now = SECONDS(1), .gateways = 1};

	begin(KEEPALIVE_PERIODIC);
	memset(&answer, 0, sizeof(answer));
	keepalive_extension()->peer_step(peer_state, &settings, &input, &answer);
	ck_assert_ptr_nonnull(action(IKE_EXTENSION_WAKE_AT));
	input.happening = IKE_EXTENSION_PEER_TIME;
	memset(&answer, 0, sizeof(answer));
	keepalive_extension()->peer_step(peer_state, &settings, &input, &answer);
	ck_assert_ptr_nonnull(action(IKE_EXTENSION_CONNECT));
}
END_TEST

static bool rests_after(uint8_t *peer_state, enum ike_extension_peer_happening happening)
{
	struct ike_extension_peer_input input = {
	    .happening = happening, .now = SECONDS(1), .gateways = 2};

	memset(&answer, 0, sizeof(answer));
	keepalive_extension()->peer_step(peer_state, &settings, &input, &answer);
	return keepalive_extension()->peer_rests(peer_state);
}

/* Not one that is being called or up, that the user closed, or that another worker looks after. */
START_TEST(a_peer_that_rests)
{
	_Alignas(8) uint8_t peer_state[IKE_EXTENSION_PEER_OCTETS] = {0};

	begin(KEEPALIVE_PERIODIC);
	ck_assert(keepalive_extension()->peer_rests(peer_state));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_START));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_TIME));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_UP));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_CLOSE));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_YIELD));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_UP));
	settings.recovery.on_death = RECOVERY_CLEAR;
	ck_assert(rests_after(peer_state, IKE_EXTENSION_PEER_DEAD));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_ELSEWHERE));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_START));
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_UP));
	/* whom we have we look after */
	ck_assert(!rests_after(peer_state, IKE_EXTENSION_PEER_YIELD));
	ck_assert(rests_after(peer_state, IKE_EXTENSION_PEER_LOST));
}
END_TEST

UNIT_MAIN("keepalive extension", refused_messages_touch_nothing, other_notifications_are_not_ours,
	  a_peer_without_the_vendor_id, a_question_is_answered, a_round, death,
	  an_ack_of_a_round_that_is_over, a_deadline_served_too_early_stays, lateness,
	  the_other_happenings, renewal, the_peers_step_is_the_recovery, a_peer_that_rests)
