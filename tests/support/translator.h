/* SPDX-License-Identifier: ISC */
/*
 * translator.h - the engines of a duo on a network with address translators (RFC 2663): each may be behind one that gives it
 * another address and other ports, forgets what it has given after a while, or all at once.
 *
 *	translator = translator_new(seed, true, false);		A is behind one, B is not
 *	translator_start(translator);
 *	translator_establish(translator);
 *	translator_rebind(translator, DUO_A);			other ports from now on
 *	translator_run(translator, 20 * IKE_SECOND);
 *
 * Time, events and settings are the duo's, so duo_count() and its like work; duo_run() does not, it knows one address a node.
 * Only the port translator.nat_t_port has the framing of RFC 3948; what would be ESP is not there.
 */
#ifndef TESTS_SUPPORT_TRANSLATOR_H
#define TESTS_SUPPORT_TRANSLATOR_H

#include "tests/support/duo.h"

#define TRANSLATOR_DATAGRAMS 512
#define TRANSLATOR_MAPPINGS  64

struct translator_datagram {
	enum duo_node from;
	struct ike_address source, destination; /* on the network between the translators */
	ike_time at;                            /* of arrival */
	bool gone;                              /* delivered or dropped */
	size_t length;
	uint8_t data[IKE_DATAGRAM_MAX];
};

struct translator_mapping {
	uint16_t inside, outside; /* ports */
	ike_time used;            /* outwards */
};

struct translator_host {
	struct ike_address inside, outside; /* equal where there is no translator */
	bool translated;
	bool
	    forwards; /* ports 500 and that of NAT traversal lead to it, so that it can be called */
	uint16_t next_port;
	size_t mappings;
	struct translator_mapping mapping[TRANSLATOR_MAPPINGS];
};

struct translator {
	struct duo *duo;
	struct translator_host host[DUO_NODES];
	ike_time mapping_life; /* without anything outwards; IKE_NEVER at first */
	/* asked about every datagram on its way; false: it is lost.  NULL: none is lost */
	bool (*deliver)(struct translator *translator, struct translator_datagram *datagram);
	void *context; /* the test's own */
	size_t datagrams;
	struct translator_datagram
	    datagram[TRANSLATOR_DATAGRAMS]; /* all that were sent, in order */
	size_t keepalives[DUO_NODES];       /* NAT keepalives that this node has sent */
	size_t nowhere; /* datagrams for which there was no mapping, or no host */
};

/* Settings are at their defaults, NAT traversal on; change them before translator_start(). */
struct translator *translator_new(uint8_t seed, bool a_is_translated, bool b_is_translated);
/* The same around a duo that the test has made. */
struct translator *translator_around(struct duo *duo, bool a_is_translated, bool b_is_translated);
void translator_start(struct translator *translator);
void translator_free(struct translator *translator);         /* the duo with it */
struct duo *translator_leave(struct translator *translator); /* without it */

void translator_run(struct translator *translator, ike_time duration);
/* A calls B; both have one SA afterwards. */
void translator_establish(struct translator *translator);
/* All of that at once, and nobody asks by himself: what is said is what the test says. */
struct translator *translator_quiet(uint8_t seed, bool a_is_translated, bool b_is_translated);
void translator_ask(struct translator *translator, enum duo_node node); /* IKE_COMMAND_ASK_NOW */
/* How many of its questions a node has had answered, and how often either has followed the other. */
size_t translator_answers(const struct translator *translator, enum duo_node node);
size_t translator_moves(const struct translator *translator);
/* Where an attacker is, on the port of NAT traversal. */
struct ike_address translator_elsewhere(void);
/* Forgets every mapping; the next ones have other ports. */
void translator_rebind(struct translator *translator, enum duo_node node);
/* The same, and another address. */
void translator_move(struct translator *translator, enum duo_node node, const char *outside);

/* A datagram from anywhere to a port of a node that has no translator, or that forwards. */
enum ike_verdict translator_send(struct translator *translator, enum duo_node to,
				 const struct ike_address *source, uint16_t port,
				 const uint8_t *data, size_t length);
/* The node's only SA that is in use. */
struct ike_sa_status translator_sa(const struct translator *translator, enum duo_node node);

#endif
