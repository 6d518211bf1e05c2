/* SPDX-License-Identifier: ISC */
/*
 * cases_contact.c - INITIAL-CONTACT: RFC 2407 section 4.6.3.3.
 *
 * Who receives it might delete the SAs that it has with the sender.  Whether it does, and which SAs those are, is left open, so that
 * is only written down.  What must not happen follows from other sections: it needs protection, and it cannot be meant against SAs of
 * somebody else, against the SA that carries it, or against one that is newer than the carrier.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/scene.h"
#include "interop/conform/script.h"

static struct message *new_contact(struct trial *trial, struct trial_sa *sa)
{
	struct message *message = trial_message(trial, sa);

	message_add_isakmp_notify(message, IKE_NOTIFY_INITIAL_CONTACT);
	return message;
}

/* The carrier answers in any case; whether the older one still does is the value. */
static void tell_what_became(struct trial *trial, struct scene_pair pair, const char *what)
{
	const struct want farewell = {.sa = pair.older, .payload = IKE_PAYLOAD_DELETE};
	const char *became = "kept";
	char value[64];

	trial_expect_alive(trial, pair.newer, CONFORM_FAIL);
	if (trial_is_decided(trial))
		return;
	if (!scene_is_alive(trial, pair.older))
		became = trial_count(trial, &farewell, 0, NULL) > 0 ? "deleted" : "removed";
	snprintf(value, sizeof(value), "%s=%s", what, became);
	trial_value(trial, NULL, value, "the older SA is %s%s", became,
		    became[0] == 'r' ? " without a Delete" : "");
}

static void with_phase_1(struct trial *trial)
{
	const struct trial_call contact = {.initial_contact = true};
	struct scene_pair pair = {.older = trial_call(trial, NULL)};

	trial_expect_alive(trial, pair.older, CONFORM_INCONCLUSIVE);
	pair.newer = trial_call(trial, &contact);
	tell_what_became(trial, pair, "older");
}

static void under_the_sa(struct trial *trial)
{
	struct scene_pair pair = scene_call_twice(trial);

	trial_send(trial, pair.newer, new_contact(trial, pair.newer));
	tell_what_became(trial, pair, "older");
}

/* About an SA that is not there; RFC 2408 section 3.14 says that the SPI of such a notification is not looked at. */
static void with_other_cookies(struct trial *trial)
{
	static const uint8_t cookies[16] = "no SA is like it";
	struct scene_pair pair = scene_call_twice(trial);
	struct message *message = trial_message(trial, pair.newer);

	message_add_notify(message, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP,
			   octets_of(cookies, sizeof(cookies)), IKE_NOTIFY_INITIAL_CONTACT,
			   octets_of(NULL, 0));
	trial_send(trial, pair.newer, message);
	tell_what_became(trial, pair, "other-cookies");
}

static void with_data(struct trial *trial)
{
	static const uint8_t data[4] = {0, 0, 0, 1};
	struct scene_pair pair = scene_call_twice(trial);
	struct message *message = trial_message(trial, pair.newer);
	uint8_t cookies[2 * IKE_COOKIE_LENGTH];
	struct wire_writer writer;

	wire_write_to(&writer, cookies, sizeof(cookies));
	wire_write_octets(&writer, octets_of(message->header.cky_i, IKE_COOKIE_LENGTH));
	wire_write_octets(&writer, octets_of(message->header.cky_r, IKE_COOKIE_LENGTH));
	message_add_notify(message, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, wire_written(&writer),
			   IKE_NOTIFY_INITIAL_CONTACT, octets_of(data, sizeof(data)));
	trial_send(trial, pair.newer, message);
	tell_what_became(trial, pair, "with-data");
}

static void carrier_stays(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	for (unsigned i = 0; i < 2; i++) {
		trial_send(trial, sa, new_contact(trial, sa));
		trial_expect_alive(trial, sa, CONFORM_FAIL);
	}
}

static void others_stay(struct trial *trial)
{
	const struct trial_call contact = {.initial_contact = true};
	struct trial_sa *other = scene_call_as_another(trial), *sa;

	trial_expect_alive(trial, other, CONFORM_INCONCLUSIVE);
	sa = trial_call(trial, NULL);
	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	if (!trial_is_decided(trial) && !scene_is_alive(trial, other))
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device keeps one SA per address: that of another identity ends "
			     "it without INITIAL-CONTACT");
	sa = trial_call(trial, &contact);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	trial_expect_alive(trial, other, CONFORM_FAIL);
}

static void in_the_clear(struct trial *trial)
{
	struct scene_pair pair = scene_call_twice(trial);
	struct message *message = new_contact(trial, pair.newer);

	message->protection = MESSAGE_CLEAR;
	trial_send(trial, pair.newer, message);
	trial_expect_alive(trial, pair.newer, CONFORM_FAIL);
	trial_expect_alive(trial, pair.older, CONFORM_FAIL);
}

