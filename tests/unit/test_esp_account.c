/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/esp/esp_account.h"

#define NOW (5 * IKE_SECOND)

static void new_pair(struct esp_pair *pair, uint32_t number)
{
	memset(pair, 0, sizeof(*pair));
	pair->number = number;
	pair->octets = esp_limit_of(0, 0);
	pair->packets = esp_limit_of(0, 0);
	pair->usage.used_in = pair->usage.used_out = IKE_NEVER;
}

static void move(struct esp_account *account, struct esp_pair *pair, enum esp_way way,
		 size_t octets)
{
	ck_assert(esp_account_may_move(account, pair, way, octets));
	esp_account_moved(account, pair, way, octets, NOW);
}

static void assert_use(struct esp_account *account, uint32_t number, bool in, bool out)
{
	struct esp_use use;

	ck_assert(esp_account_next_use(account, &use));
	ck_assert_uint_eq(use.number, number);
	ck_assert_int_eq(use.in, in);
	ck_assert_int_eq(use.out, out);
}

static void assert_expiry(struct esp_account *account, uint32_t number, bool hard)
{
	struct esp_expiry expiry;

	ck_assert(esp_account_next_expiry(account, &expiry));
	ck_assert_uint_eq(expiry.number, number);
	ck_assert_int_eq(expiry.hard, hard);
}

static void assert_silence(struct esp_account *account)
{
	struct esp_expiry expiry;
	struct esp_use use;

	ck_assert(!esp_account_next_use(account, &use));
	ck_assert(!esp_account_next_expiry(account, &expiry));
	ck_assert_ptr_null(account->used.first);
	ck_assert_ptr_null(account->used.last);
	ck_assert_ptr_null(account->expired.first);
	ck_assert_ptr_null(account->expired.last);
}

START_TEST(test_without_limits_nothing_ends)
{
	struct esp_account account = {0};
	struct esp_pair pair;

	new_pair(&pair, 1);
	pair.usage.packets_in = pair.usage.octets_in = UINT64_MAX - 5000;
	move(&account, &pair, ESP_IN, 1400);
	assert_silence(&account);
	ck_assert_uint_eq(pair.usage.packets_in, UINT64_MAX - 4999);
	ck_assert_uint_eq(pair.usage.octets_in, UINT64_MAX - 3600);
	ck_assert_uint_eq(pair.usage.used_in, NOW);
	ck_assert_uint_eq(pair.usage.used_out, IKE_NEVER);
}
END_TEST

START_TEST(test_limits_in_figures)
{
	struct esp_limit limit = esp_limit_of(0, 0);

	ck_assert_uint_eq(limit.soft, UINT64_MAX);
	ck_assert_uint_eq(limit.hard, UINT64_MAX);
	limit = esp_limit_of(100000, 0);
	ck_assert_uint_eq(limit.soft, 90000);
	ck_assert_uint_eq(limit.hard, 100000);
	limit = esp_limit_of(100000, ESP_EARLY_MOST);
	ck_assert_uint_eq(limit.soft, 85000);
	limit = esp_limit_of(1, ESP_EARLY_MOST);
	ck_assert_uint_eq(limit.soft, 1);
	limit = esp_limit_of(UINT64_MAX, ESP_EARLY_MOST); /* no overflow */
	ck_assert_uint_gt(limit.soft, UINT64_MAX / 100 * 84);
	ck_assert_uint_lt(limit.soft, UINT64_MAX / 100 * 86);
}
END_TEST

START_TEST(test_octets_soft_and_hard_once_each)
{
	struct esp_account account = {0};
	struct esp_pair pair;

	new_pair(&pair, 7);
	pair.octets = esp_limit_of(1000, 0);
	move(&account, &pair, ESP_OUT, 899);
	assert_silence(&account);
	move(&account, &pair, ESP_OUT, 1);
	assert_expiry(&account, 7, false);
	move(&account, &pair, ESP_OUT, 99);
	assert_silence(&account);
	ck_assert(!esp_account_may_move(&account, &pair, ESP_OUT, 2));
	assert_expiry(&account, 7, true);
	/* what would still have fitted does not go any more, neither way */
	ck_assert(!esp_account_may_move(&account, &pair, ESP_OUT, 1));
	ck_assert(!esp_account_may_move(&account, &pair, ESP_IN, 1));
	assert_silence(&account);
	ck_assert_uint_eq(pair.usage.octets_out, 999);
}
END_TEST

