/* SPDX-License-Identifier: ISC */
/*
 * test_mutator_quick_mode.c - every message of Quick Mode that FRIEND says, in either role, wrong in every field and of every
 * length; see tests/fuzz/mutator.h.
 *
 * First with the HASH of the right message, as somebody without keys would have to leave it: nothing is believed.  Then with one
 * that fits, so that every rule about payloads, proposals and traffic is reached: most of it is refused, and what is accepted is
 * listed below with the reason.
 */
#include <string.h>

#include "tests/fuzz/mutator.h"
#include "tests/support/unit.h"

/* ---- before the message -------------------------------------------------------------------------------------------- */

/* A message under HASH, in the clear and without padding: what is to be mutated. */
static void take_plain(struct subject *subject, uint8_t first, struct octets rest)
{
	struct ike_header header =
	    seal_header(subject_sa(subject), IKE_EXCHANGE_QUICK_MODE, 0, IKE_PAYLOAD_HASH);
	uint8_t hash[HASH_MAX_LENGTH] = {0};
	struct wire_writer writer;
	struct ike_chain chain;

	header.flags = IKE_FLAG_ENCRYPTION;
	wire_write_to(&writer, subject->plain_octets, MUTATE_MOST);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_HASH,
			  octets_of(hash, hash_length(subject_sa(subject)->hash)));
	wire_patch_u8(&writer, chain.next_payload_at, first);
	wire_write_octets(&writer, rest);
	ike_header_finish(&writer);
	ck_assert(!writer.failed);
	subject->plain = wire_written(&writer);
}

static unsigned tunnel_of; /* the subject's */

/* The core asks FRIEND, who has not answered yet. */
static void core_asks(struct subject *subject)
{
	struct ike_command command = {
	    .kind = IKE_COMMAND_TUNNEL, .peer = WORLD_FRIEND, .tunnel = tunnel_of};

	ck_assert(ike_command(subject->world.core, subject->world.now, &command));
	world_settle(&subject->world);
	ck_assert_ptr_nonnull(quick_of(&subject->world, subject_sa(subject)));
	ck_assert_int_eq(quick_of(&subject->world, subject_sa(subject))->expects, IKE_QM2);
}

/* FRIEND has asked, and the core has answered. */
static void friend_asks(struct subject *subject)
{
	struct world_friend *friend = &subject->world.friend[WORLD_FRIEND];
	uint8_t rest[QUICK_ROOM], chain[SEAL_ROOM], wire[SEAL_ROOM];
	const struct ike_sa *sa = subject_sa(subject);
	uint32_t message_id = friend->message_id++;
	struct octets hashed =
	    seal_hash_1(sa, message_id, IKE_PAYLOAD_SA, quick_request(tunnel_of, rest), chain);
	size_t length =
	    seal_message(sa, IKE_EXCHANGE_QUICK_MODE, message_id, IKE_PAYLOAD_HASH, hashed, wire);

	ck_assert_int_eq(world_input(&subject->world, WORLD_FRIEND, wire, length), IKE_ACCEPTED);
	world_settle(&subject->world);
	ck_assert_ptr_nonnull(quick_of(&subject->world, sa));
	ck_assert_int_eq(quick_of(&subject->world, sa)->expects, IKE_QM3);
}

/* ---- tolerated ----------------------------------------------------------------------------------------------------- */

static bool is_commit(const struct mutation *mutation)
{
	return subject_field(mutation, "HDR", "flags") &&
	       mutation->value == (IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT);
}

/* No HASH covers padding, nor the commit bit, which makes us patient and no more (RFC 2408 section 3.1). */
static bool not_covered(const struct subject *subject, const struct mutation *mutation)
{
	return subject_padding(subject, mutation) || is_commit(mutation);
}

/*
 * Proposals and transforms are compared by what they hold, not by their numbers.  The tunnel between the nets is `narrow`: what
 * concerns one protocol of IP lies inside of it.
 */
