/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_trace.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/fragment.h"
#include "ike/proposal.h"
#include "ike/protect.h"
#include "interop/vectors/vector_hash.h"
#include "interop/vectors/vector_quick.h"
#include "interop/vectors/vector_seal.h"
#include "interop/vectors/vector_secret.h"

static const struct vector_formulas *right_of(const struct vector_trace *trace,
					      struct vector_formulas *formulas)
{
	*formulas = (struct vector_formulas){.crypto = trace->world->crypto};
	return formulas;
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

static struct vector_sa *find_sa(struct vector_trace *trace, const struct ike_header *header)
{
	for (size_t i = trace->sas; i-- > 0;) {
		struct vector_sa *sa = &trace->sa[i];

		if (memcmp(sa->cky_i, header->cky_i, IKE_COOKIE_LENGTH) != 0)
			continue;
		if (ike_cookie_is_zero(sa->cky_r) || ike_cookie_is_zero(header->cky_r) ||
		    memcmp(sa->cky_r, header->cky_r, IKE_COOKIE_LENGTH) == 0)
			return sa;
	}
	return NULL;
}

static struct vector_sa *new_sa(struct vector_trace *trace, const struct vector_message *message)
{
	const struct ike_header *header = &message->message.header;
	struct vector_sa *sa = &trace->sa[trace->sas];

	if (trace->sas == VECTOR_SAS || !message->readable ||
	    !ike_exchange_is_phase_1(header->exchange) || !ike_cookie_is_zero(header->cky_r))
		return NULL;
	sa->number = (unsigned)++trace->sas;
	sa->initiator = message->from;
	sa->exchange = header->exchange;
	memcpy(sa->cky_i, header->cky_i, IKE_COOKIE_LENGTH);
	return sa;
}

static void note(struct octets *field, const struct vector_message *message,
		 enum ike_payload_type type)
{
	const struct ike_payload *payload = ike_payload_find(&message->message, type);

	if (payload != NULL && field->length == 0)
		*field = payload->body;
}

static bool note_choice(struct vector_sa *sa, const struct vector_message *message)
{
	const struct ike_payload *answer = ike_payload_find(&message->message, IKE_PAYLOAD_SA);
	struct ike_offer chosen;

	if (answer == NULL || ike_choice_check(sa->sai_b, answer->body, &chosen) != IKE_ACCEPTED)
		return answer == NULL;
	sa->proposal = chosen.proposal;
	sa->authentication = chosen.authentication;
	sa->lifetime = chosen.lifetime;
	sa->dh.number = chosen.proposal.group;
	return ike_proposal_cipher(&sa->proposal, &sa->right.skeyid.cipher) &&
	       ike_proposal_hash(&sa->proposal, &sa->right.skeyid.hash) &&
	       ike_proposal_group(&sa->proposal, &sa->dh.group);
}

/* What a message of Phase 1 says goes into its SA; with the defect only what is in it that nobody has changed. */
static void note_phase_1(const struct vector_trace *trace, struct vector_sa *sa,
			 const struct vector_message *message)
{
	bool initiator = message->from == sa->initiator;
	const struct ike_header *header = &message->message.header;

	if (!message->readable || !ike_exchange_is_phase_1(header->exchange) ||
	    (vector_trace_is_defect(trace, message) && !message->encrypted))
		return;
	if (initiator) {
		note(&sa->sai_b, message, IKE_PAYLOAD_SA);
	} else {
		memcpy(sa->cky_r, header->cky_r, IKE_COOKIE_LENGTH);
		if (sa->lifetime == 0 && !note_choice(sa, message))
			sa->lifetime = 0;
	}
	note(initiator ? &sa->dh.public_i : &sa->dh.public_r, message, IKE_PAYLOAD_KE);
	note(initiator ? &sa->ni_b : &sa->nr_b, message, IKE_PAYLOAD_NONCE);
	note(initiator ? &sa->idii_b : &sa->idir_b, message, IKE_PAYLOAD_ID);
}

static bool private_value(struct vector_world *world, enum vector_party party, enum dh_group group,
			  struct octets own, struct octets other, uint8_t *out,
			  struct octets *value, uint8_t *g_xy)
{
	struct dh_key *key = vector_secret_find(world, party, group, own);
	bool good = key != NULL;

