/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/operations.h"

#include <string.h>

#include "ike/wire.h"

struct world_options operation_options(uint8_t flags)
{
	return (struct world_options){
	    .initiator = (flags & 1) != 0,
	    .half_open = (flags & 2) != 0,
	    .strict = (flags & 4) != 0,
	    .say_invalid_cookie = (flags & 8) == 0,
	    .obey_initial_contact = (flags & 16) == 0,
	    .tell_messages = (flags & 32) != 0,
	    .tight = (flags & 64) != 0,
	    .aggressive = (flags & 128) != 0,
	    .tunnels = true,
	};
}

/* Not CLOSE_ALL: the SAs of the friends would be gone, as they should; not IMPORT and those of other workers: nobody allows them. */
static const enum ike_command_kind commands[8] = {
    IKE_COMMAND_START,           IKE_COMMAND_CLOSE,  IKE_COMMAND_ASK_NOW,      IKE_COMMAND_TRAFFIC,
    IKE_COMMAND_REPLACE_GATEWAY, IKE_COMMAND_TUNNEL, IKE_COMMAND_IPSEC_FAILED, IKE_COMMAND_CALENDAR,
};

enum ike_command_kind operation_command(unsigned number)
{
	return commands[number & 7];
}

unsigned operation_command_number(enum ike_command_kind kind)
{
	unsigned number = 0;

	while (number < 7 && commands[number] != kind)
		number++;
	FUZZ_REQUIRE(commands[number] == kind);
	return number;
}

void operation_fix_length(uint8_t *data, size_t length)
{
	if (length < IKE_HEADER_LENGTH)
		return;
	wire_put_u32(data + IKE_HEADER_LENGTH_AT, (uint32_t)length);
}

/* The friends' pairs are told to be alive, and no more: theirs must stay. */
static uint32_t pair_for(const struct world *world, enum ike_command_kind kind, uint8_t which)
{
	const struct ike_ipsec_sa *pair;

	if (world->ledger.pairs == 0)
		return which;
	pair = &world->ledger.pair[which % world->ledger.pairs];
	if (kind == IKE_COMMAND_TUNNEL_DEAD && pair->peer != WORLD_PARTNER &&
	    pair->peer != WORLD_SIGNER)
		return 0;
	return pair->number;
}

static void esp_comes(struct world *world, bool remembered, struct fuzz_input *input)
{
	unsigned from = fuzz_u8(input);
	struct world_account *account = &world->account[from & 7];
	bool encapsulated = (from & 8) != 0;
	struct ike_command command = {
	    .kind = remembered ? IKE_COMMAND_REMEMBER : IKE_COMMAND_UNKNOWN_SPI,
	    .peer = WORLD_STRANGER,
	    .address = world_address((enum world_address)(from & 7)),
	    .local = {.octets = {192, 0, 2, 9}, .family = IKE_FAMILY_IPV4},
	};

	command.octets = fuzz_u16(input);
	command.spi = fuzz_u8(input);
	command.address.port = encapsulated ? 4500 : 0;
	command.local.port = encapsulated ? 4500 : 0;
	if (command.spi != 0)
		command.spi = command.spi << 8 | 0x80000000;
	else if (world->ledger.pairs > 0)
		command.spi = world->ledger.pair[0].spi_in;
	if (!remembered)
		account->in += command.octets;
	if (ike_command(world->core, world->now, &command) && remembered)
		account->proved = true; /* the user says so, and the core may call */
}

void operation_traffic(struct world *world, unsigned what, struct fuzz_input *input)
{
	static const enum ike_command_kind kinds[] = {IKE_COMMAND_HEARD, IKE_COMMAND_HEARD,
						      IKE_COMMAND_TRAFFIC, IKE_COMMAND_TUNNEL_DEAD};
	struct ike_command command;

	if (what >= OPERATION_UNKNOWN_SPI) {
		esp_comes(world, what == OPERATION_REMEMBER, input);
		return;
	}
	command = (struct ike_command){.kind = kinds[what],
				       .ipsec = pair_for(world, kinds[what], fuzz_u8(input))};
	(void)ike_command(world->core, world->now, &command);
}

void operation_time(struct world *world, unsigned how)
{
	static const ike_time durations[16] = {
	    0,
	    1,
	    IKE_MILLISECOND,
	    5 * IKE_MILLISECOND,
	    50 * IKE_MILLISECOND,
	    250 * IKE_MILLISECOND,
	    IKE_SECOND,
	    2 * IKE_SECOND,
	    4 * IKE_SECOND,
	    8 * IKE_SECOND,
	    15 * IKE_SECOND,
	    30 * IKE_SECOND,
	    31 * IKE_SECOND,
	    60 * IKE_SECOND,
	    90 * IKE_SECOND,
	    120 * IKE_SECOND,
	};

	if ((how & 16) != 0)
		(void)ike_tick(world->core, world->now - durations[how & 15], 16);
	else
		world_advance(world, durations[how & 15]);
}

void operation_again(struct world *world, const struct world_ring *ring, unsigned how,
		     struct fuzz_input *input)
{
	struct world_datagram changed;
	const struct world_datagram *which = world_recall(ring, fuzz_u8(input));
	unsigned changes = fuzz_u8(input) & 7;

	if (which == NULL)
		return;
	changed = *which;
	if ((how & 8) != 0) {
		changed.length = fuzz_u16(input) % (changed.length + 1);
		operation_fix_length(changed.octets, changed.length);
	}
	for (unsigned i = 0; i < changes && changed.length > 0; i++) {
		size_t at = fuzz_u16(input) % changed.length;

		changed.octets[at] ^= fuzz_u8(input);
	}
	(void)world_input(world, how & 7, changed.octets, changed.length);
}
