/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/broom.h"
#include "interop/status/control.h"
#include "tests/support/scratch.h"

static struct fault fault;
static unsigned asked;

/* Answers with what it was asked. */
static json_t *answer(void *context, const json_t *request)
{
	(void)context;
	asked++;
	return json_pack("{s:b, s:O}", "ok", 1, "request", request);
}

static struct control *serve(struct event_base *base)
{
	struct control *control = control_new(base, scratch_path("s"), answer, NULL, &fault);

	ck_assert_msg(control != NULL, "%s", fault.text);
	return control;
}

/* Sends raw octets and returns what came back; server and client take turns in one process. */
static const char *exchange(const char *request)
{
	static char reply[8192];
	struct event_base *base = event_base_new();
	struct control *control = serve(base);
	struct timeval patience = {.tv_sec = 10};
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t length = 0;

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", scratch_path("s"));
	ck_assert_int_eq(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(send(client, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	event_base_loopexit(base, &patience);
	for (;;) {
		ssize_t got =
		    recv(client, reply + length, sizeof(reply) - 1 - length, MSG_DONTWAIT);

		if (got == 0 || event_base_got_exit(base))
			break;
		length += got > 0 ? (size_t)got : 0;
		if (got < 0)
			event_base_loop(base, EVLOOP_ONCE);
	}
	reply[length] = '\0';
	close(client);
	control_free(control);
	event_base_free(base);
	return reply;
}

START_TEST(test_path_too_long)
{
	struct event_base *base = event_base_new();
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_ptr_null(control_new(base, path, answer, NULL, &fault));
	ck_assert_ptr_null(control_ask(path, NULL, &fault));
	event_base_free(base);
}
END_TEST

START_TEST(test_place_that_cannot_be)
{
	struct event_base *base = event_base_new();

	ck_assert_ptr_null(control_new(base, scratch_path("none/s"), answer, NULL, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "node { control }"));
	event_base_free(base);
}
END_TEST

START_TEST(test_a_file_is_left_alone)
{
	struct event_base *base = event_base_new();
	const char *path = scratch_file("s", 0600, "precious");
	char *text;

	ck_assert_ptr_null(control_new(base, path, answer, NULL, &fault));
	text = scratch_read(path);
	ck_assert_str_eq(text, "precious");
	event_base_free(base);
}
END_TEST

START_TEST(test_another_is_running)
{
	struct event_base *base = event_base_new();
	struct control *first = serve(base);

	ck_assert_ptr_null(control_new(base, scratch_path("s"), answer, NULL, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "another ruthere"));
	control_free(first);
	event_base_free(base);
}
END_TEST

START_TEST(test_nobody_there)
{
	json_t *request = json_object();

	ck_assert_ptr_null(control_ask(scratch_path("s"), request, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "is \"ruthere serve\" running?"));
	json_decref(request);
}
END_TEST

START_TEST(test_no_object)
{
	ck_assert_ptr_nonnull(strstr(exchange("nonsense\n"), "\"ok\":false"));
	ck_assert_ptr_nonnull(strstr(exchange("[1]\n"), "not a JSON object"));
	ck_assert_ptr_nonnull(strstr(exchange("\n"), "\"ok\":false"));
	ck_assert_uint_eq(asked, 0);
}
END_TEST

START_TEST(test_endless_line)
{
	static char line[6000];

	memset(line, 'x', sizeof(line) - 1);
	ck_assert_str_eq(exchange(line), "");
	ck_assert_uint_eq(asked, 0);
}
END_TEST

START_TEST(test_what_a_crash_left_is_replaced)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int left = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", scratch_path("s"));
	ck_assert_int_eq(bind(left, (struct sockaddr *)&name, sizeof(name)), 0);
	close(left);
	ck_assert_str_ne(exchange("{}\n"), "");
}
END_TEST

START_TEST(test_for_the_owner_alone)
{
	struct event_base *base = event_base_new();
	struct control *control;
	struct stat status;

	umask(0);
	control = serve(base);
	ck_assert_int_eq(stat(scratch_path("s"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert_uint_eq(umask(0), 0);
	control_free(control);
	ck_assert_int_ne(stat(scratch_path("s"), &status), 0); /* and gone afterwards */
	event_base_free(base);
}
END_TEST

START_TEST(test_one_request_one_answer)
{
	ck_assert_str_eq(exchange("{\"verb\":\"status\"}\n{\"verb\":\"more\"}\n"),
			 "{\"ok\":true,\"request\":{\"verb\":\"status\"}}\n");
	ck_assert_uint_eq(asked, 1);
}
END_TEST

START_TEST(test_ask)
{
	struct event_base *base = event_base_new();
	struct control *control = serve(base);
	json_t *request = json_pack("{s:s}", "verb", "status"), *reply;
	pid_t server = fork();
	int status;

	if (server == 0) {
		event_base_dispatch(base);
		_exit(0);
	}
	reply = control_ask(scratch_path("s"), request, &fault);
	ck_assert_msg(reply != NULL, "%s", fault.text);
	ck_assert(json_equal(json_object_get(reply, "request"), request));
	json_decref(reply);
	json_decref(request);
	ck_assert_int_eq(kill(server, SIGKILL), 0);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	control_free(control);
	event_base_free(base);
}
END_TEST

static unsigned troubles, reliefs;

static void on_trouble(void *context, const char *text)
{
	(void)context;
	troubles += text != NULL;
	reliefs += text == NULL;
}

static int connect_to(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
	return client;
}

static const char *heard(int client)
{
	static char text[512];
	ssize_t length = recv(client, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[length > 0 ? length : 0] = '\0';
	return text;
}

/* A client that there is no descriptor for is turned away with a reason, and does not keep the loop busy. */
START_TEST(test_no_descriptor)
{
	struct event_base *base = event_base_new();
	struct control *control = serve(base);
	struct rlimit before, few;
	int first, second;

	control_tell_trouble(control, on_trouble, NULL);
	first = connect_to(scratch_path("s"));
	second = connect_to(scratch_path("s"));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)second + 1, before.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_ge(troubles, 1);
	ck_assert_ptr_nonnull(strstr(heard(first), "\"ok\":false"));
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_ptr_nonnull(strstr(heard(second), "Too many open files"));
	ck_assert_uint_eq(troubles, 2);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(troubles, 2);
	ck_assert_uint_eq(reliefs, 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	(void)connect_to(scratch_path("s"));
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(reliefs, 1);
	control_free(control);
	event_base_free(base);
}
END_TEST

START_TEST(test_too_many_clients)
{
	struct event_base *base = event_base_new();
	struct control *control = serve(base);
	int client = -1;

	for (unsigned i = 0; i < 17; i++) {
		client = connect_to(scratch_path("s"));
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_ptr_nonnull(strstr(heard(client), "too many clients"));
	control_free(control);
	event_base_free(base);
}
END_TEST

/* Who is turned away hears why, even if the question could not be put any more. */
START_TEST(test_ask_and_be_turned_away)
{
	static const char away[] = "{\"ok\":false,\"error\":\"away\"}\n";
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	json_t *request = json_object(), *reply;
	pid_t server;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", scratch_path("s"));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	server = fork();
	if (server == 0) {
		int client = accept(listener, NULL, NULL);

		(void)!write(client, away, strlen(away));
		_exit(0);
	}
	reply = control_ask(scratch_path("s"), request, &fault);
	ck_assert_msg(reply != NULL, "%s", fault.text);
	ck_assert_str_eq(json_string_value(json_object_get(reply, "error")), "away");
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	json_decref(reply);
	json_decref(request);
}
END_TEST

/* Another process may be asked to remove the socket; this one then does not. */
START_TEST(test_left_to_the_broom)
{
	struct event_base *base = event_base_new();
	struct broom *broom = broom_new(&fault);
	struct control *control = serve(base);

	ck_assert(control_leave_to(control, broom));
	control_free(control);
	ck_assert_int_eq(access(scratch_path("s"), F_OK), 0);
	broom_free(broom);
	ck_assert_int_ne(access(scratch_path("s"), F_OK), 0);
	event_base_free(base);
}
END_TEST

START_TEST(test_error)
{
	json_t *error = control_error("no peer \"%s\"", "gw");

	ck_assert(json_is_false(json_object_get(error, "ok")));
	ck_assert_str_eq(json_string_value(json_object_get(error, "error")), "no peer \"gw\"");
	json_decref(error);
}
END_TEST

UNIT_MAIN("control", test_path_too_long, test_place_that_cannot_be, test_a_file_is_left_alone,
	  test_another_is_running, test_nobody_there, test_no_object, test_endless_line,
	  test_what_a_crash_left_is_replaced, test_for_the_owner_alone, test_one_request_one_answer,
	  test_ask, test_no_descriptor, test_too_many_clients, test_ask_and_be_turned_away,
	  test_left_to_the_broom, test_error)
