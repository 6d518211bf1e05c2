/* SPDX-License-Identifier: ISC */
/*
 * test_nat_traversal_modes.c - NAT traversal and fragments in Aggressive Mode and with signatures: the same findings, the same ports.
 */
#include <stdio.h>
#include <string.h>

#include "ike/nat_traversal.h"
#include "tests/support/caller.h"
#include "tests/support/pki.h"
#include "tests/support/signers.h"
#include "tests/support/translator.h"
#include "tests/support/unit.h"

struct mode {
	bool aggressive, signs, fragments;
};

static const struct mode modes[] = {{true, false, false}, {true, false, true},
				    {true, true, true},   {true, true, false},
				    {false, true, true},  {false, true, false}};

#define MODES (sizeof(modes) / sizeof(modes[0]))

/* A gateway with thirty names: its certificate alone is longer than a packet that every link takes. */
static struct credentials *with_many_names(enum duo_node node)
{
	char alternative[2048], certificates[PKI_PEM_MAX] = "", authorities[PKI_PEM_MAX] = "",
				why[256];
	struct pki_certificate root, leaf;
	const struct pki_wish wish = {
	    .key = node == DUO_A ? PKI_RSA : PKI_RSA_OTHER,
	    .subject = node == DUO_A ? "CN=a.example, O=lab" : "CN=b.example, O=lab",
	    .alternative = alternative,
	    .usage = "digitalSignature",
	    .serial = 20 + node,
	};
	struct credentials *made;
	size_t at;

	at = (size_t)snprintf(alternative, sizeof(alternative), "DNS:%c.example", 'a' + (int)node);
	for (int i = 0; i < 30; i++)
		at += (size_t)snprintf(alternative + at, sizeof(alternative) - at,
				       ",DNS:a-gateway-of-many-names-number-%02d.example", i);
	pki_root(&root);
	pki_make(&leaf, &wish, &root);
	pki_add_pem(certificates, &leaf);
	pki_add_pem(authorities, &root);
	made = credentials_new(&(struct credentials_text){.key = pki_text(pki_key_pem(wish.key)),
							  .certificates = pki_text(certificates),
							  .authorities = pki_text(authorities)},
			       why, sizeof(why));
	ck_assert_msg(made != NULL, "no credentials: %s", why);
	return made;
}

static struct translator *of_mode(const struct mode *mode, struct signers *signers, uint8_t seed,
				  bool a, bool b)
{
	struct duo *duo = mode->signs ? signers_duo(signers, seed, IKE_AUTHENTICATION_RSA_SIGNATURE)
				      : duo_new(seed);

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		duo->peer[node].aggressive = mode->aggressive;
		duo->peer[node].fragmentation = mode->fragments;
		duo->keepalive[node].plan.mode = KEEPALIVE_OFF;
		if (mode->signs)
			signers_replace(signers, duo, node, with_many_names(node));
	}
	return translator_around(duo, a, b);
}

static void leave(const struct mode *mode, struct signers *signers, struct translator *translator)
{
	struct duo *duo = translator_leave(translator);

	if (mode->signs)
		signers_free(signers, duo);
	else
		duo_free(duo);
}

/* Wherever the NAT is, or where one of them only says so. */
START_TEST(test_every_mode_floats)
{
	for (size_t i = 0; i < MODES; i++) {
		for (unsigned row = 0; row < 5; row++) {
			bool a = (row & 1) != 0, b = (row & 2) != 0, lies = row == 4;
			struct signers signers = {.credentials = {NULL}};
			struct translator *translator =
			    of_mode(&modes[i], &signers, (uint8_t)row, a, b);
			struct ike_sa_status at_a, at_b;

			translator->duo->peer[DUO_A].encapsulate = lies;
			translator_start(translator);
			translator_establish(translator);
			at_a = translator_sa(translator, DUO_A);
			at_b = translator_sa(translator, DUO_B);
			ck_assert_int_eq(at_a.nat_here, a);
			ck_assert_int_eq(at_a.nat_there, b);
			ck_assert_int_eq(at_b.nat_here, b);
			ck_assert_int_eq(at_b.nat_there, a || lies);
			ck_assert_uint_eq(at_a.remote.port, row == 0 ? 500 : 4500);
			ck_assert_uint_eq(at_b.remote.port, row == 0 ? 500 : a ? 40001 : 4500);
			translator_ask(translator, DUO_A);
			translator_ask(translator, DUO_B);
			translator_run(translator, IKE_SECOND);
			ck_assert_uint_eq(translator_answers(translator, DUO_A), 1);
			ck_assert_uint_eq(translator_answers(translator, DUO_B), 1);
			leave(&modes[i], &signers, translator);
		}
	}
}
END_TEST

