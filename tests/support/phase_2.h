/* SPDX-License-Identifier: ISC */
/*
 * phase_2.h - Quick Modes between the two nodes of a duo: what passed, and what a test says in place of the peer.
 */
#ifndef TESTS_SUPPORT_PHASE_2_H
#define TESTS_SUPPORT_PHASE_2_H

#include "ike/quick_mode.h"
#include "tests/support/duo.h"

/* The newest Phase 1 SA of a node, and its newest Quick Mode; NULL: there is none. */
struct ike_sa *phase_2_sa(const struct duo *duo, enum duo_node node);
struct ike_quick_mode *phase_2_quick(const struct duo *duo, enum duo_node node);

/* Which message of a Quick Mode a datagram is, told by its plaintext and by who sent the first one; IKE_MESSAGE_KINDS: none. */
enum ike_message_kind phase_2_kind(const struct duo *duo, const struct duo_datagram *datagram);
/* How many of that kind were sent, repeats included; and the n-th of them, from 0. */
size_t phase_2_count(const struct duo *duo, enum ike_message_kind kind);
const struct duo_datagram *phase_2_nth(const struct duo *duo, enum ike_message_kind kind, size_t n);

/*
 * For duo.deliver: loses all of one kind, as often as `times` says.  Set phase_2_loses before.
 */
struct phase_2_loss {
	enum ike_message_kind kind;
	size_t times, lost;
};
extern struct phase_2_loss phase_2_loses;
bool phase_2_lose(struct duo *duo, struct duo_datagram *datagram);

/*
 * Gives a node the message that its Quick Mode expects, with a HASH that holds: payloads after HASH as they are to stand on the
 * wire, the first of them of that type (IKE_PAYLOAD_NONE: there are none), flags besides encryption.
 */
size_t phase_2_make(struct duo *duo, enum duo_node to, uint8_t first, struct octets payloads,
		    uint8_t flags, uint8_t room[IKE_DATAGRAM_MAX]);
enum ike_verdict phase_2_say(struct duo *duo, enum duo_node to, uint8_t first,
			     struct octets payloads, uint8_t flags);
/* In hex, where "0500(0102)" is "0500 0006 0102": a generic header with the length of what the parentheses hold, and of itself. */
size_t phase_2_hex(const char *hex, uint8_t *out, size_t room);
enum ike_verdict phase_2_say_hex(struct duo *duo, enum duo_node to, uint8_t first, const char *hex);

/* Both sides agree on one pair, and nothing is on its way. */
struct duo *phase_2_established(uint8_t seed, const char *proposals);

/* Pulls all changes of a node, and counts them by kind. */
struct phase_2_changes {
	size_t count[IKE_IPSEC_REMOVED + 1];
	struct ike_ipsec_change last;
};
void phase_2_pull(struct duo *duo, enum duo_node node, struct phase_2_changes *changes);

#endif
