/* SPDX-License-Identifier: ISC */
/*
 * cases_vendor_id_ours.c - what the device makes of the vendor IDs that we send: RFC 3706 section 5.1, RFC 2408 section 3.16.
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/script.h"
#include "interop/conform/watch.h"
#include "keepalive/capability.h"

#define CONSTANT_LENGTH 14 /* octets of the ID before its version */
#define MAJOR_AT        14
#define MINOR_AT        15

/* ---- what we announce ---------------------------------------------------------------------------------------------- */

/* INFO: whether the device answers a peer that announces something else, or nothing. */
static void learn_whether_answered(struct trial *trial, const struct trial_call *how,
				   const char *what)
{
	struct trial_sa *sa = trial_call(trial, how);
	uint32_t number = trial_ask_next(trial, sa);
	const struct want ack = {
	    .sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK, .has_number = true, .number = number};
	const struct seen *seen;
	char value[64];

	if (sa == NULL)
		return;
	seen = trial_wait(trial, &ack, trial_get_settings(trial)->patience);
	snprintf(value, sizeof(value), "%s=%s", what, seen != NULL ? "answered" : "silent");
	trial_value(trial, seen, value, "its R-U-THERE is %s",
		    seen != NULL ? "answered" : "not answered");
}

static void unannounced_is_answered(struct trial *trial)
{
	learn_whether_answered(trial, &(const struct trial_call){.no_vendor_id = true},
			       "unannounced");
}

/* A vendor ID of that version; `id` has room for it. */
static struct trial_call call_of_version(uint8_t id[KEEPALIVE_VENDOR_ID_LENGTH], uint8_t major,
					 uint8_t minor)
{
	memcpy(id, keepalive_vendor_id().data, KEEPALIVE_VENDOR_ID_LENGTH);
	id[MAJOR_AT] = major;
	id[MINOR_AT] = minor;
	return (struct trial_call){.vendor_id = octets_of(id, KEEPALIVE_VENDOR_ID_LENGTH)};
}

static void other_minor_version(struct trial *trial)
{
	uint8_t id[KEEPALIVE_VENDOR_ID_LENGTH];
	struct trial_call how = call_of_version(id, 1, 1);

	learn_whether_answered(trial, &how, "version-1.1");
}

static void other_major_version(struct trial *trial)
{
	uint8_t id[KEEPALIVE_VENDOR_ID_LENGTH];
	struct trial_call how = call_of_version(id, 2, 0);

	learn_whether_answered(trial, &how, "version-2.0");
}

/* INFO: whether a device that asks others asks a peer that announces it so. */
static void learn_whether_asked(struct trial *trial, const struct trial_call *how, const char *what)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *seen;
	char value[64];

	(void)trial_expect_question(trial, sa); /* it asks at all */
	trial_close(trial, sa);
	sa = watch_call(trial, how);
	seen = watch_question(trial, sa, trial_get_settings(trial)->worry);
	snprintf(value, sizeof(value), "%s=%s", what, seen != NULL ? "asked" : "not-asked");
	trial_value(trial, seen, value, "such a peer is %s", seen != NULL ? "asked" : "not asked");
}

static void other_minor_version_is_asked(struct trial *trial)
{
	uint8_t id[KEEPALIVE_VENDOR_ID_LENGTH];
	struct trial_call how = call_of_version(id, 1, 1);

	learn_whether_asked(trial, &how, "version-1.1");
}

static void other_major_version_is_asked(struct trial *trial)
{
	uint8_t id[KEEPALIVE_VENDOR_ID_LENGTH];
	struct trial_call how = call_of_version(id, 2, 0);

	learn_whether_asked(trial, &how, "version-2.0");
}

/* ---- where and beside what we announce it -------------------------------------------------------------------------- */

static bool announce_late(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	(void)trial;
	if (message == 2)
		(void)script_append(datagram, IKE_PAYLOAD_VENDOR_ID, keepalive_vendor_id());
	return true;
}

static bool announce_twice(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	(void)trial;
	if (message == 1)
		(void)script_append(datagram, IKE_PAYLOAD_VENDOR_ID, keepalive_vendor_id());
	return true;
}

static bool announce_others(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	static const uint8_t unknown[64] =
	    "no such extension is known to anybody, and it has a long name";
	static const size_t lengths[] = {1, 8, 16, 20, 60};

	(void)trial;
	if (message != 1)
		return true;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		(void)script_append(datagram, IKE_PAYLOAD_VENDOR_ID,
				    octets_of(unknown, lengths[i]));
	/* and the beginning of a known one */
	(void)script_append(datagram, IKE_PAYLOAD_VENDOR_ID,
			    octets_of(keepalive_vendor_id().data, CONSTANT_LENGTH));
	return true;
}

