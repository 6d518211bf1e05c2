/* SPDX-License-Identifier: ISC */
/*
 * identity.h - identification payloads of Phase 1 (RFC 2407 section 4.6.2) and their text.
 */
#ifndef IKE_IDENTITY_H
#define IKE_IDENTITY_H

#include "ike/ike.h"
#include "ike/wire.h"

/*
 * `body` is what follows the generic payload header.  Protocol and port must be 0/0 or 17/500 (RFC 2407 section 4.6.2);
 * the data must fit the type: 4 or 16 octets for addresses, at least one octet otherwise, at most IKE_IDENTITY_MAX, no NUL
 * octets in names.  Subnets and ranges are refused: they identify nobody in Phase 1.
 */
enum ike_verdict ike_identity_parse(struct octets body, struct ike_identity *identity) IKE_MUST_USE;
void ike_identity_write(struct wire_writer *writer,
			const struct ike_identity *identity); /* body, protocol and port 0 */
bool ike_identity_equal(const struct ike_identity *a, const struct ike_identity *b);
/* The same party meant: as equal, but for two DER encodings of one name (RFC 5280 section 7.1). */
bool ike_identity_same(const struct ike_identity *a, const struct ike_identity *b);
/* DER_ASN1_DN; false: too long. */
bool ike_identity_of_name(struct octets der, struct ike_identity *identity) IKE_MUST_USE;
void ike_identity_of_address(const struct ike_address *address, struct ike_identity *identity);
/*
 * From a configuration: "fqdn:gw.example", "user-fqdn:joe@example", "ipv4:192.0.2.1", "ipv6:...", "key-id:lab" or
 * "key-id:0x6c6162", "der-dn:CN=gw.example, O=lab" or "der-dn:0x30..."; without a prefix: an address if it is one, USER_FQDN with an @, else FQDN.  False: not one.
 */
bool ike_identity_from_text(const char *text, struct ike_identity *identity) IKE_MUST_USE;

#endif
