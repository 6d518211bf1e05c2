/* SPDX-License-Identifier: ISC */
/*
 * send.c - Informationals of ours: protected ones under an SA (RFC 2409 section 5.7), and the few that go out in the clear.
 */
#include <string.h>

#include "ike/nat_traversal.h"
#include "ike/notify.h"

/*
 * Message IDs must be unique within an SA (RFC 2409 section 5.7), and a repeated one would also repeat an IV.  Random ones
 * collide after some ten thousand probes, so they are counted from a random start and mixed by a bijection of 32 bits:
 * they look random, and none comes twice.
 */
static uint32_t mix(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x85ebca6bu;
	x = (x ^ (x >> 13)) * 0xc2b2ae35u;
	return x ^ (x >> 16);
}

/* The other way: 0xa5cb9243 and 0x7ed1b41d are the inverses modulo 2^32 of the factors above. */
static uint32_t unmix(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x7ed1b41du;
	x = (x ^ (x >> 13) ^ (x >> 26)) * 0xa5cb9243u;
	return x ^ (x >> 16);
}

/* R76 */
bool send_made_message_id(const struct ike_sa *sa, uint32_t message_id)
{
	return unmix(message_id) - sa->message_id_base < sa->message_ids_used;
}

/* R74 */
uint32_t send_message_id(struct ike_core *core, struct ike_sa *sa)
{
	uint32_t message_id;

	if (sa->message_ids_used == 0)
		sa->message_id_base = random_u32(&core->random);
	do
		message_id = mix(sa->message_id_base + sa->message_ids_used++);
	while (message_id == 0); /* R75: 0 belongs to Phase 1 */
	return message_id;
}

static void write_header(struct wire_writer *writer, const struct ike_sa *sa, uint32_t message_id)
{
	struct ike_header header = {
	    .version = 0x10,
	    .exchange = IKE_EXCHANGE_INFORMATIONAL,
	    .message_id = message_id,
	};

	memcpy(header.cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	ike_header_write(writer, &header);
}

/* R6: one payload, behind HASH(1), which comes first (R53), encrypted, under a message ID of its own (R74). */
bool send_protected(struct ike_core *core, struct ike_sa *sa, enum ike_payload_type type,
		    struct octets body)
{
	uint8_t room[IKE_SMALL_MESSAGE], plain[IKE_SMALL_MESSAGE];
	uint8_t hash_1[HASH_MAX_LENGTH] = {0}, iv[CIPHER_MAX_BLOCK];
	size_t hash_bytes = hash_length(sa->hash);
	uint32_t message_id = send_message_id(core, sa);
	struct wire_writer writer;
	struct ike_chain chain;
	size_t rest_at, plain_length;

	wire_write_to(&writer, room, sizeof(room));
	write_header(&writer, sa, message_id);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_HASH,
			  octets_of(hash_1, hash_bytes)); /* filled below */
	rest_at = writer.length;
	ike_payload_write(&chain, type, body);
	if (writer.failed)
		return false;
	protect_hash_1(core->crypto, sa->hash, sa_skeyid_a(sa), message_id,
		       octets_of(room + rest_at, writer.length - rest_at), hash_1);
	wire_patch_octets(&writer, rest_at - hash_bytes, octets_of(hash_1, hash_bytes));
	ike_header_finish(&writer);
	plain_length = writer.length;
	memcpy(plain, room, plain_length);

	protect_iv_message(core->crypto, sa->hash, sa->cipher, sa_last_block(sa), message_id, iv);
	if (!protect_encrypt(core->crypto, sa->cipher, sa_key(sa), iv, &writer))
		return false;
	if (!output_small(core, &sa->remote, sa_local(core, sa), wire_written(&writer),
			  octets_of(plain, plain_length)))
		return false;
	nat_t_sent(core, sa);
	tell_sent(core, sa, &sa->remote, octets_of(plain, plain_length), true);
	return true;
}

void send_delete(struct ike_core *core, struct ike_sa *sa)
{
	uint8_t body[32];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_delete_write_isakmp(&writer, sa->cky_i, sa->cky_r);
	(void)send_protected(core, sa, IKE_PAYLOAD_DELETE,
			     wire_written(&writer)); /* best effort by nature */
}

void send_delete_ipsec(struct ike_core *core, struct ike_sa *sa, uint32_t spi_in)
{
	uint8_t body[16];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_delete_write_esp(&writer, &spi_in, 1);
	(void)send_protected(core, sa, IKE_PAYLOAD_DELETE, wire_written(&writer));
}

