/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/report_sample.h"

static json_t *right(void)
{
	json_t *report = report_sample("gw", "1", "2026-11-26T09:00:00Z");

	json_object_set_new(
	    report_sample_case(report, "rfc3706/5.3/one", "FAIL", NULL), "profile",
	    json_pack("{s:s, s:s, s:s}", "verdict", "FAIL", "found", "FAIL", "reason", "known"));
	report_sample_case(report, "rfc3706/5.3/two", "INFO", "a=b");
	return report;
}

/* With that put there (JSON), or what is there taken away (NULL), the fault is that. */
static void spoil(const char *way, const char *value, const char *pointer, const char *says)
{
	json_t *report = right();
	char begin[256];
	struct fault fault;

	report_sample_put(report, way,
			  value != NULL ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL);
	ck_assert_msg(!report_check(report, "r.json", &fault), "%s = %s", way, value);
	snprintf(begin, sizeof(begin), "r.json: at \"%s\": ", pointer);
	ck_assert_msg(strncmp(fault.text, begin, strlen(begin)) == 0, "%s: %s", way, fault.text);
	ck_assert_msg(strstr(fault.text, says) != NULL, "%s: %s", way, fault.text);
	json_decref(report);
}

START_TEST(test_missing)
{
	static const char *const ways[][3] = {
	    {"schema", "", "\"schema\" is missing"},
	    {"tool", "", "\"tool\" is missing"},
	    {"tool/version", "/tool", "\"version\" is missing"},
	    {"started", "", "\"started\""},
	    {"seconds", "", "\"seconds\""},
	    {"device/name", "/device", "\"name\""},
	    {"device/address", "/device", "\"address\""},
	    {"options", "", "\"options\""},
	    {"cases", "", "\"cases\""},
	    {"cases/0/id", "/cases/0", "\"id\""},
	    {"cases/1/messages", "/cases/1", "\"messages\""},
	    {"cases/0/profile/reason", "/cases/0/profile", "\"reason\""},
	    {"cases/0/messages/1/line", "/cases/0/messages/1", "\"line\""},
	    {"cases/0/messages/1/fields/0/depth", "/cases/0/messages/1/fields/0", "\"depth\""},
	    {"cases/0/keys/0/skeyid_a", "/cases/0/keys/0", "\"skeyid_a\""},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		spoil(ways[i][0], NULL, ways[i][1], ways[i][2]);
}
END_TEST

START_TEST(test_wrong)
{
	static const char *const ways[][3] = {
	    /* where, what; what would be right */
	    {"schema", "\"ruthere-conform-report-2\"", "ruthere-conform-report-1"},
	    {"schema", "1", "ruthere-conform-report-1"},
	    {"tool", "[]", "must be an object"},
	    {"tool/name", "null", "must be a string"},
	    {"started", "\"yesterday\"", "RFC 3339"},
	    {"seconds", "-1", "0 or more"},
	    {"seconds", "\"1\"", "number of seconds"},
	    {"device/vendor_ids", "\"DPD\"", "array of strings"},
	    {"device/vendor_ids/0", "1", "must be a string"},
	    {"options", "[]", "object of strings"},
	    {"options/patience", "2", "must be a string"},
	    {"cases", "{}", "array of objects"},
	    {"cases/0", "7", "must be an object"},
	    {"cases/0/id", "\"rfc3706/5.3\"", "document/section/slug"},
	    {"cases/0/id",
	     "\"rfc3706/5.3/"
	     "123456789012345678901234567890123456789012345678901234567890123456789012345678901\"",
	     "none of them long"},
	    {"cases/0/id", "\"rfc3706/5.3/a/b\"", "document/section/slug"},
	    {"cases/0/id", "\"RFC3706/5.3/a\"", "document/section/slug"},
	    {"cases/0/id", "\"rfc3706//a\"", "document/section/slug"},
	    {"cases/0/id", "\"rfc3706/5.3/a.b\"", "document/section/slug"},
	    {"cases/0/version", "0", "integer, 1 or more"},
	    {"cases/0/version", "1.5", "integer, 1 or more"},
	    {"cases/0/level", "\"must\"", "MUST, SHOULD, MAY, ROBUST or INFO"},
	    {"cases/0/role", "\"both\"", "responder or initiator"},
	    {"cases/0/verdict", "\"pass\"", "PASS, LENIENT, FAIL"},
	    {"cases/0/profile/found", "\"pass\"", "PASS, LENIENT, FAIL"},
	    {"cases/0/deciding", "-1", "integer, 0 or more"},
	    {"cases/0/deciding", "2", "less than the number of messages, 2"},
	    {"cases/0/messages/0/at", "\"0\"", "must be a number"},
	    {"cases/0/messages/0/from", "\"us\"", "tester or device"},
	    {"cases/0/messages/0/wire", "\"0\"", "pairs"},
	    {"cases/0/messages/0/wire", "\"0G\"", "pairs"},
	    {"cases/0/messages/0/wire", "\"AB\"", "pairs"},
	    {"cases/0/messages/1/lost", "0", "true or false"},
	    {"cases/0/messages/1/hash", "\"maybe\"", "holds or fails"},
	    {"cases/0/messages/1/fields/0/offset", "-1", "integer, 0 or more"},
	    {"cases/0/keys/0/cipher", "\"des\"", "3des, aes128, aes192 or aes256"},
	    {"cases/0/keys/0/hash", "\"sha3\"", "md5, sha1"},
	    {"cases/0/more", "1", "no such member"},
	    {"more", "1", "no such member"},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char pointer[128];

		snprintf(pointer, sizeof(pointer), "/%s", ways[i][0]);
		spoil(ways[i][0], ways[i][1], pointer, ways[i][2]);
	}
}
END_TEST

/* Fields outside their message would have the page read what is not there. */
START_TEST(test_fields_beyond)
{
	static const char *const ways[][2] = {
	    {"cases/0/messages/1/fields/0/offset", "2"},
	    {"cases/0/messages/1/fields/0/offset", "4"},
	    {"cases/0/messages/1/fields/0/length", "3"},
	    {"cases/0/messages/1/fields/0/length", "9223372036854775807"},
	    {"cases/0/messages/1/fields/0/offset", "9223372036854775807"},
	};
	json_t *report = right();
	struct fault fault;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		spoil(ways[i][0], ways[i][1], "/cases/0/messages/1/fields/0",
		      "within the message's 3 octets");
	/* without a twin they are those of the wire's octets, of which there are four */
	report_sample_put(report, "cases/0/messages/1/plain", NULL);
	report_sample_put(report, "cases/0/messages/1/fields/0/length", json_integer(3));
	ck_assert_msg(report_check(report, "r.json", &fault), "%s", fault.text);
	json_decref(report);
}
END_TEST

START_TEST(test_one_id_twice)
{
	spoil("cases/1/id", "\"rfc3706/5.3/one\"", "/cases/1/id",
	      "a case rfc3706/5.3/one before it");
}
END_TEST

/* A name of a member may hold anything: the fault is for a terminal, and has its length. */
START_TEST(test_hostile_names)
{
	json_t *report = right();
	char *name = calloc(1, 5001);
	struct fault fault;

	report_sample_put(report, "device/version", NULL);
	json_object_set_new(json_object_get(report, "device"), "a/b~c\x1b[31m", json_null());
	ck_assert(!report_check(report, "r.json", &fault));
	ck_assert_str_eq(fault.text,
			 "r.json: at \"/device/a~1b~0c\xef\xbf\xbd[31m\": there is no such "
			 "member in ruthere-conform-report-1");
	json_object_del(json_object_get(report, "device"), "a/b~c\x1b[31m");
	for (size_t i = 0; i < 5000; i += 2)
		name[i] = (char)0xc3, name[i + 1] = (char)0xbc;
	json_object_set_new(json_object_get(report, "device"), name, json_null());
	ck_assert(!report_check(report, "r.json", &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no such member"));
	free(name);
	json_decref(report);
}
END_TEST

START_TEST(test_right)
{
	json_t *report = right(), *empty = report_sample("gw", NULL, "2026-11-26T09:00:00Z");
	struct fault fault;

	ck_assert_msg(report_check(report, "r.json", &fault), "%s", fault.text);
	ck_assert_msg(report_check(empty, "r.json", &fault), "%s", fault.text);
	json_decref(report);
	json_decref(empty);
}
END_TEST

UNIT_MAIN("report_check", test_missing, test_wrong, test_fields_beyond, test_one_id_twice,
	  test_hostile_names, test_right)
