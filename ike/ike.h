/* SPDX-License-Identifier: ISC */
/*
 * ike.h - the engine's public interface: five verbs, no callbacks into the world.
 *
 *   verdict  = ike_input   (core, now, datagram)          one datagram in; never sends
 *              ike_command (core, now, command)           connect, close, ask now, ...
 *              ike_tick    (core, now, budget)            run due timers and deferred work, at most budget of them
 *   n        = ike_output  (core, now, datagrams[], max)  pull what is to be sent, built in the caller's buffers
 *   n        = ike_events  (core, events[], max)          pull what happened
 *   deadline = ike_deadline(core)                         next absolute time at which ike_tick has work, or IKE_NEVER
 *
 * They may be called in any order at any time.  Time is an argument; one that goes backwards is clamped and counted.
 * Random octets come from the source that was handed in: equal inputs and equal random octets give byte-equal outputs.
 * Nothing on the path of an established SA's packet allocates.  One core per thread; nothing is shared between cores.
 */
#ifndef IKE_IKE_H
#define IKE_IKE_H

#include "crypto/cbc.h"
#include "crypto/credentials.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "ike/extension.h"
#include "ike/ipsec.h"
#include "ike/registry.h"
#include "ike/types.h"
#include "ike/verdict.h"

/* ---- settings: the node, its limits, its peers --------------------------------------------------------------------- */

#define IKE_IDENTITY_MAX  512 /* octets of identification data: the names in certificates are long */
#define IKE_PROPOSALS_MAX 16  /* per peer */
#define IKE_GATEWAYS_MAX  8   /* per peer */
#define IKE_DATAGRAM_MAX  4096  /* octets of one datagram, either way */
#define IKE_MESSAGE_MAX   16384 /* octets of one IKE message that came in fragments */
#define IKE_PAYLOADS_MAX  32    /* payloads in one message */

/* An identity as it stands in an ID payload (RFC 2407 section 4.6.2).  Type 0: not said. */
struct ike_identity {
	uint8_t type; /* enum ike_id_type */
	uint16_t length;
	uint8_t data[IKE_IDENTITY_MAX];
};

/* One Phase 1 transform, in IANA's numbers as the wire has them (registry.h). */
struct ike_proposal {
	uint16_t encryption; /* enum ike_encryption */
	uint16_t key_bits;   /* 128, 192, 256 for AES; 0 for 3DES */
	uint16_t hash;       /* enum ike_hash */
	uint16_t group;      /* enum ike_group */
};

/* Who may talk to us, and how.  The caller owns everything pointed to and keeps it until ike_core_free(). */
struct ike_peer_settings {
	const char *name;
	struct ike_address gateway[IKE_GATEWAYS_MAX]; /* in order of preference; port 0 means 500 */
	size_t gateways;                              /* 0: this peer can only be waited for */
	struct ike_prefix
	    from; /* where a peer without gateways may call from; family NONE: anywhere */
	struct ike_identity local_identity;  /* type 0: the node's */
	struct ike_identity remote_identity; /* type 0: any identity that knows the secret */
	uint16_t
	    authentication; /* enum ike_authentication: PSK (and 0), RSA_SIGNATURE, ECDSA_...; what is offered and accepted */
	const struct secret *secret;           /* with PSK */
	const struct credentials *credentials; /* with signatures */
	bool
	    aggressive; /* Aggressive Mode: begun by us in place of Main Mode, and accepted beside it */
	struct ike_proposal proposal[IKE_PROPOSALS_MAX];
	size_t proposals;
	uint32_t lifetime; /* of a Phase 1 SA, seconds: 60 to 604800 */
	bool
	    obey_initial_contact; /* on receipt; never or by identity (protocol rule: older SAs only, once per SA) */
	bool
	    never_initial_contact; /* never say it, not even when no other SA with the gateway is held */
	bool nat_traversal; /* offer and accept it (RFC 3947), if the node has a port for it */
	bool encapsulate;   /* say that there is a NAT even where there is none */
	bool
	    fragmentation; /* announce IKE fragmentation, send fragments to whoever announces it, take fragments */
	struct ike_tunnel_settings tunnel[IKE_TUNNELS_MAX];
	size_t tunnels;
	const void *extension_settings;
};

