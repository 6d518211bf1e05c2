/* SPDX-License-Identifier: ISC */
/*
 * happening.h - what befalls nodes and the network at a time drawn beforehand, or at a step of the protocol.
 */
#ifndef TESTS_SIM_HAPPENING_H
#define TESTS_SIM_HAPPENING_H

#include "ike/types.h"

enum happening_kind {
	HAPPENING_REBOOT,            /* all state is lost; down for a while */
	HAPPENING_REBOOT_ALL,        /* all nodes in the same instant */
	HAPPENING_REBOOT_AT_OUTPUT,  /* right after its k-th datagram from now on has left */
	HAPPENING_REBOOT_AT_INPUT,   /* right after its k-th datagram from now on has come in */
	HAPPENING_PARTITION,         /* two nodes hear nothing of each other */
	HAPPENING_PARTITION_ONE_WAY, /* one of them does */
	HAPPENING_PARTITION_ALL,     /* nobody hears anybody, for longer than anybody waits */
	HAPPENING_CLOCK_FORWARD,     /* a node's clock jumps */
	HAPPENING_CLOCK_BACK,
	HAPPENING_SUSPEND,     /* a node does not run; its socket keeps what fits */
	HAPPENING_SOCKET_FULL, /* a node cannot send */
	HAPPENING_REBIND,      /* the NAT before a node gives it another address or port */
	HAPPENING_CLOSE,       /* the user closes a peer, and starts it again later */
	HAPPENING_START,       /* the user starts a peer that may be up */
	HAPPENING_START_ALL,   /* everybody calls in the same instant */
	HAPPENING_ASK,         /* the user asks now */
	HAPPENING_TRAFFIC,     /* something is to be sent */
	HAPPENING_INSIDER,     /* a node misuses its own SA */
	HAPPENING_LAZY_READER, /* nobody pulls a node's events for a while */
	/* from here on only in runs that have what they are about */
	HAPPENING_TUNNEL,           /* the user wants a tunnel, anew if it is there */
	HAPPENING_STORE_FAILED,     /* the store cannot keep a pair */
	HAPPENING_REBIND_AT_OUTPUT, /* right before its k-th datagram from now on leaves */
	HAPPENING_BLACK_HOLE,       /* IKE comes through between two nodes, and ESP does not */
	HAPPENING_WRONG_PACKET,     /* a node seals what it should not */
	HAPPENING_KINDS,
	/* how what lasts ends; not drawn */
	HAPPENING_BOOT = HAPPENING_KINDS,
	HAPPENING_HEAL,
	HAPPENING_RESUME,
	HAPPENING_SOCKET_EMPTY,
	HAPPENING_READ,
	HAPPENING_ATTACK,
	HAPPENING_ALL_KINDS
};

const char *happening_name(enum happening_kind kind);

struct happening {
	ike_time at;
	uint64_t order;
	enum happening_kind kind;
	unsigned node, other;
	uint32_t value;
};

#endif
