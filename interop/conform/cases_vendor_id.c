/* SPDX-License-Identifier: ISC */
/*
 * cases_vendor_id.c - the vendor ID of the keepalive in Phase 1: RFC 3706 section 5.1.
 */
#include <stdio.h>
#include <string.h>

#include "ike/vendor_id.h"
#include "interop/conform/cases.h"
#include "interop/conform/script.h"
#include "keepalive/capability.h"

#define CONSTANT_LENGTH 14 /* octets of the ID before its version */
#define MAJOR_AT        14
#define MINOR_AT        15

/* ---- what the device announces ------------------------------------------------------------------------------------- */

struct announcement {
	const struct seen *seen; /* the first message that has the ID; NULL: none */
	struct octets id;        /* as it is there */
	size_t count;            /* of the payloads that begin like it, in all of Phase 1 */
};

static bool begins_like_ours(struct octets id)
{
	return id.length >= CONSTANT_LENGTH &&
	       memcmp(id.data, keepalive_vendor_id().data, CONSTANT_LENGTH) == 0;
}

/* Whether the device has sent the same datagram before: a retransmission announces nothing new. */
static bool is_repeated(const struct trial *trial, size_t index)
{
	const struct seen *seen = trial_seen(trial, index);

	for (size_t i = 0; i < index; i++) {
		const struct seen *other = trial_seen(trial, i);

		if (other->from == seen->from && other->length == seen->length &&
		    memcmp(other->wire, seen->wire, seen->length) == 0)
			return true;
	}
	return false;
}

static void look_into(const struct seen *seen, struct announcement *found)
{
	const struct ike_message *message = &seen->opened->message;
	const struct ike_payload *payload =
	    seen->opened->readable ? ike_payload_find(message, IKE_PAYLOAD_VENDOR_ID) : NULL;

	for (; payload != NULL; payload = ike_payload_next(message, payload)) {
		if (!begins_like_ours(payload->body))
			continue;
		if (found->count++ == 0) {
			found->seen = seen;
			found->id = payload->body;
		}
	}
}

/* What it has said about the keepalive in all that was seen. */
static struct announcement look(const struct trial *trial)
{
	struct announcement found = {0};
	const struct seen *seen;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_DEVICE && !is_repeated(trial, i) &&
		    ike_exchange_is_phase_1(seen->opened->message.header.exchange))
			look_into(seen, &found);
	return found;
}

/* The same in a Phase 1 that has just come up; UNSUPPORTED decides the trial if that is nothing. */
static struct announcement announced(struct trial *trial)
{
	struct announcement found;

	(void)trial_call(trial, NULL);
	found = look(trial);
	if (found.seen == NULL)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device does not announce the keepalive in Phase 1");
	return found;
}

static void vendor_id_present(struct trial *trial)
{
	(void)announced(trial);
}

static void vendor_id_exact(struct trial *trial)
{
	struct announcement found = announced(trial);

	if (found.seen == NULL)
		return;
	if (found.id.length != KEEPALIVE_VENDOR_ID_LENGTH)
		trial_decide(trial, CONFORM_FAIL, found.seen, "the vendor ID has %zu octets",
			     found.id.length);
	else if (found.id.data[MAJOR_AT] != 1)
		trial_decide(trial, CONFORM_FAIL, found.seen, "its major version is %u",
			     found.id.data[MAJOR_AT]);
	else if (found.id.data[MINOR_AT] != 0)
		trial_decide(trial, CONFORM_LENIENT, found.seen,
			     "its minor version is %u; those who compare all octets do not see it",
			     found.id.data[MINOR_AT]);
}

static void vendor_id_once(struct trial *trial)
{
	struct announcement found = announced(trial);

	if (found.count > 1)
		trial_decide(trial, CONFORM_LENIENT, found.seen, "it is announced %zu times",
			     found.count);
}

static const char *name_of_message(const struct ike_message *message)
{
	if (message->header.exchange != IKE_EXCHANGE_MAIN_MODE)
		return "AM2";
	if (ike_payload_find(message, IKE_PAYLOAD_SA) != NULL)
		return "MM2";
	return ike_payload_find(message, IKE_PAYLOAD_KE) != NULL ? "MM4" : "MM6";
}

static void vendor_id_in_which_message(struct trial *trial)
{
	struct announcement found = announced(trial);
	const char *name;
	char value[64];

	if (found.seen == NULL)
		return;
	name = name_of_message(&found.seen->opened->message);
	snprintf(value, sizeof(value), "announced-in=%s", name);
	trial_value(trial, found.seen, value, "the keepalive is announced in %s", name);
}

static void announced_then_answered(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	if (look(trial).seen == NULL)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device does not announce the keepalive in Phase 1");
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

/* "DPD,XAUTH,4048b7d5"; what does not fit is left out. */
static void add_name(char *list, size_t room, struct octets id)
{
	const char *name = ike_vendor_id_name(id);
	size_t at = strlen(list);
	char hex[9] = "empty";

	for (size_t i = 0; i < 4 && i < id.length; i++)
		snprintf(hex + 2 * i, sizeof(hex) - 2 * i, "%02x", id.data[i]);
	snprintf(list + at, room - at, "%s%s", at > 0 ? "," : "", name != NULL ? name : hex);
}

static void vendor_ids(struct trial *trial)
{
	const struct seen *seen, *first = NULL;
	char list[300] = "";

	(void)trial_call(trial, NULL);
	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++) {
		const struct ike_message *message = &seen->opened->message;
		const struct ike_payload *payload;

		if (seen->from != TRIAL_DEVICE || !seen->opened->readable || is_repeated(trial, i))
			continue;
		payload = ike_payload_find(message, IKE_PAYLOAD_VENDOR_ID);
		first = first == NULL && payload != NULL ? seen : first;
		for (; payload != NULL; payload = ike_payload_next(message, payload))
			add_name(list, sizeof(list), payload->body);
	}
	trial_value(trial, first, list[0] != '\0' ? list : "none", "vendor IDs in Phase 1: %s",
		    list[0] != '\0' ? list : "none");
}

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

