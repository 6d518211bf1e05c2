/* SPDX-License-Identifier: ISC */
/*
 * attacker.c - somebody on the path who has recorded everything and may send anything to anyone from any address, but knows no
 * secret.
 */
#include <string.h>

#include "ike/notify.h"
#include "ike/wire.h"
#include "keepalive/capability.h"
#include "tests/sim/attacker.h"
#include "tests/sim/sim.h"

#define FORGED_ROOM 1200u
#define BARE_LEAST  60u /* octets of an SA payload and a vendor ID */

static const struct sent *any_sent(struct sim *sim, uint32_t *index)
{
	struct network *network = &sim->network;
	struct dice *dice = &sim->attack_dice;

	if (network->sents == 0)
		return NULL;
	for (unsigned tries = 0; tries < 8; tries++) {
		/* what was sent lately is more often still of use to somebody */
		if (dice_chance(dice, 600) && network->sents > 16)
			*index = (uint32_t)(network->sents - 1 - dice_below(dice, 16));
		else
			*index = (uint32_t)dice_below(dice, network->sents);
		if (network->sent[*index].length >= IKE_HEADER_LENGTH)
			return &network->sent[*index];
	}
	return NULL; /* NAT keepalives, all of them */
}

/* Mostly the one that everybody listens at; the other one is of use only where there is NAT traversal. */
static enum sim_port any_port(struct sim *sim)
{
	return sim->scenario->translators && dice_chance(&sim->attack_dice, 500) ? PORT_NAT_T
										 : PORT_IKE;
}

static struct destination sender(const struct sent *sent)
{
	return (struct destination){sent->by, sent->from_port};
}

struct ike_address attacker_address(struct sim *sim)
{
	struct dice *dice = &sim->attack_dice;

	if (dice_chance(dice, 500))
		return nat_seen_as(&sim->node[dice_below(dice, sim->scenario->nodes)],
				   any_port(sim));
	return (struct ike_address){
	    .octets = {10, 0, (uint8_t)dice_below(dice, SIM_NODES), (uint8_t)dice_below(dice, 256)},
	    .port = (uint16_t)(dice_chance(dice, 500) ? IKE_PORT : dice_between(dice, 1, 65535)),
	    .family = IKE_FAMILY_IPV4};
}

static void set_length(uint8_t *data, size_t length)
{
	struct wire_writer writer;

	wire_write_to(&writer, data, length);
	wire_write_zeros(&writer, 0);
	writer.length = length;
	wire_patch_u32(&writer, IKE_HEADER_LENGTH_AT, (uint32_t)length);
}

/* ---- with what was recorded ---------------------------------------------------------------------------------------- */

static void splice(struct sim *sim, const struct sent *head)
{
	uint8_t data[FORGED_ROOM];
	uint32_t index;
	const struct sent *body = any_sent(sim, &index);

	if (body == NULL || body->length > sizeof(data) ||
	    (body->length == head->length &&
	     memcmp(body->data, head->data, IKE_HEADER_LENGTH) == 0))
		return;
	memcpy(data, body->data, body->length);
	memcpy(data, head->data, IKE_HEADER_LENGTH);
	set_length(data, body->length);
	/* of one exchange, by one sender: nothing is changed but the length, which is set right again */
	if (memcmp(data, body->data, body->length) == 0)
		return;
	network_inject(sim, FLIGHT_FORGED, INJECT_ALTERED, &head->from, head->at_whom, data,
		       body->length, 0);
}

static void damage(struct sim *sim, const struct sent *sent, uint32_t index)
{
	struct dice *dice = &sim->attack_dice;
	uint8_t data[FORGED_ROOM];
	size_t length = sent->length;
	enum injection how = INJECT_ALTERED;

	if (length > sizeof(data) - 64)
		return;
	memcpy(data, sent->data, length);
	if (dice_chance(dice, 700)) {
		data[dice_below(dice, length)] ^= (uint8_t)(1u << dice_below(dice, 8));
	} else if (dice_chance(dice, 500)) {
		length = dice_between(dice, IKE_HEADER_LENGTH, length - 1);
		set_length(data, length);
	} else {
		/*
		 * Peers pad as they like, so that a block more behind the last payload, which no HASH covers, is accepted:
		 * the message still says what its sender said.
		 */
		size_t more = 8 * dice_between(dice, 1, 8);

		how = INJECT_PADDED;

		memset(data + length, (int)dice_below(dice, 256), more);
		length += more;
		set_length(data, length);
	}
	network_inject(sim, index, how, &sent->from, sent->at_whom, data, length, 0);
}

