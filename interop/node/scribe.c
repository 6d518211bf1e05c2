/* SPDX-License-Identifier: ISC */
#include "interop/node/scribe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interop/node/attendant.h"
#include "interop/node/scribe_process.h"

struct scribe {
	int descriptor;
	bool gone;
	size_t waiting; /* octets of `text` that the process could not take yet */
	char text[SCRIBE_ROOM];
};

struct scribe *scribe_new(struct fault *fault)
{
	struct scribe *scribe = calloc(1, sizeof(*scribe));
	const int room = 2 * (int)SCRIBE_ROOM;

	if (scribe == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	scribe->descriptor = attendant_start("ruthere-scribe", SOCK_SEQPACKET, scribe_process,
					     "writes the file of peers", fault);
	if (scribe->descriptor < 0) {
		free(scribe);
		return NULL;
	}
	/* best effort: what does not fit is told by scribe_write() */
	(void)setsockopt(scribe->descriptor, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return scribe;
}

/* The next answer, waiting for it or not; 0: it has ended, -1: see errno. */
static ssize_t hear(const struct scribe *scribe, int *error, int flags)
{
	ssize_t got;

	do
		got = recv(scribe->descriptor, error, sizeof(*error), flags);
	while (got < 0 && errno == EINTR);
	return got;
}

bool scribe_take(struct scribe *scribe, const char *path, struct fault *fault)
{
	int error = EPIPE;

	if (send(scribe->descriptor, path, strlen(path), MSG_NOSIGNAL) < 0)
		error = errno;
	else if (hear(scribe, &error, 0) != (ssize_t)sizeof(error))
		error = EPIPE;
	if (error == 0)
		return true;
	return fault_say(fault,
			 "cannot write the file of peers %s: %s; its folder must be there, and its "
			 "owner be able to write in it",
			 path, strerror(error));
}

/* False: see errno. */
static bool pass_on(struct scribe *scribe, int flags)
{
	ssize_t sent;

	if (scribe->waiting == 0)
		return true;
	do
		sent =
		    send(scribe->descriptor, scribe->text, scribe->waiting, MSG_NOSIGNAL | flags);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS))
		return true;
	scribe->waiting = 0;
	return sent >= 0;
}

bool scribe_write(struct scribe *scribe, const char *text, size_t length)
{
	if (length == 0 || length > SCRIBE_ROOM || scribe->gone) {
		errno = scribe->gone ? EPIPE : EMSGSIZE;
		return false;
	}
	memcpy(scribe->text, text, length);
	scribe->waiting = length;
	return pass_on(scribe, MSG_DONTWAIT);
}

int scribe_descriptor(const struct scribe *scribe)
{
	return scribe->descriptor;
}

bool scribe_answer(struct scribe *scribe, int *error)
{
	ssize_t got;

	if (scribe->gone)
		return false;
	got = hear(scribe, error, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (got != (ssize_t)sizeof(*error)) {
		scribe->gone = true;
		*error = EPIPE;
		return true;
	}
	if (!pass_on(scribe, MSG_DONTWAIT) && *error == 0)
		*error = errno;
	return true;
}

void scribe_forget(struct scribe *scribe)
{
	if (scribe == NULL)
		return;
	close(scribe->descriptor);
	free(scribe);
}

int scribe_free(struct scribe *scribe)
{
	int error = 0, answer;

	if (scribe == NULL)
		return 0;
	if (!pass_on(scribe, 0))
		error = errno;
	(void)shutdown(scribe->descriptor, SHUT_WR);
	while (hear(scribe, &answer, 0) == (ssize_t)sizeof(answer))
		error = answer;
	scribe_forget(scribe);
	return error;
}
