/* SPDX-License-Identifier: ISC */
#include "ike/describe.h"

#include "ike/exchange.h"
#include "ike/fragment.h"
#include "ike/identity.h"
#include "ike/ipsec_proposal.h"
#include "ike/notify.h"
#include "ike/proposal.h"
#include "ike/selector.h"
#include "ike/text.h"
#include "ike/vendor_id.h"

#define TRANSFORMS_SHOWN 3
#define VENDOR_ID_SHOWN  4  /* octets of one that has no name */
#define IDENTITY_SHOWN   80 /* characters */
#define SEQUENCE_LENGTH  4  /* octets of data in R-U-THERE (RFC 3706 section 5.3) */

/* Quick Mode: "esp aes128-sha1 tunnel, 3des-md5 tunnel spi=c0ffee01". */
static void add_ipsec_sa(struct text *out, struct octets body)
{
	struct ipsec_offer offers[IPSEC_OFFERS_MAX];
	char shown[256];
	size_t count;

	if (ipsec_offers_parse(body, offers, IPSEC_OFFERS_MAX, &count) != IKE_ACCEPTED) {
		text_add(out, "(malformed)");
		return;
	}
	(void)ipsec_offers_text(offers, count < TRANSFORMS_SHOWN ? count : TRANSFORMS_SHOWN, shown,
				sizeof(shown));
	/* there is at least one; of other protocols than ESP the SPI is not read */
	text_add(out, "(%s%s", offers[0].spi != 0 ? "esp " : "", shown);
	if (count > TRANSFORMS_SHOWN)
		text_add(out, ", +%zu", count - TRANSFORMS_SHOWN);
	if (offers[0].spi != 0)
		text_add(out, " spi=%08x", offers[0].spi);
	text_add(out, ")");
}

static void add_sa(struct text *out, const struct ike_message *message, struct octets body)
{
	struct ike_offer offers[IKE_OFFERS_MAX];
	char shown[256];
	size_t count;

	if (message->header.exchange == IKE_EXCHANGE_QUICK_MODE)
		add_ipsec_sa(out, body);
	if (!ike_exchange_is_phase_1(message->header.exchange))
		return;
	if (ike_offers_parse(body, offers, IKE_OFFERS_MAX, &count) != IKE_ACCEPTED) {
		text_add(out, "(malformed)");
		return;
	}
	(void)ike_offers_text(offers, count < TRANSFORMS_SHOWN ? count : TRANSFORMS_SHOWN, shown,
			      sizeof(shown));
	text_add(out, "(%s", shown);
	if (count > TRANSFORMS_SHOWN)
		text_add(out, ", +%zu", count - TRANSFORMS_SHOWN);
	text_add(out, ")");
}

static void add_selector(struct text *out, struct octets body)
{
	struct ike_selector selector;
	char shown[IKE_SELECTOR_TEXT];

	if (selector_parse(body, &selector) != IKE_ACCEPTED) {
		text_add(out, "(malformed)");
		return;
	}
	(void)ike_selector_text(&selector, shown, sizeof(shown));
	text_add(out, "(%s)", shown);
}

static void add_id(struct text *out, const struct ike_message *message, struct octets body)
{
	struct ike_identity identity;
	char shown[IDENTITY_SHOWN + 1];
	bool cut;

	if (message->header.exchange == IKE_EXCHANGE_QUICK_MODE)
		add_selector(out, body);
	if (!ike_exchange_is_phase_1(message->header.exchange))
		return;
	if (ike_identity_parse(body, &identity) != IKE_ACCEPTED) {
		text_add(out, "(malformed)");
		return;
	}
	cut = ike_identity_text(&identity, shown, sizeof(shown)) == IDENTITY_SHOWN;
	text_add(out, "(%s%s)", shown, cut ? "..." : "");
}

