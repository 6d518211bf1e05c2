/* SPDX-License-Identifier: ISC */
/*
 * test_esp_plane_moves.c - packets from elsewhere: which of them say where the peer is now, and how often (RFC 3947 section 7).
 */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/address.h"
#include "tests/support/esp_sample.h"

#define AES_SHA1 (&esp_sample_forms[ESP_SAMPLE_AES128_SHA1])
#define NOW      ESP_SAMPLE_NOW

static struct esp_ends ends;

static struct ike_address at(const char *text, uint16_t port)
{
	struct ike_address address = esp_sample_address(text);

	address.port = port;
	return address;
}

/* RIGHT's view of the pair, with LEFT behind a NAT. */
static struct ike_ipsec_sa view(uint32_t number, bool encapsulated)
{
	struct ike_ipsec_sa left, right;

	esp_sample_pair(number, AES_SHA1, &left, &right);
	right.encapsulated = encapsulated;
	if (encapsulated) {
		right.local.port = 4500;
		right.remote.port = 40001;
	}
	return right;
}

static void begin(bool encapsulated)
{
	struct ike_ipsec_sa left, right = view(1, encapsulated), ignored;

	esp_ends_open(&ends);
	esp_sample_pair(1, AES_SHA1, &left, &ignored);
	esp_sample_add(ends.left, &left);
	esp_sample_add(ends.right, &right);
}

static void sealed(struct esp_sample *sample)
{
	esp_sample_right(sample, 100);
	ck_assert_int_eq(esp_sample_seal(ends.left, sample), ESP_ACCEPTED);
}

static enum esp_verdict open_from(const struct ike_address *remote, bool encapsulated, ike_time now,
				  const struct esp_sample *of)
{
	struct esp_sample sample;
	uint32_t number;

	esp_sample_fill(&sample, of->buffer.data, of->buffer.length);
	return esp_plane_open(ends.right, now, remote, encapsulated, &sample.buffer, &number);
}

/* What is told of the one pair that was used: where it is, family NONE where nothing is said. */
static struct ike_address told(void)
{
	struct esp_use use;

	ck_assert(esp_plane_used(ends.right, &use));
	ck_assert(use.in);
	ck_assert(!esp_plane_used(ends.right, &(struct esp_use){0}));
	return use.elsewhere;
}

static void assert_told(const struct ike_address *where)
{
	struct ike_address elsewhere = told();

	ck_assert(ike_address_equal(&elsewhere, where));
}

static void assert_not_told(void)
{
	ck_assert_int_eq(told().family, IKE_FAMILY_NONE);
}

static void one_from(const struct ike_address *remote, ike_time now)
{
	struct esp_sample sample;

	sealed(&sample);
	ck_assert_int_eq(open_from(remote, true, now, &sample), ESP_ACCEPTED);
}

/* ---- what moves nothing ---------------------------------------------------------------------------------------------- */

START_TEST(test_from_where_it_is)
{
	const struct ike_address there = at("192.0.2.1", 40001);

	begin(true);
	one_from(&there, NOW);
	assert_not_told();
	esp_ends_close(&ends);
}
END_TEST

/* And a true packet afterwards is taken, and told, as if nothing had been. */
START_TEST(test_forged)
{
	const struct ike_address elsewhere = at("203.0.113.9", 4500);
	struct esp_sample whole, forged;

	begin(true);
	sealed(&whole);
	for (size_t i = 4; i < whole.buffer.length; i++) {
		esp_sample_fill(&forged, whole.buffer.data, whole.buffer.length);
		forged.buffer.data[i] ^= 0x40;
		ck_assert_int_eq(open_from(&elsewhere, true, NOW, &forged), ESP_BAD_ICV);
	}
	esp_sample_assert_untouched(ends.right, 1);
	ck_assert_int_eq(open_from(&elsewhere, true, NOW, &whole), ESP_ACCEPTED);
	assert_told(&elsewhere);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_replayed)
{
	const struct ike_address there = at("192.0.2.1", 40001),
				 elsewhere = at("203.0.113.9", 4500);
	struct esp_sample sample;

	begin(true);
	sealed(&sample);
	ck_assert_int_eq(open_from(&there, true, NOW, &sample), ESP_ACCEPTED);
	assert_not_told();
	ck_assert_int_eq(open_from(&elsewhere, true, NOW, &sample), ESP_REPLAYED);
	ck_assert(!esp_plane_used(ends.right, &(struct esp_use){0}));
	esp_ends_close(&ends);
}
END_TEST

