/* SPDX-License-Identifier: ISC */
#include "interop/conform/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/node/encapsulation.h"

#define PATH_MOST 1024

/* "rfc3706/5.3/slug" below `output`, and each of its folders. */
/* One of its own: what somebody else put a link to is none. */
static bool is_directory(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool make_directory(const char *output, const char *id, char path[PATH_MOST],
			   struct fault *fault)
{
	int length = snprintf(path, PATH_MOST, "%s/%s", output, id);

	if (length < 0 || length >= PATH_MOST)
		return fault_say(fault, "the name of the directory for %s is too long", id);
	for (char *c = path + strlen(output) + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (!is_directory(path) && mkdir(path, 0777) != 0)
			return fault_say(fault, "cannot make the directory %s: %s", path,
					 strerror(errno));
		*c = '/';
	}
	return true;
}

/* What was before the message on the port of NAT traversal: RFC 3948 section 2.2. */
static struct octets with_marker(bool marked, const uint8_t *data, size_t length,
				 uint8_t room[ENCAPSULATION_MARKER + IKE_MESSAGE_MAX])
{
	if (!marked || length == 0 || length > IKE_MESSAGE_MAX)
		return octets_of(data, length);
	memset(room, 0, ENCAPSULATION_MARKER);
	memcpy(room + ENCAPSULATION_MARKER, data, length);
	return octets_of(room, ENCAPSULATION_MARKER + length);
}

static void put(struct capture *capture, const struct seen *seen, uint16_t nat_t_port)
{
	static uint8_t wire[ENCAPSULATION_MARKER + IKE_MESSAGE_MAX],
	    plain[ENCAPSULATION_MARKER + IKE_MESSAGE_MAX];
	const struct opened *opened = seen->opened;
	uint16_t ours = seen->from == TRIAL_TESTER ? seen->source.port : seen->destination.port;
	bool marked = nat_t_port != 0 && ours == nat_t_port && seen->length > 1;
	bool has_twin = opened->encrypted && opened->readable;

	capture_datagram(
	    capture, clock_wall(seen->at), &seen->source, &seen->destination,
	    with_marker(marked, seen->wire, seen->length, wire),
	    with_marker(marked, opened->plain, has_twin ? opened->plain_length : 0, plain));
}

static void put_all(struct capture *capture, const struct trial *trial, uint16_t nat_t_port)
{
	const struct trial_sa *sa;
	const struct seen *seen;

	for (size_t i = 0; (sa = trial_sa_at(trial, i)) != NULL; i++) {
		if (sa->keys.key_length == 0)
			continue;
		capture_keys(capture, sa->cky_i, sa->cky_r, &sa->keys);
		if (sa->keys.established)
			capture_established(capture, sa->cky_i, sa->cky_r, &sa->keys);
	}
	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		put(capture, seen, nat_t_port);
}

bool evidence_write(const char *output, const struct conform_result *result, uint16_t nat_t_port,
		    struct fault *fault)
{
	char path[PATH_MOST], events[PATH_MOST + 16];
	struct capture *capture;

	if (result->trial == NULL)
		return true;
	if (!make_directory(output, result->of->id, path, fault))
		return false;
	capture = capture_open(path, fault);
	if (capture == NULL)
		return false;
	put_all(capture, result->trial, nat_t_port);
	capture_flush(capture);
	if (capture_problem(capture) != NULL) {
		fault_say(fault, "cannot write %s/%s", path, capture_problem(capture));
		capture_close(capture);
		return false;
	}
	snprintf(events, sizeof(events), "%s/events.jsonl", path);
	(void)unlink(events); /* a node's; here it would be empty */
	return capture_close(capture) || fault_say(fault, "cannot write %s", path);
}
