/* SPDX-License-Identifier: ISC */
/*
 * esp_table.h - the pairs of esp_plane, and how each is found: by its number, by the SPI of what comes, by what is to leave.
 *
 * What leaves is found by its addresses.  The lengths that the remote prefixes of a family have are kept in order, the longest first.  A
 * search goes through them, masks the packet's destination with each, and looks in a hash table for it: one look for every length there
 * is, seldom more than three and never more than 33 or 129, whatever selectors peers ask for.  Only pairs of the same remote prefix are
 * gone through one by one: those of longer local prefixes first, of these those of protocols and ports, and the newest before older ones.
 * The hash is keyed, because peers have a say in what selectors there are.
 */
#ifndef INTEROP_ESP_ESP_TABLE_H
#define INTEROP_ESP_ESP_TABLE_H

#include "interop/esp/esp_plane.h"
#include "interop/esp/inner_packet.h"
#include "interop/esp/replay_window.h"

struct esp_limit {
	uint64_t soft, hard; /* UINT64_MAX: none */
};

struct esp_pair {
	uint32_t number; /* 0: this place is free */
	struct ike_address local, remote;
	struct ike_selector inside_local, inside_remote;
	bool encapsulated, superseded;
	ike_time
	    certain; /* when the peer has this pair for certain, though nothing may have come through it */
	bool spent;     /* moves nothing any more */
	uint32_t sent;  /* the last sequence number */
	uint32_t early; /* of ten thousand: how much before the 90 % of its lifetimes it says so */
	struct esp_limit octets, packets;
	struct esp_sa in, out;
	struct replay_window window;
	struct esp_usage usage;
	struct ike_address elsewhere; /* to be told: the newest packet came from there; or NONE */
	ike_time moves_at;            /* not before may another address be told */
	/* what is to be told */
	bool used_in, used_out, out_last, told_soft, told_hard;
	bool soft_due, hard_due;
	struct esp_link {
		struct esp_pair *before, *after;
		bool linked;
	} used, expired;
	struct esp_pair *by_number, *by_spi,
	    *by_flow; /* the next in the same bucket; free: the next free */
};

struct esp_table;

struct esp_table *esp_table_new(struct random_source *random, uint32_t pairs) IKE_MUST_USE;
void esp_table_free(struct esp_table *table); /* the pairs must be gone; NULL is allowed */

/* A zeroed pair; NULL: the table is full.  It is not found before esp_table_enter(). */
struct esp_pair *esp_table_take(struct esp_table *table) IKE_MUST_USE;
void esp_table_give_back(struct esp_table *table, struct esp_pair *pair); /* wiped */
/* Number, SPI and selectors, which are in the pair, do not change until it leaves. */
void esp_table_enter(struct esp_table *table, struct esp_pair *pair);
void esp_table_leave(struct esp_table *table, struct esp_pair *pair);

struct esp_pair *esp_table_by_number(const struct esp_table *table,
				     uint32_t number); /* NULL: none */
struct esp_pair *esp_table_by_spi(const struct esp_table *table, uint32_t spi);
/*
 * What is to be sent through: the newest that is not superseded; while it is not certain that the peer has that one, the one that it
 * takes over from, if there is one.  NULL: see the verdict.
 */
struct esp_pair *esp_table_by_packet(const struct esp_table *table,
				     const struct inner_packet *inner, ike_time now,
				     enum esp_verdict *verdict);
/* Every pair in turn, in no order: NULL begins and ends. */
struct esp_pair *esp_table_next(const struct esp_table *table, const struct esp_pair *pair);

#endif
