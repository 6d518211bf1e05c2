/* SPDX-License-Identifier: ISC */
#include "interop/node/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/esp/route.h"
#include "interop/node/udp_address.h"
#include "interop/node/udp_batch.h"

struct udp {
	struct {
		int descriptor;
		struct ike_address address;
		bool everywhere; /* bound to the unspecified address */
	} socket[UDP_SOCKETS_MAX];
	size_t sockets;
	int probe[2]; /* of IPv4 and IPv6: asked which way a datagram would go; -1: none */
	uint64_t refused;
	int refusal; /* the last one's errno, and where it should have gone */
	struct ike_address refused_remote;
};

void udp_buffers_reset(struct udp_buffers *buffers, bool twins)
{
	for (size_t i = 0; i < UDP_BATCH; i++)
		buffers->datagram[i] = (struct ike_datagram){
		    .data = buffers->data[i] + ENCAPSULATION_MARKER,
		    .plain = twins ? buffers->plain[i] + ENCAPSULATION_MARKER : NULL,
		    .room = UDP_ROOM};
}

static bool explain(const struct ike_address *address, int error, struct fault *fault)
{
	static const char *const advice[][2] = {
	    {"it is taken",
	     "another IKE daemon or ruthere runs here: stop it, or choose another port"},
	    {"not permitted",
	     "ports below 1024 are for root or for a program with CAP_NET_BIND_SERVICE: run as "
	     "root, or choose another port"},
	    {"no interface has this address", "see \"ip address\""},
	};
	char text[IKE_ADDRESS_TEXT];
	size_t row;

	ike_address_text(address, text, sizeof(text));
	switch (error) {
	case EADDRINUSE:
		row = 0;
		break;
	case EACCES:
	case EPERM:
		row = 1;
		break;
	case EADDRNOTAVAIL:
		row = 2;
		break;
	default:
		return fault_say(fault, "cannot listen on UDP port %u of %s: %s", address->port,
				 text, strerror(error));
	}
	return fault_say(fault, "cannot listen on UDP port %u of %s: %s; %s", address->port, text,
			 advice[row][0], advice[row][1]);
}

/* The option that may fail without harm is the last of each family. */
static bool set_options(int descriptor, uint8_t family)
{
	const int on = 1, fragment = IP_PMTUDISC_DONT;
	bool good;

	if (family == IKE_FAMILY_IPV4) {
		good = setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0;
		/* A message larger than the path's MTU must go out in fragments: IKEv1 has no other way (RFC 2408). */
		(void)setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &fragment,
				 sizeof(fragment));
	} else {
		good = setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0 &&
		       setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0;
	}
	udp_batch_enlarge(descriptor);
	return good;
}

static bool share_port(int descriptor)
{
	const int on = 1;

	return setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0;
}

/* `beside`: the port is ours already.  -1 with errno. */
static int open_socket(const struct ike_address *address, bool beside)
{
	struct sockaddr_storage name;
	socklen_t length = udp_to_sockaddr(address, &name);
	int descriptor = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (descriptor < 0)
		return -1;
	if (set_options(descriptor, address->family) && (!beside || share_port(descriptor)) &&
	    bind(descriptor, (struct sockaddr *)&name, length) == 0)
		return descriptor;
	error = errno;
	close(descriptor);
	errno = error;
	return -1;
}

static bool add_socket(struct udp *udp, const struct ike_address *address, bool beside,
		       struct fault *fault)
{
	struct ike_address *bound = &udp->socket[udp->sockets].address;
	int descriptor = open_socket(address, beside);
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	bool everywhere = udp_is_unspecified(address);

	if (descriptor < 0 && everywhere && address->family == IKE_FAMILY_IPV6 &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
		return true; /* a system without IPv6 */
	if (descriptor < 0)
		return explain(address, errno, fault);
	udp->socket[udp->sockets].descriptor = descriptor;
	udp->socket[udp->sockets].everywhere = everywhere;
	udp->sockets++;
	if (getsockname(descriptor, (struct sockaddr *)&name, &length) != 0)
		return explain(address, errno, fault);
	*bound = udp_of_sockaddr(&name);
	return true;
}

static struct udp *new_without_sockets(struct fault *fault)
{
	struct udp *udp = calloc(1, sizeof(*udp));

