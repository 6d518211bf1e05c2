/* SPDX-License-Identifier: ISC */
/*
 * Signatures and certificates that prove nothing (CVE-2018-16151, CVE-2026-14957), from somebody who has done his Diffie-Hellman and
 * so speaks under encryption: A's MM5, made anew in every wrong way, to B.  How the parts of a signature and of a certificate are
 * held against each other is tested in unit/test_signature.c and unit/test_certificate.c; here it is what becomes of the SA.
 */
#include <string.h>

#include "ike/authentication.h"
#include "ike/fragment.h"
#include "ike/identity.h"
#include "tests/support/pki.h"
#include "tests/support/siege.h"
#include "tests/support/signers.h"
#include "tests/support/unit.h"

/* Everything that a wrong MM5 needs. */
struct attack {
	struct signers signers;
	struct duo *duo;
	struct siege_held held;
	struct ike_handshake *handshake; /* A's */
	struct pki_certificate root, leaf;
	uint8_t id_b[100];
	size_t id_b_length;
};

static struct attack attack;

static void set_identity(const char *text)
{
	struct ike_identity identity;
	struct wire_writer writer;

	ck_assert(ike_identity_from_text(text, &identity));
	wire_write_to(&writer, attack.id_b, sizeof(attack.id_b));
	ike_identity_write(&writer, &identity);
	attack.id_b_length = writer.length;
}

/* A leaf for A's key, as wished, below the authority that B believes. */
static void issue(const struct pki_wish *wish)
{
	pki_make(&attack.leaf, wish, &attack.root);
}

static const struct pki_wish good = {
    .key = PKI_RSA,
    .subject = "CN=a.example, O=lab",
    .alternative = "DNS:a.example",
};

static void begin(uint8_t seed)
{
	uint32_t cursor = 0;

	attack.duo = signers_duo(&attack.signers, seed, IKE_AUTHENTICATION_RSA_SIGNATURE);
	siege_hold(attack.duo, IKE_MM5, &attack.held);
	attack.handshake = sa_table_next(attack.duo->core[DUO_A]->sas, &cursor)->handshake;
	pki_root(&attack.root);
	issue(&good);
	set_identity("fqdn:a.example");
}

static void end(void)
{
	signers_free(&attack.signers, attack.duo);
}

static void cert(struct ike_chain *chain, uint8_t encoding, struct octets der)
{
	size_t mark = ike_payload_begin(chain, IKE_PAYLOAD_CERT);

	wire_write_u8(chain->writer, encoding);
	wire_write_octets(chain->writer, der);
	ike_payload_end(chain, mark);
}

/* What is in it besides the identity. */
struct proof {
	struct octets certificate[IKE_PAYLOADS_MAX + 1];
	size_t certificates;
	uint8_t encoding; /* of all of them; 0: X.509 for signatures */
	uint8_t signature[2 * SIGNATURE_MAX_LENGTH];
	size_t signature_length;
};

/* HASH_I, or HASH_R, over the identity, as A has it. */
static struct octets hash_of(bool of_initiator, uint8_t room[HASH_MAX_LENGTH])
{
	authentication_hash(attack.duo->core[DUO_A], attack.handshake, of_initiator,
			    octets_of(attack.id_b, attack.id_b_length), room);
	return octets_of(room, hash_length(attack.handshake->sa->hash));
}

/* The right one, of the leaf as it is now, signed with A's key. */
static void prove(struct proof *proof)
{
	uint8_t room[HASH_MAX_LENGTH];

	memset(proof, 0, sizeof(*proof));
	proof->certificate[0] = pki_der(&attack.leaf);
	proof->certificates = 1;
	proof->signature_length = credentials_sign(attack.signers.credentials[DUO_A],
						   hash_of(true, room), proof->signature);
	ck_assert_uint_gt(proof->signature_length, 0);
}

