/* SPDX-License-Identifier: ISC */
/*
 * test_steering.c - the program says what ike_cookie_worker() says: as libpcap's interpreter has it, and as the kernel has it.
 */
#include "interop/workers/steering.h"

#include <pcap/pcap.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/cookie.h"
#include "tests/support/unit.h"

#define WORKERS 3
#define MARKER  4

static struct fault fault;

static uint32_t steered(const uint8_t *datagram, size_t length, uint32_t workers, uint32_t offset)
{
	struct sock_filter program[STEERING_LENGTH];
	struct bpf_insn steps[STEERING_LENGTH];

	steering_program(program, workers, offset);
	_Static_assert(sizeof(steps) == sizeof(program), "the same machine");
	memcpy(steps, program, sizeof(steps));
	return bpf_filter(steps, datagram, (u_int)length, (u_int)length);
}

static void draw(struct random_source *source, uint8_t *octets, size_t length)
{
	random_octets(source, octets, length);
}

/* ---- what has no cookie -------------------------------------------------------------------------------------------- */

START_TEST(test_too_short_leads_to_the_first)
{
	static const uint8_t octets[MARKER + IKE_COOKIE_LENGTH] = {0, 0, 0, 0, 9, 8, 7, 6, 5, 4, 3};

	for (size_t length = 0; length < IKE_COOKIE_LENGTH; length++)
		ck_assert_uint_eq(steered(octets, length, WORKERS, 0), 0);
	for (size_t length = 0; length < MARKER + IKE_COOKIE_LENGTH; length++)
		ck_assert_uint_eq(steered(octets, length, WORKERS, MARKER), 0);
}
END_TEST

START_TEST(test_never_beyond_the_last)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {1};
	struct random_source source;
	uint8_t octets[64];

	random_seeded(&source, seed);
	for (uint32_t workers = 1; workers <= IKE_WORKERS_MAX; workers++)
		for (size_t i = 0; i < 200; i++) {
			draw(&source, octets, sizeof(octets));
			ck_assert_uint_lt(steered(octets, i % sizeof(octets), workers, i % 2 * 4),
					  workers);
		}
}
END_TEST

/* ---- what has one -------------------------------------------------------------------------------------------------- */

START_TEST(test_the_cookie_alone_decides)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {2};
	struct random_source source;

	random_seeded(&source, seed);
	for (uint32_t workers = 1; workers <= IKE_WORKERS_MAX; workers++)
		for (unsigned i = 0; i < 200; i++) {
			uint8_t plain[28], marked[MARKER + sizeof(plain)] = {0};
			uint32_t worker;

			draw(&source, plain, sizeof(plain));
			worker = ike_cookie_worker(plain, workers);
			memcpy(marked + MARKER, plain, sizeof(plain));
			ck_assert_uint_eq(steered(plain, sizeof(plain), workers, 0), worker);
			ck_assert_uint_eq(steered(marked, sizeof(marked), workers, MARKER), worker);
			draw(&source, plain + IKE_COOKIE_LENGTH, sizeof(plain) - IKE_COOKIE_LENGTH);
			ck_assert_uint_eq(steered(plain, sizeof(plain), workers, 0), worker);
		}
}
END_TEST

/* ---- the kernel ---------------------------------------------------------------------------------------------------- */

static struct udp *worker[WORKERS];

static void open_group(const char *text, uint16_t nat_t_port)
{
	struct ike_address address;

	ck_assert(ike_address_from_text(text, &address));
	worker[0] = udp_new(&address, 1, &fault);
	ck_assert_msg(worker[0] != NULL, "%s", fault.text);
	if (nat_t_port != 0)
		nat_t_port = udp_address(worker[0], 0).port;
	for (size_t i = 1; i < WORKERS; i++) {
		worker[i] = udp_new_beside(worker[0], &fault);
		ck_assert_msg(worker[i] != NULL, "%s", fault.text);
	}
	ck_assert_msg(steering_attach(worker[0], WORKERS, nat_t_port, &fault), "%s", fault.text);
}

static void close_group(void)
{
	for (size_t i = 0; i < WORKERS; i++)
		udp_free(worker[i]);
}

/* Which of the group got what was just sent; WORKERS: none, or more than one. */
static size_t who_has_it(void)
{
	size_t found = WORKERS, count = 0;

	for (size_t i = 0; i < WORKERS; i++) {
		uint8_t room[256];
		struct ike_datagram datagram = {.data = room, .room = sizeof(room)};

		if (udp_receive(worker[i], 0, &datagram, 1) == 1) {
			found = i;
			count++;
		}
	}
	return count == 1 ? found : WORKERS;
}

static void send_to_group(struct udp *from, const uint8_t *octets, size_t length)
{
	uint8_t copy[256];
	const struct ike_address to = udp_address(worker[0], 0);
	const struct ike_datagram datagram = {
	    .remote = to, .data = copy, .length = length, .room = sizeof(copy)};
	size_t full;

	memcpy(copy, octets, length);
	ck_assert_uint_eq(udp_send(from, &datagram, 1, &full), 1);
}

/* Whatever port it comes from: a NAT may change it at any time. */
static void kernel_steers(const char *text, bool marked)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {3};
	const size_t offset = marked ? MARKER : 0;
	struct random_source source;
	struct ike_address any;
	struct udp *from[2];
	uint8_t octets[MARKER + 28] = {0};
	unsigned count[WORKERS] = {0};

	random_seeded(&source, seed);
	open_group(text, marked);
	ck_assert(ike_address_from_text(text, &any));
	for (size_t i = 0; i < 2; i++)
		from[i] = udp_new(&any, 1, &fault);
	for (unsigned i = 0; i < 60; i++) {
		uint32_t expected;

		draw(&source, octets + offset, 28);
		expected = ike_cookie_worker(octets + offset, WORKERS);
		count[expected]++;
		for (size_t j = 0; j < 2; j++) {
			send_to_group(from[j], octets, offset + 28);
			ck_assert_uint_eq(who_has_it(), expected);
		}
	}
	for (size_t i = 0; i < WORKERS; i++)
		ck_assert_uint_ge(count[i], 1);
	send_to_group(from[0], (const uint8_t[]){0xff}, 1); /* a NAT keepalive */
	ck_assert_uint_eq(who_has_it(), 0);
	for (size_t i = 0; i < 2; i++)
		udp_free(from[i]);
	close_group();
}

START_TEST(test_the_kernel_steers)
{
	kernel_steers("127.0.0.1", false);
	kernel_steers("127.0.0.1", true);
	kernel_steers("::1", false);
	kernel_steers("::1", true);
}
END_TEST

/* Without a group there is nothing to steer. */
START_TEST(test_no_group)
{
	struct ike_address address;
	struct udp *alone;

	ck_assert(ike_address_from_text("127.0.0.1", &address));
	alone = udp_new(&address, 1, &fault);
	ck_assert(!steering_attach(alone, WORKERS, 0, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "SO_ATTACH_REUSEPORT_CBPF"));
	udp_free(alone);
}
END_TEST

/* The port is still nobody else's, neither for one socket nor for a group. */
START_TEST(test_another_node_is_kept_out)
{
	struct ike_address taken;

	open_group("127.0.0.1", 0);
	taken = udp_address(worker[0], 0);
	ck_assert_ptr_null(udp_new(&taken, 1, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "another IKE daemon"));
	close_group();
}
END_TEST

UNIT_MAIN("steering", test_too_short_leads_to_the_first, test_never_beyond_the_last, test_no_group,
	  test_another_node_is_kept_out, test_the_cookie_alone_decides, test_the_kernel_steers)