/* R159.  Late, and never seen before: it is taken, and says nothing of where the peer is. */
START_TEST(test_overtaken)
{
	const struct ike_address there = at("192.0.2.1", 40001), was = at("192.0.2.1", 30001);
	struct esp_sample late, newest;

	begin(true);
	sealed(&late);
	sealed(&newest);
	ck_assert_int_eq(open_from(&there, true, NOW, &newest), ESP_ACCEPTED);
	ck_assert_int_eq(open_from(&was, true, NOW, &late), ESP_ACCEPTED);
	assert_not_told();
	esp_ends_close(&ends);
}
END_TEST

/* Right key, and not what the pair is for. */
START_TEST(test_not_what_was_agreed)
{
	const struct ike_address elsewhere = at("203.0.113.9", 4500);
	struct esp_sample sample;
	uint8_t inner[60];

	begin(true);
	(void)esp_sample_packet(inner, "10.9.0.5", "10.2.0.7", 1, 2, sizeof(inner));
	esp_sample_forge(&sample, 1, AES_SHA1, 1, 4, inner, sizeof(inner));
	ck_assert_int_eq(open_from(&elsewhere, true, NOW, &sample), ESP_INNER_OTHER_SOURCE);
	esp_sample_assert_untouched(ends.right, 1);
	esp_ends_close(&ends);
}
END_TEST

/* As IP protocol 50 there is no mapping of ports that could have changed. */
START_TEST(test_protocol_50)
{
	const struct ike_address elsewhere = at("203.0.113.9", 0);
	struct esp_sample sample;
	struct esp_usage usage;

	begin(false);
	sealed(&sample);
	ck_assert_int_eq(open_from(&elsewhere, true, NOW, &sample), ESP_OTHER_ENCAPSULATION);
	ck_assert_int_eq(open_from(&elsewhere, false, NOW, &sample), ESP_ACCEPTED);
	assert_not_told();
	ck_assert(esp_plane_usage(ends.right, 1, &usage));
	ck_assert_uint_eq(usage.elsewhere, 1);
	esp_ends_close(&ends);
}
END_TEST

/* The one that has taken over is the one that knows. */
START_TEST(test_a_pair_that_has_given_way)
{
	const struct ike_address elsewhere = at("203.0.113.9", 4500);
	struct ike_ipsec_sa right = view(1, true);

	begin(true);
	right.superseded = true;
	esp_plane_change(ends.right, &right);
	one_from(&elsewhere, NOW);
	assert_not_told();
	esp_ends_close(&ends);
}
END_TEST

/* ---- what does --------------------------------------------------------------------------------------------------------- */

START_TEST(test_another_port_another_host_another_family)
{
	const struct ike_address where[] = {at("192.0.2.1", 40002), at("192.0.2.77", 40001),
					    at("2001:db8::1", 40001)};

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		struct esp_usage usage;

		begin(true);
		one_from(&where[i], NOW);
		assert_told(&where[i]);
		ck_assert(esp_plane_usage(ends.right, 1, &usage));
		ck_assert_uint_eq(usage.elsewhere, i > 0); /* hosts */
		esp_ends_close(&ends);
	}
}
END_TEST

