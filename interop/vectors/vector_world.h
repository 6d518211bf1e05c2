/* SPDX-License-Identifier: ISC */
/*
 * vector_world.h - two engines, A and B, on a network of virtual time, and everything that was sent on it.
 *
 * Both are seeded by the name of the set, so that a set is the same octets on every machine and does not change when others come or
 * go.  A is at 192.0.2.1, B at 192.0.2.2; behind a NAT A has 10.0.0.1 of its own.
 */
#ifndef INTEROP_VECTORS_VECTOR_WORLD_H
#define INTEROP_VECTORS_VECTOR_WORLD_H

#include "ike/ike.h"
#include "interop/vectors/vector_set.h"
#include "keepalive/extension.h"

enum vector_party { VECTOR_A, VECTOR_B, VECTOR_PARTIES };

#define VECTOR_DATAGRAMS 160
#define VECTOR_LIVES     4                     /* of one party: it may be started so often */
#define VECTOR_DELAY     (5 * IKE_MILLISECOND) /* one way */
#define VECTOR_EPOCH     INT64_C(1767225600)   /* 2026-01-01T00:00:00Z: the calendar at time 0 */
#define VECTOR_MARKER    4 /* octets of the non-ESP marker (RFC 3948 section 2.2) */

struct vector_datagram {
	ike_time at; /* of sending */
	enum vector_party from;
	struct ike_address source, destination; /* outside of the NAT */
	bool gone;                              /* it has arrived, or never will */
	bool delivered;
	enum ike_verdict
	    verdict; /* of the receiver, where it was delivered and is no NAT keepalive */
	size_t length;
	uint8_t data[IKE_DATAGRAM_MAX]; /* from the ISAKMP header on */
};

struct vector_end {
	struct ike_settings ike;
	struct ike_peer_settings peer;
	struct keepalive_peer_settings keepalive;
	struct secret *secret;
	struct credentials *credentials;
	struct ike_core *core; /* NULL: it is not there */
	struct ike_address inside, outside;
	size_t lives;
	uint8_t seed[VECTOR_LIVES][RANDOM_SEED_LENGTH]; /* what each of its lives drew from */
	size_t refused;                                 /* verdicts of it other than ACCEPTED */
	size_t established, deaths;                     /* events */
	size_t failed;
};

struct vector_world {
	const struct vector_set *set;
	ike_time now;
	struct crypto *crypto;
	struct random_source random; /* the set's own, for what the engines do not draw */
	struct vector_end end[VECTOR_PARTIES];
	/* asked about everything that is sent, which it may change; false: it is lost.  NULL: all arrives as it is */
	bool (*alter)(struct vector_world *world, struct vector_datagram *datagram);
	size_t defect; /* index of the datagram that has the defect; VECTOR_DATAGRAMS: none has */
	bool overrun;  /* more datagrams than there is room for */
	size_t datagrams;
	struct vector_datagram datagram[VECTOR_DATAGRAMS];
};

/* Made as the set wants it, nobody started.  NULL: see fault. */
struct vector_world *vector_world_new(const struct vector_set *set,
				      struct fault *fault) IKE_MUST_USE;
void vector_world_free(struct vector_world *world); /* NULL is allowed */

/* Starts it, or starts it anew: other random numbers, and nothing remembered.  False: no memory. */
bool vector_world_start(struct vector_world *world, enum vector_party party) IKE_MUST_USE;
/* It is gone from one moment to the next; what is sent to it is not delivered. */
void vector_world_crash(struct vector_world *world, enum vector_party party);
void vector_world_run(struct vector_world *world, ike_time duration);
/* One of CONNECT, ASK_NOW, CLOSE about the other party, and a little time for what comes of it. */
void vector_world_command(struct vector_world *world, enum vector_party party,
			  enum ike_command_kind kind);
/* A datagram that no engine has sent, as if `from` had; it has the set's defect if `defect`. */
void vector_world_inject(struct vector_world *world, enum vector_party from, struct octets octets,
			 bool defect);
/* The UDP payload: with the non-ESP marker on the port that has it.  Returns its length. */
size_t vector_payload(const struct vector_datagram *datagram,
		      uint8_t out[IKE_DATAGRAM_MAX + VECTOR_MARKER]);
enum vector_party vector_other(enum vector_party party);
const char *vector_party_name(enum vector_party party); /* "A" */
/*
 * The source that a party's life, from 0, draws from, before the first draw.  Numbers, cookies, keys of 16 octets and what is longer
 * are counted by themselves, and so is what an engine draws while it is made: one number more or less, as of another timer, gives the
 * same private values, cookies and nonces.
 */
void vector_world_source(const struct vector_world *world, enum vector_party party, size_t life,
			 struct random_source *source);
/* The same as it is before draw `draw`, from 0, of those that are longer than 16 octets: private values are among them. */
void vector_world_source_at(const struct vector_world *world, enum vector_party party, size_t life,
			    uint16_t draw, struct random_source *source);

#endif
