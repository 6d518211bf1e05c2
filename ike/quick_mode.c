/* SPDX-License-Identifier: ISC */
/*
 * quick_mode.c - Quick Mode (RFC 2409 section 5.5) is not offered, and says so under protection.
 *
 * A peer with a tunnel to set up starts Quick Mode as soon as Phase 1 is done.  Silence would be worse than no: strongSwan
 * holds back its R-U-THERE-ACKs while a Quick Mode of its own is unanswered, and only an authenticated refusal ends that.
 */
#include "ike/core.h"
#include "ike/notify.h"

static void decline(struct ike_core *core, struct ike_sa *sa)
{
	uint8_t body[16];
	struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ISAKMP,
	    .type = IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
	};
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write(&writer, &notify);
	(void)send_protected(core, sa, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

enum ike_verdict quick_mode_input(struct ike_core *core, struct inbound *in)
{
	struct ike_sa *sa = in->sa;
	enum ike_verdict verdict;

	if (sa == NULL)
		return IKE_UNKNOWN_COOKIES;
	if (sa->state != IKE_SA_ESTABLISHED)
		return IKE_OUT_OF_STATE;
	if ((in->header.flags & IKE_FLAG_ENCRYPTION) == 0)
		return IKE_UNPROTECTED;
	verdict = informational_open(core, in, IKE_QM1); /* its HASH(1) is an Informational's */
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (informational_note_id(core, sa, in->header.message_id))
		host_sa_happening(core, sa, IKE_EXTENSION_HEARD);
	if (sa->state == IKE_SA_FREE)
		in->sa = NULL; /* the step has ended it */
	else
		decline(core, sa);
	return IKE_QUICK_MODE_DECLINED;
}
