/* SPDX-License-Identifier: ISC */
/*
 * world.h - one core under test, and everybody else: what both of the core's fuzz targets are made of.
 *
 * The core is at 192.0.2.9 and holds an SA with each of two peers, FRIEND and OTHER, before the input begins.  PARTNER is an
 * engine of its own that speaks only when the input lets it; STRANGERS are addresses that may call and know no secret;
 * NOBODY's address is no peer's.  The friend's and the other's side is played by a recording (everything is seeded, so the
 * same octets fit every time) and afterwards by this file, which answers the core's questions with their keys.
 *
 * After every operation world_check() holds the core against what must be true whatever was done to it.
 */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include "ike/core.h"
#include "ike/authentication.h"
#include "ike/quick_mode.h"
#include "keepalive/extension.h"
#include "tests/fuzz/fuzz.h"

enum world_address {
	WORLD_OTHER, /* the first three are peers of the core, in this order */
	WORLD_FRIEND,
	WORLD_PARTNER,
	WORLD_STRANGER, /* and the three after it */
	WORLD_NOBODY = 7,
	WORLD_ADDRESSES
};

#define WORLD_PEERS    5 /* OTHER, FRIEND, PARTNER, whoever else calls, and PARTNER if he signs */
#define WORLD_SIGNER   4 /* that last one: a peer at PARTNER's address */
#define WORLD_MEMORY   16
#define WORLD_LONGEST  2048 /* octets of a datagram that is remembered */
#define WORLD_PAIRS    40   /* of IPsec SAs: more than the limit */
#define WORLD_COOKIES  32
#define WORLD_STOP_AT  (12 * 3600 * IKE_SECOND) /* long before any SA expires by itself */
#define WORLD_START_AT (1000 * IKE_SECOND)

struct world_options {
	bool initiator; /* the core has called FRIEND and OTHER, and not they it */
	bool half_open; /* FRIEND's last message is missing */
	bool mute;      /* the friends do not answer what the core asks */
	size_t lines; /* of the recording, to be played at the beginning; 0: what half_open says */
	bool strict, say_invalid_cookie, obey_initial_contact, tell_messages;
	bool tight;      /* limits so small that they are reached */
	bool aggressive; /* all peers by Aggressive Mode; what is recorded is by it as well */
	bool tunnels;    /* FRIEND, OTHER and PARTNER have two each, and the core a store */
};

/* A datagram that has passed, to be sent again or changed. */
struct world_datagram {
	size_t length;
	uint16_t remote_port, local_port; /* as the core sees them */
	uint8_t octets[WORLD_LONGEST];
};

struct world_ring {
	size_t count; /* so far; the newest are kept */
	struct world_datagram datagram[WORLD_MEMORY];
};

/* One that holds an SA with the core: what this file needs to play it. */
struct world_friend {
	bool known; /* has proved who it is: an established SA under these cookies is right */
	bool held;  /* and nothing has come that might end it: it must still be there */
	bool
	    speaks; /* has said something under keys that the recording did not have: a pair may come of it */
	struct ike_sa sa; /* with keys of his own */
	uint8_t keys[SA_KEYS_MAX];
	uint32_t message_id, number; /* the next ones */
	uint32_t answered;           /* the last number that the core has acknowledged */
	uint32_t last_question;      /* the newest number that the core has asked */
	size_t questions;            /* of the core, not answered yet */
	uint32_t question[WORLD_MEMORY];
};

/* What whoever pulls ike_ipsec_changes() knows: ledger.c. */
struct world_ledger {
	size_t pairs, added;
	struct ike_ipsec_sa pair[WORLD_PAIRS];
};

/* Octets, as the core sees them. */
struct world_account {
	uint64_t in, out;
	bool proved; /* has named a cookie that only who receives there can know */
};

struct world {
	struct world_options options;
	struct ike_settings settings;
	struct ike_peer_settings peer[WORLD_PEERS];
	struct keepalive_peer_settings keepalive;
	struct ike_core *core;
	ike_time now;
	uint8_t lives;                 /* how often the core has been started */
	struct world_friend friend[2]; /* WORLD_OTHER, WORLD_FRIEND */
	struct world_account account[WORLD_ADDRESSES];
	struct world_ring sent, heard;
	struct world_ledger ledger;
	unsigned ports;           /* what comes now comes from and to other ports: world_ports() */
	struct ike_core *partner; /* NULL until it is needed */
	struct ike_settings partner_settings;
	struct ike_peer_settings partner_peer;
	struct world_ring to_partner;
	size_t taken; /* of those, by the partner */
	size_t partners;
	uint8_t partners_cky_i[WORLD_COOKIES][IKE_COOKIE_LENGTH]; /* of what the partner has sent */
	uint64_t digest; /* of all that came out of the core */
};

/* The core holds both SAs on return, unless the options stop FRIEND before. */
void world_open(struct world *world, const struct world_options *options);
/* From now on that one's SA, if it is established, must stay. */
void world_hold(struct world *world, enum world_address who);
/* A copy of the SA, and of its keys. */
void world_remember(struct world_friend *friend, const struct ike_sa *sa);
/* The last demands: everything comes to rest, and whoever must still be held is answered.  Frees. */
void world_close(struct world *world);
void world_free(struct world *world); /* without any demands */

