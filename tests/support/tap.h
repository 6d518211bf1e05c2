/* SPDX-License-Identifier: ISC */
/*
 * tap.h - what passed between the two nodes of a duo, found by what it is.  Phase 1 is A's, who calls B.
 */
#ifndef TESTS_SUPPORT_TAP_H
#define TESTS_SUPPORT_TAP_H

#include "ike/exchange.h"
#include "tests/support/duo.h"

/* How many messages of that kind, IKE_MM1 to IKE_MM6 and, with a pre-shared key, IKE_AM1 to IKE_AM3, were sent. */
size_t tap_count(const struct duo *duo, enum ike_message_kind kind);
/* The n-th of them, from 0; fails the test where there is none. */
const struct duo_datagram *tap_nth(const struct duo *duo, enum ike_message_kind kind, size_t n);

/* The newest datagram to that node; fails the test where there is none. */
const struct duo_datagram *tap_last(const struct duo *duo, enum duo_node to);

/* The message as it was before it was encrypted. */
struct octets tap_plain(const struct duo_datagram *datagram);

/* Takes a plain message apart; the views point into it.  Fails the test on anything malformed. */
void tap_read(struct octets plain, struct ike_message *message);
/* The n-th message of that kind, taken apart. */
void tap_read_nth(const struct duo *duo, enum ike_message_kind kind, size_t n,
		  struct ike_message *message);
/* The body of the first payload of that type; fails the test where there is none. */
struct octets tap_body(const struct ike_message *message, enum ike_payload_type type);
size_t tap_payloads(const struct ike_message *message, enum ike_payload_type type);

#endif
