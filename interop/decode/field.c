/* SPDX-License-Identifier: ISC */
#include "interop/decode/field.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/exchange.h"
#include "interop/decode/field_cursor.h"

#define FLAGS_KNOWN (IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT | IKE_FLAG_AUTH_ONLY)
#define HEADER      "RFC 2408 section 3.1"

/* ---- fields -------------------------------------------------------------------------------------------------------- */

static struct field *next_field(struct field_builder *builder)
{
	struct field_list *list = builder->list;

	memset(&builder->scratch, 0, sizeof(builder->scratch));
	if (builder->failed || builder->full)
		return &builder->scratch;
	if (list->fields == list->room) {
		size_t room = list->room == 0 ? 64 : 2 * list->room;
		struct field *more = realloc(list->field, room * sizeof(*more));

		if (more == NULL) {
			builder->failed = true;
			return &builder->scratch;
		}
		list->field = more;
		list->room = room;
	}
	builder->full = list->fields + 1 == FIELDS_MAX;
	memset(&list->field[list->fields], 0, sizeof(list->field[0]));
	return &list->field[list->fields++];
}

struct field *field_add(struct field_cursor *cursor, const char *name, const char *section,
			struct octets octets)
{
	struct field *field = next_field(cursor->builder);

	field->offset = (size_t)(octets.data - cursor->builder->message.data);
	field->length = octets.length;
	field->depth = cursor->depth;
	field->name = name;
	field->section = section;
	if (cursor->builder->full)
		field_say(field, "more fields than are shown");
	return field;
}

__attribute__((format(printf, 2, 0))) static void say(struct field *field, const char *format,
						      va_list arguments)
{
	size_t length = strlen(field->value);
	int wanted = vsnprintf(field->value + length, FIELD_VALUE - length, format, arguments);

	assert(wanted >= 0);
	if ((size_t)wanted >= FIELD_VALUE - length)
		memcpy(field->value + FIELD_VALUE - 4, "...", 4);
}

void field_say(struct field *field, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(field, format, arguments);
	va_end(arguments);
}

void field_wrong(struct field *field, const char *format, ...)
{
	va_list arguments;

	field->wrong = true;
	if (field->value[0] != '\0')
		field_say(field, ": ");
	va_start(arguments, format);
	say(field, format, arguments);
	va_end(arguments);
}

static void say_hex(struct field *field, struct octets octets)
{
	size_t length = strlen(field->value);
	struct text text;

	text_to(&text, field->value + length, FIELD_VALUE - length);
	text_add_hex(&text, octets);
	if (text.cut)
		memcpy(field->value + FIELD_VALUE - 4, "...", 4);
}

void field_quote(struct field *field, struct octets octets)
{
	size_t i;

	field_say(field, "\"");
	for (i = 0; i < octets.length && strlen(field->value) < FIELD_VALUE - 8; i++) {
		uint8_t octet = octets.data[i];

		if (octet < 0x80 && isprint(octet) && octet != '"' && octet != '\\')
			field_say(field, "%c", octet);
		else
			field_say(field, "\\x%02x", octet);
	}
	field_say(field, i == octets.length ? "\"" : "...");
}

struct field *field_last(const struct field_cursor *cursor)
{
	struct field_builder *builder = cursor->builder;

	return builder->failed || builder->list->fields == 0
		   ? &builder->scratch
		   : &builder->list->field[builder->list->fields - 1];
}

/* ---- at a cursor --------------------------------------------------------------------------------------------------- */

struct field_cursor field_inside(const struct field_cursor *outer, struct octets octets)
{
	struct field_cursor cursor = {.builder = outer->builder, .depth = outer->depth + 1};

	wire_read_from(&cursor.reader, octets);
	return cursor;
}

struct octets field_left(const struct field_cursor *cursor)
{
	return octets_of(cursor->reader.at, cursor->reader.left);
}

static void cut_off(struct field_cursor *cursor, const char *name, size_t length)
{
	struct octets rest = field_left(cursor);

	field_wrong(field_add(cursor, name, "", rest), "cut off: %zu of %zu octets are there",
		    rest.length, length);
	cursor->reader.failed = true;
}

uint32_t field_number(struct field_cursor *cursor, const char *name, size_t length,
		      field_naming *names, struct field **field)
{
	struct octets octets = field_left(cursor);
	const char *meaning;
	struct field *added;
	uint32_t number;

	cursor->builder->scratch = (struct field){0};
	if (field != NULL)
		*field = &cursor->builder->scratch;
	if (cursor->reader.failed)
		return 0;
	if (octets.length < length) {
		cut_off(cursor, name, length);
		return 0;
	}
	octets.length = length;
	number = length == 4   ? wire_read_u32(&cursor->reader)
		 : length == 2 ? wire_read_u16(&cursor->reader)
			       : wire_read_u8(&cursor->reader);
	added = field_add(cursor, name, "", octets);
	meaning = names == NULL ? NULL : names(number);
	if (meaning != NULL)
		field_say(added, "%s (%u)", meaning, number);
	else
		field_say(added, "%u", number);
	if (field != NULL)
		*field = added;
	return number;
}

