/* SPDX-License-Identifier: ISC */
/*
 * fake_kernel.h - the other end of a netlink socket: what it answers is laid down beforehand, what it was asked is looked at
 * afterwards.
 */
#ifndef TESTS_SUPPORT_FAKE_KERNEL_H
#define TESTS_SUPPORT_FAKE_KERNEL_H

#include "interop/store/store_netlink.h"

struct fake_kernel {
	int ours, theirs; /* `theirs` is for who asks, and is that one's to close */
	uint32_t answered;
};

void fake_kernel_open(struct fake_kernel *kernel);
void fake_kernel_close(struct fake_kernel *kernel);
/* The next question's answer: done, or an errno. */
void fake_kernel_ack(struct fake_kernel *kernel, int error);
void fake_kernel_acks(struct fake_kernel *kernel, size_t count);
/* The next question's answer (`last` false: part of it), as it is but for its sequence number. */
void fake_kernel_answer(struct fake_kernel *kernel, struct netlink_message *message, bool last);
void fake_kernel_send(struct fake_kernel *kernel, const void *octets, size_t length);
/* The next that was asked; false: nothing more. */
bool fake_kernel_asked(struct fake_kernel *kernel, struct netlink_message *message);
/* The same for who only wants to know which; 0: nothing more. */
uint16_t fake_kernel_asked_type(struct fake_kernel *kernel);

#endif
