/* SPDX-License-Identifier: ISC */
#include "interop/status/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "interop/node/broom.h"

#define REQUEST_MOST    4096 /* octets of a request line */
#define CLIENTS_MOST    16
#define CLIENT_SECONDS  5
#define JSON_STYLE      (JSON_COMPACT | JSON_REAL_PRECISION(15))
#define WAITING_CLIENTS 8
#define PAUSE_SECONDS   1 /* without accepting, where nobody can even be turned away */

struct control {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *client[CLIENTS_MOST];
	struct event pause;
	int reserve; /* a descriptor to turn clients away with, when there is no other left; -1: none */
	control_answer *answer;
	void *context;
	control_trouble *tell;
	void *tell_context;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	bool left; /* somebody else removes it */
};

json_t *control_error(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

/* ---- the server ---------------------------------------------------------------------------------------------------- */

static void drop(struct control *control, struct bufferevent *client)
{
	for (size_t i = 0; i < CLIENTS_MOST; i++)
		if (control->client[i] == client)
			control->client[i] = NULL;
	bufferevent_free(client);
}

static json_t *answer_line(const struct control *control, const char *line)
{
	json_error_t error;
	json_t *request = json_loads(line, 0, &error);
	json_t *answer;

	if (!json_is_object(request))
		answer = control_error("not a JSON object: %s",
				       request == NULL ? error.text : "another JSON value");
	else
		answer = control->answer(control->context, request);
	json_decref(request);
	return answer;
}

static void on_written(struct bufferevent *client, void *context)
{
	drop(context, client);
}

static void on_end(struct bufferevent *client, short what, void *context)
{
	(void)what; /* closed, failed or too slow: all the same */
	drop(context, client);
}

static void on_line(struct bufferevent *client, void *context)
{
	struct control *control = context;
	struct evbuffer *input = bufferevent_get_input(client);
	char *line = evbuffer_readln(input, NULL, EVBUFFER_EOL_LF);
	json_t *answer;
	char *text;

	if (line == NULL) {
		if (evbuffer_get_length(input) >= REQUEST_MOST)
			drop(control, client);
		return;
	}
	answer = answer_line(control, line);
	text = json_dumps(answer, JSON_STYLE);
	if (text != NULL) {
		/* only now: libevent also calls it when there has been nothing to write yet */
		bufferevent_setcb(client, NULL, on_written, on_end, control);
		bufferevent_disable(client, EV_READ); /* one request a connection */
		evbuffer_add_printf(bufferevent_get_output(client), "%s\n", text);
	} else {
		drop(control, client);
	}
	free(text);
	json_decref(answer);
	free(line);
}

/* ---- clients that come ---------------------------------------------------------------------------------------------- */

/* An answer that needs no memory of libevent's; what does not fit into the socket's buffer is not waited for. */
static void turn_away(int client, const char *why)
{
	json_t *answer = control_error("%s", why);
	char *text = json_dumps(answer, JSON_STYLE);

	if (text != NULL) {
		(void)send(client, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
		(void)send(client, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	free(text);
	json_decref(answer);
	close(client);
}

static void tell(const struct control *control, const char *text)
{
	if (control->tell != NULL)
		control->tell(control->tell_context, text);
}

static void on_pause_over(evutil_socket_t descriptor, short what, void *context)
{
	struct control *control = context;

	(void)descriptor;
	(void)what;
	evconnlistener_enable(control->listener);
}

static void keep_reserve(struct control *control)
{
	control->reserve = fcntl(evconnlistener_get_fd(control->listener), F_DUPFD_CLOEXEC, 0);
}

/*
 * A client waits, but there is no descriptor for it.  It would wait for ever, and wake the loop for ever: so it is accepted
 * with the descriptor in reserve, and turned away.
 */
static void on_no_descriptor(struct evconnlistener *listener, void *context)
{
	const struct timeval pause = {.tv_sec = PAUSE_SECONDS};
	struct control *control = context;
	int error = errno, client = -1;
	char why[160];

	snprintf(why, sizeof(why), "no more clients can be answered now: %s; SAs are not affected",
		 strerror(error));
	if (control->reserve >= 0) {
		close(control->reserve);
		client = accept4(evconnlistener_get_fd(listener), NULL, NULL, SOCK_CLOEXEC);
		if (client >= 0)
			turn_away(client, why);
		keep_reserve(control);
	}
	tell(control, why);
	if (client >= 0)
		return;
	evconnlistener_disable(listener);
	event_add(&control->pause, &pause);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t descriptor,
		      struct sockaddr *name, int length, void *context)
{
	const struct timeval patience = {.tv_sec = CLIENT_SECONDS};
	struct control *control = context;
	size_t slot = 0;

	(void)listener;
	(void)name;
	(void)length;
	while (slot < CLIENTS_MOST && control->client[slot] != NULL)
		slot++;
	if (slot < CLIENTS_MOST)
		control->client[slot] =
		    bufferevent_socket_new(control->base, descriptor, BEV_OPT_CLOSE_ON_FREE);
	if (slot == CLIENTS_MOST || control->client[slot] == NULL) {
		turn_away(descriptor, "too many clients at once; ask again in a moment");
		return;
	}
	if (control->reserve < 0)
		keep_reserve(control);
	tell(control, NULL);
	bufferevent_setcb(control->client[slot], on_line, NULL, on_end, control);
	bufferevent_setwatermark(control->client[slot], EV_READ, 0, REQUEST_MOST);
	bufferevent_set_timeouts(control->client[slot], &patience, &patience);
	bufferevent_enable(control->client[slot], EV_READ);
}

static bool name_of(const char *path, struct sockaddr_un *name, struct fault *fault)
{
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(name->sun_path))
		return fault_say(fault,
				 "control socket %s: a path of %zu octets at most is possible",
				 path, sizeof(name->sun_path) - 1);
	memcpy(name->sun_path, path, strlen(path));
	return true;
}

static bool somebody_listens(const struct sockaddr_un *name)
{
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected =
	    probe >= 0 && connect(probe, (const struct sockaddr *)name, sizeof(*name)) == 0;

	if (probe >= 0)
		close(probe);
	return connected;
}

/* Only a socket is removed: a path given by mistake must not cost a file. */
static bool clear_path(const struct sockaddr_un *name, struct fault *fault)
{
	struct stat status;

	if (lstat(name->sun_path, &status) != 0)
		return true;
	if (!S_ISSOCK(status.st_mode))
		return fault_say(fault,
				 "control socket %s: something else is there, which is left alone",
				 name->sun_path);
	if (somebody_listens(name))
		return fault_say(fault,
				 "control socket %s: another ruthere answers there; stop it, or "
				 "set node { control } to another path",
				 name->sun_path);
	if (unlink(name->sun_path) != 0)
		return fault_say(fault, "control socket %s: cannot remove what a crash left: %s",
				 name->sun_path, strerror(errno));
	return true;
}

/* It is made under another name and takes its own when it can be talked to, so that whoever sees it finds somebody there. */
static bool put_in_place(int descriptor, const struct sockaddr_un *name)
{
	struct sockaddr_un fresh = {.sun_family = AF_UNIX};
	int length = snprintf(fresh.sun_path, sizeof(fresh.sun_path), "%s~", name->sun_path);

	if (length < 0 || (size_t)length >= sizeof(fresh.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	(void)unlink(fresh.sun_path); /* of a start that was interrupted here */
	if (bind(descriptor, (const struct sockaddr *)&fresh, sizeof(fresh)) != 0)
		return false;
	if (listen(descriptor, WAITING_CLIENTS) == 0 && rename(fresh.sun_path, name->sun_path) == 0)
		return true;
	(void)unlink(fresh.sun_path);
	return false;
}

static int bind_private(const struct sockaddr_un *name, struct fault *fault)
{
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	mode_t before = umask(S_IRWXG | S_IRWXO | S_IXUSR); /* from its first moment on: 0600 */
	bool bound = descriptor >= 0 && put_in_place(descriptor, name);
	int error = errno;

	umask(before);
	if (bound)
		return descriptor;
	fault_say(
	    fault,
	    "control socket %s: %s; set node { control } to a path that can be made, or to \"\" "
	    "for none",
	    name->sun_path, strerror(error));
	if (descriptor >= 0)
		close(descriptor);
	return -1;
}

struct control *control_new(struct event_base *base, const char *path, control_answer *answer,
			    void *context, struct fault *fault)
{
	struct control *control;
	struct sockaddr_un name;
	int descriptor;

	if (!name_of(path, &name, fault) || !clear_path(&name, fault))
		return NULL;
	descriptor = bind_private(&name, fault);
	if (descriptor < 0)
		return NULL;
	control = calloc(1, sizeof(*control));
	if (control != NULL) {
		control->base = base;
		control->answer = answer;
		control->context = context;
		memcpy(control->path, name.sun_path, sizeof(control->path));
		control->listener = evconnlistener_new(
		    base, on_client, control, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
		    WAITING_CLIENTS, descriptor);
	}
	if (control == NULL || control->listener == NULL) {
		fault_say(fault, "control socket %s: no memory", path);
		close(descriptor);
		unlink(path);
		free(control);
		return NULL;
	}
	evconnlistener_set_error_cb(control->listener, on_no_descriptor);
	(void)evtimer_assign(&control->pause, base, on_pause_over, control);
	keep_reserve(control);
	return control;
}

void control_tell_trouble(struct control *control, control_trouble *tell_whom, void *context)
{
	control->tell = tell_whom;
	control->tell_context = context;
}

bool control_leave_to(struct control *control, struct broom *broom)
{
	control->left = broom_take(broom, control->path);
	return control->left;
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	for (size_t i = 0; i < CLIENTS_MOST; i++)
		if (control->client[i] != NULL)
			bufferevent_free(control->client[i]);
	event_del(&control->pause);
	evconnlistener_free(control->listener);
	if (control->reserve >= 0)
		close(control->reserve);
	if (!control->left)
		unlink(control->path);
	free(control);
}

/* ---- the client ---------------------------------------------------------------------------------------------------- */

static json_t *exchange(int descriptor, const char *path, const json_t *request,
			struct fault *fault)
{
	char *text = json_dumps(request, JSON_STYLE);
	FILE *stream = fdopen(descriptor, "r");
	json_error_t error;
	json_t *answer;

	if (stream == NULL || text == NULL) {
		fault_say(fault, "no memory to ask %s", path);
		close(descriptor);
		free(text);
		return NULL;
	}
	/* who turns us away does not wait for the question, so there may be an answer although it could not be put */
	if (send(descriptor, text, strlen(text), MSG_NOSIGNAL) > 0)
		(void)send(descriptor, "\n", 1, MSG_NOSIGNAL);
	free(text);
	answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, &error);
	if (answer == NULL)
		fault_say(fault, "%s gave no answer within %d seconds", path, CLIENT_SECONDS);
	fclose(stream);
	return answer;
}

json_t *control_ask(const char *path, const json_t *request, struct fault *fault)
{
	const struct timeval patience = {.tv_sec = CLIENT_SECONDS};
	struct sockaddr_un name;
	int descriptor;

	if (!name_of(path, &name, fault))
		return NULL;
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&name, sizeof(name)) != 0) {
		fault_say(fault, "cannot reach a running ruthere at %s: %s%s", path,
			  strerror(errno),
			  errno == EACCES
			      ? " (it answers to its own user and root)"
			      : " (is \"ruthere serve\" running? --socket names another path)");
		if (descriptor >= 0)
			close(descriptor);
		return NULL;
	}
	(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return exchange(descriptor, path, request, fault);
}
