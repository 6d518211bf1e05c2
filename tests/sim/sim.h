/* SPDX-License-Identifier: ISC */
/*
 * sim.h - one run: nodes with real cores, the network between them, what is known of everything, and what befalls them.
 *
 *   run.c          the loop; bad time, good time, the end; every run twice
 *   node.c         a node: its core, its clock, its socket; reboots
 *   flights.c      what is on its way, in order of arrival
 *   network.c      datagrams on their way
 *   attacker.c     somebody on the path
 *   insider.c      somebody with keys who says what he should not
 *   carrier.c      what moves a node's packets through its tunnels
 *   packets.c      ESP on its way
 *   happening.c    reboots, partitions, jumps: drawn beforehand
 *   observer.c     stands between the engine and the keepalive and writes down what passes
 *   view.c         what is protected in a core, as fingerprints
 *   ledger.c       who really took part in which SA
 *   invariants.c, invariants_pairs.c, invariants_keepalive.c, invariants_limits.c   what must be true at every step
 *   progress.c     what must have come about in the end
 *   coverage.c     what was reached
 *   evidence.c     a capture of it all
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "ike/core.h"
#include "tests/sim/carrier.h"
#include "tests/sim/coverage.h"
#include "tests/sim/dice.h"
#include "tests/sim/evidence.h"
#include "tests/sim/happening.h"
#include "tests/sim/ledger.h"
#include "tests/sim/ledger_pairs.h"
#include "tests/sim/network.h"
#include "tests/sim/packets.h"
#include "tests/sim/scenario.h"
#include "tests/sim/store.h"
#include "tests/sim/track.h"
#include "tests/sim/nat.h"
#include "tests/sim/view.h"
#include "tests/sim/whole.h"

#define SIM_SOCKET    32 /* datagrams that a socket keeps while nobody reads */
#define SIM_TEXT      400
#define SIM_ADDRESSES 512 /* remote addresses whose octets a node counts */

#define SIM_SENT_BY_TICK 16
#define SIM_MET          4
#define SIM_SPOKEN       16 /* addresses to which a node has lately answered an unknown SPI */

/* A responder's message that was made by a tick. */
struct sent_by_tick {
	const struct ike_handshake *handshake; /* only compared */
	uint32_t generation;
	uint16_t message;
};

/* An unknown SPI was answered. */
struct spoken {
	struct ike_address remote;
	bool stranger;
	ike_time at; /* 0: never */
};

/* A peer without gateways that was established. */
struct met {
	uint32_t peer;
	struct ike_address address;
};

/* Octets from and to one address, before it has shown that it reads what is sent to it. */
struct exchanged {
	struct ike_address remote;
	uint64_t in, out;
	bool shown;
};

struct node {
	unsigned number;
	const struct scenario_node *plan;
	struct ike_core *core; /* NULL: down */
	uint32_t incarnation;
	ike_time clock; /* ahead of the network's, now */
	struct nat nat;
	ike_time down_until, paused_until, socket_full_until, unread_until;
	ike_time tick_not_before; /* a slow one */
	ike_time deadline;        /* the core's, which only its verbs move */
	bool paused, socket_full, unread;
	bool closed[SIM_PEERS];                             /* by the user */
	uint32_t reboot_after_outputs, reboot_after_inputs; /* counting down; 0: not */
	uint32_t rebind_before_outputs, rebind_value;
	bool misbehaves;        /* an insider, insider.c: what it sends is not held against it */
	bool doomed;            /* reboots as soon as the verb has returned */
	unsigned last_fragment; /* which has doomed it; 0: none */
	bool last_came_in;
	unsigned waiting; /* in the socket */
	struct flight socket[SIM_SOCKET];
	/* what is known of it */
	struct view view, before; /* now, and before the present verb */
	bool tells_at_once;       /* its events are those of the present verb */
	struct tracks tracks;
	struct store store;
	uint32_t refused_pair; /* the one that the user says cannot be kept, in the present verb */
	struct carrier carrier;
	uint32_t proved; /* the pair through which something genuine has just come; 0: none */
	uint32_t proved_packet;          /* index of that packet */
	struct ike_address proved_where; /* it came from there */
	unsigned given_up_with;          /* whom a ping has given up, in the present verb */
	struct spoken spoken[SIM_SPOKEN];
	struct met met[SIM_MET]; /* outlives a reboot, as the file of peers does */
	unsigned mets;
	struct exchanged *exchanged;
	unsigned addresses;
	uint64_t inputs, outputs, ticks, work, commands; /* of this run */
	struct sent_by_tick sent_by_tick[SIM_SENT_BY_TICK];
	unsigned sents_by_tick;
	uint64_t window_work, window_ticks,
	    window_inputs; /* in the present window, see invariants_limits.c */
	ike_time window_since;
	ike_time highest_clock; /* ever passed in to this incarnation */
	ike_time good_since;    /* by its own time */
	ike_time asked_at;      /* by progress_ask_all() */
};

