/* SPDX-License-Identifier: ISC */
/*
 * nat_traversal.h - network address translators on the way (RFC 3947; its drafts 02 and 03, which most clients still offer): that they
 * are noticed, that both sides then talk on the other port, and that a peer whose mapping changes is followed.
 *
 *	MM1  HDR, SA, VID		-->		both forms are offered
 *					<--  MM2  HDR, SA, VID		the best one is taken
 *	MM3  HDR, KE, Ni, NAT-D, NAT-D	-->		the destination's hash, then the source's
 *					<--  MM4  HDR, KE, Nr, NAT-D, NAT-D
 *	MM5 from the other port to the other port, and everything after it
 *
 * NAT-D is covered by no HASH: whoever changes it makes both sides encapsulate, which costs eight octets a packet and nothing else.
 * Only what is authenticated tells where a peer is: messages, and packets of ESP.
 */
#ifndef IKE_NAT_TRAVERSAL_H
#define IKE_NAT_TRAVERSAL_H

#include "ike/core.h"

/* RFC 3948 section 4: often enough for the mappings of UDP that are known. */
#define NAT_T_KEEPALIVE (20 * IKE_SECOND)

/* What is agreed, the best one first. */
enum nat_t_form {
	NAT_T_NONE,
	NAT_T_RFC,
	NAT_T_DRAFT_03,
	NAT_T_DRAFT_02,
	NAT_T_DRAFT_02_NEWLINE, /* somebody hashed the newline too, and everybody followed */
	NAT_T_FORMS
};

/* ---- Phase 1: agreed, found, floated ------------------------------------------------------------------------------- */

/* Looks at the vendor IDs in core->message, the peer's first message. */
void nat_t_note_vendor_ids(const struct ike_core *core, struct ike_sa *sa);
/* The next vendor ID to be written into our first message; empty: no more.  Start with *cursor = 0. */
struct octets nat_t_next_vendor_id(const struct ike_core *core, const struct ike_sa *sa,
				   unsigned *cursor);
/* There was no room for the answer to the offer: then nothing is agreed. */
void nat_t_give_up(struct ike_sa *sa);

/* The NAT-D payloads in core->message, against the cookies and both addresses that it came with.  Changes nothing; BAD_NAT_D. */
struct nat_t_finding {
	bool said; /* there were some */
	bool here, there;
};
enum ike_verdict nat_t_find(struct ike_core *core, const struct inbound *in,
			    struct nat_t_finding *finding) IKE_MUST_USE;
/* The message with them counts. */
void nat_t_note_finding(const struct ike_core *core, struct ike_sa *sa,
			const struct nat_t_finding *finding);
/* Ours: where the message goes to, and where it comes from; in AM3, after the SA has floated. */
void nat_t_write(struct ike_core *core, const struct ike_sa *sa, struct ike_chain *chain);
/* The initiator, before its last message: to the other port, if there is a reason. */
void nat_t_float(struct ike_core *core, struct ike_sa *sa);
/* `in` has proved who the peer is: he is where it came from. */
void nat_t_arrive(struct ike_core *core, const struct inbound *in);

/* ---- where messages may come from ---------------------------------------------------------------------------------- */

/* Whether a datagram that names in->sa, but comes from elsewhere, is to be looked at nevertheless. */
bool nat_t_may_come_from_elsewhere(const struct ike_core *core, const struct inbound *in);

/*
 * An authenticated message under an established SA.  While it is looked at, answers go to where it came from; whether the SA stays
 * there is decided at the end by whether it is fresh: made by the peer after the one before.  A message that was recorded and is
 * played again from elsewhere is not.  What remains possible is to hold a message back and to be the first to deliver it: then the
 * SA is there until the next one comes from where the peer is.
 */
struct nat_t_visit {
	bool elsewhere;
	struct ike_address remote, local; /* where the SA was */
};
void nat_t_visit_begin(struct ike_core *core, const struct inbound *in, struct nat_t_visit *visit);
/* The SA may be gone. */
void nat_t_visit_end(struct ike_core *core, struct ike_sa *sa, const struct nat_t_visit *visit,
		     bool fresh);
/* The same for a message that is known to be fresh: the SA goes there, and its pairs with it. */
void nat_t_follow(struct ike_core *core, const struct inbound *in);
/*
 * RFC 3947 section 7: ESP moves it as well.  The newest packet of a pair of the SA's party has come from `remote`, in UDP and
 * authenticated; whoever opened it has seen to that.  All goes there, as above; where the peer is not behind a NAT, nothing does.
 */
void nat_t_follow_packets(struct ike_core *core, struct ike_sa *sa,
			  const struct ike_address *remote);

/* ---- the mapping kept open ----------------------------------------------------------------------------------------- */

/* Something was sent under the SA, or it came up: its mapping is fresh. */
void nat_t_sent(const struct ike_core *core, struct ike_sa *sa);
ike_time nat_t_deadline(const struct ike_core *core, const struct ike_sa *sa);
/* Sends a keepalive if it is time: one octet that the peer drops (RFC 3948 section 2.3).  It is no sign of life. */
void nat_t_time(struct ike_core *core, struct ike_sa *sa);

#endif