/* RFC 2408 section 3.14: the protocol, and the SPI that it is about; behind it DOI and type as everywhere. */
static void write_invalid_spi(struct wire_writer *writer, uint32_t doi, uint32_t spi)
{
	uint8_t octets[4];
	struct wire_writer to;

	wire_write_to(&to, octets, sizeof(octets));
	wire_write_u32(&to, spi);
	ike_notify_write(writer, &(struct ike_notify){.doi = doi,
						      .protocol = IKE_PROTOCOL_ESP,
						      .type = IKE_NOTIFY_INVALID_SPI,
						      .spi = wire_written(&to)});
}

bool send_invalid_spi(struct ike_core *core, struct ike_sa *sa, uint32_t spi)
{
	uint8_t body[16];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	write_invalid_spi(&writer, IKE_DOI_IPSEC, spi);
	return send_protected(core, sa, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

void send_initial_contact(struct ike_core *core, struct ike_sa *sa)
{
	uint8_t body[32];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write_isakmp(&writer, IKE_DOI_IPSEC, IKE_NOTIFY_INITIAL_CONTACT, sa->cky_i,
				sa->cky_r);
	(void)send_protected(core, sa, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

/* RFC 2407 section 4.6.3.1: the DOI's form, with the SA's cookies as the SPI. */
void send_lifetime(struct ike_core *core, struct ike_sa *sa)
{
	uint8_t body[48];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write_isakmp(&writer, IKE_DOI_IPSEC, IKE_NOTIFY_RESPONDER_LIFETIME, sa->cky_i,
				sa->cky_r);
	ike_notify_write_lifetime(&writer, sa->lifetime);
	(void)send_protected(core, sa, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

/*
 * Whether it is right to speak at all: never about an Informational (R58; RFC 2409 section 5.7: no notify wars), never in the clear
 * about what wants protection, and about unknown cookies only where the user wants it.
 */
static bool may_answer(const struct ike_core *core, const struct inbound *in,
		       enum ike_verdict verdict)
{
	if (ike_verdict_notify(verdict) == 0)
		return false;
	if (in->header.exchange == IKE_EXCHANGE_INFORMATIONAL &&
	    (in->header.flags & IKE_FLAG_ENCRYPTION) == 0)
		return false;
	if (verdict == IKE_UNKNOWN_COOKIES)
		return core->settings->say_invalid_cookie && !ike_cookie_is_zero(in->header.cky_r);
	return in->header.exchange != IKE_EXCHANGE_INFORMATIONAL &&
	       in->header.exchange != IKE_EXCHANGE_QUICK_MODE;
}

/*
 * One NOTIFY in the clear.  R132: never with more than `most` octets, those that came in, since nobody's address has been proved; and
 * not more often than the limit says.  False: not sent.
 */
static bool send_clear(struct ike_core *core, struct ike_header *header, struct octets notify,
		       const struct ike_address *remote, const struct ike_address *local,
		       size_t most, const struct ike_sa *sa)
{
	uint8_t room[IKE_SMALL_MESSAGE];
	struct wire_writer writer;
	struct ike_chain chain;

	header->version = 0x10;
	header->exchange = IKE_EXCHANGE_INFORMATIONAL;
	header->message_id = random_u32(&core->random);
	wire_write_to(&writer, room, sizeof(room));
	ike_header_write(&writer, header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_NOTIFY, notify);
	ike_header_finish(&writer);
	if (writer.failed || writer.length > most ||
	    !token_bucket_take(&core->notifies, core->now) ||
	    !output_small(core, remote, local, wire_written(&writer), octets_of(NULL, 0)))
		return false;
	tell_sent(core, sa, remote, wire_written(&writer), false);
	return true;
}

void send_verdict(struct ike_core *core, const struct inbound *in, enum ike_verdict verdict)
{
	struct ike_header header = {0};
	struct wire_writer writer;
	uint8_t body[32];

	if (!may_answer(core, in, verdict))
		return;
	memcpy(header.cky_i, in->header.cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, in->header.cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write_isakmp(&writer, IKE_DOI_ISAKMP, ike_verdict_notify(verdict),
				in->header.cky_i, in->header.cky_r);
	(void)send_clear(core, &header, wire_written(&writer), &in->datagram->remote,
			 &in->datagram->local, in->octets.length, in->sa);
}

/* There are no cookies that it could be about, but without an initiator's it would be no message. */
bool send_invalid_spi_in_clear(struct ike_core *core, const struct ike_address *remote,
			       const struct ike_address *local, uint32_t spi, size_t most)
{
	struct ike_header header = {0};
	struct wire_writer writer;
	uint8_t body[16];

	random_octets(&core->random, header.cky_i, IKE_COOKIE_LENGTH);
	header.cky_i[0] |= 1; /* never zero */
	wire_write_to(&writer, body, sizeof(body));
	write_invalid_spi(&writer, IKE_DOI_IPSEC, spi);
	return send_clear(core, &header, wire_written(&writer), remote, local, most, NULL);
}
