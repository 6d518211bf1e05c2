/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/mutate.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum field_kind { FIELD_LENGTH, FIELD_OCTET, FIELD_NUMBER, FIELD_BITS };

struct walk {
	struct octets message;
	mutation_taker *take;
	void *context;
	size_t count;
	struct mutation mutation;
};

static const uint16_t notify_types[] = {
#define NOTIFY(symbol, number, name) number,
#include "ike/registry.def"
};

static void put(uint8_t *at, size_t width, uint32_t value)
{
	for (size_t i = width; i-- > 0; value >>= 8)
		at[i] = (uint8_t)value;
}

static uint32_t get(const uint8_t *at, size_t width)
{
	uint32_t value = 0;

	for (size_t i = 0; i < width; i++)
		value = value << 8 | at[i];
	return value;
}

const char *mutation_text(const struct mutation *mutation)
{
	static char text[128];

	if (mutation->kind == MUTATION_OF_FIELD)
		snprintf(text, sizeof(text), "%s %s at %zu: %u for %u", mutation->payload,
			 mutation->field, mutation->at, mutation->value, mutation->right);
	else
		snprintf(text, sizeof(text), "%u octets for %u", mutation->value, mutation->right);
	return text;
}

/* ---- one field ----------------------------------------------------------------------------------------------------- */

static void try_value(struct walk *walk, uint32_t value)
{
	struct mutation *mutation = &walk->mutation;
	uint8_t *at = mutation->octets + mutation->at;

	mutation->value = mutation->width == 4 ? value : value & ((1u << 8 * mutation->width) - 1);
	if (mutation->value == mutation->right)
		return;
	put(at, mutation->width, mutation->value);
	walk->take(walk->context, mutation);
	walk->count++;
	put(at, mutation->width, mutation->right);
}

/* `end`: what the length would be that reaches to the end of the message. */
static void try_lengths(struct walk *walk, uint32_t end)
{
	uint32_t right = walk->mutation.right;

	for (uint32_t value = 0; value <= 4; value++)
		try_value(walk, value);
	if (right > 5)
		try_value(walk, right - 1);
	try_value(walk, right + 1);
	if (end != right && end != right + 1)
		try_value(walk, end);
	if (end + 1 != right && end != right)
		try_value(walk, end + 1);
	try_value(walk, 0x7fff);
	try_value(walk, 0xffff);
	if (walk->mutation.width == 4)
		try_value(walk, UINT32_MAX);
}

/* Every number of the registry and its neighbours, and the ends of the ranges. */
static void try_numbers(struct walk *walk)
{
	static const uint32_t more[] = {0, 3, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0xffffffff};

	for (size_t i = 0; i < sizeof(notify_types) / sizeof(notify_types[0]); i++) {
		try_value(walk, notify_types[i]);
		try_value(walk, notify_types[i] + 1u);
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i] <= 0xffff || walk->mutation.width == 4)
			try_value(walk, more[i]);
	try_value(walk, walk->mutation.right ^ 0x8000u);
}

static void field(struct walk *walk, enum field_kind kind, const char *payload, const char *name,
		  size_t at, size_t width, size_t start)
{
	struct mutation *mutation = &walk->mutation;
	size_t end = walk->message.length;

	ck_assert_uint_le(at + width, end);
	mutation->kind = MUTATION_OF_FIELD;
	mutation->payload = payload;
	mutation->field = name;
	mutation->at = at;
	mutation->width = width;
	mutation->right = get(walk->message.data + at, width);
	mutation->length = end;
	memcpy(mutation->octets, walk->message.data, end);
	if (kind == FIELD_LENGTH)
		try_lengths(walk, (uint32_t)(end - start));
	if (kind == FIELD_OCTET)
		for (uint32_t value = 0; value < 256; value++)
			try_value(walk, value);
	if (kind == FIELD_NUMBER)
		try_numbers(walk);
	if (kind == FIELD_BITS)
		for (size_t bit = 0; bit < 8 * width; bit++)
			try_value(walk, mutation->right ^ 1u << bit);
}

/* ---- payloads ------------------------------------------------------------------------------------------------------ */

/* The generic header at `at`; returns the payload's length. */
static size_t generic(struct walk *walk, const char *payload, size_t at)
{
	size_t length = get(walk->message.data + at + 2, 2);

	ck_assert_uint_ge(length, IKE_GENERIC_LENGTH);
	ck_assert_uint_le(at + length, walk->message.length);
	field(walk, FIELD_OCTET, payload, "next payload", at, 1, at);
	field(walk, FIELD_OCTET, payload, "RESERVED", at + 1, 1, at);
	field(walk, FIELD_LENGTH, payload, "length", at + 2, 2, at);
	return length;
}

static void attributes(struct walk *walk, size_t at, size_t end)
{
	while (at < end) {
		bool basic = (walk->message.data[at] & 0x80) != 0;
		size_t length = basic ? 4 : 4 + get(walk->message.data + at + 2, 2);

		field(walk, FIELD_NUMBER, "ATTRIBUTE", "type", at, 2, at);
		field(walk, FIELD_BITS, "ATTRIBUTE", "type", at, 2, at);
		if (!basic)
			field(walk, FIELD_LENGTH, "ATTRIBUTE", "length", at + 2, 2, at + 4);
		at += length;
	}
	ck_assert_uint_eq(at, end);
}

