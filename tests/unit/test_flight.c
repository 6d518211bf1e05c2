/* SPDX-License-Identifier: ISC */
#include "interop/sim/flight.h"
#include "tests/support/unit.h"

static struct flight flight;

static void add(ike_time arrives, uint32_t number)
{
	flight_add(&flight, (struct flight_datagram){.arrives = arrives, .number = number});
}

START_TEST(nothing)
{
	ck_assert_uint_eq(flight_next(&flight), IKE_NEVER);
	flight_clear(&flight);
	ck_assert_uint_eq(flight_next(&flight), IKE_NEVER);
	flight_free(&flight);
}
END_TEST

START_TEST(in_the_order_of_arrival)
{
	static const uint32_t order[] = {2, 4, 0, 3, 1};

	add(30, 0);
	add(50, 1);
	add(10, 2);
	add(30, 3); /* as early as 0, and sent after it */
	add(20, 4);
	for (size_t i = 0; i < 5; i++) {
		ike_time next = flight_next(&flight);
		struct flight_datagram taken = flight_take(&flight);

		ck_assert_uint_eq(taken.arrives, next);
		ck_assert_uint_eq(taken.number, order[i]);
	}
	ck_assert_uint_eq(flight_next(&flight), IKE_NEVER);
	flight_free(&flight);
}
END_TEST

START_TEST(what_is_cleared_does_not_come)
{
	add(10, 0);
	add(20, 1);
	(void)flight_take(&flight);
	flight_clear(&flight);
	ck_assert_uint_eq(flight_next(&flight), IKE_NEVER);
	add(5, 2);
	ck_assert_uint_eq(flight_take(&flight).number, 2);
	flight_free(&flight);
}
END_TEST

/* A window that moves: never empty, so that the row has to be moved or to grow. */
START_TEST(many_at_a_time_and_many_in_all)
{
	uint32_t sent = 0, taken = 0;

	for (; sent < 1000; sent++)
		add(1000 + sent, sent + 1);
	for (; sent < 100000; sent++) {
		ck_assert_uint_eq(flight_take(&flight).number, ++taken);
		add(1000 + sent, sent + 1);
	}
	ck_assert_uint_eq(flight.count, 1000);
	ck_assert_uint_le(flight.room, 4096);
	while (flight.count > 0)
		ck_assert_uint_eq(flight_take(&flight).number, ++taken);
	ck_assert_uint_eq(taken, 100000);
	flight_free(&flight);
}
END_TEST

UNIT_MAIN("flight", nothing, in_the_order_of_arrival, what_is_cleared_does_not_come,
	  many_at_a_time_and_many_in_all)
