/* SPDX-License-Identifier: ISC */
/*
 * test_authentication.c - who is believed, and that the proofs are those of RFC 2409 section 5, from the wire alone.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/pki.h"
#include "tests/support/recorder.h"
#include "tests/support/siege.h"
#include "tests/support/signers.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

/* ---- who must stay out --------------------------------------------------------------------------------------------- */

static void expect_failure(struct duo *duo, enum duo_node node, enum ike_why why,
			   enum ike_verdict verdict)
{
	const struct ike_event *event = duo_last(duo, node, IKE_EVENT_FAILED);

	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_ptr_nonnull(event);
	ck_assert_int_eq(event->why, why);
	ck_assert_int_eq(event->verdict, verdict);
}

static bool was_refused(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	for (size_t i = 0; i < duo->events[node]; i++)
		if (duo->event[node][i].kind == IKE_EVENT_REFUSED &&
		    duo->event[node][i].verdict == verdict)
			return true;
	return false;
}

START_TEST(test_wrong_secret)
{
	struct duo *duo = duo_new(1);

	duo_secret(duo, DUO_B, "another secret than A has");
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 9 * IKE_SECOND);
	/* the responder sees noise where MM5 should be, and says so at once */
	ck_assert(was_refused(duo, DUO_B, IKE_UNREADABLE));
	/* the initiator hears of it, without believing it */
	ck_assert_ptr_nonnull(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS));
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->authenticated);
	duo_run(duo, 40 * IKE_SECOND);
	expect_failure(duo, DUO_B, IKE_WHY_REFUSED, IKE_UNREADABLE);
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_identity)
{
	struct duo *duo = duo_new(2);

	ck_assert(ike_identity_from_text("fqdn:somebody.else", &duo->peer[DUO_B].remote_identity));
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND); /* known under a HASH that holds, so at once */
	expect_failure(duo, DUO_B, IKE_WHY_REFUSED, IKE_WRONG_IDENTITY);
	ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_FAILED)->text, "fqdn:a.example");
	duo_free(duo);
}
END_TEST

START_TEST(test_initiator_refuses_a_wrong_responder)
{
	struct duo *duo = duo_new(3);

	ck_assert(ike_identity_from_text("fqdn:somebody.else", &duo->peer[DUO_A].remote_identity));
	duo->keepalive[DUO_A].recovery.attempt_timeout = 60 * IKE_SECOND;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 50 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert(was_refused(duo, DUO_A, IKE_WRONG_IDENTITY));
	duo_free(duo);
}
END_TEST

/* Answers a node with its own messages, under a responder's cookie that equals the initiator's. */
static bool mirror(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	datagram->to = datagram->to == DUO_A ? DUO_B : DUO_A;
	memcpy(datagram->data + IKE_COOKIE_LENGTH, datagram->data, IKE_COOKIE_LENGTH);
	return true;
}

/* With equal cookies and equal public values HASH_I would be HASH_R, and whoever has no secret could send us our own. */
START_TEST(test_nobody_is_established_with_himself)
{
	struct duo *duo = duo_new(33);

	duo->deliver = mirror;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_every_identity_type)
{
	static const char *const identities[] = {"ipv4:192.0.2.1", "ipv6:2001:db8::1",
						 "fqdn:gw.example", "user-fqdn:joe@example",
						 "key-id:0x6c6162"};

	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		struct duo *duo = duo_new((uint8_t)(60 + i));

		ck_assert(ike_identity_from_text(identities[i], &duo->peer[DUO_A].local_identity));
		ck_assert(ike_identity_from_text(identities[i], &duo->peer[DUO_B].remote_identity));
		duo_start(duo);
		duo_establish(duo);
		ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->text, identities[i]);
		duo_free(duo);
	}
}
END_TEST

static struct recorder a, b;

/* ---- the proofs, from the wire -------------------------------------------------------------------------------------- */

/* Everything that a third party who knows the secret and g^xy would need to check the two sides. */
struct overheard {
	struct ike_message message[IKE_MM6 + 1];
	struct octets g_xi, g_xr, ni, nr, sai_b;
	const uint8_t *cky_i, *cky_r;
};

static void overhear(const struct duo *duo, struct overheard *heard)
{
	for (enum ike_message_kind kind = IKE_MM1; kind <= IKE_MM6; kind++)
		tap_read_nth(duo, kind, 0, &heard->message[kind]);
	heard->sai_b = tap_body(&heard->message[IKE_MM1], IKE_PAYLOAD_SA);
	heard->g_xi = tap_body(&heard->message[IKE_MM3], IKE_PAYLOAD_KE);
	heard->g_xr = tap_body(&heard->message[IKE_MM4], IKE_PAYLOAD_KE);
	heard->ni = tap_body(&heard->message[IKE_MM3], IKE_PAYLOAD_NONCE);
	heard->nr = tap_body(&heard->message[IKE_MM4], IKE_PAYLOAD_NONCE);
	heard->cky_i = heard->message[IKE_MM2].header.cky_i;
	heard->cky_r = heard->message[IKE_MM2].header.cky_r;
}

