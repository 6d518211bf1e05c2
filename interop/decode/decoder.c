/* SPDX-License-Identifier: ISC */
/*
 * A datagram's way: which of IKE, ESP and keepalives it is; its header; a fragment is put aside; its SA; whether it was seen before;
 * decrypted; which message of its exchange it is; what is wrong with it.
 */
#include "interop/decode/decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "interop/decode/chains.h"
#include "interop/decode/ike_pieces.h"
#include "interop/decode/stages.h"

#define MARKER_LENGTH 4    /* RFC 3948 section 2.2 */
#define KEEPALIVE     0xff /* section 2.3 */
#define CLEAR_ROOM    65536

struct decoder {
	struct decoder_settings settings;
	struct decoder_counts counts;
	struct crypto *crypto;
	struct sa_track *sas;
	struct ike_pieces *pieces;
	uint8_t *clear;
};

struct decoder *decoder_new(const struct decoder_settings *settings)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (decoder == NULL)
		return NULL;
	decoder->settings = *settings;
	decoder->crypto = crypto_new();
	decoder->sas = sa_track_new();
	decoder->pieces = ike_pieces_new();
	decoder->clear = malloc(CLEAR_ROOM);
	if (decoder->crypto == NULL || decoder->sas == NULL || decoder->pieces == NULL ||
	    decoder->clear == NULL) {
		decoder_free(decoder);
		return NULL;
	}
	return decoder;
}

void decoder_free(struct decoder *decoder)
{
	if (decoder == NULL)
		return;
	if (decoder->clear != NULL)
		secret_wipe(decoder->clear, CLEAR_ROOM);
	free(decoder->clear);
	ike_pieces_free(decoder->pieces);
	sa_track_free(decoder->sas);
	crypto_free(decoder->crypto);
	free(decoder);
}

const struct decoder_counts *decoder_counts(const struct decoder *decoder)
{
	return &decoder->counts;
}

static void tell(struct decoder *decoder, const struct told *told)
{
	decoder->counts.anomalies += told->anomalies > 0;
	decoder->counts.sas = sa_track_count(decoder->sas);
	decoder->settings.tell(decoder->settings.context, told);
}

/* ---- a message of an SA -------------------------------------------------------------------------------------------- */

static bool begins_phase_1(const struct ike_header *header)
{
	return ike_exchange_is_phase_1(header->exchange) && ike_cookie_is_zero(header->cky_r) &&
	       header->next_payload == IKE_PAYLOAD_SA;
}

/* An answer to an initiator who has another answer already: he asked twice, or somebody else answered. */
static struct traced_sa *other_answer(struct decoder *decoder, const struct told *told)
{
	const struct ike_header *header = &told->message.header;
	struct traced_sa *sa;

	sa = sa_track_add(decoder->sas, header, &told->packet->to, &told->packet->from);
	if (sa != NULL && sa->older != NULL) {
		sa_borrow(&sa->sai_b, &sa->sai_b_borrowed, sa->older->sai_b);
		if (header->exchange == IKE_EXCHANGE_AGGRESSIVE)
			sa_borrow(&sa->g_xi, &sa->g_xi_borrowed, sa->older->g_xi);
		sa->from_the_beginning = sa->older->from_the_beginning;
		sa->sides = true;
	}
	return sa;
}

static struct traced_sa *new_sa(struct decoder *decoder, struct told *told)
{
	const struct ike_header *header = &told->message.header;
	const struct packet *packet = told->packet;
	bool answers = ike_exchange_is_phase_1(header->exchange) &&
		       header->next_payload == IKE_PAYLOAD_SA &&
		       (header->flags & IKE_FLAG_ENCRYPTION) == 0;
	struct traced_sa *sa;

	if (begins_phase_1(header)) {
		sa = sa_track_add(decoder->sas, header, &packet->from, &packet->to);
		if (sa != NULL)
			sa->sides = true;
		return sa;
	}
	if (answers)
		return other_answer(decoder, told);
	if (sa_track_knows_initiator(decoder->sas, header) || ike_cookie_is_zero(header->cky_r))
		told_anomaly(told, IKE_UNKNOWN_COOKIES, "none in this capture");
	else
		told_note(told, "the capture does not show how this SA began");
	return sa_track_add(decoder->sas, header, &packet->from, &packet->to);
}

