/* SPDX-License-Identifier: ISC */
/*
 * open.c - takes a datagram apart: decrypts it where it must be, parses its payloads, and shows them to whoever wants to see.
 */
#include "ike/core.h"

/* The datagram as it would have been in the clear: no encryption flag, no padding. */
static void write_twin(struct ike_core *core, struct inbound *in)
{
	struct octets chain = ike_payloads_chain(&core->message);
	struct ike_header header = in->header;
	struct wire_writer writer;

	if (in->datagram->plain == NULL || !core->settings->plain_twins)
		return;
	header.flags &= (uint8_t)~IKE_FLAG_ENCRYPTION;
	wire_write_to(&writer, in->datagram->plain, in->datagram->room);
	ike_header_write(&writer, &header);
	wire_write_octets(&writer, chain);
	ike_header_finish(&writer);
	if (!writer.failed)
		in->datagram->plain_length = writer.length;
}

enum ike_verdict open_silently(struct ike_core *core, const struct inbound *in, const uint8_t *iv,
			       uint8_t *next_iv)
{
	struct octets chain =
	    octets_of(in->octets.data + IKE_HEADER_LENGTH, in->octets.length - IKE_HEADER_LENGTH);
	enum ike_verdict verdict = IKE_ACCEPTED;
	size_t block = 0;

	core->message.header = in->header;
	core->message.payloads = 0;
	if (iv != NULL) {
		block = cipher_block_length(in->sa->cipher);
		verdict = protect_decrypt(core->crypto, in->sa->cipher, sa_key(in->sa), iv,
					  in->octets, core->plain, next_iv);
		chain.data = core->plain + IKE_HEADER_LENGTH;
	}
	if (verdict == IKE_ACCEPTED)
		verdict = ike_payloads_parse(chain, iv != NULL, block, &core->message);
	return verdict;
}

enum ike_verdict open_message(struct ike_core *core, struct inbound *in, const uint8_t *iv,
			      uint8_t *next_iv)
{
	enum ike_verdict verdict = open_silently(core, in, iv, next_iv);

	if (verdict == IKE_ACCEPTED && iv != NULL)
		write_twin(core, in);
	tell_message(core, in->sa, &in->datagram->remote, false, &core->message);
	return verdict;
}
