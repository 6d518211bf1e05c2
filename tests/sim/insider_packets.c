/* SPDX-License-Identifier: ISC */
/*
 * insider_packets.c - a peer with keys that seals what it should not: other addresses than were agreed upon, packets that are none,
 * padding that is none.  What is authentic is not therefore allowed.
 */
#include <string.h>

#include "tests/sim/inner.h"
#include "tests/sim/sim.h"

#define OTHER_HEADER 6 /* TCP: transport mode, if it were */
#define ROOM         (ESP_HEADROOM + PACKET_INNER_MOST + ESP_TAILROOM)

/* What is wrong about an inner packet, and what must become of it. */
struct wrong {
	enum esp_verdict expected;
	uint8_t next_header;
};

static const struct wrong wrongs[] = {
    {ESP_DUMMY, ESP_NEXT_DUMMY},
    {ESP_BAD_NEXT_HEADER, OTHER_HEADER},
    {ESP_BAD_PADDING, ESP_NEXT_IPV4},
    {ESP_INNER_TOO_SHORT, ESP_NEXT_IPV4},
    {ESP_INNER_BAD_VERSION, ESP_NEXT_IPV4},
    {ESP_INNER_BAD_VERSION, ESP_NEXT_IPV6},
    {ESP_INNER_BAD_HEADER, ESP_NEXT_IPV4},
    {ESP_INNER_BAD_LENGTH, ESP_NEXT_IPV4},
    {ESP_INNER_OTHER_SOURCE, ESP_NEXT_IPV4},
    {ESP_INNER_OTHER_DESTINATION, ESP_NEXT_IPV4},
    {ESP_INNER_OTHER_PROTOCOL, ESP_NEXT_IPV4},
    {ESP_INNER_OTHER_PORT, ESP_NEXT_IPV4},
    {ESP_INNER_FRAGMENT, ESP_NEXT_IPV4},
};

/* False: with such selectors it would be right. */
static bool spoil(struct packet *packet, const struct wrong *wrong, const struct ike_ipsec_sa *pair)
{
	bool has_port = pair->inside_local.port != 0 || pair->inside_remote.port != 0;

	switch (wrong->expected) {
	case ESP_INNER_TOO_SHORT:
		packet->inner_length = INNER_HEADER / 2;
		return true;
	case ESP_INNER_BAD_VERSION:
		packet->inner[0] = wrong->next_header == ESP_NEXT_IPV6 ? 0x45 : 0x75;
		return true;
	case ESP_INNER_BAD_HEADER:
		packet->inner[0] = 0x43;
		return true;
	case ESP_INNER_BAD_LENGTH:
		packet->inner[2] = 0x7f;
		return true;
	case ESP_INNER_OTHER_SOURCE:
		packet->inner[12] ^= 0x40;
		return pair->inside_local.prefix.bits >= 2;
	case ESP_INNER_OTHER_DESTINATION:
		packet->inner[16] ^= 0x40;
		return pair->inside_remote.prefix.bits >= 2;
	case ESP_INNER_OTHER_PROTOCOL:
		packet->inner[9] = OTHER_HEADER;
		return pair->inside_local.protocol != 0;
	case ESP_INNER_OTHER_PORT:
		memset(packet->inner + INNER_HEADER, 0x7f, 4);
		return has_port;
	case ESP_INNER_FRAGMENT:
		packet->inner[7] = 1; /* RFC 791: the offset, in eights of octets */
		return has_port;
	default:
		return true;
	}
}