/* What is longer than a packet that every link takes goes in fragments, if the peer has said that it takes them. */
START_TEST(test_certificates_go_in_fragments)
{
	for (size_t i = 0; i < MODES; i++) {
		struct signers signers = {.credentials = {NULL}};
		struct translator *translator = of_mode(&modes[i], &signers, 9, true, false);
		size_t fragments = 0, longest = 0;

		translator_start(translator);
		translator_establish(translator);
		for (size_t j = 0; j < translator->datagrams; j++) {
			const struct translator_datagram *datagram = &translator->datagram[j];

			fragments +=
			    datagram->data[IKE_HEADER_NEXT_PAYLOAD_AT] == IKE_PAYLOAD_FRAGMENT;
			if (datagram->length > longest)
				longest = datagram->length;
		}
		ck_assert_int_eq(fragments > 0, modes[i].signs && modes[i].fragments);
		ck_assert_int_eq(longest > FRAGMENT_DATAGRAM_MAX,
				 modes[i].signs && !modes[i].fragments);
		leave(&modes[i], &signers, translator);
	}
}
END_TEST

static bool lose_the_nth(struct translator *translator, struct translator_datagram *datagram)
{
	size_t nth = *(const size_t *)translator->context;

	(void)datagram;
	return translator->datagrams != nth + 1;
}

/* Any datagram lost, a fragment of a message too: what comes again fills the gap. */
START_TEST(test_any_datagram_lost)
{
	for (size_t i = 0; i < MODES; i++) {
		for (size_t nth = 0; nth < 10; nth++) {
			struct signers signers = {.credentials = {NULL}};
			struct translator *translator =
			    of_mode(&modes[i], &signers, 10, true, false);

			translator->deliver = lose_the_nth;
			translator->context = &nth;
			translator_start(translator);
			duo_connect(translator->duo, DUO_A);
			translator_run(translator, 8 * IKE_SECOND);
			translator->deliver = NULL;
			ck_assert_uint_eq(duo_established(translator->duo, DUO_A), 1);
			ck_assert_uint_eq(duo_established(translator->duo, DUO_B), 1);
			ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 40001);
			translator_ask(translator, DUO_A);
			translator_run(translator, IKE_SECOND);
			ck_assert_uint_eq(translator_answers(translator, DUO_A), 1);
			leave(&modes[i], &signers, translator);
		}
	}
}
END_TEST

/* ---- AM3, which is the first to say that there is a NAT ------------------------------------------------------------ */

static bool is_am3(const struct translator_datagram *datagram)
{
	return datagram->from == DUO_A && datagram->data[18] == IKE_EXCHANGE_AGGRESSIVE &&
	       (datagram->data[19] & IKE_FLAG_ENCRYPTION) != 0;
}

static bool noise_before_am3(struct translator *translator, struct translator_datagram *datagram)
{
	struct ike_address from = translator_elsewhere();
	enum ike_verdict *verdict = translator->context;
	struct random_source random;
	struct caller caller;

	if (!is_am3(datagram) || *verdict != IKE_ACCEPTED)
		return true;
	random_system(&random);
	(void)caller_message_5(&caller, datagram->data, datagram->data + 8, &random, 6);
	caller.data[18] = IKE_EXCHANGE_AGGRESSIVE;
	*verdict = translator_send(translator, DUO_B, &from, 4500, caller.data, caller.length);
	ck_assert_int_eq(translator_send(translator, DUO_B, &from, 500, caller.data, caller.length),
			 IKE_OTHER_ADDRESS);
	return true;
}

START_TEST(test_a_strangers_am3)
{
	struct signers signers = {.credentials = {NULL}};
	struct translator *translator = of_mode(&modes[0], &signers, 11, true, false);
	enum ike_verdict verdict = IKE_ACCEPTED;

	translator->deliver = noise_before_am3;
	translator->context = &verdict;
	translator_start(translator);
	translator_establish(translator);
	ck_assert_int_eq(verdict, IKE_UNREADABLE);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).remote.port, 40001);
	translator_free(translator);
}
END_TEST

/* The NAT has more than one address: the one that AM3 comes from is the peer's, because of what it proves. */
static bool am3_from_another_host(struct translator *translator,
				  struct translator_datagram *datagram)
{
	(void)translator;
	if (is_am3(datagram))
		datagram->source.octets[3] = 201;
	return true;
}

START_TEST(test_am3_from_another_address_of_the_nat)
{
	struct signers signers = {.credentials = {NULL}};
	struct translator *translator = of_mode(&modes[0], &signers, 12, true, false);

	translator->deliver = am3_from_another_host;
	translator_start(translator);
	duo_connect(translator->duo, DUO_A);
	translator_run(translator, 3 * IKE_SECOND);
	ck_assert_uint_eq(translator_sa(translator, DUO_B).nat_there, true);
	ck_assert_uint_eq(duo_last(translator->duo, DUO_B, IKE_EVENT_ESTABLISHED)->remote.octets[3],
			  201);
	translator_ask(translator, DUO_A);
	translator_run(translator, IKE_SECOND);
	ck_assert_uint_eq(translator_answers(translator, DUO_A), 1);
	translator_free(translator);
}
END_TEST

UNIT_MAIN("nat_traversal_modes", test_every_mode_floats, test_certificates_go_in_fragments,
	  test_any_datagram_lost, test_a_strangers_am3, test_am3_from_another_address_of_the_nat)
