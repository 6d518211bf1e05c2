/* SPDX-License-Identifier: ISC */
#include "ike/fragment.h"

#include <assert.h>
#include <string.h>

#include "ike/address.h"
#include "ike/core.h"

#define DATA_MOST (FRAGMENT_DATAGRAM_MAX - FRAGMENT_OVERHEAD)
#define FLAG_LAST 1u

/* A peer that repeats itself under new IDs must be able to; one that never finishes anything must not go on for ever. */
#define BEGIN_ANEW_MOST 4u

_Static_assert(FRAGMENT_OVERHEAD == IKE_HEADER_LENGTH + IKE_GENERIC_LENGTH + 4, "as it is written");
_Static_assert(IKE_MESSAGE_MAX <= UINT16_MAX, "places in a message are kept in 16 bits");
_Static_assert(IKE_HANDSHAKE_MESSAGE <= (size_t)FRAGMENT_PARTS_MAX * DATA_MOST,
	       "what we send can be taken by another of us");

/* ---- announcing it ------------------------------------------------------------------------------------------------- */

#define NAME_LENGTH 16 /* octets of the vendor ID without capabilities */

const uint8_t fragment_vendor_id_octets[FRAGMENT_VENDOR_ID_LENGTH] = {
    0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7,
    0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3, 0x80, 0x00, 0x00, 0x00};

bool fragment_vendor_id_matches(struct octets vendor_id)
{
	if (vendor_id.length != NAME_LENGTH && vendor_id.length != FRAGMENT_VENDOR_ID_LENGTH)
		return false;
	if (memcmp(vendor_id.data, fragment_vendor_id_octets, NAME_LENGTH) != 0)
		return false;
	return vendor_id.length == NAME_LENGTH || (vendor_id.data[NAME_LENGTH] & 0x80) != 0;
}

/* ---- one fragment -------------------------------------------------------------------------------------------------- */

enum ike_verdict fragment_parse(struct octets body, struct fragment *fragment)
{
	struct wire_reader reader;
	uint8_t flags;

	wire_read_from(&reader, body);
	fragment->id = wire_read_u16(&reader);
	fragment->number = wire_read_u8(&reader);
	flags = wire_read_u8(&reader);
	fragment->last = flags == FLAG_LAST;
	fragment->data = wire_read_rest(&reader);
	/* subtracting a fixed part from a length without this is CVE-2016-1287 */
	if (reader.failed || fragment->data.length == 0 || flags > FLAG_LAST)
		return IKE_FRAGMENT_MALFORMED;
	if (fragment->number == 0 || fragment->number > FRAGMENT_PARTS_MAX)
		return IKE_FRAGMENT_BAD_NUMBER;
	return IKE_ACCEPTED;
}

size_t fragment_count(size_t length)
{
	return length <= FRAGMENT_DATAGRAM_MAX ? 1 : (length + DATA_MOST - 1) / DATA_MOST;
}

size_t fragment_write(struct octets message, uint16_t id, size_t number, size_t count, uint8_t *out)
{
	size_t at = (number - 1) * DATA_MOST;
	size_t length = number < count ? DATA_MOST : message.length - at;
	struct ike_header header;
	struct wire_writer writer;
	struct ike_chain chain;
	size_t mark;

	assert(number >= 1 && number <= count && at < message.length && length <= DATA_MOST);
	if (ike_header_parse_whole(message, &header) != IKE_ACCEPTED)
		assert(!"a message of ours has a header");
	/* what is inside may be encrypted, the fragment itself is not */
	header.flags = 0;
	wire_write_to(&writer, out, FRAGMENT_DATAGRAM_MAX);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	mark = ike_payload_begin(&chain, IKE_PAYLOAD_FRAGMENT);
	wire_write_u16(&writer, id);
	wire_write_u8(&writer, (uint8_t)number);
	wire_write_u8(&writer, number == count ? FLAG_LAST : 0);
	wire_write_octets(&writer, octets_of(message.data + at, length));
	ike_payload_end(&chain, mark);
	ike_header_finish(&writer);
	assert(!writer.failed);
	return writer.length;
}

/* ---- the memory ---------------------------------------------------------------------------------------------------- */

static struct reassembly *of_sa(struct ike_core *core, const struct ike_sa *sa)
{
	uint32_t number = sa_table_seldom(core->sas, sa)->reassembly;

	return number == 0 ? NULL : &core->reassemblies.reassembly[number - 1];
}

static void release(struct ike_core *core, struct reassembly *reassembly)
{
	struct reassembly_pool *pool = &core->reassemblies;

	assert(reassembly->sa != NULL);
	if (reassembly->older != NULL)
		reassembly->older->newer = reassembly->newer;
	else
		pool->oldest = reassembly->newer;
	if (reassembly->newer != NULL)
		reassembly->newer->older = reassembly->older;
	else
		pool->newest = reassembly->older;
	sa_table_write_seldom(core->sas, reassembly->sa)->reassembly = 0;
	reassembly->sa = NULL;
	reassembly->newer = pool->free;
	pool->free = reassembly;
	pool->used--;
}

