/* SPDX-License-Identifier: ISC */
/*
 * fragment.h - IKE fragmentation: a message too long for one datagram travels in several, each of them an ISAKMP message of its
 * own with one payload of type 132.  No RFC has it; Cisco, Microsoft and everybody after them do it like this:
 *
 *	HDR (the cookies of the SA), next payload 132
 *	generic header | fragment ID (2) | number, from 1 (1) | flags, 1 on the last (1) | data
 *
 * The data in order is the whole message with its own header.  Some set the encryption flag of the header around a fragment,
 * some give it the message ID 0 and a Phase 1 exchange whatever is inside (strongSwan), so only the cookies must agree.
 *
 * What strangers may do to a reassembly is what brought down others (CVE-2016-1287, CVE-2016-10396), so: only under an SA in
 * which the sender has shown that he is where he says, one message at a time and SA, in memory taken at the start, and every
 * octet is touched a fixed number of times.
 */
#ifndef IKE_FRAGMENT_H
#define IKE_FRAGMENT_H

#include "ike/payload.h"

struct ike_core;
struct ike_handshake;
struct ike_sa;
struct inbound;

#define FRAGMENT_PARTS_MAX 64 /* of one message, however short they are */
#define FRAGMENT_OVERHEAD  36 /* octets before the data: ISAKMP header 28, payload 8 */
#define FRAGMENT_LIFE      (10 * IKE_SECOND) /* from the first fragment of a message to its last */

/*
 * Octets of an ISAKMP message that needs no fragments: an IPv6 packet of 1280 octets, which every link carries (RFC 8200
 * section 5) and nearly every one of IPv4 does too, less its header (40), UDP's (8) and the non-ESP marker (4).
 */
#define FRAGMENT_DATAGRAM_MAX 1228

/* ---- one fragment -------------------------------------------------------------------------------------------------- */

struct fragment {
	uint16_t id;
	uint8_t number; /* 1 to FRAGMENT_PARTS_MAX */
	bool last;
	struct octets data; /* at least one octet */
};

/* `body` is that of the payload.  FRAGMENT_MALFORMED, FRAGMENT_BAD_NUMBER. */
enum ike_verdict fragment_parse(struct octets body, struct fragment *fragment) IKE_MUST_USE;

/* In how many datagrams a message of so many octets is sent; 1: as it is. */
size_t fragment_count(size_t length);
/*
 * Fragment `number` of `count` of a message that is longer than FRAGMENT_DATAGRAM_MAX, with a header made from the message's own,
 * to `out` with room for FRAGMENT_DATAGRAM_MAX octets.  Returns its octets.
 */
size_t fragment_write(struct octets message, uint16_t id, size_t number, size_t count,
		      uint8_t *out);

/* ---- announcing it ------------------------------------------------------------------------------------------------- */

/* MD5("FRAGMENTATION") and four octets of capabilities: the first bit stands for Main and Aggressive Mode. */
#define FRAGMENT_VENDOR_ID_LENGTH 20
extern const uint8_t fragment_vendor_id_octets[FRAGMENT_VENDOR_ID_LENGTH];
/* Whether this vendor ID says that its sender takes fragments in Phase 1; Windows sends it without capabilities. */
bool fragment_vendor_id_matches(struct octets vendor_id) IKE_MUST_USE;

/* ---- reassembly ---------------------------------------------------------------------------------------------------- */

/* The fragments of one message, in the order of arrival. */
struct reassembly {
	struct ike_sa *sa;
	struct reassembly *older, *newer; /* of those in use; `newer` is the next free one */
	ike_time over_at;

	/* whose fragments they are: all of this is the same in each */
	struct ike_address remote;
	uint8_t
	    cky_r[IKE_COOKIE_LENGTH]; /* the initiator does not know it before the first answer */
	uint8_t exchange;
	uint32_t message_id;
	uint16_t id;

	uint8_t last;       /* the number of the last one; 0: it has not come */
	uint8_t highest;    /* number so far */
	uint8_t parts;      /* that have come */
	uint8_t begun_anew; /* times that another message took the place of an unfinished one */
	size_t length;      /* octets in data */
	struct {
		uint16_t at, length; /* length 0: it has not come */
	} part[FRAGMENT_PARTS_MAX];
	uint8_t data[IKE_MESSAGE_MAX];
};

struct reassembly_pool {
	struct reassembly *reassembly; /* limits.reassemblies of them */
	uint32_t touched, used; /* ever, and now: memory that was never touched costs nothing */
	struct reassembly *free, *oldest, *newest;
	uint8_t message[IKE_MESSAGE_MAX]; /* the one that is complete, while it is looked at */
};

/*
 * A datagram with a fragment, under in->sa or none.  ACCEPTED: it was kept; with `*whole` set the message is complete, and is now
 * in->octets and in->header, good until the next fragment.  Anything else: nothing was changed.
 */
enum ike_verdict fragment_input(struct ike_core *core, struct inbound *in,
				bool *whole) IKE_MUST_USE;
/* The SA goes: so does what was collected for it. */
void fragment_forget(struct ike_core *core, struct ike_sa *sa);

#endif
