/* SPDX-License-Identifier: ISC */
#include "tests/support/film.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "interop/node/capture.h"
#include "interop/decode/explain.h"

static void put(struct film *film, const void *octets, size_t length)
{
	ck_assert_uint_le(length, FILM_ROOM - film->length);
	memcpy(film->octets + film->length, octets, length);
	film->length += length;
}

static void put_u32(struct film *film, uint32_t value)
{
	put(film, &value, sizeof(value));
}

void film_start(struct film *film, uint32_t link)
{
	film->length = film->packets = 0;
	put_u32(film, 0xa1b2c3d4); /* in the order of this machine, which is what it says */
	put_u32(film, 2 | 4 << 16);
	put_u32(film, 0);
	put_u32(film, 0);
	put_u32(film, 262144);
	put_u32(film, link);
}

void film_frame(struct film *film, ike_time at, struct octets frame)
{
	put_u32(film, (uint32_t)(at / IKE_SECOND));
	put_u32(film, (uint32_t)(at % IKE_SECOND));
	put_u32(film, (uint32_t)frame.length);
	put_u32(film, (uint32_t)frame.length);
	put(film, frame.data, frame.length);
	film->packets++;
}

void film_datagram(struct film *film, ike_time at, const struct ike_address *from,
		   const struct ike_address *to, struct octets payload)
{
	static uint8_t packet[70000];
	size_t length = capture_packet(from, to, payload, packet, sizeof(packet));

	ck_assert_uint_gt(length, 0);
	film_frame(film, at, octets_of(packet, length));
}

static struct ike_address address_of(enum duo_node node)
{
	return (struct ike_address){.octets = {192, 0, 2, node == DUO_A ? 1 : 2},
				    .port = IKE_PORT,
				    .family = IKE_FAMILY_IPV4};
}

void film_duo_ends(const struct duo *duo, size_t index, struct ike_address *from,
		   struct ike_address *to)
{
	*to = address_of(duo->datagram[index].to);
	*from = address_of(duo->datagram[index].to == DUO_A ? DUO_B : DUO_A);
}

void film_duo_datagram(struct film *film, const struct duo *duo, size_t index)
{
	const struct duo_datagram *datagram = &duo->datagram[index];
	struct ike_address from, to;

	film_duo_ends(duo, index, &from, &to);
	film_datagram(film, datagram->at, &from, &to, octets_of(datagram->data, datagram->length));
}

void film_fragments(struct film *film, ike_time at, const struct ike_address *from,
		    const struct ike_address *to, struct octets message, uint16_t id, size_t part)
{
	size_t count = (message.length + part - 1) / part;

	for (size_t number = count; number >= 1; number--) {
		size_t start = (number - 1) * part,
		       length = number == count ? message.length - start : part;
		uint8_t octets[4096];
		struct wire_writer writer;

		wire_write_to(&writer, octets, sizeof(octets));
		wire_write_octets(&writer, octets_of(message.data, IKE_HEADER_LENGTH));
		wire_patch_u8(&writer, IKE_HEADER_NEXT_PAYLOAD_AT, IKE_PAYLOAD_FRAGMENT);
		wire_write_u16(&writer, 0); /* nothing follows */
		wire_write_u16(&writer, (uint16_t)(8 + length));
		wire_write_u16(&writer, id);
		wire_write_u8(&writer, (uint8_t)number);
		wire_write_u8(&writer, number == count);
		wire_write_octets(&writer, octets_of(message.data + start, length));
		ike_header_finish(&writer);
		ck_assert(!writer.failed);
		film_datagram(film, at, from, to, wire_written(&writer));
	}
}

void film_duo(struct film *film, const struct duo *duo)
{
	film_start(film, FILM_RAW);
	for (size_t i = 0; i < duo->datagrams; i++)
		film_duo_datagram(film, duo, i);
}

void film_key(const struct duo *duo, enum duo_node node, struct key_row *row)
{
	struct ike_sa_status status;

	ck_assert_uint_ge(duo_in_use(duo, node, &status), 1);
	*row = (struct key_row){.whole = true};
	memcpy(row->cky_i, status.cky_i, IKE_COOKIE_LENGTH);
	memcpy(row->cky_r, status.cky_r, IKE_COOKIE_LENGTH);
	ck_assert(ike_export_keys(duo->core[node], status.cky_i, status.cky_r, &row->keys));
}

FILE *film_stream(const struct film *film)
{
	FILE *stream = fmemopen((void *)(uintptr_t)film->octets, film->length, "rb");

	ck_assert_ptr_nonnull(stream);
	return stream;
}

/* ---- looked at ----------------------------------------------------------------------------------------------------- */

static void take_line(void *context, const struct told *told)
{
	struct film_look *look = context;
	struct film_line *line = &look->line[look->lines];

	ck_assert_uint_lt(look->lines, FILM_LINES);
	look->lines++;
	*line = (struct film_line){
	    .packet = told->packet->number,
	    .what = told->what,
	    .from = told->from,
	    .sa = told->sa,
	    .fragments = told->fragments,
	    .repeats = told->repeats,
	    .decrypted = told->clear.length > 0,
	    .partial = told->partial,
	    .hash = told->hash,
	    .anomalies = told->anomalies,
	    .plain_length = told->plain_length,
	};
	explain_text(told, line->text, sizeof(line->text));
	memcpy(line->reason, told->reason, sizeof(line->reason));
	memcpy(line->note, told->note, sizeof(line->note));
	snprintf(line->kind, sizeof(line->kind), "%s", told->kind == NULL ? "" : told->kind);
	for (size_t i = 0; i < told->anomalies; i++)
		line->verdict[i] = told->anomaly[i].verdict;
	if (told->clear.length > 0 && told->plain_length <= sizeof(line->plain))
		memcpy(line->plain, told->clear.data, told->plain_length);
}

void film_look(const struct film *film, const struct key_log *log, uint16_t port,
	       struct film_look *look)
{
	struct decoder_settings settings = {
	    .keys = log, .port = {port}, .ports = port != 0, .tell = take_line, .context = look};
	struct decoder *decoder = decoder_new(&settings);
	struct packet packet;
	struct fault fault;
	struct packets *packets = packets_of_stream(film_stream(film), "film", &fault);
	bool broken;

	look->lines = 0;
	ck_assert_ptr_nonnull(decoder);
	ck_assert_msg(packets != NULL, "%s", fault.text);
	while (packets_next(packets, &packet, &broken, &fault))
		decoder_packet(decoder, &packet);
	ck_assert_msg(!broken, "%s", fault.text);
	look->counts = *decoder_counts(decoder);
	ck_assert_uint_eq(look->counts.packets, film->packets);
	decoder_free(decoder);
	packets_close(packets);
}

bool film_line_has(const struct film_line *line, enum ike_verdict verdict)
{
	for (size_t i = 0; i < line->anomalies; i++)
		if (line->verdict[i] == verdict)
			return true;
	return false;
}