/* What esp_packet_seal() never writes: padding of any octets.  CBC only. */
static bool seal_padded_wrongly(struct esp_sa *sa, struct esp_buffer *buffer, uint32_t number)
{
	uint8_t digest[PACKET_DIGEST_MAX], iv[ESP_IV_MAX] = {7};
	const size_t inner = buffer->length, block = sa->form.align;
	size_t length = (inner + 2 + block - 1) / block * block + block;
	uint8_t *start = buffer->data - 8 - sa->form.iv;

	if (sa->form.salt != 0)
		return false;
	memset(buffer->data + inner, 0x99, length - inner);
	buffer->data[length - 2] = (uint8_t)(length - inner - 2);
	buffer->data[length - 1] = ESP_NEXT_IPV4;
	for (unsigned i = 0; i < 4; i++) {
		start[i] = (uint8_t)(sa->spi >> (24 - 8 * i));
		start[4 + i] = (uint8_t)(number >> (24 - 8 * i));
	}
	memcpy(start + 8, iv, sa->form.iv);
	packet_cipher_crypt(sa->cipher, iv, buffer->data, length);
	length += 8 + sa->form.iv;
	packet_cipher_digest(sa->cipher, octets_of(start, length), digest);
	memcpy(start + length, digest, sa->form.icv);
	*buffer = (struct esp_buffer){start, length + sa->form.icv, buffer->room};
	return true;
}

static bool seal_as(const struct ike_ipsec_sa *pair, const struct wrong *wrong, uint32_t number,
		    struct esp_buffer *buffer)
{
	size_t first = pair->encryption_key_length, second = pair->authentication_key_length;
	uint8_t iv[ESP_IV_MAX] = {0};
	struct esp_sa sa = {0};
	struct esp_form form;
	struct fault fault;
	bool sealed;

	if (!esp_form_of(&pair->proposal, &form, &fault) ||
	    !esp_sa_key(&sa, &form, pair->spi_out, octets_of(pair->keymat_out, first),
			octets_of(pair->keymat_out + first, second), PACKET_SEALED, &fault))
		return false;
	iv[0] = (uint8_t)(number >> 8);
	iv[7] = (uint8_t)number;
	sealed = wrong->expected == ESP_BAD_PADDING
		     ? seal_padded_wrongly(&sa, buffer, number)
		     : esp_packet_seal(&sa, number, iv, wrong->next_header, buffer) == ESP_ACCEPTED;
	esp_sa_wipe(&sa);
	return sealed;
}

static const struct ike_ipsec_sa *any_pair(struct sim *sim, const struct node *node, uint32_t value)
{
	(void)sim;
	for (unsigned i = 0; i < node->store.pairs; i++) {
		const struct ike_ipsec_sa *pair =
		    &node->store.pair[(value + i) % node->store.pairs];

		if (carrier_carries(node, pair))
			return pair;
	}
	return NULL;
}

void insider_seals(struct sim *sim, struct node *node, uint32_t value)
{
	const struct ike_ipsec_sa *pair = any_pair(sim, node, value >> 16);
	const struct wrong *wrong = &wrongs[value % (sizeof(wrongs) / sizeof(wrongs[0]))];
	struct packet packet = {.kind = PACKET_WRONG, .expected = wrong->expected};
	uint8_t octets[ROOM];
	struct esp_buffer buffer = {.data = octets + ESP_HEADROOM, .room = ROOM - ESP_HEADROOM};
	uint32_t number;

	if (pair == NULL || node->paused || node->socket_full)
		return;
	packet.inner_length =
	    inner_write(packet.inner, sizeof(packet.inner) / 2, &pair->inside_local,
			&pair->inside_remote, sim->packets.packets + 1, &sim->packet_dice);
	number = packets_last_number(&sim->packets, node->number, node->incarnation, pair->spi_out);
	if (!spoil(&packet, wrong, pair) || number == UINT32_MAX)
		return;
	memcpy(buffer.data, packet.inner, packet.inner_length);
	buffer.length = packet.inner_length;
	if (!seal_as(pair, wrong, ++number, &buffer))
		return;
	esp_plane_continue(node->carrier.plane, pair->number, number);
	(void)packets_send(sim, node, &packet, &pair->remote, pair->encapsulated, buffer.data,
			   buffer.length);
}
