/* SPDX-License-Identifier: ISC */
/*
 * test_mutator_sa.c - everything that is said under an SA, and what is said about it in the clear, wrong in every field and of
 * every length; see tests/fuzz/mutator.h.
 */
#include <string.h>

#include "tests/fuzz/mutator.h"
#include "tests/support/unit.h"

#define NO_TYPE 0 /* of a NOTIFY that is none */

/* What follows HASH(1): a NOTIFY about the SA, with a number or without; or a DELETE of it; or a Quick Mode. */
struct saying {
	uint8_t exchange, type;
	uint16_t notify_type;
	uint32_t number;
};

static const char quick_mode[] = "0a000030 00000001 00000001 00000024 01030401 c0ffee01 00000018 "
				 "010c0000 80040001 80050002 80060080 80010001"
				 "05000014 000102030405060708090a0b0c0d0e0f"
				 "05000010 04000000 0a000100 ffffff00"
				 "00000010 04000000 0a000200 ffffff00";

static void write_notify(struct wire_writer *writer, const struct ike_sa *sa,
			 const struct saying *saying)
{
	uint8_t spi[2 * IKE_COOKIE_LENGTH] = {0}, data[4];
	struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ISAKMP,
	    .type = saying->notify_type,
	    .spi = octets_of(spi, sizeof(spi)),
	};
	struct wire_writer number;

	memcpy(spi, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(spi + IKE_COOKIE_LENGTH, sa->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&number, data, sizeof(data));
	if (saying->number != 0)
		wire_write_u32(&number, saying->number);
	notify.data = wire_written(&number);
	ike_notify_write(writer, &notify);
}

static void say(struct subject *subject, const struct saying *saying)
{
	const struct ike_sa *sa = subject_sa(subject);
	struct ike_header header = seal_header(sa, saying->exchange, 0, 0);
	uint8_t hash[HASH_MAX_LENGTH] = {0}, more[256];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t mark;

	header.flags = subject->arrival == IN_CLEAR ? 0 : IKE_FLAG_ENCRYPTION;
	wire_write_to(&writer, subject->plain_octets, MUTATE_MOST);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	if (subject->arrival != IN_CLEAR)
		ike_payload_write(&chain, IKE_PAYLOAD_HASH, octets_of(hash, hash_length(sa->hash)));
	if (saying->exchange == IKE_EXCHANGE_QUICK_MODE) {
		wire_patch_u8(&writer, chain.next_payload_at, saying->type);
		wire_write_octets(&writer,
				  octets_of(more, unit_hex(quick_mode, more, sizeof(more))));
	} else {
		mark = ike_payload_begin(&chain, saying->type);
		if (saying->type == IKE_PAYLOAD_DELETE)
			ike_delete_write_isakmp(&writer, sa->cky_i, sa->cky_r);
		else
			write_notify(&writer, sa, saying);
		ike_payload_end(&chain, mark);
	}
	ike_header_finish(&writer);
	ck_assert(!writer.failed);
	subject->plain = wire_written(&writer);
}

static void under_sa(struct subject *subject, struct saying saying, size_t tolerations)
{
	subject_open(subject);
	if (saying.notify_type == IKE_NOTIFY_R_U_THERE)
		saying.number = subject->world.friend[WORLD_FRIEND].number;
	if (saying.notify_type == IKE_NOTIFY_R_U_THERE_ACK)
		saying.number = subject->world.friend[WORLD_FRIEND].last_question;
	say(subject, &saying);
	subject_mutate(subject, tolerations);
}

/* ---- by somebody who has no keys: HASH(1) stays what it was ---------------------------------------------------------- */

/*
 * HASH(1) covers everything behind its payload, up to the padding; but not the octet of its own header that says of what type
 * the next payload is (RFC 2409 section 5.7).  Only who has the keys, as this test has, can change that one: it is the first
 * octet of the first block, and whoever changes a block of CBC breaks all of it, and with it HASH(1).  The header is not covered,
 * either: the commit bit is tolerated in Quick Mode, and makes us patient.
 */
static bool subject_commit(const struct subject *subject, const struct mutation *mutation)
{
	return subject->right == IKE_QUICK_MODE_DECLINED &&
	       subject_field(mutation, "HDR", "flags") &&
	       mutation->value == (IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT);
}

static bool not_covered(const struct subject *subject, const struct mutation *mutation)
{
	return subject_padding(subject, mutation) || subject_commit(subject, mutation) ||
	       (subject_field(mutation, "HASH", "next payload") &&
		(mutation->value == IKE_PAYLOAD_NOTIFY || mutation->value == IKE_PAYLOAD_DELETE ||
		 subject->verdict == IKE_QUICK_MODE_DECLINED));
}

#define INFORMATIONAL IKE_EXCHANGE_INFORMATIONAL

START_TEST(test_r_u_there)
{
	static struct subject subject = {
	    .name = "R-U-THERE", .arrival = UNDER_SA, .tolerated = not_covered};

	under_sa(&subject,
		 (struct saying){INFORMATIONAL, IKE_PAYLOAD_NOTIFY, IKE_NOTIFY_R_U_THERE, 0}, 6);
}
END_TEST

START_TEST(test_r_u_there_ack)
{
	static struct subject subject = {.name = "R-U-THERE-ACK",
					 .arrival = UNDER_SA,
					 .tolerated = not_covered,
					 .options = {.initiator = true, .mute = true}};

	under_sa(&subject,
		 (struct saying){INFORMATIONAL, IKE_PAYLOAD_NOTIFY, IKE_NOTIFY_R_U_THERE_ACK, 0},
		 6);
}
END_TEST

