/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_negative.h"

#include <string.h>

#include "ike/protect.h"
#include "interop/impair/message.h"
#include "interop/vectors/vector_play.h"
#include "keepalive/message.h"

#define TOO_MANY (IKE_PAYLOADS_MAX + 2)

/*
 * A set whose defect is in an Informational from A.  The message is a right R-U-THERE when `shape` gets it, with the next number;
 * `patch` gets the datagram.  With `raw` set there is something else to be sent.
 */
struct negative {
	struct vector_set set; /* first: vector_play_negative gets a pointer to it */
	void (*shape)(struct vector_world *world, struct message *message, uint32_t number);
	void (*patch)(struct vector_world *world, uint8_t *datagram, size_t *length);
	size_t (*raw)(struct vector_world *world, const struct message *message, uint8_t *out);
	enum message_hash hash;
	enum message_iv iv;
	enum message_padding padding;
	enum message_protection protection;
	int header_longer, payload_longer; /* lengths that are wrong by so many octets */
	uint8_t type, reserved;            /* of the NOTIFY payload; 0: as it should be */
	uint8_t flags;                     /* beside the right ones */
	bool id_zero;
};

/* ---- shapes -------------------------------------------------------------------------------------------------------- */

static void clear(struct message *message)
{
	message->payloads = 0;
	message->length = 0;
}

static void add_r_u_there(struct message *message, uint32_t doi, struct octets spi, uint32_t number,
			  size_t data_length)
{
	uint8_t data[8] = {0};
	struct wire_writer writer;

	wire_write_to(&writer, data, sizeof(data));
	wire_write_u32(&writer, number);
	clear(message);
	message_add_notify(message, doi, IKE_PROTOCOL_ISAKMP, spi, IKE_NOTIFY_R_U_THERE,
			   octets_of(data, data_length));
}

static struct octets cookies(const struct message *message, bool swapped, uint8_t out[16])
{
	memcpy(out, swapped ? message->header.cky_r : message->header.cky_i, IKE_COOKIE_LENGTH);
	memcpy(out + IKE_COOKIE_LENGTH, swapped ? message->header.cky_i : message->header.cky_r,
	       IKE_COOKIE_LENGTH);
	return octets_of(out, 16);
}

static void other_cookies(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t spi[16];

	random_octets(&world->random, spi, sizeof(spi));
	add_r_u_there(message, IKE_DOI_IPSEC, octets_of(spi, sizeof(spi)), number, 4);
}

static void swapped_cookies(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t spi[16];

	(void)world;
	add_r_u_there(message, IKE_DOI_IPSEC, cookies(message, true, spi), number, 4);
}

static void short_spi(struct vector_world *world, struct message *message, uint32_t number)
{
	(void)world;
	add_r_u_there(message, IKE_DOI_IPSEC, octets_of(message->header.cky_i, IKE_COOKIE_LENGTH),
		      number, 4);
}

static void no_spi(struct vector_world *world, struct message *message, uint32_t number)
{
	(void)world;
	add_r_u_there(message, IKE_DOI_IPSEC, octets_of(NULL, 0), number, 4);
}

static void other_doi(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t spi[16];

	(void)world;
	add_r_u_there(message, 2, cookies(message, false, spi), number, 4);
}

static void short_data(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t spi[16];

	(void)world;
	add_r_u_there(message, IKE_DOI_IPSEC, cookies(message, false, spi), number, 3);
}

static void long_data(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t spi[16];

	(void)world;
	add_r_u_there(message, IKE_DOI_IPSEC, cookies(message, false, spi), number, 8);
}

static void old_number(struct vector_world *world, struct message *message, uint32_t number)
{
	(void)world;
	clear(message);
	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, number - 2);
}

static void unasked_ack(struct vector_world *world, struct message *message, uint32_t number)
{
	(void)world;
	clear(message);
	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE_ACK, number);
}

static void delete_of_other(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t body[24] = {0, 0, 0, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, 16, 0, 1};

	(void)number;
	random_octets(&world->random, body + 8, 16);
	clear(message);
	message_add(message, IKE_PAYLOAD_DELETE, octets_of(body, sizeof(body)));
}

