/* SPDX-License-Identifier: ISC */
/*
 * told.h - what is known about one datagram of a capture, for whoever shows it: as a line, a tree, JSON, or a packet in the clear.
 */
#ifndef INTEROP_DECODE_TOLD_H
#define INTEROP_DECODE_TOLD_H

#include "interop/decode/field.h"
#include "interop/decode/packets.h"

enum told_what {
	TOLD_MESSAGE,
	TOLD_FRAGMENT,  /* of an IKE message (payload 132) */
	TOLD_KEEPALIVE, /* of NAT traversal: a single octet (RFC 3948 section 2.3) */
	TOLD_ESP,       /* in UDP, or on its own */
	TOLD_NONSENSE,  /* on one of our ports, and nothing that belongs there */
};

enum told_from { TOLD_UNKNOWN, TOLD_INITIATOR, TOLD_RESPONDER };

enum told_hash { TOLD_HASH_NONE, TOLD_HASH_RIGHT, TOLD_HASH_WRONG };

#define TOLD_ANOMALIES 8
#define TOLD_TEXT      256

struct told_anomaly {
	enum ike_verdict verdict;
	char detail[96]; /* what the verdict's sentence does not say; may be empty */
};

struct told {
	const struct packet *packet;
	enum told_what what;
	bool encapsulated; /* it had the non-ESP marker */

	/* MESSAGE, FRAGMENT */
	struct octets wire;         /* the ISAKMP message, whole */
	struct ike_message message; /* taken apart as far as it goes; views into wire or clear */
	struct octets clear;        /* the same decrypted, padding and all; empty: it is not */
	size_t plain_length;        /* octets of `clear` without the padding */
	unsigned sa;                /* number in this capture, from 1; 0: none */
	enum told_from from;
	const char *kind;   /* "MM5"; NULL: none that there is a row for */
	unsigned fragments; /* of IKE that it was put together from; 0: none */
	uint32_t repeats;   /* the packet that was the same; 0: none */
	bool
	    partial; /* all but the first block is decrypted; in `clear` it is zero but for a header that must be there */
	size_t unread;       /* octets of that block */
	enum told_hash hash; /* HASH(1) to HASH(3), where SKEYID_a is known */
	const char *hash_name;
	size_t anomalies;
	struct told_anomaly anomaly[TOLD_ANOMALIES];
	char reason
	    [TOLD_TEXT]; /* why it is not decrypted, or not all of it; empty: it is, or needs not be */
	char note[TOLD_TEXT]; /* what else is worth knowing; may be empty */

	uint32_t spi, sequence; /* ESP */
};

void told_anomaly(struct told *told, enum ike_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void told_note(struct told *told, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The fields of a message as it is meant: of the wire's header, and of what is in the clear behind it, cipher padding included.
 * `octets` is what the offsets are in.  False: no memory; field_list_free() in any case.
 */
bool told_fields(const struct told *told, struct field_list *list,
		 struct octets *octets) IKE_MUST_USE;

#endif
