/* SPDX-License-Identifier: ISC */
/* The SA payload of either phase and what is in it, field by field; and attributes, which are elsewhere as well. */
#include "ike/attribute.h"
#include "ike/exchange.h"
#include "ike/ipsec_proposal.h"
#include "ike/proposal.h"
#include "interop/decode/field_cursor.h"

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

static const char *life_type_name(unsigned number)
{
	return number == IKE_LIFE_TYPE_SECONDS     ? "seconds"
	       : number == IKE_LIFE_TYPE_KILOBYTES ? "kilobytes"
						   : NULL;
}

static const char *config_name(unsigned number)
{
	static const char *const mode_config[] = {
	    NULL,
	    "INTERNAL_IP4_ADDRESS",
	    "INTERNAL_IP4_NETMASK",
	    "INTERNAL_IP4_DNS",
	    "INTERNAL_IP4_NBNS",
	    "INTERNAL_ADDRESS_EXPIRY",
	    "INTERNAL_IP4_DHCP",
	    "APPLICATION_VERSION",
	    "INTERNAL_IP6_ADDRESS",
	    "INTERNAL_IP6_NETMASK",
	    "INTERNAL_IP6_DNS",
	    "INTERNAL_IP6_NBNS",
	    "INTERNAL_IP6_DHCP",
	    "INTERNAL_IP4_SUBNET",
	    "SUPPORTED_ATTRIBUTES",
	    "INTERNAL_IP6_SUBNET",
	};
	static const char *const xauth[] = {
	    "XAUTH-TYPE",     "XAUTH-USER-NAME", "XAUTH-USER-PASSWORD", "XAUTH-PASSCODE",
	    "XAUTH-MESSAGE",  "XAUTH-CHALLENGE", "XAUTH-DOMAIN",        "XAUTH-STATUS",
	    "XAUTH-NEXT-PIN", "XAUTH-ANSWER",
	};
	const unsigned first = 16520;

	if (number < sizeof(mode_config) / sizeof(mode_config[0]))
		return mode_config[number];
	if (number >= first && number - first < sizeof(xauth) / sizeof(xauth[0]))
		return xauth[number - first];
	return NULL;
}

static const char *name_of(enum field_attributes kind, unsigned type)
{
	switch (kind) {
	case FIELD_ATTRIBUTES_PHASE_1:
		return ike_attribute_name(type);
	case FIELD_ATTRIBUTES_IPSEC:
		return ike_ipsec_attribute_name(type);
	case FIELD_ATTRIBUTES_CONFIG:
		return config_name(type);
	default:
		return NULL;
	}
}

static field_naming *values_of_phase_1(unsigned type)
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

static field_naming *values_of_ipsec(unsigned type)
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

/* Names, passwords and messages of Mode-Config and XAUTH are text; the rest of what is long is octets. */
static bool is_text(unsigned type)
{
	return type == 7 || (type > 16520 && type != 16527 && type <= 16529);
}

static void say_value(struct field *field, enum field_attributes kind,
		      const struct ike_attribute_value *attribute)
{
	field_naming *names = kind == FIELD_ATTRIBUTES_PHASE_1 ? values_of_phase_1(attribute->type)
			      : kind == FIELD_ATTRIBUTES_IPSEC ? values_of_ipsec(attribute->type)
							       : NULL;
	const char *meaning = names == NULL ? NULL : names(attribute->number);

	if (meaning != NULL)
		field_say(field, "%s (%u)", meaning, attribute->number);
	else if (kind == FIELD_ATTRIBUTES_CONFIG && is_text(attribute->type))
		field_quote(field, attribute->octets);
	else if (kind == FIELD_ATTRIBUTES_CONFIG && attribute->octets.length == 4)
		field_say(field, "%u.%u.%u.%u", attribute->octets.data[0],
			  attribute->octets.data[1], attribute->octets.data[2],
			  attribute->octets.data[3]);
	else if (attribute->basic ||
		 (attribute->octets.length > 0 && attribute->octets.length <= 4))
		field_say(field, "%u", attribute->number);
	else if (attribute->octets.length == 0)
		field_say(field, "empty");
	else
		for (size_t i = 0; i < attribute->octets.length && i < FIELD_VALUE / 2; i++)
			field_say(field, "%02x", attribute->octets.data[i]);
}

void field_attributes(struct field_cursor *cursor, enum field_attributes kind)
{
	struct ike_attribute_value attribute;

	while (!cursor->reader.failed && cursor->reader.left > 0 && !cursor->builder->full) {
		struct octets all = octets_of(cursor->reader.at, cursor->reader.left);
		struct field *field;
		const char *name;

		if (!ike_attribute_read(&cursor->reader, &attribute)) {
			field_nonsense(cursor,
				       "an attribute that is longer than what it stands in");
			return;
		}
		all.length -= cursor->reader.left;
		name = name_of(kind, attribute.type);
		field = field_add(cursor, name != NULL ? name : "attribute", "", all);
		if (name == NULL)
			field_say(field, "type %u, ", attribute.type);
		say_value(field, kind, &attribute);
	}
}

/* ---- proposals and transforms -------------------------------------------------------------------------------------- */

