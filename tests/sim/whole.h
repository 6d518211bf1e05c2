/* SPDX-License-Identifier: ISC */
/*
 * whole.h - messages that travel in fragments.  A fragment by itself proves nothing and may move nothing; what counts is the message
 * that the last of them completes, whoever sent that one: it is genuine if a node sent it like that, in one piece or in several.
 */
#ifndef TESTS_SIM_WHOLE_H
#define TESTS_SIM_WHOLE_H

#include "tests/sim/network.h"

/* A message that a node sent in fragments. */
struct whole {
	unsigned by, to; /* nodes */
	uint32_t incarnation;
	uint8_t *data;
	size_t length, covered; /* network.h */
	bool delivered;
};

struct wholes {
	struct whole *whole;
	size_t wholes, room;
	/* what each node is sending now */
	struct {
		uint8_t data[IKE_MESSAGE_MAX];
		size_t length;
		unsigned parts;
	} sending[SIM_NODES];
};

struct sim;
struct node;

bool is_fragment(struct octets datagram);
/* 0: it is none, or damaged. */
unsigned fragment_number(struct octets datagram);
/* A node has sent this datagram; `covered` as in network.h, 0 until the last one. */
void wholes_sent(struct sim *sim, const struct node *node, const struct sent *sent);
/* Before a fragment goes in, and after: whether it has completed a message, and whose; then sim->message is that. */
void wholes_expect(struct sim *sim, struct node *node);
void wholes_settle(struct sim *sim, const struct node *node);
/* What arrived was taken: the same again is an old one. */
void wholes_delivered(struct sim *sim);
/* Whether a message differs from one that was sent only where no HASH covers it. */
bool wholes_differs_uncovered(const struct sim *sim, struct octets message);
void wholes_free(struct wholes *wholes);

#endif