static struct traced_sa *sa_of(struct decoder *decoder, struct told *told)
{
	const struct ike_header *header = &told->message.header;
	struct traced_sa *sa = sa_track_find(decoder->sas, header);

	/* the same cookie in another first message: somebody has started anew, and uses it again */
	if (sa == NULL || (begins_phase_1(header) && sa->from_the_beginning && told->repeats == 0))
		return new_sa(decoder, told);
	if (ike_cookie_is_zero(sa->cky_r) && header->exchange != IKE_EXCHANGE_INFORMATIONAL)
		memcpy(sa->cky_r, header->cky_r, IKE_COOKIE_LENGTH);
	return sa;
}

/* RFC 2409 section 5.7: an ID is for one exchange, and an Informational is one message. */
static void check_message_id(const struct traced_exchange *exchange, struct told *told)
{
	const struct ike_header *header = &told->message.header;
	bool phase_1 = ike_exchange_is_phase_1(header->exchange);

	if (phase_1 != (header->message_id == 0) && header->exchange != IKE_EXCHANGE_INFORMATIONAL)
		told_anomaly(told, IKE_BAD_MESSAGE_ID, "%08x", header->message_id);
	if (exchange->messages == 0 || header->message_id == 0)
		return;
	/* CONNECTED may come as an Informational under Quick Mode's ID */
	if (exchange->type == IKE_EXCHANGE_QUICK_MODE &&
	    header->exchange == IKE_EXCHANGE_INFORMATIONAL)
		return;
	if (exchange->type != header->exchange || header->exchange == IKE_EXCHANGE_INFORMATIONAL)
		told_anomaly(told, IKE_REUSED_MESSAGE_ID, "first in packet %u",
			     exchange->first_packet);
}

/* As far as it goes, so that what is malformed can be looked at. */
static void take_apart(const struct traced_sa *sa, struct told *told)
{
	bool decrypted = told->clear.length > 0;
	struct octets chain = decrypted ? told->clear : told->wire;
	struct ike_message *message = &told->message;
	uint8_t type = message->header.next_payload;
	struct wire_reader reader;
	enum ike_verdict verdict;

	chain.data += IKE_HEADER_LENGTH;
	chain.length -= IKE_HEADER_LENGTH;
	verdict = ike_payloads_parse(chain, decrypted,
				     decrypted ? cipher_block_length(sa->cipher) : 0, message);
	told_anomaly(told, verdict, "%s", decrypted ? "in what was decrypted" : "");
	if (verdict == IKE_ACCEPTED)
		return;
	wire_read_from(&reader, chain);
	message->payloads = 0;
	while (type != IKE_PAYLOAD_NONE && message->payloads < IKE_PAYLOADS_MAX &&
	       ike_payload_read(&reader, type, &message->payload[message->payloads], &type) ==
		   IKE_ACCEPTED)
		message->payloads++;
}

/* Quick Mode and Transaction are never in the clear, and neither is what ends Main Mode. */
static bool needs_keys(const struct traced_sa *sa, enum ike_message_kind kind,
		       const struct ike_header *header)
{
	return header->exchange == IKE_EXCHANGE_QUICK_MODE ||
	       header->exchange == IKE_EXCHANGE_TRANSACTION ||
	       (header->exchange == IKE_EXCHANGE_MAIN_MODE && kind == IKE_MESSAGE_KINDS &&
		sa->g_xi.length > 0 && sa->g_xr.length > 0);
}

static void judge(struct decoder *decoder, struct traced_sa *sa, struct traced_exchange *exchange,
		  enum told_from side, struct told *told)
{
	bool encrypted = (told->message.header.flags & IKE_FLAG_ENCRYPTION) != 0;
	enum ike_message_kind kind = stages_kind(sa, exchange, side, told);

