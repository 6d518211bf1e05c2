/* SPDX-License-Identifier: ISC */
/*
 * core.h - the engine from the inside: one structure, and what its rooms offer each other.  Not for users; they have ike.h.
 *
 *   core.c           the verbs; the order in which a datagram is checked.  Nobody below calls up into it
 *   fragment.c       messages that come and go in several datagrams
 *   open.c, tell.c   taking a datagram apart, and telling about it
 *   main_mode.c, aggressive_mode.c  Phase 1, a step per message
 *   elsewhere.c      what other workers have: INITIAL-CONTACT and renewal across cores
 *   phase_1.c, authentication.c  what every Phase 1 is made of; who proves what
 *   nat_traversal.c  the other port, and where a peer may be heard from
 *   handshake.c      what a Phase 1 needs while it lasts; retransmission
 *   informational.c  what arrives under an SA, or in the clear
 *   quick_mode.c     Phase 2, a step per message
 *   tunnel.c         which tunnels are wanted, and when they are negotiated
 *   ipsec_sa.c       pairs of IPsec SAs come up, are replaced, expire, are deleted
 *   ipsec_change.c   what has become of them waits to be pulled
 *   unknown_spi.c    what to do about ESP for an SA that is not there
 *   traffic.c        what those who move packets have seen: life, something to send, a tunnel that is dead
 *   initial_contact.c  who must go when somebody has started anew
 *   sa_life.c        an SA comes up, is replaced, expires, is deleted
 *   import.c         an SA is put in from outside, for measurements
 *   peer.c, peer_index.c  configured peers: who may call, where to call
 *   close.c          the user is done with a peer, or with all
 *   host.c           carries out what the extension's steps answer
 *   send.c           builds Informationals, protected and not
 *   output.c, event.c  what waits to be pulled
 */
#ifndef IKE_CORE_H
#define IKE_CORE_H

#include "ike/fragment.h"
#include "ike/ipsec_table.h"
#include "ike/local_address.h"
#include "ike/party.h"
#include "ike/peer_index.h"
#include "ike/protect.h"
#include "ike/rate_limit.h"
#include "ike/remembered.h"
#include "ike/sa.h"
#include "ike/sa_keys.h"
#include "ike/sa_table.h"

#define IKE_SMALL_MESSAGE 192 /* octets: every Informational that this engine sends fits */

/* A configured peer, with what is under way. */
struct ike_peer {
	const struct ike_peer_settings *settings;
	struct ike_address gateway[IKE_GATEWAYS_MAX]; /* may be moved by a command */
	struct ike_sa *up[IKE_GATEWAYS_MAX];          /* the SA in use with each gateway */
	struct ike_sa *connecting[IKE_GATEWAYS_MAX];  /* the Phase 1 that we have begun with it */
	uint32_t pairs[IKE_GATEWAYS_MAX +
		       1];     /* of IPsec SAs, by gateway; the last: made when the peer called */
	struct timer timer;    /* the extension's WAKE_AT */
	uint8_t tunnels_asked; /* bits: to be negotiated as soon as there is a Phase 1 SA */
	ike_time
	    quiet_until; /* nothing is done about ESP of its gateways for unknown SPIs before */
	_Alignas(8) uint8_t extension[IKE_EXTENSION_PEER_OCTETS];
};

/* One message waiting to be pulled: finished, or a reference to a handshake's last message. */
struct output_entry {
	struct ike_address remote, local;
	struct ike_handshake *handshake; /* this, or ... */
	struct ike_quick_mode *quick;    /* ... this has the message; both NULL: it is in `data` */
	uint32_t generation;             /* of that when it was queued */
	uint16_t message;                /* its number, and how many fragments of it are out */
	uint16_t fragments;
	uint16_t length, plain_length;
	uint8_t data[IKE_SMALL_MESSAGE];
	uint8_t plain[IKE_SMALL_MESSAGE];
};

struct ike_core {
	const struct ike_settings *settings;
	struct random_source random;
	struct crypto *crypto;
	ike_time now;                            /* the latest that was ever passed in */
	int64_t calendar;                        /* as settings.calendar, but moved by a command */
	uint8_t hash_key[TABLE_HASH_KEY_LENGTH]; /* cookies, duplicate marks, steps' numbers */
	uint64_t numbers_given;                  /* to steps of SAs (host.c) */

