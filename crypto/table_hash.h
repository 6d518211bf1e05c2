/* SPDX-License-Identifier: ISC */
/*
 * table_hash.h - SipHash-2-4: a keyed hash short enough for tables, cookies and duplicate detection, and strong enough
 * that a stranger cannot aim at one slot.
 */
#ifndef CRYPTO_TABLE_HASH_H
#define CRYPTO_TABLE_HASH_H

#include "crypto/octets.h"

#define TABLE_HASH_KEY_LENGTH 16 /* octets */

uint64_t table_hash(const uint8_t key[TABLE_HASH_KEY_LENGTH], struct octets input);

#endif
