/* SPDX-License-Identifier: ISC */
/*
 * test_phase_1_first.c - first messages: who is answered, for whom he is taken, and what of his offers is chosen.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/signers.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static bool was_refused(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	for (size_t i = 0; i < duo->events[node]; i++)
		if (duo->event[node][i].kind == IKE_EVENT_REFUSED &&
		    duo->event[node][i].verdict == verdict)
			return true;
	return false;
}

START_TEST(test_no_common_proposal_shows_both_offers)
{
	struct duo *duo = duo_new(4);

	duo_propose(duo, DUO_A, "aes256-sha256-x25519");
	duo_propose(duo, DUO_B, "aes128-sha1-x25519");
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert(was_refused(duo, DUO_B, IKE_NO_PROPOSAL_CHOSEN));
	ck_assert_ptr_nonnull(duo_last(duo, DUO_B, IKE_EVENT_OFFERS));
	ck_assert_ptr_nonnull(
	    strstr(duo_last(duo, DUO_B, IKE_EVENT_OFFERS)->text, "aes256-sha256-x25519"));
	ck_assert_ptr_nonnull(
	    strstr(duo_last(duo, DUO_B, IKE_EVENT_OFFERS)->text, "aes128-sha1-x25519"));
	/* the initiator is told why, in the clear, which ends nothing; when its time is over the report says so */
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 0);
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_FAILED)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	duo_free(duo);
}
END_TEST

START_TEST(test_stranger_is_not_answered)
{
	struct duo *duo = duo_new(5);

	duo->peer[DUO_B].gateway[0].octets[3] = 99; /* B expects somebody else */
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert(was_refused(duo, DUO_B, IKE_NO_PEER));
	ck_assert_uint_eq(duo->sent[DUO_B], 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_first_message_is_repeated_by_the_same_cookie)
{
	struct duo *duo = duo_new(8);
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length;
	struct ike_status status;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND);
	length = duo->datagram[0].length;
	memcpy(message, duo->datagram[0].data, length);
	for (int i = 0; i < 50; i++)
		ck_assert_int_ne(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.sas, 1);
	duo_free(duo);
}
END_TEST

/* ---- several peers behind one address ------------------------------------------------------------------------------ */

#define PEERS 4

/* B has peers that may call from anywhere, told apart by their names and secrets; the last one takes anybody. */
struct crowd {
	struct ike_peer_settings peer[PEERS];
	struct secret *secret[PEERS];
};

static void crowd_begin(struct crowd *crowd, struct duo *duo)
{
	static const char *const names[PEERS] = {"fqdn:one.example", "fqdn:two.example",
						 "user-fqdn:three@example", NULL};

	for (size_t i = 0; i < PEERS; i++) {
		uint8_t secret[] = "secret number 0 of the crowd";

		secret[14] += (uint8_t)i;
		crowd->peer[i] = duo->peer[DUO_B];
		crowd->peer[i].gateways = 0;
		crowd->peer[i].aggressive = true;
		crowd->secret[i] = secret_new(octets_of(secret, sizeof(secret) - 1));
		crowd->peer[i].secret = crowd->secret[i];
		if (names[i] != NULL)
			ck_assert(
			    ike_identity_from_text(names[i], &crowd->peer[i].remote_identity));
	}
	duo->settings[DUO_B].peer = crowd->peer;
	duo->settings[DUO_B].peers = PEERS;
	duo->peer[DUO_A].aggressive = true;
}

static void crowd_end(struct crowd *crowd, struct duo *duo)
{
	duo_free(duo);
	for (size_t i = 0; i < PEERS; i++)
		secret_free(crowd->secret[i]);
}

static void call_as(const char *identity, const char *secret, uint32_t expected)
{
	struct crowd crowd;
	struct duo *duo = duo_new(20);

	crowd_begin(&crowd, duo);
	ck_assert(ike_identity_from_text(identity, &duo->peer[DUO_A].local_identity));
	duo_secret(duo, DUO_A, secret);
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	if (expected == PEERS) {
		ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_ESTABLISHED), 0);
	} else {
		ck_assert_ptr_nonnull(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED));
		ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->peer, expected);
	}
	crowd_end(&crowd, duo);
}

START_TEST(test_aggressive_mode_chooses_by_identity)
{
	call_as("fqdn:one.example", "secret number 0 of the crowd", 0);
	call_as("fqdn:two.example", "secret number 1 of the crowd", 1);
	call_as("user-fqdn:three@example", "secret number 2 of the crowd", 2);
	call_as("fqdn:stranger.example", "secret number 3 of the crowd", 3);
	/* one's name with another's secret, and a name of another type */
	call_as("fqdn:one.example", "secret number 1 of the crowd", PEERS);
	call_as("fqdn:one.example", "secret number 3 of the crowd", PEERS);
	call_as("user-fqdn:two.example", "secret number 1 of the crowd", PEERS);
}
END_TEST

/* Main Mode cannot know who it is (RFC 2409 section 5.4): the first that may call from there is meant. */
START_TEST(test_main_mode_chooses_by_address)
{
	struct crowd crowd;
	struct duo *duo = duo_new(21);

	crowd_begin(&crowd, duo);
	duo->peer[DUO_A].aggressive = false;
	ck_assert(ike_identity_from_text("fqdn:one.example", &duo->peer[DUO_A].local_identity));
	duo_secret(duo, DUO_A, "secret number 0 of the crowd");
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->peer, 0);
	crowd_end(&crowd, duo);
}
END_TEST

