/* SPDX-License-Identifier: ISC */
/*
 * Everything that two nodes have ever said to each other, said again: at once and later, to the one it was for and to the one who
 * said it, from the right address and from another, while Phase 1 goes on, when it is established, renewed, deleted, and when one
 * of the two has lost its memory.
 *
 * An MM1 is the one message that cannot be told from a new one when the SA that it began is gone: it begins a half-open SA, which
 * is limited and goes away.  Nothing else may change; nothing may be answered with more octets than it had.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define TAPE_MAX 400

static struct {
	size_t datagrams;
	struct {
		enum duo_node to;
		size_t length;
		uint8_t data[1024];
	} datagram[TAPE_MAX];
	size_t replayed, delivered;
} tape;

static bool record(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	if (tape.datagrams == TAPE_MAX || datagram->length > sizeof(tape.datagram[0].data))
		ck_abort_msg("the tape is too short");
	tape.datagram[tape.datagrams].to = datagram->to;
	tape.datagram[tape.datagrams].length = datagram->length;
	memcpy(tape.datagram[tape.datagrams].data, datagram->data, datagram->length);
	tape.datagrams++;
	return true;
}

static void one(struct duo *duo, size_t i, enum duo_node to, const struct ike_address *from)
{
	struct siege_snapshot before[DUO_NODES];
	enum ike_verdict verdict;
	size_t out;

	siege_look(duo, DUO_A, &before[DUO_A]);
	siege_look(duo, DUO_B, &before[DUO_B]);
	verdict = siege_send(duo, to, from, tape.datagram[i].data, tape.datagram[i].length);
	out = siege_drain(duo, to);
	if (out > tape.datagram[i].length)
		ck_abort_msg("datagram %zu of %zu: %zu octets answered with %zu (%s)", i,
			     tape.datagrams, tape.datagram[i].length, out,
			     ike_verdict_name(verdict));
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		if (!siege_is_as_it_was(duo, node, &before[node]))
			ck_abort_msg("datagram %zu of %zu to node %d: %s, but node %d has changed",
				     i, tape.datagrams, to, ike_verdict_name(verdict), node);
	tape.replayed++;
}

/* Whether it has arrived: until then the "replay" would be the message itself. */
static bool is_on_its_way(const struct duo *duo, size_t i)
{
	for (size_t k = 0; k < duo->datagrams; k++)
		if (!duo->datagram[k].gone && duo->datagram[k].length == tape.datagram[i].length &&
		    memcmp(duo->datagram[k].data, tape.datagram[i].data, tape.datagram[i].length) ==
			0)
			return true;
	return false;
}

static void all(struct duo *duo)
{
	struct ike_address stranger = siege_address(9), right, port;

	for (size_t i = 0; i < tape.datagrams; i++) {
		enum duo_node to = tape.datagram[i].to, back = to == DUO_A ? DUO_B : DUO_A;

		if (is_on_its_way(duo, i))
			continue;
		right = duo->peer[to].gateway[0];
		port = right;
		port.port = 4501;
		one(duo, i, to, &right);
		one(duo, i, to, &stranger);
		one(duo, i, to, &port);
		right = duo->peer[back].gateway[0];
		one(duo, i, back, &right);
		one(duo, i, back, &stranger);
	}
}

static size_t arrived(const struct duo *duo)
{
	size_t count = 0;

	for (size_t i = 0; i < duo->datagrams; i++)
		count += duo->datagram[i].gone;
	return count;
}

/* Runs on, and after every datagram that arrives replays all that there ever were. */
static void run(struct duo *duo, ike_time duration)
{
	ike_time end = duo->now + duration;

	while (duo->now < end) {
		size_t before = arrived(duo), sent = tape.datagrams;

		duo_run(duo, IKE_MILLISECOND);
		if (arrived(duo) == before && tape.datagrams == sent)
			continue;
		tape.delivered += arrived(duo) - before;
		all(duo);
		siege_forget(duo);
	}
}

static void command(struct duo *duo, enum duo_node node, enum ike_command_kind kind)
{
	struct ike_command command = {.kind = kind};

	ck_assert(ike_command(duo->core[node], duo->now, &command));
}