struct failure {
	bool failed;
	const char *invariant;
	ike_time at;
	unsigned node;
	char text[SIM_TEXT];
};

/* What a run amounted to. */
struct tally {
	uint64_t datagrams, packets, attacks, deaths, recoveries, established, pairs, reboots;
	ike_time virtual_time;
};

struct sim {
	const struct scenario *scenario;
	bool checks; /* false: the second run, which is only compared */
	bool bad;    /* faults exist now */
	bool well;   /* everything must be well by now: nobody dies any more */
	bool strict; /* no packet that is sent now may be lost */
	bool ended;  /* nobody sends packets any more */
	ike_time now, end;
	struct node node[SIM_NODES];
	struct network network;
	struct packets packets;
	struct wholes wholes;
	struct happening *happening; /* a heap by time */
	size_t happenings;
	uint64_t happenings_made;
	struct dice network_dice, attack_dice, user_dice, nat_dice, packet_dice;
	struct ledger ledger;
	struct ledger_pairs pairs;
	struct coverage *coverage;
	struct evidence *evidence; /* NULL: none wanted */
	struct failure failure;
	struct tally tally;
	struct fingerprint fingerprint; /* of every output, event and verdict */
	uint64_t steps;
	/* during a verb */
	struct node *acting;
	const struct flight *arriving; /* NULL: not in ike_input */
	enum provenance provenance;
	struct octets message; /* the datagram, or the message that it has completed */
	unsigned made_by;      /* the node that really made it; SIM_NODES: none */
	bool elsewhere;        /* it came from another address than its maker's, and that is all */
	struct whole *whole;   /* which of those in fragments; NULL: none */
	struct sent *in_one_piece; /* which other one, although it came in fragments */
	bool hinted;               /* a hint was taken in the present verb */
	const struct ike_command
	    *word;              /* what the core is being told about packets; NULL: nothing */
	unsigned steps_of_word; /* of keepalives, in it */
	bool at_once;           /* it has arrived a moment ago, and nothing has happened since */
};

/* The first failure is the one that is told. */
void sim_fail(struct sim *sim, const char *invariant, const struct node *node, const char *format,
	      ...) __attribute__((format(printf, 4, 5)));

/* ---- run.c --------------------------------------------------------------------------------------------------------- */

/* Makes one run; the caller has zeroed `sim` and set scenario, checks, coverage and evidence. */
void sim_run(struct sim *sim);

/* ---- node.c -------------------------------------------------------------------------------------------------------- */

ike_time node_time(const struct sim *sim, const struct node *node); /* what its clock shows */
/* For what a node draws in this life of it; `stream` is where the streams of all nodes begin (dice.h). */
struct random_source node_chance(const struct sim *sim, const struct node *node, uint64_t stream);
void node_boot(struct sim *sim, struct node *node);
void node_kill(struct sim *sim, struct node *node, ike_time downtime);
void node_receive(struct sim *sim, struct node *node,
		  struct flight *flight); /* takes the flight's data */
