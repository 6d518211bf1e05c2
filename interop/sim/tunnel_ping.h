/* SPDX-License-Identifier: ISC */
/*
 * tunnel_ping.h - the periodic ping through the tunnel that was proposed, and used, in 1999.
 */
#ifndef INTEROP_SIM_TUNNEL_PING_H
#define INTEROP_SIM_TUNNEL_PING_H

#include "interop/sim/machine.h"

void tunnel_ping_step(struct tunnel_ping *ping, const struct tunnel_ping_numbers *numbers,
		      const struct machine_input *input, struct machine_deeds *deeds);
/* interval x (misses + 1): the request that was answered last, and then as many as it takes. */
ike_time tunnel_ping_bound(const struct tunnel_ping_numbers *numbers);
/* Expected for independent losses at this probability each way, per watched peer and year. */
double tunnel_ping_false_deaths_a_year(const struct tunnel_ping_numbers *numbers, double loss);

#endif
