/* SPDX-License-Identifier: ISC */
/*
 * plain_ping.h - the periodic ping through the tunnel that was proposed, and used, in 1999: the barest form of it.
 *
 * keepalive/tunnel_ping.h is the one that nodes run: it has jitter, looks at traffic, and tells a black hole from a death.
 */
#ifndef INTEROP_SIM_PLAIN_PING_H
#define INTEROP_SIM_PLAIN_PING_H

#include "interop/sim/machine.h"

void plain_ping_step(struct plain_ping *ping, const struct plain_ping_numbers *numbers,
		     const struct machine_input *input, struct machine_deeds *deeds);
/* interval x (misses + 1): the request that was answered last, and then as many as it takes. */
ike_time plain_ping_bound(const struct plain_ping_numbers *numbers);
/* Expected for independent losses at this probability each way, per watched peer and year. */
double plain_ping_false_deaths_a_year(const struct plain_ping_numbers *numbers, double loss);

#endif
