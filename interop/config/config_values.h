/* SPDX-License-Identifier: ISC */
/*
 * config_values.h - single values as people write them: durations, percentages, places on the network, secrets.
 *
 * Used by the configuration file and by the command line alike.  On failure nothing is changed, and the fault says what
 * would be right.
 */
#ifndef INTEROP_CONFIG_VALUES_H
#define INTEROP_CONFIG_VALUES_H

#include "crypto/secret.h"
#include "ike/ike.h"
#include "interop/fault.h"

/* "500ms", "1.5s", "5m", "8h", "1d": the unit is not optional, because seconds and minutes have been confused before. */
bool value_duration(const char *text, ike_time *duration, struct fault *fault) IKE_MUST_USE;
/* "20%", "0.5%": per mille, below 1000. */
bool value_share(const char *text, uint32_t *per_mille, struct fault *fault) IKE_MUST_USE;
bool value_number(const char *text, uint32_t least, uint32_t most, uint32_t *number,
		  struct fault *fault) IKE_MUST_USE;
bool value_address(const char *text, struct ike_address *address, struct fault *fault) IKE_MUST_USE;
/* An address, or a name that the resolver knows; each with or without a port.  May take as long as the resolver. */
bool value_gateway(const char *text, struct ike_address *address, struct fault *fault) IKE_MUST_USE;
#define VALUE_HOST_MOST 255 /* octets of a host name: RFC 1035 section 2.3.4 */
/* Whether a gateway is given by name; its name and port (0: not said) then. */
bool value_host(const char *text, char host[VALUE_HOST_MOST + 1], uint16_t *port) IKE_MUST_USE;
/* "any", "192.0.2.0/24", or a single address. */
bool value_prefix(const char *text, struct ike_prefix *prefix, struct fault *fault) IKE_MUST_USE;
bool value_identity(const char *text, struct ike_identity *identity,
		    struct fault *fault) IKE_MUST_USE;
bool value_proposal(const char *text, struct ike_proposal *proposal,
		    struct fault *fault) IKE_MUST_USE;
bool value_ipsec_proposal(const char *text, struct ike_ipsec_proposal *proposal,
			  struct fault *fault) IKE_MUST_USE;
/*
 * What goes through a tunnel at one of its ends: "own", "10.1.0.0/16", "10.1.0.7/32 udp/1701", "own icmp".  Family NONE for
 * "own".  A prefix whose address has bits beyond it is refused, because one of the two is not what was meant.
 */
bool value_selector(const char *text, struct ike_selector *selector,
		    struct fault *fault) IKE_MUST_USE;

/*
 * "0x6f70656e", "file:PATH", or the text itself.  A file must belong to nobody but its owner; one line end after its
 * contents is not part of the secret; PATH is relative to `folder` unless it starts with a slash.  NULL: see fault.
 */
struct secret *value_secret(const char *text, const char *folder, struct fault *fault) IKE_MUST_USE;
struct secret *value_secret_file(const char *path, struct fault *fault) IKE_MUST_USE;
/* Whether somebody who saw one Main Mode from the middle could guess it offline (CVE-2018-5389). */
bool value_secret_is_weak(const struct secret *secret) IKE_MUST_USE;

#endif