/* The first message says it, in the clear as all of it is; nothing follows. */
static bool say_at_once(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	uint8_t body[8 + 2 * IKE_COOKIE_LENGTH];
	struct wire_writer writer;

	if (message > 1 || trial_is_decided(trial))
		return false;
	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write_isakmp(&writer, IKE_DOI_IPSEC, IKE_NOTIFY_INITIAL_CONTACT, datagram->data,
				datagram->data + IKE_COOKIE_LENGTH);
	return script_append(datagram, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

static void in_aggressive_mode(struct trial *trial)
{
	const struct trial_call aggressive = {
	    .aggressive = true, .may_fail = true, .tamper = say_at_once};
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	(void)trial_call(trial, &aggressive);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

/* Recorded before there was a newer SA, and again after it: once as it was, once with a message ID of its own. */
static void again_after_a_newer(struct trial *trial)
{
	struct trial_sa *carrier = trial_call(trial, NULL), *newer;
	const struct seen *recorded;

	trial_send(trial, carrier, new_contact(trial, carrier));
	recorded = scene_last_sent(trial, carrier, IKE_PAYLOAD_NOTIFY);
	trial_expect_alive(trial, carrier, CONFORM_FAIL);
	newer = trial_call(trial, NULL);
	trial_expect_alive(trial, newer, CONFORM_INCONCLUSIVE);
	trial_replay(trial, recorded);
	trial_expect_alive(trial, newer, CONFORM_FAIL);
	trial_send(trial, carrier, new_contact(trial, carrier));
	trial_expect_alive(trial, newer, CONFORM_FAIL);
}

static void what_it_says_itself(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want contact = {.sa = sa, .notify = IKE_NOTIFY_INITIAL_CONTACT};
	const struct seen *seen = trial_wait(trial, &contact, trial_get_settings(trial)->patience);
	bool of_phase_1;

	if (trial_is_decided(trial))
		return;
	of_phase_1 = seen != NULL && ike_exchange_is_phase_1(seen->opened->message.header.exchange);
	trial_value(trial, seen,
		    seen == NULL ? "says=nothing"
		    : of_phase_1 ? "says=in-phase-1"
				 : "says=informational",
		    "as responder, with no other SA of ours, the device says INITIAL-CONTACT %s",
		    seen == NULL ? "not at all"
		    : of_phase_1 ? "in Phase 1"
				 : "in an Informational");
}

const struct conform_case cases_contact[] = {
    {
	.id = "rfc2407/4.6.3.3/contact-with-phase-1",
	.title = "INITIAL-CONTACT with Phase 1",
	.level = CONFORM_MAY,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "It tells that this is the first SA with the receiver, which might then "
		       "delete older SAs of the same sender.",
	.expected =
	    "whether the older SA is kept, removed, or deleted with a Delete; the new one answers",
	.script = with_phase_1,
    },
    {
	.id = "rfc2407/4.6.3.3/contact-under-sa",
	.title = "INITIAL-CONTACT in an Informational",
	.level = CONFORM_MAY,
	.version = 1,
	.section = "RFC 2407 sections 4.6.3, 4.6.3.3",
	.requirement = "It may be said in an Informational once Phase 1 is over; the receiver "
		       "might then delete older SAs of the same sender.",
	.expected =
	    "whether the older SA is kept, removed, or deleted with a Delete; the carrier answers",
	.script = under_the_sa,
    },
    {
	.id = "rfc2407/4.6.3.3/contact-other-cookies",
	.title = "INITIAL-CONTACT with the cookies of no SA",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3, RFC 2408 section 3.14",
	.requirement = "Its SPI is the cookies of the SA.  RFC 2408 has the content of the SPI of "
		       "such notifications ignored.",
	.expected = "whether the older SA is kept all the same; the carrier answers",
	.script = with_other_cookies,
    },
    {
	.id = "rfc2407/4.6.3.3/contact-with-data",
	.title = "INITIAL-CONTACT with data",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "It has no data.  What becomes of one that has is not said.",
	.expected = "whether the older SA is kept; the carrier answers",
	.script = with_data,
    },
    {
	.id = "robust/4.6.3.3/contact-spares-carrier", /* R116 */
	.title = "INITIAL-CONTACT does not end the SA that carries it",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "It is about SAs that existed before.  Said twice under the only SA, it "
		       "changes nothing.",
	.expected = "the SA answers after the first and after the second",
	.script = carrier_stays,
    },
    {
	.id = "robust/4.6.3.3/contact-spares-others", /* R115 */
	.title = "INITIAL-CONTACT does not end SAs of another identity",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "It is about SAs with the sending system, and that is who proved its "
		       "identity: others may share its address.",
	.expected = "the SA of the other identity still answers",
	.script = others_stay,
    },
    {
	.id = "rfc2407/4.6.3/contact-in-clear", /* R113 */
	.title = "INITIAL-CONTACT in the clear is ignored",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2407 section 4.6.3",
	.requirement = "Status notifications are sent under the protection of an ISAKMP SA; one in "
		       "the clear is anybody's.",
	.expected = "both SAs still answer",
	.script = in_the_clear,
    },
    {
	.id = "rfc2407/4.6.3/contact-in-aggressive", /* R113 */
	.title = "INITIAL-CONTACT in the first message of Aggressive Mode is ignored",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2407 section 4.6.3",
	.requirement = "Status notifications are not sent in Aggressive Mode, which does not "
		       "protect them: at its first message nobody has proved anything.",
	.expected =
	    "the SA that there was still answers, whether the device does Aggressive Mode or not",
	.script = in_aggressive_mode,
    },
    {
	.id = "robust/4.6.3.3/contact-again", /* R116 R117 */
	.title = "INITIAL-CONTACT does not end SAs that are newer than its carrier",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "An Informational can be recorded and sent again for as long as its SA "
		       "lives.  The first SA is no newer than those made after it.",
	.expected =
	    "the newer SA answers after a replay of it, and after a second one under the older SA",
	.script = again_after_a_newer,
    },
    {
	.id = "rfc2407/4.6.3.3/contact-of-responder",
	.title = "Whether the device says INITIAL-CONTACT as responder",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "Either side may say it when it has no other SA with its peer.",
	.expected = "nothing, in Phase 1, or in an Informational",
	.script = what_it_says_itself,
    },
    {0},
};
