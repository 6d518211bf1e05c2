/* SPDX-License-Identifier: ISC */
/*
 * describe_tree.c - every field of a message on a line of its own: name, octets, meaning.  What is malformed is shown as
 * far as it can be read, for this is what somebody looks at who wants to know what is wrong with a message.
 */
#include "ike/describe.h"

#include "ike/attribute.h"
#include "ike/exchange.h"
#include "ike/identity.h"
#include "ike/notify.h"
#include "ike/proposal.h"
#include "ike/text.h"
#include "ike/vendor_id.h"

#define NAME_COLUMN     20 /* characters: names of fields are padded to it */
#define OCTETS_PER_LINE 32

typedef const char *naming(unsigned number);

/* What is being shown, how deep, and the octets that are left of it. */
struct branch {
	struct text *out;
	int level; /* two spaces each */
	bool esp;  /* in a proposal for ESP */
	bool
	    phase_1; /* SA, ID and attributes have the content of Phase 1 (RFC 2407 section 4.5 has another) */
	struct wire_reader reader;
};

typedef void showing(struct branch *branch); /* all that is left in it */

static struct branch branch_of(const struct branch *parent, struct octets octets)
{
	struct branch branch = *parent;

	branch.level++;
	wire_read_from(&branch.reader, octets);
	return branch;
}

static void add_start(const struct branch *branch, const char *name)
{
	text_add(branch->out, "%*s%-*s ", 2 * branch->level, "", NAME_COLUMN, name);
}

/* All octets, in lines of OCTETS_PER_LINE. */
static void add_octets(const struct branch *branch, const char *name, struct octets octets)
{
	struct wire_reader reader;

	wire_read_from(&reader, octets);
	do {
		size_t length = reader.left < OCTETS_PER_LINE ? reader.left : OCTETS_PER_LINE;

		add_start(branch, name);
		text_add_hex(branch->out, wire_read_octets(&reader, length));
		text_add(branch->out, "\n");
		name = "";
	} while (reader.left > 0 && !branch->out->cut);
}

static void add_cut_off(const struct branch *branch)
{
	text_add_hex(branch->out, octets_of(branch->reader.at, branch->reader.left));
	text_add(branch->out, "  (cut off)\n");
}

/* A field of 1, 2 or 4 octets, as octets and as a number, named where it has a name.  Gives 0 where it is not there. */
static uint32_t show_number(struct branch *branch, const char *name, size_t length, naming *names)
{
	const char *meaning;
	uint32_t number;

	if (branch->reader.failed)
		return 0;
	number = length == 4   ? wire_read_u32(&branch->reader)
		 : length == 2 ? wire_read_u16(&branch->reader)
			       : wire_read_u8(&branch->reader);
	add_start(branch, name);
	if (branch->reader.failed) {
		add_cut_off(branch);
		return 0;
	}
	text_add(branch->out, "%0*x  %u", (int)(2 * length), number, number);
	meaning = names == NULL ? NULL : names(number);
	if (meaning != NULL)
		text_add(branch->out, " %s", meaning);
	text_add(branch->out, "\n");
	return number;
}

static void show_octets(struct branch *branch, const char *name, size_t length)
{
	struct octets octets;

	if (branch->reader.failed || length == 0)
		return;
	octets = wire_read_octets(&branch->reader, length);
	if (!branch->reader.failed) {
		add_octets(branch, name, octets);
		return;
	}
	add_start(branch, name);
	add_cut_off(branch);
}

static void show_rest(struct branch *branch, const char *name)
{
	show_octets(branch, name, branch->reader.left);
}

static void show_title(const struct branch *branch, uint8_t type, struct octets whole)
{
	text_add(branch->out, "%*s", 2 * branch->level, "");
	text_add_name(branch->out, ike_payload_name(type), "PAYLOAD#", type);
	text_add(branch->out, ", %zu octets\n", whole.length);
}

/* A verdict on what was shown, where it is one that matters. */
static void show_fault(const struct branch *branch, enum ike_verdict verdict)
{
	if (verdict == IKE_ACCEPTED)
		return;
	text_add(branch->out, "%*s! %s: %s (%s)\n", 2 * branch->level, "",
		 ike_verdict_name(verdict), ike_verdict_sentence(verdict),
		 ike_verdict_section(verdict));
}

/* ---- the SA payload and what is in it ------------------------------------------------------------------------------ */

static const char *life_type_name(unsigned number)
{
	return number == IKE_LIFE_TYPE_SECONDS     ? "seconds"
	       : number == IKE_LIFE_TYPE_KILOBYTES ? "kilobytes"
						   : NULL;
}

static naming *names_of_attribute(uint16_t type)
{
	switch (type) {
	case IKE_ATTRIBUTE_ENCRYPTION:
		return ike_encryption_name;
	case IKE_ATTRIBUTE_HASH:
		return ike_hash_name;
	case IKE_ATTRIBUTE_AUTHENTICATION:
		return ike_authentication_name;
	case IKE_ATTRIBUTE_GROUP:
		return ike_group_name;
	case IKE_ATTRIBUTE_LIFE_TYPE:
		return life_type_name;
	default:
		return NULL;
	}
}

