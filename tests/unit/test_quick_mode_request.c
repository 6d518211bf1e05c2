/* SPDX-License-Identifier: ISC */
/*
 * test_quick_mode_request.c - what the responder makes of a first message: every fault of it has its verdict, is answered under
 * protection and leaves nothing behind; and of what is offered the first that is acceptable is taken.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/unit.h"

/* An established pair whose tunnel only waits. */
static struct duo *waiting(uint8_t seed, const char *proposals)
{
	struct duo *duo = duo_new(seed);

	duo_tunnel(duo, proposals);
	duo->peer[DUO_A].tunnel[0].wait = true;
	duo_start(duo);
	duo_establish(duo);
	return duo;
}

static enum ike_verdict ask(struct duo *duo, const char *payloads)
{
	uint8_t raw[FORGE_RAW_MAX];
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.exchange = IKE_EXCHANGE_QUICK_MODE;
	forge_raw(&forge, IKE_PAYLOAD_SA, octets_of(raw, phase_2_hex(payloads, raw, sizeof(raw))));
	return forge_inject(&forge, duo, DUO_B);
}

#define AES          "01 0c 0000 80040001 80050002 80060080 80010001 80020e10"
#define TRANSFORM    "0000(" AES ")"
#define ESP(inside)  "01 03 04 01 c0ffee01" inside
#define SA(inside)   "0a00(00000001 00000001" inside ")"
#define ONE(inside)  SA("0000(" ESP("0000(" inside ")") ")")
#define NONCE_(next) next "00(000102030405060708090a0b0c0d0e0f)"
#define NONCE        NONCE_("05")
#define IDCI         "0500(04 00 0000 0a010000 ffff0000)"
#define IDCR         "0000(04 00 0000 0a020000 ffff0000)"
#define REST         NONCE IDCI IDCR

