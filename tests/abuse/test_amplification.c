/* SPDX-License-Identifier: ISC */
/*
 * What comes back to somebody who did not ask: an attacker writes a victim's address into his datagrams, so until the victim has
 * answered something itself, no more octets may go to it than came in its name, and nothing by timer (CVE-2016-5361, VU#419128).
 */
#include <string.h>

#include "ike/core.h"
#include "ike/proposal.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

/* What went to strangers. */
static struct {
	size_t datagrams, octets, longest;
} sent;

static void meter(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	(void)duo;
	(void)from;
	sent.datagrams++;
	sent.octets += datagram->length;
	if (datagram->length > sent.longest)
		sent.longest = datagram->length;
}

static struct duo *target(uint8_t seed, const char *proposal)
{
	struct duo *duo = duo_new(seed);

	if (proposal != NULL)
		duo_propose(duo, DUO_B, proposal);
	duo->peer[DUO_B].gateways = 0;
	duo->stray = meter;
	duo_start(duo);
	memset(&sent, 0, sizeof(sent));
	return duo;
}

/* MM1 from the victim's address, and then silence, for as long as anything could come. */
static void one_shape(const char *proposal, const struct caller *first)
{
	struct ike_address victim = siege_address(1);
	struct duo *duo = target(1, proposal);

	(void)siege_send(duo, DUO_B, &victim, first->data, first->length);
	(void)siege_run(duo, 120 * IKE_SECOND);
	ck_assert_msg(sent.octets <= first->length, "%zu octets in, %zu out", first->length,
		      sent.octets);
	ck_assert_uint_le(sent.datagrams, 1);
	duo_free(duo);
}

static void shape(struct caller *caller, const char *attributes, size_t transforms, bool vendor_id)
{
	uint8_t body[1024], attribute[128];
	const uint8_t cky_i[IKE_COOKIE_LENGTH] = {1, 2, 3};
	size_t length = unit_hex(attributes, attribute, sizeof(attribute));
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	wire_write_u32(&writer, IKE_DOI_IPSEC);
	wire_write_u32(&writer, IKE_SIT_IDENTITY_ONLY);
	wire_write_u16(&writer, 0);
	wire_write_u16(&writer, (uint16_t)(8 + transforms * (8 + length)));
	wire_write_u16(&writer, 0x0101);
	wire_write_u16(&writer, (uint16_t)transforms);
	for (size_t i = 0; i < transforms; i++) {
		wire_write_u16(&writer, i + 1 < transforms ? 0x0300 : 0);
		wire_write_u16(&writer, (uint16_t)(8 + length));
		wire_write_u8(&writer, (uint8_t)(i + 1));
		wire_write_u8(&writer, IKE_TRANSFORM_KEY_IKE);
		wire_write_u16(&writer, 0);
		wire_write_octets(&writer, octets_of(attribute, length));
	}
	caller_begin(caller, IKE_EXCHANGE_MAIN_MODE, cky_i, NULL);
	caller_payload(caller, IKE_PAYLOAD_SA, wire_written(&writer));
	if (vendor_id)
		caller_payload_hex(caller, IKE_PAYLOAD_VENDOR_ID,
				   "afcad71368a1f1c96b8696fc77570100");
	(void)caller_finish(caller);
}

#define ENOUGH "80010007 80020002 80030001 8004001f 800e0080"

/* The smallest first message that is a good one, and larger ones; accepted and refused. */
START_TEST(cve_2016_5361_amplification)
{
	static const char *const attributes[] = {
	    ENOUGH,
	    ENOUGH "800b0001 800c7080",
	    ENOUGH "800b0001 000c0004 00015180",
	    ENOUGH
	    "800b0001 000c0020 0000000000000000000000000000000000000000000000000000000000015180",
	    "80010001 80020001 80030001 80040001",
	    "",
	};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		for (size_t transforms = 1; transforms < 8; transforms += 3) {
			for (int vendor_id = 0; vendor_id < 2; vendor_id++) {
				struct caller first;

				shape(&first, attributes[i], transforms, vendor_id != 0);
				one_shape(NULL, &first);
			}
		}
	}
}
END_TEST

/* And the header alone, and noise behind it, as every exchange. */
START_TEST(cve_2016_5361_amplification_by_anything_else)
{
	static const uint8_t noise[48] = {4, 0, 0, 20, 1, 2, 3};
	struct ike_address victim = siege_address(1);

	for (unsigned exchange = 0; exchange < 256; exchange++) {
		struct duo *duo = target(2, NULL);
		const uint8_t cookie[IKE_COOKIE_LENGTH] = {9};
		struct caller caller;
		size_t in = 0;

		for (unsigned i = 0; i < 16; i++) {
			caller_begin(&caller, (uint8_t)exchange, cookie,
				     i % 2 == 0 ? NULL : cookie);
			wire_patch_u8(&caller.writer, IKE_HEADER_FLAGS_AT, (uint8_t)(i / 2 % 2));
			wire_write_octets(&caller.writer, octets_of(noise, 16 * (i / 4)));
			in += caller_finish(&caller);
			(void)siege_send(duo, DUO_B, &victim, caller.data, caller.length);
			duo_run(duo, 0);
			ck_assert_uint_le(sent.octets, in);
		}
		duo_run(duo, 40 * IKE_SECOND);
		ck_assert_uint_le(sent.octets, in);
		duo_free(duo);
	}
}
END_TEST

