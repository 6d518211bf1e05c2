/* SPDX-License-Identifier: ISC */
#include "tests/support/plane_words.h"

#include "ike/wire.h"

bool plane_words_of_use(struct plane_words *words, struct esp_plane *plane,
			struct ike_command *command)
{
	const struct esp_use *use = &words->use;
	bool both, heard;

	if (!words->half && !esp_plane_used(plane, &words->use))
		return false;
	both = use->in && use->out;
	heard = !both ? use->in : use->out_last != words->half;
	*command = (struct ike_command){.kind = heard ? IKE_COMMAND_HEARD : IKE_COMMAND_TRAFFIC,
					.ipsec = use->number};
	if (heard)
		command->address = use->elsewhere;
	words->half = both && !words->half;
	return true;
}

bool plane_words_of_expiry(struct esp_plane *plane,
			   const struct ike_ipsec_sa *(*pair)(void *context, uint32_t number),
			   void *context, struct ike_command *command)
{
	const struct ike_ipsec_sa *spent;
	struct esp_expiry expiry;

	do {
		if (!esp_plane_expired(plane, &expiry))
			return false;
		spent = pair(context, expiry.number);
	} while (spent == NULL);
	*command = (struct ike_command){
	    .kind = expiry.hard ? IKE_COMMAND_IPSEC_FAILED : IKE_COMMAND_TUNNEL,
	    .peer = spent->peer,
	    .tunnel = spent->tunnel,
	    .ipsec = spent->number,
	};
	return true;
}

struct ike_command plane_words_of_unknown(const struct ike_address *remote,
					  const struct ike_address *local, const uint8_t *packet,
					  size_t length)
{
	return (struct ike_command){
	    .kind = IKE_COMMAND_UNKNOWN_SPI,
	    .address = *remote,
	    .local = *local,
	    .spi = wire_u32_at(packet),
	    .octets = (uint32_t)length,
	};
}
