/* SPDX-License-Identifier: ISC */
/*
 * cases_renewal.c - before, after and across a new Phase 1.
 *
 * No document says how many Phase 1 SAs two peers may have, nor which of them is to be asked on.  So whoever has one that was not
 * deleted may ask on it, and is answered; if the device wants it gone, it has Delete to say so.
 */
#include "interop/conform/cases.h"
#include "interop/conform/scene.h"

/* Answers, or has said that it is gone: anything but silence. */
static void expect_answer_or_delete(struct trial *trial, struct trial_sa *sa, const char *when)
{
	const struct want farewell = {.sa = sa, .payload = IKE_PAYLOAD_DELETE};
	const struct seen *seen = NULL;

	if (trial_is_decided(trial) || scene_is_alive(trial, sa))
		return;
	if (trial_count(trial, &farewell, 0, &seen) > 0)
		trial_decide(trial, CONFORM_LENIENT, seen, "%s the device deletes it, and says so",
			     when);
	else
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "%s R-U-THERE is not answered under it any more, and no Delete came",
			     when);
}

static void older_answers(struct trial *trial)
{
	struct trial_sa *older = trial_call(trial, NULL), *newer;

	trial_expect_alive(trial, older, CONFORM_INCONCLUSIVE);
	newer = trial_call(trial, NULL);
	trial_expect_alive(trial, newer, CONFORM_INCONCLUSIVE);
	expect_answer_or_delete(trial, older, "once there is a newer SA");
}

/* A device that does not take it cannot be renewed either. */
static void newer_answers(struct trial *trial)
{
	const struct trial_call may_fail = {.may_fail = true};
	struct trial_sa *older = trial_call(trial, NULL), *newer;

	trial_expect_alive(trial, older, CONFORM_INCONCLUSIVE);
	newer = trial_call(trial, &may_fail);
	if (newer == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "no new Phase 1 comes up as long as there is one");
	trial_expect_alive(trial, newer, CONFORM_FAIL);
	trial_close(trial, older);
	trial_expect_alive(trial, newer, CONFORM_FAIL);
}

static void older_answers_after_the_newer_is_gone(struct trial *trial)
{
	struct scene_pair pair = scene_call_twice(trial);

	trial_close(trial, pair.newer);
	trial_pass_time(trial, SCENE_PACE);
	expect_answer_or_delete(trial, pair.older, "once the newer one was deleted");
}

static void another_identity(struct trial *trial)
{
	const struct trial_call another = {.identity = SCENE_ANOTHER, .may_fail = true};
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	(void)trial_call(trial, &another);
	expect_answer_or_delete(trial, sa, "once another identity has called");
}

/* ---- before it is up ----------------------------------------------------------------------------------------------- */

/* Before MM5 (or AM3): an Informational with the right cookies that nobody can decrypt yet. */
static bool say_something_early(struct trial *trial, unsigned message,
				struct ike_datagram *datagram)
{
	uint8_t octets[IKE_HEADER_LENGTH + 64];
	struct ike_header header;
	struct wire_writer writer;

	if (ike_header_parse(octets_of(datagram->data, datagram->length), &header) !=
		IKE_ACCEPTED ||
	    message != (header.exchange == IKE_EXCHANGE_AGGRESSIVE ? 2 : 3))
		return true;
	header.exchange = IKE_EXCHANGE_INFORMATIONAL;
	header.next_payload = IKE_PAYLOAD_HASH;
	header.flags = IKE_FLAG_ENCRYPTION;
	header.message_id = trial_random(trial) | 1;
	wire_write_to(&writer, octets, sizeof(octets));
	ike_header_write(&writer, &header);
	while (writer.length < sizeof(octets))
		wire_write_u32(&writer, trial_random(trial));
	ike_header_finish(&writer);
	trial_send_raw(trial, wire_written(&writer));
	return true;
}