	struct sa_table *sas;
	struct blocks *keys; /* theirs: sa_keys.h */
	struct local_addresses *locals;
	struct party_table *parties;
	struct ipsec_table *pairs;
	struct timer_wheel sa_timers, peer_timers, quick_timers, tunnel_timers, ipsec_timers;
	struct ike_peer *peer; /* settings->peers of them */
	struct peer_index *peer_index;
	uint32_t established;

	struct ike_handshake *free_handshake;
	struct ike_handshake *first_work, **last_work; /* to be done, in order */
	struct ike_handshake *oldest_over, *newest_over;
	uint32_t handshakes; /* in use */

	struct ike_quick_mode *free_quick_mode;
	struct ike_quick_mode *first_quick_work, **last_quick_work; /* the same for Quick Modes */
	uint32_t quick_modes;                                       /* in use */
	bool quick_turn; /* the next piece of Diffie-Hellman is a Quick Mode's, if any wants one */
	struct ike_pair *first_change,
	    **last_change; /* pairs of which there is something to tell */

	struct output_entry *output; /* a ring of limits.outputs */
	uint32_t output_first, outputs;
	struct ike_event *event; /* a ring of limits.events */
	uint32_t event_first, events;
	uint64_t events_lost;

	struct reassembly_pool reassemblies;

	struct token_bucket notifies; /* unprotected notifications that we send */
	struct token_bucket refusals; /* events about refused messages */
	struct source_counter sources;

	struct { /* unknown_spi.c */
		struct token_bucket told, gateways_called, callers_called;
		struct source_spacing strangers; /* who was told in the clear */
		struct token_bucket undone;      /* events about what nothing was done about */
		uint32_t calls;                  /* to remembered addresses, under way */
	} unknown_spis;
	struct remembered_table *remembered;

	bool closing;          /* all peers are being closed */
	bool closing_again;    /* this walk has found an SA as old as the command */
	ike_time closing_for;  /* the time of the command */
	uint32_t closing_at;   /* the SA that is looked at next */
	uint32_t closing_pair; /* and the pair, once there are no such SAs */

	uint64_t counter[IKE_COUNTERS];
	uint64_t verdict[IKE_VERDICTS];

	/* scratch for the datagram that is being read or written */
	struct ike_message message;
	uint8_t plain[IKE_MESSAGE_MAX];
};

/* A datagram on its way through the checks. */
struct inbound {
	struct ike_datagram *datagram;
	struct octets octets; /* the datagram's */
	struct ike_header header;
	struct ike_sa *sa; /* NULL: no SA has these cookies */
};

/* ---- tell.c, open.c ------------------------------------------------------------------------------------------------ */

/* Counts a refusal and tells the user, rate-limited.  `in` may be NULL.  Returns the verdict. */
enum ike_verdict tell_refusal(struct ike_core *core, const struct inbound *in,
			      enum ike_verdict verdict);
/* IKE_EVENT_MESSAGE, if the user wants to be told; `sa` may be NULL. */
void tell_message(struct ike_core *core, const struct ike_sa *sa, const struct ike_address *remote,
		  bool outbound, const struct ike_message *message);
/* The same for a message of ours, from its plaintext. */
void tell_sent(struct ike_core *core, const struct ike_sa *sa, const struct ike_address *remote,
	       struct octets plain, bool encrypted);
/*
 * Takes a message apart into core->message: in the clear where `iv` is NULL, else decrypted with the SA's key into
 * core->plain, the last ciphertext block going to `next_iv`.  Tells the user about the message, and writes its plaintext twin.
 */
enum ike_verdict open_message(struct ike_core *core, struct inbound *in, const uint8_t *iv,
			      uint8_t *next_iv) IKE_MUST_USE;
/* The same without a word to anybody, for what may turn out to be something else. */
enum ike_verdict open_silently(struct ike_core *core, const struct inbound *in, const uint8_t *iv,
			       uint8_t *next_iv) IKE_MUST_USE;

/* ---- event.c, output.c --------------------------------------------------------------------------------------------- */

struct ike_event *tell_event(struct ike_core *core, enum ike_event_kind kind); /* never NULL */
struct ike_event *tell_event_of_sa(struct ike_core *core, enum ike_event_kind kind,
				   const struct ike_sa *sa);
void tell_overload(struct ike_core *core, const char *what);

