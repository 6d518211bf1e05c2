/* SPDX-License-Identifier: ISC */
/*
 * cases_timing.c - when R-U-THERE is answered: RFC 3706 sections 5.4, 5.5.
 *
 * No document says how fast.  But every peer gives up after a time of its own, so an answer that waits for something else, a Quick
 * Mode for one, is a false death for some of them.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/scene.h"

#define QUESTIONS      5
#define BURST          20
#define FIRST          1000 /* number of the first of them */
#define MANY           60
#define MANY_APART     (16 * IKE_MILLISECOND)
#define TIMES_PATIENCE 2

/* ---- how fast, how many -------------------------------------------------------------------------------------------- */

static const char *class_of(ike_time duration)
{
	if (duration < 10 * IKE_MILLISECOND)
		return "rtt<10ms";
	if (duration < 100 * IKE_MILLISECOND)
		return "rtt<100ms";
	return duration < IKE_SECOND ? "rtt<1s" : "rtt>=1s";
}

static void how_fast(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	ike_time longest = 0;

	for (unsigned i = 0; i < QUESTIONS && !trial_is_decided(trial); i++) {
		const struct seen *ack =
		    trial_expect_ack(trial, sa, trial_ask_next(trial, sa), CONFORM_FAIL);
		const struct seen *question = scene_last_sent(trial, sa, IKE_PAYLOAD_NOTIFY);

		if (ack != NULL && question != NULL && ack->at - question->at > longest)
			longest = ack->at - question->at;
		trial_pass_time(trial, SCENE_PACE / QUESTIONS);
	}
	trial_value(trial, NULL, class_of(longest), "of %d answers the slowest took %.1f ms",
		    QUESTIONS, (double)longest / 1e3);
}

static void burst(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	size_t mark = trial_mark(trial), answered = 0;
	char value[64];

	for (uint32_t i = 0; i < BURST; i++)
		trial_ask(trial, sa, FIRST + i);
	trial_pass_time(trial, trial_get_settings(trial)->patience);
	for (uint32_t i = 0; i < BURST; i++)
		answered += trial_count(trial,
					&(struct want){.sa = sa,
						       .notify = IKE_NOTIFY_R_U_THERE_ACK,
						       .has_number = true,
						       .number = FIRST + i},
					mark, NULL) > 0;
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	snprintf(value, sizeof(value), "answered=%zu-of-%d", answered, BURST);
	trial_value(trial, NULL, value,
		    "of %d questions at once %zu are answered, and the next one after them", BURST,
		    answered);
}

