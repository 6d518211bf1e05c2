/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "interop/impair/impair.h"

static const struct {
	const char *name, *sentence;
} impairments[IMPAIRMENTS] = {
#define IMPAIRMENT(symbol, name, sentence) [IMPAIR_##symbol] = {name, sentence},
#include "interop/impair/impairments.def"
};

const char *impairment_name(enum impairment impairment)
{
	assert((unsigned)impairment < IMPAIRMENTS);
	return impairments[impairment].name;
}

const char *impairment_sentence(enum impairment impairment)
{
	assert((unsigned)impairment < IMPAIRMENTS);
	return impairments[impairment].sentence;
}

/* How many pairs of neighbouring letters of `name` stand in the other one, too, less what it has besides. */
static int likeness(const char *name, const char *other)
{
	int common = 0;

	for (size_t i = 0; name[i] != '\0' && name[i + 1] != '\0'; i++) {
		const char pair[] = {name[i], name[i + 1], '\0'};

		common += strstr(other, pair) != NULL ? 2 : -1;
	}
	return 4 * common - (int)strlen(other);
}

bool impairment_parse(const char *name, enum impairment *impairment, struct fault *fault)
{
	size_t nearest = 0;

	for (size_t i = 0; i < IMPAIRMENTS; i++) {
		if (strcmp(impairments[i].name, name) == 0) {
			*impairment = (enum impairment)i;
			return true;
		}
		if (likeness(name, impairments[i].name) > likeness(name, impairments[nearest].name))
			nearest = i;
	}
	return fault_say(fault,
			 "there is no impairment '%.60s'; did you mean %s? --impair list names all",
			 name, impairments[nearest].name);
}

void impair_settings(const bool on[IMPAIRMENTS], struct ike_settings *settings,
		     struct ike_peer_settings *peers)
{
	settings->export_keys = true;
	if (on[IMPAIR_INVALID_COOKIE_STORM] || on[IMPAIR_INVALID_COOKIE_SWOLLEN])
		settings->say_invalid_cookie = true;
	for (size_t i = 0; i < settings->peers; i++) {
		if (on[IMPAIR_INITIAL_CONTACT_NEVER] || on[IMPAIR_INITIAL_CONTACT_MALFORMED])
			peers[i].never_initial_contact = true;
		if (on[IMPAIR_IGNORES_INITIAL_CONTACT])
			peers[i].obey_initial_contact = false;
	}
}
