/* SPDX-License-Identifier: ISC */
/*
 * impair.c - the way of a datagram through the layer: read, put through the rules, remembered, queued.
 */
#include "interop/impair/impair.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "interop/impair/impair_layer.h"

static const struct impair_rule *const tables[] = {
    impair_phase_1_rules, impair_death_rules,  impair_state_rules,
    impair_form_rules,    impair_accept_rules, impair_refuse_rules,
    impair_number_rules,  impair_probe_rules,  impair_ack_rules,
};

/* ---- queues -------------------------------------------------------------------------------------------------------- */

static struct parcel *queue_of(struct impair *impair, enum rule_way way)
{
	return way == RULE_IN ? impair->in : impair->out;
}

/* NULL: there is no room, and the datagram is lost as on any network. */
static struct parcel *new_parcel(struct impair *impair, enum rule_way way, ike_time due,
				 const struct ike_address *remote, const struct ike_address *local)
{
	struct parcel *queue = queue_of(impair, way);

	for (size_t i = 0; i < IMPAIR_QUEUE; i++) {
		struct parcel *parcel = &queue[i];

		if (parcel->used)
			continue;
		parcel->used = true;
		parcel->due = due;
		parcel->order = impair->order++;
		parcel->remote = *remote;
		parcel->local = *local;
		parcel->length = parcel->plain_length = 0;
		return parcel;
	}
	return NULL;
}

static bool is_before(const struct parcel *a, const struct parcel *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static struct parcel *first_of(struct parcel *queue)
{
	struct parcel *first = NULL;

	for (size_t i = 0; i < IMPAIR_QUEUE; i++)
		if (queue[i].used && (first == NULL || is_before(&queue[i], first)))
			first = &queue[i];
	return first;
}

static bool next(struct parcel *queue, ike_time now, struct ike_datagram *datagram)
{
	struct parcel *parcel = first_of(queue);

	if (parcel == NULL || parcel->due > now)
		return false;
	*datagram = (struct ike_datagram){
	    .remote = parcel->remote,
	    .local = parcel->local,
	    .data = parcel->data,
	    .length = parcel->length,
	    .room = sizeof(parcel->data),
	    .plain = parcel->plain,
	    .plain_length = parcel->plain_length,
	};
	parcel->used = false; /* its octets stay until the next datagram needs the place */
	return true;
}

/* ---- the layer's own datagrams ------------------------------------------------------------------------------------- */

void impair_put(struct impair *impair, enum rule_way way, ike_time due,
		const struct message *message, const struct ike_address *remote,
		const struct ike_address *local)
{
	struct parcel *parcel = new_parcel(impair, way, due, remote, local);

	if (parcel == NULL)
		return;
	parcel->length = message_seal(message, impair->crypto, &impair->random, parcel->data,
				      parcel->plain, sizeof(parcel->data), &parcel->plain_length);
	parcel->used = parcel->length > 0;
}

void impair_begin(struct impair *impair, const struct impair_sa *sa, struct message *message)
{
	message_of_sa(message, &sa->keys, sa->cky_i, sa->cky_r, impair_fresh_id(impair));
}

void impair_send(struct impair *impair, ike_time due, const struct impair_sa *sa,
		 const struct message *message)
{
	impair_put(impair, RULE_OUT, due, message, &sa->remote, &sa->local);
}

void impair_give(struct impair *impair, ike_time due, const struct impair_sa *sa,
		 const struct message *message)
{
	impair_put(impair, RULE_IN, due, message, &sa->remote, &sa->local);
}

void impair_repeat(struct letter *letter, ike_time due)
{
	struct parcel *parcel = new_parcel(letter->impair, letter->way, due,
					   &letter->parcel->remote, &letter->parcel->local);

	if (parcel == NULL)
		return;
	memcpy(parcel->data, letter->parcel->data, letter->parcel->length);
	memcpy(parcel->plain, letter->parcel->plain, letter->parcel->plain_length);
	parcel->length = letter->parcel->length;
	parcel->plain_length = letter->parcel->plain_length;
}

void impair_send_keepalive(struct impair *impair, ike_time due, const struct impair_sa *sa,
			   uint16_t type, uint32_t number)
{
	struct message message;

	impair_begin(impair, sa, &message);
	message_add_keepalive(&message, type, number);
	impair_send(impair, due, sa, &message);
}

/* ---- rules --------------------------------------------------------------------------------------------------------- */

static void carry_out(const struct impair_rule *rule, struct letter *letter)
{
	switch (rule->deed) {
	case RULE_REPAIR:
	case RULE_EDIT:
		if (!letter->whole)
			return;
		if (rule->deed == RULE_REPAIR)
			letter_repair(letter);
		if (rule->change != NULL)
			rule->change(letter, rule->detail);
		letter_seal(letter);
		return;
	case RULE_FORGET:
		if (letter->sa != NULL)
			impair_kill(letter->impair, letter->now, letter->sa);
		letter->gone = true;
		return;
	case RULE_DROP:
		letter->gone = true;
		return;
	case RULE_DIE:
		letter->impair->wants_exit = true;
		letter->gone = true;
		return;
	case RULE_DO:
		rule->change(letter, rule->detail);
		return;
	}
}

static void put_through(struct letter *letter)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct impair_rule *rule = tables[i]; rule->matches != NULL; rule++)
			if (letter->impair->on[rule->impairment] && rule->way == letter->way &&
			    !letter->gone && rule->matches(letter, rule->detail))
				carry_out(rule, letter);
}

