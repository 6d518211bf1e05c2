/* SPDX-License-Identifier: ISC */
/*
 * store.h - where the pairs of IPsec SAs go that Quick Mode has agreed upon.
 *
 * A store follows ike_ipsec_changes() one by one.  Each has its table of pairs, which status asks; what there is beneath it,
 * struct store_operations, is what moves packets: the kernel (xfrm), or nobody (keep).  None of them decides anything about
 * the protocol: what could not be followed is a fault, and the node answers it with IKE_COMMAND_IPSEC_FAILED.
 */
#ifndef INTEROP_STORE_STORE_H
#define INTEROP_STORE_STORE_H

#include "interop/esp/esp_device.h"
#include "interop/fault.h"
#include "interop/store/store_table.h"

enum store_kind {
	STORE_NONE,      /* the engine negotiates and forgets */
	STORE_KEEP,      /* pairs are kept, and no packet is moved */
	STORE_XFRM,      /* the kernel has them */
	STORE_USERSPACE, /* this program moves packets itself, through a TUN interface */
	STORE_AUTO, /* the kernel where it has ESP, otherwise userspace where that can be, otherwise keep */
};

/* What some stores need to know; they copy what they keep. */
struct store_settings {
	struct esp_device_settings device;
	bool
	    pings; /* through tunnels: only who moves packets itself can; AUTO is userspace then, or nothing */
};

/* What has gone through a pair so far. */
struct store_usage {
	uint64_t octets_in, octets_out, packets_in, packets_out;
	uint64_t used_in, used_out; /* seconds since 1970 of the latest packet; 0: none yet */
};

/* A pair of which enough has been used. */
struct store_expiry {
	const struct store_pair *pair;
	bool hard; /* nothing goes through any more; otherwise it is time for a new one */
};

/* What is beneath a store.  `context` is what open() made; whatever open() made is undone by close(). */
struct store_operations {
	const char *name;    /* "keep", "xfrm", "userspace" */
	const char *meaning; /* half a sentence for people */
	void *(*open)(const struct store_settings *settings, struct fault *fault);
	/*
	 * One step: from `before` to `after`, whose sa has its keys now.  No `before`: the pair is new; no `after`: it is to go,
	 * which cannot fail.  `after->reqid` is filled here.  On failure nothing of either is left.
	 */
	bool (*apply)(void *context, const struct store_table *table,
		      const struct store_pair *before, struct store_pair *after,
		      struct fault *fault);
	/* NULL: packets of IKE and of ESP are nobody's business.  A UDP socket of IKE, made known before privileges are dropped. */
	bool (*socket)(void *context, int descriptor, uint8_t family, bool encapsulated,
		       struct fault *fault);
	/* NULL: it cannot tell. */
	bool (*usage)(void *context, const struct store_pair *pair, struct store_usage *usage);
	/* What becomes readable when something has expired; NULL: nothing does. */
	int (*descriptor)(void *context);
	bool (*expired)(void *context, const struct store_table *table,
			struct store_expiry *expiry);
	/* NULL: it moves no packets that pass through this program. */
	struct esp_device *(*device)(void *context);
	bool needs_net_admin; /* CAP_NET_ADMIN for as long as it is open */
	void (*close)(void *context, const struct store_table *table);
};

extern const struct store_operations store_keep, store_userspace, store_xfrm;

struct store;

/*
 * Opens one.  AUTO: the notice says in one sentence what was chosen and why; otherwise it is empty.  NULL: see fault, which
 * says what is missing and what to do; never with NONE, which must not be asked for.
 */
struct store *store_open(enum store_kind kind, const struct store_settings *settings,
			 struct fault *notice, struct fault *fault);
/* The same on operations of the caller's. */
struct store *store_on(const struct store_operations *operations,
		       const struct store_settings *settings, struct fault *fault);
void store_close(
    struct store *store); /* NULL is allowed; what it has installed is taken away again */

/* Follows one change.  False: see fault; the pair is not there then, and the REMOVED that will come is followed as nothing. */
bool store_apply(struct store *store, const struct ike_ipsec_change *change,
		 struct fault *fault) IKE_MUST_USE;
bool store_socket(struct store *store, int descriptor, uint8_t family, bool encapsulated,
		  struct fault *fault) IKE_MUST_USE;
int store_descriptor(const struct store *store); /* -1: there is nothing to wait for */
/* The next that has expired; false: no more for now.  The pair is good until the next change. */
bool store_expired(struct store *store, struct store_expiry *expiry);
/* False: it cannot be told. */
bool store_usage(const struct store *store, const struct store_pair *pair,
		 struct store_usage *usage);
/* What moves packets in this process; NULL: nothing does. */
struct esp_device *store_device(const struct store *store);
const struct store_table *store_pairs(const struct store *store);
const char *store_name(const struct store *store);
const char *store_meaning(const struct store *store);
bool store_needs_net_admin(const struct store *store); /* NULL is allowed */

#endif
