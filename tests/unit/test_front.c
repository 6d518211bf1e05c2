/* SPDX-License-Identifier: ISC */
/*
 * test_front.c - three workers that say what the test wants them to, and what each was asked.
 */
#include "interop/workers/front.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"

#define WORKERS 3

static struct {
	const char *status, *whose, *other; /* NULL: it does not answer */
	char asked[256];
	const char *answer; /* of what was asked last */
} worker[WORKERS];

static unsigned outstanding, most_outstanding;
static int64_t until_when;

/* One patience for all that one request of the user takes. */
static void look_at(void *context, uint32_t index, int64_t until)
{
	ck_assert_ptr_eq(context, worker);
	ck_assert_uint_lt(index, WORKERS);
	ck_assert(until_when == 0 || until == until_when);
	until_when = until;
}

static bool put(void *context, uint32_t index, const json_t *request, int64_t until)
{
	const char *verb = json_string_value(json_object_get(request, "verb")), *text;
	size_t length = strlen(worker[index].asked);

	look_at(context, index, until);
	snprintf(worker[index].asked + length, sizeof(worker[index].asked) - length, "%s ", verb);
	if (strcmp(verb, "status") == 0)
		text = worker[index].status;
	else if (strcmp(verb, "whose") == 0)
		text = worker[index].whose;
	else
		text = worker[index].other;
	worker[index].answer = text;
	outstanding++;
	if (outstanding > most_outstanding)
		most_outstanding = outstanding;
	return true;
}

static json_t *get(void *context, uint32_t index, int64_t until)
{
	const char *text = worker[index].answer;

	look_at(context, index, until);
	outstanding--;
	return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

static const char *told(const char *request)
{
	static char text[2048];
	struct front front = {.workers = WORKERS,
			      .put = put,
			      .get = get,
			      .context = worker,
			      .pid = 99,
			      .capture = "dir"};
	json_t *question = json_loads(request, 0, NULL), *answer = front_answer(&front, question);
	size_t length = json_dumpb(answer, text, sizeof(text) - 1, JSON_COMPACT | JSON_SORT_KEYS);

	text[length] = '\0';
	until_when = 0;
	json_decref(question);
	json_decref(answer);
	return text;
}

static void begin(void)
{
	for (size_t i = 0; i < WORKERS; i++) {
		worker[i].status = "{\"ok\":true,\"pid\":5,\"sas\":1,\"capture\":{},\"peers\":[]}";
		worker[i].whose = "{\"ok\":true,\"looks-after\":false,\"dealt-to\":1}";
		worker[i].other = "{\"ok\":true,\"done\":false}";
		worker[i].asked[0] = '\0';
	}
}

static void were_asked(const char *first, const char *second, const char *third)
{
	ck_assert_str_eq(worker[0].asked, first);
	ck_assert_str_eq(worker[1].asked, second);
	ck_assert_str_eq(worker[2].asked, third);
}

#define CONNECT "{\"verb\":\"connect\",\"peer\":\"gw\"}"

START_TEST(test_no_such_verb)
{
	begin();
	ck_assert_ptr_nonnull(strstr(told("{\"verb\":\"start\"}"), "none of status"));
	ck_assert_ptr_nonnull(
	    strstr(told("{\"verb\":\"yield\",\"peer\":\"gw\"}"), "none of status"));
	ck_assert_ptr_nonnull(strstr(told("{}"), "none of status"));
	were_asked("", "", "");
}
END_TEST

START_TEST(test_one_does_not_answer)
{
	begin();
	worker[1].status = NULL;
	ck_assert_ptr_nonnull(strstr(told("{\"verb\":\"status\"}"), "worker 1 does not answer"));
	worker[2].other = NULL;
	ck_assert_ptr_nonnull(
	    strstr(told("{\"verb\":\"close\",\"peer\":\"gw\"}"), "worker 2 does not answer"));
	ck_assert_ptr_nonnull(strstr(told(CONNECT), "worker 2 does not answer"));
}
END_TEST

START_TEST(test_no_such_peer)
{
	begin();
	for (size_t i = 0; i < WORKERS; i++)
		worker[i].whose = "{\"ok\":false,\"error\":\"there is no peer\"}";
	ck_assert_str_eq(told(CONNECT), "{\"error\":\"there is no peer\",\"ok\":false}");
	were_asked("whose ", "whose ", "whose ");
}
END_TEST

/* What the others say is not summed with nothing. */
START_TEST(test_one_cannot_tell)
{
	begin();
	worker[2].status = "{\"ok\":false,\"error\":\"no memory\"}";
	ck_assert_str_eq(told("{\"verb\":\"status\"}"), "{\"error\":\"no memory\",\"ok\":false}");
}
END_TEST

/* The slowest, and not the sum of all, is what the user waits for. */
START_TEST(test_all_are_asked_before_one_is_waited_for)
{
	begin();
	outstanding = most_outstanding = 0;
	(void)told("{\"verb\":\"status\"}");
	ck_assert_uint_eq(most_outstanding, WORKERS);
	ck_assert_uint_eq(outstanding, 0);
}
END_TEST

START_TEST(test_status)
{
	const char *text;

	begin();
	text = told("{\"verb\":\"status\"}");
	ck_assert_ptr_nonnull(strstr(text, "\"pid\":99"));
	ck_assert_ptr_nonnull(strstr(text, "\"sas\":3"));
	ck_assert_ptr_nonnull(strstr(text, "\"directory\":\"dir\""));
}
END_TEST

START_TEST(test_close_is_for_all)
{
	begin();
	worker[2].other = "{\"ok\":true,\"done\":true}";
	ck_assert_str_eq(told("{\"verb\":\"close\",\"peer\":\"gw\"}"),
			 "{\"done\":true,\"ok\":true}");
	were_asked("close ", "close ", "close ");
}
END_TEST

START_TEST(test_connect_goes_to_whom_the_peer_was_dealt)
{
	begin();
	ck_assert_str_eq(told(CONNECT), "{\"done\":false,\"ok\":true,\"worker\":1}");
	were_asked("whose yield ", "whose connect ", "whose yield ");
}
END_TEST

START_TEST(test_connect_goes_to_who_looks_after_it)
{
	begin();
	worker[2].whose = "{\"ok\":true,\"looks-after\":true,\"dealt-to\":1}";
	worker[2].other = "{\"ok\":false,\"error\":\"no tunnel\"}";
	ck_assert_str_eq(told(CONNECT), "{\"error\":\"no tunnel\",\"ok\":false}");
	were_asked("whose yield ", "whose yield ", "whose connect ");
}
END_TEST

UNIT_MAIN("front", test_no_such_verb, test_one_does_not_answer, test_no_such_peer,
	  test_one_cannot_tell, test_all_are_asked_before_one_is_waited_for, test_status,
	  test_close_is_for_all, test_connect_goes_to_whom_the_peer_was_dealt,
	  test_connect_goes_to_who_looks_after_it)