static const char *transform_id_name(unsigned number)
{
	return number == IKE_TRANSFORM_KEY_IKE ? "KEY_IKE" : NULL;
}

static void read_transform(struct field_cursor *cursor, uint32_t protocol)
{
	struct field *field;

	(void)field_number(cursor, "transform number", 1, NULL, NULL);
	(void)field_number(cursor, "transform ID", 1,
			   protocol == IKE_PROTOCOL_ISAKMP ? transform_id_name
			   : protocol == IKE_PROTOCOL_ESP  ? ike_esp_transform_name
							   : NULL,
			   NULL);
	if (field_number(cursor, "RESERVED2", 2, NULL, &field) != 0)
		field_wrong(field, "must be zero");
	field_attributes(cursor, protocol == IKE_PROTOCOL_ISAKMP ? FIELD_ATTRIBUTES_PHASE_1
				 : protocol == IKE_PROTOCOL_ESP || protocol == IKE_PROTOCOL_AH ||
					 protocol == IKE_PROTOCOL_IPCOMP
				     ? FIELD_ATTRIBUTES_IPSEC
				     : FIELD_ATTRIBUTES_UNKNOWN);
}

static void read_proposal(struct field_cursor *cursor);

/* Payloads of one type, one after the other: proposals, or a proposal's transforms.  Returns how many. */
static uint32_t read_inner(struct field_cursor *cursor, uint8_t type, uint32_t protocol)
{
	uint8_t next = type;
	uint32_t count = 0;

	for (; next == type && !cursor->reader.failed && !cursor->builder->full; count++) {
		struct octets all = octets_of(cursor->reader.at, cursor->reader.left), body;
		struct field *own =
		    field_add(cursor, ike_payload_name(type), field_payload_section(type), all);
		size_t index = cursor->builder->list->fields - 1;
		struct field_cursor inside = field_inside(cursor, all), content;

		if (own == &cursor->builder->scratch || !field_generic(&inside, &next, &body)) {
			cursor->reader.failed = true;
			return count;
		}
		all.length -= inside.reader.left;
		(void)wire_read_octets(&cursor->reader, all.length);
		cursor->builder->list->field[index].length = all.length;
		field_say(&cursor->builder->list->field[index], "%zu octets", all.length);
		content = field_inside(cursor, body);
		if (type == IKE_PAYLOAD_PROPOSAL)
			read_proposal(&content);
		else
			read_transform(&content, protocol);
	}
	if (next != IKE_PAYLOAD_NONE && !cursor->reader.failed)
		field_nonsense(cursor, "a payload that does not belong here");
	else
		field_nonsense(cursor, "behind the last one");
	return count;
}

static void read_proposal(struct field_cursor *cursor)
{
	uint32_t protocol, spi_length, transforms, found;
	size_t at;

	(void)field_number(cursor, "proposal number", 1, NULL, NULL);
	protocol = field_number(cursor, "protocol", 1, ike_protocol_name, NULL);
	spi_length = field_number(cursor, "SPI size", 1, NULL, NULL);
	transforms = field_number(cursor, "number of transforms", 1, NULL, NULL);
	at = cursor->builder->list->fields - 1;
	(void)field_octets(cursor, "SPI", spi_length);
	if (cursor->reader.failed)
		return;
	found = read_inner(cursor, IKE_PAYLOAD_TRANSFORM, protocol);
	if (found != transforms && !cursor->reader.failed && !cursor->builder->failed &&
	    !cursor->builder->full)
		field_wrong(&cursor->builder->list->field[at], "%u are there", found);
}

static enum ike_verdict verdict_on(const struct field_cursor *cursor, struct octets body)
{
	struct ipsec_offer ipsec_offers[IPSEC_OFFERS_MAX];
	struct ike_offer offers[IKE_OFFERS_MAX];
	size_t count;

	if (cursor->builder->header.exchange == IKE_EXCHANGE_QUICK_MODE)
		return ipsec_offers_parse(body, ipsec_offers, IPSEC_OFFERS_MAX, &count);
	if (ike_exchange_is_phase_1(cursor->builder->header.exchange))
		return ike_offers_parse(body, offers, IKE_OFFERS_MAX, &count);
	return IKE_ACCEPTED;
}

static const char *situation_name(unsigned number)
{
	return number == IKE_SIT_IDENTITY_ONLY ? "SIT_IDENTITY_ONLY" : NULL;
}

void field_sa(struct field_cursor *cursor)
{
	struct octets body = octets_of(cursor->reader.at, cursor->reader.left);
	struct field *field;

	if (field_number(cursor, "DOI", 4, field_doi_name, &field) != IKE_DOI_IPSEC)
		field_wrong(field, "not IPSEC (1)");
	if (field_number(cursor, "situation", 4, situation_name, &field) != IKE_SIT_IDENTITY_ONLY)
		field_wrong(field, "not SIT_IDENTITY_ONLY (1)");
	if (!cursor->reader.failed)
		(void)read_inner(cursor, IKE_PAYLOAD_PROPOSAL, 0);
	field_verdict(cursor, body, verdict_on(cursor, body));
}