/* Every limit is enforced, counted, and shown by ike_status().  None of them may be zero but those per second and `remembered`. */
struct ike_limits {
	uint32_t sas;        /* established and half-open together */
	uint32_t handshakes; /* half-open; an eighth of them is for those that we begin */
	uint32_t handshakes_per_source; /* half-open, per source address */
	uint32_t outputs;               /* messages waiting to be pulled */
	uint32_t events; /* events waiting to be pulled; the oldest are lost first, and counted */
	uint32_t notifies_per_second; /* unprotected notifications sent, in all */
	uint32_t ipsec_sas;    /* pairs, those that nobody has pulled the removal of included */
	uint32_t quick_modes;  /* under way; per Phase 1 SA 8 of them */
	uint32_t reassemblies; /* messages whose fragments are being collected */
	uint32_t
	    unknown_spis_per_second; /* ESP for unknown SPIs that anything is done about, of each kind (unknown_spi.c); 0: never */
	uint32_t remembered; /* peers without gateways whose addresses are remembered; 0: none */
};

void ike_limits_default(
    struct ike_limits *limits); /* 100000, 1024, 16, 4096, 4096, 10, 100000, 1024, 64, 10, 1024 */

struct ike_settings {
	struct ike_limits limits;
	struct ike_identity identity; /* ours; type 0: our address */
	uint16_t
	    nat_t_port; /* of what is encapsulated, at both ends: 4500; 0: NAT traversal is not offered */
	int64_t
	    calendar; /* seconds since 1970 at ike_time 0: certificates expire by the calendar */
	struct ike_worker worker; /* which of the node's cores this one is */
	bool ipsec_store;         /* somebody pulls ike_ipsec_changes() */
	const struct ike_peer_settings *peer;
	size_t peers;
	const struct ike_extension *extension; /* NULL: none */
	bool
	    say_invalid_cookie; /* answer unknown cookies with an unprotected hint, rate-limited, never larger than what came */
	bool
	    say_invalid_spi; /* answer ESP of strangers with an unknown SPI likewise; for peers see unknown_spi.c */
	bool export_keys; /* allow ike_export_keys(): the user asked for a key log by name */
	bool
	    allow_import; /* allow IKE_COMMAND_IMPORT, for measurements and simulations; the daemon never does */
	bool plain_twins; /* fill struct ike_datagram.plain */
	bool
	    tell_messages; /* IKE_EVENT_MESSAGE for every message in and out, with its one-line description */
};

/* ---- the core ------------------------------------------------------------------------------------------------------ */

struct ike_core;

/*
 * settings and everything it points to stay the caller's and must outlive the core; random is copied.  NULL: no memory,
 * or crypto/ did not start.
 */
struct ike_core *ike_core_new(const struct ike_settings *settings,
			      const struct random_source *random, ike_time now) IKE_MUST_USE;
void ike_core_free(
    struct ike_core *core); /* NULL is allowed; every key is wiped; nothing is sent */

/*
 * One datagram.  Input: the caller fills all but `plain_length`.  Output: the caller gives `data` (and `plain`) of `room`
 * octets each; the core fills the rest.  `data` starts at the ISAKMP header: where local.port is settings.nat_t_port the
 * caller takes off and puts on the non-ESP marker (RFC 3948 section 2.2), and on that port an output of a single octet is a
 * NAT keepalive, which has none.
 */
struct ike_datagram {
	struct ike_address remote;
	struct ike_address local; /* family NONE on output: whatever the system chooses */
	uint8_t *data;            /* not changed on input */
	size_t length;            /* octets in data */
	size_t
	    room; /* octets that data and plain have room for; at least IKE_DATAGRAM_MAX on output */
	uint8_t *
	    plain; /* NULL, or room for the plaintext twin: encryption flag clear, length without padding */
	size_t
	    plain_length; /* 0: no twin, because it was not encrypted or could not be decrypted */
};

enum ike_verdict ike_input(struct ike_core *core, ike_time now, struct ike_datagram *datagram);

