/* SPDX-License-Identifier: ISC */
/*
 * pairs.h - pairs of IPsec SAs made by hand, for the stores that keep them.
 */
#ifndef TESTS_SUPPORT_PAIRS_H
#define TESTS_SUPPORT_PAIRS_H

#include "ike/ike.h"

/*
 * Between 192.0.2.1 and 198.51.100.2, tunnel mode from 10.1.0.0/16 to 10.2.0.0/16, aes128-sha1, an hour; SPIs 0x1000 and
 * 0x2000 more than the number; keys of 0xe0 and 0xa0 octets in, 0xe1 and 0xa1 out.
 */
struct ike_ipsec_sa pair_of_sas(uint32_t number);
struct ike_address address_of(const char *text); /* fails the test where it is none */
void set_selector(struct ike_selector *selector, const char *prefix, uint8_t protocol,
		  uint16_t port);

#endif
