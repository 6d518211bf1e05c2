/* SPDX-License-Identifier: ISC */
/*
 * aggressive_mode_send.c - Aggressive Mode (RFC 2409 section 5.1 and 5.4): our messages, held against the rows in exchange.c.
 *
 * AM2 answers somebody whose address has not been proved, and carries more than it answers: HASH_R at least.  A nonce may have up
 * to 256 octets (section 5), so that of our AM1 is longer than ours otherwise are, and makes room for that and for the vendor IDs.
 * Answering others, a vendor ID for which there is no room is left out, and what is left is AM1 with another nonce and identity
 * and HASH_R: 68 octets more at most, and what our identity is longer than theirs; where NAT traversal is agreed, two hashes of
 * addresses more.  With signatures our certificates are in AM2, and it is some times as long as AM1: that is the protocol's, not
 * ours to mend; once, and again only for the very same AM1.
 */
#include "ike/aggressive_mode.h"

#include <stdint.h>

#include "ike/authentication.h"
#include "ike/nat_traversal.h"

/* ---- AM1 ----------------------------------------------------------------------------------------------------------- */

void aggressive_mode_begin(struct ike_core *core, struct ike_sa *sa)
{
	const struct ike_peer_settings *settings = core->peer[sa->peer].settings;
	struct ike_handshake *handshake = sa->handshake;
	struct ike_identity identity;

	handshake->expects = IKE_MESSAGE_KINDS;
	peer_local_identity(core, sa, &identity);
	if (identity.type ==
	    0) { /* our address, which nobody knows before an answer has come to it */
		tell_overload(core, "Aggressive Mode: who we are must be configured");
		handshake_give_up(core, handshake);
		return;
	}
	if (!ike_proposal_group(&settings->proposal[0], &handshake->group)) {
		handshake_give_up(core,
				  handshake); /* the configuration allows only what crypto/ has */
		return;
	}
	handshake_queue_work(core, handshake, IKE_WORK_KEY_PAIR);
}

static void send_1(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake);
	phase_1_write_offers(core, sa->handshake, &out);
	phase_1_write_public_and_nonce(core, sa->handshake, &out);
	authentication_write_identity(core, sa, &out);
	authentication_write_requests(core, sa, &out);
	phase_1_write_vendor_ids(core, sa->handshake, &out, SIZE_MAX);
	phase_1_finish_clear(core, sa->handshake, &out, IKE_AM2);
}

/* ---- AM2 ----------------------------------------------------------------------------------------------------------- */

static void send_2(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	bool signs = authentication_signs(sa);
	struct outgoing out;

	phase_1_begin(&out, handshake);
	phase_1_write_choice(&out, &handshake->chosen);
	phase_1_write_public_and_nonce(core, handshake, &out);
	authentication_write_identity(core, sa, &out);
	if (!signs)
		phase_1_skeyid_of_secret(core, sa);
	authentication_write_requests(core, sa, &out);
	if (!authentication_write_proof(core, sa, &out)) {
		phase_1_fail(core, sa, PHASE_1_NO_PROOF);
		return;
	}
	phase_1_write_vendor_ids(core, handshake, &out,
				 signs ? SIZE_MAX : handshake->received_length);
	phase_1_finish_clear(core, handshake, &out, IKE_AM3);
	/* AM2 is on its way; the responder computes g^xy while it travels */
	if (!signs)
		handshake_queue_work(core, handshake, IKE_WORK_SECRET);
}

/* ---- AM3 ----------------------------------------------------------------------------------------------------------- */

/* Without INITIAL-CONTACT (R112).  Encrypted, as it may be and everybody takes it.  What its sender is told by anybody shows that it has arrived (handshake.c). */
static void send_3(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	nat_t_float(core, sa);
	phase_1_begin(&out, sa->handshake);
	nat_t_write(core, sa, &out.chain);
	if (!authentication_write_proof(core, sa, &out)) {
		phase_1_fail(core, sa, PHASE_1_NO_PROOF);
		return;
	}
	phase_1_finish_encrypted(core, sa->handshake, &out, IKE_MESSAGE_KINDS);
	phase_1_establish(core, sa);
}

/* ---- what follows from a piece of work ----------------------------------------------------------------------------- */

void aggressive_mode_key_pair_done(struct ike_core *core, struct ike_sa *sa)
{
	if (sa->initiator)
		send_1(core, sa);
	else if (authentication_signs(sa)) /* SKEYID has g^xy in it, and SIG_R has SKEYID */
		handshake_queue_work(core, sa->handshake, IKE_WORK_SECRET);
	else
		send_2(core, sa);
}

void aggressive_mode_keys_done(struct ike_core *core, struct ike_sa *sa)
{
	if (authentication_signs(sa))
		handshake_queue_work(core, sa->handshake, IKE_WORK_SIGNATURE);
	else if (sa->initiator)
		send_3(core, sa);
}

void aggressive_mode_send_signed(struct ike_core *core, struct ike_sa *sa)
{
	if (sa->initiator)
		send_3(core, sa);
	else
		send_2(core, sa);
}