/* One that is too long for a datagram comes in fragments; returns what was said of the last. */
static enum ike_verdict in_datagrams(struct octets message)
{
	size_t count = fragment_count(message.length);
	enum ike_verdict verdict = IKE_ACCEPTED;
	uint8_t fragment[FRAGMENT_DATAGRAM_MAX];
	static uint16_t id;

	if (message.length <= IKE_DATAGRAM_MAX)
		return duo_inject(attack.duo, DUO_B, message.data, message.length);
	id++;
	for (size_t i = 1; i <= count && verdict == IKE_ACCEPTED; i++)
		verdict = duo_inject(attack.duo, DUO_B, fragment,
				     fragment_write(message, id, i, count, fragment));
	return verdict;
}

static enum ike_verdict inject(const struct proof *proof)
{
	static uint8_t message[IKE_HANDSHAKE_MESSAGE];
	struct ike_core *core = attack.duo->core[DUO_A];
	struct ike_handshake *handshake = attack.handshake;
	uint8_t iv[CIPHER_MAX_BLOCK];
	struct wire_writer writer;
	struct ike_header header;
	struct ike_chain chain;

	ck_assert_int_eq(
	    ike_header_parse(octets_of(attack.held.plain, attack.held.plain_length), &header),
	    IKE_ACCEPTED);
	wire_write_to(&writer, message, sizeof(message));
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_ID, octets_of(attack.id_b, attack.id_b_length));
	for (size_t i = 0; i < proof->certificates; i++)
		cert(&chain,
		     proof->encoding != 0 ? proof->encoding
					  : (uint8_t)IKE_CERTIFICATE_X509_SIGNATURE,
		     proof->certificate[i]);
	ike_payload_write(&chain, IKE_PAYLOAD_SIG,
			  octets_of(proof->signature, proof->signature_length));
	ike_header_finish(&writer);
	protect_iv_phase1(
	    core->crypto, handshake->sa->hash, handshake->sa->cipher, dh_public(handshake->dh),
	    octets_of(handshake->peer_public, dh_public_length(handshake->group)), iv);
	ck_assert(protect_encrypt(core->crypto, handshake->sa->cipher, sa_key(handshake->sa), iv,
				  &writer));
	ck_assert(!writer.failed);
	siege_forgive(attack.duo, DUO_B);
	return in_datagrams(wire_written(&writer));
}

/* Refused with that verdict, nothing but the refusal noted, and no more octets in answer. */
static void expect(const struct proof *proof, enum ike_verdict verdict)
{
	uint64_t before = siege_digest(attack.duo, DUO_B, SIEGE_BUT_REFUSALS);
	enum ike_verdict got = inject(proof);

	ck_assert_msg(got == verdict, "%s and not %s", ike_verdict_name(got),
		      ike_verdict_name(verdict));
	(void)siege_drain(attack.duo, DUO_B);
	ck_assert(siege_digest(attack.duo, DUO_B, SIEGE_BUT_REFUSALS) == before);
	ck_assert_uint_eq(duo_established(attack.duo, DUO_B), 0);
}

/* What was refused has spoilt nothing: the real one is accepted. */
static void expect_good_still_is(void)
{
	struct proof proof;

	issue(&good);
	set_identity("fqdn:a.example");
	prove(&proof);
	ck_assert_int_eq(inject(&proof), IKE_ACCEPTED);
	attack.duo->deliver = NULL;
	duo_run(attack.duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(attack.duo, DUO_B), 1);
}