	if (encrypted && told->clear.length == 0)
		return;
	if (kind != IKE_MESSAGE_KINDS)
		told->kind = ike_message_kind_name(kind);
	chains_verify(decoder->crypto, sa, exchange, kind, told);
	if (told->repeats != 0)
		return;
	if (told->hash == TOLD_HASH_WRONG)
		told_anomaly(told, IKE_BAD_HASH, "%s", told->hash_name);
	if (!encrypted && needs_keys(sa, kind, &told->message.header))
		told_anomaly(told, IKE_UNPROTECTED, "%s", "");
	if (!told->partial)
		stages_check(sa, kind, side, told);
	stages_learn(sa, exchange, kind, side, told);
}

static void check_address(struct traced_sa *sa, struct told *told)
{
	char address[IKE_ADDRESS_TEXT];

	if (sa_is_between(sa, told->packet))
		return;
	(void)ike_address_text(&told->packet->from, address, sizeof(address));
	if (told->clear.length == 0 || told->partial || told->hash == TOLD_HASH_WRONG ||
	    told->repeats != 0) {
		told_anomaly(told, IKE_OTHER_ADDRESS, "%s", address);
		return;
	}
	told_note(told, "its sender has moved to %s", address);
	sa_moved(sa, told->packet);
}

static void begin_exchange(struct traced_exchange *exchange, enum told_from side,
			   const struct told *told)
{
	exchange->type = told->message.header.exchange;
	exchange->begun_by = side;
	exchange->begun_from = told->packet->from;
	exchange->first_packet = told->packet->number;
}

static void of_sa(struct decoder *decoder, struct traced_sa *sa, struct told *told)
{
	const struct ike_header *header = &told->message.header;
	bool encrypted = (header->flags & IKE_FLAG_ENCRYPTION) != 0, made;
	enum told_from side = sa_from(sa, told->packet);
	struct traced_exchange *exchange = sa_exchange(sa, header->message_id, &made);

	if (exchange == NULL)
		return;
	if (made)
		begin_exchange(exchange, side, told);
	told->sa = sa->number;
	told->from = sa->sides ? side : TOLD_UNKNOWN;
	if (encrypted)
		(void)chains_decrypt(decoder->crypto, decoder->settings.keys, sa, exchange, told,
				     decoder->clear);
	if (!encrypted || told->clear.length > 0)
		take_apart(sa, told);
	judge(decoder, sa, exchange, side, told);
	check_address(sa, told);
	if (told->repeats != 0)
		return;
	if (encrypted || header->exchange != IKE_EXCHANGE_INFORMATIONAL)
		check_message_id(exchange, told);
	if (encrypted)
		blocks_add(&exchange->blocks, octets_of(told->wire.data + IKE_HEADER_LENGTH,
							told->wire.length - IKE_HEADER_LENGTH));
	exchange->messages++;
	sa->established =
	    sa->established || (encrypted && !ike_exchange_is_phase_1(header->exchange));
}

/* ---- a message ----------------------------------------------------------------------------------------------------- */

static void count_message(struct decoder *decoder, const struct told *told)
{
	struct decoder_counts *counts = &decoder->counts;

	counts->messages++;
	counts->repeated += told->repeats != 0;
	counts->encrypted += (told->message.header.flags & IKE_FLAG_ENCRYPTION) != 0;
	counts->decrypted += told->clear.length > 0;
	counts->partial += told->partial;
	counts->hashes_right += told->hash == TOLD_HASH_RIGHT;
	counts->hashes_wrong += told->hash == TOLD_HASH_WRONG;
}

