/* SPDX-License-Identifier: ISC */
/*
 * fuzz_core_protected.c - the core behind decryption: FRIEND has the keys and means ill.
 *
 * The input: an octet of options (operations.c), then operations.  The lower three bits of an operation's first octet say what
 * it is, the upper five how:
 *
 *	0  a message under FRIEND's SA	its HASH(1) (2 bits: right, damaged, as given); exchange (2: Informational, Quick Mode,
 *					as given); message ID as given (1), else fresh; then the first payload's type, two
 *					octets of length, the plaintext
 *	1  time passes			as in operations.c
 *	2  a command			which (1), to which of the friends (1); or a tunnel (4), a pair failed (8), the calendar (16)
 *	3  FRIEND's last of Main Mode	its HASH_I or HASH_R (2 bits, as above); then as for 0.  Only while it is half open; then
 *	   the next of a Quick Mode	its HASH(2) or HASH(3) (2 bits, as above); CONNECTED in an Informational (4), the commit
 *					bit (8), of an older Quick Mode (16); then as for 0
 *	4  what the core sent comes back, 5  what it was sent comes again		as in operations.c
 *	6  the partner			calls (1), rounds (2), has a certificate (8); or (16) in place of his next message of Phase 1
 *					a plaintext as for 0, encrypted as his would be
 *	7  R-U-THERE or its ACK (1)	the number: of the core's last question (1) or our own, and how far off (an octet)
 *
 * The harness encrypts and, where it is asked to, makes the HASH right.  It also judges for itself whether a HASH is right:
 * where it is not, the message must be refused and nothing may change.  OTHER's SA is never touched.
 */
#include <string.h>

#include "tests/fuzz/operations.h"

#define OPERATIONS_MOST 48

enum hash_choice { HASH_RIGHT, HASH_DAMAGED, HASH_AS_GIVEN, HASH_RIGHT_TOO };

/* A message about to be sent. */
struct plaintext {
	uint8_t first; /* the type of the first payload */
	size_t length;
	uint8_t octets[SEAL_ROOM];
};

static struct ike_sa *friends_sa(const struct world *world)
{
	const struct ike_sa *sa = &world->friend[WORLD_FRIEND].sa;

	return sa_table_find(world->core->sas, sa->cky_i, sa->cky_r);
}

static void take_plaintext(struct fuzz_input *input, struct plaintext *plain)
{
	uint8_t first = fuzz_u8(input);
	size_t most = fuzz_u16(input);
	struct octets octets = fuzz_octets(
	    input, most < WORLD_LONGEST - HASH_MAX_LENGTH ? most : WORLD_LONGEST - HASH_MAX_LENGTH);

	memset(plain, 0, sizeof(*plain));
	plain->first = first;
	plain->length = octets.length;
	if (octets.length > 0)
		memcpy(plain->octets, octets.data, octets.length);
}

/* As the core will see it: with zeros up to the cipher's block. */
static size_t padded_length(const struct ike_sa *sa, const struct plaintext *plain)
{
	size_t block = cipher_block_length(sa->cipher);

	return (plain->length + block - 1) / block * block;
}

static bool take_apart(const struct ike_sa *sa, const struct plaintext *plain,
		       struct ike_message *message)
{
	size_t block = cipher_block_length(sa->cipher);

	memset(message, 0, sizeof(*message));
	message->header.next_payload = plain->first;
	message->header.flags = IKE_FLAG_ENCRYPTION;
	return ike_payloads_parse(octets_of(plain->octets, padded_length(sa, plain)), true, block,
				  message) == IKE_ACCEPTED &&
	       message->payloads > 0;
}

/* ---- nothing may change -------------------------------------------------------------------------------------------- */

struct state {
	struct ike_sa friend, other;
	uint32_t established;
};

static void note_state(const struct world *world, struct state *state)
{
	const struct ike_sa *sa = friends_sa(world);

	memset(state, 0, sizeof(*state));
	if (sa != NULL)
		memcpy(&state->friend, sa, sizeof(*sa));
	sa = world_sa(world, WORLD_OTHER);
	FUZZ_REQUIRE(sa != NULL);
	memcpy(&state->other, sa, sizeof(*sa));
	state->established = world->core->established;
}

/* ---- under the SA -------------------------------------------------------------------------------------------------- */

