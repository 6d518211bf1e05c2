/* SPDX-License-Identifier: ISC */
/*
 * impair_queue.c - what waits to be pulled, each way, in the order in which it is due; and the datagrams of the layer's own.
 */
#include <string.h>

#include "interop/impair/impair_layer.h"

/* ---- both queues -------------------------------------------------------------------------------------------------------- */

static struct parcel *queue_of(struct impair *impair, enum rule_way way)
{
	return way == RULE_IN ? impair->in : impair->out;
}

struct parcel *impair_new_parcel(struct impair *impair, enum rule_way way, ike_time due,
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

bool impair_next(struct impair *impair, enum rule_way way, ike_time now,
		 struct ike_datagram *datagram)
{
	struct parcel *parcel = first_of(queue_of(impair, way));

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
	struct parcel *parcel = impair_new_parcel(impair, way, due, remote, local);

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
	struct parcel *parcel = impair_new_parcel(letter->impair, letter->way, due,
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

void impair_do_again(struct letter *letter, int detail)
{
	(void)detail;
	impair_repeat(letter, letter->now);
}

void impair_do_answer(struct letter *letter, int detail)
{
	(void)detail;
	impair_send_keepalive(letter->impair, letter->now, letter->sa, IKE_NOTIFY_R_U_THERE_ACK,
			      letter->notify.number);
}
