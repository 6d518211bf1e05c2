/* SPDX-License-Identifier: ISC */
#include "interop/conform/watch.h"

#include "ike/exchange.h"

struct trial_sa *watch_call(struct trial *trial, const struct trial_call *how)
{
	struct trial_sa *sa = trial_call(trial, how);

	if (sa != NULL && trial_get_settings(trial)->tunnel != NULL)
		trial_quick_mode(trial, sa);
	return trial_is_decided(trial) ? NULL : sa;
}

const struct seen *watch_question(struct trial *trial, struct trial_sa *sa, ike_time at_most)
{
	const struct want question = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE};

	return trial_wait(trial, &question, at_most);
}

unsigned watch_seconds(ike_time duration)
{
	return (unsigned)((duration + IKE_SECOND / 2) / IKE_SECOND);
}

const struct seen *watch_initial_contact(const struct trial *trial, struct trial_sa *sa)
{
	const struct want contact = {.sa = sa, .notify = IKE_NOTIFY_INITIAL_CONTACT};
	const struct seen *first = NULL;

	(void)trial_count(trial, &contact, 0, &first);
	return first;
}

/* ---- what happens while we are silent ------------------------------------------------------------------------------ */

static bool is_question(const struct seen *seen, const struct trial_sa *sa)
{
	struct ike_notify notify;

	return seen->sa == sa && opened_notify(seen->opened, IKE_NOTIFY_R_U_THERE, &notify);
}

static bool is_farewell(const struct seen *seen, const struct trial_sa *sa)
{
	return seen->sa == sa && seen->opened->readable &&
	       ike_payload_find(&seen->opened->message, IKE_PAYLOAD_DELETE) != NULL;
}

bool watch_is_call(const struct seen *seen)
{
	const struct ike_header *header = &seen->opened->message.header;

	return ike_exchange_is_phase_1(header->exchange) && ike_cookie_is_zero(header->cky_r);
}

static bool is_news(const struct seen *seen, const void *sa)
{
	return is_question(seen, sa) || is_farewell(seen, sa) || watch_is_call(seen);
}

static const struct seen *next_news(struct trial *trial, struct trial_sa *sa, ike_time until)
{
	const struct want news = {.like = is_news, .context = sa};
	ike_time now = trial_now(trial);

	return now < until ? trial_wait(trial, &news, until - now) : NULL;
}

/* ---- whether something is taken for an answer ---------------------------------------------------------------------- */

/* Our core's newest R-U-THERE-ACK under the SA. */
static const struct seen *last_answer(const struct trial *trial, struct trial_sa *sa)
{
	const struct want ack = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK};
	const struct seen *seen, *last = NULL;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_TESTER && seen_is(seen, &ack))
			last = seen;
	return last;
}

static bool is_answered(struct trial *trial, struct trial_sa *sa)
{
	const struct want ack = {.sa = sa,
				 .notify = IKE_NOTIFY_R_U_THERE_ACK,
				 .has_number = true,
				 .number = trial_ask_next(trial, sa)};

	return trial_wait(trial, &ack, trial_get_settings(trial)->patience) != NULL;
}

/* Whoever gives nobody up has not taken it for an answer either. */
static enum watch_taken make_sure(struct trial *trial, struct trial_sa *sa)
{
	struct watch_death death;

	if (!watch_death(trial, sa, &death))
		return WATCH_UNKNOWN;
	if (is_answered(trial, sa))
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "it does not give us up whatever it is answered, nor if it is not "
			     "answered at all");
	trial_speak_again(trial, sa);
	return trial_is_decided(trial) ? WATCH_UNKNOWN : WATCH_TAKEN;
}

/* The questions do not tell: whoever takes it keeps the SA for longer than a death takes. */
static enum watch_taken outlive(struct trial *trial, struct trial_sa *sa, watch_answer *answer,
				const struct seen *right, const struct seen **seen)
{
	ike_time until = trial_now(trial) + trial_get_settings(trial)->death;
	const struct seen *news;

	while ((news = next_news(trial, sa, until)) != NULL) {
		*seen = news;
		if (is_question(news, sa))
			answer(trial, sa, news, right);
		/* a call may be one that it makes since before all this */
		else if (is_farewell(news, sa) || !is_answered(trial, sa))
			return WATCH_NOT_TAKEN;
	}
	if (trial_is_decided(trial))
		return WATCH_UNKNOWN;
	if (!is_answered(trial, sa)) {
		trial_speak_again(trial, sa);
		return WATCH_NOT_TAKEN;
	}
	return make_sure(trial, sa);
}

enum watch_taken watch_whether_taken(struct trial *trial, watch_answer *answer,
				     const struct seen **seen)
{
	ike_time worry = trial_get_settings(trial)->worry;
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *right, *before = trial_expect_question(trial, sa), *first, *second;

	*seen = NULL;
	right = last_answer(trial, sa);
	trial_fall_silent(trial, sa);
	first = trial_expect_question(trial, sa);
	if (first == NULL)
		return WATCH_UNKNOWN;
	answer(trial, sa, first, right);
	second = watch_question(trial, sa, worry);
	if (second != NULL) {
		*seen = second;
		/* a third sooner: more than jitter makes of it */
		if (seen_number(second) == seen_number(first) ||
		    3 * (second->at - first->at) < 2 * (first->at - before->at)) {
			trial_speak_again(trial, sa);
			return WATCH_NOT_TAKEN;
		}
		answer(trial, sa, second, right);
	}
	return outlive(trial, sa, answer, right, seen);
}

/* ---- a death ------------------------------------------------------------------------------------------------------- */

ike_time watch_longest_gap(const struct watch_death *death)
{
	ike_time longest = 0;

	for (size_t i = 1; i < death->questions && i < WATCH_QUESTIONS; i++) {
		ike_time gap = death->question[i]->at - death->question[i - 1]->at;

		longest = gap > longest ? gap : longest;
	}
	return longest;
}

/* When there will be no more of them: they may come ever more seldom. */
static ike_time end_of_questions(const struct trial *trial, const struct watch_death *death,
				 ike_time last)
{
	const struct trial_settings *settings = trial_get_settings(trial);
	ike_time gap = watch_longest_gap(death);

	return last + (gap == 0 ? settings->worry : 5 * gap / 2 + settings->patience);
}

/* A device may be calling since before all this: a call is news of the end only if no question comes after it. */
static void note_call(struct watch_death *death, const struct seen *call)
{
	if (death->questions == 0 || death->call != NULL)
		return;
	death->call = call;
	death->over = call->at;
}

bool watch_death(struct trial *trial, struct trial_sa *sa, struct watch_death *death)
{
	ike_time last = trial_now(trial), end, until = last + trial_get_settings(trial)->death;
	const struct seen *news;

	*death = (struct watch_death){.began = last};
	trial_fall_silent(trial, sa);
	for (;;) {
		end = end_of_questions(trial, death, last);
		news = next_news(trial, sa, end < until ? end : until);
		if (news == NULL)
			break;
		if (watch_is_call(news)) {
			note_call(death, news);
			continue;
		}
		last = death->over = news->at;
		death->call = NULL; /* it was made before the end */
		if (is_farewell(news, sa)) {
			death->farewell = news;
			break;
		}
		if (death->questions < WATCH_QUESTIONS)
			death->question[death->questions++] = news;
	}
	if (death->questions == 0)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device asked no R-U-THERE in %.1f s of silence",
			     (double)(trial_now(trial) - death->began) / 1e6);
	return !trial_is_decided(trial);
}
