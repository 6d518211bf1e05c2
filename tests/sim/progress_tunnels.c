/* SPDX-License-Identifier: ISC */
/*
 * progress_tunnels.c - the tunnels between two nodes once the network has been good for long enough: those that can come up are up
 * at both ends, by the same pair; the others are not; and no end has a pair that the other has not.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

const struct scenario_link *progress_link(const struct sim *sim, const struct node *node,
					  uint32_t peer, unsigned with)
{
	for (unsigned i = 0; i < sim->scenario->links; i++) {
		const struct scenario_link *link = &sim->scenario->link[i];

		for (unsigned j = 0; j < link->targets; j++) {
			if (link->caller == node->number && link->caller_peer == peer &&
			    link->target[j] == with)
				return link;
			if (link->target[j] == node->number && link->target_peer[j] == peer &&
			    link->caller == with)
				return link;
		}
	}
	return NULL;
}

struct ends {
	const struct view *ours, *theirs;
	uint32_t our_peer, their_peer;
	unsigned we, they;
};

static const struct view_pair *other_end(const struct ends *ends, const struct view_pair *pair)
{
	for (unsigned i = 0; i < ends->theirs->pairs; i++) {
		const struct view_pair *other = &ends->theirs->pair[i];

		if (other->with == ends->we && other->peer == ends->their_peer &&
		    other->spi_in == pair->spi_out && other->spi_out == pair->spi_in)
			return other;
	}
	return NULL;
}

/* How many pairs of one end are in use at both, and how many at this one alone. */
static void count(const struct ends *ends, unsigned tunnel, unsigned *shared, unsigned *alone)
{
	*shared = *alone = 0;
	for (unsigned i = 0; i < ends->ours->pairs; i++) {
		const struct view_pair *pair = &ends->ours->pair[i];
		const struct view_pair *other;

		if (pair->with != ends->they || pair->peer != ends->our_peer ||
		    pair->tunnel != tunnel || pair->superseded)
			continue;
		other = other_end(ends, pair);
		if (other == NULL)
			++*alone;
		else
			*shared += !other->superseded;
	}
}

static bool say(char text[SIM_TEXT], const struct ends *ends, unsigned tunnel, const char *what)
{
	snprintf(text, SIM_TEXT, "nodes %c and %c, tunnel %u: %s", (char)('a' + ends->we),
		 (char)('a' + ends->they), tunnel, what);
	return false;
}

static bool is_right(const struct scenario_link *link, const struct ends *ends, char text[SIM_TEXT])
{
	for (unsigned tunnel = 0; tunnel < link->tunnels; tunnel++) {
		bool wanted = link->possible && link->tunnel_possible[tunnel];
		unsigned shared, alone;

		count(ends, tunnel, &shared, &alone);
		if (wanted && shared == 0)
			return say(text, ends, tunnel, "no pair in use at both ends");
		if (!wanted && shared > 0)
			return say(text, ends, tunnel, "a pair that must not be");
		if (alone > 0)
			return say(text, ends, tunnel, "a pair that the other end has not");
	}
	return true;
}

bool progress_of_tunnels(struct sim *sim, const struct scenario_link *link, char text[SIM_TEXT])
{
	static struct view caller, target;
	struct ends ends = {&caller,      &target,        link->caller_peer, link->target_peer[0],
			    link->caller, link->target[0]};
	struct ends reverse = {&target,           &caller,         link->target_peer[0],
			       link->caller_peer, link->target[0], link->caller};

	if (link->tunnels == 0)
		return true;
	view_take(&caller, sim->node[link->caller].core);
	view_take(&target, sim->node[link->target[0]].core);
	return is_right(link, &ends, text) && is_right(link, &reverse, text);
}
