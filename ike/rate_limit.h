/* SPDX-License-Identifier: ISC */
/*
 * rate_limit.h - token buckets and counters per source, in fixed memory.
 */
#ifndef IKE_RATE_LIMIT_H
#define IKE_RATE_LIMIT_H

#include "crypto/table_hash.h"
#include "ike/types.h"

struct token_bucket {
	ike_time filled_at;
	uint32_t rate; /* tokens per second */
	uint32_t most; /* tokens at most */
	uint64_t micro_tokens;
};

void token_bucket_init(struct token_bucket *bucket, uint32_t rate, uint32_t most, ike_time now);
bool token_bucket_take(struct token_bucket *bucket, ike_time now) IKE_MUST_USE;

/*
 * How many of something each source address holds, by a keyed hash of the address (IPv6: of its first 64 bits).  Two
 * sources may share a counter: they are then limited together, which is safe, and nobody can choose with whom.
 */
#define SOURCE_COUNTERS 4096

struct source_counter {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	uint16_t count[SOURCE_COUNTERS];
};

bool source_counter_add(struct source_counter *counter, const struct ike_address *source,
			uint32_t limit) IKE_MUST_USE; /* false: at the limit, nothing was added */
void source_counter_remove(struct source_counter *counter, const struct ike_address *source);

/*
 * When each source was last, likewise: two that share a place wait for each other.  Zero but for the key it knows of nobody.
 */
#define SOURCE_SPACINGS 256

struct source_spacing {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	ike_time until[SOURCE_SPACINGS];
};

/* False: not yet; otherwise not again before `wait` is over. */
bool source_spacing_take(struct source_spacing *spacing, const struct ike_address *source,
			 ike_time now, ike_time wait) IKE_MUST_USE;

#endif
