/* SPDX-License-Identifier: ISC */
/*
 * selector.h - what goes through a tunnel: ID payloads of Quick Mode (RFC 2407 section 4.6.2) and struct ike_selector.
 */
#ifndef IKE_SELECTOR_H
#define IKE_SELECTOR_H

#include "ike/ike.h"
#include "ike/wire.h"

#define SELECTOR_BODY_MAX 36 /* octets of an ID payload's body: a subnet of IPv6 */

/*
 * `body` is what follows the generic payload header.  Addresses, subnets with a contiguous mask, and ranges that are one
 * prefix; names identify no traffic.  A port without a protocol is refused.  What a mask leaves out of an address becomes zero.
 */
enum ike_verdict selector_parse(struct octets body, struct ike_selector *selector) IKE_MUST_USE;
/* A body: an address where the prefix is a whole one, else a subnet.  The family must not be NONE. */
void selector_write(struct wire_writer *writer, const struct ike_selector *selector);

/* All traffic of one host: what is meant where the ID payloads are left out (RFC 2409 section 5.5). */
void selector_of_host(const struct ike_address *address, struct ike_selector *selector);
/* The same selector with `own` in place of family NONE. */
void selector_resolve(const struct ike_selector *configured, const struct ike_address *own,
		      struct ike_selector *selector);

bool selector_equal(const struct ike_selector *a, const struct ike_selector *b);
/* Whether everything that `inner` selects is selected by `outer` as well. */
bool selector_inside(const struct ike_selector *inner, const struct ike_selector *outer);

#endif