/*
 * These will be handed in next, if the caller already has several: what the core will look at is fetched from memory for all of
 * them at once.  Changes nothing, and need not be called.
 */
void ike_foresee(const struct ike_core *core, const struct ike_datagram *datagrams, size_t count);

enum ike_command_kind {
	IKE_COMMAND_START, /* this peer: begin the recovery ladder at its first gateway */
	IKE_COMMAND_CLOSE, /* this peer: delete its SAs politely and stay away */
	IKE_COMMAND_CLOSE_ALL, /* every peer, by ike_tick, as fast as the Deletes are pulled; `peer` is not looked at */
	IKE_COMMAND_ASK_NOW, /* R-U-THERE now, under the SA with the party of the pair `ipsec`; 0: under this peer's SAs */
	IKE_COMMAND_TRAFFIC, /* something leaves through the pair `ipsec`; 0: there is something to send to this peer (RFC 3706 section 5.5) */
	IKE_COMMAND_HEARD, /* something authenticated and fresh came through the pair `ipsec`: proof of life (RFC 3706 section 5.4); `address` where the newest of it came in UDP from elsewhere (RFC 3947 section 7) */
	IKE_COMMAND_UNKNOWN_SPI, /* ESP came from `address` to `local` for `spi`, `octets` of it from the SPI on, and there is no such SA */
	IKE_COMMAND_REMEMBER, /* this peer, which has no gateways, was at `address` before we were restarted: for UNKNOWN_SPI */
	IKE_COMMAND_TUNNEL_DEAD, /* nothing comes back through the pair `ipsec`: its party is dead, however well IKE may answer; `never`: nothing ever has, since Phase 1 */
	IKE_COMMAND_REPLACE_GATEWAY, /* this peer: gateway[index] is now at `address` */
	/*
	 * Negotiates now, anew what is there; without a Phase 1 SA that comes first.  The pair `ipsec` is renewed (RFC 2409 section 5.5),
	 * once and with its own party, for its own traffic: it is used up, or a black hole.  0: `tunnel` with every party of this peer.
	 */
	IKE_COMMAND_TUNNEL,
	IKE_COMMAND_IPSEC_FAILED, /* the store could not keep the pair `ipsec`, or it is used up: delete it, politely */
	IKE_COMMAND_CALENDAR, /* settings.calendar is now `calendar` */
	IKE_COMMAND_IMPORT,   /* this peer: the established Phase 1 SA `import` is put in */
	IKE_COMMAND_CONTACT, /* another worker has this SA: `contact`; true: `*reply` is to be told to it */
	IKE_COMMAND_YIELD, /* this peer: the user asks for it, and another worker calls it */
};

/*
 * What another worker must hear of an SA that has come up: whose it is, what decides which of two SAs of a party is in use
 * (sa_life.c), and whether the party has said INITIAL-CONTACT under it.  Times are those of one clock for all workers.
 */
struct ike_contact {
	uint32_t peer, gateway; /* as struct ike_event has them */
	struct ike_address remote;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	bool nat_there, initial_contact;
	ike_time created_at, established_at;
	struct ike_identity local_identity, remote_identity;
};

struct ike_import; /* below, with the keys */

struct ike_command {
	enum ike_command_kind kind;
	uint32_t peer; /* index into settings.peer */
	uint32_t gateway;
	/*
	 * REPLACE_GATEWAY; UNKNOWN_SPI and REMEMBER: where ESP comes from, the port 0 where it is not encapsulated.  HEARD: where the pair's
	 * newest packet came from, family NONE: from where the pair's peer is.  A peer behind a NAT is there then.
	 */
	struct ike_address address;
	struct ike_address local; /* of ESP; port settings.nat_t_port: it came encapsulated */
	uint32_t spi;             /* host order */
	uint32_t octets;
	bool never;      /* TUNNEL_DEAD */
	uint32_t tunnel; /* index into the peer's tunnels */
	uint32_t ipsec;  /* struct ike_ipsec_sa.number; not 0: neither `peer` nor `tunnel` counts */
	int64_t calendar;                /* CALENDAR; `peer` is not looked at */
	const struct ike_import *import; /* IMPORT; the caller's, and not kept */
	const struct ike_contact *contact;
	struct ike_contact *reply; /* CONTACT: to be filled */
};

