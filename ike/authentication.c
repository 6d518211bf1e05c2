/* SPDX-License-Identifier: ISC */
/*
 * authentication.c - identity and proof: IDii, HASH_I and IDir, HASH_R with a pre-shared key (RFC 2409 section 5.4); the same with
 * [CERT, ] SIG_I and SIG_R in place of the hashes with signatures (section 5.1).
 *
 * A signature is checked while its message is read, and made by ike_tick: a peer gets us to check one only after a Diffie-Hellman
 * of his own, and then sixteen times at most (phase_1.c), each about as dear as one of ours with a small group; making one with
 * RSA costs twenty times as much.  AM2 is the exception: anybody who has seen AM1 can send one, and g^xy is needed to check it, so
 * that is put off (aggressive_mode.c).
 */
#include "ike/authentication.h"

#include <assert.h>
#include <string.h>

#include "ike/identity.h"

#define ROOM_BEHIND      128 /* octets for what follows the proof, and for padding */
#define CERT_HEAD_LENGTH 1u  /* the encoding, in CERT and CR (RFC 2408 section 3.9 and 3.10) */

bool authentication_signs(const struct ike_sa *sa)
{
	return sa->authentication != IKE_AUTHENTICATION_PSK;
}

/* Of a method that is tied to a hash the proof is HMAC with that one (RFC 2409 section 5.1, RFC 4754 section 4). */
static enum hash_algorithm proof_hash(const struct ike_sa *sa)
{
	switch (sa->authentication) {
	case IKE_AUTHENTICATION_ECDSA_256:
		return HASH_SHA2_256;
	case IKE_AUTHENTICATION_ECDSA_384:
		return HASH_SHA2_384;
	case IKE_AUTHENTICATION_ECDSA_521:
		return HASH_SHA2_512;
	default:
		return sa->hash;
	}
}

size_t authentication_hash(struct ike_core *core, const struct ike_handshake *handshake,
			   bool of_initiator, struct octets id_b, uint8_t out[HASH_MAX_LENGTH])
{
	const struct ike_sa *sa = handshake->sa;
	struct octets ours = dh_public(handshake->dh);
	struct octets theirs =
	    octets_of(handshake->peer_public, dh_public_length(handshake->group));
	struct octets g_xi = sa->initiator ? ours : theirs, g_xr = sa->initiator ? theirs : ours;
	struct octets sai_b = octets_of(handshake->sai_b, handshake->sai_b_length);
	const uint8_t *cky_i = sa->cky_i, *cky_r = handshake->cky_r;
	const enum hash_algorithm hash = proof_hash(sa);

	if (of_initiator)
		skeyid_hash_by(core->crypto, hash, &handshake->keys, g_xi, g_xr, cky_i, cky_r,
			       sai_b, id_b, out);
	else
		skeyid_hash_by(core->crypto, hash, &handshake->keys, g_xr, g_xi, cky_r, cky_i,
			       sai_b, id_b, out);
	return hash_length(hash);
}

/* False: no method of ours. */
static bool signature_of(uint16_t authentication, enum signature_kind *kind)
{
	switch (authentication) {
	case IKE_AUTHENTICATION_RSA_SIGNATURE:
		*kind = SIGNATURE_RSA;
		return true;
	case IKE_AUTHENTICATION_ECDSA_256:
		*kind = SIGNATURE_ECDSA_256;
		return true;
	case IKE_AUTHENTICATION_ECDSA_384:
		*kind = SIGNATURE_ECDSA_384;
		return true;
	case IKE_AUTHENTICATION_ECDSA_521:
		*kind = SIGNATURE_ECDSA_521;
		return true;
	default:
		return false;
	}
}

/* ---- ours ---------------------------------------------------------------------------------------------------------- */

void authentication_write_identity(struct ike_core *core, struct ike_sa *sa, struct outgoing *out)
{
	struct ike_handshake *handshake = sa->handshake;
	struct ike_identity identity;
	struct wire_writer id_b;

	peer_local_identity(core, sa, &identity);
	wire_write_to(&id_b, handshake->id_b, sizeof(handshake->id_b));
	ike_identity_write(&id_b, &identity);
	assert(!id_b.failed);
	handshake->id_b_length = id_b.length;
	ike_payload_write(&out->chain, IKE_PAYLOAD_ID, wire_written(&id_b));
}

/* CERT or CR.  False: no room. */
static bool write_certificate(struct outgoing *out, enum ike_payload_type type, struct octets der,
			      size_t room)
{
	size_t mark;

	if (out->writer.length + IKE_GENERIC_LENGTH + CERT_HEAD_LENGTH + der.length > room)
		return false;
	mark = ike_payload_begin(&out->chain, type);
	wire_write_u8(&out->writer, IKE_CERTIFICATE_X509_SIGNATURE);
	wire_write_octets(&out->writer, der);
	ike_payload_end(&out->chain, mark);
	return true;
}

