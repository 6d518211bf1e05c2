/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_hash.h"

#include <assert.h>
#include <string.h>

#include "crypto/secret.h"

/* What the hashes of one message are computed from. */
struct source {
	const struct vector_formulas *formulas;
	const struct vector_message *message;
	const struct vector_keys *keys;
};

static void add(struct vector_hash *hash, const char *name, struct octets octets)
{
	assert(hash->inputs < VECTOR_INPUTS);
	hash->input[hash->inputs++] = (struct vector_input){name, octets};
}

static void compute(const struct source *source, struct vector_hash *hash)
{
	struct octets parts[VECTOR_INPUTS];

	for (size_t i = 0; i < hash->inputs; i++)
		parts[i] = hash->input[i].octets;
	if (hash->key.name == NULL)
		hash_octets(source->formulas->crypto, hash->algorithm, parts, hash->inputs,
			    hash->value);
	else
		prf_octets(source->formulas->crypto, hash->algorithm, hash->key.octets, parts,
			   hash->inputs, hash->value);
}

static struct vector_hash *begin(const struct source *source, struct vector_hash *hash,
				 const char *kind)
{
	hash->kind = kind;
	hash->algorithm = source->keys->skeyid.hash;
	hash->inputs = 0;
	hash->key = (struct vector_input){NULL, octets_of(NULL, 0)};
	return hash;
}

static void key_by(const struct source *source, struct vector_hash *hash, const char *name,
		   const uint8_t *octets)
{
	hash->key =
	    (struct vector_input){name, octets_of(octets, hash_length(source->keys->skeyid.hash))};
}

/* ---- Phase 1 (RFC 2409 section 5) ---------------------------------------------------------------------------------- */

static void hash_of_phase_1(const struct source *source, struct vector_hash *hash, bool initiator)
{
	const struct vector_sa *sa = source->message->sa;
	bool initiator_first = vector_initiator_first(source->formulas, initiator);
	struct octets cky_i = octets_of(sa->cky_i, IKE_COOKIE_LENGTH),
		      cky_r = octets_of(sa->cky_r, IKE_COOKIE_LENGTH);

	begin(source, hash, initiator ? "HASH_I" : "HASH_R");
	key_by(source, hash, "SKEYID", source->keys->skeyid.skeyid);
	if (initiator_first) {
		add(hash, "g^xi", sa->dh.public_i);
		add(hash, "g^xr", sa->dh.public_r);
		add(hash, "CKY-I", cky_i);
		add(hash, "CKY-R", cky_r);
	} else {
		add(hash, "g^xr", sa->dh.public_r);
		add(hash, "g^xi", sa->dh.public_i);
		add(hash, "CKY-R", cky_r);
		add(hash, "CKY-I", cky_i);
	}
	add(hash, "SAi_b", sa->sai_b);
	if (initiator)
		add(hash, "IDii_b", sa->idii_b);
	else
		add(hash, "IDir_b", sa->idir_b);
	compute(source, hash);
}

/* ---- after Phase 1 (RFC 2409 section 5.5, 5.7) --------------------------------------------------------------------- */

static struct octets message_id(const struct source *source, struct vector_hash *hash)
{
	struct wire_writer writer;

	wire_write_to(&writer, hash->memory, 4);
	wire_write_u32(&writer, source->message->message.header.message_id);
	return wire_written(&writer);
}

/* All that follows HASH; without one everything there is. */
static struct octets covered(const struct source *source, size_t hash_at)
{
	const struct vector_message *message = source->message;
	const uint8_t *from = message->plain + IKE_HEADER_LENGTH;
	const uint8_t *end = message->plain + message->length;

	if (!vector_hashes_padding(source->formulas))
		end -= message->padding;
	if (hash_at != SIZE_MAX) {
		const struct ike_payload *payload = &message->message.payload[hash_at];

		from = payload->whole.data + payload->whole.length;
	}
	return octets_of(from, (size_t)(end - from));
}

static void hash_of_later(const struct source *source, struct vector_hash *hash)
{
	static const uint8_t zero = 0;
	const struct vector_quick *quick = source->message->quick;
	const char *name = source->message->name;
	int number = quick == NULL || name == NULL ? 1 : name[2] - '0'; /* of QM1 to QM3 */

	begin(source, hash, number == 1 ? "HASH(1)" : number == 2 ? "HASH(2)" : "HASH(3)");
	key_by(source, hash, "SKEYID_a", source->keys->skeyid.a);
	if (number == 3)
		add(hash, "0", octets_of(&zero, 1));
	add(hash, "M-ID", message_id(source, hash));
	if (number > 1)
		add(hash, "Ni_b", quick->ni_b);
	if (number == 3)
		add(hash, "Nr_b", quick->nr_b);
	else
		add(hash, "payloads", covered(source, hash->payload));
	compute(source, hash);
}

/* ---- NAT-D (RFC 3947 section 3.2) ---------------------------------------------------------------------------------- */

