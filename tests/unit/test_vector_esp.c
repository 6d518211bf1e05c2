/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_esp.h"

#include <string.h>

#include "interop/esp/inner_packet.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

static struct fault fault;

/* What the engine says of algorithms that userspace ESP has not got. */
START_TEST(test_algorithms_that_are_not_there)
{
	struct vector_made made;
	struct vector_quick quick;

	made_set(&made, "quick-aes128-sha1", VECTOR_NO_MISTAKE);
	quick = made.trace->quick[0];
	quick.choice.proposal.encryption = IKE_ESP_TRANSFORM_DES;
	ck_assert(!vector_esp_seal(&quick, &made.world->random, &fault));
	ck_assert_uint_gt(strlen(fault.text), 0);
	quick = made.trace->quick[0];
	quick.encryption_key--;
	ck_assert(!vector_esp_seal(&quick, &made.world->random, &fault));
	vector_made_free(&made);
}
END_TEST

static void assert_opens(const struct vector_quick *quick, size_t which,
			 const struct vector_esp *packet)
{
	struct esp_sa sa = {0};
	struct esp_form form;
	uint8_t room[sizeof(packet->room)], next_header;
	struct esp_buffer buffer = {room, packet->length, sizeof(room)};
	struct inner_packet inner;
	uint32_t spi, number;

	memcpy(room, packet->room + packet->at, packet->length);
	ck_assert(esp_form_of(&quick->choice.proposal, &form, &fault));
	ck_assert(esp_sa_key(
	    &sa, &form, which == 0 ? quick->spi_i : quick->choice.spi,
	    octets_of(quick->keymat[which], quick->encryption_key),
	    octets_of(quick->keymat[which] + quick->encryption_key, quick->authentication_key),
	    PACKET_OPENED, &fault));
	ck_assert_int_eq(esp_packet_peek(octets_of(room, packet->length), &spi, &number),
			 ESP_ACCEPTED);
	ck_assert_uint_eq(spi, sa.spi);
	ck_assert_uint_eq(number, packet->number);
	ck_assert_mem_eq(room + 8, packet->iv, packet->iv_length);
	ck_assert_int_eq(esp_packet_open(&sa, &buffer, &next_header), ESP_ACCEPTED);
	ck_assert_uint_eq(next_header, ESP_NEXT_IPV4);
	ck_assert_uint_eq(buffer.length, packet->inner_length);
	ck_assert_mem_eq(buffer.data, packet->inner, packet->inner_length);
	ck_assert_int_eq(inner_packet_read(octets_of(buffer.data, buffer.length), &inner),
			 ESP_ACCEPTED);
	esp_sa_wipe(&sa);
}

/* Who has the keys opens them; and they have no padding, and the longest. */
START_TEST(test_packets_open)
{
	static const struct {
		const char *set;
		size_t padding[VECTOR_ESP_PACKETS], icv;
	} expected[] = {
	    {"quick-aes128-sha1", {6, 0, 15}, 12},
	    {"quick-3des-md5", {6, 0, 7}, 12},
	    {"quick-aes256-sha256-pfs-modp2048", {6, 0, 15}, 16},
	    {"quick-aes128gcm16", {2, 0, 3}, 16},
	    {"quick-aes256gcm16-pfs-x25519", {2, 0, 3}, 16},
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct vector_made made;

		made_set(&made, expected[i].set, VECTOR_NO_MISTAKE);
		for (size_t which = 0; which < VECTOR_PARTIES; which++)
			for (size_t j = 0; j < VECTOR_ESP_PACKETS; j++) {
				const struct vector_quick *quick = &made.trace->quick[0];

				ck_assert_uint_eq(quick->esp[which][j].padding,
						  expected[i].padding[j]);
				ck_assert_uint_eq(quick->esp[which][j].icv, expected[i].icv);
				assert_opens(quick, which, &quick->esp[which][j]);
			}
		vector_made_free(&made);
	}
}
END_TEST

UNIT_MAIN("vector_esp", test_algorithms_that_are_not_there, test_packets_open)
