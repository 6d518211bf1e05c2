/* SPDX-License-Identifier: ISC */
/*
 * test_esp_table_lengths.c - what it costs others that one peer asks for many tunnels of many kinds.
 */
#include "tests/support/unit.h"

#include "crypto/table_hash.h"
#include "interop/esp/esp_table.h"
#include "tests/support/esp_sample.h"

#define PAIRS 4096

static unsigned looks;

/* In place of the library's: only how often it is asked counts. */
uint64_t table_hash(const uint8_t key[TABLE_HASH_KEY_LENGTH], struct octets input)
{
	uint64_t hash = key[0];

	looks++;
	for (size_t i = 0; i < input.length; i++)
		hash = (hash ^ input.data[i]) * UINT64_C(1099511628211);
	return hash ^ hash >> 32;
}

static struct random_source *seeded(void)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {3};
	static struct random_source random;

	random_seeded(&random, seed);
	return &random;
}

static void enter(struct esp_table *table, unsigned local_bits, unsigned remote_bits)
{
	static uint32_t numbers;
	struct esp_pair *pair = esp_table_take(table);

	ck_assert_ptr_nonnull(pair);
	pair->number = ++numbers;
	pair->in.spi = numbers * 77 + 300;
	pair->inside_local = esp_sample_selector("2001:db8:1::", local_bits);
	pair->inside_remote = esp_sample_selector("2001:db8:2::", remote_bits);
	esp_table_enter(table, pair);
}

static const struct esp_pair *find(const struct esp_table *table, const char *from, const char *to)
{
	enum esp_verdict verdict;
	struct inner_packet inner;
	uint8_t packet[64];
	size_t length = esp_sample_packet(packet, from, to, 1000, 2000, 64);

	ck_assert_int_eq(inner_packet_read(octets_of(packet, length), &inner), ESP_ACCEPTED);
	looks = 0;
	return esp_table_by_packet(table, &inner, ESP_SAMPLE_NOW, &verdict);
}

/* Every length of either side: others' packets cost a look for each of the remote side's, and no more. */
START_TEST(test_all_lengths)
{
	struct esp_table *table = esp_table_new(seeded(), PAIRS);
	const struct esp_pair *pair;
	struct esp_pair *gone;

	for (unsigned remote = 1; remote <= 64; remote++)
		for (unsigned local = 64; local > 0; local--)
			enter(table, local, remote);
	ck_assert_ptr_null(find(table, "fc00::1", "fc00::2"));
	ck_assert_uint_eq(looks, 64);
	pair = find(table, "2001:db8:1::1", "2001:db8:2::1");
	ck_assert_uint_eq(pair->inside_remote.prefix.bits, 64);
	ck_assert_uint_eq(pair->inside_local.prefix.bits, 64);
	ck_assert_uint_eq(looks, 1);
	/* the remote side comes first, then the local one */
	pair = find(table, "2001:db8:1::1", "2001:db8:3::1");
	ck_assert_uint_eq(pair->inside_remote.prefix.bits, 47);
	ck_assert_uint_eq(pair->inside_local.prefix.bits, 64);
	pair = find(table, "2001:db9::1", "2001:db8:3::1");
	ck_assert_uint_eq(pair->inside_remote.prefix.bits, 47);
	ck_assert_uint_eq(pair->inside_local.prefix.bits, 31);
	while ((gone = esp_table_next(table, NULL)) != NULL) {
		esp_table_leave(table, gone);
		esp_table_give_back(table, gone);
	}
	ck_assert_ptr_null(find(table, "2001:db8:1::1", "2001:db8:2::1"));
	ck_assert_uint_eq(looks, 0);
	esp_table_free(table);
}
END_TEST

UNIT_MAIN("esp_table_lengths", test_all_lengths)
