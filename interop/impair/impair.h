/* SPDX-License-Identifier: ISC */
/*
 * impair.h - a node that does something wrong, on purpose and by name.
 *
 * The engine is never touched: impairments are a layer between the core and the network that has the SA's keys.  On the way out it
 * changes, drops, delays, doubles or adds messages; on the way in it repairs what the engine would refuse, so that the node accepts
 * it, or keeps from the engine what it would accept.  So the tester that is held against other implementations, and the
 * implementation that it is tried on, are both the product with something switched on.  impairments.def names them all.
 *
 *	datagram from the network -> impair_in  -> ike_input   (any number of datagrams, also none)
 *	ike_output                -> impair_out -> network
 */
#ifndef INTEROP_IMPAIR_H
#define INTEROP_IMPAIR_H

#include "ike/ike.h"
#include "interop/fault.h"

struct impair;

enum impairment {
#define IMPAIRMENT(symbol, name, sentence) IMPAIR_##symbol,
#include "interop/impair/impairments.def"
	IMPAIRMENTS
};

const char *impairment_name(enum impairment impairment); /* "ack-wrong-number" */
const char *
impairment_sentence(enum impairment impairment); /* "answers with a number one too large" */
/* False: there is none of that name; the fault names the nearest. */
bool impairment_parse(const char *name, enum impairment *impairment,
		      struct fault *fault) IKE_MUST_USE;

/* What they need to know of settings before a core is made; the core must export keys.  `on`: IMPAIRMENTS flags. */
void impair_settings(const bool on[IMPAIRMENTS], struct ike_settings *settings,
		     struct ike_peer_settings *peers);

/* The core, and `random`, stay the caller's.  NULL: no memory. */
struct impair *impair_new(struct ike_core *core, const bool on[IMPAIRMENTS],
			  const struct random_source *random) IKE_MUST_USE;
void impair_free(struct impair *impair); /* NULL is allowed */

/* One datagram: it is copied, and what it becomes is pulled below.  Either may leave something to be pulled the other way, too. */
void impair_in(struct impair *impair, ike_time now,
	       const struct ike_datagram *datagram); /* from the network */
void impair_out(struct impair *impair, ike_time now,
		const struct ike_datagram *datagram); /* from the core */
/*
 * What is to be given to the core, or to the network, now; false: nothing.  The datagram's octets are the layer's and good until the
 * next call.  `plain` and plain_length are those of its twin where it is known.
 */
bool impair_next_in(struct impair *impair, ike_time now, struct ike_datagram *datagram);
bool impair_next_out(struct impair *impair, ike_time now, struct ike_datagram *datagram);
/* The plaintext twin of what came last, as it came; empty where it was not encrypted, or cannot be read here. */
struct octets impair_twin_in(const struct impair *impair);
ike_time impair_deadline(
    const struct impair *impair); /* when there is something to be pulled, either way; IKE_NEVER */
bool impair_wants_exit(
    const struct impair *impair); /* the node is to end at once, as if it had crashed */

#endif
