/* SPDX-License-Identifier: ISC */
/*
 * test_link.c - both ends in one process: the worker's loop runs in a process of its own where the parent waits for it.
 */
#include "interop/workers/link.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/siege.h"
#include "tests/support/unit.h"

static struct event_base *base;
static int raw; /* the worker's end, before it is a link */

static struct link_end *open_link(void)
{
	struct link_end *end;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	end = link_end_new(ends[0]);
	ck_assert_ptr_nonnull(end);
	raw = ends[1];
	return end;
}

/* Says what it was asked; "silence" is answered with a great deal. */
static json_t *echo(void *context, const json_t *request)
{
	char much[100000];

	(void)context;
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	if (json_object_get(request, "much") != NULL)
		return json_pack("{s:b, s:s}", "ok", 1, "text", much);
	return json_pack("{s:b, s:O}", "ok", 1, "request", request);
}

static void leave(void *context)
{
	(void)context;
	event_base_loopbreak(base);
}

/* A worker's process; its exit status is 0 when the parent's closing has ended it. */
static pid_t work(struct link_end *end)
{
	pid_t pid = fork();
	struct link *link;

	if (pid != 0) {
		close(raw);
		return pid;
	}
	link_end_free(end);
	base = event_base_new();
	link = link_new(base, raw, echo, leave, NULL);
	event_base_dispatch(base);
	link_free(link);
	event_base_free(base);
	_exit(0);
}

static const char *asked_for(const json_t *answer)
{
	return json_string_value(json_object_get(json_object_get(answer, "request"), "verb"));
}

/* ---- no answer ----------------------------------------------------------------------------------------------------- */

START_TEST(test_nobody_answers)
{
	struct link_end *end = open_link();
	json_t *request = json_pack("{s:s}", "verb", "status");

	ck_assert_ptr_null(link_ask(end, request, 1));
	close(raw);
	ck_assert_ptr_null(link_ask(end, request, 1000)); /* at once: there is nobody */
	ck_assert(link_has_ended(end));
	json_decref(request);
	link_end_free(end);
}
END_TEST

static size_t waiting_for_worker(void)
{
	char text[4096];
	ssize_t length = recv(raw, text, sizeof(text), MSG_DONTWAIT | MSG_PEEK);

	return length > 0 ? (size_t)length : 0;
}

/* Questions do not pile up, which would fill its buffer until the parent can say nothing more. */
START_TEST(test_who_owes_an_answer_is_asked_nothing)
{
	struct link_end *end = open_link();
	json_t *request = json_pack("{s:s}", "verb", "status");
	size_t waiting;

	ck_assert_ptr_null(link_ask(end, request, 1));
	waiting = waiting_for_worker();
	ck_assert_uint_gt(waiting, 0);
	ck_assert_ptr_null(link_ask(end, request, 1));
	ck_assert(!link_put(end, request, link_until(1)));
	ck_assert_uint_eq(waiting_for_worker(), waiting);
	json_decref(request);
	close(raw);
	link_end_free(end);
}
END_TEST

/* The worker's buffer is full before the line is whole: nothing is glued to what it has of it. */
START_TEST(test_a_torn_line_ends_the_link)
{
	struct link_end *end = open_link();
	char *much = malloc(4 << 20), octets[4096];
	json_t *request;
	ssize_t length;

	memset(much, 'x', (4 << 20) - 1);
	much[(4 << 20) - 1] = '\0';
	request = json_pack("{s:s}", "verb", much);
	ck_assert(!link_put(end, request, link_until(1)));
	json_object_set_new(request, "verb", json_string("status"));
	ck_assert(!link_put(end, request, link_until(1)));
	ck_assert(link_has_ended(end));
	while ((length = recv(raw, octets, sizeof(octets), 0)) > 0)
		ck_assert_ptr_null(memchr(octets, '\n', (size_t)length));
	ck_assert_int_eq(length, 0); /* which tells the worker to end */
	json_decref(request);
	free(much);
	close(raw);
	link_end_free(end);
}
END_TEST

