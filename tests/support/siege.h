/* SPDX-License-Identifier: ISC */
/*
 * siege.h - a duo under attack: an attacker who may send from any address, long runs, and a digest of a node's state that
 * shows whether an attack has changed anything.
 */
#ifndef TESTS_SUPPORT_SIEGE_H
#define TESTS_SUPPORT_SIEGE_H

#include "ike/sa.h"
#include "tests/support/duo.h"

/* Sanitizers cost ten to twenty times: the long attacks are shorter there, and say so where they are counted. */
#if defined(__SANITIZE_ADDRESS__)
#define SIEGE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIEGE_SANITIZED 1
#endif
#endif
#ifndef SIEGE_SANITIZED
#define SIEGE_SANITIZED 0
#endif

/* An established pair, quiet: nothing is on its way, and what has happened so far is forgotten. */
struct duo *siege_new(uint8_t seed);
/* The same for one that the test has made, with settings of its own. */
void siege_begin(struct duo *duo);

/* Forgets what was delivered and every event: a duo remembers some hundreds of each. */
void siege_forget(struct duo *duo);
/* A long duo_run that forgets as it goes.  Returns how many deaths the keepalives of both nodes declared meanwhile. */
size_t siege_run(struct duo *duo, ike_time duration);

/* The attacker's n-th address, port 500: ten million of them. */
struct ike_address siege_address(uint32_t n);
/* A datagram from anywhere. */
enum ike_verdict siege_send(struct duo *duo, enum duo_node to, const struct ike_address *from,
			    const uint8_t *data, size_t length);

/* How often a node has given that verdict. */
uint64_t siege_verdicts(const struct duo *duo, enum duo_node node, enum ike_verdict verdict);

enum siege_scope {
	/*
	 * Every octet of every SA and handshake, of every peer with its extension's state, every deadline, every datagram that
	 * waits to be sent.  Left out are counters, events, and the budgets of those two.
	 */
	SIEGE_EVERYTHING,
	/* The same without the notes that a handshake makes of what it has refused. */
	SIEGE_BUT_REFUSALS,
	/*
	 * The same without what may remember that somebody has repeated himself: the newest message IDs, how often a number
	 * or a message was answered again, answers that wait, and half-open SAs that others have begun.
	 */
	SIEGE_WHAT_MATTERS,
};
uint64_t siege_digest(const struct duo *duo, enum duo_node node, enum siege_scope scope);

/*
 * Every SA of a node by itself, as SIEGE_WHAT_MATTERS has it, half-open ones included, and its peers: to see that each is still
 * there and as it was, whatever calls of strangers have come on top.
 */
#define SIEGE_SNAPSHOT_SAS 256

struct siege_snapshot {
	size_t sas;
	struct {
		uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
		uint64_t digest;
	} sa[SIEGE_SNAPSHOT_SAS];
	uint64_t peers;
};

void siege_look(const struct duo *duo, enum duo_node node, struct siege_snapshot *snapshot);
/* All of that is as it was, and what is new is no more than half-open and somebody else's idea. */
bool siege_is_as_it_was(const struct duo *duo, enum duo_node node,
			const struct siege_snapshot *snapshot);

/* Pulls what a node wants to send, and throws it away.  Returns its octets. */
size_t siege_drain(struct duo *duo, enum duo_node node);

/* A message of A's Phase 1 with B that a test has taken off the wire, and its plaintext where it was encrypted. */
struct siege_held {
	enum ike_message_kind kind;
	size_t length, plain_length;
	uint8_t data[IKE_HANDSHAKE_MESSAGE], plain[IKE_HANDSHAKE_MESSAGE];
};

/*
 * Starts a duo that has not been started yet, lets A call B, and stops where that message, MM2 to MM6, AM2 or AM3, is all that is
 * missing: it was sent, is in `held`, and neither it nor its repeats arrive as long as duo.deliver is not changed.
 */
void siege_hold(struct duo *duo, enum ike_message_kind kind, struct siege_held *held);

/* Sixteen refusals and a handshake hears no more (phase_1.c): forgets those of a node's handshakes, so that it does. */
void siege_forgive(struct duo *duo, enum duo_node node);

#endif
