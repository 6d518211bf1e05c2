/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "interop/esp/esp_table.h"
#include "tests/support/allocations.h"
#include "tests/support/esp_sample.h"

static struct random_source *seeded(void)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {3};
	static struct random_source random;

	random_seeded(&random, seed);
	return &random;
}

static struct esp_table *new_table(uint32_t pairs)
{
	struct esp_table *table = esp_table_new(seeded(), pairs);

	ck_assert_ptr_nonnull(table);
	return table;
}

static struct esp_pair *enter(struct esp_table *table, uint32_t number, struct ike_selector local,
			      struct ike_selector remote)
{
	struct esp_pair *pair = esp_table_take(table);

	ck_assert_ptr_nonnull(pair);
	pair->number = number;
	pair->in.spi = number * 77 + 300;
	pair->inside_local = local;
	pair->inside_remote = remote;
	esp_table_enter(table, pair);
	return pair;
}

static void leave(struct esp_table *table, struct esp_pair *pair)
{
	esp_table_leave(table, pair);
	esp_table_give_back(table, pair);
}

/* From 10.1.0.5:1000 or its like of IPv6, by UDP; 0: there is none. */
static uint32_t found(const struct esp_table *table, const char *to, enum esp_verdict expected)
{
	const char *from = strchr(to, ':') != NULL ? "2001:db8:1::5" : "10.1.0.5";
	enum esp_verdict verdict = ESP_VERDICTS;
	struct inner_packet inner;
	const struct esp_pair *pair;
	uint8_t packet[64];

	ck_assert_int_eq(
	    inner_packet_read(
		octets_of(packet, esp_sample_packet(packet, from, to, 1000, 2000, 64)), &inner),
	    ESP_ACCEPTED);
	pair = esp_table_by_packet(table, &inner, ESP_SAMPLE_NOW, &verdict);
	ck_assert_int_eq(verdict, expected);
	ck_assert_int_eq(pair != NULL, expected == ESP_ACCEPTED);
	return pair == NULL ? 0 : pair->number;
}

START_TEST(test_an_empty_table)
{
	struct esp_table *table = new_table(1);

	ck_assert_ptr_null(esp_table_by_number(table, 0));
	ck_assert_ptr_null(esp_table_by_number(table, 1));
	ck_assert_ptr_null(esp_table_by_spi(table, 1));
	ck_assert_ptr_null(esp_table_next(table, NULL));
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_NO_PAIR), 0);
	ck_assert_uint_eq(found(table, "2001:db8:2::7", ESP_NO_PAIR), 0);
	esp_table_free(table);
	esp_table_free(NULL);
}
END_TEST

START_TEST(test_a_full_table)
{
	struct esp_table *table = new_table(3);
	struct esp_pair *pair[3];

	for (uint32_t i = 0; i < 3; i++)
		pair[i] = enter(table, i + 1, esp_sample_selector("10.1.0.0", 16),
				esp_sample_selector("10.2.0.0", 16 + i));
	ck_assert_ptr_null(esp_table_take(table));
	pair[1]->spent = true;
	leave(table, pair[1]);
	ck_assert_ptr_null(esp_table_by_number(table, 2));
	pair[1] = enter(table, 9, esp_sample_selector("10.1.0.0", 16),
			esp_sample_selector("10.9.0.0", 16));
	ck_assert(!pair[1]->spent); /* nothing is left of who was there */
	ck_assert_ptr_null(esp_table_take(table));
	for (uint32_t i = 0; i < 3; i++)
		leave(table, pair[i]);
	ck_assert_ptr_null(esp_table_next(table, NULL));
	esp_table_free(table);
}
END_TEST

START_TEST(test_no_memory_is_null)
{
	struct esp_table *table = NULL;
	size_t granted = 0;

	for (; table == NULL && allocations_counted(); granted++) {
		const size_t in_use = allocations_in_use();

		allocations_refuse_after(granted);
		table = esp_table_new(seeded(), 100);
		allocations_refuse_after(ALLOCATIONS_NEVER);
		if (table == NULL)
			ck_assert_uint_eq(allocations_in_use(), in_use);
	}
	if (allocations_counted())
		ck_assert_uint_eq(granted, 5);
	esp_table_free(table);
}
END_TEST