/* False: the queue is full; an OVERLOAD event says so. */
bool output_small(struct ike_core *core, const struct ike_address *remote,
		  const struct ike_address *local, struct octets message, struct octets plain);
bool output_handshake(struct ike_core *core, struct ike_handshake *handshake,
		      const struct ike_address *remote, const struct ike_address *local);
bool output_quick_mode(struct ike_core *core, struct ike_quick_mode *quick);

/* ---- handshake.c --------------------------------------------------------------------------------------------------- */

struct ike_handshake *handshake_new(struct ike_core *core,
				    struct ike_sa *sa) IKE_MUST_USE; /* NULL: limit */
void handshake_free(struct ike_core *core,
		    struct ike_handshake *handshake); /* NULL is allowed; wiped */
/* The SA is up: until then it is kept for its last message, if there is room. */
void handshake_keep(struct ike_core *core, struct ike_handshake *handshake, ike_time until);
void handshake_queue_work(struct ike_core *core, struct ike_handshake *handshake,
			  enum ike_work work);
void handshake_unqueue_work(struct ike_core *core, struct ike_handshake *handshake);
/* sent and plain are filled: send them, and (initiator) again until they are answered. */
void handshake_send(struct ike_core *core, struct ike_handshake *handshake);
/*
 * The same datagram came again: our answer to it goes out again, a bounded number of times, to where it came from this time.  That
 * is where the SA is, or where a NAT has put the peer meanwhile, which the SA does not follow before he has said something new.
 */
void handshake_repeat(struct ike_core *core, struct ike_handshake *handshake,
		      const struct ike_datagram *datagram);
uint64_t handshake_mark(const struct ike_core *core, struct octets datagram);
ike_time handshake_deadline(const struct ike_handshake *handshake);
void handshake_time(struct ike_core *core, struct ike_handshake *handshake);
/* How long until a message that was sent again so often is sent once more, of Quick Mode as well. */
ike_time handshake_wait(struct ike_core *core, uint32_t resends);
/* It cannot succeed any more: it fails when timers are run next. */
void handshake_give_up(struct ike_core *core, struct ike_handshake *handshake);
/* Whether nobody has answered our first message yet. */
bool handshake_is_unanswered(const struct ike_handshake *handshake);

/* ---- phase_1_send.c, main_mode.c, aggressive_mode.c ---------------------------------------------------------------- */

/* Begins Phase 1 as initiator, by the exchange that the peer is configured for; NULL: a limit was reached, or all is being closed.  `replaces` may be NULL. */
struct ike_sa *phase_1_start(struct ike_core *core, uint32_t peer, uint32_t gateway,
			     const struct ike_address *remote, bool initial_contact,
			     const struct ike_sa *replaces);
/* The work that a handshake was waiting for, and the message that follows from it. */
void phase_1_work(struct ike_core *core, struct ike_handshake *handshake);
enum ike_verdict main_mode_input(struct ike_core *core, struct inbound *in);
enum ike_verdict aggressive_mode_input(struct ike_core *core, struct inbound *in);

/* ---- informational.c, initial_contact.c ---------------------------------------------------------------------------- */

enum ike_verdict informational_input(struct ike_core *core, struct inbound *in);
/*
 * Decrypts a message under an established SA, checks its message ID, its row and HASH(1); changes nothing.  The last ciphertext
 * block goes to `next_iv`.
 */
enum ike_verdict informational_open(struct ike_core *core, struct inbound *in,
				    enum ike_message_kind kind, uint8_t *next_iv) IKE_MUST_USE;
/* The same for an exchange under way, whose message ID is known. */
enum ike_verdict informational_open_known(struct ike_core *core, struct inbound *in,
					  enum ike_message_kind kind,
					  uint8_t *next_iv) IKE_MUST_USE;
/*
 * Remembers the message ID of a message that informational_open() has accepted.  Returns whether the message is a sign of
 * life by its ID alone.
 */
bool informational_note_id(const struct ike_core *core, struct ike_sa *sa, uint32_t message_id);

/* ---- quick_mode.c, quick_mode_life.c ------------------------------------------------------------------------------- */

enum ike_verdict quick_mode_input(struct ike_core *core, struct inbound *in);
/* Whether an Informational with that message ID may be the CONNECTED of a Quick Mode, and reading it. */
bool quick_mode_awaits_connected(const struct ike_core *core, const struct ike_sa *sa,
				 uint32_t message_id);