	if (udp == NULL) {
		fault_say(fault, "no memory for sockets");
		return NULL;
	}
	udp->probe[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	udp->probe[1] = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return udp;
}

struct udp *udp_new(const struct ike_address *listen, size_t count, struct fault *fault)
{
	struct udp *udp;
	bool good = true;

	if (count == 0 || count > UDP_SOCKETS_MAX) {
		fault_say(fault, "%zu addresses to listen on: 1 to %d are possible", count,
			  UDP_SOCKETS_MAX);
		return NULL;
	}
	udp = new_without_sockets(fault);
	if (udp == NULL)
		return NULL;
	for (size_t i = 0; good && i < count; i++)
		good = add_socket(udp, &listen[i], false, fault);
	if (good && udp->sockets == 0)
		good =
		    fault_say(fault, "this system has no IPv6, and no IPv4 address is listened on");
	if (good)
		return udp;
	udp_free(udp);
	return NULL;
}

/*
 * A socket says that it shares its port only once it has it.  So the first one had the port to itself, and another program,
 * another ruthere among them, that is there already has been noticed as ever.
 */
struct udp *udp_new_beside(struct udp *first, struct fault *fault)
{
	struct udp *udp = new_without_sockets(fault);
	bool good = udp != NULL;

	for (size_t i = 0; good && i < first->sockets; i++) {
		const struct ike_address *address = &first->socket[i].address;

		good = share_port(first->socket[i].descriptor)
			   ? add_socket(udp, address, true, fault)
			   : explain(address, errno, fault);
	}
	if (good)
		return udp;
	udp_free(udp);
	return NULL;
}

void udp_free(struct udp *udp)
{
	if (udp == NULL)
		return;
	for (size_t i = 0; i < udp->sockets; i++)
		close(udp->socket[i].descriptor);
	for (size_t i = 0; i < 2; i++)
		if (udp->probe[i] >= 0)
			close(udp->probe[i]);
	free(udp);
}

bool udp_mark(struct udp *udp, uint32_t mark, struct fault *fault)
{
	bool good = true;

	for (size_t i = 0; good && i < udp->sockets; i++)
		good = route_mark_socket(udp->socket[i].descriptor, mark, fault);
	for (size_t i = 0; good && i < 2; i++)
		good = udp->probe[i] < 0 || route_mark_socket(udp->probe[i], mark, fault);
	return good;
}

size_t udp_sockets(const struct udp *udp)
{
	return udp->sockets;
}

int udp_descriptor(const struct udp *udp, size_t socket)
{
	return udp->socket[socket].descriptor;
}

struct ike_address udp_address(const struct udp *udp, size_t socket)
{
	return udp->socket[socket].address;
}

bool udp_has_family(const struct udp *udp, uint8_t family)
{
	for (size_t i = 0; i < udp->sockets; i++)
		if (udp->socket[i].address.family == family)
			return true;
	return false;
}

uint64_t udp_refused(const struct udp *udp)
{
	return udp->refused;
}

int udp_refusal(const struct udp *udp, struct ike_address *remote)
{
	*remote = udp->refused_remote;
	return udp->refusal;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

size_t udp_receive(struct udp *udp, size_t socket, struct ike_datagram *datagrams, size_t max)
{
	struct udp_batch batch;
	uint16_t port = udp->socket[socket].address.port;
	int received;

	if (max > UDP_BATCH)
		max = UDP_BATCH;
	for (size_t i = 0; i < max; i++)
		udp_batch_in(&batch, i, &datagrams[i]);
	received = recvmmsg(udp->socket[socket].descriptor, batch.header, (unsigned)max,
			    MSG_DONTWAIT, NULL);
	for (int i = 0; i < received; i++) {
		datagrams[i].length = batch.header[i].msg_len;
		datagrams[i].plain_length = 0;
		datagrams[i].remote = udp_of_sockaddr(&batch.remote[i]);
		datagrams[i].local = udp_of_control(&batch.header[i].msg_hdr, port);
		if (datagrams[i].local.family == IKE_FAMILY_NONE)
			datagrams[i].local = udp->socket[socket].address;
	}
	return received < 0 ? 0 : (size_t)received;
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

/* The address that the system would send from; family NONE: it has no way there.  Connecting sends nothing. */
static struct ike_address routed_source(const struct udp *udp, const struct ike_address *remote)
{
	struct ike_address source = {.family = IKE_FAMILY_NONE}, to = *remote;
	const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	int probe = udp->probe[remote->family == IKE_FAMILY_IPV6];
	struct sockaddr_storage name, ours;
	socklen_t length, room = sizeof(ours);

	if (to.port == 0)
		to.port = IKE_PORT;
	length = udp_to_sockaddr(&to, &name);
	/* first it forgets whom it was connected to, and with it the address that this gave it */
	if (connect(probe, &nowhere, sizeof(nowhere)) == 0 &&
	    connect(probe, (struct sockaddr *)&name, length) == 0 &&
	    getsockname(probe, (struct sockaddr *)&ours, &room) == 0) {
		source = udp_of_sockaddr(&ours);
		source.port = 0;
	}
	return source;
}

/*
 * The socket for a datagram: of its port, if it has one; bound to just this local address, else to all of its family; else any of its
 * family.
 */
static size_t choose_socket(const struct udp *udp, const struct ike_address *local,
			    const struct ike_address *remote)
{
	struct ike_address routed;
	size_t chosen = udp->sockets;
	int best = 0;

	/* a first message: with sockets on several addresses, the one that leads there */
	if (local->family == IKE_FAMILY_NONE && udp->sockets > 1) {
		routed = routed_source(udp, remote);
		routed.port = local->port;
		local = &routed;
	}
	for (size_t i = 0; i < udp->sockets; i++) {
		const struct ike_address *bound = &udp->socket[i].address;
		bool port_fits = local->port == 0 || local->port == bound->port;
		int score = 1 + 8 * port_fits;

		if (bound->family != remote->family)
			continue;
		if (local->family == remote->family && udp->socket[i].everywhere)
			score += 2;
		if (local->family == remote->family && ike_address_same_host(bound, local))
			score += 4;
		if (score > best) {
			best = score;
			chosen = i;
		}
	}
	return chosen;
}

static void address_out(const struct udp *udp, size_t socket, struct udp_batch *batch, size_t index,
			const struct ike_datagram *datagram)
{
	struct ike_address remote = datagram->remote;

	if (remote.port == 0)
		remote.port = IKE_PORT;
	udp_batch_out(batch, index, datagram, &remote, udp->socket[socket].everywhere);
}

static void refuse(struct udp *udp, const struct ike_datagram *datagram, int error)
{
	udp->refused++;
	udp->refusal = error;
	udp->refused_remote = datagram->remote;
}

size_t udp_send(struct udp *udp, const struct ike_datagram *datagrams, size_t count, size_t *full)
{
	struct udp_batch batch;
	size_t done = 0;

	while (done < count) {
		size_t socket = choose_socket(udp, &datagrams[done].local, &datagrams[done].remote);
		size_t run = 0;
		int sent;

		if (socket == udp->sockets) { /* no socket of this family */
			refuse(udp, &datagrams[done++], EAFNOSUPPORT);
			continue;
		}
		while (done + run < count && run < UDP_BATCH &&
		       choose_socket(udp, &datagrams[done + run].local,
				     &datagrams[done + run].remote) == socket) {
			address_out(udp, socket, &batch, run, &datagrams[done + run]);
			run++;
		}
		sent = sendmmsg(udp->socket[socket].descriptor, batch.header, (unsigned)run,
				MSG_DONTWAIT);
		if (sent > 0) {
			done += (size_t)sent;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			*full = socket;
			return done;
		} else if (errno != EINTR) {
			/*
			 * No route, filtered here, too long: lost like any other datagram.  ENOBUFS too: the
			 * socket is writable all the while, so that to wait for that would be to spin.
			 */
			refuse(udp, &datagrams[done++], errno);
		}
	}
	return done;
}

struct ike_address udp_source(const struct udp *udp, const struct ike_address *remote,
			      uint16_t port)
{
	const struct ike_address any = {.family = IKE_FAMILY_NONE, .port = port};
	size_t chosen = choose_socket(udp, &any, remote);
	struct ike_address source;

	if (chosen == udp->sockets)
		return any;
	if (!udp->socket[chosen].everywhere)
		return udp->socket[chosen].address;
	source = routed_source(udp, remote);
	source.port = udp->socket[chosen].address.port;
	return source.family == IKE_FAMILY_NONE || udp_is_unspecified(&source) ? any : source;
}