static bool hash_1_is_right(const struct ike_sa *sa, uint32_t message_id,
			    const struct plaintext *plain)
{
	struct ike_message message;
	uint8_t expected[HASH_MAX_LENGTH];
	struct octets chain, covered;
	const struct ike_payload *hash = &message.payload[0];

	if (!take_apart(sa, plain, &message) || hash->type != IKE_PAYLOAD_HASH)
		return false;
	chain = ike_payloads_chain(&message);
	covered = octets_of(chain.data + hash->whole.length, chain.length - hash->whole.length);
	protect_hash_1(seal_crypto(), sa->hash, sa_skeyid_a(sa), message_id, covered, expected);
	return hash->body.length == hash_length(sa->hash) &&
	       memcmp(hash->body.data, expected, hash->body.length) == 0;
}

/* What is hashed ends with the last payload; as given, it may go on, and then the HASH is not right. */
static void put_hash_1(const struct ike_sa *sa, enum hash_choice choice, uint32_t message_id,
		       struct plaintext *plain, uint8_t damage)
{
	uint8_t chain[SEAL_ROOM];
	struct octets whole;

	if (choice == HASH_AS_GIVEN)
		return;
	whole = seal_hash_1(sa, message_id, plain->first, octets_of(plain->octets, plain->length),
			    chain);
	plain->first = IKE_PAYLOAD_HASH;
	plain->length = whole.length;
	memcpy(plain->octets, whole.data, whole.length);
	if (choice == HASH_DAMAGED)
		plain->octets[IKE_GENERIC_LENGTH + (damage >> 3) % hash_length(sa->hash)] ^=
		    (uint8_t)(1u << (damage & 7));
}

/* Whether somebody has looked behind the HASH. */
static bool is_of_contents(enum ike_verdict verdict)
{
	return verdict == IKE_ACCEPTED || verdict > IKE_BAD_HASH;
}

static bool is_half_open(const struct world *world)
{
	const struct ike_sa *sa = friends_sa(world);

	return sa != NULL && sa->state == IKE_SA_NEGOTIATING && sa->handshake != NULL;
}

static void send_under_sa(struct world *world, const struct ike_header *header,
			  const struct plaintext *plain)
{
	struct world_friend *friend = &world->friend[WORLD_FRIEND];
	uint8_t iv[CIPHER_MAX_BLOCK], message[SEAL_ROOM];
	struct ike_sa sa = friend->sa;
	struct state before, after;
	enum ike_verdict verdict;
	bool right = hash_1_is_right(&sa, header->message_id, plain);
	bool half_open = is_half_open(world);
	size_t length;

	note_state(world, &before);
	protect_iv_message(seal_crypto(), sa.hash, sa.cipher, sa_last_block(&sa),
			   header->message_id, iv);
	length = seal(&sa, header, octets_of(plain->octets, plain->length), iv, message);
	if (right) {
		friend->held = false; /* it may now be deleted, or say that it has gone */
		friend->speaks = true;
	}
	verdict = world_input(world, WORLD_FRIEND, message, length);
	FUZZ_REQUIRE(!(right && verdict == IKE_BAD_HASH));
	note_state(world, &after);
	/*
	 * While it is half open one message is put aside, to be looked at once there are keys that count.  It may be so again after
	 * it was known: a first message that is repeated once it was deleted has the same cookies.
	 */
	FUZZ_REQUIRE(right || half_open || !is_of_contents(verdict));
	FUZZ_REQUIRE(right || fuzz_same(&before, &after, sizeof(after)));
	FUZZ_REQUIRE(before.other.keys == after.other.keys);
}

static void message_under_sa(struct world *world, unsigned how, struct fuzz_input *input)
{
	struct world_friend *friend = &world->friend[WORLD_FRIEND];
	enum hash_choice choice = how & 3;
	uint8_t exchange = IKE_EXCHANGE_INFORMATIONAL, damage = 0;
	uint32_t message_id = friend->message_id++;
	struct plaintext plain;
	struct ike_header header;

	if (choice == HASH_DAMAGED)
		damage = fuzz_u8(input);
	if ((how >> 2 & 3) == 1)
		exchange = IKE_EXCHANGE_QUICK_MODE;
	if ((how >> 2 & 3) == 2)
		exchange = fuzz_u8(input);
	if ((how & 16) != 0)
		message_id = 0x60000000u + fuzz_u8(input);
	take_plaintext(input, &plain);
	put_hash_1(&friend->sa, choice, message_id, &plain, damage);
	header = seal_header(&friend->sa, exchange, message_id, plain.first);
	send_under_sa(world, &header, &plain);
}