enum ike_verdict quick_mode_connected(struct ike_core *core, struct inbound *in);
/*
 * An authenticated error notification: ends the Quick Mode of ours that it must be about, if it is `fresh`; else it explains why
 * one comes to nothing.  `spi`: as it stands there.
 */
void quick_mode_peer_says(struct ike_core *core, struct ike_sa *sa, uint16_t notify_type,
			  struct octets spi, bool fresh);
void quick_mode_time(struct ike_core *core, struct ike_quick_mode *quick);
/* The Diffie-Hellman that it was waiting for, and the message that follows from it. */
void quick_mode_work(struct ike_core *core, struct ike_quick_mode *quick);
void quick_modes_free(struct ike_core *core); /* with the core */
struct ike_quick_mode *quick_mode_of_timer(struct timer *timer);

/* ---- tunnel.c ------------------------------------------------------------------------------------------------------ */

/* An SA is up, and the one in use: what is wanted and not there is negotiated. */
void tunnels_up(struct ike_core *core, struct ike_sa *sa);
/*
 * An SA goes, and what was under way under it.  Returns which tunnels, as bits, are to be taken up under another SA of the party
 * by tunnels_move(), once the SA is gone.
 */
uint32_t tunnels_sa_ends(struct ike_core *core, struct ike_sa *sa, enum ike_why why);
void tunnels_move(struct ike_core *core, struct ike_party *party, uint32_t tunnels);
/* `renews`: the number of the pair that was to be replaced, or 0. */
void tunnel_failed(struct ike_core *core, struct ike_tunnel *tunnel, uint32_t renews,
		   enum ike_why why);
void tunnel_time(struct ike_core *core, struct ike_tunnel *tunnel);
/* The user wants it, of every party of the peer.  False: that cannot be. */
bool tunnel_command(struct ike_core *core, uint32_t peer, uint32_t tunnel);
/* There is something to negotiate, and no Phase 1 SA to do it under: one is begun.  False: there is nobody to call. */
bool tunnel_call_peer(struct ike_core *core, uint32_t peer);

/* ---- ipsec_sa.c, ipsec_change.c ------------------------------------------------------------------------------------ */

/* What was negotiated under `sa` is there. */
void pair_up(struct ike_core *core, struct ike_pair *pair, const struct ike_sa *sa);
void pair_time(struct ike_core *core, struct ike_pair *pair);
void pair_renew_at(struct ike_core *core, struct ike_pair *pair, ike_time at);
/* RESPONDER-LIFETIME: shortens, never stretches; 0 is not said. */
void pair_shorten(struct ike_core *core, struct ike_pair *pair, uint32_t seconds,
		  uint32_t kilobytes);
/* `polite`: with a protected Delete to the peer, where there is a Phase 1 SA to protect it. */
void pair_delete(struct ike_core *core, struct ike_pair *pair, enum ike_why why, bool polite);
/* Those that were established before that time (IKE_NEVER: all), and how many they were. */
uint32_t pairs_delete(struct ike_core *core, struct ike_party *party, ike_time before,
		      enum ike_why why, bool polite);
/* The pair that is sent through with that SPI, or NULL: only of that party. */
struct ike_pair *pair_of_party(const struct ike_party *party, uint32_t spi_out);
bool pair_store_failed(struct ike_core *core, uint32_t number); /* false: no such pair */
/* The SA's addresses have moved: the encapsulated pairs of its party that are at the same gateway follow. */
void ipsec_addresses_changed(struct ike_core *core, const struct ike_sa *sa);
/* A pair without an SA, whose newest packet came from there: it follows alone, where the peer was behind a NAT. */
void pair_follow_packets(struct ike_core *core, struct ike_pair *pair,
			 const struct ike_address *remote);
/* With REMOVED the pair must be GONE, and is not to be looked at any more. */
void ipsec_change(struct ike_core *core, struct ike_pair *pair, enum ike_ipsec_change_kind kind);

/* ---- traffic.c ----------------------------------------------------------------------------------------------------- */

/* Whether there is such a pair, with a Phase 1 SA that it speaks for. */
bool traffic_heard(struct ike_core *core, uint32_t pair, const struct ike_address *elsewhere);
bool traffic_leaves(struct ike_core *core, uint32_t pair);
bool traffic_asks(struct ike_core *core, uint32_t pair);
/* It is to be renewed now.  False: no such pair, or there is another in its place. */
bool traffic_used_up(struct ike_core *core, uint32_t pair);
/* False: no such pair. */
bool traffic_tunnel_dead(struct ike_core *core, uint32_t pair, bool never);

