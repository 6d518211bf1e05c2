/* SPDX-License-Identifier: ISC */
#include "tests/support/made.h"

#include <check.h>
#include <string.h>

#include "interop/vectors/vector_play.h"

void made_set(struct vector_made *made, const char *name, enum vector_mistake mistake)
{
	const struct vector_set *set = vector_set_find(name);
	struct fault fault;

	ck_assert_msg(set != NULL, "no set %s", name);
	ck_assert_msg(vector_make(set, mistake, made, &fault), "%s", fault.text);
}

const char *made_fault(const struct vector_set *set)
{
	static struct fault fault;
	struct vector_made made;
	bool good = vector_make(set, VECTOR_NO_MISTAKE, &made, &fault);

	vector_made_free(&made);
	return good ? NULL : fault.text;
}

struct vector_set made_sample(const char *name)
{
	return (struct vector_set){
	    .name = name,
	    .description = "a session",
	    .sections = "RFC 2409 section 5.4",
	    .proposal = "aes128-sha1-x25519",
	    .play = vector_play_session,
	};
}

struct vector_world *made_world(const struct vector_set *set)
{
	struct fault fault;
	struct vector_world *world = vector_world_new(set, &fault);

	ck_assert_msg(world != NULL, "%s", fault.text);
	vector_play_start(world);
	vector_play_ask(world);
	return world;
}

const struct vector_message *made_message(const struct vector_made *made, const char *name,
					  size_t n)
{
	for (size_t i = 0; i < made->trace->messages; i++) {
		const struct vector_message *message = &made->trace->message[i];

		if (message->name != NULL && strcmp(message->name, name) == 0 && n-- == 0)
			return message;
	}
	ck_abort_msg("no such message: %s", name);
	return NULL;
}
