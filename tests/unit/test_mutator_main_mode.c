/* SPDX-License-Identifier: ISC */
/*
 * test_mutator_main_mode.c - every message of Main Mode, wrong in every field and of every length; see tests/fuzz/mutator.h.
 */
#include <string.h>

#include "tests/fuzz/mutator.h"
#include "tests/support/unit.h"

/* ---- tolerated ----------------------------------------------------------------------------------------------------- */

/* Private types are skipped, and these may be in any message of Main Mode: exchange.c. */
static bool is_ignored_type(uint32_t type)
{
	return type >= 128 || type == IKE_PAYLOAD_VENDOR_ID || type == IKE_PAYLOAD_NOTIFY ||
	       type == IKE_PAYLOAD_CERT || type == IKE_PAYLOAD_CR || type == IKE_PAYLOAD_NAT_D;
}

/* No HASH covers the header of Main Mode, and these bits mean nothing there. */
static bool only_flags(const struct subject *subject, const struct mutation *mutation)
{
	(void)subject;
	return subject_harmless_flag(mutation);
}

/* Proposals and transforms are compared by what they hold, not by their numbers; the vendor IDs may as well be missing. */
static bool in_sa_message(const struct subject *subject, const struct mutation *mutation)
{
	(void)subject;
	/* the version of DPD ends with a zero, which may be alignment as well */
	if (subject_field(mutation, "VID", "length") && mutation->value + 1 == mutation->right)
		return true;
	return subject_harmless_flag(mutation) || subject_field(mutation, "P", "number") ||
	       subject_field(mutation, "T", "number") ||
	       ((subject_field(mutation, "SA", "next payload") ||
		 subject_field(mutation, "VID", "next payload")) &&
		is_ignored_type(mutation->value));
}

/* INITIAL-CONTACT beside HASH_I is encrypted, but HASH_I does not cover it (RFC 2409 section 5; see phase_1.c). */
static bool in_mm5(const struct subject *subject, const struct mutation *mutation)
{
	bool in_notify = mutation->kind == MUTATION_OF_FIELD && mutation->payload[0] == 'N';
	size_t notify_at = subject->plain.length - 28;

	return subject_harmless_flag(mutation) || subject_padding(subject, mutation) || in_notify ||
	       (subject_field(mutation, "HASH", "next payload") &&
		is_ignored_type(mutation->value)) ||
	       (mutation->kind == MUTATION_CUT && mutation->length > notify_at);
}

/* As an Informational it is put aside until there are keys to read it with, and MM6 is still waited for. */
static bool in_mm6(const struct subject *subject, const struct mutation *mutation)
{
	return subject_harmless_flag(mutation) || subject_padding(subject, mutation) ||
	       (subject_field(mutation, "HDR", "exchange") &&
		mutation->value == IKE_EXCHANGE_INFORMATIONAL);
}

/* ---- Main Mode ----------------------------------------------------------------------------------------------------- */

static void main_mode(struct subject *subject, bool initiator, size_t n, size_t tolerations)
{
	subject->options.initiator = initiator;
	subject->options.obey_initial_contact = true;
	subject_phase_1(subject, n);
	subject_mutate(subject, tolerations);
}

START_TEST(test_mm1)
{
	static struct subject subject = {
	    .name = "MM1", .arrival = IN_CLEAR, .tolerated = in_sa_message};

	main_mode(&subject, false, 0, 1042);
}
END_TEST

START_TEST(test_mm2)
{
	static struct subject subject = {
	    .name = "MM2", .arrival = IN_CLEAR, .tolerated = in_sa_message};

	main_mode(&subject, true, 0, 910);
}
END_TEST

START_TEST(test_mm3)
{
	static struct subject subject = {
	    .name = "MM3", .arrival = IN_CLEAR, .tolerated = only_flags};

	main_mode(&subject, false, 1, 3);
}
END_TEST

START_TEST(test_mm4)
{
	static struct subject subject = {
	    .name = "MM4", .arrival = IN_CLEAR, .tolerated = only_flags};

	main_mode(&subject, true, 1, 3);
}
END_TEST

START_TEST(test_mm5)
{
	static struct subject subject = {
	    .name = "MM5", .arrival = IN_MAIN_MODE, .tolerated = in_mm5};

	main_mode(&subject, false, 2, 823);
}
END_TEST

START_TEST(test_mm6)
{
	static struct subject subject = {
	    .name = "MM6", .arrival = IN_MAIN_MODE, .tolerated = in_mm6};

	main_mode(&subject, true, 2, 6);
}
END_TEST

UNIT_MAIN("mutator_main_mode", test_mm1, test_mm2, test_mm3, test_mm4, test_mm5, test_mm6)