static bool with_keys(const struct subject *subject, const struct mutation *mutation)
{
	if (subject->verdict != IKE_ACCEPTED)
		return true;
	return is_commit(mutation) || subject_field(mutation, "P", "number") ||
	       subject_field(mutation, "T", "number") ||
	       (strcmp(subject->name, "QM1 of the nets, hashed") == 0 &&
		subject_field(mutation, "ID", "protocol"));
}

static void mutate(const char *name, enum subject_arrival arrival, enum ike_message_kind kind,
		   unsigned tunnel, size_t tolerations, size_t accepted)
{
	static struct subject subject;
	uint8_t rest[QUICK_ROOM];

	memset(&subject, 0, sizeof(subject));
	subject.name = name;
	subject.arrival = arrival;
	subject.tolerated =
	    arrival == UNDER_SA_HASHED || arrival == IN_QUICK_MODE_HASHED ? with_keys : not_covered;
	subject.options.tunnels = true;
	subject.prepare = kind == IKE_QM2 ? core_asks : kind == IKE_QM3 ? friend_asks : NULL;
	tunnel_of = tunnel;
	subject_open(&subject);
	if (kind == IKE_QM1)
		take_plain(&subject, IKE_PAYLOAD_SA, quick_request(tunnel, rest));
	else if (kind == IKE_QM2)
		take_plain(&subject, IKE_PAYLOAD_SA,
			   quick_answer(quick_of(&subject.world, subject_sa(&subject)), rest));
	else
		take_plain(&subject, IKE_PAYLOAD_NONE, octets_of(rest, 0));
	subject_mutate(&subject, tolerations);
	ck_assert_msg(subject.accepted == accepted, "%s: %zu accepted, not %zu", name,
		      subject.accepted, accepted);
}

START_TEST(test_qm1)
{
	mutate("QM1 of the nets", UNDER_SA, IKE_QM1, 0, 7, 7);
}
END_TEST

START_TEST(test_qm1_of_the_ends)
{
	mutate("QM1 of the ends", UNDER_SA, IKE_QM1, 1, 6, 6);
}
END_TEST

START_TEST(test_qm2)
{
	mutate("QM2 of the nets", IN_QUICK_MODE, IKE_QM2, 0, 9, 9);
}
END_TEST

START_TEST(test_qm2_of_the_ends)
{
	mutate("QM2 of the ends", IN_QUICK_MODE, IKE_QM2, 1, 8, 8);
}
END_TEST

START_TEST(test_qm3)
{
	mutate("QM3 of the nets", IN_QUICK_MODE, IKE_QM3, 0, 6, 6);
}
END_TEST

START_TEST(test_qm3_of_the_ends)
{
	mutate("QM3 of the ends", IN_QUICK_MODE, IKE_QM3, 1, 6, 6);
}
END_TEST

START_TEST(test_qm1_hashed)
{
	mutate("QM1 of the nets, hashed", UNDER_SA_HASHED, IKE_QM1, 0, 4647, 1021);
}
END_TEST

START_TEST(test_qm1_of_the_ends_hashed)
{
	mutate("QM1 of the ends, hashed", UNDER_SA_HASHED, IKE_QM1, 1, 4876, 511);
}
END_TEST

START_TEST(test_qm2_hashed)
{
	mutate("QM2 of the nets, hashed", IN_QUICK_MODE_HASHED, IKE_QM2, 0, 4848, 511);
}
END_TEST

START_TEST(test_qm2_of_the_ends_hashed)
{
	mutate("QM2 of the ends, hashed", IN_QUICK_MODE_HASHED, IKE_QM2, 1, 5076, 511);
}
END_TEST

UNIT_MAIN("mutator_quick_mode", test_qm1, test_qm1_of_the_ends, test_qm2, test_qm2_of_the_ends,
	  test_qm3, test_qm3_of_the_ends, test_qm1_hashed, test_qm1_of_the_ends_hashed,
	  test_qm2_hashed, test_qm2_of_the_ends_hashed)
