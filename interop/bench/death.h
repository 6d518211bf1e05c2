/* SPDX-License-Identifier: ISC */
/*
 * death.h - what happens second by second when a whole fleet dies and returns.
 */
#ifndef INTEROP_BENCH_DEATH_H
#define INTEROP_BENCH_DEATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct death_second {
	uint32_t established, handshakes; /* at its end */
	uint64_t sent, received;          /* datagrams in it */
	double cpu;                       /* the share of a processor that the gateway took */
	double resident;                  /* octets at its end */
};

struct death_history {
	struct death_second *second;
	size_t seconds, room;
	size_t lost_at, back_at; /* the seconds in which the fleet died and was started again */
};

/* Another second; false: no memory. */
bool death_note(struct death_history *history, const struct death_second *second);
void death_forget(struct death_history *history); /* frees what it has */

/* The most datagrams sent in one second from `from` on, before `to`. */
uint64_t death_most_sent(const struct death_history *history, size_t from, size_t to);
double death_most_resident(const struct death_history *history, size_t from, size_t to);

/* Datagrams, SAs and memory over time, as SVG.  There must be a second. */
void death_plot(const struct death_history *history, uint32_t fleet, FILE *out);
/* A line for every second, for other tools: tab-separated, with a line of names first. */
void death_table(const struct death_history *history, FILE *out);

#endif
