/* SPDX-License-Identifier: ISC */
/* What every payload but SA is made of, field by field. */
#include <string.h>

#include "ike/exchange.h"
#include "ike/fragment.h"
#include "ike/identity.h"
#include "ike/notify.h"
#include "ike/selector.h"
#include "ike/vendor_id.h"
#include "interop/decode/field_cursor.h"

#define NONCE_LEAST 8 /* RFC 2409 section 5 */
#define NONCE_MOST  256

const char *field_doi_name(unsigned number)
{
	return number == IKE_DOI_IPSEC ? "IPSEC" : number == IKE_DOI_ISAKMP ? "ISAKMP" : NULL;
}

static bool is_phase_1(const struct field_cursor *cursor)
{
	return ike_exchange_is_phase_1(cursor->builder->header.exchange);
}

/* ---- ID ------------------------------------------------------------------------------------------------------------ */

static const char *ip_protocol_name(unsigned number)
{
	return number == 0    ? "any"
	       : number == 1  ? "ICMP"
	       : number == 6  ? "TCP"
	       : number == 17 ? "UDP"
			      : NULL;
}

static void read_id(struct field_cursor *cursor)
{
	struct octets body = field_left(cursor), data;
	enum ike_verdict verdict = IKE_ACCEPTED;
	struct ike_selector selector;
	struct ike_identity identity;
	char text[FIELD_VALUE] = "";

	(void)field_number(cursor, "ID type", 1, ike_id_name, NULL);
	(void)field_number(cursor, "protocol ID", 1, ip_protocol_name, NULL);
	(void)field_number(cursor, "port", 2, NULL, NULL);
	data = field_rest(cursor, "identification data");
	if (is_phase_1(cursor)) {
		verdict = ike_identity_parse(body, &identity);
		if (verdict == IKE_ACCEPTED)
			(void)ike_identity_text(&identity, text, sizeof(text));
	} else if (cursor->builder->header.exchange == IKE_EXCHANGE_QUICK_MODE) {
		verdict = selector_parse(body, &selector);
		if (verdict == IKE_ACCEPTED)
			(void)ike_selector_text(&selector, text, sizeof(text));
	}
	field_verdict(cursor, data, verdict);
	if (text[0] != '\0')
		field_remark(cursor, data, "identity", text);
}

/* ---- N and D ------------------------------------------------------------------------------------------------------- */

static bool about_keepalive(uint32_t type)
{
	return type == IKE_NOTIFY_R_U_THERE || type == IKE_NOTIFY_R_U_THERE_ACK;
}