static naming *names_of_ipsec_attribute(uint16_t type)
{
	switch (type) {
	case IKE_IPSEC_ATTRIBUTE_LIFE_TYPE:
		return life_type_name;
	case IKE_IPSEC_ATTRIBUTE_GROUP:
		return ike_group_name;
	case IKE_IPSEC_ATTRIBUTE_ENCAPSULATION:
		return ike_encapsulation_name;
	case IKE_IPSEC_ATTRIBUTE_AUTHENTICATION:
		return ike_esp_authentication_name;
	default:
		return NULL;
	}
}

static const char *attribute_name(const struct branch *branch, uint16_t type)
{
	if (branch->esp)
		return ike_ipsec_attribute_name(type);
	return branch->phase_1 ? ike_attribute_name(type) : NULL;
}

static void show_attributes(struct branch *branch)
{
	struct ike_attribute_value attribute;

	while (!branch->reader.failed && branch->reader.left > 0 && !branch->out->cut) {
		naming *names;
		const char *meaning;
		char name[32];
		struct text name_text;

		if (!ike_attribute_read(&branch->reader, &attribute)) {
			show_rest(branch, "octets");
			return;
		}
		text_to(&name_text, name, sizeof(name));
		text_add_name(&name_text, attribute_name(branch, attribute.type), "attribute#",
			      attribute.type);
		if (attribute.octets.length > sizeof(attribute.number)) {
			add_octets(branch, name, attribute.octets);
			continue;
		}
		add_start(branch, name);
		text_add_hex(branch->out, attribute.octets);
		text_add(branch->out, "  %u", attribute.number);
		names = branch->esp       ? names_of_ipsec_attribute(attribute.type)
			: branch->phase_1 ? names_of_attribute(attribute.type)
					  : NULL;
		meaning = names == NULL ? NULL : names(attribute.number);
		if (meaning != NULL)
			text_add(branch->out, " %s", meaning);
		text_add(branch->out, "\n");
	}
}

static void show_transform(struct branch *branch)
{
	(void)show_number(branch, "number", 1, NULL);
	(void)show_number(branch, "transform ID", 1, branch->esp ? ike_esp_transform_name : NULL);
	(void)show_number(branch, "RESERVED2", 2, NULL);
	show_attributes(branch);
}

/* The payloads inside a payload, one after the other; `type` is the first one's. */
static void show_inner(struct branch *branch, uint8_t type, showing *show)
{
	while (type != IKE_PAYLOAD_NONE && !branch->reader.failed && !branch->out->cut) {
		uint8_t this_type = type;
		struct ike_payload payload;
		struct branch inner;

		if (ike_payload_read(&branch->reader, type, &payload, &type) != IKE_ACCEPTED) {
			show_rest(branch, "octets");
			return;
		}
		show_title(branch, this_type, payload.whole);
		inner = branch_of(branch, payload.body);
		show(&inner);
	}
	if (branch->reader.left > 0)
		show_rest(branch, "after it");
}

static void show_proposal(struct branch *branch)
{
	uint32_t protocol, spi_length, transforms;

	(void)show_number(branch, "number", 1, NULL);
	protocol = show_number(branch, "protocol", 1, ike_protocol_name);
	branch->phase_1 = branch->phase_1 && protocol == IKE_PROTOCOL_ISAKMP;
	branch->esp = protocol == IKE_PROTOCOL_ESP;
	spi_length = show_number(branch, "SPI size", 1, NULL);
	transforms = show_number(branch, "transforms", 1, NULL);
	show_octets(branch, "SPI", spi_length);
	if (transforms > 0)
		show_inner(branch, IKE_PAYLOAD_TRANSFORM, show_transform);
}

static void show_sa(struct branch *branch)
{
	struct octets body = octets_of(branch->reader.at, branch->reader.left);
	struct ike_offer offers[IKE_OFFERS_MAX];
	size_t count;

	(void)show_number(branch, "DOI", 4, NULL);
	(void)show_number(branch, "situation", 4, NULL);
	show_inner(branch, IKE_PAYLOAD_PROPOSAL, show_proposal);
	if (branch->phase_1)
		show_fault(branch, ike_offers_parse(body, offers, IKE_OFFERS_MAX, &count));
}

/* ---- the others ---------------------------------------------------------------------------------------------------- */

static void show_id(struct branch *branch)
{
	struct octets body = octets_of(branch->reader.at, branch->reader.left);
	struct ike_identity identity;
	char text[IKE_EVENT_TEXT];
	enum ike_verdict verdict;

	(void)show_number(branch, "type", 1, ike_id_name);
	(void)show_number(branch, "protocol", 1, NULL);
	(void)show_number(branch, "port", 2, NULL);
	show_rest(branch, "data");
	if (!branch->phase_1)
		return;
	verdict = ike_identity_parse(body, &identity);
	show_fault(branch, verdict);
	if (verdict != IKE_ACCEPTED)
		return;
	(void)ike_identity_text(&identity, text, sizeof(text));
	add_start(branch, "identity");
	text_add(branch->out, "%s\n", text);
}

