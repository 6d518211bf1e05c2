/* SPDX-License-Identifier: ISC */
#include "tests/support/keepalive_explorer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#define FIRST_ROOM 1024

/* ---- the set ------------------------------------------------------------------------------------------------------- */

static void *room_for(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		ck_abort_msg("no memory for %zu situations", count);
	return memory;
}

void situations_begin(struct situations *set)
{
	*set = (struct situations){.room = FIRST_ROOM};
	set->keys = room_for(set->room, sizeof(*set->keys));
	set->table = room_for(2 * set->room, sizeof(*set->table));
}

void situations_end(struct situations *set)
{
	free(set->keys);
	free(set->table);
	*set = (struct situations){0};
}

/* Fowler, Noll and Vo's way of mixing, by words instead of octets. */
static uint64_t hash(const struct situation_key *key)
{
	uint32_t words[sizeof(*key) / sizeof(uint32_t)];
	uint64_t sum = 14695981039346656037u;

	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		sum = (sum ^ words[i]) * 1099511628211u;
		sum ^= sum >> 29;
	}
	return sum;
}

#define INDEX_BITS 32

static size_t index_of(uint64_t entry)
{
	return (size_t)(entry & UINT32_MAX) - 1;
}

static uint64_t entry_of(uint64_t hash, size_t index)
{
	return (hash >> INDEX_BITS << INDEX_BITS) | (uint64_t)(index + 1);
}

/* Where the key is, or would be. */
static uint64_t *slot_of(const struct situations *set, const struct situation_key *key,
			 uint64_t hash)
{
	size_t mask = 2 * set->room - 1, at = (size_t)hash & mask;

	while (set->table[at] != 0 &&
	       (set->table[at] >> INDEX_BITS != hash >> INDEX_BITS ||
		memcmp(&set->keys[index_of(set->table[at])], key, sizeof(*key)) != 0))
		at = (at + 1) & mask;
	return &set->table[at];
}

static void grow(struct situations *set)
{
	struct situation_key *keys = set->keys;

	set->room *= 2;
	set->keys = room_for(set->room, sizeof(*keys));
	memcpy(set->keys, keys, set->count * sizeof(*keys));
	free(keys);
	free(set->table);
	set->table = room_for(2 * set->room, sizeof(*set->table));
	for (size_t i = 0; i < set->count; i++) {
		uint64_t sum = hash(&set->keys[i]);

		*slot_of(set, &set->keys[i], sum) = entry_of(sum, i);
	}
}

bool situations_has(const struct situations *set, const struct situation_key *key)
{
	return *slot_of(set, key, hash(key)) != 0;
}

bool situations_add(struct situations *set, const struct situation_key *key)
{
	uint64_t sum = hash(key), *slot = slot_of(set, key, sum);

	if (*slot != 0)
		return false;
	if (set->count == set->room) {
		grow(set);
		slot = slot_of(set, key, sum);
	}
	set->keys[set->count] = *key;
	*slot = entry_of(sum, set->count++);
	return true;
}

/* ---- the ways ------------------------------------------------------------------------------------------------------ */

static uint64_t make_all_moves(struct situations *set, const struct situation_key *from,
			       const struct keepalive_plan *plan, explorer_look look, void *context)
{
	struct situation start = moves_representative(from);
	struct situation_key key, last_key;
	uint64_t steps = 0;

	for (unsigned move = 0; move < moves_count(); move++) {
		for (unsigned chance = 0; chance < MOVE_CHANCES; chance++) {
			struct situation situation = start;
			struct seen seen;
			bool stepped = moves_make(move, chance, plan, &situation, &seen);

			/* most moves do not depend on chance, and are not looked at twice */
			key = moves_key(&situation, plan);
			if (chance > 0 && memcmp(&key, &last_key, sizeof(key)) == 0)
				continue;
			last_key = key;
			situations_add(set, &key);
			if (stepped) {
				look(context, &seen);
				steps++;
			}
		}
	}
	return steps;
}

uint64_t explorer_run(struct situations *set, const struct keepalive_plan *plan, unsigned depth,
		      explorer_look look, void *context)
{
	uint64_t steps = 0;
	size_t next = 0;

	for (unsigned made = 0; made < depth; made++) {
		size_t end = set->count;

		while (next < end) {
			struct situation_key key = set->keys[next++];

			steps += make_all_moves(set, &key, plan, look, context);
		}
	}
	return steps;
}

uint64_t explorer_run_plainly(struct situations *set, const struct situation *from,
			      const struct keepalive_plan *plan, unsigned depth, explorer_look look,
			      void *context)
{
	struct situation_key key = moves_key(from, plan);
	uint64_t steps = 0;

	situations_add(set, &key);
	for (unsigned move = 0; depth > 0 && move < moves_count(); move++) {
		for (unsigned chance = 0; chance < MOVE_CHANCES; chance++) {
			struct situation situation = *from;
			struct seen seen;

			if (!moves_agree(move, chance, plan, from))
				ck_abort_msg("\"%s\" depends on what the key leaves out",
					     moves_name(move));
			if (moves_make(move, chance, plan, &situation, &seen)) {
				look(context, &seen);
				steps++;
			}
			steps +=
			    explorer_run_plainly(set, &situation, plan, depth - 1, look, context);
		}
	}
	return steps;
}
