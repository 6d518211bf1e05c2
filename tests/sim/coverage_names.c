/* SPDX-License-Identifier: ISC */
/*
 * coverage_names.c - what the rows of the coverage are called.
 */
#include "ike/exchange.h"
#include "interop/esp/esp_verdict.h"
#include "interop/esp/pinger.h"
#include "tests/sim/coverage.h"

const char *attack_name(enum attack_kind kind)
{
	static const char *const name[ATTACK_KINDS] = {
	    [ATTACK_REPLAY] = "replay",
	    [ATTACK_REPLAY_ALL] = "replay of many",
	    [ATTACK_OTHER_ADDRESS] = "from another address",
	    [ATTACK_OTHER_NODE] = "to another node",
	    [ATTACK_REFLECT] = "reflect",
	    [ATTACK_SPLICE] = "splice",
	    [ATTACK_DAMAGE] = "damage",
	    [ATTACK_FLOOD] = "flood",
	    [ATTACK_HINT] = "hint",
	    [ATTACK_ERROR] = "error",
	    [ATTACK_DELETE] = "delete in the clear",
	    [ATTACK_JUNK] = "junk",
	    [ATTACK_HEADER] = "header",
	    [ATTACK_PIECES] = "fragments",
	    [ATTACK_NAT_KEEPALIVE] = "NAT keepalive",
	    [ATTACK_ESP_REPLAY] = "packet replayed",
	    [ATTACK_ESP_TRUNCATED] = "packet truncated",
	    [ATTACK_ESP_OVERSIZED] = "packet oversized",
	    [ATTACK_ESP_NUMBER] = "packet with another number",
	    [ATTACK_ESP_DAMAGE] = "packet damaged",
	    [ATTACK_ESP_FORGE] = "packets forged",
	    [ATTACK_ESP_ELSEWHERE] = "packet from another address",
	    [ATTACK_ESP_WRAPPED] = "packet wrapped otherwise",
	    [ATTACK_ESP_OTHER_NODE] = "packet to another node",
	};

	return name[kind];
}

static const char *const sa_change_name[SA_CHANGES] = {
    [SA_CALLED] = "called",
    [SA_WAS_CALLED] = "was called",
    [SA_INITIATOR_UP] = "initiator up",
    [SA_RESPONDER_UP] = "responder up",
    [SA_INITIATOR_GAVE_WAY] = "initiator gave way",
    [SA_RESPONDER_GAVE_WAY] = "responder gave way",
    [SA_SUPERSEDED] = "superseded",
    [SA_PROMOTED] = "in use again",
    [SA_GONE_NEGOTIATING] = "gone while negotiating",
    [SA_GONE_IN_USE] = "gone while in use",
    [SA_GONE_SUPERSEDED] = "gone while superseded",
    [SA_RENEWING] = "renewing",
    [SA_RENEWAL_FAILED] = "renewal failed",
    [SA_FOLLOWED] = "followed",
    [SA_LURED] = "lured away",
    [SA_FOLLOWED_PACKET] = "followed by a packet",
    [SA_LURED_BY_PACKET] = "lured away by a packet",
};

/* In the order of the engine's counters. */
static const char *const deed_name[COVER_DEEDS] = {
    "called", "told under protection", "told in the clear", "not for a limit", "nothing"};

static const char *const change_name[] = {"added", "changed", "removed"};

static const char *const report_name[COVER_REPORTS] = {
    "asked", "answered", "alive", "suspect", "dead", "late", "recovering", "recovered", "returning",
};

static const char *const input_name[KEEPALIVE_INPUTS] = {
    "SA up", "SA down",      "superseded", "heard", "R-U-THERE",
    "ACK",   "want to send", "ask now",    "hint",  "time",
};

static const char *const peer_name[COVER_PEER] = {
    [IKE_EXTENSION_PEER_START] = "start",         [IKE_EXTENSION_PEER_UP] = "up",
    [IKE_EXTENSION_PEER_FAILED] = "failed",       [IKE_EXTENSION_PEER_DEAD] = "dead",
    [IKE_EXTENSION_PEER_LOST] = "lost",           [IKE_EXTENSION_PEER_CLOSE] = "close",
    [IKE_EXTENSION_PEER_ELSEWHERE] = "elsewhere", [IKE_EXTENSION_PEER_YIELD] = "yield",
    [IKE_EXTENSION_PEER_TIME] = "time",           [IKE_EXTENSION_PEER_USELESS] = "useless",
};