static bool cookies_are(const struct field_cursor *cursor, struct octets spi)
{
	const struct ike_header *header = &cursor->builder->header;

	return spi.length == 2 * (size_t)IKE_COOKIE_LENGTH &&
	       memcmp(spi.data, header->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(spi.data + IKE_COOKIE_LENGTH, header->cky_r, IKE_COOKIE_LENGTH) == 0;
}

static void read_notify_data(struct field_cursor *cursor, uint32_t type, bool isakmp)
{
	if (about_keepalive(type) && cursor->reader.left == 4) {
		(void)field_number(cursor, "sequence number", 4, NULL, NULL);
	} else if (about_keepalive(type)) {
		struct octets data = field_left(cursor);

		(void)field_rest(cursor, "notification data");
		field_verdict(cursor, data, IKE_KEEPALIVE_MALFORMED);
	} else if (type == IKE_NOTIFY_RESPONDER_LIFETIME) {
		field_attributes(cursor,
				 isakmp ? FIELD_ATTRIBUTES_PHASE_1 : FIELD_ATTRIBUTES_IPSEC);
	} else {
		(void)field_rest(cursor, "notification data");
	}
}

static void read_notify(struct field_cursor *cursor)
{
	struct octets body = field_left(cursor), spi;
	uint32_t protocol, spi_length, type;
	struct ike_notify notify;
	struct field *field;

	(void)field_number(cursor, "DOI", 4, field_doi_name, NULL);
	protocol = field_number(cursor, "protocol ID", 1, ike_protocol_name, NULL);
	spi_length = field_number(cursor, "SPI size", 1, NULL, &field);
	if (spi_length > 2 * IKE_COOKIE_LENGTH)
		field_wrong(field, "more than 16");
	type = field_number(cursor, "notify message type", 2, ike_notify_name, NULL);
	spi = field_octets(cursor, "SPI", spi_length);
	if (spi.length > 0 && cookies_are(cursor, spi))
		field_say(field_last(cursor), " (this SA's cookies)");
	else if (spi.length > 0 && about_keepalive(type))
		field_wrong(field_last(cursor), "not the cookies of this SA");
	if (!cursor->reader.failed)
		read_notify_data(cursor, type, protocol == IKE_PROTOCOL_ISAKMP);
	field_verdict(cursor, body, ike_notify_parse(body, &notify));
}

static void read_delete(struct field_cursor *cursor)
{
	struct octets body = field_left(cursor);
	struct ike_delete delete;
	uint32_t spi_length, count;

	(void)field_number(cursor, "DOI", 4, field_doi_name, NULL);
	(void)field_number(cursor, "protocol ID", 1, ike_protocol_name, NULL);
	spi_length = field_number(cursor, "SPI size", 1, NULL, NULL);
	count = field_number(cursor, "number of SPIs", 2, NULL, NULL);
	while (spi_length > 0 && count > 0 && cursor->reader.left > 0 && !cursor->reader.failed &&
	       !cursor->builder->full) {
		struct octets spi = field_octets(cursor, "SPI", spi_length);

		if (cookies_are(cursor, spi))
			field_say(field_last(cursor), " (this SA's cookies)");
		count--;
	}
	field_nonsense(cursor, "behind the last SPI");
	field_verdict(cursor, body, ike_delete_parse(body, &delete));
}

/* ---- the others ---------------------------------------------------------------------------------------------------- */

static const char *certificate_name(unsigned number)
{
	static const char *const names[] = {
	    NULL,       "PKCS #7", "PGP", "DNS key", "X.509 signature", "X.509 key exchange",
	    "Kerberos", "CRL",     "ARL", "SPKI",    "X.509 attribute",
	};

	return number < sizeof(names) / sizeof(names[0]) ? names[number] : NULL;
}

static void read_certificate(struct field_cursor *cursor)
{
	(void)field_number(cursor, "encoding", 1, certificate_name, NULL);
	(void)field_rest(cursor, "certificate");
}

static void read_certificate_request(struct field_cursor *cursor)
{
	(void)field_number(cursor, "encoding", 1, certificate_name, NULL);
	if (cursor->reader.left > 0)
		(void)field_rest(cursor, "certificate authority");
	else
		field_remark(cursor, field_left(cursor), "certificate authority", "any");
}

static void read_nonce(struct field_cursor *cursor)
{
	struct octets body = field_rest(cursor, "nonce data");

	if (body.length < NONCE_LEAST || body.length > NONCE_MOST)
		field_verdict(cursor, body, IKE_BAD_NONCE);
}

static void read_vendor_id(struct field_cursor *cursor)
{
	struct octets body = field_rest(cursor, "vendor ID");
	const char *name = ike_vendor_id_name(body);

	if (name != NULL)
		field_remark(cursor, body, "known as", name);
}

static const char *config_type_name(unsigned number)
{
	static const char *const names[] = {NULL, "ISAKMP_CFG_REQUEST", "ISAKMP_CFG_REPLY",
					    "ISAKMP_CFG_SET", "ISAKMP_CFG_ACK"};

	return number < sizeof(names) / sizeof(names[0]) ? names[number] : NULL;
}

static void read_config(struct field_cursor *cursor)
{
	struct field *field;

	(void)field_number(cursor, "type", 1, config_type_name, NULL);
	if (field_number(cursor, "RESERVED", 1, NULL, &field) != 0)
		field_wrong(field, "must be zero");
	(void)field_number(cursor, "identifier", 2, NULL, NULL);
	field_attributes(cursor, FIELD_ATTRIBUTES_CONFIG);
}

static void read_nat_d(struct field_cursor *cursor)
{
	struct octets body = field_rest(cursor, "hash of address and port");

	/* the hashes that are negotiated have 16 to 64 octets */
	if (body.length < 16 || body.length > HASH_MAX_LENGTH)
		field_verdict(cursor, body, IKE_BAD_NAT_D);
}

static void read_nat_oa(struct field_cursor *cursor)
{
	struct octets octets;
	uint32_t type = field_number(cursor, "ID type", 1, ike_id_name, NULL);

	(void)field_octets(cursor, "RESERVED", 3);
	octets = field_rest(cursor, "address");
	if (type == IKE_ID_IPV4 && octets.length == 4)
		field_say(field_last(cursor), " (%u.%u.%u.%u)", octets.data[0], octets.data[1],
			  octets.data[2], octets.data[3]);
}

static void read_fragment(struct field_cursor *cursor)
{
	struct octets body = field_left(cursor);
	struct fragment fragment;

	(void)field_number(cursor, "fragment ID", 2, NULL, NULL);
	(void)field_number(cursor, "fragment number", 1, NULL, NULL);
	(void)field_number(cursor, "flags, 1 on the last", 1, NULL, NULL);
	(void)field_rest(cursor, "fragment data");
	field_verdict(cursor, body, fragment_parse(body, &fragment));
}

static void read_key_exchange(struct field_cursor *cursor)
{
	(void)field_rest(cursor, "public value");
}

static void read_hash(struct field_cursor *cursor)
{
	(void)field_rest(cursor, "hash data");
}

static void read_signature(struct field_cursor *cursor)
{
	(void)field_rest(cursor, "signature data");
}

/* ---- which is which ------------------------------------------------------------------------------------------------ */

static const struct {
	uint8_t type;
	const char *section;
	void (*read)(struct field_cursor *cursor);
} payloads[] = {
    {IKE_PAYLOAD_SA, "RFC 2408 section 3.4", field_sa},
    {IKE_PAYLOAD_PROPOSAL, "RFC 2408 section 3.5", NULL},
    {IKE_PAYLOAD_TRANSFORM, "RFC 2408 section 3.6", NULL},
    {IKE_PAYLOAD_KE, "RFC 2408 section 3.7", read_key_exchange},
    {IKE_PAYLOAD_ID, "RFC 2407 section 4.6.2", read_id},
    {IKE_PAYLOAD_CERT, "RFC 2408 section 3.9", read_certificate},
    {IKE_PAYLOAD_CR, "RFC 2408 section 3.10", read_certificate_request},
    {IKE_PAYLOAD_HASH, "RFC 2408 section 3.11", read_hash},
    {IKE_PAYLOAD_SIG, "RFC 2408 section 3.12", read_signature},
    {IKE_PAYLOAD_NONCE, "RFC 2408 section 3.13", read_nonce},
    {IKE_PAYLOAD_NOTIFY, "RFC 2408 section 3.14", read_notify},
    {IKE_PAYLOAD_DELETE, "RFC 2408 section 3.15", read_delete},
    {IKE_PAYLOAD_VENDOR_ID, "RFC 2408 section 3.16", read_vendor_id},
    {IKE_PAYLOAD_ATTRIBUTES, "draft-ietf-ipsec-isakmp-mode-cfg", read_config},
    {IKE_PAYLOAD_NAT_D, "RFC 3947 section 3.2", read_nat_d},
    {IKE_PAYLOAD_NAT_OA, "RFC 3947 section 5.2", read_nat_oa},
    {IKE_PAYLOAD_NAT_D_DRAFT, "draft-ietf-ipsec-nat-t-ike", read_nat_d},
    {IKE_PAYLOAD_NAT_OA_DRAFT, "draft-ietf-ipsec-nat-t-ike", read_nat_oa},
    {IKE_PAYLOAD_FRAGMENT, "vendor extension", read_fragment},
};

#define PAYLOADS (sizeof(payloads) / sizeof(payloads[0]))

/* RFC 3706 section 5.3 has the form of a keepalive, RFC 2407 section 4.6.3 the other status types: the notification's own section
 * stays that of the payload, where the offsets are. */
const char *field_payload_section(uint8_t type)
{
	for (size_t i = 0; i < PAYLOADS; i++)
		if (payloads[i].type == type)
			return payloads[i].section;
	return "RFC 2408 section 3.1";
}

void field_payload(struct field_cursor *cursor, uint8_t type)
{
	for (size_t i = 0; i < PAYLOADS; i++) {
		if (payloads[i].type != type || payloads[i].read == NULL)
			continue;
		payloads[i].read(cursor);
		return;
	}
	(void)field_rest(cursor, "data");
}
