/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "crypto/table_hash.h"
#include "ike/address.h"
#include "ike/selector.h"

#define ADDRESS_OCTETS 16

#define LENGTHS 129 /* of an IPv6 prefix: 0 to 128 bits */

/* How long the remote prefixes of a family are, the longest first, and of how many pairs. */
struct lengths {
	struct {
		uint8_t bits;
		uint32_t pairs;
	} length[LENGTHS];
	uint32_t count;
};

struct esp_table {
	uint32_t room, fresh; /* pairs; how many of them were never taken */
	uint32_t buckets;     /* a power of two */
	struct esp_pair *pairs, *given_back;
	struct esp_pair **by_number, **by_spi, **by_flow;
	struct lengths lengths[2]; /* IPv4, IPv6 */
	uint8_t hash_key[TABLE_HASH_KEY_LENGTH];
};

struct esp_table *esp_table_new(struct random_source *random, uint32_t pairs)
{
	struct esp_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->room = pairs;
	for (table->buckets = 1; table->buckets < pairs && table->buckets < 1u << 31;)
		table->buckets *= 2;
	random_octets(random, table->hash_key, sizeof(table->hash_key));
	table->pairs = secret_room_new((size_t)pairs * sizeof(*table->pairs), SECRET_ROOM_SPARSE);
	table->by_number = calloc(table->buckets, sizeof(struct esp_pair *));
	table->by_spi = calloc(table->buckets, sizeof(struct esp_pair *));
	table->by_flow = calloc(table->buckets, sizeof(struct esp_pair *));
	if (table->pairs == NULL || table->by_number == NULL || table->by_spi == NULL ||
	    table->by_flow == NULL) {
		esp_table_free(table);
		return NULL;
	}
	return table;
}

void esp_table_free(struct esp_table *table)
{
	if (table == NULL)
		return;
	secret_room_free(table->pairs, (size_t)table->room * sizeof(*table->pairs));
	free(table->by_number);
	free(table->by_spi);
	free(table->by_flow);
	secret_wipe(table, sizeof(*table));
	free(table);
}

struct esp_pair *esp_table_take(struct esp_table *table)
{
	struct esp_pair *pair = table->given_back;

	if (pair != NULL)
		table->given_back = pair->by_number;
	else if (table->fresh < table->room)
		pair = &table->pairs[table->fresh++];
	else
		return NULL;
	memset(pair, 0, sizeof(*pair));
	return pair;
}

void esp_table_give_back(struct esp_table *table, struct esp_pair *pair)
{
	secret_wipe(pair, sizeof(*pair));
	pair->by_number = table->given_back;
	table->given_back = pair;
}

struct esp_pair *esp_table_next(const struct esp_table *table, const struct esp_pair *pair)
{
	size_t at = pair == NULL ? 0 : (size_t)(pair - table->pairs) + 1;

	while (at < table->fresh && table->pairs[at].number == 0)
		at++;
	return at < table->fresh ? &table->pairs[at] : NULL;
}

/* ---- places in the tables ------------------------------------------------------------------------------------------- */

/* Numbers are counted up and SPIs drawn at random, both by our own side: multiplying spreads them well enough. */
static struct esp_pair **number_bucket(const struct esp_table *table, uint32_t number)
{
	return &table->by_number[(number * UINT32_C(2654435761) >> 7) & (table->buckets - 1)];
}

static struct esp_pair **spi_bucket(const struct esp_table *table, uint32_t spi)
{
	return &table->by_spi[(spi * UINT32_C(2654435761) >> 7) & (table->buckets - 1)];
}

static void mask(const uint8_t *address, unsigned bits, uint8_t *out)
{
	memset(out, 0, ADDRESS_OCTETS);
	memcpy(out, address, bits / 8);
	if (bits % 8 != 0)
		out[bits / 8] = (uint8_t)(address[bits / 8] & 0xff00u >> bits % 8);
}

static struct esp_pair **flow_bucket(const struct esp_table *table, uint8_t bits,
				     const struct ike_address *remote)
{
	uint8_t key[ADDRESS_OCTETS + 2];

	mask(remote->octets, bits, key);
	key[ADDRESS_OCTETS] = bits;
	key[ADDRESS_OCTETS + 1] = remote->family;
	return &table->by_flow[table_hash(table->hash_key, octets_of(key, sizeof(key))) &
			       (table->buckets - 1)];
}

/* ---- lengths -------------------------------------------------------------------------------------------------------- */

static void length_add(struct lengths *lengths, uint8_t bits)
{
	uint32_t at = 0;

	while (at < lengths->count && lengths->length[at].bits > bits)
		at++;
	if (at == lengths->count || lengths->length[at].bits != bits) {
		memmove(&lengths->length[at + 1], &lengths->length[at],
			(lengths->count - at) * sizeof(lengths->length[0]));
		lengths->length[at].bits = bits;
		lengths->length[at].pairs = 0;
		lengths->count++;
	}
	lengths->length[at].pairs++;
}

