/* SPDX-License-Identifier: ISC */
#include "ike/rate_limit.h"

#include <assert.h>

#include "ike/wire.h"

#define TOKEN 1000000 /* micro-tokens: one microsecond at one token per second brings one of them */

#define SOURCE_INPUT_MAX 9 /* octets: the family and at most eight of the address */

void token_bucket_init(struct token_bucket *bucket, uint32_t rate, uint32_t most, ike_time now)
{
	*bucket = (struct token_bucket){
	    .filled_at = now, .rate = rate, .most = most, .micro_tokens = (uint64_t)most * TOKEN};
}

static void fill(struct token_bucket *bucket, ike_time now)
{
	uint64_t missing = (uint64_t)bucket->most * TOKEN - bucket->micro_tokens;
	uint64_t elapsed;

	if (now <= bucket->filled_at)
		return; /* a clock that stands or goes back brings nothing */
	elapsed = now - bucket->filled_at;
	bucket->filled_at = now;
	/* Divided rather than multiplied: after a long silence the product would not fit. */
	if (bucket->rate != 0 && elapsed > missing / bucket->rate)
		bucket->micro_tokens += missing;
	else
		bucket->micro_tokens += elapsed * bucket->rate;
}

bool token_bucket_take(struct token_bucket *bucket, ike_time now)
{
	fill(bucket, now);
	if (bucket->micro_tokens < TOKEN)
		return false;
	bucket->micro_tokens -= TOKEN;
	return true;
}

/* Whoever has one IPv6 address has 2^64 of them, so there the network is the source. */
static uint64_t hash_of(const uint8_t key[TABLE_HASH_KEY_LENGTH], const struct ike_address *source)
{
	size_t significant = source->family == IKE_FAMILY_IPV6 ? 8 : 4;
	uint8_t input[SOURCE_INPUT_MAX];
	struct wire_writer writer;

	wire_write_to(&writer, input, sizeof(input));
	wire_write_u8(&writer, source->family);
	wire_write_octets(&writer, octets_of(source->octets, significant));
	return table_hash(key, wire_written(&writer));
}

static size_t source_slot(const struct source_counter *counter, const struct ike_address *source)
{
	return hash_of(counter->key, source) % SOURCE_COUNTERS;
}

bool source_counter_add(struct source_counter *counter, const struct ike_address *source,
			uint32_t limit)
{
	uint16_t *count = &counter->count[source_slot(counter, source)];

	if (*count >= limit || *count == UINT16_MAX)
		return false;
	++*count;
	return true;
}

void source_counter_remove(struct source_counter *counter, const struct ike_address *source)
{
	uint16_t *count = &counter->count[source_slot(counter, source)];

	assert(*count > 0);
	--*count;
}

bool source_spacing_take(struct source_spacing *spacing, const struct ike_address *source,
			 ike_time now, ike_time wait)
{
	ike_time *until = &spacing->until[hash_of(spacing->key, source) % SOURCE_SPACINGS];

	if (now < *until)
		return false;
	*until = now + wait;
	return true;
}
