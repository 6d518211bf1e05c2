/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/sa_track.h"
#include "tests/support/unit.h"

static const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 500, .family = 4},
				b = {.octets = {192, 0, 2, 2}, .port = 500, .family = 4};

static struct packet between(const struct ike_address *from, const struct ike_address *to)
{
	return (struct packet){.number = 1, .from = *from, .to = *to};
}

START_TEST(test_blocks)
{
	struct blocks blocks = {.count = 0};
	uint8_t octets[32];

	ck_assert_ptr_null(blocks_nth(&blocks, 0, 16));
	blocks_add(&blocks, octets_of(octets, 0));
	ck_assert_ptr_null(blocks_nth(&blocks, 0, 16));
	for (uint8_t i = 0; i < 40; i++) {
		memset(octets, i, sizeof(octets));
		octets[31] = 0xee;
		blocks_add(&blocks, octets_of(octets, i % 2 == 0 ? 32 : 8));
	}
	ck_assert_uint_eq(blocks_nth(&blocks, 0, 8)[0], 39);
	ck_assert_uint_eq(blocks_nth(&blocks, 1, 8)[7], 0xee);
	ck_assert_uint_eq(blocks_nth(&blocks, 15, 8)[0], 24);
	ck_assert_ptr_null(blocks_nth(&blocks, 16, 8)); /* the older ones are forgotten */
}
END_TEST

START_TEST(test_cookies)
{
	struct sa_track *track = sa_track_new();
	struct ike_header first = {.cky_i = {1}}, answered = {.cky_i = {1}, .cky_r = {2}},
			  other = {.cky_i = {1}, .cky_r = {3}},
			  unknown = {.cky_i = {9}, .cky_r = {2}};
	struct traced_sa *one, *two;

	ck_assert_ptr_null(sa_track_find(track, &first));
	ck_assert(!sa_track_knows_initiator(track, &first));
	one = sa_track_add(track, &first, &a, &b);
	ck_assert_ptr_eq(sa_track_find(track, &first), one);
	ck_assert_ptr_eq(sa_track_find(track, &answered), one); /* nobody has answered before */
	one->cky_r[0] = 2;
	ck_assert_ptr_eq(sa_track_find(track, &answered), one);
	ck_assert_ptr_eq(sa_track_find(track, &first), one); /* MM1 once more */
	ck_assert_ptr_null(sa_track_find(track, &other));
	ck_assert_ptr_null(sa_track_find(track, &unknown));
	ck_assert(sa_track_knows_initiator(track, &other));
	two = sa_track_add(track, &first, &a, &b); /* the cookie is used again */
	ck_assert_ptr_eq(sa_track_find(track, &answered), one);
	ck_assert_ptr_eq(sa_track_find(track, &first), two);
	ck_assert_ptr_eq(sa_track_find(track, &other), two);
	ck_assert_uint_eq(sa_track_count(track), 2);
	sa_track_free(track);
	sa_track_free(NULL);
}
END_TEST

START_TEST(test_seen)
{
	struct sa_track *track = sa_track_new();
	struct crypto *crypto = crypto_new();
	struct packet packet = between(&a, &b), back = between(&b, &a), moved = between(&a, &b);
	bool same;

	moved.from.port = 4500;
	back.number = 2;
	ck_assert_uint_eq(sa_track_seen(track, crypto, octets_of("x", 1), &packet, &same), 0);
	ck_assert_uint_eq(sa_track_seen(track, crypto, octets_of("y", 1), &back, &same), 0);
	ck_assert_uint_eq(sa_track_seen(track, crypto, octets_of("x", 1), &packet, &same), 1);
	ck_assert(same);
	ck_assert_uint_eq(sa_track_seen(track, crypto, octets_of("x", 1), &moved, &same), 1);
	ck_assert(same);
	ck_assert_uint_eq(sa_track_seen(track, crypto, octets_of("x", 1), &back, &same), 1);
	ck_assert(!same);
	sa_track_free(track);
	crypto_free(crypto);
}
END_TEST

START_TEST(test_exchanges)
{
	struct sa_track *track = sa_track_new();
	const struct ike_header header = {.cky_i = {1}};
	struct traced_sa *sa = sa_track_add(track, &header, &a, &b);
	struct traced_exchange *exchange;
	bool made;

	for (uint32_t i = 0; i < 1000; i++) {
		ck_assert_ptr_nonnull(sa_exchange(sa, i * 2654435761u, &made));
		ck_assert(made);
	}
	exchange = sa_exchange(sa, 2654435761u, &made);
	ck_assert(!made);
	ck_assert_uint_eq(exchange->message_id, 2654435761u);
	sa_keep(&exchange->ni, octets_of("nonce", 5));
	sa_keep(&exchange->ni, octets_of("other", 5)); /* the first stays */
	ck_assert_mem_eq(exchange->ni.data, "nonce", 5);
	sa_track_free(track);
}
END_TEST

START_TEST(test_sides)
{
	struct sa_track *track = sa_track_new();
	const struct ike_header header = {.cky_i = {1}}, local = {.cky_i = {2}};
	struct ike_address far = {.octets = {198, 51, 100, 1}, .port = 4500, .family = 4}, port = a,
			   one = a, two = a;
	struct traced_sa *sa = sa_track_add(track, &header, &a, &b);
	struct packet packet = between(&a, &b);

	ck_assert_int_eq(sa_from(sa, &packet), TOLD_INITIATOR);
	packet = between(&b, &a);
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_RESPONDER);
	port.port = 4500;
	packet = between(&port, &b);
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_INITIATOR);
	packet = between(&far, &b);
	ck_assert(!sa_is_between(sa, &packet));
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_INITIATOR);
	sa_moved(sa, &packet);
	ck_assert(sa_is_between(sa, &packet));
	packet = between(&far, &far);
	packet.to.octets[0] = 7;
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_INITIATOR);
	/* both on one host: the ports say who is who, also after they have changed */
	two.port = 1500;
	sa = sa_track_add(track, &local, &one, &two);
	packet = between(&two, &one);
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_RESPONDER);
	one.port = 14500;
	two.port = 15500;
	packet = between(&one, &two);
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_INITIATOR);
	packet = between(&two, &one);
	ck_assert_int_eq(sa_from(sa, &packet), TOLD_RESPONDER);
	sa_track_free(track);
}
END_TEST

UNIT_MAIN("sa_track", test_blocks, test_cookies, test_seen, test_exchanges, test_sides)
