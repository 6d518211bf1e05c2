/* SPDX-License-Identifier: ISC */
/*
 * plain_ping.c - the rules:
 *
 *  1. The watcher sends an echo request every `interval`, whatever else goes on.  Who is asked replies at once.
 *  2. A request that is unanswered when the next one is due is a miss.  So many misses in a row, and the peer is dead.
 *  3. Any reply sets the count of misses to zero, a late one too.
 *  4. A new SA begins with the count at zero; the first request is sent an interval later.
 *
 * What may be false about it.  Let l be the loss each way; a request is a miss with q = 1 - (1 - l)^2.  The number of trials
 * until m misses in a row have been seen is (1 - q^m) / ((1 - q) q^m) on average.  The verdict over a request is given an interval
 * after it, and the first request is an interval after the start: the mean time from a start to a death is one interval more than
 * so many.  Exact, as long as a round trip takes less than an interval.
 */
#include "interop/sim/plain_ping.h"

#include <math.h>

ike_time plain_ping_bound(const struct plain_ping_numbers *numbers)
{
	return numbers->interval * (numbers->misses + 1);
}

/* Rules 1 and 2. */
static void time_came(struct plain_ping *ping, const struct plain_ping_numbers *numbers,
		      struct machine_deeds *deeds)
{
	if (ping->open && ++ping->misses >= numbers->misses) {
		ping->asks = IKE_NEVER;
		deeds->dead = true;
		return;
	}
	machine_send(deeds, FLIGHT_QUESTION, ++ping->number);
	ping->open = true;
	ping->asks += numbers->interval;
}

static void heard(struct plain_ping *ping, const struct machine_input *input,
		  struct machine_deeds *deeds)
{
	if (input->kind == FLIGHT_QUESTION)
		machine_send(deeds, FLIGHT_ANSWER, input->number);
	if (input->kind != FLIGHT_ANSWER)
		return;
	ping->misses = 0;
	if (input->number == ping->number)
		ping->open = false;
}

void plain_ping_step(struct plain_ping *ping, const struct plain_ping_numbers *numbers,
		     const struct machine_input *input, struct machine_deeds *deeds)
{
	switch (input->what) {
	case MACHINE_START:
		*ping = (struct plain_ping){.asks = input->watches ? input->now + numbers->interval
								   : IKE_NEVER};
		break;
	case MACHINE_TIME:
		if (input->now >= ping->asks)
			time_came(ping, numbers, deeds);
		break;
	case MACHINE_HEARD:
		heard(ping, input, deeds);
		break;
	case MACHINE_WANT:
		break;
	}
	deeds->wake = ping->asks;
}

double plain_ping_false_deaths_a_year(const struct plain_ping_numbers *numbers, double loss)
{
	double interval = (double)numbers->interval / (double)IKE_SECOND;
	double answered = (1 - loss) * (1 - loss), all = pow(1 - answered, numbers->misses);

	return all > 0 ? MACHINE_YEAR / (interval * ((1 - all) / (answered * all) + 1)) : 0;
}