START_TEST(test_the_most_specific_remote_wins)
{
	static const char *const reached[] = {"10.3.0.1", "10.2.9.1", "10.2.0.200", "10.2.0.7"};
	static const uint8_t bits[] = {8, 16, 24, 32};
	/* in every order of entering */
	for (unsigned order = 0; order < 24; order++) {
		struct esp_table *table = new_table(8);
		unsigned left[] = {0, 1, 2, 3}, rest = order;

		for (unsigned n = 4; n > 0; n--) {
			const unsigned at = rest % n, i = left[at];

			rest /= n;
			memmove(&left[at], &left[at + 1], (3 - at) * sizeof(left[0]));
			(void)enter(table, i + 1, esp_sample_selector("10.1.0.0", 16),
				    esp_sample_selector(i == 0   ? "10.0.0.0"
							: i == 3 ? "10.2.0.7"
								 : "10.2.0.0",
							bits[i]));
		}
		for (uint32_t i = 0; i < 4; i++)
			ck_assert_uint_eq(found(table, reached[i], ESP_ACCEPTED), i + 1);
		ck_assert_uint_eq(found(table, "11.2.0.7", ESP_NO_PAIR), 0);
		esp_table_free(table);
	}
}
END_TEST

START_TEST(test_where_the_more_specific_does_not_fit)
{
	struct esp_table *table = new_table(8);

	/* the same remote: the longer local one; a longer remote from somewhere else does not count */
	(void)enter(table, 1, esp_sample_selector("10.1.0.0", 16),
		    esp_sample_selector("10.2.0.0", 16));
	(void)enter(table, 2, esp_sample_selector("10.1.0.5", 32),
		    esp_sample_selector("10.2.0.0", 16));
	(void)enter(table, 3, esp_sample_selector("10.1.0.6", 32),
		    esp_sample_selector("10.2.0.0", 16));
	(void)enter(table, 4, esp_sample_selector("10.7.0.0", 16),
		    esp_sample_selector("10.2.0.7", 32));
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 2);
	esp_table_free(table);
}
END_TEST

START_TEST(test_everything_and_nothing)
{
	struct esp_table *table = new_table(8);

	(void)enter(table, 1, esp_sample_selector("0.0.0.0", 0), esp_sample_selector("0.0.0.0", 0));
	(void)enter(table, 2, esp_sample_selector("::", 0), esp_sample_selector("::", 0));
	(void)enter(table, 3, esp_sample_selector("2001:db8:1::5", 128),
		    esp_sample_selector("2001:db8:2::7", 128));
	ck_assert_uint_eq(found(table, "192.0.2.99", ESP_ACCEPTED), 1);
	ck_assert_uint_eq(found(table, "2001:db8:2::8", ESP_ACCEPTED), 2);
	ck_assert_uint_eq(found(table, "2001:db8:2::7", ESP_ACCEPTED), 3);
	esp_table_free(table);
}
END_TEST

START_TEST(test_protocols_and_ports_before_everything)
{
	struct esp_table *table = new_table(8);
	const struct ike_selector local = esp_sample_selector("10.1.0.0", 16);
	struct ike_selector remote = esp_sample_selector("10.2.0.0", 16);
	struct esp_pair *udp, *port, *any;

	any = enter(table, 1, local, remote);
	remote.protocol = 6;
	(void)enter(table, 2, local, remote);
	remote.protocol = 17;
	udp = enter(table, 3, local, remote);
	remote.port = 2000;
	port = enter(table, 4, local, remote);
	remote.port = 2001;
	(void)enter(table, 5, local, remote);
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 4);
	leave(table, port);
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 3);
	leave(table, udp);
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 1);
	leave(table, any);
	/* there is one for those addresses: the verdict says what about the packet it is not for */
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_INNER_OTHER_PROTOCOL), 0);
	esp_table_free(table);
}
END_TEST