START_TEST(cve_2018_16151_signature_over_another_hash)
{
	const struct credentials *key;
	uint8_t room[HASH_MAX_LENGTH];
	struct proof proof;
	struct octets hash;

	begin(1);
	key = attack.signers.credentials[DUO_A];
	/* every octet of the hash counts */
	for (size_t i = 0; i < 20; i += 5) {
		prove(&proof);
		hash = hash_of(true, room);
		room[i] ^= 1;
		ck_assert_uint_gt(credentials_sign(key, hash, proof.signature), 0);
		expect(&proof, IKE_BAD_SIGNATURE);
	}
	/* the other side's hash is no proof of this one's */
	prove(&proof);
	ck_assert_uint_gt(credentials_sign(key, hash_of(false, room), proof.signature), 0);
	expect(&proof, IKE_BAD_SIGNATURE);
	/* nor is the hash of another identity: the name is taken after it was signed */
	issue(&(struct pki_wish){.key = PKI_RSA,
				 .subject = "CN=a.example, O=lab",
				 .alternative = "DNS:a.example,DNS:c.example"});
	prove(&proof);
	set_identity("fqdn:c.example");
	expect(&proof, IKE_BAD_SIGNATURE);
	expect_good_still_is();
	end();
}
END_TEST

START_TEST(cve_2018_16151_signature_of_any_length)
{
	struct proof proof;

	begin(2);
	for (size_t length = 0; length <= 1030; length += length < 4 ? 1 : 114) {
		prove(&proof);
		if (length == proof.signature_length)
			continue;
		proof.signature_length = length;
		expect(&proof, IKE_BAD_SIGNATURE);
	}
	/* every octet of it */
	for (size_t i = 0; i < 256; i += 51) {
		prove(&proof);
		proof.signature[i] ^= 0x10;
		expect(&proof, IKE_BAD_SIGNATURE);
	}
	/* the hash itself where the signature should be: a proof of the other method */
	prove(&proof);
	proof.signature_length = hash_of(true, proof.signature).length;
	expect(&proof, IKE_BAD_SIGNATURE);
	expect_good_still_is();
	end();
}
END_TEST

/* B's own signature, sent back to it: under B's certificate it is the signature of another hash. */
START_TEST(reflected_signature)
{
	struct octets certificate[CERTIFICATES_MAX];
	uint8_t room[HASH_MAX_LENGTH];
	struct proof proof;

	begin(3);
	set_identity("fqdn:b.example");
	prove(&proof);
	ck_assert_uint_gt(credentials_certificates(attack.signers.credentials[DUO_B], certificate),
			  0);
	proof.certificate[0] = certificate[0];
	ck_assert_uint_gt(credentials_sign(attack.signers.credentials[DUO_B], hash_of(false, room),
					   proof.signature),
			  0);
	expect(&proof, IKE_BAD_SIGNATURE);
	expect_good_still_is();
	end();
}
END_TEST

START_TEST(certificates_that_prove_nothing)
{
	static const struct {
		struct pki_wish wish;
		enum ike_verdict verdict;
	} bad[] = {
	    {{.from = PKI_NOW - 2 * PKI_YEAR, .until = PKI_NOW - PKI_DAY}, IKE_CERTIFICATE_EXPIRED},
	    {{.from = PKI_NOW + PKI_DAY, .until = PKI_NOW + PKI_YEAR}, IKE_CERTIFICATE_EXPIRED},
	    {{.usage = "critical,keyCertSign"}, IKE_CERTIFICATE_WRONG_USE},
	    {{.usage = "keyEncipherment"}, IKE_CERTIFICATE_WRONG_USE},
	    {{.key = PKI_P256}, IKE_CERTIFICATE_WRONG_USE},
	    {{.key = PKI_RSA_OTHER}, IKE_BAD_SIGNATURE},
	    {{.alternative = "DNS:c.example"}, IKE_CERTIFICATE_OTHER_NAME},
	    {{.alternative = "DNS:*.example"}, IKE_CERTIFICATE_OTHER_NAME},
	    {{.alternative = "email:a.example@a.example"}, IKE_CERTIFICATE_OTHER_NAME},
	};
	struct pki_certificate stranger;
	struct proof proof;

	begin(4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pki_wish wish = bad[i].wish;

		if (wish.subject == NULL)
			wish.subject = good.subject;
		if (wish.alternative == NULL)
			wish.alternative = good.alternative;
		issue(&wish);
		prove(&proof);
		expect(&proof, bad[i].verdict);
	}
	/* his own authority, with or without its certificate beside, and he himself */
	pki_make(&stranger,
		 &(struct pki_wish){.key = PKI_BETWEEN,
				    .subject = "CN=root, O=lab",
				    .constraints = "critical,CA:TRUE"},
		 NULL);
	pki_make(&attack.leaf, &good, &stranger);
	prove(&proof);
	expect(&proof, IKE_CERTIFICATE_UNTRUSTED);
	proof.certificate[proof.certificates++] = pki_der(&stranger);
	expect(&proof, IKE_CERTIFICATE_UNTRUSTED);
	pki_make(&attack.leaf, &good, NULL);
	prove(&proof);
	expect(&proof, IKE_CERTIFICATE_UNTRUSTED);
	expect_good_still_is();
	end();
}
END_TEST

