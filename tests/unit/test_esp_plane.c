/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/registry.h"
#include "tests/support/esp_sample.h"

#define NOW (1000 * IKE_SECOND)

/* Both ends. */
struct ends {
	struct esp_plane *left, *right;
	struct ike_address at_left, at_right;
};

static struct esp_plane *new_plane(uint32_t pairs)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {42};
	struct random_source random;
	struct esp_plane *plane;

	random_seeded(&random, seed);
	plane = esp_plane_new(&random, pairs);
	ck_assert_ptr_nonnull(plane);
	return plane;
}

static void add(struct esp_plane *plane, const struct ike_ipsec_sa *pair)
{
	struct fault fault = {""};

	ck_assert_msg(esp_plane_add(plane, pair, &fault), "%s", fault.text);
}

static void ends_open(struct ends *ends)
{
	ends->left = new_plane(8);
	ends->right = new_plane(8);
	ends->at_left = esp_sample_address("192.0.2.1");
	ends->at_right = esp_sample_address("192.0.2.2");
}

static void ends_close(struct ends *ends)
{
	esp_plane_free(ends->left);
	esp_plane_free(ends->right);
}

static enum esp_verdict seal(struct esp_plane *plane, struct esp_sample *sample)
{
	struct ike_address local, remote;
	bool encapsulated;

	return esp_plane_seal(plane, NOW, &sample->buffer, &local, &remote, &encapsulated);
}

START_TEST(test_every_form_goes_through_both_ways)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		const struct esp_sample_form *form = &esp_sample_forms[i];
		struct ike_ipsec_sa left, right;
		struct ends ends;

		ends_open(&ends);
		esp_sample_pair(1, form, &left, &right);
		add(ends.left, &left);
		add(ends.right, &right);
		for (size_t length = 20; length < 200; length++) {
			struct esp_sample sample, plain;
			uint32_t number = 0;

			esp_sample_right(&plain, length);
			sample = plain;
			sample.buffer.data = sample.room + ESP_HEADROOM;
			ck_assert_uint_eq(seal(ends.left, &sample), ESP_ACCEPTED);
			ck_assert_uint_eq(esp_plane_open(ends.right, NOW, &ends.at_left, false,
							 &sample.buffer, &number),
					  ESP_ACCEPTED);
			ck_assert_uint_eq(number, 1);
			ck_assert_uint_eq(sample.buffer.length, length);
			ck_assert_ptr_eq(sample.buffer.data, sample.room + ESP_HEADROOM);
			ck_assert_uint_eq(sample.buffer.room, plain.buffer.room);
			ck_assert_mem_eq(sample.buffer.data, plain.buffer.data, length);
		}
		ends_close(&ends);
	}
}
END_TEST

UNIT_MAIN("esp_plane", test_every_form_goes_through_both_ways)
