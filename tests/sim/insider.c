/* SPDX-License-Identifier: ISC */
/*
 * insider.c - a node that has authenticated itself and then says what it should not: another party's SA is to be deleted, it has
 * started anew once more, numbers that nobody asked for, notifications that are cut off.  It knows its own keys and nobody
 * else's, so what it may do harm to is what it holds itself.
 */
#include <string.h>

#include "ike/notify.h"
#include "ike/wire.h"
#include "keepalive/message.h"
#include "tests/sim/sim.h"

static struct ike_sa *any_own_sa(struct sim *sim, struct node *node)
{
	uint32_t cursor = 0, count = node->core->established;
	uint64_t which = dice_below(&sim->attack_dice, count);
	struct ike_sa *sa;

	while ((sa = sa_table_next(node->core->sas, &cursor)) != NULL)
		if (sa->state == IKE_SA_ESTABLISHED && which-- == 0)
			return sa;
	return NULL;
}

static void write_number(struct sim *sim, struct wire_writer *writer, const struct ike_sa *sa,
			 uint16_t type)
{
	const struct keepalive_peer *keepalive = (const void *)sa->extension;
	uint8_t body[KEEPALIVE_BODY_LENGTH];
	uint32_t number = (uint32_t)dice_u64(&sim->attack_dice);

	/*
	 * One of those that were used, as often as not; never the next ones, whose answers would be recordings by the time that
	 * the insider's own keepalive asks them.
	 */
	if (dice_chance(&sim->attack_dice, 500))
		number = keepalive->sent.next - 1 - number % 6;
	keepalive_message_build(type, sa->cky_i, sa->cky_r, number, body);
	wire_write_octets(writer, octets_of(body, sizeof(body)));
}

static void write_lifetime(struct sim *sim, struct wire_writer *writer, const struct ike_sa *sa)
{
	const struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ISAKMP,
	    .type = IKE_NOTIFY_RESPONDER_LIFETIME,
	    .spi = octets_of(sa->cky_i, 2 * sizeof(sa->cky_i)),
	};

	ike_notify_write(writer, &notify);
	wire_write_u16(writer, 0x8000 | 11); /* life type, life duration: RFC 2409 appendix A */
	wire_write_u16(writer, IKE_LIFE_TYPE_SECONDS);
	wire_write_u16(writer, 0x8000 | 12);
	wire_write_u16(writer, (uint16_t)dice_between(&sim->attack_dice, 5, 100));
}

/* Somebody's SA, whose cookies went over the wire for all to see. */
static void write_delete(struct sim *sim, struct wire_writer *writer, const struct ike_sa *sa)
{
	uint64_t which = dice_below(&sim->attack_dice, sim->network.sents);
	const uint8_t *cookies = sim->network.sent[which].data;

	if (dice_chance(&sim->attack_dice, 200) ||
	    sim->network.sent[which].length < IKE_HEADER_LENGTH)
		cookies = sa->cky_i;
	ike_delete_write_isakmp(writer, cookies, cookies + IKE_COOKIE_LENGTH);
}

/* Somebody's IPsec SA: the SPIs are on every packet.  His own as often as not. */
static uint32_t any_spi(struct sim *sim, const struct node *node)
{
	struct dice *dice = &sim->attack_dice;
	const struct node *whose = node;

	if (dice_chance(dice, 500))
		whose = &sim->node[dice_below(dice, sim->scenario->nodes)];
	if (whose->store.pairs == 0)
		return (uint32_t)dice_u64(dice);
	return whose->store.pair[dice_below(dice, whose->store.pairs)].spi_in;
}

static void write_delete_esp(struct sim *sim, const struct node *node, struct wire_writer *writer)
{
	unsigned count = (unsigned)dice_between(&sim->attack_dice, 1, 3);

	wire_write_u32(writer, IKE_DOI_IPSEC);
	wire_write_u8(writer, IKE_PROTOCOL_ESP);
	wire_write_u8(writer, 4);
	wire_write_u16(writer, (uint16_t)count);
	for (unsigned i = 0; i < count; i++)
		wire_write_u32(writer, any_spi(sim, node));
}

