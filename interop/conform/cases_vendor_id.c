/* SPDX-License-Identifier: ISC */
/*
 * cases_vendor_id.c - how the device announces the keepalive in Phase 1: RFC 3706 section 5.1.
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
	size_t count;            /* of the payloads that are like it, in all of Phase 1 */
};

/* Also one with an octet or two wrong, which can mean nothing else. */
static bool is_like_ours(struct octets id)
{
	size_t equal = 0;

	for (size_t i = 0; i < CONSTANT_LENGTH && i < id.length; i++)
		equal += id.data[i] == keepalive_vendor_id().data[i];
	return equal >= CONSTANT_LENGTH - 2;
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
		if (!is_like_ours(payload->body))
			continue;
		if (found->count++ == 0) {
			found->seen = seen;
			found->id = payload->body;
		}
	}
}

/* Under an SA of the trial's: what it says in a call of its own at the same time is not asked for. */
static bool is_of_trial(const struct trial *trial, size_t index)
{
	const struct seen *seen = trial_seen(trial, index);

	return seen->from == TRIAL_DEVICE && seen->sa != NULL && !is_repeated(trial, index);
}

/* What it has said about the keepalive in all that was seen. */
static struct announcement look(const struct trial *trial)
{
	struct announcement found = {0};
	const struct seen *seen;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (is_of_trial(trial, i) &&
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
	struct trial_sa *sa = trial_call(trial, NULL);

	if (look(trial).seen != NULL)
		return;
	trial_expect_alive(trial, sa, CONFORM_UNSUPPORTED);
	trial_decide(trial, CONFORM_LENIENT, NULL,
		     "the device answers R-U-THERE, but nobody can know: it does not announce it");
}

static void vendor_id_exact(struct trial *trial)
{
	struct announcement found = announced(trial);

	if (found.seen == NULL)
		return;
	if (found.id.length != KEEPALIVE_VENDOR_ID_LENGTH)
		trial_decide(trial, CONFORM_FAIL, found.seen, "the vendor ID has %zu octets",
			     found.id.length);
	else if (memcmp(found.id.data, keepalive_vendor_id().data, CONSTANT_LENGTH) != 0)
		trial_decide(trial, CONFORM_FAIL, found.seen, "one of its octets is wrong");
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

		if (!is_of_trial(trial, i) || !seen->opened->readable)
			continue;
		payload = ike_payload_find(message, IKE_PAYLOAD_VENDOR_ID);
		first = first == NULL && payload != NULL ? seen : first;
		for (; payload != NULL; payload = ike_payload_next(message, payload))
			add_name(list, sizeof(list), payload->body);
	}
	trial_value(trial, first, list[0] != '\0' ? list : "none", "vendor IDs in Phase 1: %s",
		    list[0] != '\0' ? list : "none");
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_vendor_id[] = {
    {
	.id = "rfc3706/5.1/vendor-id-present", /* R3 */
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
	.id = "rfc3706/5.1/vendor-id-exact", /* R2 */
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
	.id = "rfc3706/5.1/announced-then-answered", /* R4 */
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
    {0},
};
