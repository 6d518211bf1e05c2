/* SPDX-License-Identifier: ISC */
#include "interop/workers/news.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ike/identity.h"
#include "tests/support/unit.h"

static struct news news[3]; /* three workers, as three processes would have them */
static struct fault fault;

#define LATE UINT64_MAX /* later than all that is told here */

/* Each takes a copy of all ends, as after a fork. */
static void begin(void)
{
	struct news parent;

	ck_assert(news_open(&parent, 3, &fault));
	for (uint32_t i = 0; i < 3; i++) {
		news[i] = parent;
		for (uint32_t j = 0; j < 3; j++) {
			news[i].in[j] = dup(parent.in[j]);
			news[i].out[j] = dup(parent.out[j]);
		}
		news_take(&news[i], (struct ike_worker){i, 3});
	}
	news_close(&parent);
}

static void end(void)
{
	for (uint32_t i = 0; i < 3; i++)
		news_close(&news[i]);
}

static struct ike_contact contact_of(uint32_t number)
{
	struct ike_contact contact = {
	    .peer = number,
	    .gateway = UINT32_MAX,
	    .remote = {{192, 0, 2, 1}, 4500, IKE_FAMILY_IPV4, 0},
	    .cky_i = {1, 2, 3, 4, 5, 6, 7, 8},
	    .cky_r = {8, 7, 6, 5, 4, 3, 2, 1},
	    .nat_there = true,
	    .initial_contact = true,
	    .created_at = 5,
	    .established_at = UINT64_C(1) << 40,
	};

	ck_assert(ike_identity_from_text("fqdn:us.example", &contact.local_identity));
	ck_assert(ike_identity_from_text("user-fqdn:they@example", &contact.remote_identity));
	return contact;
}

static bool same_identity(const struct ike_identity *a, const struct ike_identity *b)
{
	return a->type == b->type && a->length == b->length &&
	       memcmp(a->data, b->data, a->length) == 0;
}

/* ---- what is no news ----------------------------------------------------------------------------------------------- */

START_TEST(test_silence)
{
	struct ike_contact contact;
	uint32_t from;

	begin();
	ck_assert(!news_hear(&news[0], LATE, &from, &contact));
	contact = contact_of(1);
	news_tell(&news[0], 0, &contact); /* to itself */
	news_tell(&news[0], 3, &contact); /* to nobody */
	ck_assert_uint_eq(news[0].told + news[0].lost, 0);
	ck_assert(!news_hear(&news[0], LATE, &from, &contact));
	end();
}
END_TEST

/* Whatever is written there by whom: it is skipped, and what follows is heard. */
START_TEST(test_nonsense_is_skipped)
{
	struct ike_contact told = contact_of(2), heard;
	uint8_t record[4096];
	ssize_t length;
	uint32_t from;

	begin();
	news_tell(&news[0], 1, &told);
	length = recv(news_descriptor(&news[1]), record, sizeof(record), 0);
	ck_assert_int_gt(length, 0);
	ck_assert_int_eq(send(news[0].out[1], "x", 1, 0), 1);
	ck_assert_int_eq(send(news[0].out[1], record, (size_t)length - 1, 0), length - 1);
	ck_assert_int_eq(send(news[0].out[1], record, (size_t)length + 1, 0), length + 1);
	memset(record, 0xff, sizeof(record)); /* from nobody, with lengths beyond all */
	ck_assert_int_gt(send(news[0].out[1], record, 1200, 0), 0);
	news_tell(&news[0], 1, &told);
	ck_assert(news_hear(&news[1], LATE, &from, &heard));
	ck_assert_uint_eq(heard.peer, 2);
	ck_assert(!news_hear(&news[1], LATE, &from, &heard));
	ck_assert_uint_eq(news[1].heard, 1);
	end();
}
END_TEST

/* Who does not read is not waited for. */
START_TEST(test_what_does_not_fit_is_counted)
{
	struct ike_contact contact = contact_of(0), heard;
	uint32_t from, count = 0;

	begin();
	for (unsigned i = 0; i < 100000 && news[0].lost == 0; i++)
		news_tell(&news[0], 1, &contact);
	ck_assert_uint_eq(news[0].lost, 1);
	ck_assert_uint_ge(news[0].told, 64);
	while (news_hear(&news[1], LATE, &from, &heard))
		count++;
	ck_assert_uint_eq(count, news[0].told);
	end();
}
END_TEST