/* Octets that the message may have when the signature is to follow: one datagram, unless the peer takes fragments. */
static size_t room_before_signature(const struct ike_sa *sa)
{
	size_t whole = sa->handshake->fragments ? IKE_HANDSHAKE_MESSAGE : IKE_DATAGRAM_MAX;

	return whole - ROOM_BEHIND - IKE_GENERIC_LENGTH - SIGNATURE_MAX_LENGTH;
}

void authentication_write_requests(struct ike_core *core, struct ike_sa *sa, struct outgoing *out)
{
	struct octets name[CERTIFICATES_MAX];
	size_t count;

	if (!authentication_signs(sa))
		return;
	count = credentials_authorities(core->peer[sa->peer].settings->credentials, name,
					CERTIFICATES_MAX);
	/* one for which there is no room is left out: nobody's answer depends on it alone */
	for (size_t i = 0; i < count; i++)
		(void)write_certificate(out, IKE_PAYLOAD_CR, name[i], room_before_signature(sa));
	if (count == 0)
		(void)write_certificate(out, IKE_PAYLOAD_CR, octets_of(NULL, 0),
					room_before_signature(sa));
}

/* Always all of them: who has not asked may need them all the same. */
static bool write_signature(struct ike_core *core, struct ike_sa *sa, struct octets hash,
			    struct outgoing *out)
{
	const struct credentials *credentials = core->peer[sa->peer].settings->credentials;
	struct octets certificate[CERTIFICATES_MAX];
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	size_t count = credentials_certificates(credentials, certificate);
	size_t length = credentials_sign(credentials, hash, signature);

	if (length == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!write_certificate(out, IKE_PAYLOAD_CERT, certificate[i],
				       room_before_signature(sa)) &&
		    i == 0)
			return false; /* those above it the peer may have already */
	ike_payload_write(&out->chain, IKE_PAYLOAD_SIG, octets_of(signature, length));
	return true;
}

bool authentication_write_proof(struct ike_core *core, struct ike_sa *sa, struct outgoing *out)
{
	const struct ike_handshake *handshake = sa->handshake;
	struct octets id_b = octets_of(handshake->id_b, handshake->id_b_length);
	uint8_t room[HASH_MAX_LENGTH];
	size_t length = authentication_hash(core, handshake, sa->initiator, id_b, room);
	struct octets hash = octets_of(room, length);

	if (authentication_signs(sa))
		return write_signature(core, sa, hash, out);
	ike_payload_write(&out->chain, IKE_PAYLOAD_HASH, hash);
	return true;
}

/* ---- theirs -------------------------------------------------------------------------------------------------------- */

/* What somebody says who he is, and the octets that his proof covers. */
struct claim {
	enum ike_verdict verdict; /* on its form */
	struct ike_identity identity;
	struct octets id_b;
};

static void read_claim(const struct ike_core *core, const struct ike_handshake *handshake,
		       struct claim *claim)
{
	const struct ike_payload *id = ike_payload_find(&core->message, IKE_PAYLOAD_ID);

	if (id != NULL) {
		claim->id_b = id->body;
		claim->verdict = ike_identity_parse(id->body, &claim->identity);
		return;
	}
	claim->id_b = octets_of(handshake->peer_id_b, handshake->peer_id_b_length);
	claim->identity = handshake->peer_identity;
	claim->verdict = IKE_ACCEPTED;
}

enum ike_verdict authentication_take_identity(const struct ike_core *core,
					      struct ike_handshake *handshake)
{
	struct claim claim;

	read_claim(core, handshake, &claim);
	if (claim.verdict != IKE_ACCEPTED)
		return claim.verdict;
	handshake->peer_identity = claim.identity;
	memcpy(handshake->peer_id_b, claim.id_b.data, claim.id_b.length);
	handshake->peer_id_b_length = claim.id_b.length;
	return IKE_ACCEPTED;
}

/* The X.509 certificates in core->message, unread; other encodings are not for us (RFC 2408 section 5.9). */
static enum ike_verdict collect_certificates(const struct ike_core *core,
					     struct octets chain[CERTIFICATES_MAX], size_t *count)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_CERT);

	*count = 0;
	for (; payload != NULL; payload = ike_payload_next(&core->message, payload)) {
		struct octets body = payload->body;

		if (body.length < CERT_HEAD_LENGTH ||
		    body.data[0] != IKE_CERTIFICATE_X509_SIGNATURE)
			continue;
		if (*count == CERTIFICATES_MAX || body.length > CERTIFICATE_MAX + CERT_HEAD_LENGTH)
			return IKE_TOO_MANY_CERTIFICATES;
		chain[(*count)++] =
		    octets_of(body.data + CERT_HEAD_LENGTH, body.length - CERT_HEAD_LENGTH);
	}
	return *count == 0 ? IKE_CERTIFICATE_MISSING : IKE_ACCEPTED;
}

