/* SPDX-License-Identifier: ISC */
/*
 * store_message.h - what is said to the kernel's XFRM about a pair of IPsec SAs (linux/xfrm.h): SAs one each way, and the
 * policies that send packets to them.
 *
 * Both are tied together by the reqid.  Ours all begin with the same twelve bits, by which what a crash has left is known.
 */
#ifndef INTEROP_STORE_STORE_MESSAGE_H
#define INTEROP_STORE_STORE_MESSAGE_H

#include <netinet/in.h>

#include <linux/xfrm.h>

#include "interop/store/store_netlink.h"
#include "interop/store/store_table.h"

#define STORE_REQID_MARK   UINT32_C(0x72700000)
#define STORE_REQID_MASK   UINT32_C(0xfff00000)
#define STORE_REPLAY_WIDTH 32 /* packets: what the kernel has without extended sequence numbers */
#define STORE_HARD_MARGIN                                                                          \
	30 /* seconds that the kernel waits longer than the engine, which deletes first */

enum store_way { STORE_IN, STORE_OUT };

/* What an SA goes on with that is made anew because its addresses have moved; all zero: nothing. */
struct store_state {
	bool known;
	struct xfrm_replay_state replay;
	struct xfrm_lifetime_cur used;
	uint64_t last_used; /* seconds since 1970 */
};

/* False: an algorithm that the kernel does not get from us; nothing is built. */
bool store_message_add_sa(struct netlink_message *message, const struct store_pair *pair,
			  enum store_way way, const struct store_state *state);
/* `type`: XFRM_MSG_DELSA or XFRM_MSG_GETSA. */
void store_message_sa(struct netlink_message *message, uint16_t type, const struct store_pair *pair,
		      enum store_way way);
/* `type`: XFRM_MSG_NEWPOLICY, or XFRM_MSG_UPDPOLICY for one that may be there; `direction`: XFRM_POLICY_IN, OUT, FWD. */
void store_message_add_policy(struct netlink_message *message, uint16_t type,
			      const struct store_pair *pair, uint8_t direction);
void store_message_delete_policy(struct netlink_message *message, const struct store_pair *pair,
				 uint8_t direction);
/* From a list: delete this one. */
void store_message_delete_listed_sa(struct netlink_message *message,
				    const struct xfrm_usersa_info *listed);
void store_message_delete_listed_policy(struct netlink_message *message,
					const struct xfrm_userpolicy_info *listed);
/* What XFRM_MSG_GETSA has answered.  False: it has not. */
bool store_message_state(const struct nlmsghdr *answer, struct store_state *state);

#endif
