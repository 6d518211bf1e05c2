/* SPDX-License-Identifier: ISC */
#include "interop/node/peers_file.h"

#include <assert.h>
#include <string.h>

#include "ike/address.h"
#include "ike/registry.h"

static const char header[] = "ruthere-peers 1\n";

#define HEADER_LENGTH (sizeof(header) - 1)
#define PLACE_MOST    47 /* octets: "[", 39 of an IPv6 address, "]:65535" */
#define LINE_MOST     (PLACE_MOST + sizeof(" ") - 1 + PEERS_FILE_NAME_MOST + sizeof("\n") - 1)

static_assert(HEADER_LENGTH + PEERS_FILE_MOST * LINE_MOST <= PEERS_FILE_ROOM,
	      "as many lines as there may be have room");

bool peers_file_can_have(const char *name, size_t length)
{
	if (length == 0 || length > PEERS_FILE_NAME_MOST || name[0] == ' ' ||
	    name[length - 1] == ' ')
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return true;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool is_nowhere(const struct ike_address *address)
{
	static const uint8_t zeros[sizeof(address->octets)];
	bool v4 = address->family == IKE_FAMILY_IPV4;

	return memcmp(address->octets, zeros, v4 ? 4 : 16) == 0 ||
	       (v4 ? address->octets[0] >= 224 : address->octets[0] == 0xff); /* for many */
}

static bool parse_line(const char *line, size_t length, struct peers_file_entry *entry)
{
	const char *blank = memchr(line, ' ', length);
	size_t place = blank != NULL ? (size_t)(blank - line) : length;
	char text[PLACE_MOST + 1];

	if (blank == NULL || place > PLACE_MOST || memchr(line, '\0', place) != NULL)
		return false;
	memcpy(text, line, place);
	text[place] = '\0';
	if (!ike_address_from_text(text, &entry->address) || is_nowhere(&entry->address))
		return false;
	if (entry->address.port == 0)
		entry->address.port = IKE_PORT;
	entry->name = blank + 1;
	entry->length = length - place - 1;
	return peers_file_can_have(entry->name, entry->length);
}

size_t peers_file_parse(const char *text, size_t length, struct peers_file_entry *entries,
			size_t most, struct fault *problem)
{
	const char *end = text + length, *at = text + HEADER_LENGTH;
	size_t count = 0, number = 1, wrong = 0, first = 0;

	problem->text[0] = '\0';
	if (length < HEADER_LENGTH || memcmp(text, header, HEADER_LENGTH) != 0) {
		fault_say(problem, "line 1 is not \"%.*s\", so that nothing of it is used",
			  (int)HEADER_LENGTH - 1, header);
		return 0;
	}
	while (at < end) {
		const char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));

		number++;
		at = stop != NULL ? stop + 1 : end;
		if (stop != NULL && count < most &&
		    parse_line(line, (size_t)(stop - line), &entries[count])) {
			count++;
			continue;
		}
		first = wrong++ == 0 ? number : first;
	}
	if (wrong > 0)
		fault_say(problem,
			  "line %zu is not an address, a blank and a peer's name, or one more than "
			  "%zu; %zu of its lines are left out",
			  first, most, wrong);
	return count;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

size_t peers_file_write(const struct peers_file_entry *entries, size_t count, char *text)
{
	size_t length = HEADER_LENGTH;

	memcpy(text, header, HEADER_LENGTH);
	for (size_t i = 0; i < count && i < PEERS_FILE_MOST; i++) {
		const struct peers_file_entry *entry = &entries[i];
		char place[IKE_ADDRESS_TEXT];
		size_t octets = ike_address_text(&entry->address, place, sizeof(place));

		if (octets > PLACE_MOST || !peers_file_can_have(entry->name, entry->length))
			continue;
		memcpy(text + length, place, octets);
		length += octets;
		text[length++] = ' ';
		memcpy(text + length, entry->name, entry->length);
		length += entry->length;
		text[length++] = '\n';
	}
	return length;
}