/* One sender's datagrams to one node, in order, up to the newest: what is remembered of them is pushed out on the way. */
static void replay_many(struct sim *sim, const struct sent *like)
{
	struct network *network = &sim->network;
	size_t count = dice_between(&sim->attack_dice, 10, 60), first = network->sents;
	ike_time spacing = 0, delay = 0;

	/* slowly enough to be answered each time, or all at once */
	if (dice_chance(&sim->attack_dice, 500))
		spacing = dice_between(&sim->attack_dice, 50, 1200) * IKE_MILLISECOND;

	while (first > 0 && count > 0) {
		const struct sent *sent = &network->sent[--first];

		count -= sent->by == like->by && sent->at_whom.node == like->at_whom.node;
	}
	for (; first < network->sents; first++) {
		const struct sent *sent = &network->sent[first];

		if (sent->by != like->by || sent->at_whom.node != like->at_whom.node)
			continue;
		network_inject(sim, (uint32_t)first, INJECT_AS_SENT, &sent->from, sent->at_whom,
			       NULL, sent->length, delay);
		delay += spacing;
	}
}

static void use_recorded(struct sim *sim, enum attack_kind kind, const struct sent *sent,
			 uint32_t index)
{
	struct ike_address other = attacker_address(sim);
	struct destination to = sent->at_whom;

	switch (kind) {
	case ATTACK_REPLAY_ALL:
		replay_many(sim, sent);
		break;
	case ATTACK_OTHER_ADDRESS:
		network_inject(sim, index, INJECT_AS_SENT, &other, to, NULL, sent->length, 0);
		break;
	case ATTACK_OTHER_NODE:
		to.node = (unsigned)dice_below(&sim->attack_dice, sim->scenario->nodes);
		network_inject(sim, index, INJECT_AS_SENT, &sent->from, to, NULL, sent->length, 0);
		break;
	case ATTACK_REFLECT:
		network_inject(sim, index, INJECT_AS_SENT, &sent->to, sender(sent), NULL,
			       sent->length, 0);
		break;
	case ATTACK_SPLICE:
		splice(sim, sent);
		break;
	case ATTACK_DAMAGE:
		damage(sim, sent, index);
		break;
	default:
		network_inject(sim, index, INJECT_AS_SENT, &sent->from, to, NULL, sent->length, 0);
	}
}

/* ---- of his own making --------------------------------------------------------------------------------------------- */

static void write_header(struct sim *sim, struct wire_writer *writer, const struct sent *about,
			 uint8_t exchange)
{
	struct ike_header header = {
	    .version = 0x10,
	    .exchange = exchange,
	    .message_id = (uint32_t)dice_u64(&sim->attack_dice),
	};

	memcpy(header.cky_i, about->data, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, about->data + IKE_COOKIE_LENGTH, IKE_COOKIE_LENGTH);
	ike_header_write(writer, &header);
}

static void forge_notify(struct sim *sim, const struct sent *about, uint16_t type)
{
	uint8_t room[256];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t mark;

	wire_write_to(&writer, room, sizeof(room));
	write_header(sim, &writer, about, IKE_EXCHANGE_INFORMATIONAL);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	mark = ike_payload_begin(&chain, type == 0 ? IKE_PAYLOAD_DELETE : IKE_PAYLOAD_NOTIFY);
	if (type == 0)
		ike_delete_write_isakmp(&writer, about->data, about->data + IKE_COOKIE_LENGTH);
	else
		ike_notify_write_isakmp(&writer, IKE_DOI_IPSEC, type, about->data,
					about->data + IKE_COOKIE_LENGTH);
	ike_payload_end(&chain, mark);
	ike_header_finish(&writer);
	network_inject(sim, FLIGHT_FORGED, INJECT_ALTERED, &about->from, about->at_whom, room,
		       writer.length, 0);
}

static void forge_header(struct sim *sim, const struct sent *about)
{
	static const uint8_t exchange[] = {0, 1, 2, 3, 4, 5, 6, 32, 33, 240};
	struct dice *dice = &sim->attack_dice;
	uint8_t data[FORGED_ROOM];
	struct wire_writer writer;
	size_t length = IKE_HEADER_LENGTH + dice_below(dice, 200);

	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)dice_u64(dice);
	wire_write_to(&writer, data, sizeof(data));
	write_header(sim, &writer, about, exchange[dice_below(dice, sizeof(exchange))]);
	if (dice_chance(dice, 200))
		memset(data + (dice_chance(dice, 500) ? 0 : IKE_COOKIE_LENGTH), 0,
		       IKE_COOKIE_LENGTH);
	data[16] = (uint8_t)dice_below(dice, 16);
	data[17] = (uint8_t)(dice_chance(dice, 900) ? 0x10 : dice_u64(dice));
	data[19] = (uint8_t)(dice_chance(dice, 900) ? dice_below(dice, 2) : dice_u64(dice));
	if (dice_chance(dice, 500))
		memset(data + 20, 0, 4);
	set_length(data, length);
	if (dice_chance(dice, 50))
		data[27]++;
	network_inject(sim, FLIGHT_FORGED, INJECT_ALTERED, &about->from, about->at_whom, data,
		       length, 0);
}

static void junk(struct sim *sim)
{
	struct dice *dice = &sim->attack_dice;
	static uint8_t data[IKE_DATAGRAM_MAX + 64];
	size_t length = dice_chance(dice, 50) ? sizeof(data) : dice_below(dice, 300);
	struct ike_address from = attacker_address(sim);

	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)dice_u64(dice);
	network_inject(
	    sim, FLIGHT_FORGED, INJECT_ALTERED, &from,
	    (struct destination){(unsigned)dice_below(dice, sim->scenario->nodes), any_port(sim)},
	    data, length, 0);
}

