/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/mutator.h"

#include <check.h>
#include <string.h>

#define REFUSALS_A_WORLD 12 /* phase_1.c leaves a handshake alone after sixteen */

struct ike_sa *subject_sa(const struct subject *subject)
{
	return world_sa(&subject->world, WORLD_FRIEND);
}

const struct cast_line *subject_line(const struct subject *subject)
{
	return &cast_record(subject->options.initiator, subject->options.aggressive)
		    ->line[subject->line];
}

static bool is_in_quick_mode(const struct subject *subject)
{
	return subject->arrival == IN_QUICK_MODE || subject->arrival == IN_QUICK_MODE_HASHED;
}

static bool is_hashed(const struct subject *subject)
{
	return subject->arrival == UNDER_SA_HASHED || subject->arrival == IN_QUICK_MODE_HASHED;
}

void subject_open(struct subject *subject)
{
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW, .peer = WORLD_FRIEND};

	if (subject->open)
		return;
	world_open(&subject->world, &subject->options);
	subject->open = true;
	subject->refusals = 0;
	if (subject->options.lines > 0)
		cast_wait(&subject->world, subject_line(subject));
	if (subject->options.mute) {
		ck_assert(ike_command(subject->world.core, subject->world.now, &ask));
		world_settle(&subject->world);
	}
	if (subject->prepare != NULL)
		subject->prepare(subject);
	if (subject->options.tunnels)
		subject->world.friend[WORLD_FRIEND].speaks = true;
	if (is_hashed(subject))
		subject->world.friend[WORLD_FRIEND].held = false; /* he may end his own SA */
}

static void drop_world(struct subject *subject)
{
	world_free(&subject->world);
	subject->open = false;
}

/* ---- onto the wire ------------------------------------------------------------------------------------------------- */

#define HASH_WHOLE (IKE_GENERIC_LENGTH + 20) /* octets of a HASH payload with SHA-1 */
#define REST_AT    (IKE_HEADER_LENGTH + HASH_WHOLE)

/* HASH over the mutation, or over what is right. */
static void put_hash(const struct subject *subject, const struct ike_sa *sa, uint32_t message_id,
		     struct mutation *mutation)
{
	struct octets rest = octets_of(mutation->octets + REST_AT, mutation->length - REST_AT);
	uint8_t hash_1[HASH_MAX_LENGTH];

	if (!is_hashed(subject))
		rest = octets_of(subject->plain.data + REST_AT, subject->plain.length - REST_AT);
	if (is_in_quick_mode(subject))
		ck_assert(seal_quick_hash(quick_of(&subject->world, sa), rest, hash_1));
	else
		protect_hash_1(seal_crypto(), sa->hash, sa_skeyid_a(sa), message_id, rest, hash_1);
	memcpy(mutation->octets + REST_AT - hash_length(sa->hash), hash_1, hash_length(sa->hash));
}

/* Encrypted where the original is; the header's fields as they have become. */
static size_t to_wire(struct subject *subject, const struct mutation *mutation,
		      uint8_t wire[SEAL_ROOM])
{
	struct world_friend *friend = &subject->world.friend[WORLD_FRIEND];
	const struct ike_sa *sa = subject_sa(subject);
	struct mutation sealed = *mutation;
	struct ike_header header;
	uint8_t iv[CIPHER_MAX_BLOCK];
	size_t length;

	memcpy(wire, mutation->octets, mutation->length);
	if (subject->arrival == IN_CLEAR || mutation->length < IKE_HEADER_LENGTH)
		return mutation->length;
	header = seal_header(sa, subject->plain.data[18], 0, mutation->octets[16]);
	if (subject->arrival == IN_MAIN_MODE) {
		memcpy(iv, sa->handshake->iv, sizeof(iv));
	} else if (is_in_quick_mode(subject)) {
		ck_assert_ptr_nonnull(quick_of(&subject->world, sa));
		header.message_id = quick_of(&subject->world, sa)->message_id;
		memcpy(iv, quick_of(&subject->world, sa)->iv, sizeof(iv));
		if (mutation->length >= REST_AT)
			put_hash(subject, sa, header.message_id, &sealed);
	} else {
		header.message_id = friend->message_id++;
		protect_iv_message(seal_crypto(), sa->hash, sa->cipher, sa_last_block(sa),
				   header.message_id, iv);
		if (mutation->length >= REST_AT)
			put_hash(subject, sa, header.message_id, &sealed);
	}
	length =
	    seal(sa, &header,
		 octets_of(sealed.octets + IKE_HEADER_LENGTH, sealed.length - IKE_HEADER_LENGTH),
		 iv, wire);
	if (mutation->kind == MUTATION_OF_FIELD && mutation->at < IKE_HEADER_LENGTH)
		memcpy(wire + mutation->at, mutation->octets + mutation->at, mutation->width);
	return length;
}

