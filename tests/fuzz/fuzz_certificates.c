/* SPDX-License-Identifier: ISC */
/*
 * fuzz_certificates.c - what a peer brings to authenticate itself with: an identity, a signature, a chain.
 *
 * The input: an octet of options (the kind in bits 0 and 1, the kind of name in 2 and 3), one for the calendar (months from
 * CERTIFICATES_NOW, signed), the identity after an octet of length, the signature after two, and certificates, each after two.
 *
 * What must hold: nobody but the two peers that the authority has certified is ever good, and only as himself; a longer
 * signature or identity is not good; lists make nobody good; a name that is shown is printable.
 */
#include <string.h>

#include "crypto/distinguished_name.h"
#include "tests/fuzz/certificates.h"

#define CHAIN_MOST (CERTIFICATES_MAX + 1)
#define MONTH      (30 * INT64_C(86400))

struct claim {
	enum signature_kind kind;
	enum certificate_name name;
	int64_t calendar;
	struct octets identity, signature, chain[CHAIN_MOST];
	size_t count;
};

static const struct credentials *judge(bool with_lists)
{
	static struct credentials *made[2];
	const char *lists = with_lists ? certificates_lists : "";
	char why[200];

	if (made[with_lists] == NULL)
		made[with_lists] = credentials_new(
		    &(struct credentials_text){
			.authorities = octets_of(certificates_root, strlen(certificates_root)),
			.revocations = octets_of(lists, strlen(lists))},
		    why, sizeof(why));
	FUZZ_REQUIRE(made[with_lists] != NULL);
	return made[with_lists];
}

static void read_claim(struct fuzz_input *input, struct claim *claim)
{
	const uint8_t options = fuzz_u8(input);

	claim->kind = (enum signature_kind)(options & 3);
	claim->name = (enum certificate_name)(options >> 2 & 3);
	claim->calendar = CERTIFICATES_NOW + (int8_t)fuzz_u8(input) * MONTH;
	claim->identity = fuzz_octets(input, fuzz_u8(input));
	claim->signature = fuzz_octets(input, fuzz_u16(input));
	for (claim->count = 0; claim->count < CHAIN_MOST && input->left > 0; claim->count++)
		claim->chain[claim->count] = fuzz_octets(input, fuzz_u16(input));
}

static enum certificate_verdict verify(const struct claim *claim, bool with_lists,
				       struct octets identity, struct octets signature)
{
	const enum certificate_verdict verdict =
	    credentials_verify(judge(with_lists), claim->chain, claim->count, claim->calendar,
			       claim->kind, claim->name, identity, certificates_hash, signature);

	FUZZ_REQUIRE(verdict >= CERTIFICATE_GOOD && verdict <= CERTIFICATE_BAD_SIGNATURE);
	return verdict;
}

/*
 * What the authority has signed is in what was accepted.  The octets around it are not signed, and have more than one form
 * that can be read.
 */
static bool is_of(const struct claim *claim, enum signature_kind kind)
{
	struct octets certificate[CERTIFICATES_MAX], body;
	const size_t count = credentials_certificates(certificates_peer(kind), certificate);
	const uint8_t *own;

	FUZZ_REQUIRE(count > 0 && certificate[0].length > 8);
	/* SEQUENCE and length of two octets, twice: the second is of what is signed */
	own = certificate[0].data + 4;
	body = octets_of(own, 4 + (size_t)(own[2] << 8 | own[3]));
	return memmem(claim->chain[0].data, claim->chain[0].length, body.data, body.length) != NULL;
}

/* Accepted with these identity and signature; not with others. */
static void check_good(const struct claim *claim)
{
	uint8_t longer[SIGNATURE_MAX_LENGTH + 1] = {0};
	const size_t identity = claim->identity.length, signature = claim->signature.length;

	FUZZ_REQUIRE(claim->count > 0 && claim->count <= CERTIFICATES_MAX);
	FUZZ_REQUIRE(is_of(claim, claim->kind));
	FUZZ_REQUIRE(identity > 0 && identity <= 255 && signature <= SIGNATURE_MAX_LENGTH);
	memcpy(longer, claim->identity.data, identity);
	FUZZ_REQUIRE(verify(claim, false, octets_of(longer, identity + 1), claim->signature) ==
		     CERTIFICATE_OTHER_NAME);
	FUZZ_REQUIRE(verify(claim, false, octets_of(longer, identity - 1), claim->signature) ==
		     CERTIFICATE_OTHER_NAME);
	memcpy(longer, claim->signature.data, signature);
	FUZZ_REQUIRE(verify(claim, false, claim->identity, octets_of(longer, signature + 1)) ==
		     CERTIFICATE_BAD_SIGNATURE);
	FUZZ_REQUIRE(verify(claim, false, claim->identity, octets_of(longer, signature - 1)) ==
		     CERTIFICATE_BAD_SIGNATURE);
	longer[signature / 2] ^= 1;
	FUZZ_REQUIRE(verify(claim, false, claim->identity, octets_of(longer, signature)) ==
		     CERTIFICATE_BAD_SIGNATURE);
}

static void check_name(struct octets name)
{
	static const size_t rooms[] = {0, 1, 20, 2048};
	char text[2048];

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		FUZZ_REQUIRE(
		    fuzz_good_text(text, distinguished_name_text(name, text, rooms[i]), rooms[i]));
	FUZZ_REQUIRE((text[0] != '\0') == distinguished_name_equal(name, name));
}

/* The identity as somebody would write it into a configuration. */
static void check_text(struct octets identity)
{
	uint8_t der[512];
	char text[256];
	size_t length;

	memcpy(text, identity.data, identity.length);
	text[identity.length] = '\0';
	if (!distinguished_name_from_text(text, der, sizeof(der), &length))
		return;
	FUZZ_REQUIRE(length > 0 && length <= sizeof(der));
	FUZZ_REQUIRE(distinguished_name_equal(octets_of(der, length), octets_of(der, length)));
	check_name(octets_of(der, length));
}

int fuzz_certificates(const uint8_t *data, size_t length)
{
	struct fuzz_input input = {data, length};
	enum certificate_verdict verdict, listed;
	struct claim claim;

	read_claim(&input, &claim);
	verdict = verify(&claim, false, claim.identity, claim.signature);
	listed = verify(&claim, true, claim.identity, claim.signature);
	FUZZ_REQUIRE(verify(&claim, false, claim.identity, claim.signature) == verdict);
	FUZZ_REQUIRE(listed == verdict || listed == CERTIFICATE_REVOKED);
	if (verdict == CERTIFICATE_GOOD)
		check_good(&claim);
	check_name(claim.identity);
	if (claim.identity.length > 0)
		check_text(claim.identity);
	return 0;
}