/* False: a type that no certificate speaks for. */
static bool name_of(const struct ike_identity *identity, enum certificate_name *name)
{
	switch (identity->type) {
	case IKE_ID_FQDN:
		*name = CERTIFICATE_NAME_DNS;
		return true;
	case IKE_ID_USER_FQDN:
		*name = CERTIFICATE_NAME_EMAIL;
		return true;
	case IKE_ID_IPV4:
	case IKE_ID_IPV6:
		*name = CERTIFICATE_NAME_ADDRESS;
		return true;
	case IKE_ID_DER_DN:
		*name = CERTIFICATE_NAME_DN;
		return true;
	default:
		return false;
	}
}

static enum ike_verdict verdict_of(enum certificate_verdict verdict)
{
	static const enum ike_verdict of[] = {
	    [CERTIFICATE_GOOD] = IKE_ACCEPTED,
	    [CERTIFICATE_MALFORMED] = IKE_CERTIFICATE_MALFORMED,
	    [CERTIFICATE_UNTRUSTED] = IKE_CERTIFICATE_UNTRUSTED,
	    [CERTIFICATE_EXPIRED] = IKE_CERTIFICATE_EXPIRED,
	    [CERTIFICATE_REVOKED] = IKE_CERTIFICATE_REVOKED,
	    [CERTIFICATE_WRONG_USE] = IKE_CERTIFICATE_WRONG_USE,
	    [CERTIFICATE_OTHER_NAME] = IKE_CERTIFICATE_OTHER_NAME,
	    [CERTIFICATE_BAD_SIGNATURE] = IKE_BAD_SIGNATURE,
	};

	return of[verdict];
}

static enum ike_verdict verify(struct ike_core *core, const struct ike_sa *sa, uint32_t peer,
			       const struct claim *claim, struct octets hash)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SIG);
	int64_t calendar = core->calendar + (int64_t)(core->now / IKE_SECOND);
	struct octets chain[CERTIFICATES_MAX];
	enum certificate_name name;
	enum signature_kind kind;
	enum ike_verdict verdict;
	size_t count;

	if (!name_of(&claim->identity, &name) || !signature_of(sa->authentication, &kind))
		return IKE_BAD_IDENTITY;
	verdict = collect_certificates(core, chain, &count);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	return verdict_of(credentials_verify(
	    core->peer[peer].settings->credentials, chain, count, calendar, kind, name,
	    octets_of(claim->identity.data, claim->identity.length), hash, payload->body));
}

/* Whoever it is instead of the peer that the address made us think of must agree with what was agreed so far. */
static bool agrees(const struct ike_core *core, uint32_t peer, int fit, const void *context)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;
	const struct ike_sa *sa = context;
	const struct ike_proposal proposal = sa_proposal(sa);
	bool agreed = false;

	(void)fit;
	for (size_t i = 0; i < settings->proposals && !agreed; i++)
		agreed = ike_proposal_equal(&settings->proposal[i], &proposal);
	return agreed && peer_authentication(settings) == sa->authentication &&
	       (!sa->aggressive || settings->aggressive);
}

/* `who` may become another peer; IKE_NONE: it is proved that it is nobody whom we know. */
static enum ike_verdict check_signature(struct ike_core *core, const struct ike_sa *sa,
					const struct claim *claim, struct octets hash,
					uint32_t *who, uint32_t *gateway)
{
	if (claim->verdict != IKE_ACCEPTED)
		return claim->verdict;
	if (!sa->initiator)
		*who = peer_find(core, &sa->remote, &claim->identity, agrees, sa, gateway);
	return verify(core, sa, *who == IKE_NONE ? sa->peer : *who, claim, hash);
}

static enum ike_verdict check_secret(const struct ike_core *core, struct octets hash)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_HASH);

	return secret_equal(payload->body, hash) ? IKE_ACCEPTED : IKE_AUTHENTICATION_FAILED;
}

enum ike_verdict authentication_check(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	uint32_t who = sa->peer, gateway = sa_gateway(sa);
	uint8_t room[HASH_MAX_LENGTH];
	struct octets hash;
	enum ike_verdict verdict;
	struct claim claim;

	read_claim(core, handshake, &claim);
	hash =
	    octets_of(room, authentication_hash(core, handshake, !sa->initiator, claim.id_b, room));
	verdict = authentication_signs(sa) ? check_signature(core, sa, &claim, hash, &who, &gateway)
					   : check_secret(core, hash);
	if (verdict == IKE_ACCEPTED)
		verdict = claim.verdict;
	if (verdict != IKE_ACCEPTED)
		return verdict;
	handshake->peer_identity = claim.identity; /* be it only for the report to say who it was */
	if (who == IKE_NONE || !peer_accepts_identity(core, who, &claim.identity))
		return IKE_WRONG_IDENTITY;
	sa->peer = who;
	sa_set_gateway(sa, gateway);
	return IKE_ACCEPTED;
}
