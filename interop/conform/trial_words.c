/* SPDX-License-Identifier: ISC */
/*
 * trial_words.c - the words of scripts: what is said to the device, and what is expected of it.
 */
#include <string.h>

#include "ike/describe.h"
#include "ike/exchange.h"
#include "interop/conform/trial_private.h"

#define CALLS_ANSWERED_WITHIN 5 /* times the patience: a handshake is several answers */
#define LAST_QUESTIONS        3 /* that an SA which should be gone is asked */
/*
 * A device that works in several threads may take datagrams that come close together in another order: ours behind the last message
 * of Phase 1, which it cannot read then, and the answer to what was sent before may come behind the answer to what was sent later.
 */
#define SETTLING (100 * IKE_MILLISECOND)

/* Words without an SA to speak under: the trial is over, or a call that might fail has failed. */
static bool has_nothing(struct trial *trial, const struct trial_sa *sa)
{
	if (sa == NULL)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "there is no SA with the device that could be spoken under");
	return trial->decided;
}

static bool is_over(struct trial *trial, void *context)
{
	(void)context;
	return trial->decided;
}

/* What it means that a valid R-U-THERE under it was not answered. */
static enum conform_verdict unanswered(const struct trial_sa *sa, enum conform_verdict otherwise)
{
	return trial_is_unsupported(sa) ? CONFORM_UNSUPPORTED : otherwise;
}

static const char *because(const struct trial_sa *sa)
{
	return trial_is_unsupported(sa) ? "; the device has not announced the keepalive either"
					: "";
}

/* ---- Phase 1 and 2 ------------------------------------------------------------------------------------------------- */

static bool has_come_up(struct trial *trial, void *context)
{
	const struct holder *holder = context;

	return trial->decided || holder->sa.established || holder->failed;
}

/* The last message of its Phase 1 was ours. */
static bool said_the_last(const struct trial *trial, const struct trial_sa *sa)
{
	const struct seen *seen;

	for (size_t i = trial->records; i > 0; i--) {
		seen = &trial->record[i - 1]->seen;
		if (seen->sa == sa &&
		    ike_exchange_is_phase_1(seen->opened->message.header.exchange))
			return seen->from == TRIAL_TESTER;
	}
	return false;
}

/* The SA once Phase 1 is over, or why there is none. */
static struct trial_sa *come_up(struct trial *trial, struct holder *holder, ike_time at_most)
{
	static const struct ike_event silence = {.kind = IKE_EVENT_FAILED};

	trial_pump(trial, trial_now(trial) + at_most, has_come_up, holder);
	trial->called = NULL;
	if (holder->sa.established && said_the_last(trial, &holder->sa))
		trial_pass_time(trial, SETTLING);
	if (holder->sa.established)
		return trial->decided ? NULL : &holder->sa;
	if (!holder->failed)
		trial_explain(trial, holder, &silence);
	if (!holder->how.may_fail)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL, "%.*s", RESULT_TEXT - 1,
			     holder->why);
	return NULL;
}

struct trial_sa *trial_call(struct trial *trial, const struct trial_call *how)
{
	const struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};
	struct holder *holder = trial->decided ? NULL : trial_hold(trial, how, true);

	if (holder == NULL)
		return NULL;
	(void)ike_command(holder->sa.core, trial_now(trial), &start);
	return come_up(trial, holder, CALLS_ANSWERED_WITHIN * trial->settings->patience);
}

struct trial_sa *trial_be_called(struct trial *trial, const struct trial_call *how)
{
	struct holder *holder = trial->decided ? NULL : trial_hold(trial, how, false);

	if (holder == NULL)
		return NULL;
	trial->called = holder;
	if (!trial->world->call_us(trial->world)) {
		trial_decide(trial, CONFORM_SKIP, NULL,
			     "nothing makes the device call: give --call COMMAND");
		return NULL;
	}
	return come_up(trial, holder, CALLS_ANSWERED_WITHIN * trial->settings->patience);
}

struct trial_sa *trial_wait_for_call(struct trial *trial, ike_time at_most)
{
	static const struct trial_call any = {.may_fail = true};
	struct holder *holder = trial->decided ? NULL : trial_hold(trial, &any, false);