static void hash_of_address(const struct source *source, struct vector_hash *hash, bool destination,
			    const struct ike_address *address)
{
	const struct vector_sa *sa = source->message->sa;
	size_t length = address->family == IKE_FAMILY_IPV6 ? 16 : 4;
	struct wire_writer writer;

	begin(source, hash, destination ? "NAT-D destination" : "NAT-D source");
	wire_write_to(&writer, hash->memory, sizeof(hash->memory));
	wire_write_octets(&writer, octets_of(address->octets, length));
	wire_write_u16(&writer, address->port);
	add(hash, "CKY-I", octets_of(sa->cky_i, IKE_COOKIE_LENGTH));
	add(hash, "CKY-R", octets_of(sa->cky_r, IKE_COOKIE_LENGTH));
	add(hash, "IP", octets_of(hash->memory, length));
	add(hash, "port", octets_of(hash->memory + length, 2));
	compute(source, hash);
}

static void hash_addresses(const struct vector_trace *trace, struct vector_message *message)
{
	const struct vector_datagram *datagram = &trace->world->datagram[message->part[0]];
	const struct ike_payload *payload = ike_payload_find(&message->message, IKE_PAYLOAD_NAT_D);
	const struct source source = {trace->formulas, message, &message->sa->right};

	for (bool destination = true; payload != NULL && message->hashes < VECTOR_HASHES;
	     destination = false) {
		struct vector_hash *hash = &message->hash[message->hashes++];

		hash_of_address(&source, hash, destination,
				destination ? &datagram->destination : &datagram->source);
		hash->payload = (size_t)(payload - message->message.payload);
		hash->holds = secret_equal(payload->body,
					   octets_of(hash->value, hash_length(hash->algorithm)));
		payload = ike_payload_next(&message->message, payload);
	}
}

/* ---- a message ----------------------------------------------------------------------------------------------------- */

static size_t index_of(const struct vector_message *message, enum ike_payload_type type)
{
	const struct ike_payload *payload = ike_payload_find(&message->message, type);

	return payload == NULL ? SIZE_MAX : (size_t)(payload - message->message.payload);
}

static bool is_what_was_sent(const struct vector_world *world, const struct vector_message *message,
			     const struct vector_hash *hash)
{
	struct octets value = octets_of(hash->value, hash_length(hash->algorithm));
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	size_t length;

	if (!message->is_signed)
		return hash->payload != SIZE_MAX &&
		       secret_equal(message->message.payload[hash->payload].body, value);
	length = credentials_sign(world->end[message->from].credentials, value, signature);
	return secret_equal(message->message.payload[message->signature_at].body,
			    octets_of(signature, length));
}

/* The SA has what its owner made of it, whatever became of that on its way. */
static void keep_hash(const struct vector_world *world, struct vector_message *message,
		      const struct vector_hash *hash)
{
	struct vector_sa *sa = message->sa;
	bool initiator = message->from == sa->initiator;

	memcpy(initiator ? sa->told.hash_i : sa->told.hash_r, hash->value, HASH_MAX_LENGTH);
	*(initiator ? &sa->has_hash_i : &sa->has_hash_r) = true;
	if (message->is_signed)
		*(initiator ? &sa->sig_i_length : &sa->sig_r_length) =
		    credentials_sign(world->end[message->from].credentials,
				     octets_of(hash->value, hash_length(hash->algorithm)),
				     initiator ? sa->sig_i : sa->sig_r);
}

static void hash_message(struct vector_trace *trace, struct vector_message *message)
{
	const struct vector_formulas right = {.crypto = trace->world->crypto};
	bool phase_1 = ike_exchange_is_phase_1(message->message.header.exchange);
	struct vector_hash *hash = &message->hash[0];
	struct source source = {&right, message, &message->sa->right};

	hash->payload = index_of(message, IKE_PAYLOAD_HASH);
	message->signature_at = index_of(message, IKE_PAYLOAD_SIG);
	message->is_signed = message->signature_at != SIZE_MAX;
	if (phase_1 && (hash->payload != SIZE_MAX || message->is_signed)) {
		bool initiator = message->from == message->sa->initiator;

		hash_of_phase_1(&source, hash, initiator);
		hash->holds = is_what_was_sent(trace->world, message, hash);
		source = (struct source){trace->formulas, message, &message->sa->told};
		hash_of_phase_1(&source, hash, initiator);
		keep_hash(trace->world, message, hash);
		message->hashes = 1;
	} else if (!phase_1 && message->encrypted) {
		hash_of_later(&source, hash);
		hash->holds = is_what_was_sent(trace->world, message, hash);
		source = (struct source){trace->formulas, message, &message->sa->told};
		hash_of_later(&source, hash);
		message->hashes = 1;
	}
}

void vector_hash_message(struct vector_trace *trace, struct vector_message *message)
{
	if (message->sa == NULL || !message->readable)
		return;
	if (message->sa->keyed)
		hash_message(trace, message);
	if (message->sa->lifetime > 0) /* a proposal is chosen, and so the hash */
		hash_addresses(trace, message);
}