/* First messages under cookies of his own, made from a recorded one; from one address, or from many. */
static void flood(struct sim *sim, const struct sent *sent)
{
	struct dice *dice = &sim->attack_dice;
	uint8_t data[FORGED_ROOM];
	unsigned count = (unsigned)dice_between(dice, 5, 60);
	bool one = dice_chance(dice, 500), bare = dice_chance(dice, 500);
	size_t length = sent->length;

	if (sent->length > sizeof(data))
		return;
	bare &= sent->data[18] == IKE_EXCHANGE_MAIN_MODE;
	memcpy(data, sent->data, length);
	/* without the vendor ID, which comes last: as short as one can be, so that an answer is hardly shorter */
	if (bare && length > IKE_HEADER_LENGTH + BARE_LEAST) {
		length -= IKE_GENERIC_LENGTH + KEEPALIVE_VENDOR_ID_LENGTH;
		data[IKE_HEADER_LENGTH] = IKE_PAYLOAD_NONE;
		set_length(data, length);
	}
	for (unsigned i = 0; i < count; i++) {
		struct ike_address from = one ? sent->from : attacker_address(sim);

		for (unsigned j = 0; j < IKE_COOKIE_LENGTH; j++)
			data[j] = (uint8_t)dice_u64(dice);
		network_inject(sim, FLIGHT_FORGED, INJECT_ALTERED, &from, sent->at_whom, data,
			       length, dice_below(dice, IKE_SECOND));
	}
}

/* The first message of somebody, or what else there is. */
static const struct sent *any_first_message(struct sim *sim)
{
	for (size_t i = 0; i < sim->network.sents && i < 64; i++) {
		const struct sent *sent =
		    &sim->network.sent[dice_below(&sim->attack_dice, sim->network.sents)];

		if (sent->at_whom.node != SIM_NODES && sent->length > IKE_HEADER_LENGTH &&
		    ike_exchange_is_phase_1(sent->data[18]) &&
		    ike_cookie_is_zero(sent->data + IKE_COOKIE_LENGTH))
			return sent;
	}
	return NULL;
}

/* Those that are only about fragments and NATs are thrown with another die, and only where there are any. */
static enum attack_kind any_kind(struct sim *sim)
{
	struct dice *dice = &sim->attack_dice;

	if (sim->packets.packets > 0 && dice_chance(dice, 400))
		return (enum attack_kind)dice_between(dice, ATTACK_ESP_REPLAY, ATTACK_KINDS - 1);
	if (scenario_has(sim->scenario, FEATURE_FRAGMENTS) && dice_chance(dice, 250))
		return ATTACK_PIECES;
	if (sim->scenario->translators && dice_chance(dice, 100))
		return ATTACK_NAT_KEEPALIVE;
	return (enum attack_kind)dice_below(dice, ATTACK_PIECES);
}

void attacker_move(struct sim *sim)
{
	static const uint16_t hint[] = {IKE_NOTIFY_INVALID_COOKIE, IKE_NOTIFY_INVALID_SPI};
	static const uint16_t error[] = {IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
					 IKE_NOTIFY_AUTHENTICATION_FAILED, 16};
	static const uint16_t believed[] = {0, IKE_NOTIFY_INITIAL_CONTACT, IKE_NOTIFY_R_U_THERE,
					    IKE_NOTIFY_R_U_THERE_ACK};
	struct dice *dice = &sim->attack_dice;
	enum attack_kind kind = any_kind(sim);
	uint32_t index;
	const struct sent *sent = any_sent(sim, &index);

	if (sent == NULL || sent->at_whom.node == SIM_NODES)
		return;
	sim->tally.attacks++;
	if (sim->checks)
		coverage_add(sim->coverage, COVER_ATTACK, kind);
	if (kind >= ATTACK_ESP_REPLAY) {
		attacker_sends_packets(sim, kind);
		return;
	}
	switch (kind) {
	case ATTACK_FLOOD:
		sent = any_first_message(sim);
		if (sent != NULL)
			flood(sim, sent);
		break;
	case ATTACK_HINT:
		forge_notify(sim, sent, hint[dice_below(dice, 2)]);
		break;
	case ATTACK_ERROR:
		forge_notify(sim, sent, error[dice_below(dice, 3)]);
		break;
	case ATTACK_DELETE:
		forge_notify(sim, sent, believed[dice_below(dice, 4)]);
		break;
	case ATTACK_JUNK:
		junk(sim);
		break;
	case ATTACK_HEADER:
		forge_header(sim, sent);
		break;
	case ATTACK_PIECES:
		attacker_sends_pieces(sim, sent, index);
		break;
	case ATTACK_NAT_KEEPALIVE:
		attacker_sends_nat_keepalive(sim, sent);
		break;
	default:
		use_recorded(sim, kind, sent, index);
	}
}