	if (holder == NULL)
		return NULL;
	trial->called = holder;
	return come_up(trial, holder, at_most);
}

static bool quick_mode_is_over(struct trial *trial, void *context)
{
	const struct holder *holder = context;

	return trial->decided || holder->quick_mode_up || holder->quick_mode_failed ||
	       holder->sa.gone;
}

void trial_quick_mode(struct trial *trial, struct trial_sa *sa)
{
	const struct ike_command command = {.kind = IKE_COMMAND_TUNNEL, .peer = 0, .tunnel = 0};
	struct holder *holder = (struct holder *)(void *)sa;

	if (has_nothing(trial, sa))
		return;
	if (trial->settings->tunnel == NULL) {
		trial_decide(trial, CONFORM_SKIP, NULL,
			     "needs an IPsec SA: give --tunnel OURS=THEIRS");
		return;
	}
	holder->quick_mode_up = holder->quick_mode_failed = false;
	(void)ike_command(sa->core, trial_now(trial), &command);
	trial_pump(trial, trial_now(trial) + CALLS_ANSWERED_WITHIN * trial->settings->patience,
		   quick_mode_is_over, holder);
	if (!holder->quick_mode_up)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "Quick Mode does not come up%s%.200s",
			     holder->why[0] != '\0' ? ": " : "", holder->why);
}

void trial_close(struct trial *trial, struct trial_sa *sa)
{
	const struct ike_command command = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	if (has_nothing(trial, sa))
		return;
	(void)ike_command(sa->core, trial_now(trial), &command);
	trial_pump(trial, trial_now(trial), is_over, NULL);
}

/* ---- to the device ------------------------------------------------------------------------------------------------- */

static struct message *new_message(struct trial *trial, struct message *message,
				   struct trial_sa *sa)
{
	/* what sets out after a trial was decided goes nowhere, but has to be made of something */
	static const struct trial_sa nothing = {.message_id = 1};
	const struct trial_sa *of = sa != NULL ? sa : &nothing;

	message_of_sa(message, &of->keys, of->cky_i, of->cky_r, of->message_id);
	if (sa != NULL)
		sa->message_id += 0x9e3779b9u; /* odd, so that none comes twice */
	(void)trial;
	return message;
}

struct message *trial_message(struct trial *trial, struct trial_sa *sa)
{
	return new_message(trial, &trial->message, sa);
}

static void put_on_wire(struct trial *trial, struct trial_sa *sa, struct octets octets)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram datagram = {
	    .data = data,
	    .length = octets.length,
	    .room = sizeof(data),
	    .remote = sa != NULL ? sa->remote : trial->world->device,
	    .local = sa != NULL ? sa->local : trial->world->tester,
	};
	struct record *record;

	if (octets.length > sizeof(data)) {
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "the script's %zu octets are longer than a datagram", octets.length);
		return;
	}
	memcpy(data, octets.data, octets.length);
	record = trial_note(trial, TRIAL_TESTER, &datagram, sa);
	if (record == NULL)
		return;
	trial->world->send(trial->world, &datagram);
	record->seen.at = trial_now(trial); /* it may have had to wait for its turn */
}

void trial_send(struct trial *trial, struct trial_sa *sa, const struct message *message)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	size_t length, plain_length;

	/* a stranger's needs no SA, but nothing can protect it */
	if (message->protection != MESSAGE_CLEAR && has_nothing(trial, sa))
		return;
	if (trial->decided)
		return;
	length = message_seal(message, trial->crypto, &trial->random, data, plain, sizeof(data),
			      &plain_length);
	if (length > 0)
		put_on_wire(trial, sa, octets_of(data, length));
	else
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "the script's message is longer than a datagram");
}

size_t trial_seal(struct trial *trial, const struct message *message, uint8_t *out, size_t room)
{
	uint8_t plain[IKE_DATAGRAM_MAX];
	size_t plain_length;

	if (trial->decided)
		return 0;
	return message_seal(message, trial->crypto, &trial->random, out, plain,
			    room < sizeof(plain) ? room : sizeof(plain), &plain_length);
}