static void early_informational(struct trial *trial)
{
	const struct trial_call early = {.tamper = say_something_early, .may_fail = true};
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	trial_close(trial, sa);
	sa = trial_call(trial, &early);
	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "Phase 1 does not come up when an encrypted Informational comes "
			     "before its last message");
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

/* ---- both at once -------------------------------------------------------------------------------------------------- */

static struct trial_sa *called_by_us(const struct trial *trial)
{
	const struct seen *seen;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->sa != NULL && seen->sa->initiator)
			return seen->sa;
	return NULL;
}

static bool call_first(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	static const struct trial_call how = {.may_fail = true};

	(void)datagram;
	if (message == 1 && called_by_us(trial) == NULL)
		(void)trial_call(trial, &how);
	return true;
}

/* The device calls, and before its first message is answered we call it. */
static void both_call(struct trial *trial)
{
	const struct trial_call how = {.tamper = call_first, .may_fail = true};
	struct trial_sa *sa = trial_be_called(trial, &how);
	struct trial_sa *ours = called_by_us(trial);
	bool alive;

	/* strongSwan's threads take what comes right behind the last message of Phase 1 for something that overtook it */
	trial_pass_time(trial, SCENE_PACE);
	alive = (sa != NULL && scene_is_alive(trial, sa)) ||
		(ours != NULL && ours->established && scene_is_alive(trial, ours));
	if (!alive)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "when both sides call at once no SA comes of it that answers");
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_renewal[] = {
    {
	.id = "rfc3706/5.2/older-sa-answers", /* R93 */
	.title = "The older of two SAs still answers",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 5.2, RFC 2408 section 5.15",
	.requirement =
	    "R-U-THERE under an SA that was not deleted is answered.  A device that keeps but one "
	    "SA per peer says Delete for the other.",
	.expected = "an R-U-THERE-ACK under the older SA; LENIENT: its Delete",
	.script = older_answers,
    },
    {
	.id = "rfc3706/5.2/newer-sa-answers", /* R93 */
	.title = "The newer of two SAs answers, also when the older is deleted",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement =
	    "R-U-THERE is answered under a new Phase 1 SA, whatever other SAs there are.",
	.expected = "R-U-THERE-ACKs under the newer SA, before and after the older one's Delete",
	.script = newer_answers,
    },
    {
	.id = "rfc3706/5.2/older-sa-left-alone",
	.title = "The older SA after the newer was deleted",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 5.2, RFC 2408 section 5.15",
	.requirement =
	    "A Delete concerns the SAs that it names.  R-U-THERE under an SA that was not deleted "
	    "is answered.",
	.expected = "an R-U-THERE-ACK under the older SA; LENIENT: its Delete",
	.script = older_answers_after_the_newer_is_gone,
    },
    {
	.id = "robust/5.4/another-identity",
	.title = "A Phase 1 of another identity leaves an SA alone",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.4",
	.requirement =
	    "An address may be shared.  A Phase 1 of somebody else from there, whether it comes up "
	    "or not, says nothing about the SAs that exist.",
	.expected = "the first SA still answers; LENIENT: its Delete",
	.script = another_identity,
    },
    {
	.id = "robust/5.7/early-informational", /* R54 */
	.title = "An encrypted Informational before Phase 1 is over",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "Datagrams overtake each other, and strangers see cookies.  What cannot be decrypted "
	    "yet is kept or dropped; Phase 1 goes on.",
	.expected = "Phase 1 comes up, and R-U-THERE is answered",
	.script = early_informational,
    },
    {
	.id = "robust/5.4/both-call",
	.title = "Both sides call at the same time",
	.level = CONFORM_ROBUST,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2409 section 5.4",
	.requirement =
	    "When both sides begin a Phase 1 at once, at least one of them leads to an SA that "
	    "both have.",
	.expected = "an R-U-THERE-ACK under one of the two",
	.script = both_call,
    },
    {0},
};
