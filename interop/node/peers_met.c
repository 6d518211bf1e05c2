/* SPDX-License-Identifier: ISC */
#include "interop/node/peers_met.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/registry.h"

struct peers_met {
	const struct config *config;
	size_t count;
	struct peers_met_place place[PEERS_FILE_MOST]; /* the longest not met first */
	struct peers_file_entry entry[PEERS_FILE_MOST];
	char text[PEERS_FILE_ROOM + 1]; /* one more, so that what is too long is seen */
};

struct peers_met *peers_met_new(const struct config *config)
{
	struct peers_met *met = calloc(1, sizeof(*met));

	if (met != NULL)
		met->config = config;
	return met;
}

void peers_met_free(struct peers_met *met)
{
	free(met);
}

size_t peers_met_count(const struct peers_met *met)
{
	return met->count;
}

const struct peers_met_place *peers_met_place(const struct peers_met *met, size_t index)
{
	return &met->place[index];
}

/* ---- changes ------------------------------------------------------------------------------------------------------- */

static void take_out(struct peers_met *met, size_t index)
{
	met->count--;
	memmove(&met->place[index], &met->place[index + 1],
		(met->count - index) * sizeof(met->place[0]));
}

static bool can_have(const struct peers_met *met, uint32_t peer)
{
	const struct config_peer *one = &met->config->peer[peer];

	return one->ike.gateways == 0 && peers_file_can_have(one->name, strlen(one->name));
}

/* It becomes the newest.  True: it was not there before. */
static bool add(struct peers_met *met, uint32_t peer, const struct ike_address *address)
{
	bool known = false;

	for (size_t i = 0; i < met->count; i++) {
		if (!ike_address_equal(&met->place[i].address, address))
			continue;
		known = met->place[i].peer == peer;
		take_out(met, i);
		break;
	}
	if (met->count == PEERS_FILE_MOST)
		take_out(met, 0);
	met->place[met->count++] = (struct peers_met_place){.peer = peer, .address = *address};
	return !known;
}

/* Only where there is a NAT does ESP come from the port that IKE comes from (RFC 3948 section 2.1); otherwise it has none. */
bool peers_met_event(struct peers_met *met, const struct ike_event *event)
{
	struct ike_address address = event->remote;

	if (event->kind != IKE_EVENT_ESTABLISHED || event->peer >= met->config->peers ||
	    !can_have(met, event->peer))
		return false;
	if (!event->nat_here && !event->nat_there)
		address.port = IKE_PORT;
	return add(met, event->peer, &address);
}

bool peers_met_forget(struct peers_met *met, uint32_t peer)
{
	size_t before = met->count;

	for (size_t i = met->count; i > 0; i--)
		if (met->place[i - 1].peer == peer)
			take_out(met, i - 1);
	return met->count < before;
}

const char *peers_met_text(struct peers_met *met, size_t *length)
{
	for (size_t i = 0; i < met->count; i++) {
		const char *name = met->config->peer[met->place[i].peer].name;

		met->entry[i] = (struct peers_file_entry){
		    .name = name, .length = strlen(name), .address = met->place[i].address};
	}
	*length = peers_file_write(met->entry, met->count, met->text);
	return met->text;
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

/* Octets of the file in `text`; false: see problem. */
static bool read_text(struct peers_met *met, const char *path, size_t *length,
		      struct fault *problem)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat status;
	ssize_t more = 1;

	*length = 0;
	if (file < 0 && errno == ENOENT)
		return true;
	if (file < 0)
		return fault_say(problem, "the file of peers %s cannot be read: %s", path,
				 strerror(errno));
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(file);
		return fault_say(problem, "the file of peers %s is not a regular file", path);
	}
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		close(file);
		return fault_say(problem,
				 "the file of peers %s may be written by others, and is not "
				 "believed: chmod 600 %s",
				 path, path);
	}
	while (more > 0 && *length < sizeof(met->text)) {
		more = read(file, met->text + *length, sizeof(met->text) - *length);
		*length += more > 0 ? (size_t)more : 0;
	}
	close(file);
	return more >= 0 ||
	       fault_say(problem, "the file of peers %s cannot be read: %s", path, strerror(errno));
}

/* The one of that name that may have a place in the file; a name that is no peer's any more is no trouble. */
static void add_named(struct peers_met *met, const struct peers_file_entry *entry)
{
	for (uint32_t i = 0; i < met->config->peers; i++) {
		const char *name = met->config->peer[i].name;

		if (strlen(name) != entry->length || memcmp(name, entry->name, entry->length) != 0)
			continue;
		if (can_have(met, i))
			(void)add(met, i, &entry->address);
		return;
	}
}

static bool check_names(const struct peers_met *met, struct fault *problem)
{
	for (size_t i = 0; i < met->config->peers; i++) {
		const struct config_peer *peer = &met->config->peer[i];

		if (peer->ike.gateways == 0 && !peers_file_can_have(peer->name, strlen(peer->name)))
			return fault_say(
			    problem,
			    "where peer \"%.80s\" is met is not remembered: its name has "
			    "more than %d octets, or blanks at an end",
			    peer->name, PEERS_FILE_NAME_MOST);
	}
	return true;
}

bool peers_met_read(struct peers_met *met, const char *path, struct fault *problem)
{
	struct fault detail = {.text = ""};
	size_t length, count;

	if (!read_text(met, path, &length, problem))
		return false;
	if (length == 0)
		return check_names(met, problem);
	count = peers_file_parse(met->text, length, met->entry, PEERS_FILE_MOST, &detail);
	for (size_t i = 0; i < count; i++)
		add_named(met, &met->entry[i]);
	if (length > PEERS_FILE_ROOM)
		return fault_say(problem,
				 "the file of peers %s has more than %zu octets; the rest is "
				 "left out",
				 path, PEERS_FILE_ROOM);
	if (detail.text[0] != '\0')
		return fault_say(problem, "the file of peers %s: %.400s", path, detail.text);
	return check_names(met, problem);
}
