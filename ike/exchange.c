/* SPDX-License-Identifier: ISC */
/*
 * exchange.c - one row per message, to be held beside RFC 2409 section 5.1 (signatures), 5.4 (a pre-shared key) and
 * 5.7 (Informational).
 */
#include "ike/exchange.h"

#include <assert.h>

#define RULES_MAX     5
#define MANY          IKE_PAYLOADS_MAX
#define FIRST_PRIVATE 128 /* payload types for private use (RFC 2408 section 3.1) */

struct payload_rule {
	uint8_t type; /* NONE ends the list */
	uint8_t least, most;
};

enum protection { CLEAR, ENCRYPTED, EITHER };

struct message_rule {
	const char *name, *notation;
	enum protection protection;
	uint8_t first;            /* the payload that precedes all others; NONE: any order */
	const uint8_t *tolerated; /* types that may come besides, any number of them, up to NONE */
	bool notify_or_delete;    /* one of the two at least */
	struct payload_rule payload[RULES_MAX];
};

/* clang-format off */

/* What deployed peers put into any message of Phase 1 and what we can do without; 130 is the drafts' number of NAT-D. */
static const uint8_t in_phase_1[] = {
    IKE_PAYLOAD_VENDOR_ID, IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_CERT, IKE_PAYLOAD_CR, IKE_PAYLOAD_NAT_D,
    IKE_PAYLOAD_NAT_D_DRAFT, IKE_PAYLOAD_NONE,
};
static const uint8_t in_quick_mode[] = {
    IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_NAT_OA, IKE_PAYLOAD_NAT_OA_DRAFT, IKE_PAYLOAD_NONE,
};
static const uint8_t nothing[] = {IKE_PAYLOAD_NONE};

static const struct message_rule rules[IKE_MESSAGE_KINDS] = {
    [IKE_MM1] = {"MM1", "HDR, SA [, VID]", CLEAR, IKE_PAYLOAD_SA, in_phase_1, false,
	{{IKE_PAYLOAD_SA, 1, 1}}},
    [IKE_MM2] = {"MM2", "HDR, SA [, VID]", CLEAR, IKE_PAYLOAD_SA, in_phase_1, false,
	{{IKE_PAYLOAD_SA, 1, 1}}},
    [IKE_MM3] = {"MM3", "HDR, KE, Ni [, VID]", CLEAR, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}}},
    [IKE_MM4] = {"MM4", "HDR, KE, Nr [, VID]", CLEAR, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}}},
    [IKE_MM5] = {"MM5", "HDR*, IDii, HASH_I [, N]", ENCRYPTED, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_ID, 1, 1}, {IKE_PAYLOAD_HASH, 1, 1}}},
    [IKE_MM6] = {"MM6", "HDR*, IDir, HASH_R [, N]", ENCRYPTED, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_ID, 1, 1}, {IKE_PAYLOAD_HASH, 1, 1}}},
    [IKE_MM5_SIGNED] = {"MM5/SIG", "HDR*, IDii, [CERT, ] [CR, ] SIG_I [, N]", ENCRYPTED, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_ID, 1, 1}, {IKE_PAYLOAD_SIG, 1, 1}}},
    [IKE_MM6_SIGNED] = {"MM6/SIG", "HDR*, IDir, [CERT, ] SIG_R [, N]", ENCRYPTED, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_ID, 1, 1}, {IKE_PAYLOAD_SIG, 1, 1}}},
    [IKE_AM1] = {"AM1", "HDR, SA, KE, Ni, IDii [, VID]", CLEAR, IKE_PAYLOAD_SA, in_phase_1, false,
	{{IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}, {IKE_PAYLOAD_ID, 1, 1}}},
    [IKE_AM2] = {"AM2", "HDR, SA, KE, Nr, IDir, HASH_R [, VID]", CLEAR, IKE_PAYLOAD_SA, in_phase_1, false,
	{{IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}, {IKE_PAYLOAD_ID, 1, 1},
	 {IKE_PAYLOAD_HASH, 1, 1}}},
    [IKE_AM3] = {"AM3", "HDR[*], HASH_I", EITHER, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_HASH, 1, 1}}},
    [IKE_AM2_SIGNED] = {"AM2/SIG", "HDR, SA, KE, Nr, IDir, [CERT, ] SIG_R [, VID]", CLEAR, IKE_PAYLOAD_SA, in_phase_1, false,
	{{IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}, {IKE_PAYLOAD_ID, 1, 1},
	 {IKE_PAYLOAD_SIG, 1, 1}}},
    [IKE_AM3_SIGNED] = {"AM3/SIG", "HDR[*], [CERT, ] SIG_I", EITHER, IKE_PAYLOAD_NONE, in_phase_1, false,
	{{IKE_PAYLOAD_SIG, 1, 1}}},
    [IKE_INFO_CLEAR] = {"INFO", "HDR, N/D", CLEAR, IKE_PAYLOAD_NONE, nothing, true,
	{{IKE_PAYLOAD_NOTIFY, 0, MANY}, {IKE_PAYLOAD_DELETE, 0, MANY}}},
    [IKE_INFO_PROTECTED] = {"INFO*", "HDR*, HASH(1), N/D", ENCRYPTED, IKE_PAYLOAD_HASH, nothing, true,
	{{IKE_PAYLOAD_HASH, 1, 1}, {IKE_PAYLOAD_NOTIFY, 0, MANY}, {IKE_PAYLOAD_DELETE, 0, MANY}}},
    [IKE_QM1] = {"QM1", "HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr]", ENCRYPTED, IKE_PAYLOAD_HASH, in_quick_mode, false,
	{{IKE_PAYLOAD_HASH, 1, 1}, {IKE_PAYLOAD_SA, 1, MANY}, {IKE_PAYLOAD_NONCE, 1, 1}, {IKE_PAYLOAD_KE, 0, 1},
	 {IKE_PAYLOAD_ID, 0, 2}}},
    [IKE_QM2] = {"QM2", "HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr]", ENCRYPTED, IKE_PAYLOAD_HASH, in_quick_mode, false,
	{{IKE_PAYLOAD_HASH, 1, 1}, {IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}, {IKE_PAYLOAD_KE, 0, 1},
	 {IKE_PAYLOAD_ID, 0, 2}}},
    [IKE_QM3] = {"QM3", "HDR*, HASH(3)", ENCRYPTED, IKE_PAYLOAD_HASH, nothing, false,
	{{IKE_PAYLOAD_HASH, 1, 1}}},
    [IKE_QM4] = {"QM4", "HDR*, HASH(4), N", ENCRYPTED, IKE_PAYLOAD_HASH, nothing, false,
	{{IKE_PAYLOAD_HASH, 1, 1}, {IKE_PAYLOAD_NOTIFY, 1, MANY}}},
};
/* clang-format on */

