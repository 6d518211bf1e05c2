/* SPDX-License-Identifier: ISC */
/*
 * octets.h - a borrowed run of octets.
 *
 * Every function that reads takes one of these.  It never owns: the memory belongs to whoever made it, and a view is good
 * for as long as that memory is.
 */
#ifndef CRYPTO_OCTETS_H
#define CRYPTO_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct octets {
	const uint8_t *data;
	size_t length; /* octets */
};

static inline struct octets octets_of(const void *data, size_t length)
{
	return (struct octets){(const uint8_t *)data, length};
}

/* Not for secrets, which secret_equal() compares. */
static inline bool octets_equal(struct octets a, struct octets b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

#endif