void fragment_forget(struct ike_core *core, struct ike_sa *sa)
{
	struct reassembly *reassembly = of_sa(core, sa);

	if (reassembly != NULL)
		release(core, reassembly);
}

/*
 * R126.  Half-open SAs that others have begun share seven eighths of the memory: whoever fills it, from addresses that he does have, must
 * not keep us from hearing those whom we have called, or who have proved who they are.
 */
static bool too_many(const struct ike_core *core, const struct ike_sa *sa)
{
	uint32_t limit = core->settings->limits.reassemblies;

	if (!sa->initiator && sa->state != IKE_SA_ESTABLISHED)
		limit -= limit / 8;
	return core->reassemblies.used >= limit;
}

/* All of them live equally long, so the oldest is over first. */
static struct reassembly *reserve(struct ike_core *core, struct ike_sa *sa)
{
	struct reassembly_pool *pool = &core->reassemblies;
	struct reassembly *reassembly;

	while (pool->oldest != NULL && pool->oldest->over_at <= core->now)
		release(core, pool->oldest);
	if (too_many(core, sa)) {
		tell_overload(core, "limit reassemblies: too many messages in fragments at once");
		return NULL;
	}
	assert(pool->reassembly != NULL);
	reassembly = pool->free;
	if (reassembly != NULL)
		pool->free = reassembly->newer;
	else
		reassembly = &pool->reassembly[pool->touched++];
	pool->used++;
	reassembly->sa = sa;
	reassembly->over_at = core->now + FRAGMENT_LIFE;
	reassembly->begun_anew = 0;
	reassembly->older = pool->newest;
	reassembly->newer = NULL;
	if (pool->newest != NULL)
		pool->newest->newer = reassembly;
	else
		pool->oldest = reassembly;
	pool->newest = reassembly;
	sa_table_write_seldom(core->sas, sa)->reassembly =
	    (uint32_t)(reassembly - pool->reassembly) + 1;
	return reassembly;
}

/* ---- whose fragments ----------------------------------------------------------------------------------------------- */

static bool same_message(const struct reassembly *reassembly, const struct inbound *in,
			 const struct fragment *fragment)
{
	return reassembly->id == fragment->id && reassembly->exchange == in->header.exchange &&
	       reassembly->message_id == in->header.message_id &&
	       memcmp(reassembly->cky_r, in->header.cky_r, IKE_COOKIE_LENGTH) == 0 &&
	       ike_address_equal(&reassembly->remote, &in->datagram->remote);
}

static void begin(struct reassembly *reassembly, const struct inbound *in,
		  const struct fragment *fragment)
{
	reassembly->remote = in->datagram->remote;
	memcpy(reassembly->cky_r, in->header.cky_r, IKE_COOKIE_LENGTH);
	reassembly->exchange = in->header.exchange;
	reassembly->message_id = in->header.message_id;
	reassembly->id = fragment->id;
	reassembly->last = reassembly->highest = reassembly->parts = 0;
	reassembly->length = 0;
	memset(reassembly->part, 0, sizeof(reassembly->part));
}

/*
 * Whoever names both cookies of an SA has seen the responder's, so he is where he says: the initiator's first message, which any
 * address can be written on, is the only one that never comes in fragments.  One more is excluded, MM3: it needs none, and until
 * it has come we owe the caller nothing but MM2.
 */
static bool may_come(const struct ike_core *core, const struct ike_sa *sa)
{
	if (!core->peer[sa->peer].settings->fragmentation)
		return false;
	if (sa->state == IKE_SA_ESTABLISHED || sa->initiator)
		return true;
	return sa->handshake != NULL && sa->handshake->expects != IKE_MM3;
}

/*
 * The reassembly that the fragment belongs to.  R126: one message at a time and SA: another one takes the place of what is unfinished, a
 * few times; after that the first to come stay until their time is over.
 */
static enum ike_verdict find(struct ike_core *core, struct inbound *in,
			     const struct fragment *fragment, struct reassembly **found)
{
	struct reassembly *reassembly = of_sa(core, in->sa);

	if (reassembly != NULL && reassembly->over_at <= core->now) {
		release(core, reassembly);
		reassembly = NULL;
	}
	if (reassembly != NULL && !same_message(reassembly, in, fragment)) {
		if (reassembly->begun_anew == BEGIN_ANEW_MOST)
			return IKE_FRAGMENT_INTERLEAVED;
		reassembly->begun_anew++;
		begin(reassembly, in, fragment);
	} else if (reassembly == NULL) {
		reassembly = reserve(core, in->sa);
		if (reassembly == NULL)
			return IKE_OVERLOAD;
		begin(reassembly, in, fragment);
	}
	*found = reassembly;
	return IKE_ACCEPTED;
}