void trial_ask(struct trial *trial, struct trial_sa *sa, uint32_t number)
{
	struct message message;

	if (has_nothing(trial, sa))
		return;
	new_message(trial, &message, sa);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, number);
	trial_send(trial, sa, &message);
	sa->number = number + 1;
}

uint32_t trial_ask_next(struct trial *trial, struct trial_sa *sa)
{
	uint32_t number = has_nothing(trial, sa) ? 0 : sa->number;

	trial_ask(trial, sa, number);
	return number;
}

void trial_send_raw(struct trial *trial, struct octets datagram)
{
	struct ike_header header = {.version = 0};
	struct holder *holder;

	if (trial->decided)
		return;
	(void)!ike_header_parse(datagram, &header);
	holder = trial_holder_of(trial, &header);
	put_on_wire(trial, holder != NULL ? &holder->sa : NULL, datagram);
}

void trial_replay(struct trial *trial, const struct seen *seen)
{
	if (!trial->decided && seen != NULL)
		put_on_wire(trial, seen->sa, octets_of(seen->wire, seen->length));
}

void trial_fall_silent(struct trial *trial, struct trial_sa *sa)
{
	if (!has_nothing(trial, sa))
		sa->mute = true;
}

void trial_speak_again(struct trial *trial, struct trial_sa *sa)
{
	if (!has_nothing(trial, sa))
		sa->mute = false;
}

void trial_lose(struct trial *trial, struct trial_sa *sa, unsigned count)
{
	if (!has_nothing(trial, sa))
		((struct holder *)(void *)sa)->to_lose = count;
}

/* ---- from the device ----------------------------------------------------------------------------------------------- */

struct waiting {
	const struct want *want;
	struct record *found;
};

static bool has_been_found(struct trial *trial, void *context)
{
	struct waiting *waiting = context;

	for (size_t i = 0; i < trial->records && waiting->found == NULL; i++) {
		struct record *record = trial->record[i];

		if (record->seen.from == TRIAL_DEVICE && !record->taken &&
		    seen_is(&record->seen, waiting->want))
			waiting->found = record;
	}
	return waiting->found != NULL || trial->decided;
}

const struct seen *trial_wait(struct trial *trial, const struct want *want, ike_time at_most)
{
	struct waiting waiting = {.want = want};

	if (trial->decided)
		return NULL;
	trial_pump(trial, trial_now(trial) + at_most, has_been_found, &waiting);
	if (waiting.found == NULL)
		return NULL;
	waiting.found->taken = true;
	return &waiting.found->seen;
}

void trial_pass_time(struct trial *trial, ike_time duration)
{
	if (!trial->decided)
		trial_pump(trial, trial_now(trial) + duration, is_over, NULL);
}

static const struct seen *await_ack(struct trial *trial, struct trial_sa *sa, uint32_t number,
				    ike_time at_most)
{
	const struct want ack = {
	    .sa = sa,
	    .notify = IKE_NOTIFY_R_U_THERE_ACK,
	    .has_number = true,
	    .number = number,
	};

	return trial_wait(trial, &ack, at_most);
}

/* Silence, or an answer that is not the one: which of the two is what the user wants to know first. */
static void decide_without_ack(struct trial *trial, struct trial_sa *sa, uint32_t number,
			       enum conform_verdict otherwise)
{
	const struct want ack = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK};
	const struct record *last = NULL;

	for (size_t i = 0; i < trial->records; i++)
		if (trial->record[i]->seen.from == TRIAL_DEVICE && !trial->record[i]->taken &&
		    seen_is(&trial->record[i]->seen, &ack))
			last = trial->record[i];
	if (last != NULL)
		trial_decide(trial, unanswered(sa, otherwise), &last->seen,
			     "no R-U-THERE-ACK with the number %u within %.1f s, but one with the "
			     "number %u",
			     number, (double)trial->settings->patience / 1e6,
			     seen_number(&last->seen));
	else
		trial_decide(trial, unanswered(sa, otherwise), NULL,
			     "no R-U-THERE-ACK with the number %u within %.1f s%s", number,
			     (double)trial->settings->patience / 1e6, because(sa));
}