/*
 * The SA in use of the party that is with this gateway, or (IKE_NONE) at that address, whose port does not count.  Found without a
 * search.  NULL: none is.
 */
struct ike_sa *sa_in_place(const struct ike_core *core, const struct ike_party *party,
			   uint32_t gateway, const struct ike_address *address);

/* ---- initial_contact.c --------------------------------------------------------------------------------------------- */

/* Obeys an authenticated INITIAL-CONTACT that came under `carrier`. */
enum ike_verdict initial_contact_obey(struct ike_core *core, struct ike_sa *carrier);
/* The same for one that came to another worker; how many SAs it has deleted here. */
uint32_t initial_contact_elsewhere(struct ike_core *core, const struct ike_contact *contact);

/* ---- elsewhere.c --------------------------------------------------------------------------------------------------- */

/* Another worker has this SA.  True: one of ours stays in use, and `reply` is about it. */
bool elsewhere_hear(struct ike_core *core, const struct ike_contact *contact,
		    struct ike_contact *reply);

/* ---- sa_life.c ----------------------------------------------------------------------------------------------------- */

/* The handshake is complete and authenticated.  False: no memory; the SA is gone. */
bool sa_establish(struct ike_core *core, struct ike_sa *sa);
/* The same for one that was negotiated elsewhere and has its keys, but for the last block. */
bool sa_establish_imported(struct ike_core *core, struct ike_sa *sa,
			   const struct ike_import *import);
/* Deletes an established SA, tells the user and the extension.  `polite`: with a protected Delete to the peer. */
void sa_delete(struct ike_core *core, struct ike_sa *sa, enum ike_why why, bool polite);
/* One that never came up: tells the user, and where it is a failure (NO_ANSWER, REFUSED) the extension. */
void sa_fail(struct ike_core *core, struct ike_sa *sa, enum ike_why why);
void sa_arm(struct ike_core *core,
	    struct ike_sa *sa); /* sets its timer to the earliest of its deadlines */
void sa_time(struct ike_core *core, struct ike_sa *sa);
void sa_renew(struct ike_core *core, struct ike_sa *sa);
void sa_set_lifetime(struct ike_core *core, struct ike_sa *sa, uint32_t seconds);
/* When its negotiation began; when it will be renewed, or IKE_NEVER; when it ends. */
ike_time sa_created_at(const struct ike_sa *sa);
ike_time sa_renew_at(const struct ike_sa *sa);
ike_time sa_expires_at(const struct ike_sa *sa);
/* What was agreed; zeros before that. */
struct ike_proposal sa_proposal(const struct ike_sa *sa);
/* Index into the peer's gateways, or IKE_NONE. */
uint32_t sa_gateway(const struct ike_sa *sa);
void sa_set_gateway(struct ike_sa *sa, uint32_t gateway);
/* nat_traversal.c: our address, as the SA has it; where there are too many different ones it stays what it was, the user is told, and it is false. */
const struct ike_address *sa_local(const struct ike_core *core, const struct ike_sa *sa);
bool sa_set_local(struct ike_core *core, struct ike_sa *sa, const struct ike_address *local);
/*
 * As when an SA comes up here, for one that came up at another worker: those of ours that it takes over from are superseded.  The
 * one that it gives way to, or NULL.  `other` is no SA of this core's: only what struct ike_contact has of it is filled.
 */
struct ike_sa *sa_settle_elsewhere(struct ike_core *core, const struct ike_party *party,
				   const struct ike_sa *other);
/* Our own call to the same gateway is no longer needed if nobody has answered it yet. */
void sa_drop_unanswered_call(struct ike_core *core, const struct ike_sa *fresh);

/* ---- import.c ------------------------------------------------------------------------------------------------------ */

bool sa_import(struct ike_core *core, uint32_t peer, const struct ike_import *import);

/* ---- peer.c -------------------------------------------------------------------------------------------------------- */

/* Who may call from this address: a gateway of a peer, else the longest prefix.  IKE_NONE: nobody. */
uint32_t peer_of_address(const struct ike_core *core, const struct ike_address *address,
			 uint32_t *gateway);
