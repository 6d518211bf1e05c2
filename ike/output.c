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

#include "ike/quick_mode.h"

enum fill {
	FILL_NOTHING, /* the entry's handshake has gone, or gone on: there is nothing to send */
	FILL_MORE_TO_COME,
	FILL_LAST,
};

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
	entry->quick = NULL;
	entry->length = (uint16_t)message.length;
	entry->plain_length = (uint16_t)plain.length;
	memcpy(entry->data, message.data, message.length);
	if (plain.length > 0)
		memcpy(entry->plain, plain.data, plain.length);
	return true;
}

bool output_handshake(struct ike_core *core, struct ike_handshake *handshake,
		      const struct ike_address *remote, const struct ike_address *local)
{
	struct output_entry *entry = output_new(core);

	if (entry == NULL)
		return false;
	entry->remote = *remote;
	entry->local = *local;
	entry->handshake = handshake;
	entry->quick = NULL;
	entry->generation = handshake->generation;
	entry->fragments = 0;
	return true;
}

bool output_quick_mode(struct ike_core *core, struct ike_quick_mode *quick)
{
	struct output_entry *entry = output_new(core);

	if (entry == NULL)
		return false;
	entry->remote = quick->sa->remote;
	entry->local = *sa_local(core, quick->sa);
	entry->handshake = NULL;
	entry->quick = quick;
	entry->generation = quick->generation;
	return true;
}

static void put(struct octets octets, uint8_t *to, size_t *length)
{
	memcpy(to, octets.data, octets.length);
	*length = octets.length;
}

/* The twin goes with what completes a message: the last fragment, where it comes in several. */
static void put_twin(struct octets plain, struct ike_datagram *datagram)
{
	datagram->plain_length = 0;
	if (datagram->plain != NULL && plain.length > 0 && plain.length <= datagram->room)
		put(plain, datagram->plain, &datagram->plain_length);
}

/*
 * A handshake's message: whole, or its next fragment.  A full socket may leave some of the fragments for later; should the
 * handshake have a newer message by then, that has an entry of its own, and the rest of the old one is of no use to anybody.
 * The fragment ID is the message's number and not new for each transmission, so that fragments of a repetition fill the gaps
 * that the network made in the first one.
 */
static enum fill fill_of_handshake(struct output_entry *entry, struct ike_datagram *datagram)
{
	const struct ike_handshake *handshake = entry->handshake;
	struct octets message, plain;
	size_t count;

	if (handshake->generation != entry->generation)
		return FILL_NOTHING;
	message = octets_of(handshake->sent, handshake->sent_length);
	plain = octets_of(handshake->plain, handshake->plain_length);
	count = handshake->fragments ? fragment_count(message.length) : 1;
	if (entry->fragments > 0 && entry->message != handshake->message)
		return FILL_NOTHING;
	entry->message = handshake->message;
	entry->fragments++;
	if (count == 1) {
		assert(message.length <= datagram->room); /* ike.h: at least IKE_DATAGRAM_MAX */
		put(message, datagram->data, &datagram->length);
	} else {
		datagram->length = fragment_write(message, handshake->message, entry->fragments,
						  count, datagram->data);
	}
	if (entry->fragments < count)
		return FILL_MORE_TO_COME;
	put_twin(plain, datagram);
	return FILL_LAST;
}

static enum fill fill(struct output_entry *entry, struct ike_datagram *datagram)
{
	const struct ike_quick_mode *quick = entry->quick;

	datagram->remote = entry->remote;
	datagram->local = entry->local;
	datagram->plain_length = 0;
	if (entry->handshake != NULL)
		return fill_of_handshake(entry, datagram);
	if (quick != NULL) {
		if (quick->generation != entry->generation)
			return FILL_NOTHING;
		assert(quick->sent_length <= datagram->room);
		put(octets_of(quick->sent, quick->sent_length), datagram->data, &datagram->length);
		put_twin(octets_of(quick->plain, quick->plain_length), datagram);
		return FILL_LAST;
	}
	assert(entry->length <= datagram->room);
	put(octets_of(entry->data, entry->length), datagram->data, &datagram->length);
	put_twin(octets_of(entry->plain, entry->plain_length), datagram);
	return FILL_LAST;
}

size_t ike_output(struct ike_core *core, ike_time now, struct ike_datagram *datagrams, size_t max)
{
	size_t count = 0;

	(void)
	    now; /* finished when it was queued; kept in the interface for engines that build on the pull */
	while (count < max && core->outputs > 0) {
		struct output_entry *entry = &core->output[core->output_first];
		enum fill filled = fill(entry, &datagrams[count]);

		if (filled != FILL_NOTHING) {
			core->counter[IKE_COUNT_DATAGRAMS_OUT]++;
			core->counter[IKE_COUNT_OCTETS_OUT] += datagrams[count].length;
			count++;
		}
		if (filled == FILL_MORE_TO_COME)
			continue;
		core->output_first = (core->output_first + 1) % core->settings->limits.outputs;
		core->outputs--;
	}
	/* as with events: what is pulled every time always lies in the same few entries */
	if (core->outputs == 0)
		core->output_first = 0;
	return count;
}
