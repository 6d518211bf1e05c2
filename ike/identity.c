/* SPDX-License-Identifier: ISC */
#include "ike/identity.h"

#include <string.h>

#include "crypto/distinguished_name.h"
#include "ike/address.h"
#include "ike/text.h"

#define PROTOCOL_UDP 17

/* What the data of an identity is, by type; what is not in the table identifies nobody in Phase 1. */
enum form { FORM_ADDRESS, FORM_NAME, FORM_OCTETS };

struct id_rule {
	uint8_t type;
	enum form form;
	uint16_t least, most; /* octets of data */
	uint8_t family;       /* FORM_ADDRESS */
};

static const struct id_rule id_rules[] = {
    {IKE_ID_IPV4, FORM_ADDRESS, 4, 4, IKE_FAMILY_IPV4},
    {IKE_ID_IPV6, FORM_ADDRESS, 16, 16, IKE_FAMILY_IPV6},
    {IKE_ID_FQDN, FORM_NAME, 1, IKE_IDENTITY_MAX, 0},
    {IKE_ID_USER_FQDN, FORM_NAME, 1, IKE_IDENTITY_MAX, 0},
    {IKE_ID_DER_DN, FORM_OCTETS, 1, IKE_IDENTITY_MAX, 0},
    {IKE_ID_DER_GN, FORM_OCTETS, 1, IKE_IDENTITY_MAX, 0},
    {IKE_ID_KEY_ID, FORM_OCTETS, 1, IKE_IDENTITY_MAX, 0},
};

#define ID_RULES (sizeof(id_rules) / sizeof(id_rules[0]))

static const struct id_rule *rule_of(uint8_t type)
{
	for (size_t i = 0; i < ID_RULES; i++)
		if (id_rules[i].type == type)
			return &id_rules[i];
	return NULL;
}

static bool fits(const struct id_rule *rule, struct octets data)
{
	if (data.length < rule->least || data.length > rule->most)
		return false;
	/* "gw.example" and "gw.example\0.evil" must never look the same to anybody */
	return rule->form != FORM_NAME || memchr(data.data, 0, data.length) == NULL;
}

static void set(struct ike_identity *identity, uint8_t type, struct octets data)
{
	memset(identity, 0, sizeof(*identity));
	identity->type = type;
	identity->length = (uint16_t)data.length;
	memcpy(identity->data, data.data, data.length);
}

static bool set_if_fits(struct ike_identity *identity, uint8_t type, struct octets data)
{
	const struct id_rule *rule = rule_of(type);

	if (rule == NULL || !fits(rule, data))
		return false;
	set(identity, type, data);
	return true;
}

enum ike_verdict ike_identity_parse(struct octets body, struct ike_identity *identity)
{
	struct wire_reader reader;
	uint8_t type, protocol;
	uint16_t port;

	wire_read_from(&reader, body);
	type = wire_read_u8(&reader);
	protocol = wire_read_u8(&reader);
	port = wire_read_u16(&reader);
	if (reader.failed)
		return IKE_PAYLOAD_TOO_SHORT;
	if (!(protocol == 0 && port == 0) && !(protocol == PROTOCOL_UDP && port == IKE_PORT))
		return IKE_BAD_IDENTITY;
	if (!set_if_fits(identity, type, wire_read_rest(&reader)))
		return IKE_BAD_IDENTITY;
	return IKE_ACCEPTED;
}

void ike_identity_write(struct wire_writer *writer, const struct ike_identity *identity)
{
	wire_write_u8(writer, identity->type);
	wire_write_u8(writer, 0); /* protocol and port: not said */
	wire_write_u16(writer, 0);
	wire_write_octets(writer, octets_of(identity->data, identity->length));
}

bool ike_identity_equal(const struct ike_identity *a, const struct ike_identity *b)
{
	return a->type == b->type && a->length == b->length &&
	       memcmp(a->data, b->data, a->length) == 0;
}

bool ike_identity_same(const struct ike_identity *a, const struct ike_identity *b)
{
	if (a->type == IKE_ID_DER_DN && b->type == IKE_ID_DER_DN)
		return distinguished_name_equal(octets_of(a->data, a->length),
						octets_of(b->data, b->length));
	return ike_identity_equal(a, b);
}

bool ike_identity_of_name(struct octets der, struct ike_identity *identity)
{
	return set_if_fits(identity, IKE_ID_DER_DN, der);
}