/*
 * The peer that is configured most closely for what is known of a caller: one with just this identity before one that takes any
 * (`identity` NULL: it is not known yet), then a gateway's address before a prefix, a longer prefix before a shorter one, and the
 * earlier in the settings.  Those that the filter (may be NULL) does not let through are not looked at.  IKE_NONE: nobody.
 */
typedef bool peer_filter(const struct ike_core *core, uint32_t peer, int fit, const void *context);
uint32_t peer_find(const struct ike_core *core, const struct ike_address *address,
		   const struct ike_identity *identity, peer_filter *filter, const void *context,
		   uint32_t *gateway);
/*
 * How closely a peer is configured for an address: the more, the larger; negative: not at all.  `gateway`: which of its gateways
 * that is, or IKE_NONE; may be NULL.
 */
int peer_fit(const struct ike_core *core, uint32_t peer, const struct ike_address *address,
	     uint32_t *gateway);
uint16_t peer_authentication(const struct ike_peer_settings *settings); /* never 0 */
void peer_local_identity(const struct ike_core *core, const struct ike_sa *sa,
			 struct ike_identity *identity);
bool peer_accepts_identity(const struct ike_core *core, uint32_t peer,
			   const struct ike_identity *identity) IKE_MUST_USE;

/* ---- close.c ------------------------------------------------------------------------------------------------------- */

bool close_peer(struct ike_core *core, uint32_t peer); /* false: there was nothing to close */
void close_all_begin(struct ike_core *core);
bool close_all_has_work(const struct ike_core *core);
size_t close_all_tick(struct ike_core *core,
		      size_t budget); /* how many SAs and pairs were closed */

/* ---- host.c -------------------------------------------------------------------------------------------------------- */

/*
 * Run the extension's step for an SA and carry out its actions.  The SA may be gone afterwards: its state is then
 * IKE_SA_FREE (its memory stays where it is).  host_notify returns the verdict on the payload.
 */
void host_sa_happening(struct ike_core *core, struct ike_sa *sa,
		       enum ike_extension_sa_happening happening);
/* When the SA's step wants to be told the time; IKE_NEVER: not. */
ike_time host_sa_wake(const struct ike_core *core, const struct ike_sa *sa);
enum ike_verdict host_notify(struct ike_core *core, struct ike_sa *sa, uint16_t notify_type,
			     struct octets body, bool *fresh);
/* Whether nothing is under way with a peer that has gateways, nor planned, and the user wants it to be called. */
bool host_peer_rests(const struct ike_core *core, uint32_t index);
void host_peer_happening(struct ike_core *core, uint32_t index, uint32_t gateway,
			 enum ike_extension_peer_happening happening);

/* ---- send.c -------------------------------------------------------------------------------------------------------- */

/* One payload in a protected Informational of its own (RFC 2409 section 5.7).  False: the queue is full. */
bool send_protected(struct ike_core *core, struct ike_sa *sa, enum ike_payload_type type,
		    struct octets body);
void send_delete(struct ike_core *core, struct ike_sa *sa);
void send_delete_ipsec(struct ike_core *core, struct ike_sa *sa, uint32_t spi_in);
/* INVALID-SPI: that nothing is received here with this SPI of ESP's, in host order.  False: the queue is full. */
bool send_invalid_spi(struct ike_core *core, struct ike_sa *sa, uint32_t spi);
/* The same in the clear, to anybody: within the limit of notifications, and with no more than `most` octets.  False: not sent. */
#define SEND_INVALID_SPI_LENGTH 44 /* octets, then */
bool send_invalid_spi_in_clear(struct ike_core *core, const struct ike_address *remote,
			       const struct ike_address *local, uint32_t spi, size_t most);
void send_initial_contact(struct ike_core *core, struct ike_sa *sa);
/* RESPONDER-LIFETIME: that the SA lives for less than the initiator offered. */
void send_lifetime(struct ike_core *core, struct ike_sa *sa);
/* The notification that a verdict wants, in the clear: rate-limited, and never larger than what it answers. */
void send_verdict(struct ike_core *core, const struct inbound *in, enum ike_verdict verdict);
uint32_t send_message_id(struct ike_core *core, struct ike_sa *sa);
/* Whether a message ID is one of those that we have given out under this SA. */
bool send_made_message_id(const struct ike_sa *sa, uint32_t message_id);

#endif
