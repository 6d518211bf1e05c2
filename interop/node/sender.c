/* SPDX-License-Identifier: ISC */
#include "interop/node/sender.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/impair/impair.h"
#include "interop/node/trouble.h"

#define LAST_WORDS_MS 500 /* how long full sockets are waited for at the end */

struct sender {
	struct ike_core *core;
	struct udp *udp;
	const struct encapsulation *encapsulation;
	struct event_log *log;
	struct capture *capture;
	struct impair *impair;
	struct trouble refused, waits;
	int told_error;      /* another is another trouble */
	size_t first, count; /* pulled from the core, not yet taken by a socket */
	size_t socket;       /* the one that is full */
	bool full;
	struct udp_buffers out;
};

struct sender *sender_new(struct ike_core *core, struct udp *udp,
			  const struct encapsulation *encapsulation, struct event_log *log,
			  struct capture *capture)
{
	struct sender *sender = malloc(sizeof(*sender));

	if (sender == NULL)
		return NULL;
	sender->core = core;
	sender->udp = udp;
	sender->encapsulation = encapsulation;
	sender->log = log;
	sender->capture = capture;
	sender->impair = NULL;
	sender->refused = (struct trouble){.what = "sending"};
	sender->waits = (struct trouble){.what = "socket"};
	sender->first = sender->count = sender->socket = 0;
	sender->full = false;
	sender->told_error = 0;
	return sender;
}

void sender_impair(struct sender *sender, struct impair *impair)
{
	sender->impair = impair;
}

void sender_free(struct sender *sender)
{
	free(sender);
}

static void capture_sent(const struct sender *sender, const struct ike_datagram *datagram)
{
	struct ike_address from = datagram->local;

	if (from.family == IKE_FAMILY_NONE)
		from = udp_source(sender->udp, &datagram->remote, from.port);
	capture_datagram(sender->capture, clock_wall(clock_now()), &from, &datagram->remote,
			 octets_of(datagram->data, datagram->length),
			 octets_of(datagram->plain, datagram->plain_length));
}

static void tell_refusal(struct sender *sender)
{
	struct ike_address remote;
	char text[IKE_ADDRESS_TEXT];
	int error = udp_refusal(sender->udp, &remote);

	if (error != sender->told_error)
		sender->refused.told = 0;
	sender->told_error = error;
	ike_address_text(&remote, text, sizeof(text));
	trouble_met(&sender->refused, sender->log,
		    "cannot send to %s: %s; it counts as lost on the way", text, strerror(error));
}

/* Sending works again when it does to where it did not. */
static void tell_if_over(struct sender *sender, const struct ike_datagram *sent, size_t count)
{
	struct ike_address remote;

	(void)udp_refusal(sender->udp, &remote);
	for (size_t i = 0; i < count && sender->refused.count > 0; i++)
		if (ike_address_equal(&sent[i].remote, &remote))
			trouble_over(&sender->refused, sender->log);
}

/* False: a socket is full, and what is left stays for when it has room. */
static bool send_pulled(struct sender *sender)
{
	const struct ike_datagram *waiting = &sender->out.datagram[sender->first];
	uint64_t before = udp_refused(sender->udp);
	size_t done = udp_send(sender->udp, waiting, sender->count, &sender->socket);

	if (udp_refused(sender->udp) > before)
		tell_refusal(sender);
	else
		tell_if_over(sender, waiting, done);
	for (size_t i = 0; sender->capture != NULL && i < done; i++)
		capture_sent(sender, &waiting[i]);
	sender->first += done;
	sender->count -= done;
	if (sender->count == 0)
		return true;
	sender->full = true;
	trouble_met(&sender->waits, sender->log,
		    "the socket's buffer is full: what is to be sent waits until there is room");
	return false;
}

static void copy(struct ike_datagram *to, const struct ike_datagram *from)
{
	to->remote = from->remote;
	to->local = from->local;
	memcpy(to->data, from->data, from->length);
	to->length = from->length;
	to->plain_length = 0;
	if (to->plain != NULL && from->plain_length > 0) {
		memcpy(to->plain, from->plain, from->plain_length);
		to->plain_length = from->plain_length;
	}
}

/* One at a time, because any may become several, and the layer keeps only so many. */
static size_t pull_impaired(struct sender *sender)
{
	size_t count = 0;

	while (count < UDP_BATCH && !impair_wants_exit(sender->impair)) {
		struct ike_datagram *datagram = &sender->out.datagram[count];
		struct ike_datagram impaired;

		if (impair_next_out(sender->impair, clock_now(), &impaired)) {
			copy(datagram, &impaired);
			count++;
		} else if (ike_output(sender->core, clock_now(), datagram, 1) > 0) {
			impair_out(sender->impair, clock_now(), datagram);
		} else {
			break;
		}
	}
	return count;
}

static size_t pull(struct sender *sender)
{
	if (sender->impair != NULL)
		return pull_impaired(sender);
	return ike_output(sender->core, clock_now(), sender->out.datagram, UDP_BATCH);
}

bool sender_send(struct sender *sender, size_t *socket)
{
	bool room = !sender->full && (sender->count == 0 || send_pulled(sender));

	while (room) {
		udp_buffers_reset(&sender->out, sender->capture != NULL);
		sender->first = 0;
		sender->count = pull(sender);
		if (sender->count == 0)
			return true;
		for (size_t i = 0; i < sender->count; i++)
			encapsulation_put_on(sender->encapsulation, &sender->out.datagram[i]);
		room = send_pulled(sender);
	}
	*socket = sender->socket;
	return false;
}

void sender_has_room(struct sender *sender)
{
	sender->full = false;
	trouble_over(&sender->waits, sender->log);
}

void sender_finish(struct sender *sender)
{
	ike_time end = clock_now() + LAST_WORDS_MS * IKE_MILLISECOND;
	size_t socket;

	while (!sender_send(sender, &socket) && clock_now() < end) {
		struct pollfd ready = {udp_descriptor(sender->udp, socket), POLLOUT, 0};

		(void)poll(&ready, 1, LAST_WORDS_MS);
		sender_has_room(sender);
	}
}
