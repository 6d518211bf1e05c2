/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_words.h"

#include "ike/wire.h"

bool esp_words_of_use(struct esp_words *words, struct esp_plane *plane, struct ike_command *command)
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

struct ike_command esp_words_of_expiry(const struct ike_ipsec_sa *pair, bool hard)
{
	return (struct ike_command){
	    .kind = hard ? IKE_COMMAND_IPSEC_FAILED : IKE_COMMAND_TUNNEL,
	    .peer = pair->peer,
	    .tunnel = pair->tunnel,
	    .ipsec = pair->number,
	};
}

struct ike_command esp_words_of_unknown(const struct ike_address *remote,
					const struct ike_address *local, struct octets packet)
{
	return (struct ike_command){
	    .kind = IKE_COMMAND_UNKNOWN_SPI,
	    .address = *remote,
	    .local = *local,
	    .spi = wire_u32_at(packet.data),
	    .octets = (uint32_t)packet.length,
	};
}

bool esp_words_of_ping(const struct pinger_action *action, bool may_ask,
		       struct ike_command *command)
{
	*command = (struct ike_command){
	    .peer = action->peer, .tunnel = action->tunnel, .ipsec = action->number};
	switch (action->kind) {
	case PINGER_SEND:
		return false;
	case PINGER_RENEGOTIATE:
		command->kind = IKE_COMMAND_TUNNEL;
		return true;
	case PINGER_DEAD:
		command->kind = IKE_COMMAND_TUNNEL_DEAD;
		command->never = action->never;
		return true;
	case PINGER_REPORT:
		command->kind =
		    IKE_COMMAND_ASK_NOW; /* R156: is it the tunnel, or is it the peer? */
		return action->report == PINGER_SUSPECT && may_ask;
	}
	return false;
}
