/* SPDX-License-Identifier: ISC */
/*
 * heartbeat.c - the rules:
 *
 *  1. The watched sends a heartbeat every `interval`, unasked, for as long as it lives.  Nobody answers it.
 *  2. The watcher notes when it came.  When none has come for interval x losses + window, the peer is dead.
 *  3. A new SA begins as if a heartbeat had just been sent, and had just come.
 *
 * What may be false about it.  Let l be the loss, I the interval, T the timeout of rule 2.  From one that is heard, the next
 * n = floor(T / I) are due in time; if all of them are lost, the peer is falsely dead at T.  Otherwise the first that is not
 * lost, the j-th with probability l^(j-1) (1 - l), begins it all anew after j I.  So the mean time from a start to a death, E, is
 *
 *	E = l^n T + sum over j = 1 .. n of l^(j-1) (1 - l) (j I + E)
 *	  = T + I S / l^n,	S = sum of j l^(j-1) (1 - l) = (1 - (n + 1) l^n + n l^(n+1)) / (1 - l)
 *
 * and a year has year / E of them.  Exact, as long as jitter moves no heartbeat over the end of T: that is what the window is for.
 */
#include "interop/sim/heartbeat.h"

#include <math.h>

static ike_time earlier(ike_time a, ike_time b)
{
	return a < b ? a : b;
}

ike_time heartbeat_timeout(const struct heartbeat_numbers *numbers)
{
	return numbers->interval * numbers->losses + numbers->window;
}

static void start(struct heartbeat *heartbeat, const struct heartbeat_numbers *numbers,
		  const struct machine_input *input)
{
	*heartbeat = (struct heartbeat){
	    .beats = input->watched ? input->now + numbers->interval : IKE_NEVER,
	    .dies = input->watches ? input->now + heartbeat_timeout(numbers) : IKE_NEVER,
	};
}

static void time_came(struct heartbeat *heartbeat, const struct heartbeat_numbers *numbers,
		      const struct machine_input *input, struct machine_deeds *deeds)
{
	if (input->now >= heartbeat->beats) {
		machine_send(deeds, FLIGHT_BEAT, heartbeat->number++);
		heartbeat->beats += numbers->interval;
	}
	if (input->now >= heartbeat->dies) {
		heartbeat->dies = IKE_NEVER;
		deeds->dead = true;
	}
}

void heartbeat_step(struct heartbeat *heartbeat, const struct heartbeat_numbers *numbers,
		    const struct machine_input *input, struct machine_deeds *deeds)
{
	switch (input->what) {
	case MACHINE_START:
		start(heartbeat, numbers, input);
		break;
	case MACHINE_TIME:
		time_came(heartbeat, numbers, input, deeds);
		break;
	case MACHINE_HEARD:
		if (input->kind == FLIGHT_BEAT && heartbeat->dies != IKE_NEVER)
			heartbeat->dies = input->now + heartbeat_timeout(numbers);
		break;
	case MACHINE_WANT:
		break;
	}
	deeds->wake = earlier(heartbeat->beats, heartbeat->dies);
}

double heartbeat_false_deaths_a_year(const struct heartbeat_numbers *numbers, double loss)
{
	double interval = (double)numbers->interval / (double)IKE_SECOND;
	double timeout = (double)heartbeat_timeout(numbers) / (double)IKE_SECOND;
	double n = floor(timeout / interval), all = pow(loss, n);
	double mean = (1 - (n + 1) * all + n * all * loss) / (1 - loss);

	return all > 0 ? MACHINE_YEAR / (timeout + interval * mean / all) : 0;
}