static void keepalive(struct world *world, unsigned how, struct fuzz_input *input)
{
	struct world_friend *friend = &world->friend[WORLD_FRIEND];
	uint16_t type = (how & 1) != 0 ? IKE_NOTIFY_R_U_THERE_ACK : IKE_NOTIFY_R_U_THERE;
	uint32_t number = (how & 2) != 0 ? friend->last_question : friend->number;
	uint8_t message[SEAL_ROOM];
	size_t length;

	number += (uint32_t)(int8_t)fuzz_u8(input) * ((how & 4) != 0 ? 0x01000000u : 1u);
	friend->held = false; /* by its numbers it may make itself believed no more */
	length = seal_keepalive(&friend->sa, type, friend->message_id++, number, message);
	(void)world_input(world, WORLD_FRIEND, message, length);
}

/* ---- the last message of Main Mode --------------------------------------------------------------------------------- */

static bool main_mode_hash_is_right(struct world *world, const struct ike_sa *sa,
				    struct plaintext *plain, bool make_it_so)
{
	struct ike_message message;
	const struct ike_payload *id, *hash;
	uint8_t expected[HASH_MAX_LENGTH];

	if (!take_apart(sa, plain, &message))
		return false;
	id = ike_payload_find(&message, IKE_PAYLOAD_ID);
	hash = ike_payload_find(&message, IKE_PAYLOAD_HASH);
	if ((id == NULL && !sa->aggressive) || hash == NULL ||
	    hash->body.length != hash_length(sa->hash))
		return false;
	authentication_hash(
	    world->core, sa->handshake, !sa->initiator,
	    sa->aggressive ? octets_of(sa->handshake->peer_id_b, sa->handshake->peer_id_b_length)
			   : id->body,
	    expected);
	if (make_it_so)
		memcpy(plain->octets + (hash->body.data - plain->octets), expected,
		       hash->body.length);
	return memcmp(hash->body.data, expected, hash->body.length) == 0;
}

static void last_of_main_mode(struct world *world, unsigned how, struct fuzz_input *input)
{
	struct world_friend *friend = &world->friend[WORLD_FRIEND];
	uint8_t damage = (how & 3) == HASH_DAMAGED ? fuzz_u8(input) : 0;
	struct ike_sa *sa = friends_sa(world);
	uint8_t message[SEAL_ROOM];
	struct plaintext plain;
	struct ike_header header;
	struct state before, after;
	enum ike_verdict verdict;
	bool right;
	size_t length;

	note_state(world, &before);
	take_plaintext(input, &plain);
	if (sa->keys == NULL) /* AM2 is in the clear, and fuzz_core_clear's */
		return;
	plain.length = padded_length(sa, &plain); /* HASH may reach into what would be padding */
	right = main_mode_hash_is_right(world, sa, &plain, (how & 3) != HASH_AS_GIVEN);
	if ((how & 3) == HASH_DAMAGED && plain.length > 0) {
		plain.octets[damage % plain.length] ^= 1;
		right = main_mode_hash_is_right(world, sa, &plain, false);
	}
	header = seal_header(sa, sa->aggressive ? IKE_EXCHANGE_AGGRESSIVE : IKE_EXCHANGE_MAIN_MODE,
			     0, plain.first);
	length =
	    seal(sa, &header, octets_of(plain.octets, plain.length), sa->handshake->iv, message);
	friend->known = right;
	verdict = world_input(world, WORLD_FRIEND, message, length);
	FUZZ_REQUIRE(right || verdict != IKE_ACCEPTED);
	FUZZ_REQUIRE(!(right && verdict == IKE_AUTHENTICATION_FAILED));
	friend->known = verdict == IKE_ACCEPTED;
	note_state(world, &after);
	FUZZ_REQUIRE(friend->known || verdict == IKE_WRONG_IDENTITY ||
		     fuzz_same(&before, &after, sizeof(after)));
	if (friend->known && friends_sa(world) != NULL)
		world_remember(friend, &after.friend);
}

/* ---- the next message of a Quick Mode ------------------------------------------------------------------------------- */

