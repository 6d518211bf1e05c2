/* SPDX-License-Identifier: ISC */
#include "interop/conform/scene.h"

bool scene_is_answered(struct trial *trial, struct trial_sa *sa, uint32_t number)
{
	const struct want ack = {
	    .sa = sa,
	    .notify = IKE_NOTIFY_R_U_THERE_ACK,
	    .has_number = true,
	    .number = number,
	};

	trial_ask(trial, sa, number);
	return trial_wait(trial, &ack, trial_get_settings(trial)->patience) != NULL;
}

bool scene_is_alive(struct trial *trial, struct trial_sa *sa)
{
	return !trial_is_decided(trial) && scene_is_answered(trial, sa, sa->number);
}

struct scene_pair scene_call_twice(struct trial *trial)
{
	struct scene_pair pair = {.older = trial_call(trial, NULL)};

	trial_expect_alive(trial, pair.older, CONFORM_INCONCLUSIVE);
	pair.newer = trial_call(trial, NULL);
	trial_expect_alive(trial, pair.newer, CONFORM_INCONCLUSIVE);
	if (!trial_is_decided(trial) && !scene_is_alive(trial, pair.older))
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device keeps one SA per identity: a newer one alone, without "
			     "INITIAL-CONTACT, ends the older");
	return pair;
}

struct trial_sa *scene_call_as_another(struct trial *trial)
{
	const struct trial_call how = {.identity = SCENE_ANOTHER, .may_fail = true};
	struct trial_sa *sa = trial_call(trial, &how);

	if (sa == NULL)
		trial_decide(trial, CONFORM_SKIP, NULL,
			     "the device does not take the identity " SCENE_ANOTHER
			     ": configure it to take any");
	return sa;
}

void scene_expect_survival(struct trial *trial, const char *after)
{
	const struct trial_call how = {.may_fail = true};
	struct trial_sa *sa = trial_call(trial, &how);

	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL, "after %s no new Phase 1 comes up", after);
	else if (!scene_is_alive(trial, sa))
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "after %s no R-U-THERE is answered under a new SA", after);
}

const struct seen *scene_last_sent(const struct trial *trial, const struct trial_sa *sa,
				   uint8_t payload)
{
	const struct want want = {.payload = payload};
	const struct seen *seen, *last = NULL;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_TESTER && (sa == NULL || seen->sa == sa) &&
		    seen_is(seen, &want))
			last = seen;
	return last;
}

bool scene_is_reaction(const struct seen *seen, const void *context)
{
	static const uint16_t unprompted[] = {
	    IKE_NOTIFY_R_U_THERE,     IKE_NOTIFY_R_U_THERE_ACK,   IKE_NOTIFY_RESPONDER_LIFETIME,
	    IKE_NOTIFY_REPLAY_STATUS, IKE_NOTIFY_INITIAL_CONTACT,
	};
	struct ike_notify notify;

	(void)context;
	if (seen->opened->message.header.exchange != IKE_EXCHANGE_INFORMATIONAL)
		return false;
	for (size_t i = 0; i < sizeof(unprompted) / sizeof(unprompted[0]); i++)
		if (opened_notify(seen->opened, unprompted[i], &notify))
			return false;
	return true;
}
