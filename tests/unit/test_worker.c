/* SPDX-License-Identifier: ISC */
/*
 * test_worker.c - the second of two workers, in a process of its own; the test is its parent, and the other worker.
 */
#include "interop/workers/worker.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/workers/link.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

#define CONFIG                                                                                     \
	"node { listen = {\"127.0.0.1\"} port = 0 control = \"\" confine = no }\n"                 \
	"peer \"a\" { gateways = {\"127.0.0.3:9\"} secret = \"0123456789abcdef\" }\n"              \
	"peer \"b\" { gateways = {\"127.0.0.4:9\"} identity = \"fqdn:b\" secret = "                \
	"\"0123456789abcdef\" }\n"                                                                 \
	"peer \"c\" { secret = \"0123456789abcdef\" from = \"127.0.0.9\" }\n"

static const struct ike_worker self = {1, 2};
static struct fault fault;
static struct news news;
static struct link_end *end;
static pid_t pid;

static struct config *load(const char *text)
{
	struct config *config = config_load(scratch_file("w.conf", 0600, text), &fault);

	ck_assert_msg(config != NULL, "%s", fault.text);
	config->ike.worker = self;
	return config;
}

static void become(struct config *config, int link)
{
	struct worker_settings settings = {
	    .node = {.config = config,
		     .epoch = clock_now(),
		     .log = {.out = fopen(scratch_path("log"), "w"), .json = true, .worker = self}},
	    .news = &news,
	    .link = link};
	int status;

	link_end_free(end);
	news_take(&news, self);
	status = worker_run(&settings);
	fclose(settings.node.log.out);
	config_free(config);
	_exit(status);
}

static void start(const char *text)
{
	struct config *config = load(text);
	int ends[2];

	ck_assert(news_open(&news, 2, &fault));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	end = link_end_new(ends[0]);
	pid = fork();
	if (pid == 0)
		become(config, ends[1]);
	close(ends[1]);
	config_free(config);
	news_take(&news, (struct ike_worker){0, 2});
}

static json_t *ask(const char *request)
{
	json_t *question = json_loads(request, 0, NULL), *answer = link_ask(end, question, 10000);

	json_decref(question);
	ck_assert_ptr_nonnull(answer);
	return answer;
}

static void expect(const char *request, const char *answer)
{
	json_t *told = ask(request), *wanted = json_loads(answer, 0, NULL);
	char *text = json_dumps(told, JSON_COMPACT);

	ck_assert_msg(json_equal(told, wanted), "%s: %s", request, text);
	free(text);
	json_decref(told);
	json_decref(wanted);
}

static int ended(void)
{
	int status;

	link_hang_up(end);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	link_end_free(end);
	news_close(&news);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(test_cannot_begin)
{
	start("node { listen = {\"192.0.2.1\"} control = \"\" confine = no }\n"
	      "peer \"a\" { secret = \"0123456789abcdef\" }\n");
	ck_assert_int_eq(ended(), 1);
}
END_TEST

START_TEST(test_what_it_does_not_know)
{
	start(CONFIG);
	expect("{\"verb\":\"dance\"}",
	       "{\"ok\":false,\"error\":\"\\\"verb\\\" is none of status, connect, close\"}");
	expect("{\"verb\":\"whose\",\"peer\":\"x\"}",
	       "{\"ok\":false,\"error\":\"there is no peer \\\"x\\\"\"}");
	expect("{\"verb\":\"yield\"}", "{\"ok\":false,\"error\":\"\\\"peer\\\" is missing\"}");
	ck_assert_int_eq(ended(), 0);
}
END_TEST

/* It does nothing until it is told to start, and then calls the peers that it was dealt, and no others. */
START_TEST(test_starts_when_it_is_told)
{
	start(CONFIG);
	expect("{\"verb\":\"ready\"}", "{\"ok\":true}");
	expect("{\"verb\":\"whose\",\"peer\":\"b\"}",
	       "{\"ok\":true,\"looks-after\":false,\"dealt-to\":1}");
	expect("{\"verb\":\"start\"}", "{\"ok\":true}");
	expect("{\"verb\":\"start\"}", "{\"ok\":true}");
	expect("{\"verb\":\"whose\",\"peer\":\"a\"}",
	       "{\"ok\":true,\"looks-after\":false,\"dealt-to\":0}");
	expect("{\"verb\":\"whose\",\"peer\":\"b\"}",
	       "{\"ok\":true,\"looks-after\":true,\"dealt-to\":1}");
	expect("{\"verb\":\"whose\",\"peer\":\"c\"}",
	       "{\"ok\":true,\"looks-after\":false,\"dealt-to\":0}");
	ck_assert_int_eq(ended(), 0);
	/* one of several says so in every line, and not what the first has said for all */
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("log")), "\"worker\":1}\n"));
	ck_assert_ptr_null(strstr(scratch_read(scratch_path("log")), "\"event\":\"plan\""));
}
END_TEST