/* The calendar is the user's to say, and passes. */
START_TEST(certificate_that_expires_while_we_run)
{
	struct ike_command calendar = {.kind = IKE_COMMAND_CALENDAR, .peer = 77};
	struct proof proof;

	begin(5);
	calendar.calendar = PKI_NOW + 2 * PKI_YEAR;
	ck_assert(ike_command(attack.duo->core[DUO_B], attack.duo->now, &calendar));
	prove(&proof);
	expect(&proof, IKE_CERTIFICATE_EXPIRED);
	/* two seconds before the end, and the clock is past that already */
	calendar.calendar = PKI_NOW + PKI_YEAR - (int64_t)(attack.duo->now / IKE_SECOND) + 1;
	ck_assert(ike_command(attack.duo->core[DUO_B], attack.duo->now, &calendar));
	expect(&proof, IKE_CERTIFICATE_EXPIRED);
	calendar.calendar = PKI_NOW;
	ck_assert(ike_command(attack.duo->core[DUO_B], attack.duo->now, &calendar));
	expect_good_still_is();
	end();
}
END_TEST

START_TEST(cve_2026_14957_damaged_certificates)
{
	struct proof proof;

	begin(6);
	/* every length of a truncated one, and garbage of its length */
	for (size_t length = 0; length < attack.leaf.length; length += length < 16 ? 1 : 37) {
		prove(&proof);
		proof.certificate[0].length = length;
		expect(&proof, IKE_CERTIFICATE_MALFORMED);
	}
	for (unsigned octet = 0; octet < 256; octet += 51) {
		uint8_t garbage[600];

		memset(garbage, (int)octet, sizeof(garbage));
		prove(&proof);
		proof.certificate[0] = octets_of(garbage, sizeof(garbage));
		expect(&proof, IKE_CERTIFICATE_MALFORMED);
		/* behind a good one as well: nothing is passed over that cannot be read */
		prove(&proof);
		proof.certificate[proof.certificates++] = octets_of(garbage, sizeof(garbage));
		expect(&proof, IKE_CERTIFICATE_MALFORMED);
	}
	expect_good_still_is();
	end();
}
END_TEST

START_TEST(cve_2026_14957_number_and_size_of_certificates)
{
	static uint8_t big[CERTIFICATE_MAX + 1];
	struct proof proof;

	begin(7);
	attack.duo->peer[DUO_B].fragmentation = true;
	prove(&proof);
	proof.certificates = 0;
	expect(&proof, IKE_CERTIFICATE_MISSING);
	/* nothing that anybody here reads: PKCS #7, PGP, a URL */
	for (unsigned encoding = 1; encoding < 256; encoding += encoding < 16 ? 1 : 40) {
		prove(&proof);
		proof.encoding = (uint8_t)encoding;
		if (encoding != IKE_CERTIFICATE_X509_SIGNATURE)
			expect(&proof, IKE_CERTIFICATE_MISSING);
	}
	/* more than a chain is long; more than a message has payloads, under encryption; one that is too long */
	prove(&proof);
	while (proof.certificates <= CERTIFICATES_MAX)
		proof.certificate[proof.certificates++] = octets_of(big, 1);
	expect(&proof, IKE_TOO_MANY_CERTIFICATES);
	while (proof.certificates <= IKE_PAYLOADS_MAX)
		proof.certificate[proof.certificates++] = octets_of(big, 1);
	ck_assert_uint_eq(proof.certificates, 33);
	expect(&proof, IKE_UNREADABLE);
	prove(&proof);
	proof.certificate[1] = octets_of(big, sizeof(big));
	proof.certificates = 2;
	expect(&proof, IKE_TOO_MANY_CERTIFICATES);
	expect_good_still_is();
	end();
}
END_TEST