/* What nobody asked for is not kept for ever, whatever it is. */
START_TEST(test_who_talks_unasked_is_cut_off)
{
	struct link_end *end = open_link();
	json_t *request = json_pack("{s:s}", "verb", "status");

	ck_assert_int_eq(send(raw, "{}\n", 3, 0), 3);
	ck_assert(link_has_ended(end));
	ck_assert(!link_put(end, request, link_until(1000)));
	json_decref(request);
	close(raw);
	link_end_free(end);
}
END_TEST

/* An answer without an end is none. */
START_TEST(test_who_does_not_stop_is_cut_off)
{
	struct link_end *end;
	json_t *request;
	char much[65536];
	pid_t pid;

	if (SIEGE_SANITIZED)
		return; /* 64 MiB, each octet looked after */
	end = open_link();
	request = json_pack("{s:s}", "verb", "status");
	pid = fork();

	if (pid == 0) {
		link_end_free(end);
		memset(much, 'x', sizeof(much));
		while (send(raw, much, sizeof(much), MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	close(raw);
	ck_assert_ptr_null(link_ask(end, request, 1000000));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	json_decref(request);
	link_end_free(end);
}
END_TEST

/* What comes too late is not the answer to the next question, not even where it was cut in two. */
START_TEST(test_late_answers_are_thrown_away)
{
	static const char late[] =
	    "nonsense\n{\"ok\":true,\"link\":1,\"request\":{\"verb\":\"old\"}}\n";
	struct link_end *end = open_link();
	json_t *request = json_pack("{s:s}", "verb", "new"), *answer;
	char line[256];
	pid_t pid;

	ck_assert_ptr_null(link_ask(end, request, 1));
	ck_assert_int_gt(recv(raw, line, sizeof(line), 0), 0); /* the old question */
	ck_assert_int_eq(send(raw, late, 20, 0), 20);
	ck_assert_ptr_null(link_ask(end, request, 1));
	ck_assert_int_gt(send(raw, late + 20, sizeof(late) - 21, 0), 0);
	ck_assert(!link_has_ended(end));
	pid = work(end);
	answer = link_ask(end, request, 10000);
	ck_assert_str_eq(asked_for(answer), "new");
	ck_assert_ptr_null(json_object_get(answer, "link"));
	json_decref(answer);
	json_decref(request);
	link_end_free(end);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

/* ---- answers ------------------------------------------------------------------------------------------------------- */

START_TEST(test_one_question_after_the_other)
{
	static const char *const verbs[] = {"status", "close", "status"};
	struct link_end *end = open_link();
	pid_t pid = work(end);
	int status;

	for (size_t i = 0; i < 3; i++) {
		json_t *request = json_pack("{s:s}", "verb", verbs[i]);
		json_t *answer = link_ask(end, request, 10000);

		ck_assert_str_eq(asked_for(answer), verbs[i]);
		json_decref(answer);
		json_decref(request);
	}
	link_hang_up(end);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert(link_has_ended(end));
	link_end_free(end);
}
END_TEST

START_TEST(test_a_long_answer)
{
	struct link_end *end = open_link();
	pid_t pid = work(end);
	json_t *request = json_pack("{s:b}", "much", 1);
	json_t *answer = link_ask(end, request, 10000);

	ck_assert_uint_eq(json_string_length(json_object_get(answer, "text")), 99999);
	json_decref(answer);
	json_decref(request);
	link_end_free(end);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

UNIT_MAIN("link", test_nobody_answers, test_who_owes_an_answer_is_asked_nothing,
	  test_a_torn_line_ends_the_link, test_who_talks_unasked_is_cut_off,
	  test_who_does_not_stop_is_cut_off, test_late_answers_are_thrown_away,
	  test_one_question_after_the_other, test_a_long_answer)