static void length_take_away(struct lengths *lengths, uint8_t bits)
{
	uint32_t at = 0;

	while (at < lengths->count && lengths->length[at].bits != bits)
		at++;
	assert(at < lengths->count);
	if (--lengths->length[at].pairs > 0)
		return;
	lengths->count--;
	memmove(&lengths->length[at], &lengths->length[at + 1],
		(lengths->count - at) * sizeof(lengths->length[0]));
}

/* ---- entering and leaving -------------------------------------------------------------------------------------------- */

/* How much the selectors say besides their prefixes. */
static unsigned particulars(const struct esp_pair *pair)
{
	return (pair->inside_local.protocol != 0 || pair->inside_remote.protocol != 0) +
	       (pair->inside_local.port != 0) + (pair->inside_remote.port != 0);
}

/* Whether it comes before the other in their bucket. */
static bool more_specific(const struct esp_pair *a, const struct esp_pair *b)
{
	uint8_t a_bits = a->inside_local.prefix.bits, b_bits = b->inside_local.prefix.bits;

	return a_bits != b_bits ? a_bits > b_bits : particulars(a) > particulars(b);
}

static struct esp_pair **flow_bucket_of(const struct esp_table *table, const struct esp_pair *pair)
{
	return flow_bucket(table, pair->inside_remote.prefix.bits,
			   &pair->inside_remote.prefix.address);
}

static struct lengths *lengths_of(struct esp_table *table, const struct esp_pair *pair)
{
	return &table->lengths[pair->inside_remote.prefix.address.family == IKE_FAMILY_IPV6];
}

void esp_table_enter(struct esp_table *table, struct esp_pair *pair)
{
	struct esp_pair **at = number_bucket(table, pair->number);

	pair->by_number = *at;
	*at = pair;
	at = spi_bucket(table, pair->in.spi);
	pair->by_spi = *at;
	*at = pair;
	at = flow_bucket_of(table, pair);
	while (*at != NULL && more_specific(*at, pair))
		at = &(*at)->by_flow;
	pair->by_flow = *at;
	*at = pair;
	length_add(lengths_of(table, pair), pair->inside_remote.prefix.bits);
}

void esp_table_leave(struct esp_table *table, struct esp_pair *pair)
{
	struct esp_pair **at = number_bucket(table, pair->number);

	while (*at != pair)
		at = &(*at)->by_number;
	*at = pair->by_number;
	at = spi_bucket(table, pair->in.spi);
	while (*at != pair)
		at = &(*at)->by_spi;
	*at = pair->by_spi;
	at = flow_bucket_of(table, pair);
	while (*at != pair)
		at = &(*at)->by_flow;
	*at = pair->by_flow;
	length_take_away(lengths_of(table, pair), pair->inside_remote.prefix.bits);
}

/* ---- finding --------------------------------------------------------------------------------------------------------- */

struct esp_pair *esp_table_by_number(const struct esp_table *table, uint32_t number)
{
	struct esp_pair *pair = *number_bucket(table, number);

	while (pair != NULL && pair->number != number)
		pair = pair->by_number;
	return pair;
}

struct esp_pair *esp_table_by_spi(const struct esp_table *table, uint32_t spi)
{
	struct esp_pair *pair = *spi_bucket(table, spi);

	while (pair != NULL && pair->in.spi != spi)
		pair = pair->by_spi;
	return pair;
}

static bool about_addresses(enum esp_verdict verdict)
{
	return verdict == ESP_INNER_OTHER_SOURCE || verdict == ESP_INNER_OTHER_DESTINATION;
}

static bool is_certain(const struct esp_pair *pair, ike_time now)
{
	return now >= pair->certain || pair->usage.used_in != IKE_NEVER;
}

/* The one that the peer has for certain, of those that went before it. */
static struct esp_pair *still_in_use(struct esp_pair *pair, ike_time now)
{
	struct esp_pair *older = pair->by_flow;

	if (is_certain(pair, now))
		return pair;
	for (; older != NULL; older = older->by_flow) {
		if (selector_equal(&older->inside_remote, &pair->inside_remote) &&
		    selector_equal(&older->inside_local, &pair->inside_local) && !older->spent &&
		    is_certain(older, now))
			return older;
	}
	return pair;
}

struct esp_pair *esp_table_by_packet(const struct esp_table *table,
				     const struct inner_packet *inner, ike_time now,
				     enum esp_verdict *verdict)
{
	const struct lengths *lengths =
	    &table->lengths[inner->destination.family == IKE_FAMILY_IPV6];

	*verdict = ESP_NO_PAIR;
	for (uint32_t i = 0; i < lengths->count; i++) {
		const uint8_t bits = lengths->length[i].bits;
		struct esp_pair *pair = *flow_bucket(table, bits, &inner->destination);

		for (; pair != NULL; pair = pair->by_flow) {
			enum esp_verdict fits;

			if (pair->superseded || pair->inside_remote.prefix.bits != bits)
				continue;
			fits = inner_packet_fits(inner, &pair->inside_local, &pair->inside_remote);
			if (fits == ESP_ACCEPTED) {
				*verdict = ESP_ACCEPTED;
				return still_in_use(pair, now);
			}
			/* where the addresses fit, what does not is the better reason */
			if (!about_addresses(fits))
				*verdict = fits;
		}
	}
	return NULL;
}
