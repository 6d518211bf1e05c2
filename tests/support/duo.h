/* SPDX-License-Identifier: ISC */
/*
 * duo.h - two engines, A and B, in one process, on a network of virtual time that does as it is told.
 *
 * A is at 192.0.2.1, B at 192.0.2.2, both know each other and share a secret.  Everything is seeded: two runs of the same
 * test give the same octets.  A test may look at every datagram on its way, and drop, keep or change it.
 */
#ifndef TESTS_SUPPORT_DUO_H
#define TESTS_SUPPORT_DUO_H

#include "ike/ike.h"
#include "keepalive/extension.h"

enum duo_node { DUO_A, DUO_B, DUO_NODES };

#define DUO_EVENTS    2048
#define DUO_DATAGRAMS 512
#define DUO_DELAY     (5 * IKE_MILLISECOND) /* one way */

struct duo_datagram {
	enum duo_node to;
	ike_time at; /* of arrival */
	bool gone;   /* delivered or dropped */
	size_t length, plain_length;
	uint8_t data[IKE_DATAGRAM_MAX];
	uint8_t plain[IKE_DATAGRAM_MAX]; /* the sender's twin */
};

struct duo {
	ike_time now;
	struct ike_core *core[DUO_NODES];
	struct ike_settings settings[DUO_NODES];
	struct ike_peer_settings peer[DUO_NODES];
	struct keepalive_peer_settings keepalive[DUO_NODES];
	struct secret *secret[DUO_NODES];
	uint8_t seed;
	/* asked about every datagram that is sent; false: it is lost.  NULL: none is lost */
	bool (*deliver)(struct duo *duo, struct duo_datagram *datagram);
	/* what a node sends to another address than its peer's, which is not delivered.  NULL: nobody is there */
	void (*stray)(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram);
	void *context; /* the test's own */
	size_t datagrams;
	struct duo_datagram datagram[DUO_DATAGRAMS]; /* all that were sent, in order */
	size_t sent[DUO_NODES], sent_octets[DUO_NODES];
	size_t events[DUO_NODES];
	struct ike_event event[DUO_NODES][DUO_EVENTS];
};

/* Settings are at their defaults after duo_new; change them before duo_start, which makes the cores. */
struct duo *duo_new(uint8_t seed);
void duo_start(struct duo *duo);
void duo_free(struct duo *duo);

/* Puts another secret, or another proposal list, in place before duo_start. */
void duo_secret(struct duo *duo, enum duo_node node, const char *secret);
void duo_propose(struct duo *duo, enum duo_node node, const char *proposal);

/*
 * Gives both a tunnel between 10.1.0.0/16 behind A and 10.2.0.0/16 behind B, tunnel mode, for 3600 s, with these proposals
 * (separated by spaces); A begins, B waits, and both have a store.  Returns its index.  Before duo_start; change it afterwards at
 * will.
 */
size_t duo_tunnel(struct duo *duo, const char *proposals);
/* How many pairs of IPsec SAs the node sends through; `sa` is the last of them. */
size_t duo_pairs(const struct duo *duo, enum duo_node node, struct ike_ipsec_sa *sa);
/* The pairs of both nodes, those that are superseded left out, are the same ones with the same keys: fails the test otherwise. */
void duo_assert_pairs(const struct duo *duo, size_t count);

void duo_connect(struct duo *duo, enum duo_node from); /* IKE_COMMAND_START */
/* Lets virtual time pass, delivering what is sent and running what is due. */
void duo_run(struct duo *duo, ike_time duration);
/* For whoever runs the cores otherwise: what is to be told goes into duo->event. */
void duo_collect_events(struct duo *duo, enum duo_node node);
/* The node loses all its state and starts again, with other random numbers. */
void duo_reboot(struct duo *duo, enum duo_node node);
/* A datagram from outside, as if it came from the other node. */
enum ike_verdict duo_inject(struct duo *duo, enum duo_node to, const uint8_t *data, size_t length);

size_t duo_count(const struct duo *duo, enum duo_node node, enum ike_event_kind kind);
size_t duo_count_reports(const struct duo *duo, enum duo_node node,
			 enum ike_extension_report_kind kind);
/* The newest event of that kind, or NULL. */
const struct ike_event *duo_last(const struct duo *duo, enum duo_node node,
				 enum ike_event_kind kind);
const struct ike_event *duo_last_report(const struct duo *duo, enum duo_node node,
					enum ike_extension_report_kind kind);
uint32_t duo_established(const struct duo *duo, enum duo_node node);
/* How many SAs the node uses, those that a newer one has superseded left out; `sa` is the last of them. */
size_t duo_in_use(const struct duo *duo, enum duo_node node, struct ike_sa_status *sa);
/* Connects A to B and checks that both have exactly one SA. */
void duo_establish(struct duo *duo);

#endif