	if (good) {
		*value = octets_of(out, dh_private(key).length);
		memcpy(out, dh_private(key).data, value->length);
		good = dh_secret(world->crypto, key, other, g_xy);
	}
	dh_free(key);
	return good;
}

bool vector_trace_agree(struct vector_world *world, enum vector_party initiator,
			struct vector_dh *dh, struct fault *fault)
{
	uint8_t other[DH_MAX_LENGTH];
	size_t length = dh_secret_length(dh->group);

	if (!private_value(world, initiator, dh->group, dh->public_i, dh->public_r,
			   dh->private_i_octets, &dh->private_i, dh->g_xy_octets) ||
	    !private_value(world, vector_other(initiator), dh->group, dh->public_r, dh->public_i,
			   dh->private_r_octets, &dh->private_r, other) ||
	    memcmp(other, dh->g_xy_octets, length) != 0)
		return fault_say(fault, "a private value does not follow from the seeds");
	dh->g_xy = octets_of(dh->g_xy_octets, length);
	return true;
}

static bool has_all_for_keys(const struct vector_world *world, const struct vector_sa *sa)
{
	return !sa->keyed && sa->lifetime > 0 && sa->dh.public_i.length > 0 &&
	       sa->dh.public_r.length > 0 && sa->ni_b.length > 0 && sa->nr_b.length > 0 &&
	       dh_public_valid(world->crypto, sa->dh.group, sa->dh.public_i) &&
	       dh_public_valid(world->crypto, sa->dh.group, sa->dh.public_r);
}

static bool make_keys(struct vector_trace *trace, struct vector_sa *sa, struct fault *fault)
{
	const struct secret *secret = trace->world->end[VECTOR_A].secret;
	struct octets psk = secret != NULL ? secret_bytes(secret) : octets_of(NULL, 0);
	struct vector_formulas right;

	if (!has_all_for_keys(trace->world, sa))
		return true;
	if (!vector_trace_agree(trace->world, sa->initiator, &sa->dh, fault))
		return false;
	sa->keyed = true;
	protect_iv_phase1(trace->world->crypto, sa->right.skeyid.hash, sa->right.skeyid.cipher,
			  sa->dh.public_i, sa->dh.public_r, sa->right.initial_iv);
	sa->told = sa->right;
	vector_skeyid(right_of(trace, &right), &sa->right, psk, sa->ni_b, sa->nr_b, sa->dh.g_xy,
		      sa->cky_i, sa->cky_r);
	vector_skeyid(trace->formulas, &sa->told, psk, sa->ni_b, sa->nr_b, sa->dh.g_xy, sa->cky_i,
		      sa->cky_r);
	return true;
}

/* ---- decryption ---------------------------------------------------------------------------------------------------- */

void vector_walk_begin(struct vector_walk *walk, const struct vector_message *message)
{
	wire_read_from(&walk->reader, octets_of(message->plain + IKE_HEADER_LENGTH,
						message->length - IKE_HEADER_LENGTH));
	walk->next = message->message.header.next_payload;
}

bool vector_walk_next(struct vector_walk *walk, struct ike_payload *payload)
{
	uint8_t next;

	if (walk->next == IKE_PAYLOAD_NONE ||
	    ike_payload_read(&walk->reader, walk->next, payload, &next) != IKE_ACCEPTED)
		return false;
	walk->next = next;
	return true;
}

/* Padding or payloads may be more than an engine takes, and yet hide nothing. */
static bool has_too_much(struct vector_message *message, enum ike_verdict verdict)
{
	struct vector_walk walk;
	struct ike_payload payload;
	size_t count = 0;

	if (verdict != IKE_TRAILING_OCTETS && verdict != IKE_TOO_MANY_PAYLOADS)
		return false;
	vector_walk_begin(&walk, message);
	while (vector_walk_next(&walk, &payload))
		count++;
	message->message.payloads = count < IKE_PAYLOADS_MAX ? count : IKE_PAYLOADS_MAX;
	return walk.next == IKE_PAYLOAD_NONE;
}

static bool try_iv(const struct vector_trace *trace, struct vector_message *message,
		   const uint8_t *iv)
{
	const struct skeyid *skeyid = &message->sa->right.skeyid;
	enum ike_verdict verdict;

	memcpy(message->right_iv, iv, message->block);
	if (protect_decrypt(trace->world->crypto, skeyid->cipher, skeyid->key, iv,
			    octets_of(message->wire, message->length), message->plain,
			    message->right_last_block) != IKE_ACCEPTED)
		return false;
	message->decrypted = true;
	verdict = ike_payloads_parse(
	    octets_of(message->plain + IKE_HEADER_LENGTH, message->length - IKE_HEADER_LENGTH),
	    true, message->block, &message->message);
	message->readable = verdict == IKE_ACCEPTED || has_too_much(message, verdict);
	return message->readable;
}

const struct vector_message *vector_trace_previous(const struct vector_trace *trace,
						   const struct vector_message *message)
{
	const struct ike_header *header = &message->message.header;

	if (header->exchange == IKE_EXCHANGE_INFORMATIONAL)
		return NULL; /* a message each (RFC 2409 section 5.7) */
	for (const struct vector_message *at = message; at-- > trace->message;)
		if (at->sa == message->sa && at->decrypted &&
		    at->message.header.message_id == header->message_id &&
		    at->message.header.exchange == header->exchange)
			return at;
	return NULL;
}

static void decrypt(struct vector_trace *trace, struct vector_message *message)
{
	static const uint8_t zeros[CIPHER_MAX_BLOCK];
	struct vector_sa *sa = message->sa;
	const struct vector_message *previous = vector_trace_previous(trace, message);
	const struct ike_header *header = &message->message.header;
	struct vector_formulas right;
	uint8_t iv[CIPHER_MAX_BLOCK];

	message->block = cipher_block_length(sa->right.skeyid.cipher);
	if (previous != NULL) {
		message->iv_from = VECTOR_IV_PREVIOUS;
		memcpy(iv, previous->right_last_block, sizeof(iv));
	} else if (ike_exchange_is_phase_1(header->exchange)) {
		message->iv_from = VECTOR_IV_INITIAL;
		memcpy(iv, sa->right.initial_iv, sizeof(iv));
	} else {
		message->iv_from = VECTOR_IV_MESSAGE_ID;
		vector_message_iv(right_of(trace, &right), &sa->right, header->message_id, iv);
	}
	if (try_iv(trace, message, iv) || !vector_trace_is_defect(trace, message))
		return;
	message->iv_from = VECTOR_IV_WRONG;
	if (try_iv(trace, message, sa->right.last_block) || try_iv(trace, message, zeros))
		return;
	message->iv_from = VECTOR_IV_MESSAGE_ID;
	(void)try_iv(trace, message, iv);
}

/* The end of Phase 1: its last ciphertext block is where later exchanges begin. */
static void note_end(struct vector_message *message)
{
	struct vector_sa *sa = message->sa;
	uint8_t exchange = message->message.header.exchange;
	bool initiator = message->from == sa->initiator;

	if (sa->done || !message->readable || !message->encrypted || !message->hash[0].holds ||
	    !ike_exchange_is_phase_1(exchange) ||
	    initiator != (exchange == IKE_EXCHANGE_AGGRESSIVE))
		return;
	sa->done = true;
	memcpy(sa->right.last_block, message->right_last_block, message->block);
	memcpy(sa->told.last_block, message->last_block, message->block);
}

/* ---- messages ------------------------------------------------------------------------------------------------------ */

bool vector_trace_is_defect(const struct vector_trace *trace, const struct vector_message *message)
{
	size_t defect = trace->world->defect;

	for (size_t i = 0; i < message->parts; i++)
		if (message->part[i] == defect)
			return true;
	return false;
}

static const char *name_of(const struct vector_trace *trace, const struct vector_message *message)
{
	static const char *const main_mode[] = {"MM1", "MM2", "MM3", "MM4", "MM5", "MM6"};
	const struct ike_header *header = &message->message.header;
	bool initiator = message->sa != NULL && message->from == message->sa->initiator;
	size_t step = 0;

	if (header->exchange == IKE_EXCHANGE_INFORMATIONAL)
		return message->encrypted ? "INFO*" : "INFO";
	if (!message->readable || message->sa == NULL)
		return NULL;
	if (header->exchange == IKE_EXCHANGE_QUICK_MODE)
		return vector_quick_name(trace, message);
	if (header->exchange == IKE_EXCHANGE_AGGRESSIVE) {
		if (!initiator)
			return "AM2";
		return ike_payload_find(&message->message, IKE_PAYLOAD_SA) != NULL ? "AM1" : "AM3";
	}
	if (header->exchange != IKE_EXCHANGE_MAIN_MODE)
		return NULL;
	if (message->encrypted)
		step = 4;
	else if (ike_payload_find(&message->message, IKE_PAYLOAD_SA) == NULL)
		step = 2;
	return main_mode[step + (initiator ? 0 : 1)];
}

static void measure(struct vector_message *message)
{
	struct vector_walk walk;
	struct ike_payload payload;

	vector_walk_begin(&walk, message);
	while (vector_walk_next(&walk, &payload))
		;
	message->padding = walk.reader.left;
}

static bool take(struct vector_trace *trace, struct vector_message *message, struct fault *fault)
{
	struct ike_header *header = &message->message.header;

	/* what is wrong with a header is for the receiver to say */
	(void)!ike_header_parse_whole(octets_of(message->wire, message->length), header);
	message->encrypted = (header->flags & IKE_FLAG_ENCRYPTION) != 0;
	memcpy(message->plain, message->wire, message->length);
	if (!message->encrypted)
		message->readable =
		    message->length > IKE_HEADER_LENGTH &&
		    ike_payloads_parse(octets_of(message->plain + IKE_HEADER_LENGTH,
						 message->length - IKE_HEADER_LENGTH),
				       false, 0, &message->message) == IKE_ACCEPTED;
	message->sa = find_sa(trace, header);
	if (message->sa == NULL)
		message->sa = new_sa(trace, message);
	if (message->sa != NULL && message->encrypted && message->sa->keyed)
		decrypt(trace, message);
	if (message->readable)
		measure(message);
	if (message->sa != NULL && (!message->encrypted || message->decrypted)) {
		note_phase_1(trace, message->sa, message);
		if (!make_keys(trace, message->sa, fault) ||
		    !vector_quick_note(trace, message, fault))
			return false;
	}
	message->name = name_of(trace, message);
	vector_hash_message(trace, message);
	if (!vector_seal(trace, message, fault))
		return false;
	if (message->sa != NULL)
		note_end(message);
	return true;
}

/* ---- datagrams ----------------------------------------------------------------------------------------------------- */

static bool is_repeat(struct vector_trace *trace, size_t index)
{
	const struct vector_datagram *datagram = &trace->world->datagram[index];

	for (size_t i = 0; i < index; i++)
		if (trace->repeats[i] == VECTOR_DATAGRAMS &&
		    trace->original[i].length == datagram->length &&
		    memcmp(trace->original[i].data, datagram->data, datagram->length) == 0) {
			trace->repeats[index] = i;
			trace->message_of[index] = trace->message_of[i];
			return true;
		}
	return false;
}

bool vector_trace_fragment(const struct vector_datagram *datagram, struct fragment *fragment)
{
	return datagram->length > FRAGMENT_OVERHEAD &&
	       datagram->data[IKE_HEADER_NEXT_PAYLOAD_AT] == IKE_PAYLOAD_FRAGMENT &&
	       fragment_parse(octets_of(datagram->data + IKE_HEADER_LENGTH + IKE_GENERIC_LENGTH,
					datagram->length - IKE_HEADER_LENGTH - IKE_GENERIC_LENGTH),
			      fragment) == IKE_ACCEPTED;
}

static bool is_finished(const struct vector_trace *trace)
{
	return trace->messages == 0 || trace->message[trace->messages - 1].whole;
}

/* The message that a datagram begins or goes on with. */
static struct vector_message *put_together(struct vector_trace *trace, size_t index)
{
	const struct vector_datagram *datagram = &trace->world->datagram[index];
	struct octets data = octets_of(datagram->data, datagram->length);
	struct fragment fragment = {.number = 1, .last = true};
	struct vector_message *message;

