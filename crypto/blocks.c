/* SPDX-License-Identifier: ISC */
#include "crypto/blocks.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/secret.h"

#define ROUND      8u /* lengths are rounded up to a multiple of this */
#define SLAB       ((size_t)64 << 10)
#define LARGE_SLAB SECRET_HUGE_PAGE /* of a length that has filled as much with small ones */
#define FEW_SLABS  (LARGE_SLAB / SLAB)

/* What a free block holds. */
struct free_block {
	struct free_block *next;
};

/* What a slab begins with; the blocks follow. */
struct slab {
	struct slab *next;
	size_t length;
};

/* All that there is of one length.  Blocks that were never out are not linked, so that their pages are not touched before. */
struct kind {
	struct slab *slab;
	struct free_block *free;
	uint8_t *unused, *end; /* of the newest slab */
	size_t slabs;
};

struct blocks {
	size_t longest, octets;
	struct kind kind[]; /* kind[i]: blocks of (i + 1) * ROUND octets */
};

static size_t kind_of(size_t length)
{
	return (length - 1) / ROUND;
}

static size_t rounded(size_t length)
{
	return (kind_of(length) + 1) * ROUND;
}

struct blocks *blocks_new(size_t longest)
{
	size_t kinds = longest == 0 ? 0 : kind_of(longest) + 1;
	struct blocks *blocks = calloc(1, sizeof(*blocks) + kinds * sizeof(blocks->kind[0]));

	if (blocks != NULL)
		blocks->longest = kinds * ROUND;
	return blocks;
}

void blocks_free(struct blocks *blocks)
{
	if (blocks == NULL)
		return;
	for (size_t i = 0; i < blocks->longest / ROUND; i++) {
		while (blocks->kind[i].slab != NULL) {
			struct slab *slab = blocks->kind[i].slab;

			blocks->kind[i].slab = slab->next;
			secret_slab_free(slab, slab->length);
		}
	}
	free(blocks);
}

static bool add_slab(struct kind *kind)
{
	size_t length = kind->slabs < FEW_SLABS ? SLAB : LARGE_SLAB;
	struct slab *slab = secret_slab_new(length);

	if (slab == NULL)
		return false;
	slab->next = kind->slab;
	slab->length = length;
	kind->slab = slab;
	kind->slabs++;
	kind->unused = (uint8_t *)(slab + 1);
	kind->end = (uint8_t *)slab + length;
	return true;
}

static void *take(struct kind *kind, size_t length)
{
	struct free_block *block = kind->free;
	void *unused;

	if (block != NULL) {
		kind->free = block->next;
		block->next = NULL;
		return block;
	}
	if ((size_t)(kind->end - kind->unused) < length && !add_slab(kind))
		return NULL;
	unused = kind->unused;
	kind->unused += length;
	return unused;
}

void *blocks_take(struct blocks *blocks, size_t length)
{
	void *block;

	assert(length > 0);
	length = rounded(length);
	if (length > blocks->longest)
		block = calloc(1, length);
	else
		block = take(&blocks->kind[kind_of(length)], length);
	if (block != NULL)
		blocks->octets += length;
	return block;
}

void blocks_give_back(struct blocks *blocks, void *block, size_t length)
{
	struct free_block *given = block;
	struct kind *kind;

	if (block == NULL)
		return;
	length = rounded(length);
	secret_wipe(block, length);
	blocks->octets -= length;
	if (length > blocks->longest) {
		free(block);
		return;
	}
	kind = &blocks->kind[kind_of(length)];
	given->next = kind->free;
	kind->free = given;
}

size_t blocks_octets(const struct blocks *blocks)
{
	return blocks->octets;
}