/* ---- the right message, after the wrong ones ------------------------------------------------------------------------ */

static void send_right_message(struct subject *subject)
{
	static struct mutation none;
	uint8_t wire[SEAL_ROOM];
	struct world_friend *friend = &subject->world.friend[WORLD_FRIEND];
	enum ike_verdict verdict;
	size_t length;

	none.kind = MUTATION_EXTENDED;
	none.length = subject->plain.length;
	memcpy(none.octets, subject->plain.data, none.length);
	length = to_wire(subject, &none, wire);
	if (subject->fatal)
		friend->held = false;
	verdict = world_input(&subject->world, WORLD_FRIEND, wire, length);
	ck_assert_msg(verdict == subject->right, "%s: the right one afterwards: %s", subject->name,
		      ike_verdict_name(verdict));
	world_settle(&subject->world);
	ck_assert((subject_sa(subject) == NULL) == subject->fatal);
	friend->number++;
}

/* What was under way completes, and the peers are answered as ever. */
static void complete(struct subject *subject)
{
	const struct cast_record *record =
	    cast_record(subject->options.initiator, subject->options.aggressive);

	if (!subject->open)
		return;
	if (subject->options.lines > 0) {
		subject->world.friend[WORLD_FRIEND].known = true;
		for (size_t i = subject->line; i < record->lines; i++)
			cast_play(&subject->world, &record->line[i]);
		world_hold(&subject->world, WORLD_FRIEND);
		ck_assert_msg(subject->world.friend[WORLD_FRIEND].held, "%s: does not complete",
			      subject->name);
	} else if (subject->arrival == UNDER_SA || is_in_quick_mode(subject)) {
		send_right_message(subject);
	}
	world_close(&subject->world);
	subject->open = false;
}

/* ---- one mutation -------------------------------------------------------------------------------------------------- */

struct state {
	struct ike_sa friend, other;
	uint32_t sas, established;
};

static void note_state(const struct subject *subject, struct state *state)
{
	const struct world *world = &subject->world;
	const struct ike_sa *sa = subject_sa(subject);

	memset(state, 0, sizeof(*state));
	if (sa != NULL)
		memcpy(&state->friend, sa, sizeof(*sa));
	/* what AM2 has chosen is noted before its proof is looked at, and overwritten by the next one (phase_1.h) */
	if (sa != NULL && sa->aggressive && sa->initiator && sa->keys == NULL) {
		state->friend.group = 0;
		state->friend.hash = state->friend.cipher = state->friend.authentication = 0;
	}
	memcpy(&state->other, world_sa(world, WORLD_OTHER), sizeof(*sa));
	state->sas = sa_table_count(world->core->sas);
	state->established = world->core->established;
}

/* Somebody has believed it as far as to look at what it says; in the clear that is not much. */
static bool is_believed(const struct subject *subject, enum ike_verdict verdict)
{
	return verdict == IKE_ACCEPTED || verdict == IKE_HINT_ONLY ||
	       (subject->arrival != IN_CLEAR && verdict > IKE_BAD_HASH);
}

/* What follows from it is for other tests, but nobody else may be touched; and a hint harms not even whom it is about. */
static void check_believed(struct subject *subject, const struct mutation *mutation)
{
	ck_assert_msg(subject->tolerated(subject, mutation), "%s: %s with %s", subject->name,
		      ike_verdict_name(subject->verdict), mutation_text(mutation));
	subject->tolerations++;
	world_settle(&subject->world);
	ck_assert_ptr_nonnull(world_sa(&subject->world, WORLD_OTHER));
	if (subject->verdict != IKE_ACCEPTED && subject->options.tunnels) {
		/* what it was part of has failed, and nothing but that */
		ck_assert_uint_eq(subject->world.ledger.added, 0);
		ck_assert_int_eq(subject_sa(subject)->state, IKE_SA_ESTABLISHED);
		world_check(&subject->world);
		if (subject->prepare != NULL)
			subject->prepare(subject);
		return;
	}
	subject->accepted += subject->verdict == IKE_ACCEPTED;
	if (subject->verdict == IKE_HINT_ONLY)
		complete(subject);
	else
		drop_world(subject);
}

/* With a HASH that fits it is refused for what it says, and whatever it was part of has failed. */
static bool is_declined(const struct subject *subject, const struct state *before)
{
	struct state after;

	if (!is_hashed(subject) || !subject->options.tunnels)
		return false;
	note_state(subject, &after);
	return !fuzz_same(before, &after, sizeof(after));
}

static void check_refused(struct subject *subject, const struct mutation *mutation,
			  const struct state *before)
{
	struct state after;

	note_state(subject, &after);
	ck_assert_msg(fuzz_same(before, &after, sizeof(after)), "%s: changes something, with %s",
		      subject->name, mutation_text(mutation));
	if (++subject->refusals == REFUSALS_A_WORLD)
		complete(subject);
}