struct octets field_octets(struct field_cursor *cursor, const char *name, size_t length)
{
	struct octets octets = octets_of(cursor->reader.at, 0);

	if (cursor->reader.failed || length == 0)
		return octets;
	if (cursor->reader.left < length) {
		cut_off(cursor, name, length);
		return octets;
	}
	octets = wire_read_octets(&cursor->reader, length);
	say_hex(field_add(cursor, name, "", octets), octets);
	return octets;
}

struct octets field_rest(struct field_cursor *cursor, const char *name)
{
	return field_octets(cursor, name, cursor->reader.left);
}

void field_nonsense(struct field_cursor *cursor, const char *why)
{
	struct octets rest = wire_read_rest(&cursor->reader);

	if (rest.length > 0)
		field_wrong(field_add(cursor, "octets", "", rest), "%s", why);
}

void field_verdict(struct field_cursor *cursor, struct octets about, enum ike_verdict verdict)
{
	if (verdict == IKE_ACCEPTED)
		return;
	about.length = 0;
	field_wrong(field_add(cursor, "verdict", ike_verdict_section(verdict), about), "%s: %s",
		    ike_verdict_name(verdict), ike_verdict_sentence(verdict));
}

void field_remark(struct field_cursor *cursor, struct octets about, const char *name,
		  const char *text)
{
	about.length = 0;
	field_say(field_add(cursor, name, "", about), "%s", text);
}

/* ---- payloads ------------------------------------------------------------------------------------------------------ */

bool field_generic(struct field_cursor *cursor, uint8_t *next, struct octets *body)
{
	struct octets all = field_left(cursor);
	struct field *field;
	uint32_t length;

	*next = (uint8_t)field_number(cursor, "next payload", 1, ike_payload_name, NULL);
	if (field_number(cursor, "RESERVED", 1, NULL, &field) != 0)
		field_wrong(field, "must be zero");
	length = field_number(cursor, "payload length", 2, NULL, &field);
	if (cursor->reader.failed)
		return false;
	if (length >= IKE_GENERIC_LENGTH && length <= all.length) {
		*body = wire_read_octets(&cursor->reader, length - IKE_GENERIC_LENGTH);
		return true;
	}
	if (length < IKE_GENERIC_LENGTH)
		field_wrong(field, "shorter than the payload's own header");
	else
		field_wrong(field, "only %zu octets are left", all.length);
	field_nonsense(cursor, "not taken apart, because the length before it is wrong");
	return false;
}

/* The payload's own field spans what its length says, as far as that is there. */
static struct octets whole_of(const struct wire_reader *reader)
{
	struct wire_reader look = *reader;
	size_t length;

	(void)wire_read_u16(&look);
	length = wire_read_u16(&look);
	if (look.failed || length < IKE_GENERIC_LENGTH || length > reader->left)
		length = reader->left;
	return octets_of(reader->at, length);
}

static void read_payload(struct field_cursor *chain, uint8_t *type)
{
	const char *name = ike_payload_name(*type);
	struct octets whole = whole_of(&chain->reader), body;
	struct field *field =
	    field_add(chain, name != NULL ? name : "payload", field_payload_section(*type), whole);
	struct field_cursor inside = field_inside(chain, field_left(chain)), content;
	uint8_t this_type = *type;

	if (name == NULL)
		field_wrong(field, "type %u has no meaning in IKEv1, %zu octets", this_type,
			    whole.length);
	else
		field_say(field, "%zu octets", whole.length);
	if (!field_generic(&inside, type, &body)) {
		*type = IKE_PAYLOAD_NONE;
		(void)wire_read_rest(&chain->reader);
		return;
	}
	(void)wire_read_octets(&chain->reader, whole.length);
	content = field_inside(chain, body);
	field_payload(&content, this_type);
}

static void read_chain(struct field_cursor *chain, uint8_t type)
{
	struct octets rest;
	bool zeros = true;

	while (type != IKE_PAYLOAD_NONE && !chain->builder->full) {
		if (chain->reader.left == 0) {
			field_wrong(
			    field_add(chain, "payload", "RFC 2408 section 3.2", field_left(chain)),
			    "the message ends where a payload of type %u should begin", type);
			return;
		}
		read_payload(chain, &type);
	}
	rest = wire_read_rest(&chain->reader);
	for (size_t i = 0; i < rest.length; i++)
		zeros = zeros && rest.data[i] == 0;
	if (rest.length > 0 && rest.length < 4 && zeros)
		field_say(field_add(chain, "alignment", "RFC 2408 section 3.6", rest),
			  "zeros up to a multiple of four octets");
	else if (rest.length > 0)
		field_wrong(field_add(chain, "trailing octets", "RFC 2409 appendix B", rest),
			    "%zu octets behind the last payload", rest.length);
}

