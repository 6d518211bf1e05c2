/* SPDX-License-Identifier: ISC */
/*
 * inner_packet.h - the packet inside of a tunnel, as far as an SA's selectors ask for it (RFC 4301 section 4.4.1.1).
 *
 * No checksum is looked at: that is the business of whoever the packet is for.  What cannot be known of a packet, because it is a
 * fragment, encrypted once more, or cut short, is not known (RFC 4301: OPAQUE), and goes only where nobody asks for it.
 */
#ifndef INTEROP_ESP_INNER_PACKET_H
#define INTEROP_ESP_INNER_PACKET_H

#include "ike/ipsec.h"
#include "interop/esp/esp_verdict.h"

struct inner_packet {
	struct ike_address source, destination; /* with ports where they are known; 0 otherwise */
	size_t
	    length; /* octets as the header has it; what there is more is padding (RFC 4303 section 2.7) */
	uint8_t protocol;    /* of IP, behind IPv6's extension headers */
	bool protocol_known; /* false: a chain of extension headers that does not end here */
	bool ports_known;    /* TCP, UDP and their kin, not a later fragment */
	bool later_fragment;
};

/* One packet that begins where `packet` does.  On anything but ESP_ACCEPTED `inner` is worth nothing. */
enum esp_verdict inner_packet_read(struct octets packet, struct inner_packet *inner) IKE_MUST_USE;

/* Whether it may come out of a tunnel between the two: from `from`, to `to`.  The first that does not fit is the verdict. */
enum esp_verdict inner_packet_fits(const struct inner_packet *inner,
				   const struct ike_selector *from,
				   const struct ike_selector *to) IKE_MUST_USE;

#endif
