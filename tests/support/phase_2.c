/* SPDX-License-Identifier: ISC */
#include "tests/support/phase_2.h"

#include <string.h>

#include "tests/support/tap.h"
#include "tests/support/unit.h"

struct phase_2_loss phase_2_loses;

struct ike_sa *phase_2_sa(const struct duo *duo, enum duo_node node)
{
	uint32_t cursor = 0;
	struct ike_sa *sa, *newest = NULL;

	while ((sa = sa_table_next(duo->core[node]->sas, &cursor)) != NULL)
		if (sa->state == IKE_SA_ESTABLISHED &&
		    (newest == NULL || sa->established_at >= newest->established_at))
			newest = sa;
	return newest;
}

struct ike_quick_mode *phase_2_quick(const struct duo *duo, enum duo_node node)
{
	struct ike_sa *sa = phase_2_sa(duo, node);

	return sa == NULL ? NULL : quick_mode_first(duo->core[node], sa);
}

/* Who sent the first message with that ID. */
static enum duo_node sender_of_first(const struct duo *duo, uint32_t message_id)
{
	for (size_t i = 0; i < duo->datagrams; i++) {
		struct ike_header header;

		if (duo->datagram[i].length >= IKE_HEADER_LENGTH &&
		    ike_header_parse(octets_of(duo->datagram[i].data, duo->datagram[i].length),
				     &header) == IKE_ACCEPTED &&
		    header.message_id == message_id)
			return duo->datagram[i].to == DUO_A ? DUO_B : DUO_A;
	}
	return DUO_NODES;
}

enum ike_message_kind phase_2_kind(const struct duo *duo, const struct duo_datagram *datagram)
{
	struct ike_message message;

	if (datagram->plain_length == 0)
		return IKE_MESSAGE_KINDS;
	tap_read(tap_plain(datagram), &message);
	if (message.header.exchange != IKE_EXCHANGE_QUICK_MODE)
		return IKE_MESSAGE_KINDS;
	if (message.payloads == 1)
		return IKE_QM3;
	return sender_of_first(duo, message.header.message_id) == datagram->to ? IKE_QM2 : IKE_QM1;
}

size_t phase_2_count(const struct duo *duo, enum ike_message_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < duo->datagrams; i++)
		count += phase_2_kind(duo, &duo->datagram[i]) == kind;
	return count;
}

const struct duo_datagram *phase_2_nth(const struct duo *duo, enum ike_message_kind kind, size_t n)
{
	for (size_t i = 0; i < duo->datagrams; i++)
		if (phase_2_kind(duo, &duo->datagram[i]) == kind && n-- == 0)
			return &duo->datagram[i];
	ck_abort_msg("no such message");
	return NULL;
}

bool phase_2_lose(struct duo *duo, struct duo_datagram *datagram)
{
	if (phase_2_kind(duo, datagram) != phase_2_loses.kind ||
	    phase_2_loses.lost >= phase_2_loses.times)
		return true;
	phase_2_loses.lost++;
	return false;
}

static void hash_of(const struct ike_core *core, const struct ike_quick_mode *quick,
		    struct octets rest, uint8_t *out)
{
	const struct ike_sa *sa = quick->sa;
	struct octets ni = octets_of(quick->ni, quick->ni_length);

	if (quick->expects == IKE_QM2)
		protect_hash_2(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, ni, rest,
			       out);
	else if (quick->expects == IKE_QM3)
		protect_hash_3(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, ni,
			       octets_of(quick->nr, quick->nr_length), out);
	else
		protect_hash_1(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, rest,
			       out);
}

size_t phase_2_make(struct duo *duo, enum duo_node to, uint8_t first, struct octets payloads,
		    uint8_t flags, uint8_t room[IKE_DATAGRAM_MAX])
{
	struct ike_quick_mode *quick = phase_2_quick(duo, to);
	uint8_t hash[HASH_MAX_LENGTH] = {0}, iv[CIPHER_MAX_BLOCK];
	struct ike_header header = {.version = 0x10, .exchange = IKE_EXCHANGE_QUICK_MODE};
	struct wire_writer writer;
	struct ike_chain chain;
	size_t rest, length;

	ck_assert_ptr_nonnull(quick);
	length = hash_length(quick->sa->hash);
	header.message_id = quick->message_id;
	memcpy(header.cky_i, quick->sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, quick->sa->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&writer, room, IKE_DATAGRAM_MAX);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_HASH, octets_of(hash, length));
	rest = writer.length;
	wire_patch_u8(&writer, chain.next_payload_at, first);
	wire_write_octets(&writer, payloads);
	hash_of(duo->core[to], quick, octets_of(room + rest, writer.length - rest), hash);
	wire_patch_octets(&writer, rest - length, octets_of(hash, length));
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT, flags);
	ike_header_finish(&writer);
	memcpy(iv, quick->iv, sizeof(iv));
	ck_assert(protect_encrypt(duo->core[to]->crypto, quick->sa->cipher, sa_key(quick->sa), iv,
				  &writer));
	return writer.length;
}

enum ike_verdict phase_2_say(struct duo *duo, enum duo_node to, uint8_t first,
			     struct octets payloads, uint8_t flags)
{
	uint8_t room[IKE_DATAGRAM_MAX];
	size_t length = phase_2_make(duo, to, first, payloads, flags, room);

	return duo_inject(duo, to, room, length);
}

size_t phase_2_hex(const char *hex, uint8_t *out, size_t room)
{
	size_t open[8], depth = 0, length = 0;

	while (*hex != '\0') {
		char octet[3] = {hex[0], hex[1], '\0'};

		if (*hex == '(') {
			ck_assert(depth < 8 && length >= 2 && length + 2 <= room);
			open[depth++] = length;
			length += 2;
		} else if (*hex == ')') {
			size_t at;

			ck_assert_uint_gt(depth, 0);
			at = open[--depth];
			out[at] = (uint8_t)((length - at + 2) >> 8);
			out[at + 1] = (uint8_t)(length - at + 2);
		} else if (*hex != ' ') {
			ck_assert(length < room && hex[1] != '\0');
			(void)unit_hex(octet, out + length++, 1);
			hex++;
		}
		hex++;
	}
	ck_assert_uint_eq(depth, 0);
	return length;
}

enum ike_verdict phase_2_say_hex(struct duo *duo, enum duo_node to, uint8_t first, const char *hex)
{
	uint8_t payloads[2048];
	size_t length = phase_2_hex(hex, payloads, sizeof(payloads));

	return phase_2_say(duo, to, first, octets_of(payloads, length), 0);
}

struct duo *phase_2_established(uint8_t seed, const char *proposals)
{
	struct duo *duo = duo_new(seed);

	duo_tunnel(duo, proposals);
	duo_start(duo);
	duo_establish(duo);
	duo_assert_pairs(duo, 1);
	return duo;
}

void phase_2_pull(struct duo *duo, enum duo_node node, struct phase_2_changes *changes)
{
	struct ike_ipsec_change change;

	memset(changes, 0, sizeof(*changes));
	while (ike_ipsec_changes(duo->core[node], &change, 1) == 1) {
		changes->count[change.kind]++;
		changes->last = change;
	}
}
