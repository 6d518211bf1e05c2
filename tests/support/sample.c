/* SPDX-License-Identifier: ISC */
#include "tests/support/sample.h"

#include <string.h>

#include "ike/identity.h"
#include "ike/notify.h"
#include "ike/proposal.h"
#include "tests/support/unit.h"

#define BLOCK 16

#define COOKIES    "1011121314151617 a0a1a2a3a4a5a6a7"
#define FIRST      "1011121314151617 0000000000000000"
#define DPD        "00 (00) <0014> afcad71368a1f1c96b8696fc77570100"
#define AES_128    "80010007 80020002 80030001 80040002 800e0080 800b0001 000c <0004> 00015180"
#define TRIPLE_DES "80010005 80020001 80030001 80040002 800b0001 000c <0004> 00015180"
#define HASH_BODY  "aeba5075fd0d16dc19e4059231d64591d8f69801"

/* <...> is a length, (...) an octet that must be zero. */
static const struct {
	enum ike_message_kind kind;
	const char *text;
} texts[SAMPLES] = {
    [SAMPLE_MM1] = {IKE_MM1, FIRST "01 10 02 00 00000000 00000090"
				   "0d (00) <0060> 00000001 00000001"
				   "00 (00) <0054> 01 01 00 02"
				   "03 (00) <0028> 01 01 (00)(00)" AES_128
				   "00 (00) <0024> 02 01 (00)(00)" TRIPLE_DES DPD},
    [SAMPLE_MM2] = {IKE_MM2, COOKIES "01 10 02 00 00000000 0000006c"
				     "0d (00) <003c> 00000001 00000001"
				     "00 (00) <0030> 01 01 00 01"
				     "00 (00) <0028> 01 01 (00)(00)" AES_128 DPD},
    [SAMPLE_MM5] = {IKE_MM5, COOKIES "05 10 02 01 00000000 0000005c"
				     "08 (00) <000c> 01 00 0000 c0000201"
				     "0b (00) <0018>" HASH_BODY
				     "00 (00) <001c> 00000001 01 10 6002" COOKIES},
    [SAMPLE_INFO_R_U_THERE] = {IKE_INFO_PROTECTED,
			       COOKIES "08 10 05 01 c0ffee01 0000005c"
				       "0b (00) <0018>" HASH_BODY
				       "00 (00) <0020> 00000001 01 10 8d28" COOKIES "12345678"
				       "00000000 00000007"},
    [SAMPLE_INFO_DELETE] = {IKE_INFO_PROTECTED,
			    COOKIES "08 10 05 01 c0ffee02 00000050"
				    "0c (00) <0018>" HASH_BODY
				    "00 (00) <001c> 00000001 01 10 0001" COOKIES},
    [SAMPLE_INFO_CLEAR] = {IKE_INFO_CLEAR, COOKIES "0b 10 05 00 00000000 00000028"
						   "00 (00) <000c> 00000001 01 00 000e"},
};

void sample_get(enum sample_number number, struct sample *sample)
{
	char hex[2 * SAMPLE_MAX + 1];
	size_t digits = 0;

	memset(sample, 0, sizeof(*sample));
	sample->kind = texts[number].kind;
	for (const char *c = texts[number].text; *c != '\0'; c++) {
		if (*c == '<')
			sample->length_at[sample->lengths++] = digits / 2;
		else if (*c == '(')
			sample->reserved_at[sample->reserved++] = digits / 2;
		else if (*c != '>' && *c != ')' && *c != ' ')
			hex[digits++] = *c;
		ck_assert_uint_lt(digits, sizeof(hex));
		ck_assert_uint_lt(sample->lengths, SAMPLE_FIELDS_MAX);
		ck_assert_uint_lt(sample->reserved, SAMPLE_FIELDS_MAX);
	}
	hex[digits] = '\0';
	sample->length = unit_hex(hex, sample->octets, sizeof(sample->octets));
}

static enum ike_verdict read_body(const struct ike_payload *payload)
{
	struct ike_offer offers[IKE_OFFERS_MAX];
	struct ike_identity identity;
	struct ike_notify notify;
	struct ike_delete delete;
	size_t count;

	switch (payload->type) {
	case IKE_PAYLOAD_SA:
		return ike_offers_parse(payload->body, offers, IKE_OFFERS_MAX, &count);
	case IKE_PAYLOAD_ID:
		return ike_identity_parse(payload->body, &identity);
	case IKE_PAYLOAD_NOTIFY:
		return ike_notify_parse(payload->body, &notify);
	case IKE_PAYLOAD_DELETE:
		return ike_delete_parse(payload->body, &delete);
	default:
		return IKE_ACCEPTED;
	}
}

enum ike_verdict sample_read(enum ike_message_kind kind, struct octets datagram,
			     struct ike_message *message)
{
	enum ike_verdict verdict = ike_header_parse(datagram, &message->header);
	struct octets chain;
	bool encrypted;

	message->payloads = 0;
	if (verdict != IKE_ACCEPTED)
		return verdict;
	encrypted = (message->header.flags & IKE_FLAG_ENCRYPTION) != 0;
	chain = octets_of(datagram.data + IKE_HEADER_LENGTH, datagram.length - IKE_HEADER_LENGTH);
	verdict = ike_payloads_parse(chain, encrypted, BLOCK, message);
	if (verdict == IKE_ACCEPTED)
		verdict = ike_message_check(kind, message);
	for (size_t i = 0; i < message->payloads && verdict == IKE_ACCEPTED; i++)
		verdict = read_body(&message->payload[i]);
	return verdict;
}