void ike_identity_of_address(const struct ike_address *address, struct ike_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	for (size_t i = 0; i < ID_RULES; i++)
		if (id_rules[i].form == FORM_ADDRESS && id_rules[i].family == address->family)
			set(identity, id_rules[i].type,
			    octets_of(address->octets, id_rules[i].least));
}

/* ---- from text ----------------------------------------------------------------------------------------------------- */

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
	    c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* "6c6162" after the 0x. */
static bool octets_from_hex(const char *text, uint8_t *octets, size_t room, size_t *length)
{
	size_t digits = strlen(text);

	if (digits == 0 || digits % 2 != 0 || digits / 2 > room)
		return false;
	for (size_t i = 0; i < digits; i += 2) {
		int high = digit_of(text[i]), low = digit_of(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		octets[i / 2] = (uint8_t)(high << 4 | low);
	}
	*length = digits / 2;
	return true;
}

/* Spaces and control characters in a name are slips of the pen. */
static bool is_name(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool data_from_text(const struct id_rule *rule, const char *text,
			   struct ike_identity *identity)
{
	uint8_t octets[IKE_IDENTITY_MAX];
	struct ike_address address;
	size_t length;

	if (rule->form == FORM_ADDRESS) {
		if (!ike_address_from_text(text, &address) || address.port != 0 ||
		    address.family != rule->family)
			return false;
		ike_identity_of_address(&address, identity);
		return true;
	}
	if (rule->form == FORM_OCTETS && strncmp(text, "0x", 2) == 0)
		return octets_from_hex(text + 2, octets, sizeof(octets), &length) &&
		       set_if_fits(identity, rule->type, octets_of(octets, length));
	if (rule->type == IKE_ID_DER_DN)
		return distinguished_name_from_text(text, octets, sizeof(octets), &length) &&
		       set_if_fits(identity, rule->type, octets_of(octets, length));
	/* other DER is never written by hand */
	if (rule->type == IKE_ID_DER_GN || !is_name(text))
		return false;
	return set_if_fits(identity, rule->type, octets_of(text, strlen(text)));
}

/* The rule whose name and a colon `text` begins with; `rest` is then what follows. */
static const struct id_rule *rule_of_prefix(const char *text, const char **rest)
{
	for (size_t i = 0; i < ID_RULES; i++) {
		const char *name = ike_id_name(id_rules[i].type);
		size_t length = strlen(name);

		if (strncmp(text, name, length) == 0 && text[length] == ':') {
			*rest = text + length + 1;
			return &id_rules[i];
		}
	}
	return NULL;
}

bool ike_identity_from_text(const char *text, struct ike_identity *identity)
{
	const struct id_rule *rule;
	struct ike_address address;
	const char *rest = text;

	rule = rule_of_prefix(text, &rest);
	if (rule != NULL)
		return data_from_text(rule, rest, identity);
	if (ike_address_from_text(text, &address)) {
		if (address.port != 0)
			return false;
		ike_identity_of_address(&address, identity);
		return true;
	}
	/* a colon without a prefix that we know is a misspelt prefix */
	if (strchr(text, ':') != NULL)
		return false;
	rule = rule_of(strchr(text, '@') != NULL ? IKE_ID_USER_FQDN : IKE_ID_FQDN);
	return data_from_text(rule, text, identity);
}

/* ---- to text ------------------------------------------------------------------------------------------------------- */

size_t ike_identity_text(const struct ike_identity *identity, char *text, size_t length)
{
	const struct id_rule *rule = rule_of(identity->type);
	const char *name = ike_id_name(identity->type);
	struct octets data = octets_of(identity->data, identity->length);
	struct ike_address address = {0};
	struct text out;
	char host[IKE_ADDRESS_TEXT], parts[IKE_EVENT_TEXT];

	text_to(&out, text, length);
	if (identity->type == 0) {
		text_add(&out, "none");
		return out.length;
	}
	if (name != NULL)
		text_add(&out, "%s:", name);
	else
		text_add(&out, "id-%u:", identity->type);
	if (rule != NULL && rule->form == FORM_ADDRESS && data.length == rule->least) {
		address.family = rule->family;
		memcpy(address.octets, data.data, data.length);
		(void)ike_address_text(&address, host, sizeof(host));
		text_add(&out, "%s", host);
	} else if (rule != NULL && rule->form == FORM_NAME) {
		text_add_escaped(&out, data);
	} else if (identity->type == IKE_ID_DER_DN &&
		   distinguished_name_text(data, parts, sizeof(parts)) > 0) {
		text_add(&out, "%s", parts);
	} else {
		text_add(&out, "0x");
		text_add_hex(&out, data);
	}
	return out.length;
}
