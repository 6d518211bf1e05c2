/* SPDX-License-Identifier: ISC */
/*
 * Every valid sample, damaged in every way that is short enough to be tried completely.  Each damaged message lies alone in
 * memory of exactly its length, so that the address sanitizer sees a single octet read too many.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ike/describe.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"

#define LENGTH_FIELD_AT (IKE_HEADER_LENGTH_AT + 2) /* the lower half: no sample is longer */

static const uint16_t bad_lengths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 0xffff};

#define BAD_LENGTHS (sizeof(bad_lengths) / sizeof(bad_lengths[0]))

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text != '\n' && (*text < ' ' || *text >= 0x7f))
			return false;
	return true;
}

/* Terminated, of the length that was said, within its room, and nothing but what may be printed. */
static bool is_good_text(const char *text, size_t length, size_t room)
{
	return room == 0 ? length == 0
			 : length < room && length == strlen(text) && is_printable(text);
}

/* Reads and describes it; whatever it is, that must end well. */
static enum ike_verdict read_alone(const struct sample *sample, size_t length)
{
	static const size_t rooms[] = {0, 41, 8192};
	uint8_t *alone = malloc(length > 0 ? length : 1);
	struct ike_message message;
	enum ike_verdict verdict;
	char text[8192] = "";
	bool good = true;

	ck_assert_ptr_nonnull(alone);
	memcpy(alone, sample->octets, length);
	verdict = sample_read(sample->kind, octets_of(alone, length), &message);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		size_t room = rooms[i];

		good = good && is_good_text(text, ike_describe_line(&message, text, room), room);
	}
	free(alone);
	ck_assert_msg(good, "described as: %s", text);
	return verdict;
}

static void put_u16(struct sample *sample, size_t at, size_t value)
{
	sample->octets[at] = (uint8_t)(value >> 8);
	sample->octets[at + 1] = (uint8_t)value;
}

static unsigned get_u16(const struct sample *sample, size_t at)
{
	return (unsigned)(sample->octets[at] << 8 | sample->octets[at + 1]);
}

START_TEST(test_samples_are_good)
{
	struct sample sample;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		ck_assert_uint_gt(sample.lengths, 0);
		ck_assert_uint_gt(sample.reserved, 0);
		ck_assert_int_eq(read_alone(&sample, sample.length), IKE_ACCEPTED);
	}
}
END_TEST

START_TEST(test_every_wrong_length_is_refused)
{
	struct sample sample;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		for (size_t field = 0; field < sample.lengths; field++) {
			size_t at = sample.length_at[field];
			unsigned right = get_u16(&sample, at);

			for (size_t j = 0; j < BAD_LENGTHS; j++) {
				if (bad_lengths[j] == right)
					continue;
				put_u16(&sample, at, bad_lengths[j]);
				ck_assert_msg(read_alone(&sample, sample.length) != IKE_ACCEPTED,
					      "sample %u, length at %zu as %u", i, at,
					      bad_lengths[j]);
			}
			put_u16(&sample, at, right);
		}
	}
}
END_TEST

/* One more or one less than is right: the length that a writer gets wrong. */
START_TEST(test_lengths_off_by_one_are_refused)
{
	struct sample sample;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		for (size_t field = 0; field < sample.lengths; field++) {
			size_t at = sample.length_at[field];
			unsigned right = get_u16(&sample, at);
			bool last = sample.octets[at - 2] == IKE_PAYLOAD_NONE;
			bool padding = i == SAMPLE_INFO_R_U_THERE && last;

			put_u16(&sample, at, right + 1);
			/* where padding follows, a longer last payload is another good message, to be stopped by its HASH */
			ck_assert(padding || read_alone(&sample, sample.length) != IKE_ACCEPTED);
			put_u16(&sample, at, right - 1);
			(void)read_alone(&sample, sample.length);
			put_u16(&sample, at, right);
		}
	}
}
END_TEST