/* Its descriptor stays readable, and whoever goes on looking does nothing else. */
START_TEST(test_what_is_closed_has_ended)
{
	struct ike_contact told = contact_of(3), heard;
	uint32_t from;

	begin();
	news_tell(&news[0], 1, &told);
	ck_assert_int_eq(shutdown(news[2].out[1], SHUT_WR), 0);
	ck_assert(news_hear(&news[1], LATE, &from, &heard)); /* what was told before */
	ck_assert(!news[1].ended);
	ck_assert(!news_hear(&news[1], LATE, &from, &heard));
	ck_assert(news[1].ended);
	ck_assert(!news_hear(&news[0], LATE, &from, &heard));
	ck_assert(!news[0].ended); /* nothing for now */
	end();
}
END_TEST

START_TEST(test_nothing_ends_it_too)
{
	struct ike_contact heard;
	uint32_t from;

	begin();
	ck_assert_int_eq(send(news[2].out[1], "", 0, 0), 0);
	ck_assert(!news_hear(&news[1], LATE, &from, &heard));
	ck_assert(news[1].ended);
	end();
}
END_TEST

/* An SA that says it is of tomorrow would be younger than all that are to come. */
START_TEST(test_no_time_is_after_now)
{
	static const struct {
		ike_time created, established, now, heard_created, heard_established;
	} rows[] = {
	    {UINT64_MAX, UINT64_MAX, 1000, 1000, 1000},
	    {900, UINT64_MAX, 1000, 900, 1000},
	    {950, 900, 1000, 900, 900},
	    {1000, 1000, 1000, 1000, 1000},
	};
	struct ike_contact told = contact_of(3), heard;
	uint32_t from;

	begin();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		told.created_at = rows[i].created;
		told.established_at = rows[i].established;
		news_tell(&news[0], 1, &told);
		ck_assert(news_hear(&news[1], rows[i].now, &from, &heard));
		ck_assert_uint_eq(heard.created_at, rows[i].heard_created);
		ck_assert_uint_eq(heard.established_at, rows[i].heard_established);
	}
	end();
}
END_TEST

/* ---- what is ------------------------------------------------------------------------------------------------------- */

START_TEST(test_all_others_hear)
{
	struct ike_contact told = contact_of(7), heard;
	struct pollfd ready;
	uint32_t from;

	begin();
	news_tell_all(&news[1], &told);
	ck_assert_uint_eq(news[1].told, 2);
	ready = (struct pollfd){news_descriptor(&news[2]), POLLIN, 0};
	ck_assert_int_eq(poll(&ready, 1, 0), 1);
	for (uint32_t i = 0; i < 3; i += 2) {
		ck_assert(news_hear(&news[i], LATE, &from, &heard));
		ck_assert_uint_eq(from, 1);
		ck_assert_uint_eq(heard.peer, 7);
		ck_assert_uint_eq(heard.gateway, UINT32_MAX);
		ck_assert_mem_eq(&heard.remote, &told.remote, sizeof(told.remote));
		ck_assert_mem_eq(heard.cky_i, told.cky_i, IKE_COOKIE_LENGTH);
		ck_assert_mem_eq(heard.cky_r, told.cky_r, IKE_COOKIE_LENGTH);
		ck_assert(heard.nat_there && heard.initial_contact);
		ck_assert_uint_eq(heard.created_at, 5);
		ck_assert_uint_eq(heard.established_at, UINT64_C(1) << 40);
		ck_assert(same_identity(&heard.local_identity, &told.local_identity));
		ck_assert(same_identity(&heard.remote_identity, &told.remote_identity));
		ck_assert(!news_hear(&news[i], LATE, &from, &heard));
	}
	ck_assert(!news_hear(&news[1], LATE, &from, &heard));
	end();
}
END_TEST

START_TEST(test_longest_identities)
{
	struct ike_contact told = contact_of(0), heard;
	uint32_t from;

	begin();
	told.local_identity.length = told.remote_identity.length = IKE_IDENTITY_MAX;
	memset(told.local_identity.data, 'a', IKE_IDENTITY_MAX);
	memset(told.remote_identity.data, 'b', IKE_IDENTITY_MAX);
	news_tell(&news[2], 0, &told);
	ck_assert(news_hear(&news[0], LATE, &from, &heard));
	ck_assert_uint_eq(from, 2);
	ck_assert(same_identity(&heard.local_identity, &told.local_identity));
	ck_assert(same_identity(&heard.remote_identity, &told.remote_identity));
	end();
}
END_TEST

UNIT_MAIN("news", test_silence, test_nonsense_is_skipped, test_what_does_not_fit_is_counted,
	  test_what_is_closed_has_ended, test_nothing_ends_it_too, test_no_time_is_after_now,
	  test_all_others_hear, test_longest_identities)