static void expect_hash(const struct ike_message *message, const uint8_t *expected)
{
	struct octets hash = tap_body(message, IKE_PAYLOAD_HASH);

	ck_assert_mem_eq(hash.data, expected, hash.length);
}

/* MM5 and MM6 on the wire are their twins, encrypted in one chain of IVs that starts from the public values. */
static void check_encryption(const struct duo *duo, const struct overheard *heard,
			     const struct ike_keys *keys)
{
	struct crypto *crypto = duo->core[DUO_A]->crypto;
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK], plain[IKE_DATAGRAM_MAX];

	protect_iv_phase1(crypto, keys->hash, keys->cipher, heard->g_xi, heard->g_xr, iv);
	for (enum ike_message_kind kind = IKE_MM5; kind <= IKE_MM6; kind++) {
		const struct duo_datagram *datagram = tap_nth(duo, kind, 0);

		ck_assert_int_eq(datagram->data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
		ck_assert_int_eq(protect_decrypt(crypto, keys->cipher, keys->key, iv,
						 octets_of(datagram->data, datagram->length), plain,
						 next_iv),
				 IKE_ACCEPTED);
		ck_assert_mem_eq(plain + IKE_HEADER_LENGTH, datagram->plain + IKE_HEADER_LENGTH,
				 datagram->plain_length - IKE_HEADER_LENGTH);
		memcpy(iv, next_iv, sizeof(iv));
	}
}

static void check_proofs(const char *proposal)
{
	struct duo *duo = recorder_duo_proposing(6, &a, &b, proposal);
	struct skeyid keys = {.hash = HASH_MD5};
	uint8_t expected[HASH_MAX_LENGTH];
	static struct overheard heard;
	struct ike_keys exported;
	struct crypto *crypto;

	duo_start(duo);
	duo_establish(duo);
	crypto = duo->core[DUO_A]->crypto;
	overhear(duo, &heard);
	ck_assert(ike_export_keys(duo->core[DUO_A], heard.cky_i, heard.cky_r, &exported));
	check_encryption(duo, &heard, &exported);
	keys.hash = exported.hash;
	skeyid_psk(crypto, &keys, secret_bytes(duo->secret[DUO_A]), heard.ni, heard.nr);
	skeyid_hash(crypto, &keys, heard.g_xi, heard.g_xr, heard.cky_i, heard.cky_r, heard.sai_b,
		    tap_body(&heard.message[IKE_MM5], IKE_PAYLOAD_ID), expected);
	expect_hash(&heard.message[IKE_MM5], expected);
	skeyid_hash(crypto, &keys, heard.g_xr, heard.g_xi, heard.cky_r, heard.cky_i, heard.sai_b,
		    tap_body(&heard.message[IKE_MM6], IKE_PAYLOAD_ID), expected);
	expect_hash(&heard.message[IKE_MM6], expected);
	duo_free(duo);
}

START_TEST(test_proofs)
{
	check_proofs("aes128-sha1-x25519");
	check_proofs("3des-md5-modp1024");
	check_proofs("aes256-sha512-ecp256");
}
END_TEST

/* Type, no protocol and no port (RFC 2407 section 4.6.2), the name. */
START_TEST(test_identities)
{
	struct duo *duo = recorder_duo_proposing(7, &a, &b, "aes128-sha1-x25519");
	struct ike_message message;

	duo_start(duo);
	duo_establish(duo);
	tap_read_nth(duo, IKE_MM5, 0, &message);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_ID), "02 00 0000 612e6578616d706c65");
	tap_read_nth(duo, IKE_MM6, 0, &message);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_ID), "02 00 0000 622e6578616d706c65");
	duo_free(duo);
}
END_TEST

/* ---- signatures ---------------------------------------------------------------------------------------------------- */

