/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct impair *impair;
static struct impair_sa *sa;
static struct ike_datagram datagram;

static void begin(void)
{
	impaired = impaired_new(IMPAIRED_NONE);
	impaired_up(impaired);
	impair = impaired->impair;
	sa = impair_sa_of(impair, impaired->cky_i, impaired->cky_r);
	ck_assert_ptr_nonnull(sa);
}

static uint32_t number(void)
{
	struct ike_notify notify;

	message_open(impaired->crypto, &impaired->keys, octets_of(datagram.data, datagram.length),
		     &impaired->opened);
	ck_assert(opened_notify(&impaired->opened, IKE_NOTIFY_R_U_THERE, &notify));
	return notify.data.data[3];
}

static void put(ike_time due, uint32_t which)
{
	impair_send_keepalive(impair, due, sa, IKE_NOTIFY_R_U_THERE, which);
}

START_TEST(nothing_is_due)
{
	begin();
	ck_assert_uint_eq(impair_deadline(impair), IKE_NEVER);
	ck_assert(!impair_next_out(impair, IKE_NEVER - 1, &datagram));
	ck_assert(!impair_next_in(impair, IKE_NEVER - 1, &datagram));
	put(1000, 1);
	ck_assert_uint_eq(impair_deadline(impair), 1000);
	ck_assert(!impair_next_out(impair, 999, &datagram));
	impaired_free(impaired);
}
END_TEST

START_TEST(in_order)
{
	begin();
	put(1000, 3);
	put(500, 1);
	put(500, 2);
	ck_assert_uint_eq(impair_deadline(impair), 500);
	for (uint32_t i = 1; i <= 3; i++) {
		ck_assert(impair_next_out(impair, 1000, &datagram));
		ck_assert_uint_eq(number(), i);
		ck_assert_uint_eq(datagram.plain_length, impaired->opened.plain_length);
		ck_assert_mem_eq(datagram.plain, impaired->opened.plain, datagram.plain_length);
	}
	ck_assert(!impair_next_out(impair, 1000, &datagram));
	impaired_free(impaired);
}
END_TEST

/* More are lost; and there is room again. */
START_TEST(full)
{
	size_t count = 0;

	begin();
	for (uint32_t i = 0; i < 2 * IMPAIR_QUEUE; i++)
		put(0, i);
	while (impair_next_out(impair, 0, &datagram)) {
		ck_assert_uint_eq(number(), count);
		count++;
	}
	ck_assert_uint_eq(count, IMPAIR_QUEUE);
	put(0, 7);
	ck_assert(impair_next_out(impair, 0, &datagram));
	ck_assert_uint_eq(number(), 7);
	impaired_free(impaired);
}
END_TEST

/* What is for the core goes the other way. */
START_TEST(each_way)
{
	struct message message;

	begin();
	impair_begin(impair, sa, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 9);
	impair_give(impair, 0, sa, &message);
	ck_assert(!impair_next_out(impair, 0, &datagram));
	ck_assert(impair_next_in(impair, 0, &datagram));
	ck_assert_uint_eq(number(), 9);
	ck_assert_mem_eq(&datagram.remote, &sa->remote, sizeof(sa->remote));
	impaired_free(impaired);
}
END_TEST

UNIT_MAIN("impair_queue", nothing_is_due, in_order, full, each_way)