/* False where there is nothing to do it to (no such peer, pair, or SA), or IMPORT is refused. */
bool ike_command(struct ike_core *core, ike_time now, const struct ike_command *command);

/* Returns how much was done; equal to budget means there may be more. */
size_t ike_tick(struct ike_core *core, ike_time now, size_t budget);
size_t ike_output(struct ike_core *core, ike_time now, struct ike_datagram *datagrams, size_t max);
ike_time ike_deadline(const struct ike_core *core);

/*
 * What has become of IPsec SAs since the last call, in order; nothing is lost, whoever is late.  Only with
 * settings.ipsec_store: otherwise they are kept and forgotten without a word here.
 */
size_t ike_ipsec_changes(struct ike_core *core, struct ike_ipsec_change *changes, size_t max);

/* ---- events -------------------------------------------------------------------------------------------------------- */

enum ike_event_kind {
	IKE_EVENT_CONNECTING,  /* Phase 1 started, by us (initiator) or by the peer */
	IKE_EVENT_ESTABLISHED, /* Phase 1 done */
	IKE_EVENT_FAILED,      /* Phase 1 given up: `why` */
	IKE_EVENT_REFUSED, /* a message refused: `verdict`; rate-limited, the counters have them all */
	IKE_EVENT_PEER_SAYS, /* an error notification from the peer: `notify_type`, `authenticated` */
	IKE_EVENT_REPLACED,        /* a new SA took the place of an older one (renewal) */
	IKE_EVENT_DELETED,         /* an established SA is gone: `why` */
	IKE_EVENT_INITIAL_CONTACT, /* received and obeyed: `value` SAs deleted */
	IKE_EVENT_HINT,            /* unauthenticated notification taken as a hint: `notify_type` */
	IKE_EVENT_OFFERS,          /* no common proposal: `text` holds both offers */
	IKE_EVENT_KEYS, /* keys exist; ike_export_keys() answers for these cookies, until the SA is gone */
	IKE_EVENT_REPORT,  /* the extension's: `report` */
	IKE_EVENT_MESSAGE, /* a message in or out: `outbound`, `text` is its one line */
	IKE_EVENT_MOVED, /* an authenticated message, or HEARD, came from elsewhere, so the peer is now at `remote` */
	IKE_EVENT_IPSEC_ESTABLISHED, /* Quick Mode done: `tunnel`, `ipsec`, `spi_in`, `spi_out`; `text` is the agreement */
	IKE_EVENT_IPSEC_FAILED, /* Quick Mode given up: `tunnel`, `why`, `verdict` or `notify_type` */
	IKE_EVENT_IPSEC_REPLACED, /* a newer pair has taken over from `ipsec` */
	IKE_EVENT_IPSEC_DELETED,  /* a pair is gone: `ipsec`, `spi_in`, `spi_out`, `why` */
	IKE_EVENT_UNKNOWN_SPI, /* ESP for an SA that is not there: `remote`, `spi_in`; `text` is what was done: called, protected, hinted, limited, nothing; rate-limited */
	IKE_EVENT_OVERLOAD,    /* a limit was reached: `text` names it */
};

enum ike_why {
	IKE_WHY_NONE,
	IKE_WHY_NO_ANSWER, /* retransmissions were not answered */
	IKE_WHY_NO_PROOF, /* the peer answered until there were keys, then fell silent: most likely the secrets differ */
	IKE_WHY_REFUSED,         /* we refused: `verdict` */
	IKE_WHY_ABANDONED,       /* took longer than the recovery allows */
	IKE_WHY_DEAD,            /* the keepalive declared the peer dead */
	IKE_WHY_PEER_DELETED,    /* an authenticated Delete from the peer */
	IKE_WHY_INITIAL_CONTACT, /* the peer has started anew */
	IKE_WHY_EXPIRED,         /* its lifetime is over */
	IKE_WHY_REPLACED,        /* a newer SA has taken over */
	IKE_WHY_CLOSED,          /* the user asked for it */
	IKE_WHY_PEER_REFUSED,    /* the peer did not want it: `notify_type` */
	IKE_WHY_NOT_BELIEVED,    /* as NO_PROOF, with signatures */
	IKE_WHY_TUNNEL_DEAD,     /* nothing came back through its tunnel */
	IKE_WHY_TUNNEL_USELESS, /* nothing has ever come back through it: this gateway is of no use */
	IKE_WHY_STORE, /* whoever keeps the IPsec SAs could not keep it, or it is used up */
};