	if (vector_trace_fragment(datagram, &fragment))
		data = fragment.data;
	if (fragment.number == 1 && !is_finished(trace))
		return NULL;
	if (fragment.number == 1)
		trace->messages++;
	message = &trace->message[trace->messages - 1];
	if (fragment.number == 1) {
		message->number = (unsigned)trace->messages;
		message->from = datagram->from;
	}
	if (fragment.number != message->parts + 1 || message->parts == VECTOR_PARTS ||
	    message->length + data.length > VECTOR_MESSAGE)
		return NULL;
	memcpy(message->wire + message->length, data.data, data.length);
	message->length += data.length;
	message->part[message->parts++] = index;
	message->whole = fragment.last;
	trace->message_of[index] = trace->messages - 1;
	return message;
}

static bool take_datagram(struct vector_trace *trace, size_t index, struct fault *fault)
{
	const struct vector_datagram *datagram = &trace->world->datagram[index];
	struct vector_message *message;

	trace->message_of[index] = VECTOR_MESSAGES;
	trace->repeats[index] = VECTOR_DATAGRAMS;
	if (is_repeat(trace, index))
		return true;
	trace->original[index].length = datagram->length;
	memcpy(trace->original[index].data, datagram->data, datagram->length);
	if (datagram->length == 1)
		return true;
	message = put_together(trace, index);
	if (message == NULL)
		return fault_say(fault, "datagram %zu is a fragment out of order, or too long",
				 index + 1);
	return !message->whole || take(trace, message, fault);
}

/* Of the repeats, which are the octets of the first time, whatever these have become. */
static void repeat_again(struct vector_trace *trace)
{
	struct vector_datagram *datagram = trace->world->datagram;

	for (size_t i = 0; i < trace->world->datagrams; i++)
		if (trace->repeats[i] != VECTOR_DATAGRAMS) {
			const struct vector_datagram *first = &datagram[trace->repeats[i]];

			datagram[i].length = first->length;
			memcpy(datagram[i].data, first->data, first->length);
		}
}

struct vector_trace *vector_trace_new(struct vector_world *world,
				      const struct vector_formulas *formulas, struct fault *fault)
{
	struct vector_trace *trace = calloc(1, sizeof(*trace));

	if (trace == NULL) {
		fault_say(fault, "no memory for a set's messages");
		return NULL;
	}
	trace->world = world;
	trace->formulas = formulas;
	for (size_t i = 0; i < world->datagrams; i++) {
		struct fault why;

		if (take_datagram(trace, i, &why))
			continue;
		fault_say(fault, "%s: datagram %zu: %.400s", world->set->name, i + 1, why.text);
		vector_trace_free(trace);
		return NULL;
	}
	repeat_again(trace);
	if (!is_finished(trace))
		fault_say(fault, "%s: the last message is not whole", world->set->name);
	else if (vector_quick_finish(trace, fault))
		return trace;
	vector_trace_free(trace);
	return NULL;
}

void vector_trace_free(struct vector_trace *trace)
{
	free(trace);
}
