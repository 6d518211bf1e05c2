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
    impair_resend_rules, impair_phase_1_rules, impair_death_rules,  impair_state_rules,
    impair_form_rules,   impair_accept_rules,  impair_refuse_rules, impair_number_rules,
    impair_probe_rules,  impair_ack_rules,
};

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
	impair->asked = true;
	impair->number = arrival->number;
	sa->asked = true;
	sa->number = arrival->number;
	sa->question_id = arrival->id;
	memcpy(sa->question_iv, arrival->last_block, sizeof(sa->question_iv));
	sa->name[sa->names % IMPAIR_NAMES].number = arrival->number;
	sa->name[sa->names % IMPAIR_NAMES].length = arrival->spi_length;
	memcpy(sa->name[sa->names++ % IMPAIR_NAMES].spi, arrival->spi, arrival->spi_length);
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
	parcel = impair_new_parcel(impair, way, now, &datagram->remote, &datagram->local);
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
	letter->gone = letter->again = false;
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
	letter->again =
	    ike_exchange_is_phase_1(letter->header.exchange) &&
	    impair_sums_note(&impair->phase_1_in, octets_of(datagram->data, datagram->length));
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
	letter->again =
	    ike_exchange_is_phase_1(letter->header.exchange) &&
	    impair_sums_note(&impair->phase_1_out, octets_of(datagram->data, datagram->length));
	if (datagram->length >= IKE_HEADER_LENGTH)
		impair_note_offer(letter);
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
	if (!impair_next(impair, RULE_IN, now, datagram))
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
	return impair_next(impair, RULE_OUT, now, datagram);
}

bool impair_wants_exit(const struct impair *impair)
{
	return impair->wants_exit;
}