static const struct {
	uint16_t authentication;
	enum signature_kind kind;
	enum hash_algorithm
	    hash; /* of HASH_I and HASH_R: those of ECDSA do not follow the proposal */
	const char *proposal;
} methods[] = {
    {IKE_AUTHENTICATION_RSA_SIGNATURE, SIGNATURE_RSA, HASH_SHA1, "aes128-sha1-x25519"},
    {IKE_AUTHENTICATION_RSA_SIGNATURE, SIGNATURE_RSA, HASH_MD5, "3des-md5-modp1024"},
    {IKE_AUTHENTICATION_RSA_SIGNATURE, SIGNATURE_RSA, HASH_SHA2_512, "aes256-sha512-x25519"},
    {IKE_AUTHENTICATION_ECDSA_256, SIGNATURE_ECDSA_256, HASH_SHA2_256, "aes128-sha256-ecp256"},
    {IKE_AUTHENTICATION_ECDSA_256, SIGNATURE_ECDSA_256, HASH_SHA2_256, "aes128-sha1-x25519"},
    {IKE_AUTHENTICATION_ECDSA_384, SIGNATURE_ECDSA_384, HASH_SHA2_384, "aes256-sha384-ecp384"},
    {IKE_AUTHENTICATION_ECDSA_384, SIGNATURE_ECDSA_384, HASH_SHA2_384, "aes256-sha512-x25519"},
    {IKE_AUTHENTICATION_ECDSA_521, SIGNATURE_ECDSA_521, HASH_SHA2_512, "aes256-sha512-ecp521"},
    {IKE_AUTHENTICATION_ECDSA_521, SIGNATURE_ECDSA_521, HASH_SHA2_512, "aes128-md5-x25519"},
};

/*
 * What a third party who knows g^xy would do: SKEYID from the nonces and g^xy, HASH_I and HASH_R, and each signature held against the
 * certificate beside it.  g^xy is worked out from A's key, which the test takes while it is there.
 */
static void check_signature(struct duo *duo, struct skeyid *keys, const struct overheard *heard,
			    bool of_initiator, size_t method)
{
	const struct ike_message *message = &heard->message[of_initiator ? IKE_MM5 : IKE_MM6];
	struct octets id_b = tap_body(message, IKE_PAYLOAD_ID);
	struct octets cert = tap_body(message, IKE_PAYLOAD_CERT);
	struct octets chain = octets_of(cert.data + 1, cert.length - 1);
	uint8_t room[HASH_MAX_LENGTH];

	ck_assert_uint_eq(cert.data[0], 4);
	if (of_initiator)
		skeyid_hash_by(duo->core[DUO_A]->crypto, methods[method].hash, keys, heard->g_xi,
			       heard->g_xr, heard->cky_i, heard->cky_r, heard->sai_b, id_b, room);
	else
		skeyid_hash_by(duo->core[DUO_A]->crypto, methods[method].hash, keys, heard->g_xr,
			       heard->g_xi, heard->cky_r, heard->cky_i, heard->sai_b, id_b, room);
	ck_assert_int_eq(credentials_verify(duo->peer[DUO_A].credentials, &chain, 1, PKI_NOW,
					    methods[method].kind, CERTIFICATE_NAME_DNS,
					    octets_of(id_b.data + 4, id_b.length - 4),
					    octets_of(room, hash_length(methods[method].hash)),
					    tap_body(message, IKE_PAYLOAD_SIG)),
			 CERTIFICATE_GOOD);
}

/* A's SKEYID, which only its handshake has, and that only as long as MM6 has not come. */
static void take_skeyid(struct duo *duo, struct skeyid *keys)
{
	const struct ike_sa *sa;
	uint32_t cursor = 0;

	do {
		duo_run(duo, IKE_MILLISECOND);
		cursor = 0;
		sa = sa_table_next(duo->core[DUO_A]->sas, &cursor);
	} while (sa == NULL || sa->keys == NULL);
	ck_assert_ptr_nonnull(sa->handshake);
	*keys = sa->handshake->keys;
}

START_TEST(test_signatures)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct signers signers;
		struct duo *duo = signers_duo(&signers, 30, methods[i].authentication);
		static struct overheard heard;
		struct skeyid keys;

		duo_propose(duo, DUO_A, methods[i].proposal);
		duo_propose(duo, DUO_B, methods[i].proposal);
		duo_start(duo);
		duo_connect(duo, DUO_A);
		take_skeyid(duo, &keys);
		duo_run(duo, IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
		ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->authentication,
				  methods[i].authentication);
		ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->text,
				 "fqdn:a.example");
		overhear(duo, &heard);
		check_signature(duo, &keys, &heard, true, i);
		check_signature(duo, &keys, &heard, false, i);
		/* asked for are the initiator's in MM4, and the responder's in MM5 */
		ck_assert_uint_eq(tap_payloads(&heard.message[IKE_MM4], IKE_PAYLOAD_CR), 1);
		ck_assert_uint_eq(tap_payloads(&heard.message[IKE_MM5], IKE_PAYLOAD_CR), 1);
		ck_assert_uint_eq(tap_payloads(&heard.message[IKE_MM6], IKE_PAYLOAD_CR), 0);
		duo_run(duo, 30 * IKE_SECOND);
		ck_assert_uint_ge(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), 1);
		signers_free(&signers, duo);
	}
}
END_TEST