/* ---- reassembly ---------------------------------------------------------------------------------------------------- */

/* The first to come stays, whoever sent it: what is wrong about a message will show when it is whole. */
static enum ike_verdict check(const struct reassembly *reassembly, const struct fragment *fragment)
{
	size_t number = fragment->number, have = reassembly->part[number - 1].length;

	if (have > 0) {
		bool same = have == fragment->data.length &&
			    fragment->last == (reassembly->last == number) &&
			    memcmp(reassembly->data + reassembly->part[number - 1].at,
				   fragment->data.data, have) == 0;

		return same ? IKE_FRAGMENT_REPEATED : IKE_FRAGMENT_CONFLICT;
	}
	/* nothing comes after the last one, so there is no second one either */
	if (reassembly->last != 0 && number > reassembly->last)
		return IKE_FRAGMENT_CONFLICT;
	if (fragment->last && number < reassembly->highest)
		return IKE_FRAGMENT_CONFLICT;
	if (fragment->data.length > sizeof(reassembly->data) - reassembly->length)
		return IKE_FRAGMENT_TOO_LONG;
	return IKE_ACCEPTED;
}

static void keep(struct reassembly *reassembly, const struct fragment *fragment)
{
	size_t number = fragment->number;

	reassembly->part[number - 1].at = (uint16_t)reassembly->length;
	reassembly->part[number - 1].length = (uint16_t)fragment->data.length;
	memcpy(reassembly->data + reassembly->length, fragment->data.data, fragment->data.length);
	reassembly->length += fragment->data.length;
	reassembly->parts++;
	if (number > reassembly->highest)
		reassembly->highest = fragment->number;
	if (fragment->last)
		reassembly->last = fragment->number;
}

/* In order, each octet once more; the memory is free again before anybody looks at what came of it. */
static struct octets put_together(struct ike_core *core, struct reassembly *reassembly)
{
	struct wire_writer writer;

	wire_write_to(&writer, core->reassemblies.message, sizeof(core->reassemblies.message));
	for (size_t i = 0; i < reassembly->last; i++)
		wire_write_octets(&writer, octets_of(reassembly->data + reassembly->part[i].at,
						     reassembly->part[i].length));
	assert(!writer.failed && writer.length == reassembly->length);
	release(core, reassembly);
	return wire_written(&writer);
}

/* It is a message like any other, and of the same SA; what else it is does not depend on how it came. */
static enum ike_verdict take_whole(struct inbound *in, struct octets message)
{
	struct ike_header header;
	enum ike_verdict verdict = ike_header_parse_whole(message, &header);

	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (memcmp(header.cky_i, in->header.cky_i, IKE_COOKIE_LENGTH) != 0 ||
	    memcmp(header.cky_r, in->header.cky_r, IKE_COOKIE_LENGTH) != 0 ||
	    header.next_payload == IKE_PAYLOAD_FRAGMENT)
		return IKE_FRAGMENT_OTHER_SA;
	in->header = header;
	in->octets = message;
	return IKE_ACCEPTED;
}

/* In the clear, whatever the encryption flag says, and alone in its datagram. */
static enum ike_verdict read_fragment(struct ike_core *core, const struct inbound *in,
				      struct fragment *fragment)
{
	struct ike_message *message = &core->message;
	struct octets chain =
	    octets_of(in->octets.data + IKE_HEADER_LENGTH, in->octets.length - IKE_HEADER_LENGTH);

	message->header = in->header;
	message->header.flags = 0;
	if (ike_payloads_parse(chain, false, 0, message) != IKE_ACCEPTED || message->payloads != 1)
		return IKE_FRAGMENT_MALFORMED;
	return fragment_parse(message->payload[0].body, fragment);
}

/* R125: until the message is whole nothing is done but to keep its parts. */
enum ike_verdict fragment_input(struct ike_core *core, struct inbound *in, bool *whole)
{
	struct reassembly *reassembly = NULL;
	struct fragment fragment;
	enum ike_verdict verdict;

	*whole = false;
	if (in->sa == NULL && !ike_cookie_is_zero(in->header.cky_r))
		return IKE_UNKNOWN_COOKIES;
	if (in->sa == NULL || !may_come(core, in->sa))
		return IKE_FRAGMENT_UNEXPECTED;
	verdict = read_fragment(core, in, &fragment);
	if (verdict == IKE_ACCEPTED)
		verdict = find(core, in, &fragment, &reassembly);
	if (verdict == IKE_ACCEPTED)
		verdict = check(reassembly, &fragment);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	tell_message(core, in->sa, &in->datagram->remote, false, &core->message);
	keep(reassembly, &fragment);
	if (reassembly->parts != reassembly->last)
		return IKE_ACCEPTED;
	verdict = take_whole(in, put_together(core, reassembly));
	*whole = verdict == IKE_ACCEPTED;
	return verdict;
}