#define IKE_EVENT_TEXT 480 /* octets, terminated */

struct ike_event {
	enum ike_event_kind kind;
	ike_time at;
	uint32_t peer;    /* index into settings.peer, or UINT32_MAX where none is known */
	uint32_t gateway; /* index into the peer's gateways, or UINT32_MAX */
	struct ike_address remote;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	bool initiator; /* we are the initiator of this SA */
	bool authenticated;
	bool outbound;
	bool supported;           /* ESTABLISHED: the peer sent the keepalive's vendor ID */
	bool initial_contact;     /* ESTABLISHED: INITIAL-CONTACT was sent with it */
	bool aggressive;          /* CONNECTING, ESTABLISHED: by Aggressive Mode */
	bool nat_here, nat_there; /* ESTABLISHED: we, the peer are behind a NAT */
	uint16_t authentication;  /* ESTABLISHED: enum ike_authentication */
	uint32_t tunnel;          /* index into the peer's tunnels */
	uint32_t ipsec, spi_in, spi_out;
	enum ike_why why;
	enum ike_verdict verdict;
	uint16_t notify_type;
	uint32_t value;
	uint64_t lost;                /* events lost before this one because nobody pulled them */
	struct ike_proposal proposal; /* ESTABLISHED */
	struct ike_extension_report report;
	char text[IKE_EVENT_TEXT]; /* ESTABLISHED: the peer's identity */
};

size_t ike_events(struct ike_core *core, struct ike_event *events, size_t max);

const char *ike_event_name(enum ike_event_kind kind); /* "established" */
const char *ike_why_text(enum ike_why why);           /* "the peer deleted it" */

/* ---- looking in ---------------------------------------------------------------------------------------------------- */

/* For a key log that the user asked for by name, and test vectors.  False: no such SA, no keys yet, or not allowed. */
struct ike_keys {
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;
	size_t key_length, skeyid_length; /* octets */
	uint8_t key[CIPHER_MAX_KEY];      /* what Wireshark's ikev1_decryption_table wants */
	uint8_t skeyid_a[HASH_MAX_LENGTH];
	uint8_t skeyid_d[HASH_MAX_LENGTH];
	uint8_t last_block
	    [CIPHER_MAX_BLOCK]; /* of Phase 1, where later IVs start; good if `established` */
	bool established;
};
bool ike_export_keys(const struct ike_core *core, const uint8_t *cky_i, const uint8_t *cky_r,
		     struct ike_keys *keys) IKE_MUST_USE;

/*
 * A Phase 1 SA that was established elsewhere, without NAT traversal: a million of them are not to cost a million
 * Diffie-Hellman operations.  Once it is in it is like any other.  It is refused where it could not have been negotiated
 * here: cookies zero or in use, an address or identity that the peer of the command is not configured for, a proposal or
 * method that is not this peer's, keys that do not fit the proposal or are not those of an established SA, a lifetime of 0 or
 * over 604800 s; and at the limit of SAs (an OVERLOAD event tells).
 */
struct ike_import {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	bool initiator; /* we are */
	bool aggressive;
	bool supported;            /* the peer sent the extension's vendor ID */
	struct ike_address remote; /* with the port */
	struct ike_address local;  /* family NONE: whatever the system chooses */
	uint16_t authentication;   /* enum ike_authentication; 0: PSK */
	struct ike_proposal proposal;
	struct ike_identity local_identity;  /* type 0: as configured */
	struct ike_identity remote_identity; /* authenticated; never of type 0 */
	struct ike_keys keys;
	uint32_t lifetime; /* seconds that are left */
};

