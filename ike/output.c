/* SPDX-License-Identifier: ISC */
/*
 * output.c - what is to be sent, waiting to be pulled.
 *
 * A socket that is full is back-pressure, not loss: whoever cannot send simply does not pull.  Informationals wait as finished
 * datagrams, so that an SA may be deleted while its Delete is still waiting; a handshake's message stays in the handshake,
 * which keeps it anyway to send it again.
 */
#include <assert.h>
#include <string.h>

#include "ike/core.h"

static struct output_entry *output_new(struct ike_core *core)
{
	uint32_t room = core->settings->limits.outputs;
	struct output_entry *entry;

	if (core->outputs == room) {
		core->verdict[IKE_OVERLOAD]++;
		tell_overload(core, "limit outputs: messages wait faster than they are sent");
		return NULL;
	}
	entry = &core->output[(core->output_first + core->outputs) % room];
	core->outputs++;
	return entry;
}

bool output_small(struct ike_core *core, const struct ike_address *remote,
		  const struct ike_address *local, struct octets message, struct octets plain)
{
	struct output_entry *entry = output_new(core);

	if (entry == NULL)
		return false;
	entry->remote = *remote;
	entry->local = *local;
	entry->handshake = NULL;
	entry->length = (uint16_t)message.length;
	entry->plain_length = (uint16_t)plain.length;
	memcpy(entry->data, message.data, message.length);
	if (plain.length > 0)
		memcpy(entry->plain, plain.data, plain.length);
	return true;
}

bool output_handshake(struct ike_core *core, struct ike_handshake *handshake)
{
	struct output_entry *entry = output_new(core);

	if (entry == NULL)
		return false;
	entry->remote = handshake->sa->remote;
	entry->local = handshake->sa->local;
	entry->handshake = handshake;
	entry->generation = handshake->generation;
	return true;
}

/* False: the entry's handshake has gone in the meantime, so there is nothing to send. */
static bool fill(const struct output_entry *entry, struct ike_datagram *datagram)
{
	struct octets message = octets_of(entry->data, entry->length);
	struct octets plain = octets_of(entry->plain, entry->plain_length);

	if (entry->handshake != NULL) {
		if (entry->handshake->generation != entry->generation)
			return false;
		message = octets_of(entry->handshake->sent, entry->handshake->sent_length);
		plain = octets_of(entry->handshake->plain, entry->handshake->plain_length);
	}
	assert(message.length <= datagram->room); /* ike.h: at least IKE_DATAGRAM_MAX */
	datagram->remote = entry->remote;
	datagram->local = entry->local;
	memcpy(datagram->data, message.data, message.length);
	datagram->length = message.length;
	datagram->plain_length = 0;
	if (datagram->plain != NULL && plain.length > 0) {
		memcpy(datagram->plain, plain.data, plain.length);
		datagram->plain_length = plain.length;
	}
	return true;
}

size_t ike_output(struct ike_core *core, ike_time now, struct ike_datagram *datagrams, size_t max)
{
	size_t count = 0;

	(void)
	    now; /* finished when it was queued; kept in the interface for engines that build on the pull */
	while (count < max && core->outputs > 0) {
		const struct output_entry *entry = &core->output[core->output_first];

		if (fill(entry, &datagrams[count])) {
			core->counter[IKE_COUNT_DATAGRAMS_OUT]++;
			core->counter[IKE_COUNT_OCTETS_OUT] += datagrams[count].length;
			count++;
		}
		core->output_first = (core->output_first + 1) % core->settings->limits.outputs;
		core->outputs--;
	}
	return count;
}
