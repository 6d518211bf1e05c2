/* SPDX-License-Identifier: ISC */
#include "ike/keymat.h"

#include <string.h>

#include "crypto/secret.h"
#include "ike/wire.h"

void keymat(struct crypto *crypto, const struct keymat_source *source, uint32_t spi, uint8_t *out,
	    size_t length)
{
	uint8_t block[PRF_MAX_LENGTH], spi_octets[4]; /* block: K1, then K2, ... */
	size_t block_length = hash_length(source->hash), take;
	struct octets last = octets_of(NULL, 0);
	struct wire_writer writer;

	wire_write_to(&writer, spi_octets, sizeof(spi_octets));
	wire_write_u32(&writer, spi);
	for (size_t done = 0; done < length; done += take) {
		const struct octets parts[] = {last,
					       source->g_xy,
					       octets_of(&source->protocol, 1),
					       wire_written(&writer),
					       source->ni_b,
					       source->nr_b};

		prf_octets(crypto, source->hash, source->skeyid_d, parts,
			   sizeof(parts) / sizeof(parts[0]), block);
		take = length - done < block_length ? length - done : block_length;
		memcpy(out + done, block, take);
		last = octets_of(block, block_length);
	}
	secret_wipe(block, sizeof(block));
}
