/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "tests/support/allocations.h"
#include "tests/support/esp_sample.h"

#define NOW      ESP_SAMPLE_NOW
#define AES_SHA1 (&esp_sample_forms[ESP_SAMPLE_AES128_SHA1])
#define GCM      (&esp_sample_forms[ESP_SAMPLE_AES128_GCM])

static void assert_use(struct esp_plane *plane, uint32_t number, bool in, bool out)
{
	struct esp_use use;

	ck_assert(esp_plane_used(plane, &use));
	ck_assert_uint_eq(use.number, number);
	ck_assert_int_eq(use.in, in);
	ck_assert_int_eq(use.out, out);
}

static void assert_no_use(struct esp_plane *plane)
{
	struct esp_use use;

	ck_assert(!esp_plane_used(plane, &use));
}

static void assert_no_expiry(struct esp_plane *plane)
{
	struct esp_expiry expiry;

	ck_assert(!esp_plane_expired(plane, &expiry));
}

/* ---- dummies and padding ----------------------------------------------------------------------------------------------- */

/* RFC 4303 section 2.6: no packet, but the peer's (R17); and it is not proof twice, nor once where it was changed (R80). */
START_TEST(test_a_dummy_proves_life_once)
{
	struct esp_sample dummy, sample;
	struct esp_usage usage;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_sample_forge(&dummy, 1, AES_SHA1, 1, ESP_NEXT_DUMMY, "anything at all", 15);
	esp_sample_fill(&sample, dummy.buffer.data, dummy.buffer.length);
	sample.buffer.data[30] ^= 1;
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_BAD_ICV);
	esp_sample_assert_untouched(ends.right, 1);
	esp_sample_fill(&sample, dummy.buffer.data, dummy.buffer.length);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_DUMMY);
	ck_assert_uint_eq(sample.buffer.length, 0);
	assert_use(ends.right, 1, true, false);
	esp_sample_fill(&sample, dummy.buffer.data, dummy.buffer.length);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_REPLAYED);
	assert_no_use(ends.right);
	ck_assert(esp_plane_usage(ends.right, 1, &usage));
	ck_assert_uint_eq(usage.packets_in, 1);
	ck_assert_uint_eq(usage.octets_in, 0);
	ck_assert_uint_eq(usage.used_in, NOW);
	ck_assert_uint_eq(esp_plane_count(ends.right, ESP_DUMMY), 1);
	esp_ends_close(&ends);
}
END_TEST

/* RFC 4303 section 2.7. */
START_TEST(test_what_follows_an_inner_packet_is_cut_off)
{
	struct esp_sample sample;
	struct esp_ends ends;
	uint8_t inner[300];

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	memset(inner, 0xcc, sizeof(inner));
	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 1, 2, 61);
	esp_sample_forge(&sample, 1, AES_SHA1, 1, ESP_NEXT_IPV4, inner, sizeof(inner));
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	ck_assert_uint_eq(sample.buffer.length, 61);
	ck_assert_mem_eq(sample.buffer.data, inner, 61);
	/* the same before it is sealed */
	esp_sample_fill(&sample, inner, sizeof(inner));
	esp_plane_continue(ends.left, 1, 1);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	ck_assert_uint_eq(sample.buffer.length, 8 + 16 + 64 + 12);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	ck_assert_uint_eq(sample.buffer.length, 61);
	esp_ends_close(&ends);
}
END_TEST

/* ---- packets ----------------------------------------------------------------------------------------------------------- */

START_TEST(test_every_form_goes_through)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_ends ends;

		esp_ends_open(&ends);
		esp_ends_add(&ends, 1, &esp_sample_forms[i]);
		for (size_t length = 20; length < 200; length++) {
			struct esp_sample sample, plain;

			esp_sample_right(&sample, length);
			esp_sample_right(&plain, length);
			ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
			ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
			ck_assert_uint_eq(sample.buffer.length, length);
			ck_assert_ptr_eq(sample.buffer.data, sample.room + ESP_HEADROOM);
			ck_assert_uint_eq(sample.buffer.room, plain.buffer.room);
			ck_assert_mem_eq(sample.buffer.data, plain.buffer.data, length);
		}
		esp_ends_close(&ends);
	}
}
END_TEST

