/* SPDX-License-Identifier: ISC */
#include "tests/support/fragments.h"

#include <string.h>

#include "ike/core.h"
#include "tests/support/unit.h"

struct duo *fragments_duo(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo->peer[DUO_A].fragmentation = duo->peer[DUO_B].fragmentation = true;
	return duo;
}

void fragments_go_on(struct duo *duo)
{
	duo->deliver = NULL;
	duo_run(duo, 4 * IKE_SECOND);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		ck_assert_uint_eq(duo_established(duo, node), 1);
		ck_assert_uint_eq(duo->core[node]->reassemblies.used, 0);
	}
}

void fragments_make(struct caller *caller, struct octets message, unsigned id, unsigned number,
		    unsigned flags, struct octets data)
{
	uint8_t body[IKE_DATAGRAM_MAX];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	wire_write_u16(&writer, (uint16_t)id);
	wire_write_u8(&writer, (uint8_t)number);
	wire_write_u8(&writer, (uint8_t)flags);
	wire_write_octets(&writer, data);
	caller_begin(caller, message.data[18], message.data, message.data + IKE_COOKIE_LENGTH);
	wire_patch_octets(&caller->writer, 20, octets_of(message.data + 20, 4)); /* message ID */
	caller_payload(caller, IKE_PAYLOAD_FRAGMENT, wire_written(&writer));
	(void)caller_finish(caller);
}

size_t fragments_count(struct octets message, size_t length)
{
	return (message.length + length - 1) / length;
}

enum ike_verdict fragments_put(struct duo *duo, const struct siege_held *held, unsigned id,
			       unsigned number, unsigned flags, const char *data)
{
	struct caller caller;

	fragments_make(&caller, octets_of(held->data, IKE_HEADER_LENGTH), id, number, flags,
		       octets_of(data, strlen(data)));
	return duo_inject(duo, DUO_B, caller.data, caller.length);
}

void fragments_cut(struct caller *caller, struct octets message, unsigned id, unsigned number,
		   size_t length)
{
	size_t at = (number - 1) * length, count = fragments_count(message, length);

	if (at >= message.length)
		ck_abort_msg("no part %u of %zu octets", number, message.length);
	fragments_make(
	    caller, message, id, number, number == count,
	    octets_of(message.data + at, number == count ? message.length - at : length));
}

enum ike_verdict fragments_inject(struct duo *duo, enum duo_node to, struct octets message,
				  unsigned id, unsigned number, size_t length)
{
	struct caller caller;

	fragments_cut(&caller, message, id, number, length);
	return duo_inject(duo, to, caller.data, caller.length);
}

enum ike_verdict fragments_inject_all(struct duo *duo, enum duo_node to, struct octets message,
				      unsigned id, size_t length)
{
	enum ike_verdict verdict = IKE_ACCEPTED;

	for (unsigned i = 1; i <= fragments_count(message, length); i++)
		verdict = fragments_inject(duo, to, message, id, i, length);
	return verdict;
}
