/* SPDX-License-Identifier: ISC */
#include "interop/esp/raw_esp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interop/esp/route.h"
#include "interop/node/udp_address.h"
#include "interop/node/udp_batch.h"

#define IPV4_HEADER  20 /* octets, without options */
#define IPV4_VERSION 4
#define SOCKETS      2

struct raw_esp {
	struct {
		int descriptor;
		uint8_t family;
	} socket[SOCKETS];
	size_t sockets;
	uint64_t unfit;
	uint64_t refused;
	int refusal; /* the last one's errno, and where it should have gone */
	struct ike_address refused_remote;
};

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool set_options(int descriptor, uint8_t family)
{
	const int on = 1, fragment = IP_PMTUDISC_DONT;

	udp_batch_enlarge(descriptor);
	if (family == IKE_FAMILY_IPV6)
		return setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0;
	/* What is too long for a link on the way is taken apart there, not lost without a word (RFC 4301 section 8.1). */
	return setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment)) ==
		   0 &&
	       setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0;
}

static bool explain(uint8_t family, int error, struct fault *fault)
{
	return fault_say(
	    fault, "cannot open a socket for ESP over IPv%d: %s%s", family, strerror(error),
	    error == EPERM || error == EACCES ? ": that needs CAP_NET_RAW: run as root, or grant it"
					      : "");
}

static bool add_socket(struct raw_esp *esp, uint8_t family, uint32_t mark, struct fault *fault)
{
	int domain = family == IKE_FAMILY_IPV6 ? AF_INET6 : AF_INET;
	int descriptor = socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ESP);

	if (descriptor < 0 && family == IKE_FAMILY_IPV6 && errno == EAFNOSUPPORT)
		return true; /* a system without IPv6 */
	if (descriptor < 0)
		return explain(family, errno, fault);
	esp->socket[esp->sockets].descriptor = descriptor;
	esp->socket[esp->sockets].family = family;
	esp->sockets++;
	return (set_options(descriptor, family) || explain(family, errno, fault)) &&
	       route_mark_socket(descriptor, mark, fault);
}

struct raw_esp *raw_esp_new(uint32_t mark, struct fault *fault)
{
	struct raw_esp *esp = calloc(1, sizeof(*esp));

	if (esp == NULL) {
		fault_say(fault, "no memory for sockets");
		return NULL;
	}
	if (add_socket(esp, IKE_FAMILY_IPV4, mark, fault) &&
	    add_socket(esp, IKE_FAMILY_IPV6, mark, fault))
		return esp;
	raw_esp_free(esp);
	return NULL;
}

void raw_esp_free(struct raw_esp *esp)
{
	if (esp == NULL)
		return;
	for (size_t i = 0; i < esp->sockets; i++)
		close(esp->socket[i].descriptor);
	free(esp);
}

size_t raw_esp_sockets(const struct raw_esp *esp)
{
	return esp->sockets;
}

int raw_esp_descriptor(const struct raw_esp *esp, size_t socket)
{
	return esp->socket[socket].descriptor;
}

uint64_t raw_esp_unfit(const struct raw_esp *esp)
{
	return esp->unfit;
}

uint64_t raw_esp_refused(const struct raw_esp *esp)
{
	return esp->refused;
}

int raw_esp_refusal(const struct raw_esp *esp, struct ike_address *remote)
{
	*remote = esp->refused_remote;
	return esp->refusal;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* Moves on to what follows the IP header, which only IPv4's sockets hand over (RFC 3542 section 3). */
static bool pass_header(struct ike_datagram *datagram, uint8_t family)
{
	size_t header;

	if (family == IKE_FAMILY_IPV6)
		return true;
	if (datagram->length < IPV4_HEADER || datagram->data[0] >> 4 != IPV4_VERSION)
		return false;
	header = (size_t)(datagram->data[0] & 0xf) * 4;
	if (header < IPV4_HEADER || header > datagram->length)
		return false;
	datagram->data += header;
	datagram->length -= header;
	datagram->room -= header;
	return true;
}

static bool take(struct udp_batch *batch, size_t index, uint8_t family,
		 struct ike_datagram *datagram)
{
	struct mmsghdr *header = &batch->header[index];

	datagram->length = header->msg_len;
	datagram->plain_length = 0;
	datagram->remote = udp_of_sockaddr(&batch->remote[index]);
	datagram->local = udp_of_control(&header->msg_hdr, 0);
	return (header->msg_hdr.msg_flags & MSG_TRUNC) == 0 && pass_header(datagram, family);
}

size_t raw_esp_receive(struct raw_esp *esp, size_t socket, struct ike_datagram *datagrams,
		       size_t max)
{
	struct udp_batch batch;
	size_t kept = 0;
	int received;

	if (max > UDP_BATCH)
		max = UDP_BATCH;
	for (size_t i = 0; i < max; i++)
		udp_batch_in(&batch, i, &datagrams[i]);
	received = recvmmsg(esp->socket[socket].descriptor, batch.header, (unsigned)max,
			    MSG_DONTWAIT, NULL);
	for (int i = 0; i < received; i++) {
		struct ike_datagram unfit = datagrams[kept];

		if (!take(&batch, (size_t)i, esp->socket[socket].family, &datagrams[i])) {
			esp->unfit++;
			continue;
		}
		if (kept != (size_t)i) { /* its data stay somebody's */
			datagrams[kept] = datagrams[i];
			datagrams[i] = unfit;
		}
		kept++;
	}
	return kept;
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

static size_t choose_socket(const struct raw_esp *esp, const struct ike_datagram *datagram)
{
	size_t i = 0;

	while (i < esp->sockets && esp->socket[i].family != datagram->remote.family)
		i++;
	return i;
}

static void refuse(struct raw_esp *esp, const struct ike_datagram *datagram, int error)
{
	esp->refused++;
	esp->refusal = error;
	esp->refused_remote = datagram->remote;
}

/* As many of the first `count` as go through that one socket. */
static unsigned fill(const struct raw_esp *esp, size_t socket, struct udp_batch *batch,
		     const struct ike_datagram *datagrams, size_t count)
{
	unsigned run = 0;

	while (run < count && run < UDP_BATCH && choose_socket(esp, &datagrams[run]) == socket) {
		struct ike_address remote = datagrams[run].remote;

		/* to the system it would be another protocol (RFC 3542 section 3) */
		remote.port = 0;
		udp_batch_out(batch, run, &datagrams[run], &remote, true);
		run++;
	}
	return run;
}

size_t raw_esp_send(struct raw_esp *esp, const struct ike_datagram *datagrams, size_t count,
		    size_t *full)
{
	struct udp_batch batch;
	size_t done = 0;

	while (done < count) {
		size_t socket = choose_socket(esp, &datagrams[done]);
		unsigned run;
		int sent;

		if (socket == esp->sockets) { /* no socket of this family */
			refuse(esp, &datagrams[done++], EAFNOSUPPORT);
			continue;
		}
		run = fill(esp, socket, &batch, &datagrams[done], count - done);
		sent = sendmmsg(esp->socket[socket].descriptor, batch.header, run, MSG_DONTWAIT);
		if (sent > 0) {
			done += (size_t)sent;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			*full = socket;
			return done;
		} else if (errno != EINTR) {
			refuse(esp, &datagrams[done++], errno); /* lost; see udp_send() */
		}
	}
	return done;
}
