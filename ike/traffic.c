/* SPDX-License-Identifier: ISC */
/*
 * traffic.c - what those who move packets have seen of a pair of IPsec SAs.
 *
 * RFC 3706 measures life by traffic (sections 5.4 and 5.5): what comes in through a pair proves that whoever has its keys is
 * there, and what leaves through it is something to send.  Both are said of a pair, and believed of the Phase 1 SA with the same
 * party in the same place: of one that is somewhere else the packets say nothing.  It is found without a search, for it may
 * be said of every packet, and nothing is told about it.
 *
 * Where there is a NAT before the peer, what comes in shows also where the peer is now: its mapping may change while it has packets
 * to send and nothing to say (RFC 3947 section 7).  Everything of the party's follows, as it follows IKE.
 *
 * That nothing comes back through a tunnel is as good a reason to be dead as an R-U-THERE without an answer: it is for the sake of
 * the tunnel that there is IKE at all.  So the whole party goes, whether IKE answers or not, and what follows is the same; but where
 * nothing has ever come through, calling the same gateway again would only find that out again.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/core.h"
#include "ike/nat_traversal.h"

/*
 * Newest first, and the one in use is the newest but for some that have given way: those go within seconds, and whoever has the keys
 * for more of them may do without.
 */
#define SAS_LOOKED_AT 8

static struct ike_pair *find_pair(const struct ike_core *core, uint32_t number)
{
	struct ike_pair *pair = ipsec_table_find_number(core->pairs, number);

	return pair == NULL || pair->state != IKE_PAIR_UP ? NULL : pair;
}

struct ike_sa *sa_in_place(const struct ike_core *core, const struct ike_party *party,
			   uint32_t gateway, const struct ike_address *address)
{
	struct ike_sa *sa = sa_table_at(core->sas, party->first_sa);

	for (int i = 0; i < SAS_LOOKED_AT && sa != NULL; i++) {
		/* a gateway is one place wherever it is; those who call are told apart by where they are */
		if (!sa->superseded && sa_gateway(sa) == gateway &&
		    (gateway != IKE_NONE || ike_address_same_host(&sa->remote, address)))
			return sa;
		sa = sa_table_at(core->sas, sa->next_of_party);
	}
	return NULL;
}

/* NULL: the pair has outlived it. */
static struct ike_sa *sa_of_pair(const struct ike_core *core, const struct ike_pair *pair)
{
	return sa_in_place(core, pair->party, pair->gateway, &pair->sa.remote);
}

static bool tell_sa_of_pair(struct ike_core *core, uint32_t number,
			    enum ike_extension_sa_happening happening)
{
	const struct ike_pair *pair = find_pair(core, number);
	struct ike_sa *sa = pair == NULL ? NULL : sa_of_pair(core, pair);

	if (sa == NULL)
		return false;
	host_sa_happening(core, sa, happening);
	return true;
}

/* R17.  Where the SA was is how it is found, so it is followed only then. */
bool traffic_heard(struct ike_core *core, uint32_t number, const struct ike_address *elsewhere)
{
	struct ike_pair *pair = find_pair(core, number);
	struct ike_sa *sa = pair == NULL ? NULL : sa_of_pair(core, pair);

	if (pair != NULL && elsewhere->family != IKE_FAMILY_NONE) {
		if (sa != NULL)
			nat_t_follow_packets(core, sa, elsewhere);
		else
			pair_follow_packets(core, pair, elsewhere);
	}
	if (sa == NULL)
		return false;
	host_sa_happening(core, sa, IKE_EXTENSION_HEARD);
	return true;
}

/* R23, R24 */
bool traffic_leaves(struct ike_core *core, uint32_t pair)
{
	return tell_sa_of_pair(core, pair, IKE_EXTENSION_TRAFFIC);
}

/* R156: whoever has missed something in a tunnel wants to know whether it is the tunnel or the peer. */
bool traffic_asks(struct ike_core *core, uint32_t pair)
{
	return tell_sa_of_pair(core, pair, IKE_EXTENSION_ASK_NOW);
}

/* ---- a pair that is used up, or a black hole ----------------------------------------------------------------------- */

/*
 * Renewed before its time, and not more than that: one entry may have a thousand parties, and it is the pair of one of them.  Begun by
 * ike_tick, so that it is once however often it is said, and not all at once where it is said of many.
 */
bool traffic_used_up(struct ike_core *core, uint32_t number)
{
	struct ike_pair *pair = find_pair(core, number);

	if (pair == NULL || pair->sa.superseded) /* there is another in its place */
		return false;
	pair_renew_at(core, pair, core->now);
	return true;
}

/* ---- a tunnel that is dead ----------------------------------------------------------------------------------------- */

/*
 * R142: with Deletes for the pairs, too: a peer whose IKE still answers learns that it need not send through them any more.  Returns
 * whether there was an SA, with the end of which the recovery has begun.
 */
static bool delete_party(struct ike_core *core, uint32_t peer, const struct ike_identity *local,
			 const struct ike_identity *remote, enum ike_why why)
{
	struct ike_party *party = party_find(core->parties, peer, local, remote);
	bool any = false;

	if (party != NULL)
		(void)pairs_delete(core, party, IKE_NEVER, why, true);
	/* looked up each time: with its last SA a party is forgotten */
	while ((party = party_find(core->parties, peer, local, remote)) != NULL &&
	       party->first_sa != 0) {
		sa_delete(core, sa_table_at(core->sas, party->first_sa), why, true);
		any = true;
	}
	return any;
}

/* R141, R142: R98 to R100, whatever has found it out. */
bool traffic_tunnel_dead(struct ike_core *core, uint32_t number, bool never)
{
	const struct ike_pair *pair = find_pair(core, number);
	struct ike_identity local, remote;
	uint32_t peer, gateway;

	if (pair == NULL)
		return false;
	peer = pair->sa.peer;
	gateway = pair->gateway;
	party_local_identity(core->parties, pair->party, &local);
	party_remote_identity(pair->party, &remote);
	/* a pair that has outlived its SA dies without one that could be the recovery's reason */
	if (!delete_party(core, peer, &local, &remote,
			  never ? IKE_WHY_TUNNEL_USELESS : IKE_WHY_TUNNEL_DEAD) &&
	    gateway != IKE_NONE)
		host_peer_happening(core, peer, gateway,
				    never ? IKE_EXTENSION_PEER_USELESS : IKE_EXTENSION_PEER_DEAD);
	return true;
}
