/* SPDX-License-Identifier: ISC */
#include "interop/decode/explain.h"

#include <string.h>

#include "ike/describe.h"
#include "ike/text.h"

#define OCTETS_SHOWN 8 /* of a field, beside it in the tree */

void explain_text(const struct told *told, char *text, size_t length)
{
	struct text out;

	switch (told->what) {
	case TOLD_KEEPALIVE:
		snprintf(text, length, "NAT keepalive");
		return;
	case TOLD_ESP:
		snprintf(text, length, "ESP spi=%08x seq=%u", told->spi, told->sequence);
		return;
	case TOLD_NONSENSE:
		snprintf(text, length, "neither IKE nor ESP, %zu octets",
			 told->packet->payload.length);
		return;
	case TOLD_MESSAGE:
	case TOLD_FRAGMENT:
		break;
	}
	if (told->wire.length < IKE_HEADER_LENGTH) {
		snprintf(text, length, "no ISAKMP header, %zu octets", told->wire.length);
	} else if (told->message.header.version >> 4 != 1) {
		snprintf(text, length, "IKEv%d [ not taken apart ]",
			 told->message.header.version >> 4);
	} else {
		(void)ike_describe_line(&told->message, text, length);
		text_to(&out, text + strlen(text), length - strlen(text));
		if (told->kind != NULL)
			text_add(&out, "  %s", told->kind);
		if (told->hash != TOLD_HASH_NONE)
			text_add(&out, ", %s %s", told->hash_name,
				 told->hash == TOLD_HASH_RIGHT ? "verified" : "WRONG");
		if (told->partial)
			text_add(&out, ", in part");
		if (told->fragments > 0)
			text_add(&out, ", from %u fragments", told->fragments);
	}
	text_to(&out, text + strlen(text), length - strlen(text));
	if (told->repeats != 0)
		text_add(&out, ", packet %u again", told->repeats);
}

static double since(struct timeval start, struct timeval time)
{
	return (double)time.tv_sec - (double)start.tv_sec +
	       ((double)time.tv_usec - (double)start.tv_usec) / 1e6;
}

static void print_below(const struct told *told, FILE *out)
{
	for (size_t i = 0; i < told->anomalies; i++) {
		const struct told_anomaly *anomaly = &told->anomaly[i];

		fprintf(out, "        ! %s: %s (%s)%s%s\n", ike_verdict_name(anomaly->verdict),
			ike_verdict_sentence(anomaly->verdict),
			ike_verdict_section(anomaly->verdict),
			anomaly->detail[0] != '\0' ? ": " : "", anomaly->detail);
	}
	if (told->reason[0] != '\0')
		fprintf(out, "        ? %s%s\n", told->partial ? "" : "not read: ", told->reason);
	if (told->note[0] != '\0')
		fprintf(out, "        = %s\n", told->note);
}

void explain_line(const struct told *told, struct timeval start, FILE *out)
{
	static const char *const arrows[] = {"--", "->", "<-"};
	char text[EXPLAIN_TEXT], from[IKE_ADDRESS_TEXT], to[IKE_ADDRESS_TEXT], sa[16] = "";

	(void)ike_address_text(&told->packet->from, from, sizeof(from));
	(void)ike_address_text(&told->packet->to, to, sizeof(to));
	explain_text(told, text, sizeof(text));
	if (told->sa != 0)
		snprintf(sa, sizeof(sa), "#%u ", told->sa);
	fprintf(out, "%5u %12.6f  %s > %s  %s%s %s\n", told->packet->number,
		since(start, told->packet->time), from, to, sa, arrows[told->from], text);
	print_below(told, out);
}

/* ---- the tree ------------------------------------------------------------------------------------------------------ */

static void print_octets(struct octets octets, FILE *out)
{
	char hex[2 * OCTETS_SHOWN + 8];
	struct text text;

	text_to(&text, hex, sizeof(hex));
	text_add_hex_start(&text, octets, OCTETS_SHOWN);
	fprintf(out, "%-*s", 2 * OCTETS_SHOWN + 4, hex);
}

static void print_field(const struct field *field, struct octets octets, FILE *out)
{
	struct octets own = octets_of(octets.data + field->offset, field->length);

	fprintf(out, "    %c %04zx  ", field->wrong ? '!' : ' ', field->offset);
	/* what is made of others is told by them */
	print_octets(field->depth == 0 ? octets_of(NULL, 0) : own, out);
	fprintf(out, "%*s%s%s%s", 2 * (int)field->depth, "", field->name,
		field->value[0] != '\0' ? ": " : "", field->value);
	if (field->section[0] != '\0')
		fprintf(out, "  [%s]", field->section);
	fputc('\n', out);
}

bool explain_tree(const struct told *told, FILE *out)
{
	struct field_list list;
	struct octets octets;
	bool good;

	if (told->what != TOLD_MESSAGE && told->what != TOLD_FRAGMENT)
		return true;
	good = told_fields(told, &list, &octets);
	for (size_t i = 0; i < list.fields; i++)
		print_field(&list.field[i], octets, out);
	if (told->clear.length > told->plain_length) {
		size_t padding = told->clear.length - told->plain_length;

		fprintf(out, "      %04zx  ", told->plain_length);
		print_octets(octets_of(told->clear.data + told->plain_length, padding), out);
		fprintf(out, "padding: %zu octets  [RFC 2409 appendix B]\n", padding);
	}
	field_list_free(&list);
	return good;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

void explain_summary(const struct decoder_counts *c, FILE *out)
{
	fprintf(out, "%u packets: %u IKE messages of %u SAs", c->packets, c->messages, c->sas);
	if (c->repeated > 0)
		fprintf(out, " (%u repeated)", c->repeated);
	if (c->fragments > 0)
		fprintf(out, ", %u IKE fragments", c->fragments);
	if (c->keepalives > 0)
		fprintf(out, ", %u NAT keepalives", c->keepalives);
	if (c->esp > 0)
		fprintf(out, ", %u of ESP", c->esp);
	if (c->nonsense > 0)
		fprintf(out, ", %u of nonsense", c->nonsense);
	if (c->pieces > 0)
		fprintf(out, ", %u fragments of IP", c->pieces);
	if (c->other > 0)
		fprintf(out, ", %u others", c->other);
	fprintf(out, "\n%u encrypted, %u of them decrypted", c->encrypted, c->decrypted);
	if (c->partial > 0)
		fprintf(out, " (%u in part)", c->partial);
	if (c->hashes_right + c->hashes_wrong > 0)
		fprintf(out, "; HASH verified in %u, wrong in %u", c->hashes_right,
			c->hashes_wrong);
	fprintf(out, "; anomalies in %u\n", c->anomalies);
	if (c->elsewhere > 0)
		fprintf(out, "%u of the others look like IKE: --port %u\n", c->elsewhere,
			c->elsewhere_port);
}