static void many_in_a_second(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	for (unsigned i = 0; i < MANY; i++) {
		(void)trial_ask_next(trial, sa);
		trial_pass_time(trial, MANY_APART);
	}
	trial_pass_time(trial, trial_get_settings(trial)->patience);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void after_a_while(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_pass_time(trial, trial_get_settings(trial)->worry);
	if (!trial_is_decided(trial) && sa->gone)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device deletes an SA that is not used, and says so");
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

/* ---- while something else goes on ---------------------------------------------------------------------------------- */

static void add_nonce(struct trial *trial, struct message *message)
{
	uint8_t nonce[16];
	struct wire_writer writer;

	wire_write_to(&writer, nonce, sizeof(nonce));
	while (writer.length < sizeof(nonce))
		wire_write_u32(&writer, trial_random(trial));
	message_add(message, IKE_PAYLOAD_NONCE, wire_written(&writer));
}

/* Where none is known: ESP with AES-128 and HMAC-SHA1 between two networks of RFC 5737. */
static void begin_quick_mode(struct trial *trial, struct trial_sa *sa)
{
	static const uint8_t offer[] = {
	    0,    0,    0,    1,    0,    0,  0,    1, /* DOI, situation */
	    0,    0,    0,    40,   1,    3,  4,    1,
	    0x72, 0x75, 0x74, 0x68,                       /* one proposal: ESP, its SPI */
	    0,    0,    0,    28,   1,    12, 0,    0,    /* one transform: AES-CBC */
	    0x80, 1,    0,    1,    0x80, 2,  0x0e, 0x10, /* 3600 seconds */
	    0x80, 4,    0,    1,    0x80, 5,  0,    2,
	    0x80, 6,    0,    128, /* tunnel, HMAC-SHA1, 128 bits */
	};
	static const uint8_t ours[] = {4, 0, 0, 0, 198, 51, 100, 0, 255, 255, 255, 0};
	static const uint8_t theirs[] = {4, 0, 0, 0, 203, 0, 113, 0, 255, 255, 255, 0};
	struct message *first = trial_message(trial, sa);

	first->header.exchange = IKE_EXCHANGE_QUICK_MODE;
	message_add(first, IKE_PAYLOAD_SA, octets_of(offer, sizeof(offer)));
	add_nonce(trial, first);
	message_add(first, IKE_PAYLOAD_ID, octets_of(ours, sizeof(ours)));
	message_add(first, IKE_PAYLOAD_ID, octets_of(theirs, sizeof(theirs)));
	trial_send(trial, sa, first);
}

/* The one that is known to work, as our own core begins it; QM2 does not get through to that, and then it is silent. */
static void begin_known_quick_mode(struct trial *trial, struct trial_sa *sa)
{
	const struct ike_command begin = {.kind = IKE_COMMAND_TUNNEL};
	const struct want second = {.sa = sa, .exchange = IKE_EXCHANGE_QUICK_MODE};

	if (trial_is_decided(trial))
		return;
	trial_lose(trial, sa, 1);
	(void)ike_command(sa->core, trial_now(trial), &begin);
	(void)trial_wait(trial, &second, trial_get_settings(trial)->patience);
	trial_fall_silent(trial, sa);
}

static void during_our_quick_mode(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want second = {.sa = sa, .exchange = IKE_EXCHANGE_QUICK_MODE};
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	if (trial_get_settings(trial)->tunnel != NULL)
		begin_known_quick_mode(trial, sa);
	else
		begin_quick_mode(trial, sa);
	for (unsigned i = 0; i < QUESTIONS; i++) {
		trial_expect_alive(trial, sa, CONFORM_FAIL);
		trial_pass_time(trial, SCENE_PACE / QUESTIONS);
	}
	trial_speak_again(trial, sa);
	if (!trial_is_decided(trial) && trial_count(trial, &second, mark, NULL) == 0)
		trial_value(trial, NULL, "answered,quick-mode-refused",
			    "answered, but the device has refused or dropped the Quick Mode, so "
			    "none was outstanding: give --tunnel OURS=THEIRS");
}

/* It asks for one by itself as soon as Phase 1 is up, and we do not answer that. */
static void during_its_quick_mode(struct trial *trial)
{
	struct trial_sa *sa = trial_be_called(trial, NULL);
	ike_time patience = trial_get_settings(trial)->patience;
	const struct want first = {.sa = sa, .exchange = IKE_EXCHANGE_QUICK_MODE};
	const struct want ack = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK};
	const struct seen *seen;

	trial_fall_silent(trial, sa);
	if (trial_wait(trial, &first, patience) == NULL) {
		trial_speak_again(trial, sa);
		trial_value(trial, NULL, "no-quick-mode",
			    "the device asks for no Quick Mode when it has called");
		return;
	}
	(void)trial_ask_next(trial, sa);
	seen = trial_wait(trial, &ack, TIMES_PATIENCE * patience);
	trial_speak_again(trial, sa);
	trial_value(trial, seen, seen != NULL ? "answered" : "withheld",
		    seen != NULL ? "R-U-THERE is answered while the device waits for QM2"
				 : "R-U-THERE is not answered as long as the device waits for QM2");
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_timing[] = {
    {
	.id = "rfc3706/5.4/round-trip",
	.title = "How fast R-U-THERE is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement = "Whoever asks waits for the ACK for a time of its own choice.",
	.expected = "five ACKs, and how long the slowest took",
	.script = how_fast,
    },
    {
	.id = "rfc3706/5.4/burst",
	.title = "Twenty questions at once",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 sections 5.2, 5.4",
	.requirement =
	    "R-U-THERE is answered.  A limit on how many is nowhere forbidden, as long as the SA "
	    "survives it.",
	.expected = "how many are answered; afterwards one more question is answered",
	.script = burst,
    },
    {
	.id = "robust/5.4/many-questions",
	.title = "Sixty questions in a second do not end the SA",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement = "Too many questions may go unanswered, but what follows them is answered.",
	.expected = "an R-U-THERE-ACK to a question that comes after them",
	.script = many_in_a_second,
    },
    {
	.id = "rfc3706/5.2/idle-sa", /* R4 */
	.title = "A question after a long silence is answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 sections 5.2, 5.4",
	.requirement = "R-U-THERE is answered whenever it comes, and idle SAs are what it is for.",
	.expected = "an R-U-THERE-ACK after nothing was said for as long as the device may be "
		    "silent itself",
	.script = after_a_while,
    },
    {
	.id = "robust/5.4/during-our-quick-mode",
	.title = "R-U-THERE is answered while a Quick Mode of ours is outstanding",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 3706 sections 5.2, 5.4",
	.requirement =
	    "An Informational is an exchange of its own.  Whoever answers it only after the Quick "
	    "Mode lets a peer wait that may give up sooner.",
	.expected = "R-U-THERE-ACKs after QM1, without QM3",
	.script = during_our_quick_mode,
    },
    {
	.id = "rfc3706/5.4/during-its-quick-mode",
	.title = "R-U-THERE while the device waits for QM2",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 3706 sections 5.2, 5.4",
	.requirement = "An Informational is an exchange of its own; nothing says that it may wait "
		       "for a Quick Mode.",
	.expected = "whether R-U-THERE is answered before QM2 was",
	.script = during_its_quick_mode,
    },
    {0},
};
