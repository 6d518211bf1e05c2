/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_esp.h"

#include <assert.h>
#include <string.h>

#include "ike/wire.h"
#include "interop/checksum.h"
#include "interop/esp/echo.h"

#define IP_HEADER  20 /* octets, as UDP's 8 */
#define UDP_HEADER 8
#define UDP        17
#define TTL        64

/*
 * Octets of the inner packets: an echo; one that fills its blocks, so that there is no padding; one that needs the longest, whether
 * a block has 4, 8 or 16 octets.
 */
static const size_t lengths[VECTOR_ESP_PACKETS] = {ECHO_OCTETS_IPV4, 4 * 16 - 2, 4 * 16 - 1};

/* ---- what is inside ------------------------------------------------------------------------------------------------ */

/* In the network of the tunnel that is that party's. */
static struct ike_address host_of(enum vector_party party)
{
	return (struct ike_address){.family = IKE_FAMILY_IPV4,
				    .octets = {10, party == VECTOR_A ? 1 : 2, 0, 1}};
}

/* UDP without a checksum, which IPv4 allows (RFC 768). */
static void write_udp(enum vector_party from, uint8_t *out, size_t length)
{
	struct ike_address source = host_of(from), destination = host_of(vector_other(from));
	struct wire_writer writer;

	wire_write_to(&writer, out, length);
	wire_write_u32(&writer, 0x45000000 | (uint32_t)length);
	wire_write_u32(&writer, 0); /* no fragment */
	wire_write_u32(&writer, (uint32_t)TTL << 24 | UDP << 16);
	wire_write_octets(&writer, octets_of(source.octets, 4));
	wire_write_octets(&writer, octets_of(destination.octets, 4));
	wire_write_u32(&writer, 1000u << 16 | 2000u);
	wire_write_u32(&writer, (uint32_t)(length - IP_HEADER) << 16);
	wire_patch_u16(&writer, 10, checksum_of(checksum_add(0, octets_of(out, IP_HEADER))));
	for (size_t i = IP_HEADER + UDP_HEADER; i < length; i++)
		out[i] = (uint8_t)i;
}

/* The initiator asks, the responder answers. */
static void write_echo(const struct vector_quick *quick, enum vector_party from, uint8_t *out)
{
	const struct echo_identity identity = {0x7275, {'r', 'u', 't', 'h', 'e', 'r', 'e', '?'}};
	const struct echo echo = {.kind = from == quick->initiator ? ECHO_REQUEST : ECHO_REPLY,
				  .from = host_of(from),
				  .to = host_of(vector_other(from)),
				  .number = 1};
	size_t length = echo_write(&identity, &echo, out, ECHO_OCTETS_IPV4);

	assert(length == ECHO_OCTETS_IPV4);
}

/* ---- around it ----------------------------------------------------------------------------------------------------- */

/* RFC 4106 section 3.1 wants no more of it than that it is another each time. */
static void choose_iv(const struct esp_form *form, uint32_t number, struct random_source *random,
		      uint8_t iv[ESP_IV_MAX])
{
	memset(iv, 0, ESP_IV_MAX);
	if (packet_encryption_is_gcm(form->encryption)) {
		iv[form->iv - 2] = (uint8_t)(number >> 8);
		iv[form->iv - 1] = (uint8_t)number;
	} else {
		random_octets(random, iv, form->iv);
	}
}

static bool seal_one(struct esp_sa *sa, struct vector_esp *packet, struct fault *fault)
{
	struct esp_buffer buffer = {.data = packet->room + ESP_HEADROOM,
				    .length = packet->inner_length,
				    .room = sizeof(packet->room) - ESP_HEADROOM};

	memcpy(buffer.data, packet->inner, packet->inner_length);
	if (esp_packet_seal(sa, packet->number, packet->iv, ESP_NEXT_IPV4, &buffer) != ESP_ACCEPTED)
		return fault_say(fault, "an ESP packet that cannot be sealed");
	packet->at = (size_t)(buffer.data - packet->room);
	packet->length = buffer.length;
	packet->icv = sa->form.icv;
	/* what is left are header, IV, pad length and next header */
	packet->padding =
	    packet->length - packet->inner_length - 8 - sa->form.iv - 2 - sa->form.icv;
	return true;
}

static bool seal_way(struct vector_quick *quick, size_t which, const struct esp_form *form,
		     struct random_source *random, struct fault *fault)
{
	enum vector_party to = which == 0 ? quick->initiator : vector_other(quick->initiator);
	const uint8_t *key = quick->keymat[which];
	struct esp_sa sa = {0};
	bool good;

	good = esp_sa_key(&sa, form, which == 0 ? quick->spi_i : quick->choice.spi,
			  octets_of(key, quick->encryption_key),
			  octets_of(key + quick->encryption_key, quick->authentication_key),
			  PACKET_SEALED, fault);
	for (size_t i = 0; i < VECTOR_ESP_PACKETS && good; i++) {
		struct vector_esp *packet = &quick->esp[which][i];

		packet->number = (uint32_t)i + 1;
		packet->inner_length = lengths[i];
		packet->iv_length = form->iv;
		choose_iv(form, packet->number, random, packet->iv);
		if (i == 0)
			write_echo(quick, vector_other(to), packet->inner);
		else
			write_udp(vector_other(to), packet->inner, lengths[i]);
		good = seal_one(&sa, packet, fault);
	}
	esp_sa_wipe(&sa);
	return good;
}

bool vector_esp_seal(struct vector_quick *quick, struct random_source *random, struct fault *fault)
{
	struct esp_form form;

	return esp_form_of(&quick->choice.proposal, &form, fault) &&
	       seal_way(quick, 0, &form, random, fault) && seal_way(quick, 1, &form, random, fault);
}
