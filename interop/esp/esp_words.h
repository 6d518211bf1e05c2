/* SPDX-License-Identifier: ISC */
/*
 * esp_words.h - what a core is told about packets of ESP and of pings, as commands (ike.h): the words of esp_device.h, tunnels.h and
 * echoes.h, and of whoever tries them without sockets.
 */
#ifndef INTEROP_ESP_ESP_WORDS_H
#define INTEROP_ESP_ESP_WORDS_H

#include "ike/ike.h"
#include "interop/esp/esp_plane.h"
#include "interop/esp/pinger.h"

/* All zeros is a new one. */
struct esp_words {
	struct esp_use use; /* of which the second half is still to be told, if `half` */
	bool half;
};

/*
 * HEARD or TRAFFIC of a pair that was used; false: no more for now.  Who has both heard and sent is told of in the order in which the
 * last of each was: what was answered is wanted no longer.  HEARD has the address of esp_use.elsewhere.
 */
bool esp_words_of_use(struct esp_words *words, struct esp_plane *plane,
		      struct ike_command *command);
/* TUNNEL, or IPSEC_FAILED where `hard`: a pair that is used up. */
struct ike_command esp_words_of_expiry(const struct ike_ipsec_sa *pair, bool hard);
/* UNKNOWN_SPI: an ESP packet of at least four octets that came from `remote` to `local`. */
struct ike_command esp_words_of_unknown(const struct ike_address *remote,
					const struct ike_address *local, struct octets packet);
/* TUNNEL, TUNNEL_DEAD or, where the peer may be asked (`may_ask`), ASK_NOW; false: the action is nothing to the core. */
bool esp_words_of_ping(const struct pinger_action *action, bool may_ask,
		       struct ike_command *command);

#endif