/* One of FRIEND's SA that waits for him, or NULL; the newest, or the one before it. */
static struct ike_quick_mode *waiting_quick_mode(const struct world *world, bool older)
{
	const struct ike_sa *sa = friends_sa(world);
	struct ike_quick_mode *quick = sa == NULL ? NULL : quick_mode_first(world->core, sa);
	struct ike_quick_mode *first = NULL;

	for (; quick != NULL; quick = quick->next_of_sa) {
		if (quick->expects == IKE_MESSAGE_KINDS)
			continue;
		if (first != NULL || !older)
			return quick;
		first = quick;
	}
	return first;
}

static bool quick_hash_is_right(const struct ike_quick_mode *quick, const struct plaintext *plain)
{
	const struct ike_payload *hash;
	struct ike_message message;
	uint8_t expected[HASH_MAX_LENGTH];
	struct octets chain, rest;

	if (!take_apart(quick->sa, plain, &message) || message.payload[0].type != IKE_PAYLOAD_HASH)
		return false;
	hash = &message.payload[0];
	chain = ike_payloads_chain(&message);
	rest = octets_of(chain.data + hash->whole.length, chain.length - hash->whole.length);
	/* HASH(3) covers nothing that could follow it */
	return seal_quick_hash(quick, rest, expected) &&
	       (quick->expects != IKE_QM3 || rest.length == 0) &&
	       hash->body.length == hash_length(quick->sa->hash) &&
	       memcmp(hash->body.data, expected, hash->body.length) == 0;
}

/* HASH goes before what is there already. */
static void put_quick_hash(const struct ike_quick_mode *quick, enum hash_choice choice,
			   struct plaintext *plain, uint8_t damage)
{
	size_t hash_bytes = hash_length(quick->sa->hash), whole = IKE_GENERIC_LENGTH + hash_bytes;
	struct octets rest = octets_of(plain->octets + whole, plain->length);
	uint8_t hash[HASH_MAX_LENGTH];

	if (choice == HASH_AS_GIVEN)
		return;
	memmove(plain->octets + whole, plain->octets, plain->length);
	FUZZ_REQUIRE(seal_quick_hash(quick, rest, hash));
	plain->octets[0] = plain->first;
	plain->octets[1] = plain->octets[2] = 0;
	plain->octets[3] = (uint8_t)whole;
	memcpy(plain->octets + IKE_GENERIC_LENGTH, hash, hash_bytes);
	plain->first = IKE_PAYLOAD_HASH;
	plain->length += whole;
	if (choice == HASH_DAMAGED)
		plain->octets[IKE_GENERIC_LENGTH + (damage >> 3) % hash_bytes] ^=
		    (uint8_t)(1u << (damage & 7));
}

static void next_of_quick_mode(struct world *world, unsigned how, struct fuzz_input *input)
{
	struct world_friend *friend = &world->friend[WORLD_FRIEND];
	struct ike_quick_mode *quick = waiting_quick_mode(world, (how & 16) != 0);
	uint8_t damage = (how & 3) == HASH_DAMAGED ? fuzz_u8(input) : 0;
	uint8_t exchange = (how & 4) != 0 ? IKE_EXCHANGE_INFORMATIONAL : IKE_EXCHANGE_QUICK_MODE;
	uint8_t message[SEAL_ROOM];
	struct plaintext plain;
	struct ike_header header;
	struct state before, after;
	enum ike_verdict verdict;
	size_t length, added = world->ledger.added;
	bool right, expected = false;

	take_plaintext(input, &plain);
	if (quick == NULL)
		return;
	note_state(world, &before);
	put_quick_hash(quick, how & 3, &plain, damage);
	right = quick_hash_is_right(quick, &plain);
	expected = exchange == IKE_EXCHANGE_QUICK_MODE || quick->expects == IKE_QM4;
	header = seal_header(quick->sa, exchange, quick->message_id, plain.first);
	header.flags = (how & 8) != 0 ? IKE_FLAG_COMMIT : 0;
	length =
	    seal(quick->sa, &header, octets_of(plain.octets, plain.length), quick->iv, message);
	friend->speaks = friend->speaks || right;
	if (right)
		friend->held = false;
	verdict = world_input(world, WORLD_FRIEND, message, length);
	FUZZ_REQUIRE(right || verdict != IKE_ACCEPTED);
	FUZZ_REQUIRE(!right || !expected || verdict != IKE_BAD_HASH);
	note_state(world, &after);
	FUZZ_REQUIRE(right || !expected || fuzz_same(&before, &after, sizeof(after)));
	world_settle(world);
	FUZZ_REQUIRE(right || world->ledger.added == added);
}