static const char *const ping_report_name[PINGER_REPORTS] = {
    [PINGER_ALIVE] = "alive",         [PINGER_SUSPECT] = "suspect",
    [PINGER_RECOVERED] = "recovered", [PINGER_BLACK_HOLE] = "black hole",
    [PINGER_GIVEN_UP] = "given up",   [PINGER_LATE] = "late",
};

const char *const coverage_group_name[COVER_GROUPS] = {
    [COVER_SCENARIO] = "scenario",
    [COVER_FEATURE] = "feature",
    [COVER_HAPPENING] = "happening",
    [COVER_ATTACK] = "attack",
    [COVER_VERDICT] = "verdict",
    [COVER_EVENT] = "event",
    [COVER_DELETED] = "deleted",
    [COVER_FAILED] = "failed",
    [COVER_PAIR_DELETED] = "pair deleted",
    [COVER_QUICK_FAILED] = "Quick Mode failed",
    [COVER_CHANGE] = "change",
    [COVER_REPORT] = "report",
    [COVER_SA] = "SA",
    [COVER_REBOOT] = "reboot",
    [COVER_PACKET] = "packet",
    [COVER_UNKNOWN_SPI] = "unknown SPI",
    [COVER_PING] = "ping",
    [COVER_FRAGMENT] = "fragment",
    [COVER_KEEPALIVE] = "keepalive",
    [COVER_RECOVERY] = "recovery",
};

static void machine_name(enum coverage_group group, size_t row, char *text, size_t length)
{
	size_t states = group == COVER_KEEPALIVE ? (size_t)KEEPALIVE_STATES : RECOVERY_STATES;
	size_t inputs = group == COVER_KEEPALIVE ? (size_t)KEEPALIVE_INPUTS : COVER_PEER;
	size_t after = row % states, input = row / states % inputs, state = row / states / inputs;

	if (group == COVER_KEEPALIVE)
		snprintf(text, length, "%s, %s -> %s", keepalive_state_name(state),
			 input_name[input], keepalive_state_name(after));
	else
		snprintf(text, length, "%s, %s -> %s", recovery_state_name(state), peer_name[input],
			 recovery_state_name(after));
}

static void reboot_name(size_t row, char *text, size_t length)
{
	size_t expects = row % (IKE_MESSAGE_KINDS + 1u);

	snprintf(text, length, "%s expecting %s",
		 row > IKE_MESSAGE_KINDS ? "initiator" : "responder",
		 expects == IKE_MESSAGE_KINDS ? "nothing" : ike_message_kind_name(expects));
}

static void fragment_name(size_t row, char *text, size_t length)
{
	snprintf(text, length, "reboot after fragment %zu%s %s", row % COVER_FRAGMENTS + 1,
		 row % COVER_FRAGMENTS + 1 == COVER_FRAGMENTS ? " or a later one" : "",
		 row < COVER_FRAGMENTS ? "has left" : "has come in");
}

void coverage_row_name(enum coverage_group group, size_t row, char *text, size_t length)
{
	const char *name = "";

	switch (group) {
	case COVER_SCENARIO:
		name = scenario_kind_name(row);
		break;
	case COVER_FEATURE:
		name = scenario_feature_name(row);
		break;
	case COVER_HAPPENING:
		name = happening_name(row);
		break;
	case COVER_ATTACK:
		name = attack_name(row);
		break;
	case COVER_VERDICT:
		name = ike_verdict_name(row);
		break;
	case COVER_EVENT:
		name = ike_event_name(row);
		break;
	case COVER_DELETED:
	case COVER_FAILED:
	case COVER_PAIR_DELETED:
	case COVER_QUICK_FAILED:
		name = ike_why_text(row);
		break;
	case COVER_CHANGE:
		name = change_name[row];
		break;
	case COVER_REPORT:
		name = report_name[row];
		break;
	case COVER_SA:
		name = sa_change_name[row];
		break;
	case COVER_REBOOT:
		reboot_name(row, text, length);
		return;
	case COVER_PACKET:
		name = esp_verdict_name((enum esp_verdict)row);
		break;
	case COVER_UNKNOWN_SPI:
		name = deed_name[row];
		break;
	case COVER_PING:
		name = ping_report_name[row];
		break;
	case COVER_FRAGMENT:
		fragment_name(row, text, length);
		return;
	case COVER_KEEPALIVE:
	case COVER_RECOVERY:
		machine_name(group, row, text, length);
		return;
	case COVER_GROUPS:
		break;
	}
	snprintf(text, length, "%s", name);
}
