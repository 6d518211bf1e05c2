/* SPDX-License-Identifier: ISC */
/*
 * field.h - a message octet by octet: every field with where it stands, what it is called, what its value means, and the section
 * of the RFC that defines it.  The tree of `ruthere decode`, its JSON, and the annotated octets of a report are all made from this.
 */
#ifndef INTEROP_DECODE_FIELD_H
#define INTEROP_DECODE_FIELD_H

#include "ike/payload.h"

#define FIELD_VALUE 256 /* octets of text, terminated; longer values are cut, with "..." */

struct field {
	size_t offset,
	    length; /* octets of the message; length 0: a remark about what stands at `offset` */
	unsigned depth;   /* 0: the header and the payloads; below them what they are made of */
	const char *name; /* static; "next payload", "SPI", "sequence number" */
	const char
	    *section; /* static; "RFC 2408 section 3.1", or "" where the field above says it */
	char value
	    [FIELD_VALUE]; /* "NONCE (10)", "1041", "c0ffee01", "IPSEC (1)"; printable ASCII only */
	bool wrong;        /* this is what a refusal would be about: `value` says why */
};

struct field_list {
	struct field *field; /* owned */
	size_t fields, room;
};

/*
 * Takes a message in the clear apart: a plaintext twin, or what never was encrypted.  It goes as far as the octets let it: what does
 * not parse is told as octets, with `wrong` set where it goes wrong.  An encrypted message gives its header and one field for the
 * ciphertext.  False: no memory.  The list is for field_list_free() in any case.
 */
bool field_list_fill(struct field_list *list, struct octets message) IKE_MUST_USE;
void field_list_free(struct field_list *list); /* and empties it */

#endif