/* With signatures the identity chooses once it is proved, also in Main Mode; the method and the suite stay what they are. */
START_TEST(test_signed_main_mode_chooses_by_identity)
{
	static const char *const names[] = {"fqdn:other.example", "fqdn:a.example", NULL,
					    "fqdn:a.example"};
	static const uint32_t expected[] = {2, 1, 2, 3};

	/* who has no room for the name; the name before anybody; not by another method; not by another suite */
	for (unsigned round = 0; round < 4; round++) {
		struct ike_peer_settings peer[PEERS];
		struct signers signers;
		struct duo *duo = signers_duo(&signers, 22, IKE_AUTHENTICATION_RSA_SIGNATURE);

		for (size_t i = 0; i < PEERS; i++) {
			peer[i] = duo->peer[DUO_B];
			peer[i].gateways = 0;
			peer[i].remote_identity.type = 0;
			if (names[i] != NULL && !(round == 0 && i % 2 == 1))
				ck_assert(
				    ike_identity_from_text(names[i], &peer[i].remote_identity));
			else if (round == 0 && i % 2 == 1)
				ck_assert(ike_identity_from_text("fqdn:third.example",
								 &peer[i].remote_identity));
		}
		if (round == 2) {
			peer[1].authentication = peer[3].authentication =
			    IKE_AUTHENTICATION_ECDSA_256;
		} else if (round == 3) {
			ck_assert(ike_proposal_parse("aes256-sha1-x25519", &peer[1].proposal[0]));
		}
		duo->settings[DUO_B].peer = peer;
		duo->settings[DUO_B].peers = PEERS;
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 5 * IKE_SECOND);
		ck_assert_ptr_nonnull(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED));
		ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->peer,
				  expected[round]);
		signers_free(&signers, duo);
	}
}
END_TEST

/* A closer prefix hides a wider one with another secret, also where its suites are not offered. */
START_TEST(test_main_mode_takes_the_closest_prefix_alone)
{
	for (unsigned narrow = 0; narrow < 2; narrow++) {
		struct crowd crowd;
		struct duo *duo = duo_new(24);

		crowd_begin(&crowd, duo);
		duo->peer[DUO_A].aggressive = false;
		duo_secret(duo, DUO_A, "secret number 0 of the crowd");
		crowd.peer[0].remote_identity.type = 0;
		if (narrow) {
			crowd.peer[1].from = (struct ike_prefix){
			    .address = {.octets = {192, 0, 2}, .family = IKE_FAMILY_IPV4},
			    .bits = 24};
			ck_assert(
			    ike_proposal_parse("aes256-sha512-ecp521", &crowd.peer[1].proposal[0]));
		}
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_B), narrow ? 0 : 1);
		ck_assert(was_refused(duo, DUO_B, IKE_NO_PROPOSAL_CHOSEN) == (narrow == 1));
		crowd_end(&crowd, duo);
	}
}
END_TEST

/* ---- which offer --------------------------------------------------------------------------------------------------- */

/* vpnc offers every transform twice, with and without XAUTH, and in an order of attributes of its own: the one without is taken. */
START_TEST(test_offer_without_xauth_is_chosen)
{
	static const char *const sa = "00000001 00000001 00000050 01 01 00 02"
				      "03000024 01 01 0000 800e0080 80010007 80020002 8004001f"
				      "8003fde9 800b0001 800c7080"
				      "00000024 02 01 0000 800e0080 80010007 80020002 8004001f"
				      "80030001 800b0001 800c7080";
	struct ike_offer offers[4];
	struct ike_proposal wanted;
	const struct ike_offer *choice;
	uint8_t octets[200];
	size_t count;

	ck_assert(ike_proposal_parse("aes128-sha1-x25519", &wanted));
	ck_assert_int_eq(ike_offers_parse(octets_of(octets, unit_hex(sa, octets, sizeof(octets))),
					  offers, 4, &count),
			 IKE_ACCEPTED);
	choice = ike_offer_choose(offers, count, IKE_AUTHENTICATION_PSK, &wanted, 1);
	ck_assert_ptr_eq(choice, &offers[1]);
	ck_assert_ptr_null(
	    ike_offer_choose(offers, count, IKE_AUTHENTICATION_RSA_SIGNATURE, &wanted, 1));
}
END_TEST

/* Two methods at one gateway: the offer says which of its peers is meant. */
START_TEST(test_offered_method_chooses_the_peer)
{
	for (unsigned signs = 0; signs < 2; signs++) {
		struct ike_peer_settings peer[2];
		struct signers signers;
		struct duo *duo = signers_duo(&signers, 23, IKE_AUTHENTICATION_RSA_SIGNATURE);

		peer[0] = peer[1] = duo->peer[DUO_B];
		peer[0].authentication = 0;
		peer[0].secret = duo->secret[DUO_B];
		if (signs == 0) {
			duo->peer[DUO_A].authentication = 0;
			duo->peer[DUO_A].secret = duo->secret[DUO_A];
		}
		duo->settings[DUO_B].peer = peer;
		duo->settings[DUO_B].peers = 2;
		duo_start(duo);
		duo_establish(duo);
		ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->peer, signs);
		signers_free(&signers, duo);
	}
}
END_TEST

UNIT_MAIN("phase_1_first", test_no_common_proposal_shows_both_offers, test_stranger_is_not_answered,
	  test_first_message_is_repeated_by_the_same_cookie,
	  test_aggressive_mode_chooses_by_identity, test_main_mode_chooses_by_address,
	  test_main_mode_takes_the_closest_prefix_alone, test_signed_main_mode_chooses_by_identity,
	  test_offer_without_xauth_is_chosen, test_offered_method_chooses_the_peer)
