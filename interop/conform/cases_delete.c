/* SPDX-License-Identifier: ISC */
/*
 * cases_delete.c - Delete: RFC 2408 sections 3.15, 5.15.
 *
 * A Delete is no request: it tells what its sender has done already, is not acknowledged, and is to be believed only under protection.
 * The SPIs in those that must not be obeyed are of no SA, so that whatever ends is ended by mistake.
 */
#include "interop/conform/cases.h"
#include "interop/conform/scene.h"

#define BODY 300 /* octets of a Delete of ours at most */

static struct message *new_delete(struct trial *trial, struct trial_sa *sa)
{
	struct message *message = trial_message(trial, sa);

	message_add_delete(message);
	return message;
}

/* A Delete with all its fields free; `count` need not be that of the SPIs. */
static void add_delete(struct message *message, uint8_t protocol, uint8_t spi_size, uint16_t count,
		       struct octets spis)
{
	uint8_t body[BODY];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	wire_write_u32(&writer, IKE_DOI_IPSEC);
	wire_write_u8(&writer, protocol);
	wire_write_u8(&writer, spi_size);
	wire_write_u16(&writer, count);
	wire_write_octets(&writer, spis);
	message_add(message, IKE_PAYLOAD_DELETE, wire_written(&writer));
}

/* Our own core is not told, so that it still takes the device's Delete if there is one. */
static void own_sa(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	trial_send(trial, sa, new_delete(trial, sa));
	trial_expect_gone(trial, sa, CONFORM_LENIENT);
}

static void what_is_said_to_it(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want reaction = {.sa = sa, .like = scene_is_reaction};
	const struct seen *seen = NULL;
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	trial_send(trial, sa, new_delete(trial, sa));
	trial_pass_time(trial, trial_get_settings(trial)->patience);
	if (trial_is_decided(trial))
		return;
	if (trial_count(trial, &reaction, mark, &seen) == 0)
		trial_value(trial, NULL, "answer=none", "a Delete is not answered");
	else if (seen_is(seen, &(struct want){.payload = IKE_PAYLOAD_DELETE}))
		trial_value(trial, seen, "answer=delete", "a Delete is answered with a Delete");
	else
		trial_value(trial, seen, "answer=other", "a Delete is answered, with no Delete");
}

static void expect_ignored(struct trial *trial, struct trial_sa *sa, const struct message *message)
{
	trial_send(trial, sa, message);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void in_the_clear(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	struct message *message;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	message = new_delete(trial, sa);
	message->protection = MESSAGE_CLEAR;
	expect_ignored(trial, sa, message);
	message = new_delete(trial, sa);
	message->protection = MESSAGE_CLEAR_HASH;
	expect_ignored(trial, sa, message);
}

static void with_a_wrong_hash(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	struct message *message;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	message = new_delete(trial, sa);
	message->hash = MESSAGE_HASH_WRONG;
	expect_ignored(trial, sa, message);
	message = new_delete(trial, sa);
	message->protection = MESSAGE_WITHOUT_HASH;
	expect_ignored(trial, sa, message);
}

/* ---- SPIs that name nothing ---------------------------------------------------------------------------------------- */

static const uint8_t nobody[] = "these are octets that no SA has for cookies, nor for an SPI";

static void of_unknown_spis(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want reaction = {.sa = sa, .like = scene_is_reaction};
	struct message *message;
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	message = trial_message(trial, sa);
	add_delete(message, IKE_PROTOCOL_ISAKMP, 16, 1, octets_of(nobody, 16));
	trial_send(trial, sa, message);
	message = trial_message(trial, sa);
	add_delete(message, IKE_PROTOCOL_ESP, 4, 2, octets_of(nobody, 8));
	trial_send(trial, sa, message);
	trial_expect_silence(trial, sa, mark, &reaction, CONFORM_LENIENT, CONFORM_FAIL);
}

static void of_nothing(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	struct message *message;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	message = trial_message(trial, sa);
	add_delete(message, IKE_PROTOCOL_ISAKMP, 16, 0, octets_of(NULL, 0));
	expect_ignored(trial, sa, message);
	message = trial_message(trial, sa);
	add_delete(message, IKE_PROTOCOL_ESP, 4, 0, octets_of(NULL, 0));
	expect_ignored(trial, sa, message);
}

static void of_odd_sizes(struct trial *trial)
{
	static const uint8_t size[] = {0, 4, 8, 17, 255};
	static const uint8_t zeros[UINT8_MAX];
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		struct message *message = trial_message(trial, sa);

		add_delete(message, IKE_PROTOCOL_ISAKMP, size[i], 1, octets_of(zeros, size[i]));
		expect_ignored(trial, sa, message);
	}
}

/* ---- of others ----------------------------------------------------------------------------------------------------- */

