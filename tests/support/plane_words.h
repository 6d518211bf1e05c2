/* SPDX-License-Identifier: ISC */
/*
 * plane_words.h - what a node says to its core about the packets of its esp_plane: the words of esp_device.c and tunnels.c, without
 * sockets.
 */
#ifndef TESTS_SUPPORT_PLANE_WORDS_H
#define TESTS_SUPPORT_PLANE_WORDS_H

#include "ike/ike.h"
#include "interop/esp/esp_plane.h"

/* All zeros is a new one. */
struct plane_words {
	struct esp_use use; /* of which the second half is still to be told, if `half` */
	bool half;
};

/* HEARD or TRAFFIC of a pair that was used; false: no more for now. */
bool plane_words_of_use(struct plane_words *words, struct esp_plane *plane,
			struct ike_command *command);
/* TUNNEL or IPSEC_FAILED of a pair that is used up; `pair` is what is known of a number.  False: no more for now. */
bool plane_words_of_expiry(struct esp_plane *plane,
			   const struct ike_ipsec_sa *(*pair)(void *context, uint32_t number),
			   void *context, struct ike_command *command);
/* UNKNOWN_SPI: an ESP packet of at least four octets that came from `remote` to `local`. */
struct ike_command plane_words_of_unknown(const struct ike_address *remote,
					  const struct ike_address *local, const uint8_t *packet,
					  size_t length);

#endif
