/* SPDX-License-Identifier: ISC */
/*
 * scenario_parts.h - between the files that draw a scenario.
 */
#ifndef TESTS_SIM_SCENARIO_PARTS_H
#define TESTS_SIM_SCENARIO_PARTS_H

#include "tests/sim/scenario.h"

/* The entries that two nodes have for each other. */
struct ike_peer_settings *link_caller(struct scenario *scenario, const struct scenario_link *link);
struct ike_peer_settings *link_target(struct scenario *scenario, const struct scenario_link *link,
				      unsigned which);

void scenario_draw_features(struct scenario *scenario);
void scenario_draw_packets(struct scenario *scenario);
/* One to three tunnels for the link of this number. */
void draw_tunnels(struct scenario *scenario, unsigned link, struct dice *dice);

#endif