START_TEST(test_the_last_octet_and_the_last_packet_go)
{
	struct esp_account account = {0};
	struct esp_pair pair;

	new_pair(&pair, 7);
	pair.octets = esp_limit_of(1000, 0);
	move(&account, &pair, ESP_IN, 1000);
	assert_expiry(&account, 7, false);
	move(&account, &pair, ESP_OUT, 1000); /* each way for itself */
	assert_silence(&account);
	ck_assert(!esp_account_may_move(&account, &pair, ESP_IN, 1));

	new_pair(&pair, 8);
	esp_account_forget(&account, &pair);
	account = (struct esp_account){0};
	pair.packets = esp_limit_of(3, 0);
	for (int i = 0; i < 3; i++) {
		assert_silence(&account);
		move(&account, &pair, ESP_IN, 0);
	}
	assert_expiry(&account, 8, false);
	ck_assert(!esp_account_may_move(&account, &pair, ESP_IN, 0));
	assert_expiry(&account, 8, true);
	assert_silence(&account);
}
END_TEST

/* Nobody asked in between: both are told, in their order. */
START_TEST(test_soft_is_told_before_hard)
{
	struct esp_account account = {0};
	struct esp_pair pair, other;

	new_pair(&pair, 1);
	new_pair(&other, 2);
	esp_account_hard(&account, &pair);
	esp_account_soft(&account, &other);
	esp_account_hard(&account, &pair);
	esp_account_soft(&account, &pair);
	assert_expiry(&account, 1, false);
	assert_expiry(&account, 1, true);
	assert_expiry(&account, 2, false);
	assert_silence(&account);
	esp_account_hard(&account, &other);
	assert_expiry(&account, 2, true);
	assert_silence(&account);
}
END_TEST

START_TEST(test_each_use_is_told_once)
{
	struct esp_account account = {0};
	struct esp_pair pair[3];

	for (uint32_t i = 0; i < 3; i++)
		new_pair(&pair[i], i + 1);
	for (int again = 0; again < 5; again++) {
		esp_account_use(&account, &pair[1], ESP_IN);
		esp_account_use(&account, &pair[0], ESP_OUT);
		esp_account_use(&account, &pair[2], ESP_OUT);
		esp_account_use(&account, &pair[2], ESP_IN);
	}
	assert_use(&account, 2, true, false);
	esp_account_use(&account, &pair[1], ESP_OUT); /* anew, at the end */
	assert_use(&account, 1, false, true);
	assert_use(&account, 3, true, true);
	assert_use(&account, 2, false, true);
	assert_silence(&account);
}
END_TEST

/* From the beginning, the middle and the end of both lists, and where it is in none. */
START_TEST(test_forgotten_pairs_are_not_told)
{
	for (uint32_t gone = 0; gone < 3; gone++) {
		struct esp_account account = {0};
		struct esp_pair pair[3];

		for (uint32_t i = 0; i < 3; i++) {
			new_pair(&pair[i], i + 1);
			esp_account_use(&account, &pair[i], ESP_IN);
			esp_account_hard(&account, &pair[i]);
		}
		esp_account_forget(&account, &pair[gone]);
		esp_account_forget(&account, &pair[gone]);
		for (uint32_t i = 0; i < 3; i++) {
			if (i == gone)
				continue;
			assert_use(&account, i + 1, true, false);
			assert_expiry(&account, i + 1, false);
			assert_expiry(&account, i + 1, true);
		}
		assert_silence(&account);
	}
}
END_TEST

UNIT_MAIN("esp_account", test_without_limits_nothing_ends, test_limits_in_figures,
	  test_octets_soft_and_hard_once_each, test_the_last_octet_and_the_last_packet_go,
	  test_soft_is_told_before_hard, test_each_use_is_told_once,
	  test_forgotten_pairs_are_not_told)