/*
 * R130, R131.  The victim's name on the same MM1, again and again: each is answered with no more than it had, and only ten
 * times.
 */
START_TEST(p14_responder_silent_until_mm3)
{
	struct ike_address victim = siege_address(1);
	struct duo *duo = target(3, NULL);
	struct caller first;

	shape(&first, ENOUGH, 1, true);
	for (size_t i = 1; i <= 50; i++) {
		(void)siege_send(duo, DUO_B, &victim, first.data, first.length);
		duo_run(duo, 200 * IKE_MILLISECOND);
		ck_assert_uint_le(sent.octets, i * first.length);
		ck_assert_uint_le(sent.longest, first.length);
	}
	ck_assert_uint_eq(sent.datagrams, 1 + 10);
	/* nothing by timer, not even when the half-open SA is given up */
	(void)siege_run(duo, 120 * IKE_SECOND);
	ck_assert_uint_eq(sent.datagrams, 1 + 10);
	duo_free(duo);
}
END_TEST

/*
 * The whole of what an attacker can provoke in a victim's name without keys, in one minute: first messages, messages for SAs that there
 * are not, rumours, refused messages.  Of all that comes in, less goes out.
 */
START_TEST(p19_amplification_meter)
{
	struct duo *duo = target(4, NULL);
	uint8_t cky_i[IKE_COOKIE_LENGTH] = {7}, cky_r[IKE_COOKIE_LENGTH] = {8};
	size_t in = 0, hints = 0;

	for (uint32_t n = 0; n < 60000; n++) {
		struct ike_address victim = siege_address(n % 5);
		struct caller caller;

		memcpy(cky_i + 1, &n, sizeof(n));
		if (n % 4 == 0)
			(void)caller_message_1(&caller, cky_i, &duo->peer[DUO_B].proposal[0]);
		else if (n % 4 == 1)
			(void)caller_message_3(&caller, cky_i, cky_r, octets_of(cky_i, 8));
		else
			caller_begin(&caller, n % 4 == 2 ? IKE_EXCHANGE_INFORMATIONAL : 77, cky_i,
				     cky_r);
		if (n % 4 >= 2) {
			caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY, "00000001 01 00 000b");
			(void)caller_finish(&caller);
		}
		in += caller.length;
		(void)siege_send(duo, DUO_B, &victim, caller.data, caller.length);
		if (n % 20 == 19)
			duo_run(duo, 20 * IKE_MILLISECOND);
		hints += n % 4 != 0;
		if (sent.octets > in)
			ck_abort_msg("%zu octets in, %zu out", in, sent.octets);
	}
	/* ten notifications a second in all, and the answers to those first messages that found a place */
	ck_assert_uint_le(sent.datagrams, 60 * 10 + 10 + 5 * 16 * 3);
	ck_assert_uint_gt(sent.datagrams, 300);
	ck_assert_uint_gt(hints, 1000);
	ck_assert_uint_le(10 * sent.octets, in);
	duo_free(duo);
}
END_TEST

/* ---- what an active attacker can take away ------------------------------------------------------------------------- */

/* Cuts the vendor ID off, which no HASH covers: it is the last payload of the messages that carry it. */
static bool strip_vendor_id(struct duo *duo, struct duo_datagram *datagram)
{
	size_t at = IKE_HEADER_LENGTH, next_at = IKE_HEADER_NEXT_PAYLOAD_AT;

	(void)duo;
	if (datagram->data[18] != IKE_EXCHANGE_MAIN_MODE || (datagram->data[19] & 1) != 0)
		return true;
	while (at < datagram->length && datagram->data[next_at] != IKE_PAYLOAD_VENDOR_ID) {
		next_at = at;
		at += (size_t)datagram->data[at + 2] << 8 | datagram->data[at + 3];
	}
	if (at >= datagram->length)
		return true;
	datagram->data[next_at] = IKE_PAYLOAD_NONE;
	datagram->length = at;
	datagram->data[26] = (uint8_t)(at >> 8);
	datagram->data[27] = (uint8_t)at;
	return true;
}

/*
 * R-U-THERE can be negotiated away by whoever is on the path.  That is told (the SA comes up without the keepalive), nobody is
 * declared dead for it, and both still answer (R52, R128).
 */
START_TEST(p19_keepalive_negotiated_away)
{
	struct duo *duo = duo_new(5);
	struct forge forge;

	duo->deliver = strip_vendor_id;
	duo_start(duo);
	duo_establish(duo);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		ck_assert(!duo_last(duo, node, IKE_EVENT_ESTABLISHED)->supported);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		forge_from(&forge, duo, node);
		forge_r_u_there(&forge, 5);
		ck_assert_int_eq(forge_inject(&forge, duo, node), IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_uint_eq(duo_count_reports(duo, node, IKE_REPORT_ANSWERED), 1);
	}
	ck_assert_uint_eq(siege_run(duo, 3600 * IKE_SECOND), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("amplification", cve_2016_5361_amplification,
	  cve_2016_5361_amplification_by_anything_else, p14_responder_silent_until_mm3,
	  p19_amplification_meter, p19_keepalive_negotiated_away)
