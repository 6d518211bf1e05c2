/* SPDX-License-Identifier: ISC */
/*
 * distinguished_name.h - X.500 names for people: DER to "CN=gw.example, O=lab" and back (RFC 4514's escapes, but in the order
 * of the DER).
 */
#ifndef CRYPTO_DISTINGUISHED_NAME_H
#define CRYPTO_DISTINGUISHED_NAME_H

#include <stdbool.h>

#include "crypto/octets.h"

/*
 * Always terminated (room > 0), cut where it does not fit, printable ASCII whatever is in the name: other octets become \XX.
 * Returns the length of the text; 0: not DER of a name, nothing more, or a name without parts.
 */
size_t distinguished_name_text(struct octets der, char *text, size_t room);

/*
 * "CN=gw.example, O=lab, C=CH": types by OpenSSL's short or long names or dotted numbers, values in UTF-8; a backslash makes
 * the next character ordinary, \XX is an octet in hex, + joins two into one part.  False: not of that form, an unknown type, a
 * value that its type does not allow, or no room.
 */
bool distinguished_name_from_text(const char *text, uint8_t *der, size_t room, size_t *length)
    __attribute__((warn_unused_result));

/* The same name, by RFC 5280 section 7.1: case, spaces at the ends and the kind of string do not matter. */
bool distinguished_name_equal(struct octets a, struct octets b) __attribute__((warn_unused_result));

#endif