/* ---- what is remembered -------------------------------------------------------------------------------------------- */

/* What came from the network, before the rules changed it; they compare it with what was before, so it is noted after them. */
struct arrival {
	bool valid, question, answer, first;
	uint8_t exchange;
	uint32_t id, number;
	uint8_t last_block[CIPHER_MAX_BLOCK];
	uint8_t spi[IMPAIR_SPI_MAX];
	size_t spi_length;
};

static void look(const struct letter *letter, struct arrival *arrival)
{
	const struct letter_notify *notify = &letter->notify;

	*arrival = (struct arrival){
	    .valid = letter_is_valid(letter, 0),
	    .question = letter_is_question(letter, 0),
	    .answer = letter_is_ack(letter, 0),
	    .first = letter_is_first(letter, 0),
	    .exchange = letter->header.exchange,
	    .id = letter->header.message_id,
	    .number = notify->number,
	};
	if (!arrival->question)
		return;
	memcpy(arrival->last_block, letter->opened.next_iv, sizeof(arrival->last_block));
	arrival->spi_length = notify->spi.length;
	if (notify->spi.length > 0)
		memcpy(arrival->spi, notify->spi.data, notify->spi.length);
}

/* The first message of a Quick Mode and the third come from its initiator; between them it is under way. */
static void note_quick_mode(struct impair_sa *sa, uint32_t id)
{
	if (sa->busy_id == id)
		sa->busy_id = 0;
	else
		sa->busy_id = id;
}

static void note_arrival(struct impair *impair, struct impair_sa *sa, const struct arrival *arrival)
{
	impair->first_messages += arrival->first;
	if (sa == NULL)
		return;
	if (arrival->exchange == IKE_EXCHANGE_QUICK_MODE)
		note_quick_mode(sa, arrival->id);
	if (arrival->valid)
		impair_note_id(&sa->came, arrival->id);
	if (arrival->answer)
		sa->unanswered = 0;
	if (!arrival->question)
		return;
	sa->asked = true;
	sa->number = arrival->number;
	sa->question_id = arrival->id;
	memcpy(sa->question_iv, arrival->last_block, sizeof(sa->question_iv));
	memcpy(sa->spi, arrival->spi, arrival->spi_length);
	sa->spi_length = arrival->spi_length;
}

/* As the core sent it, before any rule. */
static void note_departure(struct letter *letter)
{
	struct impair_sa *sa = letter->sa;

	if (sa == NULL)
		return;
	sa->remote = letter->parcel->remote;
	sa->local = letter->parcel->local;
	if (letter_is_valid(letter, 0))
		impair_note_id(&sa->went, letter->header.message_id);
	if (letter_is_ack(letter, 0) && sa->answers++ == 0) {
		sa->first_answer = letter->notify.number;
		sa->answer_id = letter->header.message_id;
	}
	letter->impair->gave_up |= letter_is_delete(letter, 0);
	if (letter_is_question(letter, 0)) {
		sa->questions++;
		sa->unanswered++;
		sa->core_number = letter->notify.number;
	}
}

/* ---- the public functions ------------------------------------------------------------------------------------------ */

struct impair *impair_new(struct ike_core *core, const bool on[IMPAIRMENTS],
			  const struct random_source *random)
{
	struct impair *impair = calloc(1, sizeof(*impair));

	if (impair == NULL)
		return NULL;
	impair->core = core;
	impair->random = *random;
	memcpy(impair->on, on, sizeof(impair->on));
	impair->crypto = crypto_new();
	if (impair->crypto == NULL) {
		free(impair);
		return NULL;
	}
	return impair;
}

void impair_free(struct impair *impair)
{
	if (impair == NULL)
		return;
	crypto_free(impair->crypto);
	secret_wipe(impair, sizeof(*impair));
	free(impair);
}

static void greet(struct impair *impair, ike_time now, struct impair_sa *sa)
{
	if (sa == NULL || sa->greeted)
		return;
	sa->greeted = true;
	impair_greet(impair, now, sa);
}

