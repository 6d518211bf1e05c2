/* SPDX-License-Identifier: ISC */
#include "interop/node/udp_batch.h"

#include "interop/node/udp_address.h"

#define BUFFER_WANTED (4 << 20) /* octets */

void udp_batch_enlarge(int descriptor)
{
	static const int options[][2] = {{SO_RCVBUFFORCE, SO_RCVBUF}, {SO_SNDBUFFORCE, SO_SNDBUF}};
	const int size = BUFFER_WANTED;

	for (size_t i = 0; i < 2; i++)
		if (setsockopt(descriptor, SOL_SOCKET, options[i][0], &size, sizeof(size)) != 0)
			(void)setsockopt(descriptor, SOL_SOCKET, options[i][1], &size,
					 sizeof(size));
}

static void prepare(struct udp_batch *batch, size_t index, const struct ike_datagram *datagram,
		    size_t length)
{
	struct msghdr *header = &batch->header[index].msg_hdr;

	batch->data[index] = (struct iovec){datagram->data, length};
	*header = (struct msghdr){
	    .msg_name = &batch->remote[index],
	    .msg_namelen = sizeof(batch->remote[index]),
	    .msg_iov = &batch->data[index],
	    .msg_iovlen = 1,
	    .msg_control = batch->control[index],
	    .msg_controllen = sizeof(batch->control[index]),
	};
}

void udp_batch_in(struct udp_batch *batch, size_t index, const struct ike_datagram *datagram)
{
	prepare(batch, index, datagram, datagram->room);
}

void udp_batch_out(struct udp_batch *batch, size_t index, const struct ike_datagram *datagram,
		   const struct ike_address *remote, bool from_local)
{
	struct msghdr *header = &batch->header[index].msg_hdr;

	prepare(batch, index, datagram, datagram->length);
	header->msg_namelen = udp_to_sockaddr(remote, &batch->remote[index]);
	header->msg_controllen = 0;
	if (from_local && datagram->local.family == datagram->remote.family)
		header->msg_controllen = udp_to_control(&datagram->local, header->msg_control);
	if (header->msg_controllen == 0)
		header->msg_control = NULL;
}
