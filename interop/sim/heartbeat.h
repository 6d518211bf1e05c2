/* SPDX-License-Identifier: ISC */
/*
 * heartbeat.h - the one-way heartbeats of draft-ietf-ipsec-heartbeats-01, as far as their timing goes.
 */
#ifndef INTEROP_SIM_HEARTBEAT_H
#define INTEROP_SIM_HEARTBEAT_H

#include "interop/sim/machine.h"

void heartbeat_step(struct heartbeat *heartbeat, const struct heartbeat_numbers *numbers,
		    const struct machine_input *input, struct machine_deeds *deeds);
/* interval x losses + window. */
ike_time heartbeat_timeout(const struct heartbeat_numbers *numbers);
/* Expected for independent losses at this probability, per watched peer and year. */
double heartbeat_false_deaths_a_year(const struct heartbeat_numbers *numbers, double loss);

#endif
