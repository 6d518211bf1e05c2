/* SPDX-License-Identifier: ISC */
/*
 * A million hostile datagrams, of every kind that this folder knows, at a node with an established SA: nothing grows, the SA lives
 * and is answered all the time, and no more octets go out than came in.  Under sanitizers it is a twentieth of that.
 */
#include <malloc.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/allocations.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define DATAGRAMS (SIEGE_SANITIZED ? 50000u : 1000000u)
#define WARM                                                                                       \
	(DATAGRAMS /                                                                               \
	 5) /* by then every limit has been reached, and all memory that will be needed is there */
#define BATCH    500u /* in between, both nodes are run: 50 ms */
#define REAL_MAX 64

enum kind {
	NOISE,           /* octets */
	NOISE_IN_HEADER, /* behind a header that passes the first checks */
	MUTATED,         /* a real message with some octets changed */
	REPLAYED,        /* a real message */
	REFLECTED,       /* a real message of B's own */
	RUMOUR,          /* a notification in the clear */
	WRONG_LENGTH,    /* a real message, longer or shorter than it says */
	WRONG_HEADER,    /* a real message of another version, exchange, flags */
	UNKNOWN_COOKIES, /* of an SA that there is not */
	ENCRYPTED_NOISE, /* under the SA's cookies, from the right address */
	FIRST_MESSAGE,   /* from one of a million addresses */
	BIT_FLIPPED,     /* a real message with one bit of its payloads changed */
	KINDS
};

static struct {
	struct random_source random;
	uint64_t dice;
	size_t reals;
	struct {
		enum duo_node to;
		size_t length;
		uint8_t data[600];
	} real[REAL_MAX];
	uint8_t data[1200];
	size_t length;
	struct ike_address from;
	uint64_t in, stray_octets, sent[KINDS], accepted[KINDS];
} attack;

static uint32_t dice(uint32_t below)
{
	attack.dice = attack.dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((attack.dice >> 32) * below >> 32);
}

static bool record(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	if (attack.reals < REAL_MAX && datagram->length <= sizeof(attack.real[0].data)) {
		attack.real[attack.reals].to = datagram->to;
		attack.real[attack.reals].length = datagram->length;
		memcpy(attack.real[attack.reals++].data, datagram->data, datagram->length);
	}
	return true;
}

static void count_stray(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	(void)duo;
	(void)from;
	attack.stray_octets += datagram->length;
}

/* ---- one datagram of each kind ------------------------------------------------------------------------------------- */

static void say_length(size_t length)
{
	attack.length = length;
	if (length < IKE_HEADER_LENGTH)
		return;
	memset(attack.data + IKE_HEADER_LENGTH_AT, 0, 4);
	attack.data[IKE_HEADER_LENGTH_AT + 2] = (uint8_t)(length >> 8);
	attack.data[IKE_HEADER_LENGTH_AT + 3] = (uint8_t)length;
}

/* From A to B, or from B to A. */
static void take_real(enum duo_node to)
{
	size_t i;

	do
		i = dice((uint32_t)attack.reals);
	while (attack.real[i].to != to);
	memcpy(attack.data, attack.real[i].data, attack.real[i].length);
	attack.length = attack.real[i].length;
}

static void noise(bool header)
{
	size_t length = dice(600);

	random_octets(&attack.random, attack.data, length);
	attack.length = length;
	if (!header || length < IKE_HEADER_LENGTH)
		return;
	attack.data[17] = 0x10;
	attack.data[18] = (uint8_t[]){2, 5, 32, 4}[dice(4)];
	attack.data[19] &= 1;
	if (dice(2) == 0)
		memset(attack.data + 8, 0, 8);
	say_length(length);
}

static void mutate(void)
{
	take_real(DUO_B);
	for (uint32_t i = 0, octets = 1 + dice(8); i < octets; i++)
		attack.data[dice((uint32_t)attack.length)] = (uint8_t)dice(256);
	if (dice(4) != 0)
		say_length(attack.length);
}

static void put_cookies(struct duo *duo, bool right)
{
	struct ike_sa_status sa;
	uint32_t cursor = 0;

	random_octets(&attack.random, attack.data, 16);
	if (!right || !ike_next_sa(duo->core[DUO_B], &cursor, &sa))
		return;
	memcpy(attack.data, sa.cky_i, IKE_COOKIE_LENGTH);
	memcpy(attack.data + IKE_COOKIE_LENGTH, sa.cky_r, IKE_COOKIE_LENGTH);
}

static void encrypted_noise(struct duo *duo, bool right_cookies)
{
	random_octets(&attack.random, attack.data, 28 + 16 * 8);
	put_cookies(duo, right_cookies);
	attack.data[16] = IKE_PAYLOAD_HASH;
	attack.data[17] = 0x10;
	attack.data[18] = dice(3) == 0 ? IKE_EXCHANGE_QUICK_MODE : IKE_EXCHANGE_INFORMATIONAL;
	attack.data[19] = IKE_FLAG_ENCRYPTION;
	say_length(28 + 16 * dice(9) + (dice(8) == 0 ? dice(16) : 0));
}

static void rumour(struct duo *duo)
{
	static const uint8_t notify[] = {0, 0, 0, 28, 0, 0, 0, 1, 1, 16};

	memset(attack.data, 0, 64);
	put_cookies(duo, dice(2) == 0);
	memcpy(attack.data + 28, notify, sizeof(notify));
	memcpy(attack.data + 40, attack.data, 16);
	attack.data[16] = dice(4) == 0 ? IKE_PAYLOAD_DELETE : IKE_PAYLOAD_NOTIFY;
	attack.data[17] = 0x10;
	attack.data[18] = IKE_EXCHANGE_INFORMATIONAL;
	attack.data[38] = (uint8_t[]){0, 0x40, 0x60, 0x8d}[dice(4)];
	attack.data[39] = (uint8_t)dice(48);
	say_length(56);
}

