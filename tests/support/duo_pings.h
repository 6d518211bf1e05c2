/* SPDX-License-Identifier: ISC */
/*
 * duo_pings.h - the tunnel of a duo is pinged by A while datagrams are lost: a real esp_plane at either end, a pinger at A, and a host
 * behind B that answers everything.
 *
 * What is lost is drawn for each datagram by itself, IKE and ESP alike, from one seed.
 */
#ifndef TESTS_SUPPORT_DUO_PINGS_H
#define TESTS_SUPPORT_DUO_PINGS_H

#include "interop/esp/pinger.h"
#include "tests/support/duo.h"
#include "tests/support/duo_packets.h"

/* The latest that B has answered. */
struct duo_quick_mode {
	uint8_t message_id[4];
	ike_time answered_at;
	bool arrived; /* QM2 */
	unsigned repeats;
};

struct duo_pings {
	struct duo *duo;
	struct pinger *pinger;
	struct esp_plane *plane[DUO_NODES];
	struct esp_words words[DUO_NODES];
	struct random_source chance;
	uint32_t loss; /* per mille, each way */
	bool esp_cut;  /* nothing of ESP arrives */
	/* 0: B repeats QM2 as we do; otherwise once, so long after it has sent it, as others do */
	ike_time repeats_after;
	struct duo_quick_mode quick_mode;
	size_t made;
	struct duo_packet packet[DUO_PACKETS]; /* the newest, number n at n % DUO_PACKETS */
	bool holed;                            /* a black hole, and no life since */
	ike_time holed_at, up_at, died_at;     /* the latest hole, pair and death; 0: none */
	/* verdicts: black holes, what became of them, and deaths without one before */
	size_t holes, carried, second_deaths, first_deaths;
	size_t requests, answers;
	size_t unknown[DUO_NODES]; /* ESP that this node had no pair for */
};

/* Of a duo with a tunnel (duo_tunnel) before duo_start, which this calls; nothing is lost until it is up. */
void duo_pings_begin(struct duo_pings *pings, struct duo *duo, const struct tunnel_ping_plan *plan);
void duo_pings_end(struct duo_pings *pings); /* the duo is freed as well */
void duo_pings_run(struct duo_pings *pings, ike_time duration);

#endif
