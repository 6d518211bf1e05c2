/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_secret.h"

#include <string.h>

static bool is_of(const struct dh_key *key, struct octets public_value)
{
	struct octets own = dh_public(key);

	return own.length == public_value.length &&
	       memcmp(own.data, public_value.data, own.length) == 0;
}

struct dh_key *vector_secret_find(const struct vector_world *world, enum vector_party party,
				  enum dh_group group, struct octets public_value)
{
	for (size_t life = 0; life < world->end[party].lives; life++)
		for (uint16_t draw = 0; draw < VECTOR_DRAWS; draw++) {
			struct random_source source;
			struct dh_key *key;

			vector_world_source_at(world, party, life, draw, &source);
			key = dh_generate(world->crypto, group, &source);
			if (key != NULL && is_of(key, public_value))
				return key;
			dh_free(key);
		}
	return NULL;
}
