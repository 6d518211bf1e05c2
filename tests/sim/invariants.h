/* SPDX-License-Identifier: ISC */
/*
 * invariants.h - what must be true at every step, whatever the network and the attacker do.  Each is a function that says what
 * it demands; README.md has them in a table.
 */
#ifndef TESTS_SIM_INVARIANTS_H
#define TESTS_SIM_INVARIANTS_H

#include "tests/sim/sim.h"

/* ---- invariants.c: who may change what ------------------------------------------------------------------------------ */

enum verb { VERB_INPUT, VERB_TICK, VERB_COMMAND };

/* After a verb: `before` is what the node's core held before it; node->view is what it holds now. */
void invariants_after_verb(struct sim *sim, struct node *node, enum verb verb,
			   const struct view *before);
void invariants_after_input(struct sim *sim, struct node *node, const struct flight *flight,
			    enum ike_verdict verdict, const struct view *before);
/* For every event that a node's core tells. */
void invariants_on_event(struct sim *sim, struct node *node, const struct ike_event *event);

/* ---- invariants_pairs.c: IPsec SAs ---------------------------------------------------------------------------------- */

void invariants_of_pairs(struct sim *sim, struct node *node, enum verb verb,
			 const struct view *before);
void invariants_on_pair_event(struct sim *sim, struct node *node, const struct ike_event *event);
/* What a user who pulls every change knows. */
void invariant_changes_follow(struct sim *sim, struct node *node,
			      const struct ike_ipsec_change *change, const char *wrong);
void invariant_store_is_right(struct sim *sim, struct node *node);

/* ---- invariants_packets.c: what goes through tunnels ------------------------------------------------------------------ */

/* `sealed` is what has become of it, where it was; `through` a pair that was named. */
void invariant_of_sealed(struct sim *sim, struct node *node, bool through,
			 const struct packet *packet, enum esp_verdict verdict,
			 const uint8_t *sealed);
void invariant_of_opened(struct sim *sim, struct node *node, const struct flight *flight,
			 enum esp_verdict verdict, uint32_t number, struct octets inner);
/* After a change has been followed. */
void invariant_plane_is_right(struct sim *sim, struct node *node,
			      const struct ike_ipsec_change *last);

/* How things are before the core is told something about packets. */
struct word_said {
	uint32_t outputs; /* messages, ever and waiting */
	size_t packets;
	uint64_t hinted; /* strangers, ever */
	bool believed;   /* there is an SA for its pair */
};

void invariant_before_word(struct sim *sim, struct node *node, const struct ike_command *command,
			   struct word_said *said);
void invariant_after_word(struct sim *sim, struct node *node, const struct ike_command *command,
			  const struct word_said *said, bool done);
/* Whether what is told is that a packet came from elsewhere; `lured`: its sender is not there. */
bool invariant_packet_moves(struct sim *sim, const struct node *node, bool *lured);
void invariant_of_ping(struct sim *sim, struct node *node, const struct pinger_action *action);

/* ---- invariants_keepalive.c: when a peer is dead, and what is asked and answered ---------------------------------------- */

struct keepalive_observation {
	const struct ike_sa *sa;
	const struct keepalive_peer *before, *after;
	enum keepalive_input_kind kind;
	const struct ike_extension_sa_input *input;
	const struct ike_extension_answer *answer;
};

void invariant_keepalive_step(struct sim *sim, struct node *node, const struct keepalive_plan *plan,
			      const struct keepalive_observation *seen);
/* Before a verb: which deadlines have passed unserved. */
void invariant_note_lateness(struct sim *sim, struct node *node);
/* After a tick: nobody whose peer is silent is left over. */
void invariant_no_death_is_late(struct sim *sim, struct node *node);
/* A protected message of ours, from its plaintext. */
void invariant_numbers_go_up(struct sim *sim, struct node *node, const struct ike_datagram *out);

/* ---- invariants_limits.c: how much, how often, how long ---------------------------------------------------------------- */

void invariant_octets_in(struct sim *sim, struct node *node, const struct flight *flight);
void invariant_octets_of_packet(struct sim *sim, struct node *node, const struct flight *flight);
void invariant_octets_out(struct sim *sim, struct node *node, const struct ike_datagram *out);
void invariant_timers_move_on(struct sim *sim, struct node *node, size_t done, size_t budget);
void invariant_no_storm(struct sim *sim, struct node *node, size_t done);
void invariant_responders_wait(struct sim *sim, struct node *node, uint32_t outputs_before);
void invariant_tables_are_sound(struct sim *sim, struct node *node);
void invariant_mappings_are_kept(struct sim *sim, struct node *node);
void invariant_answers_are_few(struct sim *sim, struct node *node, const struct view *before);
void invariant_everything_ends(struct sim *sim, struct node *node);

#endif
