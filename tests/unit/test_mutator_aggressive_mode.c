/* SPDX-License-Identifier: ISC */
/*
 * test_mutator_aggressive_mode.c - every message of Aggressive Mode, wrong in every field and of every length; see
 * tests/fuzz/mutator.h.
 */
#include <string.h>

#include "tests/fuzz/mutator.h"
#include "tests/support/unit.h"

/* ---- tolerated ----------------------------------------------------------------------------------------------------- */

/* Private types are skipped, and these may be in any message of Phase 1: exchange.c. */
static bool is_ignored_type(uint32_t type)
{
	return type >= 128 || type == IKE_PAYLOAD_VENDOR_ID || type == IKE_PAYLOAD_NOTIFY ||
	       type == IKE_PAYLOAD_CERT || type == IKE_PAYLOAD_CR || type == IKE_PAYLOAD_NAT_D;
}

/* Proposals and transforms are compared by what they hold, not by their numbers. */
static bool is_number(const struct mutation *mutation)
{
	return subject_field(mutation, "P", "number") || subject_field(mutation, "T", "number");
}

/*
 * Nobody has proved anything yet: what is well-formed is answered once.  HASH_I will cover SA and IDii, so nothing comes of another
 * type of identity.
 */
static bool in_am1(const struct subject *subject, const struct mutation *mutation)
{
	(void)subject;
	return subject_harmless_flag(mutation) || is_number(mutation) ||
	       subject_field(mutation, "ID", "type") ||
	       ((subject_field(mutation, "ID", "next payload") ||
		 subject_field(mutation, "VID", "next payload")) &&
		is_ignored_type(mutation->value));
}

/* HASH_R covers the offer, not the answer to it, and nothing of vendor IDs and NAT-D (RFC 2409 section 5). */
static bool in_am2(const struct subject *subject, const struct mutation *mutation)
{
	(void)subject;
	return subject_harmless_flag(mutation) || is_number(mutation) ||
	       ((subject_field(mutation, "HASH", "next payload") ||
		 subject_field(mutation, "VID", "next payload")) &&
		is_ignored_type(mutation->value));
}

/* As an Informational it is put aside until AM3 has come. */
static bool in_am3(const struct subject *subject, const struct mutation *mutation)
{
	return subject_harmless_flag(mutation) || subject_padding(subject, mutation) ||
	       (subject_field(mutation, "HDR", "exchange") &&
		mutation->value == IKE_EXCHANGE_INFORMATIONAL);
}

static bool only_flags(const struct subject *subject, const struct mutation *mutation)
{
	(void)subject;
	return subject_harmless_flag(mutation);
}

/* ---- Aggressive Mode ----------------------------------------------------------------------------------------------- */

static void aggressive_mode(struct subject *subject, bool initiator, size_t n, size_t tolerations)
{
	subject->options.aggressive = true;
	subject->options.initiator = initiator;
	subject->options.obey_initial_contact = true;
	subject_phase_1(subject, n);
	subject_mutate(subject, tolerations);
}

START_TEST(test_am1)
{
	static struct subject subject = {.name = "AM1", .arrival = IN_CLEAR, .tolerated = in_am1};

	aggressive_mode(&subject, false, 0, 1045);
}
END_TEST

START_TEST(test_am2)
{
	static struct subject subject = {.name = "AM2", .arrival = IN_CLEAR, .tolerated = in_am2};

	aggressive_mode(&subject, true, 0, 908);
}
END_TEST

START_TEST(test_am3)
{
	static struct subject subject = {
	    .name = "AM3", .arrival = IN_MAIN_MODE, .tolerated = in_am3};

	aggressive_mode(&subject, false, 1, 9);
}
END_TEST

/* The same in the clear, as some say it; ours, which is encrypted, is the right one afterwards. */
START_TEST(test_am3_in_clear)
{
	static struct subject subject = {
	    .name = "AM3 in the clear", .arrival = IN_MAIN_MODE, .tolerated = only_flags};

	subject.options = (struct world_options){.aggressive = true, .obey_initial_contact = true};
	subject_phase_1(&subject, 1);
	subject.arrival = IN_CLEAR;
	subject.plain_octets[IKE_HEADER_FLAGS_AT] = 0;
	subject.plain_octets[IKE_HEADER_LENGTH_AT + 2] = 0;
	subject.plain_octets[IKE_HEADER_LENGTH_AT + 3] = (uint8_t)subject.plain.length;
	subject_mutate(&subject, 3);
}
END_TEST

UNIT_MAIN("mutator_aggressive_mode", test_am1, test_am2, test_am3, test_am3_in_clear)