/* It counts two SPIs, and there is one. */
static void delete_too_short(struct vector_world *world, struct message *message, uint32_t number)
{
	uint8_t body[24] = {0, 0, 0, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, 16, 0, 2};

	(void)world;
	(void)number;
	(void)cookies(message, false, body + 8);
	clear(message);
	message_add(message, IKE_PAYLOAD_DELETE, octets_of(body, sizeof(body)));
}

/* Its SPI size goes past its end. */
static void notify_too_short(struct vector_world *world, struct message *message, uint32_t number)
{
	const uint8_t body[] = {0, 0, 0, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, 16, 0x8d, 0x28, 1,
				2, 3, 4};

	(void)world;
	(void)number;
	clear(message);
	message_add(message, IKE_PAYLOAD_NOTIFY, octets_of(body, sizeof(body)));
}

/* ---- patches of the datagram --------------------------------------------------------------------------------------- */

static void other_major(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)world;
	(void)length;
	datagram[17] = 0x20; /* version (RFC 2408 section 3.1) */
}

static void other_minor(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)world;
	(void)length;
	datagram[17] = 0x11;
}

static void other_exchange(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)world;
	(void)length;
	datagram[18] = 99; /* exchange type: nobody's */
}

static void no_cookie(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)world;
	(void)length;
	memset(datagram, 0, IKE_COOKIE_LENGTH);
}

static void strange_cookies(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)length;
	random_octets(&world->random, datagram, 2 * IKE_COOKIE_LENGTH);
}

static void cut_header(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)world;
	(void)datagram;
	*length = IKE_HEADER_LENGTH - 1;
}

/* The header goes with it. */
static void cut_octet(struct vector_world *world, uint8_t *datagram, size_t *length)
{
	(void)world;
	--*length;
	datagram[IKE_HEADER_LENGTH_AT + 3] = (uint8_t)*length; /* of less than 256 */
}

/* ---- whole datagrams ----------------------------------------------------------------------------------------------- */

/* The last datagram of A's, once more. */
static size_t again(struct vector_world *world, const struct message *message, uint8_t *out)
{
	(void)message;
	for (size_t i = world->datagrams; i-- > 0;)
		if (world->datagram[i].from == VECTOR_A &&
		    world->datagram[i].data[18] == IKE_EXCHANGE_INFORMATIONAL) {
			memcpy(out, world->datagram[i].data, world->datagram[i].length);
			return world->datagram[i].length;
		}
	return 0;
}

/* HASH(1), R-U-THERE, and then vendor IDs until there are too many payloads. */
static size_t too_many(struct vector_world *world, const struct message *message, uint8_t *out)
{
	static const uint8_t vendor_id[] = "filling";
	const struct ike_keys *keys = message->keys;
	uint8_t hash[HASH_MAX_LENGTH] = {0}, iv[CIPHER_MAX_BLOCK];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t rest;

	wire_write_to(&writer, out, IKE_DATAGRAM_MAX);
	ike_header_write(&writer, &message->header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_HASH, octets_of(hash, keys->skeyid_length));
	rest = writer.length;
	ike_payload_write(&chain, IKE_PAYLOAD_NOTIFY,
			  octets_of(message->body, message->payload[0].length));
	for (size_t i = 0; i < TOO_MANY; i++)
		ike_payload_write(&chain, IKE_PAYLOAD_VENDOR_ID,
				  octets_of(vendor_id, sizeof(vendor_id)));
	protect_hash_1(world->crypto, keys->hash, keys->skeyid_a, message->header.message_id,
		       octets_of(out + rest, writer.length - rest), hash);
	wire_patch_octets(&writer, rest - keys->skeyid_length,
			  octets_of(hash, keys->skeyid_length));
	protect_iv_message(world->crypto, keys->hash, keys->cipher, keys->last_block,
			   message->header.message_id, iv);
	return protect_encrypt(world->crypto, keys->cipher, keys->key, iv, &writer) ? writer.length
										    : 0;
}

