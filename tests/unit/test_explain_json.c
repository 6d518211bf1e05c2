/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/explain_json.h"
#include "tests/support/film.h"
#include "tests/support/unit.h"

static struct film film;
static json_t *lines;
static json_t *summary;

static void take(void *context, const struct told *told)
{
	json_t *object = explain_json(told);

	(void)context;
	ck_assert_ptr_nonnull(object);
	ck_assert_int_eq(json_array_append_new(lines, object), 0);
}

static void explain(const struct key_log *log)
{
	struct decoder_settings settings = {.keys = log, .tell = take};
	struct decoder *decoder = decoder_new(&settings);
	struct fault fault;
	struct packets *packets = packets_of_stream(film_stream(&film), "film", &fault);
	struct packet packet;
	bool broken;

	json_decref(lines);
	json_decref(summary);
	lines = json_array();
	while (packets_next(packets, &packet, &broken, &fault))
		decoder_packet(decoder, &packet);
	summary = explain_json_summary(decoder_counts(decoder));
	ck_assert_ptr_nonnull(summary);
	packets_close(packets);
	decoder_free(decoder);
}

static const char *text_of(size_t line, const char *name)
{
	return json_string_value(json_object_get(json_array_get(lines, line), name));
}

static json_int_t number_of(size_t line, const char *name)
{
	return json_integer_value(json_object_get(json_array_get(lines, line), name));
}

START_TEST(test_not_ike)
{
	const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 4500, .family = 4};

	film_start(&film, FILM_RAW);
	film_datagram(&film, 1500 * IKE_MILLISECOND, &a, &a, octets_of("\xff", 1));
	film_datagram(&film, 0, &a, &a, octets_of("\xc0\xff\xee\x01\0\0\0\7", 8));
	film_datagram(&film, 0, &a, &a, octets_of("\0\0\0\0x", 5));
	explain(NULL);
	ck_assert_str_eq(text_of(0, "what"), "nat-keepalive");
	ck_assert(json_real_value(json_object_get(json_array_get(lines, 0), "time")) == 1.5);
	ck_assert_ptr_null(json_object_get(json_array_get(lines, 0), "fields"));
	ck_assert_str_eq(text_of(1, "what"), "esp");
	ck_assert_int_eq(number_of(1, "spi"), 0xc0ffee01);
	ck_assert_int_eq(number_of(1, "sequence"), 7);
	ck_assert_str_eq(text_of(2, "what"), "message");
	ck_assert_ptr_null(json_object_get(json_array_get(lines, 2), "cky_i"));
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(json_array_get(lines, 2), "anomalies"), 0),
		"verdict")),
	    "TOO_SHORT");
}
END_TEST

START_TEST(test_session)
{
	struct duo *duo = duo_new(1);
	struct key_log *log = key_log_new();
	struct key_row row;
	json_t *mm5, *field, *counts;

	duo_start(duo);
	duo_establish(duo);
	film_key(duo, DUO_A, &row);
	ck_assert(key_log_add(log, &row));
	film_duo(&film, duo);
	film_duo_datagram(&film, duo, 4);
	explain(log);
	ck_assert_uint_eq(json_array_size(lines), film.packets);
	mm5 = json_array_get(lines, 4);
	ck_assert_str_eq(text_of(4, "kind"), "MM5");
	ck_assert_str_eq(text_of(4, "from"), "initiator");
	ck_assert_str_eq(text_of(5, "from"), "responder");
	ck_assert(json_is_true(json_object_get(mm5, "decrypted")));
	ck_assert(json_is_false(json_object_get(mm5, "partial")));
	ck_assert_int_eq(number_of(4, "exchange"), 2);
	ck_assert_int_eq(number_of(4, "sa"), 1);
	ck_assert_uint_eq(strlen(text_of(4, "octets")), 2 * (size_t)number_of(4, "length"));
	field = json_array_get(json_object_get(mm5, "fields"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(field, "name")), "HDR");
	ck_assert_ptr_null(json_object_get(mm5, "reason"));
	ck_assert_str_eq(text_of(6, "hash"), "verified");
	ck_assert_int_eq(number_of(film.packets - 1, "repeats"), 5);
	counts = json_object_get(summary, "summary");
	ck_assert_int_eq(json_integer_value(json_object_get(counts, "repeated")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(counts, "packets")),
			 (json_int_t)film.packets);
	explain(NULL);
	ck_assert_str_eq(text_of(4, "reason"), "no keys were given (--keys)");
	json_decref(lines);
	json_decref(summary);
	key_log_free(log);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("explain_json", test_not_ike, test_session)