bool ike_exchange_is_phase_1(uint8_t exchange)
{
	return exchange == IKE_EXCHANGE_BASE || exchange == IKE_EXCHANGE_MAIN_MODE ||
	       exchange == IKE_EXCHANGE_AUTH_ONLY || exchange == IKE_EXCHANGE_AGGRESSIVE;
}

static const struct message_rule *rule_of(enum ike_message_kind kind)
{
	assert((unsigned)kind < IKE_MESSAGE_KINDS);
	return &rules[kind];
}

const char *ike_message_kind_name(enum ike_message_kind kind)
{
	return rule_of(kind)->name;
}

const char *ike_message_kind_notation(enum ike_message_kind kind)
{
	return rule_of(kind)->notation;
}

bool ike_message_kind_may_be(enum ike_message_kind kind, bool encrypted)
{
	return rule_of(kind)->protection != (encrypted ? CLEAR : ENCRYPTED);
}

static size_t count_of(const struct ike_message *message, uint8_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < message->payloads; i++)
		count += message->payload[i].type == type;
	return count;
}

static bool in_row(const struct message_rule *rule, uint8_t type)
{
	for (size_t i = 0; i < RULES_MAX && rule->payload[i].type != IKE_PAYLOAD_NONE; i++)
		if (rule->payload[i].type == type)
			return true;
	for (size_t i = 0; rule->tolerated[i] != IKE_PAYLOAD_NONE; i++)
		if (rule->tolerated[i] == type)
			return true;
	return false;
}

/* Private types mean nothing to whoever does not know them; all others that the row has not are refused. */
static enum ike_verdict check_types(const struct message_rule *rule,
				    const struct ike_message *message)
{
	for (size_t i = 0; i < message->payloads; i++) {
		uint8_t type = message->payload[i].type;

		if (in_row(rule, type) || type >= FIRST_PRIVATE)
			continue;
		return ike_payload_name(type) == NULL ? IKE_PAYLOAD_UNKNOWN
						      : IKE_PAYLOAD_UNEXPECTED;
	}
	return IKE_ACCEPTED;
}

static enum ike_verdict check_counts(const struct message_rule *rule,
				     const struct ike_message *message)
{
	for (size_t i = 0; i < RULES_MAX && rule->payload[i].type != IKE_PAYLOAD_NONE; i++) {
		size_t count = count_of(message, rule->payload[i].type);

		if (count < rule->payload[i].least)
			return IKE_PAYLOAD_MISSING;
		if (count > rule->payload[i].most)
			return IKE_PAYLOAD_REPEATED;
	}
	if (rule->notify_or_delete && count_of(message, IKE_PAYLOAD_NOTIFY) == 0 &&
	    count_of(message, IKE_PAYLOAD_DELETE) == 0)
		return IKE_PAYLOAD_MISSING;
	return IKE_ACCEPTED;
}

enum ike_verdict ike_message_check(enum ike_message_kind kind, const struct ike_message *message)
{
	const struct message_rule *rule = rule_of(kind);
	bool encrypted = (message->header.flags & IKE_FLAG_ENCRYPTION) != 0;
	enum ike_verdict verdict;

	if (!ike_message_kind_may_be(kind, encrypted))
		return encrypted ? IKE_BAD_FLAGS : IKE_UNPROTECTED;
	verdict = check_types(rule, message);
	if (verdict == IKE_ACCEPTED)
		verdict = check_counts(rule, message);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	/* all counts are right, so there is a first payload wherever one is asked for */
	if (rule->first != IKE_PAYLOAD_NONE && message->payload[0].type != rule->first)
		return IKE_PAYLOAD_ORDER;
	return IKE_ACCEPTED;
}