/* What the header says against itself.  False: there is nothing behind it that could be understood. */
static bool check_header(struct told *told)
{
	enum ike_verdict verdict = ike_header_parse_whole(told->wire, &told->message.header);
	const struct ike_header *header = &told->message.header;

	if (told->wire.length < IKE_HEADER_LENGTH) {
		told_anomaly(told, IKE_TOO_SHORT, "%zu octets", told->wire.length);
		return false;
	}
	if (header->version >> 4 != 1) {
		told_anomaly(told, IKE_BAD_MAJOR_VERSION, "%u.%u%s", header->version >> 4,
			     header->version & 15, header->version >> 4 == 2 ? ", IKEv2" : "");
		return false;
	}
	if (told->packet->missing > 0) {
		snprintf(told->reason, sizeof(told->reason),
			 "%zu of its octets were not captured (snap length)",
			 told->packet->missing);
		return false;
	}
	told_anomaly(told, verdict, "%s", "");
	if ((header->version & 15) != 0)
		told_anomaly(told, IKE_BAD_MINOR_VERSION, "1.%u", header->version & 15);
	if (ike_exchange_name(header->exchange) == NULL)
		told_anomaly(told, IKE_BAD_EXCHANGE_TYPE, "%u", header->exchange);
	if (header->length >= IKE_HEADER_LENGTH && header->length < told->wire.length)
		told->wire.length = header->length; /* what is behind it is no part of it */
	return told->wire.length > IKE_HEADER_LENGTH || header->next_payload == IKE_PAYLOAD_NONE;
}

static void message(struct decoder *decoder, struct told *told)
{
	bool same_side;
	struct traced_sa *sa;

	if (!check_header(told)) {
		count_message(decoder, told);
		tell(decoder, told);
		return;
	}
	told->repeats =
	    sa_track_seen(decoder->sas, decoder->crypto, told->wire, told->packet, &same_side);
	sa = sa_of(decoder, told);
	if (sa != NULL)
		of_sa(decoder, sa, told);
	if (told->repeats != 0 && !same_side)
		told_anomaly(told, IKE_REFLECTED, "packet %u, the other way", told->repeats);
	count_message(decoder, told);
	tell(decoder, told);
	if (told->clear.length > 0)
		secret_wipe(decoder->clear, told->clear.length);
}

/* ---- fragments of IKE ---------------------------------------------------------------------------------------------- */

static void whole_message(struct decoder *decoder, const struct told *last, struct octets whole,
			  unsigned count)
{
	struct told told = {.packet = last->packet,
			    .what = TOLD_MESSAGE,
			    .encapsulated = last->encapsulated,
			    .wire = whole,
			    .fragments = count};
	struct ike_header header;

	(void)!ike_header_parse_whole(whole, &header);
	if (whole.length >= IKE_HEADER_LENGTH &&
	    (header.next_payload == IKE_PAYLOAD_FRAGMENT ||
	     memcmp(header.cky_i, last->message.header.cky_i, IKE_COOKIE_LENGTH) != 0))
		told_anomaly(&told, IKE_FRAGMENT_OTHER_SA, "%s", "");
	message(decoder, &told);
}

static void fragment(struct decoder *decoder, struct told *told)
{
	struct octets chain = octets_of(told->wire.data + IKE_HEADER_LENGTH,
					told->wire.length - IKE_HEADER_LENGTH),
		      whole = octets_of(NULL, 0);
	struct fragment piece;
	enum ike_verdict verdict;
	struct traced_sa *sa;
	bool same_side;
	unsigned count = 0;

	told->what = TOLD_FRAGMENT;
	decoder->counts.fragments++;
	verdict = ike_payloads_parse(chain, false, 0, &told->message);
	if (verdict == IKE_ACCEPTED)
		verdict = told->message.payloads == 1
			      ? fragment_parse(told->message.payload[0].body, &piece)
			      : IKE_FRAGMENT_MALFORMED;
	told_anomaly(told, verdict, "%s", "");
	told->repeats =
	    sa_track_seen(decoder->sas, decoder->crypto, told->wire, told->packet, &same_side);
	if (verdict == IKE_ACCEPTED && told->repeats == 0)
		told_anomaly(told,
			     ike_pieces_add(decoder->pieces, &told->message.header,
					    &told->packet->from, &piece, &whole, &count),
			     "%s", "");
	sa = sa_track_find(decoder->sas, &told->message.header);
	if (sa != NULL) {
		told->sa = sa->number;
		told->from = sa->sides ? sa_from(sa, told->packet) : TOLD_UNKNOWN;
	}
	tell(decoder, told);
	if (whole.length > 0)
		whole_message(decoder, told, whole, count);
}