START_TEST(test_the_newest_that_is_not_superseded)
{
	struct esp_table *table = new_table(8);
	const struct ike_selector local = esp_sample_selector("10.1.0.0", 16),
				  remote = esp_sample_selector("10.2.0.0", 16);
	struct esp_pair *old = enter(table, 5, local, remote), *newer, *newest;

	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 5);
	newer = enter(table, 3, local, remote);
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 3);
	newest = enter(table, 4, local, remote);
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 4);
	newest->superseded = true;
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 3);
	newest->superseded = false;
	newer->superseded = true;
	leave(table, newest);
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_ACCEPTED), 5);
	old->superseded = true;
	ck_assert_uint_eq(found(table, "10.2.0.7", ESP_NO_PAIR), 0);
	ck_assert_ptr_eq(esp_table_by_spi(table, old->in.spi), old); /* what comes is taken */
	esp_table_free(table);
}
END_TEST

/* The longest prefix by going through all of them, which is what the table need not do. */
static uint32_t by_walking(const struct esp_table *table, const struct inner_packet *inner)
{
	const struct esp_pair *pair = NULL, *best = NULL;

	while ((pair = esp_table_next(table, pair)) != NULL) {
		const unsigned remote = pair->inside_remote.prefix.bits,
			       local = pair->inside_local.prefix.bits;

		if (inner_packet_fits(inner, &pair->inside_local, &pair->inside_remote) !=
		    ESP_ACCEPTED)
			continue;
		if (best == NULL || remote > best->inside_remote.prefix.bits ||
		    (remote == best->inside_remote.prefix.bits &&
		     (local > best->inside_local.prefix.bits ||
		      (local == best->inside_local.prefix.bits && pair->number > best->number))))
			best = pair;
	}
	return best == NULL ? 0 : best->number;
}

static struct ike_selector some_selector(struct random_source *random)
{
	struct ike_selector selector = esp_sample_selector("0.0.0.0", 0);
	const uint32_t address = 0x0a000000 | (random_u32(random) & 0x00030303);
	const unsigned bits = random_below(random, 33);

	for (unsigned bit = 0; bit < bits; bit++)
		if ((address >> (31 - bit) & 1) != 0)
			selector.prefix.address.octets[bit / 8] |= (uint8_t)(1u << (7 - bit % 8));
	selector.prefix.bits = (uint8_t)bits;
	return selector;
}

START_TEST(test_as_by_walking_while_pairs_come_and_go)
{
	enum { PAIRS = 300 };
	struct random_source *random = seeded();
	struct esp_table *table = esp_table_new(random, PAIRS);
	uint32_t number = 0, hits = 0;

	ck_assert_ptr_nonnull(table);
	for (int step = 0; step < 4000; step++) {
		struct inner_packet inner = {.protocol_known = true, .protocol = 17};
		struct esp_pair *pair;
		enum esp_verdict verdict;

		if (number > PAIRS / 2 && random_below(random, 2) == 0) {
			pair = esp_table_by_number(table, 1 + random_below(random, number));
			if (pair != NULL)
				leave(table, pair);
		} else if (number < 2000) {
			pair = esp_table_take(table);
			if (pair != NULL) {
				pair->number = ++number;
				pair->in.spi = random_u32(random);
				pair->inside_local = some_selector(random);
				pair->inside_remote = some_selector(random);
				esp_table_enter(table, pair);
				ck_assert_ptr_eq(esp_table_by_number(table, number), pair);
				ck_assert_ptr_eq(esp_table_by_spi(table, pair->in.spi), pair);
			}
		}
		inner.source = some_selector(random).prefix.address;
		inner.destination = some_selector(random).prefix.address;
		pair = esp_table_by_packet(table, &inner, ESP_SAMPLE_NOW, &verdict);
		ck_assert_uint_eq(pair == NULL ? 0 : pair->number, by_walking(table, &inner));
		hits += pair != NULL;
	}
	ck_assert_uint_gt(hits, 1000);
	esp_table_free(table);
}
END_TEST

UNIT_MAIN("esp_table", test_an_empty_table, test_a_full_table, test_no_memory_is_null,
	  test_the_most_specific_remote_wins, test_where_the_more_specific_does_not_fit,
	  test_everything_and_nothing, test_protocols_and_ports_before_everything,
	  test_the_newest_that_is_not_superseded, test_as_by_walking_while_pairs_come_and_go)