static void of_another_identity(struct trial *trial)
{
	struct trial_sa *other = scene_call_as_another(trial), *sa;
	struct message *message;
	uint8_t cookies[2 * IKE_COOKIE_LENGTH];
	struct wire_writer writer;

	trial_expect_alive(trial, other, CONFORM_INCONCLUSIVE);
	sa = trial_call(trial, NULL);
	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	if (trial_is_decided(trial))
		return;
	if (!scene_is_alive(trial, other))
		trial_decide(
		    trial, CONFORM_UNSUPPORTED, NULL,
		    "the device keeps one SA per address: that of another identity ends it "
		    "without a Delete");
	wire_write_to(&writer, cookies, sizeof(cookies));
	wire_write_octets(&writer, octets_of(other->cky_i, IKE_COOKIE_LENGTH));
	wire_write_octets(&writer, octets_of(other->cky_r, IKE_COOKIE_LENGTH));
	message = trial_message(trial, sa);
	add_delete(message, IKE_PROTOCOL_ISAKMP, sizeof(cookies), 1, wire_written(&writer));
	trial_send(trial, sa, message);
	trial_expect_alive(trial, other, CONFORM_FAIL);
}

static void replayed_after_a_newer(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL), *newer;
	const struct seen *recorded;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	trial_close(trial, sa);
	recorded = scene_last_sent(trial, sa, IKE_PAYLOAD_DELETE);
	newer = trial_call(trial, NULL);
	trial_expect_alive(trial, newer, CONFORM_INCONCLUSIVE);
	trial_replay(trial, recorded);
	trial_expect_alive(trial, newer, CONFORM_FAIL);
}

/* ---- with more in the same message --------------------------------------------------------------------------------- */

static void twice_in_a_message(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	struct message *message;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	message = new_delete(trial, sa);
	message_add_delete(message);
	trial_send(trial, sa, message);
	scene_expect_survival(trial, "two Deletes of one SA in a message");
}

const struct conform_case cases_delete[] = {
    {
	.id = "rfc2408/5.15/delete-obeyed",
	.title = "A Delete of its own SA is obeyed",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 sections 3.15, 5.15",
	.requirement = "A Delete tells that its sender has removed the SA.  Who goes on using it "
		       "will not be answered, and takes that for a death.",
	.expected =
	    "R-U-THERE is not answered any more, or a Delete comes back; LENIENT: it is answered",
	.script = own_sa,
    },
    {
	.id = "rfc2408/5.15/delete-answered",
	.title = "What the device says to a Delete",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 sections 3.15, 5.15",
	.requirement =
	    "A Delete is one message in one direction, and nobody is expected to acknowledge it.",
	.expected = "none, or a Delete",
	.script = what_is_said_to_it,
    },
    {
	.id = "rfc2408/5.15/delete-in-clear", /* R119 */
	.title = "A Delete in the clear is ignored",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 sections 4.8, 5.15, RFC 2409 section 5.7",
	.requirement = "Once there is an ISAKMP SA, Informationals are protected by it; one in the "
		       "clear is anybody's.",
	.expected = "the SA still answers, after a Delete in the clear and after one with HASH(1) "
		    "in the clear",
	.script = in_the_clear,
    },
    {
	.id = "rfc2409/5.7/delete-wrong-hash", /* R59 */
	.title = "A Delete with a wrong HASH(1), or none, is ignored",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) authenticates the Delete.  Encryption alone does not: its blocks "
		       "can be exchanged and changed.",
	.expected = "the SA still answers",
	.script = with_a_wrong_hash,
    },
    {
	.id = "rfc2408/5.15/delete-unknown-spis",
	.title = "A Delete of SPIs that the device does not know is ignored",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 5.15",
	.requirement =
	    "Of SAs that are not there nothing has to be removed, nor is there anything to answer.",
	.expected = "nothing in answer; the SA still answers; LENIENT: something is said to it",
	.script = of_unknown_spis,
    },
    {
	.id = "robust/3.15/delete-count-zero",
	.title = "A Delete that names no SPI deletes nothing",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.15",
	.requirement = "The number of SPIs says how many SAs are gone, and may be 0 on the wire.",
	.expected = "the SA still answers",
	.script = of_nothing,
    },
    {
	.id = "robust/3.15/delete-spi-size",
	.title = "A Delete of ISAKMP SAs with odd sizes of SPIs",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.15",
	.requirement = "The SPI of an ISAKMP SA is its two cookies, sixteen octets; with another "
		       "size no SA is named.",
	.expected = "the SA still answers after sizes of 0, 4, 8, 17 and 255 octets",
	.script = of_odd_sizes,
    },
    {
	.id = "robust/5.15/delete-of-another", /* R120 */
	.title = "A Delete of an SA of another identity is ignored",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 5.15",
	.requirement = "Who has an SA with the device may delete its own SAs, and nobody else's.",
	.expected = "the other identity's SA still answers",
	.script = of_another_identity,
    },
    {
	.id = "robust/5.15/delete-replayed",
	.title = "A Delete that is replayed does not end a newer SA",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 5.15",
	.requirement = "A Delete is good for the SA that it came under.  Recorded and sent again "
		       "it finds that gone, and touches no other.",
	.expected = "the newer SA still answers",
	.script = replayed_after_a_newer,
    },
    {
	.id = "robust/5.15/delete-twice", /* R121 */
	.title = "Two Deletes of one SA in a message",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 5.15",
	.requirement =
	    "After the first there is no SA to look at the second with (CVE-2023-38712).",
	.expected = "a new Phase 1 comes up, and R-U-THERE is answered",
	.script = twice_in_a_message,
    },
    {0},
};
