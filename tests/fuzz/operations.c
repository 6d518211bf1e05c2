/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/operations.h"

#include <string.h>

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

static void put_u16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void operation_fix_length(uint8_t *data, size_t length)
{
	if (length < IKE_HEADER_LENGTH)
		return;
	put_u16(data + IKE_HEADER_LENGTH_AT, 0);
	put_u16(data + IKE_HEADER_LENGTH_AT + 2, length);
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
