/* SPDX-License-Identifier: ISC */
#include "tests/support/fake_kernel.h"

#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void fake_kernel_open(struct fake_kernel *kernel)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	*kernel = (struct fake_kernel){.ours = pair[0], .theirs = pair[1]};
}

void fake_kernel_close(struct fake_kernel *kernel)
{
	close(kernel->ours);
}

void fake_kernel_send(struct fake_kernel *kernel, const void *octets, size_t length)
{
	ck_assert_int_eq(send(kernel->ours, octets, length, 0), (ssize_t)length);
}

void fake_kernel_answer(struct fake_kernel *kernel, struct netlink_message *message, bool last)
{
	message->as.header.nlmsg_seq = kernel->answered + 1;
	kernel->answered += last;
	fake_kernel_send(kernel, message, message->as.header.nlmsg_len);
}

void fake_kernel_ack(struct fake_kernel *kernel, int error)
{
	struct netlink_message message;
	struct nlmsgerr *said = netlink_begin(&message, NLMSG_ERROR, 0, sizeof(*said));

	said->error = -error;
	fake_kernel_answer(kernel, &message, true);
}

void fake_kernel_acks(struct fake_kernel *kernel, size_t count)
{
	while (count-- > 0)
		fake_kernel_ack(kernel, 0);
}

bool fake_kernel_asked(struct fake_kernel *kernel, struct netlink_message *message)
{
	ssize_t length = recv(kernel->ours, message, sizeof(*message), MSG_DONTWAIT);

	if (length <= 0)
		return false;
	ck_assert_int_ge(length, (ssize_t)sizeof(message->as.header));
	ck_assert_int_eq(length, message->as.header.nlmsg_len);
	return true;
}

uint16_t fake_kernel_asked_type(struct fake_kernel *kernel)
{
	struct netlink_message message;

	return fake_kernel_asked(kernel, &message) ? message.as.header.nlmsg_type : 0;
}
