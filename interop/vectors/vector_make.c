/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_make.h"

#include <string.h>

/* Answers are looked for so long after the defect has arrived. */
#define ANSWER_TIME (100 * IKE_MILLISECOND)

/* INITIAL-CONTACT is said once more in an Informational, for those who do not look for it in Main Mode. */
static bool is_as_good(enum ike_verdict verdict)
{
	return verdict == IKE_ACCEPTED || verdict == IKE_INITIAL_CONTACT_REPEATED;
}

/* To whoever has keys such an answer is a hint at most. */
static bool answers_in_the_clear(const struct vector_world *world, size_t index)
{
	const struct vector_datagram *datagram = &world->datagram[index];

	return world->set->defect.what != NULL && index > world->defect &&
	       datagram->from != world->datagram[world->defect].from &&
	       (datagram->verdict == IKE_HINT_ONLY || datagram->verdict == IKE_UNPROTECTED);
}

static bool check_course(const struct vector_world *world, struct fault *fault)
{
	const struct vector_set *set = world->set;

	if (world->overrun)
		return fault_say(fault, "%s: more than %d datagrams", set->name, VECTOR_DATAGRAMS);
	for (size_t i = 0; i < world->datagrams; i++) {
		const struct vector_datagram *datagram = &world->datagram[i];
		enum ike_verdict expected = i == world->defect ? set->defect.verdict : IKE_ACCEPTED;
		bool good = i == world->defect ? datagram->verdict == expected
					       : is_as_good(datagram->verdict);

		if (i == world->defect && !datagram->delivered)
			return fault_say(fault, "%s: the defect has not arrived", set->name);
		if (answers_in_the_clear(world, i))
			continue;
		if (!good)
			return fault_say(fault, "%s: datagram %zu: %s in place of %s", set->name,
					 i + 1, ike_verdict_name(datagram->verdict),
					 ike_verdict_name(expected));
	}
	if (set->defect.what != NULL)
		return world->defect < world->datagrams ||
		       fault_say(fault, "%s: nothing has the defect", set->name);
	for (enum vector_party party = VECTOR_A; party < VECTOR_PARTIES; party++)
		if (world->end[party].established == 0 || world->end[party].failed > 0)
			return fault_say(fault, "%s: Phase 1 has failed", set->name);
	return true;
}

static bool begins_with_zeros(struct octets value, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (i >= value.length || value.data[i] != 0)
			return false;
	return true;
}

bool vector_has_zeros(const struct vector_trace *trace)
{
	const struct vector_set *set = trace->world->set;
	const struct vector_dh *dh =
	    set->zeros == VECTOR_QUICK_G_XY ? &trace->quick[0].dh : &trace->sa[0].dh;
	struct octets value = dh->g_xy;

	if (set->zeros == VECTOR_PUBLIC_I)
		value = dh->public_i;
	else if (set->zeros == VECTOR_PUBLIC_R)
		value = dh->public_r;
	return set->zeros == VECTOR_ZEROS_NONE || begins_with_zeros(value, set->zero_octets);
}

/* What the receiver of the defect said next, and soon. */
static size_t find_answer(const struct vector_trace *trace)
{
	const struct vector_world *world = trace->world;
	const struct vector_datagram *defect = &world->datagram[world->defect];

	for (size_t i = world->defect + 1; i < world->datagrams; i++) {
		const struct vector_datagram *datagram = &world->datagram[i];

		if (datagram->at > defect->at + VECTOR_DELAY + ANSWER_TIME)
			break;
		if (datagram->from != defect->from && trace->message_of[i] != VECTOR_MESSAGES)
			return trace->message_of[i];
	}
	return VECTOR_MESSAGES;
}

/* All of it can be read and holds, but for what is wrong on purpose; a NAT-D that does not is a NAT. */
static bool check_messages(const struct vector_trace *trace, struct fault *fault)
{
	for (size_t i = 0; i < trace->messages; i++) {
		const struct vector_message *message = &trace->message[i];
		const struct vector_hash *hash = &message->hash[0];

		if (vector_trace_is_defect(trace, message))
			continue;
		if (!message->readable)
			return fault_say(fault, "%s: message %u cannot be read",
					 trace->world->set->name, message->number);
		if (message->hashes > 0 && hash->key.name != NULL && !hash->holds)
			return fault_say(fault, "%s: %s of message %u does not hold",
					 trace->world->set->name, hash->kind, message->number);
	}
	return true;
}

static bool check_answer(struct vector_made *made, struct fault *fault)
{
	const struct vector_set *set = made->world->set;
	const struct vector_message *answer;
	uint16_t type = 0;

	made->answer = VECTOR_MESSAGES;
	if (set->defect.what == NULL)
		return true;
	made->answer = find_answer(made->trace);
	if (made->answer != VECTOR_MESSAGES) {
		answer = &made->trace->message[made->answer];
		type = vector_message_notify(answer);
	}
	if (type != set->defect.notify)
		return fault_say(fault, "%s: answered with %u in place of %u", set->name, type,
				 set->defect.notify);
	return true;
}

uint16_t vector_message_notify(const struct vector_message *message)
{
	const struct ike_payload *payload =
	    message->readable ? ike_payload_find(&message->message, IKE_PAYLOAD_NOTIFY) : NULL;
	struct ike_notify notify;

	if (payload == NULL || ike_notify_parse(payload->body, &notify) != IKE_ACCEPTED)
		return 0;
	return notify.type;
}

bool vector_make(const struct vector_set *set, enum vector_mistake mistake,
		 struct vector_made *made, struct fault *fault)
{
	memset(made, 0, sizeof(*made));
	made->world = vector_world_new(set, fault);
	if (made->world == NULL)
		return false;
	made->formulas.crypto = made->world->crypto;
	made->formulas.mistake = mistake;
	set->play(made->world);
	if (!check_course(made->world, fault))
		return false;
	made->trace = vector_trace_new(made->world, &made->formulas, fault);
	if (made->trace == NULL)
		return false;
	if (!vector_has_zeros(made->trace))
		return fault_say(fault,
				 "%s: no zeros where they are promised: another variant is needed",
				 set->name);
	return check_messages(made->trace, fault) && check_answer(made, fault);
}

void vector_made_free(struct vector_made *made)
{
	vector_trace_free(made->trace);
	vector_world_free(made->world);
	memset(made, 0, sizeof(*made));
}
