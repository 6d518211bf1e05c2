/* SPDX-License-Identifier: ISC */
#include "interop/workers/link.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define JSON_STYLE (JSON_COMPACT | JSON_REAL_PRECISION(15))
#define NUMBER     "link" /* the question's number, which its answer repeats */

struct link {
	struct bufferevent *buffer;
	control_answer *answer;
	void (*ended)(void *context);
	void *context;
};

/* ---- the worker's end ---------------------------------------------------------------------------------------------- */

static void answer_line(struct link *link, const char *line)
{
	json_t *request = json_loads(line, 0, NULL);
	json_t *answer = json_is_object(request) ? link->answer(link->context, request)
						 : control_error("not a JSON object");
	char *text;

	json_object_set(answer, NUMBER, json_object_get(request, NUMBER));
	text = json_dumps(answer, JSON_STYLE);
	if (text != NULL)
		evbuffer_add_printf(bufferevent_get_output(link->buffer), "%s\n", text);
	free(text);
	json_decref(answer);
	json_decref(request);
}

static void on_line(struct bufferevent *buffer, void *context)
{
	char *line;

	while ((line = evbuffer_readln(bufferevent_get_input(buffer), NULL, EVBUFFER_EOL_LF)) !=
	       NULL) {
		answer_line(context, line);
		free(line);
	}
}

static void on_end(struct bufferevent *buffer, short what, void *context)
{
	struct link *link = context;

	(void)what;
	bufferevent_disable(buffer, EV_READ | EV_WRITE);
	link->ended(link->context);
}

struct link *link_new(struct event_base *base, int descriptor, control_answer *answer,
		      void (*ended)(void *context), void *context)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	*link = (struct link){.answer = answer, .ended = ended, .context = context};
	if (evutil_make_socket_nonblocking(descriptor) == 0)
		link->buffer = bufferevent_socket_new(base, descriptor, BEV_OPT_CLOSE_ON_FREE);
	if (link->buffer == NULL) {
		free(link);
		return NULL;
	}
	bufferevent_setcb(link->buffer, on_line, NULL, on_end, link);
	bufferevent_enable(link->buffer, EV_READ);
	return link;
}

void link_free(struct link *link)
{
	if (link == NULL)
		return;
	bufferevent_free(link->buffer);
	free(link);
}

/* ---- the parent's end ---------------------------------------------------------------------------------------------- */

struct link_end {
	int descriptor;
	struct evbuffer *input;
	json_int_t asked;
};

struct link_end *link_end_new(int descriptor)
{
	struct link_end *end = calloc(1, sizeof(*end));

	if (end == NULL)
		return NULL;
	end->descriptor = descriptor;
	end->input = evbuffer_new();
	if (end->input != NULL)
		return end;
	free(end);
	return NULL;
}

void link_end_free(struct link_end *end)
{
	if (end == NULL)
		return;
	evbuffer_free(end->input);
	close(end->descriptor);
	free(end);
}

int link_end_descriptor(const struct link_end *end)
{
	return end->descriptor;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whole, or not at all. */
static bool put(int descriptor, const json_t *request)
{
	char *text = json_dumps(request, JSON_STYLE);
	size_t length = text != NULL ? strlen(text) : 0, done = 0;

	if (text == NULL)
		return false;
	text[length++] = '\n'; /* in place of the zero: it is not read as a string any more */
	while (done < length) {
		ssize_t more = send(descriptor, text + done, length - done, MSG_NOSIGNAL);

		if (more <= 0)
			break;
		done += (size_t)more;
	}
	free(text);
	return done == length;
}

/* One line; NULL: not in time, or no more will come.  What has come of the next one stays. */
static char *get_line(struct link_end *end, int64_t until)
{
	struct pollfd ready = {end->descriptor, POLLIN, 0};
	char *line;

	while ((line = evbuffer_readln(end->input, NULL, EVBUFFER_EOL_LF)) == NULL) {
		int64_t left = until - now_ms();

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0 ||
		    evbuffer_read(end->input, end->descriptor, -1) <= 0)
			break;
	}
	return line;
}

json_t *link_ask(struct link_end *end, const json_t *request, int patience_ms)
{
	int64_t until = now_ms() + patience_ms;
	json_t *numbered = json_deep_copy(request), *answer = NULL;
	char *line;

	json_object_set_new(numbered, NUMBER, json_integer(++end->asked));
	if (put(end->descriptor, numbered))
		while (answer == NULL && (line = get_line(end, until)) != NULL) {
			answer = json_loads(line, 0, NULL);
			free(line);
			if (json_integer_value(json_object_get(answer, NUMBER)) == end->asked)
				break;
			json_decref(answer);
			answer = NULL;
		}
	json_decref(numbered);
	json_object_del(answer, NUMBER);
	return answer;
}

bool link_has_ended(struct link_end *end)
{
	return evbuffer_read(end->input, end->descriptor, -1) <= 0;
}

void link_hang_up(struct link_end *end)
{
	(void)shutdown(end->descriptor, SHUT_WR);
}