static void other_version(struct trial *trial, uint8_t major, uint8_t minor, const char *what)
{
	uint8_t id[KEEPALIVE_VENDOR_ID_LENGTH];
	struct trial_call how = {.vendor_id = octets_of(id, sizeof(id))};

	memcpy(id, keepalive_vendor_id().data, sizeof(id));
	id[MAJOR_AT] = major;
	id[MINOR_AT] = minor;
	learn_whether_answered(trial, &how, what);
}

static void other_minor_version(struct trial *trial)
{
	other_version(trial, 1, 1, "version-1.1");
}

static void other_major_version(struct trial *trial)
{
	other_version(trial, 2, 0, "version-2.0");
}

static bool is_question(const struct seen *seen, const void *context)
{
	(void)context;
	return seen_is(seen, &(const struct want){.notify = IKE_NOTIFY_R_U_THERE});
}

/* The device asks where it was announced, so it would have asked where it was not. */
static void unannounced_is_not_asked(struct trial *trial)
{
	const struct trial_call silent = {.no_vendor_id = true};
	struct trial_sa *sa = trial_call(trial, NULL), *other;
	const struct seen *seen = NULL;

	(void)trial_expect_question(trial, sa);
	trial_close(trial, sa);
	other = trial_call(trial, &silent);
	trial_pass_time(trial, trial_get_settings(trial)->worry);
	if (trial_count(trial, &(const struct want){.sa = other, .like = is_question}, 0, &seen) >
	    0)
		trial_decide(trial, CONFORM_FAIL, seen,
			     "R-U-THERE to a peer that did not announce the keepalive");
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
	struct trial_sa *sa;

	how->may_fail = true;
	sa = trial_call(trial, how);
	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL, "Phase 1 does not come up");
	/* sa->supported says nothing where our core was told not to look for it */
	trial_expect_alive(trial, sa,
			   look(trial).seen != NULL ? CONFORM_FAIL : CONFORM_UNSUPPORTED);
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
	const struct trial_settings *settings = trial_get_settings(trial);
	struct trial_sa *sa;
	const struct seen *seen;

	if (settings->peer.aggressive)
		trial_decide(trial, CONFORM_SKIP, NULL, "is about Main Mode");
	sa = trial_call(trial, NULL);
	(void)trial_expect_question(trial, sa); /* it asks at all */
	trial_close(trial, sa);
	sa = trial_call(trial, &how);
	if (sa == NULL)
		return;
	seen =
	    trial_wait(trial, &(const struct want){.sa = sa, .like = is_question}, settings->worry);
	trial_value(trial, seen,
		    seen != NULL ? "announced-in-mm3=asked" : "announced-in-mm3=not-asked",
		    "a peer that announces the keepalive in MM3 is %s",
		    seen != NULL ? "asked" : "not asked");
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

const struct conform_case cases_vendor_id[] = {
    {
	.id = "rfc3706/5.1/vendor-id-present",
	.title = "The keepalive is announced",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "Who wants to take part in the keepalive sends its vendor ID; without that "
		       "nobody may ask it.",
	.expected = "the vendor ID in a message of Phase 1",
	.script = vendor_id_present,
    },
    {
	.id = "rfc3706/5.1/vendor-id-exact",
	.title = "The vendor ID is that of version 1.0, to the octet",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "The vendor ID is fourteen constant octets, then the major version 1 and "
		       "the minor version 0.",
	.expected = "sixteen octets that end with 01 00",
	.script = vendor_id_exact,
    },
    {
	.id = "rfc3706/5.1/vendor-id-once",
	.title = "It is announced once",
	.level = CONFORM_MAY,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "One vendor ID says it all. More of them are not forbidden.",
	.expected = "one such payload in all of Phase 1",
	.script = vendor_id_once,
    },
    {
	.id = "rfc3706/5.1/vendor-id-message",
	.title = "Which message announces it",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 3.16",
	.requirement = "A vendor ID may be in any message of Phase 1.",
	.expected = "the name of the message",
	.script = vendor_id_in_which_message,
    },
    {
	.id = "rfc3706/5.1/announced-then-answered",
	.title = "Who announces the keepalive answers",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "Who has sent the vendor ID responds to R-U-THERE.",
	.expected = "an R-U-THERE-ACK, since the vendor ID was sent",
	.script = announced_then_answered,
    },
    {
	.id = "rfc2408/3.16/vendor-ids",
	.title = "What else is announced",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 3.16",
	.requirement = "Vendor IDs name the extensions that an implementation has.",
	.expected = "their names, or the first four octets of those without one",
	.script = vendor_ids,
    },
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
	.id = "rfc3706/5.1/unannounced-is-not-asked",
	.title = "Who did not announce the keepalive is not asked",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "No exchange begins before both have sent the vendor ID.",
	.expected = "no R-U-THERE within the worry time, from a device that asks others",
	.script = unannounced_is_not_asked,
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