/* One datagram into the core, from there; nothing is pulled. */
enum ike_verdict world_input(struct world *world, enum world_address from, const uint8_t *data,
			     size_t length);
enum ike_verdict world_input_by(struct world *world, enum world_address from, uint16_t remote_port,
				uint16_t local_port, const uint8_t *data, size_t length);
/* Runs what is due now, pulls everything, answers what the core asks the friends that are held. */
void world_settle(struct world *world);
void world_advance(struct world *world, ike_time duration);
/* The core has forgotten everything. */
void world_reboot(struct world *world);
/*
 * The partner may speak: it calls, or so many rounds of what waits between the two are delivered.  `signs` at the first time: it has
 * a certificate instead of a secret.
 */
void world_partner(struct world *world, bool calls, bool signs, unsigned rounds);
void world_check(const struct world *world);

/*
 * What comes by world_input() from now on: 0 from 500 to 500, 1 from 4500 to 4500, 2 from 4501 to 4500, 3 from 61000 to 500.
 * The partner sends as he means to; 1: through a NAT that changes his address, 2 and 3: his ports.
 */
void world_ports(struct world *world, unsigned which);
struct ike_address world_address(enum world_address number);
struct ike_sa *world_sa(const struct world *world, enum world_address of); /* NULL: none */
/* That recording's datagram, counted from the newest; NULL where nothing has passed. */
const struct world_datagram *world_recall(const struct world_ring *ring, size_t back);

/* ---- cast.c: who takes part, and the recording ----------------------------------------------------------------------- */

#define CAST_MOST 16

struct cast_record {
	size_t lines;
	size_t last; /* the index of FRIEND's last message of Phase 1 */
	struct cast_line {
		enum world_address from;
		ike_time at;
		size_t length; /* 0: not a datagram: the core is told to call */
		uint8_t octets[WORLD_LONGEST];
	} line[CAST_MOST];
};

const struct cast_record *cast_record(bool initiator, bool aggressive); /* made at the first call */
void cast_wait(struct world *world, const struct cast_line *line);      /* until its time */
void cast_play(struct world *world, const struct cast_line *line);      /* at its time */
void cast_core(struct world *world); /* makes the core, according to the options */
/* An engine for one of the addresses, with the core as its only peer; the caller frees it before the settings go. */
struct ike_core *cast_party(const struct world_options *options, enum world_address at,
			    struct ike_settings *settings, struct ike_peer_settings *peer);
/* The same for PARTNER with a certificate. */
struct ike_core *cast_signer(const struct world_options *options, struct ike_settings *settings,
			     struct ike_peer_settings *peer);

/* ---- ledger.c: pairs of IPsec SAs, as whoever pulls their changes sees them ------------------------------------------- */

/* Pulls all changes, and holds them against what was said before, and against what the core lists. */
void ledger_pull(struct world *world);
/* What the core lists is what is in the ledger, once all is pulled. */
void ledger_compare(struct world *world);

/* ---- seal.c: messages under an SA's keys ----------------------------------------------------------------------------- */

#define SEAL_ROOM (WORLD_LONGEST + 256)

struct crypto *seal_crypto(void);
/* `chain` behind a header, encrypted from `iv` on; returns the length.  At most WORLD_LONGEST octets of chain. */
size_t seal(const struct ike_sa *sa, const struct ike_header *header, struct octets chain,
	    const uint8_t *iv, uint8_t out[SEAL_ROOM]);
/* The header of a protected message under an SA. */
struct ike_header seal_header(const struct ike_sa *sa, uint8_t exchange, uint32_t message_id,
			      uint8_t first);
/* HASH(1) that is right for `rest`, then `rest`: the plain chain, in `out`. */
struct octets seal_hash_1(const struct ike_sa *sa, uint32_t message_id, uint8_t first,
			  struct octets rest, uint8_t out[SEAL_ROOM]);
/* A chain sealed under the IV of its message ID. */
size_t seal_message(const struct ike_sa *sa, uint8_t exchange, uint32_t message_id, uint8_t first,
		    struct octets chain, uint8_t out[SEAL_ROOM]);
/* HASH(2), HASH(3) or that of CONNECTED: what a Quick Mode of the core expects before `rest`.  False: it expects nothing. */
bool seal_quick_hash(const struct ike_quick_mode *quick, struct octets rest,
		     uint8_t hash[HASH_MAX_LENGTH]);
/* R-U-THERE or its ACK. */
size_t seal_keepalive(const struct ike_sa *sa, uint16_t type, uint32_t message_id, uint32_t number,
		      uint8_t out[SEAL_ROOM]);

/* ---- quick.c: what FRIEND says in Quick Modes with the core ------------------------------------------------------------- */

#define QUICK_ROOM 512

/* Behind HASH(1): SA and so on, for that tunnel. */
struct octets quick_request(unsigned tunnel, uint8_t out[QUICK_ROOM]);
/* Behind HASH(2): SA and so on, made of what the core has asked. */
struct octets quick_answer(const struct ike_quick_mode *quick, uint8_t out[QUICK_ROOM]);
/* The newest Quick Mode of an SA that waits for FRIEND; NULL: none. */
struct ike_quick_mode *quick_of(const struct world *world, const struct ike_sa *sa);

#endif
