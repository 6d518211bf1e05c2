/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/ipsec_table.h"
#include "tests/support/unit.h"

/* Small numbers only, so that they come again and again, the reserved ones among them. */
static void narrow_fill(struct random_source *source, uint8_t *out, size_t length)
{
	memset(out, 0, length);
	out[length > 3 ? 2 : 0] = (uint8_t)(source->drawn++ % 5 / 4);
	out[length > 3 ? 3 : 0] = (uint8_t)(source->drawn * 7);
}

static struct random_source seeded(void)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {1};
	struct random_source random;

	random_seeded(&random, seed);
	return random;
}

START_TEST(test_full_table_refuses)
{
	struct random_source random = seeded();
	struct ipsec_table *table = ipsec_table_new(3);
	struct ike_pair *pair[3];

	for (int i = 0; i < 3; i++) {
		pair[i] = ipsec_table_add(table, &random);
		ck_assert_ptr_nonnull(pair[i]);
	}
	ck_assert_ptr_null(ipsec_table_add(table, &random));
	ipsec_table_remove(table, pair[1]);
	ck_assert_ptr_nonnull(ipsec_table_add(table, &random));
	ck_assert_uint_eq(ipsec_table_count(table), 3);
	ipsec_table_free(table);
}
END_TEST

START_TEST(test_spis_are_unique_and_not_reserved)
{
	struct random_source random = {.fill = narrow_fill};
	struct ipsec_table *table = ipsec_table_new(100);
	bool seen[65536] = {false};

	for (int i = 0; i < 50; i++) {
		const struct ike_pair *pair = ipsec_table_add(table, &random);

		ck_assert_uint_ge(pair->sa.spi_in, 256);
		ck_assert_uint_lt(pair->sa.spi_in, 65536);
		ck_assert(!seen[pair->sa.spi_in]);
		seen[pair->sa.spi_in] = true;
	}
	ipsec_table_free(table);
}
END_TEST

START_TEST(test_removed_pairs_are_wiped)
{
	struct random_source random = seeded();
	struct ipsec_table *table = ipsec_table_new(10);
	struct ike_pair *pair = ipsec_table_add(table, &random);
	uint32_t spi = pair->sa.spi_in, number = pair->sa.number, cursor = 0;

	memset(pair->sa.keymat_in, 0xaa, sizeof(pair->sa.keymat_in));
	ck_assert_ptr_eq(ipsec_table_next(table, &cursor), pair);
	ipsec_table_remove(table, pair);
	ck_assert_int_eq(pair->state, IKE_PAIR_FREE);
	ck_assert_uint_eq(pair->sa.keymat_in[7], 0);
	ck_assert_ptr_null(ipsec_table_find_spi(table, spi));
	ck_assert_ptr_null(ipsec_table_find_number(table, number));
	cursor = 0;
	ck_assert_ptr_null(ipsec_table_next(table, &cursor));
	ipsec_table_free(table);
	ipsec_table_free(NULL);
}
END_TEST

/* Many comings and goings against a list that is walked. */
START_TEST(test_model)
{
	enum { MOST = 1000 };
	struct random_source random = seeded();
	struct ipsec_table *table = ipsec_table_new(MOST);
	struct ike_pair *model[MOST];
	uint32_t count = 0, last = 0;

	for (int step = 0; step < 20000; step++) {
		if (count < MOST && random_below(&random, 100) < (step < 10000 ? 60u : 40u)) {
			model[count] = ipsec_table_add(table, &random);
			ck_assert_ptr_nonnull(model[count]);
			ck_assert_uint_gt(model[count]->sa.number, last);
			last = model[count++]->sa.number;
		} else if (count > 0) {
			uint32_t which = random_below(&random, count);
			uint32_t spi = model[which]->sa.spi_in;

			ipsec_table_remove(table, model[which]);
			model[which] = model[--count];
			ck_assert_ptr_null(ipsec_table_find_spi(table, spi));
		}
		if (step % 500 != 0)
			continue;
		for (uint32_t i = 0; i < count; i++) {
			if (ipsec_table_find_spi(table, model[i]->sa.spi_in) != model[i] ||
			    ipsec_table_find_number(table, model[i]->sa.number) != model[i])
				ck_abort_msg("pair %u is lost", i);
		}
		ck_assert_uint_eq(ipsec_table_count(table), count);
	}
	ipsec_table_free(table);
}
END_TEST

UNIT_MAIN("ipsec_table", test_full_table_refuses, test_spis_are_unique_and_not_reserved,
	  test_removed_pairs_are_wiped, test_model)