static const struct {
	const char *payloads;
	enum ike_verdict verdict;
	uint16_t said; /* 0: nothing */
} faults[] = {
    {SA("0000(" ESP(TRANSFORM) ")") REST, IKE_ACCEPTED, 0},
    /* payloads missing, too often, in another order */
    {SA("0000(" ESP(TRANSFORM) ")") "0000()", IKE_BAD_NONCE, IKE_NOTIFY_PAYLOAD_MALFORMED},
    {"0000(00000001 00000001 0000(" ESP(TRANSFORM) "))", IKE_PAYLOAD_MISSING, 0},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE_("0a") REST, IKE_PAYLOAD_REPEATED, 0},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE IDCI "0500(04 00 0000 0a020000 ffff0000)" IDCR,
     IKE_PAYLOAD_REPEATED, 0},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE IDCR, IKE_PAYLOAD_MISSING, IKE_NOTIFY_PAYLOAD_MALFORMED},
    {SA("0000(" ESP(TRANSFORM) ")") "0c00(00010203040506070809)"
				    "0000(00000001 03 04 0001 c0ffee01)",
     IKE_PAYLOAD_UNEXPECTED, 0},
    /* several SAs at once are declined, and the reason is said */
    {"0100(00000001 00000001 0000(" ESP(TRANSFORM) "))" SA("0000(" ESP(TRANSFORM) ")") REST,
     IKE_SEVERAL_SAS, IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    /* proposals */
    {"0a00(00000000 00000001 0000(" ESP(TRANSFORM) "))" REST, IKE_BAD_DOI,
     IKE_NOTIFY_DOI_NOT_SUPPORTED},
    {"0a00(00000001 00000004 0000(" ESP(TRANSFORM) "))" REST, IKE_BAD_SITUATION,
     IKE_NOTIFY_SITUATION_NOT_SUPPORTED},
    {"0a00(00000001)" REST, IKE_PAYLOAD_TOO_SHORT, IKE_NOTIFY_PAYLOAD_MALFORMED},
    {SA("") REST, IKE_PAYLOAD_TRUNCATED, IKE_NOTIFY_PAYLOAD_MALFORMED},
    {SA("0000(01 03 04 00 c0ffee01)") REST, IKE_BAD_PROPOSAL_SYNTAX,
     IKE_NOTIFY_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 04 02 c0ffee01" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX,
     IKE_NOTIFY_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 00 01" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX,
     IKE_NOTIFY_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 ff 01" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX,
     IKE_NOTIFY_BAD_PROPOSAL_SYNTAX},
    {SA("0200(02"
	"03 04 01 c0ffee01" TRANSFORM ") 0000(" ESP(TRANSFORM) ")") REST,
     IKE_BAD_PROPOSAL_SYNTAX, IKE_NOTIFY_BAD_PROPOSAL_SYNTAX}, /* numbers that fall */
    {ONE("01 0c 0000 8004") REST, IKE_BAD_ATTRIBUTE, IKE_NOTIFY_ATTRIBUTES_NOT_SUPPORTED},
    /* well formed, and not what is wanted */
    {SA("0000(01 03 04 01 000000ff" TRANSFORM ")") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {SA("0000(01 02 04 01 c0ffee01" TRANSFORM ")") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    /* ESP and AH together, or with IPCOMP */
    {SA("0200(" ESP(TRANSFORM) ") 0000(01 02 04 01 c0ffee02 0000(01 03 0000 80040001 80050002))")
	 REST,
     IKE_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {SA("0200(01 04 02 01 1234 0000(01 02 0000 80040001)) 0000(" ESP(TRANSFORM) ")") REST,
     IKE_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {ONE("01 0c 0000 80040002 80050002 80060080") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* transport */
    {ONE("01 0c 0000 80040003 80050002 80060080") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* in UDP, without a NAT */
    {ONE("01 0c 0000 80050002 80060080") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* no mode is said */
    {ONE("01 0c 0000 80040001 80060080") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* no authentication */
    {ONE("01 0c 0000 80040001 80050002") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* AES of no length */
    {ONE("01 03 0000 80040001 80050002 80060080") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {ONE(AES "80770001") REST, IKE_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {ONE(AES "80060080") REST, IKE_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {ONE(AES "80010001") REST, IKE_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
    {ONE(AES "80030002") REST, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* a group without KE */
    {SA("0000(" ESP(TRANSFORM) ")") NONCE_("04") "0500(00)" IDCI IDCR, IKE_NO_PROPOSAL_CHOSEN,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN}, /* KE without a group */
    {SA("0000(" ESP(TRANSFORM) ")") NONCE_("04") "0500()" IDCI IDCR, IKE_BAD_KEY_EXCHANGE,
     IKE_NOTIFY_INVALID_KEY_INFORMATION},
    /* traffic */
    {SA("0000(" ESP(TRANSFORM) ")") "0000(000102030405060708090a0b0c0d0e0f)", IKE_NO_TUNNEL,
     IKE_NOTIFY_INVALID_ID_INFORMATION},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE "0500(04 00 0000 0a010000 ffffff00)" IDCR, IKE_NO_TUNNEL,
     IKE_NOTIFY_INVALID_ID_INFORMATION},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE "0500(04 11 0000 0a010000 ffff0000)" IDCR, IKE_NO_TUNNEL,
     IKE_NOTIFY_INVALID_ID_INFORMATION},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE "0500(04 00 0000 00000000 00000000)"
					  "0000(04 00 0000 00000000 00000000)",
     IKE_NO_TUNNEL, IKE_NOTIFY_INVALID_ID_INFORMATION},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE "0500(02 00 0000 612e6578616d706c65)" IDCR,
     IKE_BAD_IDENTITY, IKE_NOTIFY_INVALID_ID_INFORMATION},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE "0500(04 00 0000 0a010000 00ffff00)" IDCR,
     IKE_BAD_IDENTITY, IKE_NOTIFY_INVALID_ID_INFORMATION},
    {SA("0000(" ESP(TRANSFORM) ")") NONCE "0500()" IDCR, IKE_PAYLOAD_TOO_SHORT,
     IKE_NOTIFY_PAYLOAD_MALFORMED},
    /* NAT-OA and notifications beside the rest are no fault */
    {SA("0000(" ESP(TRANSFORM) ")") NONCE IDCI "1500(04 00 0000 0a020000 ffff0000)"
					       "0b00(01 000000 c0000201)"
					       "0000(00000001 01 00 6001 00000001)",
     IKE_ACCEPTED, 0},
};

START_TEST(test_faults)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct duo *duo = waiting((uint8_t)(1 + i), "aes128-sha1");
		enum ike_verdict verdict = ask(duo, faults[i].payloads);
		const struct ike_event *said;
		struct ike_status status;

		ck_assert_msg(verdict == faults[i].verdict, "%zu: %s", i,
			      ike_verdict_name(verdict));
		duo_run(duo, 100 * IKE_MILLISECOND);
		ike_status(duo->core[DUO_B], &status);
		ck_assert_uint_eq(status.quick_modes, verdict == IKE_ACCEPTED);
		ck_assert_uint_eq(status.ipsec_sas, verdict == IKE_ACCEPTED);
		said = duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS);
		ck_assert_msg((said == NULL) == (faults[i].said == 0), "%zu", i);
		if (said != NULL) {
			ck_assert_uint_eq(said->notify_type, faults[i].said);
			ck_assert(said->authenticated);
		}
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		duo_free(duo);
	}
}
END_TEST

/* The initiator's order decides; and nothing of the one that is chosen is changed, whatever its encoding. */
START_TEST(test_first_acceptable)
{
	static const struct {
		const char *payloads;
		const char *chosen;
		uint32_t spi;
	} cases[] = {
	    {SA("0000(01 03 04 03 c0ffee01 0300(01 02 0000 80040001 80050002)"
		"0300(02 03 0000 80040001 80050001) 0000(03 0c 0000 80040001 80050002 80060080))"),
	     "3des-md5", 0xc0ffee01},
	    {SA("0000(01 03 04 02 c0ffee01 0300(02 0c 0000 80060080 80050002 80040001)"
		"0000(03 03 0000 80040001 80050001))"),
	     "aes128-sha1", 0xc0ffee01},
	    /* of two proposals the second, for AH is not made */
	    {SA("0200(01 02 04 01 c0ffee01 0000(01 03 0000 80040001 80050002))"
		"0000(02 03 04 01 c0ffee02 0000(01 0c 0000 80040001 80050002 80060080))"),
	     "aes128-sha1", 0xc0ffee02},
	    /* of a bundle and a proposal the latter */
	    {SA("0200(01 03 04 01 c0ffee01 0000(01 0c 0000 80040001 80050002 80060080))"
		"0200(01 04 02 01 1234 0000(01 02 0000 80040001))"
		"0000(02 03 04 01 c0ffee02 0000(01 03 0000 80040001 80050001))"),
	     "3des-md5", 0xc0ffee02},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct duo *duo = waiting((uint8_t)(60 + i), "aes128-sha1 3des-md5");
		struct ike_quick_mode *quick;
		char whole[1024], text[64];

		snprintf(whole, sizeof(whole), "%s%s", cases[i].payloads, REST);
		ck_assert_int_eq(ask(duo, whole), IKE_ACCEPTED);
		quick = phase_2_quick(duo, DUO_B);
		ck_assert_uint_eq(quick->pair->sa.spi_out, cases[i].spi);
		(void)ike_ipsec_proposal_text(&quick->pair->sa.proposal, text, sizeof(text));
		ck_assert_str_eq(text, cases[i].chosen);
		duo_free(duo);
	}
}
END_TEST

/* More transforms than are looked at: the first ones count, the others are only checked. */
START_TEST(test_many_proposals)
{
	struct duo *duo = waiting(70, "aes128-sha1");
	char text[8192];
	size_t at = 0;

	at += (size_t)snprintf(text + at, sizeof(text) - at, "0a00(00000001 00000001");
	for (unsigned i = 1; i <= 70; i++)
		at += (size_t)snprintf(
		    text + at, sizeof(text) - at,
		    "%s00(%02x 03 04 01 c0ffee01 0000(01 03 0000 80040001 80050002))",
		    i < 70 ? "02" : "00", i);
	snprintf(text + at, sizeof(text) - at, ")%s", REST);
	ck_assert_int_eq(ask(duo, text), IKE_NO_PROPOSAL_CHOSEN);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* Exact before narrow, and the proposals of the tunnel that fits. */
START_TEST(test_narrow)
{
	struct duo *duo = duo_new(71);
	struct ike_quick_mode *quick;

	duo_tunnel(duo, "3des-md5");
	duo_tunnel(duo, "aes128-sha1");
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		for (size_t i = 0; i < 2; i++)
			duo->peer[node].tunnel[i].wait = true;
	duo->peer[DUO_B].tunnel[0].narrow = true;
	duo->peer[DUO_B].tunnel[0].remote.prefix.bits = 0;
	duo->peer[DUO_B].tunnel[0].local.prefix.bits = 0;
	duo_start(duo);
	duo_establish(duo);
	ck_assert_int_eq(ask(duo, SA("0000(" ESP(TRANSFORM) ")") REST), IKE_ACCEPTED);
	quick = phase_2_quick(duo, DUO_B);
	ck_assert_uint_eq(quick->pair->sa.tunnel, 1);
	/* inside: what was asked for is what is agreed */
	ck_assert_int_eq(
	    ask(duo, ONE("01 03 0000 80040001 80050001") NONCE "0500(01 00 0000 0a010203)" IDCR),
	    IKE_ACCEPTED);
	quick = phase_2_quick(duo, DUO_B);
	ck_assert_uint_eq(quick->pair->sa.tunnel, 0);
	ck_assert_uint_eq(quick->pair->sa.inside_remote.prefix.bits, 32);
	/* inside, but not with these proposals */
	ck_assert_int_eq(
	    ask(duo, SA("0000(" ESP(TRANSFORM) ")") NONCE "0500(01 00 0000 0a010203)" IDCR),
	    IKE_NO_PROPOSAL_CHOSEN);
	duo_free(duo);
}
END_TEST

/* Behind a NAT the modes are those of RFC 3947, or of its drafts, and none other. */
START_TEST(test_in_udp)
{
	static const struct {
		bool draft, transport;
		const char *mode;
	} forms[] = {{false, false, "0003"},
		     {false, true, "0004"},
		     {true, false, "f003"},
		     {true, true, "f004"}};

	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 4; j++) {
			struct duo *duo = waiting((uint8_t)(80 + 4 * i + j), "aes128-sha1");
			struct ike_sa *sa = phase_2_sa(duo, DUO_B);
			char text[512];

			duo->peer[DUO_B].tunnel[0].transport = forms[i].transport;
			sa->encapsulated = true;
			sa->nat_t_draft = forms[i].draft;
			snprintf(text, sizeof(text),
				 "0a00(00000001 00000001 0000(01 03 04 01 c0ffee01 0000(01 0c 0000 "
				 "8004%s"
				 "80050002 80060080)))%s",
				 forms[j].mode, REST);
			ck_assert_int_eq(ask(duo, text),
					 i == j ? IKE_ACCEPTED : IKE_NO_PROPOSAL_CHOSEN);
			duo_free(duo);
		}
	}
}
END_TEST

UNIT_MAIN("quick_mode_request", test_faults, test_first_acceptable, test_many_proposals,
	  test_narrow, test_in_udp)