static void show_notify(struct branch *branch)
{
	struct octets body = octets_of(branch->reader.at, branch->reader.left);
	struct ike_notify notify;
	uint32_t spi_length, type;

	(void)show_number(branch, "DOI", 4, NULL);
	(void)show_number(branch, "protocol", 1, ike_protocol_name);
	spi_length = show_number(branch, "SPI size", 1, NULL);
	type = show_number(branch, "type", 2, ike_notify_name);
	show_octets(branch, "SPI", spi_length);
	if ((type == IKE_NOTIFY_R_U_THERE || type == IKE_NOTIFY_R_U_THERE_ACK) &&
	    branch->reader.left == 4)
		(void)show_number(branch, "sequence number", 4, NULL);
	else
		show_rest(branch, "data");
	show_fault(branch, ike_notify_parse(body, &notify));
}

static void show_delete(struct branch *branch)
{
	struct octets body = octets_of(branch->reader.at, branch->reader.left);
	struct ike_delete delete;
	uint32_t spi_length;

	(void)show_number(branch, "DOI", 4, NULL);
	(void)show_number(branch, "protocol", 1, ike_protocol_name);
	spi_length = show_number(branch, "SPI size", 1, NULL);
	(void)show_number(branch, "SPIs", 2, NULL);
	while (spi_length > 0 && branch->reader.left >= spi_length && !branch->out->cut)
		show_octets(branch, "SPI", spi_length);
	show_rest(branch, "after them");
	show_fault(branch, ike_delete_parse(body, &delete));
}

static void show_vendor_id(struct branch *branch)
{
	struct octets body = octets_of(branch->reader.at, branch->reader.left);
	const char *name = ike_vendor_id_name(body);

	show_rest(branch, "data");
	if (name == NULL)
		return;
	add_start(branch, "known as");
	text_add(branch->out, "%s\n", name);
}

static void show_certificate(struct branch *branch)
{
	(void)show_number(branch, "encoding", 1, NULL);
	show_rest(branch, "data");
}

static void show_data(struct branch *branch)
{
	show_rest(branch, "data");
}

static const struct {
	uint8_t type;
	showing *show;
} shown_as[] = {
    {IKE_PAYLOAD_SA, show_sa},
    {IKE_PAYLOAD_ID, show_id},
    {IKE_PAYLOAD_NOTIFY, show_notify},
    {IKE_PAYLOAD_DELETE, show_delete},
    {IKE_PAYLOAD_VENDOR_ID, show_vendor_id},
    {IKE_PAYLOAD_CERT, show_certificate},
    {IKE_PAYLOAD_CR, show_certificate},
};

static void show_payload(const struct branch *root, const struct ike_payload *payload)
{
	struct branch branch = branch_of(root, payload->body);
	showing *show = show_data;

	for (size_t i = 0; i < sizeof(shown_as) / sizeof(shown_as[0]); i++)
		if (shown_as[i].type == payload->type)
			show = shown_as[i].show;
	show_title(root, payload->type, payload->whole);
	show(&branch);
}

static const char *version_name(unsigned number)
{
	return number == 0x10 ? "(1.0)" : number == 0x20 ? "(2.0)" : NULL;
}

static const char *flags_name(unsigned number)
{
	static const char *const names[8] = {
	    "",          "encryption",           "commit",           "encryption commit",
	    "auth-only", "encryption auth-only", "commit auth-only", "encryption commit auth-only",
	};

	return number > 0 && number < 8 ? names[number] : NULL;
}

static void show_header(const struct branch *root, const struct ike_header *header)
{
	uint8_t octets[IKE_HEADER_LENGTH];
	struct wire_writer writer;
	struct branch branch;

	wire_write_to(&writer, octets, sizeof(octets));
	ike_header_write(&writer, header);
	text_add(root->out, "HDR, %u octets\n", IKE_HEADER_LENGTH);
	branch = branch_of(root, wire_written(&writer));
	show_octets(&branch, "initiator cookie", IKE_COOKIE_LENGTH);
	show_octets(&branch, "responder cookie", IKE_COOKIE_LENGTH);
	(void)show_number(&branch, "next payload", 1, ike_payload_name);
	(void)show_number(&branch, "version", 1, version_name);
	(void)show_number(&branch, "exchange", 1, ike_exchange_name);
	(void)show_number(&branch, "flags", 1, flags_name);
	(void)show_number(&branch, "message ID", 4, NULL);
	(void)show_number(&branch, "length", 4, NULL);
}

size_t ike_describe_tree(const struct ike_message *message, char *text, size_t length)
{
	struct text out;
	const struct branch root = {
	    .out = &out,
	    .phase_1 = ike_exchange_is_phase_1(message->header.exchange),
	};

	text_to(&out, text, length);
	show_header(&root, &message->header);
	for (size_t i = 0; i < message->payloads; i++)
		show_payload(&root, &message->payload[i]);
	return out.length;
}
