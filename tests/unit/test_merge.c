/* SPDX-License-Identifier: ISC */
#include "interop/workers/merge.h"

#include <stdio.h>
#include <string.h>

#include "interop/status/status.h"
#include "tests/support/unit.h"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	ck_assert_msg(value != NULL, "%s", error.text);
	return value;
}

static json_t *merged(const char *first, const char *second)
{
	json_t *answers[] = {parse(first), parse(second)};
	json_t *sum = merge_status(answers, 2);

	json_decref(answers[0]);
	json_decref(answers[1]);
	return sum;
}

static void assert_json(const json_t *value, const char *expected)
{
	json_t *wanted = parse(expected);
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_msg(json_equal(value, wanted), "%s", text);
	free(text);
	json_decref(wanted);
}

static void assert_part(const json_t *sum, const char *name, const char *expected)
{
	assert_json(json_object_get(sum, name), expected);
}

/* ---- commands ------------------------------------------------------------------------------------------------------ */

START_TEST(test_one_fault_is_told)
{
	json_t *answers[] = {parse("{\"ok\":true,\"done\":true}"),
			     parse("{\"ok\":false,\"error\":\"no\"}")};
	json_t *told = merge_done(answers, 2);

	assert_json(told, "{\"ok\":false,\"error\":\"no\"}");
	json_decref(told);
	told = merge_done(answers, 1);
	assert_json(told, "{\"ok\":true,\"done\":true}");
	json_decref(told);
	json_decref(answers[0]);
	json_decref(answers[1]);
}
END_TEST

START_TEST(test_done_nowhere_and_somewhere)
{
	json_t *answers[] = {parse("{\"ok\":true,\"done\":false}"),
			     parse("{\"ok\":true,\"done\":false}")};
	json_t *told = merge_done(answers, 2);

	assert_json(told, "{\"ok\":true,\"done\":false}");
	json_decref(told);
	json_object_set_new(answers[1], "done", json_true());
	told = merge_done(answers, 2);
	assert_json(told, "{\"ok\":true,\"done\":true}");
	json_decref(told);
	json_decref(answers[0]);
	json_decref(answers[1]);
}
END_TEST

/* ---- status -------------------------------------------------------------------------------------------------------- */

START_TEST(test_counts_are_summed)
{
	json_t *sum = merged(
	    "{\"ok\":true,\"pid\":7,\"sas\":2,\"established\":1,\"handshakes\":1,\"outputs\":0,"
	    "\"limits\":{\"sas\":10},\"counters\":{\"datagrams-in\":3,\"octets-in\":9},\"news\":{"
	    "\"lost\":0},"
	    "\"verdicts\":[{\"verdict\":\"ACCEPTED\",\"count\":2}],"
	    "\"capture\":{\"directory\":\"d/"
	    "worker-0\",\"datagrams\":4,\"problem\":null},\"peers\":[]}",
	    "{\"ok\":true,\"pid\":8,\"sas\":5,\"established\":5,\"handshakes\":0,\"outputs\":2,"
	    "\"limits\":{\"sas\":10},\"counters\":{\"datagrams-in\":4,\"octets-in\":1},\"news\":{"
	    "\"lost\":1},"
	    "\"verdicts\":[{\"verdict\":\"BAD_HASH\",\"count\":1},{\"verdict\":\"ACCEPTED\","
	    "\"count\":3}],"
	    "\"capture\":{\"directory\":\"d/"
	    "worker-1\",\"datagrams\":5,\"problem\":\"full\"},\"peers\":[]}");

	assert_part(sum, "sas", "7");
	assert_part(sum, "established", "6");
	assert_part(sum, "handshakes", "1");
	assert_part(sum, "outputs", "2");
	assert_part(sum, "limits", "{\"sas\":10}"); /* of each */
	assert_part(sum, "counters", "{\"datagrams-in\":7,\"octets-in\":10}");
	assert_part(
	    sum, "verdicts",
	    "[{\"verdict\":\"ACCEPTED\",\"count\":5},{\"verdict\":\"BAD_HASH\",\"count\":1}]");
	assert_part(sum, "capture",
		    "{\"directory\":\"d/worker-0\",\"datagrams\":9,\"problem\":\"full\"}");
	ck_assert_ptr_null(json_object_get(sum, "news"));
	assert_part(
	    sum, "workers",
	    "[{\"worker\":0,\"pid\":7,\"sas\":2,\"established\":1,\"handshakes\":1,\"outputs\":0,"
	    "\"news\":{\"lost\":0},\"datagrams-in\":3},"
	    "{\"worker\":1,\"pid\":8,\"sas\":5,\"established\":5,\"handshakes\":0,\"outputs\":2,"
	    "\"news\":{\"lost\":1},\"datagrams-in\":4}]");
	json_decref(sum);
}
END_TEST

