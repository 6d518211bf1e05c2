/* SPDX-License-Identifier: ISC */
/*
 * network.c - the path between two peers.
 *
 * Loss.  Without bursts every datagram is lost with probability l, whatever became of the others.  With bursts the weather in
 * each direction is good or bad by turns (Gilbert's model in continuous time): bad weather lasts `burst` on average and
 * loses everything, good weather lasts burst (1 - l) / l and loses nothing; both lengths are exponentially distributed.  The
 * share that is lost is l in both cases, so that they can be compared.
 *
 * Delay.  Uniformly distributed from delay - jitter to delay + jitter; datagrams may overtake each other.
 */
#include "interop/sim/network.h"

static double mean_of(const struct network_settings *settings, bool bad)
{
	double burst = (double)settings->burst;

	return bad ? burst : burst * (1 - settings->loss) / settings->loss;
}

static bool has_weather(const struct network_settings *settings)
{
	return settings->burst > 0 && settings->loss > 0;
}

void network_begin(struct network *network, const struct network_settings *settings, uint64_t seed,
		   uint64_t peer)
{
	network->settings = settings;
	network->lost = (uint32_t)(settings->loss * 0x1p32);
	for (unsigned i = 0; i < NETWORK_DIRECTIONS; i++) {
		struct network_way *way = &network->way[i];

		way->loss = dice_for(seed, DICE_LOSS, peer, i);
		way->weather = dice_for(seed, DICE_WEATHER, peer, i);
		way->turns = IKE_NEVER;
		way->bad = false;
		if (!has_weather(settings))
			continue;
		way->bad = dice_share(dice_roll(&way->weather)) < settings->loss;
		way->turns = dice_wait(&way->weather, mean_of(settings, way->bad));
	}
}

static void look_at_weather(struct network_way *way, const struct network_settings *settings,
			    ike_time now)
{
	while (way->turns <= now) {
		way->bad = !way->bad;
		way->turns += dice_wait(&way->weather, mean_of(settings, way->bad));
	}
}

bool network_send(struct network *network, enum network_direction direction, ike_time now,
		  ike_time *arrives)
{
	const struct network_settings *settings = network->settings;
	struct network_way *way = &network->way[direction];
	uint64_t luck = dice_at(&way->loss, now);
	uint64_t spread = 2 * settings->jitter + 1;

	if (has_weather(settings)) {
		look_at_weather(way, settings, now);
		if (way->bad)
			return false;
	} else if (luck >> 32 < network->lost) {
		return false;
	}
	*arrives = now + settings->delay - settings->jitter + ((luck & 0xffffffff) * spread >> 32);
	return true;
}