/* A Delete, a shorter life, or a refusal, of its own IPsec SAs or others'. */
static enum ike_payload_type write_phase_2(struct sim *sim, const struct node *node,
					   struct wire_writer *writer)
{
	static const uint16_t type[] = {IKE_NOTIFY_RESPONDER_LIFETIME,
					IKE_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_INVALID_SPI,
					IKE_NOTIFY_CONNECTED};
	uint32_t spi = any_spi(sim, node);
	uint8_t octets[4] = {(uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8),
			     (uint8_t)spi};
	struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ESP,
	    .spi = octets_of(octets, sizeof(octets)),
	};

	if (dice_chance(&sim->attack_dice, 500)) {
		write_delete_esp(sim, node, writer);
		return IKE_PAYLOAD_DELETE;
	}
	notify.type = type[dice_below(&sim->attack_dice, 4)];
	ike_notify_write(writer, &notify);
	if (notify.type == IKE_NOTIFY_RESPONDER_LIFETIME) {
		wire_write_u16(writer,
			       0x8000 | 1); /* life type, life duration: RFC 2407 section 4.5 */
		wire_write_u16(writer, 1);
		wire_write_u16(writer, 0x8000 | 2);
		wire_write_u16(writer, (uint16_t)dice_between(&sim->attack_dice, 5, 300));
	}
	return IKE_PAYLOAD_NOTIFY;
}

static enum ike_payload_type write_body(struct sim *sim, struct wire_writer *writer,
					const struct ike_sa *sa)
{
	static const uint16_t status[] = {IKE_NOTIFY_CONNECTED,      IKE_NOTIFY_REPLAY_STATUS,
					  IKE_NOTIFY_INVALID_SPI,    IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
					  IKE_NOTIFY_INVALID_COOKIE, IKE_NOTIFY_HEARTBEAT};
	struct dice *dice = &sim->attack_dice;
	uint64_t what = dice_below(dice, 12);

	switch (what) {
	case 0:
	case 1:
	case 2:
		write_delete(sim, writer, sa);
		return IKE_PAYLOAD_DELETE;
	case 3:
	case 4:
		ike_notify_write_isakmp(writer, IKE_DOI_IPSEC, IKE_NOTIFY_INITIAL_CONTACT,
					sa->cky_i, sa->cky_r);
		break;
	case 5:
	case 6:
		write_number(sim, writer, sa, IKE_NOTIFY_R_U_THERE);
		break;
	case 7:
		write_number(sim, writer, sa, IKE_NOTIFY_R_U_THERE_ACK);
		break;
	case 8:
		write_lifetime(sim, writer, sa);
		break;
	default:
		ike_notify_write_isakmp(writer, IKE_DOI_IPSEC, status[dice_below(dice, 6)],
					sa->cky_i, sa->cky_r);
	}
	/* sometimes one octet is wrong, or some are missing */
	if (dice_chance(dice, 150))
		wire_patch_u8(writer, dice_below(dice, 12), (uint8_t)dice_u64(dice));
	else if (dice_chance(dice, 150))
		writer->length = dice_below(dice, writer->length);
	return what == 9 && dice_chance(dice, 300) ? IKE_PAYLOAD_DELETE : IKE_PAYLOAD_NOTIFY;
}

void insider_speaks(struct sim *sim, struct node *node)
{
	uint8_t body[IKE_EXTENSION_BODY_MAX];
	struct wire_writer writer;
	struct ike_sa *sa;
	enum ike_payload_type type;

	sa = any_own_sa(sim, node);
	if (sa == NULL)
		return;
	wire_write_to(&writer, body, sizeof(body));
	if (scenario_has(sim->scenario, FEATURE_TUNNELS) && dice_chance(&sim->attack_dice, 500))
		type = write_phase_2(sim, node, &writer);
	else
		type = write_body(sim, &writer, sa);
	node->misbehaves = true;
	(void)send_protected(node->core, sa, type,
			     wire_written(&writer)); /* the queue may be full */
}