/* Main Mode, INITIAL-CONTACT, questions each way. */
static struct duo *session(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	memset(&tape, 0, sizeof(tape));
	duo->deliver = record;
	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 120;
	duo->peer[DUO_B].gateways = 0; /* strangers may call */
	duo_start(duo);
	duo_connect(duo, DUO_A);
	run(duo, 3 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	for (int i = 0; i < 3; i++) {
		command(duo, DUO_A, IKE_COMMAND_ASK_NOW);
		run(duo, 300 * IKE_MILLISECOND);
		command(duo, DUO_B, IKE_COMMAND_ASK_NOW);
		run(duo, 300 * IKE_MILLISECOND);
	}
	return duo;
}

static uint64_t handshakes_done(const struct duo *duo)
{
	struct ike_status status;

	ike_status(duo->core[DUO_B], &status);
	return status.counter[IKE_COUNT_HANDSHAKES_DONE];
}

START_TEST(p16_replay_of_every_recorded_datagram)
{
	struct duo *duo = session(1);

	/* until it has been renewed, and the SA that was superseded has been deleted */
	for (int second = 0; second < 140; second++)
		run(duo, IKE_SECOND);
	ck_assert_uint_eq(handshakes_done(duo), 2);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	command(duo, DUO_A, IKE_COMMAND_CLOSE);
	run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	for (int second = 0; second < 40; second += 5) {
		all(duo);
		run(duo, 5 * IKE_SECOND);
		siege_forget(duo);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(handshakes_done(duo), 2);
	ck_assert_uint_gt(tape.delivered, 40);
	ck_assert_uint_gt(tape.replayed, 5000);
	duo_free(duo);
}
END_TEST

/* Whoever has lost his memory has no SA that a recording could touch, and is not talked into one. */
START_TEST(p16_replay_after_a_reboot)
{
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct duo *duo = session(2);

		duo->deliver = forge_lose_all;
		duo_reboot(duo, node);
		for (int second = 0; second < 10; second++) {
			all(duo);
			duo_run(duo, IKE_SECOND);
			siege_forget(duo);
			ck_assert_uint_eq(duo_established(duo, node), 0);
		}
		ck_assert_uint_gt(tape.replayed, 500);
		duo_free(duo);
	}
}
END_TEST

/* Into a node that has never heard of anybody: before the first message, so to speak. */
START_TEST(p16_replay_before_the_first_message)
{
	struct duo *duo = session(3), *other = duo_new(77);

	duo_start(other);
	all(other);
	duo_run(other, 40 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(other, DUO_A), 0);
	ck_assert_uint_eq(duo_established(other, DUO_B), 0);
	duo_free(other);
	duo_free(duo);
}
END_TEST

/*
 * A recorded Delete and a recorded INITIAL-CONTACT, replayed when a hundred other messages have long pushed their message IDs out of
 * memory, and when there is a newer SA that they would take away if they were believed once more (R117).
 */
START_TEST(delete_and_initial_contact_replay)
{
	struct duo *duo = siege_new(4);
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	uint8_t contact[IKE_SMALL_MESSAGE], delete[IKE_SMALL_MESSAGE];
	size_t contact_length, delete_length;
	struct ike_sa_status sa;
	struct forge forge;

	/* obeyed once in this SA (when it came up); a Delete of an SA that is gone, under one that is not */
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	contact_length = forge_protected(&forge, contact, sizeof(contact));
	ck_assert_int_eq(siege_send(duo, DUO_B, &a, contact, contact_length),
			 IKE_INITIAL_CONTACT_REPEATED);
	forge_from(&forge, duo, DUO_A);
	memset(forge.named_cky_i, 0x21, IKE_COOKIE_LENGTH);
	forge_delete(&forge);
	delete_length = forge_protected(&forge, delete, sizeof(delete));
	ck_assert_int_eq(siege_send(duo, DUO_B, &a, delete, delete_length), IKE_DELETE_UNKNOWN_SPI);
	for (int i = 0; i < 20; i++) {
		command(duo, DUO_A, IKE_COMMAND_ASK_NOW);
		duo_run(duo, 200 * IKE_MILLISECOND);
	}
	for (int i = 0; i < 100; i++) {
		forge_from(&forge, duo, DUO_A);
		forge_notify(&forge, 40000);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_NOTIFY_IGNORED);
	}
	/* forgotten, and read again: to no effect */
	for (int i = 0; i < 3; i++) {
		struct siege_snapshot before;

		siege_look(duo, DUO_B, &before);
		for (int repeat = 0; repeat < 20; repeat++) {
			(void)siege_send(duo, DUO_B, &a, contact, contact_length);
			(void)siege_send(duo, DUO_B, &a, delete, delete_length);
			ck_assert(siege_drain(duo, DUO_B) == 0);
			ck_assert(siege_is_as_it_was(duo, DUO_B, &before));
		}
		ck_assert(siege_verdicts(duo, DUO_B, IKE_INITIAL_CONTACT_REPEATED) > 1);
		ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		duo_run(duo, 10 * IKE_SECOND);
	}
	duo_free(duo);
}
END_TEST

UNIT_MAIN("replay", p16_replay_of_every_recorded_datagram, p16_replay_after_a_reboot,
	  p16_replay_before_the_first_message, delete_and_initial_contact_replay)