/* Nobody signs while a datagram is being read: MM5 has come, and MM6 waits for a tick. */
START_TEST(test_signing_is_left_to_the_tick)
{
	struct signers signers;
	struct duo *duo = signers_duo(&signers, 31, IKE_AUTHENTICATION_RSA_SIGNATURE);
	static struct siege_held held;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(duo_inject(duo, DUO_B, held.data, held.length), IKE_ACCEPTED);
	ck_assert_ptr_nonnull(duo->core[DUO_B]->first_work);
	ck_assert_int_eq(duo->core[DUO_B]->first_work->work, IKE_WORK_SIGNATURE);
	ck_assert_uint_eq(siege_drain(duo, DUO_B), 0);
	/* MM5 again meanwhile: there is nothing to say yet */
	ck_assert_int_eq(duo_inject(duo, DUO_B, held.data, held.length), IKE_DUPLICATE);
	ck_assert_uint_eq(siege_drain(duo, DUO_B), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	duo->deliver = NULL;
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	signers_free(&signers, duo);
}
END_TEST

/* Without a configured identity a certificate's subject is who we are, in words for people. */
START_TEST(test_subject_is_the_identity_where_none_is_configured)
{
	struct signers signers;
	struct duo *duo = signers_duo(&signers, 32, IKE_AUTHENTICATION_ECDSA_256);
	struct ike_sa_status sa;

	duo_propose(duo, DUO_A, "aes128-sha256-ecp256");
	duo_propose(duo, DUO_B, "aes128-sha256-ecp256");
	duo->settings[DUO_A].identity.type = 0;
	/* a name is the same name in whatever case */
	ck_assert(ike_identity_from_text("der-dn:CN=A.Example, O=LAB",
					 &duo->peer[DUO_B].remote_identity));
	duo_start(duo);
	duo_establish(duo);
	ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->text,
			 "der-dn:CN=a.example, O=lab");
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
	ck_assert_uint_eq(sa.identity.type, IKE_ID_DER_DN);
	signers_free(&signers, duo);
}
END_TEST

/* A key that cannot do it: an event says so, and nothing hangs. */
START_TEST(test_no_key_to_sign_with)
{
	static char root[PKI_PEM_MAX];
	struct credentials_text text = {0};
	struct pki_certificate authority;
	char why[200];

	pki_root(&authority);
	root[0] = 0;
	pki_add_pem(root, &authority);
	text.authorities = pki_text(root);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct signers signers;
		struct duo *duo = signers_duo(&signers, 33, IKE_AUTHENTICATION_RSA_SIGNATURE);

		signers_replace(&signers, duo, node, credentials_new(&text, why, sizeof(why)));
		ck_assert_ptr_nonnull(duo->peer[node].credentials);
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 40 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
		ck_assert_ptr_nonnull(strstr(duo_last(duo, node, IKE_EVENT_OVERLOAD)->text, "key"));
		signers_free(&signers, duo);
	}
}
END_TEST

/* Each message of a signed negotiation lost once, and once twice. */
struct mishap {
	unsigned message, seen;
	bool twice;
};

static bool one_mishap(struct duo *duo, struct duo_datagram *datagram)
{
	struct mishap *mishap = duo->context;

	if (++mishap->seen != mishap->message)
		return true;
	if (!mishap->twice)
		return false;
	(void)duo_inject(duo, datagram->to, datagram->data, datagram->length);
	return true;
}

START_TEST(test_each_signed_message_lost_or_twice)
{
	for (unsigned i = 0; i < 12; i++) {
		struct mishap mishap = {.message = 1 + i / 2, .twice = i % 2 == 1};
		struct signers signers;
		struct duo *duo = signers_duo(&signers, 34, IKE_AUTHENTICATION_RSA_SIGNATURE);

		duo->deliver = one_mishap;
		duo->context = &mishap;
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 8 * IKE_SECOND);
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 1);
		ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_ESTABLISHED), 1);
		signers_free(&signers, duo);
	}
}
END_TEST

UNIT_MAIN("authentication", test_wrong_secret, test_wrong_identity,
	  test_initiator_refuses_a_wrong_responder, test_nobody_is_established_with_himself,
	  test_every_identity_type, test_proofs, test_identities, test_signatures,
	  test_signing_is_left_to_the_tick, test_subject_is_the_identity_where_none_is_configured,
	  test_no_key_to_sign_with, test_each_signed_message_lost_or_twice)