START_TEST(test_closed_and_yielded)
{
	start(CONFIG);
	expect("{\"verb\":\"connect\",\"peer\":\"a\"}", "{\"ok\":true,\"done\":true}");
	expect("{\"verb\":\"whose\",\"peer\":\"a\"}",
	       "{\"ok\":true,\"looks-after\":true,\"dealt-to\":0}");
	json_decref(ask("{\"verb\":\"close\",\"peer\":\"a\"}"));
	expect("{\"verb\":\"yield\",\"peer\":\"a\"}", "{\"ok\":true}");
	expect("{\"verb\":\"whose\",\"peer\":\"a\"}",
	       "{\"ok\":true,\"looks-after\":false,\"dealt-to\":0}");
	ck_assert_int_eq(ended(), 0);
}
END_TEST

static json_int_t heard(void)
{
	json_t *told = ask("{\"verb\":\"status\"}");
	json_int_t count =
	    json_integer_value(json_object_get(json_object_get(told, "news"), "heard"));

	json_decref(told);
	return count;
}

/* The other worker has an SA with a gateway that this one is calling: it rests. */
START_TEST(test_hears_the_other)
{
	struct ike_contact contact = {
	    .peer = 1,
	    .gateway = 0,
	    .remote = {{127, 0, 0, 3}, 9, IKE_FAMILY_IPV4, 0},
	    .cky_i = {1},
	    .cky_r = {2},
	    .local_identity = {.type = 2, .length = 1, .data = {'a'}},
	    .remote_identity = {.type = 2, .length = 1, .data = {'b'}},
	};

	start(CONFIG);
	json_decref(ask("{\"verb\":\"start\"}"));
	ck_assert_int_eq(heard(), 0);
	news_tell_all(&news, &contact);
	while (heard() == 0)
		(void)poll(NULL, 0, 1);
	expect("{\"verb\":\"whose\",\"peer\":\"b\"}",
	       "{\"ok\":true,\"looks-after\":false,\"dealt-to\":1}");
	ck_assert_int_eq(ended(), 0);
}
END_TEST

/* Another worker, which can do that, closes what all write to: this one goes on, and says so once. */
START_TEST(test_hears_no_more)
{
	const char *log;

	start(CONFIG);
	json_decref(ask("{\"verb\":\"start\"}"));
	ck_assert_int_eq(shutdown(news.out[1], SHUT_WR), 0);
	do {
		json_decref(ask("{\"verb\":\"status\"}"));
		log = scratch_read(scratch_path("log"));
	} while (strstr(log, "\"trouble\"") == NULL);
	ck_assert_int_eq(ended(), 0);
	log = strstr(scratch_read(scratch_path("log")), "closed this one's news");
	ck_assert_ptr_nonnull(log);
	ck_assert_ptr_null(strstr(log, "\"trouble\""));
}
END_TEST

UNIT_MAIN("worker", test_cannot_begin, test_what_it_does_not_know, test_starts_when_it_is_told,
	  test_closed_and_yielded, test_hears_the_other, test_hears_no_more)