START_TEST(test_every_truncation_is_refused)
{
	struct sample sample;

	for (unsigned i = 0; i < SAMPLES; i++) {
		size_t padding = i == SAMPLE_INFO_R_U_THERE ? 8 : 0;

		sample_get(i, &sample);
		for (size_t length = 0; length < sample.length; length++) {
			enum ike_verdict verdict = read_alone(&sample, length);

			ck_assert_int_eq(verdict, length < IKE_HEADER_LENGTH ? IKE_TOO_SHORT
									     : IKE_UNEQUAL_LENGTHS);
		}
		/* and by somebody who says so in the header */
		for (size_t length = IKE_HEADER_LENGTH; length < sample.length - padding;
		     length++) {
			put_u16(&sample, LENGTH_FIELD_AT, length);
			ck_assert_msg(read_alone(&sample, length) != IKE_ACCEPTED,
				      "sample %u cut to %zu octets", i, length);
		}
	}
}
END_TEST

START_TEST(test_every_reserved_octet_is_checked)
{
	struct sample sample;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		for (size_t field = 0; field < sample.reserved; field++) {
			for (unsigned bit = 0; bit < 8; bit++) {
				sample.octets[sample.reserved_at[field]] = (uint8_t)(1u << bit);
				ck_assert_int_eq(read_alone(&sample, sample.length),
						 IKE_RESERVED_NOT_ZERO);
			}
			sample.octets[sample.reserved_at[field]] = 0;
		}
	}
}
END_TEST

/* No claim but that it ends well: most of these are lengths, counts or types of something. */
START_TEST(test_every_octet_may_be_anything)
{
	static const uint8_t values[] = {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 127, 128, 254, 255};
	struct sample sample;
	size_t refused = 0;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		for (size_t at = 0; at < sample.length; at++) {
			uint8_t right = sample.octets[at];

			for (size_t j = 0; j < sizeof(values); j++) {
				sample.octets[at] = values[j];
				refused += read_alone(&sample, sample.length) != IKE_ACCEPTED;
			}
			sample.octets[at] = right;
		}
	}
	ck_assert_uint_gt(refused, 1000);
}
END_TEST

/* The same, two octets at a time, for the fields that are that long. */
START_TEST(test_every_pair_of_octets_may_be_anything)
{
	struct sample sample;
	size_t refused = 0;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		for (size_t at = 0; at + 1 < sample.length; at++) {
			unsigned right = get_u16(&sample, at);

			for (size_t j = 0; j < BAD_LENGTHS; j++) {
				put_u16(&sample, at, bad_lengths[j]);
				refused += read_alone(&sample, sample.length) != IKE_ACCEPTED;
			}
			put_u16(&sample, at, right);
		}
	}
	ck_assert_uint_gt(refused, 1000);
}
END_TEST

/* Any message may arrive where another one is expected. */
START_TEST(test_no_message_passes_for_another)
{
	struct sample sample;
	struct ike_message message;

	for (unsigned i = 0; i < SAMPLES; i++) {
		sample_get(i, &sample);
		for (unsigned kind = 0; kind < IKE_MESSAGE_KINDS; kind++) {
			enum ike_verdict verdict =
			    sample_read(kind, octets_of(sample.octets, sample.length), &message);
			/* MM1 and MM2 differ in their cookies and in the number of transforms, MM5 and MM6 in nothing, INFO* and QM4 in the exchange */
			bool twin = (sample.kind == IKE_MM1 && kind == IKE_MM2) ||
				    (sample.kind == IKE_MM2 && kind == IKE_MM1) ||
				    (sample.kind == IKE_MM5 && kind == IKE_MM6) ||
				    /* AM3 is a HASH, and what every message may carry besides */
				    (kind == IKE_AM3 && verdict == IKE_ACCEPTED &&
				     sample.kind == IKE_INFO_PROTECTED) ||
				    (i == SAMPLE_INFO_R_U_THERE && kind == IKE_QM4);

			ck_assert_msg((verdict == IKE_ACCEPTED) == (kind == sample.kind || twin),
				      "sample %u as %s: %s", i, ike_message_kind_name(kind),
				      ike_verdict_name(verdict));
		}
	}
}
END_TEST

UNIT_MAIN("hostile", test_samples_are_good, test_every_wrong_length_is_refused,
	  test_lengths_off_by_one_are_refused, test_every_truncation_is_refused,
	  test_every_reserved_octet_is_checked, test_every_octet_may_be_anything,
	  test_every_pair_of_octets_may_be_anything, test_no_message_passes_for_another)
