/* SPDX-License-Identifier: ISC */
/*
 * cases_shape.c - Quick Modes with pieces missing, and Main Mode in another order that is allowed: RFC 2409 sections 5, 5.5.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/raw.h"

/* ---- Quick Mode ---------------------------------------------------------------------------------------------------- */

/* ESP with AES-128 and HMAC-SHA1, tunnel mode, in one proposal of one transform. */
static const uint8_t offer[] = {
    0,    0,    0,    1,    0,    0, 0, 1,  0,    0,  0, 40, 1,    3, 4, 1,
    0x72, 0x75, 0x74, 0x68, 0,    0, 0, 28, 1,    12, 0, 0,  0x80, 1, 0, 1,
    0x80, 2,    0x0e, 0x10, 0x80, 4, 0, 1,  0x80, 5,  0, 2,  0x80, 6, 0, 128,
};

/* The first message, protected as it should be: with or without its SA and its nonce, and with identities of so many octets. */
static void send_first(struct trial *trial, struct trial_sa *sa, bool with_sa, bool with_nonce,
		       size_t identity)
{
	static const uint8_t selector[] = {4, 0, 0, 0, 198, 51, 100, 0, 255, 255, 255, 0};
	static const uint8_t nonce[16] = "not so random";
	struct message *first = trial_message(trial, sa);

	first->header.exchange = IKE_EXCHANGE_QUICK_MODE;
	if (with_sa)
		message_add(first, IKE_PAYLOAD_SA, octets_of(offer, sizeof(offer)));
	if (with_nonce)
		message_add(first, IKE_PAYLOAD_NONCE, octets_of(nonce, sizeof(nonce)));
	message_add(first, IKE_PAYLOAD_ID, octets_of(selector, identity));
	message_add(first, IKE_PAYLOAD_ID, octets_of(selector, sizeof(selector)));
	trial_send(trial, sa, first);
}

static void pieces_missing(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);

	send_first(trial, sa, false, true, 12);
	send_first(trial, sa, true, false, 12);
	send_first(trial, sa, false, false, 12);
	raw_expect_survival(trial, sa);
}

static void identities_cut_short(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t length = 0; length < 12; length++)
		send_first(trial, sa, true, true, length);
	raw_expect_survival(trial, sa);
}

/* ---- Phase 1 ------------------------------------------------------------------------------------------------------- */

/* Exchanges the first two payloads of our third message: neither Main Mode's HASH nor anything else looks at their order. */
static bool nonce_first(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	struct octets octets = octets_of(datagram->data, datagram->length);
	struct ike_message third = {.payloads = 0};
	const struct ike_payload *payload = third.payload;
	uint8_t out[IKE_DATAGRAM_MAX];
	struct wire_writer writer;
	struct ike_chain chain;

	(void)trial;
	if (message != 2 || ike_header_parse(octets, &third.header) != IKE_ACCEPTED ||
	    ike_payloads_parse(
		octets_of(octets.data + IKE_HEADER_LENGTH, octets.length - IKE_HEADER_LENGTH),
		false, 0, &third) != IKE_ACCEPTED ||
	    third.payloads < 2 || payload[0].type != IKE_PAYLOAD_KE ||
	    payload[1].type != IKE_PAYLOAD_NONCE)
		return true; /* not Main Mode's third */
	wire_write_to(&writer, out, sizeof(out));
	ike_header_write(&writer, &third.header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_NONCE, payload[1].body);
	ike_payload_write(&chain, IKE_PAYLOAD_KE, payload[0].body);
	for (size_t i = 2; i < third.payloads; i++)
		ike_payload_write(&chain, payload[i].type, payload[i].body);
	ike_header_finish(&writer);
	if (!writer.failed && writer.length == datagram->length)
		memcpy(datagram->data, out, writer.length);
	return true;
}

static void nonce_before_public_value(struct trial *trial)
{
	const struct trial_call how = {.tamper = nonce_first, .may_fail = true};
	struct trial_sa *sa = trial_call(trial, &how);

	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "Phase 1 does not come up when NONCE is before KE");
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

const struct conform_case cases_shape[] = {
    {
	.id = "robust/5.5/pieces-missing",
	.title = "Quick Mode without its SA, without its nonce, without both",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.5",
	.requirement =
	    "A Quick Mode that lacks what it must have is refused, though its HASH(1) holds.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = pieces_missing,
    },
    {
	.id = "robust/5.5/identities-cut-short",
	.title = "Quick Mode with client identities that are cut short",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.5",
	.requirement =
	    "An identity that is shorter than its type says is refused before it is read.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = identities_cut_short,
    },
    {
	.id = "rfc2409/5/nonce-before-public-value",
	.title = "NONCE may be before KE",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "But for the SA payload, which is first, the payloads of a message of Main "
		       "Mode may have any order.",
	.expected = "that Phase 1 comes up",
	.script = nonce_before_public_value,
    },
    {0},
};