/* What the other workers are to be told after ESTABLISHED and INITIAL_CONTACT.  False: no such SA is in use any more. */
bool ike_contact(const struct ike_core *core, const uint8_t *cky_i, const uint8_t *cky_r,
		 struct ike_contact *contact) IKE_MUST_USE;

enum ike_counter {
	IKE_COUNT_DATAGRAMS_IN,
	IKE_COUNT_OCTETS_IN,
	IKE_COUNT_DATAGRAMS_OUT,
	IKE_COUNT_OCTETS_OUT,
	IKE_COUNT_RETRANSMISSIONS,
	IKE_COUNT_HANDSHAKES_STARTED,
	IKE_COUNT_HANDSHAKES_DONE,
	IKE_COUNT_CLOCK_BACKWARDS,
	IKE_COUNT_EVENTS_LOST,
	IKE_COUNT_NAT_KEEPALIVES, /* sent */
	/* what was done about ESP for SAs that are not there; together they are all of it */
	IKE_COUNT_UNKNOWN_SPI_CALLED,    /* its peer is called */
	IKE_COUNT_UNKNOWN_SPI_PROTECTED, /* its peer was told, under protection */
	IKE_COUNT_UNKNOWN_SPI_HINTED,    /* a stranger was told, in the clear */
	IKE_COUNT_UNKNOWN_SPI_LIMITED,   /* something would have been done, but for a limit */
	IKE_COUNT_UNKNOWN_SPI_NOTHING,
	IKE_COUNTERS
};

struct ike_status {
	struct ike_limits limits;
	uint32_t sas, established, handshakes, outputs;
	uint32_t ipsec_sas, quick_modes, remembered; /* as the limits of these names count them */
	/*
	 * What is held for SAs, established or not, with their keys, parties and indexes; without what has a limit of its own
	 * (handshakes, IPsec SAs, Quick Modes, messages in fragments).
	 */
	uint64_t sa_octets;
	uint64_t counter[IKE_COUNTERS];
	uint64_t verdict[IKE_VERDICTS]; /* how often each was given */
};
void ike_status(const struct ike_core *core, struct ike_status *status);
const char *ike_counter_name(enum ike_counter counter);

/* One established SA, for status.  `extension_state` is good until the next verb. */
struct ike_sa_status {
	uint32_t peer, gateway;
	struct ike_address remote;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	bool initiator, supported, superseded, nat_here, nat_there, aggressive;
	uint16_t authentication; /* enum ike_authentication */
	ike_time established_at, renew_at, expires_at;
	struct ike_proposal proposal;
	struct ike_identity identity;
	const void *extension_state;
};
/* Walks the established SAs: start with *cursor = 0; false at the end.  No other verb in between. */
bool ike_next_sa(const struct ike_core *core, uint32_t *cursor, struct ike_sa_status *status);
/* The same for the pairs of IPsec SAs that are not deleted. */
bool ike_next_ipsec_sa(const struct ike_core *core, uint32_t *cursor, struct ike_ipsec_sa *sa);
/* The extension's state of a peer (for status), good until the next verb; NULL: no such peer. */
const void *ike_peer_extension_state(const struct ike_core *core, uint32_t peer);

/* ---- text ---------------------------------------------------------------------------------------------------------- */

/* "192.0.2.1", "[2001:db8::1]:4500": the port only where it is not 0 and not 500.  Terminated; returns its length. */
#define IKE_ADDRESS_TEXT 64
size_t ike_address_text(const struct ike_address *address, char *text, size_t length);
/* "fqdn:gw.example", "ipv4:192.0.2.1", "key-id:0x6c6162"; octets that do not print are escaped. */
size_t ike_identity_text(const struct ike_identity *identity, char *text, size_t length);
/* Both ways: "aes128-sha1-modp2048".  Parsing fails on what is unknown. */
size_t ike_proposal_text(const struct ike_proposal *proposal, char *text, size_t length);
bool ike_proposal_parse(const char *text, struct ike_proposal *proposal) IKE_MUST_USE;
/* Whether it would be offered by default: AES, SHA-1 and up, group 14 and up. */
bool ike_proposal_is_sound(const struct ike_proposal *proposal);

#endif