/* ---- played -------------------------------------------------------------------------------------------------------- */

/* The number of A's last question. */
static uint32_t last_number(const struct vector_world *world, const struct ike_keys *keys)
{
	static struct opened opened;
	struct ike_notify notify;
	struct wire_reader reader;

	for (size_t i = world->datagrams; i-- > 0;) {
		const struct vector_datagram *datagram = &world->datagram[i];

		message_open(world->crypto, keys, octets_of(datagram->data, datagram->length),
			     &opened);
		if (datagram->from != VECTOR_A ||
		    !opened_notify(&opened, IKE_NOTIFY_R_U_THERE, &notify))
			continue;
		wire_read_from(&reader, notify.data);
		return wire_read_u32(&reader);
	}
	return 0;
}

static size_t make(struct vector_world *world, const struct negative *negative,
		   struct message *message, uint32_t number, uint8_t out[IKE_DATAGRAM_MAX])
{
	uint8_t plain[IKE_DATAGRAM_MAX];
	size_t length, plain_length;

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, number);
	message->hash = negative->hash;
	message->iv = negative->iv;
	message->padding = negative->padding;
	message->protection = negative->protection;
	message->more_flags = negative->flags;
	message->wrong_length = negative->header_longer;
	message->payload[0].wrong_length = negative->payload_longer;
	message->payload[0].reserved = negative->reserved;
	if (negative->type != 0)
		message->payload[0].type = negative->type;
	if (negative->id_zero)
		message->header.message_id = 0;
	if (negative->shape != NULL)
		negative->shape(world, message, number);
	if (negative->raw != NULL)
		return negative->raw(world, message, out);
	length = message_seal(message, world->crypto, &world->random, out, plain, IKE_DATAGRAM_MAX,
			      &plain_length);
	if (negative->patch != NULL)
		negative->patch(world, out, &length);
	return length;
}