void node_resume(struct sim *sim, struct node *node);
void node_work(struct sim *sim, struct node *node); /* what is due now: timers, output, events */
ike_time node_due(const struct sim *sim,
		  const struct node *node); /* the network's time of its next work */
bool node_order(struct sim *sim, struct node *node, const struct ike_command *command);
bool node_command(struct sim *sim, struct node *node, enum ike_command_kind kind, uint32_t peer);
/* The user wants a tunnel, or cannot keep a pair: which one, `value` says. */
void node_phase_2(struct sim *sim, struct node *node, enum happening_kind kind, uint32_t value);
void node_misbehave(struct sim *sim, struct node *node);
void node_free(struct sim *sim, struct node *node);
void node_fulfil_doom(struct sim *sim,
		      struct node *node); /* after a verb that may have doomed it */

/* ---- reader.c ------------------------------------------------------------------------------------------------------ */

/* What a program pulls after every verb; nothing where nobody reads. */
void reader_events(struct sim *sim, struct node *node);
void reader_changes(struct sim *sim, struct node *node);

/* ---- happening.c --------------------------------------------------------------------------------------------------- */

void happenings_draw(struct sim *sim);
void happening_add(struct sim *sim, struct happening happening);
ike_time happening_next(const struct sim *sim);
void happening_run(struct sim *sim); /* the next one, which is due */
void happening_cut_all(struct sim *sim, bool cut);
void happenings_end(struct sim *sim); /* the bad time is over: all that lasts ends now */

/* ---- attacker.c ---------------------------------------------------------------------------------------------------- */

void attacker_move(struct sim *sim);

/* ---- insider.c --- */

/* One message under an SA of the node's own, if it has one.  The caller pulls it. */
void insider_speaks(struct sim *sim, struct node *node);
/* insider_packets.c: a packet under a pair of the node's own. */
void insider_seals(struct sim *sim, struct node *node, uint32_t value);

/* ---- observer.c ---------------------------------------------------------------------------------------------------- */

/* The keepalive, watched: what settings.extension points to. */
const struct ike_extension *observer_extension(void);
extern struct sim *observer_sim; /* the run that is under way in this process */
/* What is observed; NULL: the real one.  A test puts a broken one here, which must be found out. */
extern const struct ike_extension *observer_keepalive;
/* Called after every verb, before anybody looks: a test does to the core what a broken engine would.  NULL: nothing. */
extern void (*observer_tampers)(struct sim *sim, struct node *node);
/* Whether a change is passed on to the store; NULL: all are. */
extern bool (*observer_passes)(const struct ike_ipsec_change *change);

/* ---- progress.c ---------------------------------------------------------------------------------------------------- */

/* Whether all that a node has under this peer can come up; false: some of it never will. */
bool progress_is_expected(const struct sim *sim, const struct node *node, uint32_t peer);
/* The link that a node has under one of its peers with another; NULL: none. */
const struct scenario_link *progress_link(const struct sim *sim, const struct node *node,
					  uint32_t peer, unsigned with);
/* Whether both ends of the tunnels that can come up have them, and nothing else. */
bool progress_of_tunnels(struct sim *sim, const struct scenario_link *link, char text[SIM_TEXT]);
/* Whether everything is as it should be in the end; else `text` says what is missing. */
bool progress_is_made(struct sim *sim, bool leftovers, char text[SIM_TEXT]);
bool progress_asks_are_answered(struct sim *sim, char text[SIM_TEXT]);
void progress_ask_all(struct sim *sim);
/* A packet through every tunnel that is up; whether all that must have come by then has; whether pings are answered. */
void progress_send_through_all(struct sim *sim);
bool progress_packets_have_come(const struct sim *sim, ike_time before, char text[SIM_TEXT]);
bool progress_pings_are_answered(const struct sim *sim, char text[SIM_TEXT]);
bool progress_is_quiet(const struct sim *sim);
/* Every NAT gives out other mappings; returns within which time all are followed there. */
ike_time progress_rebind_all(struct sim *sim);
bool progress_all_have_followed(struct sim *sim, char text[SIM_TEXT]);

#endif