static void try_mutation(void *context, const struct mutation *mutation)
{
	struct subject *subject = context;
	struct world *world = &subject->world;
	struct random_source random;
	uint8_t wire[SEAL_ROOM];
	enum ike_verdict verdict;
	struct state before;
	uint64_t out;
	size_t length;

	subject_open(subject);
	note_state(subject, &before);
	random = world->core->random;
	length = to_wire(subject, mutation, wire);
	out = world->account[WORLD_FRIEND].out;
	verdict = world_input(world, WORLD_FRIEND, wire, length);
	subject->tried++;
	ck_assert_msg(verdict != IKE_RATE_LIMITED && verdict != IKE_OVERLOAD, "%s: %s",
		      subject->name, ike_verdict_name(verdict));
	subject->verdict = verdict;
	if (is_believed(subject, verdict) || is_declined(subject, &before)) {
		check_believed(subject, mutation);
		return;
	}
	world_settle(world);
	world_check(world);
	/* a notification has drawn a message ID, which the recording knows nothing of */
	world->core->random = random;
	ck_assert_msg(world->account[WORLD_FRIEND].out - out <= length,
		      "%s: more comes back than came, with %s", subject->name,
		      mutation_text(mutation));
	check_refused(subject, mutation, &before);
}

void subject_mutate(struct subject *subject, size_t tolerations)
{
	size_t count = mutate_every(subject->plain, try_mutation, subject);

	complete(subject);
	ck_assert_uint_eq(subject->tried, count);
	ck_assert_uint_gt(count, 1500);
	/* exactly: one that is tolerated in theory and never in fact would be no reason */
	ck_assert_msg(subject->tolerations == tolerations, "%s: %zu of %zu tolerated, not %zu",
		      subject->name, subject->tolerations, count, tolerations);
}

/* ---- messages of Phase 1 ------------------------------------------------------------------------------------------------ */

/* The n-th datagram that FRIEND says in the recording, from 0. */
static size_t friends_line(const struct subject *subject, size_t n)
{
	const struct cast_record *record =
	    cast_record(subject->options.initiator, subject->options.aggressive);

	for (size_t i = 0; i < record->lines; i++)
		if (record->line[i].from == WORLD_FRIEND && record->line[i].length > 0 && n-- == 0)
			return i;
	ck_abort_msg("FRIEND does not say so much");
}

/* In the clear and without padding. */
static void take_plain(struct subject *subject, const struct cast_line *line)
{
	const struct ike_sa *sa;
	struct ike_message message;
	uint8_t next_iv[CIPHER_MAX_BLOCK];

	memcpy(subject->plain_octets, line->octets, line->length);
	subject->plain = octets_of(subject->plain_octets, line->length);
	if (subject->arrival == IN_CLEAR)
		return;
	subject_open(subject);
	sa = subject_sa(subject);
	ck_assert_int_eq(protect_decrypt(seal_crypto(), sa->cipher, sa_key(sa), sa->handshake->iv,
					 octets_of(line->octets, line->length),
					 subject->plain_octets, next_iv),
			 IKE_ACCEPTED);
	ck_assert_int_eq(ike_header_parse(subject->plain, &message.header), IKE_ACCEPTED);
	ck_assert_int_eq(ike_payloads_parse(octets_of(subject->plain_octets + IKE_HEADER_LENGTH,
						      line->length - IKE_HEADER_LENGTH),
					    true, cipher_block_length(sa->cipher), &message),
			 IKE_ACCEPTED);
	subject->plain.length = IKE_HEADER_LENGTH + ike_payloads_chain(&message).length;
}

void subject_phase_1(struct subject *subject, size_t n)
{
	subject->line = subject->options.lines = friends_line(subject, n);
	take_plain(subject, subject_line(subject));
}

/* ---- what mutations are, for those who tolerate some ---------------------------------------------------------------- */

bool subject_field(const struct mutation *mutation, const char *payload, const char *field)
{
	return mutation->kind == MUTATION_OF_FIELD && strcmp(mutation->payload, payload) == 0 &&
	       strcmp(mutation->field, field) == 0;
}

bool subject_harmless_flag(const struct mutation *mutation)
{
	return subject_field(mutation, "HDR", "flags") &&
	       ((mutation->value ^ mutation->right) &
		~(uint32_t)(IKE_FLAG_COMMIT | IKE_FLAG_AUTH_ONLY)) == 0;
}

bool subject_padding(const struct subject *subject, const struct mutation *mutation)
{
	if (mutation->kind == MUTATION_EXTENDED)
		return mutation->value - mutation->right <= 16;
	if (mutation->kind != MUTATION_CUT || mutation->right - mutation->value > 15)
		return false;
	for (size_t at = mutation->value; at < mutation->right; at++)
		if (subject->plain.data[at] != 0)
			return false;
	return true;
}