START_TEST(test_no_capture)
{
	json_t *sum = merged("{\"capture\":null,\"peers\":[]}", "{\"capture\":null,\"peers\":[]}");

	assert_part(sum, "capture", "null");
	json_decref(sum);
}
END_TEST

/* What is said of a peer is said by the worker that looks after it, and every SA says whose it is. */
START_TEST(test_peers)
{
	json_t *sum =
	    merged("{\"peers\":[{\"peer\":\"a\",\"state\":\"resting\",\"gateway\":\"x\","
		   "\"attempt\":0,\"sa_count\":1,"
		   "\"sas\":[{\"cky_i\":\"1\"}]},"
		   "{\"peer\":\"b\",\"state\":\"up\",\"gateway\":\"y\",\"sa_count\":1,\"sas\":[{"
		   "\"cky_i\":\"2\"}]},"
		   "{\"peer\":\"c\",\"state\":\"waited for\",\"sa_count\":0,\"sas\":[]}]}",
		   "{\"peers\":[{\"peer\":\"a\",\"state\":\"waiting\",\"gateway\":\"z\","
		   "\"attempt\":2,\"sa_count\":0,"
		   "\"sas\":[]},"
		   "{\"peer\":\"b\",\"state\":\"resting\",\"gateway\":\"z\",\"sa_count\":2,"
		   "\"sas\":[{\"cky_i\":\"3\"},{\"cky_i\":\"4\"}]},"
		   "{\"peer\":\"c\",\"state\":\"waited "
		   "for\",\"sa_count\":1,\"sas\":[{\"cky_i\":\"5\"}]}]}");

	assert_part(
	    sum, "peers",
	    "[{\"peer\":\"a\",\"state\":\"waiting\",\"gateway\":\"z\",\"attempt\":2,\"worker\":1,"
	    "\"sa_count\":1,\"sas\":[{\"cky_i\":\"1\",\"worker\":0}]},"
	    "{\"peer\":\"b\",\"state\":\"up\",\"gateway\":\"y\",\"worker\":0,\"sa_count\":3,"
	    "\"sas\":[{\"cky_i\":\"2\",\"worker\":0},{\"cky_i\":\"3\",\"worker\":1},"
	    "{\"cky_i\":\"4\",\"worker\":1}]},"
	    "{\"peer\":\"c\",\"state\":\"waited for\",\"worker\":null,\"sa_count\":1,"
	    "\"sas\":[{\"cky_i\":\"5\",\"worker\":1}]}]");
	json_decref(sum);
}
END_TEST

/* As many are told as of a node of one. */
START_TEST(test_many_sas)
{
	json_t *answers[2], *sum, *peer;

	for (size_t i = 0; i < 2; i++) {
		json_t *sas = json_array();

		for (size_t j = 0; j < STATUS_SAS_MOST; j++)
			json_array_append_new(sas, json_object());
		answers[i] = json_pack("{s:[{s:i, s:o}]}", "peers", "sa_count", 1000, "sas", sas);
	}
	sum = merge_status(answers, 2);
	peer = json_array_get(json_object_get(sum, "peers"), 0);
	assert_part(peer, "sa_count", "2000");
	ck_assert_uint_eq(json_array_size(json_object_get(peer, "sas")), STATUS_SAS_MOST);
	json_decref(sum);
	json_decref(answers[0]);
	json_decref(answers[1]);
}
END_TEST

UNIT_MAIN("merge", test_one_fault_is_told, test_done_nowhere_and_somewhere, test_counts_are_summed,
	  test_no_capture, test_peers, test_many_sas)