/* Anybody can send what bears an SA's cookies: its first address is kept. */
static void meet(struct impair *impair, ike_time now, struct impair_sa *sa,
		 const struct ike_address *remote, const struct ike_address *local)
{
	if (sa->remote.family == IKE_FAMILY_NONE)
		sa->remote = *remote;
	if (ike_address_equal(&sa->remote, remote))
		sa->local = *local;
	greet(impair, now, sa);
}

/* Copies the datagram into a parcel of its own, and reads it.  NULL: there is no room, or it is longer than any may be. */
static struct letter *take(struct impair *impair, enum rule_way way, ike_time now,
			   const struct ike_datagram *datagram)
{
	struct letter *letter = &impair->letter;
	struct parcel *parcel;

	if (datagram->length > IKE_DATAGRAM_MAX)
		return NULL;
	parcel = new_parcel(impair, way, now, &datagram->remote, &datagram->local);
	if (parcel == NULL)
		return NULL;
	memcpy(parcel->data, datagram->data, datagram->length);
	parcel->length = datagram->length;
	if (way == RULE_OUT && datagram->plain != NULL && datagram->plain_length > 0 &&
	    datagram->plain_length <= sizeof(parcel->plain)) {
		memcpy(parcel->plain, datagram->plain, datagram->plain_length);
		parcel->plain_length = datagram->plain_length;
	}
	letter->impair = impair;
	letter->way = way;
	letter->now = now;
	letter->parcel = parcel;
	letter->gone = false;
	letter_read(letter);
	return letter;
}

static void note_twin(const struct letter *letter)
{
	struct impair *impair = letter->impair;

	if (!letter->opened.encrypted || letter->opened.plain_length > sizeof(impair->twin))
		return;
	impair->twin_length = letter->opened.plain_length;
	memcpy(impair->twin, letter->opened.plain, impair->twin_length);
}

struct octets impair_twin_in(const struct impair *impair)
{
	return octets_of(impair->twin, impair->twin_length);
}

void impair_in(struct impair *impair, ike_time now, const struct ike_datagram *datagram)
{
	struct letter *letter = take(impair, RULE_IN, now, datagram);
	struct arrival arrival;
	struct impair_sa *sa;

	impair->twin_length = 0;
	if (letter == NULL)
		return;
	note_twin(letter);
	sa = letter->sa;
	if (sa != NULL)
		meet(impair, now, sa, &datagram->remote, &datagram->local);
	look(letter, &arrival);
	put_through(letter);
	note_arrival(impair, sa, &arrival);
	if (letter->gone)
		letter->parcel->used = false;
}

void impair_out(struct impair *impair, ike_time now, const struct ike_datagram *datagram)
{
	struct letter *letter = take(impair, RULE_OUT, now, datagram);
	struct impair_sa *sa;

	if (letter == NULL)
		return;
	sa = letter->sa;
	note_departure(letter);
	put_through(letter);
	if (letter->gone)
		letter->parcel->used = false;
	greet(impair, now, sa);
}

/* What the core was given may have made an SA, whose keys are to be known before it is gone again. */
static void learn_of_given(struct impair *impair, ike_time now)
{
	struct impair_sa *sa;

	if (!impair->given)
		return;
	impair->given = false;
	sa = impair_sa_of(impair, impair->last_cky_i, impair->last_cky_r);
	if (sa != NULL)
		meet(impair, now, sa, &impair->last_remote, &impair->last_local);
}

bool impair_next_in(struct impair *impair, ike_time now, struct ike_datagram *datagram)
{
	struct ike_header header;

	learn_of_given(impair, now);
	if (!next(impair->in, now, datagram))
		return false;
	if (ike_header_parse(octets_of(datagram->data, datagram->length), &header) ==
	    IKE_ACCEPTED) {
		impair->given = true;
		memcpy(impair->last_cky_i, header.cky_i, IKE_COOKIE_LENGTH);
		memcpy(impair->last_cky_r, header.cky_r, IKE_COOKIE_LENGTH);
		impair->last_remote = datagram->remote;
		impair->last_local = datagram->local;
	}
	return true;
}

bool impair_next_out(struct impair *impair, ike_time now, struct ike_datagram *datagram)
{
	return next(impair->out, now, datagram);
}

ike_time impair_deadline(const struct impair *impair)
{
	ike_time first = IKE_NEVER;

	for (size_t i = 0; i < IMPAIR_QUEUE; i++) {
		if (impair->in[i].used && impair->in[i].due < first)
			first = impair->in[i].due;
		if (impair->out[i].used && impair->out[i].due < first)
			first = impair->out[i].due;
	}
	return first;
}

bool impair_wants_exit(const struct impair *impair)
{
	return impair->wants_exit;
}
