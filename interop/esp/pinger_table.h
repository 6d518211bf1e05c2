/* SPDX-License-Identifier: ISC */
/*
 * pinger_table.h - which pairs are pinged through, and which of them share one state; see pinger.h.
 */
#ifndef INTEROP_ESP_PINGER_TABLE_H
#define INTEROP_ESP_PINGER_TABLE_H

#include "ike/timer_wheel.h"
#include "interop/esp/pinger.h"

/* One pair. */
struct pinged_pair {
	struct pinged_pair *next_of_bucket;
	struct pinged_pair *older; /* of the same tunnel */
	struct pinged *tunnel;
	uint32_t number;
	bool superseded;
};

/* A tunnel with one party: pairs that follow each other, and their one state. */
struct pinged {
	struct pinged *next_of_bucket;
	struct pinged *next_waiting; /* for pinger_next */
	const struct pinger_tunnel *settings;
	struct ike_address remote; /* the other end, without port */
	struct ike_selector inside_local, inside_remote;
	struct pinged_pair *newest;
	struct tunnel_ping ping;
	struct timer timer;
	ike_time ike_alive_at; /* IKE_NEVER: not yet */
	bool ever;             /* something has come through */
	bool waits;            /* for pinger_next */
	uint16_t wishes;       /* what for: pinger.c */
	uint32_t request;      /* to be sent */
	uint32_t echo, misses; /* to be reported, as what follows */
	ike_time round_trip, silence, lateness;
	ike_time last_round_trip; /* IKE_NEVER: no reply yet */
	uint64_t requests, replies;
};

struct pinger_table;

/* At most `pairs` at once.  NULL: no memory. */
struct pinger_table *pinger_table_new(uint32_t pairs, struct random_source *random) IKE_MUST_USE;
void pinger_table_free(struct pinger_table *table); /* NULL is allowed */

struct pinged_pair *pinger_table_find(const struct pinger_table *table, uint32_t number);
/*
 * Joins those before it with the same settings, selectors and other end, or else begins a zeroed tunnel.  The number must be new.
 * NULL: the limit, or no memory.
 */
struct pinged_pair *pinger_table_add(struct pinger_table *table,
				     const struct pinger_tunnel *settings,
				     const struct ike_ipsec_sa *pair) IKE_MUST_USE;
/* The pair is gone then.  Its tunnel is returned where that was its last one, and goes with the next call. */
struct pinged *pinger_table_remove(struct pinger_table *table,
				   struct pinged_pair *pair) IKE_MUST_USE;
void pinger_table_forget(struct pinger_table *table, struct pinged *tunnel);
/* The other end has moved. */
void pinger_table_move(struct pinger_table *table, struct pinged *tunnel,
		       const struct ike_address *remote);

/* All tunnels of a configured peer with that other end, or, where that is NULL, with any: NULL first, then the one before. */
struct pinged *pinger_table_next(const struct pinger_table *table, const struct pinged *before,
				 uint32_t peer, const struct ike_address *remote);

/* Through which pair requests go: the newest that is not superseded, or else the newest. */
const struct pinged_pair *pinger_table_in_use(const struct pinged *tunnel);

#endif
