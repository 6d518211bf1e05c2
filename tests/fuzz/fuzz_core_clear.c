/* SPDX-License-Identifier: ISC */
/*
 * fuzz_core_clear.c - the whole core, fed a sequence of operations by somebody who has no keys.
 *
 * The input: an octet of options (operations.c), then operations.  The lower three bits of an operation's first octet say what it is, the
 * upper five how:
 *
 *	0  a datagram		from an address (3 bits); its length made right (1), its cookies put in (1: an octet says whose);
 *				two octets of length, the datagram
 *	1  time passes		an index into a table (4), or runs back for one call (1)
 *	2  a command		which (3), which peer or tunnel or pair (2)
 *	3  a reboot		only of 31; else what comes from now on comes from and to other ports (2): world_ports()
 *	4  what the core sent comes back, 5  what it was sent comes again
 *				from an address (3), cut (1); then which, how many octets are changed, and those
 *	6  the partner		calls (1), rounds (2), has a certificate (8); an engine with a secret of its own
 *	7  nothing is pulled	for so many operations (2), if the other bits are 0; else what is said of packets (3):
 *				operation_traffic()
 *
 * What must hold is in world.c.  One input in eight is run twice, and must come to the same.
 */
#include <string.h>

#include "tests/fuzz/operations.h"

#define OPERATIONS_MOST 64
#define DATAGRAM_MOST   (IKE_DATAGRAM_MAX + 32)

/* Those of one of the friends, or of something that was sent, seen from outside. */
static void put_cookies(const struct world *world, uint8_t whose, uint8_t *data, size_t length)
{
	const struct world_datagram *sent = world_recall(&world->sent, whose / 4);

	if (length < IKE_HEADER_LENGTH)
		return;
	if (whose % 4 < 2) {
		memcpy(data, world->friend[whose % 4].sa.cky_i, IKE_COOKIE_LENGTH);
		memcpy(data + IKE_COOKIE_LENGTH, world->friend[whose % 4].sa.cky_r,
		       IKE_COOKIE_LENGTH);
	} else if (sent != NULL) {
		memcpy(data, sent->octets, 2 * IKE_COOKIE_LENGTH);
	}
}

static void datagram(struct world *world, unsigned how, struct fuzz_input *input)
{
	uint8_t data[DATAGRAM_MOST];
	uint8_t whose = (how & 16) != 0 ? fuzz_u8(input) : 0;
	size_t most = fuzz_u16(input);
	struct octets octets = fuzz_octets(input, most < sizeof(data) ? most : sizeof(data));

	if (octets.length > 0)
		memcpy(data, octets.data, octets.length);
	if ((how & 16) != 0)
		put_cookies(world, whose, data, octets.length);
	if ((how & 8) != 0)
		operation_fix_length(data, octets.length);
	(void)world_input(world, how & 7, data, octets.length);
}

/* The user may do what he likes to the partner; the friends are only asked. */
static void command(struct world *world, unsigned how)
{
	static const enum ike_command_kind harmless[8] = {
	    IKE_COMMAND_ASK_NOW,      IKE_COMMAND_TRAFFIC,  IKE_COMMAND_ASK_NOW,
	    IKE_COMMAND_TRAFFIC,      IKE_COMMAND_TRAFFIC,  IKE_COMMAND_TUNNEL,
	    IKE_COMMAND_IPSEC_FAILED, IKE_COMMAND_CALENDAR,
	};
	static const uint32_t peers[] = {WORLD_PARTNER, WORLD_STRANGER, WORLD_FRIEND, WORLD_SIGNER};
	struct ike_command command = {
	    .kind = operation_command(how & 7),
	    .peer = peers[how >> 3],
	    .gateway = how >> 3 == 1,
	    .address = world_address(WORLD_PARTNER),
	    .tunnel = world->ledger.added % 3, /* the last of which is none */
	    .ipsec = world->ledger.pairs > 0
			 ? world->ledger.pair[(how >> 3) % world->ledger.pairs].number
			 : how,
	    .calendar = (int64_t)(how >> 3) * 1000000000,
	};

	if (command.peer == WORLD_FRIEND)
		command.kind = harmless[how & 7];
	(void)ike_command(world->core, world->now, &command);
}

/* Returns whether what came of it is to be pulled. */
static bool operate(struct world *world, struct fuzz_input *input, unsigned *held_back)
{
	uint8_t octet = fuzz_u8(input);
	unsigned how = octet >> 3;

	switch (octet & 7) {
	case 0:
		datagram(world, how, input);
		break;
	case 1:
		*held_back = 0; /* a question that is not pulled is not answered either */
		operation_time(world, how);
		break;
	case 2:
		command(world, how);
		break;
	case 3:
		if (how == 31)
			world_reboot(world);
		else
			world_ports(world, how);
		break;
	case 4:
		operation_again(world, &world->sent, how, input);
		break;
	case 5:
		operation_again(world, &world->heard, how, input);
		break;
	case 6:
		world_partner(world, (how & 1) != 0, (how & 8) != 0, 1 + (how >> 1) % 4);
		break;
	default:
		if (how >= 4) {
			operation_traffic(world, how >> 2, input);
			break;
		}
		*held_back = 1 + how % 4;
		return false;
	}
	if (*held_back > 0)
		--*held_back;
	return *held_back == 0;
}

static uint64_t run(struct fuzz_input input)
{
	static struct world world;
	struct world_options options = operation_options(fuzz_u8(&input));
	unsigned held_back = 0;

	world_open(&world, &options);
	for (unsigned i = 0; i < OPERATIONS_MOST && input.left > 0; i++) {
		if (operate(&world, &input, &held_back))
			world_settle(&world);
		world_check(&world);
	}
	world_close(&world);
	return world.digest;
}

int fuzz_core_clear(const uint8_t *data, size_t length)
{
	struct fuzz_input input = {.at = data, .left = length};
	uint64_t digest = run(input);

	if (fuzz_digest(FUZZ_DIGEST_START, data, length) % 8 == 0)
		FUZZ_REQUIRE(run(input) == digest);
	return 0;
}
