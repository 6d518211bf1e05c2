/* SPDX-License-Identifier: ISC */
#include "ike/cookie.h"

#include "ike/header.h"
#include "ike/wire.h"

#define ADDRESS_LENGTH      19 /* octets: family, port, address */
#define COOKIE_INPUT_LENGTH (8 + IKE_COOKIE_LENGTH + 2 * ADDRESS_LENGTH)

/* A zero cookie means "none yet" in the header (RFC 2408 section 3.1), so the one draw in 2^64 is moved off it. */
static void never_zero(uint8_t cookie[IKE_COOKIE_LENGTH])
{
	if (ike_cookie_is_zero(cookie))
		cookie[IKE_COOKIE_LENGTH - 1] = 1;
}

static void write_u64(struct wire_writer *writer, uint64_t value)
{
	wire_write_u32(writer, (uint32_t)(value >> 32));
	wire_write_u32(writer, (uint32_t)value);
}

/* With the port, as RFC 2408 section 2.5.3 has it: several initiators may share one address behind a NAT. */
static void write_address(struct wire_writer *writer, const struct ike_address *address)
{
	wire_write_u8(writer, address->family);
	wire_write_u16(writer, address->port);
	wire_write_octets(writer, octets_of(address->octets, sizeof(address->octets)));
}

uint32_t ike_cookie_worker(const uint8_t cky_i[IKE_COOKIE_LENGTH], uint32_t workers)
{
	struct wire_reader reader;
	uint32_t halves;

	wire_read_from(&reader, octets_of(cky_i, IKE_COOKIE_LENGTH));
	halves = wire_read_u32(&reader);
	halves ^= wire_read_u32(&reader);
	halves ^= halves >> IKE_WORKER_SHIFT;
	return workers > 1 ? (halves * IKE_WORKER_FACTOR >> IKE_WORKER_SHIFT) % workers : 0;
}

/* Of the 2^64 cookies every worker has its share, so a cookie stays as hard to guess as before but for log2(workers) bits. */
void ike_cookie_initiator(struct random_source *random, const struct ike_worker *worker,
			  uint8_t cookie[IKE_COOKIE_LENGTH])
{
	do {
		random_octets(random, cookie, IKE_COOKIE_LENGTH);
		never_zero(cookie);
	} while (worker->count > 1 && ike_cookie_worker(cookie, worker->count) != worker->index);
}

void ike_cookie_responder(const uint8_t key[TABLE_HASH_KEY_LENGTH], uint64_t epoch,
			  const uint8_t cky_i[IKE_COOKIE_LENGTH], const struct ike_address *remote,
			  const struct ike_address *local, uint8_t cookie[IKE_COOKIE_LENGTH])
{
	uint8_t input[COOKIE_INPUT_LENGTH];
	struct wire_writer writer, out;

	wire_write_to(&writer, input, sizeof(input));
	write_u64(&writer, epoch);
	wire_write_octets(&writer, octets_of(cky_i, IKE_COOKIE_LENGTH));
	write_address(&writer, remote);
	write_address(&writer, local);

	wire_write_to(&out, cookie, IKE_COOKIE_LENGTH);
	write_u64(&out, table_hash(key, wire_written(&writer)));
	never_zero(cookie);
}