/* Phase 1 comes up nevertheless, and the SA is one under which questions are answered as under any other. */
static void expect_up(struct trial *trial, struct trial_call *how)
{
	struct trial_sa *sa = script_answering_sa(trial);

	trial_close(trial, sa);
	how->may_fail = true;
	sa = trial_call(trial, how);
	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL, "Phase 1 does not come up");
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void vendor_id_in_second_message(struct trial *trial)
{
	struct trial_call how = {.no_vendor_id = true, .tamper = announce_late};

	if (trial_get_settings(trial)->peer.aggressive)
		trial_decide(trial, CONFORM_SKIP, NULL, "is about Main Mode");
	expect_up(trial, &how);
}

static void vendor_id_in_second_message_is_seen(struct trial *trial)
{
	const struct trial_call how = {.no_vendor_id = true, .tamper = announce_late};

	if (trial_get_settings(trial)->peer.aggressive)
		trial_decide(trial, CONFORM_SKIP, NULL, "is about Main Mode");
	learn_whether_asked(trial, &how, "announced-in-mm3");
}

static void vendor_id_twice(struct trial *trial)
{
	struct trial_call how = {.tamper = announce_twice};

	expect_up(trial, &how);
}

static void unknown_vendor_ids(struct trial *trial)
{
	struct trial_call how = {.tamper = announce_others};

	expect_up(trial, &how);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_vendor_id_ours[] = {
    {
	.id = "rfc3706/5.1/unannounced-is-answered",
	.title = "Whether it answers a peer that did not announce the keepalive",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "No exchange begins before both have sent the vendor ID. What becomes of "
		       "one that begins "
		       "nevertheless is not said; the stacks that we know answer.",
	.expected = "an answer, or none",
	.script = unannounced_is_answered,
    },
    {
	.id = "rfc3706/5.1/other-minor-version",
	.title = "Whether it answers a peer of version 1.1",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "The vendor ID ends with a version; how others are met is not said.",
	.expected = "an answer, or none",
	.script = other_minor_version,
    },
    {
	.id = "rfc3706/5.1/other-major-version",
	.title = "Whether it answers a peer of version 2.0",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "The vendor ID ends with a version; how others are met is not said.",
	.expected = "an answer, or none",
	.script = other_major_version,
    },
    {
	.id = "rfc3706/5.1/other-minor-version-asked",
	.title = "Whether a peer of version 1.1 is asked",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "The vendor ID ends with a version; how others are met is not said.",
	.expected = "asked, or not",
	.script = other_minor_version_is_asked,
    },
    {
	.id = "rfc3706/5.1/other-major-version-asked",
	.title = "Whether a peer of version 2.0 is asked",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "The vendor ID ends with a version; how others are met is not said.",
	.expected = "asked, or not",
	.script = other_major_version_is_asked,
    },
    {
	.id = "rfc2408/3.16/vendor-id-in-mm3",
	.title = "A vendor ID in MM3 does no harm",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.16",
	.requirement = "A vendor ID may be in any message of Phase 1, not only in the first.",
	.expected = "Phase 1 comes up, and R-U-THERE is answered",
	.script = vendor_id_in_second_message,
    },
    {
	.id = "rfc3706/5.1/vendor-id-in-mm3-seen",
	.title = "Whether a peer is asked that announces the keepalive in MM3",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement =
	    "Both send the vendor ID before exchanges begin; in which message is not said.",
	.expected = "asked, or not",
	.script = vendor_id_in_second_message_is_seen,
    },
    {
	.id = "rfc2408/3.16/vendor-id-twice",
	.title = "The vendor ID twice does no harm",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.16",
	.requirement = "A message may have several vendor IDs.",
	.expected = "Phase 1 comes up, and R-U-THERE is answered",
	.script = vendor_id_twice,
    },
    {
	.id = "rfc2408/3.16/unknown-vendor-ids",
	.title = "Unknown vendor IDs beside it do no harm",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.16",
	.requirement = "Vendor IDs that mean nothing to the receiver are passed over.",
	.expected = "Phase 1 comes up, and R-U-THERE is answered",
	.script = unknown_vendor_ids,
    },
    {0},
};
