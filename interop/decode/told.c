/* SPDX-License-Identifier: ISC */
#include "interop/decode/told.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crypto/secret.h"

void told_anomaly(struct told *told, enum ike_verdict verdict, const char *format, ...)
{
	struct told_anomaly *anomaly = &told->anomaly[told->anomalies];
	va_list arguments;

	if (verdict == IKE_ACCEPTED || told->anomalies == TOLD_ANOMALIES)
		return;
	for (size_t i = 0; i < told->anomalies; i++)
		if (told->anomaly[i].verdict == verdict)
			return;
	anomaly->verdict = verdict;
	va_start(arguments, format);
	vsnprintf(anomaly->detail, sizeof(anomaly->detail), format, arguments);
	va_end(arguments);
	told->anomalies++;
}

void told_note(struct told *told, const char *format, ...)
{
	size_t length = strlen(told->note);
	va_list arguments;

	if (length > 0 && length + 2 < sizeof(told->note)) {
		memcpy(told->note + length, "; ", 3);
		length += 2;
	}
	va_start(arguments, format);
	vsnprintf(told->note + length, sizeof(told->note) - length, format, arguments);
	va_end(arguments);
}

/* The header as it was on the wire, with the flag of encryption and the length of the ciphertext. */
static void put_back_header(const struct told *told, struct field_list *list)
{
	struct field_list wire;

	if (field_list_fill(&wire, told->wire))
		for (size_t i = 0; i < wire.fields && i < list->fields; i++)
			if (wire.field[i].offset < IKE_HEADER_LENGTH &&
			    wire.field[i].offset + wire.field[i].length <= IKE_HEADER_LENGTH)
				list->field[i] = wire.field[i];
	field_list_free(&wire);
}

/* Nobody is to take the zeros for what was there. */
static void strike_out_unread(const struct told *told, struct field_list *list)
{
	const size_t from = IKE_HEADER_LENGTH + IKE_GENERIC_LENGTH,
		     to = IKE_HEADER_LENGTH + told->unread;

	for (size_t i = 0; i < list->fields; i++) {
		struct field *field = &list->field[i];

		if (field->depth == 0 || field->offset < from || field->offset >= to)
			continue;
		snprintf(field->value, sizeof(field->value), "%s cannot be read",
			 field->offset + field->length <= to ? "it" : "its beginning");
		field->wrong = false;
	}
}

/* As a message of its own: flag clear, length without the padding. */
static bool fill_decrypted(const struct told *told, struct field_list *list)
{
	static const size_t most = 65535;
	static _Thread_local uint8_t twin[65535];
	struct wire_writer writer;
	bool good;

	if (told->plain_length > most)
		return field_list_fill(list, told->wire);
	wire_write_to(&writer, twin, sizeof(twin));
	wire_write_octets(&writer, octets_of(told->clear.data, told->plain_length));
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT,
		      told->message.header.flags & (uint8_t)~IKE_FLAG_ENCRYPTION);
	ike_header_finish(&writer);
	good = field_list_fill(list, wire_written(&writer));
	secret_wipe(twin, writer.length);
	if (!good)
		return false;
	put_back_header(told, list);
	if (told->unread > IKE_GENERIC_LENGTH)
		strike_out_unread(told, list);
	return true;
}

bool told_fields(const struct told *told, struct field_list *list, struct octets *octets)
{
	*octets = told->clear.length > 0 ? told->clear : told->wire;
	memset(list, 0, sizeof(*list));
	if (told->clear.length == 0)
		return field_list_fill(list, told->wire);
	return fill_decrypted(told, list);
}