static void first_message(struct duo *duo)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	struct caller caller;

	random_octets(&attack.random, cky_i, sizeof(cky_i));
	attack.length = caller_message_1(&caller, cky_i, &duo->peer[DUO_B].proposal[0]);
	memcpy(attack.data, caller.data, attack.length);
	attack.from = siege_address(dice(1000000));
}

static void make(struct duo *duo, enum kind kind)
{
	switch (kind) {
	case NOISE:
	case NOISE_IN_HEADER:
		noise(kind == NOISE_IN_HEADER);
		break;
	case MUTATED:
		mutate();
		break;
	case REPLAYED:
		take_real(DUO_B);
		break;
	case BIT_FLIPPED:
		take_real(DUO_B);
		attack.data[28 + dice((uint32_t)attack.length - 28)] ^= (uint8_t)(1u << dice(8));
		break;
	case REFLECTED:
		take_real(DUO_A);
		break;
	case RUMOUR:
		rumour(duo);
		break;
	case WRONG_LENGTH:
		take_real(DUO_B);
		attack.length = dice(600);
		break;
	case WRONG_HEADER:
		take_real(DUO_B);
		attack.data[16 + dice(8)] = (uint8_t)dice(256);
		break;
	case UNKNOWN_COOKIES:
	case ENCRYPTED_NOISE:
		encrypted_noise(duo, kind == ENCRYPTED_NOISE);
		break;
	case FIRST_MESSAGE:
		first_message(duo);
		break;
	case KINDS:
		ck_abort();
	}
}

static void send_one(struct duo *duo)
{
	enum kind kind = dice(KINDS);

	attack.from = duo->peer[DUO_B].gateway[0];
	if (dice(4) == 0)
		attack.from = siege_address(dice(1000000));
	make(duo, kind);
	attack.in += attack.length;
	attack.sent[kind]++;
	attack.accepted[kind] +=
	    siege_send(duo, DUO_B, &attack.from, attack.data, attack.length) == IKE_ACCEPTED;
}

/* ---- and what must be true all the time ---------------------------------------------------------------------------- */

static void look(struct duo *duo)
{
	const struct ike_core *core = duo->core[DUO_B];
	struct ike_status status;

	ike_status(core, &status);
	if (status.established != 1 || status.handshakes > status.limits.handshakes ||
	    status.sas > 1 + status.handshakes || status.outputs != 0 ||
	    duo_count_reports(duo, DUO_A, IKE_REPORT_SUSPECT) != 0 ||
	    duo_count_reports(duo, DUO_B, IKE_REPORT_SUSPECT) != 0 ||
	    duo_count(duo, DUO_B, IKE_EVENT_DELETED) != 0)
		ck_abort_msg(
		    "%u established, %u half-open, %u SAs, %u outputs, or somebody suspect",
		    status.established, status.handshakes, status.sas, status.outputs);
}

static void ask(struct duo *duo, enum duo_node node)
{
	struct ike_command command = {.kind = IKE_COMMAND_ASK_NOW};
	const struct ike_event *alive;

	siege_forget(duo);
	ck_assert(ike_command(duo->core[node], duo->now, &command));
	duo_run(duo, 20 * IKE_MILLISECOND);
	alive = duo_last_report(duo, node, IKE_REPORT_ALIVE);
	ck_assert_ptr_nonnull(alive);
}

START_TEST(million_hostile_datagrams)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {99};
	struct duo *duo = duo_new(1);
	struct ike_sa_status before, after;
	struct ike_status status;
	size_t in_use = 0;

	random_seeded(&attack.random, seed);
	duo->deliver = record;
	duo->stray = count_stray;
	duo->peer[DUO_B].gateways = 0; /* anybody may call */
	siege_begin(duo);
	(void)siege_run(duo, 100 * IKE_SECOND);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &before), 1);
	ck_assert_uint_gt(attack.reals, 20);
	for (uint32_t i = 0; i < DATAGRAMS; i++) {
		send_one(duo);
		if (i % BATCH != BATCH - 1)
			continue;
		duo_run(duo, 50 * IKE_MILLISECOND);
		look(duo);
		siege_forget(duo);
		if (i % (100 * BATCH) == 100 * BATCH - 1)
			ask(duo, DUO_A);
		if (i + 1 == WARM && allocations_counted())
			in_use = mallinfo2().uordblks;
	}
	ask(duo, DUO_A);
	ask(duo, DUO_B);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &after), 1);
	ck_assert_mem_eq(before.cky_r, after.cky_r, IKE_COOKIE_LENGTH);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_le(status.counter[IKE_COUNT_OCTETS_OUT], attack.in);
	ck_assert_uint_le(attack.stray_octets, attack.in / 2);
	if (allocations_counted())
		ck_assert_uint_le(mallinfo2().uordblks, in_use + 4096);
	/* every kind was sent; noise is good for nothing, and a first message for a while */
	for (enum kind kind = 0; kind < KINDS; kind++)
		ck_assert_uint_gt(attack.sent[kind], DATAGRAMS / KINDS / 2);
	ck_assert_uint_gt(attack.accepted[FIRST_MESSAGE], 100);
	ck_assert_uint_eq(attack.accepted[ENCRYPTED_NOISE], 0);
	ck_assert_uint_eq(attack.accepted[NOISE] + attack.accepted[NOISE_IN_HEADER], 0);
	/* all is given back when it is over */
	(void)siege_run(duo, 40 * IKE_SECOND);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.handshakes, 0);
	ck_assert_uint_eq(status.sas, 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("million", million_hostile_datagrams)
