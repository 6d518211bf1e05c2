/* SPDX-License-Identifier: ISC */
/*
 * cases_death.c - the device gives us up, and comes back: RFC 3706 section 5.4.
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/watch.h"

static void asks_again(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *first;

	trial_fall_silent(trial, sa);
	first = trial_expect_question(trial, sa);
	if (first != NULL && watch_question(trial, sa, trial_get_settings(trial)->death) == NULL)
		trial_decide(trial, CONFORM_LENIENT, first,
			     "it asks once only: one lost datagram is a death");
}

static void gives_up(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	struct watch_death death;

	if (!watch_death(trial, sa, &death))
		return;
	/* some wait for a while after their last question, and asking them now would be an answer */
	if (death.farewell == NULL)
		trial_pass_time(trial, death.over - death.began);
	trial_expect_gone(trial, sa, CONFORM_FAIL);
}

static void schedule(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	struct watch_death death;
	char value[60];

	if (!watch_death(trial, sa, &death))
		return;
	snprintf(value, sizeof(value), "questions=%zu/every=%us/%s=%us", death.questions,
		 watch_seconds(watch_longest_gap(&death)),
		 death.farewell != NULL || death.call != NULL ? "over" : "last",
		 watch_seconds(death.over - death.began));
	trial_value(trial, death.question[0], value,
		    "%zu questions, the first after %.1f s of silence, then at most %.1f s apart; "
		    "%s after %.1f s",
		    death.questions, (double)(death.question[0]->at - death.began) / 1e6,
		    (double)watch_longest_gap(&death) / 1e6,
		    death.farewell != NULL ? "a Delete"
		    : death.call != NULL   ? "a new call"
					   : "the last of them",
		    (double)(death.over - death.began) / 1e6);
}

/* False: it is a Delete of something else. */
static bool is_of_isakmp_sa(const struct seen *seen, struct ike_delete *what)
{
	const struct ike_payload *payload =
	    ike_payload_find(&seen->opened->message, IKE_PAYLOAD_DELETE);

	return ike_delete_parse(payload->body, what) == IKE_ACCEPTED &&
	       what->protocol == IKE_PROTOCOL_ISAKMP;
}

static bool names_its_sa(const struct seen *seen, const struct ike_delete *what)
{
	return what->spis.length == sizeof(seen->sa->cky_i) + sizeof(seen->sa->cky_r) &&
	       memcmp(what->spis.data, seen->sa->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(what->spis.data + IKE_COOKIE_LENGTH, seen->sa->cky_r, IKE_COOKIE_LENGTH) == 0;
}

static void judge_farewell(struct trial *trial, const struct seen *said)
{
	struct ike_delete what;

	if (!said->opened->encrypted)
		trial_decide(trial, CONFORM_FAIL, said, "its Delete is not encrypted");
	else if (said->opened->hash != MESSAGE_HASH_HOLDS)
		trial_decide(trial, CONFORM_FAIL, said, "its Delete has no HASH(1) that holds");
	else if (is_of_isakmp_sa(said, &what) && !names_its_sa(said, &what))
		trial_decide(trial, CONFORM_FAIL, said,
			     "its Delete of the ISAKMP SA does not name it by its two cookies");
}

static void farewell(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct want any = {.sa = sa, .payload = IKE_PAYLOAD_DELETE};
	const struct seen *seen;
	struct watch_death death;
	struct ike_delete what;
	unsigned times = 0;
	char value[40];

	if (!watch_death(trial, sa, &death))
		return;
	trial_pass_time(trial, trial_get_settings(trial)->patience);
	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_DEVICE && seen_is(seen, &any)) {
			judge_farewell(trial, seen);
			times += is_of_isakmp_sa(seen, &what) ? 1 : 0;
		}
	snprintf(value, sizeof(value), "delete=%u", times);
	trial_value(trial, death.farewell, value,
		    "it says Delete %u times for the ISAKMP SA when it gives us up", times);
}

/* The farewell goes first where there is one; a call may come at once, or after a while. */
static void calls_again(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL), *again;
	struct watch_death death;

	if (!watch_death(trial, sa, &death))
		return;
	again = trial_wait_for_call(trial, 2 * trial_get_settings(trial)->worry);
	/* some say it in a message of its own */
	trial_pass_time(trial, trial_get_settings(trial)->patience / 4);
	if (again == NULL && death.call == NULL)
		trial_value(trial, NULL, "after-death=rests", "it does not call us again");
	else if (again == NULL)
		trial_value(trial, death.call, "after-death=calls",
			    "it calls us again, but Phase 1 does not come up");
	else if (watch_initial_contact(trial, again) != NULL)
		trial_value(trial, watch_initial_contact(trial, again),
			    "after-death=calls-with-initial-contact",
			    "it calls us again, and says INITIAL-CONTACT");
	else
		trial_value(trial, NULL, "after-death=calls-without-initial-contact",
			    "it calls us again, without INITIAL-CONTACT");
}

