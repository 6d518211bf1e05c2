/* SPDX-License-Identifier: ISC */
#include "tests/support/report_sample.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

json_t *report_sample(const char *name, const char *version, const char *started)
{
	json_t *report =
	    json_pack("{s:s, s:{s:s, s:s}, s:s, s:f, s:{s:s, s:s, s:[s]}, s:{s:s}, s:[]}", "schema",
		      REPORT_SCHEMA, "tool", "name", "ruthere", "version", "1", "started", started,
		      "seconds", 1.5, "device", "name", name, "address", "192.0.2.1:500",
		      "vendor_ids", "DPD 1.0", "options", "patience", "2s", "cases");

	ck_assert_ptr_nonnull(report);
	if (version != NULL)
		report_sample_put(report, "device/version", json_string(version));
	return report;
}

json_t *report_sample_case(json_t *report, const char *id, const char *verdict, const char *value)
{
	json_t *of = json_pack(
	    "{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:i,"
	    "s:[{s:f, s:s, s:s, s:s, s:s, s:s},"
	    "{s:f, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:[{s:i, s:i, s:i, s:s, s:s, s:b}]}],"
	    "s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:s}], s:s}",
	    "id", id, "version", 1, "title", "A title", "level", "MUST", "role", "responder",
	    "section", "RFC 3706 section 5.3", "requirement", "It must.", "expected", "an ACK",
	    "verdict", verdict, "observed", "no ACK", "seconds", 0.25, "deciding", 1, "messages",
	    "at", 0.0, "from", "tester", "source", "192.0.2.2:500", "destination", "192.0.2.1:500",
	    "wire", "00ff", "line", "MAIN [ SA ]", "at", 0.5, "from", "device", "source",
	    "192.0.2.1:500", "destination", "192.0.2.2:500", "lost", 0, "wire", "00ff00ff", "plain",
	    "00ff00", "hash", "holds", "line", "INFORMATIONAL* 1 [ HASH ]", "fields", "offset", 1,
	    "length", 2, "depth", 0, "name", "DOI", "value", "IPSEC (1)", "wrong", 0, "keys",
	    "cky_i", "0011", "cky_r", "2233", "cipher", "aes128", "hash", "sha1", "key", "44",
	    "skeyid_a", "55", "last_block", "66", "command", "ruthere conform 192.0.2.1");

	ck_assert_ptr_nonnull(of);
	if (value != NULL)
		ck_assert_int_eq(json_object_set_new(of, "value", json_string(value)), 0);
	ck_assert_int_eq(json_array_append_new(json_object_get(report, "cases"), of), 0);
	return of;
}

static json_t *step(json_t *at, const char *name)
{
	return json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10))
				 : json_object_get(at, name);
}

/* Up to the last name of the way, which is left in `last`. */
static json_t *walk(json_t *at, const char *way, char last[64])
{
	for (;;) {
		size_t length = strcspn(way, "/");

		ck_assert_uint_lt(length, 64);
		memcpy(last, way, length);
		last[length] = '\0';
		if (way[length] == '\0')
			return at;
		way += length + 1;
		at = step(at, last);
		ck_assert_ptr_nonnull(at);
	}
}

json_t *report_sample_at(json_t *report, const char *way)
{
	char last[64];
	json_t *at = step(walk(report, way, last), last);

	ck_assert_ptr_nonnull(at);
	return at;
}

void report_sample_put(json_t *report, const char *way, json_t *value)
{
	char last[64];
	json_t *at = walk(report, way, last);

	if (json_is_array(at))
		ck_assert_int_eq(value != NULL
				     ? json_array_set_new(at, strtoul(last, NULL, 10), value)
				     : json_array_remove(at, strtoul(last, NULL, 10)),
				 0);
	else
		ck_assert_int_eq(value != NULL ? json_object_set_new(at, last, value)
					       : json_object_del(at, last),
				 0);
}

const char *report_sample_written(report_writer *writer, json_t *reports)
{
	static char *text;
	struct fault fault;
	size_t length, i;
	json_t *report;
	FILE *out;

	json_array_foreach(reports, i, report)
	    ck_assert_msg(report_check(report, "sample", &fault), "%s", fault.text);
	free(text);
	out = open_memstream(&text, &length);
	ck_assert_ptr_nonnull(out);
	ck_assert(writer(out, reports));
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(strlen(text), length);
	json_decref(reports);
	return text;
}