static void transforms(struct walk *walk, size_t at, size_t end)
{
	while (at < end) {
		size_t length = generic(walk, "T", at);

		field(walk, FIELD_OCTET, "T", "number", at + 4, 1, at);
		field(walk, FIELD_OCTET, "T", "ID", at + 5, 1, at);
		field(walk, FIELD_BITS, "T", "RESERVED2", at + 6, 2, at);
		attributes(walk, at + 8, at + length);
		at += length;
	}
}

static void proposals(struct walk *walk, size_t at, size_t end)
{
	field(walk, FIELD_NUMBER, "SA", "DOI", at, 4, at);
	field(walk, FIELD_BITS, "SA", "situation", at + 4, 4, at);
	at += 8;
	while (at < end) {
		size_t length = generic(walk, "P", at);
		size_t spi = walk->message.data[at + 6];

		field(walk, FIELD_OCTET, "P", "number", at + 4, 1, at);
		field(walk, FIELD_OCTET, "P", "protocol", at + 5, 1, at);
		field(walk, FIELD_OCTET, "P", "SPI size", at + 6, 1, at);
		field(walk, FIELD_OCTET, "P", "transforms", at + 7, 1, at);
		transforms(walk, at + 8 + spi, at + length);
		at += length;
	}
}

static void notify_or_delete(struct walk *walk, const char *payload, size_t at)
{
	bool is_delete = payload[0] == 'D';

	field(walk, FIELD_NUMBER, payload, "DOI", at, 4, at);
	field(walk, FIELD_OCTET, payload, "protocol", at + 4, 1, at);
	field(walk, FIELD_OCTET, payload, "SPI size", at + 5, 1, at);
	field(walk, FIELD_NUMBER, payload, is_delete ? "SPIs" : "type", at + 6, 2, at);
}

static void identity(struct walk *walk, size_t at)
{
	field(walk, FIELD_OCTET, "ID", "type", at, 1, at);
	field(walk, FIELD_OCTET, "ID", "protocol", at + 1, 1, at);
	field(walk, FIELD_NUMBER, "ID", "port", at + 2, 2, at);
}

static void payloads(struct walk *walk)
{
	uint8_t type = walk->message.data[IKE_HEADER_NEXT_PAYLOAD_AT];
	size_t at = IKE_HEADER_LENGTH, length;

	for (; type != IKE_PAYLOAD_NONE; type = walk->message.data[at], at += length) {
		const char *name = ike_payload_name(type);
		size_t body = at + IKE_GENERIC_LENGTH;

		ck_assert_ptr_nonnull(name);
		length = generic(walk, name, at);
		if (type == IKE_PAYLOAD_SA)
			proposals(walk, body, at + length);
		if (type == IKE_PAYLOAD_NOTIFY || type == IKE_PAYLOAD_DELETE)
			notify_or_delete(walk, name, body);
		if (type == IKE_PAYLOAD_ID)
			identity(walk, body);
	}
}

/* ---- the message as a whole ---------------------------------------------------------------------------------------- */

static void header(struct walk *walk)
{
	field(walk, FIELD_OCTET, "HDR", "next payload", IKE_HEADER_NEXT_PAYLOAD_AT, 1, 0);
	field(walk, FIELD_OCTET, "HDR", "version", IKE_HEADER_NEXT_PAYLOAD_AT + 1, 1, 0);
	field(walk, FIELD_OCTET, "HDR", "exchange", IKE_HEADER_NEXT_PAYLOAD_AT + 2, 1, 0);
	field(walk, FIELD_OCTET, "HDR", "flags", IKE_HEADER_FLAGS_AT, 1, 0);
	field(walk, FIELD_BITS, "HDR", "message ID", IKE_HEADER_FLAGS_AT + 1, 4, 0);
	field(walk, FIELD_LENGTH, "HDR", "length", IKE_HEADER_LENGTH_AT, 4, 0);
}

static void resize(struct walk *walk, enum mutation_kind kind, size_t length)
{
	struct mutation *mutation = &walk->mutation;
	size_t right = walk->message.length;

	mutation->kind = kind;
	mutation->payload = mutation->field = "";
	mutation->at = mutation->width = 0;
	mutation->right = (uint32_t)right;
	mutation->value = (uint32_t)length;
	mutation->length = length;
	memset(mutation->octets, 0xa5, sizeof(mutation->octets));
	memcpy(mutation->octets, walk->message.data, length < right ? length : right);
	if (length >= IKE_HEADER_LENGTH)
		put(mutation->octets + IKE_HEADER_LENGTH_AT, 4, (uint32_t)length);
	walk->take(walk->context, mutation);
	walk->count++;
}

size_t mutate_every(struct octets message, mutation_taker *take, void *context)
{
	static const size_t more[] = {1, 2, 3, 4, 8, 15, 16, 17, 64, 255};
	static struct walk walk;

	ck_assert_uint_le(message.length + 256, MUTATE_MOST);
	memset(&walk, 0, sizeof(walk));
	walk.message = message;
	walk.take = take;
	walk.context = context;
	header(&walk);
	payloads(&walk);
	for (size_t length = 0; length < message.length; length++)
		resize(&walk, MUTATION_CUT, length);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		resize(&walk, MUTATION_EXTENDED, message.length + more[i]);
	return walk.count;
}
