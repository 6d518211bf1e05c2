/* SPDX-License-Identifier: ISC */
/*
 * tell.c - what the user hears about single messages: those refused, and, where he asked for it, every one in and out.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/describe.h"

/* Verdicts that are the protocol at work, not somebody's fault: counted, but no event. */
static bool is_ordinary(enum ike_verdict verdict)
{
	return verdict == IKE_DUPLICATE || verdict == IKE_HINT_ONLY ||
	       verdict == IKE_NOTIFY_IGNORED || verdict == IKE_DELETE_UNKNOWN_SPI ||
	       verdict == IKE_INITIAL_CONTACT_REPEATED || verdict == IKE_FRAGMENT_REPEATED;
}

/* R139: counted always, told at a rate that no sender chooses. */
enum ike_verdict tell_refusal(struct ike_core *core, const struct inbound *in,
			      enum ike_verdict verdict)
{
	struct ike_event *event;

	core->verdict[verdict]++;
	if (is_ordinary(verdict) || !token_bucket_take(&core->refusals, core->now))
		return verdict;
	if (in != NULL && in->sa != NULL)
		event = tell_event_of_sa(core, IKE_EVENT_REFUSED, in->sa);
	else
		event = tell_event(core, IKE_EVENT_REFUSED);
	event->verdict = verdict;
	if (in != NULL) {
		event->remote = in->datagram->remote;
		memcpy(event->cky_i, in->header.cky_i, IKE_COOKIE_LENGTH);
		memcpy(event->cky_r, in->header.cky_r, IKE_COOKIE_LENGTH);
	}
	return verdict;
}

void tell_message(struct ike_core *core, const struct ike_sa *sa, const struct ike_address *remote,
		  bool outbound, const struct ike_message *message)
{
	struct ike_event *event;

	if (!core->settings->tell_messages)
		return;
	event = sa != NULL ? tell_event_of_sa(core, IKE_EVENT_MESSAGE, sa)
			   : tell_event(core, IKE_EVENT_MESSAGE);
	event->remote = *remote;
	event->outbound = outbound;
	ike_describe_line(message, event->text, sizeof(event->text));
}

void tell_sent(struct ike_core *core, const struct ike_sa *sa, const struct ike_address *remote,
	       struct octets plain, bool encrypted)
{
	struct ike_message message;
	struct octets chain =
	    octets_of(plain.data + IKE_HEADER_LENGTH, plain.length - IKE_HEADER_LENGTH);

	if (!core->settings->tell_messages)
		return;
	/* not core->message: the one that this answers may still be looked at */
	if (ike_header_parse(plain, &message.header) != IKE_ACCEPTED ||
	    ike_payloads_parse(chain, false, 0, &message) != IKE_ACCEPTED)
		return;
	if (encrypted)
		message.header.flags |= IKE_FLAG_ENCRYPTION;
	tell_message(core, sa, remote, true, &message);
}