/* Every inner family in every outer one, with ports in UDP and without any as a protocol of its own. */
START_TEST(test_families_and_encapsulation)
{
	for (unsigned which = 0; which < 8; which++) {
		const bool v6_inside = which & 1, v6_outside = which & 2, udp = which & 4;
		struct ike_address local, remote;
		struct ike_ipsec_sa left, right;
		bool encapsulated = !udp;
		struct esp_sample sample;
		struct esp_ends ends;
		uint8_t inner[80];
		uint32_t number;

		esp_ends_open(&ends);
		esp_sample_pair(1, AES_SHA1, &left, &right);
		if (v6_inside) {
			left.inside_local = right.inside_remote =
			    esp_sample_selector("2001:db8:1::", 48);
			left.inside_remote = right.inside_local =
			    esp_sample_selector("2001:db8:2::", 48);
		}
		left.local = esp_sample_address(v6_outside ? "2001:db8:ff::1" : "192.0.2.1");
		left.remote = esp_sample_address(v6_outside ? "2001:db8:ff::2" : "192.0.2.2");
		left.local.port = 4500;
		left.remote.port = 61234;
		right.remote = left.local;
		left.encapsulated = right.encapsulated = udp;
		esp_sample_add(ends.left, &left);
		esp_sample_add(ends.right, &right);
		(void)esp_sample_packet(inner, v6_inside ? "2001:db8:1::5" : "10.1.0.5",
					v6_inside ? "2001:db8:2::7" : "10.2.0.7", 1, 2,
					sizeof(inner));
		esp_sample_fill(&sample, inner, sizeof(inner));
		ck_assert_int_eq(
		    esp_plane_seal(ends.left, NOW, &sample.buffer, &local, &remote, &encapsulated),
		    ESP_ACCEPTED);
		ck_assert_int_eq(encapsulated, udp);
		ck_assert_uint_eq(local.port, udp ? 4500 : 0);
		ck_assert_uint_eq(remote.port, udp ? 61234 : 0);
		ck_assert_uint_eq(remote.family, v6_outside ? IKE_FAMILY_IPV6 : IKE_FAMILY_IPV4);
		ck_assert_mem_eq(local.octets, left.local.octets, 16);
		ck_assert_mem_eq(remote.octets, left.remote.octets, 16);
		ck_assert_int_eq(
		    esp_plane_open(ends.right, NOW, &local, udp, &sample.buffer, &number),
		    ESP_ACCEPTED);
		ck_assert_mem_eq(sample.buffer.data, inner, sizeof(inner));
		esp_ends_close(&ends);
	}
}
END_TEST