/* ---- a datagram ---------------------------------------------------------------------------------------------------- */

static bool has_marker(struct octets payload)
{
	static const uint8_t marker[MARKER_LENGTH];

	return payload.length >= sizeof(marker) &&
	       memcmp(payload.data, marker, sizeof(marker)) == 0;
}

static bool is_port(const struct packet *packet, uint16_t port)
{
	return packet->from.port == port || packet->to.port == port;
}

/* On a port that we have been told of nobody knows whether there is a marker; the version is where it should be, or it is ESP. */
static bool looks_like_ike(struct octets payload)
{
	struct wire_reader reader;
	uint8_t version;

	wire_read_from(&reader, payload);
	(void)wire_read_octets(&reader, 2 * IKE_COOKIE_LENGTH + 1);
	version = wire_read_u8(&reader);
	return !reader.failed && (version == 0x10 || version == 0x20);
}

static void esp(struct decoder *decoder, struct told *told)
{
	struct wire_reader reader;

	wire_read_from(&reader, told->packet->payload);
	told->spi = wire_read_u32(&reader);
	told->sequence = wire_read_u32(&reader);
	told->what = reader.failed ? TOLD_NONSENSE : TOLD_ESP;
	decoder->counts.esp += !reader.failed;
	decoder->counts.nonsense += reader.failed;
	tell(decoder, told);
}

static void datagram(struct decoder *decoder, const struct packet *packet)
{
	struct told told = {.packet = packet, .what = TOLD_MESSAGE, .wire = packet->payload};
	bool plain = is_port(packet, IKE_PORT), floated = is_port(packet, IKE_NAT_T_PORT);

	if (packet->pieces > 1)
		told_note(&told, "put together from %u fragments of IP", packet->pieces);
	if (!plain && packet->payload.length == 1 && packet->payload.data[0] == KEEPALIVE) {
		told.what = TOLD_KEEPALIVE;
		decoder->counts.keepalives++;
		tell(decoder, &told);
		return;
	}
	if (!plain && has_marker(packet->payload)) {
		told.encapsulated = true;
		told.wire.data += MARKER_LENGTH;
		told.wire.length -= MARKER_LENGTH;
	} else if (!plain && (floated || !looks_like_ike(packet->payload))) {
		esp(decoder, &told);
		return;
	}
	(void)!ike_header_parse_whole(told.wire, &told.message.header);
	if (told.message.header.next_payload == IKE_PAYLOAD_FRAGMENT && packet->missing == 0 &&
	    told.wire.length > IKE_HEADER_LENGTH && told.message.header.version >> 4 == 1)
		fragment(decoder, &told);
	else
		message(decoder, &told);
}

static bool is_ours(const struct decoder *decoder, const struct packet *packet)
{
	for (size_t i = 0; i < decoder->settings.ports; i++)
		if (is_port(packet, decoder->settings.port[i]))
			return true;
	return is_port(packet, IKE_PORT) || is_port(packet, IKE_NAT_T_PORT);
}

/* IKE on a port that we have not been told of is no reason to say nothing. */
static void look_elsewhere(struct decoder *decoder, const struct packet *packet)
{
	struct octets octets = packet->payload;
	struct ike_header header;

	if (has_marker(octets)) {
		octets.data += MARKER_LENGTH;
		octets.length -= MARKER_LENGTH;
	}
	if (packet->what != PACKET_UDP || ike_header_parse_whole(octets, &header) != IKE_ACCEPTED)
		return;
	if (decoder->counts.elsewhere++ == 0)
		decoder->counts.elsewhere_port = packet->to.port;
}

void decoder_packet(struct decoder *decoder, const struct packet *packet)
{
	decoder->counts.packets++;
	if (packet->what == PACKET_ESP) {
		decoder->counts.esp++;
	} else if (packet->what == PACKET_FRAGMENT) {
		decoder->counts.pieces++;
	} else if (packet->what == PACKET_UDP && is_ours(decoder, packet)) {
		datagram(decoder, packet);
	} else {
		decoder->counts.other++;
		look_elsewhere(decoder, packet);
	}
}
