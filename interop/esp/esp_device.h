/* SPDX-License-Identifier: ISC */
/*
 * esp_device.h - a small IPsec of our own: packets that the kernel routes into a TUN interface leave as ESP, in UDP (RFC 3948) or as IP
 * protocol 50, and what comes as ESP goes back into that interface.
 *
 * Who sends and receives is here; what is allowed, sealed and opened is esp_plane.h's.  One thread: nothing here waits, and nothing
 * is allocated for a packet.
 */
#ifndef INTEROP_ESP_ESP_DEVICE_H
#define INTEROP_ESP_ESP_DEVICE_H

#include "interop/esp/esp_plane.h"
#include "interop/fault.h"
#include "interop/node/udp.h"

#define ESP_DEVICE_ADDRESSES 8 /* at most */
#define ESP_DEVICE_DESCRIPTORS                                                                     \
	4 /* the interface, what becomes of it, a raw socket for each family */
#define ESP_DEVICE_MTU                                                                             \
	1400 /* what fits into 1500 octets behind any outer header and with any algorithm */

struct esp_device_settings {
	const char *name; /* of the interface */
	struct ike_prefix address[ESP_DEVICE_ADDRESSES];
	size_t addresses;
	unsigned mtu;   /* 0: ESP_DEVICE_MTU */
	uint32_t pairs; /* at most */
	/* How many packets a pair of that tunnel may move one way, 0: no limit; NULL: none has one. */
	uint64_t (*packets)(const void *context, uint32_t peer, uint32_t tunnel);
	const void *context;
};

struct esp_device;

/* NULL: see fault, which says what is missing and what to do.  Needs CAP_NET_ADMIN and CAP_NET_RAW now, the first of them later, too. */
struct esp_device *esp_device_new(const struct esp_device_settings *settings, struct fault *fault);
/* NULL is allowed.  The interface, its routes and rules are taken away. */
void esp_device_free(struct esp_device *device);
const char *esp_device_name(const struct esp_device *device);

/*
 * The sockets of IKE, through which ESP in UDP leaves, and which outlive the device's use: what they send must not be routed into
 * the interface.
 */
bool esp_device_use(struct esp_device *device, struct udp *udp, struct fault *fault) IKE_MUST_USE;

/* Pairs, as esp_plane.h has them, with the routes that lead to them. */
bool esp_device_add(struct esp_device *device, const struct ike_ipsec_sa *pair,
		    struct fault *fault);
void esp_device_change(struct esp_device *device, const struct ike_ipsec_sa *pair);
void esp_device_remove(struct esp_device *device, const struct ike_ipsec_sa *pair);
/*
 * What goes there is for the tunnel, whether it is up or not: without a pair it is dropped, and not sent in the clear
 * (RFC 4301 section 5.1: PROTECT).  Selectors whose prefix is not known yet are left out.
 */
bool esp_device_hold(struct esp_device *device, const struct ike_selector *local,
		     const struct ike_selector *remote, struct fault *fault);

/* What becomes readable when there are packets. */
size_t esp_device_descriptors(const struct esp_device *device,
			      int descriptors[ESP_DEVICE_DESCRIPTORS]);
/* Moves what is there, a bounded number of packets: if there are more, the descriptor is still readable. */
void esp_device_move(struct esp_device *device, ike_time now, int descriptor);
/*
 * Somebody has deleted the interface, or moved it to another network namespace: nothing is moved any more, and what is for the tunnels is
 * refused by the system.  Its descriptor may be readable for ever, and is not to be waited for.  A new one cannot be had: see confine.h.
 */
bool esp_device_is_gone(const struct esp_device *device);
/* ESP that came in UDP; `data` is overwritten. */
void esp_device_take(struct esp_device *device, ike_time now, const struct ike_datagram *datagram);
/* An inner packet of our own through just this pair; ESP_HEADROOM octets before and ESP_TAILROOM behind it are overwritten. */
bool esp_device_send(struct esp_device *device, ike_time now, uint32_t number,
		     struct esp_buffer *packet);

/* Who looks at what has come through a pair before the interface gets it; true: it was for them. */
typedef bool (*esp_device_reader)(void *context, ike_time now, uint32_t number,
				  struct octets inner);
void esp_device_read_by(struct esp_device *device, esp_device_reader reader, void *context);

/* Who sees what leaves in UDP, for a capture; NULL: nobody. */
typedef void (*esp_device_witness)(void *context, const struct ike_datagram *sent);
void esp_device_shown_to(struct esp_device *device, esp_device_witness witness, void *context);

/*
 * What the core is to be told of packets: something came or left through a pair (HEARD, TRAFFIC), or came for none (UNKNOWN_SPI).
 * False: no more for now.  Of unknown SPIs those of one turn are kept, ESP_DEVICE_UNKNOWN at most: the core would not answer more.
 */
#define ESP_DEVICE_UNKNOWN 16
bool esp_device_next(struct esp_device *device, struct ike_command *command);

/* A pair of which enough has been used, once when it is time for a new one and once (`hard`) at the end.  False: no more. */
bool esp_device_expired(struct esp_device *device, uint32_t *number, bool *hard);

const struct esp_plane *esp_device_plane(const struct esp_device *device);
struct esp_device_counters {
	uint64_t in_udp, in_raw, from_tun; /* packets taken */
	uint64_t out_udp, out_raw, to_tun; /* packets sent on */
	uint64_t refused; /* that the system would not send on, or had no room for */
};
struct esp_device_counters esp_device_count(const struct esp_device *device);

#endif