/* What a fixed pair's packets carry: SPI, numbers from 1, for CBC never the same IV, for GCM the number. */
START_TEST(test_headers)
{
	uint8_t ivs[600][16], expected[16] = {0x00, 0x00, 0x20, 0x01};
	struct esp_sample sample;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	for (uint32_t i = 0; i < 600; i++) {
		esp_sample_right(&sample, 20);
		ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
		expected[6] = (uint8_t)((i + 1) >> 8);
		expected[7] = (uint8_t)(i + 1);
		ck_assert_mem_eq(sample.buffer.data, expected, 8);
		memcpy(ivs[i], sample.buffer.data + 8, 16);
		for (uint32_t j = 0; j < i; j++)
			ck_assert_mem_ne(ivs[i], ivs[j], 8);
	}
	esp_ends_close(&ends);
	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, GCM);
	esp_plane_continue(ends.left, 1, 0x01020303);
	esp_sample_right(&sample, 20);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	unit_assert_hex(octets_of(sample.buffer.data, 16), "00002001010203040000000001020304");
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_the_outer_address_is_ikes_business)
{
	const struct ike_address elsewhere = esp_sample_address("203.0.113.9");
	struct ike_address local, remote;
	struct ike_ipsec_sa left, right;
	struct esp_sample sample;
	struct esp_usage usage;
	struct esp_ends ends;
	bool encapsulated;
	uint32_t number;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_ends_exchange(&ends, 1, 1);
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	ck_assert_int_eq(
	    esp_plane_open(ends.right, NOW, &elsewhere, false, &sample.buffer, &number),
	    ESP_ACCEPTED);
	ck_assert(esp_plane_usage(ends.right, 1, &usage));
	ck_assert_uint_eq(usage.elsewhere, 1);
	ck_assert_uint_eq(usage.packets_in, 2);
	/* what goes back goes where IKE has said, until it says something else */
	for (int moved = 0; moved < 2; moved++) {
		uint8_t back[60];

		esp_sample_pair(1, AES_SHA1, &left, &right);
		if (moved) {
			right.remote = elsewhere;
			esp_plane_change(ends.right, &right);
		}
		(void)esp_sample_packet(back, "10.2.0.7", "10.1.0.5", 1, 2, sizeof(back));
		esp_sample_fill(&sample, back, sizeof(back));
		ck_assert_int_eq(
		    esp_plane_seal(ends.right, NOW, &sample.buffer, &local, &remote, &encapsulated),
		    ESP_ACCEPTED);
		ck_assert_mem_eq(remote.octets, right.remote.octets, 16);
		ck_assert_mem_eq(local.octets, right.local.octets, 16);
	}
	right.number = 99; /* of nobody: nothing happens */
	esp_plane_change(ends.right, &right);
	esp_plane_remove(ends.right, 99);
	esp_plane_continue(ends.right, 99, 5);
	ck_assert(!esp_plane_usage(ends.right, 99, &usage));
	esp_ends_close(&ends);
}
END_TEST

/* ---- pairs ------------------------------------------------------------------------------------------------------------- */

/* A rekey: inbound both, outbound the newest; packets that were under way are not lost. */
START_TEST(test_a_rekey_loses_nothing)
{
	struct esp_sample on_its_way, sample;
	struct ike_ipsec_sa left, right;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_sample_right(&on_its_way, 60);
	ck_assert_int_eq(esp_sample_seal(ends.left, &on_its_way), ESP_ACCEPTED);
	/* LEFT has it first: what it sends is through the new one, which RIGHT does not know yet */
	esp_sample_pair(2, GCM, &left, &right);
	esp_sample_add(ends.left, &left);
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 0), ESP_UNKNOWN_SPI);
	esp_sample_add(ends.right, &right);
	esp_ends_exchange(&ends, 2, 3);
	ck_assert_int_eq(esp_sample_open(&ends, &on_its_way, 1), ESP_ACCEPTED);
	/* superseded the other way round: the old one is used again */
	left.superseded = true;
	esp_plane_change(ends.left, &left);
	esp_ends_exchange(&ends, 1, 1);
	left.superseded = false;
	esp_plane_change(ends.left, &left);
	esp_plane_remove(ends.left, 1);
	esp_plane_remove(ends.right, 1);
	esp_ends_exchange(&ends, 2, 3);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_a_removed_pair_is_gone)
{
	struct ike_ipsec_sa left, right;
	struct esp_sample sample;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_ends_add(&ends, 2, AES_SHA1);
	esp_plane_limit_packets(ends.right, 2, 4);
	esp_ends_exchange(&ends, 2, 4); /* used, and expired */
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	esp_plane_remove(ends.right, 2);
	assert_no_use(ends.right);
	assert_no_expiry(ends.right);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 0), ESP_UNKNOWN_SPI);
	/* its place, and its number, are free for another, which has nothing of it */
	esp_sample_pair(2, AES_SHA1, &left, &right);
	esp_sample_add(ends.right, &right);
	esp_sample_assert_untouched(ends.right, 2);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 2), ESP_ACCEPTED);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_use_is_told_once)
{
	struct ike_address local, remote;
	struct esp_sample sample;
	struct esp_usage usage;
	struct esp_ends ends;
	bool encapsulated;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_ends_exchange(&ends, 1, 3);
	assert_use(ends.left, 1, false, true);
	assert_no_use(ends.left);
	assert_use(ends.right, 1, true, false);
	assert_no_use(ends.right);
	/* what asks for an answer of the other side's is no traffic, but a packet */
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(esp_plane_seal_through(ends.left, NOW + 7, 1, &sample.buffer, &local,
						&remote, &encapsulated),
			 ESP_ACCEPTED);
	ck_assert_mem_eq(remote.octets, ends.at_right.octets, 16);
	ck_assert(!encapsulated);
	assert_no_use(ends.left);
	ck_assert(esp_plane_usage(ends.left, 1, &usage));
	ck_assert_uint_eq(usage.packets_out, 4);
	ck_assert_uint_eq(usage.octets_out, 360);
	ck_assert_uint_eq(usage.used_out, NOW + 7);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	assert_use(ends.right, 1, true, false);
	esp_ends_close(&ends);
}
END_TEST