START_TEST(test_initial_contact)
{
	static struct subject subject = {.name = "INITIAL-CONTACT",
					 .arrival = UNDER_SA,
					 .tolerated = not_covered,
					 .options = {.obey_initial_contact = true},
					 .right = IKE_INITIAL_CONTACT_REPEATED};

	under_sa(&subject,
		 (struct saying){INFORMATIONAL, IKE_PAYLOAD_NOTIFY, IKE_NOTIFY_INITIAL_CONTACT, 0},
		 6);
}
END_TEST

START_TEST(test_delete)
{
	static struct subject subject = {
	    .name = "DELETE", .arrival = UNDER_SA, .tolerated = not_covered, .fatal = true};

	under_sa(&subject, (struct saying){INFORMATIONAL, IKE_PAYLOAD_DELETE, NO_TYPE, 0}, 6);
}
END_TEST

START_TEST(test_quick_mode)
{
	static struct subject subject = {.name = "Quick Mode",
					 .arrival = UNDER_SA,
					 .tolerated = not_covered,
					 .right = IKE_QUICK_MODE_DECLINED};

	under_sa(&subject, (struct saying){IKE_EXCHANGE_QUICK_MODE, IKE_PAYLOAD_SA, NO_TYPE, 0}, 6);
}
END_TEST

/* ---- by somebody who has them: HASH(1) fits, and it is only his own SA that may suffer ------------------------------- */

static bool anything(const struct subject *subject, const struct mutation *mutation)
{
	(void)subject;
	(void)mutation;
	return true;
}

/* A message that is well formed in every other way; what becomes of it is the extension's and the SA's matter. */
/* Strict: R-U-THERE is of the one form, or is none. */
static bool all_but_accepted(const struct subject *subject, const struct mutation *mutation)
{
	return subject->verdict != IKE_ACCEPTED || subject_field(mutation, "N", "type");
}

static void with_keys(const char *name, bool strict, struct saying saying, size_t tolerations)
{
	static struct subject subject;

	memset(&subject, 0, sizeof(subject));
	subject.name = name;
	subject.arrival = UNDER_SA_HASHED;
	subject.tolerated = strict ? all_but_accepted : anything;
	subject.options.strict = strict;
	subject.options.obey_initial_contact = true;
	under_sa(&subject, saying, tolerations);
}

START_TEST(test_with_keys)
{
	static const struct saying r_u_there = {INFORMATIONAL, IKE_PAYLOAD_NOTIFY,
						IKE_NOTIFY_R_U_THERE, 0};

	with_keys("R-U-THERE, interop", false, r_u_there, 675);
	with_keys("R-U-THERE, strict", true, r_u_there, 675);
	with_keys("INITIAL-CONTACT", false,
		  (struct saying){INFORMATIONAL, IKE_PAYLOAD_NOTIFY, IKE_NOTIFY_INITIAL_CONTACT, 0},
		  674);
	with_keys("DELETE", false, (struct saying){INFORMATIONAL, IKE_PAYLOAD_DELETE, NO_TYPE, 0},
		  675);
	with_keys("Quick Mode", false,
		  (struct saying){IKE_EXCHANGE_QUICK_MODE, IKE_PAYLOAD_SA, NO_TYPE, 0}, 4542);
}
END_TEST

/* ---- in the clear ---------------------------------------------------------------------------------------------------- */

/* Never more than a hint: mutator.c sees to it that one harms nobody. */
static bool hint(const struct subject *subject, const struct mutation *mutation)
{
	(void)mutation;
	return subject->verdict == IKE_HINT_ONLY;
}

static void in_clear(size_t stopped_before, uint16_t type, size_t tolerations)
{
	static struct subject subject;

	memset(&subject, 0, sizeof(subject));
	subject.name = ike_notify_name(type);
	subject.arrival = IN_CLEAR;
	subject.tolerated = hint;
	subject.options.obey_initial_contact = true;
	subject.line = subject.options.lines = stopped_before;
	under_sa(&subject, (struct saying){INFORMATIONAL, IKE_PAYLOAD_NOTIFY, type, 0},
		 tolerations);
}

START_TEST(test_in_clear_about_an_sa)
{
	in_clear(0, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, 4);
	in_clear(0, IKE_NOTIFY_INVALID_COOKIE, 391);
	in_clear(0, IKE_NOTIFY_R_U_THERE, 4);
	in_clear(0, IKE_NOTIFY_INITIAL_CONTACT, 4);
}
END_TEST

START_TEST(test_in_clear_about_a_negotiation)
{
	in_clear(cast_record(false, false)->last, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, 445);
}
END_TEST

START_TEST(test_delete_in_clear)
{
	static struct subject subject = {
	    .name = "DELETE in the clear", .arrival = IN_CLEAR, .tolerated = hint};

	under_sa(&subject, (struct saying){INFORMATIONAL, IKE_PAYLOAD_DELETE, NO_TYPE, 0}, 0);
}
END_TEST

UNIT_MAIN("mutator_sa", test_r_u_there, test_r_u_there_ack, test_initial_contact, test_delete,
	  test_quick_mode, test_with_keys, test_in_clear_about_an_sa,
	  test_in_clear_about_a_negotiation, test_delete_in_clear)