/* A dummy proves as much as any packet. */
START_TEST(test_a_dummy)
{
	const struct ike_address elsewhere = at("192.0.2.1", 40002);
	const uint8_t nothing[20] = {0};
	struct esp_sample sample;

	begin(true);
	esp_sample_forge(&sample, 1, AES_SHA1, 1, 59, nothing, sizeof(nothing));
	ck_assert_int_eq(open_from(&elsewhere, true, NOW, &sample), ESP_DUMMY);
	assert_told(&elsewhere);
	esp_ends_close(&ends);
}
END_TEST

/* Where packets go is not the plane's to decide: until IKE has said so they go where they went. */
START_TEST(test_ike_moves_it)
{
	const struct ike_address elsewhere = at("192.0.2.1", 40002);
	struct ike_ipsec_sa right = view(1, true);
	struct ike_address local, remote;
	struct esp_sample sample;
	bool encapsulated;

	begin(true);
	one_from(&elsewhere, NOW);
	assert_told(&elsewhere);
	for (int moved = 0; moved < 2; moved++) {
		uint8_t back[60];

		if (moved != 0) {
			right.remote = elsewhere;
			esp_plane_change(ends.right, &right);
		}
		(void)esp_sample_packet(back, "10.2.0.7", "10.1.0.5", 1, 2, sizeof(back));
		esp_sample_fill(&sample, back, sizeof(back));
		ck_assert_int_eq(
		    esp_plane_seal(ends.right, NOW, &sample.buffer, &local, &remote, &encapsulated),
		    ESP_ACCEPTED);
		ck_assert_uint_eq(remote.port, moved != 0 ? 40002 : 40001);
	}
	ck_assert(esp_plane_used(ends.right, &(struct esp_use){0}));
	/* there it is now: nothing more is said, not after a second either */
	one_from(&elsewhere, NOW + 5 * IKE_SECOND);
	assert_not_told();
	esp_ends_close(&ends);
}
END_TEST

/* ---- how often --------------------------------------------------------------------------------------------------------- */

/* R160.  Two mappings in use, 200 packets a second, which IKE follows each time: it has to once a second. */
START_TEST(test_two_mappings_in_turn)
{
	const struct ike_address where[] = {at("192.0.2.1", 40001), at("192.0.2.1", 40002)};
	struct ike_ipsec_sa right = view(1, true);
	size_t moves = 0;

	begin(true);
	for (unsigned i = 0; i < 2000; i++) {
		struct ike_address elsewhere;

		one_from(&where[i & 1], NOW + i * 5 * IKE_MILLISECOND);
		elsewhere = told();
		if (elsewhere.family == IKE_FAMILY_NONE)
			continue;
		ck_assert(ike_address_equal(&elsewhere, &where[i & 1]));
		right.remote = elsewhere;
		esp_plane_change(ends.right, &right);
		moves++;
	}
	ck_assert_uint_eq(moves, 10);
	esp_ends_close(&ends);
}
END_TEST

/* What somebody else delivered first takes it away for a second; the peer's next packet after that takes it back. */
START_TEST(test_held_back_and_delivered_from_elsewhere)
{
	const struct ike_address there = at("192.0.2.1", 40001), attacker = at("203.0.113.9", 4500);
	struct ike_ipsec_sa right = view(1, true);

	begin(true);
	one_from(&attacker, NOW);
	assert_told(&attacker);
	right.remote = attacker;
	esp_plane_change(ends.right, &right);
	one_from(&there, NOW + IKE_SECOND - 1);
	assert_not_told();
	one_from(&there, NOW + IKE_SECOND);
	assert_told(&there);
	esp_ends_close(&ends);
}
END_TEST

UNIT_MAIN("esp_plane_moves", test_from_where_it_is, test_forged, test_replayed, test_overtaken,
	  test_not_what_was_agreed, test_protocol_50, test_a_pair_that_has_given_way,
	  test_another_port_another_host_another_family, test_a_dummy, test_ike_moves_it,
	  test_two_mappings_in_turn, test_held_back_and_delivered_from_elsewhere)