static void add_notify(struct text *out, const struct ike_message *message, struct octets body)
{
	struct ike_notify notify;
	struct wire_reader reader;

	(void)message;
	if (ike_notify_parse(body, &notify) != IKE_ACCEPTED) {
		text_add(out, "(malformed)");
		return;
	}
	text_add(out, "(");
	text_add_name(out, ike_notify_name(notify.type), "", notify.type);
	if (notify.type == IKE_NOTIFY_R_U_THERE || notify.type == IKE_NOTIFY_R_U_THERE_ACK) {
		wire_read_from(&reader, notify.data);
		if (notify.data.length == SEQUENCE_LENGTH)
			text_add(out, " seq=%u", wire_read_u32(&reader));
		else
			text_add(out, " malformed");
	}
	text_add(out, ")");
}

static void add_delete(struct text *out, const struct ike_message *message, struct octets body)
{
	struct ike_delete delete;
	struct wire_reader reader;

	(void)message;
	if (ike_delete_parse(body, &delete) != IKE_ACCEPTED) {
		text_add(out, "(malformed)");
		return;
	}
	text_add(out, "(");
	text_add_name(out, ike_protocol_name(delete.protocol), "protocol#", delete.protocol);
	if (delete.protocol == IKE_PROTOCOL_ESP && delete.count == 1) {
		wire_read_from(&reader, delete.spis);
		text_add(out, " spi=%08x)", wire_read_u32(&reader));
		return;
	}
	text_add(out, " %u %s)", delete.count, delete.count == 1 ? "SPI" : "SPIs");
}

static void add_vendor_id(struct text *out, const struct ike_message *message, struct octets body)
{
	const char *name = ike_vendor_id_name(body);

	(void)message;
	text_add(out, "(");
	if (name != NULL)
		text_add(out, "%s", name);
	else
		text_add_hex_start(out, body, VENDOR_ID_SHOWN);
	text_add(out, ")");
}

static void add_fragment(struct text *out, const struct ike_message *message, struct octets body)
{
	struct fragment fragment;

	(void)message;
	if (fragment_parse(body, &fragment) != IKE_ACCEPTED)
		text_add(out, "(malformed)");
	else
		text_add(out, "(%u of message %u%s)", fragment.number, fragment.id,
			 fragment.last ? ", the last" : "");
}

/* The payloads of which more is said than their name. */
static const struct {
	uint8_t type;
	void (*add)(struct text *out, const struct ike_message *message, struct octets body);
} details[] = {
    {IKE_PAYLOAD_SA, add_sa},
    {IKE_PAYLOAD_ID, add_id},
    {IKE_PAYLOAD_NOTIFY, add_notify},
    {IKE_PAYLOAD_DELETE, add_delete},
    {IKE_PAYLOAD_VENDOR_ID, add_vendor_id},
    {IKE_PAYLOAD_FRAGMENT, add_fragment},
};

static void add_payload(struct text *out, const struct ike_message *message,
			const struct ike_payload *payload)
{
	text_add_name(out, ike_payload_name(payload->type), "PAYLOAD#", payload->type);
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (details[i].type == payload->type)
			details[i].add(out, message, payload->body);
}

size_t ike_describe_line(const struct ike_message *message, char *text, size_t length)
{
	const struct ike_header *header = &message->header;
	bool encrypted = (header->flags & IKE_FLAG_ENCRYPTION) != 0;
	struct text out;

	text_to(&out, text, length);
	text_add_name(&out, ike_exchange_name(header->exchange), "EXCHANGE#", header->exchange);
	if (encrypted)
		text_add(&out, "*");
	if (header->message_id != 0)
		text_add(&out, " %08x", header->message_id);
	text_add(&out, " [");
	if (encrypted && message->payloads == 0)
		text_add(&out, " encrypted"); /* and could not be decrypted */
	for (size_t i = 0; i < message->payloads; i++) {
		text_add(&out, " ");
		add_payload(&out, message, &message->payload[i]);
	}
	text_add(&out, " ]");
	return out.length;
}