/* Through a superseded pair, too: whether that one still works is just what is asked. */
START_TEST(test_through_that_very_pair)
{
	struct ike_address local, remote;
	struct ike_ipsec_sa left, right;
	struct esp_sample sample;
	struct esp_ends ends;
	bool encapsulated;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_ends_add(&ends, 2, AES_SHA1);
	esp_sample_pair(1, AES_SHA1, &left, &right);
	left.superseded = true;
	esp_plane_change(ends.left, &left);
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(esp_plane_seal_through(ends.left, NOW, 1, &sample.buffer, &local, &remote,
						&encapsulated),
			 ESP_ACCEPTED);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_packets_allocate_nothing)
{
	static struct esp_sample samples[300]; /* more than there are IVs in store */

	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_ends ends;
		size_t before, accepted = 0, refused = 0;
		uint32_t number;

		esp_ends_open(&ends);
		esp_ends_add(&ends, 1, &esp_sample_forms[i]);
		for (size_t j = 0; j < 300; j++)
			esp_sample_right(&samples[j], 100);
		before = allocations_count();
		for (size_t j = 0; j < 300; j++) {
			accepted += esp_sample_seal(ends.left, &samples[j]) == ESP_ACCEPTED;
			accepted += esp_plane_open(ends.right, NOW, &ends.at_left, false,
						   &samples[j].buffer, &number) == ESP_ACCEPTED;
			refused += esp_plane_open(ends.right, NOW, &ends.at_left, false,
						  &samples[j].buffer, &number) != ESP_ACCEPTED;
		}
		ck_assert_uint_eq(allocations_count(), before);
		ck_assert_uint_eq(accepted, 600);
		ck_assert_uint_eq(refused, 300);
		esp_ends_close(&ends);
	}
}
END_TEST

START_TEST(test_equal_inputs_give_equal_outputs)
{
	struct esp_sample sample[2];
	struct esp_ends ends;

	for (int i = 0; i < 2; i++) {
		esp_ends_open(&ends);
		esp_ends_add(&ends, 1, AES_SHA1);
		esp_ends_exchange(&ends, 1, 300);
		esp_sample_right(&sample[i], 100);
		ck_assert_int_eq(esp_sample_seal(ends.left, &sample[i]), ESP_ACCEPTED);
		esp_ends_close(&ends);
	}
	ck_assert_mem_eq(sample[0].room, sample[1].room, sizeof(sample[0].room));
	esp_plane_free(NULL);
}
END_TEST

UNIT_MAIN("esp_plane", test_a_dummy_proves_life_once, test_what_follows_an_inner_packet_is_cut_off,
	  test_every_form_goes_through, test_families_and_encapsulation, test_headers,
	  test_the_outer_address_is_ikes_business, test_a_rekey_loses_nothing,
	  test_a_removed_pair_is_gone, test_use_is_told_once, test_through_that_very_pair,
	  test_packets_allocate_nothing, test_equal_inputs_give_equal_outputs)
