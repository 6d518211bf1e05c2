/* SPDX-License-Identifier: ISC */
#include "interop/workers/link.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <errno.h>
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
	size_t searched; /* octets of it that have no end of a line */
	json_int_t asked;
	bool owes;  /* the last question has had no answer yet */
	bool ended; /* nothing is asked any more */
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

int64_t link_until(int patience_ms)
{
	return now_ms() + patience_ms;
}

/* Both sides see it: the worker ends, and the parent is told that the descriptor is readable. */
static void cut(struct link_end *end)
{
	end->ended = true;
	(void)shutdown(end->descriptor, SHUT_RDWR);
}

/* Whether it is as it is wanted before the time is over. */
static bool wait_for(const struct link_end *end, short wanted, int64_t until)
{
	struct pollfd ready = {end->descriptor, wanted, 0};
	int64_t left = until - now_ms();

	return left > 0 && poll(&ready, 1, (int)left) > 0;
}

/* Whole, or not at all: a worker that reads no more must not hold up its parent, and a line that is torn ends the link. */
static bool put(struct link_end *end, const json_t *request, int64_t until)
{
	char *text = json_dumps(request, JSON_STYLE);
	size_t length = text != NULL ? strlen(text) : 0, done = 0;

	if (text == NULL)
		return false;
	text[length++] = '\n'; /* in place of the zero: it is not read as a string any more */
	while (done < length) {
		ssize_t more =
		    send(end->descriptor, text + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (more > 0)
			done += (size_t)more;
		else if (errno != EAGAIN || !wait_for(end, POLLOUT, until))
			break;
	}
	free(text);
	if (done > 0 && done < length)
		cut(end);
	return done == length;
}

/* False: no more will come, or more than was asked for. */
static bool read_some(struct link_end *end)
{
	if (evbuffer_read(end->input, end->descriptor, -1) <= 0)
		return false;
	if (end->owes && evbuffer_get_length(end->input) <= LINK_ANSWER_MOST)
		return true;
	cut(end);
	return false;
}

/* NULL: there is none yet.  Where a long one was searched already, it is not searched again with every piece that comes. */
static char *take_line(struct link_end *end)
{
	struct evbuffer_ptr from;

	if (evbuffer_ptr_set(end->input, &from, end->searched, EVBUFFER_PTR_SET) == 0 &&
	    evbuffer_search(end->input, "\n", 1, &from).pos < 0) {
		end->searched = evbuffer_get_length(end->input);
		return NULL;
	}
	end->searched = 0;
	return evbuffer_readln(end->input, NULL, EVBUFFER_EOL_LF);
}

/* One line; NULL: not in time, or no more will come.  What has come of the next one stays. */
static char *get_line(struct link_end *end, int64_t until)
{
	char *line;

	while ((line = take_line(end)) == NULL)
		if (!wait_for(end, POLLIN, until) || !read_some(end))
			break;
	return line;
}

/* The answer that it owes; NULL: it still does. */
json_t *link_get(struct link_end *end, int64_t until)
{
	json_t *answer = NULL;
	char *line;

	while (end->owes && (line = get_line(end, until)) != NULL) {
		answer = json_loads(line, 0, NULL);
		free(line);
		if (json_integer_value(json_object_get(answer, NUMBER)) == end->asked) {
			end->owes = false;
			break;
		}
		json_decref(answer);
		answer = NULL;
	}
	json_object_del(answer, NUMBER);
	return answer;
}

bool link_put(struct link_end *end, const json_t *request, int64_t until)
{
	json_t *numbered;

	json_decref(link_get(end, until)); /* too late, whatever it says */
	if (end->owes || end->ended)
		return false;
	numbered = json_deep_copy(request);
	json_object_set_new(numbered, NUMBER, json_integer(end->asked + 1));
	if (numbered != NULL && put(end, numbered, until)) {
		end->asked++;
		end->owes = true;
	}
	json_decref(numbered);
	return end->owes;
}

json_t *link_ask(struct link_end *end, const json_t *request, int patience_ms)
{
	int64_t until = link_until(patience_ms);

	return link_put(end, request, until) ? link_get(end, until) : NULL;
}

bool link_has_ended(struct link_end *end)
{
	return !read_some(end);
}

void link_hang_up(struct link_end *end)
{
	(void)shutdown(end->descriptor, SHUT_WR);
}