static void play(struct vector_world *world)
{
	const struct negative *negative = (const struct negative *)(const void *)world->set;
	uint8_t datagram[IKE_DATAGRAM_MAX];
	struct ike_sa_status status;
	struct message message;
	struct ike_keys keys;
	uint32_t cursor = 0;
	size_t length;

	vector_play_start(world);
	vector_play_ask(world);
	/* without an SA there is no defect, which the set's own check will find out */
	if (world->end[VECTOR_A].core == NULL ||
	    !ike_next_sa(world->end[VECTOR_A].core, &cursor, &status) ||
	    !ike_export_keys(world->end[VECTOR_A].core, status.cky_i, status.cky_r, &keys))
		return;
	message_of_sa(&message, &keys, status.cky_i, status.cky_r, random_u32(&world->random));
	length = make(world, negative, &message, last_number(world, &keys) + 1, datagram);
	secret_wipe(&keys, sizeof(keys));
	vector_world_inject(world, VECTOR_A, octets_of(datagram, length), true);
	vector_world_run(world, IKE_SECOND);
	vector_play_ask(world);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

#define SET(title, more, strictness, wrong, expected, answer)                                      \
	{                                                                                          \
		.name = "negative-" title, .proposal = "aes128-sha1-x25519",                       \
		.options = (strictness), .sections = more, .play = play,                           \
		.defect = {.what = (wrong), .verdict = IKE_##expected, .notify = (answer)},        \
		.description = "An established SA, then a message from A with one defect, then "   \
			       "R-U-THERE each way again"                                          \
	}
#define INFO    "RFC 2409 section 5.7"
#define HEADER  "RFC 2408 section 3.1"
#define GENERIC "RFC 2408 section 3.2"
#define DPD     "RFC 3706 section 5.3"

/* clang-format off */
static const struct negative negatives[] = {
	{.set = SET("hash-wrong", INFO, 0,
		    "one bit of HASH(1) is another", BAD_HASH, 0),
	 .hash = MESSAGE_HASH_WRONG},
	{.set = SET("hash-short", INFO, 0,
		    "the last octet of HASH(1) is missing", BAD_HASH, 0),
	 .hash = MESSAGE_HASH_SHORT},
	{.set = SET("hash-over-padding", INFO, 0,
		    "HASH(1) is over the padding, too", BAD_HASH, 0),
	 .hash = MESSAGE_HASH_WITH_PADDING},
	{.set = SET("hash-without-message-id", INFO, 0,
		    "HASH(1) is not over the message ID", BAD_HASH, 0),
	 .hash = MESSAGE_HASH_WITHOUT_MESSAGE_ID},
	{.set = SET("hash-by-skeyid-d", INFO, 0,
		    "HASH(1) is by SKEYID_d in place of SKEYID_a", BAD_HASH, 0),
	 .hash = MESSAGE_HASH_OTHER_KEY},
	{.set = SET("hash-not-first", INFO, 0,
		    "the HASH payload is the last one", PAYLOAD_ORDER, 0),
	 .hash = MESSAGE_HASH_LAST},
	{.set = SET("hash-missing", INFO, 0,
		    "there is no HASH payload", PAYLOAD_MISSING, 0),
	 .protection = MESSAGE_WITHOUT_HASH},
	{.set = SET("in-the-clear", INFO, 0,
		    "R-U-THERE is neither hashed nor encrypted", UNPROTECTED, 0),
	 .protection = MESSAGE_CLEAR},
	{.set = SET("in-the-clear-with-hash", INFO, 0,
		    "R-U-THERE with its HASH(1) is not encrypted", PAYLOAD_UNEXPECTED, 0),
	 .protection = MESSAGE_CLEAR_HASH},
	{.set = SET("iv-of-phase-1", "RFC 2409 appendix B", 0,
		    "the IV is the last block of Phase 1 without the message ID", PAYLOAD_TRUNCATED, 0),
	 .iv = MESSAGE_IV_OF_PHASE_1},
	{.set = SET("padding-missing", "RFC 2409 appendix B", 0,
		    "the last octet of the encrypted part is missing: no multiple of the block", BAD_CIPHERTEXT_LENGTH, 0),
	 .patch = cut_octet},
	{.set = SET("padding-block-more", "RFC 2409 appendix B", 0,
		    "there is a whole block more of padding than is needed", TRAILING_OCTETS, 0),
	 .padding = MESSAGE_PADDING_BLOCK_MORE},
	{.set = SET("cookies-other", DPD, VECTOR_STRICT,
		    "the SPI of R-U-THERE is no cookies of this SA", KEEPALIVE_WRONG_COOKIES, 0),
	 .shape = other_cookies},
	{.set = SET("cookies-swapped", DPD, VECTOR_STRICT,
		    "the SPI of R-U-THERE has the responder's cookie first", KEEPALIVE_WRONG_COOKIES, 0),
	 .shape = swapped_cookies},
	{.set = SET("spi-size-8", DPD, VECTOR_STRICT,
		    "the SPI of R-U-THERE is one cookie", KEEPALIVE_MALFORMED, 0),
	 .shape = short_spi},
	{.set = SET("spi-size-0", DPD, VECTOR_STRICT,
		    "R-U-THERE has no SPI", KEEPALIVE_MALFORMED, 0),
	 .shape = no_spi},
	{.set = SET("doi-2", DPD, 0,
		    "the DOI of R-U-THERE is 2", KEEPALIVE_MALFORMED, 0),
	 .shape = other_doi},
	{.set = SET("number-of-3-octets", DPD, 0,
		    "the number of R-U-THERE has three octets", KEEPALIVE_MALFORMED, 0),
	 .shape = short_data},
	{.set = SET("number-of-8-octets", DPD, 0,
		    "the number of R-U-THERE has eight octets", KEEPALIVE_MALFORMED, 0),
	 .shape = long_data},
	{.set = SET("number-old", "RFC 3706 section 6.2", VECTOR_STRICT,
		    "R-U-THERE, all new, has a number before the last one", KEEPALIVE_OLD_NUMBER, 0),
	 .shape = old_number},
	{.set = SET("ack-unasked", "RFC 3706 section 6.1", 0,
		    "R-U-THERE-ACK has a number that was never asked with", KEEPALIVE_UNASKED_ACK, 0),
	 .shape = unasked_ack},
	{.set = SET("replay", INFO, 0,
		    "A's last datagram comes again, octet for octet", REUSED_MESSAGE_ID, 0),
	 .raw = again},
	{.set = SET("delete-of-other-sa", "RFC 2408 section 3.15", 0,
		    "Delete names cookies of no SA", DELETE_UNKNOWN_SPI, 0),
	 .shape = delete_of_other},
	{.set = SET("delete-too-short", "RFC 2408 section 3.15", 0,
		    "Delete counts two SPIs and has one", DELETE_MALFORMED, 0),
	 .shape = delete_too_short},
	{.set = SET("notify-too-short", "RFC 2408 section 3.14", 0,
		    "the SPI size of R-U-THERE goes past its end", NOTIFY_MALFORMED, 0),
	 .shape = notify_too_short},
	{.set = SET("payload-reserved", GENERIC, 0,
		    "RESERVED of the NOTIFY payload is 1", RESERVED_NOT_ZERO, 0),
	 .reserved = 1},
	{.set = SET("payload-length-long", GENERIC, 0,
		    "the length of the NOTIFY payload goes past the end of the message", PAYLOAD_TRUNCATED, 0),
	 .payload_longer = 64},
	{.set = SET("payload-length-short", GENERIC, 0,
		    "the length of the NOTIFY payload is less than its own header", PAYLOAD_TOO_SHORT, 0),
	 .payload_longer = -30},
	{.set = SET("payload-unknown", GENERIC, 0,
		    "next payload of HASH is 99, which is reserved", PAYLOAD_UNKNOWN, 0),
	 .type = 99},
	{.set = SET("payloads-too-many", GENERIC, 0,
		    "36 payloads: HASH, NOTIFY and 34 vendor IDs", TOO_MANY_PAYLOADS, 0),
	 .raw = too_many},
	{.set = SET("length-long", HEADER, 0,
		    "the length of the header is 4 more than the datagram's", UNEQUAL_LENGTHS, 0),
	 .header_longer = 4},
	{.set = SET("length-short", HEADER, 0,
		    "the length of the header is 4 less than the datagram's", UNEQUAL_LENGTHS, 0),
	 .header_longer = -4},
	{.set = SET("datagram-27-octets", HEADER, 0,
		    "the datagram is one octet shorter than a header", TOO_SHORT, 0),
	 .patch = cut_header},
	{.set = SET("flag-unknown", HEADER, 0,
		    "a flag is set that has no meaning, 0x80", BAD_FLAGS, 0),
	 .flags = 0x80},
	{.set = SET("message-id-0", HEADER, 0,
		    "the message ID is 0", BAD_MESSAGE_ID, 0),
	 .id_zero = true},
	{.set = SET("version-2-0", HEADER, 0,
		    "the version is 2.0", BAD_MAJOR_VERSION, 0),
	 .patch = other_major},
	{.set = SET("version-1-1", HEADER, 0,
		    "the version is 1.1", BAD_MINOR_VERSION, 0),
	 .patch = other_minor},
	{.set = SET("exchange-unknown", HEADER, 0,
		    "the exchange type is 99", BAD_EXCHANGE_TYPE, 7),
	 .patch = other_exchange},
	{.set = SET("initiator-cookie-0", HEADER, 0,
		    "the initiator cookie is zero", ZERO_INITIATOR_COOKIE, 0),
	 .patch = no_cookie},
	{.set = SET("cookies-unknown", "RFC 2408 section 5.2", 0,
		    "the cookies are of no SA", UNKNOWN_COOKIES, 4),
	 .patch = strange_cookies},
};
/* clang-format on */

#define NEGATIVES (sizeof(negatives) / sizeof(negatives[0]))

size_t vector_negatives(void)
{
	return NEGATIVES + vector_negatives_of_phase_1();
}

const struct vector_set *vector_negative(size_t index)
{
	return index < NEGATIVES ? &negatives[index].set
				 : vector_negative_of_phase_1(index - NEGATIVES);
}
