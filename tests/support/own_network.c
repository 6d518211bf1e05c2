/* SPDX-License-Identifier: ISC */
#include "tests/support/own_network.h"

#include <check.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/privileges.h"
#include "interop/node/system_calls.h"
#include "tests/support/pairs.h"

#define UDP_PROTOCOL 17
#define UDP_HEADER   8
#define HOPS         64

static bool bring_loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good = ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;

	close(descriptor);
	return good;
}

bool own_network(void)
{
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0) {
		ck_assert(bring_loopback_up());
		return true;
	}
	fprintf(stderr, "skipped: only root can have a network of its own\n");
	return false;
}

bool own_network_confined(bool (*deed)(void))
{
	char name[PRIVILEGES_USER];
	struct fault fault;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!privileges_drop("nobody", true, name, &fault) ||
		    (system_calls_unrestrictable() == NULL && !system_calls_restrict(0, &fault))) {
			fprintf(stderr, "%s\n", fault.text);
			_exit(2);
		}
		_exit(deed() ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
	ck_assert_int_ne(WEXITSTATUS(status), 2);
	return WEXITSTATUS(status) == 0;
}

bool own_network_nobody(void)
{
	return setresuid(65534, 65534, 65534) == 0;
}

struct ike_prefix own_network_prefix(const char *text)
{
	char address[IKE_ADDRESS_TEXT];
	const char *slash = strchr(text, '/');
	struct ike_prefix prefix;

	ck_assert_ptr_nonnull(slash);
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	prefix.address = address_of(address);
	prefix.bits = (uint8_t)atoi(slash + 1);
	return prefix;
}

static uint32_t sum(uint32_t so_far, const uint8_t *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		so_far += (uint32_t)octets[i] << (i % 2 == 0 ? 8 : 0);
	return so_far;
}

/* The Internet checksum (RFC 1071). */
static void put_checksum(uint8_t *at, uint32_t so_far)
{
	so_far = (so_far & 0xffff) + (so_far >> 16);
	so_far = (so_far & 0xffff) + (so_far >> 16);
	at[0] = (uint8_t)(~so_far >> 8);
	at[1] = (uint8_t)~so_far;
}

/* Returns the header's length. */
static size_t put_header(uint8_t *packet, const struct ike_address *source,
			 const struct ike_address *destination, size_t length)
{
	if (source->family == IKE_FAMILY_IPV6) {
		packet[0] = 0x60;
		packet[4] = (uint8_t)(length >> 8);
		packet[5] = (uint8_t)length;
		packet[6] = UDP_PROTOCOL;
		packet[7] = HOPS;
		memcpy(packet + 8, source->octets, 16);
		memcpy(packet + 24, destination->octets, 16);
		return 40;
	}
	packet[0] = 0x45;
	packet[2] = (uint8_t)((length + 20) >> 8);
	packet[3] = (uint8_t)(length + 20);
	packet[8] = HOPS;
	packet[9] = UDP_PROTOCOL;
	memcpy(packet + 12, source->octets, 4);
	memcpy(packet + 16, destination->octets, 4);
	put_checksum(packet + 10, sum(0, packet, 20));
	return 20;
}

size_t own_network_packet(uint8_t *packet, const char *from, const char *to, uint16_t port,
			  const char *words)
{
	const struct ike_address source = address_of(from), destination = address_of(to);
	size_t length = UDP_HEADER + strlen(words);
	uint8_t *udp;

	memset(packet, 0, 40 + UDP_HEADER);
	udp = packet + put_header(packet, &source, &destination, length);
	udp[0] = udp[2] = (uint8_t)(port >> 8);
	udp[1] = udp[3] = (uint8_t)port;
	udp[4] = (uint8_t)(length >> 8);
	udp[5] = (uint8_t)length;
	for (size_t i = 0; words[i] != '\0'; i++)
		udp[UDP_HEADER + i] = (uint8_t)words[i];
	put_checksum(udp + 6, sum(sum(sum((uint32_t)(UDP_PROTOCOL + length), source.octets, 16),
				      destination.octets, 16),
				  udp, length));
	return (size_t)(udp - packet) + length;
}