/* ---- in place of the partner's proof -------------------------------------------------------------------------------- */

/* His secret or certificate is known to nobody but him, but what he has encrypted is. */
static void proof_of_partner(struct world *world, struct fuzz_input *input)
{
	const struct ike_sa *sa = world_sa(world, WORLD_PARTNER);
	uint8_t message[SEAL_ROOM];
	enum ike_sa_state before;
	struct plaintext plain;
	struct ike_header header;
	enum ike_verdict verdict;
	size_t length;

	take_plaintext(input, &plain);
	if (sa == NULL || sa->keys == NULL || sa->handshake == NULL ||
	    sa->handshake->expects == IKE_MESSAGE_KINDS)
		return;
	before = sa->state;
	header = seal_header(sa, sa->aggressive ? IKE_EXCHANGE_AGGRESSIVE : IKE_EXCHANGE_MAIN_MODE,
			     0, plain.first);
	length =
	    seal(sa, &header, octets_of(plain.octets, plain.length), sa->handshake->iv, message);
	verdict = world_input_by(world, WORLD_PARTNER, sa->remote.port,
				 sa_local(world->core, sa)->port, message, length);
	/* who it is comes before whether it is he: what is refused changes nothing that counts */
	FUZZ_REQUIRE(verdict == IKE_ACCEPTED || world_sa(world, WORLD_PARTNER) != sa ||
		     sa->state == before);
}

/* ---- the operations ------------------------------------------------------------------------------------------------ */

static void command(struct world *world, unsigned how)
{
	struct ike_command command = {
	    .kind = (how & 1) != 0 ? IKE_COMMAND_TRAFFIC : IKE_COMMAND_ASK_NOW,
	    .peer = (how & 2) != 0 ? WORLD_OTHER : WORLD_FRIEND,
	    .tunnel = how & 1,
	    .calendar = (int64_t)(how & 3) * 1000000000,
	};

	if ((how & 4) != 0)
		command.kind = IKE_COMMAND_TUNNEL;
	if ((how & 8) != 0 && world->ledger.pairs > 0) {
		if ((how & 4) == 0)
			command.kind = IKE_COMMAND_IPSEC_FAILED;
		command.ipsec = world->ledger.pair[how % world->ledger.pairs].number;
	}
	if ((how & 16) != 0)
		command.kind = IKE_COMMAND_CALENDAR;
	(void)ike_command(world->core, world->now, &command);
}

static void operate(struct world *world, struct fuzz_input *input)
{
	uint8_t octet = fuzz_u8(input);
	unsigned how = octet >> 3;

	switch (octet & 7) {
	case 0:
		message_under_sa(world, how, input);
		break;
	case 1:
		operation_time(world, how);
		break;
	case 2:
		command(world, how);
		break;
	case 3:
		if (is_half_open(world))
			last_of_main_mode(world, how, input);
		else
			next_of_quick_mode(world, how, input);
		break;
	case 4:
		operation_again(world, &world->sent, (how & 8) | WORLD_FRIEND, input);
		break;
	case 5:
		operation_again(world, &world->heard, (how & 8) | WORLD_FRIEND, input);
		break;
	case 6:
		if ((how & 16) != 0)
			proof_of_partner(world, input);
		else
			world_partner(world, (how & 1) != 0, (how & 8) != 0, 1 + (how >> 1) % 4);
		break;
	default:
		keepalive(world, how, input);
		break;
	}
}

static uint64_t run(struct fuzz_input input)
{
	static struct world world;
	struct world_options options = operation_options(fuzz_u8(&input));

	world_open(&world, &options);
	for (unsigned i = 0; i < OPERATIONS_MOST && input.left > 0; i++) {
		operate(&world, &input);
		world_settle(&world);
		world_check(&world);
	}
	world_close(&world);
	return world.digest;
}

int fuzz_core_protected(const uint8_t *data, size_t length)
{
	struct fuzz_input input = {.at = data, .left = length};
	uint64_t digest = run(input);

	if (fuzz_digest(FUZZ_DIGEST_START, data, length) % 8 == 0)
		FUZZ_REQUIRE(run(input) == digest);
	return 0;
}