/* ---- the header ---------------------------------------------------------------------------------------------------- */

static void read_version(struct field_cursor *cursor)
{
	struct field *field;
	uint32_t version = field_number(cursor, "version", 1, NULL, &field);

	if (cursor->reader.failed)
		return;
	field->value[0] = '\0';
	field_say(field, "%u.%u", version >> 4, version & 15);
	if (version >> 4 == 2)
		field_wrong(field, "this is IKEv2 (RFC 7296)");
	else if (version != 0x10)
		field_wrong(field, "not IKEv1, which is 1.0");
}

static void read_flags(struct field_cursor *cursor)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{IKE_FLAG_ENCRYPTION, "encryption"},
		     {IKE_FLAG_COMMIT, "commit"},
		     {IKE_FLAG_AUTH_ONLY, "authentication only"}};
	const char *between = " (";
	struct field *field;
	uint32_t flags = field_number(cursor, "flags", 1, NULL, &field);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((flags & names[i].bit) == 0)
			continue;
		field_say(field, "%s%s", between, names[i].name);
		between = ", ";
	}
	if (between[0] == ',')
		field_say(field, ")");
	if ((flags & ~(unsigned)FLAGS_KNOWN) != 0)
		field_wrong(field, "bits without a meaning are set");
}

static void read_header(struct field_cursor *cursor, bool ours)
{
	const struct ike_header *header = &cursor->builder->header;
	size_t most = cursor->builder->message.length;
	struct field *field;
	uint32_t number;

	(void)field_octets(cursor, "initiator cookie", IKE_COOKIE_LENGTH);
	if (!cursor->reader.failed && ike_cookie_is_zero(header->cky_i))
		field_wrong(field_last(cursor), "must not be zero");
	(void)field_octets(cursor, "responder cookie", IKE_COOKIE_LENGTH);
	number = field_number(cursor, "next payload", 1, ike_payload_name, &field);
	if (ours && number != 0 && ike_payload_name(number) == NULL)
		field_wrong(field, "no payload of IKEv1");
	read_version(cursor);
	number = field_number(cursor, "exchange type", 1, ours ? ike_exchange_name : NULL, &field);
	if (ours && ike_exchange_name(number) == NULL)
		field_wrong(field, "no exchange of IKEv1");
	read_flags(cursor);
	number = field_number(cursor, "message ID", 4, NULL, &field);
	if (cursor->reader.failed)
		return;
	field->value[0] = '\0';
	field_say(field, "%08x", number);
	if (ours && number != 0 && ike_exchange_is_phase_1(header->exchange))
		field_wrong(field, "must be zero in Phase 1");
	if (ours && number == 0 &&
	    (header->exchange == IKE_EXCHANGE_QUICK_MODE ||
	     header->exchange == IKE_EXCHANGE_TRANSACTION))
		field_wrong(field, "must not be zero in this exchange");
	number = field_number(cursor, "length", 4, NULL, &field);
	if (!cursor->reader.failed && number != most)
		field_wrong(field, "the message has %zu octets", most);
}

bool field_list_fill(struct field_list *list, struct octets message)
{
	struct field_builder builder = {.list = list, .message = message};
	struct field_cursor root = {.builder = &builder}, inside;
	struct octets header = message;
	bool ours;

	memset(list, 0, sizeof(*list));
	(void)!ike_header_parse_whole(message, &builder.header);
	if (header.length > IKE_HEADER_LENGTH)
		header.length = IKE_HEADER_LENGTH;
	wire_read_from(&root.reader, message);
	ours = builder.header.version >> 4 == 1;
	field_say(field_add(&root, "HDR", HEADER, header), "%zu octets", header.length);
	inside = field_inside(&root, wire_read_octets(&root.reader, header.length));
	read_header(&inside, ours);
	if (inside.reader.failed)
		return !builder.failed;
	if (!ours && root.reader.left > 0) {
		field_nonsense(&root, "not taken apart: another version of IKE");
	} else if ((builder.header.flags & IKE_FLAG_ENCRYPTION) != 0 &&
		   builder.header.next_payload != IKE_PAYLOAD_FRAGMENT) {
		struct octets rest = wire_read_rest(&root.reader);

		field_say(field_add(&root, "ciphertext", "RFC 2409 appendix B", rest),
			  "%zu octets, encrypted", rest.length);
	} else {
		read_chain(&root, builder.header.next_payload);
	}
	return !builder.failed;
}

void field_list_free(struct field_list *list)
{
	if (list->field != NULL) /* what was decrypted is in it */
		secret_wipe(list->field, list->room * sizeof(*list->field));
	free(list->field);
	memset(list, 0, sizeof(*list));
}
