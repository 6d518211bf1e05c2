/* SPDX-License-Identifier: ISC */
/*
 * ipsec.h - what Quick Mode negotiates (RFC 2407 section 4, RFC 2409 section 5.5): tunnels as they are configured, and the
 * pairs of IPsec SAs that come of them.  Part of the engine's public interface; ike.h includes it.
 *
 * The engine negotiates IPsec SAs and forgets nothing about them; it moves no packet.  Whoever does, a kernel or a store that
 * only keeps them, pulls what has changed with ike_ipsec_changes() and says with a command when it could not follow.
 */
#ifndef IKE_IPSEC_H
#define IKE_IPSEC_H

#include "ike/types.h"

#define IKE_TUNNELS_MAX         8   /* per peer */
#define IKE_IPSEC_PROPOSALS_MAX 8   /* per tunnel */
#define IKE_IPSEC_KEYMAT_MAX    128 /* octets of one direction's KEYMAT that is used */

/* ---- settings ------------------------------------------------------------------------------------------------------ */

/* What goes through a tunnel, at one of its ends (IDci, IDcr: RFC 2407 section 4.6.2). */
struct ike_selector {
	struct ike_prefix
	    prefix;       /* family NONE: the end's own address, as the peer sees it or we do */
	uint8_t protocol; /* of IP; 0: every one */
	uint16_t port;    /* 0: every one */
};

/* One ESP transform, in IANA's numbers as the wire has them (registry.h). */
struct ike_ipsec_proposal {
	uint16_t encryption;     /* enum ike_esp_transform */
	uint16_t key_bits;       /* 128, 192, 256 for AES; 0 for 3DES */
	uint16_t authentication; /* enum ike_esp_authentication; 0 with AES-GCM, which needs none */
	uint16_t group;          /* enum ike_group: perfect forward secrecy; 0: without */
};

struct ike_tunnel_settings {
	const char *name;
	struct ike_selector local, remote;
	bool transport; /* transport mode; otherwise tunnel mode */
	bool
	    narrow; /* as responder accept also what lies inside of local and remote, not only just these */
	bool
	    wait; /* leave it to the peer to begin; otherwise negotiated as soon as Phase 1 is there */
	struct ike_ipsec_proposal proposal[IKE_IPSEC_PROPOSALS_MAX];
	size_t proposals;
	uint32_t lifetime;  /* seconds: 60 to 604800 */
	uint32_t kilobytes; /* 0: no limit; told to the peer and to the store, which counts */
};

/* ---- what came of it ----------------------------------------------------------------------------------------------- */

/* A pair of IPsec SAs, one each way.  The keys are those of the moment of the call: wipe the copy. */
struct ike_ipsec_sa {
	uint32_t number;       /* of this pair in this core: never two alive with the same */
	uint32_t peer, tunnel; /* indices into settings.peer and its tunnels */
	struct ike_address local,
	    remote;        /* the outer addresses, with ports where it is encapsulated in UDP */
	bool encapsulated; /* RFC 3948 */
	bool initiator;    /* we began this Quick Mode */
	bool transport;
	struct ike_selector inside_local,
	    inside_remote; /* as agreed; prefix.address.family is never NONE */
	struct ike_ipsec_proposal proposal;
	uint32_t spi_in, spi_out; /* host order: what we chose, what the peer chose */
	uint8_t keymat_in[IKE_IPSEC_KEYMAT_MAX], keymat_out[IKE_IPSEC_KEYMAT_MAX];
	size_t encryption_key_length,
	    authentication_key_length; /* octets: the first, then the second part of each keymat; the first ends with AES-GCM's salt of 4 */
	ike_time established_at, renew_at, expires_at;
	uint32_t kilobytes; /* 0: no limit */
	bool superseded;    /* a newer pair has taken over: no longer to be sent through */
};

enum ike_ipsec_change_kind {
	IKE_IPSEC_ADDED,   /* both directions, to be used from now on for what leaves */
	IKE_IPSEC_CHANGED, /* the outer addresses moved, or it was superseded */
	IKE_IPSEC_REMOVED, /* the last word about this number */
};

struct ike_ipsec_change {
	enum ike_ipsec_change_kind kind;
	struct ike_ipsec_sa sa;
};

/* "aes128-sha1", "3des-md5-modp1024", "aes256gcm16-x25519": the last part is the group for perfect forward secrecy.  Both ways. */
size_t ike_ipsec_proposal_text(const struct ike_ipsec_proposal *proposal, char *text,
			       size_t length);
bool ike_ipsec_proposal_parse(const char *text, struct ike_ipsec_proposal *proposal) IKE_MUST_USE;
bool ike_ipsec_proposal_is_sound(const struct ike_ipsec_proposal *proposal);
/* "10.1.0.0/16", "192.0.2.7/32 udp/1701", "own" for family NONE. */
#define IKE_SELECTOR_TEXT 96
size_t ike_selector_text(const struct ike_selector *selector, char *text, size_t length);

#endif