/* Names of other types: no certificate speaks for them. */
START_TEST(identities_that_no_certificate_speaks_for)
{
	static const struct {
		const char *identity;
		enum ike_verdict verdict;
	} bad[] = {
	    {"key-id:a.example", IKE_BAD_IDENTITY},
	    {"der-gn:0x820961", IKE_BAD_IDENTITY},
	    {"user-fqdn:a@a.example", IKE_CERTIFICATE_OTHER_NAME},
	    {"ipv4:192.0.2.1", IKE_CERTIFICATE_OTHER_NAME},
	    {"ipv6:2001:db8::1", IKE_CERTIFICATE_OTHER_NAME},
	    {"der-dn:CN=a.example", IKE_CERTIFICATE_OTHER_NAME},
	    {"der-dn:0x3000", IKE_CERTIFICATE_OTHER_NAME},
	    {"fqdn:a.example.", IKE_CERTIFICATE_OTHER_NAME},
	    {"fqdn:xa.example", IKE_CERTIFICATE_OTHER_NAME},
	};
	struct proof proof;

	begin(8);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_identity(bad[i].identity);
		prove(&proof);
		expect(&proof, bad[i].verdict);
	}
	expect_good_still_is();
	end();
}
END_TEST

/* Whoever has a good certificate of somebody whom B does not know is told so, and only he. */
START_TEST(good_certificate_of_nobody_we_know)
{
	struct proof proof;

	begin(9);
	ck_assert(
	    ike_identity_from_text("fqdn:c.example", &attack.duo->peer[DUO_B].remote_identity));
	prove(&proof);
	proof.signature[0] ^= 1;
	expect(&proof, IKE_BAD_SIGNATURE);
	prove(&proof);
	ck_assert_int_eq(inject(&proof), IKE_WRONG_IDENTITY);
	duo_run(attack.duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(attack.duo, DUO_B), 0);
	ck_assert_str_eq(duo_last(attack.duo, DUO_B, IKE_EVENT_FAILED)->text, "fqdn:a.example");
	end();
}
END_TEST

/* Sixteen tries in one negotiation: nobody makes us verify at leisure. */
START_TEST(signatures_without_end)
{
	uint8_t noise[500] = {0};
	size_t length;

	begin(10);
	length = sizeof(noise) - sizeof(noise) % 16 - 4;
	for (unsigned i = 0; i < 40; i++) {
		enum ike_verdict verdict;

		memcpy(noise, attack.held.data, IKE_HEADER_LENGTH);
		noise[26] = (uint8_t)(length >> 8);
		noise[27] = (uint8_t)length;
		noise[100] = (uint8_t)i;
		verdict = duo_inject(attack.duo, DUO_B, noise, length);
		ck_assert_int_eq(verdict, i < 16 ? IKE_UNREADABLE : IKE_RATE_LIMITED);
	}
	end();
}
END_TEST

UNIT_MAIN("signatures", cve_2018_16151_signature_over_another_hash,
	  cve_2018_16151_signature_of_any_length, reflected_signature,
	  certificates_that_prove_nothing, certificate_that_expires_while_we_run,
	  cve_2026_14957_damaged_certificates, cve_2026_14957_number_and_size_of_certificates,
	  identities_that_no_certificate_speaks_for, good_certificate_of_nobody_we_know,
	  signatures_without_end)