const struct seen *trial_expect_ack(struct trial *trial, struct trial_sa *sa, uint32_t number,
				    enum conform_verdict otherwise)
{
	const struct seen *seen;

	if (has_nothing(trial, sa))
		return NULL;
	seen = await_ack(trial, sa, number, trial->settings->patience);
	if (seen == NULL)
		decide_without_ack(trial, sa, number, otherwise);
	return seen;
}

void trial_expect_alive(struct trial *trial, struct trial_sa *sa, enum conform_verdict otherwise)
{
	uint32_t number = trial_ask_next(trial, sa);

	if (trial->decided)
		return;
	if (await_ack(trial, sa, number, trial->settings->patience) == NULL)
		trial_decide(trial, unanswered(sa, otherwise), NULL,
			     "a valid R-U-THERE (number %u) is not answered%s", number,
			     trial_is_unsupported(sa) ? because(sa) : " any more");
	trial_pass_time(trial, TRIAL_LATE);
}

/* An unwelcome message, named as it would be in the log. */
static void decide_by(struct trial *trial, enum conform_verdict verdict, const struct seen *seen)
{
	char line[240] = "something that cannot be read";

	if (seen->opened->readable)
		(void)ike_describe_line(&seen->opened->message, line, sizeof(line));
	trial_decide(trial, verdict, seen, "the device sent %s", line);
}

/* The device may ask whenever it likes: that is no answer to anything, unless a script looks for just that. */
static bool is_its_own_question(const struct seen *seen, const struct want *want)
{
	static const struct want question = {.notify = IKE_NOTIFY_R_U_THERE,
					     .protected_only = true};

	return want->notify == 0 && want->like == NULL && seen_is(seen, &question);
}

void trial_expect_silence(struct trial *trial, struct trial_sa *sa, size_t since,
			  const struct want *want, enum conform_verdict otherwise,
			  enum conform_verdict if_gone)
{
	const struct seen *unwelcome = NULL;

	trial_expect_alive(trial, sa, if_gone);
	for (size_t i = since; !trial->decided && i < trial->records; i++) {
		const struct seen *seen = &trial->record[i]->seen;

		/* taken: the answer to the valid question */
		if (seen->from == TRIAL_DEVICE && !trial->record[i]->taken && seen_is(seen, want) &&
		    !is_its_own_question(seen, want))
			unwelcome = unwelcome == NULL ? seen : unwelcome;
	}
	if (unwelcome != NULL)
		decide_by(trial, otherwise, unwelcome);
}

static bool is_delete_of(const struct seen *seen, const void *context)
{
	const struct trial_sa *sa = context;

	return seen->sa == sa && sa->gone;
}

void trial_expect_gone(struct trial *trial, struct trial_sa *sa, enum conform_verdict otherwise)
{
	const struct want farewell = {
	    .sa = sa, .payload = IKE_PAYLOAD_DELETE, .like = is_delete_of, .context = sa};
	ike_time slice = trial->settings->patience / (LAST_QUESTIONS + 1);
	const struct seen *seen;

	if (has_nothing(trial, sa) || trial_wait(trial, &farewell, slice) != NULL)
		return;
	for (unsigned i = 0; i < LAST_QUESTIONS && !trial->decided && !sa->gone; i++) {
		uint32_t number = trial_ask_next(trial, sa);

		seen = await_ack(trial, sa, number, slice);
		if (seen != NULL)
			trial_decide(trial, otherwise, seen,
				     "the SA is still there: R-U-THERE number %u is answered",
				     number);
	}
}

const struct seen *trial_expect_question(struct trial *trial, struct trial_sa *sa)
{
	const struct want question = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE};
	const struct seen *seen;

	if (has_nothing(trial, sa))
		return NULL;
	seen = trial_wait(trial, &question, trial->settings->worry);
	if (seen == NULL)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "the device asked no R-U-THERE in %.1f s of silence",
			     (double)trial->settings->worry / 1e6);
	return seen;
}
