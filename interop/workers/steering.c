/* SPDX-License-Identifier: ISC */
#include "interop/workers/steering.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ike/cookie.h"
#include "interop/node/encapsulation.h"

/* Loads beyond the datagram's end return 0, which is the first worker. */
void steering_program(struct sock_filter program[STEERING_LENGTH], uint32_t workers,
		      uint32_t offset)
{
	const struct sock_filter steps[STEERING_LENGTH] = {
	    /* X = first half, A = second half, A ^= X */
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + IKE_COOKIE_LENGTH / 2),
	    BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
	    /* A ^= A >> shift */
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, IKE_WORKER_SHIFT),
	    BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
	    /* A = (A * factor >> shift) mod workers */
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, IKE_WORKER_FACTOR),
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, IKE_WORKER_SHIFT),
	    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, workers),
	    BPF_STMT(BPF_RET | BPF_A, 0),
	};

	memcpy(program, steps, sizeof(steps));
}

bool steering_attach(const struct udp *udp, uint32_t workers, uint16_t nat_t_port,
		     struct fault *fault)
{
	struct sock_filter steps[STEERING_LENGTH];
	const struct sock_fprog program = {STEERING_LENGTH, steps};
	char text[IKE_ADDRESS_TEXT];

	for (size_t i = 0; i < udp_sockets(udp); i++) {
		struct ike_address at = udp_address(udp, i);
		bool marked = nat_t_port != 0 && at.port == nat_t_port;

		steering_program(steps, workers, marked ? ENCAPSULATION_MARKER : 0);
		if (setsockopt(udp_descriptor(udp, i), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
			       &program, sizeof(program)) == 0)
			continue;
		ike_address_text(&at, text, sizeof(text));
		return fault_say(fault,
				 "cannot steer the datagrams of port %u of %s to workers "
				 "(SO_ATTACH_REUSEPORT_CBPF: %s): this needs Linux 4.5; set node { "
				 "workers = 1 } to run without",
				 at.port, text, strerror(errno));
	}
	return true;
}