static void answer_by_hand(struct trial *trial, struct trial_sa *sa, const struct seen *question)
{
	struct message *ack = trial_message(trial, sa);

	message_add_keepalive(ack, IKE_NOTIFY_R_U_THERE_ACK, seen_number(question));
	trial_send(trial, sa, ack);
}

/* By hand to the end: our core would not answer a question that has something wrong with it, and that is no matter here. */
static void answer_in_series(struct trial *trial)
{
	ike_time until, worry = trial_get_settings(trial)->worry;
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *question;

	for (int i = 0; i < 2; i++)
		trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	trial_fall_silent(trial, sa);
	if (trial_expect_question(trial, sa) == NULL)
		return;
	question = watch_question(trial, sa, worry);
	if (question == NULL)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL, "it does not ask a second time");
	until = trial_now(trial) + trial_get_settings(trial)->death;
	while (question != NULL && trial_now(trial) < until) {
		answer_by_hand(trial, sa, question);
		question = watch_question(trial, sa, worry);
	}
	trial_speak_again(trial, sa);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void back_after_death(struct trial *trial)
{
	const struct trial_call again = {.may_fail = true, .initial_contact = true};
	struct trial_sa *sa = watch_call(trial, NULL), *newer;
	struct watch_death death;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	if (!watch_death(trial, sa, &death))
		return;
	newer = trial_call(trial, &again);
	if (newer == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "it gave us up, and now Phase 1 with it does not come up");
	trial_expect_alive(trial, newer, CONFORM_FAIL);
}

const struct conform_case cases_death[] = {
    {
	.id = "rfc3706/5.4/asks-again", /* R21 */
	.title = "It asks more than once before it gives up",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement = "An R-U-THERE that is not answered should be retransmitted.",
	.expected = "a second R-U-THERE after one that is not answered",
	.script = asks_again,
    },
    {
	.id = "rfc3706/5.4/gives-up", /* R22 */
	.title = "It gives us up when we do not answer",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement =
	    "After some number of retransmissions the peer should be taken for unreachable,"
	    " and the SAs with it be deleted.",
	.expected = "no answer under the SA any more once its questions have ended",
	.script = gives_up,
    },
    {
	.id = "rfc3706/5.4/death-schedule",
	.title = "How it gives us up",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement =
	    "How often and how far apart it is asked before a peer is given up is a matter "
	    "of each side.",
	.expected = "the number of questions, the longest time between two, and how long it took in"
		    " all",
	.script = schedule,
    },
    {
	.id = "rfc3706/5.4/death-farewell",
	.title = "Whether it says Delete to whom it gives up",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4, RFC 2408 section 5.15",
	.requirement =
	    "A Delete is sent under the protection of the SA and names it by both cookies, "
	    "or is not sent: to someone who does not answer it may be in vain.",
	.expected = "one protected Delete, or none",
	.script = farewell,
    },
    {
	.id = "rfc3706/5.4/after-death",
	.title = "Whether it calls whom it has given up",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement = "What follows a death is a matter of each side. INITIAL-CONTACT in the call "
		       "tells a peer that has its state still that it may let go of it.",
	.expected = "a new Phase 1 with or without INITIAL-CONTACT, or none",
	.script = calls_again,
    },
    {
	.id = "rfc3706/5.4/answer-in-series", /* R25 R65 */
	.title = "One answer ends a series of questions",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement =
	    "A peer is given up when its answers stay away: an ACK to the newest of several"
	    " questions is proof of life.",
	.expected = "an SA that goes on, after one question was not answered and the next one was",
	.script = answer_in_series,
    },
    {
	.id = "robust/5.4/back-after-death",
	.title = "Whom it has given up can come back",
	.level = CONFORM_ROBUST,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement = "Its SAs with a peer are deleted, not the peer: when we call again with "
		       "INITIAL-CONTACT there is a new SA.",
	.expected = "a new Phase 1 with an R-U-THERE answered under it",
	.script = back_after_death,
    },
    {0},
};
